"""Portfolios over the API: sent, worked out in the background, read back as a stream, compared, reformed."""

from __future__ import annotations

import json
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import pyarrow.dataset as ds
import pyarrow.parquet as pq
from fastapi import APIRouter, Query
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from gangmu.book import diff
from gangmu.errors import GangmuError, Problem, QuestionError
from gangmu.web.api.access import REFUSALS, known, visit_of
from gangmu.web.api.answering import reformed
from gangmu.web.api.keeping import Key
from gangmu.web.api.reading import BINARY
from gangmu.web.api.shapes import Change, Day, Moved, PortfolioShape, Reformed
from gangmu.web.desk import NotFoundError
from gangmu.web.files import place
from gangmu.web.render import plain
from gangmu.web.site import Site, read_day
from gangmu.web.work import answers_of, clear

PARQUET, LINES = "application/vnd.apache.parquet", "application/jsonl"
MAX_ASKED = 50_000  # enterprises over which a question is answered while one waits
MAX_MOVED = 1_000  # changed answers sent at once
_BATCH, _PART = 2_000, 1 << 20
Where = Annotated[str, Field(max_length=350, pattern="^.+:[a-z_]+$")]
Filter = Annotated[list[Where] | None, Query(max_length=20, examples=[["enterprise_size:known"]])]


def routes(site: Site) -> APIRouter:  # noqa: C901, PLR0915  a route more is a function more, no branch
    """The routes over one site."""
    router = APIRouter(tags=["portfolios"], responses=REFUSALS)

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
        file_name: Annotated[str, Query(min_length=1, max_length=200, examples=["firms.csv"])],
        name: Annotated[str, Query(max_length=300)] = "",
        as_of: Annotated[Day | None, Query()] = None,
        book: Annotated[str, Query(max_length=100)] = "",
        rule: Annotated[list[str] | None, Query(max_length=200, examples=[["enterprise_size"]])] = None,
    ) -> PortfolioShape:
        """Send a table (the body is the file); it is worked out in the background."""
        visit = known(await run_in_threadpool(visit_of, site, request))
        assert visit.person is not None  # noqa: S101  known
        chosen = await run_in_threadpool(site.book, book)
        if not visit.person.may("institution"):
            raise NotFoundError(
                Problem("not-found", "portfolios", "there is nothing here for this role", "another role")
            )
        with site.uploads.turn(visit.person.institution):
            kept = await site.shelf.keep(file_name, _body(request))
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

    @router.delete("/portfolios/{key}", operation_id="delete_portfolio", status_code=204)
    def drop(key: Key, request: Request) -> None:
        """Delete a portfolio with its answers; its upload goes too, unless another one was made of it."""
        with known(visit_of(site, request)).desk() as desk:
            desk.drop_portfolio(key)
        clear(site.settings.results, key)

    @router.get(
        "/portfolios/{key}/answers",
        operation_id="get_answers",
        response_class=Response,
        responses={200: {"content": {PARQUET: {"schema": BINARY}, LINES: {"schema": BINARY}}}},
    )
    def answers(
        key: Key,
        request: Request,
        form: Literal["parquet", "jsonl"] = "parquet",
        where: Filter = None,
    ) -> Response:
        """The answers as Parquet or as JSON lines; `where=rule:status` (all of them) leaves some out."""
        asked = done(request, key)
        wanted = filter_of(where or [], list(asked["summary"]["counts"]))
        return sent(answers_of(site.settings.results, asked["id"]), wanted, form)

    @router.get("/portfolios/{key}/diff/{other}", operation_id="diff_portfolios")
    def moved(
        key: Key, other: Key, request: Request, lang: Annotated[str, Query(pattern="^(en|zh)$")] = "en"
    ) -> Moved:
        """Which answers of one portfolio are others in a second, and whether law, facts or time did it."""
        pair = [done(request, one) for one in (key, other)]
        waiting(pair)
        told = diff(
            *(answers_of(site.settings.results, one["id"]) for one in pair),
            evidence=list(dict.fromkeys(source(one) for one in pair)),
        )
        found = plain(told.to_dict(lang))
        changes = found.pop("changes")
        return Moved(**found, changes=changes[:MAX_MOVED], more=max(0, len(changes) - MAX_MOVED))

    @router.post("/portfolios/{key}/reform", operation_id="reform_portfolio")
    def reform(key: Key, change: Change, request: Request) -> Reformed:
        """What changed numbers do to the enterprises of a portfolio."""
        found = done(request, key)
        waiting([found])
        return reformed(site.book(found["book"]), source(found), change)

    def done(request: Request, key: str) -> Mapping[str, Any]:
        """A portfolio of one's own that is worked out, with its file. Raises `NotFoundError`."""
        with known(visit_of(site, request)).desk() as desk:
            found = desk.portfolio(key)
            file = desk.upload(found["file"])
        if found["state"] != "done":
            what = f"the portfolio is {found['state']}"
            raise NotFoundError(Problem("not-found", "answers", what, "one that is done", "ask again later"))
        return {**found, "upload": file}

    def source(found: Mapping[str, Any]) -> str:
        return place(site.settings.files, found["upload"]["digest"], found["upload"]["name"]).as_posix()

    return router


