"""Two institutions with people, and browsers signed in to them: what tests of the website share."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.testclient import TestClient

from gangmu.web.site import Site

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


def secret_of(browser: TestClient, path: str = "/enterprises") -> str:
    """The secret that the forms of this session carry."""
    [first, *_] = re.findall(r'name="csrf" value="([^"]+)"', browser.get(path).text)
    return str(first)
