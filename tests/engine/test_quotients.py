"""Columns of quotients are rounded as Python rounds them: wide integers, ties, the edges of doubles."""

from __future__ import annotations

from random import Random

import pytest

pytest.importorskip("llvmlite")

import numpy as np

from gangmu.engine.kernel.quotients import nearest

WORDS = 4


def _words(values: list[int]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    raw = b"".join(value.to_bytes(8 * WORDS, "little", signed=True) for value in values)
    return np.frombuffer(raw, np.int64).reshape(-1, WORDS)


def _pairs(random: Random, count: int) -> list[tuple[int, int]]:
    found = []
    for _ in range(count):
        num, den = (random.getrandbits(random.randint(1, 200)) for _ in range(2))
        found.append((random.choice([1, -1]) * num, den + 1))
    for _ in range(count):  # ties and their neighbours, powers of two and what lies below them
        den = random.getrandbits(random.randint(1, 120)) + 1
        double = random.getrandbits(53) | 1 << 52 if random.random() < 0.7 else 1 << 53
        found.append(((2 * double + random.choice([-1, 1])) * den + random.choice([-1, 0, 0, 1]), 2 * den))
        found.append(((4 * double - 1) * den + random.choice([-1, 0, 1]), 4 * den))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_as_python_divides(seed: int) -> None:
    pairs = _pairs(Random(seed), 3_000)
    num, den = _words([n for n, _ in pairs]), _words([d for _, d in pairs])
    wanted = np.ones(len(pairs), bool)
    assert nearest(num, den, wanted).tolist() == [n / d for n, d in pairs]
    seventh = np.array(7 << 90, object)
    assert nearest(num, seventh, wanted).tolist() == [n / (7 << 90) for n, _ in pairs]


def test_single_words_and_whole_doubles() -> None:
    random = Random(7)
    words = np.array([random.randint(-(2**62), 2**62) for _ in range(2_000)])
    doubles = np.array([float(random.randint(1, 2**53)) for _ in range(2_000)])
    wanted = np.ones(2_000, bool)
    right = [int(n) / int(d) for n, d in zip(words, doubles, strict=True)]
    assert nearest(words, doubles, wanted).tolist() == right


def test_rows_that_are_not_wanted_divide_by_nothing() -> None:
    num, den = _words([1, 1 << 80, 3]), _words([0, 0, 4])
    assert nearest(num, den, np.array([False, False, True])).tolist()[2] == 0.75
