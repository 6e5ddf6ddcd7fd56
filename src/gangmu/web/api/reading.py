"""Books, rules, indicators: what anybody may read."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query

from gangmu.errors import Problem
from gangmu.report.rules import rule_dict
from gangmu.web.api.access import REFUSALS
from gangmu.web.api.shapes import BookShape, IndicatorShape, RuleShape
from gangmu.web.desk import NotFoundError
from gangmu.web.pages.reading import indicator_lines
from gangmu.web.render import plain
from gangmu.web.site import Site, read_day

MOST = 500


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
        book: str,
        search: Annotated[str, Query(max_length=200)] = "",
        after: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> list[RuleShape]:
        """Rules whose name, label or note contains `search`, 500 at a time."""
        one = site.book(book)
        names = list(one.rules(search))[after : after + MOST]
        return [RuleShape(**rule_dict(one.model, name)) for name in names]

    @router.get("/books/{book}/rules/{name:path}", operation_id="get_rule")
    def rule(book: str, name: str) -> RuleShape:
        """One rule by its full or short name."""
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
        return RuleShape(**rule_dict(one, full))

    @router.get("/books/{book}/indicators", operation_id="list_indicators")
    def indicators(
        book: str, as_of: date | None = None, lang: Annotated[str, Query(pattern="^(en|zh)$")] = "en"
    ) -> list[IndicatorShape]:
        """Every indicator where it stands on a day."""
        found: list[dict[str, Any]] = plain(
            indicator_lines(site.book(book).model, as_of or read_day(None), lang)
        )
        return [IndicatorShape(**one) for one in found]

    return router
