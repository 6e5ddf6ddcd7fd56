"""Rows one by one, for the owners whose aggregate running figures cannot hold.

A mean with undecided rows, a sum of fractions or one that leaves a machine word: machine code works out the
items and filters of just these rows, and the interpreter's own `aggregate` puts them together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from gangmu.engine.aggregate import Member, aggregate
from gangmu.engine.kernel.columns import Array
from gangmu.engine.kernel.domain import UnsupportedByKernel
from gangmu.engine.kernel.kept import Kept, keep
from gangmu.engine.kernel.lines import Lines
from gangmu.engine.kernel.loops import Loop
from gangmu.engine.kernel.outputs import Outputs
from gangmu.engine.kernel.program import Parameters, Program
from gangmu.engine.kernel.reduce import member_of
from gangmu.engine.kernel.run import Task, Written, execute, lines_shape, once, shape_of
from gangmu.engine.kernel.sources import Source
from gangmu.engine.values import Value
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model

_INCLUDED, _CERTAIN, _MANY, _ABSENT, _BEYOND = (1 << n for n in range(5))


@dataclass(slots=True)
class Rows:
    """A loop that works out the members of some aggregates: flags and items by aggregate."""

    written: Written
    kept: dict[ex.Aggregate, tuple[int, Kept]] = field(default_factory=dict)

    @property
    def loop(self) -> Loop:
        """The loop."""
        return self.written.loop


_rows: dict[object, tuple[model.Rulebook, Rows]] = {}


def one_by_one(
    task: Task, lines: Lines, hard: Mapping[ex.Aggregate, Array]
) -> dict[ex.Aggregate, dict[int, Value]]:
    """The aggregates of the owners listed (`hard`: a mask for each), by owner.

    Owners of a row that needed more than the exact path has are left out.
    """
    anyone = np.logical_or.reduce(list(hard.values()))
    places = np.flatnonzero(anyone[lines.owner]).astype(np.int32)
    key = (shape_of(task, "members"), tuple(hard), lines_shape(lines))
    rows = once(_rows, key, task.book, lambda: _write(task, lines, list(hard)))
    if not rows.kept:
        return {}
    arrays = execute(task, rows.written, places, len(places), {}, lines=lines)
    owner = lines.owner[places]
    found: dict[ex.Aggregate, dict[int, Value]] = {}
    for node, (flags, kept) in rows.kept.items():
        lost = owner[(arrays[flags] & _BEYOND) != 0]
        wanted = np.setdiff1d(np.flatnonzero(hard[node]), lost)
        cuts = np.searchsorted(owner, wanted)
        ends = np.searchsorted(owner, wanted, side="right")
        found[node] = {
            one: aggregate(node.function, _members(arrays, flags, kept, range(start, stop)))
            for one, start, stop in zip(wanted.tolist(), cuts.tolist(), ends.tolist(), strict=True)
        }
    return found


def _members(arrays: Sequence[Array], flags: int, kept: Kept, span: range) -> list[Member]:
    """The rows of one owner that count or may count."""
    found = []
    for place in span:
        bits = int(arrays[flags][place])
        if bits & _INCLUDED:
            item = kept.value(arrays, place)
            found.append(Member(item, bool(bits & _CERTAIN), bool(bits & _MANY), bool(bits & _ABSENT)))
    return found


def _write(task: Task, lines: Lines, nodes: Sequence[ex.Aggregate]) -> Rows:
    source = Source(task.columns, task.clocks, task.spreads, lines, task.reasons)
    parameters = Parameters()
    program = Program(task.book, source, task.day, task.families, parameters, points=False, exact=True)
    source.program = program
    outputs, e = Outputs(program), program.e
    kept: dict[ex.Aggregate, tuple[int, Kept]] = {}
    for node in nodes:
        member = member_of(program, source, node)
        bits = "0"
        tests = (
            (member.included, _INCLUDED), (member.certain, _CERTAIN), (member.many, _MANY),
            (member.absent, _ABSENT), (program.r.beyond, _BEYOND),
        )  # fmt: skip
        for test, bit in tests:
            bits = e.ins(f"or i8 {bits}, {e.pick(test, 'i8', str(bit), '0')}")
        try:
            kept[node] = (outputs.store("i8", bits), keep(outputs, member.item))
        except UnsupportedByKernel:
            continue  # too wide to be stored: these owners stay with the interpreter
    arrays = (len(source.slots), len(parameters.values), len(outputs.stored))
    loop = Loop(e.lines, sorted(e.declares), *arrays, indexed=True, plain=False)
    written = Written(loop, {}, {}, source.slots, outputs.stored, parameters, -1, lapses=False)
    return Rows(written, kept)
