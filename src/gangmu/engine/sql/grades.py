"""The weakest grade on the deciding path, in terms: `engine.grade` with a judge that writes.

A grade is its rank, a number of the query; for most rules it is known beforehand, and costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gangmu.engine.grade import Ceilings, Grading, ceilings_of
from gangmu.engine.interpreter import HELD, LAPSED
from gangmu.engine.sql.codes import one_code
from gangmu.engine.sql.domain import Codes, Num, Truth, Value
from gangmu.engine.sql.tables import rows_reached
from gangmu.engine.sql.terms import Bit, Int, low
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model

if TYPE_CHECKING:
    from datetime import date

    from gangmu.engine.sql.program import Program


class Widest(Ceilings):
    """The weakest grade that a rule can have on any of several days."""

    def __init__(self, book: model.Rulebook, days: Sequence[date]) -> None:
        """One day of each stretch of time is enough."""
        super().__init__(book, days[0])
        self._each = [ceilings_of(book, day) for day in days]

    def rule(self, name: str) -> int:
        """Of a rule."""
        return max(one.rule(name) for one in self._each)

    def node(self, node: ex.Expression) -> int:
        """Of a formula."""
        return max(one.node(node) for one in self._each)


class Grades:
    """The grades of one program's rules."""

    def __init__(self, program: Program, days: Sequence[date]) -> None:
        """Write into the program, for cases that are asked about on some of these days."""
        ceilings = Widest(program.book, days)
        self._grading = Grading[Value, Bit, Int](program.book, WritingJudge(program), ceilings)

    def rule(self, name: str) -> Int:
        """The rank of a rule's grade. Raises `UnsupportedBySql`."""
        return self._grading.rule(name)


class WritingJudge:
    """What a program knows of values: bits, some of them known beforehand."""

    def __init__(self, program: Program) -> None:
        """Ask this program, and write into its terms."""
        self.p, self.t, self.d = program, program.t, program.d

    def rule(self, name: str) -> Value:
        """The value of a rule."""
        return self.p.value(name)

    def eval(self, node: ex.Expression) -> Value:
        """The value of a formula."""
        return self.p.eval(node)

    def editions(self, rule: model.Rule) -> list[tuple[model.Edition, Bit]]:
        """Each edition that may be in force, with where it can decide."""
        return self.p.reached(rule)[0]

    def rows(self, table: model.Table) -> Sequence[tuple[model.Row, Bit]]:
        """Each row with where it can decide."""
        return rows_reached(self.p, table)

    def is_true(self, value: Value) -> Bit:
        """Only true is left."""
        return self.d.is_true(self.p.as_truth(value))

    def is_false(self, value: Value) -> Bit:
        """Only false is left."""
        return self.d.is_true(self.d.negate(self.p.as_truth(value)))

    def can_be_true(self, value: Value) -> Bit:
        """True is still possible."""
        return self.p.as_truth(value).true

    def is_known(self, value: Value) -> Bit:
        """One outcome is left."""
        t = self.t
        ordinary: Sequence[Bit]
        single: Bit = True
        match value:
            case Truth():
                ordinary = (value.true, value.false)
            case Num():
                ordinary, single = (value.some,), t.or_(t.not_(value.some), self._is_point(value))
            case Codes():
                some = self.d.some(value)
                ordinary, single = (some,), t.or_(t.not_(some), one_code(self.d, value)[0])
        return t.and_(single, self._one_of(*ordinary, value.undefined, value.absent))

    def _one_of(self, *bits: Bit) -> Bit:
        t = self.t
        return t.or_(
            *(
                t.and_(bit, *(t.not_(other) for place, other in enumerate(bits) if place != at))
                for at, bit in enumerate(bits)
            )
        )

    def _is_point(self, value: Num) -> Bit:
        return True if value.is_point else self.d.r.same(value.lo, value.hi)

    def only_absent(self, value: Value) -> Bit:
        """It may be not in force, and has no ordinary value."""
        return self.t.and_(value.absent, self.t.not_(self.d.some(value)))

    def same(self, one: Value, other: Value) -> Bit:
        """The same outcomes are left of both."""
        t = self.t
        pairs = [(one.undefined, other.undefined), (one.absent, other.absent)]
        match one, other:
            case Truth(), Truth():
                pairs += [(one.true, other.true), (one.false, other.false)]
            case Codes(), Codes() if not one.texts and not other.texts:
                codes = {**one.known, **other.known}
                pairs += [(one.known.get(code, False), other.known.get(code, False)) for code in codes]
                pairs.append((one.any, other.any))
            case _:
                raise self.p.refuse("values are told apart for a grade")
        return t.and_(*(t.or_(t.and_(a, b), t.and_(t.not_(a), t.not_(b))) for a, b in pairs))

    def is_number(self, value: Value) -> Bit:
        """It is one known number."""
        t, number = self.t, self.p.as_num(value)
        flags = t.or_(number.undefined, number.absent)
        return t.and_(number.some, t.not_(flags), self._is_point(number))

    def less(self, one: Value, other: Value) -> Bit:
        """One known number is less than another."""
        a, b = self.p.as_num(one), self.p.as_num(other)
        return self.t.and_(self.is_number(a), self.is_number(b), self.d.r.less(a.lo, b.lo))

    def by_certificate(self, value: Value) -> Bit:
        """A title can only be held or lapsed."""
        t, codes = self.t, self.p.as_codes(value)
        others = (bit for code, bit in codes.known.items() if code not in (HELD, LAPSED))
        return t.and_(self.d.some(codes), t.not_(t.or_(*others)))

    def both(self, one: Bit, other: Bit) -> Bit:
        """And."""
        return self.t.and_(one, other)

    def either(self, one: Bit, other: Bit) -> Bit:
        """Or."""
        return self.t.or_(one, other)

    def opposite(self, truth: Bit) -> Bit:
        """Not."""
        return self.t.not_(truth)

    def always(self, *, truth: bool) -> Bit:
        """Known beforehand."""
        return truth

    def fixed(self, truth: Bit) -> bool | None:
        """The truth, if it is known beforehand."""
        return truth if isinstance(truth, bool) else None

    def grade(self, rank: int) -> Int:
        """A rank known beforehand."""
        return rank

    def floor(self, grade: Int) -> int:
        """The least that it can be."""
        return low(grade) or 0

    def weaker(self, grade: Int, test: Bit, other: Int) -> Int:
        """The greater of two ranks, the second where the test holds."""
        t = self.t
        above = t.and_(test, t.lt(grade, other))
        return t.case(above, other, grade)
