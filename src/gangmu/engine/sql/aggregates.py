"""Aggregates over related rows: a query over the rows given, and the rows that are missing, unrolled.

What is missing is never a row of a table here. A year that should be there and is not, and the line that
stands for any number of others, are the same for every case but for whether they are there; so each is
written once, over the enterprise's own row, where most of it folds to a constant. The rows given are grouped
by a CTE of their own. `engine.aggregate` says what the hull of both is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gangmu.engine.sql.domain import TRUE, Num, Truth, Value
from gangmu.engine.sql.numbers import End
from gangmu.engine.sql.terms import Bit, Int, Term
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model

if TYPE_CHECKING:
    from gangmu.engine.sql.facts import ColumnFacts
    from gangmu.engine.sql.program import Program

ROOM = 10**30  # what is added up has to stay below it, so that a hundred million of them fit


@dataclass(frozen=True, slots=True)
class Line:
    """A missing row: whether it is there, certainly so, and its period; `many`: any number of such rows."""

    there: Bit
    certain: Bit
    period: Num
    many: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """What an aggregate counts or may count; in the space of the rows given, or one missing row."""

    member: Bit
    certain: Bit
    item: Num
    absent: Bit
    many: bool = False


@dataclass(slots=True)
class MissingFacts:
    """Facts of a missing row: everything that each input could be."""

    facts: ColumnFacts
    entity: str
    line: Line

    def input(self, rule: model.Rule) -> Value:
        """All that the input could be; the period is the line's."""
        if rule.entity != self.entity:
            return self.facts.input(rule)
        if rule.short.rpartition(".")[2] == self.facts.book.entities[self.entity].period:
            return self.line.period
        return self.facts.unknown(rule)

    def shown(self, rule: model.Rule) -> Truth:
        """Neither given nor said to be none."""
        return Truth(True, True) if rule.entity == self.entity else self.facts.shown(rule)

    def clock(self, which: str) -> Num:
        """The clocks of the case."""
        return self.facts.clock(which)

    def period(self, entity: str) -> Num:
        """The line's period."""
        return self.line.period if entity == self.entity else self.facts.period(entity)

    def quantity(self, quantity: model.Quantity) -> Num:
        """A number of law."""
        return self.facts.quantity(quantity)

    def aggregate(self, program: Program, node: ex.Aggregate) -> Num:
        """No aggregate is read by a row."""
        raise program.refuse(f"{node.function} within a row")


class Aggregates:
    """The aggregates of one query."""

    def __init__(self, facts: ColumnFacts) -> None:
        """Of rows laid out as `facts` says."""
        self.facts, self.t = facts, facts.terms
        self._lines: dict[str, list[tuple[Line, Program]]] = {}
        self._kept: dict[ex.Aggregate, Num] = {}

    def __call__(self, program: Program, node: ex.Aggregate) -> Num:
        """The hull of an aggregate."""
        if node not in self._kept:
            self._kept[node] = self._hull(program, node)
        return self._kept[node]

    def _hull(self, program: Program, node: ex.Aggregate) -> Num:
        given = self._given(program, node)
        missing = [self._member(inner, node, line) for line, inner in self._missing(program, node.entity)]
        hull = Hull(program, node.entity, given, [one for one in missing if one.member is not False])
        match node.function:
            case "count":
                return hull.count()
            case "sum":
                return hull.sum()
            case "min":
                return hull.least()
            case "max":
                return hull.greatest()
            case _:
                return hull.mean()

    def _given(self, program: Program, node: ex.Aggregate) -> Member | None:
        """The rows given; None if there is no table of them."""
        if node.entity not in self.facts.layout.related:
            return None
        there = Line(self._visible(program, node.entity), True, self.facts.period(node.entity))
        return self._member(program, node, there)

    def _member(self, program: Program, node: ex.Aggregate, line: Line) -> Member:
        before, program.row = program.row, node.entity
        try:
            return self._of_line(program, node, line)
        finally:
            program.row = before

    def _of_line(self, program: Program, node: ex.Aggregate, line: Line) -> Member:
        t, d = self.t, program.d
        test = TRUE if node.where is None else program.truth(node.where)
        member = t.and_(line.there, t.or_(test.true, test.absent))
        certain = t.and_(line.there, line.certain, d.is_true(test))
        item = d.number(1) if node.item is None or member is False else program.num(node.item)
        return Member(member, certain, item, t.and_(member, t.or_(item.absent, test.absent)), line.many)

    def _visible(self, program: Program, entity: str) -> Bit:
        """A row is seen once its period has ended."""
        spec = self.facts.book.entities[entity]
        if not spec.period or spec.period_kind == "none":
            return True
        until = self.facts.clock("as_of" if spec.period_kind == "date" else "closed_year")
        return program.r.at_most(self.facts.period(entity).lo, until.lo)

    # ------------------------------------------------------------------ missing rows

    def _missing(self, program: Program, entity: str) -> list[tuple[Line, Program]]:
        """Missing rows, each with a program that reads it."""
        if entity not in self._lines:
            partial = self.facts.partial(entity)
            lines = [] if partial is False else self._expected(program, entity, partial)
            self._lines[entity] = [
                (line, program.within(MissingFacts(self.facts, entity, line), entity))
                for line in lines
                if line.there is not False
            ]
        return self._lines[entity]

    def _expected(self, program: Program, entity: str, partial: Bit) -> list[Line]:
        t, r = self.t, program.r
        spec = self.facts.book.entities[entity]
        endless = r.infinite(positive=False)
        if not spec.since:
            until = r.infinite(positive=True)
            if spec.period_kind != "none":
                until = self.facts.clock("as_of" if spec.period_kind == "date" else "closed_year").lo
            return [Line(partial, False, Num(True, endless, until), many=True)]
        since = program.as_num(program.value(spec.since))
        there = t.and_(partial, since.some)
        lines = []
        first, closed = self.facts.clock("first_year").lo.num, self.facts.clock("closed_year").lo.num
        for step in range(self.facts.layout.years):
            year = t.add(closed, -step)
            ends = self._year_end(program, year)
            due = t.and_(there, t.le(first, year), r.at_most(since.lo, ends))
            begun = t.and_(due, t.not_(self._has(program, entity, year)))
            point = End(year)
            lines.append(Line(begun, r.at_most(since.hi, ends), Num(True, point, point)))
        before = t.add(first, -1)
        older = t.and_(there, r.at_most(since.lo, self._year_end(program, before)))
        lines.append(Line(older, False, Num(True, endless, End(before)), many=True))
        return lines

    def _year_end(self, program: Program, year: Int) -> End:
        """The last day of a year."""
        return End(program.f.calendar.ordinal(year, 12, 31))

    def _has(self, program: Program, entity: str, year: Int) -> Bit:
        """Whether a row of that year is given."""
        if entity not in self.facts.layout.related:
            return False
        here = self.t.eq(self.facts.period(entity).lo.num, year)
        return Given(program, entity).any(self.t.and_(self._visible(program, entity), here))


