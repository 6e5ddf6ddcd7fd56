"""How many rows and columns a table has, before anybody reads it: told without unpacking it.

A workbook needs no look here: its sheets have at most 1,048,576 rows, and who reads it judges its packing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from gangmu.errors import GangmuError, Problem

MAX_UNPACKED: Final = 16 << 30  # bytes of the columns of a Parquet file
_BLOCK: Final = 1 << 20
_SEPARATORS: Final = (b",", b";", b"\t", b"|")


def check_shape(path: Path, name: str, max_rows: int, max_columns: int) -> None:
    """Refuse a table with more rows or columns than are taken. Raises `GangmuError`."""
    suffix = Path(name).suffix.lower()
    if suffix == ".xlsx":
        return
    rows, columns = _of_parquet(path, name) if suffix == ".parquet" else _of_text(path)
    problems = []
    if rows > max_rows:
        what = f"has {rows:,} rows"
        problems.append(Problem("rows-many", name, what, f"at most {max_rows:,}", "send it in parts"))
    if columns > max_columns:
        what = f"has {columns:,} columns"
        todo = "leave out what the rulebook does not ask"
        problems.append(Problem("columns-many", name, what, f"at most {max_columns:,}", todo))
    if problems:
        raise GangmuError(problems)


def _of_text(path: Path) -> tuple[int, int]:
    """Lines are rows at most (a cell may hold some); the first line has a name for each column."""
    rows = 0
    with path.open("rb") as file:
        head = file.readline(_BLOCK)
        columns = 1 + max(head.count(mark) for mark in _SEPARATORS)
        while block := file.read(_BLOCK):
            rows += max(block.count(b"\n"), block.count(b"\r"))
    return rows, columns


def _of_parquet(path: Path, name: str) -> tuple[int, int]:
    try:
        told = pq.read_metadata(path)
    except (pa.ArrowException, OSError) as error:
        what, todo = "cannot be read as Parquet", "write it again, or send it as CSV"
        raise GangmuError(Problem("file-unreadable", name, what, "a Parquet file", todo)) from error
    unpacked = sum(told.row_group(number).total_byte_size for number in range(told.num_row_groups))
    if unpacked > MAX_UNPACKED:
        what = f"unpacks to {unpacked >> 30:,} GiB"
        raise GangmuError(
            Problem("file-unpacks", name, what, f"at most {MAX_UNPACKED >> 30} GiB", "send it in parts")
        )
    return told.num_rows, told.num_columns
