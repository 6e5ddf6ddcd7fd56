"""One index in two years: who moved, and whether the move is more than the choices behind a rank can make.

Each year is computed by itself, against its own units. Ranks compare; scores compare only where the scale is
fixed (`goalposts`, `scaled`), for against a sample 100 is whoever leads.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gangmu.plan.index.compute import Computed, compute
from gangmu.plan.index.population import Floats
from gangmu.plan.index.uncertain import Uncertainty, uncertainty

FIXED = ("goalposts", "scaled")


@dataclass(frozen=True, slots=True)
class Moves:
    """Of each unit of the newer year: its rank (0: none) and score before, and whether the move is firm.

    A move is firm where the bands of the two years do not meet; None without bands.
    """

    year: str
    before: Computed
    rank: np.ndarray
    score: Floats
    firm: np.ndarray | None
    comparable: bool  # scores, not only ranks


def earlier_year(computed: Computed) -> str | None:
    """The year of the table before the one computed."""
    years = [year for year in computed.stages.panel.years if year < computed.year]
    return years[-1] if years else None


def moves(computed: Computed, now: Uncertainty | None, seed: int) -> Moves | None:
    """What moved since the year before in the same table; None if it has none."""
    year = earlier_year(computed)
    if year is None:
        return None
    before = compute(computed.body, computed.stages.panel, year)
    places = {unit: place for place, unit in enumerate(before.population.units)}
    at = np.array([places.get(unit, -1) for unit in computed.population.units])
    known = at >= 0
    rank = np.where(known, before.ranks[at], 0)
    firm = None
    if now is not None:
        then = uncertainty(before, len(now.runs.points), seed)
        apart = (then.high[at] < now.low) | (then.low[at] > now.high)
        firm = apart & known & (rank > 0) & (computed.ranks > 0)
    comparable = computed.body.stages["normalise"].by in FIXED
    return Moves(year, before, rank, np.where(known, before.score[at], np.nan), firm, comparable)
