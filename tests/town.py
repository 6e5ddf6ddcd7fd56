"""Two institutions with people, and browsers signed in to them: what tests of the website share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, select
from starlette.testclient import TestClient

from gangmu.web.app import create_app
from gangmu.web.people import make_institution, make_person
from gangmu.web.settings import Settings
from gangmu.web.site import Site
from gangmu.web.store.tables import people

PASSWORD = "correct horse battery"  # noqa: S105  of accounts that live as long as a test


@dataclass
class Town:
    """Two institutions with an account each, and the application that serves both."""

    client: TestClient
    site: Site

    def visitor(self, login: str = "") -> TestClient:
        """A browser of its own, signed in if a login is given."""
        browser = TestClient(self.client.app, headers={"accept": "text/html"}, follow_redirects=False)
        if login:
            told = browser.post("/sign-in", data={"login": login, "password": PASSWORD, "to": "/"})
            assert told.status_code == 303, told.text
        return browser


def institution_of(connection: Connection, login: str) -> str:
    """The institution of an account."""
    asked = select(people.c.institution).where(people.c.login == login)
    return str(connection.execute(asked).scalar_one())


@contextmanager
def settled(settings: Settings) -> Iterator[Town]:
    """Two banks with their people, served."""
    app = create_app(settings)
    with TestClient(app, headers={"accept": "text/html"}, follow_redirects=False) as client:
        site = app.state.site
        with site.database.begin() as connection:
            for name, logins in (("North Bank", ("ann", "boss")), ("South Bank", ("bob",))):
                institution = make_institution(connection, name)
                for login in logins:
                    role = "administrator" if login == "boss" else "analyst"
                    make_person(connection, institution, login, login.title(), role, PASSWORD)
        yield Town(client, site)


def secret_of(browser: TestClient, path: str = "/enterprises") -> str:
    """The secret that the forms of this session carry."""
    [first, *_] = re.findall(r'name="csrf" value="([^"]+)"', browser.get(path).text)
    return str(first)