def waiting(portfolios: list[Mapping[str, Any]]) -> None:
    """Refuse what takes longer than somebody waits. Raises `QuestionError`."""
    rows = sum(one["summary"]["rows"] for one in portfolios)
    if rows > MAX_ASKED:
        what = f"{rows:,} enterprises take longer than a request may"
        raise QuestionError(
            Problem("portfolio-large", "portfolio", what, f"at most {MAX_ASKED:,}", "use the command line")
        )


def filter_of(where: list[str], names: list[str]) -> ds.Expression | None:
    """What `rule:status` says, all of it together. Raises `QuestionError` for a rule that was not asked."""
    found: ds.Expression | None = None
    for one in where:
        name, _, status = one.rpartition(":")
        if name not in names:
            what, known = f"`{name}` was not worked out here", ", ".join(names[:20])
            raise QuestionError(Problem("where-unknown", "where", what, known, "ask for one of these"))
        same = ds.field(f"{name}.status") == status
        found = same if found is None else found & same
    return found


def sent(answers: Path, wanted: ds.Expression | None, form: Literal["parquet", "jsonl"]) -> Response:
    """The rows that a filter leaves, as a stream; never more than a few batches in memory."""
    if form == "jsonl":
        return StreamingResponse(lines(answers, wanted), media_type=LINES)
    if wanted is None:
        return FileResponse(answers, media_type=PARQUET)
    return StreamingResponse(rows_left(answers, wanted), media_type=PARQUET)


def lines(answers: Path, wanted: ds.Expression | None) -> Iterator[bytes]:
    """The rows of a table as JSON, one a line."""
    for batch in ds.dataset(answers).to_batches(filter=wanted, batch_size=_BATCH):
        rows = (json.dumps(plain(row), ensure_ascii=False) for row in batch.to_pylist())
        if batch.num_rows:
            yield "".join(f"{row}\n" for row in rows).encode()


def rows_left(answers: Path, wanted: ds.Expression) -> Iterator[bytes]:
    """A table with the rows that a filter leaves, by way of a file without a name: none is left behind."""
    dataset = ds.dataset(answers)
    with tempfile.TemporaryFile(dir=answers.parent) as file:
        with pq.ParquetWriter(file, dataset.schema) as made:
            for batch in dataset.to_batches(filter=wanted):
                made.write_batch(batch)
        file.seek(0)
        while part := file.read(_PART):
            yield part


async def _body(request: Request) -> AsyncIterator[bytes]:
    async for part in request.stream():
        yield part


def _portfolio(row: Any) -> PortfolioShape:  # noqa: ANN401  a record
    names = ("id", "name", "book", "as_of", "state", "done", "total", "problems", "summary")
    return PortfolioShape(**{name: row[name] for name in names})
