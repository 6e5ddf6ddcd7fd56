"""The days on which answers of one case can be other than the day before, and no others.

First the days that can be read off: a wording begins or ends, a fiscal year closes or becomes the base year,
a row's date comes, a fact becomes known. Between two of these only the hands of the clock (`clocked`) move;
where one stands otherwise than the day before is found by halving if it moves one way only, else day by day.
On any other day every rule comes out as the day before: all that it reads is the same. From day to day a run
keeps what cannot have changed, so that a year costs little more than the days on which something does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from gangmu.changes.clocked import DOWN, STILL, UP, Clocked, Hand
from gangmu.engine import logic
from gangmu.engine.interpreter import Run
from gangmu.engine.rows import Line
from gangmu.engine.values import Value, point
from gangmu.evidence.facts import Case, RelatedRow
from gangmu.rulebook import model

DAY = timedelta(days=1)
EVERYTHING = None  # reached by a day on which the fiscal year turns
Reached = frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Turning:
    """A day on which rules may come out otherwise than the day before: which (None: all), and the run."""

    run: Run
    reached: Reached

    def reaches(self, name: str) -> bool:
        """Whether a rule may."""
        return self.reached is None or name in self.reached


def turnings(watched: Clocked, case: Case, start: date, until: date) -> Iterator[Turning]:
    """The first day with all rules, then every day up to `until` on which a rule can come out otherwise."""
    happening = {
        day: reached for day, reached in _happening(watched, case, start, until).items()
        if start < day <= until
    }  # fmt: skip
    days = [start, *sorted(happening)]
    run = Run(watched.book, case, start)
    for place, day in enumerate(days):
        reached = happening.get(day)
        if place and reached is not EVERYTHING:
            run = run.on(day, reached | watched.moving_open)
        elif place:
            run = Run(watched.book, case, day)
        yield Turning(run, reached)
        last = days[place + 1] - DAY if place + 1 < len(days) else until
        yield from _Stretch(watched, run, last).turnings()


def turning_days(watched: Clocked, case: Case, start: date, until: date) -> list[date]:
    """The days in (start, until] on which an answer of the case can change, earliest first."""
    return [turning.run.as_of for turning in turnings(watched, case, start, until)][1:]


def _happening(watched: Clocked, case: Case, start: date, until: date) -> Mapping[date, Reached]:
    """Days on which something happens that can be read off, with the rules that it can reach."""
    found: defaultdict[date, set[str]] = defaultdict(set)
    for name in watched.used:
        for edition in watched.book.rules[name].editions:
            for turn in (edition.start, edition.end):
                if turn is not None and start < turn <= until:
                    found[turn] |= watched.above(name)
    inputs = watched.book.inputs_of(model.ROOT)
    known = [
        (inputs[short].name, fact) for short, facts in case.facts.items() for fact in facts if short in inputs
    ]
    for name, fact in [*known, *((figure.rule, figure.fact) for figure in case.stated)]:
        if fact.known_on is not None:
            found[fact.known_on] |= watched.above(name)
    for entity, rows in case.rows.items():
        for day in {day for row in rows for day in _days_of(row)}:
            found[day] |= watched.rows[entity]
    years = [date(year, *day) for year in range(start.year, until.year + 1) for day in ((1, 1), (12, 31))]
    return {day: frozenset(reached) for day, reached in found.items()} | dict.fromkeys(years, EVERYTHING)


def _days_of(row: RelatedRow) -> Iterator[date]:
    """The day from which a row is seen, and those on which something in it becomes known."""
    if isinstance(row.period, date):
        yield row.period
    for facts in row.facts.values():
        yield from (fact.known_on for fact in facts if fact.known_on is not None)


@dataclass(slots=True)
class _Stretch:
    """Days from a run's to `last` on which nothing happens but that the clock goes on."""

    watched: Clocked
    first: Run
    last: date
    moving: frozenset[str] = frozenset()
    _runs: dict[date, Run] = field(default_factory=dict)

    def turnings(self) -> Iterator[Turning]:
        """The days after the first on which a hand stands otherwise than the day before."""
        start = self.first.as_of
        if start >= self.last:
            return
        has_open = self._has_open_rows()
        self.moving = self.watched.moving_open if has_open else self.watched.moving
        self._runs[start] = self.first
        found: defaultdict[date, set[str]] = defaultdict(set)
        for hand in self.watched.hands:
            for line, way in self._places(hand, has_open=has_open):
                for day in self._steps(hand, line, way):
                    found[day] |= self.watched.above(hand.rule)
        for day in sorted(found):
            yield Turning(self._run(day), frozenset(found[day]))

    def _places(self, hand: Hand, *, has_open: bool) -> Iterator[tuple[int | None, int]]:
        """Where a hand stands (once, or in each row), and how it moves there."""
        if hand.entity == model.ROOT:
            yield None, hand.way.open if has_open else hand.way.closed
            return
        for line in self.first.lines(hand.entity):
            yield line.id, hand.way.closed if line.period.is_known else hand.way.open

    def _has_open_rows(self) -> bool:
        """Whether the date of some related row is not known."""
        dated = (one.name for one in self.watched.book.entities.values() if one.period_kind == "date")
        return any(not line.period.is_known for name in dated for line in self.first.lines(name))

    def _steps(self, hand: Hand, line: int | None, way: int) -> Iterator[date]:
        if way == STILL:
            return
        start = self.first.as_of
        if hand.certificate or way in (UP, DOWN):
            yield from self._halved(hand, line, start, self.last)
            return
        before = self._stands(hand, line, start)
        for number in range(1, (self.last - start).days + 1):
            day = start + number * DAY
            now = self._stands(hand, line, day)
            if now != before:
                yield day
            before = now

    def _halved(self, hand: Hand, line: int | None, low: date, high: date) -> Iterator[date]:
        """Steps after `low`, up to `high`, of what only moves one way."""
        if self._stands(hand, line, low) == self._stands(hand, line, high):
            return
        if high - low == DAY:
            yield high
            return
        middle = low + (high - low) // 2
        yield from self._halved(hand, line, low, middle)
        yield from self._halved(hand, line, middle, high)

    def _stands(self, hand: Hand, line: int | None, day: date) -> tuple[Value, ...]:
        """How a hand stands on a day."""
        run = self._run(day)
        if hand.certificate:
            return certificate_stands(run, hand.rule)
        row = None if line is None else _line(run, hand.entity, line)
        return (run.value(hand.rule, row) if hand.node is None else run.eval(hand.node, row),)

    def _run(self, day: date) -> Run:
        if day not in self._runs:
            self._runs[day] = self.first.on(day, self.moving)
        return self._runs[day]


def _line(run: Run, entity: str, number: int) -> Line:
    return next(line for line in run.lines(entity) if line.id == number)


def certificate_stands(run: Run, name: str) -> tuple[Value, ...]:
    """Whether a title's certificate is shown, has begun, has ended: each of these moves one way only."""
    body = run.book.rules[name].body
    if not isinstance(body, model.Title):
        raise TypeError(name)
    shown, start, end = run.certificate(body)
    now = point(run.as_of.toordinal())
    return shown, logic.compare("<=", start, now), logic.compare(">=", now, end)
