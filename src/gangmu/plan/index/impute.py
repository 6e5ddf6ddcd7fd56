"""Missing values filled in by a named method; a value that no method reaches stays missing.

Every function takes units by indicators and gives the same shape. Handbook, step 3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from gangmu.errors import GangmuError, Problem
from gangmu.plan.index.aggregate import MOST_PAIRED
from gangmu.plan.index.population import Floats
from gangmu.rulebook.model import Choice

Around = Sequence[tuple[int, Floats]]  # other years (years from this one, their values), units in this order


def impute(values: Floats, choice: Choice, texts: Mapping[str, tuple[str, ...]], around: Around) -> Floats:
    """Fill what is missing. `texts` are the columns of groups, `around` the values of other years."""
    if not np.isnan(values).any():
        return values
    match choice.by:
        case "mean":
            return _by_group(values, np.zeros(len(values), int), np.nanmean)
        case "median":
            return _by_group(values, np.zeros(len(values), int), np.nanmedian)
        case "group_mean" | "group_median":
            _, groups = np.unique(np.array(texts[str(choice.options["group"])]), return_inverse=True)
            return _by_group(values, groups, np.nanmean if choice.by == "group_mean" else np.nanmedian)
        case "nearest":
            return _nearest(values, int(str(choice.options["neighbours"])))
        case "carried":
            return _carried(values, around, int(str(choice.options["years"])))
        case "interpolated":
            return _interpolated(values, around)
        case _:  # none, published: what is missing stays so
            return values


def _by_group(values: Floats, groups: np.ndarray, centre: Callable[..., Floats]) -> Floats:
    """The mean or median of the unit's group (of those that have a value)."""
    found = values.copy()
    for group in range(int(groups.max()) + 1):
        mine = groups == group
        block = values[mine]
        known = ~np.isnan(block).all(axis=0)
        middle = np.full(values.shape[1], np.nan)
        middle[known] = centre(block[:, known], axis=0)
        found[mine] = np.where(np.isnan(block), middle, block)
    return found


def _nearest(values: Floats, neighbours: int) -> Floats:
    """The mean of the k nearest units that have the value.

    Nearness is the mean squared difference of standardised indicators that both units have.
    """
    if len(values) > MOST_PAIRED:
        told, expected = f"{len(values):,} units against one another", f"at most {MOST_PAIRED:,} units"
        raise GangmuError(Problem("too-long", "impute: nearest", told, expected, "take a group's mean"))
    deviation = np.nanstd(values, axis=0)
    scaled = (values - np.nanmean(values, axis=0)) / np.where(deviation > 0, deviation, 1)
    known = ~np.isnan(scaled)
    zeroed = np.where(known, scaled, 0.0)
    both = known.astype(float) @ known.T
    squares = (zeroed**2) @ known.T + known @ (zeroed**2).T - 2 * zeroed @ zeroed.T
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.where(both > 0, squares / both, np.inf)
    np.fill_diagonal(distance, np.inf)
    found = values.copy()
    for unit, column in zip(*np.nonzero(~known), strict=True):
        having = np.flatnonzero(known[:, column] & np.isfinite(distance[unit]))
        closest = having[np.argsort(distance[unit, having], kind="stable")[:neighbours]]
        if len(closest):
            found[unit, column] = values[closest, column].mean()
    return found


def _carried(values: Floats, around: Around, years: int) -> Floats:
    """The unit's own last value, at most so many years old."""
    found = values.copy()
    for distance, earlier in sorted(around, key=lambda one: -one[0]):
        if -years <= distance < 0:
            found = np.where(np.isnan(found), earlier, found)
    return found


def _interpolated(values: Floats, around: Around) -> Floats:
    """On the straight line between the unit's values before and after, where it has both."""
    before = [(distance, one) for distance, one in around if distance < 0]
    after = [(distance, one) for distance, one in around if distance > 0]
    found = values.copy()
    for unit, column in zip(*np.nonzero(np.isnan(values)), strict=True):
        left = [(d, one[unit, column]) for d, one in before if not np.isnan(one[unit, column])]
        right = [(d, one[unit, column]) for d, one in after if not np.isnan(one[unit, column])]
        if left and right:
            (x0, y0), (x1, y1) = max(left), min(right)
            found[unit, column] = y0 + (y1 - y0) * -x0 / (x1 - x0)
    return found
