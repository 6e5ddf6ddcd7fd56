"""Scores, levels and amounts in machine code, and whether a score passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gangmu.engine.kernel.domain import Codes, Num, Truth, Value
from gangmu.engine.kernel.emit import Bit
from gangmu.engine.kernel.steps import rounded
from gangmu.rulebook import model
from gangmu.rulebook.types import LevelType

if TYPE_CHECKING:
    from gangmu.engine.kernel.program import Program


def parts(p: Program, body: model.Score) -> list[tuple[model.Part, Num]]:
    """Each part of a score under its cap."""
    found = []
    for part in body.parts:
        value = p.num(part.expression)
        if part.cap is not None:
            value = p.d.extreme([value, p.quantity(part.cap)], greatest=False)
        found.append((part, value))
    return found


def score(p: Program, body: model.Score) -> Num:
    """The sum of the parts."""
    total = p.d.number(0)
    for _, value in parts(p, body):
        total = p.d.add(total, value)
    if body.cap is not None:
        total = p.d.extreme([total, p.quantity(body.cap)], greatest=False)
    return total if body.rounding is None else rounded(p, total, body.rounding)


def passes(p: Program, name: str) -> Truth:
    """PASSES(score): the mark, and the least of every part that has one."""
    outcomes: list[Value] = []
    editions, left = p.reached(p.book.rules[name])
    for edition, reach in editions:
        body = edition.body
        if not isinstance(body, model.Score) or body.passing is None:
            raise p.refuse("PASSES of what has no mark")
        side, mark = body.passing
        tests = [
            p.d.compare(">=", value, p.quantity(part.min))
            for part, value in parts(p, body)
            if part.min is not None
        ]
        op = {"ge": ">=", "gt": ">"}[side]
        tests.append(p.d.compare(op, score(p, body), p.quantity(mark)))
        outcomes.append(p.d.where(reach, p.d.all_of(tests)))
    return states(p, outcomes, left)


def states(p: Program, outcomes: list[Value], left: Bit) -> Truth:
    """The union; not in force where no edition can decide."""
    if left is False:
        return p.as_truth(p.d.union(outcomes))
    p.lapses = True
    none = p.e.not_(p.e.or_(*(_any(p, value) for value in outcomes)))
    found = p.d.union([*outcomes, Truth(False, False, absent=none)])
    return p.as_truth(found)


def _any(p: Program, value: Value) -> Bit:
    return p.e.or_(p.d.some(value), value.undefined, value.absent)


def level(p: Program, rule: model.Rule, body: model.LevelOf) -> Codes:
    """The lowest or highest of some levels."""
    assert isinstance(rule.type, LevelType)  # noqa: S101  proved by the checker
    e, d = p.e, p.d
    atoms = p.families.of(rule.name)
    places = [atoms.of(code) for code in rule.type.scale]
    items = [p.as_codes(p.eval(node)) for node in body.of]
    some = e.and_(*(d.some(item) for item in items))
    union: int | str = 0
    for item in items:
        union = d.mask_or(atoms, union, item.mask)
    kept: int | str = 0
    for rank, atom in enumerate(places):
        beyond = places[rank + 1 :] if body.pick == "least" else places[:rank]
        allowed = sum(1 << other for other in (*beyond, atom))
        # kept unless some level certainly lies lower (least) or higher (greatest)
        open_ = e.and_(*(d.meets(atoms, item.mask, allowed) for item in items))
        one = d.mask_and(atoms, union, 1 << atom)
        kept = d.mask_or(atoms, kept, d.pick_mask(atoms, open_, one, 0))
    flags = (e.or_(*(i.undefined for i in items)), e.or_(*(i.absent for i in items)))
    return Codes(d.pick_mask(atoms, some, kept, 0), atoms, *flags)


def amount(p: Program, body: model.Amount) -> Num:
    """The least of the limits; 0 where the condition fails."""
    amount = p.d.extreme([p.num(node) for _, node in body.limits], greatest=False)
    if body.rounding is not None:
        amount = rounded(p, amount, body.rounding)
    if body.when is None:
        return amount
    test = p.truth(body.when)
    outcomes = [p.d.where(test.true, amount), p.d.where(test.false, p.d.number(0))]
    closed = p.d.nothing(amount, undefined=test.undefined, absent=test.absent)
    return p.as_num(p.d.union([*outcomes, closed]))
