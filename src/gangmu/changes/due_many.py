"""The dates of a portfolio: the kernel answers for everybody, day by day, and two days are laid side by side.

That is every day there is, so nothing has to be known of how rules move. Only two days are held at a time.
Columns of doubles point to the rows that differ; what is told of these are the exact answers. What a change
goes back to is worked out for the first enterprise of those with the same change on the same day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.changes.apart import unlike
from gangmu.changes.due import Change, due_one_by_one
from gangmu.changes.roots import roots
from gangmu.changes.turning import DAY
from gangmu.engine.interpreter import Run
from gangmu.engine.outcomes import GRADE, Answer, Outcomes
from gangmu.evidence.cases import Evidence
from gangmu.rulebook import model

MOST_TRACED = 300  # changes of which it is worked out what they go back to; a tenth of a second each


def due_many(  # noqa: PLR0913, PLR0917  as `due`
    book: model.Rulebook, evidence: Evidence, names: Sequence[str], days: Sequence[date], until: date,
    advance: Callable[[], object] = lambda: None,
) -> Iterator[Change]:  # fmt: skip
    """As `due`, day by day. Rules that the kernel refuses are looked at case by case."""
    from gangmu.engine.kernel.assess import assess_days

    span = max(((until - day).days for day in days), default=0)
    before: Mapping[str, Outcomes] = {}
    refused: list[str] = []
    traced: set[tuple[object, ...]] = set()
    told = 0
    for number in range(span + 1):
        now = [min(day + number * DAY, until) for day in days]
        answers = assess_days(book, evidence, names, pa.array(now, pa.date32()), grades=False)
        refused = [name for name in names if name in answers.refused]
        for name, column in answers.columns.items():
            if name in before:
                for row in _apart(book.rules[name], before[name], column):
                    pair = _bare(before[name].answer(row)), _bare(column.answer(row))
                    if pair[0] != pair[1]:
                        change = Change(evidence.keys[row].as_py(), name, now[row], *pair)
                        yield _traced(book, evidence, row, change, traced)
        before = answers.columns
        while told < len(evidence) * (number + 1) // (span + 1):
            told += 1
            advance()
    if refused:
        yield from due_one_by_one(book, evidence, refused, days, until)


def _apart(rule: model.Rule, one: Outcomes, two: Outcomes) -> list[int]:
    """The rows in which anything but the grade differs."""
    left, right = one.arrays(rule), two.arrays(rule)
    differs = None
    for end in left.keys() & right.keys() - {GRADE}:
        apart = unlike(left[end], right[end])
        differs = apart if differs is None else pc.or_(differs, apart)
    rows: list[int] = [] if differs is None else pc.indices_nonzero(differs).to_pylist()
    return rows


def _bare(answer: Answer) -> Answer:
    return Answer(answer.value, answer.status, answer.low, answer.high, "", answer.until)


def _traced(
    book: model.Rulebook, evidence: Evidence, row: int, change: Change, traced: set[tuple[object, ...]]
) -> Change:
    """The change with what it goes back to, if none like it was traced before."""
    like = (change.day, change.rule, change.before.status, change.after.status)
    if like in traced or len(traced) >= MOST_TRACED:
        return change
    traced.add(like)
    case = evidence.case_at(row)
    yesterday, today = (Run(book, case, day) for day in (change.day - DAY, change.day))
    return replace(change, roots=roots(yesterday, today, change.rule))
