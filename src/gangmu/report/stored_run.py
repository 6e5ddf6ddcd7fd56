"""A run as it was stored: the table of answers and its decision record, from Parquet, JSON or CSV.

Whoever made the file, it is only data: it is measured before it is opened, its columns are those that an
assessment writes or it is refused, and nothing in it names a place that would be gone to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.engine.outcomes import GRADE, HIGH, LOW, STATUS, UNTIL, Answer
from gangmu.errors import GangmuError, Problem
from gangmu.evidence.limits import check_size
from gangmu.report.result import AS_OF, KEY, METADATA

SUFFIXES = (".parquet", ".json", ".csv")
_TYPES = {LOW: pa.float64(), HIGH: pa.float64(), STATUS: pa.string(), GRADE: pa.string(), UNTIL: pa.date32()}
_ENDLESS = {"inf": float("inf"), "-inf": float("-inf")}


@dataclass(frozen=True)
class StoredRun:
    """A table of answers with its record; `names` are the columns asked, `rules` their full names."""

    path: str
    table: pa.Table
    record: Mapping[str, Any]
    names: tuple[str, ...]
    rules: tuple[str, ...]

    def text(self, key: str) -> str:
        """An entry of the record as text; empty if it is not there."""
        return str(self.record.get(key) or "")

    def days(self) -> dict[str, date]:
        """The day of each case."""
        pairs = zip(self.table.column(KEY).to_pylist(), self.table.column(AS_OF).to_pylist(), strict=True)
        return dict(pairs)

    def answer(self, row: int, name: str) -> Answer:
        """The answer of a column in a row, as exact as it was stored."""
        cells = {end: self._cell(row, f"{name}{end}") for end in ("", STATUS, LOW, HIGH, GRADE, UNTIL)}
        value = cells[""]
        low, high = (_fraction(cells[end]) for end in (LOW, HIGH))
        until = cells[UNTIL] if isinstance(cells[UNTIL], date) else None
        number = isinstance(value, int | float) and not isinstance(value, bool)
        exact = _fraction(value) if number else value
        return Answer(exact, str(cells[STATUS] or ""), low, high, str(cells[GRADE] or ""), until)  # type: ignore[arg-type]

    def _cell(self, row: int, column: str) -> object:
        if column not in self.table.column_names:
            return None
        return self.table.column(column)[row].as_py()


def _fraction(value: object) -> Any:  # noqa: ANN401  a fraction, an endless end, or nothing
    if not isinstance(value, int | float):
        return None
    return value if value in (float("inf"), float("-inf")) or value != value else Fraction(repr(value))  # noqa: PLR0124  not a number


def read_run(path: str | Path) -> StoredRun:
    """Read what `gangmu assess -o` wrote. Raises `GangmuError` with what is wrong."""
    source = Path(path)
    readers = {".parquet": _parquet, ".json": _json, ".csv": _csv}
    read = readers.get(source.suffix.lower())
    if read is None:
        what = f"a run is not read from {source.suffix or 'a file without suffix'}"
        todo = "write it as .parquet, .json or .csv: gangmu assess ... -o run.parquet"
        raise GangmuError(Problem("suffix-unknown", str(source), what, f"one of {', '.join(SUFFIXES)}", todo))
    if not source.is_file():
        raise GangmuError(Problem("run-missing", str(source), "there is no such file", "a stored run"))
    check_size(source)
    try:
        table, record = read(source)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise _refusal(source, f"it cannot be read: {error}") from error
    return _checked(source, table, record)


def _checked(source: Path, table: pa.Table, record: object) -> StoredRun:
    if not isinstance(record, Mapping):
        raise _refusal(source, "it has no decision record")
    columns = table.column_names
    lacking = [name for name in (KEY, AS_OF) if name not in columns]
    names = tuple(name for name in columns if f"{name}{STATUS}" in columns)
    rules = record.get("rules")
    if lacking or not names:
        raise _refusal(source, f"it has no column {' and none '.join(lacking) or 'of answers'}")
    if not isinstance(rules, list) or len(rules) != len(names):
        raise _refusal(source, "its record does not name the rules of its columns")
    if pc.count_distinct(table.column(KEY)).as_py() != table.num_rows:
        raise _refusal(source, "an enterprise is in it twice")
    typed = {name: _typed(name, table.column(name)) for name in columns}
    return StoredRun(str(source), pa.table(typed), record, names, tuple(map(str, rules)))


def _typed(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column with the type that its name says."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    wanted = pa.date32() if name == AS_OF else pa.string() if name == KEY else None
    for end, kind in _TYPES.items():
        wanted = kind if name.endswith(end) else wanted
    return column if wanted is None or column.type == wanted else column.cast(wanted)


def _refusal(source: Path, what: str) -> GangmuError:
    expected = "a file that `gangmu assess -o` wrote"
    return GangmuError(Problem("run-unreadable", str(source), what, expected, "write the run again"))


def _parquet(path: Path) -> tuple[pa.Table, object]:
    from pyarrow import parquet

    table = parquet.read_table(path)
    return table, json.loads((table.schema.metadata or {}).get(METADATA, b"null"))


def _csv(path: Path) -> tuple[pa.Table, object]:
    from pyarrow import csv

    record = json.loads(path.with_suffix(".record.json").read_text(encoding="utf-8"))
    told = csv.ConvertOptions(strings_can_be_null=True, quoted_strings_can_be_null=False)
    return csv.read_csv(path, convert_options=told), record


def _json(path: Path) -> tuple[pa.Table, object]:
    data = json.loads(path.read_text(encoding="utf-8"))
    rows = data["rows"]
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {}
    for name in names:
        cells = [row.get(name) for row in rows]
        if name.endswith((LOW, HIGH)):
            cells = [_ENDLESS.get(cell, cell) if isinstance(cell, str) else cell for cell in cells]
        if name == AS_OF or name.endswith(UNTIL):
            cells = [None if cell is None else date.fromisoformat(cell) for cell in cells]
        numbers = any(isinstance(cell, float) for cell in cells)
        columns[name] = pa.array(cells, pa.float64() if numbers else None)
    return pa.table(columns), data["record"]
