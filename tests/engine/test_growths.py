"""Growth rates a column at a time are those of the interpreter, for every kind of bounds."""

from fractions import Fraction
from random import Random

import numpy as np
import pytest

from gangmu.engine.arithmetic import growth
from gangmu.engine.kernel.growths import growths
from gangmu.engine.kernel.kept import Bounds, no_ends
from gangmu.engine.values import INF, Interval, Value

COUNT = 400


def figures(random: Random) -> list[Interval]:
    """Numbers, and ranges that begin below, at or above 0, some of them endless."""
    found = []
    for _ in range(COUNT):
        low = Fraction(random.choice([0, 0, -7, 3, random.randrange(1, 10**9)]), random.choice([1, 4, 100]))
        high = low + random.choice([Fraction(0), Fraction(random.randrange(10**9), 100)])
        endless = random.random() < 0.25, random.random() < 0.3
        found.append(Interval(-INF if endless[0] else low, INF if endless[1] else high))
    return found


def bounds(values: list[Interval]) -> Bounds:
    def side(name: str) -> tuple[np.ndarray, np.ndarray]:
        ends = [Fraction(5) if isinstance(end := getattr(one, name), float) else end for one in values]
        return np.array([end.numerator for end in ends]), np.array([end.denominator for end in ends])

    below = np.array([one.lo == -INF for one in values])
    above = np.array([one.hi == INF for one in values])
    return Bounds(np.ones(len(values), bool), side("lo"), side("hi"), below, above)


@pytest.mark.parametrize("periods", [2, 3])
def test_they_are_those_of_the_interpreter(periods: int) -> None:
    random = Random(periods)
    later, earlier = figures(random), figures(random)
    found = no_ends(COUNT)
    sure = growths([bounds(later), bounds(earlier)], periods, found, np.arange(COUNT))
    assert sure.sum() > 0.9 * COUNT
    nowhere = 0
    for row in np.flatnonzero(sure):
        right = growth(Value(later[row]), Value(earlier[row]), periods)
        if not isinstance(right.ordinary, Interval):
            nowhere += 1
            assert right.undefined
            assert found.flags[row] == 1 << 1
            continue
        num_lo, num_hi, den_lo, den_hi = map(int, found.ends[:, row])
        endless = right.ordinary.hi == INF
        assert Fraction(num_lo, den_lo) == right.ordinary.lo
        assert endless or Fraction(num_hi, den_hi) == right.ordinary.hi
        assert found.flags[row] == 1 | right.undefined << 1 | endless << 4
    assert nowhere > COUNT / 20


def test_bounds_too_wide_are_left_alone() -> None:
    found = no_ends(3)
    assert not growths([None, bounds(figures(Random(1))[:3])], 2, found, np.arange(3)).any()
    assert not found.flags.any()
