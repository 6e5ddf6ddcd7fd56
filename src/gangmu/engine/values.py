"""What is known of a value: an interval or a set, possibly undefined, possibly not in force.

A `Value` is the set of outcomes still possible. Numbers and dates are a closed interval (dates as ordinals,
exact fractions, ends may be endless); truth values, codes and levels are a set, `None` being "any text". What
operators make of values is in `arithmetic` and `logic`.

Values never change: every field is `Final`, which mypy holds. They are not frozen dataclasses because a run
makes thousands of them, and a frozen one takes three times as long to make.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

End = Fraction | float  # a float only for the endless ends
INF = math.inf


@dataclass(slots=True, unsafe_hash=True)
class Interval:
    """Closed; ends may be endless."""

    lo: Final[End]
    hi: Final[End]

    @property
    def is_point(self) -> bool:
        """Whether one value is left."""
        return self.lo is self.hi or self.lo == self.hi


@dataclass(slots=True, unsafe_hash=True)
class Options:
    """Codes, levels or truth values still possible; `codes` None is any text."""

    codes: Final[frozenset[str | bool] | None]


NO_CODES: frozenset[str | bool] = frozenset()
Ordinary = Interval | Options | None  # None: no ordinary value is possible


@dataclass(slots=True, unsafe_hash=True)
class Value:
    """The outcomes still possible: ordinary ones, being undefined, being not in force."""

    ordinary: Final[Ordinary]
    undefined: Final[bool] = False
    absent: Final[bool] = False

    @property
    def is_known(self) -> bool:
        """Whether exactly one outcome is left."""
        return self.count == 1

    @property
    def count(self) -> int:
        """1 if one outcome is left, more if several."""
        ordinary = self.ordinary
        if ordinary is None:
            count = 0
        elif isinstance(ordinary, Interval):
            count = 1 if ordinary.is_point else 2
        else:
            count = 2 if ordinary.codes is None else len(ordinary.codes)
        return count + self.undefined + self.absent

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
        return self is TRUE or (self is not FALSE and self == TRUE)

    @property
    def is_false(self) -> bool:
        """Whether only false is left."""
        return self is FALSE or (self is not TRUE and self == FALSE)


_TRUTHS = [  # by what is possible: true 1, false 2, undefined 4, absent 8
    Value(
        Options(frozenset(value for value, bit in ((True, 1), (False, 2)) if bits & bit))
        if bits & 3
        else None,
        bool(bits & 4),
        bool(bits & 8),
    )
    for bits in range(16)
]
TRUE, FALSE, EITHER, UNDEFINED, ABSENT = (_TRUTHS[bits] for bits in (1, 2, 3, 4, 8))
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


def truth(*, true: bool, false: bool, undefined: bool = False, absent: bool = False) -> Value:
    """A truth value by what is still possible."""
    return _TRUTHS[true | false << 1 | undefined << 2 | absent << 3]


def union(values: Iterable[Value]) -> Value:
    """Any of these values."""
    ordinary: Ordinary = None
    undefined = absent = False
    for value in values:
        undefined, absent = undefined or value.undefined, absent or value.absent
        other = value.ordinary
        if ordinary is None or other is None:
            ordinary = other if ordinary is None else ordinary
        elif isinstance(ordinary, Interval) and isinstance(other, Interval):
            ordinary = Interval(min(ordinary.lo, other.lo), max(ordinary.hi, other.hi))
        elif isinstance(ordinary, Options) and isinstance(other, Options):
            open_ = ordinary.codes is None or other.codes is None
            ordinary = Options(None if open_ else (ordinary.codes or NO_CODES) | (other.codes or NO_CODES))
        else:
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
    undefined = absent = False
    intervals = []
    for value in values:
        undefined, absent = undefined or value.undefined, absent or value.absent
        if isinstance(value.ordinary, Interval):
            intervals.append(value.ordinary)
    if len(intervals) < len(values):
        return Value(None, undefined, absent)
    result = operate(intervals)
    ordinary, more = result if isinstance(result, tuple) else (result, False)
    return Value(ordinary, undefined or more, absent)
