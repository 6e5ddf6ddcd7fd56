"""The answers of many cases as a table: one row a case, ready for Arrow, Polars, pandas, or a file.

Columns: `enterprise`, `as_of`, then for each rule asked `NAME` (its value; null where it is not known), for
numbers `NAME.low` and `NAME.high` (in base units; an endless bound is infinite), `NAME.status`, `NAME.grade`
(the weakest citation it rests on), for titles `NAME.until`. Files carry the decision record with them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.engine.assess import CaseAnswers
from gangmu.engine.assessed import Assessed, listed
from gangmu.engine.interpreter import Finding
from gangmu.engine.outcomes import STATUS
from gangmu.errors import GangmuError, Problem
from gangmu.evidence.quarantine import Rejected, quarantine_table
from gangmu.evidence.whole import write_whole
from gangmu.rulebook import model

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

T = TypeVar("T")

KEY, AS_OF = "enterprise", "as_of"
METADATA = b"gangmu.record"  # the decision record in a Parquet file's schema
SUFFIXES = (".parquet", ".csv", ".json", ".xlsx", ".html")


@dataclass(frozen=True, slots=True)
class CaseFinding:
    """A finding with the case that it is about."""

    enterprise: str
    finding: Finding


@dataclass(frozen=True)
class Result:
    """What came out of an assessment: a table, its decision record, and what a person should look at.

    `names` are the column names of the rules asked, `rules` their full names, `answers` the exact answers
    (fractions) case by case, made when asked for. `table` and everything exported from it have doubles.
    """

    table: pa.Table
    book: model.Rulebook
    names: tuple[str, ...]
    rules: tuple[str, ...]
    answers: Sequence[CaseAnswers]
    record: Mapping[str, Any]
    quarantine: tuple[Rejected, ...] = ()
    notes: tuple[Problem, ...] = ()

    @classmethod
    def build(  # noqa: PLR0913, PLR0917  everything that an assessment yields
        cls,
        book: model.Rulebook,
        names_asked: Sequence[str] | None,
        full_names: Sequence[str],
        answers: Assessed | Iterable[CaseAnswers],
        record: Mapping[str, Any],
        quarantine: Iterable[Rejected] = (),
        notes: Iterable[Problem] = (),
        *,
        coded: bool = False,
    ) -> Result:
        """Make the table. `names_asked` name the columns (None: the shortest names of the rules).

        With `coded` texts stay coded by a dictionary, which takes less room and time.
        """
        rules = tuple(full_names)
        assessed = answers if isinstance(answers, Assessed) else listed(tuple(answers), len(rules))
        names = tuple(names_asked or ())
        if len(names) != len(rules):
            names = tuple(book.column_name(name) for name in rules)
        table = _table(book, names, rules, assessed, coded=coded).replace_schema_metadata(_metadata(record))
        cases = Cases(assessed)
        return cls(table, book, names, rules, cases, dict(record), tuple(quarantine), tuple(notes))

    def __len__(self) -> int:
        """Number of cases."""
        return int(self.table.num_rows)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand the table to any Arrow library (PyCapsule interface)."""
        return self.table.__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> pa.Table:
        """The table as pyarrow has it."""
        return self.table

    def to_polars(self) -> pl.DataFrame:
        """The table as a Polars frame (needs the extra `polars`)."""
        import polars as pl

        return pl.DataFrame(self.table)

    def to_pandas(self) -> pd.DataFrame:
        """The table as a pandas frame (needs the extra `pandas`)."""
        return self.table.to_pandas()

    @cached_property
    def findings(self) -> tuple[CaseFinding, ...]:
        """What evidence holds that a person should look at, case by case."""
        if isinstance(self.answers, Cases):
            return tuple(self.answers.findings())
        return tuple(CaseFinding(item.case.key, found) for item in self.answers for found in item.findings)

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The as-of dates that there are, earliest first."""
        return tuple(sorted(pc.unique(self.table.column(AS_OF)).to_pylist()))

    @property
    def quarantined(self) -> pa.Table:
        """What was not read, as a table: one row an entry, with its reason."""
        return quarantine_table(self.quarantine)

    def counts(self, name: str) -> Counter[str]:
        """How many cases have each status, for a column name."""
        statuses = pc.value_counts(self.table.column(f"{name}{STATUS}")).to_pylist()
        return Counter({found["values"]: found["counts"] for found in statuses})

    def write(self, path: str | Path, lang: str = "en", advance: Callable[[], object] = lambda: None) -> Path:
        """Write as .parquet, .csv, .json, .xlsx or .html, whole or not at all; `lang` is of the last two.

        The decision record is inside (schema metadata of Parquet, a sheet, a field, a section), or beside as
        `NAME.record.json` for CSV. `.html` takes `en`, `zh` or `en,zh`. Raises `GangmuError` for any other
        suffix. `advance` is called after each case that a page explains.
        """
        target = Path(path)
        writers = {
            ".parquet": self._write_parquet,
            ".csv": self._write_csv,
            ".json": self._write_json,
            ".xlsx": lambda to: self._write_xlsx(to, lang),
            ".html": lambda to: self._write_html(to, lang, advance),
        }
        write = writers.get(target.suffix.lower())
        if write is None:
            what = f"{target.suffix or 'no suffix'} is no kind of file that can be written"
            raise GangmuError(Problem("suffix-unknown", str(target), what, f"one of {', '.join(SUFFIXES)}"))
        written = write_whole(target, write)
        if target.suffix.lower() == ".csv":
            beside = target.with_suffix(".record.json")
            write_whole(beside, lambda to: to.write_text(_json(dict(self.record)), encoding="utf-8"))
        return written

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data for JSON: record, rows, findings, quarantine; endless bounds as "inf"."""
        findings = [{"enterprise": item.enterprise, **asdict(item.finding)} for item in self.findings]
        return {
            "record": dict(self.record),
            "rows": [{name: _plain(value) for name, value in row.items()} for row in self.table.to_pylist()],
            "findings": findings,
            "quarantine": self.quarantined.to_pylist(),
            "notes": [str(note) for note in self.notes],
        }

    def _write_parquet(self, to: Path) -> None:
        import pyarrow.parquet as pq

        pq.write_table(self.table, to)

    def _write_csv(self, to: Path) -> None:
        import pyarrow.csv as pa_csv

        pa_csv.write_csv(self.table, to)

    def _write_json(self, to: Path) -> None:
        to.write_text(_json(self.to_dict()), encoding="utf-8")

    def _write_xlsx(self, to: Path, lang: str) -> None:
        from gangmu.report.excel import write_xlsx

        write_xlsx(to, self, lang)

    def _write_html(self, to: Path, lang: str, advance: Callable[[], object]) -> None:
        from gangmu.report.page import case_explanations, write_html

        told = case_explanations(self)
        write_html(to, self.book, _counted(told, advance), self, lang)


