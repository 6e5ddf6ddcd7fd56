"""Comparison and logic on what is known: which truth values are still possible.

Undefined and not in force are outcomes of their own. In a list what is not in force is skipped; in a formula
it makes the whole not in force, unless something decides without it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from gangmu.engine.values import Interval, Options, Value, flags, truth


def compare(op: str, left: Value, right: Value) -> Value:
    """A comparison of numbers, dates or codes (equality)."""
    undefined, absent = flags((left, right))
    if left.ordinary is None or right.ordinary is None:
        return Value(None, undefined, absent)
    if isinstance(left.ordinary, Interval) and isinstance(right.ordinary, Interval):
        true, false = _compare_ends(op, left.ordinary, right.ordinary)
    else:
        true, false = _compare_codes(op, left.codes, right.codes)
    return truth(true=true, false=false, undefined=undefined, absent=absent)


_OF_POINTS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq, "<>": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def _compare_ends(op: str, a: Interval, b: Interval) -> tuple[bool, bool]:
    if a.lo is a.hi and b.lo is b.hi:
        holds = _OF_POINTS[op](a.lo, b.lo)
        return holds, not holds
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


def _compare_codes(
    op: str, a: frozenset[str | bool] | None, b: frozenset[str | bool] | None
) -> tuple[bool, bool]:
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
    return truth(
        true=value.can_be_false, false=value.can_be_true, undefined=value.undefined, absent=value.absent
    )


def at_least(k: int, items: Sequence[Value]) -> Value:
    """At least k of the items: true; false if k is out of reach even counting the undefined; else undefined.

    What is not in force is skipped.
    """
    reachable = {(0, 0, False)}  # (true, undefined, any in force)
    for item in items:
        steps = []
        if item.can_be_true:
            steps.append((1, 0, True))
        if item.can_be_false:
            steps.append((0, 0, True))
        if item.undefined:
            steps.append((0, 1, True))
        if item.absent:
            steps.append((0, 0, False))
        reachable = {(t + dt, u + du, seen or new) for t, u, seen in reachable for dt, du, new in steps}
    return truth(
        true=any(seen and t >= k for t, _, seen in reachable),
        false=any(seen and t + u < k for t, u, seen in reachable),
        undefined=any(seen and t < k <= t + u for t, u, seen in reachable),
        absent=any(not seen for _, _, seen in reachable),
    )


def all_of(items: Sequence[Value], *, listed: bool = True) -> Value:
    """AND: false if any is false, else undefined if any is undefined, else true.

    In a list (`listed`) what is not in force is skipped; in a formula it makes the whole not in force unless
    something is false.
    """
    true, false, undefined, absent = _all(items, wanted=True, listed=listed)
    return truth(true=true, false=false, undefined=undefined, absent=absent)


def any_of(items: Sequence[Value], *, listed: bool = True) -> Value:
    """OR: true if any is true, else undefined if any is undefined, else false: NOT of all that are not."""
    false, true, undefined, absent = _all(items, wanted=False, listed=listed)
    return truth(true=true, false=false, undefined=undefined, absent=absent)


def _all(items: Iterable[Value], *, wanted: bool, listed: bool) -> tuple[bool, bool, bool, bool]:
    """Of "all are `wanted`": whether it can be so, not so, undefined, not in force."""
    some_met = some_not = some_undefined = some_absent = False
    all_met = all_met_or_absent = all_met_or_undefined = all_avoid = all_absent = True
    for item in items:
        codes = item.ordinary.codes or () if isinstance(item.ordinary, Options) else ()
        met, undefined, absent = wanted in codes, item.undefined, item.absent
        some_met = some_met or met
        some_not = some_not or (not wanted) in codes
        some_undefined = some_undefined or undefined
        some_absent = some_absent or absent
        all_met = all_met and met
        all_met_or_absent = all_met_or_absent and (met or absent)
        all_met_or_undefined = all_met_or_undefined and (met or undefined)
        all_avoid = all_avoid and (met or undefined or absent)
        all_absent = all_absent and absent
    if listed:
        return all_met_or_absent and some_met, some_not, some_undefined and all_avoid, all_absent
    return all_met, some_not, some_undefined and all_met_or_undefined, some_absent and all_avoid
