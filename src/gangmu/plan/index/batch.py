"""Thousands of runs of one index at once: each run is a point of the factors that the page declares.

A point has a number from 0 to 1 for each factor. Runs that share the methods of all stages are one block:
its normalised table is worked out once, and its scores are matrix products over the block's weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gangmu.plan.index.aggregate import ranks
from gangmu.plan.index.compute import Weights, score
from gangmu.plan.index.frame import TOP, Frame
from gangmu.plan.index.population import Floats
from gangmu.plan.index.stages import Methods, Stages
from gangmu.rulebook.choices import LEAVE_OUT, WEIGHTS
from gangmu.rulebook.model import Factor

BLOCK = 4096  # runs worked out together: bounds memory, not speed


@dataclass(frozen=True, slots=True)
class Runs:
    """Scores and ranks of the index itself, (runs, units), in the order of the points asked."""

    points: Floats
    scores: Floats
    ranks: np.ndarray


def run(stages: Stages, points: Floats, seed: int) -> Runs:
    """Work the index out at each point, (runs, factors); `seed` decides the draws of weights.

    Raises `GangmuError` where two methods that are varied cannot meet.
    """
    body, frame = stages.body, stages.frame
    draws = {factor.name: drawn(frame, factor, seed) for factor in body.vary if factor.name == WEIGHTS}
    picks = np.column_stack(
        [_picked(points[:, place], _size(factor)) for place, factor in enumerate(body.vary)]
    )
    staged = [place for place, factor in enumerate(body.vary) if factor.choices]
    scores = np.empty((len(points), len(stages.population.units)))
    blocks, which = np.unique(picks[:, staged], axis=0, return_inverse=True)
    for number, combination in enumerate(blocks):
        methods = dict(body.stages)
        for place, pick in zip(staged, combination, strict=True):
            factor = body.vary[place]
            methods[factor.name] = factor.choices[int(pick)]
        mine = np.flatnonzero(which.reshape(-1) == number)
        for start in range(0, len(mine), BLOCK):
            rows = mine[start : start + BLOCK]
            scores[rows] = _block(stages, methods, draws, picks[rows])
    return Runs(points, scores, ranks(scores))


def _block(stages: Stages, methods: Methods, draws: Mapping[str, Weights], picks: np.ndarray) -> Floats:
    """The scores of runs that share all methods."""
    instead = _weights(stages.frame, stages.body.vary, draws, picks)
    scores, _ = score(stages.frame, stages.normalised(methods), methods, instead)
    return np.broadcast_to(scores[TOP], (len(picks), scores[TOP].shape[1]))


def _weights(
    frame: Frame, factors: Sequence[Factor], draws: Mapping[str, Weights], picks: np.ndarray
) -> dict[str, Floats]:
    """The weights of each group that differ from run to run, (runs, children)."""
    found: dict[str, Floats] = {}
    for place, factor in enumerate(factors):
        if factor.name == WEIGHTS:
            for name, sets in draws[WEIGHTS].items():
                found[name] = sets[picks[:, place]]
        elif factor.name == LEAVE_OUT:
            for group in frame.groups:
                out = [factor.of.index(child) + 1 if child in factor.of else 0 for child in group.children]
                if any(out):
                    weights = found.get(group.name, np.broadcast_to(group.weights, (len(picks), len(out))))
                    gone = (np.array(out) > 0) & (picks[:, place, None] == np.array(out))
                    found[group.name] = np.where(gone, 0.0, weights)
    return found


def drawn(frame: Frame, factor: Factor, seed: int) -> dict[str, Floats]:
    """Sets of weights by group, each within the spread of the weight given, evenly."""
    generator = np.random.default_rng([seed, len(factor.of)])
    spread, found = float(factor.spread), {}
    for group in frame.groups:
        if group.name in factor.of:
            noise = generator.uniform(-spread, spread, (factor.sets, len(group.children)))
            found[group.name] = group.weights * (1 + noise)
    return found


def _size(factor: Factor) -> int:
    """How many values a factor takes."""
    if factor.name == WEIGHTS:
        return factor.sets
    return len(factor.of) + 1 if factor.name == LEAVE_OUT else len(factor.choices)


def _picked(column: Floats, size: int) -> np.ndarray:
    """Numbers from 0 to 1 as places 0 to size - 1, each as likely."""
    return np.minimum((column * size).astype(np.int64), size - 1)
