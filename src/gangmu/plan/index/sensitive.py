"""Which choice matters: Sobol indices of the factors, first order and total, with bootstrap intervals.

The design is Saltelli's: two matrices A and B of quasi-random points, and for each factor A with that
factor's column of B, N (d + 2) runs. Outputs are centred on the mean of all runs before they are multiplied,
without which the estimates of a small N are useless (Becker, 2020). First order: Saltelli et al. (2010),
table 2 (b); total: Jansen (1999), table 2 (f) there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gangmu.errors import Problem, QuestionError
from gangmu.plan.index.batch import run
from gangmu.plan.index.compute import Computed
from gangmu.plan.index.population import Floats
from gangmu.plan.index.uncertain import check_runs

RESAMPLES = 1000
LOW, HIGH = 0.05, 0.95


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Of each factor (in the order of the page): first-order and total index, each with its 90% interval."""

    factors: tuple[str, ...]
    first: Floats
    total: Floats
    first_interval: Floats  # (factors, 2)
    total_interval: Floats
    runs: int
    output: Floats  # of each run, in the order A, A with B's column 1..d, B, base point by base point
    unit_total: Floats  # (factors, units): total index of each unit's rank; NaN for a rank that never moves


def saltelli(base: int, factors: int, seed: int) -> Floats:
    """The design, (base * (factors + 2), factors): for each base point A, A with each column of B, B.

    Raises `QuestionError` unless `base` is at least 8.
    """
    if base < 8:  # noqa: PLR2004  fewer say nothing
        what = f"{base} base points"
        raise QuestionError(Problem("runs-invalid", "--sobol", what, "8 or more", "100 is usual"))
    from scipy.stats import qmc

    power = int(np.ceil(np.log2(base)))
    sample = qmc.Sobol(2 * factors, seed=seed).random_base2(power)[:base]
    a, b = sample[:, :factors], sample[:, factors:]
    found = np.empty((base, factors + 2, factors))
    found[:, 0], found[:, -1] = a, b
    for factor in range(factors):
        found[:, factor + 1] = a
        found[:, factor + 1, factor] = b[:, factor]
    return found.reshape(-1, factors)


def sensitivity(computed: Computed, base: int, seed: int) -> Sensitivity:
    """Sobol indices of the mean absolute change of rank from the index as declared, and of each unit's rank.

    Runs `base` times the number of factors plus two. Raises `QuestionError` if the page varies nothing.
    """
    stages = computed.stages
    factors = tuple(factor.name for factor in stages.body.vary)
    check_runs(stages, base * (len(factors) + 2))
    made = run(stages, saltelli(base, len(factors), seed), seed)
    output = np.abs(made.ranks - computed.ranks).mean(axis=1)
    first, total = indices(output, len(factors))
    spread = bootstrap(output, len(factors), seed)
    units = np.array([indices(made.ranks[:, unit], len(factors))[1] for unit in range(made.ranks.shape[1])])
    return Sensitivity(factors, first, total, spread[0], spread[1], len(output), output, units.T)


def _parted(output: Floats, factors: int) -> tuple[Floats, Floats, Floats]:
    """Outputs at A, B (base points) and at A with a column of B (base points, factors), centred."""
    table = np.asarray(output, float).reshape(-1, factors + 2)
    table = table - table.mean()
    return table[:, 0], table[:, -1], table[:, 1:-1]


def indices(output: Floats, factors: int) -> tuple[Floats, Floats]:
    """First-order and total indices of an output over a Saltelli design; NaN if it never varies."""
    a, b, mixed = _parted(output, factors)
    variance = np.concatenate([a, b]).var()
    if variance == 0:
        return np.full(factors, np.nan), np.full(factors, np.nan)
    first = (b[:, None] * (mixed - a[:, None])).mean(axis=0) / variance
    total = 0.5 * ((a[:, None] - mixed) ** 2).mean(axis=0) / variance
    return first, total


def bootstrap(output: Floats, factors: int, seed: int) -> tuple[Floats, Floats]:
    """90% intervals of both indices, (factors, 2) each: base points drawn again, all resamples at once.

    A resample is a row of counts, so that each of its means is one matrix product.
    """
    a, b, mixed = _parted(output, factors)
    base = len(a)
    generator = np.random.default_rng([seed, base])
    counts = generator.multinomial(base, np.full(base, 1 / base), size=RESAMPLES) / base
    firsts = counts @ (b[:, None] * (mixed - a[:, None]))
    totals = counts @ (0.5 * (a[:, None] - mixed) ** 2)
    mean = counts @ ((a + b) / 2)
    variance = (counts @ ((a * a + b * b) / 2) - mean**2)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        found = [np.quantile(part / np.where(variance > 0, variance, np.nan), [LOW, HIGH], axis=0).T
                 for part in (firsts, totals)]  # fmt: skip
    return found[0], found[1]
