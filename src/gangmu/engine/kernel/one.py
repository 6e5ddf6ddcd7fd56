"""One row at a time: the same machine code as for a million rows, over room that is laid out once.

All facts of a row stand in one piece of memory, so that one `struct.pack_into` writes their values (and one
copy, what is given of them), and all outcomes in another, which is copied. Point code (doubles with an error
bound) answers a row without holes; exact code answers the others and those that doubles cannot decide; what
neither can is for the interpreter.
"""

from __future__ import annotations

import ctypes
import struct
import threading
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

import numpy as np

from gangmu.engine.kernel.atoms import Families
from gangmu.engine.kernel.columns import GIVEN, MISSING, NONE, Array, Column, Kind
from gangmu.engine.kernel.machine import build
from gangmu.engine.kernel.one_answer import WORD, Readers, offsets_of
from gangmu.engine.kernel.plan import below, clock
from gangmu.engine.kernel.run import Path_, Task, arguments, write
from gangmu.engine.kernel.sources import Source
from gangmu.rulebook import model

__all__ = ["GIVEN", "MISSING", "NONE", "Outcome", "Place", "Row", "prepare_row"]

FARTHEST = 1 << 61  # numbers beyond, in units of their last digit, are for the interpreter
LAST_DAY, LAST_YEAR = date.max.toordinal(), 9_999
_DTYPES: dict[Kind, str] = {"number": "int64", "date": "int32", "code": "uint16", "truth": "uint8"}
_FORMATS = {"int64": "q", "int32": "i", "uint16": "H", "uint8": "B"}
# How far code is optimised: exact code is long, and takes seconds to optimise for microseconds of running.
_LEVELS: dict[Path_, int] = {"points": 1, "exact": 0}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an input stands in a row: its value among the values, and whether it is given among the states.

    A number in base units is written times `den`. A value must lie from `lo` to `hi`.
    """

    rule: model.Rule
    kind: Kind
    value: int  # of a text, of which only its state counts: -1
    state: int
    den: int
    lo: int
    hi: int


class Outcome(NamedTuple):
    """What came out of one row: the bytes, how each rule's answer is read from them, which code left them."""

    content: bytes
    readers: Readers
    path: Path_


class Code:
    """Machine code with its arguments laid out."""

    def __init__(self, task: Task, path: Path_) -> None:
        """Compile, or take what an earlier process compiled."""
        self.path, written = path, write(task, path)
        machine = build(written.loop, level=_LEVELS[path])
        source = Source(task.columns, task.clocks, task.spreads)
        arrays = [source.array(slot) for slot in written.slots]
        offsets, size = offsets_of(written.stored)
        room = _memory(size)
        params = np.array(arguments(task, written.parameters) or [0], np.int64)
        index = np.zeros(1, np.int32)
        columns = (ctypes.c_void_p * max(1, len(arrays)))(*(array.ctypes.data for array in arrays))
        ends = (ctypes.c_void_p * max(1, len(offsets)))(*(room.ctypes.data + offset for offset in offsets))
        fixed = (ctypes.addressof(columns), ctypes.addressof(ends), params.ctypes.data, index.ctypes.data)
        scratch = _memory(machine.scratch)
        self._call = machine.brief
        # made once: ctypes looks at each argument of each call, and has least to do with its own
        self._arguments = (*map(ctypes.c_void_p, (*fixed, scratch.ctypes.data)), *map(ctypes.c_int64, (0, 1)))
        self._content = room.tobytes
        self._doubts = offsets[written.flags] if written.flags >= 0 else -1
        self.readers = Readers(task, written, offsets)
        self._kept = (machine, arrays, room, params, index, scratch, columns, ends)  # as long as the code

    def run(self) -> Outcome | None:
        """What comes out of the row in memory; None if this code cannot decide it."""
        self._call(*self._arguments)
        content = self._content()
        if self._doubts >= 0 and content[self._doubts]:
            return None
        return Outcome(content, self.readers, self.path)


class Row:
    """Rules prepared for one row at a time on one day.

    `places` has the inputs that they read, by full name; `blank` the values of a row in which nothing is
    given.
    """

    def __init__(self, task: Task, laid: _Laid) -> None:
        """Compile both codes; none of the rules is one that exact code refuses."""
        self.names, self.places, self.blank = frozenset(task.names), laid.places, laid.blank
        self._all_given = bytes(len(laid.places))
        self._task, self._pack, self._memory = task, laid.pack.pack_into, laid.memory.data
        self._states = slice(laid.pack.size, laid.pack.size + len(laid.places))
        self._exact = Code(task, "exact")
        points = write(task, "points")
        sound = task.points_possible and not points.lapses and not points.refused
        self._points = Code(task, "points") if sound else None
        self._lock = threading.Lock()

    def atom(self, name: str, text: str) -> int:
        """How a code of an input is written."""
        return self._task.families.of(name).of(text)

    def run(self, values: Sequence[int], states: bytearray | None) -> Outcome | None:
        """What comes out of a row; no `states` if all its facts are given. None: for the interpreter."""
        with self._lock:
            self._pack(self._memory, 0, *values)
            if states is None and self._points is not None and (found := self._points.run()) is not None:
                return found
            self._memory[self._states] = self._all_given if states is None else states
            return self._exact.run()


