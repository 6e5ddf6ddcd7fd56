"""Roots are rounded to 15 significant digits, half to even, as decimals of 60 digits round them."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from random import Random

import pytest

from gangmu.engine.arithmetic import power_of

WORK, ROUND = Context(prec=60), Context(prec=15, rounding=ROUND_HALF_EVEN)


def in_decimals(base: Fraction, exponent: Fraction) -> Fraction:
    number = WORK.divide(Decimal(base.numerator), Decimal(base.denominator))
    power = WORK.divide(Decimal(exponent.numerator), Decimal(exponent.denominator))
    return Fraction(ROUND.plus(WORK.power(number, power)))


@pytest.mark.parametrize("n", [2, 3, 5, 12])
def test_as_long_decimals(n: int) -> None:
    random = Random(n)
    for _ in range(200):
        base = Fraction(random.randint(1, 10 ** random.randint(1, 40)), random.randint(1, 10**20))
        assert power_of(base, Fraction(1, n)) == in_decimals(base, Fraction(1, n))


@pytest.mark.parametrize(
    ("root", "rounded"),
    [
        ("1234567890123445", "1234567890123440"),  # the middle, to the even one
        ("1234567890123455", "1234567890123460"),
        ("0.1234567890123455", "0.123456789012346"),
        ("999999999999999.5", "1000000000000000"),
    ],
)
def test_exact_ties(root: str, rounded: str) -> None:
    assert power_of(Fraction(root) ** 3, Fraction(1, 3)) == Fraction(rounded)
    just_above = Fraction(root) ** 3 + Fraction(1, 10**60)
    assert power_of(just_above, Fraction(1, 3)) > Fraction(root)
