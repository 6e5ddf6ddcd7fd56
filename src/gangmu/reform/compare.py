"""Baseline against reform, case by case, added up; by the interpreter, which speaks for every rule.

For a case, the baseline is worked out once, and a reform recomputes only what reads a changed number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

import pyarrow as pa

from gangmu.engine.assess import Answer, outcome
from gangmu.engine.dates import Dating
from gangmu.engine.interpreter import Run
from gangmu.evidence.cases import Evidence
from gangmu.evidence.facts import Case
from gangmu.reform.question import Grouping, everyone, touched
from gangmu.reform.reforms import Reform
from gangmu.reform.tally import Tally, direction, kind_of, tally_of
from gangmu.rulebook import model

Listing = Literal["none", "winners", "losers", "both"]
Key = tuple[int, str, int, int]  # reform, rule (full name), grouping, group


@dataclass(frozen=True, slots=True)
class Mover:
    """A case that gains (1) or loses (-1) under a reform, and what came out before and after."""

    reform: int
    rule: str
    case: str
    direction: int
    before: Answer
    after: Answer


@dataclass(slots=True)
class Counted:
    """What a comparison counts: tallies by key, and the cases listed."""

    tallies: dict[Key, Tally] = field(default_factory=dict)
    movers: list[Mover] = field(default_factory=list)
    refused: dict[str, str] = field(
        default_factory=dict
    )  # rules that a faster engine left to this one, and why
    paths: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that is asked: base and reforms, rules by full name, whom, when, in which groups."""

    base: model.Rulebook
    reforms: tuple[Reform, ...]
    rules: tuple[str, ...]
    evidence: Evidence
    dating: Dating
    groupings: tuple[Grouping, ...] = ()
    weights: pa.Array | None = None  # decimals, one a case
    listing: Listing = "none"

    @property
    def all_groupings(self) -> tuple[Grouping, ...]:
        """Everyone, then the groupings asked for."""
        return (everyone(self.evidence), *self.groupings)


def compare(question: Question, advance: Callable[[], object] = lambda: None) -> Counted:
    """Count what is asked; `advance` is called after each case."""
    return by_interpreter(question, advance)


def by_interpreter(
    question: Question, advance: Callable[[], object] = lambda: None, rules: Sequence[str] | None = None
) -> Counted:
    """Count with the interpreter: the question's rules, or some of them."""
    asked = tuple(question.rules if rules is None else rules)
    counted = Counted(tallies=empty(question, asked))
    above = touched(question.base, question.reforms)
    cases = list(question.evidence.cases())
    days = question.dating.days(cases)
    weights = [1] * len(cases) if question.weights is None else question.weights.to_pylist()
    groups = [grouping.places.to_pylist() for grouping in question.all_groupings]
    for row, (case, day) in enumerate(zip(cases, days, strict=True)):
        places = [column[row] for column in groups]
        _count(question, counted, asked, above, (case, day, Fraction(weights[row]), places))
        advance()
    return counted


def empty(question: Question, rules: Iterable[str]) -> dict[Key, Tally]:
    """A tally of nothing for every reform, rule and group."""
    return {
        (number, name, place, group): tally_of(
            question.base.rules[name], weighted=question.weights is not None
        )
        for number in range(len(question.reforms))
        for name in rules
        for place, grouping in enumerate(question.all_groupings)
        for group in range(len(grouping.groups))
    }


def _count(
    question: Question, counted: Counted, asked: Sequence[str], above: frozenset[str],
    one: tuple[Case, date, Fraction, Sequence[int]],
) -> None:  # fmt: skip
    case, day, weight, places = one
    run = Run(question.base, case, day)
    before = {name: outcome(run, name) for name in asked}
    for number, reform in enumerate(question.reforms):
        changed = run_under(run, reform, above)
        for name in asked:
            after = outcome(changed, name) if name in above else before[name]
            for place, group in enumerate(places):
                counted.tallies[number, name, place, group].add(before[name], after, weight)
            _list(question, counted, Mover(number, name, case.key, 0, before[name], after))


def run_under(run: Run, reform: Reform, above: frozenset[str]) -> Run:
    """The same case under a reform: where only numbers differ, what does not read them is taken over."""
    if not reform.changes:
        return Run(reform.book, run.case, run.as_of)
    kept = {key: value for key, value in run._values.items() if key[0] not in above}  # noqa: SLF001
    return Run(reform.book, run.case, run.as_of, _values=kept)


def _list(question: Question, counted: Counted, mover: Mover) -> None:
    if question.listing == "none":
        return
    rule = question.base.rules[mover.rule]
    scale = getattr(rule.type, "scale", ())
    found = direction(kind_of(rule), scale, mover.before, mover.after)
    if found and question.listing in ("both", "winners" if found > 0 else "losers"):
        counted.movers.append(
            Mover(mover.reform, mover.rule, mover.case, found, mover.before, mover.after)
        )  # fmt: skip
