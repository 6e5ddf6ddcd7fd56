"""Where queries run, by address: a DuckDB file, PostgreSQL, Spark on this machine or on a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from gangmu.engine.sql.dialects import Dialect
from gangmu.errors import EvidenceError, Problem, QuestionError
from gangmu.evidence.columns import entity_of
from gangmu.rulebook.model import Rulebook

if TYPE_CHECKING:
    from gangmu.engine.sql.render import Select

EXPECTED = "a .duckdb file, postgresql://..., sc://host:15002, spark://host:7077, or local[*]"
_POSTGRES = ("postgresql://", "postgres://", "postgresql+psycopg://")
_SPARK = ("sc://", "spark://", "local", "yarn", "k8s://")
_FILES = (".duckdb", ".db")


class Warehouse(Protocol):
    """Where queries run."""

    dialect: Dialect

    def load(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable under a name, in this session only."""

    def run(self, sql: str) -> dict[str, list[object]]:
        """The columns of a query's result."""

    def keep(self, name: str, query: Select) -> None:
        """Work out a query and keep its rows under a name, in this session only."""

    def forget(self, name: str) -> None:
        """Let what was kept under a name go."""

    def names(self) -> list[str]:
        """The tables and views that lie there."""

    def read(self, name: str) -> pa.Table:
        """A whole table."""

    def schema(self, name: str) -> pa.Schema:
        """The columns of a table and their types."""

    def store(self, name: str, table: pa.Table) -> None:
        """Write a table there, whole or not at all; one of that name gives way."""

    def close(self) -> None:
        """Let go."""


def tables_of(warehouse: Warehouse, book: Rulebook) -> dict[str, pa.Table]:
    """The tables of a warehouse that are called like an entity of the book. Raises `EvidenceError`."""
    names = [name for name in warehouse.names() if entity_of(name, book)]
    if not names:
        expected = f"one of {', '.join(['enterprise', *book.entities])}"
        what = "no table there is called like an entity of the rulebook"
        raise EvidenceError(Problem("evidence-empty", "database", what, expected))
    return {name: warehouse.read(name) for name in names}


def open_warehouse(address: str | None) -> Warehouse:
    """The warehouse of an address; DuckDB in memory if there is none.

    Raises `QuestionError` for an address of no known kind, `EvidenceError` if nothing answers there.
    """
    if address is None:
        from gangmu.engine.sql.duck import DuckDB

        return DuckDB()
    if address.startswith(_POSTGRES):
        from gangmu.engine.sql.postgres import PostgreSQL

        return PostgreSQL.at(address.replace("postgresql+psycopg://", "postgresql://"))
    if address.startswith(_SPARK):
        from gangmu.engine.sql.spark import Spark

        return Spark.at(address)
    if Path(address).suffix.lower() in _FILES:
        from gangmu.engine.sql.duck import DuckDB

        return DuckDB.at(address)
    what = f"`{address.partition('@')[2] or address}` is no address of a database that runs queries"
    raise QuestionError(Problem("database-address", "database", what, EXPECTED))
