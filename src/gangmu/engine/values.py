"""What is known of a value: an interval or a set, possibly undefined, possibly not in force.

A `Value` is the set of outcomes still possible. Numbers and dates are a closed interval (dates as ordinals,
exact fractions, ends may be endless); truth values, codes and levels are a set, `None` being "any text". What
operators make of values is in `arithmetic` and `logic`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

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
        return self.lo is self.hi or self.lo == self.hi


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
        return self is TRUE or self == TRUE

    @property
    def is_false(self) -> bool:
        """Whether only false is left."""
        return self is FALSE or self == FALSE


UNDEFINED = Value(None, undefined=True)
ABSENT = Value(None, absent=True)
TRUE = Value(Options(frozenset({True})))
FALSE = Value(Options(frozenset({False})))
EITHER = Value(Options(frozenset({True, False})))
ANY_TEXT = Value(Options(None))
ANY_NUMBER = Value(Interval(-INF, INF))


def point(number: Fraction | int) -> Value:
    """A known number."""
    exact = number if type(number) is Fraction else Fraction(number)
    return Value(Interval(exact, exact))


def between(lo: End | None, hi: End | None) -> Value:
    """A number between two ends (None: endless)."""
    return Value(Interval(-INF if lo is None else lo, INF if hi is None else hi))


def one_of(codes: Iterable[str | bool]) -> Value:
    """A code, level or truth value among some."""
    return Value(Options(frozenset(codes)))


@cache
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


def flags(values: Iterable[Value]) -> tuple[bool, bool]:
    """Whether any may be undefined, and whether any may be not in force: both pass through an operator."""
    undefined = absent = False
    for value in values:
        undefined, absent = undefined or value.undefined, absent or value.absent
    return undefined, absent


def lift(
    values: Sequence[Value], operate: Callable[[Sequence[Interval]], Ordinary | tuple[Ordinary, bool]]
) -> Value:
    """Apply an operator on intervals; undefined and absent arguments pass through."""
    undefined, absent = flags(values)
    intervals = [value.ordinary for value in values if isinstance(value.ordinary, Interval)]
    if len(intervals) < len(values):
        return Value(None, undefined, absent)
    result = operate(intervals)
    ordinary, more = result if isinstance(result, tuple) else (result, False)
    return Value(ordinary, undefined or more, absent)