def prepare_row(
    book: model.Rulebook, names: Sequence[str], day: date, base_year: int, *, grades: bool = False
) -> tuple[Row | None, dict[str, str]]:
    """Prepare rules (full names); those that the kernel refuses come back by name, with the reason."""
    task, laid = _task(book, names, day, base_year, grades=grades)
    refused = write(task, "exact").refused
    kept = [name for name in names if name not in refused]
    if not kept:
        return None, refused
    if refused:
        task, laid = _task(book, kept, day, base_year, grades=grades)
    return Row(task, laid), refused


def _task(
    book: model.Rulebook, names: Sequence[str], day: date, base_year: int, *, grades: bool
) -> tuple[Task, _Laid]:
    used = below(book, names)
    laid = _lay_out([rule for rule in used.inputs if rule.entity == model.ROOT])
    clocks = {"as_of": clock(np.array([day.toordinal()]), "as_of")}
    clocks["base_year"] = clock(np.array([base_year]), "base_year")
    task = Task(
        book, list(names), day, bisect_right(used.boundaries(), day), 1, laid.columns, clocks,
        Families(used.rules, names), points_possible=not used.judged(), grades=grades,
    )  # fmt: skip
    return task, laid


# ---------------------------------------------------------------------- room for a row


@dataclass(frozen=True, slots=True)
class _Laid:
    """A row laid out in memory: its places, and the columns of one element that code reads."""

    places: dict[str, Place]
    blank: list[int]
    pack: struct.Struct
    memory: Array
    columns: dict[str, Column]


def _lay_out(inputs: Sequence[model.Rule]) -> _Laid:
    """Words from the widest to the narrowest, so that each lies where a processor wants it; then states."""
    kinds = {rule.name: _kind(rule) for rule in inputs}
    ordered = [rule for kind in _DTYPES for rule in inputs if kinds[rule.name] == kind]
    dtypes = [np.dtype(_DTYPES[kinds[rule.name]]) for rule in ordered]
    starts = np.cumsum([0, *(dtype.itemsize for dtype in dtypes)]).tolist()
    memory = _memory(starts[-1] + len(inputs))
    places, columns, blank = {}, {}, [0] * len(ordered)
    words = {rule.name: word for word, rule in enumerate(ordered)}
    for number, rule in enumerate(inputs):
        kind, word = kinds[rule.name], words.get(rule.name, -1)
        den, lo, hi = _scale(rule, kind)
        places[rule.name] = Place(rule, kind, word, number, den, lo, hi)
        at = starts[-1] + number
        state = memory[at : at + 1]
        values = memory[starts[word] : starts[word + 1]].view(dtypes[word]) if word >= 0 else state
        columns[rule.name] = Column(kind, values, den, lo, hi, state)
        if word >= 0:
            blank[word] = min(max(lo, 0), hi)
    formats = "".join(_FORMATS[dtype.name] for dtype in dtypes)
    return _Laid(places, blank, struct.Struct(f"={formats}"), memory, columns)


def _kind(rule: model.Rule) -> Kind:
    match rule.input.input:
        case "number" | "year":
            return "number"
        case "condition":
            return "truth"
        case kind:
            return kind


def _scale(rule: model.Rule, kind: Kind) -> tuple[int, int, int]:
    """The denominator of an input's numbers, and its least and greatest word."""
    body = rule.input
    match kind:
        case "number" if body.input == "year":
            return 1, 0, LAST_YEAR
        case "number":
            digits = 10**body.decimals
            fine = Fraction(digits) / body.factor
            den = int(fine) if fine.denominator == 1 else digits * body.factor.denominator
            lo = -FARTHEST if body.range.lo is None else max(-FARTHEST, ceil(body.range.lo * den))
            hi = FARTHEST if body.range.hi is None else min(FARTHEST, floor(body.range.hi * den))
            return den, lo, hi
        case "date":
            return 1, 1, LAST_DAY
        case "truth":
            return 1, 0, 1
        case _:
            return 1, 0, 0xFFFF


def _memory(size: int) -> Array:
    """Bytes that begin where a word may."""
    return np.zeros(size // WORD + 1, np.int64).view(np.uint8)
