"""The comparable yearly series of an indicator: which published values may stand beside one another.

A year has the value of its end (a stock at the end of December, or of November where that is all there is; a
flow over the whole year). What is only a bound, covers part of a year, is counted on another basis, or lies
before a break is set aside with its reason, never in silence. Where sources give different values for one
year, those graded `conflict` give way to the others, a better grade to a worse one no more than that: a year
in which nothing but `conflict` stands is disputed and has no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from gangmu.rulebook import model

Aside = Literal["bound", "part_of_year", "other_basis", "before_break"]

FEWEST: Final = 6  # comparable points below which no probability is given
YEAR_ENDS: Final = (11, 12)  # months whose values may stand for the end of the year
BREAK: Final = "B"  # CL_OBS_STATUS of SDMX: time series break


@dataclass(frozen=True, slots=True)
class Year:
    """A year's value, the observation it is taken from, and the other values that were published for it."""

    year: int
    value: Fraction
    chosen: model.Observation
    others: tuple[model.Observation, ...] = ()

    @property
    def differing(self) -> tuple[model.Observation, ...]:
        """The other observations that do not say the same."""
        return tuple(one for one in self.others if one.value is not None and one.value.value != self.value)


@dataclass(frozen=True, slots=True)
class Series:
    """Years oldest first; disputed years, which have no value; and what was set aside with the reason."""

    years: tuple[Year, ...]
    disputed: tuple[tuple[model.Observation, ...], ...] = ()
    aside: tuple[tuple[model.Observation, Aside], ...] = ()

    def __len__(self) -> int:
        """How many comparable points there are."""
        return len(self.years)

    @property
    def conflicts(self) -> tuple[tuple[model.Observation, ...], ...]:
        """For every year in which sources differ, all of its values."""
        settled = (year for year in self.years if year.differing)
        found = [*self.disputed, *((year.chosen, *year.differing) for year in settled)]
        return tuple(sorted(found, key=lambda group: group[0].ends))


def comparable(observations: Iterable[model.Observation]) -> Series:
    """The series of the observations given, which are of one place and were all known by the day asked."""
    given = sorted((one for one in observations if one.value is not None), key=lambda one: one.ends)
    breaks = [one.ends.year for one in given if one.obs_status == BREAK and not one.basis]
    begins = max(breaks, default=0)
    kept: dict[int, list[model.Observation]] = {}
    aside: list[tuple[model.Observation, Aside]] = []
    for one in given:
        reason = _reason(one, begins)
        if reason is None:
            kept.setdefault(one.ends.year, []).append(one)
        else:
            aside.append((one, reason))
    years, disputed = [], []
    for year, found in kept.items():
        chosen = _choose(found)
        if chosen is None:
            disputed.append(tuple(found))
        else:
            years.append(Year(year, _value(chosen), chosen, tuple(one for one in found if one is not chosen)))
    return Series(tuple(years), tuple(disputed), tuple(aside))


def _reason(one: model.Observation, begins: int) -> Aside | None:
    if one.basis:
        return "other_basis"
    if one.bound:
        return "bound"
    if one.ends.month not in YEAR_ENDS:
        return "part_of_year"
    return "before_break" if one.ends.year < begins else None


def _choose(found: Sequence[model.Observation]) -> model.Observation | None:
    """Of the values of one year the latest, then the best graded; None where only disputed ones differ."""
    if len({_value(one) for one in found}) > 1 and all(_grade(one) == model.GRADES[-1] for one in found):
        return None
    settled = [one for one in found if _grade(one) != model.GRADES[-1]] or found
    return max(settled, key=lambda one: (one.ends, -model.GRADES.index(_grade(one))))


def _grade(one: model.Observation) -> str:
    return one.cite.grade if one.cite else model.GRADES[-1]


def _value(one: model.Observation) -> Fraction:
    assert one.value is not None  # noqa: S101  `comparable` keeps only values
    return one.value.value
