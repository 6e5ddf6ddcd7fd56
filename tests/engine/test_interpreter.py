"""The interpreter has a meaning for every node of a formula and every kind of rule."""

from typing import get_args

from gangmu.engine.interpreter import BODIES, NODES
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model


def test_every_node_of_a_formula_means_something() -> None:
    assert set(NODES) == set(get_args(ex.Expression))


def test_every_kind_of_rule_that_has_a_value_gives_one() -> None:
    assert set(get_args(model.Body)) - set(BODIES) == {
        model.Scale, model.Item, model.Indicator, model.Index,
    }  # fmt: skip
