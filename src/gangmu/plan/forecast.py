"""What a series may come to: an equal mean of well-understood models, with bands that held on other series.

The point forecast is the mean of the models that `calibration.json` names. The band is split conformal: the
errors that the same forecast made on hundreds of other series, cut to the same length and looked at after the
same number of years, each over a scale taken from its series alone. Their quantiles times this series' scale
are the band, and the share of them that would reach a target is its probability. Nothing is assumed about the
shape of errors; what is assumed is that this series is one like those (World Bank, digital and innovation).
`benchmarks/calibrate_bands.py` chose the models on one third of the countries, took the errors from a second,
and counted on the third how often the bands held.

Vovk, Gammerman and Shafer (2005); Lei and others (2018), split conformal prediction.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from gangmu.plan.models import (
    Matrix,
    damped_trend,
    linear_pace,
    local_linear_trend,
    logistic_diffusion,
    naive,
)
from gangmu.plan.series import FEWEST

BAND: Final = 0.8
LONGEST: Final = 10  # years of a series that the models see, as calibrated
CERTAIN: Final = 0.99  # no probability above it or below its opposite is claimed
_FILE: Final = Path(__file__).with_name("calibration.json")
_SCALE_FLOOR: Final = 1e-9  # of the level: a constant series has no scale of its own


@dataclass(frozen=True, slots=True)
class Errors:
    """Quantiles of errors on other series, in units of their scales: for some years ahead and a length."""

    levels: tuple[float, ...]
    quantiles: tuple[float, ...]
    cases: int

    def at(self, level: float) -> float:
        """The quantile of a level, linear between those kept."""
        return float(np.interp(level, self.levels, self.quantiles))

    def below(self, error: float) -> float:
        """The share of errors below one."""
        return float(np.interp(error, self.quantiles, self.levels))


@dataclass(frozen=True, slots=True)
class Projection:
    """What one year may bring: the combined forecast, each model's own, and errors seen on other series."""

    year: int
    value: float
    models: dict[str, float]
    scale: float
    errors: Errors
    share: bool = False  # between 0 and 1; all else is not below 0

    def quantile(self, level: float) -> float:
        """The value that is not passed with this probability."""
        found = self.value + self.scale * self.errors.at(level)
        return min(max(found, 0.0), 1.0) if self.share else max(found, 0.0)

    @property
    def band(self) -> tuple[float, float]:
        """The band that held for four of five other series."""
        return self.quantile((1 - BAND) / 2), self.quantile((1 + BAND) / 2)

    def probability(self, aim: float, *, more: bool = True) -> float:
        """How likely the aim is reached, between 1% and 99%; `more` says whether more is better."""
        below = self.errors.below((aim - self.value) / self.scale)
        return min(max(1 - below if more else below, 1 - CERTAIN), CERTAIN)

    def reached_with(self, probability: float, *, more: bool = True) -> float:
        """The target that is reached with a probability."""
        return self.quantile(1 - probability if more else probability)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What `calibration.json` holds: the models combined, and the errors by years ahead and length."""

    combined: tuple[str, ...]
    errors: dict[tuple[int, int], Errors]

    @property
    def farthest(self) -> int:
        """The most years ahead that errors are known for."""
        return max(ahead for ahead, _ in self.errors)

    def of(self, ahead: int, length: int) -> Errors | None:
        """The errors for some years ahead and a length of series (the nearest one that there is)."""
        lengths = [known for far, known in self.errors if far == ahead]
        if not lengths or length < FEWEST:
            return None
        return self.errors[ahead, min(lengths, key=lambda known: (abs(known - length), known))]


@cache
def calibration() -> Calibration:
    """The constants as shipped."""
    told = json.loads(_FILE.read_text(encoding="utf-8"))
    levels = tuple(told["levels"])
    errors = {
        (line["ahead"], line["length"]): Errors(levels, tuple(line["quantiles"]), line["cases"])
        for line in told["errors"]
    }
    return Calibration(tuple(told["combined"]), errors)


def forecasts(series: Matrix, horizon: int, shares: Sequence[bool]) -> dict[str, Matrix]:
    """What each model says: by its name, a row a series and a column a year ahead."""
    is_share = np.asarray(shares, dtype=bool)[:, None]
    return {
        "damped": damped_trend(series, horizon),
        "local": local_linear_trend(series, horizon),
        "logistic": np.where(
            is_share, logistic_diffusion(series, horizon, 1.0), logistic_diffusion(series, horizon)
        ),
        "naive": naive(series, horizon),
        "linear": linear_pace(series, horizon),
    }


def combine(found: dict[str, Matrix], names: Sequence[str], shares: Sequence[bool]) -> Matrix:
    """The mean of the models named, those left out that cannot say anything; within its natural limits."""
    mean = np.nanmean([found[name] for name in names], axis=0)
    upper = np.where(np.asarray(shares, dtype=bool), 1.0, np.inf)[:, None]
    return np.asarray(np.clip(mean, 0.0, upper))


def scales(series: Matrix, found: dict[str, Matrix], names: Sequence[str]) -> Matrix:
    """How far a series is used to moving, and its models to differ: what its errors are measured by.

    The mean size of yearly changes, of their changes, and the spread of the models; a row a series, a column
    a year ahead. Years without a value are bridged in a straight line first.
    """
    filled = _bridged(series)
    moves, turns = (np.nanmean(np.abs(np.diff(filled, order, axis=1)), axis=1) for order in (1, 2))
    spread = np.nanstd([found[name] for name in names], axis=0)
    floor = _SCALE_FLOOR * np.nanmax(np.abs(series), axis=1)
    return np.asarray(np.maximum((moves + turns)[:, None] + spread, floor[:, None]))


def _bridged(series: Matrix) -> Matrix:
    filled = series.copy()
    years = np.arange(series.shape[1])
    for row in filled:
        known = ~np.isnan(row)
        if known.all():
            continue
        within = (years >= years[known][0]) & (years <= years[known][-1])
        row[within] = np.interp(years[within], years[known], row[known])
    return filled


def project(
    points: Sequence[Sequence[tuple[int, float]]], until: Sequence[int], shares: Sequence[bool]
) -> list[tuple[Projection, ...]]:
    """Each series' years after its last one, up to a year of its own; none where nothing is calibrated.

    `points` are (year, value), oldest first; `shares` says which are shares of one.
    """
    known = calibration()
    usable = [
        row for row, (own, last) in enumerate(zip(points, until, strict=True))
        if len(own) >= FEWEST and 0 < last - own[-1][0] <= known.farthest
    ]  # fmt: skip
    answers: list[tuple[Projection, ...]] = [() for _ in points]
    if not usable:
        return answers
    matrix = np.array([_row(points[row]) for row in usable])
    mine = [shares[row] for row in usable]
    horizon = max(until[row] - points[row][-1][0] for row in usable)
    found = forecasts(matrix, horizon, mine)
    values, scale = combine(found, known.combined, mine), scales(matrix, found, known.combined)
    for place, row in enumerate(usable):
        length = int((~np.isnan(matrix[place])).sum())
        made = []
        for ahead in range(1, until[row] - points[row][-1][0] + 1):
            errors = known.of(ahead, length)
            if errors is None:
                break
            by_model = {name: float(found[name][place, ahead - 1]) for name in known.combined}
            made.append(
                Projection(
                    points[row][-1][0] + ahead, float(values[place, ahead - 1]), by_model,
                    float(scale[place, ahead - 1]), errors, mine[place],
                )
            )  # fmt: skip
        answers[row] = tuple(made)
    return answers


def _row(points: Sequence[tuple[int, float]]) -> list[float]:
    """The last years of a series as columns, NaN where a year has no value."""
    own, last = dict(points), points[-1][0]
    return [own.get(year, float("nan")) for year in range(last - LONGEST + 1, last + 1)]
