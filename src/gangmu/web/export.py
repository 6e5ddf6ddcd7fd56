"""Files in memory: a table of answers as Parquet, CSV or Excel; whatever else writes itself to a path."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gangmu.errors import GangmuError, Problem


def bytes_of(name: str, write: Callable[[Path], Path]) -> bytes:
    """What `write` puts into a file of this name."""
    with tempfile.TemporaryDirectory() as folder:
        return write(Path(folder) / name).read_bytes()


def export(table: Any, form: str, most: int) -> bytes:  # noqa: ANN401  an Arrow table
    """The table as `parquet`, `csv` or `xlsx`. Raises `GangmuError` if it does not fit a sheet."""
    out = io.BytesIO()
    if form == "parquet":
        import pyarrow.parquet as pq

        pq.write_table(table, out)
    elif form == "csv":
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(table.column_names)
        for batch in table.to_batches():
            writer.writerows(
                zip(*(map(harmless, column.to_pylist()) for column in batch.columns), strict=True)
            )
        out.write("\ufeff".encode() + text.getvalue().encode())
    else:
        _sheet(table, out, most)
    return out.getvalue()


def harmless(value: object) -> object:
    """A text that a spreadsheet would take for a formula, as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _sheet(table: Any, out: io.BytesIO, most: int) -> None:  # noqa: ANN401  an Arrow table
    from openpyxl import Workbook

    if table.num_rows > most:
        what = f"{table.num_rows:,} rows do not fit a sheet"
        raise GangmuError(
            Problem("sheet-full", "download", what, f"at most {most:,}", "filter, or take Parquet")
        )
    book = Workbook(write_only=True)
    sheet = book.create_sheet("answers")
    sheet.append(table.column_names)
    for batch in table.to_batches():
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            sheet.append([harmless(cell) for cell in row])
    book.save(out)
