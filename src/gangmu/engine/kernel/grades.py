"""The weakest grade on the deciding path, in machine code: `engine.grade` with a judge that writes.

A grade is a byte, its rank. Most rules have theirs whatever the facts: then nothing is written at all, and
the column of answers keeps one number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gangmu.engine.grade import Ceilings, Grading
from gangmu.engine.interpreter import HELD, LAPSED
from gangmu.engine.kernel.domain import Codes, Num, Truth, UnsupportedByKernel, Value
from gangmu.engine.kernel.emit import Bit
from gangmu.engine.kernel.numbers import TooWideError
from gangmu.engine.kernel.tables import rows_reached
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model

if TYPE_CHECKING:
    from gangmu.engine.kernel.program import Program


@dataclass(frozen=True, slots=True)
class Grade:
    """A rank in a register (i8), or as a number where it is known while compiling; never below `floor`."""

    floor: int
    register: str


class Grades:
    """The grades of one program's rules."""

    def __init__(self, program: Program) -> None:
        """Write into the program."""
        ceilings = Ceilings(program.book, program.day)
        self._grading = Grading[Value, Bit, Grade](program.book, WritingJudge(program), ceilings)

    def rule(self, name: str) -> int | str:
        """The rank of a rule's grade, or the register that will hold it. Raises `UnsupportedByKernel`."""
        try:
            found = self._grading.rule(name)
        except TooWideError:
            raise UnsupportedByKernel(name, "its limits need more than 1,000 bits") from None
        return found.floor if found.register == str(found.floor) else found.register


class WritingJudge:
    """What a program knows of values: bits, some of them known while compiling."""

    def __init__(self, program: Program) -> None:
        """Ask this program, and write into it."""
        self.p, self.e, self.d = program, program.e, program.d

    def rule(self, name: str) -> Value:
        """The value of a rule."""
        return self.p.value(name)

    def eval(self, node: ex.Expression) -> Value:
        """The value of a formula."""
        return self.p.eval(node)

    def editions(self, rule: model.Rule) -> list[tuple[model.Edition, Bit]]:
        """Each edition in force with where it can decide."""
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
        if self.d.points:
            return True
        match value:
            case Num():
                ordinary: Sequence[Bit] = (value.some,)
                single = self._is_point(value)
            case Truth():
                ordinary, single = (value.true, value.false), True
            case Codes():
                ordinary = (self.d.some(value),)
                single = self.e.or_(self.e.not_(ordinary[0]), self.d.single(value.atoms, value.mask))
        return self.e.and_(single, self._one_of(*ordinary, value.undefined, value.absent))

    def _one_of(self, *bits: Bit) -> Bit:
        e = self.e
        return e.or_(
            *(
                e.and_(bit, *(e.not_(other) for place, other in enumerate(bits) if place != at))
                for at, bit in enumerate(bits)
            )
        )

    def _is_point(self, value: Num) -> Bit:
        if value.is_point:
            return True
        apart = self.e.and_(value.some, self.e.not_(self.p.r.alike(value.lo, value.hi)))
        return self.e.not_(self.e.and_(apart, self.p.r.less(value.lo, value.hi, apart)))

    def only_absent(self, value: Value) -> Bit:
        """It may be not in force, and has no ordinary value."""
        return self.e.and_(value.absent, self.e.not_(self.d.some(value)))

    def same(self, one: Value, other: Value) -> Bit:
        """The same outcomes are left of both."""
        e = self.e
        flags = (e.same(one.undefined, other.undefined), e.same(one.absent, other.absent))
        match one, other:
            case Truth(), Truth():
                return e.and_(e.same(one.true, other.true), e.same(one.false, other.false), *flags)
            case Codes(), Codes():
                return e.and_(self._same_mask(one, other), *flags)
        raise self.p.refuse("numbers are told apart for a grade")

    def _same_mask(self, one: Codes, other: Codes) -> Bit:
        if isinstance(one.mask, int) and isinstance(other.mask, int):
            return one.mask == other.mask
        left, right = (self.d.mask_text(one.atoms, side.mask) for side in (one, other))
        return self.e.ins(f"icmp eq i{one.atoms.width} {left}, {right}")

    def is_number(self, value: Value) -> Bit:
        """It is one known number."""
        e, number = self.e, self.p.as_num(value)
        flags = e.or_(number.undefined, number.absent)
        return e.and_(number.some, e.not_(flags), self._is_point(number))

    def less(self, one: Value, other: Value) -> Bit:
        """One known number is less than another."""
        a, b = self.p.as_num(one), self.p.as_num(other)
        return self.p.r.less(a.lo, b.lo, self.e.and_(self.is_number(a), self.is_number(b)))

    def by_certificate(self, value: Value) -> Bit:
        """A title can only be held or lapsed."""
        codes = self.p.as_codes(value)
        atoms = codes.atoms
        others = atoms.everything & ~atoms.mask((HELD, LAPSED))
        return self.e.and_(self.d.some(codes), self.e.not_(self.d.meets(atoms, codes.mask, others)))

    def both(self, one: Bit, other: Bit) -> Bit:
        """And."""
        return self.e.and_(one, other)

    def either(self, one: Bit, other: Bit) -> Bit:
        """Or."""
        return self.e.or_(one, other)

    def opposite(self, truth: Bit) -> Bit:
        """Not."""
        return self.e.not_(truth)

    def always(self, *, truth: bool) -> Bit:
        """Known while compiling."""
        return truth

    def fixed(self, truth: Bit) -> bool | None:
        """The truth, if it is known while compiling."""
        return truth if isinstance(truth, bool) else None

    def grade(self, rank: int) -> Grade:
        """A rank known while compiling."""
        return Grade(rank, str(rank))

    def floor(self, grade: Grade) -> int:
        """The least that it can be."""
        return grade.floor

    def weaker(self, grade: Grade, test: Bit, other: Grade) -> Grade:
        """The greater of two ranks, the second where the test holds."""
        floor = max(grade.floor, other.floor) if test is True else grade.floor
        taken = self.e.pick(test, "i8", other.register, "0")
        if taken == "0":
            return grade
        if grade.register == "0":
            return Grade(floor, taken)
        if grade.register.isdigit() and taken.isdigit():
            return Grade(floor, str(max(int(grade.register), int(taken))))
        above = self.e.ins(f"icmp ugt i8 {taken}, {grade.register}")
        return Grade(floor, self.e.pick(above, "i8", taken, grade.register))
