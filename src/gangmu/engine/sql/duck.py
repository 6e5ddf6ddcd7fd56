"""DuckDB as a place where queries run. The one module of the engine that touches it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from gangmu.engine.sql.dialects import DIALECTS, Dialect


class DuckDB:
    """A connection, its own (in memory) or given."""

    def __init__(self, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        """Connect in memory if no connection is given."""
        self.dialect: Dialect = DIALECTS["duckdb"]
        self.connection = connection or duckdb.connect()

    @classmethod
    def at(cls, path: str | Path) -> DuckDB:
        """A database file."""
        return cls(duckdb.connect(str(path)))

    def load(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable under a name, in this session only."""
        self.connection.register(name, table)

    def run(self, sql: str) -> dict[str, list[object]]:
        """The columns of a query's result."""
        found: pa.Table = self.connection.sql(sql).to_arrow_table()
        columns: dict[str, list[object]] = found.to_pydict()
        return columns

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()
