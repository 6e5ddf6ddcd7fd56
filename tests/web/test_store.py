"""What is kept, on SQLite and on a real PostgreSQL alike: the schema, who sees what, two at the same time."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from argon2 import PasswordHasher
from sqlalchemy import insert, inspect, select, text, update

from gangmu.errors import GangmuError
from gangmu.web.desk import ChangedMeanwhileError, Desk, NotAllowedError, NotFoundError
from gangmu.web.people import (
    FREE_FAILURES,
    Person,
    SignInError,
    by_session,
    by_token,
    make_institution,
    make_person,
    make_token,
    open_session,
    sign_in,
)
from gangmu.web.presence import Presence
from gangmu.web.queue import ATTEMPTS, claim, take_up
from gangmu.web.settings import Settings
from gangmu.web.store import tables
from gangmu.web.store.database import Database, now
from serving import tiny_book, until
from town import PASSWORD, secret_of, settled

FILE = {"digest": "ab" * 32, "name": "firms.csv", "size": 3}
HASHED = PasswordHasher().hash(PASSWORD)
HOUR, IDLE = timedelta(hours=1), timedelta(minutes=30)


@dataclass
class Store:
    """A database with two banks in it, and an analyst and an administrator of each."""

    settings: Settings
    database: Database
    people: dict[str, Person]

    def at(self, login: str, ask: Callable[[Desk], Any]) -> Any:  # noqa: ANN401  whatever is asked
        """What somebody does at their desk, in one transaction."""
        with self.database.begin() as connection:
            return ask(Desk(connection, self.people[login]))


@pytest.fixture
def store(empty: str, tmp_path: Path) -> Iterator[Store]:
    with opened(Settings(data=tmp_path, database=empty)) as found:
        yield found


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    """A database with the two banks."""
    made = Store(settings, Database(settings), {})
    with made.database.begin() as connection:
        for bank, logins in (("North Bank", ("ann", "anna")), ("South Bank", ("bob", "bobby"))):
            institution = make_institution(connection, bank)
            for login, role in zip(logins, ("analyst", "administrator"), strict=True):
                key = f"{login}-of-{institution}"[:36]
                row = {"id": key, "institution": institution, "login": login, "name": login, "role": role}
                kept = {"password": HASHED, "active": True, "failures": 0, "made": now()}
                connection.execute(insert(tables.people).values(row | kept))
                made.people[login] = Person(key, login, login, role, institution, bank)
    yield made
    made.database.close()


def differences(database: Database) -> list[Any]:
    """Where the schema is not that of the code."""
    with database.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, tables.metadata))


# ---------------------------------------------------------------------------------------------- the schema


def test_the_schema_goes_up_and_down_and_up_again(empty: str, tmp_path: Path) -> None:
    database = Database(Settings(data=tmp_path, database=empty))
    assert differences(database) == []
    database.migrate("base")
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
    database.migrate()
    assert differences(database) == []
    database.close()


def test_what_ran_under_an_older_schema_waits_under_this_one(store: Store) -> None:
    key = add(store)
    store.database.migrate("0002")
    with store.database.begin() as connection:
        connection.execute(text("UPDATE portfolios SET state = 'running'"))
    store.database.migrate()
    assert store.at("ann", lambda desk: desk.portfolio(key))["state"] == "waiting"
    assert differences(store.database) == []


AT_ONCE = """
    import sys, time
    from pathlib import Path
    from gangmu.web.queue import claim
    from gangmu.web.settings import Settings
    from gangmu.web.store.database import Database

    data, url, me = sys.argv[1:]
    settings = Settings(data=Path(data), database=url)

    def together(what):
        (settings.data / f"{what}-{me}").touch()
        while not (settings.data / what).exists():
            time.sleep(0.001)

    together("open")
    database = Database(settings)
    together("claim")
    while True:
        with database.begin() as connection:
            row = claim(connection, me)
        if row is None:
            break
        print(row["id"], flush=True)
    database.close()
