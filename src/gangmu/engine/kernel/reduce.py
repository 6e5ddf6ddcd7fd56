"""Aggregates in machine code: a loop over related rows that adds each to its owner's running figures.

The hull of `engine.aggregate`, row by row: every aggregate keeps its sums or extremes as machine words and a
word of flags for each owner, and NumPy makes of them the columns that the owner's rules read. A sum that does
not fit a word, or a mean with undecided rows, is for the interpreter and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from gangmu.engine.kernel.columns import Array, number_column
from gangmu.engine.kernel.domain import TRUE, Num
from gangmu.engine.kernel.emit import Bit
from gangmu.engine.kernel.kept import fits
from gangmu.engine.kernel.numbers import End, TooWideError, Whole, width_of
from gangmu.engine.kernel.program import Program
from gangmu.engine.kernel.sources import Source, Spread
from gangmu.engine.values import INF, Interval, Value
from gangmu.rulebook import expression as ex

BAD, UNDEFINED, ABSENT, LOW_ENDLESS, HIGH_ENDLESS, ANY, SURE, HARD, FINITE = (1 << n for n in range(9))
_TOP = 2**62


@dataclass(frozen=True, slots=True)
class Member:
    """What is known of one row as a member: its item, and whether it counts, certainly or perhaps."""

    item: Num
    included: Bit
    certain: Bit
    many: Bit
    absent: Bit


def member_of(program: Program, source: Source, node: ex.Aggregate) -> Member:
    """The row in hand as a member of an aggregate."""
    p, e = program, program.e
    test = TRUE if node.where is None else p.truth(node.where)
    item = p.d.number(1) if node.item is None else p.num(node.item)
    sure, many = source.line()
    included = e.or_(test.true, test.absent)
    certain = e.and_(sure, p.d.is_true(test))
    return Member(item, included, certain, many, test.absent)


@dataclass(slots=True)
class Figures:
    """Where one aggregate's running figures stand among the loop's arrays, and their denominators."""

    function: str
    flags: int
    words: dict[str, int] = field(default_factory=dict)
    dens: dict[str, int] = field(default_factory=dict)


class Accumulators:
    """Writes running figures at the end of a loop body over related rows; `most` rows an owner has."""

    def __init__(self, program: Program, source: Source, most: int) -> None:
        """For one program."""
        self.p, self.source, self.most = program, source, most
        self.kinds: list[str] = []  # the arrays, with a place an owner

    def _array(self, kind: str) -> tuple[int, str, str]:
        """An array with a place an owner: its number, the place, what is there."""
        number, e = len(self.kinds), self.p.e
        self.kinds.append(kind)
        at = e.ins(f"getelementptr {kind}, ptr %o{number}, i64 {self.source.owner()}")
        return number, at, e.ins(f"load {kind}, ptr {at}, align {int(kind[1:]) // 8}")

    def write(self, node: ex.Aggregate) -> Figures:
        """Add the row in hand to one aggregate."""
        member = member_of(self.p, self.source, node)
        number, at, before = self._array("i16")
        figures = Figures(node.function, number)
        match node.function:
            case "count":
                flags = self._count(figures, member)
            case "sum":
                flags = self._total(figures, member)
            case "avg":
                flags = self._mean(figures, member)
            case _:
                flags = self._extreme(figures, member, before, least=node.function == "min")
        # a comparison or a rounding below this row that needed more than the exact path has
        flags[HARD] = self.p.e.or_(flags.get(HARD, False), self.p.r.beyond)
        self._raise(at, before, flags)
        return figures

    def _raise(self, at: str, before: str, flags: Mapping[int, Bit]) -> None:
        e, bits = self.p.e, before
        for value, bit in flags.items():
            if bit is not False:
                bits = e.ins(f"or i16 {bits}, {e.pick(bit, 'i16', str(value), '0')}")
        if bits != before:
            e.do(f"store i16 {bits}, ptr {at}, align 2")

    def _flags(self, member: Member) -> dict[int, Bit]:
        """What every aggregate but a count keeps of its members."""
        e, item = self.p.e, member.item
        usable = e.and_(member.included, item.some)
        return {
            BAD: e.and_(member.certain, e.not_(item.some)),
            UNDEFINED: e.and_(member.included, item.undefined),
            ABSENT: e.and_(member.included, e.or_(item.absent, member.absent)),
            ANY: usable,
            SURE: e.and_(member.certain, usable),
            HARD: e.and_(usable, e.or_(item.lo.pinf, item.hi.ninf)),
        }

    # ------------------------------------------------------------------ counts and sums

    def _add(self, figures: Figures, name: str, amount: Whole, take: Bit) -> Bit:
        """Add where `take`; returns where that does not fit a word."""
        e, w = self.p.e, self.p.r.w
        part = w.pick(take, amount, w.const(0))
        if part.constant == 0:
            return False
        number, at, before = self._array("i64")
        figures.words[name] = number
        word, wide = self._word(part)
        if max(-part.lo, part.hi) * self.most < _TOP:
            after, over = e.ins(f"add i64 {before}, {word}"), wide
        else:
            e.declares.add("declare {i64, i1} @llvm.sadd.with.overflow.i64(i64, i64)")
            both = e.ins(f"call {{i64, i1}} @llvm.sadd.with.overflow.i64(i64 {before}, i64 {word})")
            after = e.ins(f"extractvalue {{i64, i1}} {both}, 0")
            over = e.or_(wide, e.ins(f"extractvalue {{i64, i1}} {both}, 1"))
        e.do(f"store i64 {after}, ptr {at}, align 8")
        return e.and_(take, over)

    def _word(self, whole: Whole) -> tuple[str, Bit]:
        """A number as a machine word, and whether it does not fit one."""
        if whole.small:
            return whole.exact(64), False
        try:
            width = width_of(whole.lo, whole.hi)
        except TooWideError:
            return "0", True
        e, wide = self.p.e, whole.exact(width)
        word = e.ins(f"trunc i{width} {wide} to i64")
        back = e.ins(f"sext i64 {word} to i{width}")
        half = e.ins(f"ashr i64 {word}, 61")  # beyond 2^61 is taken as beyond a word, as columns take it
        far = e.and_(e.ins(f"icmp ne i64 {half}, 0"), e.ins(f"icmp ne i64 {half}, -1"))
        return word, e.or_(e.ins(f"icmp ne i{width} {wide}, {back}"), far)

    def _count(self, figures: Figures, member: Member) -> dict[int, Bit]:
        w = self.p.r.w
        self._add(figures, "lo", w.const(1), member.certain)
        self._add(figures, "hi", w.const(1), member.included)
        figures.dens = {"lo": 1, "hi": 1}
        e, absent = self.p.e, self.p.e.or_(member.item.absent, member.absent)
        return {
            HIGH_ENDLESS: e.and_(member.included, member.many),
            ABSENT: e.and_(member.included, absent),
        }

    def _total(self, figures: Figures, member: Member) -> dict[int, Bit]:
        e, r, item = self.p.e, self.p.r, member.item
        flags = self._flags(member)
        usable, sure, one = flags[ANY], flags[SURE], e.not_(member.many)
        low, high = self._fixed(item.lo), self._fixed(item.hi)
        if low is None or high is None:
            return {**flags, HARD: usable}
        down, up = r.negative(item.lo, usable), r.positive(item.hi, usable)
        take_low, take_high = (e.and_(usable, one, e.or_(sure, sign)) for sign in (down, up))
        over = self._add(figures, "lo", item.lo.num, e.and_(take_low, e.not_(item.lo.ninf)))
        figures.dens = {"lo": low, "hi": high}
        if item.lo is item.hi and take_low == take_high:
            figures.words["hi"] = figures.words.get("lo", -1)
        else:
            over = e.or_(over, self._add(figures, "hi", item.hi.num, e.and_(take_high, e.not_(item.hi.pinf))))
        flags[LOW_ENDLESS] = e.or_(e.and_(usable, down, member.many), e.and_(take_low, item.lo.ninf))
        flags[HIGH_ENDLESS] = e.or_(e.and_(usable, up, member.many), e.and_(take_high, item.hi.pinf))
        flags[HARD] = e.or_(flags[HARD], over)
        return flags

    def _fixed(self, end: End) -> int | None:
        return end.fixed

    def _mean(self, figures: Figures, member: Member) -> dict[int, Bit]:
        e, item = self.p.e, member.item
        flags = self._flags(member)
        usable, sure = flags[ANY], flags[SURE]
        low, high = self._fixed(item.lo), self._fixed(item.hi)
        if low is None or high is None:
            return {**flags, HARD: usable}
        figures.dens = {"lo": low, "hi": high}
        self._add(figures, "count", self.p.r.w.const(1), sure)
        over = self._add(figures, "lo", item.lo.num, e.and_(sure, e.not_(item.lo.ninf)))
        if item.lo is item.hi:
            figures.words["hi"] = figures.words.get("lo", -1)
        else:
            over = e.or_(over, self._add(figures, "hi", item.hi.num, e.and_(sure, e.not_(item.hi.pinf))))
        flags[LOW_ENDLESS] = e.and_(sure, item.lo.ninf)
        flags[HIGH_ENDLESS] = e.and_(sure, item.hi.pinf)
        # rows that may join pull the mean as far as they can: a sum cannot say how far
        flags[HARD] = e.or_(flags[HARD], over, e.and_(usable, e.not_(sure)))
        return flags

    # ------------------------------------------------------------------ extremes

    def _extreme(self, figures: Figures, member: Member, before: str, *, least: bool) -> dict[int, Bit]:
        """The least; the greatest is the least of the negated items."""
        e, r, item = self.p.e, self.p.r, member.item
        lo, hi = (item.lo, item.hi) if least else (r.neg(item.hi), r.neg(item.lo))
        flags = self._flags(member)
        usable, sure = flags[ANY], flags[SURE]
        had = {bit: self._had(before, bit) for bit in (ANY, FINITE)}
        finite_low = e.and_(usable, e.not_(lo.ninf))
        finite = e.and_(sure, e.not_(hi.pinf))
        over = self._keep(figures, "lo", lo, finite_low, had[ANY], least=True)
        over = e.or_(over, self._keep(figures, "sure", hi, finite, had[FINITE], least=True))
        if not self._always(member):
            far = e.and_(usable, e.not_(hi.pinf))
            over = e.or_(over, self._keep(figures, "hi", hi, far, had[ANY], least=False))
        flags[LOW_ENDLESS] = e.and_(usable, lo.ninf)
        flags[HIGH_ENDLESS] = e.and_(usable, hi.pinf)
        flags[FINITE] = finite
        flags[HARD] = e.or_(flags[HARD], over)
        return flags

    def _had(self, before: str, bit: int) -> Bit:
        """Whether a flag was raised by an earlier row."""
        masked = self.p.e.ins(f"and i16 {before}, {bit}")
        return self.p.e.ins(f"icmp ne i16 {masked}, 0")

    def _always(self, member: Member) -> bool:
        """Whether every row that counts does so for certain."""
        return member.certain == member.included

    def _keep(
        self, figures: Figures, name: str, end: End, take: Bit, had: Bit, *, least: bool
    ) -> Bit:  # fmt: skip
        """Keep the lower (or higher) of what was kept and an end; returns where it does not fit."""
        e, r, w = self.p.e, self.p.r, self.p.r.w
        num, wide = self._word(end.num)
        den, wide_den = self._word(end.den)
        number, at, old = self._array("i64")
        figures.words[f"num_{name}"] = number
        lo, hi = (max(end.num.lo, -_TOP + 1), min(end.num.hi, _TOP - 1))
        kept = End(w.leaf(old, min(lo, 0), max(hi, 0)), end.den)
        place = ""
        if end.fixed is None:
            second, place, old_den = self._array("i64")
            figures.words[f"den_{name}"] = second
            kept = End(kept.num, w.leaf(old_den, 0, min(end.den.hi, _TOP - 1)))
        else:
            figures.dens[name] = end.fixed
        plain = End(end.num, end.den)
        better = r.less(plain, kept, take) if least else r.less(kept, plain, take)
        new = e.and_(take, e.or_(e.not_(had), better))
        e.do(f"store i64 {e.pick(new, 'i64', num, old)}, ptr {at}, align 8")
        if place:
            e.do(f"store i64 {e.pick(new, 'i64', den, old_den)}, ptr {place}, align 8")
        return e.and_(take, e.or_(wide, wide_den))


# ---------------------------------------------------------------------- reading


@dataclass(slots=True)
class _Read:
    """Running figures that are read."""

    figures: Figures
    arrays: list[Array]

    @property
    def raised(self) -> Array:
        return self.arrays[self.figures.flags]

    def has(self, bit: int) -> Array:
        """Owners for whom a flag was raised."""
        found: Array = (self.raised & bit) != 0
        return found

    def word(self, name: str) -> Array:
        """One figure of every owner."""
        number = self.figures.words.get(name, -1)
        return np.zeros(len(self.raised), np.int64) if number < 0 else self.arrays[number]


@dataclass(slots=True)
class _Side:
    """One end of every owner's result: num / (den * fixed), or endless."""

    num: Array
    endless: Array
    fixed: int = 1
    den: Array | None = None

    def put(self, owner: int, end: Fraction | float) -> bool:
        """Take an end that was worked out elsewhere, if it fits."""
        parts = fits(end, self.fixed)
        if parts is None:
            return False
        if self.den is None and parts[1] != 1:
            self.den = np.ones(len(self.num), np.int64)
        self.num[owner], self.endless[owner] = parts[0], isinstance(end, float)
        if self.den is not None:
            self.den[owner] = parts[1]
        return True

    def copy(self) -> _Side:
        """A side of its own arrays."""
        den = None if self.den is None else self.den.copy()
        return _Side(self.num.copy(), self.endless.copy(), self.fixed, den)


