"""What is known of a value: an interval or a set, possibly undefined, possibly not in force; and the hull of every operator.

A `Value` is the set of outcomes still possible. Numbers and dates are a closed interval (dates as ordinals, exact fractions, ends may be endless);
truth values, codes and levels are a set, `None` being "any text". All operators are the tightest hull of their arguments taken as
independent, as `docs/language.md` states them operator by operator.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

End = Fraction | float  # a float only for the endless ends
INF = math.inf


@dataclass(frozen=True, slots=True)
class Interval:
    """Closed; ends may be endless."""

    lo: End
    hi: End

    @property
    def is_point(self) -> bool:
        """Whether one value is left."""
        return self.lo == self.hi


@dataclass(frozen=True, slots=True)
class Options:
    """Codes, levels or truth values still possible; `codes` None is any text."""

    codes: frozenset[str | bool] | None


Ordinary = Interval | Options | None  # None: no ordinary value is possible


@dataclass(frozen=True, slots=True)
class Value:
    """The outcomes still possible: ordinary ones, being undefined, being not in force."""

    ordinary: Ordinary
    undefined: bool = False
    absent: bool = False

    @property
    def is_known(self) -> bool:
        """Whether exactly one outcome is left."""
        return self.count == 1

    @property
    def count(self) -> int:
        """1 if one outcome is left, more if several."""
        match self.ordinary:
            case None:
                ordinary = 0
            case Interval() as interval:
                ordinary = 1 if interval.is_point else 2
            case Options(codes):
                ordinary = 2 if codes is None else len(codes)
        return ordinary + self.undefined + self.absent

    @property
    def interval(self) -> Interval:
        """The interval of a number or date that has an ordinary value."""
        if not isinstance(self.ordinary, Interval):
            raise TypeError(self)
        return self.ordinary

    @property
    def codes(self) -> frozenset[str | bool] | None:
        """The set of a code, level or truth value; empty if there is no ordinary value."""
        if isinstance(self.ordinary, Interval):
            raise TypeError(self)
        return frozenset() if self.ordinary is None else self.ordinary.codes

    @property
    def can_be_true(self) -> bool:
        """Whether true is still possible."""
        return isinstance(self.ordinary, Options) and True in (self.ordinary.codes or ())

    @property
    def can_be_false(self) -> bool:
        """Whether false is still possible."""
        return isinstance(self.ordinary, Options) and False in (self.ordinary.codes or ())

    @property
    def is_true(self) -> bool:
        """Whether only true is left."""
        return self == TRUE

    @property
    def is_false(self) -> bool:
        """Whether only false is left."""
        return self == FALSE


UNDEFINED = Value(None, undefined=True)
ABSENT = Value(None, absent=True)
TRUE = Value(Options(frozenset({True})))
FALSE = Value(Options(frozenset({False})))
EITHER = Value(Options(frozenset({True, False})))
ANY_TEXT = Value(Options(None))
ANY_NUMBER = Value(Interval(-INF, INF))


def point(number: Fraction | int) -> Value:
    """A known number."""
    exact = Fraction(number)
    return Value(Interval(exact, exact))


def between(lo: End | None, hi: End | None) -> Value:
    """A number between two ends (None: endless)."""
    return Value(Interval(-INF if lo is None else lo, INF if hi is None else hi))


def one_of(codes: Iterable[str | bool]) -> Value:
    """A code, level or truth value among some."""
    return Value(Options(frozenset(codes)))


def truth(*, true: bool, false: bool, undefined: bool = False, absent: bool = False) -> Value:
    """A truth value by what is still possible."""
    codes = frozenset(value for value, possible in ((True, true), (False, false)) if possible)
    return Value(Options(codes) if codes else None, undefined, absent)


def union(values: Iterable[Value]) -> Value:
    """Any of these values."""
    ordinary: Ordinary = None
    undefined = absent = False
    for value in values:
        undefined, absent = undefined or value.undefined, absent or value.absent
        match ordinary, value.ordinary:
            case _, None:
                pass
            case None, other:
                ordinary = other
            case Interval(lo, hi), Interval(low, high):
                ordinary = Interval(min(lo, low), max(hi, high))
            case Options(codes), Options(others):
                ordinary = Options(None if codes is None or others is None else codes | others)
            case _:
                raise TypeError(value)
    return Value(ordinary, undefined, absent)


def intersect(value: Value, other: Value) -> Value | None:
    """The outcomes that both allow, of two numbers; None if none."""
    if not isinstance(value.ordinary, Interval) or not isinstance(other.ordinary, Interval):
        return None
    lo, hi = max(value.ordinary.lo, other.ordinary.lo), min(value.ordinary.hi, other.ordinary.hi)
    return Value(Interval(lo, hi)) if lo <= hi else None


def _flags(values: Iterable[Value]) -> tuple[bool, bool]:
    """Undefined and not in force pass through an operator; not in force wins over undefined only where nothing else is possible."""
    undefined = absent = False
    for value in values:
        undefined, absent = undefined or value.undefined, absent or value.absent
    return undefined, absent


def lift(values: Sequence[Value], operate: Callable[[Sequence[Interval]], Ordinary | tuple[Ordinary, bool]]) -> Value:
    """Apply an operator on intervals; undefined and absent arguments pass through."""
    undefined, absent = _flags(values)
    intervals = [value.ordinary for value in values if isinstance(value.ordinary, Interval)]
    if len(intervals) < len(values):
        return Value(None, undefined, absent)
    result = operate(intervals)
    ordinary, more = result if isinstance(result, tuple) else (result, False)
    return Value(ordinary, undefined or more, absent)


# ---------------------------------------------------------------------- arithmetic


def _times(left: End, right: End) -> End:
    """A product in which 0 times an endless end is 0 (the end is never reached)."""
    return Fraction(0) if left == 0 or right == 0 else left * right


def _over(left: End, right: End) -> End:
    """A quotient of ends; the divisor is not 0, and anything over an endless end tends to 0."""
    if isinstance(right, float):
        return Fraction(0) if not isinstance(left, float) else math.copysign(INF, left) * math.copysign(1, right)
    return left / right


def add(left: Value, right: Value) -> Value:
    """left + right."""
    return lift((left, right), lambda ends: Interval(ends[0].lo + ends[1].lo, ends[0].hi + ends[1].hi))


def subtract(left: Value, right: Value) -> Value:
    """left - right."""
    return lift((left, right), lambda ends: Interval(ends[0].lo - ends[1].hi, ends[0].hi - ends[1].lo))


def multiply(left: Value, right: Value) -> Value:
    """left * right."""

    def product(ends: Sequence[Interval]) -> Interval:
        corners = [_times(a, b) for a in (ends[0].lo, ends[0].hi) for b in (ends[1].lo, ends[1].hi)]
        return Interval(min(corners), max(corners))

    return lift((left, right), product)


def divide(left: Value, right: Value) -> Value:
    """left / right; undefined where right is 0."""
    return lift((left, right), lambda ends: _quotient(ends[0], ends[1]))


def _quotient(a: Interval, b: Interval) -> tuple[Ordinary, bool]:
    if b.lo == 0 == b.hi:
        return None, True
    if b.lo > 0 or b.hi < 0:
        corners = [_over(x, y) for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
        # an endless end over an endless end may be anything from 0 on
        if any(isinstance(x, float) for x in (a.lo, a.hi)) and any(isinstance(y, float) for y in (b.lo, b.hi)):
            corners.append(Fraction(0))
        return Interval(min(corners), max(corners)), False
    if a.lo == 0 == a.hi:
        return Interval(Fraction(0), Fraction(0)), True
    pieces = []
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
        inside = lo <= 0 <= hi
        return Interval(Fraction(0) if inside else min(abs(lo), abs(hi)), max(abs(lo), abs(hi)))

    return lift((value,), fold)


def least(values: Sequence[Value]) -> Value:
    """LEAST."""
    return lift(values, lambda ends: Interval(min(e.lo for e in ends), min(e.hi for e in ends)))


def greatest(values: Sequence[Value]) -> Value:
    """GREATEST."""
    return lift(values, lambda ends: Interval(max(e.lo for e in ends), max(e.hi for e in ends)))


def to_step(value: Value, step: Fraction, how: str) -> Value:
    """Round to whole multiples of `step`: down, up (from zero), floor, ceil, half_up (half away from zero), half_even."""
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

_DIGITS = 15
_WORK = Context(prec=60, rounding=ROUND_HALF_EVEN)
_ROUND = Context(prec=_DIGITS, rounding=ROUND_HALF_EVEN)


def _rounded(decimal: Decimal) -> Fraction:
    return Fraction(_ROUND.plus(decimal))


def _decimal(number: Fraction) -> Decimal:
    return _WORK.divide(Decimal(number.numerator), Decimal(number.denominator))


def power_of(base: Fraction, exponent: Fraction) -> Fraction:
    """base ** exponent, exact for whole exponents, else rounded to 15 significant digits (base >= 0)."""
    if exponent.denominator == 1:
        return base**exponent.numerator
    if base == 0:
        return Fraction(0)
    root = _exact_root(base, exponent)
    return root if root is not None else _rounded(_WORK.power(_decimal(base), _decimal(exponent)))


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


def on_domain(value: Value, low: Fraction, operate: Callable[[Fraction], Fraction], at_low: End, *, open_low: bool = False) -> Value:
    """A non-decreasing function defined from `low` on; undefined where the argument may lie below (or at it, if `open_low`)."""

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
    """EXP (endless above 10^6, zero below -10^6, to keep numbers finite)."""

    def grow(end: End) -> End:
        if end > 10**6:
            return INF
        return Fraction(0) if end < -(10**6) else _rounded(_WORK.exp(_decimal(Fraction(end))))

    return monotone(value, grow)


def power(base: Value, exponent: Value) -> Value:
    """POWER: whole exponents of any base, fractional ones of bases from 0 on."""
    if not (isinstance(exponent.ordinary, Interval) and exponent.ordinary.is_point) or isinstance(exponent.ordinary.lo, float):
        return lift((base, exponent), lambda _ends: (Interval(-INF, INF), True))
    n = Fraction(exponent.ordinary.lo)
    if n < 0:
        return divide(point(1), power(base, point(-n)))
    if n.denominator == 1 and n.numerator % 2 == 0:
        return monotone(absolute(base), lambda end: end if isinstance(end, float) and n else power_of(Fraction(end), n))
    if n.denominator == 1:
        return monotone(base, lambda end: end if isinstance(end, float) else end**n.numerator)
    return on_domain(base, Fraction(0), lambda x: power_of(x, n), Fraction(0))


def growth(later: Value, earlier: Value, periods: int) -> Value:
    """GROWTH(later, earlier, n) = (later / earlier)^(1/n) - 1; undefined unless earlier > 0 and later >= 0."""

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


# ---------------------------------------------------------------------- comparison and logic


def compare(op: str, left: Value, right: Value) -> Value:
    """A comparison of numbers, dates or codes (equality)."""
    undefined, absent = _flags((left, right))
    if left.ordinary is None or right.ordinary is None:
        return Value(None, undefined, absent)
    if isinstance(left.ordinary, Interval) and isinstance(right.ordinary, Interval):
        true, false = _compare_ends(op, left.ordinary, right.ordinary)
    else:
        true, false = _compare_codes(op, left.codes, right.codes)
    return truth(true=true, false=false, undefined=undefined, absent=absent)


def _compare_ends(op: str, a: Interval, b: Interval) -> tuple[bool, bool]:
    match op:
        case "<":
            return a.lo < b.hi, a.hi >= b.lo
        case "<=":
            return a.lo <= b.hi, a.hi > b.lo
        case ">":
            return a.hi > b.lo, a.lo <= b.hi
        case ">=":
            return a.hi >= b.lo, a.lo < b.hi
    equal = a.lo <= b.hi and b.lo <= a.hi
    differ = not (a.is_point and b.is_point and a.lo == b.lo)
    return (equal, differ) if op == "=" else (differ, equal)


def _compare_codes(op: str, a: frozenset[str | bool] | None, b: frozenset[str | bool] | None) -> tuple[bool, bool]:
    if a is None or b is None:
        equal = differ = True
    else:
        equal = bool(a & b)
        differ = not (len(a) == 1 and a == b)
    return (equal, differ) if op == "=" else (differ, equal)


def is_in(item: Value, codes: Iterable[str]) -> Value:
    """IN, for codes."""
    wanted = frozenset(codes)
    have = item.codes
    if item.ordinary is None:
        return Value(None, item.undefined, item.absent)
    true = have is None or bool(have & wanted)
    false = have is None or bool(have - wanted)
    return truth(true=true, false=false, undefined=item.undefined, absent=item.absent)


def starts_with(item: Value, prefixes: tuple[str, ...]) -> Value:
    """LIKE 'prefix%', for one of several prefixes."""
    if item.ordinary is None:
        return Value(None, item.undefined, item.absent)
    have = item.codes
    true = have is None or any(str(code).startswith(prefixes) for code in have)
    false = have is None or any(not str(code).startswith(prefixes) for code in have)
    return truth(true=true, false=false, undefined=item.undefined, absent=item.absent)


def negate(value: Value) -> Value:
    """NOT."""
    return truth(true=value.can_be_false, false=value.can_be_true, undefined=value.undefined, absent=value.absent)


def at_least(k: int, items: Sequence[Value]) -> Value:
    """At least k of the items: true; false if k is out of reach even counting the undefined; else undefined. Skips what is not in force."""
    reachable = {(0, 0, False)}  # (true, undefined, any in force)
    for item in items:
        steps = [
            step
            for step, possible in (
                ((1, 0, True), item.can_be_true), ((0, 0, True), item.can_be_false), ((0, 1, True), item.undefined), ((0, 0, False), item.absent),
            )
            if possible
        ]  # fmt: skip
        reachable = {(t + dt, u + du, seen or new) for t, u, seen in reachable for dt, du, new in steps}
    return truth(
        true=any(seen and t >= k for t, _, seen in reachable),
        false=any(seen and t + u < k for t, u, seen in reachable),
        undefined=any(seen and t < k <= t + u for t, u, seen in reachable),
        absent=any(not seen for _, _, seen in reachable),
    )


def all_of(items: Sequence[Value], *, listed: bool = True) -> Value:
    """AND: false if any is false, else undefined if any is undefined, else true.

    In a list (`listed`) what is not in force is skipped; in a formula it makes the whole not in force unless something is false.
    """
    false = any(item.can_be_false for item in items)
    avoids_false = all(item.can_be_true or item.undefined or item.absent for item in items)
    if listed:
        true = all(item.can_be_true or item.absent for item in items) and any(item.can_be_true for item in items)
        undefined = any(item.undefined for item in items) and avoids_false
        absent = all(item.absent for item in items)
    else:
        true = all(item.can_be_true for item in items)
        undefined = any(item.undefined for item in items) and all(item.can_be_true or item.undefined for item in items)
        absent = any(item.absent for item in items) and avoids_false
    return truth(true=true, false=false, undefined=undefined, absent=absent)


def any_of(items: Sequence[Value], *, listed: bool = True) -> Value:
    """OR: true if any is true, else undefined if any is undefined, else false."""
    return negate(all_of([negate(item) for item in items], listed=listed))
