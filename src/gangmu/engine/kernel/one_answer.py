"""Answers from the bytes that code leaves of one row: a reader a rule, made when the code is.

Truth values are looked up, plain numbers unpacked; whatever else there is goes the way of a column of one
row, so that its meaning stands in one place (`outputs.AnswerColumn`).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import getitem, itemgetter
from typing import Any, cast

import numpy as np

from gangmu.engine.grade import GRADE_OF
from gangmu.engine.kernel.columns import Array
from gangmu.engine.kernel.outputs import AnswerColumn, Layout, Part, Stored, number_answer
from gangmu.engine.kernel.run import Task, Written, kind_of
from gangmu.engine.kernel.statuses import CODE, SOME, STATUSES
from gangmu.engine.outcomes import Answer

Reader = Callable[[bytes], Answer | None]  # None: a code that the rules do not name
_Sure = Callable[[bytes], Answer]
WORD = 8  # bytes
_WORDS = {1: "b", 2: "=h", 4: "=i", 8: "=q"}
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


class Readers:
    """How the answers of one row are read from its bytes: each by its rule's full name, or all at once."""

    def __init__(self, task: Task, written: Written, offsets: Sequence[int]) -> None:
        """For what `written` leaves at these offsets."""
        self.one = readers_of(task, written, offsets)
        self._truths = {
            name: (offsets[layout.tracks["status"]], _TRUTHS[layout.rank])
            for name, layout in written.layouts.items()
            if name in self.one and kind_of(task.book.rules[name]) == "truth" and "grade" not in layout.tracks
        }

    def all(self, names: Mapping[str, str]) -> Callable[[bytes], dict[str, Answer]]:
        """How all answers are read, in order, by the names asked; `names` has the full ones.

        Truth values, which most answers are, are looked up in loops of C. None of the rules gives a code.
        """
        blank = dict.fromkeys(names, Answer(None, ""))
        truths = {name: self._truths[full] for name, full in names.items() if full in self._truths}
        others = [(name, cast("_Sure", self.one[full])) for name, full in names.items() if name not in truths]
        tables = [table for _, table in truths.values()]
        statuses = _picker([place for place, _ in truths.values()])

        def read(content: bytes) -> dict[str, Answer]:
            found = blank.copy()
            found.update(zip(truths, map(getitem, tables, statuses(content)), strict=True))
            for name, reader in others:
                found[name] = reader(content)
            return found

        return read


def _picker(places: Sequence[int]) -> Callable[[bytes], tuple[int, ...]]:
    """What stands at these places, in their order."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda content: tuple(content[place] for place in places)


def ratio(num: int, den: int) -> Fraction:
    """`Fraction(num, den)`, without asking what its arguments are: half of the time."""
    found: Any = object.__new__(Fraction)
    if den != 1:
        common = math.gcd(num, den) if den > 0 else -math.gcd(num, den)
        num, den = num // common, den // common
    found._numerator, found._denominator = num, den  # noqa: SLF001  a test holds these slots
    made: Fraction = found
    return made


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
            value = ratio(num(content), den(content))
            return make(Answer, (value, "known", value, value, grade, None))
        some = SOME if bits < 0 else content[bits]
        found = number_answer(STATUSES[content[status]], some, lambda name: end(content, name), dated=False)
        return found._replace(grade=grade) if grade else found

    make = tuple.__new__

    def end(content: bytes, name: str) -> Fraction:
        above, below = ends[name]
        return ratio(above(content), below(content))

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
    if size in _WORDS:
        word = struct.Struct(_WORDS[size]).unpack_from
        return lambda content: word(content, start)[0]
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
