"""Outcomes as columns: a status a row, and where it is a number its ends as exact integers.

Each path (points, bounds, exact) stores its own rows in its own layout; what all paths write into one array,
each in its own rows (statuses, grades, certificates), is a track. `AnswerColumn` puts rows together when
asked, as fractions, or as one scaled integer column where all rows share a denominator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

import numpy as np
import pyarrow as pa

from gangmu.engine.grade import GRADE_OF
from gangmu.engine.interpreter import HELD, LAPSED
from gangmu.engine.kernel.arrays import arrays_of
from gangmu.engine.kernel.atoms import STATES
from gangmu.engine.kernel.columns import Array
from gangmu.engine.kernel.domain import Codes, Num, Truth, UnsupportedByKernel, Value
from gangmu.engine.kernel.emit import Bit
from gangmu.engine.kernel.numbers import TooWideError, Whole, width_of
from gangmu.engine.kernel.program import Program
from gangmu.engine.kernel.statuses import (
    CODE,
    HIGH_ENDLESS,
    HOLDS,
    HOLDS_NOT,
    LOW_ENDLESS,
    SOME,
    STATUSES,
    TRACKS,
)
from gangmu.engine.kernel.titles import certificate, held
from gangmu.engine.outcomes import Answer
from gangmu.engine.values import INF
from gangmu.rulebook import model


@dataclass(frozen=True, slots=True)
class Stored:
    """One array that the loop writes: its LLVM type, bytes of an entry, an entry a row or a row run."""

    kind: str
    size: int
    by_row: bool


@dataclass(slots=True)
class Layout:
    """Where one rule's outcome stands among a loop's outputs (-1: not there); constants are kept here."""

    tracks: dict[str, int] = field(default_factory=dict)
    rank: int = 0  # of the grade, where it is the same for all rows
    ends: int = -1
    atom: int = -1
    parts: dict[str, int] = field(default_factory=dict)  # num_lo, den_lo, num_hi, den_hi
    constants: dict[str, int] = field(default_factory=dict)


class Outputs:
    """Writes outcomes at the end of a loop body."""

    def __init__(self, program: Program) -> None:
        """For one program."""
        self.p, self.stored = program, list[Stored]()

    def status(self, register: str) -> dict[str, int]:
        """The track of the status."""
        return {"status": self.store("i8", register, "%row")}

    def store(self, kind: str, register: str, index: str = "%j") -> int:
        """One value a row; returns the output's number."""
        place, bits = len(self.stored), 64 if kind == "double" else int(kind[1:])
        size = bits // 8
        e = self.p.e
        if bits <= 64:  # noqa: PLR2004  a machine word
            at = e.ins(f"getelementptr {kind}, ptr %o{place}, i64 {index}")
        else:
            at = e.ins(f"getelementptr i8, ptr %o{place}, i64 {e.ins(f'mul i64 %j, {size}')}")
        e.do(f"store {kind} {register}, ptr {at}, align {min(size, 8)}")
        self.stored.append(Stored(kind, size, index == "%row"))
        return place

    def write(self, value: Value, *, title: bool) -> Layout:
        """Store an outcome."""
        match value:
            case Truth():
                return Layout(tracks=self.status(self._truth_status(value)))
            case Codes():
                return self._codes(value, title=title)
            case Num():
                return self._number(value)

    def certificate(self, layout: Layout, name: str, body: model.Title) -> None:
        """Store whether a title is held, and its last day (0: none is known)."""
        p, e, r = self.p, self.p.e, self.p.r
        shown = held(p, name)
        sure = p.d.is_true(shown)
        denied = p.d.is_true(p.d.negate(shown))
        code = self.choose([(sure, HOLDS), (denied, HOLDS_NOT)], 0)
        layout.tracks["held"] = self.store("i8", code, "%row")
        end = certificate(p, body)[2]
        known = e.and_(end.some, e.not_(e.or_(end.undefined, end.absent, end.hi.pinf, end.lo.ninf)))
        if not end.is_point:
            known = e.and_(known, e.not_(r.less(end.lo, end.hi, known)))
        day = e.ins(f"trunc i64 {end.lo.num.exact(64)} to i32")
        layout.tracks["until"] = self.store("i32", e.pick(known, "i32", day, "0"), "%row")

    def grade(self, layout: Layout, rank: int | str) -> None:
        """Store the rank of a grade, if it is not the same for all rows."""
        if isinstance(rank, int):
            layout.rank = rank
        else:
            layout.tracks["grade"] = self.store("i8", rank, "%row")

    def choose(self, pairs: Sequence[tuple[Bit, int]], last: int) -> str:
        """The first status whose test holds."""
        found = str(last)
        for test, status in reversed(pairs):
            found = self.p.e.pick(test, "i8", str(status), found)
        return found

    def _several(self, some: Bit, several: Bit, value: Value) -> Bit:
        e = self.p.e
        return e.or_(
            several,
            e.and_(some, e.or_(value.undefined, value.absent)),
            e.and_(value.undefined, value.absent),
        )

    def _truth_status(self, value: Truth) -> str:
        e = self.p.e
        both = e.and_(value.true, value.false)
        open_ = False if self.p.d.points else self._several(e.or_(value.true, value.false), both, value)
        return self.choose(
            [
                (open_, CODE["unknown"]),
                (value.true, CODE["true"]),
                (value.false, CODE["false"]),
                (value.undefined, CODE["undefined"]),
            ],
            CODE["not_in_force"],
        )

    def _codes(self, value: Codes, *, title: bool) -> Layout:
        d = self.p.d
        atoms = value.atoms
        some, single = d.some(value), d.single(atoms, value.mask)
        several = self.p.e.and_(some, self.p.e.not_(single))
        open_ = self._several(some, several, value)
        if title:
            known = [(d.meets(atoms, value.mask, atoms.mask([s])), CODE[s]) for s in STATES]
            # a title that may be undefined is unknown, whatever else it may be
            tests = [(open_, CODE["unknown"]), *known, (value.undefined, CODE["unknown"])]
            return Layout(tracks=self.status(self.choose(tests, CODE["not_in_force"])))
        tests = [(open_, CODE["unknown"]), (some, CODE["known"]), (value.undefined, CODE["undefined"])]
        tracks = self.status(self.choose(tests, CODE["not_in_force"]))
        return Layout(tracks=tracks, atom=self.store("i16", self._atom(value)))

    def _atom(self, value: Codes) -> str:
        """The place of the lowest bit."""
        e, width, mask = self.p.e, value.atoms.width, value.mask
        if isinstance(mask, int):
            return str((mask & -mask).bit_length() - 1 if mask else 0)
        name = f"llvm.cttz.i{width}"
        e.declares.add(f"declare i{width} @{name}(i{width}, i1)")
        place = e.ins(f"call i{width} @{name}(i{width} {mask}, i1 false)")
        if width == 16:  # noqa: PLR2004
            return place
        return e.ins(f"{'trunc' if width > 16 else 'zext'} i{width} {place} to i16")  # noqa: PLR2004

    def _number(self, value: Num) -> Layout:
        e, r = self.p.e, self.p.r
        open_: Bit = False
        if not value.is_point:
            apart = e.and_(value.some, e.not_(r.alike(value.lo, value.hi)))
            open_ = e.and_(apart, r.less(value.lo, value.hi, apart))
        if not self.p.d.points:
            open_ = self._several(value.some, open_, value)
        tests = [(open_, CODE["unknown"]), (value.some, CODE["known"]), (value.undefined, CODE["undefined"])]
        layout = Layout(tracks=self.status(self.choose(tests, CODE["not_in_force"])))
        ends = (("lo", value.lo),) if value.is_point else (("lo", value.lo), ("hi", value.hi))
        for name, end in ends:
            self.whole(layout, f"num_{name}", end.num)
            self.whole(layout, f"den_{name}", end.den)
        if not self.p.d.points:
            low = e.or_(value.lo.ninf, value.lo.pinf)
            high = e.or_(value.hi.ninf, value.hi.pinf)
            bits = "0"
            for test, bit in ((value.some, SOME), (low, LOW_ENDLESS), (high, HIGH_ENDLESS)):
                bits = e.ins(f"or i8 {bits}, {e.pick(test, 'i8', str(bit), '0')}")
            layout.ends = self.store("i8", bits)
        return layout

    def whole(self, layout: Layout, name: str, whole: Whole) -> None:
        """Store an integer, or keep it in the layout if it is known while compiling."""
        if whole.constant is not None:
            layout.constants[name] = whole.constant
            return
        if not self.p.r.precise and whole.approx()[2] == 0:
            layout.parts[name] = self.store("double", whole.approx()[0])
            return
        try:
            width = width_of(whole.lo, whole.hi) if not whole.small else 64
        except TooWideError:
            raise UnsupportedByKernel("", "its value needs more than 512 bits") from None
        layout.parts[name] = self.store(f"i{width}", whole.exact(width))


