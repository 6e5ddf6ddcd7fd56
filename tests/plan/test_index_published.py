"""Indices that others computed come out here: ASEM stage by stage as in COINr, DESI as published."""

from __future__ import annotations

import numpy as np
import pytest

from gangmu.plan.index.compute import Computed, compute
from gangmu.plan.index.frame import TOP
from gangmu.rulebook.model import Choice, Standing, Where
from index_data import asem, desi, table

STAGES = ("raw", "denominated", "imputed", "treated", "normalised")


@pytest.fixture(scope="module")
def connectivity() -> Computed:
    return asem()


@pytest.fixture(scope="module")
def digital() -> Computed:
    return desi()


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_of_asem_is_that_of_coinr(connectivity: Computed, stage: str) -> None:
    ours = {
        "raw": connectivity.raw, "denominated": connectivity.denominated, "imputed": connectivity.imputed,
        "treated": connectivity.treated.values, "normalised": connectivity.normalised,
    }[stage]  # fmt: skip
    theirs = table(
        f"asem_coinr/stage_{stage}.csv", "UnitCode", connectivity.population.units, connectivity.frame.names
    )
    assert theirs.shape == (51, 49)
    assert (np.isnan(ours) == np.isnan(theirs)).all()
    assert np.isnan(ours).sum() == {"raw": 63, "denominated": 65}.get(stage, 0)
    assert np.nanmax(np.abs(ours - theirs)) < 1e-9


def test_every_group_of_asem_is_that_of_coinr(connectivity: Computed) -> None:
    groups = tuple(group.name for group in connectivity.frame.groups)
    assert len(groups) == 11
    theirs = table(
        "asem_coinr/stage_aggregated.csv", "UnitCode", connectivity.population.units,
        tuple(name or "Index" for name in groups),
    )  # fmt: skip
    ours = np.column_stack([connectivity.scores[name] for name in groups])
    assert np.abs(ours - theirs).max() < 1e-9


def test_every_level_of_desi_is_as_published(digital: Computed) -> None:
    groups = tuple(group.name for group in digital.frame.groups)
    assert len(groups) == 15
    theirs = table(
        "desi_2021/published_scores_2021.csv", "country", digital.population.units,
        tuple(name.removeprefix("d") or "DESI" for name in groups),
    )  # fmt: skip
    ours = np.column_stack([digital.scores[name] for name in groups])
    assert ours.shape == (28, 15)
    assert np.abs(ours - theirs).max() < 1e-9


def test_leaving_out_what_the_publisher_filled_in_is_another_answer_and_is_told(digital: Computed) -> None:
    assert sum(int(one.sum()) for one in digital.population.filled.values()) == 296
    bare = Choice("impute", "none", {}, Standing(), Where("test", 1))
    without = compute(digital.body, digital.stages.panel, methods={"impute": bare})
    assert np.isnan(without.imputed).sum() == 296
    assert np.abs(without.scores[TOP] - digital.scores[TOP]).max() > 1
