"""Outliers: an indicator whose skew and kurtosis are both beyond the limits is winsorised or transformed.

Skew and kurtosis are the sample figures G1 and G2 (excess) of Joanes and Gill (1998), as spreadsheets and the
JRC's COIN tool give them. Winsorising moves the farthest values to the next one, a point at a time, until the
indicator is within the limits; where the points allowed do not suffice, `winsorise_or_...` transforms the
indicator instead. Handbook, step 3; Becker et al. (2022) for the sequence. Indicators are done side by side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gangmu.plan.index.population import Floats, Truths
from gangmu.rulebook.model import Choice

_SHIFT = 0.01  # of the range: a logarithm of what begins just above nothing, as the COIN tool takes it
_LAMBDAS = np.linspace(-3, 3, 601)  # exponents of Box and Cox that are tried before the best is refined


@dataclass(frozen=True, slots=True)
class Treated:
    """What became of the values; per indicator the points moved and the transformation (or nothing)."""

    values: Floats
    points: tuple[int, ...]
    transformed: tuple[str, ...]
    beyond: Truths  # still beyond the limits


def treat(values: Floats, choice: Choice) -> Treated:
    """Treat units by indicators."""
    options = {
        name: float(str(value)) if isinstance(value, int) else _float(value)
        for name, value in choice.options.items()
    }
    width = values.shape[1]
    if choice.by in ("none", "clip"):
        found = values
        if choice.by == "clip":
            low, high = np.nanquantile(values, [options["share"], 1 - options["share"]], axis=0)
            found = np.clip(values, low, high)
        return Treated(found, (0,) * width, ("",) * width, np.zeros(width, bool))
    skew, kurtosis = options["skew"], options["kurtosis"]
    first, _, then = choice.by.partition("_or_")
    found, points = values, np.zeros(width, int)
    if first == "winsorise":
        found, points = _winsorise(values, skew, kurtosis, int(options["points"]))
    word = then or ("" if first == "winsorise" else first)
    names = [""] * width
    if word:
        found = found.copy()
        for column in np.flatnonzero(outlying(found, skew, kurtosis)):
            found[:, column] = _TRANSFORM[word](values[:, column])
            points[column], names[column] = 0, word
    return Treated(found, tuple(int(one) for one in points), tuple(names), outlying(found, skew, kurtosis))


def _float(value: object) -> float:
    return float(value)  # type: ignore[arg-type]  # options of a treatment are numbers


def moments(values: Floats) -> tuple[Floats, Floats]:
    """Skew G1 and excess kurtosis G2 of each column; NaN where fewer than four values or all alike."""
    known = ~np.isnan(values)
    n = known.sum(axis=0).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        off = np.where(known, values - np.where(known, values, 0).sum(axis=0) / n, 0.0)
        squares = off * off
        m2, m3, m4 = (power.sum(axis=0) / n for power in (squares, squares * off, squares * squares))
        skew = m3 / m2**1.5 * np.sqrt(n * (n - 1)) / (n - 2)
        kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (m4 / m2**2 - 3) + 6)
    few = n < 4  # noqa: PLR2004  the formula divides by n - 3
    return np.where(few, np.nan, skew), np.where(few, np.nan, kurtosis)


def outlying(values: Floats, skew: float, kurtosis: float) -> Truths:
    """Which columns are beyond both limits."""
    found = moments(values)
    with np.errstate(invalid="ignore"):
        beyond: Truths = (np.abs(found[0]) > skew) & (found[1] > kurtosis)
    return beyond


def _winsorise(values: Floats, skew: float, kurtosis: float, most: int) -> tuple[Floats, np.ndarray]:
    """Move the farthest values of each column to the next, on the side of its skew, at most `most` times."""
    found = values.copy()
    points = np.zeros(values.shape[1], int)
    below = np.zeros(values.shape[1], int)  # points moved at each end
    above = np.zeros(values.shape[1], int)
    ordered = np.sort(values, axis=0)  # NaN at the end
    count = (~np.isnan(values)).sum(axis=0)
    columns = np.flatnonzero(outlying(found, skew, kurtosis))
    for _ in range(min(most, len(values) - 1)):
        columns = columns[points[columns] + 1 < count[columns]]
        if not len(columns):
            break
        high = moments(found[:, columns])[0] > 0
        up, down = columns[high], columns[~high]
        above[up] += 1
        below[down] += 1
        found[:, up] = np.minimum(found[:, up], ordered[count[up] - 1 - above[up], up])
        found[:, down] = np.maximum(found[:, down], ordered[below[down], down])
        points[columns] += 1
        columns = columns[outlying(found[:, columns], skew, kurtosis)]
    return found, points


def _log(column: Floats) -> Floats:
    low, high = np.nanmin(column), np.nanmax(column)
    found: Floats = np.log(column - low + _SHIFT * (high - low))
    return found


def box_cox(column: Floats) -> Floats:
    """The transformation of Box and Cox (1964) of greatest likelihood, values shifted to begin above 0."""
    low, high = np.nanmin(column), np.nanmax(column)
    shifted = column if low > 0 else column - low + _SHIFT * (high - low)
    known = shifted[~np.isnan(shifted)]
    logs = np.log(known)

    def likelihood(power: float) -> float:
        moved = logs if abs(power) < 1e-9 else np.expm1(power * logs) / power  # noqa: PLR2004  the limit at 0
        return float((power - 1) * logs.sum() - len(known) / 2 * np.log(moved.var()))

    best = float(max(_LAMBDAS, key=likelihood))
    step = float(_LAMBDAS[1] - _LAMBDAS[0])
    for _ in range(40):  # thirds: the likelihood has one top
        thirds = (best - step / 3, best, best + step / 3)
        best, step = max(thirds, key=likelihood), step * 2 / 3
    found: Floats = np.log(shifted) if abs(best) < 1e-9 else np.expm1(best * np.log(shifted)) / best  # noqa: PLR2004
    return found


_TRANSFORM = {"log": _log, "box_cox": box_cox}
