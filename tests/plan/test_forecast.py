"""Bands hold on other series as often as they say, and a probability is read off the same errors."""

from __future__ import annotations

import json
from pathlib import Path

import calibrate_bands as script
import numpy as np
import pytest

from gangmu.plan import forecast
from gangmu.plan.forecast import calibration, project

DATA = Path(__file__).parents[3] / "shared" / "data" / "world_bank_digital" / script.FILE
SERIES = [(year, 10.0 + 2 * (year - 2015) + (-1) ** year * 0.4) for year in range(2015, 2023)]


def test_the_band_lies_around_the_forecast_and_widens() -> None:
    """Farther ahead is less sure."""
    [found] = project([SERIES], [2025], [False])
    assert [made.year for made in found] == [2023, 2024, 2025]
    widths = [made.band[1] - made.band[0] for made in found]
    assert widths == sorted(widths)
    assert all(made.band[0] < made.value < made.band[1] for made in found)


def test_probability_and_target_are_two_sides_of_one_thing() -> None:
    """The target that has 70% is reached with 70%; a harder one is less likely."""
    made = project([SERIES], [2025], [False])[0][-1]
    for more in (True, False):
        for wanted in (0.5, 0.7, 0.9):
            assert made.probability(made.reached_with(wanted, more=more), more=more) == pytest.approx(
                wanted, abs=0.01
            )
    assert made.probability(1e9) == pytest.approx(0.01)
    assert made.probability(1e9, more=False) == pytest.approx(0.99)


def test_too_few_points_give_no_projection() -> None:
    """Six comparable points are the fewest; nothing is said farther ahead than was calibrated."""
    assert project([SERIES[:5], SERIES[:6]], [2025, 2025], [False, False])[0] == ()
    assert project([SERIES], [2022 + calibration().farthest + 1], [False]) == [()]


def test_shares_stay_between_nothing_and_all() -> None:
    """No band of a share passes 100%."""
    series = [(year, 0.9 + 0.012 * (year - 2015)) for year in range(2015, 2023)]
    made = project([series], [2026], [True])[0][-1]
    assert made.value <= 1
    assert made.quantile(0.995) <= 1


def test_a_year_without_a_value_is_no_obstacle() -> None:
    """A gap is not filled in: the points on both sides count as two."""
    [found] = project([[point for point in SERIES if point[0] != 2019]], [2024], [False])
    assert found[-1].value == pytest.approx(project([SERIES], [2024], [False])[0][-1].value, rel=0.05)


@pytest.mark.skipif(
    not DATA.exists(), reason="the World Bank's series are not beside this checkout (../shared)"
)
def test_bands_of_80_percent_hold_80_percent_of_other_series() -> None:
    """Made from the errors of one third of the countries, they hold in another; the shipped ones in both."""
    rows = script.read(DATA.parent)
    assert len(rows) > 1000
    names = calibration().combined
    for ahead, length in ((1, 8), (3, 7), (5, 6)):
        cases = script.cut(rows, length, ahead)
        error, _, _ = script.normalised(cases, ahead, names)
        one, other = (error[cases.third == third] for third in (script.ONE, script.OTHER))
        for here, there in ((one, other), (other, one)):
            held = script.within(there, np.quantile(here, script.QUANTILES)).mean()
            assert abs(held - forecast.BAND) < 0.05, (ahead, length)
        errors = calibration().of(ahead, length)
        assert errors is not None
        low, high = errors.at(0.1), errors.at(0.9)
        assert abs(np.mean((error >= low) & (error <= high)) - forecast.BAND) < 0.03, (ahead, length)


def test_the_constants_are_those_of_the_script() -> None:
    """Who made them is said, of which data, and every quantile is in order."""
    told = json.loads(script.STORED.read_text(encoding="utf-8"))
    assert told["made_by"] == "benchmarks/calibrate_bands.py"
    assert set(told["combined"]) <= set(script.ALL)
    assert all(line["quantiles"] == sorted(line["quantiles"]) for line in told["errors"])
    assert min(line["cases"] for line in told["errors"]) >= script.FEWEST_CASES
