"""Many reforms in one pass: totals of rules under each, by group, without a row ever being written.

Rows take the three paths of `run`. A row that doubles cannot decide under some reform has been counted by
then; it is counted once more in the same way and taken away, and the exact path counts it instead. Integer
sums make that exact. Rows that no path can take are returned, for the interpreter.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gangmu.engine.kernel.columns import Array
from gangmu.engine.kernel.machine import Compiled, compile_text
from gangmu.engine.kernel.moved import Moved, SweptProgram, table_of
from gangmu.engine.kernel.program import Parameters
from gangmu.engine.kernel.run import FEW, THREADS, Path_, Task, arguments, pool, shape_of
from gangmu.engine.kernel.sources import Slot, Source
from gangmu.engine.kernel.split import split
from gangmu.engine.kernel.sweep_text import SweepText
from gangmu.engine.kernel.tallied import Teller, Told

CHUNK = 32_768  # rows that a thread takes at a time
MOST_TALLY = 1 << 23  # words of one thread's tallies; more are done in several passes
_ARGUMENTS = (ctypes.c_void_p,) * 5 + (ctypes.c_int64,) * 2 + (ctypes.c_void_p,) * 4
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Sweep:
    """Which numbers take which values under how many reforms."""

    movers: Mapping[int, Moved]  # by the identity of the base's quantity
    reforms: int

    def part(self, start: int, stop: int) -> Sweep:
        """Some of the reforms."""
        movers = {
            key: Moved(one.quantity, one.den, (one.numerators[0], *one.numerators[start + 1 : stop + 1]))
            for key, one in self.movers.items()
        }
        return Sweep(movers, stop - start)


@dataclass(frozen=True, slots=True)
class Cells:
    """The group of every row, and what each weighs (whole numbers)."""

    count: int
    of: Array | None = None  # int32; None: all rows are in the one group
    weights: Array | None = None  # int64


@dataclass(slots=True)
class Written:
    """A sweep that is written: its text, the rules told of, the arrays and parameters it reads."""

    text: SweepText
    slots: list[Slot]
    parameters: Parameters
    lapses: bool
    wide: bool
    machines: dict[int, Compiled] = field(default_factory=dict)


@dataclass(slots=True)
class RuleTotals:
    """One rule's tallies: `[group, reform, ...]` for reforms, `[group, ...]` for the base.

    `moves[g, r, a, b]` counts rows in state `a` under the base and `b` under the reform; `weighed` their
    weights. Sums are Python integers, to be divided by `den` (and by the weights' denominator).
    """

    told: Told
    moves: Array
    weighed: Array | None
    low: Array | None = None  # [group, reform]
    high: Array | None = None
    change: Array | None = None
    higher: Array | None = None
    lower: Array | None = None
    higher_weight: Array | None = None
    lower_weight: Array | None = None
    base_low: Array | None = None  # the base's, beside each reform's: [group, reform]
    base_high: Array | None = None


@dataclass(slots=True)
class Totals:
    """All rules' tallies, the rows left over and under which reforms, and how many rows took which path."""

    rules: dict[str, RuleTotals]
    left: list[tuple[range, Array]]
    paths: dict[str, int]


# ---------------------------------------------------------------------- writing

_written: dict[object, tuple[object, Written]] = {}
MAX_WRITTEN = 64


def write_sweep(task: Task, sweep: Sweep, path: Path_, *, indexed: bool, weighted: bool) -> Written:
    """Write the loops of one path. Raises `UnsupportedByKernel`."""
    source = Source(task.columns, task.clocks, task.spreads, reasons=task.reasons)
    parameters = Parameters()
    program = SweptProgram(
        task.book, source, task.day, task.families, parameters,
        points=path == "points", exact=path == "exact", blind=task.blind,
    )  # fmt: skip
    program.movers = sweep.movers
    source.program = program
    teller = Teller(program)
    told = [teller.tell(task.book.rules[name], program.value(name)) for name in task.names]
    doubt = program.e.or_(program.r.undecided, program.r.beyond)
    moved = [
        f"%par{place}" for place, quantity in enumerate(parameters.values) if id(quantity) in sweep.movers
    ]
    wanted = [one.state for one in told]
    wanted += [end.register for one in told for end in one.ends]
    if isinstance(doubt, str):
        wanted.append(doubt)
    parts = split(program.e.lines, moved, wanted, late=path == "exact")
    text = SweepText(
        parts, told, doubt, sorted(program.e.declares), len(source.slots), len(parameters.values),
        indexed=indexed, weighted=weighted,
    )  # fmt: skip
    wide = any(f" i{width} " in line for line in program.e.lines for width in (128, 192, 256, 384, 512))
    return Written(text, source.slots, parameters, program.lapses, wide)


def _compiled(written: Written, rows: int) -> Compiled:
    level = 0 if rows < FEW else 1 if written.wide else 2
    with _lock:
        if level not in written.machines:
            written.machines[level] = compile_text(
                written.text.text(), _ARGUMENTS, level=level, vector=not written.wide
            )
        return written.machines[level]


# ---------------------------------------------------------------------- running


@dataclass(slots=True)
class _Raw:
    """Tallies as the machine leaves them: words by group and reform, and by group for the base."""

    tally: list[Array]  # one a thread
    basis: list[Array]
    doubts: Array


def _run(
    task: Task, written: Written, sweep: Sweep, cells: Cells, rows: Array | None
) -> tuple[_Raw, Array | None]:
    """Run over some rows (None: all, in order); the rows in the order in which they were taken."""
    text, count = written.text, task.length if rows is None else len(rows)
    rows, segments = _segments(cells, rows, count)
    compiled = _compiled(written, count)
    source = Source(task.columns, task.clocks, task.spreads, reasons=task.reasons)
    arrays = [source.array(slot) for slot in written.slots]
    cols = (ctypes.c_void_p * max(1, len(arrays)))(*(a.ctypes.data for a in arrays))
    params = table_of(
        arguments(task, written.parameters), written.parameters.values, sweep.movers, sweep.reforms
    )
    index = np.zeros(1, np.int32) if rows is None else rows
    weights = np.zeros(1, np.int64)
    if cells.weights is not None:
        weights = cells.weights if rows is None else np.ascontiguousarray(cells.weights[rows])
    doubts = np.zeros(count, np.uint8)
    width, base_width = text.words, text.base_words
    todo = list(_pieces(segments))
    raw = _Raw([], [], doubts)

    def work(_: int) -> None:
        tally = np.zeros(cells.count * sweep.reforms * width + 1, np.int64)
        basis = np.zeros(cells.count * base_width + 1, np.int64)
        room = np.zeros(text.offsets[3] + 64, np.uint8)
        scratch = room.ctypes.data + (-room.ctypes.data) % 64
        while True:
            with _lock:
                piece = todo.pop() if todo else None
            if piece is None:
                break
            segs = np.array(piece, np.int64)
            compiled.run(
                ctypes.addressof(cols), scratch, params.ctypes.data, index.ctypes.data, segs.ctypes.data,
                len(piece), sweep.reforms, tally.ctypes.data, basis.ctypes.data, doubts.ctypes.data,
                weights.ctypes.data,
            )  # fmt: skip
        with _lock:
            raw.tally.append(tally[:-1].reshape(cells.count, sweep.reforms, width))
            raw.basis.append(basis[:-1].reshape(cells.count, base_width))

    workers = min(THREADS, len(todo))
    if workers > 1:
        list(pool().map(work, range(workers)))
    else:
        work(0)
    return raw, rows


def _segments(
    cells: Cells, rows: Array | None, count: int
) -> tuple[Array | None, list[tuple[int, int, int]]]:
    """Rows put together by group, and where each group begins and ends."""
    if cells.of is None:
        return rows, [(0, count, 0)]
    mine = cells.of if rows is None else cells.of[rows]
    kind = np.uint16 if cells.count <= 1 << 16 else np.int32
    order = np.argsort(mine.astype(kind), kind="stable").astype(np.int32)
    ends = np.cumsum(np.bincount(mine, minlength=cells.count))
    starts = [0, *ends[:-1].tolist()]
    spans = zip(starts, ends.tolist(), range(cells.count), strict=True)
    return (order if rows is None else rows[order]), [span for span in spans if span[0] < span[1]]


def _pieces(segments: Sequence[tuple[int, int, int]]) -> list[list[tuple[int, int, int]]]:
    """Segments cut and put together into chunks of about one size."""
    found: list[list[tuple[int, int, int]]] = []
    size = CHUNK
    for start, stop, cell in segments:
        while start < stop:
            if size >= CHUNK:
                found.append([])
                size = 0
            end = min(stop, start + CHUNK - size)
            found[-1].append((start, end, cell))
            size += end - start
            start = end  # noqa: PLW2901  the rest of the segment
    return found


def _read(raw: _Raw, text: SweepText) -> dict[str, RuleTotals]:
    """Words as counts and sums."""
    found: dict[str, RuleTotals] = {}
    first = base_first = 0
    for one in text.tallies:
        mine = [words[:, :, first : first + one.words] for words in raw.tally]
        base = [words[:, base_first : base_first + one.base_words] for words in raw.basis]
        found[one.told.rule] = _rule(one.told, mine, base, weighted=text.weighted)
        first += one.words
        base_first += one.base_words
    return found


def _rule(told: Told, mine: Sequence[Array], base: Sequence[Array], *, weighted: bool) -> RuleTotals:
    count = len(told.states)
    square = count * count
    words, basis = sum(mine[1:], start=mine[0]), sum(base[1:], start=base[0])
    shape = (*words.shape[:2], count, count)
    moves = _with_stayers(words[:, :, :square].reshape(shape), basis[:, :count])
    weighed = None
    at, base_at = square, count
    if weighted:
        weighed = _with_stayers(words[:, :, square : 2 * square].reshape(shape), basis[:, count : 2 * count])
        at, base_at = 2 * square, 2 * count
    totals = RuleTotals(told, moves, weighed)
    if told.ends:
        totals.low, totals.high, totals.change = (_double(mine, at + 2 * n) for n in range(3))
        reforms = (1, words.shape[1])
        totals.base_low, totals.base_high = (
            np.tile(_double(base, base_at + 2 * n)[:, None], reforms) for n in range(2)
        )
        totals.higher, totals.lower = words[:, :, at + 6], words[:, :, at + 7]
        if weighted:
            totals.higher_weight, totals.lower_weight = words[:, :, at + 8], words[:, :, at + 9]
    return totals


def _with_stayers(moves: Array, basis: Array) -> Array:
    """The diagonal: who did not move is who was there and did not leave."""
    found = moves.copy()
    stay = basis[:, None, :] - moves.sum(axis=3)
    places = np.arange(found.shape[2])
    found[:, :, places, places] = stay
    return found


def _double(arrays: Sequence[Array], at: int) -> Array:
    """Sums of two words as Python integers."""
    found: Any = 0
    for one in arrays:
        low, high = one[..., at].view(np.uint64).astype(object), one[..., at + 1].astype(object)
        found = found + low + high * (1 << 64)
    whole: Array = found
    return whole


def _joined(one: dict[str, RuleTotals], other: dict[str, RuleTotals], sign: int) -> None:
    """Add (or take away) tallies."""
    for name, mine in one.items():
        theirs = other[name]
        for slot in RuleTotals.__slots__:
            value = getattr(mine, slot)
            if slot != "told" and value is not None:
                setattr(mine, slot, value + sign * getattr(theirs, slot))


# ---------------------------------------------------------------------- all paths


def run_sweep(task: Task, sweep: Sweep, cells: Cells) -> Totals:
    """Tally the task's rules under every reform. Raises `UnsupportedByKernel`."""
    words = 1 + sum(len(states) ** 2 + 10 for states in _state_lists(task))
    most = max(1, MOST_TALLY // (words * cells.count * (1 if cells.weights is None else 2)))
    if sweep.reforms <= most:
        return _Pass(task, sweep, cells).totals()
    parts = [
        _Pass(task, sweep.part(start, min(start + most, sweep.reforms)), cells).totals()
        for start in range(0, sweep.reforms, most)
    ]
    return _beside(parts)


def _state_lists(task: Task) -> list[tuple[str, ...]]:
    from gangmu.engine.kernel.tallied import states_of

    return [states_of(task.book.rules[name]) for name in task.names]


def _beside(parts: Sequence[Totals]) -> Totals:
    """Passes over some of the reforms each, as one."""
    found = parts[0]
    for name, mine in found.rules.items():
        for slot in RuleTotals.__slots__:
            if slot != "told" and getattr(mine, slot) is not None:
                arrays = [getattr(part.rules[name], slot) for part in parts]
                setattr(mine, slot, np.concatenate(arrays, axis=1))
    first = 0
    for part in parts:
        [(reforms, rows)] = part.left
        if part is not found:
            found.left.append((range(first, first + len(reforms)), rows))
        first += len(reforms)
    return found


@dataclass(slots=True)
class _Pass:
    """One pass over all rows, path by path."""

    task: Task
    sweep: Sweep
    cells: Cells
    found: dict[str, RuleTotals] = field(default_factory=dict)

    def totals(self) -> Totals:
        """Everything counted."""
        task, paths = self.task, dict.fromkeys(("points", "bounds", "exact", "interpreter"), 0)
        doubtful: list[Array] = []
        holes = np.zeros(task.length, bool) if task.holes is None else task.holes
        hard = np.zeros(task.length, bool) if task.hard is None else task.hard
        all_open = not task.points_possible or bool(holes.all())
        if not all_open:
            all_open = self._written("points", indexed=False).lapses
        open_ = ~hard if all_open else holes & ~hard
        plain = ~(open_ | hard)
        if plain.any():
            doubtful.append(self._add("points", None if plain.all() else _rows(plain)))
        if open_.any():
            doubtful.append(self._add("bounds", _rows(open_)))
        paths["points"], paths["bounds"] = int(plain.sum()), int(open_.sum())
        rest = np.sort(np.concatenate(doubtful)) if doubtful else _rows(open_ & False)
        left = _rows(hard)
        if len(rest):
            left = np.concatenate([left, self._add("exact", rest)])
            paths["exact"] = len(rest)
        if not self.found:
            self._add("bounds", _rows(hard & False))
        paths["interpreter"] = len(left)
        return Totals(self.found, [(range(self.sweep.reforms), np.sort(left))], paths)

    def _written(self, path: Path_, *, indexed: bool) -> Written:
        key = (
            path,
            indexed,
            id(self.task.book),
            _shape(self.task, self.sweep),
            self.cells.weights is not None,
        )
        with _lock:
            kept = _written.get(key)
        if kept is None:
            weighted = self.cells.weights is not None
            made = write_sweep(self.task, self.sweep, path, indexed=indexed, weighted=weighted)
            kept = (self.task.book, made)
            with _lock:
                while len(_written) >= MAX_WRITTEN:
                    _written.pop(next(iter(_written)))
                _written[key] = kept
        return kept[1]

    def _add(self, path: Path_, rows: Array | None) -> Array:
        """Count rows on a path, but for those that it cannot decide, which are returned."""
        indexed = rows is not None or self.cells.of is not None
        written = self._written(path, indexed=indexed)
        raw, taken = _run(self.task, written, self.sweep, self.cells, rows)
        self._join(_read(raw, written.text), 1)
        raised = np.flatnonzero(raw.doubts).astype(np.int32)
        if not len(raised):
            return raised
        doubtful: Array = raised if taken is None else taken[raised]
        again = written if indexed else self._written(path, indexed=True)
        raw, _ = _run(self.task, again, self.sweep, self.cells, doubtful)
        self._join(_read(raw, again.text), -1)
        return doubtful

    def _join(self, more: dict[str, RuleTotals], sign: int) -> None:
        if not self.found:
            self.found = more
        else:
            _joined(self.found, more, sign)


def _rows(mask: Array) -> Array:
    return np.flatnonzero(mask).astype(np.int32)


def _shape(task: Task, sweep: Sweep) -> object:
    moved = tuple((key, one.den, one.span) for key, one in sorted(sweep.movers.items()))
    return (shape_of(task, "sweep"), moved)
