"""Roots worked out a column at a time are the interpreter's, digit by digit, wherever they are sure."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

pytest.importorskip("llvmlite")

import numpy as np

from gangmu.engine.arithmetic import power_of
from gangmu.engine.kernel.roots import roots


def _pairs(random: Random) -> list[tuple[int, int]]:
    """Ratios of all sizes, squares, cubes, and such as lie next to half a digit."""
    found = [
        (random.randrange(0, 10 ** random.randint(1, 18)), random.randrange(1, 10 ** random.randint(1, 18)))
        for _ in range(3000)
    ]
    found += [(k * k, m * m) for k in range(1, 40) for m in range(1, 20)]
    found += [(k**3, 8) for k in range(1, 40)]
    halves = [10**15 + random.randrange(9 * 10**15) for _ in range(300)]
    return found + [(half * half // 10**15, 10**17) for half in halves]


@pytest.mark.parametrize("degree", [2, 3, 5])
def test_roots_are_the_interpreters(degree: int) -> None:
    pairs = _pairs(Random(degree))
    num, den = (np.array(side, np.int64).astype(np.longdouble) for side in zip(*pairs, strict=True))
    found = roots(num, den, degree)
    if found is None:
        pytest.skip("a long double here is no longer than a double")
    sure = np.flatnonzero(found.sure)
    assert len(sure) > len(pairs) // 2
    wrong = [
        pairs[row]
        for row in sure
        if Fraction(int(found.num[row]), int(found.den[row]))
        != power_of(Fraction(*pairs[row]), Fraction(1, degree))
    ]
    assert wrong == []
