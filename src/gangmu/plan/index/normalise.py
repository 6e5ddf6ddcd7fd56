"""Indicators onto one scale on which more is better: units by indicators in and out. Handbook, step 5.

An indicator of which less is better is turned by its sign before it is measured against the sample; against
goalposts or a maximum it is measured from the other end. NaN stays NaN and counts for nobody's place.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from gangmu.plan.index.population import Floats
from gangmu.rulebook.model import Choice, Element


def normalise(values: Floats, choice: Choice, signs: Floats, leaves: tuple[Element, ...]) -> Floats:
    """Normalise; `signs` is 1 where more is better and -1 where less is."""
    found: Floats = _normalised(values, choice, signs, leaves)
    return found


def _normalised(values: Floats, choice: Choice, signs: Floats, leaves: tuple[Element, ...]) -> Any:  # noqa: ANN401  numpy's arithmetic has no closer type
    turned = values * signs
    with np.errstate(invalid="ignore", divide="ignore"):
        match choice.by:
            case "min_max":
                return _onto(_between(turned, np.nanmin(turned, axis=0), np.nanmax(turned, axis=0)), choice)
            case "goalposts":
                return _onto(np.clip(_posts(values, signs, leaves), 0, 1), choice)
            case "scaled":
                low, high = _pair(choice, "between")
                share = (values - low) / (high - low)
                return _onto(np.where(signs > 0, share, 1 - share), choice)
            case "z_score":
                mean, deviation = np.nanmean(turned, axis=0), np.nanstd(turned, axis=0, ddof=1)
                z = (turned - mean) / np.where(deviation > 0, deviation, np.nan)
                return z * _number(choice, "deviation") + _number(choice, "mean")
            case "rank":
                return places(turned)
            case "borda":
                return places(turned) - 1
            case "percentile":
                return (places(turned) - 1) / np.maximum((~np.isnan(turned)).sum(axis=0) - 1, 1)
            case "distance_to_maximum":
                low, high = np.nanmin(turned, axis=0), np.nanmax(turned, axis=0)
                return 1 - (high - turned) / np.where(high > low, high - low, np.nan)
            case _:  # fraction_of_maximum
                return np.where(
                    signs > 0, values / np.nanmax(values, axis=0), np.nanmin(values, axis=0) / values
                )


def places(values: Floats) -> Floats:
    """Places counted from the lowest (1), column by column; equal values share the mean of their places."""
    found = np.full(values.shape, np.nan)
    for column in range(values.shape[1]):
        known = np.flatnonzero(~np.isnan(values[:, column]))
        _, which, counts = np.unique(values[known, column], return_inverse=True, return_counts=True)
        ends = np.cumsum(counts)
        found[known, column] = (ends - (counts - 1) / 2)[which]
    return found


def _between(values: Floats, low: Floats, high: Floats) -> Any:  # noqa: ANN401  as above
    """The share of the way from low to high; NaN where there is no way (all units are alike)."""
    return (values - low) / np.where(high > low, high - low, np.nan)


def _posts(values: Floats, signs: Floats, leaves: tuple[Element, ...]) -> Any:  # noqa: ANN401  as above
    """The share of the way between an indicator's own goalposts, from the other end where less is better."""
    posts = np.array([one.goalposts or (0, 1) for one in leaves], float)
    share = (values - posts[:, 0]) / (posts[:, 1] - posts[:, 0])
    return np.where(signs > 0, share, 1 - share)


def _onto(share: Floats, choice: Choice) -> Any:  # noqa: ANN401  as above
    low, high = _pair(choice, "onto")
    return low + share * (high - low)


def _pair(choice: Choice, name: str) -> tuple[float, float]:
    low, high = cast("tuple[float, float]", choice.options[name])
    return float(low), float(high)


def _number(choice: Choice, name: str) -> float:
    return float(cast("float", choice.options[name]))
