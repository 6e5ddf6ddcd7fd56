"""The dates on which an answer changes by itself: nothing is done, no fact is new, only the day goes on.

For few enterprises the interpreter goes from one turning day to the next (`turning`), so that each change
comes with what it goes back to (`roots`). For a portfolio the kernel answers for everybody day by day: that
is every day there is, and needs no proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec

from gangmu.changes.clocked import Clocked, clocked
from gangmu.changes.roots import Root, roots
from gangmu.changes.turning import DAY, turnings
from gangmu.engine.assess import outcome
from gangmu.engine.assessed import NEEDED
from gangmu.engine.calendar import add_months
from gangmu.engine.day import read_day
from gangmu.engine.interpreter import Run
from gangmu.engine.outcomes import Answer
from gangmu.errors import Problem, QuestionError
from gangmu.evidence.cases import Evidence
from gangmu.evidence.facts import Case
from gangmu.rulebook import model


@dataclass(frozen=True, slots=True)
class Change:
    """An answer that is another from a day on, what it was the day before, and what that goes back to."""

    enterprise: str
    rule: str
    day: date
    before: Answer
    after: Answer
    roots: tuple[Root, ...] = ()


MOST_YEARS = 50  # that are looked ahead
MANY = 60  # cases: fewer are done one by one before machine code has answered for a year of days


def watched_by_default(book: model.Rulebook) -> list[str]:
    """The outcomes of a book, and every title and channel, by full name."""
    asked = (
        name for name, rule in book.rules.items()
        if rule.entity == model.ROOT and rule.kind in ("title", "channel")
    )  # fmt: skip
    return list(dict.fromkeys([*book.outcomes, *asked]))


def last_day(days: Sequence[date], until: str | date | None) -> date:
    """The last day to look at: as said, or a year after the first. Raises `QuestionError`."""
    first = min(days, default=date.min)
    if until is None:
        return add_months(first, 12)
    last = read_day(until)
    expected = f"a day after {first.isoformat()}, at most {MOST_YEARS} years later"
    if not first < last <= add_months(first, 12 * MOST_YEARS):
        what = f"{last.isoformat()} cannot be looked ahead to"
        raise QuestionError(Problem("until-invalid", "until", what, expected, "name a later day"))
    return last


def due(  # noqa: PLR0913, PLR0917  a question has as many sides
    book: model.Rulebook, evidence: Evidence, names: Sequence[str], days: Sequence[date], until: date,
    advance: Callable[[], object] = lambda: None,
) -> Iterator[Change]:  # fmt: skip
    """Every change after each case's day, up to `until`.

    `names` are full names, `days` the day of each case, in the order of the evidence. Case by case, or day by
    day in machine code where there are many and llvmlite is installed; the changes are the same.
    """
    if len(evidence) >= MANY and all(find_spec(name) is not None for name in NEEDED):
        from gangmu.changes.due_many import due_many

        yield from due_many(book, evidence, names, days, until, advance)
        return
    yield from due_one_by_one(book, evidence, names, days, until, advance)


def due_one_by_one(  # noqa: PLR0913, PLR0917  as `due`
    book: model.Rulebook, evidence: Evidence, names: Sequence[str], days: Sequence[date], until: date,
    advance: Callable[[], object] = lambda: None,
) -> Iterator[Change]:  # fmt: skip
    """As `due`, case by case."""
    watched = clocked(book, names)
    for case, day in zip(evidence.cases(), days, strict=True):
        yield from due_of(watched, case, day, until)
        advance()


def due_of(watched: Clocked, case: Case, start: date, until: date) -> Iterator[Change]:
    """As `due`, of one case."""
    told: dict[str, Answer] = {}
    for turning in turnings(watched, case, start, until):
        run, yesterday = turning.run, None
        for name in watched.names:
            if told and not turning.reaches(name):
                continue
            now = outcome(run, name)
            before = told.get(name)
            if before is not None and now != before:
                yesterday = yesterday or Run(watched.book, case, run.as_of - DAY)
                yield Change(case.key, name, run.as_of, before, now, roots(yesterday, run, name))
            told[name] = now
