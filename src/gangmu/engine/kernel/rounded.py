"""Functions that are rounded to 15 digits, as columns: arguments by machine code, the function in Python.

SQRT, LN, EXP, powers and growth rates with fractions have one right answer, the interpreter's; so its own
function is applied, once to each distinct argument. What does not fit a word afterwards is for the
interpreter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gangmu.engine.functions import CALLS
from gangmu.engine.kernel.columns import Array
from gangmu.engine.kernel.domain import UnsupportedByKernel
from gangmu.engine.kernel.growths import growths
from gangmu.engine.kernel.kept import Ends, Kept, distinct, ends_of, keep, no_ends
from gangmu.engine.kernel.lines import Lines
from gangmu.engine.kernel.loops import Loop
from gangmu.engine.kernel.outputs import Outputs
from gangmu.engine.kernel.program import Parameters, Program
from gangmu.engine.kernel.roots import roots
from gangmu.engine.kernel.run import Task, Written, execute, lines_shape, once, shape_of
from gangmu.engine.kernel.sources import Source, Spread
from gangmu.engine.kernel.stages import Node
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model


@dataclass(slots=True)
class Arguments:
    """A loop that works out the arguments of some calls, and why it does not those of others."""

    written: Written
    kept: dict[ex.Call, list[Kept]] = field(default_factory=dict)
    reasons: dict[Node, str] = field(default_factory=dict)
    beyond: int = -1  # the output that says where they need more than the exact path has; -1: nowhere

    @property
    def loop(self) -> Loop:
        """The loop."""
        return self.written.loop


_arguments: dict[object, tuple[model.Rulebook, Arguments]] = {}
Found = tuple[Spread, Array, Array]  # a column, rows open, rows for the interpreter


def rounded_columns(
    task: Task, calls: Sequence[ex.Call], lines: Lines | None = None
) -> tuple[dict[Node, Found], dict[Node, str]]:
    """A column for each call, with an entry an owner or a line, and the reasons of those that have none."""
    key = (shape_of(task, "arguments"), tuple(calls), None if lines is None else lines_shape(lines))
    arguments = once(_arguments, key, task.book, lambda: _write(task, calls, lines))
    length = task.length if lines is None else len(lines)
    if not arguments.kept or not length:
        return {call: no_ends(0).spread() for call in arguments.kept}, arguments.reasons
    arrays = execute(task, arguments.written, None, length, {}, lines=lines)
    columns: dict[Node, Found] = {call: _column(call, kept, arrays) for call, kept in arguments.kept.items()}
    if arguments.beyond >= 0:
        lost = arrays[arguments.beyond] != 0
        columns = {call: (spread, open_, hard | lost) for call, (spread, open_, hard) in columns.items()}
    return columns, arguments.reasons


def _column(call: ex.Call, kept: Sequence[Kept], arrays: Sequence[Array]) -> Found:
    used = [arrays[place] for one in kept for place in one.arrays()]
    found = no_ends(len(used[0]))
    rest = np.flatnonzero(~_at_once(call, kept, arrays, found))
    match call:
        case ex.Call("GROWTH", (_, _, ex.Number(periods))) if len(rest) and periods > 1:
            rest = rest[~growths([one.bounds(arrays, rest) for one in kept[:2]], int(periods), found, rest)]
    if len(rest):
        first, like = distinct([array[rest] for array in used])
        function = CALLS[call.name]
        values = [function([one.value(arrays, int(rest[place])) for one in kept]) for place in first]
        found.put(rest, ends_of(values), like)
    return found.spread()


def _at_once(call: ex.Call, kept: Sequence[Kept], arrays: Sequence[Array], found: Ends) -> Array:
    """Work out square roots and growth rates of known numbers a column at a time; returns where."""
    nowhere = np.zeros(len(found.flags), bool)
    points = [one.point(arrays) for one in kept[:2]]
    match call:
        case ex.Call("SQRT"):
            degree, less = 2, 0
        case ex.Call("GROWTH", (_, _, ex.Number(periods))):
            degree, less = int(periods), 1
        case _:
            return nowhere
    if any(point is None for point in points):
        return nowhere
    known = np.logical_and.reduce([point[0] for point in points if point is not None])
    ends = [part.astype(np.longdouble) for point in points if point is not None for part in point[1:]]
    num, den = (ends[0], ends[1]) if len(ends) == 2 else (ends[0] * ends[3], ends[1] * ends[2])  # noqa: PLR2004
    inside = known & (num >= 0) & (den > 0)
    fine = roots(np.where(inside, num, 1), np.where(inside, den, 1), degree)
    if fine is None:
        return nowhere
    sure: Array = inside & fine.sure
    value = np.where(sure, fine.num - less * fine.den, 0)
    found.ends[:2, sure], found.ends[2:, sure] = value[sure], fine.den[sure]
    found.flags[sure] = 1
    return sure


def _write(task: Task, calls: Sequence[ex.Call], lines: Lines | None) -> Arguments:
    source = Source(task.columns, task.clocks, task.spreads, lines, task.reasons)
    parameters = Parameters()
    program = Program(task.book, source, task.day, task.families, parameters, points=False, exact=True)
    source.program = program
    outputs = Outputs(program)
    found: dict[ex.Call, list[Kept]] = {}
    reasons: dict[Node, str] = {}
    for call in calls:
        try:
            found[call] = [keep(outputs, program.num(arg)) for arg in call.args]
        except UnsupportedByKernel as error:
            reasons[call] = error.reason
    lost = program.r.beyond
    beyond = -1 if lost is False else outputs.store("i8", str(program.e.bit_as(lost, "i8")))
    arrays = (len(source.slots), len(parameters.values), len(outputs.stored))
    loop = Loop(program.e.lines, sorted(program.e.declares), *arrays, indexed=False, plain=False)
    written = Written(loop, {}, {}, source.slots, outputs.stored, parameters, -1, lapses=False)
    return Arguments(written, found, reasons, beyond)
