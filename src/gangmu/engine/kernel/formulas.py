"""Comparisons, CASE and LAST in machine code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gangmu.engine.kernel.domain import Codes, Num, Truth, Value
from gangmu.engine.kernel.emit import Bit
from gangmu.rulebook import expression as ex
from gangmu.rulebook.types import CodeType, LevelType

if TYPE_CHECKING:
    from gangmu.engine.kernel.program import Program


def last(p: Program, n: int) -> Truth:
    """LAST(n): whether the row is of one of the n fiscal years before the base year."""
    base = p.facts.clock("base_year")
    period = p.facts.period()
    first, last = p.d.subtract(base, p.d.number(n)), p.d.subtract(base, p.d.number(1))
    e, r = p.e, p.r
    outside = e.or_(r.less(period.lo, first.lo), r.less(last.lo, period.hi))
    inside = e.and_(e.not_(r.less(last.lo, period.lo)), e.not_(r.less(period.hi, first.lo)))
    return Truth(inside, outside)


def _scale(p: Program, node: ex.Expression) -> tuple[str, ...]:
    kind = p.book.rules[node.name].type if isinstance(node, ex.Ref | ex.Field) else None
    return kind.scale if isinstance(kind, LevelType) else ()


def _listed(p: Program, node: ex.Expression) -> bool:
    """Whether a code is one of those that the book lists, and so has an atom of its own."""
    if isinstance(node, ex.Ref | ex.Field):
        kind = p.book.rules[node.name].type
        return isinstance(kind, CodeType) and kind.options is not None
    return isinstance(node, ex.Text)


def compare(p: Program, node: ex.Compare) -> Truth:
    """A comparison of numbers, dates, codes, levels or conditions."""
    left, right = p.eval(node.left), p.eval(node.right)
    scale = _scale(p, node.left) or _scale(p, node.right)
    if isinstance(left, Num) and isinstance(right, Num):
        return p.d.compare(node.op, left, right)
    if isinstance(left, Codes) and isinstance(right, Codes):
        if scale and node.op not in ("=", "<>"):
            places = [left.atoms.of(code) for code in scale]
            ranks = [p.d.ranks(value, places) for value in (left, right)]
            return p.d.compare(node.op, *ranks)
        if not scale and not any(_listed(p, side) for side in (node.left, node.right)):
            raise p.refuse("two codes that may be any text are compared")
        return p.d.compare_codes(node.op, left, right)
    if isinstance(left, Truth) and isinstance(right, Truth):
        return p.d.compare_truths(node.op, left, right)
    raise p.refuse("values of two kinds are compared")


def case(
    p: Program, whens: tuple[tuple[ex.Expression, ex.Expression], ...], otherwise: ex.Expression | None
) -> Value:
    """CASE: the first branch whose test holds."""
    e, d = p.e, p.d
    alive: Bit = True
    outcomes: list[Value] = []
    for test, then in whens:
        known = p.truth(test)
        value = p.eval(then)
        outcomes.append(d.where(e.and_(alive, known.true), value))
        outcomes.append(d.nothing(value, absent=e.and_(alive, known.absent)))
        alive = e.and_(alive, e.or_(known.false, known.undefined))
    if otherwise is not None:
        outcomes.append(d.where(alive, p.eval(otherwise)))
    else:
        outcomes.append(d.nothing(outcomes[0], undefined=alive))
    return d.union(outcomes)