def hard_of(figures: Figures, arrays: list[Array]) -> Array:
    """Owners whose aggregate the running figures cannot hold."""
    return _Read(figures, arrays).has(HARD)


def spread_of(
    figures: Figures, arrays: list[Array], told: Mapping[int, Value]
) -> tuple[Spread, Array, Array]:
    """The column of one aggregate; owners for whom it is open; owners that are for the interpreter.

    `told` has the values of owners for whom it was worked out row by row.
    """
    read = _Read(figures, arrays)
    some, undefined, absent = ~read.has(BAD), read.has(UNDEFINED), read.has(ABSENT)
    if figures.function in ("min", "max", "avg"):
        any_ = read.has(ANY)
        undefined = undefined | (some & np.where(any_, ~read.has(SURE), ~absent))
        some = some & any_
    if figures.function in ("min", "max"):
        lo, hi = _extremes(read)
    else:
        count = np.maximum(read.word("count"), 1) if figures.function == "avg" else None
        lo = _Side(read.word("lo"), read.has(LOW_ENDLESS), figures.dens.get("lo", 1), count)
        hi = _Side(read.word("hi"), read.has(HIGH_ENDLESS), figures.dens.get("hi", 1), count)
    if figures.function == "max":
        lo, hi = (_Side(-side.num, side.endless, side.fixed, side.den) for side in (hi, lo))
    hard = read.has(HARD)
    if told:
        lo, hi = lo.copy(), hi.copy()
        some, undefined, absent = some.copy(), undefined.copy(), absent.copy()
    for owner, value in told.items():
        undefined[owner], absent[owner] = value.undefined, value.absent
        some[owner] = isinstance(value.ordinary, Interval)
        hard[owner] = some[owner] and not _taken(lo, hi, owner, value)
    return _spread(lo, hi, (some, undefined, absent), hard)


