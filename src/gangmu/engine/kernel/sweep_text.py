"""The text of a sweep: for each block of rows first what no reform changes, then a loop over the reforms.

A block's intermediate results stay in the nearest caches while all reforms pass over it, and nothing is
written but tallies (`tally_text`). Bits that go from the first part to the second are packed into words,
which are as wide as the doubles beside them in a vector.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from gangmu.engine.kernel.split import Split
from gangmu.engine.kernel.tallied import Told
from gangmu.engine.kernel.tally_text import LANES, TallyText, loop_end, loop_head, moves_text

CACHE = 128 * 1024  # bytes of a block's arrays
MOST_ROWS = 1024
LINE, WORD = 64, 64


def size_of(kind: str) -> int:
    """Bytes that a value takes in an array: those of an integer rounded up to a power of two."""
    return 8 if kind == "double" else 1 << (max(int(kind[1:]), 8) - 1).bit_length() - 3


@dataclass(frozen=True)
class SweepText:
    """Everything of which the text is made.

    `doubt` is the bit that a row could not be decided, if one can be left undecided.
    """

    parts: Split
    told: Sequence[Told]
    doubt: bool | str
    declares: Sequence[str]
    columns: int
    parameters: int
    indexed: bool
    weighted: bool

    # ------------------------------------------------------------------ what is held of a block

    @cached_property
    def bits(self) -> list[str]:
        """Bits that go from the first part to the second."""
        return [register for register, kind in self.parts.carried if kind == "i1"]

    @cached_property
    def carried(self) -> list[tuple[str, str]]:
        """What goes from the first part to the second: registers, or words of bits, with their types."""
        found = [(register, kind) for register, kind in self.parts.carried if kind != "i1"]
        return found + [(f"%bits{n}", "i64") for n in range(-(-len(self.bits) // WORD))]

    @cached_property
    def outs(self) -> list[tuple[str, str]]:
        """What the second part writes of every row: register and type, rule by rule."""
        return [
            out
            for told in self.told
            for out in [(told.state, "i8"), *((e.register, e.kind) for e in told.ends)]
        ]

    @cached_property
    def block(self) -> int:
        """Rows of a block."""
        row = sum(size_of(kind) for _, kind in [*self.carried, *self.outs, *self.outs])
        return max(2 * LANES, min(MOST_ROWS, CACHE // max(1, row) // LANES * LANES))

    @cached_property
    def offsets(self) -> tuple[list[int], list[int], list[int], int]:
        """Where the arrays of a block begin: carried, outcomes of base and of reform; and where all end."""
        place, found = 0, []
        for kinds in (self.carried, self.outs, self.outs):
            group = []
            for _, kind in kinds:
                group.append(place)
                place += -(-size_of(kind) * self.block // LINE) * LINE
            found.append(group)
        return found[0], found[1], found[2], place + LINE

    @cached_property
    def tallies(self) -> list[TallyText]:
        """The counting of every rule."""
        return [TallyText(n, told, told.ends, self.block, self.weighted) for n, told in enumerate(self.told)]

    @cached_property
    def words(self) -> int:
        """Words of all tallies of one reform."""
        return sum(tally.words for tally in self.tallies)

    @cached_property
    def base_words(self) -> int:
        """Words of all tallies of the base."""
        return sum(tally.base_words for tally in self.tallies)

    @cached_property
    def doubt_is_fixed(self) -> bool:
        """Whether no reform changes which rows are doubtful."""
        return self.doubt is True or self.doubt in dict(self.parts.carried)

    # ------------------------------------------------------------------ the module

    def text(self) -> str:
        """The whole module."""
        functions = [line for tally in self.tallies for line in tally.text()]
        declares = sorted(set(self.declares))
        body = [*self._first(), *self._again(), moves_text(weighted=self.weighted), *functions]
        return "\n".join([*declares, *body, self._run(), ""])

    def _params(self, lines: Iterable[str]) -> list[str]:
        """Loads of the parameters that are read."""
        read = {int(n) for line in lines for n in re.findall(r"%par(\d+)\b", line)}
        return [
            line
            for n in sorted(read)
            for line in (
                f"  %pp{n} = getelementptr i64, ptr %params, i64 {n}",
                f"  %par{n} = load i64, ptr %pp{n}, align 8",
            )
        ]

    def _first(self) -> Iterator[str]:
        """What no reform changes, of the rows from `%start` on."""
        given = [f"ptr noalias readonly %c{n}" for n in range(self.columns)]
        given += [f"ptr noalias writeonly %s{n}" for n in range(len(self.carried))]
        given += ["ptr noalias writeonly %doubt", "ptr noalias readonly %idx", "ptr noalias readonly %params"]
        yield f"define internal void @first({', '.join(given)}, i64 %start, i64 %n) noinline nounwind {{"
        yield from loop_head(before=self._params(self.parts.first))
        yield "  %jj = add nuw nsw i64 %start, %j"
        if self.indexed:
            yield "  %ip = getelementptr i32, ptr %idx, i64 %jj"
            yield "  %i32 = load i32, ptr %ip, align 4"
            yield "  %row = zext i32 %i32 to i64"
        else:
            yield "  %row = add i64 %jj, 0"
        yield from self.parts.first
        yield from self._packed()
        for n, (register, kind) in enumerate(self.carried):
            yield from _store(f"%s{n}", kind, register)
        if self.doubt_is_fixed:
            yield f"  %d1 = zext i1 {'true' if self.doubt is True else self.doubt} to i8"
            yield from _store("%doubt", "i8", "%d1")
        yield from loop_end()

    def _again(self) -> Iterator[str]:
        """What a reform changes, for one row of parameters."""
        given = [f"ptr noalias readonly %s{n}" for n in range(len(self.carried))]
        given += [f"ptr noalias writeonly %o{n}" for n in range(len(self.outs))]
        given += ["ptr noalias %doubt", "ptr noalias readonly %params", "i64 %n"]
        yield f"define internal void @again({', '.join(given)}) noinline nounwind {{"
        yield from loop_head(before=self._params(self.parts.second))
        for n, (register, kind) in enumerate(self.carried):
            yield from _load(f"%s{n}", kind, register)
        yield from self._unpacked()
        yield from self.parts.second
        for n, (register, kind) in enumerate(self.outs):
            yield from _store(f"%o{n}", kind, register)
        if self.doubt is not False and not self.doubt_is_fixed:
            yield from _load("%doubt", "i8", "%d0")
            yield f"  %d1 = zext i1 {self.doubt} to i8"
            yield "  %d2 = or i8 %d0, %d1"
            yield "  %d2p = getelementptr i8, ptr %doubt, i64 %j"
            yield "  store i8 %d2, ptr %d2p, align 1"
        yield from loop_end()

    def _packed(self) -> Iterator[str]:
        """Bits into words."""
        for n, bit in enumerate(self.bits):
            word, place = divmod(n, WORD)
            last = n + 1 == len(self.bits) or place == WORD - 1
            yield f"  %bz{n} = zext i1 {bit} to i64"
            yield f"  %bs{n} = shl i64 %bz{n}, {place}"
            name = f"%bits{word}" if last else f"%bo{n}"
            yield f"  {name} = or i64 {f'%bo{n - 1}' if place else 0}, %bs{n}"

    def _unpacked(self) -> Iterator[str]:
        """Words into bits."""
        for n, bit in enumerate(self.bits):
            word, place = divmod(n, WORD)
            mask = (1 << place) - (1 << WORD if place == WORD - 1 else 0)
            yield f"  %bm{n} = and i64 %bits{word}, {mask}"
            yield f"  {bit} = icmp ne i64 %bm{n}, 0"

    # ------------------------------------------------------------------ the loops around it

    def _run(self) -> str:
        """Segments of one group each, blocks of a segment, reforms over a block."""
        carried, base, now, _ = self.offsets
        columns = [
            line
            for n in range(self.columns)
            for line in (
                f"  %cp{n} = getelementptr ptr, ptr %cols, i64 {n}",
                f"  %c{n} = load ptr, ptr %cp{n}, align 8",
            )
        ]
        rooms = [
            f"  %{letter}{n} = getelementptr i8, ptr %scratch, i64 {place}"
            for letter, places in (("s", carried), ("b", base), ("o", now))
            for n, place in enumerate(places)
        ]
        first = [*(f"ptr %c{n}" for n in range(self.columns)), *(f"ptr %s{n}" for n in range(len(carried)))]
        return f"""
