"""Every method of an index against a figure worked out by hand, or by a library that is not ours."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from scipy import stats

from gangmu.errors import GangmuError
from gangmu.plan.index.aggregate import aggregate, ranks
from gangmu.plan.index.audit import cronbach
from gangmu.plan.index.frame import Group
from gangmu.plan.index.impute import impute
from gangmu.plan.index.normalise import normalise
from gangmu.plan.index.population import Floats
from gangmu.plan.index.treat import box_cox, moments, treat
from gangmu.plan.index.weigh import (
    benefit_of_the_doubt,
    budget,
    compared,
    correlations,
    equal_influence,
    principal,
    weights_of,
)
from gangmu.rulebook.choices import METHODS
from gangmu.rulebook.model import Choice, Element, Label, Standing, Where

NAN = float("nan")
HERE = Where("test", 1)


def choice(stage: str, by: str, **options: object) -> Choice:
    return Choice(stage, by, options, Standing(), HERE)


def leaf(low: float = 0, high: float = 1) -> Element:
    return Element("x", "", 1, Label(), HERE, Standing(), goalposts=(low, high))  # type: ignore[arg-type]  # halves are exact


# ---------------------------------------------------------------------- missing values

GAPS = np.array([[1.0, 10.0], [2.0, NAN], [NAN, 30.0], [7.0, 50.0]])
SIDES = {"side": ("east", "east", "west", "west")}


@pytest.mark.parametrize(
    ("by", "options", "expected"),
    [
        ("none", {}, (NAN, NAN)),
        ("published", {}, (NAN, NAN)),
        ("mean", {}, (10 / 3, 30.0)),
        ("median", {}, (2.0, 30.0)),
        ("group_mean", {"group": "side"}, (7.0, 10.0)),
        ("group_median", {"group": "side"}, (7.0, 10.0)),
        ("nearest", {"neighbours": 1}, (1.0, 10.0)),  # 30 lies as near to 10 as to 50: the first counts
    ],
)
def test_missing_values(by: str, options: Mapping[str, object], expected: tuple[float, float]) -> None:
    found = impute(GAPS, choice("impute", by, **options), SIDES, ())
    assert (found[2, 0], found[1, 1]) == pytest.approx(expected, nan_ok=True)
    known = ~np.isnan(GAPS)
    assert (found[known] == GAPS[known]).all()


def test_missing_values_from_other_years() -> None:
    before, long_ago, after = np.full((4, 2), 4.0), np.full((4, 2), 1.0), np.full((4, 2), 8.0)
    around = [(-1, before), (-3, long_ago), (2, after)]
    carried = impute(GAPS, choice("impute", "carried", years=1), {}, around)
    assert (carried[2, 0], carried[1, 1]) == (4.0, 4.0)
    assert np.isnan(impute(GAPS, choice("impute", "carried", years=1), {}, [(-3, long_ago)])[2, 0])
    between = impute(GAPS, choice("impute", "interpolated"), {}, around)
    assert between[2, 0] == pytest.approx(4 + 4 / 3)


# ---------------------------------------------------------------------- outliers

SKEWED = np.array([1.0, 2, 2, 3, 3, 3, 4, 4, 5, 40, 60])


def test_skew_and_kurtosis_are_the_sample_figures() -> None:
    skew, kurtosis = moments(SKEWED[:, None])
    assert skew[0] == pytest.approx(stats.skew(SKEWED, bias=False), rel=1e-12)
    assert kurtosis[0] == pytest.approx(stats.kurtosis(SKEWED, bias=False), rel=1e-12)


def test_winsorising_moves_the_farthest_to_the_next() -> None:
    values = np.column_stack([SKEWED, -SKEWED, np.arange(11.0)])
    once = treat(values, choice("treat", "winsorise", skew=2, kurtosis=3.5, points=1))
    assert sorted(once.values[:, 0])[-2:] == [40, 40]
    enough = treat(values, choice("treat", "winsorise", skew=1, kurtosis=0, points=5))
    assert enough.points == (2, 2, 0)
    assert sorted(enough.values[:, 0])[-3:] == [5, 5, 5]
    assert sorted(enough.values[:, 1])[:3] == [-5, -5, -5]
    assert (enough.values[:, 2] == np.arange(11)).all()
    assert not enough.beyond.any()


def test_where_winsorising_does_not_suffice_the_indicator_is_transformed() -> None:
    found = treat(SKEWED[:, None], choice("treat", "winsorise_or_log", skew=1, kurtosis=0, points=1))
    assert found.transformed == ("log",)
    assert found.values[:, 0] == pytest.approx(np.log(SKEWED - 1 + 0.01 * 59))


def test_box_cox_takes_the_exponent_of_greatest_likelihood() -> None:
    expected, _ = stats.boxcox(SKEWED)
    assert box_cox(SKEWED) == pytest.approx(expected, abs=1e-5)


def test_clipping_at_both_ends() -> None:
    found = treat(np.arange(11.0)[:, None], choice("treat", "clip", share=0.1))
    assert found.values[:, 0] == pytest.approx([1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9])


# ---------------------------------------------------------------------- one scale

UP = [1.0, 2.0, 5.0, NAN]


@pytest.mark.parametrize(
    ("by", "options", "up", "down"),
    [
        ("min_max", {"onto": (0, 100)}, [0, 25, 100], [100, 75, 0]),
        ("goalposts", {"onto": (0, 10)}, [0, 2.5, 10], [10, 7.5, 0]),  # between 1 and 5, cut off at 4
        ("scaled", {"between": (0, 10), "onto": (0, 100)}, [10, 20, 50], [90, 80, 50]),
        ("z_score", {"mean": 0, "deviation": 1}, [-0.8006, -0.3203, 1.1209], [0.8006, 0.3203, -1.1209]),
        ("rank", {}, [1, 2, 3], [3, 2, 1]),
        ("borda", {}, [0, 1, 2], [2, 1, 0]),
        ("percentile", {}, [0, 0.5, 1], [1, 0.5, 0]),
        ("distance_to_maximum", {}, [0, 0.25, 1], [1, 0.75, 0]),
        ("fraction_of_maximum", {}, [0.2, 0.4, 1], [1, 0.5, 0.2]),
    ],
)
def test_one_scale(by: str, options: Mapping[str, object], up: list[float], down: list[float]) -> None:
    values = np.column_stack([UP, UP])
    found = normalise(
        values, choice("normalise", by, **options), np.array([1.0, -1.0]), (leaf(1, 5), leaf(1, 5))
    )
    assert found[:, 0] == pytest.approx([*up, NAN], abs=1e-4, nan_ok=True)
    assert found[:, 1] == pytest.approx([*down, NAN], abs=1e-4, nan_ok=True)


def test_goalposts_cut_off_what_lies_beyond() -> None:
    values = np.array([[-3.0], [9.0]])
    found = normalise(values, choice("normalise", "goalposts", onto=(1, 100)), np.ones(1), (leaf(0, 4),))
    assert found[:, 0].tolist() == [1, 100]


def test_equal_values_share_the_mean_of_their_places() -> None:
    values = np.array([[3.0], [1.0], [3.0], [7.0]])
    found = normalise(values, choice("normalise", "rank"), np.ones(1), (leaf(),))
    assert found[:, 0].tolist() == [2.5, 1, 2.5, 4]


# ---------------------------------------------------------------------- weights

CHILDREN = np.array([[1.0, 2, 3, 4, 5, 9], [2.0, 1, 4, 3, 6, 5], [9.0, 1, 7, 2, 2, 8]])


def test_points_of_experts_are_shared_within_the_group() -> None:
    experts = {"x": {"a": 60, "b": 20, "other": 20}, "y": {"a": 10, "b": 30}, "z": {"other": 100}}
    assert budget(("a", "b"), experts) == pytest.approx([(0.75 + 0.25) / 2, (0.25 + 0.75) / 2])


def test_comparisons_in_pairs() -> None:
    """Three things, 3, 5 and 3 times: weights 0.637, 0.258, 0.105, consistency ratio 0.033."""
    table = {"a": {"b": 3.0, "c": 5.0}, "c": {"b": 1 / 3}}
    weights, ratio = compared(("a", "b", "c"), table)
    assert weights == pytest.approx([0.6370, 0.2583, 0.1047], abs=1e-4)
    assert ratio == pytest.approx(0.033, abs=1e-3)
    consistent, none = compared(("a", "b", "c"), {"a": {"b": 2.0, "c": 4.0}, "b": {"c": 2.0}})
    assert consistent == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert none == pytest.approx(0, abs=1e-12)
    with pytest.raises(GangmuError, match="not compared"):
        compared(("a", "b", "d"), table)


def test_weights_of_the_first_component() -> None:
    scaled = (CHILDREN - CHILDREN.mean(axis=1)[:, None]) / CHILDREN.std(axis=1)[:, None]
    expected = np.linalg.svd(scaled, full_matrices=False)[0][:, 0] ** 2
    assert principal(CHILDREN) == pytest.approx(expected)
    assert principal(CHILDREN).sum() == pytest.approx(1)


def test_weights_of_equal_influence_give_equal_correlations() -> None:
    weights = equal_influence(CHILDREN)
    whole = weights @ CHILDREN
    found = [np.corrcoef(row, whole)[0, 1] for row in CHILDREN]
    assert max(found) - min(found) < 1e-9
    assert weights.min() > 0
    assert weights.sum() == pytest.approx(1)


def test_benefit_of_the_doubt() -> None:
    """Each of the first two leads in one thing; the third reaches two thirds, by (2/3, 2/3)."""
    children = np.array([[1.0, 0.5, 0.5], [0.5, 1.0, 0.5]])
    scores, weights = benefit_of_the_doubt(children, 0.0)
    assert scores == pytest.approx([1, 1, 2 / 3])
    assert weights[:, 2] == pytest.approx([2 / 3, 2 / 3])
    bounded, shares = benefit_of_the_doubt(children, 0.5)  # both must count alike
    assert (shares * children / bounded)[:, 0] == pytest.approx([0.5, 0.5])
    with pytest.raises(GangmuError, match="at most 50"):
        benefit_of_the_doubt(children, 0.6)


def test_given_and_equal_weights() -> None:
    group = Group("g", ("a", "b"), np.array([3.0, 1.0]))
    assert weights_of(group, choice("weigh", "given"), None).tolist() == [3, 1]
    assert weights_of(group, choice("weigh", "equal"), None).tolist() == [1, 1]


# ---------------------------------------------------------------------- aggregation

THREE = np.array([[4.0, 1.0], [9.0, 1.0], [6.0, 1.0]])[:, None, :]
WEIGHTS = np.array([[2.0, 1.0, 1.0]])


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("arithmetic", 5.75),
        ("geometric", float(stats.gmean([4, 9, 6], weights=[2, 1, 1]))),
        ("harmonic", float(stats.hmean([4, 9, 6], weights=[2, 1, 1]))),
    ],
)
def test_means(method: str, expected: float) -> None:
    found = aggregate(method, THREE, WEIGHTS, 0, "g")
    assert found[0] == pytest.approx([expected, 1])
    both = aggregate(method, np.repeat(THREE, 2, axis=1), np.repeat(WEIGHTS, 2, axis=0), 0, "g")
    assert both[1] == pytest.approx([expected, 1])


def test_what_is_missing_is_left_out_unless_too_much_is() -> None:
    children = np.array([[4.0, NAN], [NAN, NAN], [6.0, 5.0]])[:, None, :]
    assert aggregate("arithmetic", children, WEIGHTS, 0, "g")[0] == pytest.approx([14 / 3, 5])
    assert aggregate("arithmetic", children, WEIGHTS, 0.5, "g")[0] == pytest.approx(
        [14 / 3, NAN], nan_ok=True
    )


@pytest.mark.parametrize("method", ["geometric", "harmonic"])
def test_a_child_at_nothing_takes_the_mean_to_nothing_unless_it_weighs_nothing(method: str) -> None:
    children = np.array([[0.0, 4.0], [9.0, 9.0]])[:, None, :]
    assert aggregate(method, children, np.array([[1.0, 1.0]]), 0, "g")[0, 0] == 0
    assert aggregate(method, children, np.array([[0.0, 1.0]]), 0, "g")[0] == pytest.approx([9, 9])
    with pytest.raises(GangmuError, match="below 0"):
        aggregate(method, -children, np.array([[1.0, 1.0]]), 0, "g")


def test_wins_by_weight() -> None:
    """A beats b in both, c beats a by the heavier one, b and c tie in one and c leads in the other."""
    children: Floats = np.array([[2.0, 1.0, 3.0], [5.0, 4.0, 4.0]])[:, None, :]
    weights = np.array([[3.0, 1.0]])
    assert aggregate("copeland", children, weights, 0, "g")[0] == pytest.approx([0.0, -1.0, 1.0])
    assert aggregate("outranking", children, weights, 0, "g")[0] == pytest.approx([0.625, 0.0625, 0.8125])


def test_ranks_share_the_better_place_and_skip_who_has_no_score() -> None:
    assert ranks(np.array([3.0, NAN, 5.0, 3.0 + 1e-14, 1.0])).tolist() == [2, 0, 1, 2, 4]


def test_cronbach() -> None:
    """Three items of variance 1, all correlations 0.5: alpha is 3/2 (1 - 3/6) = 0.75."""
    root = np.linalg.cholesky(np.full((3, 3), 0.5) + 0.5 * np.eye(3))
    noise = np.random.default_rng(1).standard_normal((3, 50))
    noise -= noise.mean(axis=1)[:, None]
    white = np.linalg.solve(np.linalg.cholesky(np.cov(noise)), noise)
    items: Floats = np.asarray(root @ white, float)
    assert cronbach(items) == pytest.approx(0.75)
    assert cronbach(np.array([[1.0, 2.0]])) is None


def test_correlations_over_the_units_that_both_have() -> None:
    rows = np.array([[1.0, 2, 3, NAN], [2.0, 1, 4, 9], [5.0, 5, 5, 5]])
    found = correlations(rows)
    assert found[0, 1] == pytest.approx(np.corrcoef([1, 2, 3], [2, 1, 4])[0, 1])
    assert found[0, 2] == found[1, 2] == 0


def test_every_method_has_its_words() -> None:
    from gangmu.report.index_words import METHOD_WORDS

    assert {method for methods in METHODS.values() for method in methods} == set(METHOD_WORDS)
