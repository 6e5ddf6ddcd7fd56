"""Models that project short yearly series, many at once: damped trend, local linear trend, diffusion.

Every function takes a matrix, a row a series and a column a year, NaN where nothing is known, and gives a row
of forecasts a series. The trick: instead of an optimiser each model tries a small grid of its parameters, all
of them on all series in one pass over the years; with six to fifteen points a finer optimum is noise. What
statsmodels makes of the same parameters is what comes out here (tests hold it so).

Gardner and McKenzie (1985) for the damped trend; Harvey (1989), section 2.3 for the local linear trend;
Rogers, and Griliches (1957), for logistic diffusion.
"""

from __future__ import annotations

from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

MODELS: Final = ("damped", "local", "logistic")
LEVEL_SMOOTHING: Final = (0.2, 0.4, 0.6, 0.8, 1.0)
SLOPE_SMOOTHING: Final = (0.0, 0.1, 0.3, 0.6, 1.0)  # of the level's smoothing
DAMPING: Final = (0.8, 0.85, 0.9, 0.95, 0.98)  # the range that Hyndman and Athanasopoulos keep to
VARIANCES: Final = (0.0, 0.01, 0.1, 1.0, 10.0)  # of level and slope, in units of the observation's
CEILINGS: Final = (
    1.02,
    1.05,
    1.1,
    1.2,
    1.35,
    1.5,
    1.75,
    2.0,
    2.5,
    3.0,
    4.0,
    6.0,
    10.0,
)  # times the highest value
DIFFUSE: Final = 1e6
BEGINNING: Final = 2  # values that a level and a slope begin from
_TINY: Final = 1e-12


def damped_trend(series: Matrix, horizon: int) -> Matrix:
    """Holt's linear trend, damped: l += φb + αe, b = φb + αβe; parameters by the least squared error.

    A year without a value moves the state on without an error. Shapes: (series, years) to (series, horizon).
    """
    grid = np.array(list(product(LEVEL_SMOOTHING, SLOPE_SMOOTHING, DAMPING))).T[:, :, None]
    alpha, beta, phi = grid[0], grid[0] * grid[1], grid[2]
    first, slope = _beginnings(series)
    level = np.broadcast_to(first - slope, (alpha.shape[0], len(series))).copy()
    trend = np.broadcast_to(slope / phi, level.shape).copy()
    squares = np.zeros_like(level)
    begun = np.zeros(len(series), dtype=bool)
    for year in series.T:
        known = ~np.isnan(year)
        begun = begun | known
        forward = phi * trend
        error = np.where(known, np.nan_to_num(year) - level - forward, 0.0)
        squares += error**2
        level = np.where(begun, level + forward + alpha * error, level)
        trend = np.where(begun, forward + beta * error, trend)
    best = squares.argmin(axis=0)
    rows = np.arange(len(series))
    powers = phi[best, 0] ** np.arange(1, horizon + 1)[:, None]
    steps = np.cumsum(powers, axis=0).T
    return np.asarray(level[best, rows][:, None] + steps * trend[best, rows][:, None])


def _beginnings(series: Matrix) -> tuple[Matrix, Matrix]:
    """The first value of each series, and its mean yearly change over its first three known values."""
    first, slope = np.zeros(len(series)), np.zeros(len(series))
    for row, values in enumerate(series):
        [known] = np.nonzero(~np.isnan(values))
        if len(known) == 0:
            continue
        last = known[min(2, len(known) - 1)]
        first[row] = values[known[0]]
        slope[row] = (values[last] - values[known[0]]) / max(1, last - known[0])
    return first, slope


