"""What columns were like in the other parts of one body of evidence, so that code written for one serves all.

Machine code is written for proven ranges and for columns that have holes or none: cut into parts, evidence
would get code of its own for almost every one. Here each part's columns are widened to what was seen before.
The first parts say what is usual; as soon as one outgrows it, all numbers get a byte to spare. A wider range
is as true as a narrow one: no answer depends on it.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field, replace

import numpy as np

from gangmu.engine.kernel.columns import EXACT_DOUBLE, GIVEN, LIMIT, Array, Column
from gangmu.engine.kernel.lines import SURE, Lines, Related
from gangmu.engine.kernel.sources import Spread
from gangmu.engine.kernel.tables_of import Tables

_BYTE = 8


@dataclass(frozen=True, slots=True)
class Shape:
    """The most that was seen of a column: its range, scale, holes, facts said to be none."""

    lo: int
    hi: int
    den: int = 1
    holes: bool = False
    nones: bool = False
    spare: bool = False  # has a byte to spare

    def joined(self, other: Shape) -> Shape:
        """Room for both."""
        den = math.lcm(self.den, other.den)
        one, two = den // self.den, den // other.den
        return Shape(
            min(self.lo * one, other.lo * two), max(self.hi * one, other.hi * two), den,
            self.holes or other.holes, self.nones or other.nones,
        )  # fmt: skip

    def roomy(self) -> Shape:
        """With a byte to spare and room for 0, unless it has that or a word holds no more."""
        if self.spare:
            return self
        return replace(self, lo=_far(self.lo) if self.lo < 0 else 0, hi=_far(self.hi), spare=True)


def _far(end: int) -> int:
    far = (abs(end) + 1 << _BYTE) - 1
    return end if far >= LIMIT else far if end >= 0 else -far


@dataclass(slots=True)
class Widest:
    """The shapes seen in the parts so far; used by several threads at once."""

    seen: dict[object, Shape] = field(default_factory=dict)
    marks: set[object] = field(default_factory=set)
    outgrown: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tables(self, tables: Tables) -> Tables:
        """The columns of the owners and of their related rows."""
        before = self.outgrown
        found = self._tables(tables)
        return found if before == self.outgrown else self._tables(tables)  # those before the one that did it

    def _tables(self, tables: Tables) -> Tables:
        columns = {name: self.column(name, column) for name, column in tables.columns.items()}
        related = {name: self._related(one) for name, one in tables.related.items()}
        return replace(tables, columns=columns, related=related)

    def _related(self, related: Related) -> Related:
        columns = {name: self.column(name, column) for name, column in related.columns.items()}
        return replace(related, columns=columns)

    def lines(self, lines: Lines) -> Lines:
        """Lines of an entity: of their columns more may be open than of the rows that were given."""
        key = ("lines", lines.entity.name)
        columns = {name: self.column((*key, name), column) for name, column in lines.columns.items()}
        flags = lines.flags
        if self.mark((*key, "flags"), here=flags is not None) and flags is None:
            flags = np.full(len(lines), SURE, np.uint8)
        return replace(lines, columns=columns, flags=flags)

    def spread(self, key: object, spread: Spread) -> Spread:
        """The column of an aggregate."""
        return replace(
            spread,
            lo=self.column((key, "lo"), spread.lo), hi=self.column((key, "hi"), spread.hi),
            den_lo=self._den((key, "den lo"), spread.den_lo, spread.lo),
            den_hi=self._den((key, "den hi"), spread.den_hi, spread.hi),
        )  # fmt: skip

    def _den(self, key: object, den: Column | None, like: Column) -> Column | None:
        """The denominators of a column; all of them 1 where there are none but were before."""
        if self.mark(key, here=den is not None) and den is None:
            den = Column("number", np.ones(len(like.values)), 1, 1, 1)
        return None if den is None else self.column(key, den)

    def most(self, key: object, bits: int) -> int:
        """The highest number of bits under a key so far."""
        with self.lock:
            found = max(bits, self.seen[key].hi if key in self.seen else 0)
            self.seen[key] = Shape(0, found)
        return found

    def mark(self, key: object, *, here: bool) -> bool:
        """Whether something was ever there."""
        with self.lock:
            if here:
                self.marks.add(key)
            return key in self.marks

    def column(self, key: object, column: Column) -> Column:
        """A column as wide as it ever was."""
        if column.kind == "text":
            return column
        holes = column.state is not None
        own = Shape(column.lo, column.hi, column.den, holes, holes and column.nones)
        shape = self._shape(key, own, number=column.kind == "number")
        return column if replace(shape, spare=False) == own else _fitted(column, shape)

    def _shape(self, key: object, own: Shape, *, number: bool) -> Shape:
        with self.lock:
            before = self.seen.get(key, own)
            shape = before.joined(own)
            if shape == replace(before, spare=False):
                shape = before
            else:
                self.outgrown = True
            if number and self.outgrown:
                shape = shape.roomy()
            if shape.den != own.den and max(-shape.lo, shape.hi) >= LIMIT:  # it keeps code of its own
                return own
            self.seen[key] = shape
        return shape


def _fitted(column: Column, shape: Shape) -> Column:
    """A column in a shape that has room for it."""
    values: Array = column.values
    state = column.state
    if shape.holes and state is None:
        state = np.full(len(values), GIVEN, np.uint8)
    if column.kind == "number":
        wide = max(-shape.lo, shape.hi) >= EXACT_DOUBLE
        if shape.den != column.den:
            values = values.astype(np.int64) * (shape.den // column.den)
        if values.dtype != np.int32 or shape.den != column.den or max(-shape.lo, shape.hi) >= 1 << 31:
            values = values.astype(np.int64 if wide else np.float64, copy=False)
    return replace(
        column, values=values, den=shape.den, lo=shape.lo, hi=shape.hi, state=state, nones=shape.nones
    )
