"""People change their own password and end their own sessions; who has forgotten theirs is given another."""

from __future__ import annotations

import re
from itertools import count

import pytest
from sqlalchemy import insert
from starlette.testclient import TestClient

from gangmu.web.people import MIN_PASSWORD, SignInError, make_person, sign_in, unfit
from gangmu.web.store import tables
from gangmu.web.store.database import now
from town import PASSWORD, Town, institution_of, secret_of

NEW = "staple under the pier"
_numbers = count(1)


def newcomer(town: Town) -> str:
    """The login of a new account at the North Bank, with the password of all."""
    login = f"newcomer{next(_numbers)}"
    with town.site.database.begin() as connection:
        make_person(connection, institution_of(connection, "ann"), login, "New", "analyst", PASSWORD)
    return login


def change(browser: TestClient, before: str, after: str) -> int:
    """Ask for another password; the status of the answer."""
    sent = {"csrf": secret_of(browser, "/account"), "before": before, "after": after}
    return browser.post("/account/password", data=sent).status_code


def actions(town: Town, kind: str = "person") -> list[str]:
    """What the log says was done, the last first."""
    log = town.visitor("boss").get("/audit.json").json()["entries"]
    return [one["action"] for one in log if one["kind"] == kind and one["login"] != "boss"]


def test_a_new_password_opens_the_old_does_not_and_other_sessions_are_over(town: Town) -> None:
    login = newcomer(town)
    here, there = town.visitor(login), town.visitor(login)
    assert change(here, PASSWORD, NEW) == 303
    assert here.get("/enterprises").status_code == 200
    assert there.get("/account.json").status_code == 401
    assert actions(town)[0] == "change password"
    with pytest.raises(SignInError):
        sign_in(town.site.database, login, PASSWORD)
    assert sign_in(town.site.database, login, NEW)


def test_a_password_is_changed_by_whoever_knows_the_present_one(town: Town) -> None:
    """Guesses count as those at sign-in do: after five the account waits."""
    login = newcomer(town)
    browser = town.visitor(login)
    assert {change(browser, f"guess {number} of five", NEW) for number in range(5)} == {401}
    assert actions(town)[0] == "change password, refused"
    assert change(browser, PASSWORD, NEW) == 401
    with pytest.raises(SignInError, match="too many"):
        sign_in(town.site.database, login, PASSWORD)


def test_a_token_changes_no_password_and_ends_no_session(town: Town) -> None:
    browser = town.visitor(newcomer(town))
    csrf = secret_of(browser, "/account")
    made = browser.post("/account/tokens", data={"csrf": csrf, "name": "t", "scope": "write", "days": "1"})
    [token] = re.findall(r"gangmu_[\w-]{20,}", made.text)
    headers = {"authorization": f"Bearer {token}"}
    sent = {"csrf": csrf, "before": PASSWORD, "after": NEW, "password": PASSWORD}
    for path in ("/account/password", "/account/sessions"):
        assert town.visitor().post(path, data=sent, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "password",
    ["short", "x" * 257, "aaaaaaaaaaaaaaaa", "North Bank 1234", "LOGIN-LOGIN-1", "gangmu-gangmu-1"],
)
def test_what_everybody_would_try_first_is_no_password(town: Town, password: str) -> None:
    login = newcomer(town)
    browser = town.visitor(login)
    assert change(browser, PASSWORD, password.replace("LOGIN", login)) == 422
    assert change(browser, PASSWORD, NEW) == 303


def test_words_that_belong_to_nobody_are_a_password() -> None:
    """Neither kinds of characters nor their number beyond the least are asked for."""
    words = ("ann", "Ann", "North Bank", "")
    assert not unfit("correct horse battery", words)
    assert not unfit("正确的马匹电池订书钉与纸张", words)
    assert not unfit("ann and the north bank of the river", words)
    assert [one.code for one in unfit("x" * (MIN_PASSWORD - 1), words)] == ["password-short"]
    assert [one.code for one in unfit("annannannann", words)] == ["password-plain"]


def test_somebody_ends_sessions_of_their_own(town: Town) -> None:
    """With the password; what is another's stays, and so does what was not chosen."""
    login = newcomer(town)
    here, there, third = (town.visitor(login) for _ in range(3))
    stranger = town.visitor("bob")
    shown = here.get("/account.json").json()["sessions"]
    assert [one["here"] for one in shown].count(True) == 1
    assert len(shown) == 3
    theirs = [one["id"] for one in stranger.get("/account.json").json()["sessions"]]
    [not_this] = [one["id"] for one in third.get("/account.json").json()["sessions"] if one["here"]]
    [this] = [one["id"] for one in there.get("/account.json").json()["sessions"] if one["here"]]
    sent = {"csrf": secret_of(here, "/account"), "session": [this, *theirs], "password": "a wrong one"}
    assert here.post("/account/sessions", data=sent).status_code == 401
    assert there.get("/account.json").status_code == 200
    assert here.post("/account/sessions", data=sent | {"password": PASSWORD}).status_code == 303
    assert there.get("/account.json").status_code == 401
    for browser in (here, third, stranger):
        assert browser.get("/account.json").status_code == 200
    assert not_this in here.get("/account").text
    assert actions(town)[:2] == ["end sessions", "end sessions, refused"]


def test_who_has_forgotten_a_password_is_given_another(town: Town) -> None:
    """Shown once to the administrator, who does not choose it; sessions are over, and the log says who."""
    login = newcomer(town)
    browser, boss = town.visitor(login), town.visitor("boss")
    [key] = [one["id"] for one in boss.get("/people.json").json()["people"] if one["login"] == login]
    path, csrf = f"/people/{key}/password", secret_of(boss, "/people")
    assert browser.post(path, data={"csrf": secret_of(browser, "/account")}).status_code == 403
    told = boss.post(path, data={"csrf": csrf})
    [password] = re.findall(r'<code class="token">([\w-]{20,})</code>', told.text)
    assert browser.get("/account.json").status_code == 401
    assert password not in boss.get("/people").text
    assert sign_in(town.site.database, login, password)
    log = boss.get("/audit.json").json()["entries"]
    assert ("boss", "new password", key) in [(one["login"], one["action"], one["object"]) for one in log]


def test_who_signs_in_elsewhere_has_no_password_here(town: Town) -> None:
    """None to change, none to be given, none asked for to end a session."""
    login = newcomer(town)
    here, there, boss = town.visitor(login), town.visitor(login), town.visitor("boss")
    with town.site.database.begin() as connection:
        table = tables.people
        connection.execute(table.update().where(table.c.login == login).values(password=""))
        [key] = connection.execute(table.select().where(table.c.login == login)).scalars()
        issuer = {"issuer": "https://idp.example", "subject": login, "person": key, "made": now()}
        whose = {"institution": institution_of(connection, login), "used": now()}
        connection.execute(insert(tables.identities).values(issuer | whose))
    assert 'action="/account/password"' not in here.get("/account").text
    assert change(here, "", NEW) == 401
    path = f"/people/{key}/password"
    assert path not in boss.get("/people").text
    assert boss.post(path, data={"csrf": secret_of(boss, "/people")}).status_code == 404
    [this] = [one["id"] for one in there.get("/account.json").json()["sessions"] if one["here"]]
    sent = {"csrf": secret_of(here, "/account"), "session": this}
    assert here.post("/account/sessions", data=sent).status_code == 303
    assert there.get("/account.json").status_code == 401
