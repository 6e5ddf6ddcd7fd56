"""An account of whoever an issuer vouches for: found by (issuer, subject), never by an address or a name.

What the claims mean is configured. Whoever they give no institution or no role gets no account; an account
stays in the institution in which it was made. Sign-ins, new accounts and changed roles are in the audit log.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, or_, select, update

from gangmu.errors import GangmuError, Problem
from gangmu.web.desk import note
from gangmu.web.oidc.handoff import Handoff, refused
from gangmu.web.oidc.provider import Meaning, Provider
from gangmu.web.people import SignInError, digest
from gangmu.web.store import tables
from gangmu.web.store.database import in_utc, insert_new, now

WAIT: Final = timedelta(minutes=10)  # how long somebody may be at the issuer
MAX_SUBJECT: Final = 255  # OpenID Connect Core 1.0, section 2
Claims = Mapping[str, Any]


# ------------------------------------------------------------------------------------------ on the way there


def remember(connection: Connection, provider: str, handoff: Handoff, back: str, to: str) -> str:
    """Keep what has to be known when somebody comes back; the secret for their cookie."""
    secret, moment = secrets.token_urlsafe(32), now()
    row = {
        "id": digest(secret), "provider": provider, "state": handoff.state, "nonce": handoff.nonce,
        "verifier": handoff.verifier, "back": back[:500], "destination": to[:1000], "ends": moment + WAIT,
    }  # fmt: skip
    connection.execute(delete(tables.handoffs).where(tables.handoffs.c.ends < moment))
    connection.execute(insert(tables.handoffs).values(row))
    return secret


def recall(connection: Connection, provider: str, secret: str) -> tuple[Handoff, str, str] | None:
    """What was kept for a cookie, its return address and destination: once, whatever comes of it."""
    table = tables.handoffs
    mine = (table.c.id == digest(secret), table.c.provider == provider)
    row = connection.execute(select(table).where(*mine)).mappings().first()
    # Of two that come with the same cookie, one takes it away.
    if row is None or connection.execute(delete(table).where(*mine)).rowcount != 1:
        return None
    if in_utc(row["ends"]) < now():
        return None
    return Handoff("", row["state"], row["nonce"], row["verifier"]), row["back"], row["destination"]


# -------------------------------------------------------------------------------------------- and back again


def admit(
    connection: Connection, provider: Provider, claims: Claims, address: str
) -> tuple[str, SignInError | None]:
    """The account of these claims, made if there is none; or why there is none. The log is kept."""
    subject = str(claims["sub"])
    if not subject or len(subject) > MAX_SUBJECT:
        return "", refused("subject-invalid")
    person = _person(connection, provider, subject)
    institution = institution_of(connection, meant(provider.institution, claims))
    role = meant(provider.role, claims)
    why = _why_not(person, institution, role)
    if why is not None:
        if person is not None:  # who may no longer come is out at once
            connection.execute(delete(tables.sessions).where(tables.sessions.c.person == person["id"]))
        theirs = person["institution"] if person is not None else institution
        if theirs:
            who = person["id"] if person is not None else ""
            note(connection, theirs, who, "refuse sign-in", "provider", provider.name, address)
        return "", why
    made = _make(connection, provider, claims, institution, role) if person is None else ""
    if made:
        note(connection, institution, made, "add", "person", made, address)
    elif person is None:  # who signs in twice at once is made once
        person = _person(connection, provider, subject)
    key = made or str(person["id"] if person is not None else "")
    if not key:  # an administrator gave its login to somebody else
        return "", refused("institution-other")
    if person is not None and person["role"] != role:
        connection.execute(update(tables.people).where(tables.people.c.id == key).values(role=role))
        note(connection, institution, key, f"become {role}", "person", key, address)
    table = tables.identities
    connection.execute(update(table).where(table.c.person == key).values(used=now()))
    note(connection, institution, key, "sign in", "provider", provider.name, address)
    return key, None


def _person(connection: Connection, provider: Provider, subject: str) -> Mapping[Any, Any] | None:
    """Whose account it is."""
    table = tables.identities
    known = (table.c.issuer == provider.issuer, table.c.subject == subject)
    asked = select(tables.people).join_from(table, tables.people).where(*known)
    return connection.execute(asked).mappings().first()


def _why_not(person: Mapping[Any, Any] | None, institution: str, role: str) -> SignInError | None:
    if not institution:
        return refused("institution-unknown")
    if not role:
        return refused("role-missing")
    if person is not None and person["institution"] != institution:
        return refused("institution-other")
    if person is not None and not person["active"]:
        return refused("account-closed")
    return None


def meant(meaning: Meaning, claims: Claims) -> str:
    """What a claim says here; empty if nothing."""
    found: object = claims
    for part in meaning.claim:
        found = found.get(part) if isinstance(found, Mapping) else None
    held = found if isinstance(found, list) else [found]
    given = {one for one in held if isinstance(one, str)}
    return next((what for value, what in meaning.values.items() if value in given), meaning.otherwise)


def institution_of(connection: Connection, name: str) -> str:
    """The id of an institution by its name or id; empty unless there is exactly one."""
    table = tables.institutions
    found = connection.execute(select(table.c.id).where(or_(table.c.name == name, table.c.id == name)))
    ids = found.scalars().all()
    return str(ids[0]) if len(ids) == 1 and name else ""


def check_institutions(connection: Connection, providers: tuple[Provider, ...], first: str = "") -> None:
    """Whether every institution that is configured is there, once. Raises `GangmuError`.

    Where there is none yet, `first` is the one that is about to be made.
    """
    names = connection.execute(select(tables.institutions.c.name)).scalars().all() or [first]
    problems = []
    for one in providers:
        named = {one.institution.otherwise, *one.institution.values.values()} - {""}
        for name in sorted(named):
            if names != [name] and not institution_of(connection, name):
                what = f"the institution `{name}` is not there, or more than once"
                todo = "write its name as it is; the first one is named by --institution"
                problems.append(
                    Problem("institution-unknown", f"sign-in {one.name}", what, ", ".join(names[:20]), todo)
                )
    if problems:
        raise GangmuError(problems)


def _make(connection: Connection, provider: Provider, claims: Claims, institution: str, role: str) -> str:
    """A new account without a password, and who it belongs to; its id (empty if it was there by now)."""
    key, subject, moment = str(uuid.uuid4()), str(claims["sub"]), now()
    # No password ever fits it, and nobody else can have taken it: it is made of who they are.
    login = f"{provider.name}:{digest(f'{provider.issuer} {subject}')[:20]}"
    name = next((str(claims[one]) for one in ("name", "preferred_username") if claims.get(one)), login)
    person = {
        "id": key, "institution": institution, "login": login, "name": name.strip()[:200] or login,
        "role": role, "password": "", "active": True, "failures": 0, "made": moment,
    }  # fmt: skip
    if not insert_new(connection, tables.people, person):
        return ""
    row = {
        "issuer": provider.issuer, "subject": subject, "person": key, "institution": institution,
        "made": moment, "used": moment,
    }  # fmt: skip
    connection.execute(insert(tables.identities).values(row))
    return key
