"""What is known of a value, over terms: the operators of `engine.values`, `arithmetic`, `logic`, one for one.

A number is an interval of two ends (the same object twice: a point, and every operator keeps it so). A truth
value is four bits: may be true, false, undefined, not in force. Codes, levels and states are the texts that
are possible, each with when: constants, texts of the data, or any text at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from gangmu.engine.sql.numbers import End, Rationals
from gangmu.engine.sql.terms import Bit, Term, Terms, Text

_NONE: Final[Mapping[str, Bit]] = MappingProxyType({})


class UnsupportedBySql(Exception):  # noqa: N818  the name says what it is
    """The SQL engine, or this dialect, does not do this; the interpreter does."""

    def __init__(self, rule: str, reason: str) -> None:
        """Say which rule and why."""
        super().__init__(f"{rule}: {reason}" if rule else reason)
        self.rule, self.reason = rule, reason


@dataclass(frozen=True, slots=True)
class Num:
    """A number or a date: whether an ordinary one is possible, its ends, undefined, not in force."""

    some: Bit
    lo: End
    hi: End
    undefined: Bit = False
    absent: Bit = False

    @property
    def is_point(self) -> bool:
        """Whether both ends are one by construction."""
        return self.lo is self.hi or self.lo == self.hi


@dataclass(frozen=True, slots=True)
class Truth:
    """A truth value: which outcomes are possible."""

    true: Bit
    false: Bit
    undefined: Bit = False
    absent: Bit = False


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes that are possible: constants and texts of the data, each with when, or any text."""

    known: Mapping[str, Bit] = field(default_factory=lambda: _NONE)
    texts: tuple[tuple[Bit, Term], ...] = ()
    any: Bit = False
    undefined: Bit = False
    absent: Bit = False


Value = Num | Truth | Codes
TRUE, FALSE = Truth(true=True, false=False), Truth(true=False, false=True)


