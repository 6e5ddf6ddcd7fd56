"""One person's desk: everything kept that this person may see, and nothing else.

Every query of an institution's data is made here, and each names the institution (and, for the role
`enterprise`, the owner). What is another's is not found, as if it did not exist.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, desc, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from gangmu.errors import GangmuError, Problem
from gangmu.web.people import Person, set_password
from gangmu.web.store import tables
from gangmu.web.store.database import insert_new, now

Facts = Mapping[str, Sequence[Mapping[str, str]]]
Record = Mapping[str, Any]
PAGE = 100  # entries of a list shown at once


class NotFoundError(GangmuError):
    """Nothing of this person's has that id."""


class NotAllowedError(GangmuError):
    """The role does not include it."""


class ChangedMeanwhileError(GangmuError):
    """Somebody else saved first."""


def note(  # noqa: PLR0913, PLR0917  what a line of the log has
    connection: Connection, institution: str, person: str, action: str, kind: str, key: str, address: str
) -> None:
    """A line of the audit log."""
    row = {
        "at": now(),
        "institution": institution,
        "person": person,
        "action": action,
        "kind": kind,
        "object": key,
        "address": address,
    }
    connection.execute(insert(tables.audit).values(row))


@dataclass(frozen=True, slots=True)
class Desk:
    """What one person does, in one transaction; `address` is where the request came from."""

    connection: Connection
    person: Person
    address: str = ""

    # ------------------------------------------------------------------ who may what

    def need(self, what: str, *, write: bool = False) -> None:
        """Raise `NotAllowedError` unless the role (and the token's scope) includes `what`."""
        if not self.person.may(what) or (write and self.person.scope != "write"):
            raise NotAllowedError(
                Problem(
                    "not-allowed",
                    "account",
                    f"the role {self.person.role} does not include this",
                    "an account that may",
                    "ask your administrator",
                )
            )

    def _mine(self, table: Table) -> ColumnElement[bool]:
        """The rows of a table that this person may see."""
        mine = table.c.institution == self.person.institution
        if self.person.may("institution"):
            return mine
        return mine & (table.c["owner" if "owner" in table.c else "person"] == self.person.id)

    def _one(self, table: Table, key: str) -> Record:
        found = self.connection.execute(select(table).where(self._mine(table), table.c.id == key))
        row = found.mappings().first()
        if row is None:
            raise NotFoundError(
                Problem("not-found", table.name, "there is nothing of yours by this id", "an id of yours")
            )
        return dict(row)

    def _note(self, action: str, kind: str, key: str) -> None:
        note(self.connection, self.person.institution, self.person.id, action, kind, key, self.address)

    # ------------------------------------------------------------------ enterprises

    def enterprises(self, search: str = "", after: int = 0) -> list[Record]:
        """Enterprises, last changed first, without their facts."""
        self.need("own")
        table = tables.enterprises
        columns = (table.c.id, table.c.name, table.c.book, table.c.version, table.c.changed)
        asked = select(*columns).where(self._mine(table)).order_by(desc(table.c.changed), table.c.id)
        if search:
            asked = asked.where(table.c.name.icontains(search, autoescape=True))
        return [dict(row) for row in self.connection.execute(asked.offset(after).limit(PAGE)).mappings()]

    def every_enterprise(self) -> list[Record]:
        """As `enterprises`, with their facts; that each was read is noted."""
        self.need("own")
        table = tables.enterprises
        asked = select(table).where(self._mine(table)).order_by(desc(table.c.changed), table.c.id).limit(PAGE)
        found: list[Record] = [dict(row) for row in self.connection.execute(asked).mappings()]
        for one in found:
            self._note("read", "enterprise", one["id"])
        return found

    def enterprise(self, key: str) -> Record:
        """One enterprise with its facts; that it was read is noted."""
        self.need("own")
        found = self._one(tables.enterprises, key)
        self._note("read", "enterprise", key)
        return found

    def add_enterprise(self, name: str, book: str, facts: Facts) -> str:
        """A new enterprise; its id."""
        self.need("own", write=True)
        key, moment = str(uuid.uuid4()), now()
        row = {
            "id": key,
            "institution": self.person.institution,
            "owner": self.person.id,
            "name": name.strip()[:300] or "–",
            "book": book,
            "facts": facts,
            "version": 1,
            "made": moment,
            "changed": moment,
        }
        self.connection.execute(insert(tables.enterprises).values(row))
        self._keep(key, 1, facts, moment)
        self._note("add", "enterprise", key)
        return key

    def save_facts(self, key: str, facts: Facts, version: int, name: str = "") -> int:
        """Save facts over version `version`; the new version. Raises `ChangedMeanwhileError`."""
        self.need("own", write=True)
        table, moment = tables.enterprises, now()
        values: dict[str, Any] = {"facts": facts, "version": version + 1, "changed": moment}
        if name.strip():
            values["name"] = name.strip()[:300]
        own = (self._mine(table), table.c.id == key, table.c.version == version)
        if self.connection.execute(update(table).where(*own).values(values)).rowcount != 1:
            self._one(table, key)
            what = "somebody saved this enterprise since you opened it"
            raise ChangedMeanwhileError(
                Problem("changed-meanwhile", "enterprise", what, "its newest version", "open it again")
            )
        self._keep(key, version + 1, facts, moment)
        self.connection.execute(delete(tables.drafts).where(*self._my_draft(key)))
        self._note("change", "enterprise", key)
        return version + 1

    def _keep(self, key: str, version: int, facts: Facts, moment: datetime) -> None:
        row = {
            "enterprise": key,
            "version": version,
            "institution": self.person.institution,
            "facts": facts,
            "person": self.person.id,
            "made": moment,
        }
        self.connection.execute(insert(tables.versions).values(row))

    def draft(self, key: str) -> Record | None:
        """What this person entered and did not save: name, facts, the version it changes, when."""
        table = tables.drafts
        asked = select(table.c.name, table.c.facts, table.c.version, table.c.changed)
        found = self.connection.execute(asked.where(*self._my_draft(key))).mappings().first()
        return None if found is None else dict(found)

    def _my_draft(self, key: str) -> tuple[ColumnElement[bool], ...]:
        table, person = tables.drafts.c, self.person
        return table.institution == person.institution, table.person == person.id, table.enterprise == key

    def keep_draft(self, key: str, name: str, facts: Facts, version: int) -> None:
        """Keep what this person enters, until it is saved or thrown away; no version comes of it.

        `version` is the one that was open when it was begun, and stays so: others may save meanwhile.
        The log says that a draft was begun: each letter typed after that is the same piece of work.
        """
        self.need("own", write=True)
        self._one(tables.enterprises, key)
        table = tables.drafts
        values: dict[str, Any] = {"name": name.strip()[:300], "facts": facts, "changed": now()}
        if self.connection.execute(update(table).where(*self._my_draft(key)).values(values)).rowcount:
            return
        own = {"enterprise": key, "person": self.person.id, "institution": self.person.institution}
        try:
            with self.connection.begin_nested():
                self.connection.execute(insert(table).values({**own, **values, "version": version}))
        except IntegrityError:  # another window of this person's began one in this moment
            self.connection.execute(update(table).where(*self._my_draft(key)).values(values))
            return
        self._note("draft", "enterprise", key)

    def drop_draft(self, key: str) -> None:
        """Throw away what was entered and not saved."""
        self.need("own", write=True)
        self._one(tables.enterprises, key)
        if self.connection.execute(delete(tables.drafts).where(*self._my_draft(key))).rowcount:
            self._note("discard", "enterprise", key)

    def versions(self, key: str) -> list[Record]:
        """What was saved of an enterprise, newest first."""
        self._one(tables.enterprises, key)
        table = tables.versions
        asked = select(table).where(table.c.institution == self.person.institution, table.c.enterprise == key)
        return [
            dict(row)
            for row in self.connection.execute(asked.order_by(desc(table.c.version)).limit(PAGE)).mappings()
        ]

    def drop_enterprise(self, key: str) -> None:
        """Delete an enterprise with all its versions."""
        self.need("own", write=True)
        self._one(tables.enterprises, key)
        for table in (tables.drafts, tables.versions):
            self.connection.execute(
                delete(table).where(table.c.institution == self.person.institution, table.c.enterprise == key)
            )
        self.connection.execute(
            delete(tables.enterprises).where(self._mine(tables.enterprises), tables.enterprises.c.id == key)
        )
        self._note("delete", "enterprise", key)

    # ------------------------------------------------------------------ overlays

    def overlays(self) -> list[Record]:
        """The pages that extend a rulebook, newest first, without their text."""
        self.need("institution")
        table = tables.overlays
        columns = (table.c.id, table.c.name, table.c.base, table.c.rules, table.c.made)
        asked = select(*columns).where(self._mine(table)).order_by(desc(table.c.made)).limit(PAGE)
        return [dict(row) for row in self.connection.execute(asked).mappings()]

    def overlay(self, key: str) -> Record:
        """One page that extends a rulebook."""
        self.need("institution")
        found = self._one(tables.overlays, key)
        self._note("read", "overlay", key)
        return found

    def add_overlay(self, name: str, base: str, page: str, rules: int) -> str:
        """Keep a page that was checked; its id."""
        self.need("rulebooks", write=True)
        key = str(uuid.uuid4())
        row: dict[str, Any] = {
            "id": key, "institution": self.person.institution, "person": self.person.id,
            "name": name.strip()[:300] or base, "base": base, "page": page, "rules": rules, "made": now(),
        }  # fmt: skip
        self.connection.execute(insert(tables.overlays).values(row))
        self._note("add", "overlay", key)
        return key

    def drop_overlay(self, key: str) -> None:
        """Delete a page that extends a rulebook."""
        self.need("rulebooks", write=True)
        table = tables.overlays
        self._one(table, key)
        self.connection.execute(delete(table).where(self._mine(table), table.c.id == key))
        self._note("delete", "overlay", key)

    # ------------------------------------------------------------------ portfolios

    def add_portfolio(self, name: str, book: str, file: Record, as_of: str, rules: Sequence[str]) -> str:
        """A portfolio that waits to be worked out; its id. `file` has digest, name and size."""
        self.need("institution", write=True)
        key, moment = str(uuid.uuid4()), now()
        common = {"institution": self.person.institution, "person": self.person.id, "made": moment}
        row: dict[str, Any] = {
            "id": key,
            "name": name.strip()[:300] or file["name"],
            "book": book,
            "file": self._file(file, common),
            "as_of": as_of,
            "rules": list(rules),
            "state": "waiting",
            "done": 0,
            "total": 0,
            "attempts": 0,
            "problems": [],
            "summary": {},
        }
        self.connection.execute(insert(tables.portfolios).values(row | common))
        self._note("add", "portfolio", key)
        return key

    def _file(self, file: Record, common: Mapping[str, Any]) -> str:
        """The entry of an upload, made unless the institution has it; its id."""
        table = tables.files
        row: dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "digest": file["digest"],
            "name": file["name"][:300],
            "size": file["size"],
        }
        same = (table.c.digest == row["digest"], table.c.name == row["name"])
        known = select(table.c.id).where(table.c.institution == self.person.institution, *same)
        while True:
            insert_new(self.connection, table, {**row, **common})
            # held until this ends: who deletes the last portfolio that named it waits, and finds one more
            key = self.connection.execute(known.with_for_update(read=True)).scalar_one_or_none()
            if key is not None:
                return str(key)

    def drop_portfolio(self, key: str) -> None:
        """Delete a portfolio, and the entry of its upload unless another portfolio names it."""
        self.need("institution", write=True)
        file = self._one(tables.portfolios, key)["file"]
        table, files = tables.portfolios, tables.files
        held = (files.c.institution == self.person.institution, files.c.id == file)
        self.connection.execute(select(files.c.id).where(*held).with_for_update())
        self.connection.execute(delete(table).where(self._mine(table), table.c.id == key))
        named = select(table.c.id).where(table.c.file == file).exists()
        self.connection.execute(delete(files).where(*held, ~named))
        self._note("delete", "portfolio", key)

    def portfolios(self) -> list[Record]:
        """Portfolios, newest first."""
        self.need("institution")
        table = tables.portfolios
        asked = select(table).where(self._mine(table)).order_by(desc(table.c.made)).limit(PAGE)
        return [dict(row) for row in self.connection.execute(asked).mappings()]

    def portfolio(self, key: str) -> Record:
        """One portfolio."""
        self.need("institution")
        found = self._one(tables.portfolios, key)
        self._note("read", "portfolio", key)
        return found

    def upload(self, key: str) -> Record:
        """One upload: digest, name, size."""
        return self._one(tables.files, key)

    # ------------------------------------------------------------------ for administrators

    def people(self) -> list[Record]:
        """The accounts of the institution."""
        self.need("people")
        table = tables.people
        columns = (table.c.id, table.c.login, table.c.name, table.c.role, table.c.active, table.c.made)
        local = (table.c.password != "").label("local")  # else its owner signs in elsewhere
        asked = (
            select(*columns, local)
            .where(table.c.institution == self.person.institution)
            .order_by(table.c.login)
        )
        return [dict(row) for row in self.connection.execute(asked).mappings()]

    def set_active(self, key: str, *, active: bool) -> None:
        """Open or close an account of the institution; its sessions and tokens end with it."""
        self.need("people", write=True)
        table = tables.people
        own = (table.c.institution == self.person.institution, table.c.id == key)
        if self.connection.execute(update(table).where(*own).values(active=active)).rowcount != 1:
            raise NotFoundError(
                Problem("not-found", "people", "there is no such account", "an account of yours")
            )
        for kept in (tables.sessions, tables.tokens):
            self.connection.execute(delete(kept).where(kept.c.person == key))
        self._note("open" if active else "close", "person", key)

    def new_password(self, key: str) -> str:
        """Another password for an account of the institution that has one; shown once. It is out at once."""
        self.need("people", write=True)
        table = tables.people
        own = (table.c.institution == self.person.institution, table.c.id == key, table.c.password != "")
        if self.connection.execute(select(table.c.id).where(*own)).first() is None:
            raise NotFoundError(
                Problem("not-found", "people", "there is no such account", "an account of yours")
            )
        secret = secrets.token_urlsafe(15)
        set_password(self.connection, key, secret)
        self.connection.execute(delete(tables.sessions).where(tables.sessions.c.person == key))
        self._note("new password", "person", key)
        return secret

    def audit(self, after: int = 0) -> list[Record]:
        """Who read and changed what, newest first."""
        self.need("people")
        table = tables.audit
        asked = select(table).where(table.c.institution == self.person.institution).order_by(desc(table.c.id))
        return [dict(row) for row in self.connection.execute(asked.offset(after).limit(PAGE)).mappings()]

    def counts(self) -> dict[str, int]:
        """How many enterprises and portfolios there are."""
        found = {}
        for table in (tables.enterprises, tables.portfolios):
            asked = select(func.count()).select_from(table).where(self._mine(table))
            found[table.name] = self.connection.execute(asked).scalar_one()
        return found
