"""Tables that stay where they are stored: Parquet and DuckDB files, read batch by batch.

What is larger than memory is met here: a source is a list of `Stored` tables, none of which is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from pyarrow import parquet

from gangmu.errors import EvidenceError, Problem
from gangmu.evidence.find import MAPPING_FILES
from gangmu.evidence.tables import duckdb_batches, duckdb_tables

PARQUET = (".parquet", ".pq")
DUCKDB = (".duckdb", ".db")
_SILENT = (".md", ".yaml", ".yml")
BATCH = 1 << 17  # rows


class Stored(Protocol):
    """One table: `name` says what it may be, `source` is how messages call it."""

    @property
    def name(self) -> str:
        """File stem or table."""

    @property
    def source(self) -> str:
        """For messages."""

    @property
    def schema(self) -> pa.Schema:
        """Its columns."""

    @property
    def count(self) -> int:
        """How many rows it has."""

    def batches(self, columns: Sequence[int] | None = None, *, rows: int = BATCH) -> Iterator[pa.RecordBatch]:
        """Its rows in order, at most so many at a time, all columns or those at some positions."""


@dataclass(frozen=True)
class ParquetTable:
    """A Parquet file."""

    path: Path

    @property
    def name(self) -> str:
        """The file's stem."""
        return self.path.stem

    @property
    def source(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def schema(self) -> pa.Schema:
        """Its columns."""
        return self.file().schema_arrow

    @property
    def count(self) -> int:
        """How many rows it has."""
        return int(self.file().metadata.num_rows)

    @property
    def groups(self) -> list[int]:
        """The rows of its row groups."""
        metadata = self.file().metadata
        return [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]

    def file(self) -> parquet.ParquetFile:
        """The file, open. Raises `EvidenceError`."""
        try:
            return parquet.ParquetFile(self.path)
        except (pa.ArrowException, OSError) as error:
            raise broken(self.source, error) from None

    def batches(
        self, columns: Sequence[int] | None = None, groups: Sequence[int] | None = None, *, rows: int = BATCH
    ) -> Iterator[pa.RecordBatch]:
        """Its rows, or those of some row groups. Raises `EvidenceError` where they cannot be read."""
        known = self.schema.names
        places = range(len(known)) if columns is None else columns
        alone = len(set(known)) == len(known)  # else a name does not say which
        names = [known[place] for place in places] if alone and columns is not None else None
        with self.file() as file:
            try:
                for batch in file.iter_batches(rows, row_groups=groups, columns=names, use_threads=False):
                    yield batch.select(list(places) if names is None else names)
            except (pa.ArrowException, OSError) as error:
                raise broken(self.source, error) from None


@dataclass(frozen=True)
class DuckdbTable:
    """A table of a DuckDB file."""

    path: Path
    name: str
    schema: pa.Schema
    count: int

    @property
    def source(self) -> str:
        """The file's and the table's name."""
        return f"{self.path.name} table {self.name}"

    def batches(self, columns: Sequence[int] | None = None, *, rows: int = BATCH) -> Iterator[pa.RecordBatch]:
        """Its rows. Raises `EvidenceError`."""
        names = None if columns is None else [self.schema.names[place] for place in columns]
        yield from duckdb_batches(self.path, self.name, rows, names)


def broken(source: str, error: Exception) -> EvidenceError:
    """The refusal of a file that cannot be read."""
    return EvidenceError(
        Problem("parquet-broken", source, f"it cannot be read as Parquet ({error})", "a Parquet file")
    )


def stored_tables(path: Path) -> tuple[list[Stored], Path | None] | None:
    """The tables of a Parquet file, a folder of such, or a DuckDB file, and the mapping beside them.

    None if there is anything else that evidence may be made of: that has to be read as a whole.
    """
    if path.is_dir():
        files = sorted(
            one for one in path.iterdir() if one.is_file() and not one.name.startswith((".", "~$"))
        )
        tables = [one for one in files if one.suffix.lower() in PARQUET]
        mapping = [one for one in files if one.name in MAPPING_FILES]
        rest = [one for one in files if one not in tables and one.suffix.lower() not in _SILENT]
        if not tables or rest:
            return None
        return [ParquetTable(one) for one in tables], mapping[-1] if mapping else None
    if path.suffix.lower() in PARQUET and path.is_file():
        return [ParquetTable(path)], None
    if path.suffix.lower() in DUCKDB and path.is_file() and not _is_sqlite(path):
        found: list[Stored] = [DuckdbTable(path, *told) for told in duckdb_tables(path)]
        return found, None
    return None


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(16).startswith(b"SQLite format 3")
