"""sum, min, max, avg and count over rows some of which are undecided: the hull over every choice of them.

A member is certain (it counts), undecided (it may count), or `many` (any number of rows like it may count).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from gangmu.engine.arithmetic import subtract
from gangmu.engine.values import INF, End, Interval, Value, point


@dataclass(frozen=True, slots=True)
class Member:
    """A row that an aggregate counts or may count, with the value of its item."""

    item: Value
    certain: bool
    many: bool = False
    absent: bool = False


def aggregate(function: str, members: Sequence[Member]) -> Value:
    """The hull of an aggregate. Over no rows: sum and count are 0; min, max, avg are undefined."""
    undefined = any(member.item.undefined for member in members)
    absent = any(member.item.absent or member.absent for member in members)
    if function == "count":
        lo = sum(member.certain for member in members)
        hi: End = INF if any(member.many for member in members) else Fraction(len(members))
        return Value(Interval(Fraction(lo), hi), absent=absent)
    if any(member.certain and member.item.ordinary is None for member in members):
        return Value(None, undefined, absent)
    usable = [member for member in members if member.item.ordinary is not None]
    if function == "sum":
        return Value(_sum(usable), undefined, absent)
    if not usable:
        return Value(None, undefined or not absent, absent)
    nothing = not any(member.certain for member in usable)
    extreme = {"min": _min, "max": _max, "avg": _avg}[function]
    return Value(extreme(usable), undefined or nothing, absent)


def _sum(members: Sequence[Member]) -> Interval:
    lo: End = Fraction(0)
    hi: End = Fraction(0)
    for member in members:
        low, high = member.item.interval.lo, member.item.interval.hi
        if member.many:
            low, high = (-INF if low < 0 else Fraction(0)), (INF if high > 0 else Fraction(0))
        elif not member.certain:
            low, high = min(low, Fraction(0)), max(high, Fraction(0))
        lo, hi = lo + low, hi + high
    return Interval(lo, hi)


def _min(members: Sequence[Member]) -> Interval:
    lo = min(member.item.interval.lo for member in members)
    sure = [member.item.interval.hi for member in members if member.certain]
    return Interval(lo, min(sure) if sure else max(member.item.interval.hi for member in members))


def _max(members: Sequence[Member]) -> Interval:
    low = _min(_mirrored(members))
    return Interval(-low.hi, -low.lo)


def _avg(members: Sequence[Member]) -> Interval:
    return Interval(_lowest_mean(members), -_lowest_mean(_mirrored(members)))


def _mirrored(members: Sequence[Member]) -> list[Member]:
    """The members with their items negated, so that the greatest is found as the least."""
    return [Member(subtract(point(0), member.item), member.certain, member.many) for member in members]


def _lowest_mean(members: Sequence[Member]) -> End:
    """The lowest mean.

    Certain rows stand at their low ends; undecided ones join from the lowest up while they pull the mean
    down.
    """
    sure = [member.item.interval.lo for member in members if member.certain]
    open_rows = sorted((member.item.interval.lo, member.many) for member in members if not member.certain)
    if not sure:
        return open_rows[0][0]
    if any(isinstance(end, float) for end in sure):
        return -INF if min(sure) == -INF else INF
    total, count = sum(Fraction(end) for end in sure), len(sure)
    for low, many in open_rows:
        if isinstance(low, float):
            return low if low < 0 else total / count
        if low >= total / count:
            break
        if many:
            return low
        total, count = total + low, count + 1
    return total / count
