"""Uncertainty and sensitivity: runs in a batch are the runs one by one, Sobol indices are SALib's."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from gangmu.errors import QuestionError
from gangmu.plan.index.ask import body_of
from gangmu.plan.index.batch import drawn, run
from gangmu.plan.index.compute import Computed, compute, score
from gangmu.plan.index.frame import TOP
from gangmu.plan.index.population import read_panel
from gangmu.plan.index.sensitive import indices, saltelli, sensitivity
from gangmu.plan.index.uncertain import uncertainty
from gangmu.rulebook.load import load

PAGE = """# Six places

```yaml
six:
  index: place
  ours: a test
  elements:
    means: {of: {money: {weight: 2}, staff: {per: people}}}
    ends: {of: {papers: {}, delay: {direction: down}, patents: {}}}
  impute: mean
  normalise: {by: min_max, onto: [1, 100]}
  aggregate: arithmetic
  tiers: 3
  vary:
    impute: [median, none]
    normalise: [{by: z_score, mean: 10, deviation: 2}, {by: rank}]
    weights: {by: 30%, of: [means, six], sets: 7}
    aggregate: [geometric, {by: arithmetic, top: harmonic}]
    leave_out: [papers, staff]
```
"""
PLACES = """place,money,staff,people,papers,delay,patents
a,10,4,100,7,3,1
b,14,9,150,,1,2
c,8,3,90,2,8,9
d,22,8,210,5,4,4
e,3,,80,9,9,6
f,17,6,120,4,2,5
"""


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Computed:
    folder = tmp_path_factory.mktemp("six")
    (folder / "rulebook.yaml").write_text('name: six\nversion: "1"\nlabel: {en: six}\n', encoding="utf-8")
    (folder / "six.md").write_text(PAGE, encoding="utf-8")
    (folder / "places.txt").write_text(PLACES, encoding="utf-8")
    body = body_of(load(Path(folder)).rules["six.six"])
    return compute(body, read_panel(body, folder / "places.txt"))


def test_a_batch_gives_what_each_run_gives_alone(six: Computed) -> None:
    points = np.random.default_rng(3).random((120, 5))
    made = run(six.stages, points, seed=5)
    sets = drawn(six.frame, six.body.vary[2], 5)
    for number, point in enumerate(points):
        sizes = [3, 3, 7, 3, 3]
        picks = [int(share * size) for share, size in zip(point, sizes, strict=True)]
        methods = dict(six.body.stages)
        for place in (0, 1, 3):
            factor = six.body.vary[place]
            methods[factor.name] = factor.choices[picks[place]]
        weights = {name: one[picks[2]].copy() for name, one in sets.items()}
        for group in six.frame.groups:
            gone = [child == ("", "papers", "staff")[picks[4]] for child in group.children]
            given = weights.get(group.name, group.weights)
            weights[group.name] = np.where(gone, 0.0, given)
        alone, _ = score(
            six.frame, six.stages.normalised(methods), methods, {k: v[None, :] for k, v in weights.items()}
        )
        assert np.abs(made.scores[number] - alone[TOP][0]).max() < 1e-12


def test_the_declared_index_is_among_the_points(six: Computed) -> None:
    made = run(six.stages, np.array([[0.0, 0.0, 0.0, 0.0, 0.0]]), seed=5)
    assert np.abs(made.scores[0] - six.score).max() < 30  # weights differ from those declared by up to 30%
    assert sorted(made.ranks[0]) == [1, 2, 3, 4, 5, 6]


def test_the_same_seed_gives_the_same_bands_and_they_hold_nine_runs_in_ten(six: Computed) -> None:
    one, two = uncertainty(six, 500, 7), uncertainty(six, 500, 7)
    assert (one.runs.ranks == two.runs.ranks).all()
    inside = (one.runs.ranks >= one.low) & (one.runs.ranks <= one.high)
    assert inside.mean(axis=0).min() >= 0.9
    assert one.tiers.shape == (6, 3)
    assert np.abs(one.tiers.sum(axis=1) - 1).max() < 1e-12


def test_sobol_indices_are_those_of_salib(six: Computed) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sobol = pytest.importorskip("SALib.analyze.sobol", reason="SALib is the cross-check")
        made = sensitivity(six, 64, seed=2)
        problem = {"num_vars": 5, "names": list("abcde"), "bounds": [[0, 1]] * 5}
        theirs = sobol.analyze(problem, made.output, calc_second_order=False, num_resamples=20, seed=1)
    assert len(made.output) == 64 * 7 == made.runs
    assert np.abs(made.first - theirs["S1"]).max() < 1e-12
    assert np.abs(made.total - theirs["ST"]).max() < 1e-12
    inside = (made.first_interval[:, 0] <= made.first) & (made.first <= made.first_interval[:, 1])
    assert inside.all()


def test_sobol_indices_of_a_known_function() -> None:
    """Ishigami's function: first-order 0.3139, 0.4424, 0; total 0.5576, 0.4424, 0.2437 (a = 7, b = 0.1)."""
    x = (saltelli(4096, 3, seed=1) * 2 - 1) * np.pi
    output = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    first, total = indices(output, 3)
    assert first == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert total == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)


def test_few_runs_and_too_many_are_refused(six: Computed) -> None:
    with pytest.raises(QuestionError, match="1 runs"):
        uncertainty(six, 1, 1)
    with pytest.raises(QuestionError, match="4 base points"):
        sensitivity(six, 4, 1)
