"""A statistical audit: do the elements of a group go together, and does each weigh what it is given?

Handbook, steps 4 and 6; the questions are those of the JRC's audits. For each group: correlations of its
children with one another and with its score, Cronbach's alpha, the share of variance that its first principal
component holds, and how many components have an eigenvalue above 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gangmu.plan.index.compute import Computed
from gangmu.plan.index.population import Floats
from gangmu.plan.index.weigh import correlations


@dataclass(frozen=True, slots=True)
class GroupAudit:
    """One group. `between` is children by children, `with_score` a correlation a child with the group.

    `share` is the weight of each child, `influence` its squared correlation with the group's score as a part
    of the sum of these; alpha and components are None for a group of one.
    """

    group: str
    children: tuple[str, ...]
    between: Floats
    with_score: Floats
    with_top: Floats
    share: Floats
    influence: Floats
    alpha: float | None
    first_component: float | None
    components: int | None


def audit(computed: Computed) -> tuple[GroupAudit, ...]:
    """Every group, from the top down."""
    found = []
    for group in reversed(computed.frame.groups):
        rows = np.array([computed.scores[child] for child in group.children])
        matrix = correlations(np.vstack([rows, computed.scores[group.name], computed.score]))
        n = len(rows)
        between = matrix[:n, :n]
        with_score = matrix[:n, n]
        squares = with_score**2
        weights = computed.weights[group.name]
        given = weights / weights.sum() if weights.ndim == 1 else np.full(n, np.nan)
        values = np.linalg.eigvalsh(between)
        several = n > 1
        found.append(GroupAudit(
            group.name, group.children, between, with_score, matrix[:n, n + 1], given,
            squares / squares.sum() if squares.sum() > 0 else np.full(n, np.nan),
            cronbach(rows) if several else None,
            float(values[-1] / n) if several else None,
            int((values > 1 + 1e-12).sum()) if several else None,
        ))  # fmt: skip
    return tuple(found)


def cronbach(rows: Floats) -> float | None:
    """Cronbach's alpha (1951) of children by units: n/(n-1) (1 - sum of variances / variance of the sum).

    Units that lack a child are left out; None if no variance is left.
    """
    known = rows[:, ~np.isnan(rows).any(axis=0)]
    n = len(known)
    if known.shape[1] < 2 or n < 2:  # noqa: PLR2004  a variance needs two
        return None
    total = float(known.sum(axis=0).var(ddof=1))
    if total == 0:
        return None
    return n / (n - 1) * (1 - float(known.var(axis=1, ddof=1).sum()) / total)


@dataclass(frozen=True, slots=True)
class Flag:
    """A finding of the audit: two elements that say the same, or one that works against its group."""

    kind: str  # collinear, opposed, silent
    group: str
    elements: tuple[str, ...]
    value: float


COLLINEAR, OPPOSED, SILENT = 0.92, -0.4, 0.3  # limits of the JRC's audits


def flags(groups: tuple[GroupAudit, ...]) -> tuple[Flag, ...]:
    """Pairs of elements beyond the limits, and elements that hardly move their own group."""
    found = []
    for one in groups:
        for row in range(len(one.children)):
            for column in range(row):
                value = float(one.between[row, column])
                pair = (one.children[column], one.children[row])
                if value > COLLINEAR:
                    found.append(Flag("collinear", one.group, pair, value))
                elif value < OPPOSED:
                    found.append(Flag("opposed", one.group, pair, value))
            value = float(one.with_score[row])
            if len(one.children) > 1 and value < SILENT:
                found.append(Flag("silent", one.group, (one.children[row],), value))
    return tuple(found)
