"""An installation in a temporary folder, and people who are signed in to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gangmu.web.app import create_app
from gangmu.web.people import make_institution, make_person
from gangmu.web.settings import Settings
from town import PASSWORD, Town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Served from a folder of its own."""
    folder: Path = tmp_path_factory.mktemp("town")
    app = create_app(Settings(data=folder, requests_a_minute=100_000))
    with TestClient(app, headers={"accept": "text/html"}, follow_redirects=False) as client:
        site = app.state.site
        with site.database.begin() as connection:
            for name, people in (("North Bank", ("ann", "boss")), ("South Bank", ("bob",))):
                institution = make_institution(connection, name)
                for login in people:
                    role = "administrator" if login == "boss" else "analyst"
                    make_person(connection, institution, login, login.title(), role, PASSWORD)
        yield Town(client, site)
