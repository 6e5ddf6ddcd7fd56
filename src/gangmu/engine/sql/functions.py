"""Rounding, dates, and the functions that are rounded to 15 digits, over terms.

Of the latter only what is exact is written (0, 1, whole roots are not searched for): where the digits are
needed the number is beyond, and the interpreter gives it. Their domain, and so whether they are undefined, is
exact everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from gangmu.engine.sql.calendars import Calendar
from gangmu.engine.sql.domain import Domain, Num
from gangmu.engine.sql.numbers import End
from gangmu.engine.sql.terms import Bit, Int

_STEPS = {"ROUND": "half_up", "FLOOR": "floor", "CEIL": "ceil"}


class Functions:
    """Functions of numbers."""

    def __init__(self, domain: Domain) -> None:
        """Write into the terms of `domain`."""
        self.d, self.t, self.r = domain, domain.t, domain.r
        self.calendar = Calendar(domain.t)

    def call(self, name: str, args: Sequence[Num]) -> Num | None:
        """A function by name; None if there is none of that name."""
        match name:
            case "ROUND" | "FLOOR" | "CEIL":
                return self.to_step(args[0], args[1] if len(args) > 1 else self.d.number(1), _STEPS[name])
            case "DAYS":
                return self._span(args, lambda a, b: self.t.sub(b, a))
            case "MONTHS":
                return self._span(args, self.calendar.months)
            case "YEARS":
                return self._span(args, self._years)
            case "YEAR":
                return self._monotone(args[0], lambda day: self.calendar.civil(day)[0])
            case "ADD_MONTHS":
                return self.add_months(*args)
            case "SQRT":
                return self.root_power(args[0], Fraction(1, 2))
            case "LN":
                return self._logarithm(args[0])
            case "EXP":
                return self._exponential(args[0])
        return None

    # ------------------------------------------------------------------ steps

    def to_step(self, value: Num, step: Num, how: str) -> Num:
        """Round to whole steps; undefined where the step is no one number above 0."""
        t, r = self.t, self.r
        finite = t.not_(t.or_(step.lo.ninf, step.lo.pinf))
        sure = t.and_(step.some, finite, t.lt(0, step.lo.num))
        if not step.is_point:
            sure = t.and_(sure, r.same(step.lo, step.hi))
        by = replace(step.lo, num=t.at_least(step.lo.num, 1), ninf=False, pinf=False)
        lo = self._stepped(value.lo, by, how)
        hi = lo if value.is_point else self._stepped(value.hi, by, how)
        undefined = t.or_(t.and_(sure, value.undefined), t.not_(sure))
        return Num(t.and_(sure, value.some), lo, hi, undefined, t.and_(sure, value.absent))

    def _stepped(self, end: End, step: End, how: str) -> End:
        t = self.t
        steps = self.r.over(replace(end, ninf=False, pinf=False), step)
        n, k = steps.num, steps.den
        rest = t.mod(n, k)
        under = t.lt(rest, 0)
        whole = t.sub(t.div(n, k), t.case(under, 1, 0))  # the floor
        rest = t.case(under, t.add(rest, k), rest)
        up = self._goes_up(how, n, k, (whole, rest))
        found = End(t.add(whole, t.case(up, 1, 0)))
        return replace(self.r.mul(found, step), ninf=end.ninf, pinf=end.pinf)

    def _goes_up(self, how: str, n: Int, k: Int, floor: tuple[Int, Int]) -> Bit:
        """Whether the whole number above the floor is meant."""
        t = self.t
        whole, rest = floor
        above, some = t.not_(t.lt(n, 0)), t.lt(0, rest)
        match how:
            case "floor":
                return False
            case "ceil":
                return some
            case "down":
                return t.and_(some, t.not_(above))
            case "up":
                return t.and_(some, above)
        twice = t.mul(rest, 2)
        half, more = t.eq(twice, k), t.lt(k, twice)
        if how == "half_even":
            return t.or_(more, t.and_(half, t.not_(t.eq(t.mod(whole, 2), 0))))
        return t.or_(more, t.and_(half, above))

    # ------------------------------------------------------------------ dates

    def _ordinal(self, end: End) -> Int:
        """A day or a count of months as a whole number, cut toward zero."""
        return self.t.div(end.num, end.den)

    def _monotone(self, value: Num, operate: Callable[[Int], Int]) -> Num:
        def one(end: End) -> End:
            return End(operate(self._ordinal(end)), 1, end.ninf, end.pinf)

        lo = one(value.lo)
        return self.d.lift((value,), lo, lo if value.is_point else one(value.hi))

    def _years(self, start: Int, end: Int) -> Int:
        return self.t.mul(self.t.div(self.calendar.months(start, end), 12), 12)

    def _span(self, args: Sequence[Num], measure: Callable[[Int, Int], Int]) -> Num:
        a, b = args
        t = self.t

        def one(start: End, end: End) -> End:
            found = measure(self._ordinal(start), self._ordinal(end))
            return End(found, 1, t.or_(start.pinf, end.ninf), t.or_(start.ninf, end.pinf))

        lo = one(a.hi, b.lo)
        return self.d.lift(args, lo, lo if a.is_point and b.is_point else one(a.lo, b.hi))

    def add_months(self, day: Num, months: Num) -> Num:
        """ADD_MONTHS; endless stays endless."""
        t = self.t

        def one(end: End, count: End) -> End:
            found = self.calendar.add_months(self._ordinal(end), self._ordinal(count))
            ended = t.not_(t.or_(end.ninf, end.pinf))
            flags = (t.or_(end.ninf, t.and_(ended, count.ninf)), t.or_(end.pinf, t.and_(ended, count.pinf)))
            return End(found, 1, *flags)

        lo = one(day.lo, months.lo)
        hi = lo if day.is_point and months.is_point else one(day.hi, months.hi)
        return self.d.lift((day, months), lo, hi)

    # ------------------------------------------------------------------ rounded to 15 digits

    def _beyond(self, least: int | None = None) -> Int:
        """A number that only the interpreter gives."""
        # terms are kept by their arguments: one that is known to be 0 or more is another than one that is not
        return self.t.make("beyond", (least,), "int", lo=least, secure=False)

    def unknown_power(self) -> Num:
        """POWER to what the query cannot tell to be whole or not: all of it is beyond."""
        digits = self.t.neg(self._beyond())  # a column cannot be a bare NULL
        bit = self.t.eq(digits, 0)
        return Num(bit, End(digits), End(digits), bit, bit)

    def _on_domain(self, value: Num, operate: Callable[[End], End], at_low: End, *, open_low: bool) -> Num:
        """A non-decreasing function defined from 0 on (above it, if `open_low`)."""
        t, r = self.t, self.r
        lo_below, lo_above = r.sign(value.lo)
        hi_below, hi_above = r.sign(value.hi)
        outside = t.not_(lo_above) if open_low else lo_below
        hopeless = t.not_(hi_above) if open_low else hi_below
        inner = operate(value.lo)
        lo = r.pick(outside, at_low, inner)
        hi = inner if value.is_point else operate(value.hi)
        if value.is_point:
            lo = hi
        return self.d.lift((value,), lo, hi, more=outside, some=t.not_(hopeless))

    def root_power(self, value: Num, exponent: Fraction) -> Num:
        """POWER to a fraction, and SQRT."""
        if exponent < 0:
            return self.d.divide(self.d.number(1), self.root_power(value, -exponent))
        return self._on_domain(value, self._root, self.r.const(0), open_low=False)

    def _root(self, end: End) -> End:
        """A root or power of an end: 0 of 0, 1 of 1, else beyond."""
        t = self.t
        one = t.eq(end.num, end.den)
        found = t.case(t.eq(end.num, 0), 0, t.case(one, 1, self._beyond(0)))
        return End(found, 1, False, end.pinf)

    def _logarithm(self, value: Num) -> Num:
        def ln(end: End) -> End:
            found = self.t.case(self.t.eq(end.num, end.den), 0, self._beyond())
            return End(found, 1, False, end.pinf)

        return self._on_domain(value, ln, self.r.infinite(positive=False), open_low=True)

    def _exponential(self, value: Num) -> Num:
        """EXP, as the interpreter: below -10^6 it is 0 to EXP(-10^6), above 10^6 at least EXP(10^6)."""
        t, r, edge = self.t, self.r, self.r.const(10**6)
        first, last = (t.case(t.eq(end.num, 0), 1, self._beyond(0)) for end in (value.lo, value.hi))
        lo = End(t.case(r.less(value.lo, r.neg(edge)), 0, first), 1, False, False)
        hi = End(last, 1, False, r.less(edge, value.hi))
        return self.d.lift((value,), lo, hi)

    def growth(self, later: Num, earlier: Num, exponent: Fraction) -> Num:
        """GROWTH(later, earlier, n), `exponent` being 1 / n."""
        t, r = self.t, self.r
        earlier_low, earlier_high = r.sign(earlier.lo)[1], r.sign(earlier.hi)[1]
        later_below = r.sign(later.lo)[0]
        outside = t.or_(t.not_(earlier_low), later_below)
        hopeless = t.or_(t.not_(earlier_high), r.sign(later.hi)[0])
        floor = r.pick(later_below, r.const(0), later.lo)
        low_end = replace(r.over(floor, earlier.hi), ninf=False)
        if later.is_point and earlier.is_point:
            lo = hi = self._grown(low_end, exponent)
        else:
            off = t.and_(t.not_(earlier_low), r.sign(later.hi)[1])
            zero = t.and_(t.not_(earlier_low), t.not_(off))
            high = r.pick(zero, r.const(0), r.over(later.hi, earlier.lo))
            high = replace(high, pinf=t.or_(high.pinf, off))
            lo, hi = self._grown(low_end, exponent), self._grown(high, exponent)
        return self.d.lift((later, earlier), lo, hi, more=outside, some=t.not_(hopeless))

    def _grown(self, ratio: End, exponent: Fraction) -> End:
        return self.r.add(ratio if exponent == 1 else self._root(ratio), self.r.const(-1))
