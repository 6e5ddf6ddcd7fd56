"""What a score is made of: the points that each element adds, unit by unit, adding up to the score.

Exact for arithmetic means: a child adds its score times its share of the weight that is there for the unit.
A geometric or harmonic mean, or a count of wins, has no such parts; there `alter` says what an element does.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gangmu.plan.index.compute import Computed
from gangmu.plan.index.frame import TOP
from gangmu.plan.index.population import Floats


def shares(computed: Computed) -> Mapping[str, Floats] | None:
    """Points by element (indicators and groups) and unit; None where scores are no arithmetic means.

    The points of a group are those of its children together; those of the top group are the score.
    """
    aggregate, weigh = computed.body.stages["aggregate"], computed.body.stages["weigh"]
    top = aggregate.options.get("top", aggregate.by)
    if {aggregate.by, top} != {"arithmetic"} or weigh.by == "benefit_of_the_doubt":
        return None
    part: dict[str, Floats] = {TOP: np.ones(len(computed.score))}
    for group in reversed(computed.frame.groups):
        scores = np.array([computed.scores[child] for child in group.children])
        weights = np.where(np.isnan(scores), 0.0, computed.weights[group.name][:, None])
        with np.errstate(invalid="ignore", divide="ignore"):
            own = weights / weights.sum(axis=0)
        for place, child in enumerate(group.children):
            part[child] = np.where(np.isnan(own[place]), 0.0, own[place]) * part[group.name]
    found: dict[str, Floats] = {}
    for name in computed.frame.names:
        score = computed.scores[name]
        found[name] = part[name] * np.where(np.isnan(score), 0.0, score)
    for group in computed.frame.groups:
        found[group.name] = np.sum([found[child] for child in group.children], axis=0)
    return found