class Given:
    """Groups of the rows given, as terms of the enterprise's row."""

    def __init__(self, program: Program, entity: str) -> None:
        """Of one related entity."""
        self.t, self.entity = program.t, entity

    def _group(self, what: str, bit: Bit, item: Int | None, lo: int | None, hi: int | None) -> Term:
        """One column of the grouping CTE: NULL if any row that counts is beyond."""
        t = self.t
        safe = _safe(bit) and _safe(item)
        args = (self.entity, bit, item)
        return t.make(f"agg.{what}", args, "int", lo=lo, hi=hi, secure=safe, grouped=True)

    def count(self, bit: Bit) -> Int:
        """How many rows hold."""
        return 0 if bit is False else self._group("count", bit, None, 0, 10**9)

    def any(self, bit: Bit) -> Bit:
        """Whether any row holds."""
        return False if bit is False else self.t.lt(0, self._group("any", bit, None, 0, 1))

    def sum(self, bit: Bit, item: Int) -> Int:
        """The sum over the rows that hold."""
        if bit is False or item == 0:
            return 0
        t = self.t
        if isinstance(item, Term) and t.limit is not None:
            fits = t.and_(t.lt(-ROOM, item), t.lt(item, ROOM))
            if fits is not True:
                item = t.proven(t.case(fits, item, t.make("beyond", (), "int", secure=False)), -ROOM, ROOM)
        least, most = (0 if t.lt(item, 0) is False else None), (0 if t.lt(0, item) is False else None)
        return self._group("sum", bit, item, least, most)

    def extreme(self, bit: Bit, item: Int, *, greatest: bool) -> Int:
        """The least or greatest over the rows that hold; means nothing where there is none."""
        if bit is False:
            return 0
        lo, hi = (item.lo, item.hi) if isinstance(item, Term) else (item, item)
        lo, hi = (None if lo is None else min(lo, 0)), (None if hi is None else max(hi, 0))
        return self._group("max" if greatest else "min", bit, item, lo, hi)


def _safe(value: Bit | Int | None) -> bool:
    return not isinstance(value, Term) or value.safe


