"""Run asked rules over columns: points, then rows with holes, then what doubles could not decide.

Where many rows have holes, the bounds path takes them all in order, and there is no pass for points.
Threads take chunks of whole blocks of 1,024 rows; ctypes lets go of the GIL while machine code runs. Rows
that are beyond the exact path as well (or whose facts do not fit a column) are listed for the interpreter.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Literal, Protocol, TypeVar

import numpy as np

from gangmu.engine.kernel.atoms import Families
from gangmu.engine.kernel.columns import Array, Column
from gangmu.engine.kernel.domain import UnsupportedByKernel
from gangmu.engine.kernel.emit import Bit
from gangmu.engine.kernel.grades import Grades
from gangmu.engine.kernel.lines import Lines
from gangmu.engine.kernel.loops import WHOLE, Loop
from gangmu.engine.kernel.machine import Machine, build
from gangmu.engine.kernel.outputs import AnswerColumn, Layout, Outputs, Part, Stored
from gangmu.engine.kernel.program import Parameters, Program
from gangmu.engine.kernel.sources import Clock, Slot, Source, Spread
from gangmu.engine.kernel.stages import Node
from gangmu.engine.kernel.statuses import CODE, TRACKS
from gangmu.rulebook import model
from gangmu.rulebook.types import CodeType, DateType, LevelType, NumberType, TitleType

BLOCK = 1024
CHUNK = 32 * BLOCK
THREADS = 2
WORD = 8  # bytes
LINE = 64
FEW = 20_000  # rows for which optimising takes longer than it saves; for a long loop as many times more
MANY = 0.25  # share of rows with holes from which one pass of bounds over all rows costs less than both paths
Path_ = Literal["points", "bounds", "exact"]
UNDECIDED, BEYOND = 1, 2
GIVEN_ELSEWHERE = 255

_lock, _making = threading.Lock(), threading.RLock()


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked, of which columns, in one stretch of time."""

    book: model.Rulebook
    names: Sequence[str]  # full names
    day: date
    stretch: int  # which stretch of time `day` lies in
    length: int
    columns: Mapping[str, Column]
    clocks: Mapping[str, Clock]
    families: Families
    spreads: Mapping[Node, Spread] = field(default_factory=dict)
    reasons: Mapping[Node, str] = field(default_factory=dict)  # why an aggregate has no column
    holes: Array | None = None  # rows that are not points
    hard: Array | None = None  # rows that only the interpreter can take
    points_possible: bool = True
    grades: bool = False  # the weakest grade on the deciding path as well
    blind: bool = False  # only for tests: trust doubles


@dataclass(slots=True)
class Found:
    """Outcomes by rule, those refused, the rows left to the interpreter, and how many took which path."""

    columns: dict[str, AnswerColumn]
    refused: dict[str, str]
    left: Array
    counts: dict[str, int]


@dataclass(slots=True)
class Written:
    """A program that is written: its loop, layouts, arrays and parameters."""

    loop: Loop
    layouts: dict[str, Layout]
    refused: dict[str, str]  # rules that it does not answer, each with the reason
    slots: list[Slot]
    stored: list[Stored]
    parameters: Parameters
    flags: int  # the output of row flags; -1: none can be raised
    lapses: bool  # whether a rule may be not in force
    machines: dict[tuple[int, bool], Machine] = field(default_factory=dict)  # by level and whether indexed


class HasLoop(Protocol):
    """A loop that is written, and what goes with it."""

    @property
    def loop(self) -> Loop:
        """The loop."""


T = TypeVar("T", bound=HasLoop)
_written: dict[object, tuple[model.Rulebook, Written]] = {}
MAX_WRITTEN = 256
MOST_LINES = 1 << 19  # of all loops of a kind that are kept: with their machine code some 300 MiB


def column_shape(column: Column | None) -> object:
    """What of a column the text of a loop depends on."""
    if column is None:
        return None
    states = 1 if column.state is None else 3 if column.nones else 2
    return (column.kind, column.values.dtype.str, column.den, column.lo, column.hi, states)


def lines_shape(lines: Lines) -> object:
    """What of related rows the text of a loop over them depends on."""
    columns = tuple((name, column_shape(column)) for name, column in lines.columns.items())
    return (lines.entity.name, columns, column_shape(lines.period), lines.flags is None)


def shape_of(task: Task, path: str) -> object:
    """All that the text of a loop depends on: not the data, only their types and ranges."""
    of = column_shape
    spreads = tuple(
        (node, of(s.lo), of(s.hi), of(s.den_lo), of(s.den_hi)) for node, s in task.spreads.items()
    )
    clocks = tuple(
        (name, of(c.column), 0 if c.one is None else int(c.one.value).bit_length())
        for name, c in task.clocks.items()
    )
    columns = tuple((name, of(column)) for name, column in task.columns.items())
    asked = (id(task.book), tuple(task.names), task.stretch, path, task.families.key, task.grades)
    return (asked, columns, clocks, spreads, task.blind)


