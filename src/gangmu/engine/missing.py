"""Which missing facts matter: a fact is listed only if two values in its range give different answers.

Other facts may be missing too, so "different answers" means: for some way of filling in the others. The
others are filled in one by one, each with a value that leaves the answer open; if it is still open when only
this fact is left, the fact matters, and two of its values are shown to differ.

Facts are ranked by the share of their range that decides the answer by itself, the others still missing, each
piece of the range being evaluated as an interval. Endless ranges are measured on the scale u / (1 - u), with
half of the range below the largest threshold of that unit which the rule meets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from gangmu.engine.decide import OTHER
from gangmu.engine.explain import Reason, explain
from gangmu.engine.interpreter import Run
from gangmu.engine.rows import Line
from gangmu.engine.values import FALSE, INF, TRUE, Interval, Value, one_of, point
from gangmu.engine.whatif import FactKey, WhatIf
from gangmu.rulebook import model
from gangmu.rulebook.expression import In, Like, walk
from gangmu.rulebook.graph import graph_of
from gangmu.rulebook.resolve import expressions_of
from gangmu.rulebook.types import DATE, YEAR

DEPTH = 10  # halvings of a range: shares are exact to 1/1024
NEAR = Fraction(1, 10**6)
POINTS = 4  # points that stand for a range of numbers
MAX_FACTS = 60
MAX_PIVOTS = 6  # ways of filling in the rest that are kept to try on the next fact


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact that is missing and matters.

    `share` is the part of its range over which it alone would decide the answer.
    """

    rule: model.Rule | None  # None: further rows of `entity`
    line: Line | None
    entity: str
    share: Fraction


def missing_facts(run: Run, name: str, tree: Reason | None = None) -> list[Missing]:
    """The missing facts that matter for a rule's answer, most deciding first.

    Empty when the answer is known.
    """
    if run.value(name).is_known:
        return []
    tree = tree or explain(run, name)
    whatif = WhatIf(run, name)
    missing = {
        (rule.name, "" if line is None else line.id): (rule, line)
        for rule, line in open_facts(tree, run)
        if line is None or not line.many
    }
    search = _Search(whatif, {key: _ranges(run, rule, name) for key, (rule, _) in missing.items()})
    found = [
        Missing(rule, line, rule.entity, _share(run, whatif, rule, key))
        for key, (rule, line) in missing.items()
        if search.matters(key)
    ]
    found.extend(_further_rows(run, name, tree))
    return sorted(found, key=lambda item: (-item.share, item.rule.name if item.rule else item.entity))


class _Search:
    """Looks for a way of filling in the other facts in which one fact decides."""

    def __init__(self, whatif: WhatIf, ranges: dict[FactKey, _Range]) -> None:
        self.whatif, self.ranges = whatif, ranges
        self.pivotal: list[dict[FactKey, Value]] = []  # full sets of values that once left a fact deciding

    def matters(self, fact: FactKey) -> bool:
        """Whether two values of the fact give different answers for some values of the others."""
        for earlier in self.pivotal:
            if self._differs(
                fact, self.whatif.at({key: value for key, value in earlier.items() if key != fact})
            ):
                return True
        for order in (1, -1):
            filled = self._fill(fact, order)
            if filled is not None and self._differs(fact, filled):
                points = self.ranges[fact].points
                kept = (value for value in points if not filled.answer({fact: value}).is_false)
                probe = {key: value for key, value in filled.run.probe.items() if key in self.ranges}
                self.pivotal.insert(0, {**probe, fact: next(kept, points[0])})
                del self.pivotal[MAX_PIVOTS:]
                return True
        return False

    def _fill(self, fact: FactKey, order: int) -> WhatIf | None:
        """The others filled in one by one, each so that the answer stays open; None where that cannot be."""
        here = self.whatif
        for key, values in self.ranges.items():
            if key == fact:
                continue
            steps = (here.at({key: value}) for value in values.points[::order])
            kept = next((step for step in steps if not step.value.is_known), None)
            if kept is None:
                return None
            here = kept
        return here

    def _differs(self, fact: FactKey, here: WhatIf) -> bool:
        """Whether the answer is open when only this fact is, and differs over parts of its range."""
        return not here.value.is_known and self.ranges[fact].differs(lambda value: here.answer({fact: value}))


@dataclass(frozen=True, slots=True)
class _Range:
    """The values that a missing fact could have: points that stand for them, and the map of a range."""

    points: list[Value]
    scale: _Scale | None = None

    def differs(self, answer: Callable[[Value], Value]) -> bool:
        """Whether two values give different answers."""
        if len({answer(value) for value in self.points}) > 1:
            return True
        return self.scale is not None and _Cutter(answer, self.scale).known_share() < 1


def _ranges(run: Run, rule: model.Rule, name: str) -> _Range:
    """A fact's choices, or points spread over its range, larger ones first."""
    choices = _choices(run, rule, name)
    if choices is not None:
        return _Range(choices)
    scale = _measure(run, rule, name)
    spread = [scale.at(Fraction(place, POINTS)) for place in range(POINTS, -1, -1)]
    return _Range(list(dict.fromkeys(point(end) for end in spread if not isinstance(end, float))), scale)


def open_facts(tree: Reason, run: Run) -> list[tuple[model.Rule, Line | None]]:
    """The facts not given that a reason rests on, each with its row, at most sixty.

    Those that matter (`missing_facts`) are among them; these are found without trying any value.
    """
    found: dict[FactKey, tuple[model.Rule, Line | None]] = {}
    for reason in tree.deciding():  # what does not decide now cannot, whatever else is filled in
        rule = reason.rule
        if rule is not None and rule.kind == "input" and reason.kind == "input" and not reason.value.is_known:
            if (
                reason.line is not None
                and rule.short.rpartition(".")[2] == run.book.entities[rule.entity].period
            ):
                continue
            found.setdefault((rule.name, "" if reason.line is None else reason.line.id), (rule, reason.line))
    return list(found.values())[:MAX_FACTS]


