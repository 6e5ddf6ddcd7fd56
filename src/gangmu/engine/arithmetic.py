"""Arithmetic on what is known: the tightest hull of every operator, its arguments taken as independent.

Sums, products, rounding and comparison of numbers are exact. Roots, logarithms and powers with a fraction are
rounded to 15 significant digits, half to even. `docs/language.md` states every operator.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from gangmu.engine.values import INF, End, Interval, Ordinary, Value, lift, point

_DIGITS = 15
_WORK = Context(prec=60, rounding=ROUND_HALF_EVEN)
_ROUND = Context(prec=_DIGITS, rounding=ROUND_HALF_EVEN)
_PLAIN_ROOT, _LONGEST = 16, 1000  # roots that whole numbers find, and how many bits those may have
_MAX_EXPONENT = 10**6


def _times(left: End, right: End) -> End:
    """A product in which 0 times an endless end is 0 (the end is never reached)."""
    return Fraction(0) if left == 0 or right == 0 else left * right


def _over(left: End, right: End) -> End:
    """A quotient of ends; the divisor is not 0, and anything over an endless end tends to 0."""
    if isinstance(right, float):
        return (
            Fraction(0) if not isinstance(left, float) else math.copysign(INF, left) * math.copysign(1, right)
        )
    return left / right


def _are_points(a: Interval, b: Interval) -> bool:
    """Whether both are surely one number each: then the two ends of a result are one, and worked out once."""
    return a.lo is a.hi and b.lo is b.hi


def _combine(left: Value, right: Value, operate: Callable[[Interval, Interval], Interval]) -> Value:
    """As `lift`, of two numbers: what formulas do most."""
    a, b = left.ordinary, right.ordinary
    undefined, absent = left.undefined or right.undefined, left.absent or right.absent
    if not isinstance(a, Interval) or not isinstance(b, Interval):
        return Value(None, undefined, absent)
    return Value(operate(a, b), undefined, absent)


def add(left: Value, right: Value) -> Value:
    """Left + right."""
    return _combine(left, right, _total)


def _total(a: Interval, b: Interval) -> Interval:
    lo = a.lo + b.lo
    return Interval(lo, lo if _are_points(a, b) else a.hi + b.hi)


def subtract(left: Value, right: Value) -> Value:
    """Left - right."""
    return _combine(left, right, _rest)


def _rest(a: Interval, b: Interval) -> Interval:
    lo = a.lo - b.hi
    return Interval(lo, lo if _are_points(a, b) else a.hi - b.lo)


def multiply(left: Value, right: Value) -> Value:
    """Left * right."""
    return _combine(left, right, _product)


def _product(a: Interval, b: Interval) -> Interval:
    if _are_points(a, b):
        known = _times(a.lo, b.lo)
        return Interval(known, known)
    corners = [_times(x, y) for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
    return Interval(min(corners), max(corners))


def divide(left: Value, right: Value) -> Value:
    """Left / right; undefined where right is 0."""
    return lift((left, right), lambda ends: _quotient(ends[0], ends[1]))


def _quotient(a: Interval, b: Interval) -> tuple[Ordinary, bool]:
    if b.lo == 0 == b.hi:
        return None, True
    if _are_points(a, b) and not isinstance(a.lo, float) and not isinstance(b.lo, float):
        known = a.lo / b.lo
        return Interval(known, known), False
    if b.lo > 0 or b.hi < 0:
        corners: list[End] = [_over(x, y) for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
        # an endless end over an endless end may be anything from 0 on
        if any(isinstance(x, float) for x in (a.lo, a.hi)) and any(
            isinstance(y, float) for y in (b.lo, b.hi)
        ):
            corners.append(Fraction(0))
        return Interval(min(corners), max(corners)), False
    if a.lo == 0 == a.hi:
        return Interval(Fraction(0), Fraction(0)), True
    pieces: list[tuple[End, End]] = []
    if b.hi > 0:  # divisors just above 0
        pieces.append((_side(a.lo, b.hi, low=True), _side(a.hi, b.hi, low=False)))
    if b.lo < 0:  # divisors just below 0: mirror
        pieces.append((_side(-a.hi, -b.lo, low=True), _side(-a.lo, -b.lo, low=False)))
    return Interval(min(lo for lo, _ in pieces), max(hi for _, hi in pieces)), True


def _side(end: End, far: End, *, low: bool) -> End:
    """An end of a / b for b in (0, far]: towards 0 it runs off, at `far` it is end / far."""
    if low:
        return -INF if end < 0 else _over(end, far)
    return INF if end > 0 else _over(end, far)


def monotone(value: Value, operate: Callable[[End], End]) -> Value:
    """A non-decreasing function on the ends."""
    return lift((value,), lambda ends: Interval(operate(ends[0].lo), operate(ends[0].hi)))


def absolute(value: Value) -> Value:
    """ABS."""

    def fold(ends: Sequence[Interval]) -> Interval:
        lo, hi = ends[0].lo, ends[0].hi
        sizes = (max(lo, -lo), max(hi, -hi))
        return Interval(Fraction(0) if lo <= 0 <= hi else min(sizes), max(sizes))

    return lift((value,), fold)


def least(values: Sequence[Value]) -> Value:
    """LEAST."""
    return lift(values, lambda ends: Interval(min(e.lo for e in ends), min(e.hi for e in ends)))


def greatest(values: Sequence[Value]) -> Value:
    """GREATEST."""
    return lift(values, lambda ends: Interval(max(e.lo for e in ends), max(e.hi for e in ends)))


def to_step(value: Value, step: Fraction, how: str) -> Value:
    """Round to whole multiples of `step`.

    `how`: down, up (from zero), floor, ceil, half_up (half away from zero), half_even.
    """
    return monotone(value, lambda end: end if isinstance(end, float) else round_to(end, step, how))


def round_to(number: Fraction, step: Fraction, how: str) -> Fraction:
    """Round one number to a whole multiple of `step`."""
    steps = number / step
    whole, half = math.floor(steps), Fraction(1, 2)
    match how:
        case "floor":
            pass
        case "ceil":
            whole = math.ceil(steps)
        case "down":
            whole = math.trunc(steps)
        case "up":
            whole = math.ceil(steps) if steps > 0 else math.floor(steps)
        case "half_even":
            whole = round(steps)
        case _:
            whole = math.floor(abs(steps) + half) * (1 if steps >= 0 else -1)
    return whole * step


# ---------------------------------------------------------------------- functions rounded to 15 digits


def _rounded(decimal: Decimal) -> Fraction:
    return Fraction(_ROUND.plus(decimal))


def _decimal(number: Fraction) -> Decimal:
    return _WORK.divide(Decimal(number.numerator), Decimal(number.denominator))


def power_of(base: Fraction, exponent: Fraction) -> Fraction:
    """Base ** exponent, exact for whole exponents, else rounded to 15 significant digits (base >= 0)."""
    if exponent.denominator == 1:
        return base**exponent.numerator
    if base == 0:
        return Fraction(0)
    if exponent.numerator > 0 and exponent.denominator <= _PLAIN_ROOT:
        root = _root(base**exponent.numerator, exponent.denominator)
    else:
        root = _exact_root(base, exponent)
    return root if root is not None else _rounded(_WORK.power(_decimal(base), _decimal(exponent)))


def _root(base: Fraction, n: int) -> Fraction | None:
    """The n-th root, rounded to 15 significant digits by whole numbers alone: many times as fast.

    The root is cut after at least 17 digits; what was cut only matters in the middle between two results.
    None if the numbers are too long for that.
    """
    size = (math.log10(base.numerator) - math.log10(base.denominator)) / n
    places = 17 - math.floor(size)
    up, down = (10 ** (n * places), 1) if places >= 0 else (1, 10 ** (-n * places))
    whole, rest = divmod(base.numerator * up, base.denominator * down)
    if whole.bit_length() > _LONGEST:
        return None
    cut = math.isqrt(whole) if n == 2 else _newton(whole, n)  # noqa: PLR2004  a square root
    exact = rest == 0 and cut**n == whole
    unit: int = 10 ** (len(str(cut)) - _DIGITS)
    found, left = divmod(cut, unit)
    if 2 * left > unit or (2 * left == unit and (not exact or found % 2 == 1)):
        found += 1
    return Fraction(found * unit) / Fraction(10) ** places


def _newton(whole: int, n: int) -> int:
    """The n-th root of a whole number, cut."""
    near: int = int(float(whole) ** (1 / n))
    near += (whole - near**n) // (n * near ** (n - 1))
    while near**n > whole:
        near -= 1
    while (near + 1) ** n <= whole:
        near += 1
    return int(near)


def _exact_root(base: Fraction, exponent: Fraction) -> Fraction | None:
    """The exact rational result, if there is one, so that ties hold."""
    raised = base**exponent.numerator
    ends = []
    for whole in (raised.numerator, raised.denominator):
        near = _whole_root(whole, exponent.denominator)
        if near**exponent.denominator != whole:
            return None
        ends.append(near)
    exact = Fraction(ends[0], ends[1])
    return _rounded(_decimal(exact))


def _whole_root(whole: int, n: int) -> int:
    low, high = 0, 1 << (whole.bit_length() // n + 1)
    while low < high:
        middle = (low + high + 1) // 2
        if middle**n <= whole:
            low = middle
        else:
            high = middle - 1
    return low


def on_domain(
    value: Value,
    low: Fraction,
    operate: Callable[[Fraction], Fraction],
    at_low: End,
    *,
    open_low: bool = False,
) -> Value:
    """A non-decreasing function defined from `low` on.

    Undefined where the argument may lie below (or at it, if `open_low`).
    """

    def inside(ends: Sequence[Interval]) -> tuple[Ordinary, bool]:
        lo, hi = ends[0].lo, ends[0].hi
        outside = lo < low or (open_low and lo <= low)
        if hi < low or (open_low and hi <= low):
            return None, True
        start: End = at_low if outside else (lo if isinstance(lo, float) else operate(lo))
        return Interval(start, hi if isinstance(hi, float) else operate(hi)), outside

    return lift((value,), inside)


def logarithm(value: Value) -> Value:
    """LN."""
    return on_domain(value, Fraction(0), lambda x: _rounded(_WORK.ln(_decimal(x))), -INF, open_low=True)


def square_root(value: Value) -> Value:
    """SQRT."""
    return on_domain(value, Fraction(0), lambda x: power_of(x, Fraction(1, 2)), Fraction(0))


def exponential(value: Value) -> Value:
    """EXP; of more than 10^6 only that it is above EXP(10^6) is told, to keep numbers finite."""

    def low(end: End) -> End:
        return Fraction(0) if end < -_MAX_EXPONENT else _exp(min(end, _MAX_EXPONENT))

    def high(end: End) -> End:
        return INF if end > _MAX_EXPONENT else _exp(max(end, -_MAX_EXPONENT))

    return lift((value,), lambda ends: Interval(low(ends[0].lo), high(ends[0].hi)))


def _exp(end: End) -> Fraction:
    return _rounded(_WORK.exp(_decimal(Fraction(end))))


def power(base: Value, exponent: Value) -> Value:
    """POWER: whole exponents of any base, fractional ones of bases from 0 on."""
    if not (isinstance(exponent.ordinary, Interval) and exponent.ordinary.is_point) or isinstance(
        exponent.ordinary.lo, float
    ):
        return lift((base, exponent), lambda _ends: (Interval(-INF, INF), True))
    n = Fraction(exponent.ordinary.lo)
    if n == 0:
        return monotone(base, lambda _end: Fraction(1))
    if n < 0:
        return divide(point(1), power(base, point(-n)))
    if n.denominator == 1 and n.numerator % 2 == 0:
        return monotone(absolute(base), lambda end: end if isinstance(end, float) else power_of(end, n))
    if n.denominator == 1:
        return monotone(base, lambda end: end if isinstance(end, float) else end**n.numerator)
    return on_domain(base, Fraction(0), lambda x: power_of(x, n), Fraction(0))


def growth(later: Value, earlier: Value, periods: int) -> Value:
    """GROWTH(later, earlier, n) = (later / earlier)^(1/n) - 1.

    Undefined unless earlier > 0 and later >= 0.
    """

    def grow(ends: Sequence[Interval]) -> tuple[Ordinary, bool]:
        a, b = ends
        outside = b.lo <= 0 or a.lo < 0
        if b.hi <= 0 or a.hi < 0:
            return None, True
        low = _over(max(a.lo, Fraction(0)), b.hi)
        high: End = INF if (b.lo <= 0 and a.hi > 0) else (Fraction(0) if b.lo <= 0 else _over(a.hi, b.lo))
        n = Fraction(1, periods)
        ends_out = [end if isinstance(end, float) else power_of(end, n) - 1 for end in (low, high)]
        return Interval(ends_out[0], ends_out[1]), outside

    return lift((later, earlier), grow)
