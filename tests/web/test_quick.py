"""The short way to a decision answers as the long one does, and lets nobody in whom that would not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, update

from gangmu.web.api import quick
from gangmu.web.desk import Desk
from gangmu.web.pace import Pace
from gangmu.web.people import Person, make_token
from gangmu.web.settings import Settings
from gangmu.web.store import tables
from serving import tiny_book
from town import Town, secret_of, settled

ASKED = {"facts": {"enterprise": {"staff": 300}}, "rules": ["large", "levy"], "as_of": "2026-06-30"}
PROGRAM = {"accept": "application/json"}


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("bank")
    made = Settings(
        data=folder / "data", books=(str(tiny_book(folder)),), requests_a_minute=100_000,
        account_requests_a_minute=100_000,
    )  # fmt: skip
    with settled(made) as found:
        yield found


@pytest.fixture
def token(bank: Town) -> str:
    with bank.site.database.begin() as connection:
        return make_token(connection, person(bank, "ann"), "t", "read", 1)


def person(bank: Town, login: str) -> Person:
    """Somebody of the bank."""
    with bank.site.database.begin() as connection:
        row = connection.execute(tables.people.select().where(tables.people.c.login == login)).one()
    return Person(row.id, login, login, row.role, row.institution, "North Bank")


def ask(bank: Town, token: str, body: Any = ASKED) -> Any:  # noqa: ANN401  a response
    """A decision for a token."""
    headers = PROGRAM | {"authorization": f"Bearer {token}"}
    return bank.visitor().post("/api/v1/decide", json=body, headers=headers)


@pytest.fixture(autouse=True)
def ways(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Which way each question went: True for the short one."""
    seen: list[bool] = []
    told = quick.Quick._told  # noqa: SLF001  what is watched

    async def watched(self: quick.Quick, authorization: bytes, body: bytes) -> bytes | None:
        found = await told(self, authorization, body)
        seen.append(found is not None)
        return found

    monkeypatch.setattr(quick.Quick, "_told", watched)
    return seen


def test_both_ways_answer_alike(bank: Town, token: str, ways: list[bool]) -> None:
    for facts in ({"staff": 300}, {"staff": 299}, {}, {"staff": "n/a"}, {"staff": "299.5"}):
        bank.site.ready = type(bank.site.ready)(64)
        asked = ASKED | {"facts": {"enterprise": facts}}
        long, short = (ask(bank, token, asked) for _ in range(2))
        assert long.json() == short.json()
        assert (long.status_code, long.headers["content-type"]) == (
            short.status_code,
            short.headers["content-type"],
        )
        assert short.headers["content-security-policy"] == long.headers["content-security-policy"]
    assert ways[:4] == [False, True, False, True]


def test_what_is_wrong_is_said_by_the_long_way(bank: Town, token: str, ways: list[bool]) -> None:
    unknown = {"facts": {"enterprise": {"staf": 1}}}
    wrong: list[Any] = [ASKED | {"no": 1}, ASKED | unknown, ASKED | {"rules": ["no"]}, []]
    for body in wrong:
        ask(bank, token)
        told = ask(bank, token, body)
        assert (told.status_code, told.headers["content-type"]) == (422, "application/problem+json")
        assert ways.pop() is False


def test_a_token_that_ended_or_was_taken_away_decides_nothing(bank: Town, token: str) -> None:
    table = tables.tokens
    assert [ask(bank, token).status_code for _ in range(3)] == [200] * 3
    with bank.site.database.begin() as connection:
        connection.execute(update(table).values(ends=table.c.made))
    assert ask(bank, token).status_code == 401
    with bank.site.database.begin() as connection:
        token = make_token(connection, person(bank, "ann"), "t", "read", 1)
    assert [ask(bank, token).status_code for _ in range(3)] == [200] * 3
    with bank.site.database.begin() as connection:
        connection.execute(delete(table))
    assert ask(bank, token).status_code == 401


def test_a_closed_account_decides_nothing(bank: Town) -> None:
    bob, boss = person(bank, "bob"), person(bank, "boss")
    with bank.site.database.begin() as connection:
        token = make_token(connection, bob, "t", "read", 1)
    assert [ask(bank, token).status_code for _ in range(3)] == [200] * 3
    with bank.site.database.begin() as connection:
        Desk(connection, replace(boss, institution=bob.institution)).set_active(bob.id, active=False)
    assert ask(bank, token).status_code == 401


def test_an_account_decides_so_often(bank: Town, token: str, ways: list[bool]) -> None:
    ask(bank, token)
    bank.site.pace = Pace(3)
    assert [ask(bank, token).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert ways[1:] == [True, True, True, False]
    bank.site.pace = Pace(100_000)


def test_a_browser_still_needs_the_secret_of_its_session(bank: Town, token: str) -> None:
    ask(bank, token)
    ann = bank.visitor("ann")
    assert ann.post("/api/v1/decide", json=ASKED, headers=PROGRAM).status_code == 403
    with_secret = PROGRAM | {"x-csrf": secret_of(ann)}
    assert ann.post("/api/v1/decide", json=ASKED, headers=with_secret).status_code == 200
    assert bank.visitor().post("/api/v1/decide", json=ASKED, headers=PROGRAM).status_code == 401
