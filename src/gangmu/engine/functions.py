"""The functions and operators of formulas, by the name under which the tree calls them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from gangmu.engine import arithmetic, calendar
from gangmu.engine.logic import compare
from gangmu.engine.values import UNDEFINED, End, Interval, Value, lift, point, union


def _coalesce(args: Sequence[Value]) -> Value:
    outcomes = []
    for arg in args:
        outcomes.append(replace(arg, undefined=False))
        if not arg.undefined:
            return union(outcomes)
    return union([*outcomes, UNDEFINED])


def _nullif(args: Sequence[Value]) -> Value:
    same = compare("=", args[0], args[1])
    if same.is_true:
        return UNDEFINED
    return replace(args[0], undefined=args[0].undefined or same.can_be_true, absent=same.absent)


def _stepped(how: str) -> Callable[[Sequence[Value]], Value]:
    def to_step(args: Sequence[Value]) -> Value:
        step = (args[1] if len(args) > 1 else point(1)).ordinary
        if not isinstance(step, Interval) or isinstance(step.lo, float) or step.lo != step.hi or step.lo <= 0:
            return UNDEFINED
        return arithmetic.to_step(args[0], step.lo, how)

    return to_step


def _spans(measure: Callable[[End, End], End]) -> Callable[[Sequence[Value]], Value]:
    """DAYS, MONTHS, YEARS: from a to b, growing with b and falling with a."""
    return lambda args: lift(args, lambda e: Interval(measure(e[0].hi, e[1].lo), measure(e[0].lo, e[1].hi)))


def _years(start: End, end: End) -> End:
    months = calendar.months_between(start, end)
    return months if isinstance(months, float) else Fraction(int(months / 12) * 12)


def _days(start: End, end: End) -> End:
    return Fraction(0) if isinstance(start, float) and start == end else end - start


CALLS: Final[dict[str, Callable[[Sequence[Value]], Value]]] = {
    "+": lambda args: arithmetic.add(*args),
    "-": lambda args: arithmetic.subtract(*args),
    "*": lambda args: arithmetic.multiply(*args),
    "/": lambda args: arithmetic.divide(*args),
    "ABS": lambda args: arithmetic.absolute(*args),
    "LEAST": arithmetic.least,
    "GREATEST": arithmetic.greatest,
    "COALESCE": _coalesce,
    "NULLIF": _nullif,
    "ROUND": _stepped("half_up"),
    "FLOOR": _stepped("floor"),
    "CEIL": _stepped("ceil"),
    "POWER": lambda args: arithmetic.power(*args),
    "SQRT": lambda args: arithmetic.square_root(*args),
    "LN": lambda args: arithmetic.logarithm(*args),
    "EXP": lambda args: arithmetic.exponential(*args),
    "GROWTH": lambda args: arithmetic.growth(args[0], args[1], int(args[2].interval.lo)),
    "YEAR": lambda args: arithmetic.monotone(args[0], calendar.year_of),
    "DAYS": _spans(_days),
    "MONTHS": _spans(calendar.months_between),
    "YEARS": _spans(_years),
    "ADD_MONTHS": lambda args: lift(
        args,
        lambda e: Interval(
            calendar.add_months_to(e[0].lo, e[1].lo), calendar.add_months_to(e[0].hi, e[1].hi)
        ),
    ),
}
