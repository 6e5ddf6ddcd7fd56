"""DuckDB as a place where queries run. The one module of the engine that touches it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from gangmu.engine.sql.dialects import DIALECTS, Dialect
from gangmu.engine.sql.render import Select, drop_table, replace_table, temporary_table
from gangmu.errors import EvidenceError, Problem
from gangmu.evidence.tables import quoted


class DuckDB:
    """A connection, its own (in memory) or given."""

    def __init__(self, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        """Connect in memory if no connection is given."""
        self.dialect: Dialect = DIALECTS["duckdb"]
        self.connection = connection or duckdb.connect()

    @classmethod
    def at(cls, path: str | Path) -> DuckDB:
        """A database file. Raises `EvidenceError`."""
        if not Path(path).exists():
            problem = Problem("evidence-missing", str(path), "there is no such database", "a DuckDB file")
            raise EvidenceError(problem)
        try:
            return cls(duckdb.connect(str(path), config={"enable_external_access": "false"}))
        except duckdb.Error as error:
            what = f"it cannot be opened as DuckDB ({type(error).__name__})"
            problem = Problem("database-broken", str(path), what, "a DuckDB file that no other program holds")
            raise EvidenceError(problem) from None

    def load(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable under a name, in this session only."""
        self.connection.register(name, table)

    def run(self, sql: str) -> dict[str, list[object]]:
        """The columns of a query's result."""
        found: pa.Table = self.connection.sql(sql).to_arrow_table()
        columns: dict[str, list[object]] = found.to_pydict()
        return columns

    def keep(self, name: str, query: Select) -> None:
        """Work out a query and keep its rows under a name, in this session only."""
        self.connection.execute(temporary_table(name, query, self.dialect))

    def forget(self, name: str) -> None:
        """Let what was kept under a name go."""
        self.connection.execute(drop_table(name, self.dialect))

    def names(self) -> list[str]:
        """The tables and views that lie there."""
        found = self.connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"
        )
        return [str(name) for (name,) in found.fetchall()]

    def read(self, name: str) -> pa.Table:
        """A whole table."""
        return pa.table(self.connection.table(quoted(name)))

    def schema(self, name: str) -> pa.Schema:
        """The columns of a table and their types."""
        return pa.table(self.connection.table(quoted(name)).limit(0)).schema

    def store(self, name: str, table: pa.Table) -> None:
        """Write a table, whole or not at all; one of that name gives way."""
        self.connection.register("gangmu_stored", table)
        self.connection.execute(replace_table(name, "gangmu_stored", self.dialect))
        self.connection.unregister("gangmu_stored")

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()
