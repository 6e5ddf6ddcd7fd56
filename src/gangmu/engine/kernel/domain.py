"""What is known of a value, in machine code: the operators of `engine.values`, one for one.

A number is an interval of two ends; where the two ends are the same Python object the value is a point, and
every operator keeps it so: the point path is the bounds path with nothing left of the bounds. Codes, levels
and states are sets as bit masks; truth values four bits: may be true, false, undefined, not in force.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from gangmu.engine.kernel.atoms import Atoms
from gangmu.engine.kernel.emit import Bit, Emitter
from gangmu.engine.kernel.numbers import End, Rationals


class UnsupportedByKernel(Exception):  # noqa: N818  the name says what it is
    """The kernel does not do this; the interpreter does."""

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
    """A set of codes, levels or states: a bit for each of its atoms; `mask` is an integer or a register."""

    mask: int | str
    atoms: Atoms
    undefined: Bit = False
    absent: Bit = False


Value = Num | Truth | Codes
TRUE, FALSE = Truth(true=True, false=False), Truth(true=False, false=True)


class Domain:
    """The operators."""

    def __init__(self, emitter: Emitter, rationals: Rationals, *, points: bool) -> None:
        """`points`: every value has exactly one outcome (no holes anywhere)."""
        self.e, self.r, self.points = emitter, rationals, points

    # ------------------------------------------------------------------ making

    def number(self, value: Fraction | int) -> Num:
        """A known number."""
        end = self.r.const(value)
        return Num(True, end, end)

    def nothing(self, like: Value, *, undefined: Bit = False, absent: Bit = False) -> Value:
        """No ordinary value of the kind of `like`."""
        match like:
            case Num():
                return Num(False, like.lo, like.lo, undefined, absent)
            case Truth():
                return Truth(False, False, undefined, absent)
            case Codes():
                return Codes(0, like.atoms, undefined, absent)

    def some(self, value: Value) -> Bit:
        """Whether an ordinary value is possible."""
        match value:
            case Num():
                return value.some
            case Truth():
                return self.e.or_(value.true, value.false)
            case Codes(mask):
                if isinstance(mask, int):
                    return mask != 0
                return self.e.ins(f"icmp ne i{value.atoms.width} {mask}, 0")

    def where(self, reach: Bit, value: Value) -> Value:
        """The value where it can be reached, else no outcome."""
        e = self.e
        flags = (e.and_(reach, value.undefined), e.and_(reach, value.absent))
        match value:
            case Num():
                return Num(e.and_(reach, value.some), value.lo, value.hi, *flags)
            case Truth():
                return Truth(e.and_(reach, value.true), e.and_(reach, value.false), *flags)
            case Codes(mask, atoms):
                return Codes(self.pick_mask(atoms, reach, mask, 0), atoms, *flags)

    def union(self, values: Sequence[Value]) -> Value:
        """Any of these."""
        numbers = [value for value in values if isinstance(value, Num)]
        if not self.points and len(numbers) == len(values):
            span = self._span(numbers)
            if span is not None:
                return span
        found = values[0]
        for value in values[1:]:
            found = self._join(found, value)
        return found

    def _span(self, values: Sequence[Num]) -> Num | None:
        """The union of numbers that doubles hold, end by end; None: they have to be joined in pairs."""
        able = [value for value in values if value.some is not False]
        if len(able) < 2:  # noqa: PLR2004  nothing to compare
            return None
        lo = self.r.outermost([(value.some, value.lo) for value in able], low=True)
        hi = self.r.outermost([(value.some, value.hi) for value in able], low=False)
        if lo is None or hi is None:
            return None
        e = self.e
        undefined, absent = e.or_(*(v.undefined for v in values)), e.or_(*(v.absent for v in values))
        return Num(e.or_(*(value.some for value in able)), lo, hi, undefined, absent)

    def _join(self, a: Value, b: Value) -> Value:
        e = self.e
        undefined, absent = e.or_(a.undefined, b.undefined), e.or_(a.absent, b.absent)
        match a, b:
            case Num(), Num():
                lo, hi = self._hull(a, b)
                return Num(e.or_(a.some, b.some), lo, hi, undefined, absent)
            case Truth(), Truth():
                return Truth(e.or_(a.true, b.true), e.or_(a.false, b.false), undefined, absent)
            case Codes(), Codes():
                return Codes(self.mask_or(a.atoms, a.mask, b.mask), a.atoms, undefined, absent)
        raise UnsupportedByKernel("", "a union of different kinds")

    def _hull(self, a: Num, b: Num) -> tuple[End, End]:
        if a.some is False:
            return b.lo, b.hi
        if b.some is False:
            return a.lo, a.hi
        if self.points and a.is_point and b.is_point:
            end = self.r.pick(b.some, b.lo, a.lo) if a.some is True else self.r.pick(a.some, a.lo, b.lo)
            return end, end
        both = self.e.and_(a.some, b.some)
        lo = self._merged(a, b, self.r.less(b.lo, a.lo, both), low=True)
        hi = self._merged(a, b, self.r.less(a.hi, b.hi, both), low=False)
        return lo, hi

    def _merged(self, a: Num, b: Num, second: Bit, *, low: bool) -> End:
        """The end of b where a has none or b's is further out."""
        take = self.e.and_(b.some, self.e.or_(self.e.not_(a.some), second))
        return self.r.pick(take, b.lo if low else b.hi, a.lo if low else a.hi)

    # ------------------------------------------------------------------ masks

    def mask_text(self, atoms: Atoms, mask: int | str) -> str:
        """A mask as an operand."""
        if isinstance(mask, str):
            return mask
        half = 1 << (atoms.width - 1)
        return str((mask + half) % (1 << atoms.width) - half)

    def pick_mask(self, atoms: Atoms, test: Bit, a: int | str, b: int | str) -> int | str:
        """`a` where the test holds."""
        if test is True or a == b:
            return a
        if test is False:
            return b
        return self.e.pick(test, f"i{atoms.width}", self.mask_text(atoms, a), self.mask_text(atoms, b))

    def mask_or(self, atoms: Atoms, a: int | str, b: int | str) -> int | str:
        """Union."""
        if isinstance(a, int) and isinstance(b, int):
            return a | b
        if 0 in (a, b):
            return b if a == 0 else a
        return self.e.ins(f"or i{atoms.width} {self.mask_text(atoms, a)}, {self.mask_text(atoms, b)}")

    def mask_and(self, atoms: Atoms, a: int | str, b: int | str) -> int | str:
        """Intersection."""
        if isinstance(a, int) and isinstance(b, int):
            return a & b
        if 0 in (a, b):
            return 0
        return self.e.ins(f"and i{atoms.width} {self.mask_text(atoms, a)}, {self.mask_text(atoms, b)}")

    def meets(self, atoms: Atoms, a: int | str, b: int | str) -> Bit:
        """Whether two sets have something in common."""
        both = self.mask_and(atoms, a, b)
        return both != 0 if isinstance(both, int) else self.e.ins(f"icmp ne i{atoms.width} {both}, 0")

    def single(self, atoms: Atoms, mask: int | str) -> Bit:
        """Whether a set has exactly one element."""
        if isinstance(mask, int):
            return mask.bit_count() == 1
        width = atoms.width
        less = self.e.ins(f"add i{width} {mask}, -1")
        rest = self.e.ins(f"and i{width} {mask}, {less}")
        none = self.e.ins(f"icmp eq i{width} {rest}, 0")
        return self.e.and_(self.e.ins(f"icmp ne i{width} {mask}, 0"), none)

    # ------------------------------------------------------------------ arithmetic

    def lift(self, values: Sequence[Num], lo: End, hi: End, more: Bit = False, some: Bit = True) -> Num:
        """A result of an operator: flags pass through, ordinary where all are (and `some`)."""
        e = self.e
        ordinary = e.and_(*(value.some for value in values))
        undefined = e.or_(*(value.undefined for value in values), e.and_(ordinary, more))
        absent = e.or_(*(value.absent for value in values))
        return Num(e.and_(ordinary, some), lo, hi, undefined, absent)

    def add(self, a: Num, b: Num) -> Num:
        """A + b."""
        lo = self.r.add(a.lo, b.lo)
        hi = lo if a.is_point and b.is_point else self.r.add(a.hi, b.hi)
        return self.lift((a, b), lo, hi)

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
        if a.is_point and not b.is_point:
            a, b = b, a
        if b.is_point:
            first, second = r.mul(a.lo, b.lo), r.mul(a.hi, b.lo)
            turned = r.negative(b.lo)
            return self.lift((a, b), r.pick(turned, second, first), r.pick(turned, first, second))
        if a.lo.num.lo >= 0 <= b.lo.num.lo and a.lo.ninf is False is b.lo.ninf:
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
        e, r = self.e, self.r
        guard = e.and_(a.some, b.some)
        above, below = r.positive(b.hi, guard), r.negative(b.lo, guard)
        first = self._side(a, b, guard)
        first = replace(first, some=above)
        if below is False:
            found = first
        else:
            mirrored = replace(self._side(self.negative(a), self.negative(b), guard), some=below)
            joined = self.union([first, mirrored])
            assert isinstance(joined, Num)  # noqa: S101  of two numbers
            found = joined
        whole = e.or_(r.positive(b.lo, guard), r.negative(b.hi, guard))
        zero = e.and_(e.not_(r.negative(a.lo, guard)), e.not_(r.positive(a.hi, guard)), e.not_(whole))
        nought = r.const(0)
        lo, hi = r.pick(zero, nought, found.lo), r.pick(zero, nought, found.hi)
        return self.lift((a, b), lo, hi, more=e.not_(whole), some=e.or_(above, below))

    def _divide_by_point(self, a: Num, b: Num) -> Num:
        e, r = self.e, self.r
        guard = e.and_(a.some, b.some)
        turned, above = r.negative(b.lo, guard), r.positive(b.lo, guard)
        size = r.pick(turned, r.neg(b.lo), b.lo)
        low, high = r.pick(turned, r.neg(a.hi), a.lo), r.pick(turned, r.neg(a.lo), a.hi)
        lo = r.over(low, size)
        hi = lo if a.is_point else r.over(high, size)
        defined = e.or_(turned, above)
        return self.lift((a, b), lo, hi, more=e.not_(defined), some=defined)

    def _side(self, a: Num, b: Num, guard: Bit) -> Num:
        """A / b over the divisors above 0."""
        e, r = self.e, self.r
        safe = r.positive(b.lo, guard)
        down, up = r.negative(a.lo, guard), r.positive(a.hi, guard)
        far_lo, near_lo = r.over(a.lo, b.hi), r.over(a.lo, b.lo)
        far_hi, near_hi = r.over(a.hi, b.hi), r.over(a.hi, b.lo)
        lo = r.pick(down, near_lo, replace(far_lo, ninf=False))
        hi = r.pick(up, near_hi, replace(far_hi, pinf=False))
        off = e.not_(safe)
        lo = replace(lo, ninf=e.or_(lo.ninf, e.and_(down, off)))
        hi = replace(hi, pinf=e.or_(hi.pinf, e.and_(up, off)))
        return Num(True, lo, hi)

    def absolute(self, a: Num) -> Num:
        """ABS."""
        e, r = self.e, self.r
        down, up = r.negative(a.lo, a.some), r.positive(a.hi, a.some)
        if a.is_point:
            end = r.pick(down, r.neg(a.lo), a.lo)
            end = replace(end, num=r.w.within(end.num, 0, end.num.hi))
            return self.lift((a,), end, end)
        turned = r.neg(a.lo)
        lo = r.pick(e.and_(down, up), r.const(0), r.pick(down, r.neg(a.hi), a.lo))
        return self.lift((a,), lo, r.maximum(turned, a.hi, a.some))

    def extreme(self, values: Sequence[Num], *, greatest: bool) -> Num:
        """LEAST or GREATEST."""
        guard = self.e.and_(*(value.some for value in values))
        choose = self.r.maximum if greatest else self.r.minimum
        lo, hi = values[0].lo, values[0].hi
        for value in values[1:]:
            point = lo is hi and value.is_point
            lo = choose(lo, value.lo, guard)
            hi = lo if point else choose(hi, value.hi, guard)
        return self.lift(values, lo, hi)

    def power(self, a: Num, n: int) -> Num:
        """POWER to a whole exponent."""
        if n < 0:
            return self.divide(self.number(1), self.power(a, -n))
        base = self.absolute(a) if n % 2 == 0 else a
        lo, hi = self.r.const(1), self.r.const(1)
        for _ in range(n):
            lo = self.r.mul(lo, base.lo)
        if base.is_point:
            return self.lift((base,), lo, lo)
        for _ in range(n):
            hi = self.r.mul(hi, base.hi)
        return self.lift((base,), lo, hi)

    # ------------------------------------------------------------------ comparison

    def compare(self, op: str, a: Num, b: Num) -> Truth:
        """A comparison of numbers."""
        e, r = self.e, self.r
        both = e.and_(a.some, b.some)
        match op:
            case "<" | ">=":
                yes, no = r.less(a.lo, b.hi, both), e.not_(r.less(a.hi, b.lo, both))
            case "<=" | ">":
                yes, no = e.not_(r.less(b.hi, a.lo, both)), r.less(b.lo, a.hi, both)
            case _:
                yes = e.and_(e.not_(r.less(b.hi, a.lo, both)), e.not_(r.less(a.hi, b.lo, both)))
                no = e.or_(r.less(a.lo, b.hi, both), r.less(b.lo, a.hi, both))
        if op in (">=", ">", "<>"):
            yes, no = no, yes
        return Truth(
            e.and_(both, yes),
            e.and_(both, no),
            e.or_(a.undefined, b.undefined),
            e.or_(a.absent, b.absent),
        )

    def compare_codes(self, op: str, a: Codes, b: Codes) -> Truth:
        """Equality of codes."""
        e = self.e
        both = e.and_(self.some(a), self.some(b))
        equal = self.meets(a.atoms, a.mask, b.mask)
        same = e.and_(equal, self.single(a.atoms, self.mask_or(a.atoms, a.mask, b.mask)))
        yes, no = e.and_(both, equal), e.and_(both, e.not_(same))
        if op == "<>":
            yes, no = no, yes
        return Truth(yes, no, e.or_(a.undefined, b.undefined), e.or_(a.absent, b.absent))

    def compare_truths(self, op: str, a: Truth, b: Truth) -> Truth:
        """Equality of conditions."""
        e = self.e
        same = e.or_(e.and_(a.true, b.true), e.and_(a.false, b.false))
        differ = e.or_(e.and_(a.true, b.false), e.and_(a.false, b.true))
        if op == "<>":
            same, differ = differ, same
        return Truth(same, differ, e.or_(a.undefined, b.undefined), e.or_(a.absent, b.absent))

    def member(self, a: Codes, wanted: int) -> Truth:
        """IN and LIKE."""
        others = a.atoms.everything & ~wanted
        yes, no = self.meets(a.atoms, a.mask, wanted), self.meets(a.atoms, a.mask, others)
        return Truth(yes, no, a.undefined, a.absent)

    def ranks(self, a: Codes, places: Sequence[int]) -> Num:
        """A level as its place on its scale (the hull); `places` are its atoms from the lowest."""
        found: Value = Num(False, self.r.const(0), self.r.const(0))
        for rank, atom in enumerate(places):
            found = self._join(found, self.where(self.meets(a.atoms, a.mask, 1 << atom), self.number(rank)))
        assert isinstance(found, Num)  # noqa: S101  of numbers
        return replace(found, undefined=a.undefined, absent=a.absent)

    # ------------------------------------------------------------------ logic

    def negate(self, a: Truth) -> Truth:
        """NOT."""
        return Truth(a.false, a.true, a.undefined, a.absent)

    def is_true(self, a: Truth) -> Bit:
        """Whether only true is left."""
        e = self.e
        return e.and_(a.true, e.not_(e.or_(a.false, a.undefined, a.absent)))

    def all_of(self, items: Sequence[Truth], *, listed: bool = True) -> Truth:
        """AND; a list skips what is not in force."""
        e = self.e
        false = e.or_(*(i.false for i in items))
        avoids = e.and_(*(e.or_(i.true, i.undefined, i.absent) for i in items))
        undefined = e.or_(*(i.undefined for i in items))
        if listed:
            true = e.and_(*(e.or_(i.true, i.absent) for i in items), e.or_(*(i.true for i in items)))
            return Truth(true, false, e.and_(undefined, avoids), e.and_(*(i.absent for i in items)))
        true = e.and_(*(i.true for i in items))
        undefined = e.and_(undefined, *(e.or_(i.true, i.undefined) for i in items))
        return Truth(true, false, undefined, e.and_(e.or_(*(i.absent for i in items)), avoids))

    def any_of(self, items: Sequence[Truth], *, listed: bool = True) -> Truth:
        """OR."""
        return self.negate(self.all_of([self.negate(item) for item in items], listed=listed))

    def at_least(self, k: int, items: Sequence[Truth]) -> Truth:
        """At least k, by counting in place of trying every choice."""
        e = self.e

        def reaches(total: str, least: int) -> Bit:
            return e.ins(f"icmp sge i32 {total}, {least}")

        def plus(a: str, b: str) -> str:
            return e.ins(f"add i32 {a}, {b}")

        counting = [e.or_(i.true, i.undefined) for i in items]
        must = [e.and_(c, e.not_(e.or_(i.false, i.absent))) for c, i in zip(counting, items, strict=True)]
        seen = e.or_(*(i.false for i in items), *must)
        true = e.and_(reaches(e.count(i.true for i in items), k), e.or_(*(i.true for i in items)))
        low = e.not_(reaches(e.count(must), k))
        false = e.or_(e.and_(low, seen), e.and_(e.not_(seen), e.or_(*counting), k > 1))
        only = [e.and_(i.true, e.not_(e.or_(i.false, i.undefined, i.absent))) for i in items]
        extra = [e.and_(i.true, e.not_(i.undefined), e.or_(i.false, i.absent)) for i in items]
        sure, open_ = e.count(only), e.count(i.undefined for i in items)
        most = plus(plus(sure, open_), e.count(extra))
        undefined = e.and_(e.or_(*(i.undefined for i in items)), e.not_(reaches(sure, k)), reaches(most, k))
        return Truth(true, false, undefined, e.and_(*(i.absent for i in items)))
