"""Accounts: in, out, password, sessions, tokens; for administrators the people and the audit log."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from gangmu.errors import GangmuError, Problem
from gangmu.web import people as accounts
from gangmu.web.desk import Desk, NotFoundError, note
from gangmu.web.forms import form_of, local, stranger, to
from gangmu.web.memo import keep_template
from gangmu.web.pages.reading import Link
from gangmu.web.people import ROLES, SCOPES, close_session, end_token, make_person, open_session, tokens_of
from gangmu.web.site import View, Visit
from gangmu.web.words import say, say_if


def sign_in_form(visit: Visit) -> View:
    """Login and password."""
    ways = [
        Link(f"/sign-in/{name}", one.provider.label.get(visit.lang, name))
        for name, one in visit.site.issuers.items()
    ]
    code = f"why {visit.request.query_params.get('why', '')}"
    why = say(code, visit.lang) if say_if(code, visit.lang) != code else ""
    asked = local(visit.request.query_params.get("to", "/"))
    return View("sign_in.html", say("sign in", visit.lang), {"to": asked, "ways": ways, "why": why})


async def sign_in(visit: Visit) -> Response:
    """Open a session."""
    async with form_of(visit, signed_in=False) as sent:
        login, password, target = (str(sent.get(name, "")) for name in ("login", "password", "to"))
    person = await run_in_threadpool(accounts.sign_in, visit.site.database, login, password, visit.address)
    response = to(local(target))
    await run_in_threadpool(enter, visit, person, response)
    return response


def enter(visit: Visit, person: str, response: Response) -> None:
    """Open a session and put its cookie into a response; the browser's session before it is over."""
    settings = visit.site.settings
    with visit.site.database.begin() as connection:
        close_session(connection, visit.request.cookies.get(settings.cookie, ""))
        secret = open_session(connection, person, settings.session_hours)
    response.set_cookie(
        settings.cookie, secret, max_age=settings.session_hours * 3600, httponly=True, samesite="lax",
        secure=settings.secure,
    )  # fmt: skip


async def sign_out(visit: Visit) -> Response:
    """End the session."""
    async with form_of(visit):
        with visit.site.database.begin() as connection:
            close_session(connection, visit.request.cookies.get(visit.site.settings.cookie, ""))
    response = to("/")
    response.delete_cookie(visit.site.settings.cookie, secure=visit.site.settings.secure, httponly=True)
    response.headers["clear-site-data"] = '"cache", "storage"'
    return response


def account(visit: Visit) -> View:
    """Who is signed in, where else they are, and the tokens that speak for them."""
    return _account(visit, "")


def _account(visit: Visit, secret: str) -> View:
    with visit.desk() as desk:
        person, tokens = desk.person, tokens_of(desk.connection, desk.person)
        sessions = accounts.sessions_of(desk.connection, person, _cookie(visit))
        local = accounts.has_password(desk.connection, person)
    shown = {
        "login": person.login,
        "name": person.name,
        "role": person.role,
        "institution": person.institution_name,
    }
    values = {
        "person": shown, "scopes": SCOPES, "token": secret, "tokens": tokens, "sessions": sessions,
        "local": local and not visit.site.settings.demo, "changed": "changed" in visit.request.query_params,
    }  # fmt: skip
    return View("account.html", say("account", visit.lang), values)


def _cookie(visit: Visit) -> str:
    return visit.request.cookies.get(visit.site.settings.cookie, "")


def _myself(visit: Visit) -> accounts.Person:
    if visit.person is None:
        raise stranger()
    return visit.person


async def change_password(visit: Visit) -> Response:
    """Another password of one's own; one's other sessions are over."""
    async with form_of(visit) as sent:
        before, after = str(sent.get("before", "")), str(sent.get("after", ""))
    place = (visit.site.database, _myself(visit), before, after, _cookie(visit), visit.address)
    await run_in_threadpool(accounts.change_password, *place)
    return to("/account?changed")


async def end_sessions(visit: Visit) -> Response:
    """End sessions of one's own that were chosen."""
    async with form_of(visit) as sent:
        keys, password = [str(one) for one in sent.getlist("session")], str(sent.get("password", ""))
    place = (visit.site.database, _myself(visit), keys, password, visit.address)
    await run_in_threadpool(accounts.end_sessions, *place)
    return to("/account")