class Domain:
    """The operators."""

    def __init__(self, terms: Terms) -> None:
        """Write into `terms`."""
        self.t, self.r = terms, Rationals(terms)

    # ------------------------------------------------------------------ making

    def number(self, value: Fraction | int) -> Num:
        """A known number."""
        end = self.r.const(value)
        return Num(True, end, end)

    def code(self, text: str) -> Codes:
        """A known code."""
        return Codes({text: True})

    def nothing(self, like: Value, *, undefined: Bit = False, absent: Bit = False) -> Value:
        """No ordinary value of the kind of `like`."""
        match like:
            case Num():
                return Num(False, like.lo, like.lo, undefined, absent)
            case Truth():
                return Truth(False, False, undefined, absent)
            case Codes():
                return Codes(undefined=undefined, absent=absent)

    def some(self, value: Value) -> Bit:
        """Whether an ordinary value is possible."""
        match value:
            case Num():
                return value.some
            case Truth():
                return self.t.or_(value.true, value.false)
            case Codes():
                return self.t.or_(*value.known.values(), *(bit for bit, _ in value.texts), value.any)

    def possible(self, value: Value) -> Bit:
        """Whether there is any outcome."""
        return self.t.or_(self.some(value), value.undefined, value.absent)

    def where(self, reach: Bit, value: Value) -> Value:
        """The value where it can be reached, else no outcome."""
        t = self.t
        if reach is True:
            return value
        flags = (t.and_(reach, value.undefined), t.and_(reach, value.absent))
        match value:
            case Num():
                return Num(t.and_(reach, value.some), value.lo, value.hi, *flags)
            case Truth():
                return Truth(t.and_(reach, value.true), t.and_(reach, value.false), *flags)
            case Codes():
                known = {code: t.and_(reach, bit) for code, bit in value.known.items()}
                texts = tuple((t.and_(reach, bit), text) for bit, text in value.texts)
                return Codes(known, texts, t.and_(reach, value.any), *flags)

    def union(self, values: Sequence[Value]) -> Value:
        """Any of these."""
        found = values[0]
        for value in values[1:]:
            found = self._join(found, value)
        return found

    def _join(self, a: Value, b: Value) -> Value:
        t = self.t
        undefined, absent = t.or_(a.undefined, b.undefined), t.or_(a.absent, b.absent)
        match a, b:
            case Num(), Num():
                lo, hi = self._hull(a, b)
                return Num(t.or_(a.some, b.some), lo, hi, undefined, absent)
            case Truth(), Truth():
                return Truth(t.or_(a.true, b.true), t.or_(a.false, b.false), undefined, absent)
            case Codes(), Codes():
                known = {
                    code: t.or_(a.known.get(code, False), b.known.get(code, False))
                    for code in (*a.known, *(code for code in b.known if code not in a.known))
                }
                texts: dict[Term, Bit] = {}
                for bit, text in (*a.texts, *b.texts):
                    texts[text] = t.or_(texts.get(text, False), bit)
                listed = tuple((bit, text) for text, bit in texts.items())
                return Codes(known, listed, t.or_(a.any, b.any), undefined, absent)
        raise UnsupportedBySql("", "a union of different kinds")

    def _hull(self, a: Num, b: Num) -> tuple[End, End]:
        if a.some is False:
            return b.lo, b.hi
        if b.some is False:
            return a.lo, a.hi
        t, r = self.t, self.r
        if a.is_point and b.is_point and t.and_(a.some, b.some) is False:
            end = r.pick(b.some, b.lo, a.lo)
            return end, end
        lo = self._merged(a, b, r.less(b.lo, a.lo), low=True)
        hi = self._merged(a, b, r.less(a.hi, b.hi), low=False)
        return lo, hi

    def _merged(self, a: Num, b: Num, second: Bit, *, low: bool) -> End:
        """The end of b where a has none or b's is further out."""
        t = self.t
        take = t.and_(b.some, t.or_(t.not_(a.some), second))
        return self.r.pick(take, b.lo if low else b.hi, a.lo if low else a.hi)

    # ------------------------------------------------------------------ arithmetic

    def lift(self, values: Sequence[Num], lo: End, hi: End, more: Bit = False, some: Bit = True) -> Num:
        """A result of an operator: flags pass through, ordinary where all are (and `some`)."""
        t = self.t
        ordinary = t.and_(*(value.some for value in values))
        undefined = t.or_(*(value.undefined for value in values), t.and_(ordinary, more))
        return Num(t.and_(ordinary, some), lo, hi, undefined, t.or_(*(value.absent for value in values)))

    def add(self, a: Num, b: Num) -> Num:
        """A + b."""
        lo = self.r.add(a.lo, b.lo)
        return self.lift((a, b), lo, lo if a.is_point and b.is_point else self.r.add(a.hi, b.hi))

    def negative(self, a: Num) -> Num:
        """-a."""
        lo = self.r.neg(a.hi)
        return replace(a, lo=lo, hi=lo if a.is_point else self.r.neg(a.lo))

    def subtract(self, a: Num, b: Num) -> Num:
        """A - b."""
        return self.add(a, self.negative(b))

    def multiply(self, a: Num, b: Num) -> Num:
        """A * b."""
        r = self.r
        if a.is_point and b.is_point:
            end = r.mul(a.lo, b.lo)
            return self.lift((a, b), end, end)
        if a.is_point:
            a, b = b, a
        if b.is_point:
            first, second = r.mul(a.lo, b.lo), r.mul(a.hi, b.lo)
            turned = r.sign(b.lo)[0]
            return self.lift((a, b), r.pick(turned, second, first), r.pick(turned, first, second))
        if r.sign(a.lo)[0] is False and r.sign(b.lo)[0] is False:
            return self.lift((a, b), r.mul(a.lo, b.lo), r.mul(a.hi, b.hi))
        corners = [r.mul(x, y) for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
        lo = hi = corners[0]
        for corner in corners[1:]:
            lo, hi = r.minimum(lo, corner), r.maximum(hi, corner)
        return self.lift((a, b), lo, hi)

    def divide(self, a: Num, b: Num) -> Num:
        """A / b; undefined where b is 0."""
        if b.is_point:
            return self._divide_by_point(a, b)
        t, r = self.t, self.r
        above, below = r.sign(b.hi)[1], r.sign(b.lo)[0]
        outcomes: list[Value] = []
        if above is not False:
            outcomes.append(replace(self._side(a, b), some=above))
        if below is not False:
            outcomes.append(replace(self._side(self.negative(a), self.negative(b)), some=below))
        if not outcomes:
            return self.lift((a, b), a.lo, a.hi, more=True, some=False)
        found = self.union(outcomes)
        assert isinstance(found, Num)  # noqa: S101  of numbers
        whole = t.or_(r.sign(b.lo)[1], r.sign(b.hi)[0])
        return self.lift((a, b), found.lo, found.hi, more=t.not_(whole), some=t.or_(above, below))

    def _divide_by_point(self, a: Num, b: Num) -> Num:
        t, r = self.t, self.r
        below, above = r.sign(b.lo)
        size = r.pick(below, r.neg(b.lo), b.lo)
        low, high = r.pick(below, r.neg(a.hi), a.lo), r.pick(below, r.neg(a.lo), a.hi)
        lo = r.over(low, size)
        hi = lo if a.is_point else r.over(high, size)
        defined = t.or_(below, above)
        return self.lift((a, b), lo, hi, more=t.not_(defined), some=defined)

    def _side(self, a: Num, b: Num) -> Num:
        """A / b over the divisors above 0: runs off where a points away from 0 and b comes close to it."""
        t, r = self.t, self.r
        off = t.not_(r.sign(b.lo)[1])
        down, up = r.sign(a.lo)[0], r.sign(a.hi)[1]
        near_lo, near_hi = r.over(a.lo, b.lo), r.over(a.hi, b.lo)
        near_lo = replace(near_lo, ninf=t.or_(near_lo.ninf, off))
        near_hi = replace(near_hi, pinf=t.or_(near_hi.pinf, off))
        # what does not point away shrinks towards 0
        far_lo = replace(r.over(a.lo, b.hi), ninf=False, pinf=False)
        far_hi = replace(r.over(a.hi, b.hi), ninf=False, pinf=False)
        return Num(True, r.pick(down, near_lo, far_lo), r.pick(up, near_hi, far_hi))

    def absolute(self, a: Num) -> Num:
        """ABS."""
        t, r = self.t, self.r
        down, up = r.sign(a.lo)[0], r.sign(a.hi)[1]
        if a.is_point:
            end = r.pick(down, r.neg(a.lo), a.lo)
            end = replace(end, num=t.at_least(end.num, 0))
            return self.lift((a,), end, end)
        lo = r.pick(t.and_(down, up), r.const(0), r.pick(down, r.neg(a.hi), a.lo))
        return self.lift((a,), lo, r.maximum(r.neg(a.lo), a.hi))

    def extreme(self, values: Sequence[Num], *, greatest: bool) -> Num:
        """LEAST or GREATEST; unlike SQL's, undefined if any argument is."""
        choose = self.r.maximum if greatest else self.r.minimum
        lo, hi = values[0].lo, values[0].hi
        for value in values[1:]:
            point = lo is hi and value.is_point
            lo = choose(lo, value.lo)
            hi = lo if point else choose(hi, value.hi)
        return self.lift(values, lo, hi)

    def power(self, a: Num, n: int) -> Num:
        """POWER to a whole exponent."""
        if n < 0:
            return self.divide(self.number(1), self.power(a, -n))
        base = self.absolute(a) if n % 2 == 0 else a
        lo, hi = self.r.const(1), self.r.const(1)
        for _ in range(n):
            lo = self.r.mul(lo, base.lo)
        if base.is_point or n == 0:
            return self.lift((base,), lo, lo)
        for _ in range(n):
            hi = self.r.mul(hi, base.hi)
        return self.lift((base,), lo, hi)

    # ------------------------------------------------------------------ comparison

    def compare(self, op: str, a: Num, b: Num) -> Truth:
        """A comparison of numbers."""
        t, r = self.t, self.r
        both = t.and_(a.some, b.some)
        match op:
            case "<" | ">=":
                yes, no = r.less(a.lo, b.hi), r.at_most(b.lo, a.hi)
            case "<=" | ">":
                yes, no = r.at_most(a.lo, b.hi), r.less(b.lo, a.hi)
            case _:
                yes, no = self._equal(a, b)
        if op in (">=", ">", "<>"):
            yes, no = no, yes
        flags = (t.or_(a.undefined, b.undefined), t.or_(a.absent, b.absent))
        return Truth(t.and_(both, yes), t.and_(both, no), *flags)

    def _equal(self, a: Num, b: Num) -> tuple[Bit, Bit]:
        t, r = self.t, self.r
        if a.is_point and b.is_point:
            same = r.same(a.lo, b.lo)
            return same, t.not_(same)
        yes = t.and_(r.at_most(a.lo, b.hi), r.at_most(b.lo, a.hi))
        return yes, t.or_(r.less(a.lo, b.hi), r.less(b.lo, a.hi))

    def compare_codes(self, op: str, a: Codes, b: Codes) -> Truth:
        """Equality of codes."""
        t = self.t
        both = t.and_(self.some(a), self.some(b))
        open_ = t.or_(a.any, b.any)
        yes: list[Bit] = []
        no: list[Bit] = []
        for a_bit, x in alternatives(a):
            for b_bit, y in alternatives(b):
                met, same = t.and_(a_bit, b_bit), t.same(x, y)
                yes.append(t.and_(met, same))
                no.append(t.and_(met, t.not_(same)))
        equal, differ = t.or_(open_, *yes), t.or_(open_, *no)
        if op == "<>":
            equal, differ = differ, equal
        flags = (t.or_(a.undefined, b.undefined), t.or_(a.absent, b.absent))
        return Truth(t.and_(both, equal), t.and_(both, differ), *flags)

    def compare_truths(self, op: str, a: Truth, b: Truth) -> Truth:
        """Equality of conditions."""
        t = self.t
        same = t.or_(t.and_(a.true, b.true), t.and_(a.false, b.false))
        differ = t.or_(t.and_(a.true, b.false), t.and_(a.false, b.true))
        if op == "<>":
            same, differ = differ, same
        return Truth(same, differ, t.or_(a.undefined, b.undefined), t.or_(a.absent, b.absent))

    def member(self, a: Codes, wanted: Sequence[str]) -> Truth:
        """IN."""
        return self._test(a, lambda text: self.t.one_of(text, wanted))

    def starts(self, a: Codes, prefix: str) -> Truth:
        """LIKE 'prefix%'."""
        return self._test(a, lambda text: self.t.starts(text, [prefix]))

    def _test(self, a: Codes, holds: Callable[[Text], Bit]) -> Truth:
        t = self.t
        tests = [(bit, holds(text)) for bit, text in alternatives(a)]
        true = t.or_(a.any, *(t.and_(bit, test) for bit, test in tests))
        false = t.or_(a.any, *(t.and_(bit, t.not_(test)) for bit, test in tests))
        return Truth(true, false, a.undefined, a.absent)

    def ranks(self, a: Codes, scale: Sequence[str]) -> Num:
        """A level as its place on its scale (the hull)."""
        t = self.t
        found: Value = Num(False, self.r.const(0), self.r.const(0))
        for rank, code in enumerate(scale):
            bit = t.or_(a.any, *(t.and_(b, t.same(text, code)) for b, text in alternatives(a)))
            if bit is not False:
                found = self._join(found, self.where(bit, self.number(rank)))
        assert isinstance(found, Num)  # noqa: S101  of numbers
        return replace(found, undefined=a.undefined, absent=a.absent)

    # ------------------------------------------------------------------ logic

    def negate(self, a: Truth) -> Truth:
        """NOT."""
        return Truth(a.false, a.true, a.undefined, a.absent)

    def is_true(self, a: Truth) -> Bit:
        """Whether only true is left."""
        t = self.t
        return t.and_(a.true, t.not_(t.or_(a.false, a.undefined, a.absent)))

    def all_of(self, items: Sequence[Truth], *, listed: bool = True) -> Truth:
        """AND; a list skips what is not in force."""
        t = self.t
        false = t.or_(*(i.false for i in items))
        avoids = t.and_(*(t.or_(i.true, i.undefined, i.absent) for i in items))
        undefined = t.or_(*(i.undefined for i in items))
        if listed:
            true = t.and_(*(t.or_(i.true, i.absent) for i in items), t.or_(*(i.true for i in items)))
            return Truth(true, false, t.and_(undefined, avoids), t.and_(*(i.absent for i in items)))
        true = t.and_(*(i.true for i in items))
        undefined = t.and_(undefined, *(t.or_(i.true, i.undefined) for i in items))
        return Truth(true, false, undefined, t.and_(t.or_(*(i.absent for i in items)), avoids))

    def any_of(self, items: Sequence[Truth], *, listed: bool = True) -> Truth:
        """OR."""
        return self.negate(self.all_of([self.negate(item) for item in items], listed=listed))

    def at_least(self, k: int, items: Sequence[Truth]) -> Truth:
        """At least k, by counting in place of trying every choice."""
        t = self.t
        counting = [t.or_(i.true, i.undefined) for i in items]
        must = [t.and_(c, t.not_(t.or_(i.false, i.absent))) for c, i in zip(counting, items, strict=True)]
        seen = t.or_(*(i.false for i in items), *must)
        true = t.and_(t.le(k, t.bits(i.true for i in items)), t.or_(*(i.true for i in items)))
        low = t.lt(t.bits(must), k)
        false = t.or_(t.and_(low, seen), t.and_(t.not_(seen), t.or_(*counting), k > 1))
        only = [t.and_(i.true, t.not_(t.or_(i.false, i.undefined, i.absent))) for i in items]
        extra = [t.and_(i.true, t.not_(i.undefined), t.or_(i.false, i.absent)) for i in items]
        sure, open_ = t.bits(only), t.bits(i.undefined for i in items)
        most = t.add(t.add(sure, open_), t.bits(extra))
        undefined = t.and_(t.or_(*(i.undefined for i in items)), t.lt(sure, k), t.le(k, most))
        return Truth(true, false, undefined, t.and_(*(i.absent for i in items)))


def alternatives(value: Codes) -> list[tuple[Bit, Text]]:
    """Every code that may be, with when."""
    return [*((bit, code) for code, bit in value.known.items() if bit is not False), *value.texts]
