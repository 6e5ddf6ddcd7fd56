"""What would have been forecast for a year that is over from what was known before, and how it came out.

Only vintages count that were published by then. A value whose day of publication is not known counts from a
year after its period, which is late for most statistics and early for none here; how many such values a
forecast rests on is told. Beside the combined forecast stand the two that it has to beat: no change, and the
pace so far carried on. The models were chosen and the bands calibrated on other series, and frozen.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from gangmu.errors import Problem, QuestionError
from gangmu.plan.forecast import Projection, project
from gangmu.plan.series import Series, Year, comparable
from gangmu.plan.standing import dated, indicator_of
from gangmu.plan.track import is_share
from gangmu.rulebook import model

LAG: Final = timedelta(days=365)  # after the period's end, for values without a day of publication
CONFIDENCE: Final = 0.95
ORIGINS: Final = (4, 3, 2)  # years before the one that is forecast


@dataclass(frozen=True, slots=True)
class Trial:
    """One indicator forecast from one day, and what came."""

    rule: model.Rule
    origin: date
    series: Series
    undated: int  # points whose day of publication is assumed
    actual: Year
    projection: Projection | None  # None: fewer than six comparable points, or too far ahead

    @property
    def last(self) -> Year:
        """The last year that was known."""
        return self.series.years[-1]

    @property
    def naive(self) -> float:
        """No change since the last value known."""
        return float(self.last.value)

    @property
    def linear(self) -> float:
        """The pace from the first to the last value known, carried on."""
        first = self.series.years[0]
        step = float(self.last.value - first.value) / max(1, self.last.year - first.year)
        return self.naive + step * (self.actual.year - self.last.year)

    @property
    def held(self) -> bool | None:
        """Whether the band held the value that came."""
        if self.projection is None:
            return None
        low, high = self.projection.band
        return low <= float(self.actual.value) <= high

    def error(self, value: float) -> float:
        """The error of a forecast, as a part of what came (above is positive)."""
        return value / float(self.actual.value) - 1


@dataclass(frozen=True, slots=True)
class Score:
    """Trials with a projection, together: mean absolute relative errors, and how often the band held."""

    count: int
    combined: float
    naive: float
    linear: float
    held: int
    interval: tuple[float, float]  # of the share held, exact binomial


def backtest(
    book: model.Rulebook, rules: Iterable[model.Rule], year: int, origins: Sequence[date]
) -> list[Trial]:
    """Every indicator that has a settled value for the year, from every day, where two points were known."""
    begun: list[tuple[model.Rule, date, Series, int, Year]] = []
    for rule in rules:
        observations = indicator_of(rule).observations
        then = [one for one in comparable(observations).years if one.year == year]
        for origin in origins:
            known = [one for one in observations if one.value is not None and known_by(book, one) <= origin]
            own = comparable(known)
            if then and len(own) > 1 and own.years[-1].year < year:
                guessed = sum(dated(book, point.chosen) is None for point in own.years)
                begun.append((rule, origin, own, guessed, then[0]))
    found = project(
        [[(point.year, float(point.value)) for point in own.years] for _, _, own, _, _ in begun],
        [year] * len(begun),
        [is_share(indicator_of(rule)) for rule, *_ in begun],
    )
    return [
        Trial(*parts, projection=made[-1] if made and made[-1].year == year else None)
        for parts, made in zip(begun, found, strict=True)
    ]


def year_over(rules: Iterable[model.Rule]) -> int:
    """The year that most targets aim at, of those for which there are values. Raises `QuestionError`."""
    years: Counter[int] = Counter()
    for rule in rules:
        body = indicator_of(rule)
        seen = {point.year for point in comparable(body.observations).years}
        years.update(mark.year for mark in body.targets if mark.year in seen)
    if not years:
        what, expected = "no target's year has a published value", "a plan with targets and values"
        raise QuestionError(Problem("year-open", "plan", what, expected, "wait until its first year is over"))
    return years.most_common(1)[0][0]


def origins(year: int) -> list[date]:
    """The ends of the years four, three and two before."""
    return [date(year - before, 12, 31) for before in ORIGINS]


def known_by(book: model.Rulebook, one: model.Observation) -> date:
    """The day from which a value counts here."""
    return dated(book, one) or one.ends + LAG


def score(trials: Iterable[Trial]) -> Score | None:
    """What the trials with a projection come to; None without any."""
    judged = [(trial, trial.projection) for trial in trials if trial.projection is not None]
    if not judged:
        return None
    count = len(judged)
    held = sum(bool(trial.held) for trial, _ in judged)
    combined = sum(abs(trial.error(made.value)) for trial, made in judged) / count
    naive = sum(abs(trial.error(trial.naive)) for trial, _ in judged) / count
    linear = sum(abs(trial.error(trial.linear)) for trial, _ in judged) / count
    return Score(count, combined, naive, linear, held, binomial_interval(held, count))


def binomial_interval(hits: int, count: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The exact interval of a share, Clopper and Pearson (1934), by halving."""
    tail = (1 - confidence) / 2

    def at_least(share: float, least: int) -> float:
        return math.fsum(
            math.comb(count, k) * share**k * (1 - share) ** (count - k) for k in range(least, count + 1)
        )

    low = 0.0 if hits == 0 else _root(lambda share: at_least(share, hits) - tail)
    high = 1.0 if hits == count else _root(lambda share: tail - (1 - at_least(share, hits + 1)))
    return low, high


def _root(rising: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2
