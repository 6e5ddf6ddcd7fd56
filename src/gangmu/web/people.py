"""Who somebody is and what they may do: passwords (argon2id), sessions, tokens, roles.

A cookie or token is random; only its SHA-256 is kept, so the database gives nobody entry.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select, update

from gangmu.errors import GangmuError, Problem
from gangmu.web.store import tables
from gangmu.web.store.database import Database, in_utc, insert_new, now

ROLES: Final[Mapping[str, frozenset[str]]] = {
    "reader": frozenset(("read",)),
    "enterprise": frozenset(("read", "own")),
    "analyst": frozenset(("read", "own", "institution")),
    "editor": frozenset(("read", "own", "institution", "rulebooks")),
    "administrator": frozenset(("read", "own", "institution", "rulebooks", "people")),
}
SCOPES: Final = ("read", "write")
MIN_PASSWORD: Final = 12
MAX_PASSWORD: Final = 256
MIN_DIFFERENT: Final = 6  # characters that differ, beside the words that everybody would try first
PRODUCT: Final = "gangmu"
FREE_FAILURES: Final = 5  # wrong passwords before an account waits
LONGEST_WAIT: Final = timedelta(minutes=15)
USED_EVERY: Final = timedelta(minutes=5)  # how exactly it is kept when a token was last used
_HASHER: Final = PasswordHasher()
_NOBODY: Final = _HASHER.hash(secrets.token_urlsafe(16))  # so that an unknown login takes as long


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in: by a session (`csrf` guards its forms) or by a token (`scope`)."""

    id: str
    login: str
    name: str
    role: str
    institution: str
    institution_name: str
    csrf: str = ""
    scope: str = "write"

    def may(self, what: str) -> bool:
        """Whether the role allows `what`: read, own, institution, rulebooks, people."""
        return what in ROLES[self.role]


class SignInError(GangmuError):
    """A sign-in that is refused; the message never says whether the account exists."""


def _refused(what: str, todo: str) -> SignInError:
    return SignInError(Problem("sign-in", "sign-in", what, "a login and its password", todo))


