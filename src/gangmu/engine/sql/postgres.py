"""PostgreSQL as a place where queries run, by psycopg (the extra `postgres`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from gangmu.engine.sql.dialects import DIALECTS, Dialect
from gangmu.engine.sql.render import Select, drop_table, temporary_table
from gangmu.errors import EvidenceError, Problem
from gangmu.evidence.sheets import text_of

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

_DIGITS = 38


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

        with self.connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(sql.Identifier(name)))
            self._fill(cursor, sql.SQL("CREATE TEMP TABLE {} ({})"), name, table)

    def _fill(self, cursor: psycopg.Cursor[Any], create: sql.SQL, name: str, table: pa.Table) -> None:
        """Make a table and copy rows into it."""
        from psycopg import sql

        columns = [sql.Identifier(field.name) for field in table.schema]
        kinds = [sql.SQL(_kind(field.type)) for field in table.schema]
        defined = sql.SQL(", ").join(
            sql.SQL("{} {}").format(column, kind) for column, kind in zip(columns, kinds, strict=True)
        )
        cursor.execute(create.format(sql.Identifier(name), defined))
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

    def keep(self, name: str, query: Select) -> None:
        """Work out a query and keep its rows under a name, in this session only."""
        with self.connection.cursor() as cursor:
            cursor.execute(temporary_table(name, query, self.dialect).encode())

    def forget(self, name: str) -> None:
        """Let what was kept under a name go."""
        with self.connection.cursor() as cursor:
            cursor.execute(drop_table(name, self.dialect).encode())

    def names(self) -> list[str]:
        """The tables and views that lie there."""
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT table_name FROM information_schema.tables "
                "WHERE table_schema = ANY (current_schemas(false)) ORDER BY 1"
            )
            return [str(name) for (name,) in cursor.fetchall()]

    def read(self, name: str) -> pa.Table:
        """A whole table, its cells as texts."""
        from psycopg import sql

        with self.connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(name)))
            headers = [column.name for column in cursor.description or ()]
            rows = cursor.fetchall()
        columns = [
            pa.array([text_of(row[place]) for row in rows], pa.string()) for place in range(len(headers))
        ]
        return pa.Table.from_arrays(columns, names=headers)

    def schema(self, name: str) -> pa.Schema:
        """The columns of a table and their types; what has no counterpart is binary."""
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT column_name, data_type, numeric_precision, numeric_scale "
                "FROM information_schema.columns WHERE table_name = %s "
                "AND table_schema = ANY (current_schemas(false)) ORDER BY ordinal_position",
                (name,),
            )
            return pa.schema([(column, _arrow(*kind)) for column, *kind in cursor.fetchall()])

    def store(self, name: str, table: pa.Table) -> None:
        """Write a table, whole or not at all; one of that name gives way."""
        from psycopg import sql

        with self.connection.transaction(), self.connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(name)))
            self._fill(cursor, sql.SQL("CREATE TABLE {} ({})"), name, table)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def _kind(kind: pa.DataType) -> str:
    """The type of a column as PostgreSQL calls it."""
    if pa.types.is_boolean(kind):
        return "BOOLEAN"
    if pa.types.is_integer(kind):
        return "BIGINT"
    if pa.types.is_floating(kind):
        return "DOUBLE PRECISION"
    if pa.types.is_date(kind):
        return "DATE"
    if pa.types.is_decimal(kind):
        return f"NUMERIC({kind.precision}, {kind.scale})"
    return "TEXT"


def _arrow(kind: str, digits: int | None, scale: int | None) -> pa.DataType:
    """A type of PostgreSQL as Arrow has it."""
    if kind == "numeric" and digits is not None and scale is not None and digits <= _DIGITS:
        return pa.decimal128(digits, scale)
    known = {
        "bigint": pa.int64(), "integer": pa.int32(), "smallint": pa.int16(), "boolean": pa.bool_(),
        "date": pa.date32(), "text": pa.string(), "character varying": pa.string(),
    }  # fmt: skip
    return known.get(kind, pa.binary())
