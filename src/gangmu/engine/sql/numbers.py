"""Exact numbers as terms: a whole numerator over a whole denominator above 0, and whether the end is endless.

Denominators are constants as long as nothing is divided by what is only known in the data; then two numbers
compare by one multiplication, or none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from gangmu.engine.sql.terms import Bit, Int, Terms, common


@dataclass(frozen=True, slots=True)
class End:
    """One end of an interval; where it is endless, the fraction means nothing."""

    num: Int
    den: Int = 1
    ninf: Bit = False
    pinf: Bit = False

    @property
    def is_finite(self) -> bool:
        """Whether it is known to have an end."""
        return self.ninf is False and self.pinf is False


class Rationals:
    """Operators on ends."""

    def __init__(self, terms: Terms) -> None:
        """Write into `terms`."""
        self.t = terms

    def const(self, value: Fraction | int) -> End:
        """A number."""
        exact = Fraction(value)
        return End(exact.numerator, exact.denominator)

    def infinite(self, *, positive: bool) -> End:
        """No end on one side."""
        return End(0, 1, not positive, positive)

    def end(self, value: Fraction | float) -> End:
        """An end as the interpreter has it."""
        return self.infinite(positive=value > 0) if isinstance(value, float) else self.const(value)

    def level(self, a: End, b: End) -> tuple[Int, Int, Int]:
        """Both numerators over one denominator."""
        t = self.t
        if a.den is b.den or (isinstance(a.den, int) and a.den == b.den):
            return a.num, b.num, a.den
        if isinstance(a.den, int) and isinstance(b.den, int):
            both = common(a.den, b.den)
            return t.mul(a.num, both // a.den), t.mul(b.num, both // b.den), both
        return t.mul(a.num, b.den), t.mul(b.num, a.den), t.mul(a.den, b.den)

    def add(self, a: End, b: End) -> End:
        """A + b; endless if either is (never towards both sides)."""
        t = self.t
        if b.num == 0 and b.is_finite:
            return a
        if a.num == 0 and a.is_finite:
            return b
        x, y, den = self.level(a, b)
        return End(t.add(x, y), den, t.or_(a.ninf, b.ninf), t.or_(a.pinf, b.pinf))

    def neg(self, a: End) -> End:
        """-a."""
        return End(self.t.neg(a.num), a.den, a.pinf, a.ninf)

    def sign(self, a: End) -> tuple[Bit, Bit]:
        """Whether it is below 0, and whether it is above."""
        t = self.t
        finite = t.not_(t.or_(a.ninf, a.pinf))
        below = t.or_(a.ninf, t.and_(finite, t.lt(a.num, 0)))
        above = t.or_(a.pinf, t.and_(finite, t.lt(0, a.num)))
        return below, above

    def mul(self, a: End, b: End) -> End:
        """A * b, in which 0 times an endless end is 0."""
        t = self.t
        if (a.num == 0 and a.is_finite) or (b.num == 0 and b.is_finite):
            return self.const(0)
        num, den = self._reduced(t.mul(a.num, b.num), t.mul(a.den, b.den))
        if a.is_finite and b.is_finite:
            return End(num, den)
        (a_below, a_above), (b_below, b_above) = self.sign(a), self.sign(b)
        endless = t.or_(a.ninf, a.pinf, b.ninf, b.pinf)
        up = t.and_(endless, t.or_(t.and_(a_above, b_above), t.and_(a_below, b_below)))
        down = t.and_(endless, t.or_(t.and_(a_above, b_below), t.and_(a_below, b_above)))
        zero = t.and_(endless, t.not_(t.or_(up, down)))
        return End(t.case(zero, 0, num), den, down, up)

    def over(self, a: End, b: End) -> End:
        """A / b for b above 0, where anything finite over an endless end is 0.

        Where b is 0 the result means nothing.
        """
        t = self.t
        safe = t.at_least(b.num, 1)
        num, den = self._reduced(t.mul(a.num, b.den), t.mul(a.den, safe))
        if b.pinf is False:
            return End(num, den, a.ninf, a.pinf)
        flat = t.and_(b.pinf, t.not_(t.or_(a.ninf, a.pinf)))
        return End(t.case(flat, 0, num), den, a.ninf, a.pinf)

    def _reduced(self, num: Int, den: Int) -> tuple[Int, Int]:
        """Without a common factor, where both are known."""
        if isinstance(num, int) and isinstance(den, int):
            factor = math.gcd(num, den) or 1
            return num // factor, den // factor
        return num, den

    def less(self, a: End, b: End) -> Bit:
        """A < b."""
        t = self.t
        if a is b:
            return False
        finite = t.not_(t.or_(a.ninf, a.pinf, b.ninf, b.pinf))
        return t.or_(
            t.and_(a.ninf, t.not_(b.ninf)),
            t.and_(b.pinf, t.not_(a.pinf)),
            t.and_(finite, self._less(a, b)),
        )

    def _less(self, a: End, b: End) -> Bit:
        x, y, _ = self.level(a, b)
        return self.t.lt(x, y)

    def at_most(self, a: End, b: End) -> Bit:
        """A <= b."""
        return self.t.not_(self.less(b, a))

    def same(self, a: End, b: End) -> Bit:
        """A = b."""
        t = self.t
        if a == b:
            return True
        x, y, _ = self.level(a, b)
        finite = t.not_(t.or_(a.ninf, a.pinf, b.ninf, b.pinf))
        return t.or_(t.and_(a.ninf, b.ninf), t.and_(a.pinf, b.pinf), t.and_(finite, t.eq(x, y)))

    def pick(self, test: Bit, a: End, b: End) -> End:
        """A where the test holds, else b."""
        t = self.t
        if test is True or a == b:
            return a
        if test is False:
            return b
        ninf, pinf = t.pick(test, a.ninf, b.ninf), t.pick(test, a.pinf, b.pinf)
        if isinstance(a.den, int) and isinstance(b.den, int):
            x, y, den = self.level(a, b)
            return End(t.case(test, x, y), den, ninf, pinf)
        return End(t.case(test, a.num, b.num), t.case(test, a.den, b.den), ninf, pinf)

    def minimum(self, a: End, b: End) -> End:
        """The lower one."""
        return self.pick(self.less(b, a), b, a)

    def maximum(self, a: End, b: End) -> End:
        """The higher one."""
        return self.pick(self.less(a, b), b, a)
