"""The effect of an element: what ranks become if it is left out, or if a figure is another one.

An element that is left out weighs nothing and its siblings count for it. `adjusted` answers the question of a
planner: with this figure instead, all else being equal, which score and rank?
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from gangmu.errors import Problem, QuestionError
from gangmu.plan.index.aggregate import ranks
from gangmu.plan.index.compute import Computed, compute, score
from gangmu.plan.index.frame import TOP
from gangmu.plan.index.population import Panel


@dataclass(frozen=True, slots=True)
class Without:
    """An index without one element: ranks, and the mean and greatest absolute change of rank."""

    element: str
    ranks: np.ndarray
    mean: float
    most: int


def without_each(computed: Computed) -> tuple[Without, ...]:
    """The index without each element in turn; an only child takes its group with it."""
    found = []
    before = computed.ranks
    for group in computed.frame.groups:
        for place, child in enumerate(group.children):
            if len(group.children) == 1 and group.name == TOP:
                continue
            weights = group.weights.copy()
            if computed.weights[group.name].ndim == 1:
                weights = computed.weights[group.name].copy()
            weights[place] = 0.0
            scores, _ = score(
                computed.frame, computed.normalised, computed.body.stages, {group.name: weights[None, :]}
            )
            after = ranks(scores[TOP][0])
            both = (before > 0) & (after > 0)
            moved = np.abs(after - before)[both]
            found.append(Without(child, after, float(moved.mean()), int(moved.max())))
    return tuple(found)


def read_figures(written: Iterable[str]) -> dict[tuple[str, str], float]:
    """Figures as a user writes them: `UNIT.COLUMN=NUMBER`. Raises `QuestionError` with all that are not."""
    found, problems = {}, []
    for one in written:
        place, _, number = one.rpartition("=")
        unit, _, column = place.rpartition(".")
        try:
            value = float(number)
        except ValueError:
            value = math.inf
        if not unit or not math.isfinite(value):
            what, expected = f"`{one}` is no figure", "UNIT.COLUMN=NUMBER, e.g. `110000.gdp=50000`"
            problems.append(Problem("figure-invalid", "--set", what, expected, "write it so"))
        found[unit, column] = value
    if problems:
        raise QuestionError(problems)
    return found


def adjusted(computed: Computed, figures: Mapping[tuple[str, str], float]) -> Computed:
    """The index with other figures, by unit and column of the table. Raises `QuestionError`."""
    population = computed.population
    columns = {name: values.copy() for name, values in population.columns.items()}
    problems = []
    for (unit, column), value in figures.items():
        if unit not in population.units or column not in columns:
            what = f"no figure `{column}` of `{unit}`"
            expected = f"a unit of the table and one of {', '.join(list(columns)[:30])}"
            problems.append(Problem("figure-unknown", "--set", what, expected, "UNIT.COLUMN=NUMBER"))
            continue
        columns[column][population.units.index(unit)] = value
    if problems:
        raise QuestionError(problems)
    years = dict(computed.stages.panel.years)
    years[computed.year] = replace(population, columns=columns)
    return compute(computed.body, Panel(years, computed.stages.panel.source), computed.year)
