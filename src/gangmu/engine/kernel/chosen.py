"""Which row of evidence each fact is taken from: the strongest origin among those known on the day.

Rows that speak of the same thing (an enterprise, a statement of one year) are one group; most groups are one
row. The vectorised `Run.fact`, and the merging of rows that `evidence.cases` does case by case.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gangmu.engine.kernel.columns import Array
from gangmu.rulebook import model

_NEVER = len(model.ORIGINS)


@dataclass(slots=True)
class Groups:
    """Rows put together: `group` of every row (in order of its first row), and how strong its origin is."""

    count: int
    group: Array
    strength: Array | None  # None: every group is one row, in order
    known: Array | None  # rows known by the day that counts (None: all)
    origin: pa.Array

    def single(self) -> bool:
        """Whether each group is exactly one row."""
        return self.strength is None

    def first(self) -> Array:
        """The first row of every group."""
        found = np.full(self.count, -1, np.int64)
        found[self.group[::-1]] = np.arange(len(self.group))[::-1]
        return found

    def pick(self, told: Array, origins: tuple[str, ...]) -> Array:
        """The row of each group that gives a fact (-1: none); `told` are the rows that say something."""
        usable = told if self.known is None else told & self.known
        if origins:
            usable = usable & _among(self.origin, origins)
        rows = np.flatnonzero(usable)
        if self.strength is not None:
            rows = rows[np.argsort(self.strength[rows], kind="stable")]
        found = np.full(self.count, -1, np.int64)
        found[self.group[rows[::-1]]] = rows[::-1]
        return found


def _among(origin: pa.Array, origins: tuple[str, ...]) -> Array:
    found = pc.is_in(origin, value_set=pa.array(origins, origin.type))
    return np.asarray(found.to_numpy(zero_copy_only=False), bool)


def strengths(origin: pa.Array) -> Array:
    """The place of each row's origin, strongest first."""
    place = pc.index_in(origin, value_set=pa.array(model.ORIGINS, origin.type))
    found: Array = pc.fill_null(place, _NEVER).to_numpy(zero_copy_only=False)
    return found


def groups_of(same: Array, origin: pa.Array, known: Array | None) -> Groups:
    """Rows of the same number are one group."""
    distinct, first, place = np.unique(same, return_index=True, return_inverse=True)
    if len(distinct) == len(same):
        return Groups(len(same), np.arange(len(same)), None, known, origin)
    rank = np.empty(len(distinct), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(distinct))
    return Groups(len(distinct), rank[place], strengths(origin), known, origin)
