"""Books, rules, indicators: what anybody may read."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from starlette.requests import Request
from starlette.responses import Response

from gangmu.engine.sql.printed import printed
from gangmu.errors import Problem
from gangmu.evidence.template import write_template
from gangmu.plan.standing import Standing, standings
from gangmu.report.rules import rule_dict
from gangmu.rulebook import model
from gangmu.web.api.access import REFUSALS, known, visit_of
from gangmu.web.api.shapes import (
    BookShape,
    Day,
    Indexed,
    IndicatorShape,
    RuleShape,
    Tracked,
    Units,
)
from gangmu.web.api.shapes import Query as QueryShape
from gangmu.web.desk import NotFoundError
from gangmu.web.export import bytes_of
from gangmu.web.pages.reading import label_of
from gangmu.web.render import plain
from gangmu.web.site import Site, read_day
from gangmu.web.words import say

MOST = 500
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BINARY: Final = {"type": "string", "format": "binary"}
BookName = Annotated[str, InPath(min_length=1, max_length=100, examples=["cn"])]
RuleName = Annotated[str, InPath(min_length=1, max_length=300, examples=["enterprise_size"])]
IndexName = Annotated[str, InPath(min_length=1, max_length=300, examples=["province_innovation"])]
AsOf = Annotated[Day | None, Query(examples=["2026-06-30"])]
Rules = Annotated[list[str] | None, Query(max_length=200, examples=[["enterprise_size"]])]
Short = Annotated[str, Query(max_length=200)]
Runs = Annotated[int, Query(ge=0, le=2000)]


def routes(site: Site) -> APIRouter:
    """The routes over one site."""
    router = APIRouter(tags=["reading"], responses=REFUSALS)

    @router.get("/books", operation_id="list_books")
    def books() -> list[BookShape]:
        """The rulebooks that are served."""
        found = [site.book(name) for name in site.names]
        return [
            BookShape(
                name=one.name,
                version=one.model.version,
                digest=one.digest,
                rules=len(one.model.rules),
                outcomes=list(one.outcomes),
            )
            for one in found
        ]

    @router.get("/books/{book}/rules", operation_id="search_rules")
    def rules(
        book: BookName,
        search: Annotated[str, Query(max_length=200, examples=["pledge"])] = "",
        after: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
        as_of: AsOf = None,
    ) -> list[RuleShape]:
        """Rules whose name, label or note contains `search`, 500 at a time; with `as_of` those in force."""
        one = site.book(book)
        names = [name for name, rule in one.rules(search).items() if in_force(rule, as_of)]
        return [rule_shape(one.model, name, as_of) for name in names[after : after + MOST]]

    @router.get("/books/{book}/rules/{name:path}", operation_id="get_rule")
    def rule(book: BookName, name: RuleName, as_of: AsOf = None) -> RuleShape:
        """One rule by its full or short name; with `as_of` the wordings in force on that day."""
        one = site.book(book).model
        full = name if name in one.rules else next(iter(one.names.get(name, ())), "")
        if not full:
            raise NotFoundError(
                Problem(
                    "not-found",
                    "rule",
                    "the rulebook has no such rule",
                    "a rule",
                    "see /api/v1/books/{book}/rules",
                )
            )
        return rule_shape(one, full, as_of)

    @router.get("/books/{book}/indicators", operation_id="list_indicators")
    def indicators(
        book: BookName, as_of: AsOf = None, lang: Annotated[str, Query(pattern="^(en|zh)$")] = "en"
    ) -> list[IndicatorShape]:
        """Every indicator where it stands on a day."""
        found = standings(site.book(book).model, as_of or read_day(None))
        return [indicator_shape(one, lang) for one in found]

    @router.get("/books/{book}/track", operation_id="track")
    def track(book: BookName, plan: Short = "", as_of: AsOf = None, *, everything: bool = False) -> Tracked:
        """Where the targets of a plan (default: of every page) stand, their pace, where they may end."""
        told = site.book(book).track(plan or None, as_of, everything=everything)
        return Tracked(**plain(told.to_dict()))

    @router.get("/books/{book}/indices/{name:path}", operation_id="shipped_index")
    def shipped(
        book: BookName, name: IndexName, year: Annotated[str, Query(max_length=20)] = "", runs: Runs = 1000,
        seed: Annotated[int, Query(ge=0, le=2**31)] = 1,
    ) -> Indexed:  # fmt: skip
        """An index over the population that the rulebook ships, with the ranks of nine runs in ten."""
        return Indexed(
            **plain(site.book(book).index(name, year=year or None, runs=runs, seed=seed).to_dict())
        )

    @router.post("/books/{book}/indices/{name:path}", operation_id="index")
    def index(book: BookName, name: IndexName, units: Units, request: Request) -> Indexed:
        """An index over units that are sent along."""
        known(visit_of(site, request))
        rows = [dict(row) for row in units.rows]
        told = site.book(book).index(name, rows, year=units.year or None, runs=units.runs, seed=units.seed)
        return Indexed(**plain(told.to_dict()))

    @router.get(
        "/books/{book}/template",
        operation_id="template",
        response_class=Response,
        responses={200: {"content": {XLSX: {"schema": BINARY}}}},
    )
    def template(book: BookName, rule: Rules = None) -> Response:
        """An empty workbook that asks for what rules (default: the outcomes) need."""
        made = site.book(book).model
        headers = {"content-disposition": 'attachment; filename="gangmu-form.xlsx"'}
        content = bytes_of("form.xlsx", lambda path: write_template(made, path, rule))
        return Response(content, 200, headers, XLSX)

    @router.get("/books/{book}/sql", operation_id="sql")
    def sql(
        book: BookName,
        rule: Annotated[list[str], Query(min_length=1, max_length=20, examples=[["enterprise_size"]])],
        dialect: Literal["duckdb", "postgres", "spark"] = "duckdb",
        as_of: AsOf = None,
    ) -> QueryShape:
        """Rules as one query, to read or to run in one's own warehouse."""
        day = (as_of or read_day(None)).isoformat()
        return QueryShape(dialect=dialect, sql=printed(site.book(book).model, rule, dialect, day))

    return router


def indicator_shape(one: Standing, lang: str) -> IndicatorShape:
    """An indicator as it is sent."""

    def mark(value: model.Mark | None) -> str:
        return f"{value.value.text} ({value.year})" if value is not None else ""

    values = [(seen.value.text, seen.period) for seen in one.latest if seen.value is not None]
    covered = one.covered
    return IndicatorShape(
        url=f"/rules/{one.rule.name}",
        label=label_of(one.rule, lang),
        baseline=mark(one.baseline),
        target=mark(one.target),
        latest=" / ".join(dict.fromkeys(text for text, _ in values)),
        when=values[-1][1] if values else "",
        state=one.state,
        words=say(one.state, lang),
        grade=one.grade,
        covered=min(max(float(covered[0]), 0.0), 1.0) if covered is not None else None,
    )


def in_force(rule: model.Rule, day: date | None) -> bool:
    """Whether a rule has a wording in force on a day (any, if no day is named)."""
    return day is None or any(_holds(one.start, one.end, day) for one in rule.editions)


def rule_shape(book: model.Rulebook, name: str, day: date | None) -> RuleShape:
    """A rule as it is sent, with the wordings of a day."""
    found = rule_dict(book, name)
    if day is not None:
        pairs = zip(found["editions"], book.rules[name].editions, strict=True)
        found["editions"] = [told for told, one in pairs if _holds(one.start, one.end, day)]
    return RuleShape(**found)


def _holds(start: date | None, end: date | None, day: date) -> bool:
    return (start is None or start <= day) and (end is None or day < end)
