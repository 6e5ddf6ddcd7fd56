"""What holds for every route there is, so that a new one cannot be forgotten.

The routes are asked of the application itself: whoever adds one has it tested here, or has to say below why
it is different.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from gangmu.web import pages
from gangmu.web.desk import Desk
from gangmu.web.people import Person, make_institution, make_person, make_token, sign_in
from town import PASSWORD, Town, institution_of, secret_of

ROLES = ("reader", "enterprise", "analyst", "editor", "administrator")
OPEN = (
    "/",
    "/plan",
    "/provinces",
    "/tasks",
    "/rulebook",
    "/rules",
    "/template",
    "/sign-in",
    "/api",
    "/api/v1/books",
)
"""Where anybody may go: what was published, and the door."""

FORMS_OF_STRANGERS = ("/sign-in",)  # a form that nobody has a session for yet
ASKING = (
    "/api/v1/assess",
    "/api/v1/decide",
    "/api/v1/explain",
    "/api/v1/channels",
    "/api/v1/due",
    "/api/v1/reform",
)


@dataclass
class Two:
    """A bank with something kept, and people of another bank, one a role."""

    town: Town
    ids: dict[str, str] = field(default_factory=dict)
    strangers: dict[str, TestClient] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def two(town: Town) -> Two:
    found = Two(town)
    ann = town.visitor("ann")
    made = ann.post("/enterprises", data={"csrf": secret_of(ann), "name": "Secret Shipyard"})
    found.ids["enterprises"] = made.headers["location"].rpartition("/")[2]
    sent = ann.post(
        "/portfolios",
        data={"csrf": secret_of(ann), "name": "Secret Portfolio"},
        files={"file": ("firms.csv", b"enterprise,staff\nA,60\n", "text/csv")},
    )
    found.ids["portfolios"] = sent.headers["location"].rpartition("/")[2]
    with town.site.database.begin() as connection:
        institution = make_institution(connection, "Other Bank")
        for role in ROLES:
            make_person(connection, institution, f"other-{role}", role, role, PASSWORD)
    for role in ROLES:
        found.strangers[role] = town.visitor(f"other-{role}")
        key = sign_in(town.site.database, f"other-{role}", PASSWORD)
        with town.site.database.begin() as connection:
            person = Person(key, role, role, role, institution, "Other Bank")
            found.tokens[role] = make_token(connection, person, "t", "write", 1)
    page = "# Secret Policy\n"
    with town.site.database.begin() as connection:
        mine = sign_in(town.site.database, "ann", PASSWORD)
        person = Person(mine, "ann", "ann", "editor", institution_of(connection, "ann"), "North Bank")
        found.ids["rulebooks"] = Desk(connection, person).add_overlay("Secret Rules", "cn", page, 0)
    kept = ann.post(
        "/account/tokens", data={"csrf": secret_of(ann), "name": "Secret Token", "scope": "read", "days": "1"}
    )
    [found.ids["account"], *_] = re.findall(r'action="/account/tokens/([0-9a-f-]{36})"', kept.text)
    boss = town.visitor("boss")
    [found.ids["people"], *_] = re.findall(r'action="/people/([0-9a-f-]{36})"', boss.get("/people").text)
    return found


def routes(town: Town) -> list[tuple[str, str]]:
    """Every method and path of the application: its pages, and what its schema describes."""
    app = town.client.app
    listed = [one for one in app.routes if isinstance(one, APIRoute)]  # type: ignore[attr-defined]
    found = {(method, one.path) for one in listed for method in one.methods or ()}
    described = app.openapi()["paths"]  # type: ignore[attr-defined]
    return sorted(found | {(method.upper(), path) for path, verbs in described.items() for method in verbs})


def filled(path: str, ids: dict[str, str]) -> str:
    """A path with ids that exist, of the bank that owns them."""
    kind = path.removeprefix("/api/v1").split("/")[1]
    path = path.replace("{key}", ids.get(kind, "")).replace("{other}", ids.get(kind, ""))
    stands = {
        "row:int": "0",
        "rule": "hnte",
        "task": "t01",
        "page": "recognition/hnte",
        "name": "hnte",
        "book": "cn",
    }
    return re.sub(
        r"\{([^}:]+)(?::path)?\}|\{(row:int)\}",
        lambda found: stands.get(found[1] or found[2], found[0]),
        path,
    )


def test_nothing_with_an_id_is_seen_by_another_institution(two: Two) -> None:
    """Page, JSON and API; every role; ids that exist: as if they did not."""
    seen = 0
    for method, path in routes(two.town):
        if not re.search(r"\{(key|other)\}", path):
            continue
        seen += 1
        url = filled(path, two.ids)
        assert "{" not in url, f"{path}: say in `filled` what stands in it"
        for role, browser in two.strangers.items():
            body = {"csrf": _csrf(two, role), "version": "1", "active": "yes"}
            headers = {"accept": "application/json"}
            if path.startswith("/api/"):
                headers["authorization"] = f"Bearer {two.tokens[role]}"
                asked = {"tables": {}, "version": 1} if method == "PUT" else {}
                told = browser.request(
                    method, url, json=asked or ({} if method == "POST" else None), headers=headers
                )
            else:
                told = browser.request(method, url, data=body if method == "POST" else None, headers=headers)
            assert told.status_code in {403, 404}, (method, url, role, told.status_code, told.text[:300])
            assert "Secret" not in told.text
    assert seen > 20


def test_lists_and_searches_show_nothing_of_another(two: Two) -> None:
    for method, path in routes(two.town):
        if method != "GET" or "{" in path or path in {"/template", "/template.json"}:
            continue
        for role in ("analyst", "administrator"):
            asked = {"q": "Secret", "search": "Secret", "one": str(uuid.uuid4()) if "compare" in path else ""}
            told = two.strangers[role].get(path, params=asked)
            assert told.status_code < 500, (path, told.text[:300])
            assert "Shipyard" not in told.text, path
            assert "Secret Portfolio" not in told.text, path


def test_nobody_sees_what_is_kept_without_an_account(two: Two) -> None:
    for method, path in routes(two.town):
        plain = path.removesuffix(".json")
        if any(plain == one or (one != "/" and plain.startswith(f"{one}/")) for one in (*OPEN, "/index")):
            continue
        if path == "/api/openapi.json" or plain.startswith(("/static/", "/sign-in")):
            continue
        headers = {"accept": "application/json"}
        asked: dict[str, object] = {"facts": {}} if path.startswith(ASKING) else {}
        url = filled(path, two.ids)
        told = two.town.visitor().request(
            method, url, json=asked if method in {"POST", "PUT"} else None, headers=headers
        )
        assert told.status_code in {401, 403, 422}, (method, path, told.status_code)
        assert "Secret" not in told.text


@pytest.mark.parametrize("path", [one for one in pages.ACTIONS if one not in FORMS_OF_STRANGERS])
def test_every_form_carries_the_secret_of_its_session(two: Two, path: str) -> None:
    """Without it, with another's, or from another site: refused, and nothing is done."""
    boss = two.town.visitor("boss")
    url = filled(path, two.ids)
    foreign = {"origin": "https://evil.example"}
    secret = secret_of(boss)
    for data, headers in (
        ({}, {}),
        ({"csrf": _csrf(two, "administrator")}, {}),
        ({"csrf": secret}, foreign),
        ({"csrf": secret}, {"sec-fetch-site": "cross-site"}),
    ):
        assert boss.post(url, data=data, headers=headers).status_code == 403, (path, data, headers)
    assert boss.get("/account").status_code == 200