def _taken(lo: _Side, hi: _Side, owner: int, value: Value) -> bool:
    """Put both ends of a value in place, if they fit and no end is endless the wrong way."""
    low, high = value.interval.lo, value.interval.hi
    return low != INF and high != -INF and lo.put(owner, low) and hi.put(owner, high)


def _extremes(read: _Read) -> tuple[_Side, _Side]:
    """The least of all rows; the least of the certain ones, or where there is none the greatest of all."""
    figures = read.figures

    def side(name: str, endless: Array) -> _Side:
        den = read.word(f"den_{name}") if f"den_{name}" in figures.words else None
        return _Side(read.word(f"num_{name}"), endless, figures.dens.get(name, 1), den)

    lo = side("lo", read.has(LOW_ENDLESS))
    if "num_sure" not in figures.words:
        return lo, lo
    sure = side("sure", ~read.has(FINITE))
    if "num_hi" not in figures.words:
        return lo, sure
    far, certain = side("hi", read.has(HIGH_ENDLESS)), read.has(SURE)
    den = None
    if sure.den is not None and far.den is not None:
        den = np.where(certain, sure.den, far.den)
    endless = np.where(certain, sure.endless, far.endless)
    return lo, _Side(np.where(certain, sure.num, far.num), endless, sure.fixed, den)


def _spread(
    lo: _Side, hi: _Side, flags: tuple[Array, Array, Array], hard: Array
) -> tuple[Spread, Array, Array]:
    some, undefined, absent = flags
    bits = some | undefined << 1 | absent << 2 | (some & lo.endless) << 3 | (some & hi.endless) << 4
    told = np.ascontiguousarray(bits, np.uint8)
    open_ = told != 1
    columns = []
    for side in (lo, hi):
        finite = some & ~side.endless & ~hard
        num = np.where(finite, side.num, 0)
        den = None if side.den is None else np.where(finite, np.maximum(side.den, 1), 1)
        columns.append((num, den))
    (low, den_low), (high, den_high) = columns
    if lo is not hi:
        alike = lo.fixed == hi.fixed and (den_low is None) == (den_high is None)
        same = low == high if alike else np.zeros(len(low), bool)
        if alike and den_low is not None and den_high is not None:
            same &= den_low == den_high
        open_ |= ~same
    dens = [None if den is None else number_column(den) for den in (den_low, den_high)]
    spread = Spread(number_column(low, lo.fixed), number_column(high, hi.fixed), told, dens[0], dens[1])
    return spread, open_, hard
