"""Spark as a place where queries run (the extra `spark`, and a Java 17 or later).

A local session is started if none is given: `Spark.local()`. A cluster is reached by Spark Connect
(`sc://host:15002`) or by its master (`spark://host:7077`).
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from gangmu.engine.sql import render
from gangmu.engine.sql.dialects import DIALECTS, Dialect
from gangmu.errors import EvidenceError, Problem

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_QUIET: Final = {
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


class Spark:
    """A session."""

    def __init__(self, session: SparkSession) -> None:
        """Take over a session."""
        self.dialect: Dialect = DIALECTS["spark"]
        self.session = session

    @classmethod
    def at(cls, url: str = "local[*]", options: dict[str, str] | None = None) -> Spark:
        """A session on this machine (`local[2]`), or on a cluster (`sc://...`, `spark://...`).

        Raises `EvidenceError` if Spark or Java is not there, or the cluster does not answer.
        """
        try:
            from pyspark.sql import SparkSession
        except ImportError:
            raise EvidenceError(
                _missing("PySpark", "the extra `spark`", "pip install 'gangmu[spark]'")
            ) from None
        builder: Any = SparkSession.builder.appName("gangmu")
        if url.startswith("sc://"):
            builder = builder.remote(url)
        else:
            if shutil.which("java") is None:
                todo = "install a JDK, e.g. Debian's openjdk-17-jre-headless"
                raise EvidenceError(_missing("Java", "a JDK 17 or later on PATH", todo))
            builder = builder.master(url)
            for key, value in {**_QUIET, **(options or {})}.items():
                builder = builder.config(key, value)
        try:
            with _quiet():
                return cls(builder.getOrCreate())
        except Exception as error:  # a JVM fails in as many ways as it has classes
            what = f"Spark does not start ({type(error).__name__})"
            raise EvidenceError(
                Problem("database-unreachable", "database", what, "a Spark session", "see docs/engines.md")
            ) from error

    def load(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable under a name, in this session only."""
        with _quiet():
            self.session.createDataFrame(table).createOrReplaceTempView(name)

    def run(self, sql: str) -> dict[str, list[object]]:
        """The columns of a query's result."""
        with _quiet():
            rows = self.session.sql(sql).toArrow()
        columns: dict[str, list[object]] = rows.to_pydict()
        return columns

    def keep(self, name: str, query: render.Select) -> None:
        """Work out a query and keep its rows under a name, in this session only."""
        with _quiet():
            frame = self.session.sql(render.text_of(query, self.dialect))
            frame.localCheckpoint().createOrReplaceTempView(name)

    def forget(self, name: str) -> None:
        """Let what was kept under a name go."""
        self.session.catalog.dropTempView(name)

    def names(self) -> list[str]:
        """The tables and views that lie there."""
        with _quiet():
            found = self.session.sql("SHOW TABLES").toArrow()
        return sorted(set(found.column("tableName").to_pylist()))

    def read(self, name: str) -> pa.Table:
        """A whole table."""
        with _quiet():
            return self.session.table(f"`{name.replace('`', '``')}`").toArrow()

    def schema(self, name: str) -> pa.Schema:
        """The columns of a table and their types."""
        with _quiet():
            return self.session.table(f"`{name.replace('`', '``')}`").limit(0).toArrow().schema

    def store(self, name: str, table: pa.Table) -> None:
        """Write a table; one of that name gives way."""
        with _quiet():
            frame = self.session.createDataFrame(table)
            frame.write.mode("overwrite").saveAsTable(f"`{name.replace('`', '``')}`")

    def close(self) -> None:
        """Stop the session."""
        self.session.stop()


@contextmanager
def _quiet() -> Iterator[None]:
    """PySpark warns of pandas, which nothing here uses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


def _missing(what: str, expected: str, todo: str) -> Problem:
    return Problem("extra-missing", "database", f"{what} is not installed", expected, todo)
