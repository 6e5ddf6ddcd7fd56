"""Baseline against reform, case by case, added up; by the interpreter, which speaks for every rule.

For a case, the baseline is worked out once, and a reform recomputes only what reads a changed number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from typing import Literal

import pyarrow as pa

from gangmu.engine.assess import Answer, outcome
from gangmu.engine.assessed import ENGINES, NEEDED, Engine
from gangmu.engine.dates import Dating
from gangmu.engine.interpreter import Run
from gangmu.errors import Problem, QuestionError
from gangmu.evidence.cases import Evidence
from gangmu.evidence.facts import Case
from gangmu.reform.question import Grouping, everyone, touched
from gangmu.reform.reforms import Reform
from gangmu.reform.tally import Tally, direction, kind_of, tally_of
from gangmu.rulebook import model

WORTH = 3000  # cases times reforms, above which compiling pays
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
    engine: str = "interpreter"


@dataclass(frozen=True)
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

    @cached_property
    def all_groupings(self) -> tuple[Grouping, ...]:
        """Everyone, then the groupings asked for."""
        return (everyone(self.evidence), *self.groupings)


def compare(
    question: Question, advance: Callable[[], object] = lambda: None, engine: Engine = "auto"
) -> Counted:
    """Count what is asked; `advance` is called after each case that the interpreter works out.

    `auto` takes the kernel where it is installed and cases and reforms are many.
    """
    if _chosen(question, engine) == "interpreter":
        return _in_order(question, by_interpreter(question, advance))
    from gangmu.reform.fast import by_kernel, divide

    split = divide(question)
    counted = by_kernel(question, split)
    counted.engine = f"kernel (llvmlite {version('llvmlite')})"
    rest = [name for name in question.rules if name not in split.rules]
    by_name: list[tuple[Sequence[int], Sequence[str]]] = [(split.reforms, split.rules)]
    for rules, numbers in ((rest, range(len(question.reforms))), (split.rules, split.others)):
        if rules and numbers:
            by_name.append((numbers, _one_by_one(question, counted, (rules, numbers), advance)))
    if question.listing != "none":
        from gangmu.reform.movers import movers_of

        for some, names in by_name:
            counted.movers += movers_of(question, counted, some, names)
    counted.tallies = {key: counted.tallies[key] for key in empty(question, question.rules)}
    return _in_order(question, counted)


def _one_by_one(
    question: Question, counted: Counted, what: tuple[Sequence[str], Sequence[int]],
    advance: Callable[[], object],
) -> list[str]:  # fmt: skip
    """Some rules under some reforms by the kernel's columns, and by the interpreter what those refuse.

    Returns the rules that the columns could tell of.
    """
    from gangmu.reform.columns import by_columns

    rules, numbers = what
    some = replace(question, reforms=tuple(question.reforms[number] for number in numbers))
    found = by_columns(some, rules)
    _take_in(counted, found, numbers)
    counted.refused.update(found.refused)
    refused = [name for name in rules if name in found.refused]
    if refused:
        _take_in(counted, by_interpreter(some, advance, refused), numbers)
    return [name for name in rules if name not in found.refused]


def _in_order(question: Question, counted: Counted) -> Counted:
    """Movers by reform and rule; within these they stand in the order of the evidence already."""
    places = {name: place for place, name in enumerate(question.rules)}
    counted.movers.sort(key=lambda mover: (mover.reform, places[mover.rule]))
    return counted


def _chosen(question: Question, engine: Engine) -> Engine:
    """The engine that counts. Raises `QuestionError` for one that cannot be had."""
    if engine not in ENGINES:
        raise QuestionError(
            Problem("engine-unknown", "engine", f"`{engine}` is no engine", " or ".join(ENGINES))
        )
    missing = " and ".join(name for name in NEEDED if find_spec(name) is None)
    if engine == "kernel" and missing:
        what, todo = f"the kernel needs {missing}", "pip install 'gangmu[kernel]'"
        raise QuestionError(Problem("engine-missing", "engine", what, "engine auto or interpreter", todo))
    if engine != "auto":
        return engine
    few = len(question.evidence) * len(question.reforms) < WORTH
    return "interpreter" if missing or few else "kernel"


def _take_in(counted: Counted, more: Counted, numbers: Sequence[int]) -> None:
    """Tallies of some reforms under the numbers that they have in the whole question."""
    for (number, name, place, group), tally in more.tallies.items():
        counted.tallies[numbers[number], name, place, group] = tally
    counted.movers += [replace(mover, reform=numbers[mover.reform]) for mover in more.movers]


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
        places = [(place, column[row]) for place, column in enumerate(groups)]
        count_case(question, counted, asked, above, (case, day, Fraction(weights[row]), places))
        advance()
    return counted


def places_of_case(question: Question, row: int) -> list[tuple[int, int]]:
    """The group of one case in every grouping."""
    return [(place, one.places[row].as_py()) for place, one in enumerate(question.all_groupings)]


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


def count_case(  # noqa: PLR0913, PLR0917  a case has as many sides
    question: Question, counted: Counted, asked: Sequence[str], above: frozenset[str],
    one: tuple[Case, date, Fraction, Sequence[tuple[int, int]]], numbers: Sequence[int] | None = None,
) -> None:  # fmt: skip
    """Count one case: on its day, with its weight, in the groups (grouping, group) that it falls into.

    Under all reforms, or those numbered.
    """
    case, day, weight, places = one
    run = Run(question.base, case, day)
    before = {name: outcome(run, name) for name in asked}
    for number in range(len(question.reforms)) if numbers is None else numbers:
        changed = run_under(run, question.reforms[number], above)
        for name in asked:
            after = outcome(changed, name) if name in above else before[name]
            for place, group in places:
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