def test_a_session_changes_nothing_over_the_api_without_its_secret(two: Two) -> None:
    boss = two.town.visitor("boss")
    for method, path in routes(two.town):
        if not path.startswith("/api/v1/") or method == "GET":
            continue
        keeping = {"version": 1, "tables": {}} if method == "PUT" else {"name": "x"}
        body: dict[str, object] = {"facts": {}} if path.startswith(ASKING) else {**keeping}
        if path.endswith("/reform"):
            body = {"enterprises": [{}]} if path == "/api/v1/reform" else {}
        if "indices" in path:
            body = {"rows": [{"unit": "A"}]}
        query = {"file_name": "a.csv"} if path == "/api/v1/portfolios" else None
        told = boss.request(method, filled(path, two.ids), json=body, params=query)
        assert told.status_code == 403, (method, path, told.status_code, told.text[:200])


MAY = {
    "/enterprises": {"enterprise", "analyst", "editor", "administrator"},
    "/due": {"enterprise", "analyst", "editor", "administrator"},
    "/portfolios": {"analyst", "editor", "administrator"},
    "/rulebooks": {"analyst", "editor", "administrator"},
    "/people": {"administrator"},
    "/audit": {"administrator"},
    "/account": set(ROLES),
    "/api/v1/enterprises": {"enterprise", "analyst", "editor", "administrator"},
    "/api/v1/portfolios": {"analyst", "editor", "administrator"},
}


@pytest.mark.parametrize("path", MAY)
@pytest.mark.parametrize("role", ROLES)
def test_each_role_enters_only_its_own_rooms(two: Two, path: str, role: str) -> None:
    told = two.strangers[role].get(path)
    assert told.status_code == (200 if role in MAY[path] else 403)


def _csrf(two: Two, role: str) -> str:
    found = re.findall(r'name="csrf" value="([^"]+)"', two.strangers[role].get("/account").text)
    return str(found[0])
