"""Scores of a group from those of its children, for many runs at once. Handbook, step 6.

Children are (n, K, units) and weights (R, n), with K and R the number of runs, or 1 for what all runs share.
A child that is missing, or weighs nothing, is left out and the others count for it; where less than the
`present` share of the weight is there, the score is missing.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from gangmu.errors import GangmuError, Problem
from gangmu.plan.index.population import Floats

MOST_PAIRED = 3000  # units that are held against one another


def aggregate(method: str, children: Floats, weights: Floats, present: float, what: str) -> Floats:
    """Scores (runs, units). `what` names the group for messages. Raises `GangmuError`."""
    if method == "arithmetic":
        return _mean(children, weights, present)
    if method in ("copeland", "outranking"):
        return _pairwise(children, weights, net=method == "copeland")
    with np.errstate(invalid="ignore", divide="ignore"):
        if (children < 0).any():
            raise _below_nothing(method, what)
        zero = children == 0
        safe = np.where(zero, 1.0, children)
        if method == "geometric":
            found = np.exp(_mean(np.log(safe), weights, present))
        else:
            found = 1 / _mean(1 / safe, weights, present)
    if zero.any():  # one child at nothing that counts: so is the mean, and its logarithm is never taken
        nothing = np.einsum(
            "nku,rn->ru" if children.shape[1] == 1 else "nru,rn->ru", zero.astype(float), weights
        )
        found = np.where((nothing > 0) & ~np.isnan(found), 0.0, found)
    return cast("Floats", found)


def _mean(children: Floats, weights: Floats, present: float) -> Floats:
    """The weighted arithmetic mean of what is there."""
    missing = np.isnan(children)
    if not missing.any() and (weights > 0).all():
        whole: Floats = _sum(children, weights) / weights.sum(axis=1)[:, None]
        return whole
    there = _sum((~missing).astype(float), weights)
    total = weights.sum(axis=1)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        found = _sum(np.where(missing, 0.0, children), weights) / there
        enough = (there > 0) & (there >= present * total - 1e-12 * total)
    return np.where(enough, found, np.nan)


def _sum(children: Floats, weights: Floats) -> Floats:
    """Weighted sums over the children, (runs, units)."""
    if children.shape[1] == 1:
        return weights @ children[:, 0, :]
    found: Floats = weights[:, 0, None] * children[0]
    for place in range(1, len(children)):
        found = found + weights[:, place, None] * children[place]
    return found


def _pairwise(children: Floats, weights: Floats, *, net: bool) -> Floats:
    """Units against units: the weight of the children in which one is ahead, ties halved.

    `copeland` counts the others that a unit beats by weight less those that beat it, over their number;
    `outranking` is the mean weight by which it is ahead.
    """
    runs = max(children.shape[1], len(weights))
    units = children.shape[2]
    if units > MOST_PAIRED:
        told, expected = f"{units:,} units against one another", f"at most {MOST_PAIRED:,} units"
        raise GangmuError(Problem("too-long", "aggregate", told, expected, "take a mean instead"))
    found = np.empty((runs, units))
    shares = np.where(np.isnan(children), 0.0, 1.0)
    for run in range(runs):  # units by units at a time: memory stays small
        mine = children[:, run if children.shape[1] > 1 else 0]
        weight = weights[run if len(weights) > 1 else 0]
        ahead, both = np.zeros((units, units)), np.zeros((units, units))
        known = shares[:, run if children.shape[1] > 1 else 0]
        for child, share, there in zip(mine, weight, known, strict=True):
            pairs = there[:, None] * there
            with np.errstate(invalid="ignore"):
                wins = (child[:, None] > child) + 0.5 * (child[:, None] == child)
            ahead += share * pairs * wins
            both += share * pairs
        with np.errstate(invalid="ignore", divide="ignore"):
            part = ahead / both
        np.fill_diagonal(part, np.nan)
        met = ~np.isnan(part)
        score = np.where(met, np.sign(part - 0.5) if net else part, 0.0).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            found[run] = score / met.sum(axis=1)
    return found


def _below_nothing(method: str, what: str) -> GangmuError:
    where, found = what or "the index", f"a {method} mean of scores below 0"
    expected, todo = "scores of 0 or more", "normalise onto a scale above 0, e.g. `min_max` onto [1, 100]"
    return GangmuError(Problem("scores-negative", where, found, expected, todo))


def ranks(scores: Floats) -> np.ndarray:
    """Ranks (1 is the highest) along the last axis; equal scores share the better one, a missing one is 0.

    Scores that differ by less than a 10**-11 part of their spread are equal: that is the rounding of doubles.
    """
    table = np.atleast_2d(scores)
    missing = np.isnan(table)
    filled = np.where(missing, -np.inf, table)
    order = np.argsort(-filled, axis=1, kind="stable")
    ordered = np.take_along_axis(filled, order, axis=1)
    spread = np.nanmax(np.where(missing, np.nan, np.abs(table)), axis=1, initial=0.0, where=~missing)
    with np.errstate(invalid="ignore"):
        fresh = ordered[:, :-1] - ordered[:, 1:] > 1e-11 * spread[:, None]
    place = np.ones(table.shape, np.int64)
    place[:, 1:] = np.where(fresh, np.arange(2, table.shape[1] + 1), 1)
    place = np.maximum.accumulate(place, axis=1)
    found = np.empty_like(place)
    np.put_along_axis(found, order, place, axis=1)
    found[missing] = 0
    return found.reshape(np.shape(scores))
