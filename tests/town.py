"""Two institutions with people, and browsers signed in to them: what tests of the website share."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Connection, select
from starlette.testclient import TestClient

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


def secret_of(browser: TestClient, path: str = "/enterprises") -> str:
    """The secret that the forms of this session carry."""
    [first, *_] = re.findall(r'name="csrf" value="([^"]+)"', browser.get(path).text)
    return str(first)
