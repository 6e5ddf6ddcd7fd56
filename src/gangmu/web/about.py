"""What an uploaded table says of its enterprises beside facts: province, branch, industry, ... to filter by.

Every column of texts with few different values is kept in a table beside the answers, row for row. That the
rows are the same is not assumed: one column of the upload has to be the key of the answers, in their order.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from gangmu.report.result import KEY

MOST_VALUES: Final = 60
MOST_COLUMNS: Final = 12
DIVISION: Final = 2  # letters of a code that name its division


def about_of(answers: Path) -> Path:
    """Where it lies."""
    return answers.with_name(f"{answers.stem}.about.parquet")


def write_about(source: Path, answers: Path) -> None:
    """Write the table beside the answers, if the upload can be laid beside them."""
    try:
        keys = pq.read_table(answers, columns=[KEY]).column(0).cast(pa.string())
        found = dict(_columns(source, keys))
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        return  # the answers stand without it: only the filters are fewer
    if found:
        aside = about_of(answers).with_name(f".{about_of(answers).name}.half")
        pq.write_table(pa.table(found), aside)
        aside.replace(about_of(answers))


def _columns(source: Path, keys: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  an Arrow column
    """The columns with few values; none, if no column is the key."""
    found: list[tuple[str, Any]] = []
    aligned = False
    for name, column in _texts(source):
        if len(column) != len(keys):
            return
        aligned = aligned or bool(column.equals(keys))
        few = _few(column)
        if few is not None and len(found) < MOST_COLUMNS:
            found.append((name[:80], few))
    if aligned:
        yield from found


def _few(column: Any) -> Any:  # noqa: ANN401  an Arrow column
    """A column of few values, or codes by their division; None for any other."""
    for one in (column, pc.utf8_slice_codeunits(column, 0, DIVISION)):
        number = pc.count_distinct(one).as_py()
        if 1 < number <= MOST_VALUES and number < len(one):
            return one.dictionary_encode()
        if not pc.all(pc.utf8_is_digit(column.drop_null()), min_count=1).as_py():
            return None
    return None


def _texts(source: Path) -> Iterator[tuple[str, Any]]:
    """The columns of texts of an upload, one after another."""
    if source.suffix.lower() == ".parquet":
        with pq.ParquetFile(source) as file:
            for field in file.schema_arrow:
                kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
                if pa.types.is_string(kind) or pa.types.is_large_string(kind):
                    yield field.name, file.read([field.name]).column(0).cast(pa.string())
    elif source.suffix.lower() == ".csv":
        with source.open(encoding="utf-8-sig", newline="") as text:
            heads = next(csv.reader(text), [])
        kinds = pa_csv.ConvertOptions(column_types=dict.fromkeys(heads, pa.string()))
        table = pa_csv.read_csv(source, convert_options=kinds)
        yield from zip(table.column_names, table.columns, strict=True)