def unfit(password: str, words: Sequence[str]) -> list[Problem]:
    """What is wrong with a password; `words` are those that everybody would try first."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        what, wanted = f"the password has {len(password)} characters", f"{MIN_PASSWORD} to {MAX_PASSWORD}"
        return [Problem("password-short", "password", what, wanted, "take a longer one")]
    rest = password.casefold()
    for word in sorted((*map(str.casefold, words), PRODUCT), key=len, reverse=True):
        rest = rest.replace(word, "") if word else rest
    if len(set(rest)) < MIN_DIFFERENT:
        what = "the password is made of little but names or of one character"
        wanted = f"{MIN_DIFFERENT} other characters, or more"
        return [Problem("password-plain", "password", what, wanted, "take several words")]
    return []


def make_institution(connection: Connection, name: str) -> str:
    """A new institution; its id."""
    key = str(uuid.uuid4())
    connection.execute(insert(tables.institutions).values(id=key, name=name, made=now()))
    return key


def make_person(  # noqa: PLR0913, PLR0917  what an account is made of
    connection: Connection, institution: str, login: str, name: str, role: str, password: str
) -> str:
    """A new account; its id. Raises `GangmuError` for a short password, an unknown role, a login taken."""
    problems = unfit(password, (login, name, _name_of(connection, institution)))
    if role not in ROLES:
        problems.append(Problem("role-unknown", "role", f"`{role}` is no role", ", ".join(ROLES)))
    taken = Problem("login-taken", "login", "this login cannot be had", "one that is free")
    same = select(tables.people.c.id).where(tables.people.c.login == login.strip().casefold())
    if not login.strip() or connection.execute(same).first():
        problems.append(taken)
    if problems:
        raise GangmuError(problems)
    key = str(uuid.uuid4())
    row = {
        "id": key,
        "institution": institution,
        "login": login.strip().casefold(),
        "name": name.strip() or login,
        "role": role,
        "password": _HASHER.hash(password),
        "active": True,
        "failures": 0,
        "made": now(),
    }
    if not insert_new(connection, tables.people, row):  # somebody else has just taken it
        raise GangmuError(taken)
    return key


def _name_of(connection: Connection, institution: str) -> str:
    table = tables.institutions
    return str(connection.execute(select(table.c.name).where(table.c.id == institution)).scalar_one())


def nobody_yet(connection: Connection) -> bool:
    """Whether there is no account at all."""
    return connection.execute(select(func.count()).select_from(tables.people)).scalar_one() == 0


def sign_in(database: Database, login: str, password: str, address: str = "") -> str:
    """The id of whoever has this login and password; the log says who tried. Raises `SignInError`."""
    mine = tables.people.c.login == login.strip().casefold()[:200]
    return str(_proven(database, mine, password, "sign in", address)["id"])


def _proven(
    database: Database, mine: ColumnElement[bool], password: str, action: str, address: str
) -> Mapping[Any, Any]:
    """The account that this is the password of. Raises `SignInError`.

    After a few wrong passwords the account waits, longer each time, whoever asks. An attempt is counted
    before the password is looked at: whoever tries a hundred at once has as few tries as one by one.
    """
    table = tables.people
    with database.begin() as connection:
        found = connection.execute(select(table).where(mine)).mappings().first()
        waits = found is not None and not _attempt(connection, found["id"])
    # An account without a password (its owner signs in elsewhere) takes as long, and nothing fits it.
    right = _right((found and found["password"]) or _NOBODY, password[: MAX_PASSWORD + 1])
    welcome = found is not None and found["active"] and right and not waits
    if found is not None:
        with database.begin() as connection:
            _log(connection, found, action if welcome else f"{action}, refused", address)
    if waits:
        raise _refused("too many wrong passwords for this login", "wait a quarter of an hour")
    if found is None or not found["active"] or not right:
        what = "login and password do not belong together"
        raise _refused(what, "try again, or ask your administrator")
    values: dict[str, Any] = {"failures": 0, "locked_until": None}
    if _HASHER.check_needs_rehash(found["password"]):
        values["password"] = _HASHER.hash(password)
    with database.begin() as connection:
        connection.execute(update(table).where(table.c.id == found["id"]).values(values))
    return found


def change_password(  # noqa: PLR0913, PLR0917  who, from what to what, where from
    database: Database, person: Person, before: str, after: str, here: str, address: str = ""
) -> None:
    """Another password for oneself; every session but `here`, a cookie, is over.

    Raises `SignInError` if `before` is not the password, `GangmuError` if `after` is not fit to be one.
    """
    _proven(database, tables.people.c.id == person.id, before, "change password", address)
    if problems := unfit(after, (person.login, person.name, person.institution_name)):
        raise GangmuError(problems)
    with database.begin() as connection:
        set_password(connection, person.id, after)
        others = (tables.sessions.c.person == person.id, tables.sessions.c.id != digest(here))
        connection.execute(delete(tables.sessions).where(*others))


def has_password(connection: Connection, person: Person) -> bool:
    """Whether somebody signs in with a password of ours."""
    table = tables.people
    return bool(connection.execute(select(table.c.password).where(table.c.id == person.id)).scalar_one())


def set_password(connection: Connection, key: str, password: str) -> None:
    """Keep another password for an account, which may be tried at once."""
    values = {"password": _HASHER.hash(password), "failures": 0, "locked_until": None}
    connection.execute(update(tables.people).where(tables.people.c.id == key).values(values))


def _log(connection: Connection, person: Mapping[Any, Any], action: str, address: str) -> None:
    row = {"at": now(), "institution": person["institution"], "person": person["id"], "action": action}
    what = {"kind": "person", "object": person["id"], "address": address}
    connection.execute(insert(tables.audit).values(row | what))


def _attempt(connection: Connection, key: str) -> bool:
    """Count an attempt; whether it may be made. The last one that is free makes the next ones wait."""
    table, moment = tables.people, now()
    free = table.c.locked_until.is_(None) | (table.c.locked_until <= moment)
    one = update(table).where(table.c.id == key, free).values(failures=table.c.failures + 1)
    failures = connection.execute(one.returning(table.c.failures)).scalar()
    if failures is None:
        return False
    if failures >= FREE_FAILURES:
        wait = timedelta(seconds=30 * 2 ** min(failures - FREE_FAILURES, 10))
        until = moment + min(wait, LONGEST_WAIT)
        connection.execute(update(table).where(table.c.id == key).values(locked_until=until))
    return True


def _right(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


# -------------------------------------------------------------------------------------------------- sessions


def digest(secret: str) -> str:
    """How a cookie or token is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def open_session(connection: Connection, person: str, hours: int) -> str:
    """A new session; the secret for its cookie."""
    secret, moment = secrets.token_urlsafe(32), now()
    row = {
        "id": digest(secret),
        "person": person,
        "csrf": secrets.token_urlsafe(24),
        "made": moment,
        "ends": moment + timedelta(hours=hours),
    }
    connection.execute(delete(tables.sessions).where(tables.sessions.c.ends < moment))
    connection.execute(insert(tables.sessions).values(row))
    return secret


