"""Rounding to whole steps in machine code: the only place that divides, and it divides whole numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gangmu.engine.kernel.domain import Num
from gangmu.engine.kernel.numbers import End
from gangmu.rulebook import model

if TYPE_CHECKING:
    from gangmu.engine.kernel.program import Program


def rounded(p: Program, value: Num, rounding: model.Rounding) -> Num:
    """To the steps that a rule states."""
    return to_step(p, value, p.quantity(rounding.to), rounding.how)


def to_step(p: Program, value: Num, step: Num, how: str) -> Num:
    """Round to whole steps."""
    lo = _stepped(p, value.lo, step.lo, how)
    hi = lo if value.is_point else _stepped(p, value.hi, step.lo, how)
    return Num(value.some, lo, hi, value.undefined, value.absent)


def _stepped(p: Program, end: End, step: End, how: str) -> End:
    """One end; its quotient by the step must fit a word."""
    if step.num.lo < 1 or step.fixed is None or step.ninf is not False or step.pinf is not False:
        raise p.refuse("a rounding step that is no positive number of the book")
    e, w = p.e, p.r.w
    steps = p.r.over(end, step)
    num, den = steps.num, steps.den
    above = num.lo >= 0
    if how == "half_up":
        num, den = w.add(w.mul(num, w.const(2)), den), w.mul(den, w.const(2))
    if not (num.small and den.small):
        raise p.refuse("a number to be rounded needs more than a machine word")
    n, k = num.exact(64), den.exact(64)
    cut = e.ins(f"sdiv i64 {n}, {k}")
    rest = e.ins(f"sub i64 {n}, {e.ins(f'mul i64 {cut}, {k}')}")
    more = e.ins(f"icmp sgt i64 {rest}, 0")
    less = e.ins(f"icmp slt i64 {rest}, 0")
    whole = _whole_steps(p, how, (n, k), (cut, rest), (more, less))
    edge = max(abs(num.lo), abs(num.hi)) + 1
    found = End(w.leaf(whole, -edge, edge), w.const(1), end.ninf, end.pinf)
    if above:
        found = replace(found, num=w.leaf(whole, 0, edge))
    return replace(p.r.mul(replace(found, ninf=False, pinf=False), step), ninf=end.ninf, pinf=end.pinf)


def _whole_steps(
    p: Program, how: str, ends: tuple[str, str], parts: tuple[str, str], signs: tuple[str, str]
) -> str:
    e = p.e
    (cut, rest), (more, less) = parts, signs
    up, down = e.bit_as(more, "i64"), e.bit_as(less, "i64")
    match how:
        case "floor":
            return e.ins(f"sub i64 {cut}, {down}")
        case "ceil":
            return e.ins(f"add i64 {cut}, {up}")
        case "down":
            return cut
        case "up":
            return e.ins(f"sub i64 {e.ins(f'add i64 {cut}, {up}')}, {down}")
        case "half_even":
            return _half_even(p, ends, cut, less)
        case "half_up":
            return _half_up(p, ends, cut, (rest, less))
    raise p.refuse(f"rounding `{how}`")


def _half_even(p: Program, ends: tuple[str, str], cut: str, less: str) -> str:
    """Half to the even neighbour."""
    e = p.e
    n, k = ends
    floor = e.ins(f"sub i64 {cut}, {e.bit_as(less, 'i64')}")
    rest = e.ins(f"sub i64 {n}, {e.ins(f'mul i64 {floor}, {k}')}")
    twice = e.ins(f"mul i64 {rest}, 2")
    odd = e.ins(f"icmp ne i64 {e.ins(f'and i64 {floor}, 1')}, 0")
    half = e.and_(e.ins(f"icmp eq i64 {twice}, {k}"), odd)
    up = e.or_(e.ins(f"icmp sgt i64 {twice}, {k}"), half)
    return e.ins(f"add i64 {floor}, {e.bit_as(up, 'i64')}")


def _half_up(p: Program, ends: tuple[str, str], cut: str, rest: tuple[str, str]) -> str:
    """Half away from zero: floor(x + 1/2) above 0, ceil(x - 1/2) below; `ends` hold x + 1/2."""
    e = p.e
    n, k = ends
    floor = e.ins(f"sub i64 {cut}, {e.bit_as(rest[1], 'i64')}")
    # below zero an exact half goes down: there x + 1/2 is whole
    exact = e.ins(f"icmp eq i64 {rest[0]}, 0")
    half = e.ins(f"sdiv i64 {k}, 2")
    below = e.ins(f"icmp slt i64 {n}, {half}")
    return e.ins(f"sub i64 {floor}, {e.bit_as(e.and_(exact, below), 'i64')}")
