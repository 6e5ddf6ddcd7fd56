"""Tables that are already tables: Parquet, DuckDB and SQLite files, and data frames in memory.

The one module that touches DuckDB, which it imports when it meets such a file.

Data frames come over the Arrow PyCapsule interface, so Arrow, Polars, pandas and DuckDB are one case. A
database file is opened for reading only and cannot reach other files. SQL is written here only to name a
table, by `quoted`; nothing else is ever put into it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from gangmu.errors import EvidenceError, Problem
from gangmu.evidence.limits import check_size
from gangmu.evidence.sheets import Sheet, sheet_of, stored_sheet, text_of

if TYPE_CHECKING:
    import duckdb
    from pyarrow import parquet


_BATCH = 1 << 17  # rows that a database hands over at a time


def quoted(identifier: str) -> str:
    """An identifier in SQL, whatever is in it."""
    return '"' + identifier.replace('"', '""') + '"'


def arrow_table(value: object, source: str) -> pa.Table:
    """Anything with `__arrow_c_stream__` (Arrow, Polars, pandas, DuckDB) as an Arrow table.

    Raises `EvidenceError`.
    """
    if isinstance(value, pa.Table):
        return value
    try:
        return pa.table(value)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise EvidenceError(
            Problem(
                "table-unreadable",
                source,
                f"it cannot be turned into an Arrow table ({error})",
                "an Arrow, Polars, pandas or DuckDB table, or a list of mappings",
                "give each column one type",
            )
        ) from None


def is_table(value: object) -> bool:
    """Whether a value is a table in memory."""
    return hasattr(value, "__arrow_c_stream__")


def read_parquet(path: Path, name: str, source: str) -> Sheet:
    """A Parquet file with its types; a column is read when it is asked for. Raises `EvidenceError`."""
    check_size(path)
    with open_parquet(path, source) as file:
        schema, count = file.schema_arrow, int(file.metadata.num_rows)

    def load(positions: Sequence[int]) -> pa.Table:
        names = [schema.names[place] for place in positions]
        with open_parquet(path, source) as file:
            if len(set(schema.names)) < len(schema.names):  # a name does not say which
                return file.read().select(list(positions))
            return file.read(columns=names).select(names)

    return stored_sheet(name, source, schema, count, load)


@contextmanager
def open_parquet(path: Path, source: str) -> Iterator[parquet.ParquetFile]:
    """A Parquet file. Raises `EvidenceError`, also for what goes wrong while it is read."""
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path, memory_map=True) as file:
            yield file
    except (pa.ArrowException, OSError) as error:
        raise EvidenceError(
            Problem("parquet-broken", source, f"it cannot be read as Parquet ({error})", "a Parquet file")
        ) from None


def read_duckdb(path: Path) -> list[Sheet]:
    """All tables and views of a DuckDB file, whose columns are read when they are asked for.

    Raises `EvidenceError`.
    """
    check_size(path)

    def sheet(name: str, schema: pa.Schema, count: int) -> Sheet:
        def load(positions: Sequence[int]) -> pa.Table:
            fields = [schema.field(place) for place in positions]
            batches = duckdb_batches(path, name, _BATCH, [one.name for one in fields])
            return pa.Table.from_batches(batches, pa.schema(fields))

        return stored_sheet(name, f"{path.name} table {name}", schema, count, load)

    return [sheet(*told) for told in duckdb_tables(path)]


def duckdb_tables(path: Path) -> list[tuple[str, pa.Schema, int]]:
    """All tables and views of a DuckDB file: name, columns, number of rows. Raises `EvidenceError`."""
    import duckdb

    try:
        with _opened(path) as connection:
            found = []
            for name in _listed(connection):
                table = connection.table(quoted(name))
                schema = table.limit(0).to_arrow_table().schema
                [(count,)] = table.aggregate("count(*)").fetchall()
                found.append((name, schema, int(count)))
            return found
    except duckdb.Error as error:
        raise EvidenceError(_broken(path, "DuckDB", error)) from None


def duckdb_batches(
    path: Path, name: str, rows: int, columns: Sequence[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """A table of a DuckDB file or some of its columns, batch by batch, in order. Raises `EvidenceError`."""
    import duckdb

    try:
        with _opened(path) as connection:
            table = connection.table(quoted(name))
            if columns is not None:
                table = table.select(*map(duckdb.ColumnExpression, columns))
            yield from table.to_arrow_reader(rows)
    except duckdb.Error as error:
        raise EvidenceError(_broken(path, "DuckDB", error)) from None


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB file, for reading only, that cannot reach other files."""
    import duckdb

    return duckdb.connect(str(path), read_only=True, config={"enable_external_access": "false"})


def _listed(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY table_name"
    ).fetchall()
    return [name for (name,) in found]


def read_sqlite(path: Path) -> list[Sheet]:
    """Read all tables of an SQLite file; its cells have types of their own, so they come as texts.

    Raises `EvidenceError`.
    """
    check_size(path)
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            listed = connection.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
                "AND name NOT LIKE 'sqlite_%' ORDER BY name"
            ).fetchall()
            return [_sqlite_sheet(connection, name, f"{path.name} table {name}") for (name,) in listed]
    except sqlite3.Error as error:
        raise EvidenceError(_broken(path, "SQLite", error)) from None


def _sqlite_sheet(connection: sqlite3.Connection, name: str, source: str) -> Sheet:
    cursor = connection.execute(f"SELECT * FROM {quoted(name)}")
    headers = [description[0] for description in cursor.description]
    return texts_sheet(name, source, headers, cursor.fetchall())


def texts_sheet(name: str, source: str, headers: list[str], rows: list[Any]) -> Sheet:
    """A sheet of the rows of a database cursor, as texts."""
    columns = [pa.array([text_of(row[place]) for row in rows], pa.string()) for place in range(len(headers))]
    return sheet_of(name, source, pa.Table.from_arrays(columns, names=headers))


def _broken(path: Path, kind: str, error: Exception) -> Problem:
    return Problem("database-broken", path.name, f"it cannot be read as {kind} ({error})", f"a {kind} file")
