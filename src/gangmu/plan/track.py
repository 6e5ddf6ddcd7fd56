"""Every target of a plan on one day: where it stands, how fast it moves, and where it may end.

The status is never a guess. After the target's year it is what published values say (`standing`). Before, it
is the probability of a calibrated projection if there are six comparable points; with fewer, the pace, if
linear and compound pace fall on the same side of the offices' threshold; else it is not judgeable.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal

from gangmu.errors import Problem, QuestionError
from gangmu.plan.pace import Pace, pace
from gangmu.plan.series import FEWEST, Series, comparable
from gangmu.plan.standing import Standing, observed, stand
from gangmu.rulebook import model
from gangmu.rulebook.types import NumberType

if TYPE_CHECKING:
    from gangmu.plan.forecast import Projection
    from gangmu.plan.local import Place, Subject

Status = Literal["met", "missed", "on_track", "likely", "off_track", "disputed", "not_judgeable", "no_target"]
By = Literal["values", "probability", "pace", ""]
Range = tuple[float, float]

ON_TRACK: Final = 0.9  # probability from which a target is called on track
LIKELY: Final = 0.5  # ... and likely; below it is off track


@dataclass(frozen=True, slots=True)
class Tracked:
    """One target on one day.

    `projections` are the years after the last comparable point, up to the target's; `reach` is the spread of
    carrying on without change, by linear and by compound pace, where there are too few points for more.
    """

    standing: Standing
    series: Series
    pace: Pace | None
    projections: tuple[Projection, ...]
    reach: Range | None
    status: Status
    by: By
    place: Place | None = None

    @property
    def key(self) -> str:
        """What tells it from every other: its indicator's full name, and its place if it has one."""
        return f"{self.rule.name}@{self.place.code}" if self.place else self.rule.name

    @property
    def rule(self) -> model.Rule:
        """The indicator as the book has it."""
        return self.standing.rule

    @property
    def indicator(self) -> model.Indicator:
        """What the plan says of it."""
        return self.standing.indicator

    @property
    def last(self) -> Projection | None:
        """The projection of the target's year."""
        aim = self.standing.target
        found = self.projections[-1] if self.projections else None
        return found if found is not None and aim is not None and found.year == aim.year else None

    @property
    def probability(self) -> float | None:
        """How likely the target is reached; None without a calibrated projection."""
        aim, found = self.standing.target, self.last
        if aim is None or found is None:
            return None
        return found.probability(float(aim.value.value), more=self.indicator.direction == "up")


def track(book: model.Rulebook, subjects: Iterable[model.Rule | Subject], as_of: date) -> tuple[Tracked, ...]:
    """Indicators (of the nation, or of places), in their order, by what was published until the day."""
    given = [(one, None) if isinstance(one, model.Rule) else (one.rule, one.place) for one in subjects]
    standings = [stand(book, rule, as_of) for rule, _ in given]
    series = [comparable(observed(book, one.indicator, as_of)) for one in standings]
    open_ = [_until(one, as_of) for one in standings]
    projected = _projected(standings, series, open_) if any(open_) else [()] * len(standings)
    judged = map(_judged, standings, series, projected, open_)
    return tuple(replace(one, place=place) for one, (_, place) in zip(judged, given, strict=True))


def indicators(book: model.Rulebook, page: str | None = None) -> tuple[model.Rule, ...]:
    """The indicators of a page (by its name or the last part of it), or of the whole book.

    Raises `QuestionError`.
    """
    found = tuple(rule for rule in book.rules.values() if rule.kind == "indicator")
    if page is None:
        return found
    pages = sorted({rule.page for rule in found})
    named = [name for name in pages if page in (name, name.rpartition("/")[2])]
    if len(named) == 1:
        return tuple(rule for rule in found if rule.page == named[0])
    what = f"`{page}` is {'more than one page' if named else 'no page'} with indicators"
    raise QuestionError(Problem("page-unknown", "plan", what, ", ".join(named or pages), "name one of them"))


def is_share(indicator: model.Indicator) -> bool:
    """Whether values are shares of a whole: a ratio whose known values, base and aims lie between 0 and 1."""
    if not isinstance(indicator.kind, NumberType) or indicator.kind.dimension:
        return False
    marks = (mark.value.value for mark in (*indicator.baselines, *indicator.targets))
    seen = (one.value.value for one in indicator.observations if one.value is not None)
    return all(0 <= value <= 1 for value in (*marks, *seen))


def _projected(
    standings: Sequence[Standing], series: Sequence[Series], until: Sequence[int | None]
) -> list[tuple[Projection, ...]]:
    """The years up to each target's, where it is not over."""
    from gangmu.plan.forecast import project  # needs numpy; what is over is told without it

    return project(
        [[(year.year, float(year.value)) for year in own.years] for own in series],
        [year or 0 for year in until],
        [is_share(one.indicator) for one in standings],
    )


def _until(standing: Standing, as_of: date) -> int | None:
    """The target's year, as long as it is not over."""
    aim = standing.target
    return aim.year if aim is not None and as_of <= date(aim.year, 12, 31) else None


def _judged(
    standing: Standing, series: Series, projections: tuple[Projection, ...], until: int | None
) -> Tracked:
    found = _pace(standing)
    reach = spread_of(series, until, standing.indicator) if until is not None and not projections else None
    tracked = Tracked(standing, series, found, projections, reach, "not_judgeable", "")
    status, by = _status(tracked)
    return Tracked(standing, series, found, projections, reach, status, by)


def _status(one: Tracked) -> tuple[Status, By]:
    state = one.standing.state
    if state in ("met", "missed", "disputed"):
        return state, "values"
    if state == "no_target":
        return state, ""
    if state == "not_judgeable":
        return state, ""
    if (likely := one.probability) is not None:
        return (
            "on_track" if likely >= ON_TRACK else "likely" if likely >= LIKELY else "off_track"
        ), "probability"
    progress = one.pace.progress if one.pace else None
    if progress is None:
        return "not_judgeable", ""
    return ("on_track" if progress == "on_track" else "off_track"), "pace"


def settled(found: Sequence[model.Observation]) -> model.Observation | None:
    """The one value of a period on which sources agree, or that is graded above all that differ."""
    best = [one for one in found if one.cite is None or one.cite.grade != model.GRADES[-1]] or list(found)
    values = {one.value.value for one in best if one.value is not None}
    return best[-1] if len(values) == 1 else None


def _pace(standing: Standing) -> Pace | None:
    value = settled(standing.latest)
    if standing.baseline is None or standing.target is None or value is None or value.value is None:
        return None
    at = min(value.ends, date(standing.target.year, 12, 31))
    return pace(standing.baseline, standing.target, value.value.value, at)


def spread_of(series: Series, until: int, indicator: model.Indicator) -> Range | None:
    """The least and the greatest of no change, linear and compound pace, carried on."""
    if not 1 < len(series) < FEWEST:
        return None
    first, last = series.years[0], series.years[-1]
    passed, left = last.year - first.year, until - last.year
    if left <= 0:
        return None
    now, step = float(last.value), float(last.value - first.value) / passed
    found = [now, now + step * left]
    if min(first.value, last.value) > 0:
        found.append(now * float(last.value / first.value) ** (left / passed))
    most = 1.0 if is_share(indicator) else float("inf")
    return min(*found, most), min(max(found), most)


def covered(one: Tracked) -> Fraction | None:
    """Which part of the way from base to target is covered, where sources agree."""
    parts = one.standing.covered
    return parts[0] if parts is not None and parts[0] == parts[1] else None