def sessions_of(connection: Connection, person: Person, here: str) -> list[dict[str, Any]]:
    """The sessions of somebody, the newest first: begun, last used, ends, and which is `here`, a cookie's."""
    table = tables.sessions
    columns = (table.c.id, table.c.made, table.c.used, table.c.ends)
    lasting = (table.c.person == person.id, table.c.ends > now())
    asked = select(*columns).where(*lasting).order_by(table.c.made.desc(), table.c.id)
    mine = digest(here)
    return [{**row, "here": row["id"] == mine} for row in connection.execute(asked).mappings()]


def end_sessions(
    database: Database, person: Person, keys: Sequence[str], password: str, address: str = ""
) -> None:
    """End sessions of one's own. Raises `SignInError` without one's password.

    An account that signs in elsewhere has none, and is not asked for it.
    """
    table = tables.sessions
    with database.begin() as connection:
        asked = has_password(connection, person)
    if asked:
        _proven(database, tables.people.c.id == person.id, password, "end sessions", address)
    with database.begin() as connection:
        mine = (table.c.person == person.id, table.c.id.in_(keys))
        connection.execute(delete(table).where(*mine))


def close_session(connection: Connection, secret: str) -> None:
    """End a session."""
    connection.execute(delete(tables.sessions).where(tables.sessions.c.id == digest(secret)))


def by_session(connection: Connection, secret: str, idle: timedelta) -> Person | None:
    """Who a cookie belongs to, if its session lasts and was used within `idle`."""
    table, moment = tables.sessions, now()
    mine = table.c.id == digest(secret)
    used = func.coalesce(table.c.used, table.c.made)
    found = _person(connection, mine & (used > moment - idle), table, csrf=True)
    if found is not None:
        _used(connection, table, mine)
    return found


def make_token(connection: Connection, person: Person, name: str, scope: str, days: int) -> str:
    """A new token for programs; it is shown once."""
    if scope not in SCOPES:
        raise GangmuError(Problem("scope-unknown", "scope", f"`{scope}` is no scope", ", ".join(SCOPES)))
    secret, moment = f"gangmu_{secrets.token_urlsafe(32)}", now()
    row = {
        "id": str(uuid.uuid4()),
        "secret": digest(secret),
        "person": person.id,
        "name": name.strip()[:200] or "token",
        "scope": scope,
        "made": moment,
        "ends": moment + timedelta(days=max(1, min(days, 366))),
    }
    connection.execute(insert(tables.tokens).values(row))
    return secret


def tokens_of(connection: Connection, person: Person) -> list[dict[str, Any]]:
    """The tokens of somebody, those that end last first; never what they are."""
    table = tables.tokens
    columns = (table.c.id, table.c.name, table.c.scope, table.c.made, table.c.ends, table.c.used)
    asked = select(*columns).where(table.c.person == person.id).order_by(table.c.ends.desc(), table.c.id)
    return [dict(row) for row in connection.execute(asked).mappings()]


def end_token(connection: Connection, person: Person, key: str) -> bool:
    """End a token of one's own at once; whether there was one."""
    table = tables.tokens
    mine = (table.c.id == key, table.c.person == person.id)
    return connection.execute(delete(table).where(*mine)).rowcount == 1


def by_token(connection: Connection, secret: str) -> Person | None:
    """Who a token speaks for, if it is not over."""
    table = tables.tokens
    found = _person(connection, table.c.secret == digest(secret), table, csrf=False)
    if found is not None:
        _used(connection, table, table.c.secret == digest(secret))
    return found


def _used(connection: Connection, table: Table, mine: ColumnElement[bool]) -> None:
    """Keep when a session or token was last used: once in a while, for a write costs a hundred readings."""
    moment = now()
    seldom = table.c.used.is_(None) | (table.c.used < moment - USED_EVERY)
    if connection.execute(select(table.c.id).where(mine, seldom)).first():
        connection.execute(update(table).where(mine).values(used=moment))


def _person(connection: Connection, one: Any, table: Any, *, csrf: bool) -> Person | None:  # noqa: ANN401  SQLAlchemy's
    people, institutions = tables.people, tables.institutions
    asked = (
        select(people, institutions.c.name.label("institution_name"), table.c.ends)
        .add_columns(table.c.csrf if csrf else table.c.scope)
        .join_from(table, people, table.c.person == people.c.id)
        .join(institutions, institutions.c.id == people.c.institution)
        .where(one, people.c.active)
    )
    row = connection.execute(asked).mappings().first()
    if row is None or in_utc(row["ends"]) < now():
        return None
    return Person(
        row["id"],
        row["login"],
        row["name"],
        row["role"],
        row["institution"],
        row["institution_name"],
        csrf=row["csrf"] if csrf else "",
        scope="write" if csrf else row["scope"],
    )
