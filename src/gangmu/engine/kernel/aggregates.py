"""Aggregates as columns of the owners: stage by stage, each a loop over the related rows of one entity.

Loops over related rows compare exactly from the start (they do not fill vectors anyway), so no row has to be
run twice. What an aggregate cannot hold in a word goes to the interpreter, owner by owner.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from gangmu.engine.kernel.columns import Array
from gangmu.engine.kernel.domain import UnsupportedByKernel
from gangmu.engine.kernel.lines import Lines, Owners, Related, lines_of
from gangmu.engine.kernel.loops import Loop
from gangmu.engine.kernel.machine import Machine
from gangmu.engine.kernel.members import one_by_one
from gangmu.engine.kernel.program import Parameters, Program
from gangmu.engine.kernel.reduce import Accumulators, Figures, hard_of, spread_of
from gangmu.engine.kernel.rounded import rounded_columns
from gangmu.engine.kernel.run import CHUNK, Task, arguments, lines_shape, machine_for, once, pool, shape_of
from gangmu.engine.kernel.sources import Slot, Source, Spread
from gangmu.engine.kernel.stages import Node, Stage, stages_of, window_of
from gangmu.engine.kernel.widest import Widest
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model


@dataclass(slots=True)
class Spreads:
    """Aggregates worked out: their columns, why some have none, owners that are open or not for us."""

    columns: dict[Node, Spread] = field(default_factory=dict)
    reasons: dict[Node, str] = field(default_factory=dict)
    open: Array | None = None
    hard: Array | None = None

    def take(self, columns: Mapping[Node, tuple[Spread, Array, Array]], reasons: Mapping[Node, str]) -> None:
        """Add columns, each with the owners that it leaves open and those that are not for us."""
        self.reasons.update(reasons)
        for node, (spread, open_, hard) in columns.items():
            self.columns[node] = spread
            self.open = either(self.open, open_ if open_.any() else None)
            self.hard = either(self.hard, hard if hard.any() else None)

    def take_lines(
        self, lines: Lines, length: int,
        columns: Mapping[Node, tuple[Spread, Array, Array]], reasons: Mapping[Node, str],
    ) -> None:  # fmt: skip
        """Add columns of lines; what aggregates make of an open one, they say themselves."""
        self.reasons.update(reasons)
        for node, (spread, _, hard) in columns.items():
            self.columns[node] = replace(spread, by_row=True)
            owners = np.zeros(length, bool)
            owners[lines.owner[hard]] = True
            self.hard = either(self.hard, owners if hard.any() else None)


@dataclass(slots=True)
class Written:
    """A loop over related rows that is written."""

    loop: Loop
    figures: dict[ex.Aggregate, Figures]
    reasons: dict[Node, str]
    kinds: list[str]
    slots: list[Slot]
    parameters: Parameters
    machines: dict[tuple[int, bool], Machine] = field(default_factory=dict)


_written: dict[object, tuple[model.Rulebook, Written]] = {}


def spread_all(
    task: Task, related: Mapping[str, Related], owners: Owners, widest: Widest | None = None
) -> Spreads:
    """The columns of all aggregates below the rules asked, and the owners that they leave open."""
    stages = stages_of(task.book, task.names, task.day)
    lines: dict[str, Lines] = {}
    found = Spreads()
    for stage in stages:
        now = replace(task, spreads=dict(found.columns), reasons=dict(found.reasons))
        if not stage.entity:
            found.take(*_widened(rounded_columns(now, stage.calls), widest))
            continue
        if stage.entity not in lines:
            every = [node for one in stages if one.entity == stage.entity for node in one.aggregates]
            here = _lines(task, related[stage.entity], owners, window_of(every))
            lines[stage.entity] = here if widest is None else widest.lines(here)
            found.hard = either(found.hard, lines[stage.entity].hard)
        rows = lines[stage.entity]
        if stage.calls:
            calls = _widened(rounded_columns(now, stage.calls, rows), widest)
            found.take_lines(rows, task.length, *calls)
        if stage.aggregates:
            found.take(*_widened(_stage(now, stage, rows, widest), widest))
    return found


_Found = tuple[dict[Node, tuple[Spread, Array, Array]], dict[Node, str]]


def _widened(found: _Found, widest: Widest | None) -> _Found:
    """Columns as wide as they were in other parts of the same evidence."""
    if widest is None:
        return found
    columns, reasons = found
    return {
        node: (widest.spread(node, one), open_, hard) for node, (one, open_, hard) in columns.items()
    }, reasons


def _lines(task: Task, related: Related, owners: Owners, window: int | None) -> Lines:
    since = related.entity.since
    column = task.columns.get(since) if since else None
    return lines_of(related, replace(owners, since=column), window)


def either(one: Array | None, other: Array | None) -> Array | None:
    """Where one mask or the other is set; None is nowhere."""
    return one if other is None else other if one is None else one | other


def _stage(task: Task, stage: Stage, lines: Lines, widest: Widest | None) -> _Found:
    most = int(np.bincount(lines.owner).max(initial=1)) if len(lines) else 1
    bits = -(-most.bit_length() // 8) * 8
    bits = bits if widest is None else widest.most(stage, bits)
    written = _write(task, stage, lines, 1 << bits)
    arrays = _execute(task, written, lines)
    hard = {node: hard_of(figures, arrays) for node, figures in written.figures.items()}
    hard = {node: mask for node, mask in hard.items() if mask.any()}
    told = one_by_one(task, lines, hard) if hard else {}
    columns: dict[Node, tuple[Spread, Array, Array]] = {
        node: spread_of(figures, arrays, told.get(node, {})) for node, figures in written.figures.items()
    }
    return columns, written.reasons


def _write(task: Task, stage: Stage, lines: Lines, most: int) -> Written:
    key = (shape_of(replace(task, names=()), "lines"), stage, lines_shape(lines), most)
    return once(_written, key, task.book, lambda: _written_anew(task, stage, lines, most))


def _written_anew(task: Task, stage: Stage, lines: Lines, most: int) -> Written:
    source = Source(task.columns, task.clocks, task.spreads, lines, task.reasons)
    parameters = Parameters()
    program = Program(task.book, source, task.day, task.families, parameters, points=False, exact=True)
    source.program = program
    sums = Accumulators(program, source, most)
    figures: dict[ex.Aggregate, Figures] = {}
    reasons: dict[Node, str] = {}
    marks = [0]
    for node in stage.aggregates:
        try:
            figures[node] = sums.write(node)
        except UnsupportedByKernel as error:
            reasons[node] = error.reason
        marks.append(len(program.e.lines))
    arrays = (len(source.slots), len(parameters.values), len(sums.kinds))
    loop = Loop(
        program.e.lines, sorted(program.e.declares), *arrays,
        indexed=False, plain=False, adds=True, marks=marks,
    )  # fmt: skip
    return Written(loop, figures, reasons, sums.kinds, source.slots, parameters)


def _execute(task: Task, written: Written, lines: Lines) -> list[Array]:
    """Add all lines to their owners' figures; threads take the lines of whole owners."""
    source = Source(task.columns, task.clocks, task.spreads, lines)
    arrays = [source.array(slot) for slot in written.slots]
    outs = [np.zeros(task.length, np.dtype(kind.replace("i", "int"))) for kind in written.kinds]
    if not len(lines) or not outs:
        return outs
    machine = machine_for(written.loop, written.machines, len(lines))
    params = np.array(arguments(task, written.parameters) or [0], np.int64)
    index = np.zeros(1, np.int32)
    cols = (ctypes.c_void_p * max(1, len(arrays)))(*(a.ctypes.data for a in arrays))
    ends = (ctypes.c_void_p * max(1, len(outs)))(*(a.ctypes.data for a in outs))
    fixed = (ctypes.addressof(cols), ctypes.addressof(ends), params.ctypes.data, index.ctypes.data)

    def part(span: tuple[int, int]) -> None:
        scratch = np.empty(machine.scratch + 1, np.uint8)
        machine.run(*fixed, scratch.ctypes.data, *span)

    cuts = list(_cuts(lines.owner, task.length))
    if len(cuts) == 1:
        part(cuts[0])
    else:
        list(pool().map(part, cuts))
    return outs


def _cuts(owner: Array, length: int) -> Iterable[tuple[int, int]]:
    """The lines of each chunk of owners."""
    edges = np.searchsorted(owner, np.arange(0, length + CHUNK, CHUNK))
    edges[-1] = len(owner)
    pairs = zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    return [(start, stop) for start, stop in pairs if stop > start]
