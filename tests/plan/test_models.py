"""The models say what statsmodels makes of the same parameters, and what is known of simple series."""

from __future__ import annotations

import numpy as np
import pytest

from gangmu.plan import models

GROWING = np.array([[12.0, 14.5, 15.1, 17.9, 18.4, 21.0, 22.2]])
GAPPED = np.array([[12.0, 14.5, np.nan, 17.9, 18.4, np.nan, 22.2]])


@pytest.mark.parametrize("model", [models.damped_trend, models.local_linear_trend, models.linear_pace])
def test_a_straight_line_goes_on(model: object) -> None:
    """What has grown by one a year grows by one a year; damping may slow it, never turn it."""
    line = np.arange(3.0, 12.0)[None, :]
    found = model(line, 3)[0]  # type: ignore[operator]
    assert found[0] == pytest.approx(12, abs=0.05)
    assert (np.diff(found) > 0.9).all()


def test_the_damped_trend_is_that_of_statsmodels(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one set of parameters in the grid both smooth alike."""
    holt = pytest.importorskip("statsmodels.tsa.holtwinters", reason="statsmodels is not installed")
    for name, value in (("LEVEL_SMOOTHING", 0.6), ("SLOPE_SMOOTHING", 0.3), ("DAMPING", 0.9)):
        monkeypatch.setattr(models, name, (value,))
    first, slope = GROWING[0, 0], (GROWING[0, 2] - GROWING[0, 0]) / 2
    theirs = holt.Holt(
        GROWING[0], damped_trend=True, initialization_method="known",
        initial_level=first - slope, initial_trend=slope / 0.9,
    ).fit(smoothing_level=0.6, smoothing_trend=0.3, damping_trend=0.9, optimized=False)  # fmt: skip
    assert models.damped_trend(GROWING, 4)[0] == pytest.approx(theirs.forecast(4), rel=1e-12)


@pytest.mark.parametrize("series", [GROWING, GAPPED], ids=["whole", "with gaps"])
def test_the_local_linear_trend_is_that_of_statsmodels(
    monkeypatch: pytest.MonkeyPatch, series: models.Matrix
) -> None:
    """With one ratio of variances in the grid both filter alike, years without a value included."""
    structural = pytest.importorskip(
        "statsmodels.tsa.statespace.structural", reason="statsmodels is not installed"
    )
    monkeypatch.setattr(models, "VARIANCES", (0.5,))
    theirs = structural.UnobservedComponents(series[0], "local linear trend")
    theirs.ssm.initialize_approximate_diffuse(models.DIFFUSE)
    forecast = theirs.smooth([1.0, 0.5, 0.5]).forecast(3)
    assert models.local_linear_trend(series, 3)[0] == pytest.approx(forecast, rel=1e-6)


def test_of_several_variances_the_likeliest_is_taken() -> None:
    """The concentrated likelihood of the grid has its best where statsmodels says, too."""
    structural = pytest.importorskip(
        "statsmodels.tsa.statespace.structural", reason="statsmodels is not installed"
    )
    theirs = structural.UnobservedComponents(GROWING[0], "local linear trend")
    theirs.ssm.initialize_approximate_diffuse(models.DIFFUSE)
    theirs.ssm.loglikelihood_burn = 2
    best, forecast = -np.inf, None
    for wander in models.VARIANCES:
        for turn in models.VARIANCES:
            unit = theirs.smooth([1.0, wander, turn])
            errors, spread = unit.forecasts_error[0, 2:], unit.forecasts_error_cov[0, 0, 2:]
            size = float(np.mean(errors**2 / spread))
            likely = -0.5 * (len(errors) * np.log(size) + np.log(spread).sum())
            if likely > best + 1e-9:
                best, forecast = likely, unit.forecast(3)
    assert models.local_linear_trend(GROWING, 3)[0] == pytest.approx(forecast, rel=1e-6)


def test_an_s_curve_is_found_again() -> None:
    """Diffusion towards 80% is carried on, and stays below all that is possible."""
    years = np.arange(9.0)
    curve = 0.8 / (1 + np.exp(-(years - 5) * 0.7))
    found = models.logistic_diffusion(curve[None, :7], 8, 1.0)[0]
    assert found[:2] == pytest.approx(curve[7:], abs=0.03)
    assert (np.diff(found) > 0).all()
    assert found.max() < 1


def test_diffusion_says_nothing_of_what_is_not_above_zero() -> None:
    """A series with a zero, or of two values, has no S-curve."""
    series = np.array([[0.0, 0.1, 0.2, 0.3], [np.nan, np.nan, 0.1, 0.2]])
    assert np.isnan(models.logistic_diffusion(series, 2, 1.0)).all()