define void @run(ptr %cols, ptr %scratch, ptr %params, ptr %idx, ptr %segs, i64 %count, i64 %reforms,
                 ptr %tally, ptr %basis, ptr %doubts, ptr %weights) nounwind {{
entry:
{chr(10).join([*columns, *rooms])}
  %some = icmp sgt i64 %count, 0
  br i1 %some, label %segment, label %exit
segment:
  %seg = phi i64 [ 0, %entry ], [ %seg2, %segment_end ]
  %seg3 = mul i64 %seg, 3
  %g0 = getelementptr i64, ptr %segs, i64 %seg3
  %g1 = getelementptr i64, ptr %g0, i64 1
  %g2 = getelementptr i64, ptr %g0, i64 2
  %start = load i64, ptr %g0, align 8
  %stop = load i64, ptr %g1, align 8
  %cell = load i64, ptr %g2, align 8
  %cr = mul i64 %cell, %reforms
  %at = mul i64 %cr, {self.words}
  %acc = getelementptr i64, ptr %tally, i64 %at
  %bat = mul i64 %cell, {self.base_words}
  %bacc = getelementptr i64, ptr %basis, i64 %bat
  %rows = icmp slt i64 %start, %stop
  br i1 %rows, label %block, label %segment_end
block:
  %from = phi i64 [ %start, %segment ], [ %to, %block_end ]
  %left = sub i64 %stop, %from
  %whole = icmp sgt i64 %left, {self.block}
  %n = select i1 %whole, i64 {self.block}, i64 %left
  %to = add i64 %from, %n
  %doubt = getelementptr i8, ptr %doubts, i64 %from
  %w = getelementptr i64, ptr %weights, i64 {"%from" if self.weighted else 0}
  call void @first({", ".join([*first, "ptr %doubt", "ptr %idx", "ptr %params", "i64 %from", "i64 %n"])})
  call void @again({self._given("b", "params")})
{chr(10).join(self._base_calls())}
  br label %reform
reform:
  %r = phi i64 [ 0, %block ], [ %r2, %reform ]
  %r2 = add nuw nsw i64 %r, 1
  %po = mul i64 %r2, {max(1, self.parameters)}
  %prow = getelementptr i64, ptr %params, i64 %po
  %ao = mul i64 %r, {self.words}
  %arow = getelementptr i64, ptr %acc, i64 %ao
  call void @again({self._given("o", "prow")})
{chr(10).join(self._reform_calls())}
  %again = icmp slt i64 %r2, %reforms
  br i1 %again, label %reform, label %block_end
block_end:
  %next = icmp slt i64 %to, %stop
  br i1 %next, label %block, label %segment_end
segment_end:
  %seg2 = add nuw nsw i64 %seg, 1
  %goes = icmp slt i64 %seg2, %count
  br i1 %goes, label %segment, label %exit
exit:
  ret void
}}"""

    def _given(self, side: str, params: str) -> str:
        given = [f"ptr %s{n}" for n in range(len(self.carried))]
        given += [f"ptr %{side}{n}" for n in range(len(self.outs))]
        return ", ".join([*given, "ptr %doubt", f"ptr %{params}", "i64 %n"])

    def _places(self) -> Iterator[tuple[TallyText, int, list[int]]]:
        """Each rule with where its state and its ends stand among the outs."""
        place = 0
        for tally in self.tallies:
            yield tally, place, list(range(place + 1, place + 1 + len(tally.ends)))
            place += 1 + len(tally.ends)

    def _base_calls(self) -> Iterator[str]:
        at = 0
        for tally, state, ends in self._places():
            n, given = tally.number, ", ".join(f"ptr %b{place}" for place in (state, *ends))
            yield f"  %ba{n} = getelementptr i64, ptr %bacc, i64 {at}"
            yield f"  call void @base{n}({given}, ptr %w, ptr %ba{n}, i64 %n)"
            at += tally.base_words

    def _reform_calls(self) -> Iterator[str]:
        at = 0
        for tally, state, ends in self._places():
            n, count = tally.number, len(tally.told.states)
            yield f"  %ra{n} = getelementptr i64, ptr %arow, i64 {at}"
            both = f"ptr %b{state}, ptr %o{state}"
            if tally.told.moves:
                yield f"  call void @moves({both}, i64 {count}, ptr %w, ptr %ra{n}, i64 %n)"
            if ends:
                given = ", ".join([both, *(f"ptr %{side}{place}" for side in "bo" for place in ends)])
                yield f"  call void @sums{n}({given}, ptr %w, ptr %ra{n}, i64 %n)"
            at += tally.words


def _load(array: str, kind: str, register: str) -> Iterator[str]:
    place = f"%at_{register[1:]}"
    yield f"  {place} = getelementptr {kind}, ptr {array}, i64 %j"
    yield f"  {register} = load {kind}, ptr {place}, align {size_of(kind)}"


def _store(array: str, kind: str, register: str) -> Iterator[str]:
    place = f"%to_{array[1:]}"
    yield f"  {place} = getelementptr {kind}, ptr {array}, i64 %j"
    yield f"  store {kind} {register}, ptr {place}, align {size_of(kind)}"