async def make_token(visit: Visit) -> Response:
    """A token for programs, shown once."""
    async with form_of(visit) as sent:
        name, scope, days = (str(sent.get(one, "")) for one in ("name", "scope", "days"))
    if not days.isdigit():
        raise GangmuError(Problem("days-invalid", "days", "for how many days?", "a number", "write 90"))

    def make() -> View:
        with visit.desk() as desk:
            secret = accounts.make_token(desk.connection, desk.person, name, scope, int(days))
            _noted(desk, "add", name[:100])
        return _account(visit, secret)

    from gangmu.web.app import html

    return html(visit, await run_in_threadpool(make))


async def close_token(visit: Visit) -> Response:
    """End one of one's own tokens."""
    async with form_of(visit):
        pass
    key = visit.request.path_params["key"]

    def close() -> None:
        with visit.desk() as desk:
            if not end_token(desk.connection, desk.person, key):
                what = "there is nothing of yours by this id"
                raise NotFoundError(Problem("not-found", "tokens", what, "an id of yours"))
            _noted(desk, "close", key)

    await run_in_threadpool(close)
    return to("/account")


def _noted(desk: Desk, action: str, key: str, kind: str = "token") -> None:
    note(desk.connection, desk.person.institution, desk.person.id, action, kind, key, desk.address)


async def keep_memo(visit: Visit) -> Response:
    """The institution's own Word template for memos, or for briefings."""
    async with form_of(visit) as sent:
        file, kind = sent.get("file"), str(sent.get("kind", "memo"))
        content = await file.read() if isinstance(file, UploadFile) else b""

    def keep() -> None:
        with visit.desk() as desk:
            desk.need("people", write=True)
            keep_template(visit.site.settings.templates, desk.person.institution, content, kind)

    await run_in_threadpool(keep)
    return to("/account")


def people(visit: Visit) -> View:
    """The accounts of the institution."""
    return _people(visit)


def _people(visit: Visit, key: str = "", secret: str = "") -> View:
    """`key`: whose password is now `secret`, shown once."""
    with visit.desk() as desk:
        found = desk.people()
    whose = next((str(one["login"]) for one in found if one["id"] == key), "")
    values = {"people": found, "roles": list(ROLES), "whose": whose, "password": secret}
    return View("people.html", say("people", visit.lang), values)


async def new_password(visit: Visit) -> Response:
    """A new password for somebody who has forgotten theirs, shown once."""
    async with form_of(visit):
        pass
    key = visit.request.path_params["key"]

    def make() -> View:
        with visit.desk() as desk:
            secret = desk.new_password(key)
        return _people(visit, key, secret)

    from gangmu.web.app import html

    return html(visit, await run_in_threadpool(make))


async def add_person(visit: Visit) -> Response:
    """A new account of the institution."""
    async with form_of(visit) as sent:
        login, name, role, password = (
            str(sent.get(one, "")) for one in ("login", "name", "role", "password")
        )

    def add() -> None:
        with visit.desk() as desk:
            desk.need("people", write=True)
            key = make_person(desk.connection, desk.person.institution, login, name, role, password)
            _noted(desk, "add", key, "person")

    await run_in_threadpool(add)
    return to("/people")


async def set_active(visit: Visit) -> Response:
    """Open or close an account."""
    async with form_of(visit) as sent:
        active = str(sent.get("active", "")) == "yes"

    def change() -> None:
        with visit.desk() as desk:
            desk.set_active(visit.request.path_params["key"], active=active)

    await run_in_threadpool(change)
    return to("/people")


def audit(visit: Visit) -> View:
    """Who read and changed what."""
    with visit.desk() as desk:
        logins = {one["id"]: one["login"] for one in desk.people()}
        entries = [
            {**one, "login": logins.get(one["person"], "–"), "of": logins.get(one["object"], one["object"])}
            for one in desk.audit()
        ]
    return View("audit.html", say("audit", visit.lang), {"entries": entries})