def local_linear_trend(series: Matrix, horizon: int) -> Matrix:
    """Level and slope that wander, by the Kalman filter; variances by the concentrated likelihood.

    Beginnings are diffuse; the first two known values of a series do not count for the likelihood. Shapes:
    (series, years) to (series, horizon).
    """
    grid = np.array(list(product(VARIANCES, VARIANCES))).T[:, :, None]
    wander, turn = grid
    shape = (wander.shape[0], len(series))
    level, slope = np.zeros(shape), np.zeros(shape)
    p_ll, p_ls, p_ss = np.full(shape, DIFFUSE), np.zeros(shape), np.full(shape, DIFFUSE)
    squares, logs, used = np.zeros(shape), np.zeros(shape), np.zeros(len(series))
    seen = np.zeros(len(series), dtype=int)
    for year in series.T:
        known = ~np.isnan(year)
        counts = known & (seen >= BEGINNING)
        variance = p_ll + 1.0
        error = np.where(known, np.nan_to_num(year) - level, 0.0)
        squares += np.where(counts, error**2 / variance, 0.0)
        logs += np.where(counts, np.log(variance), 0.0)
        used, seen = used + counts, seen + known
        gain_l, gain_s = (np.where(known, p / variance, 0.0) for p in (p_ll, p_ls))
        level, slope = level + gain_l * error, slope + gain_s * error
        p_ll, p_ls, p_ss = p_ll - gain_l * p_ll, p_ls - gain_l * p_ls, p_ss - gain_s * p_ls
        level, (p_ll, p_ls, p_ss) = level + slope, (p_ll + 2 * p_ls + p_ss + wander, p_ls + p_ss, p_ss + turn)
    count = np.maximum(used, 1.0)
    best = (count * np.log(squares / count + _TINY) + logs).argmin(axis=0)
    rows = np.arange(len(series))
    ahead = np.arange(horizon)
    return np.asarray(level[best, rows][:, None] + ahead * slope[best, rows][:, None])


def logistic_diffusion(series: Matrix, horizon: int, ceiling: float | None = None) -> Matrix:
    """An S-curve K / (1 + exp(-(a + bt))), by least squares of its logit; K from a grid by its fit.

    `ceiling` is a limit that no value can pass (1 for a share): no K lies above. Series with values that are
    not positive, and a fit of fewer than three values, give NaN. The curve is moved to pass through the last
    value, on the logit scale. Shapes: (series, years) to (series, horizon).
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        known = ~np.isnan(series)
        highest = np.nanmax(np.where(known, series, -np.inf), axis=1)
        tops = highest * np.array(CEILINGS)[:, None]
        if ceiling is not None:
            tops = np.minimum(tops, np.maximum(ceiling, highest * CEILINGS[0]))
        top = tops[:, :, None]
        years = np.arange(series.shape[1], dtype=float)
        logit = np.where(known, np.log(series / (top - series)), 0.0)
        n = known.sum(axis=1)
        mean_t = (known * years).sum(axis=1) / n
        spread = np.where(known, years - mean_t[:, None], 0.0)
        mean_z = logit.sum(axis=2) / n
        b = (spread * logit).sum(axis=2) / (spread**2).sum(axis=1)
        fitted = top / (1 + np.exp(-(mean_z[:, :, None] + b[:, :, None] * (years - mean_t[:, None]))))
        misfit = np.where(known, (fitted - series) ** 2, 0.0).sum(axis=2)
        best = np.where(np.isnan(misfit), np.inf, misfit).argmin(axis=0)
        rows = np.arange(len(series))
        last = series.shape[1] - 1 - known[:, ::-1].argmax(axis=1)
        end = logit[best, rows, last]
        ahead = years[-1] + np.arange(1, horizon + 1) - last[:, None]
        found = tops[best, rows][:, None] / (1 + np.exp(-(end[:, None] + b[best, rows][:, None] * ahead)))
        possible = (n > BEGINNING) & (np.where(known, series, 1.0) > 0).all(axis=1)
    return np.asarray(np.where(possible[:, None], found, np.nan))


def naive(series: Matrix, horizon: int) -> Matrix:
    """The last value, unchanged."""
    rows, last = _last(series)
    return np.repeat(series[rows, last][:, None], horizon, axis=1)


def linear_pace(series: Matrix, horizon: int) -> Matrix:
    """The mean yearly change from the first to the last value, carried on."""
    rows, last = _last(series)
    first = (~np.isnan(series)).argmax(axis=1)
    step = (series[rows, last] - series[rows, first]) / np.maximum(1, last - first)
    ahead = series.shape[1] - 1 - last[:, None] + np.arange(1, horizon + 1)
    return np.asarray(series[rows, last][:, None] + step[:, None] * ahead)


def _last(series: Matrix) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    known = ~np.isnan(series)
    return np.arange(len(series)), series.shape[1] - 1 - known[:, ::-1].argmax(axis=1)
