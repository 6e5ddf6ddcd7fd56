"""PostgreSQL as a place where queries run, by psycopg (the extra `postgres`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from gangmu.engine.sql.dialects import DIALECTS, Dialect
from gangmu.errors import EvidenceError, Problem

if TYPE_CHECKING:
    import psycopg


class PostgreSQL:
    """A connection. What is loaded lives in temporary tables, and is gone with it."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """Take over an open connection."""
        self.dialect: Dialect = DIALECTS["postgres"]
        self.connection = connection

    @classmethod
    def at(cls, url: str) -> PostgreSQL:
        """Connect to an address. Raises `EvidenceError`, without the password."""
        try:
            import psycopg
        except ImportError:
            todo = "pip install 'gangmu[postgres]'"
            what = "psycopg is not installed"
            raise EvidenceError(
                Problem("extra-missing", "database", what, "the extra `postgres`", todo)
            ) from None
        try:
            return cls(psycopg.connect(url, autocommit=True))
        except psycopg.Error as error:
            what = f"it cannot be reached ({type(error).__name__})"
            raise EvidenceError(
                Problem("database-unreachable", "database", what, "a PostgreSQL server that answers")
            ) from None

    def load(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable under a name, in this session only."""
        from psycopg import sql

        columns = [sql.Identifier(field.name) for field in table.schema]
        kinds = [sql.SQL(_kind(field.type)) for field in table.schema]
        defined = sql.SQL(", ").join(
            sql.SQL("{} {}").format(column, kind) for column, kind in zip(columns, kinds, strict=True)
        )
        with self.connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(sql.Identifier(name)))
            cursor.execute(sql.SQL("CREATE TEMP TABLE {} ({})").format(sql.Identifier(name), defined))
            with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))) as copy:
                for batch in table.to_batches(max_chunksize=4096):
                    for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                        copy.write_row(row)

    def run(self, sql: str) -> dict[str, list[object]]:
        """The columns of a query's result."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql.encode())
            names = [column.name for column in cursor.description or ()]
            rows = cursor.fetchall()
        return {name: [row[place] for row in rows] for place, name in enumerate(names)}

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def _kind(kind: pa.DataType) -> str:
    """The type of a column as PostgreSQL calls it."""
    if pa.types.is_boolean(kind):
        return "BOOLEAN"
    if pa.types.is_integer(kind):
        return "BIGINT"
    return "NUMERIC" if pa.types.is_decimal(kind) else "TEXT"
