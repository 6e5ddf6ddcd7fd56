"""A long loop body cut into short loops, so that compiling takes time in proportion to its length.

LLVM's passes and its allocation of registers take more than proportionally long for one function of
thousands of instructions. So a body is cut into pieces, each a function with a loop of its own over a block
of rows; what a later piece reads is kept for the block in a small array, unless it can be loaded again from
where it came. The driver takes the blocks one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

BLOCK = 512  # rows whose values in between are kept at a time
PIECE = 400  # instructions of one function
_NAME = re.compile(r"%[a-z]+\d*")
_DEFINED = re.compile(r"  (%v\d+) = (.*)")
_RESULTS = {"icmp": "i1", "fcmp": "i1", "getelementptr": "ptr"}
_CASTS = ("zext", "sext", "trunc", "sitofp", "fptosi", "uitofp")
_BYTE = 8


@dataclass(slots=True)
class Piece:
    """One function: its lines, and the values that it reads and leaves by slot of scratch memory."""

    lines: list[str]
    takes: dict[str, int] = field(default_factory=dict)
    leaves: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Cut:
    """The pieces in order, the type of every value kept between them, and the bytes of a row of each slot."""

    pieces: list[Piece]
    kinds: dict[str, str]
    slots: list[int]

    @property
    def scratch(self) -> int:
        """Bytes of scratch memory that one thread needs."""
        return sum(self.slots) * BLOCK


def cut(lines: Sequence[str], marks: Sequence[int] | None) -> Cut:
    """Cut a body; `marks` are the only places where it may be cut (None: anywhere)."""
    defined: dict[str, str] = {}
    for line in lines:
        match = _DEFINED.match(line)
        if match:
            defined[match[1]] = match[2]
    pieces = [Piece(_with_loads(lines[start:stop], defined)) for start, stop in _spans(len(lines), marks)]
    kinds = {name: _kind(text) for name, text in defined.items()}
    return Cut(pieces, kinds, _slots(pieces, kinds))


def _spans(length: int, marks: Sequence[int] | None) -> Iterable[tuple[int, int]]:
    """The stretches of lines that become pieces."""
    start = 0
    for place in range(PIECE, length, PIECE) if marks is None else marks:
        if place - start >= PIECE:
            yield start, place
            start = place
    yield start, length


def _with_loads(lines: Sequence[str], defined: dict[str, str]) -> list[str]:
    """A piece's lines, with the addresses and loads from columns that it takes from earlier ones again."""
    here = {match[1] for line in lines if (match := _DEFINED.match(line))}
    found: list[str] = []

    def fetch(name: str) -> None:
        if name in here or name not in defined:
            return
        text = defined[name]
        if not _again(text, defined):
            return
        here.add(name)
        for part in _NAME.findall(text):
            fetch(part)
        found.append(f"  {name} = {text}")

    for line in lines:
        match = _DEFINED.match(line)
        for name in _NAME.findall(match[2] if match else line):
            fetch(name)
        found.append(line)
    return found


def _again(text: str, defined: dict[str, str]) -> bool:
    """Whether a value is an address, or what stands in a column."""
    if text.startswith("getelementptr"):
        return True
    if not text.startswith("load"):
        return text.startswith("zext i32") and _from_load(text, defined)
    address = defined.get(_NAME.findall(text)[0], "")
    return "ptr %c" in address


def _from_load(text: str, defined: dict[str, str]) -> bool:
    source = defined.get(_NAME.findall(text)[0], "")
    return source.startswith("load") and _again(source, defined)


def _kind(text: str) -> str:
    """The type of an instruction's result."""
    op, _, rest = text.partition(" ")
    if op in _RESULTS:
        return _RESULTS[op]
    if op in _CASTS:
        return text.rpartition(" to ")[2]
    if op == "extractvalue":
        return "i1" if text.endswith("1") else "i64"
    if op == "select":
        return rest.split(", ")[1].split(" ")[0]
    if op == "call" and rest.startswith("{"):
        return rest[: rest.index("}") + 1]
    return rest.replace(",", "").split(" ")[0]


def _slots(pieces: list[Piece], kinds: dict[str, str]) -> list[int]:
    """Give every value that a later piece reads a slot; slots are used again once nobody reads them."""
    made: dict[str, int] = {}  # the piece that leaves a value
    last: dict[str, int] = {}  # the last piece that reads it
    reads: list[list[str]] = []
    for number, piece in enumerate(pieces):
        own, read = _names(piece)
        reads.append([name for name in read if name in made and name not in own])
        last.update(dict.fromkeys(reads[-1], number))
        for name in own:
            made.setdefault(name, number)
    slots: list[int] = []
    free: dict[int, list[int]] = {}
    place: dict[str, int] = {}
    kept = list(last)
    for number, piece in enumerate(pieces):
        piece.takes = {name: place[name] for name in reads[number]}
        for name in (name for name in kept if made[name] == number):
            size = size_of(kinds[name])
            spare = free.get(size)
            place[name] = spare.pop() if spare else len(slots)
            if place[name] == len(slots):
                slots.append(size)
            piece.leaves[name] = place[name]
        for name in (name for name in kept if last[name] == number):
            free.setdefault(size_of(kinds[name]), []).append(place[name])
    return slots


def _names(piece: Piece) -> tuple[dict[str, None], dict[str, None]]:
    """The values that a piece works out, and those that it reads."""
    own: dict[str, None] = {}
    read: dict[str, None] = {}
    for line in piece.lines:
        match = _DEFINED.match(line)
        read.update(dict.fromkeys(_NAME.findall(match[2] if match else line)))
        if match:
            own[match[1]] = None
    return own, read


def size_of(kind: str) -> int:
    """Bytes of a value as it is kept."""
    if kind in ("double", "ptr"):
        return _BYTE
    return max(1, int(kind[1:]) // _BYTE) if kind[1:].isdigit() else 2 * _BYTE
