"""How sure ranks are: the index worked out again and again, each time with other reasonable choices.

Monte Carlo over the factors of the page (handbook, step 7): for each unit the median rank, the interval that
holds nine runs in ten, the share of runs in each tier. The declared index is one of the runs' points, not
their centre.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gangmu.errors import Problem, QuestionError
from gangmu.plan.index.batch import Runs, run
from gangmu.plan.index.compute import Computed
from gangmu.plan.index.population import Floats
from gangmu.plan.index.stages import Stages

LOW, HIGH = 0.05, 0.95
MOST_RUNS = 1_000_000
MOST_RANKS = 50_000_000  # runs times units: what fits in memory


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Of each unit, over the runs: ranks at 5%, 50% and 95%, and the share of runs in each tier."""

    runs: Runs
    low: np.ndarray
    median: Floats
    high: np.ndarray
    tiers: Floats  # (units, tiers); no column if the page has none

    @property
    def shift(self) -> Floats:
        """Mean absolute change of rank over the units, in each run, from the median rank."""
        found: Floats = np.abs(self.runs.ranks - self.median).mean(axis=1)
        return found


def uncertainty(computed: Computed, runs: int, seed: int) -> Uncertainty:
    """Run the index at random points of its factors. Raises `QuestionError` if the page varies nothing."""
    stages = computed.stages
    check_runs(stages, runs)
    points = np.random.default_rng(seed).random((runs, len(stages.body.vary)))
    made = run(stages, points, seed)
    ranked = computed.ranks > 0
    low, median, high = _quantiles(made.ranks)
    for column in (low, high):
        column[~ranked] = 0
    return Uncertainty(made, low, np.where(ranked, median, np.nan), high, _tiers(computed, made.ranks))


def check_runs(stages: Stages, runs: int) -> None:
    """Refuse to run what varies nothing, or without end. Raises `QuestionError`."""
    if not stages.body.vary:
        what, expected = "the index declares nothing that varies", "`vary:` on its page"
        raise QuestionError(Problem("factor-empty", "index", what, expected, "say what is uncertain"))
    most = min(MOST_RUNS, MOST_RANKS // len(stages.population.units))
    if not 1 < runs <= most:
        units = len(stages.population.units)
        what, expected = f"{runs:,} runs", f"2 to {most:,} for {units:,} units"
        raise QuestionError(Problem("runs-invalid", "--runs", what, expected))


def _quantiles(ranks: np.ndarray) -> tuple[np.ndarray, Floats, np.ndarray]:
    """Ranks that were met, at 5%, and 95%, and the median."""
    ordered = np.sort(ranks, axis=0)
    last = len(ordered) - 1
    low, high = ordered[int(np.floor(LOW * last))].copy(), ordered[int(np.ceil(HIGH * last))].copy()
    return low, (ordered[last // 2] + ordered[(last + 1) // 2]) / 2, high


def tier_of(rank: np.ndarray, count: int, tiers: int) -> np.ndarray:
    """The tier (1 is the highest) of a rank among `count` units, tiers of like size; 0 for no rank."""
    return np.where(rank > 0, (rank - 1) * tiers // max(count, 1) + 1, 0)


def _tiers(computed: Computed, ranks: np.ndarray) -> Floats:
    tiers = computed.body.tiers
    found = np.zeros((ranks.shape[1], tiers))
    count = int((computed.ranks > 0).sum())
    placed = tier_of(ranks, count, tiers) if tiers else ranks
    for tier in range(tiers):
        found[:, tier] = (placed == tier + 1).mean(axis=0)
    return found
