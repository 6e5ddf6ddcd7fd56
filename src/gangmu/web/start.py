"""How an installation begins: folders, schema, and the first account."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import select

from gangmu.book import Book
from gangmu.demo import examples_folder
from gangmu.errors import GangmuError, Problem
from gangmu.rulebook.model import ROOT
from gangmu.web.desk import Desk
from gangmu.web.intake import tables_of
from gangmu.web.people import Person, make_institution, make_person, nobody_yet
from gangmu.web.presence import Presence, alone
from gangmu.web.settings import Settings
from gangmu.web.site import Site
from gangmu.web.store import tables
from gangmu.web.store.database import Database

if TYPE_CHECKING:
    from gangmu.web.oidc.issuer import Issuer

DEMO = "demo"


def begin(settings: Settings) -> Site:
    """Open everything. In a demonstration there is one person, whom every visitor is."""
    for folder in (settings.data, settings.files, settings.results):
        folder.mkdir(parents=True, exist_ok=True)
    issuers = _issuers(settings) if settings.providers else {}
    site = Site(settings, Database(settings), Presence(settings.servers))
    site.issuers = issuers
    if settings.demo:
        with alone(settings.data / ".first.lock"):  # of two servers that start at once, one makes it
            site.demo = _demo(site)
    return site


def _issuers(settings: Settings) -> dict[str, Issuer]:
    """Through whom people sign in. Raises `GangmuError` without the extra."""
    try:
        from gangmu.web.oidc.issuer import Issuer
    except ImportError:
        what, todo = "Authlib is not installed", "pip install 'gangmu[oidc]'"
        problem = Problem("extra-missing", "sign-in", what, "the extra `oidc`", todo)
        raise GangmuError(problem) from None
    return {one.name: Issuer(one) for one in settings.providers}


def first_account(site: Site, institution: str, login: str) -> str:
    """Make the administrator of a new installation; the password (empty if there are accounts)."""
    with alone(site.settings.data / ".first.lock"), site.database.begin() as connection:
        if not nobody_yet(connection):
            return ""
        password = secrets.token_urlsafe(15)
        make_person(
            connection, make_institution(connection, institution), login, login, "administrator", password
        )
        return password


def _demo(site: Site) -> Person:
    table = tables.people
    with site.database.begin() as connection:
        found = connection.execute(select(table).where(table.c.login == DEMO)).mappings().first()
        if found is None:
            institution = make_institution(connection, "Demonstration")
            make_person(connection, institution, DEMO, "Demonstration", "editor", secrets.token_urlsafe(24))
            found = connection.execute(select(table).where(table.c.login == DEMO)).mappings().one()
    secret = secrets.token_urlsafe(24)
    person = Person(
        found["id"], DEMO, found["name"], "editor", found["institution"], "Demonstration", csrf=secret
    )
    with site.database.begin() as connection:
        desk = Desk(connection, person)
        if not desk.counts()["enterprises"]:
            _example(desk, site.book())
    return person


def _example(desk: Desk, book: Book) -> None:
    """Keep the shipped firm, as if somebody had handed its papers in."""
    tables = tables_of(examples_folder() / "small_firm", book)
    desk.add_enterprise(tables[ROOT][0].get("company_name", DEMO), book.name, tables)
