"""The application: pages and API around one site, behind the guard."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote, urlencode

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from gangmu.errors import GangmuError, Problem
from gangmu.web import api, pages
from gangmu.web.api.quick import Quick
from gangmu.web.desk import ChangedMeanwhileError, NotAllowedError, NotFoundError
from gangmu.web.files import TooLargeError
from gangmu.web.guard import Guard
from gangmu.web.pace import TooFastError
from gangmu.web.people import SignInError, by_session, by_token
from gangmu.web.refusals import for_people
from gangmu.web.render import plain, render
from gangmu.web.settings import Settings
from gangmu.web.site import LANG_COOKIE, Site, View, Visit, read_day, read_lang
from gangmu.web.start import begin
from gangmu.web.words import say
from gangmu.web.work import Worker

VERSION = version("gangmu")
HINTS: dict[int, dict[str, str]] = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "10"}}
SHARED = ("report.css", "index.css")
STATUS: tuple[tuple[type[GangmuError], int], ...] = (
    (NotFoundError, 404),
    (NotAllowedError, 403),
    (SignInError, 401),
    (TooLargeError, 413),
    (ChangedMeanwhileError, 409),
    (TooFastError, 429),
    (GangmuError, 422),
)


def create_app(settings: Settings) -> FastAPI:
    """The application over one installation; its database is opened and migrated here."""
    site = begin(settings)
    worker = Worker(site)
    site.wake = worker.wake

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        worker.start()
        try:
            yield
        finally:
            worker.stop()
            site.close()

    app = FastAPI(
        title="Gangmu",
        version=VERSION,
        lifespan=living,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        description="Assess enterprises against cited, dated rules; every answer with its sources.",
    )
    app.state.site = site
    api.add(app, site)
    for path, page in pages.PAGES.items():
        _add_page(app, site, path, page)
    for path, action in pages.ACTIONS.items():
        app.add_api_route(path, _acting(site, action), methods=["POST"], include_in_schema=False)
    for name in SHARED:
        app.add_api_route(f"/static/{name}", _shared(name), methods=["GET"], include_in_schema=False)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    _add_errors(app, site)
    app.add_middleware(Quick, site=site)  # the last one added is the first one passed
    app.add_middleware(Guard, settings=settings, refuse=partial(_refuse, site))
    return app


def _shared(name: str) -> Callable[[], FileResponse]:
    """The looks that the site shares with the reports."""
    return lambda: FileResponse(Path(__file__).parent.parent / "report" / "templates" / name)


# ---------------------------------------------------------------------------------------------------- visits


def visit_of(site: Site, request: Request) -> Visit:
    """Who asks, in which language, as of which day. Raises `GangmuError`."""
    person = site.demo
    secret = request.cookies.get(site.settings.cookie, "")
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        with site.database.begin() as connection:
            person = by_token(connection, token.strip())
        if person is None:
            raise SignInError(
                Problem(
                    "token-over",
                    "token",
                    "this token is not known or has ended",
                    "a token that lasts",
                    "make another one",
                )
            )
    elif secret:
        with site.database.begin() as connection:
            person = by_session(connection, secret, site.settings.session_idle) or person
    if person is not None and person is not site.demo:
        site.pace.check(person.id)
    return Visit(site, request, person, read_lang(request), read_day(request.query_params.get("as_of")))


def _add_page(app: FastAPI, site: Site, path: str, page: Callable[[Visit], View | Response]) -> None:
    """A page, and the same as JSON beside it."""

    async def shown(request: Request) -> Response:
        visit = await run_in_threadpool(visit_of, site, request)
        found = await run_in_threadpool(page, visit)
        return found if isinstance(found, Response) else await run_in_threadpool(html, visit, found)

    async def data(request: Request) -> Response:
        visit = await run_in_threadpool(visit_of, site, request)
        found = await run_in_threadpool(page, visit)
        if isinstance(found, Response):
            return found
        return JSONResponse(plain({"title": found.title, **found.values}), found.status)

    beside = "/index.json" if path == "/" else f"{path}.json"
    app.add_api_route(beside, data, methods=["GET"], include_in_schema=False)
    app.add_api_route(path, shown, methods=["GET"], include_in_schema=False)


def _acting(
    site: Site, action: Callable[[Visit], Awaitable[Response]]
) -> Callable[[Request], Awaitable[Response]]:
    async def acted(request: Request) -> Response:
        visit = await run_in_threadpool(visit_of, site, request)
        return await action(visit)

    return acted


def html(visit: Visit, view: View) -> HTMLResponse:
    """A view as a page."""
    request = visit.request
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    other = "en" if visit.lang == "zh" else "zh"
    values = {
        "visit": visit,
        "lang": visit.lang,
        "title": view.title,
        "path": request.url.path,
        "site": visit.site,
        "other_lang": other,
        "other_url": f"{quote(request.url.path)}?{urlencode([*kept, ('lang', other)])}",
        "as_of": visit.as_of,
        "version": VERSION,
        **view.values,
    }
    response = HTMLResponse(render(view.template, values), view.status)
    if request.query_params.get("lang") == visit.lang:
        response.set_cookie(
            LANG_COOKIE,
            visit.lang,
            max_age=31_536_000,
            samesite="lax",
            httponly=True,
            secure=visit.site.settings.secure,
        )
    return response


# ---------------------------------------------------------------------------------------------------- errors


def _add_errors(app: FastAPI, site: Site) -> None:
    async def ours(request: Request, error: Exception) -> Response:
        if not isinstance(error, GangmuError):
            raise error
        status = next(status for kind, status in STATUS if isinstance(error, kind))
        if error.problems[0].code == "sign-in-needed":
            status = 401
            if _wants_page(request) and request.method == "GET":
                return RedirectResponse(f"/sign-in?{urlencode({'to': request.url.path})}", 303)
        return await run_in_threadpool(_refuse, site, request, status, error.problems)

    async def theirs(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        what = say("no page", "en") if status == HTTPStatus.NOT_FOUND else str(getattr(error, "detail", ""))
        return await run_in_threadpool(
            _refuse,
            site,
            request,
            status,
            [Problem("not-found" if status == HTTPStatus.NOT_FOUND else "refused", request.url.path, what)],
        )

    async def invalid(request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            raise error
        found = [
            Problem("value-invalid", ".".join(map(str, one["loc"])), str(one["msg"]), "see /api/openapi.json")
            for one in error.errors()[:20]
        ]
        return await run_in_threadpool(_refuse, site, request, 422, found)

    app.add_exception_handler(GangmuError, ours)
    app.add_exception_handler(HTTPException, theirs)
    app.add_exception_handler(RequestValidationError, invalid)


def _wants_page(request: Request) -> bool:
    path = request.url.path
    return (
        not path.startswith("/api/")
        and not path.endswith(".json")
        and "text/html" in request.headers.get("accept", "")
    )


def _refuse(site: Site, request: Request, status: int, problems: list[Problem]) -> Response:
    """A refusal as a page for people, as problem details (RFC 9457) for programs."""
    if _wants_page(request):
        visit = Visit(site, request, site.demo, read_lang(request), read_day(None))
        return html(
            visit,
            View(
                "error.html",
                say("refused", visit.lang),
                {"problems": for_people(problems, visit.lang), "status": status},
                status,
            ),
        )
    first = problems[0]
    body = {
        "type": f"urn:gangmu:{first.code}",
        "title": first.what,
        "status": status,
        "detail": first.todo or first.expected,
        "instance": request.url.path,
        "problems": [plain(one) for one in problems[:50]],
    }
    return JSONResponse(body, status, HINTS.get(status), "application/problem+json")