def write(task: Task, path: Path_) -> Written:
    """The loop of one path, written once for each shape of data."""
    return once(_written, shape_of(task, path), task.book, lambda: _write(task, path))


def once(
    kept: dict[object, tuple[model.Rulebook, T]], key: object, book: model.Rulebook, make: Callable[[], T]
) -> T:
    """What was made for a key, or make it; the book is kept, so that its id stays its own.

    What was not asked for longest gives way.
    """
    with _lock:
        found = _taken(kept, key)
    if found is not None:
        return found
    with _making:  # so that two threads do not make the same
        with _lock:
            found = _taken(kept, key)
        if found is not None:
            return found
        made = make()
        with _lock:
            lines = sum((len(one.loop.lines) for _, one in kept.values()), len(made.loop.lines))
            while kept and (len(kept) >= MAX_WRITTEN or lines > MOST_LINES):
                _, gone = kept.pop(next(iter(kept)))
                lines -= len(gone.loop.lines)
            kept[key] = (book, made)
    return made


def _taken(kept: dict[object, tuple[model.Rulebook, T]], key: object) -> T | None:
    """What is kept under a key, which is then the last to give way."""
    found = kept.pop(key, None)
    if found is None:
        return None
    kept[key] = found
    return found[1]


def _write(task: Task, path: Path_) -> Written:
    source = Source(task.columns, task.clocks, task.spreads, reasons=task.reasons)
    parameters = Parameters()
    program = Program(
        task.book, source, task.day, task.families, parameters,
        points=path == "points", exact=path == "exact", blind=task.blind,
    )  # fmt: skip
    source.program = program
    outputs = Outputs(program)
    layouts, refused = {}, {}
    grades = Grades(program) if task.grades else None
    for name in task.names:
        try:
            rank = 0 if grades is None else grades.rule(name)
            layouts[name] = _stored(program, outputs, task.book.rules[name])
        except UnsupportedByKernel as error:
            refused[name] = str(error)
        else:
            if grades is not None:
                outputs.grade(layouts[name], rank)
    flags = _flags(program, outputs)
    wide = any(
        " i" + width in line for line in program.e.lines for width in ("128", "192", "256", "384", "512")
    )
    loop = Loop(
        program.e.lines, sorted(program.e.declares), len(source.slots), len(parameters.values),
        len(outputs.stored), path != "points", plain=not wide,
    )  # fmt: skip
    return Written(loop, layouts, refused, source.slots, outputs.stored, parameters, flags, program.lapses)


def _stored(program: Program, outputs: Outputs, rule: model.Rule) -> Layout:
    layout = outputs.write(program.value(rule.name), title=isinstance(rule.type, TitleType))
    if isinstance(rule.body, model.Title):
        outputs.certificate(layout, rule.name, rule.body)
    return layout


def _flags(program: Program, outputs: Outputs) -> int:
    undecided: Bit = program.r.undecided
    beyond: Bit = program.r.beyond
    if undecided is False and beyond is False:
        return -1
    e = program.e
    both = e.ins(
        f"or i8 {e.pick(undecided, 'i8', str(UNDECIDED), '0')}, {e.pick(beyond, 'i8', str(BEYOND), '0')}"
    )
    return outputs.store("i8", both)


def machine_for(loop: Loop, machines: dict[tuple[int, bool], Machine], length: int) -> Machine:
    """Compiled code, kept while the process lives."""
    level = 0 if length * WHOLE < FEW * max(WHOLE, len(loop.lines)) else 2 if loop.plain else 1
    key = (level, loop.indexed)
    with _lock:
        if key not in machines:
            machines[key] = build(loop, level=level)
        return machines[key]


def execute(
    task: Task, written: Written, rows: Array | None, length: int, shared: Mapping[int, Array],
    *, lines: Lines | None = None,
) -> list[Array]:  # fmt: skip
    """Run one loop over all rows, or over those listed (of `lines`, if it is a loop over related rows).

    Outputs have an entry a row run, those `shared` with other paths (by number) an entry a row.
    """
    machine = machine_for(replace(written.loop, indexed=rows is not None), written.machines, length)
    source = Source(task.columns, task.clocks, task.spreads, lines)
    arrays = [source.array(slot) for slot in written.slots]
    outs = _rooms(written.stored, shared, length, task.length)
    values = arguments(task, written.parameters)
    params = np.array(values or [0], np.int64)
    index = np.zeros(1, np.int32) if rows is None else rows
    cols = (ctypes.c_void_p * max(1, len(arrays)))(*(a.ctypes.data for a in arrays))
    ends = (ctypes.c_void_p * max(1, len(outs)))(*(a.ctypes.data for a in outs))
    fixed = (ctypes.addressof(cols), ctypes.addressof(ends), params.ctypes.data, index.ctypes.data)

    def part(start: int) -> None:
        scratch = np.empty(machine.scratch + 1, np.uint8)
        machine.run(*fixed, scratch.ctypes.data, start, min(start + CHUNK, length))

    if length <= CHUNK:
        part(0)
    else:
        list(pool().map(part, range(0, length, CHUNK)))
    return outs


