"""Where an indicator stands on a day: start, target, the last published value, and what may be said of it.

Only what was published by the day counts. Where two sources give different values for one period, both stand,
and a verdict needs both to agree. A target is missed only where a value at the end of its year falls short; a
value from before that says so only where it had reached the target already.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from gangmu.rulebook import model
from gangmu.rulebook.periods import last_day

State = Literal["met", "missed", "under_way", "disputed", "not_judgeable", "no_target"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One indicator on one day. `latest` are the values of the last period published (several: a dispute)."""

    rule: model.Rule
    as_of: date
    baseline: model.Mark | None
    target: model.Mark | None
    latest: tuple[model.Observation, ...]
    state: State

    @property
    def indicator(self) -> model.Indicator:
        """What the plan says of it."""
        return indicator_of(self.rule)

    @property
    def covered(self) -> tuple[Fraction, Fraction] | None:
        """Which part of the way from baseline to target is covered: the least and the greatest of `latest`.

        None without a way or a value; above 1 where the target is passed.
        """
        if self.baseline is None or self.target is None or not self.latest:
            return None
        start, way = self.baseline.value.value, self.target.value.value - self.baseline.value.value
        if not way:
            return None
        parts = [(value - start) / way for value in map(_value, self.latest)]
        return min(parts), max(parts)

    @property
    def grade(self) -> str:
        """The weakest grade of what the verdict rests on: the plan's marks and the values."""
        grades = [self.rule.editions[-1].standing.grade, *(one.cite.grade for one in self.latest if one.cite)]
        return max((grade for grade in grades if grade), key=model.GRADES.index, default="")


def indicator_of(rule: model.Rule) -> model.Indicator:
    """The body of an indicator. Raises `TypeError` for any other rule."""
    if not isinstance(rule.body, model.Indicator):
        raise TypeError(rule.name)
    return rule.body


def standings(book: model.Rulebook, as_of: date) -> Iterator[Standing]:
    """Every indicator of the book, in the order of its pages."""
    for rule in book.rules.values():
        if rule.kind == "indicator":
            yield stand(book, rule, as_of)


def stand(book: model.Rulebook, rule: model.Rule, as_of: date) -> Standing:
    """Where one indicator stands; of several targets the one of the plan's last year counts."""
    body = indicator_of(rule)
    baseline = body.baselines[0] if body.baselines else None
    target = body.targets[-1] if body.targets else None
    seen = [one for one in observed(book, body, as_of) if not one.basis]
    latest = tuple(one for one in seen if one.ends == seen[-1].ends) if seen else ()
    return Standing(rule, as_of, baseline, target, latest, _state(body, target, latest, as_of))


def observed(book: model.Rulebook, indicator: model.Indicator, as_of: date) -> Iterator[model.Observation]:
    """Values that had been published by the day, oldest period first."""
    for one in indicator.observations:
        if one.value is not None and published(book, one) <= as_of:
            yield one


def published(book: model.Rulebook, one: model.Observation) -> date:
    """The day of publication: as stated, else of the source, never before the period ended.

    Where neither is known it is the period's last day, the earliest that it can have been.
    """
    return dated(book, one) or one.ends


def dated(book: model.Rulebook, one: model.Observation) -> date | None:
    """The day of publication as far as it is known; of a source dated by its month or year the last day."""
    if one.known_on is not None:
        return one.known_on
    source = book.sources.get(one.cite.source) if one.cite else None
    day = last_day(source.date) if source is not None else None
    return max(day, one.ends) if day is not None else None


def _state(
    body: model.Indicator, target: model.Mark | None, latest: tuple[model.Observation, ...], as_of: date
) -> State:
    if target is None:
        return "no_target"
    reached = {found for one in latest if (found := _reaches(body, one, target.value.value)) is not None}
    if len(reached) > 1:
        return "disputed"
    if reached == {True}:
        return "met"
    closes = date(target.year, 12, 31)
    if as_of <= closes:
        return "under_way" if latest else "not_judgeable"
    return "missed" if reached and latest[0].ends >= closes else "not_judgeable"


def _value(one: model.Observation) -> Fraction:
    assert one.value is not None  # noqa: S101  `observed` gives only values
    return one.value.value


def _reaches(body: model.Indicator, one: model.Observation, aim: Fraction) -> bool | None:
    """Whether a value reaches the aim; None where it is only a bound that leaves it open."""
    value, open_side = _value(one), {"up": "lower", "down": "upper"}[body.direction]
    if value >= aim if body.direction == "up" else value <= aim:
        return None if one.bound and one.bound != open_side else True
    return None if one.bound == open_side else False
