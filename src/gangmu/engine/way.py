"""The shortest lawful way: the smallest changes to open facts that bring an answer about.

Only facts that the rulebook calls changeable move: those `now` on the as-of date, those `from_next_period` in
a scenario one fiscal year on, in which a new annual row repeats the last one (said so: `carried_forward`).
Closed periods never move, nothing that is `never` changeable is proposed.

The search is exact: boxes of values, nearest first, each box evaluated at once as intervals. A box that
cannot be met is dropped, a box that is met throughout gives its nearest corner, others are cut in two. So the
first corner found is the smallest change, by the sum of relative changes.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from gangmu.engine.explain import Reason, explain
from gangmu.engine.interpreter import Run
from gangmu.engine.missing import thresholds
from gangmu.engine.rows import Line
from gangmu.engine.values import FALSE, TRUE, Interval, Value, one_of, union
from gangmu.engine.whatif import FactKey, WhatIf, is_met
from gangmu.evidence.facts import RelatedRow
from gangmu.rulebook import model
from gangmu.rulebook.graph import graph_of

MAX_BOXES = 400  # for one set of facts
MAX_SINGLE = 40  # facts tried alone
MAX_PAIRED = 8  # facts tried in pairs, those nearest to deciding first
SLACK = Fraction(1001, 1000)  # a pair is taken as smallest within a thousandth
_CARRIED = "carried forward"
REACH = 10**6  # how far beyond its value (or one unit) an endless range is searched


@dataclass(frozen=True, slots=True)
class Change:
    """One fact to change, in base units; `line_year` is the fiscal year of its row, if it is in a row."""

    rule: model.Rule
    line_year: int | None
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Proposal:
    """Changes that together are enough (none: time alone is), and the first day on which they could count."""

    changes: tuple[Change, ...]
    earliest: date
    carried_forward: bool
    cost: Fraction
    opens: bool = False  # takes the block away, while facts that are missing still have to decide


@dataclass(frozen=True, slots=True)
class _Lever:
    """A fact that may move: its key in a run, its value, and what it may become.

    That is one of `choices` (codes), or a place on a grid (numbers).
    """

    key: FactKey
    rule: model.Rule
    line: Line | None
    before: Value
    choices: tuple[Value, ...] = ()
    grid: Fraction = Fraction(0)
    low: int = 0  # in whole grid steps
    high: int = 0
    at: int = 0
    unit: Fraction = Fraction(1)  # steps that count as a change of 1

    def cost(self, index: int) -> Fraction:
        """The relative size of a change to a place on the grid (or to another choice)."""
        if self.choices:
            return Fraction(0 if index == self.at else 1)
        return abs(index - self.at) / self.unit

    def nearest(self, lo: int, hi: int) -> int:
        """The place in [lo, hi] that is the smallest change."""
        return min(max(self.at, lo), hi)

    def value(self, lo: int, hi: int) -> Value:
        """All values of [lo, hi]."""
        if self.choices:
            return self.choices[lo] if lo == hi else union(self.choices[lo : hi + 1])
        return Value(Interval(self.grid * lo, self.grid * hi))


def shortest_ways(run: Run, name: str, tree: Reason | None = None) -> list[Proposal]:
    """The smallest lawful changes that make a rule met; empty unless it is blocked.

    Single facts first, then pairs where none is enough alone.
    """
    rule = run.book.rules[name]
    if rule.kind not in ("condition", "title", "channel") or is_met(rule, run.value(name)).can_be_true:
        return []
    tree = tree or explain(run, name)
    found = _singles(run, name, tree, "now")
    later = next_year(run)
    time_alone = Proposal((), later.as_of, carried_forward=_carries(run, later), cost=Fraction(0))
    there = is_met(rule, later.value(name))
    if there.is_true:
        return [*found, time_alone]
    later_tree = explain(later, name)
    found.extend(way for way in _singles(later, name, later_tree, "from_next_period") if _new(way, found))
    if not found:
        found = _pairs(run, name, tree, ("now",)) or _pairs(
            later, name, later_tree, ("now", "from_next_period")
        )
    if not found and there.can_be_true:
        return [replace(time_alone, opens=True)]
    if not found:
        found = _openings(run, name, tree, "now") or _openings(later, name, later_tree, "from_next_period")
    return sorted(found, key=lambda way: (way.cost, way.earliest))


def _openings(run: Run, name: str, tree: Reason, when: str) -> list[Proposal]:
    """Single changes after which nothing blocks any more, where missing facts keep the answer open."""
    whatif, found = WhatIf(run, name), []
    for lever in itertools.islice(_levers(run, name, tree, (when,)), MAX_SINGLE):
        places = _search(whatif, (lever,), opens=True)
        if places is not None:
            way = _proposal(run, (lever,), places, carried=when != "now")
            met = whatif.at(_probe((lever,), _corner(places))).met
            found.append(replace(way, opens=not met.is_true))
    return found


def next_year(run: Run) -> Run:
    """The same case on the first day of the next fiscal year.

    Its annual rows of the year between repeat the last one given.
    """
    rows, year = dict(run.case.rows), run.base_year
    for name, entity in run.book.entities.items():
        given = rows.get(name, ())
        annual = [(row.period, row) for row in given if isinstance(row.period, int)]
        if entity.period_kind != "year" or not entity.since or not annual:
            continue
        if all(period != year for period, _ in annual):
            _, latest = max(annual, key=lambda pair: pair[0])
            rows[name] = (*given, _carried(latest, entity.period, year))
    base_year = None if run.case.base_year is None else year + 1
    as_of = max(date(year + 1, 1, 1), run.as_of)
    return Run(run.book, replace(run.case, rows=rows, base_year=base_year), as_of)


def _carried(row: RelatedRow, period: str, year: int) -> RelatedRow:
    """An annual row repeated for another year; every fact says where it comes from."""
    at = f"{_CARRIED} from {row.period}"
    facts = {
        name: tuple(replace(fact, at=at, known_on=None) for fact in facts)
        for name, facts in row.facts.items()
    }
    if period in facts:
        facts[period] = tuple(replace(fact, value=Fraction(year)) for fact in facts[period])
    return RelatedRow(year, facts, at)


def _carries(run: Run, later: Run) -> bool:
    return any(len(rows) > len(run.case.rows.get(name, ())) for name, rows in later.case.rows.items())


def _new(way: Proposal, found: Sequence[Proposal]) -> bool:
    return all(
        {change.rule.name for change in way.changes} != {change.rule.name for change in other.changes}
        for other in found
    )


def _singles(run: Run, name: str, tree: Reason, when: str) -> list[Proposal]:
    whatif, found = WhatIf(run, name), []
    for lever in itertools.islice(_levers(run, name, tree, (when,)), MAX_SINGLE):
        places = _search(whatif, (lever,)) if _in_reach(whatif, (lever,)) else None
        if places is not None:
            found.append(_proposal(run, (lever,), places, carried=when != "now"))
    return found


def _pairs(run: Run, name: str, tree: Reason, when: tuple[str, ...]) -> list[Proposal]:
    whatif, found = WhatIf(run, name), []
    levers = list(itertools.islice(_levers(run, name, tree, when), MAX_PAIRED))
    for pair in itertools.combinations(levers, 2):
        if pair[0].rule.name == pair[1].rule.name:
            continue
        places = _search(whatif, pair) if _in_reach(whatif, pair) else None
        if places is not None:
            places = _polish(whatif, pair, places)
            found.append(_proposal(run, pair, places, carried="from_next_period" in when))
    return sorted(found, key=lambda way: way.cost)[:5]


def _proposal(run: Run, levers: Sequence[_Lever], places: Sequence[int], *, carried: bool) -> Proposal:
    changes = tuple(
        Change(lever.rule, _year(lever.line), lever.before, lever.value(place, place))
        for lever, place in zip(levers, places, strict=True)
    )
    cost = sum((lever.cost(place) for lever, place in zip(levers, places, strict=True)), Fraction(0))
    return Proposal(changes, run.as_of, carried_forward=carried, cost=cost)


def _year(line: Line | None) -> int | None:
    """The fiscal year of a given annual row."""
    return (
        line.given.period if line is not None and line.given and isinstance(line.given.period, int) else None
    )


# ---------------------------------------------------------------------- what may move


def _levers(run: Run, name: str, tree: Reason, when: tuple[str, ...]) -> Iterator[_Lever]:
    """Known facts on the tree that may move, deciding ones first.

    They are of the enterprise, or of the carried-forward row.
    """
    deciding = {id(reason) for reason in tree.deciding()}
    reasons = sorted(
        (reason for reason in tree.walk() if reason.kind == "input"),
        key=lambda reason: id(reason) not in deciding,
    )
    seen: set[FactKey] = set()
    used = graph_of(run.book).below([name])
    for reason in reasons:
        rule, line = reason.rule, reason.line
        if rule is None or rule.name not in used or rule.input.changeable not in when:
            continue
        if not reason.value.is_known or reason.value.ordinary is None:
            continue
        if line is not None and (line.given is None or not line.given.at.startswith(_CARRIED)):
            continue
        key: FactKey = (rule.name, "" if line is None else line.id)
        if key not in seen:
            seen.add(key)
            lever = _lever(key, rule, line, reason.value)
            if lever is not None:
                yield lever


def _lever(key: FactKey, rule: model.Rule, line: Line | None, before: Value) -> _Lever | None:
    body = rule.input
    if body.input == "condition":
        return _Lever(key, rule, line, before, (FALSE, TRUE), high=1, at=int(before.is_true))
    if body.input == "code" and body.options:
        codes = list(body.options)
        choices = tuple(one_of([code]) for code in codes)
        at = codes.index(str(next(iter(before.codes or ()))))
        return _Lever(key, rule, line, before, choices, high=len(codes) - 1, at=at)
    if body.input != "number":
        return None
    grid = body.factor / 10**body.decimals
    at = round(Fraction(before.interval.lo) / grid)
    reach = max(abs(at), round(body.factor / grid), 1) * REACH
    low = at - reach if body.range.lo is None else math.ceil(body.range.lo / grid)
    high = at + reach if body.range.hi is None else math.floor(body.range.hi / grid)
    unit = Fraction(max(abs(at), 1))
    return _Lever(key, rule, line, before, grid=grid, low=low, high=high, at=at, unit=unit)


# ---------------------------------------------------------------------- the search

_Box = tuple[tuple[int, int], ...]


def _probe(levers: Sequence[_Lever], box: _Box) -> dict[FactKey, Value]:
    return {lever.key: lever.value(*side) for lever, side in zip(levers, box, strict=True)}


def _corner(places: Sequence[int]) -> _Box:
    """The box that holds one place a fact."""
    return tuple((place, place) for place in places)


def _in_reach(whatif: WhatIf, levers: Sequence[_Lever]) -> bool:
    """Whether some corner of what the facts could be is met; if none is, a search would be in vain.

    All that they could be is looked at first, at once: where that cannot be met, no corner is.
    """
    everything: _Box = tuple((lever.low, lever.high) for lever in levers)
    if not whatif.at(_probe(levers, everything)).met.can_be_true:
        return False
    sides = [sorted({lever.low, lever.high, *_steps(lever)}) for lever in levers]
    if len(levers) == 1:
        sides[0].extend(_at_thresholds(whatif, levers[0]))
    corners = (_corner(places) for places in itertools.product(*sides))
    return any(whatif.at(_probe(levers, corner)).met.is_true for corner in corners)


def _steps(lever: _Lever) -> Iterator[int]:
    """A few places on the way out, for facts of which too much is as wrong as too little."""
    if lever.choices:
        yield from range(lever.low, lever.high + 1)
    else:
        for times in (2, 10):
            for place in (lever.at * times, lever.at // times):
                if lever.low <= place <= lever.high:
                    yield place


def _at_thresholds(whatif: WhatIf, lever: _Lever) -> Iterator[int]:
    """Places at and beside each threshold that the fact may meet, so that no narrow band is missed."""
    if not lever.choices:
        for number in thresholds(whatif.run.book, lever.rule, whatif.name):
            for place in (number // lever.grid - 1, number // lever.grid, number // lever.grid + 1):
                if lever.low <= place <= lever.high:
                    yield int(place)


def _search(whatif: WhatIf, levers: tuple[_Lever, ...], *, opens: bool = False) -> tuple[int, ...] | None:
    """The places of the smallest change that is met (may be met, if `opens`).

    None: there is none, or none within the bound on boxes.
    """
    start: _Box = tuple((lever.low, lever.high) for lever in levers)
    tick = itertools.count()
    queue: list[tuple[Fraction, int, _Box]] = [(Fraction(0), next(tick), start)]
    best: tuple[Fraction, tuple[int, ...]] | None = None
    for _ in range(MAX_BOXES):
        if not queue or (best is not None and queue[0][0] * SLACK >= best[0]):
            break
        cost, _, box = heapq.heappop(queue)
        met = whatif.at(_probe(levers, box)).met
        if not met.can_be_true:
            continue
        corner = tuple(lever.nearest(*side) for lever, side in zip(levers, box, strict=True))
        if opens and whatif.at(_probe(levers, _corner(corner))).met.can_be_true:
            return corner
        if met.is_true:
            if best is None or cost < best[0]:
                best = (cost, corner)
            continue
        if len(levers) > 1:
            best = _try_far_corner(whatif, levers, box, best)
        for part in _cut(levers, box):
            bound = sum(
                (lever.cost(lever.nearest(*side)) for lever, side in zip(levers, part, strict=True)),
                Fraction(0),
            )
            heapq.heappush(queue, (bound, next(tick), part))
    return None if best is None else best[1]


def _polish(whatif: WhatIf, levers: tuple[_Lever, ...], places: tuple[int, ...]) -> tuple[int, ...]:
    """Each fact as small a change as it can be while the others stay.

    It is the exact threshold instead of one within the slack.
    """
    for side, lever in enumerate(levers):
        others = [
            (other, place) for i, (other, place) in enumerate(zip(levers, places, strict=True)) if i != side
        ]
        exact = _search(
            whatif.at({other.key: other.value(place, place) for other, place in others}), (lever,)
        )
        if exact is not None:
            places = (*places[:side], *exact, *places[side + 1 :])
    return places


def _try_far_corner(
    whatif: WhatIf, levers: tuple[_Lever, ...], box: _Box, best: tuple[Fraction, tuple[int, ...]] | None
) -> tuple[Fraction, tuple[int, ...]] | None:
    """A point of the box that is met bounds the search from above."""
    far = tuple(max(side, key=lever.cost) for lever, side in zip(levers, box, strict=True))
    cost = sum((lever.cost(place) for lever, place in zip(levers, far, strict=True)), Fraction(0))
    if best is not None and cost >= best[0]:
        return best
    met = whatif.at(_probe(levers, _corner(far))).met
    return (cost, far) if met.is_true else best


def _cut(levers: tuple[_Lever, ...], box: _Box) -> Iterator[_Box]:
    """Cut the box in two.

    First at today's value, then on the side with the widest relative span; near today's value in powers of
    two.
    """
    widths = [
        lever.cost(hi) + lever.cost(lo) if lo <= lever.at <= hi else abs(lever.cost(hi) - lever.cost(lo))
        for lever, (lo, hi) in zip(levers, box, strict=True)
    ]
    widths = [width if box[i][0] < box[i][1] else Fraction(-1) for i, width in enumerate(widths)]
    side = max(range(len(box)), key=lambda i: widths[i])
    lo, hi = box[side]
    if lo == hi:
        return
    at = levers[side].at
    if lo < at <= hi:
        middle = at - 1
    else:
        near, far = (lo, hi) if at <= lo else (-hi, -lo)
        base = at if at <= lo else -at
        span_near, span_far = near - base, far - base
        middle = base + (
            2 * max(span_near, 1) if span_far > 4 * max(span_near, 1) else (span_near + span_far) // 2
        )
        middle = min(middle, far - 1)
        middle = middle if at <= lo else -middle - 1
        middle = min(max(middle, lo), hi - 1)
    for part in ((lo, middle), (middle + 1, hi)):
        yield tuple(part if i == side else other for i, other in enumerate(box))