def arguments(task: Task, parameters: Parameters) -> list[int]:
    """The run-time arguments: numbers of law, and the clocks that all rows share."""
    values = [int(quantity.value.numerator) for quantity in parameters.values]
    for place, which in parameters.clocks.items():
        one = task.clocks[which].one
        assert one is not None  # noqa: S101  part of the shape for which the code was written
        values[place] = int(one.value)
    return values


_pools: list[ThreadPoolExecutor] = []


def pool() -> ThreadPoolExecutor:
    """The threads that take chunks of rows."""
    if not _pools:
        _pools.append(ThreadPoolExecutor(THREADS, "gangmu-kernel"))
    return _pools[0]


def _rooms(stored: Sequence[Stored], shared: Mapping[int, Array], run_: int, all_: int) -> list[Array]:
    """Arrays for all outputs, cut from one piece: it comes in large pages, and those cost less to get."""
    lengths = [all_ if one.by_row else run_ for one in stored]
    sizes = [
        0 if place in shared else -(-one.size * length // LINE) * LINE
        for place, (one, length) in enumerate(zip(stored, lengths, strict=True))
    ]
    ends = np.cumsum([0, *sizes])
    piece = np.empty(int(ends[-1]) + LINE, np.uint8)
    return [
        shared[place] if place in shared else _shaped(piece[ends[place] :], one, length)
        for place, (one, length) in enumerate(zip(stored, lengths, strict=True))
    ]


def _shaped(piece: Array, stored: Stored, length: int) -> Array:
    """The beginning of a piece as an output's array."""
    piece = piece[: stored.size * length]
    if stored.kind == "double":
        return piece.view(np.float64)
    if stored.size <= WORD:
        return piece.view(f"u{stored.size}" if stored.size < WORD else np.int64)
    return piece.view(np.int64).reshape(length, stored.size // WORD)


# ---------------------------------------------------------------------- all paths


@dataclass(slots=True)
class _Joined:
    """Outcomes put together path by path."""

    task: Task
    written: list[tuple[Written, list[Array]]] = field(default_factory=list)
    path: Array | None = None
    place: Array | None = None
    tracks: dict[tuple[str, str], Array] = field(default_factory=dict)  # by rule and what of it
    ranks: dict[str, int] = field(default_factory=dict)  # of rules whose grade all rows so far share

    def __post_init__(self) -> None:
        """Room for the statuses of all rows."""
        room = np.empty((len(self.task.names), self.task.length), np.uint8)
        self.tracks = {(name, "status"): row for name, row in zip(self.task.names, room, strict=True)}

    def track(self, name: str, what: str) -> Array:
        """An array with an entry a row, which every path writes in its own rows."""
        if (name, what) not in self.tracks:
            start = self.ranks.get(name, 0) if what == "grade" else 0
            self.tracks[name, what] = np.full(self.task.length, start, TRACKS[what])
        return self.tracks[name, what]

    def shared(self, written: Written) -> dict[int, Array]:
        """The tracks that a program writes, by the number of the output."""
        return {
            place: self.track(name, what)
            for name, layout in written.layouts.items()
            for what, place in layout.tracks.items()
        }

    def _rank(self, name: str, layout: Layout, rows: Array | None) -> None:
        """A grade that is the same for all rows of a path."""
        if rows is None or len(rows) == self.task.length:
            self.tracks.pop((name, "grade"), None)
            self.ranks[name] = layout.rank
        elif (name, "grade") in self.tracks or self.ranks.get(name, 0) != layout.rank:
            self.track(name, "grade")[rows] = layout.rank

    def add(self, written: Written, arrays: list[Array], rows: Array | None) -> None:
        """Let these rows be answered by this path."""
        for name, layout in written.layouts.items():
            if "grade" not in layout.tracks:
                self._rank(name, layout, rows)
        if rows is not None:
            if self.path is None or self.place is None:
                self.path = np.zeros(self.task.length, np.uint8)
                self.place = np.arange(self.task.length, dtype=np.int32)
            self.path[rows] = len(self.written)
            self.place[rows] = np.arange(len(rows), dtype=np.int32)
        self.written.append((written, arrays))

    def column(self, name: str) -> AnswerColumn:
        """One rule's outcomes."""
        parts = [Part(None, written.layouts[name], arrays) for written, arrays in self.written]
        kind = kind_of(self.task.book.rules[name])
        texts = self.task.families.of(name).texts if kind == "code" else ()
        return AnswerColumn(
            name, kind, self.track(name, "status"), parts, texts, self.path, self.place,
            grade=self.tracks.get((name, "grade"), self.ranks.get(name, 0)),
            held=self.tracks.get((name, "held")), until=self.tracks.get((name, "until")),
        )  # fmt: skip


def kind_of(rule: model.Rule) -> str:
    """Which kind of column a rule gives."""
    match rule.type:
        case NumberType():
            return "number"
        case DateType():
            return "date"
        case CodeType() | LevelType():
            return "code"
        case TitleType():
            return "title"
    return "truth"


def run(task: Task) -> Found:
    """Answer every row."""
    joined = _Joined(task)
    refused: dict[str, str] = {}
    doubtful: list[Array] = []
    counts = dict.fromkeys(("points", "bounds", "exact", "interpreter"), 0)
    if task.length and _all_as_bounds(task):
        refused |= write(task, "bounds").refused
        doubtful.append(_on(joined, "bounds", None))
        counts["bounds"] = task.length
    elif task.length:
        refused |= write(task, "points").refused
        sure = _on(joined, "points", None)
        doubtful.append(sure if task.holes is None else sure[~task.holes[sure]])
        holed = _places(task.holes)
        counts["points"] = task.length - len(holed)
        if len(holed):
            refused |= write(task, "bounds").refused
            doubtful.append(_on(joined, "bounds", holed))
            counts["bounds"] = len(holed)
    rest = np.concatenate(doubtful) if doubtful else _places(None)
    left = _places(None)
    if len(rest):
        left = _exactly(joined, rest, refused)
        counts["exact"] = len(rest)
    columns = {name: joined.column(name) for name in task.names if name not in refused}
    left = _handed(task, columns, left)
    counts["interpreter"] = len(left)
    return Found(columns, refused, left, counts)


def _all_as_bounds(task: Task) -> bool:
    """Whether one pass of the bounds path over all rows is right, or is cheaper than a pass of each.

    The bounds of a row without holes are its points, so where points are possible this is a choice of speed.
    A row picked out costs twice as much as one in order, and comes on top of the pass for points.
    """
    holed = 0 if task.holes is None else int(np.count_nonzero(task.holes))
    many = holed == task.length or (task.length >= FEW and holed >= MANY * task.length)
    return many or not task.points_possible or write(task, "points").lapses


def _places(mask: Array | None) -> Array:
    """The rows of a mask (None: there are none)."""
    found: Array = np.zeros(0, np.int32) if mask is None else np.flatnonzero(mask).astype(np.int32)
    return found


def _on(joined: _Joined, path: Path_, rows: Array | None) -> Array:
    """Run one path on some rows (None: on all); the rows that it could not decide."""
    task, written = joined.task, write(joined.task, path)
    length = task.length if rows is None else len(rows)
    arrays = execute(task, written, rows, length, joined.shared(written))
    joined.add(written, arrays, rows)
    open_ = _places(None if written.flags < 0 else arrays[written.flags])
    return open_ if rows is None else rows[open_]


def _exactly(joined: _Joined, rows: Array, refused: Mapping[str, str]) -> Array:
    """Run the exact path; all of its rows go to the interpreter if it refuses what the others do not."""
    if write(joined.task, "exact").refused.keys() - refused.keys():
        return rows
    return _on(joined, "exact", rows)


def _handed(task: Task, columns: Mapping[str, AnswerColumn], left: Array) -> Array:
    """Rows for the interpreter: undecided still, hard, or a text that stands for many."""
    found = np.zeros(task.length, bool)
    found[left] = True
    if task.hard is not None:
        found |= task.hard
    for column in columns.values():
        if column.kind == "code":
            found |= _nameless(column)
    return np.flatnonzero(found).astype(np.int32)


def _nameless(column: AnswerColumn) -> Array:
    """Rows whose known code is none of those that the book names."""
    found = np.zeros(len(column), bool)
    lost = np.array([text is None for text in column.texts])
    for number, part in enumerate(column.parts):
        rows = np.arange(len(column)) if column.path is None else np.flatnonzero(column.path == number)
        places = rows if column.place is None else column.place[rows]
        atoms = np.minimum(part.arrays[part.layout.atom][places], len(lost) - 1)
        found[rows] = lost[atoms] & (column.status[rows] == CODE["known"])
    return found


def quantity(value: int, like: str) -> model.Quantity:
    """A run-time argument that is no number of the book."""
    return model.Quantity(Fraction(value), NumberType(()), str(value), model.Where(like, 0))