# ---------------------------------------------------------------------- reading


@dataclass(slots=True)
class Part:
    """What one path found of one rule: the rows it answers, and its arrays."""

    rows: Array | None  # None: all rows in order
    layout: Layout
    arrays: Sequence[Array]

    def has(self, name: str) -> bool:
        """Whether it has integers of that name."""
        return name in self.layout.constants or name in self.layout.parts

    def whole(self, name: str, place: int) -> int:
        """One stored integer."""
        if name in self.layout.constants:
            return self.layout.constants[name]
        words = self.arrays[self.layout.parts[name]][place]
        if isinstance(words, np.ndarray):
            return int.from_bytes(words.tobytes(), "little", signed=True)
        return int(words)

    def end(self, name: str, place: int) -> Fraction:
        """One end, as a fraction."""
        if not self.has(f"num_{name}"):
            name = "lo"
        return Fraction(self.whole(f"num_{name}", place), self.whole(f"den_{name}", place))


def number_answer(status: str, bits: int, end: Callable[[str], Fraction], *, dated: bool) -> Answer:
    """The outcome of a number or a day, by what is possible of it; `end` gives its `lo` and `hi`."""
    if status in ("undefined", "not_in_force") or not bits & SOME:
        return Answer(None, status)
    low = -INF if bits & LOW_ENDLESS else end("lo")
    high = INF if bits & HIGH_ENDLESS else end("hi")
    if status == "unknown":
        return Answer(None, status, low, high)
    if dated:
        return Answer(date.fromordinal(int(low)) if isinstance(low, Fraction) else None, status)
    return Answer(low if isinstance(low, Fraction) else None, status, low, high)


