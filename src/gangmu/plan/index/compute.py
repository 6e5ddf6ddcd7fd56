"""One index, computed once: every stage, the score and rank of every unit in every group, the weights used.

`Runs` asks the same functions for thousands of variants at once; this is the one that the page declares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np

from gangmu.plan.index.aggregate import aggregate, ranks
from gangmu.plan.index.frame import TOP, Frame, Group
from gangmu.plan.index.population import Floats, Panel, Population
from gangmu.plan.index.stages import Methods, Stages
from gangmu.plan.index.treat import Treated
from gangmu.plan.index.weigh import FROM_DATA, benefit_of_the_doubt, weights_of
from gangmu.rulebook.model import Index

Weights = Mapping[str, Floats]  # by group: (runs, children), instead of those that the method gives


@dataclass(frozen=True, slots=True)
class Computed:
    """An index for one year. Tables are units by indicators in the order of the frame's leaves."""

    body: Index
    year: str
    frame: Frame
    population: Population
    raw: Floats
    denominated: Floats
    imputed: Floats
    treated: Treated
    normalised: Floats
    scores: Mapping[str, Floats]  # by element: the normalised indicators, the groups, and the index itself
    weights: Mapping[str, Floats]  # by group: a weight a child; of each unit, if each has its own
    stages: Stages

    @property
    def score(self) -> Floats:
        """The index itself."""
        return self.scores[TOP]

    @property
    def ranks(self) -> np.ndarray:
        """The rank of each unit, 0 where it has no score."""
        return ranks(self.score)


def compute(body: Index, panel: Panel, year: str | None = None, methods: Methods | None = None) -> Computed:
    """Compute an index for a year of a panel (default: its newest), as declared or with other methods.

    Raises `GangmuError` where a method cannot be applied to the figures.
    """
    stages = Stages(body, panel, panel.last if year is None else year)
    chosen = {**body.stages, **(methods or {})}
    normalised = stages.normalised(chosen)
    scores, weights = score(stages.frame, normalised, chosen)
    return Computed(
        body, stages.year, stages.frame, stages.population, stages.raw(), stages.denominated(),
        stages.imputed(chosen), stages.treated(chosen), normalised,
        {name: values[0] for name, values in scores.items()}, weights, stages,
    )  # fmt: skip


def score(
    frame: Frame, normalised: Floats, methods: Methods, instead: Weights | None = None
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Scores of every element, (runs, units), and the weights of each group.

    `instead` has weights by group for each run, (runs, children); a group that it does not name has those of
    the method. What all runs share has one row.
    """
    scores: dict[str, Floats] = {name: normalised[None, :, place] for place, name in enumerate(frame.names)}
    used: dict[str, Floats] = {}
    for group in frame.groups:
        rows = [scores[child] for child in group.children]
        runs = max(len(row) for row in rows)
        children = np.stack([np.broadcast_to(row, (runs, row.shape[1])) for row in rows])
        if methods["weigh"].by in FROM_DATA:
            scores[group.name], used[group.name] = _by_data(group, children, methods, instead)
            continue
        own = weights_of(group, methods["weigh"], None)
        weights = (instead or {}).get(group.name, own[None, :])
        used[group.name] = own
        scores[group.name] = _grouped(group, children, weights, methods)
    return scores, used


def _by_data(
    group: Group, children: Floats, methods: Methods, instead: Weights | None
) -> tuple[Floats, Floats]:
    """A group whose weights come from the scores of its children, run by run.

    What `instead` has is by how much weights differ from those given: the same factor is laid on these.
    """
    least = methods["weigh"].options.get("least")
    rows, first = [], None
    factors = None
    if instead and group.name in instead:
        with np.errstate(invalid="ignore", divide="ignore"):
            factors = np.where(group.weights > 0, instead[group.name] / group.weights, 1.0)
    for run in range(children.shape[1]):
        mine = children[:, run]
        if least is not None:
            found, weights = benefit_of_the_doubt(mine, float(cast("float", least)))
            rows.append(found[None, :])
        else:
            weights = weights_of(group, methods["weigh"], mine)
            several = weights[None, :] if factors is None else _of_run(factors, run, children) * weights
            rows.append(_grouped(group, mine[:, None, :], several, methods))
        first = weights if first is None else first
    return np.concatenate(rows), cast("Floats", first)


def _of_run(factors: Floats, run: int, children: Floats) -> Floats:
    """The factors of one run where runs differ below, else of all."""
    return factors if children.shape[1] == 1 else factors[run : run + 1] if len(factors) > 1 else factors


def _grouped(group: Group, children: Floats, weights: Floats, methods: Methods) -> Floats:
    """One group by the method of its level."""
    choice = methods["aggregate"]
    method = str(choice.options.get("top", choice.by)) if group.name == TOP else choice.by
    present = float(cast("float", choice.options.get("present", 0)))
    return aggregate(method, children, weights, present, group.name)
