"""What is kept: enterprises and portfolios of one's own institution."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from gangmu.errors import GangmuError, Problem
from gangmu.web.api.access import REFUSALS, known, visit_of
from gangmu.web.api.shapes import Changed, EnterpriseShape, NewEnterprise, PortfolioShape
from gangmu.web.desk import NotFoundError
from gangmu.web.files import check_name, keep
from gangmu.web.intake import checked
from gangmu.web.site import Site, read_day
from gangmu.web.work import answers_of

Key = Annotated[str, Path(max_length=36, pattern="^[0-9a-f-]{36}$")]


def routes(site: Site) -> APIRouter:  # noqa: C901  a route more is a function more, no branch
    """The routes over one site."""
    router = APIRouter(tags=["keeping"], responses=REFUSALS)

    @router.get("/enterprises", operation_id="list_enterprises")
    def enterprises(
        request: Request,
        search: Annotated[str, Query(max_length=200)] = "",
        after: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> list[EnterpriseShape]:
        """Enterprises, last changed first."""
        with known(visit_of(site, request)).desk() as desk:
            return [EnterpriseShape(**one) for one in desk.enterprises(search, after)]

    @router.post("/enterprises", operation_id="add_enterprise", status_code=201)
    def add(new: NewEnterprise, request: Request) -> EnterpriseShape:
        """Keep an enterprise."""
        book = site.book(new.book)
        with known(visit_of(site, request)).desk() as desk:
            key = desk.add_enterprise(new.name, book.name, checked(new.tables, book))
            return _shape(desk.enterprise(key))

    @router.get("/enterprises/{key}", operation_id="get_enterprise")
    def one(key: Key, request: Request) -> EnterpriseShape:
        """One enterprise with its facts."""
        with known(visit_of(site, request)).desk() as desk:
            return _shape(desk.enterprise(key))

    @router.put("/enterprises/{key}", operation_id="save_enterprise")
    def save(key: Key, changed: Changed, request: Request) -> EnterpriseShape:
        """Replace the facts of a version."""
        with known(visit_of(site, request)).desk() as desk:
            book = site.book(desk.enterprise(key)["book"])
            desk.save_facts(key, checked(changed.tables, book), changed.version)
            return _shape(desk.enterprise(key))

    @router.delete("/enterprises/{key}", operation_id="delete_enterprise", status_code=204)
    def drop(key: Key, request: Request) -> None:
        """Delete an enterprise and its versions."""
        with known(visit_of(site, request)).desk() as desk:
            desk.drop_enterprise(key)

    @router.get("/portfolios", operation_id="list_portfolios")
    def portfolios(request: Request) -> list[PortfolioShape]:
        """Portfolios, newest first."""
        with known(visit_of(site, request)).desk() as desk:
            return [_portfolio(one) for one in desk.portfolios()]

    @router.post(
        "/portfolios",
        operation_id="add_portfolio",
        status_code=202,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    )
    async def upload(  # noqa: PLR0913, PLR0917  a query has its parameters
        request: Request,
        file_name: Annotated[str, Query(min_length=1, max_length=200)],
        name: Annotated[str, Query(max_length=300)] = "",
        as_of: date | None = None,
        book: Annotated[str, Query(max_length=100)] = "",
        rule: Annotated[list[str] | None, Query(max_length=200)] = None,
    ) -> PortfolioShape:
        """Send a table (the body is the file); it is worked out in the background."""
        visit = known(await run_in_threadpool(visit_of, site, request))
        chosen = await run_in_threadpool(site.book, book)
        if visit.person is not None and not visit.person.may("institution"):
            raise NotFoundError(
                Problem("not-found", "portfolios", "there is nothing here for this role", "another role")
            )
        kept = await keep(
            site.settings.files, check_name(file_name), _body(request), site.settings.max_upload
        )
        if not kept["size"]:
            raise GangmuError(
                Problem("file-empty", "body", "nothing was sent", "a table", "send the file as the body")
            )
        day = as_of or read_day(None)

        def add_it() -> PortfolioShape:
            with visit.desk() as desk:
                key = desk.add_portfolio(name, chosen.name, kept, day.isoformat(), rule or [])
                return _portfolio(desk.portfolio(key))

        found = await run_in_threadpool(add_it)
        site.wake()
        return found

    @router.get("/portfolios/{key}", operation_id="get_portfolio")
    def portfolio(key: Key, request: Request) -> PortfolioShape:
        """One portfolio and how far it is."""
        with known(visit_of(site, request)).desk() as desk:
            return _portfolio(desk.portfolio(key))

    @router.get(
        "/portfolios/{key}/answers",
        operation_id="get_answers",
        response_class=Response,
        responses={200: {"content": {"application/vnd.apache.parquet": {}}}},
    )
    def answers(key: Key, request: Request) -> Response:
        """The answers as Parquet, streamed."""
        with known(visit_of(site, request)).desk() as desk:
            found = desk.portfolio(key)
        if found["state"] != "done":
            raise NotFoundError(
                Problem(
                    "not-found",
                    "answers",
                    f"the portfolio is {found['state']}",
                    "one that is done",
                    "ask again later",
                )
            )
        return FileResponse(
            answers_of(site.settings.results, key), media_type="application/vnd.apache.parquet"
        )

    return router


async def _body(request: Request) -> AsyncIterator[bytes]:
    async for part in request.stream():
        yield part


def _shape(row: Any) -> EnterpriseShape:  # noqa: ANN401  a record
    names = ("id", "name", "book", "version", "changed")
    return EnterpriseShape(**{name: row[name] for name in names}, tables=row["facts"])


def _portfolio(row: Any) -> PortfolioShape:  # noqa: ANN401  a record
    names = ("id", "name", "book", "as_of", "state", "done", "total", "problems", "summary")
    return PortfolioShape(**{name: row[name] for name in names})
