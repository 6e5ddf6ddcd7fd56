"""Numbers that machine code stores whole, read back as the interpreter's values, and put into columns.

For what is rare or has no compiled form: the argument of a root, the rows of a mean of which some are
undecided. Python works on them with the interpreter's own functions, each distinct argument once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gangmu.engine.kernel.columns import Array, number_column
from gangmu.engine.kernel.domain import Num
from gangmu.engine.kernel.outputs import Layout, Outputs, Part
from gangmu.engine.kernel.sources import Spread
from gangmu.engine.values import INF, End, Interval, Value

_SOME, _UNDEFINED, _ABSENT, _LO_NINF, _HI_PINF, _LO_PINF, _HI_NINF = (1 << n for n in range(7))
_TOP = 2**61


@dataclass(frozen=True, slots=True)
class Bounds:
    """Numbers between two ends: where there surely is one, the ends as fractions, where they are endless."""

    given: Array
    low: tuple[Array, Array]
    high: tuple[Array, Array]
    below: Array
    above: Array


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a number stands among a loop's outputs."""

    flags: int
    layout: Layout

    def arrays(self) -> list[int]:
        """The outputs that it takes."""
        return [self.flags, *self.layout.parts.values()]

    def point(self, arrays: Sequence[Array]) -> tuple[Array, Array, Array] | None:
        """Where one known number is stored, its numerators and denominators; None if they are wide."""
        flags = arrays[self.flags]
        known = flags == _SOME
        pairs: dict[str, Array] = {}
        for name in ("num_lo", "den_lo", "num_hi", "den_hi"):
            if name in self.layout.parts:
                pairs[name] = arrays[self.layout.parts[name]]
            elif name in self.layout.constants:
                constant = self.layout.constants[name]
                if abs(constant) >= _TOP:
                    return None
                pairs[name] = np.full(len(flags), constant, np.int64)
        if any(part.ndim > 1 for part in pairs.values()):
            return None
        for name in ("num", "den"):
            if f"{name}_hi" in pairs:
                known = known & (pairs[f"{name}_lo"] == pairs[f"{name}_hi"])
        return known, pairs["num_lo"], pairs["den_lo"]

    def bounds(self, arrays: Sequence[Array], rows: Array) -> Bounds | None:
        """The bounds of some rows, column by column; None if they are wide."""
        bits = arrays[self.flags][rows]
        ends: dict[str, Array] = {}
        for name in ("num_lo", "den_lo", "num_hi", "den_hi"):
            if name in self.layout.parts:
                ends[name] = arrays[self.layout.parts[name]][rows]
            elif name in self.layout.constants:
                constant = self.layout.constants[name]
                if abs(constant) >= _TOP:
                    return None
                ends[name] = np.full(len(rows), constant, np.int64)
        if any(part.ndim > 1 for part in ends.values()):
            return None
        low = ends["num_lo"], ends["den_lo"]
        high = ends.get("num_hi", low[0]), ends.get("den_hi", low[1])
        given = bits & ~np.uint8(_LO_NINF | _HI_PINF) == _SOME
        return Bounds(given, low, high, bits & _LO_NINF != 0, bits & _HI_PINF != 0)

    def value(self, arrays: Sequence[Array], place: int) -> Value:
        """The number of one row."""
        bits = int(arrays[self.flags][place])
        undefined, absent = bool(bits & _UNDEFINED), bool(bits & _ABSENT)
        if not bits & _SOME:
            return Value(None, undefined, absent)
        part = Part(None, self.layout, arrays)
        lo = _endless(bits, _LO_NINF, _LO_PINF)
        hi = _endless(bits, _HI_NINF, _HI_PINF)
        ends = Interval(
            part.end("lo", place) if lo is None else lo, part.end("hi", place) if hi is None else hi
        )
        return Value(ends, undefined, absent)


def _endless(bits: int, below: int, above: int) -> float | None:
    return -INF if bits & below else INF if bits & above else None


def keep(outputs: Outputs, value: Num) -> Kept:
    """Store a number; may raise `UnsupportedByKernel` if it is too wide."""
    e, lo, hi = outputs.p.e, value.lo, value.hi
    layout = Layout()
    for name, end in (("lo", lo),) if value.is_point else (("lo", lo), ("hi", hi)):
        outputs.whole(layout, f"num_{name}", end.num)
        outputs.whole(layout, f"den_{name}", end.den)
    flags = (
        (value.some, _SOME), (value.undefined, _UNDEFINED), (value.absent, _ABSENT), (lo.ninf, _LO_NINF),
        (lo.pinf, _LO_PINF), (hi.ninf, _HI_NINF), (hi.pinf, _HI_PINF),
    )  # fmt: skip
    bits = "0"
    for test, bit in flags:
        bits = e.ins(f"or i8 {bits}, {e.pick(test, 'i8', str(bit), '0')}")
    return Kept(outputs.store("i8", bits), layout)


def distinct(arrays: Sequence[Array]) -> tuple[Array, Array]:
    """Places of rows that differ in some array, and for every row which of them it is like."""
    length = len(arrays[0])
    raw = [np.ascontiguousarray(array).reshape(length, -1).view(np.uint8) for array in arrays]
    rows = np.ascontiguousarray(np.concatenate([part.reshape(length, -1) for part in raw], axis=1))
    keys = rows.view(np.dtype((np.void, rows.shape[1]))).ravel()
    _, first, like = np.unique(keys, return_index=True, return_inverse=True)
    return first, like


def fits(end: End, fixed: int) -> tuple[int, int] | None:
    """An end as num / (den * fixed), if both are words."""
    if isinstance(end, float):
        return 0, 1
    common = math.gcd(end.denominator, fixed)
    num, den = end.numerator * (fixed // common), end.denominator // common
    return (num, den) if abs(num) < _TOP and den < _TOP else None


@dataclass(slots=True)
class Ends:
    """Values as arrays: numerators and denominators of both ends, flags, and those that do not fit."""

    ends: Array  # four rows: num lo, num hi, den lo, den hi
    flags: Array
    hard: Array

    def put(self, rows: Array, other: Ends, like: Array) -> None:
        """Take other values for some rows, `like` saying which of them."""
        self.ends[:, rows] = other.ends[:, like]
        self.flags[rows], self.hard[rows] = other.flags[like], other.hard[like]

    def spread(self) -> tuple[Spread, Array, Array]:
        """A column; rows open; rows that do not fit."""
        num_lo, num_hi, den_lo, den_hi = self.ends
        open_ = (self.flags != 1) | (num_lo != num_hi) | (den_lo != den_hi)
        low, high, below, above = (number_column(np.ascontiguousarray(end)) for end in self.ends)
        return Spread(low, high, self.flags, below, above), open_, self.hard


def no_ends(count: int) -> Ends:
    """Room for some values."""
    ends = np.zeros((4, count), np.int64)
    ends[2:] = 1
    return Ends(ends, np.zeros(count, np.uint8), np.zeros(count, bool))


def ends_of(values: Sequence[Value]) -> Ends:
    """The interpreter's values as arrays."""
    found = no_ends(len(values))
    for place, value in enumerate(values):
        found.flags[place] = value.undefined << 1 | value.absent << 2
        if not isinstance(value.ordinary, Interval):
            continue
        lo, hi = value.ordinary.lo, value.ordinary.hi
        found.flags[place] |= 1 | (lo == -INF) << 3 | (hi == INF) << 4
        low, high = fits(lo, 1), fits(hi, 1)
        if low is None or high is None or lo == INF or hi == -INF:
            found.hard[place] = True
        else:
            found.ends[:, place] = low[0], high[0], low[1], high[1]
    return found
