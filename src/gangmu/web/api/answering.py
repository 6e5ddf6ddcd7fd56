"""Questions about facts that are sent along and not kept: assess, explain, decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import isfinite
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request

from gangmu.book import Book
from gangmu.engine.outcomes import Answer
from gangmu.errors import Problem, QuestionError
from gangmu.rulebook.model import ROOT
from gangmu.web.api.access import REFUSALS, known, visit_of
from gangmu.web.api.shapes import (
    Answered,
    AnswerShape,
    Change,
    Channels,
    Decided,
    Due,
    Facts,
    Outlook,
    Question,
    Reform,
    Reformed,
    Told,
    Trouble,
)
from gangmu.web.render import plain
from gangmu.web.site import Site, read_day

MAX_DAYS = 3_660  # looked ahead
RuleName = Annotated[str, Path(min_length=1, max_length=300, examples=["enterprise_size"])]


def routes(site: Site) -> APIRouter:
    """The routes over one site."""
    router = APIRouter(tags=["answering"], responses=REFUSALS)

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

    @router.post("/explain/{rule:path}", operation_id="explain")
    def explain(rule: RuleName, question: Question, request: Request) -> Told:
        """Why one rule came out as it did: reasons with sources, what is missing, the shortest lawful way."""
        known(visit_of(site, request))
        book = site.book(question.book)
        told = book.explain(given(question.facts), rule, None, question.as_of or read_day(None))
        return Told(**plain(told.to_dict()))

    @router.post("/channels", operation_id="channels")
    def channels(question: Question, request: Request) -> Channels:
        """Which channels can be used together (`rules`: channels or groups), what they share."""
        known(visit_of(site, request))
        book, day = site.book(question.book), question.as_of or read_day(None)
        told = book.compatible(given(question.facts), None, day, question.rules or None)
        return Channels(**plain(told.to_dict()))

    @router.post("/due", operation_id="due")
    def due(question: Outlook, request: Request) -> Due:
        """The days up to `until` on which an answer changes though nobody does anything."""
        known(visit_of(site, request))
        book, day = site.book(question.book), question.as_of or read_day(None)
        if question.until is not None and (question.until - day).days > MAX_DAYS:
            what = f"`until` is more than {MAX_DAYS:,} days after the day asked"
            raise QuestionError(Problem("until-far", "until", what, "a day before", "ask for less"))
        told = book.due(given(question.facts), question.until, day, question.rules or None)
        return Due(**plain(told.to_dict(question.lang)))

    @router.post("/reform", operation_id="reform")
    def reform(question: Reform, request: Request) -> Reformed:
        """What changed numbers do to enterprises that are sent along: who gains, who loses, totals."""
        known(visit_of(site, request))
        book = site.book(question.book)
        return reformed(book, many(question.enterprises), question)

    @router.post("/decide", operation_id="decide")
    def decide(question: Question, request: Request) -> Decided:
        """As assess, in well under a millisecond within the process: no grades, no record."""
        # What was asked once is answered by `quick` from then on.
        known(visit_of(site, request))
        book, day = question.book, question.as_of or read_day(None)
        ask = site.ready(
            (book, tuple(question.rules), day), lambda: site.book(book).prepared(question.rules or None, day)
        )
        told = ask(question.facts.enterprise, question.facts.rows, question.facts.complete).all()
        return Decided(answers={name: shape(one) for name, one in told.items()})

    return router


def reformed(book: Book, evidence: object, change: Change) -> Reformed:
    """A reform over evidence. Raises `GangmuError`."""
    told = book.reform(
        evidence, dict(change.set) or None, change.as_of or read_day(None), change.rules or None,
        sweep=change.sweep, by=change.by, weight=change.weight, listing=change.listing,
    ).to_dict()  # fmt: skip
    record = told.pop("record")
    return Reformed(record=plain(record), tables=plain(told))


def many(enterprises: Sequence[Facts]) -> dict[str, list[dict[str, object]]]:
    """Enterprises as `Book.read` takes several: their number is their key."""
    found: dict[str, list[dict[str, object]]] = {ROOT: []}
    for number, one in enumerate(enterprises, 1):
        key = {ROOT: str(number)}
        complete = {"complete": ",".join(one.complete)} if one.complete else {}
        found[ROOT].append({**one.enterprise, **complete, **key})
        for entity, rows in one.rows.items():
            found.setdefault(entity, []).extend({**row, **key} for row in rows)
    return found


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


def told_plainly(answer: Answer) -> dict[str, str | bool | None]:
    """The same as plain data, where no time is to be lost."""
    return {
        "status": answer.status,
        "value": _text(answer.value),
        "low": _number(answer.low),
        "high": _number(answer.high),
        "until": None if answer.until is None else answer.until.isoformat(),
        "grade": answer.grade or "",
    }


def _text(value: object) -> str | bool | None:
    if value is None or isinstance(value, bool):
        return value
    return _number(value) if isinstance(value, Fraction | int | float) else str(value)


def _number(value: Fraction | float | date | None) -> str | None:
    """An exact number: a decimal where there is one, else a fraction; endless is nothing."""
    if value is None or isinstance(value, date):
        return None
    if isinstance(value, float):
        return str(Fraction(value)) if isfinite(value) else None
    return str(value)