@dataclass(slots=True)
class Hull:
    """The hull of one aggregate: rows given, and missing rows."""

    program: Program
    entity: str
    given: Member | None
    missing: Sequence[Member]

    def _any(self, bit_of: Callable[[Member], Bit]) -> Bit:
        """Whether it holds of any row, given or missing."""
        t, rows = self.program.t, Given(self.program, self.entity)
        found: list[Bit] = [] if self.given is None else [rows.any(bit_of(self.given))]
        return t.or_(*found, *(bit_of(one) for one in self.missing))

    def _flags(self) -> tuple[Bit, Bit, Bit]:
        """Undefined items; what is not in force; a certain row without an ordinary item."""
        t = self.program.t
        return (
            self._any(lambda m: t.and_(m.member, m.item.undefined)),
            self._any(lambda m: m.absent),
            self._any(lambda m: t.and_(m.certain, t.not_(m.item.some))),
        )

    def count(self) -> Num:
        """COUNT."""
        t, rows = self.program.t, Given(self.program, self.entity)
        lo: Int = 0 if self.given is None else rows.count(self.given.certain)
        hi: Int = 0 if self.given is None else rows.count(self.given.member)
        for one in self.missing:
            lo = t.add(lo, t.case(one.certain, 1, 0))
            hi = t.add(hi, t.case(one.member, 1, 0))
        many = t.or_(*(one.member for one in self.missing if one.many))
        absent = self._any(lambda m: m.absent)
        return Num(True, End(lo), End(hi, 1, False, many), False, absent)

    def sum(self) -> Num:
        """SUM."""
        undefined, absent, bad = self._flags()
        lo, hi = self._sum(low=True), self._sum(low=False)
        return Num(self.program.t.not_(bad), lo, hi, undefined, absent)

    def _sum(self, *, low: bool) -> End:
        p, r = self.program, self.program.r
        total = r.const(0)
        if self.given is not None:
            total = self._given_sum(self.given, low=low)
        for one in self.missing:
            usable = p.t.and_(one.member, one.item.some)
            total = r.add(total, r.pick(usable, self._share(one, low=low), r.const(0)))
        return total

    def _share(self, one: Member, *, low: bool) -> End:
        """What one row adds at least, or at most."""
        p, r = self.program, self.program.r
        end = one.item.lo if low else one.item.hi
        outwards = r.sign(end)[0 if low else 1]
        if one.many:
            return r.pick(outwards, r.infinite(positive=not low), r.const(0))
        return r.pick(p.t.or_(outwards, one.certain), end, r.const(0))

    def _given_sum(self, one: Member, *, low: bool) -> End:
        t, rows = self.program.t, Given(self.program, self.entity)
        share = self._share(one, low=low)
        usable = t.and_(one.member, one.item.some)
        num, den = self._over_constant(share)
        ends = (rows.any(t.and_(usable, share.ninf)), rows.any(t.and_(usable, share.pinf)))
        finite = t.and_(usable, t.not_(share.ninf), t.not_(share.pinf))
        return End(rows.sum(finite, num), den, *ends)

    def _over_constant(self, end: End) -> tuple[Int, int]:
        """A numerator over a constant; quotients of the data have none, and are beyond."""
        if isinstance(end.den, int):
            return end.num, end.den
        return self.program.t.make("beyond", (), "int", secure=False), 1

    # ------------------------------------------------------------------ min, max

    def _missing_or_given(self, *, certain: bool) -> Bit:
        t = self.program.t
        return self._any(lambda m: t.and_(m.certain if certain else m.member, m.item.some))

    def _emptiness(self) -> tuple[Bit, Bit, Bit, Bit]:
        """Flags of what has no value over no rows: some, undefined, absent, and whether a row is certain."""
        t = self.program.t
        undefined, absent, bad = self._flags()
        usable, sure = self._missing_or_given(certain=False), self._missing_or_given(certain=True)
        none = t.or_(t.and_(t.not_(usable), t.not_(absent)), t.and_(usable, t.not_(sure)))
        some = t.and_(usable, t.not_(bad))
        return some, t.or_(undefined, t.and_(t.not_(bad), none)), absent, sure

    def greatest(self) -> Num:
        """MAX."""
        return self.program.d.negative(self._mirrored().least())

    def _mirrored(self) -> Hull:
        """The same rows with their items negated."""
        d = self.program.d

        def turned(one: Member) -> Member:
            return replace(one, item=d.negative(one.item))

        given = None if self.given is None else turned(self.given)
        return Hull(self.program, self.entity, given, [turned(one) for one in self.missing])

    def least(self) -> Num:
        """MIN."""
        r = self.program.r
        some, undefined, absent, sure = self._emptiness()
        lo = self._outermost(certain=False, high=False, greatest=False)
        least_sure = self._outermost(certain=True, high=True, greatest=False)
        most = self._outermost(certain=False, high=True, greatest=True)
        return Num(some, lo, r.pick(sure, least_sure, most), undefined, absent)

    def _outermost(self, *, certain: bool, high: bool, greatest: bool) -> End:
        """The least (or greatest) end of the rows that hold; means nothing if there is none."""
        t, r = self.program.t, self.program.r
        found: Num | None = None
        outcomes: list[tuple[Bit, End]] = []
        if self.given is not None:
            outcomes.append(self._given_outermost(self.given, certain=certain, high=high, greatest=greatest))
        for one in self.missing:
            end = one.item.hi if high else one.item.lo
            outcomes.append((t.and_(one.certain if certain else one.member, one.item.some), end))
        for there, end in outcomes:
            if there is False:
                continue
            best = end
            if found is not None:
                further = r.less(found.lo, end) if greatest else r.less(end, found.lo)
                best = r.pick(t.and_(there, t.or_(t.not_(found.some), further)), end, found.lo)
            some = there if found is None else t.or_(found.some, there)
            found = Num(some, best, best)
        if found is None:
            return r.const(0)
        return found.lo

    def _given_outermost(self, one: Member, *, certain: bool, high: bool, greatest: bool) -> tuple[Bit, End]:
        t, rows = self.program.t, Given(self.program, self.entity)
        end = one.item.hi if high else one.item.lo
        holds = t.and_(one.certain if certain else one.member, one.item.some)
        num, den = self._over_constant(end)
        finite = t.and_(holds, t.not_(end.ninf), t.not_(end.pinf))
        low, high_ = t.and_(holds, end.ninf), t.and_(holds, end.pinf)
        any_finite, any_low, any_high = rows.any(finite), rows.any(low), rows.any(high_)
        if greatest:
            pinf, ninf = any_high, t.and_(any_low, t.not_(t.or_(any_finite, any_high)))
        else:
            ninf, pinf = any_low, t.and_(any_high, t.not_(t.or_(any_finite, any_low)))
        found = End(rows.extreme(finite, num, greatest=greatest), den, ninf, pinf)
        return t.or_(any_finite, any_low, any_high), found

    # ------------------------------------------------------------------ avg

    def mean(self) -> Num:
        """AVG."""
        some, undefined, absent, _ = self._emptiness()
        lo = self.lowest_mean()
        hi = self.program.r.neg(self._mirrored().lowest_mean())
        return Num(some, lo, hi, undefined, absent)

    def lowest_mean(self) -> End:
        """Certain rows at their low ends; undecided ones join while they pull the mean down.

        Undecided rows among those given are beyond; missing rows are all alike, so they join together.
        """
        p, t, r = self.program, self.program.t, self.program.r
        rows = Given(p, self.entity)
        count: Int = 0
        total = r.const(0)
        endless: Bit = False
        undecided: Bit = False
        if self.given is not None:
            one = self.given
            sure, open_ = self._sure_and_open(one)
            num, den = self._over_constant(one.item.lo)
            count = rows.count(sure)
            total = End(rows.sum(t.and_(sure, t.not_(one.item.lo.ninf)), num), den)
            endless = rows.any(t.and_(t.or_(sure, open_), one.item.lo.ninf))
            undecided = rows.any(t.and_(open_, t.not_(one.item.lo.ninf)))
        joins: list[tuple[Bit, Member]] = []
        for one in self.missing:
            sure, open_ = self._sure_and_open(one)
            endless = t.or_(endless, t.and_(t.or_(sure, open_), one.item.lo.ninf))
            count = t.add(count, t.case(sure, 1, 0))
            low = replace(one.item.lo, ninf=False, pinf=False)
            total = r.add(total, r.pick(sure, low, r.const(0)))
            joins.append((open_, one))
        mean = r.over(total, End(count))
        mean = self._joined(joins, (total, count), mean)
        least = self._outermost(certain=False, high=False, greatest=False)
        beyond = t.make("beyond", (), "int", secure=False)
        mean = r.pick(undecided, End(beyond), mean)
        found = r.pick(t.lt(0, count), mean, least)
        return r.pick(endless, r.infinite(positive=False), found)

    def _sure_and_open(self, one: Member) -> tuple[Bit, Bit]:
        t = self.program.t
        sure = t.and_(one.certain, one.item.some)
        return sure, t.and_(one.member, one.item.some, t.not_(one.certain))

    def _joined(self, joins: Sequence[tuple[Bit, Member]], sure: tuple[End, Int], mean: End) -> End:
        """The mean after the missing rows have joined."""
        t, r = self.program.t, self.program.r
        lows = {one.item.lo for open_, one in joins if open_ is not False}
        if not lows:
            return mean
        lows = {replace(low, ninf=False, pinf=False) for low in lows}
        if len(lows) > 1:
            some = t.or_(*(open_ for open_, _ in joins))
            return r.pick(some, End(t.make("beyond", (), "int", secure=False)), mean)
        [low] = lows
        total, count = sure
        several = t.bits(open_ for open_, one in joins if not one.many)
        many = t.or_(*(open_ for open_, one in joins if one.many))
        together = r.over(r.add(total, r.mul(low, End(several))), End(t.add(count, several)))
        joined = r.pick(many, low, together)
        return r.pick(r.less(low, mean), joined, mean)
