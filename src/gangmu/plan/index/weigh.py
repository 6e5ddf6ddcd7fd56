"""Weights within each group: as given, equal, by a panel, by comparisons, or from the data. Handbook, step 6.

What the data decide is worked out group by group from the bottom up, because a group's children have scores
only then. Weights of a group add up to 1, but for those given, which stay as they are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from gangmu.errors import GangmuError, Problem
from gangmu.plan.index.frame import Group
from gangmu.plan.index.population import Floats
from gangmu.rulebook.model import Choice

FROM_DATA = ("pca", "equal_influence", "benefit_of_the_doubt")
# Mean consistency index of random comparisons of n things: Saaty (1980), table 1.2.
_RANDOM = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
_TURNS = 200  # of the power method; comparisons converge in a dozen

Table = Mapping[str, Mapping[str, float]]


def weights_of(group: Group, choice: Choice, children: Floats | None) -> Floats:
    """The weights of a group's children. `children` is (n, units), needed if the data decide.

    Raises `GangmuError` where a table of experts leaves a child out.
    """
    match choice.by:
        case "equal":
            return np.ones(len(group.children))
        case "budget":
            return budget(group.children, cast("Table", choice.options["experts"]))
        case "ahp":
            return compared(group.children, cast("Table", choice.options["compare"]))[0]
        case "pca" if children is not None:
            return principal(children)
        case "equal_influence" if children is not None:
            return equal_influence(children)
        case _:
            return group.weights


def budget(children: tuple[str, ...], experts: Table) -> Floats:
    """The mean share of its points that each expert gives to each child of the group.

    An expert who gives none of them points says nothing of the group; where nobody does, all are equal.
    """
    shares = []
    for points in experts.values():
        given = np.array([float(points.get(child, 0)) for child in children])
        if given.sum() > 0:
            shares.append(given / given.sum())
    return cast("Floats", np.mean(shares, axis=0)) if shares else np.ones(len(children))


def compared(children: tuple[str, ...], table: Table) -> tuple[Floats, float]:
    """Weights from comparisons in pairs, and the consistency ratio (Saaty, 1980: 0.1 is the usual limit).

    `table[a][b]` is how many times as important `a` is as `b`; the other side is its inverse. A pair that
    nobody compares is refused.
    """
    n = len(children)
    matrix = np.ones((n, n))
    for row, one in enumerate(children):
        for column in range(row + 1, n):
            other = children[column]
            said = table.get(one, {}).get(other)
            inverse = table.get(other, {}).get(one)
            if not said and not inverse:
                what, expected = f"`{one}` and `{other}` are not compared", f"{one}: {{{other}: times}}"
                raise GangmuError(Problem("comparison-missing", "weigh: ahp", what, expected, "compare them"))
            matrix[row, column] = float(said) if said else 1 / float(inverse or 1)
            matrix[column, row] = 1 / matrix[row, column]
    weights = np.full(n, 1 / n)
    for _ in range(_TURNS):
        weights = matrix @ weights
        weights /= weights.sum()
    greatest = float((matrix @ weights / weights).mean())
    random = _RANDOM[min(n, len(_RANDOM) - 1)]
    ratio = (greatest - n) / (n - 1) / random if random else 0.0
    return weights, ratio


def principal(children: Floats) -> Floats:
    """Squared loadings of the first principal component of the standardised children; they add up to 1."""
    matrix = correlations(children)
    _, vectors = np.linalg.eigh(matrix)
    return cast("Floats", vectors[:, -1] ** 2)


def equal_influence(children: Floats) -> Floats:
    """Weights, 0 or more, with which every child has the same correlation with the group's score.

    The correlation of child i with the weighted sum is (C w)_i / (s_i s), C being the covariance of the
    children and s_i their deviations: equal for all where C w is in proportion to s. Where that asks for a
    weight below 0, the nearest weights that do not (least squares, not negative).
    """
    from scipy.optimize import nnls

    known = ~np.isnan(children).any(axis=0)
    covariance = np.atleast_2d(np.cov(children[:, known]))
    deviation = np.sqrt(np.diag(covariance))
    used = deviation > 0
    found = np.zeros(len(children))
    if used.any():
        scaled = covariance[np.ix_(used, used)] / deviation[used][:, None]
        found[used] = nnls(scaled, np.ones(int(used.sum())))[0]
    return found / found.sum() if found.sum() > 0 else np.full(len(children), 1 / len(children))


def correlations(rows: Floats) -> Floats:
    """Correlations of rows with rows over the units that both have; 0 for a row without spread."""
    known = ~np.isnan(rows)
    if known.all():
        off = rows - rows.mean(axis=1)[:, None]
        size = np.sqrt((off * off).sum(axis=1))
        with np.errstate(invalid="ignore", divide="ignore"):
            found = off @ off.T / (size[:, None] * size)
        found = np.where(np.isfinite(found), found, 0.0)
    else:
        found = np.zeros((len(rows), len(rows)))
        for one in range(len(rows)):
            for other in range(one):
                both = known[one] & known[other]
                if both.sum() > 1 and rows[one, both].std() > 0 and rows[other, both].std() > 0:
                    found[one, other] = np.corrcoef(rows[one, both], rows[other, both])[0, 1]
        found = found + found.T
    np.fill_diagonal(found, 1.0)
    return cast("Floats", found)


def benefit_of_the_doubt(children: Floats, least: float) -> tuple[Floats, Floats]:
    """Each unit's score under the weights that flatter it most (in the children's unit), and those weights.

    Maximise the weighted sum of the unit so that no unit exceeds 1 with the same weights, each child
    contributing at least the part `least` of the unit's own sum (Cherchye et al., 2007). The best unit is
    given the highest score among the children. A linear program a unit; children are (n, units), 0 or more.
    """
    from scipy.optimize import linprog

    n, units = children.shape
    if least * n > 1:
        what, expected = f"{n} children, each at least {least:.0%} of the score", f"at most {1 / n:.1%}"
        raise GangmuError(
            Problem("share-too-large", "weigh: benefit_of_the_doubt", what, expected, "lower it")
        )
    if (children < 0).any():
        what, expected = "scores below 0", "scores of 0 or more"
        todo = "normalise onto a scale that begins at 0 or above"
        raise GangmuError(Problem("scores-negative", "weigh: benefit_of_the_doubt", what, expected, todo))
    scores, weights = np.full(units, np.nan), np.full((n, units), np.nan)
    known = ~np.isnan(children).any(axis=0)
    limits = children[:, known].T
    for unit in np.flatnonzero(known):
        mine = children[:, unit]
        own = least * mine[None, :] - np.diag(mine)  # least * sum - part <= 0, child by child
        done = linprog(
            -mine, A_ub=np.vstack([limits, own]), b_ub=np.concatenate([np.ones(len(limits)), np.zeros(n)]),
            bounds=(0, None), method="highs",
        )  # fmt: skip
        if done.status == 0:
            scores[unit], weights[:, unit] = -done.fun, done.x
    return scores * np.nanmax(children), weights