@dataclass(slots=True)
class AnswerColumn:
    """One rule's outcomes: `status` holds places in `STATUSES`, `grade` ranks (one if all rows share it)."""

    name: str
    kind: str  # truth, number, date, code, title
    status: Array
    parts: list[Part]
    texts: Sequence[str | None]
    path: Array | None  # which part answers a row (None: the first, all of them); 255: `given`
    place: Array | None  # where in that part
    given: dict[int, Answer] = field(default_factory=dict)
    grade: int | Array = 0
    held: Array | None = None  # of a title
    until: Array | None = None

    def __len__(self) -> int:
        return len(self.status)

    def __iter__(self) -> Iterator[Answer]:
        return (self.answer(row) for row in range(len(self)))

    def answer(self, row: int) -> Answer:
        """One row's outcome, with its grade if grades were asked for."""
        if row in self.given:
            return self.given[row]
        rank = self.grade if isinstance(self.grade, int) else int(self.grade[row])
        found = self._outcome(row)
        return found._replace(grade=GRADE_OF[rank]) if rank else found

    def _outcome(self, row: int) -> Answer:
        status = STATUSES[self.status[row]]
        part, place = self._find(row)
        match self.kind:
            case "truth":
                return Answer({"true": True, "false": False}.get(status), status)
            case "title":
                return self._title(row, status)
            case "code":
                atom = int(part.arrays[part.layout.atom][place]) if status == "known" else -1
                return Answer(self.texts[atom] if atom >= 0 else None, status)
        return self._number(part, place, status)

    def _title(self, row: int, status: str) -> Answer:
        if self.held is None or self.until is None:
            return Answer(None, status)
        shown = {HOLDS: True, HOLDS_NOT: False}.get(int(self.held[row]))
        day = int(self.until[row]) if status in (HELD, LAPSED) else 0
        if status == "not_in_force":
            shown = None
        return Answer(shown, status, until=date.fromordinal(day) if day else None)

    def _find(self, row: int) -> tuple[Part, int]:
        if self.path is None or self.place is None:
            return self.parts[0], row
        return self.parts[self.path[row]], int(self.place[row])

    def _number(self, part: Part, place: int, status: str) -> Answer:
        bits = int(part.arrays[part.layout.ends][place]) if part.layout.ends >= 0 else SOME
        return number_answer(status, bits, lambda name: part.end(name, place), dated=self.kind == "date")

    def counts(self) -> dict[str, int]:
        """How many rows have each status that there is."""
        left, found = len(self), {}
        for code, name in enumerate(STATUSES):  # bytes are compared many at once, and few statuses occur
            if left and (count := int(np.count_nonzero(self.status == code))):
                found[name] = count
                left -= count
        return found

    def give(self, row: int, answer: Answer) -> None:
        """Let a row have an answer that was worked out elsewhere."""
        self.given[row] = answer
        self.status[row] = CODE[answer.status]
        rank = GRADE_OF.index(answer.grade)
        if isinstance(self.grade, int) and self.grade != rank:
            self.grade = np.full(len(self), self.grade, TRACKS["grade"])
        if not isinstance(self.grade, int):
            self.grade[row] = rank
        if self.held is not None and self.until is not None:
            self.held[row] = 0 if answer.value is None else HOLDS if answer.value else HOLDS_NOT
            self.until[row] = answer.until.toordinal() if answer.until else 0

    def arrays(self, _rule: model.Rule, /) -> Mapping[str, pa.Array]:
        """The columns of a result, by the end of their name."""
        return arrays_of(self)

    def scaled(self) -> tuple[Array, int] | None:
        """All values as one array of whole numbers and a denominator, if one path answered all rows."""
        if self.path is not None or len(self.parts) != 1 or "den_lo" not in self.parts[0].layout.constants:
            return None
        part = self.parts[0]
        den = part.layout.constants["den_lo"]
        if "num_lo" in part.layout.constants:
            return np.full(len(self), part.layout.constants["num_lo"], np.int64), den
        values = part.arrays[part.layout.parts["num_lo"]]
        return (values, den) if values.ndim == 1 else None
