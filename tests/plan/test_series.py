"""Which published values stand beside one another, case by case."""

from __future__ import annotations

from fractions import Fraction

import pytest

from gangmu.plan.series import comparable
from gangmu.rulebook import model
from gangmu.rulebook.periods import last_day
from gangmu.rulebook.types import NumberType

HERE = model.Where("test", 1)


def seen(period: str, value: str, grade: str = "official", **more: str) -> model.Observation:
    """A published value."""
    ends = last_day(period)
    assert ends is not None
    quantity = model.Quantity(Fraction(value), NumberType(()), value, HERE)
    return model.Observation(period, ends, quantity, model.Citation("s", "", grade), HERE, **more)  # type: ignore[arg-type]


CASES = {
    "the end of the year counts, its middle does not": (
        [seen("2021-06", "1"), seen("2021-12", "2"), seen("2022", "3")], {2021: 2, 2022: 3}, ["part_of_year"],
    ),
    "November stands for December where December is not there": (
        [seen("2021-11", "2"), seen("2022-11", "3"), seen("2022-12", "4")], {2021: 2, 2022: 4}, [],
    ),
    "a bound is not a value": ([seen("2021", "2"), seen("2022", "3", bound="lower")], {2021: 2}, ["bound"]),
    "another basis is another series": (
        [seen("2021", "2"), seen("2022", "9", basis="census"), seen("2022", "3")],
        {2021: 2, 2022: 3}, ["other_basis"],
    ),
    "nothing is compared across a break": (
        [seen("2020", "1"), seen("2021", "2", obs_status="B"), seen("2022", "3")],
        {2021: 2, 2022: 3}, ["before_break"],
    ),
    "what is graded a conflict gives way": (
        [seen("2021", "2"), seen("2021", "5", "conflict")], {2021: 2}, [],
    ),
    "a year of nothing but conflict has no value": (
        [seen("2020", "1"), seen("2021", "2", "conflict"), seen("2021", "5", "conflict")], {2020: 1}, [],
    ),
    "sources that agree settle a year": (
        [seen("2021", "2", "conflict"), seen("2021", "2", "conflict")], {2021: 2}, [],
    ),
    "the better grade goes first": ([seen("2021", "2", "recalled"), seen("2021", "3")], {2021: 3}, []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_comparable(name: str) -> None:
    given, values, aside = CASES[name]
    found = comparable(given)
    assert {year.year: year.value for year in found.years} == values
    assert [reason for _, reason in found.aside] == aside


def test_conflicts_are_shown_with_all_their_values() -> None:
    """Settled or not, both values are told."""
    found = comparable(
        [seen("2020", "2"), seen("2020", "3"), seen("2021", "4", "conflict"), seen("2021", "5", "conflict")]
    )
    assert [[int(one.value.value) for one in group if one.value] for group in found.conflicts] == [
        [2, 3],
        [4, 5],
    ]