def _further_rows(run: Run, name: str, tree: Reason) -> Iterator[Missing]:
    """Whether a list that was not said to be complete has further rows."""
    entities = {reason.line.entity for reason in tree.walk() if reason.line is not None and reason.line.many}
    before = run.value(name)
    for entity in sorted(entities):
        closed = replace(run.case, completeness={**run.case.completeness, entity: "complete"})
        if Run(run.book, closed, run.as_of).value(name) != before:
            yield Missing(None, None, entity, Fraction(1))


def _share(run: Run, whatif: WhatIf, rule: model.Rule, key: FactKey) -> Fraction:
    """The part of a fact's range over which it decides the answer by itself."""
    choices = _choices(run, rule, whatif.name)
    if choices is not None:
        decided = sum(whatif.answer({key: choice}).is_known for choice in choices)
        return Fraction(decided, len(choices))
    scale = _measure(run, rule, whatif.name)
    return _Cutter(lambda value: whatif.answer({key: value}), scale).known_share()


def _choices(run: Run, rule: model.Rule, name: str) -> list[Value] | None:
    body = rule.input
    match body.input:
        case "condition" | "text":
            return [TRUE, FALSE]
        case "code" if body.options:
            return [one_of([code]) for code in body.options]
        case "code":
            return [one_of([code]) for code in sorted(_named_codes(run.book, rule, name))]
        case _:
            return None


def _named_codes(book: model.Rulebook, rule: model.Rule, name: str) -> set[str]:
    """A representative for each code that rules between the input and the answer name, and one other."""
    found = {OTHER}
    graph = graph_of(book)
    for between in graph.above([rule.name]) & graph.below([name]):
        for edition in book.rules[between].editions:
            if isinstance(edition.body, model.Table):
                found.update(
                    code
                    for row in edition.body.rows
                    for code in (*row.codes, *row.prefixes, *row.except_prefixes)
                )
            for top in expressions_of(edition):
                for node in walk(top):
                    if isinstance(node, In):
                        found.update(node.codes)
                    elif isinstance(node, Like):
                        found.add(node.prefix)
    return found


def _measure(run: Run, rule: model.Rule, name: str) -> _Scale:
    """A map from [0, 1] to the range; see the module's docstring.

    Dates and years stay within living memory.
    """
    if rule.type == DATE:
        return _Scale(Fraction(date(1949, 10, 1).toordinal()), Fraction(run.as_of.toordinal() + 3660), 0)
    if rule.type == YEAR:
        return _Scale(Fraction(run.as_of.year - 50), Fraction(run.as_of.year + 10), 0)
    largest = max((abs(number) for number in thresholds(run.book, rule, name)), default=Fraction(0))
    return _Scale(rule.input.range.lo, rule.input.range.hi, largest or Fraction(1))


def thresholds(book: model.Rulebook, rule: model.Rule, name: str) -> set[Fraction]:
    """The numbers of the input's unit that stand in tables and parameters between it and the answer."""
    graph = graph_of(book)
    tables = [
        edition.body
        for between in graph.below(graph.above([rule.name]) & graph.below([name]))
        for edition in book.rules[between].editions
        if isinstance(edition.body, model.Table)
    ]
    rows = [row for table in tables for row in table.rows]
    numbers = [number for row in rows for number in (*row.bounds.values(), row.cell.number)]
    return {number.value for number in numbers if number is not None and number.type == rule.type}


@dataclass(frozen=True, slots=True)
class _Scale:
    """A map from [0, 1] onto a range whose ends may be endless."""

    lo: Fraction | None
    hi: Fraction | None
    half: Fraction | int

    def at(self, u: Fraction) -> Fraction | float:
        if self.lo is not None and self.hi is not None:
            return self.lo + (self.hi - self.lo) * u
        if self.lo is not None:
            return INF if u == 1 else self.lo + self.half * u / (1 - u)
        if self.hi is not None:
            return -INF if u == 0 else self.hi - self.half * (1 - u) / u
        if u in (0, 1):
            return INF if u else -INF
        return self.half * (2 * u - 1) / (1 - abs(2 * u - 1))


@dataclass(slots=True)
class _Cutter:
    """Measures over what part of a range the answer is known, without looking where it plainly is not."""

    answer: Callable[[Value], Value]
    scale: _Scale

    def known_share(self) -> Fraction:
        """The part of the range over which the answer is known.

        Pieces with an open end are cut on only where the other end is known.
        """
        marks = [Fraction(place, POINTS) for place in range(POINTS + 1)]
        known = [self._known(mark, mark) for mark in marks]
        return sum(
            (self._piece(marks[i], marks[i + 1], known[i], known[i + 1], DEPTH) for i in range(POINTS)),
            Fraction(0),
        )

    def _piece(self, a: Fraction, b: Fraction, left: bool, right: bool, depth: int) -> Fraction:  # noqa: FBT001  two ends
        if not (left or right):
            return Fraction(0)
        if left and right and self._known(a, b):
            return b - a
        if depth == 0:
            return Fraction(0)
        middle = (a + b) / 2
        here = self._known(middle, middle)
        return self._piece(a, middle, left, here, depth - 1) + self._piece(middle, b, here, right, depth - 1)

    def _known(self, a: Fraction, b: Fraction) -> bool:
        if a == b:  # an endless end is looked at from near by
            a = b = a if not isinstance(self.scale.at(a), float) else min(max(a, NEAR), 1 - NEAR)
        return self.answer(Value(Interval(self.scale.at(a), self.scale.at(b)))).is_known
