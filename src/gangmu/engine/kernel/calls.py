"""The functions and operators of formulas in machine code, by the name under which the tree calls them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gangmu.engine.kernel.calendars import Calendar
from gangmu.engine.kernel.domain import Codes, Num, Value
from gangmu.engine.kernel.emit import Bit
from gangmu.engine.kernel.numbers import End
from gangmu.engine.kernel.stages import is_rounded
from gangmu.engine.kernel.steps import to_step
from gangmu.rulebook import expression as ex

if TYPE_CHECKING:
    from gangmu.engine.kernel.program import Program


def call(p: Program, node: ex.Call) -> Value:
    """What a function or operator gives."""
    if is_rounded(node):
        return p.facts.staged(node)
    match node.name:
        case "COALESCE":
            return _coalesce(p, node.args)
        case "NULLIF":
            return _nullif(p, *node.args)
        case "POWER":
            return _power(p, *node.args)
    args = [p.num(arg) for arg in node.args]
    match node.name:
        case "+":
            return p.d.add(*args)
        case "-":
            return p.d.subtract(*args)
        case "*":
            return p.d.multiply(*args)
        case "/":
            return p.d.divide(*args)
        case "ABS":
            return p.d.absolute(*args)
        case "LEAST" | "GREATEST":
            return p.d.extreme(args, greatest=node.name == "GREATEST")
        case "ROUND" | "FLOOR" | "CEIL":
            how = {"ROUND": "half_up", "FLOOR": "floor", "CEIL": "ceil"}[node.name]
            return to_step(p, args[0], args[1] if len(args) > 1 else p.d.number(1), how)
    return _call_date(p, node, args)


def _call_date(p: Program, node: ex.Call, args: Sequence[Num]) -> Num:
    match node.name:
        case "GROWTH":
            return _growth(p, args)
        case "DAYS":
            return _span(p, args, _days)
        case "MONTHS":
            return _span(p, args, _months)
        case "YEARS":
            return _span(p, args, _years)
        case "YEAR":
            lo = _year(p, args[0].lo)
            hi = lo if args[0].is_point else _year(p, args[0].hi)
            return p.d.lift(args, lo, hi)
        case "ADD_MONTHS":
            return add_months(p, *args)
    raise p.refuse(f"there is no function {node.name}")


def _power(p: Program, base: ex.Expression, exponent: ex.Expression) -> Num:
    assert isinstance(exponent, ex.Number)  # noqa: S101  all others are rounded
    return p.d.power(p.num(base), int(exponent.value))


def _growth(p: Program, args: Sequence[Num]) -> Num:
    e, r, d = p.e, p.r, p.d
    later, earlier = args[:2]
    guard = e.and_(later.some, earlier.some)
    outside = e.or_(e.not_(r.positive(earlier.lo, guard)), r.negative(later.lo, guard))
    hopeless = e.or_(e.not_(r.positive(earlier.hi, guard)), r.negative(later.hi, guard))
    if later.is_point and earlier.is_point:
        end = r.over(later.lo, earlier.lo)
        lo = hi = r.add(end, r.const(-1))
    else:
        floor = r.pick(r.negative(later.lo, guard), r.const(0), later.lo)
        low = replace(r.over(floor, earlier.hi), ninf=False)
        safe = r.positive(earlier.lo, guard)
        high = r.over(later.hi, earlier.lo)
        off = e.and_(e.not_(safe), r.positive(later.hi, guard))
        zero = e.and_(e.not_(safe), e.not_(off))
        high = r.pick(zero, r.const(0), high)
        high = replace(high, pinf=e.or_(high.pinf, off))
        lo, hi = r.add(low, r.const(-1)), r.add(high, r.const(-1))
    return d.lift((later, earlier), lo, hi, more=outside, some=e.not_(hopeless))


def _ordinal(p: Program, end: End) -> str:
    if end.fixed != 1 or not end.num.small:
        raise p.refuse("a day or a count of months that is no whole number")
    return end.num.exact(64)


def _days(p: Program, start: str, end: str) -> str:
    return p.e.ins(f"sub i64 {end}, {start}")


def _months(p: Program, start: str, end: str) -> str:
    return Calendar(p.e).months(start, end)


def _years(p: Program, start: str, end: str) -> str:
    months = Calendar(p.e).months(start, end)
    return p.e.ins(f"mul i64 {p.e.ins(f'sdiv i64 {months}, 12')}, 12")


def _span(p: Program, args: Sequence[Num], measure: Callable[[Program, str, str], str]) -> Num:
    a, b = args
    edge = 4_000_000

    def one(start: End, end: End) -> End:
        register = measure(p, _ordinal(p, start), _ordinal(p, end))
        flags = (p.e.or_(start.pinf, end.ninf), p.e.or_(start.ninf, end.pinf))
        return End(p.r.w.leaf(register, -edge, edge), p.r.w.const(1), *flags)

    lo = one(a.hi, b.lo)
    hi = lo if a.is_point and b.is_point else one(a.lo, b.hi)
    return p.d.lift(args, lo, hi)


def _year(p: Program, end: End) -> End:
    year = Calendar(p.e).civil(_ordinal(p, end))[0]
    return replace(end, num=p.r.w.leaf(year, 1, 9999))


def add_months(p: Program, day: Num, months: Num) -> Num:
    """ADD_MONTHS; endless stays endless."""

    def one(end: End, count: End) -> End:
        if count.ninf is not False or count.pinf is not False:
            raise p.refuse("ADD_MONTHS of a number of months that may be endless")
        found = Calendar(p.e).add_months(_ordinal(p, end), _ordinal(p, count))
        return replace(end, num=p.r.w.leaf(found, 1, 3_652_059))

    lo = one(day.lo, months.lo)
    hi = lo if day.is_point and months.is_point else one(day.hi, months.hi)
    return p.d.lift((day, months), lo, hi)


def _coalesce(p: Program, args: Sequence[ex.Expression]) -> Value:
    alive: Bit = True
    outcomes: list[Value] = []
    for arg in args:
        value = p.eval(arg)
        outcomes.append(p.d.where(alive, replace(value, undefined=False)))
        alive = p.e.and_(alive, value.undefined)
    return p.d.union([*outcomes, p.d.nothing(outcomes[0], undefined=alive)])


def _nullif(p: Program, first: ex.Expression, second: ex.Expression) -> Value:
    e, d = p.e, p.d
    value, other = p.eval(first), p.eval(second)
    if isinstance(value, Codes) and isinstance(other, Codes):
        same = d.compare_codes("=", value, other)
        left = e.not_(d.is_true(same))
        mask = d.pick_mask(value.atoms, left, value.mask, 0)
        flags = (e.or_(value.undefined, same.true), e.and_(same.absent, left))
        return Codes(mask, value.atoms, *flags)
    if not (isinstance(value, Num) and isinstance(other, Num)):
        raise p.refuse("NULLIF of conditions")
    same = d.compare("=", value, other)
    sure = d.is_true(same)
    left = e.not_(sure)
    undefined = e.or_(value.undefined, same.true)
    return Num(e.and_(value.some, left), value.lo, value.hi, undefined, e.and_(same.absent, left))
