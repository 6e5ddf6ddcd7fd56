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
class Kept:
    """Where a number stands among a loop's outputs."""

    flags: int
    layout: Layout

    def arrays(self) -> list[int]:
        """The outputs that it takes."""
        return [self.flags, *self.layout.parts.values()]

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


def spread_of_values(values: Sequence[Value], like: Array) -> tuple[Spread, Array, Array]:
    """A column of values, `like` saying which of them each row has; rows open, rows that do not fit."""
    count = len(values)
    ends = np.zeros((4, count), np.int64)
    ends[2:] = 1
    flags, hard = np.zeros(count, np.uint8), np.zeros(count, bool)
    for place, value in enumerate(values):
        flags[place] = value.undefined << 1 | value.absent << 2
        if not isinstance(value.ordinary, Interval):
            continue
        lo, hi = value.ordinary.lo, value.ordinary.hi
        flags[place] |= 1 | (lo == -INF) << 3 | (hi == INF) << 4
        low, high = fits(lo, 1), fits(hi, 1)
        if low is None or high is None or lo == INF or hi == -INF:
            hard[place] = True
        else:
            ends[:, place] = low[0], high[0], low[1], high[1]
    open_ = (flags != 1) | (ends[0] != ends[1]) | (ends[2] != ends[3])
    columns = [number_column(end[like]) for end in ends]
    return Spread(columns[0], columns[1], flags[like], columns[2], columns[3]), open_[like], hard[like]
