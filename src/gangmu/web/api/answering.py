"""Questions about facts that are sent along and not kept: assess, explain, decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from gangmu.engine.outcomes import Answer
from gangmu.engine.prepared import Prepared
from gangmu.web.api.access import REFUSALS, known, visit_of
from gangmu.web.api.shapes import Answered, AnswerShape, Decided, Facts, Question, Trouble
from gangmu.web.render import plain
from gangmu.web.site import Site, read_day

PREPARED = 64  # questions kept ready


def routes(site: Site) -> APIRouter:
    """The routes over one site."""
    router = APIRouter(tags=["answering"], responses=REFUSALS)

    @lru_cache(maxsize=PREPARED)
    def prepared(book: str, rules: tuple[str, ...], day: date) -> Prepared:
        return site.book(book).prepared(list(rules) or None, day)

    @router.post("/assess", operation_id="assess")
    def assess(question: Question, request: Request) -> Answered:
        """Every rule asked, for one enterprise: status, value or bounds, grade."""
        known(visit_of(site, request))
        book = site.book(question.book)
        result = book.assess(given(question.facts), question.as_of or read_day(None), question.rules or None)
        [item] = result.answers
        answers = {name: shape(one) for name, one in zip(result.names, item.answers, strict=True)}
        unread = [
            Trouble(
                code="cell-unread",
                where=f"{one.table} row {one.row}",
                what=one.reason,
                rule=one.field,
            )
            for one in result.quarantine[:100]
        ]
        unread += [Trouble(**plain(one)) for one in result.notes[:50]]
        return Answered(answers=answers, unread=unread, record=plain(result.record))

    @router.post("/explain/{rule}", operation_id="explain")
    def explain(rule: str, question: Question, request: Request) -> dict[str, Any]:
        """Why one rule came out as it did: reasons with sources, what is missing, the shortest lawful way."""
        known(visit_of(site, request))
        book = site.book(question.book)
        told = book.explain(given(question.facts), rule, None, question.as_of or read_day(None))
        found: dict[str, Any] = plain(told.to_dict())
        return found

    @router.post("/decide", operation_id="decide")
    def decide(question: Question, request: Request) -> Decided:
        """As assess, in well under a millisecond within the process: no grades, no record."""
        known(visit_of(site, request))
        book = site.book(question.book)
        ask = prepared(book.name, tuple(question.rules), question.as_of or read_day(None))
        told = ask(question.facts.enterprise, question.facts.rows, question.facts.complete)
        return Decided(answers={name: shape(told[name]) for name in ask.names})

    return router


def given(facts: Facts) -> Mapping[str, object]:
    """Facts as `Book.read` takes one case."""
    found: dict[str, object] = {
        "enterprise": dict(facts.enterprise),
        **{name: list(rows) for name, rows in facts.rows.items()},
    }
    if facts.complete:
        found["complete"] = list(facts.complete)
    return found


def shape(answer: Answer) -> AnswerShape:
    """An answer as it is sent."""
    return AnswerShape(
        status=answer.status,
        value=_text(answer.value),
        low=_number(answer.low),
        high=_number(answer.high),
        until=answer.until,
        grade=answer.grade or "",
    )


def _text(value: object) -> str | bool | None:
    if value is None or isinstance(value, bool):
        return value
    return _number(value) if isinstance(value, Fraction | int | float) else str(value)


def _number(value: Fraction | float | date | None) -> str | None:
    """An exact number: a decimal where there is one, else a fraction; endless is nothing."""
    if (
        value is None
        or isinstance(value, date)
        or (isinstance(value, float) and value in (float("inf"), float("-inf")))
    ):
        return None
    return str(Fraction(value))