def _counted(items: Iterable[T], advance: Callable[[], object]) -> Iterator[T]:
    """The same items, telling after each."""
    for item in items:
        yield item
        advance()


@dataclass(frozen=True)
class Cases(Sequence[CaseAnswers]):
    """The exact answers of an assessment, each case made when it is asked for."""

    assessed: Assessed

    def __len__(self) -> int:
        return len(self.assessed)

    @overload
    def __getitem__(self, place: int) -> CaseAnswers: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[CaseAnswers]: ...

    def __getitem__(self, place: int | slice) -> CaseAnswers | Sequence[CaseAnswers]:
        """One case, or several."""
        if isinstance(place, slice):
            return [self.assessed.case(number) for number in range(*place.indices(len(self)))]
        number = range(len(self))[place]
        return self.assessed.case(number)

    def findings(self) -> Iterator[CaseFinding]:
        """All findings, in the order of the cases."""
        for place, told in sorted(self.assessed.findings.items()):
            key = self.assessed.keys[place].as_py()
            yield from (CaseFinding(key, finding) for finding in told)


def _table(
    book: model.Rulebook, names: Sequence[str], rules: Sequence[str], assessed: Assessed, *, coded: bool
) -> pa.Table:
    """One row a case."""
    columns: dict[str, pa.Array] = {KEY: assessed.keys, AS_OF: assessed.days}
    for name, full, column in zip(names, rules, assessed.columns, strict=True):
        arrays = column.arrays(book.rules[full])
        columns.update({f"{name}{end}": array for end, array in arrays.items()})
    return pa.table({name: array if coded else _plain_text(array) for name, array in columns.items()})


def _plain_text(array: pa.Array) -> pa.Array:
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _metadata(record: Mapping[str, Any]) -> dict[bytes, bytes]:
    return {METADATA: json.dumps(dict(record), ensure_ascii=False).encode()}


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, default=str) + "\n"


def _plain(value: object) -> object:
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "inf" if value > 0 else "-inf"
    return value.isoformat() if hasattr(value, "isoformat") else value
