"""Where a loop body's facts come from: columns of the owner, of its related rows, of aggregates.

A column becomes an argument of the loop when the first rule reads it. On the point path every fact read is
given; on the bounds path what is not given is everything that it could be. In a loop over related rows `%row`
is the related row, and what belongs to its owner is read at the owner's place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from gangmu.engine.kernel.atoms import Atoms
from gangmu.engine.kernel.columns import GIVEN, MISSING, NONE, Array, Column
from gangmu.engine.kernel.domain import Codes, Num, Truth, UnsupportedByKernel, Value
from gangmu.engine.kernel.emit import Bit
from gangmu.engine.kernel.lines import MANY, OPEN, SURE, Lines
from gangmu.engine.kernel.numbers import End, Whole
from gangmu.engine.kernel.program import Program
from gangmu.engine.kernel.stages import Node
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model

Slot = tuple[str, str | Node]  # which array of which input, clock or aggregate
_TYPES = {"uint8": "i8", "uint16": "i16", "int32": "i32", "int64": "i64", "float64": "double"}


@dataclass(frozen=True, slots=True)
class Spread:
    """An aggregate's column, or a rounded call's: ends as scaled integers; a bit for each thing that may be.

    Bits in `flags`: 1 ordinary, 2 undefined, 4 not in force, 8 endless below, 16 endless above.
    """

    lo: Column
    hi: Column
    flags: Array
    den_lo: Column | None = None
    den_hi: Column | None = None
    by_row: bool = False  # an entry a related row, in place of one an owner


@dataclass(slots=True)
class Clock:
    """As-of date or base year: one for all rows (a run-time argument), or a column."""

    one: model.Quantity | None = None
    column: Column | None = None


@dataclass(slots=True)
class Source:
    """The facts of one loop body."""

    columns: Mapping[str, Column]  # by full name of input; an input not here is never given
    clocks: Mapping[str, Clock]
    spreads: Mapping[Node, Spread] = field(default_factory=dict)
    lines: Lines | None = None  # of a loop over related rows
    reasons: Mapping[Node, str] = field(default_factory=dict)  # why an aggregate has no column
    slots: list[Slot] = field(default_factory=list)
    program: Program | None = None
    _places: dict[Slot, int] = field(default_factory=dict)

    @property
    def p(self) -> Program:
        """The program that reads from here."""
        assert self.program is not None  # noqa: S101  set before anything is read
        return self.program

    # ------------------------------------------------------------------ loads

    def array(self, slot: Slot) -> Array:
        """The array that a slot stands for, of these columns."""
        what, name = slot
        found: Array | None
        if what == "line":
            found = self._lines.array(str(name))
        elif what in ("values", "state"):
            found = getattr(self._column(str(name)), what)
        elif what == "clock":
            column = self.clocks[str(name)].column
            found = None if column is None else column.values
        else:
            assert not isinstance(name, str)  # noqa: S101  the only other key
            part = getattr(self.spreads[name], what)
            found = part.values if isinstance(part, Column) else part
        assert isinstance(found, np.ndarray)  # noqa: S101  a slot is made of what is there
        return found

    def load(self, slot: Slot) -> str:
        """The current row of an array, in its own type."""
        if slot not in self._places:
            self._places[slot] = len(self.slots)
            self.slots.append(slot)
        array, e = self.array(slot), self.p.e
        kind = _TYPES[str(array.dtype)]
        place = e.ins(f"getelementptr {kind}, ptr %c{self._places[slot]}, i64 {self._index(slot)}")
        return e.ins(f"load {kind}, ptr {place}, align {array.dtype.itemsize}")

    def _index(self, slot: Slot) -> str:
        """Which row of a slot's array is read: the related row's own, or its owner's."""
        what, name = slot
        if self.lines is None or what == "line":
            return "%row"
        if isinstance(name, str):
            related = what in ("values", "state") and name in self.lines.columns
        else:
            related = self.spreads[name].by_row
        return "%row" if related else self.owner()

    def owner(self) -> str:
        """The place of the related row's owner."""
        return self.p.e.ins(f"zext i32 {self.load(('line', 'owner'))} to i64")

    @property
    def _lines(self) -> Lines:
        assert self.lines is not None  # noqa: S101  asked for in a loop over related rows only
        return self.lines

    def _column(self, name: str) -> Column:
        related = self.lines is not None and name in self.lines.columns  # of no rows, too
        return self._lines.columns[name] if related else self.columns[name]

    def _find(self, rule: model.Rule) -> Column | None:
        related = self.lines is not None and rule.entity == self.lines.entity.name
        return self._lines.columns.get(rule.name) if related else self.columns.get(rule.name)

    def _word(self, column: Column, slot: Slot) -> Whole:
        register = self.load(slot)
        kind = _TYPES[str(column.values.dtype)]
        if kind == "double":
            return self.p.r.w.leaf_of_double(register, column.lo, column.hi)
        if kind == "i32":
            return self.p.r.w.leaf_of_int(register, column.lo, column.hi)
        if kind != "i64":
            register = self.p.e.ins(f"zext {kind} {register} to i64")
        return self.p.r.w.leaf(register, column.lo, column.hi)

    def _is(self, name: str, state: int) -> Bit:
        return self.p.e.ins(f"icmp eq i8 {self.load(('state', name))}, {state}")

    def _state(self, name: str, column: Column) -> tuple[Bit, Bit, Bit]:
        """Given, missing, said to be none."""
        if column.state is None or self.p.d.points:
            return True, False, False
        given = self._is(name, GIVEN)
        if not column.nones:
            return given, self.p.e.not_(given), False
        return given, self._is(name, MISSING), self._is(name, NONE)

    # ------------------------------------------------------------------ facts

    def input(self, rule: model.Rule) -> Value:
        """What is known of an input."""
        if self.lines is not None and self.lines.is_period(rule):
            return self.period()
        column = self._find(rule)
        if column is None:
            return self._unknown(rule)
        given, missing, none = self._state(rule.name, column)
        match column.kind:
            case "number" | "date":
                return self._number(rule, column, given, none)
            case "truth":
                e = self.p.e
                yes = e.ins(f"icmp ne i8 {self.load(('values', rule.name))}, 0")
                true, false = e.and_(given, yes), e.and_(given, e.not_(yes))
                return Truth(e.or_(true, missing), e.or_(false, missing), none)
            case "code":
                return self._code(rule, given, none)
        raise UnsupportedByKernel(rule.name, "a text in a formula")

    def _range(self, rule: model.Rule) -> tuple[End, End]:
        span, r = rule.input.range, self.p.r
        bounded = rule.input.input == "number"
        lo = r.const(span.lo) if bounded and span.lo is not None else r.infinite(positive=False)
        hi = r.const(span.hi) if bounded and span.hi is not None else r.infinite(positive=True)
        return lo, hi

    def _number(self, rule: model.Rule, column: Column, given: Bit, none: Bit) -> Num:
        word = self._word(column, ("values", rule.name))
        end = End(word, self.p.r.w.const(column.den))
        if given is True:
            return Num(True, end, end)
        low, high = self._range(rule)
        return Num(self.p.e.not_(none), self._or(given, end, low), self._or(given, end, high), none)

    def _or(self, given: Bit, end: End, far: End) -> End:
        """The end where the fact is given, else how far it can be: endless is a flag and no choice."""
        if far.ninf is False is far.pinf:
            return self.p.r.pick(given, end, far)
        off = self.p.e.not_(given)
        return replace(end, ninf=self.p.e.and_(off, far.ninf), pinf=self.p.e.and_(off, far.pinf))

    def _code(self, rule: model.Rule, given: Bit, none: Bit) -> Codes:
        e, d, atoms = self.p.e, self.p.d, self.p.families.of(rule.name)
        place = self.load(("values", rule.name))
        if atoms.width != 16:  # noqa: PLR2004
            op = "zext" if atoms.width > 16 else "trunc"  # noqa: PLR2004
            place = e.ins(f"{op} i16 {place} to i{atoms.width}")
        mask = e.ins(f"shl i{atoms.width} 1, {place}")
        if given is True:
            return Codes(mask, atoms)
        either = d.pick_mask(atoms, given, mask, self._any_code(rule, atoms))
        return Codes(d.pick_mask(atoms, none, 0, either), atoms, none)

    def _any_code(self, rule: model.Rule, atoms: Atoms) -> int:
        options = rule.input.options
        return atoms.mask(options) if options else atoms.everything

    def _unknown(self, rule: model.Rule) -> Value:
        match rule.input.input:
            case "number" | "year" | "date":
                return Num(True, *self._range(rule))
            case "condition":
                return Truth(True, True)
            case "code":
                atoms = self.p.families.of(rule.name)
                return Codes(self._any_code(rule, atoms), atoms)
        raise UnsupportedByKernel(rule.name, "a text in a formula")

    def shown(self, rule: model.Rule) -> Truth:
        """Whether a fact is given."""
        column = self.columns.get(rule.name)
        if column is None:
            return Truth(True, True)
        given, missing, none = self._state(rule.name, column)
        return Truth(self.p.e.or_(given, missing), self.p.e.or_(none, missing))

    def stated(self, rule: model.Rule) -> tuple[Num, Bit] | None:
        """The figure that a source states for a rule, and whether it does; None: for no case."""
        column = self.columns.get(rule.name)
        if column is None:
            return None
        end = End(self._word(column, ("values", rule.name)), self.p.r.w.const(column.den))
        return Num(True, end, end), self._is(rule.name, GIVEN)

    def clock(self, which: str) -> Num:
        """The as-of date or the base year."""
        clock = self.clocks[which]
        if clock.one is not None:
            return self.p.quantity(clock.one, which)
        assert clock.column is not None  # noqa: S101  one of the two
        end = End(self._word(clock.column, ("clock", which)), self.p.r.w.const(1))
        return Num(True, end, end)

    def period(self) -> Num:
        """Of a related row: its day or fiscal year, or up to when it may be."""
        lines, r = self.lines, self.p.r
        if lines is None:
            raise UnsupportedByKernel("", "LAST outside a related row")
        if lines.period is None:
            return Num(True, r.infinite(positive=False), r.infinite(positive=True))
        end = End(self._word(lines.period, ("line", "period")), r.w.const(1))
        if lines.flags is None:
            return Num(True, end, end)
        return Num(True, End(end.num, end.den, ninf=self._line_has(OPEN)), end)

    def _line_has(self, bit: int) -> Bit:
        masked = self.p.e.ins(f"and i8 {self.load(('line', 'flags'))}, {bit}")
        return self.p.e.ins(f"icmp ne i8 {masked}, 0")

    def line(self) -> tuple[Bit, Bit]:
        """Whether the related row certainly exists, and whether it stands for any number of rows."""
        if self._lines.flags is None:
            return True, False
        return self._line_has(SURE), self._line_has(MANY)

    def staged(self, node: Node) -> Num:
        """A column worked out before."""
        spread = self.spreads.get(node)
        if spread is None:
            told = self.reasons.get(node, "")
            what = f"{node.function} over {node.entity}" if isinstance(node, ex.Aggregate) else node.name
            raise UnsupportedByKernel("", f"{what}: {told or 'it stands in a row'}")
        lo = self._end(node, "lo", spread.lo, spread.den_lo)
        if self.p.d.points:
            return Num(True, lo, lo)
        e = self.p.e
        flags = self.load(("flags", node))

        def bit(value: int) -> Bit:
            masked = e.ins(f"and i8 {flags}, {value}")
            return e.ins(f"icmp ne i8 {masked}, 0")

        hi = self._end(node, "hi", spread.hi, spread.den_hi)
        low = End(lo.num, lo.den, bit(8), False)
        high = End(hi.num, hi.den, False, bit(16))
        return Num(bit(1), low, high, bit(2), bit(4))

    def _end(self, node: Node, side: str, column: Column, den: Column | None) -> End:
        w, word = self.p.r.w, self._word(column, (side, node))
        if den is None or den.hi < 1:  # a column of no rows has no denominators
            return End(word, w.const(column.den))
        below = w.within(self._word(den, (f"den_{side}", node)), 1, den.hi)
        return End(word, w.mul(below, w.const(column.den)))
