"""Pace as Eurostat and Statistics Canada define it, on numbers worked out by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from gangmu.plan.pace import Pace, category, pace
from gangmu.rulebook import model
from gangmu.rulebook.types import NumberType

HERE = model.Where("test", 1)


def mark(year: int, value: str) -> model.Mark:
    """A value of a year."""
    return model.Mark(year, model.Quantity(Fraction(value), NumberType(()), value, HERE))


def found(base: str, aim: str, value: str, at: date = date(2022, 12, 31)) -> Pace:
    """The pace from 2020 to 2025."""
    made = pace(mark(2020, base), mark(2025, aim), Fraction(value), at)
    assert made is not None
    return made


def test_growth_so_far_over_growth_required() -> None:
    """100 to 161.051 in five years is 10% a year; 121 after two years is just that."""
    even = found("100", "161.051", "121")
    assert even.compound == pytest.approx(1, abs=1e-3)
    assert even.linear == pytest.approx((21 / 2) / (61.051 / 5), abs=1e-3)
    assert even.progress is None  # linear 86%, compound 100%: two sides of the threshold


def test_less_is_better_needs_no_sign() -> None:
    """Both growths are negative, their ratio is not."""
    falling = found("20", "10", "16")
    assert falling.linear == pytest.approx(1, abs=1e-3)
    assert falling.compound == pytest.approx((0.8**0.5 - 1) / (0.5**0.2 - 1), rel=2e-3)
    assert found("20", "10", "21").progress == "deterioration"


@pytest.mark.parametrize(
    ("ratio", "word"),
    [
        (1.2, "on_track"), (0.95, "on_track"), (0.949, "acceleration_needed"), (0.6, "acceleration_needed"),
        (0.599, "limited"), (0.0, "limited"), (-0.01, "deterioration"),
    ],
)  # fmt: skip
def test_the_thresholds_are_the_offices(ratio: float, word: str) -> None:
    """95% and 60%, as the method page of Statistics Canada has them in its table."""
    assert category(ratio) == word


def test_no_time_or_no_way_is_no_pace() -> None:
    """Nothing is divided by nothing."""
    assert pace(mark(2020, "5"), mark(2025, "9"), Fraction(5), date(2020, 12, 31)) is None
    assert pace(mark(2020, "5"), mark(2025, "5"), Fraction(5), date(2022, 12, 31)) is None


def test_values_that_are_not_positive_have_no_compound_rate() -> None:
    """The exponential model is not valid there, as Statistics Canada says; the linear one is."""
    below = found("-5", "5", "0")
    assert below.compound is None
    assert below.linear == pytest.approx(1.25, abs=1e-2)
