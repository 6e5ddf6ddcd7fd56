"""Answers from the bytes that code leaves of one row: a reader a rule, made when the code is.

Truth values are looked up, plain numbers unpacked; whatever else there is goes the way of a column of one
row, so that its meaning stands in one place (`outputs.AnswerColumn`).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

import numpy as np

from gangmu.engine.grade import GRADE_OF
from gangmu.engine.kernel.columns import Array
from gangmu.engine.kernel.outputs import AnswerColumn, Layout, Part, Stored, number_answer
from gangmu.engine.kernel.run import Task, Written, kind_of
from gangmu.engine.kernel.statuses import CODE, SOME, STATUSES
from gangmu.engine.outcomes import Answer

Reader = Callable[[bytes], Answer | None]  # None: a code that the rules do not name
WORD = 8  # bytes
_KNOWN = CODE["known"]
_TRUTHS = [
    [Answer({"true": True, "false": False}.get(status), status, grade=grade) for status in STATUSES]
    for grade in GRADE_OF
]  # by rank and status


def offsets_of(stored: Sequence[Stored]) -> tuple[list[int], int]:
    """Where each output of one row begins, and how long all are."""
    found, end = [], 0
    for one in stored:
        align = min(one.size, WORD)
        start = -(-end // align) * align
        found.append(start)
        end = start + one.size
    return found, end


def readers_of(task: Task, written: Written, offsets: Sequence[int]) -> dict[str, Reader]:
    """How each rule's answer is read."""
    return {name: _reader(task, name, written, offsets) for name in task.names}


def _reader(task: Task, name: str, written: Written, offsets: Sequence[int]) -> Reader:
    layout, kind = written.layouts[name], kind_of(task.book.rules[name])
    texts = task.families.of(name).texts if kind == "code" else ()

    def any_(content: bytes) -> Answer | None:
        outputs = cast("Sequence[Array]", _Outputs(written.stored, offsets, content))
        tracks = {what: outputs[number] for what, number in layout.tracks.items()}
        column = AnswerColumn(
            name, kind, tracks["status"], [Part(None, layout, outputs)], texts, None, None,
             grade=tracks.get("grade", layout.rank), held=tracks.get("held"),
            until=tracks.get("until"),
        )  # fmt: skip
        found = column.answer(0)
        nameless = kind == "code" and found.status == "known" and found.value is None
        return None if nameless else found

    if "grade" in layout.tracks or kind not in ("truth", "number"):
        return any_
    status = offsets[layout.tracks["status"]]
    if kind == "truth":
        truths = _TRUTHS[layout.rank]
        return lambda content: truths[content[status]]
    return _number(layout, written.stored, offsets)


def _number(layout: Layout, stored: Sequence[Stored], offsets: Sequence[int]) -> Reader:
    """How a number is read that has the same grade whatever it is."""
    status, grade = offsets[layout.tracks["status"]], GRADE_OF[layout.rank]
    bits = offsets[layout.ends] if layout.ends >= 0 else -1
    parts = {name: _whole(layout, name, stored, offsets) for name in (*layout.parts, *layout.constants)}
    num, den = parts["num_lo"], parts["den_lo"]
    ends = {"lo": (num, den), "hi": (parts.get("num_hi", num), parts.get("den_hi", den))}

    def read(content: bytes) -> Answer:
        if content[status] == _KNOWN:
            below = den(content)
            value = Fraction(num(content)) if below == 1 else Fraction(num(content), below)
            return Answer(value, "known", value, value, grade)
        some = SOME if bits < 0 else content[bits]
        found = number_answer(STATUSES[content[status]], some, lambda name: end(content, name), dated=False)
        return replace(found, grade=grade) if grade else found

    def end(content: bytes, name: str) -> Fraction:
        above, below = ends[name]
        return Fraction(above(content), below(content))

    return read


def _whole(
    layout: Layout, name: str, stored: Sequence[Stored], offsets: Sequence[int]
) -> Callable[[bytes], int]:
    """How a whole number is read."""
    if name in layout.constants:
        constant = layout.constants[name]
        return lambda _: constant
    place = layout.parts[name]
    start, size = offsets[place], stored[place].size
    if stored[place].kind == "double":
        double = struct.Struct("d").unpack_from
        return lambda content: int(double(content, start)[0])
    return lambda content: int.from_bytes(content[start : start + size], "little", signed=True)


@dataclass(frozen=True, slots=True)
class _Outputs:
    """The outputs of one row as arrays of one element, each made when it is looked at."""

    stored: Sequence[Stored]
    offsets: Sequence[int]
    content: bytes

    def __getitem__(self, number: int) -> Array:
        stored, start = self.stored[number], self.offsets[number]
        if stored.size > WORD:
            return np.frombuffer(self.content, np.int64, stored.size // WORD, start).reshape(1, -1)
        kind = "f8" if stored.kind == "double" else f"{'i' if stored.size == WORD else 'u'}{stored.size}"
        return np.frombuffer(self.content, kind, 1, start)