"""
"""Opens an empty database, then takes work, each when it is told to."""


def test_two_processes_make_one_schema_and_never_take_the_same_work(empty: str, tmp_path: Path) -> None:
    made = Settings(data=tmp_path, database=empty)
    command = [sys.executable, "-c", textwrap.dedent(AT_ONCE), str(tmp_path), empty]
    environment = {"PYTHONPATH": ":".join(filter(None, sys.path))}
    running = [
        subprocess.Popen([*command, me], env=environment, stdout=subprocess.PIPE, text=True)
        for me in ("one", "two")
    ]

    def together(what: str) -> None:
        until(lambda: all((tmp_path / f"{what}-{me}").exists() for me in ("one", "two")))
        (tmp_path / what).touch()

    together("open")
    until(lambda: all((tmp_path / f"claim-{me}").exists() for me in ("one", "two")))
    with opened(made) as store:
        assert differences(store.database) == []
        wanted = [add(store) for _ in range(60)]
        together("claim")
        one, two = (process.communicate(timeout=60)[0].split() for process in running)
        assert [process.returncode for process in running] == [0, 0]
        assert one
        assert two
        assert Counter(one + two) == Counter(wanted)
        with store.database.begin() as connection:
            asked = select(tables.portfolios.c.state, tables.portfolios.c.attempts).distinct()
            assert [tuple(row) for row in connection.execute(asked)] == [("running", 1)]


def add(store: Store) -> str:
    """A portfolio that waits."""
    return str(store.at("ann", lambda desk: desk.add_portfolio("p", "cn", FILE, "2026-06-30", [])))


# ------------------------------------------------------------------------------------------ background work


def test_only_the_work_of_a_server_that_has_ended_is_taken_up(store: Store, tmp_path: Path) -> None:
    for _ in range(2):
        add(store)
    here, there, gone = (Presence(tmp_path / "servers") for _ in range(3))
    with store.database.begin() as connection:
        rows = [claim(connection, server.key) for server in (there, gone)]
        assert all(rows)
        take_up(connection, here)
        assert claim(connection, here.key) is None
        gone.leave()
        take_up(connection, here)
        again = claim(connection, here.key)
        assert again is not None
        assert again["id"] == rows[1]["id"]  # type: ignore[index]
        take_up(connection, here)  # it lost its database amid this one, say
        assert claim(connection, here.key) is not None
        assert claim(connection, here.key) is None
    for server in (here, there):
        server.leave()


def test_work_that_never_comes_further_fails(store: Store, tmp_path: Path) -> None:
    key = add(store)
    last = Presence(tmp_path / "servers")
    for _ in range(ATTEMPTS):
        with store.database.begin() as connection:
            assert claim(connection, "a server that was killed")
            take_up(connection, last)
    with store.database.begin() as connection:
        assert claim(connection, last.key) is None
    found = store.at("ann", lambda desk: desk.portfolio(key))
    assert (found["state"], found["problems"][0]["code"]) == ("failed", "work-stopped")
    last.leave()


# ---------------------------------------------------------------------------------------------- who sees what


def test_a_desk_has_nothing_of_another_institution(store: Store) -> None:
    """Every function of a desk is tried by both roles of the other bank: a new one has to be named here."""
    firm = store.at("ann", lambda desk: desk.add_enterprise("Secret", "cn", {}))
    portfolio = store.at("ann", lambda desk: desk.add_portfolio("Secret", "cn", FILE, "2026-06-30", []))
    upload = store.at("ann", lambda desk: desk.portfolio(portfolio))["file"]
    store.people["edith"] = replace(store.people["ann"], role="editor")
    overlay = store.at("edith", lambda desk: desk.add_overlay("Secret", "cn", "# Secret", 1))
    store.at("ann", lambda desk: desk.keep_draft(firm, "Secret", {}, 1))
    colleague = store.people["ann"].id
    refused: dict[str, Callable[[Desk], object]] = {
        "enterprise": lambda desk: desk.enterprise(firm),
        "save_facts": lambda desk: desk.save_facts(firm, {}, 1),
        "versions": lambda desk: desk.versions(firm),
        "drop_enterprise": lambda desk: desk.drop_enterprise(firm),
        "keep_draft": lambda desk: desk.keep_draft(firm, "", {}, 1),
        "drop_draft": lambda desk: desk.drop_draft(firm),
        "overlay": lambda desk: desk.overlay(overlay),
        "drop_overlay": lambda desk: desk.drop_overlay(overlay),
        "portfolio": lambda desk: desk.portfolio(portfolio),
        "drop_portfolio": lambda desk: desk.drop_portfolio(portfolio),
        "upload": lambda desk: desk.upload(upload),
        "set_active": lambda desk: desk.set_active(colleague, active=False),
        "new_password": lambda desk: desk.new_password(colleague),
    }
    lists: dict[str, Callable[[Desk], object]] = {
        "enterprises": lambda desk: desk.enterprises() + desk.enterprises("Secret"),
        "every_enterprise": lambda desk: desk.every_enterprise(),
        "overlays": lambda desk: desk.overlays(),
        "portfolios": lambda desk: desk.portfolios(),
        "draft": lambda desk: desk.draft(firm) or [],
        "people": lambda desk: [one for one in desk.people() if not one["login"].startswith("bob")],
        "audit": lambda desk: [one for one in desk.audit() if one["institution"] != desk.person.institution],
        "counts": lambda desk: [number for number in desk.counts().values() if number],
    }
    making = {"need", "add_enterprise", "add_portfolio", "add_overlay"}
    assert making | refused.keys() | lists.keys() == {
        name for name, one in vars(Desk).items() if callable(one) and not name.startswith("_")
    }
    for login in ("bob", "bobby"):
        for ask in refused.values():
            with pytest.raises((NotFoundError, NotAllowedError)):
                store.at(login, ask)
        for name, ask in lists.items():
            if login == "bobby" or name not in {"people", "audit"}:
                assert store.at(login, ask) == [], name
    assert store.at("ann", lambda desk: desk.enterprise(firm))["version"] == 1
    assert store.at("anna", lambda desk: {one["login"]: one["active"] for one in desk.people()})["ann"]


def test_an_enterprise_of_ones_own_is_all_that_its_account_sees(store: Store) -> None:
    firm = store.at("ann", lambda desk: desk.add_enterprise("Another's", "cn", {}))
    store.people["firm"] = replace(
        store.people["bob"], institution=store.people["ann"].institution, role="enterprise"
    )
    own = store.at("firm", lambda desk: desk.add_enterprise("My own", "cn", {}))
    assert [one["id"] for one in store.at("firm", lambda desk: desk.enterprises())] == [own]
    with pytest.raises(NotFoundError):
        store.at("firm", lambda desk: desk.enterprise(firm))
    with pytest.raises(NotAllowedError):
        store.at("firm", lambda desk: desk.portfolios())


def test_a_day_at_the_bank(empty: str, tmp_path: Path) -> None:
    """Through the website: kept, saved, found, worked out, logged; the other bank sees none of it."""
    made = Settings(data=tmp_path / "data", database=empty, books=(str(tiny_book(tmp_path)),))
    with settled(made) as town:
        ann, bob, boss = (town.visitor(login) for login in ("ann", "bob", "boss"))
        csrf = secret_of(ann)
        url = ann.post("/enterprises", data={"csrf": csrf, "name": "港 100% Harbour_"}).headers["location"]
        facts = {"csrf": csrf, "version": "1", "f.enterprise.0.staff": "300"}
        assert ann.post(f"{url}/answers", data=facts).status_code < 400
        assert ann.post(url, data=facts).status_code == 303
        assert ann.get(f"{url}.json").json()["facts"] == {"enterprise": [{"staff": "300"}]}
        file = {"file": ("firms.csv", b"enterprise,staff\nA,300\nB,299\n")}
        sent = ann.post("/portfolios", data={"csrf": csrf, "name": "港 Portfolio"}, files=file)
        portfolio = sent.headers["location"]

        def ended() -> Any:  # noqa: ANN401  JSON
            found = ann.get(f"/api/v1{portfolio}").json()
            return found if found["state"] in {"done", "failed"} else None

        told = until(ended)
        assert told["summary"]["counts"]["large"] == {"true": 1, "false": 1}, told["problems"]
        for search in ("100%", "harbour_", "港"):
            assert "Harbour_" in ann.get("/enterprises", params={"q": search}).text
            assert "Harbour_" not in bob.get("/enterprises", params={"q": search}).text
        assert "Harbour_" not in ann.get("/enterprises", params={"q": "100_"}).text
        of_portfolio = ("", ".json", "/rows/0", "/download")
        for path in (url, f"{url}.json", f"{url}/changes", *(f"{portfolio}{one}" for one in of_portfolio)):
            assert bob.get(path).status_code == 404, path
            assert ann.get(path).status_code == 200, path
        assert bob.post(f"{portfolio}/delete", data={"csrf": secret_of(bob)}).status_code == 404
        assert ann.post(f"{portfolio}/delete", data={"csrf": csrf}).headers["location"] == "/portfolios"
        assert ann.get(portfolio).status_code == 404
        assert not list(made.results.glob("*.parquet"))
        logged = boss.get("/audit.json").json()["entries"]
        assert {"add", "change", "read", "delete", "sign in"} <= {one["action"] for one in logged}


# ---------------------------------------------------------------------------------------- at the same time


def at_once(many: int, do: Callable[[int], object]) -> list[object]:
    """What comes of doing the same so many times at once: results and errors."""

    def one(number: int) -> object:
        try:
            return do(number)
        except GangmuError as error:
            return error

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(one, range(many)))


def test_of_those_who_save_at_once_one_is_told_to_look_again(store: Store) -> None:
    firm = store.at("ann", lambda desk: desk.add_enterprise("Harbour", "cn", {}))
    facts = {"enterprise": [{"staff": "60"}]}
    told = at_once(4, lambda _: store.at("ann", lambda desk: desk.save_facts(firm, facts, 1)))
    assert sorted(map(type, told), key=str) == sorted([int, *[ChangedMeanwhileError] * 3], key=str)
    assert [one["version"] for one in store.at("ann", lambda desk: desk.versions(firm))] == [2, 1]


def test_an_upload_is_kept_until_no_portfolio_names_it(store: Store) -> None:
    first, second = add(store), add(store)
    file = store.at("ann", lambda desk: desk.portfolio(first))["file"]
    store.at("ann", lambda desk: desk.drop_portfolio(first))
    assert store.at("ann", lambda desk: desk.upload(file))["name"] == FILE["name"]
    store.at("ann", lambda desk: desk.drop_portfolio(second))
    with pytest.raises(NotFoundError):
        store.at("ann", lambda desk: desk.upload(file))
    with pytest.raises(NotFoundError):
        store.at("ann", lambda desk: desk.portfolio(second))
    done = [(one["action"], one["kind"]) for one in store.at("anna", lambda desk: desk.audit())]
    assert done.count(("delete", "portfolio")) == 2


def test_an_upload_that_is_named_anew_while_it_is_deleted_stays(store: Store) -> None:
    key = add(store)

    def change(number: int) -> object:
        return add(store) if number else store.at("ann", lambda desk: desk.drop_portfolio(key))

    for _ in range(20):
        assert [isinstance(one, GangmuError) for one in at_once(2, change)] == [False, False]
        [left] = store.at("ann", Desk.portfolios)
        key = left["id"]
        with store.database.begin() as connection:
            assert connection.execute(select(tables.files.c.id)).scalars().all() == [left["file"]]


def test_the_same_upload_twice_at_once_is_one_file(store: Store) -> None:
    assert all(isinstance(one, str) for one in at_once(6, lambda _: add(store)))
    assert len({one["file"] for one in store.at("ann", lambda desk: desk.portfolios())}) == 1


def test_the_same_login_twice_at_once_is_one_account(store: Store) -> None:
    def make(_: int) -> object:
        with store.database.begin() as connection:
            return make_person(connection, store.people["ann"].institution, "carl", "C", "reader", PASSWORD)

    assert sorted(type(one).__name__ for one in at_once(3, make)) == ["GangmuError", "GangmuError", "str"]


def test_guesses_made_at_once_count_as_those_made_in_turn(store: Store) -> None:
    told = at_once(FREE_FAILURES + 2, lambda number: sign_in(store.database, "ann", f"wrong {number}"))
    assert {type(one) for one in told} == {SignInError}
    with store.database.begin() as connection:
        asked = select(tables.people.c.failures, tables.people.c.locked_until)
        failures, until_ = connection.execute(asked.where(tables.people.c.login == "ann")).one()
    assert failures == FREE_FAILURES
    assert until_ is not None
    with pytest.raises(SignInError):
        sign_in(store.database, "ann", PASSWORD)
    assert sign_in(store.database, "bob", PASSWORD) == store.people["bob"].id


# ---------------------------------------------------------------------------------------------- how long


def later(store: Store, table: Any, **moments: timedelta) -> None:  # noqa: ANN401  a table of SQLAlchemy
    """As if so much time had passed."""
    with store.database.begin() as connection:
        for name, ago in moments.items():
            connection.execute(update(table).values({name: now() - ago}))


def test_a_session_ends_when_nobody_uses_it_and_at_its_end_though_somebody_does(store: Store) -> None:
    with store.database.begin() as connection:
        secret = open_session(connection, store.people["ann"].id, hours=1)

    def asked() -> bool:
        with store.database.begin() as connection:
            return by_session(connection, secret, IDLE) is not None

    assert asked()
    later(store, tables.sessions, used=IDLE - timedelta(minutes=1))
    assert asked()  # and with that it was used just now
    later(store, tables.sessions, made=IDLE + HOUR)
    assert asked()
    later(store, tables.sessions, used=IDLE + timedelta(minutes=1))
    assert not asked()
    later(store, tables.sessions, used=timedelta(), made=timedelta())
    assert asked()
    later(store, tables.sessions, ends=timedelta(seconds=1))
    assert not asked()


def test_a_token_ends(store: Store) -> None:
    with store.database.begin() as connection:
        secret = make_token(connection, store.people["ann"], "t", "read", 1)
        assert by_token(connection, secret) is not None
    later(store, tables.tokens, ends=timedelta(seconds=1))
    with store.database.begin() as connection:
        assert by_token(connection, secret) is None
