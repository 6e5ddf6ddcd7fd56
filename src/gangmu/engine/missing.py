"""Which missing facts matter: a fact is listed only if two values in its range give different answers.

The range is cut in halves, each half evaluated as an interval, so that "nothing in here changes the answer" is proved and not sampled. Facts are ranked by the share
of the range over which the answer becomes decided. Endless ranges are measured on the scale u / (1 - u), with half of the range below the
largest threshold of that unit which the rule meets.
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

DEPTH = 7  # halvings of a range: shares are exact to 1/128
MAX_FACTS = 60


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact that is missing and matters. `share` is the part of its range over which it alone would decide the answer."""

    rule: model.Rule | None  # None: further rows of `entity`
    line: Line | None
    entity: str
    share: Fraction


def missing_facts(run: Run, name: str, tree: Reason | None = None) -> list[Missing]:
    """The missing facts that matter for a rule's answer, most deciding first. Empty when the answer is known."""
    if run.value(name).is_known:
        return []
    whatif = WhatIf(run, name)
    found: list[Missing] = []
    for rule, line in _open_facts(tree or explain(run, name), run):
        if line is not None and line.many:
            continue
        share = _share(run, whatif, rule, (rule.name, "" if line is None else line.id))
        if share is not None:
            found.append(Missing(rule, line, rule.entity, share))
    found.extend(_further_rows(run, name, tree or explain(run, name)))
    return sorted(found, key=lambda item: (-item.share, item.rule.name if item.rule else item.entity))


def _open_facts(tree: Reason, run: Run) -> list[tuple[model.Rule, Line | None]]:
    found: dict[FactKey, tuple[model.Rule, Line | None]] = {}
    for reason in tree.walk():
        rule = reason.rule
        if rule is not None and rule.kind == "input" and reason.kind == "input" and not reason.value.is_known:
            if reason.line is not None and rule.short.rpartition(".")[2] == run.book.entities[rule.entity].period:
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


def _share(run: Run, whatif: WhatIf, rule: model.Rule, key: FactKey) -> Fraction | None:
    """The part of a fact's range that decides; None if no value of it changes the answer."""
    pieces = list(_pieces(run, whatif, rule, key))
    if len({answer for _, answer in pieces}) < 2:
        return None
    total = sum(width for width, _ in pieces)
    return sum((width for width, answer in pieces if answer.is_known), Fraction(0)) / total


def _pieces(run: Run, whatif: WhatIf, rule: model.Rule, key: FactKey) -> Iterator[tuple[Fraction, Value]]:
    """Parts of the range, each with its width and the answer there."""
    choices = _choices(run, rule, whatif.name)
    if choices is not None:
        for choice in choices:
            yield Fraction(1), whatif.answer({key: choice})
        return
    low, high = _measure(run, rule, whatif.name)
    yield from _halves(lambda value: whatif.answer({key: value}), low, high, Fraction(0), Fraction(1), DEPTH)


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
                found.update(code for row in edition.body.rows for code in (*row.codes, *row.prefixes, *row.except_prefixes))
            for top in expressions_of(edition):
                for node in walk(top):
                    if isinstance(node, In):
                        found.update(node.codes)
                    elif isinstance(node, Like):
                        found.add(node.prefix)
    return found


def _measure(run: Run, rule: model.Rule, name: str) -> tuple[_Scale, _Scale]:
    """Maps from [0, 1] to the range; see the module's docstring."""
    body = rule.input
    if rule.type == DATE:
        today = run.as_of.toordinal()
        lo, hi = Fraction(max(date(1949, 10, 1).toordinal(), 1)), Fraction(today + 3660)
        return _Scale(lo, hi, 0), _Scale(lo, hi, 0)
    if rule.type == YEAR:
        lo, hi = Fraction(run.as_of.year - 50), Fraction(run.as_of.year + 10)
        return _Scale(lo, hi, 0), _Scale(lo, hi, 0)
    scale = _Scale(body.range.lo, body.range.hi, threshold(run.book, rule, name))
    return scale, scale


def threshold(book: model.Rulebook, rule: model.Rule, name: str) -> Fraction:
    """The largest threshold of the input's unit among the rules between it and the answer (one, if there is none)."""
    graph = graph_of(book)
    found = Fraction(0)
    for between in graph.below(graph.above([rule.name]) & graph.below([name])):
        for edition in book.rules[between].editions:
            if isinstance(edition.body, model.Table):
                for row in edition.body.rows:
                    numbers = [*row.bounds.values(), *([row.cell.number] if row.cell.number else [])]
                    found = max([found, *(abs(number.value) for number in numbers if number.type == rule.type)])
    return found or Fraction(1)


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


def _halves(answer: Callable[[Value], Value], low: _Scale, high: _Scale, a: Fraction, b: Fraction, depth: int) -> Iterator[tuple[Fraction, Value]]:
    """Cut [a, b] until the answer is known throughout a piece, or the piece is small."""
    here = answer(Value(Interval(low.at(a), high.at(b))))
    if here.is_known or depth == 0:
        middle = low.at((a + b) / 2)
        yield b - a, here if here.is_known or isinstance(middle, float) else answer(point(middle))
        return
    middle = (a + b) / 2
    yield from _halves(answer, low, high, a, middle, depth - 1)
    yield from _halves(answer, low, high, middle, b, depth - 1)
