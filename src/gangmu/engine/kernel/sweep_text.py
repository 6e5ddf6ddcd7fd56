"""The text of a sweep: for each block of rows first what no reform changes, then a loop over the reforms.

A block's intermediate results stay in the innermost cache while all reforms pass over it, and nothing is
written but sums: states before and after are compared thirty-two at a time and only rows that moved are
counted one by one; numbers are added as vectors, in doubles where a block's sum is sure to be exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from gangmu.engine.kernel.split import Split
from gangmu.engine.kernel.tallied import Told, is_double

CACHE = 24 * 1024  # bytes of a block's arrays
LANES = 32
_EXACT = 2**53
_WORD = 2**62
SIZES = {"i1": 1, "i8": 1, "i16": 2, "i32": 4, "i64": 8, "double": 8}


@dataclass(frozen=True)
class SweepText:
    """Everything of which the text is made. `doubt` is the bit that a row could not be decided, if it can be."""

    parts: Split
    told: Sequence[Told]
    doubt: bool | str
    declares: Sequence[str]
    columns: int
    parameters: int
    indexed: bool
    weighted: bool
    precise: bool

    @cached_property
    def doubt_is_fixed(self) -> bool:
        """Whether no reform changes which rows are doubtful."""
        return self.doubt is True or self.doubt in dict(self.parts.carried)

    # ------------------------------------------------------------------ sizes

    @cached_property
    def carried(self) -> list[tuple[str, str, int]]:
        """What goes from the first part to the second: register (of bits, a word of them), type, bytes."""
        found = [
            (register, kind, SIZES.get(kind) or int(kind[1:]) // 8)
            for register, kind in self.parts.carried
            if kind != "i1"
        ]
        return found + [(f"%bits{n}", "i64", 8) for n in range(-(-len(self.bits) // 64))]

    @cached_property
    def bits(self) -> list[str]:
        """The bits among them: they travel in words, as wide as the doubles beside them in a vector."""
        return [register for register, kind in self.parts.carried if kind == "i1"]

    def _packed(self) -> Iterator[str]:
        """Bits into words."""
        for n, bit in enumerate(self.bits):
            word, place = divmod(n, 64)
            yield f"  %bz{n} = zext i1 {bit} to i64"
            yield f"  %bs{n} = shl i64 %bz{n}, {place}"
            last = n + 1 == len(self.bits) or place == 63  # noqa: PLR2004  the last bit of a word
            name = f"%bits{word}" if last else f"%bo{n}"
            yield f"  {name} = or i64 {f'%bo{n - 1}' if place else '0'}, %bs{n}"

    def _unpacked(self) -> Iterator[str]:
        """Words into bits."""
        for n, bit in enumerate(self.bits):
            word, place = divmod(n, 64)
            yield f"  %bm{n} = and i64 %bits{word}, {_signed(1 << place)}"
            yield f"  {bit} = icmp ne i64 %bm{n}, 0"

    @cached_property
    def outs(self) -> list[tuple[str, str]]:
        """What the second part writes for every row: register and type, rule by rule."""
        found = []
        for told in self.told:
            found.append((told.state, "i8"))
            for end in self.ends(told):
                found.append((end[0], self.kind(end)))
        return found

    def ends(self, told: Told) -> list[tuple[str, object]]:
        """The ends that a rule writes: none, one, or two."""
        if told.low is None or told.high is None:
            return []
        return [told.low] if told.high is told.low else [told.low, told.high]  # type: ignore[list-item]

    def kind(self, end: tuple[str, object]) -> str:
        """How an end is held."""
        return "double" if is_double(end, precise=self.precise) else "i64"  # type: ignore[arg-type]

    @cached_property
    def block(self) -> int:
        """Rows of a block."""
        row = sum(size for _, _, size in self.carried) + 2 * sum(SIZES[kind] for _, kind in self.outs)
        return max(2 * LANES, min(1024, CACHE // max(1, row) // LANES * LANES))

    @cached_property
    def offsets(self) -> tuple[list[int], list[int], list[int], int]:
        """Where the arrays of a block begin: carried, outcomes of the base, outcomes of a reform; and the end."""
        place, found = 0, []
        for sizes in (
            [size for _, _, size in self.carried],
            [SIZES[kind] for _, kind in self.outs],
            [SIZES[kind] for _, kind in self.outs],
        ):
            group = []
            for size in sizes:
                group.append(place)
                place += -(-size * self.block // 64) * 64
            found.append(group)
        return found[0], found[1], found[2], place + 64

    # ------------------------------------------------------------------ the module

    def text(self) -> str:
        """The whole module."""
        declares = {*self.declares, "declare i32 @llvm.cttz.i32(i32, i1)"}
        lines = [*sorted(declares), *self._first(), *self._again(), *moves(weighted=self.weighted)]
        for number, told in enumerate(self.told):
            lines += self._base(number, told)
            if told.numeric:
                lines += self._sums(number, told)
        return "\n".join([*lines, *self._run(), ""])

    def _params(self, lines: Sequence[str]) -> Iterator[str]:
        """Loads of the parameters that are read."""
        text = "\n".join(lines)
        for n in range(self.parameters):
            if _mentions(text, f"%par{n}"):
                yield f"  %pp{n} = getelementptr i64, ptr %params, i64 {n}"
                yield f"  %par{n} = load i64, ptr %pp{n}, align 8"

    def _first(self) -> Iterator[str]:
        """What no reform changes."""
        given = [f"ptr noalias readonly %c{n}" for n in range(self.columns)]
        given += [f"ptr noalias writeonly %s{n}" for n in range(len(self.carried))]
        given.append("ptr noalias writeonly %doubt")
        given += ["ptr noalias readonly %idx", "ptr noalias readonly %params", "i64 %start", "i64 %n"]
        yield f"define internal void @first({', '.join(given)}) noinline nounwind {{"
        yield "entry:"
        yield from self._params(self.parts.first)
        yield from _loop_head()
        yield "  %jj = add nuw nsw i64 %start, %j"
        if self.indexed:
            yield "  %ip = getelementptr i32, ptr %idx, i64 %jj"
            yield "  %i32 = load i32, ptr %ip, align 4"
            yield "  %row = zext i32 %i32 to i64"
        else:
            yield "  %row = add i64 %jj, 0"
        yield from self.parts.first
        yield from self._packed()
        for n, (register, kind, size) in enumerate(self.carried):
            yield from _store(f"%s{n}", kind, register, size, n)
        if self.doubt_is_fixed:
            yield "  %dp = getelementptr i8, ptr %doubt, i64 %j"
            yield f"  %d1 = zext i1 {'true' if self.doubt is True else self.doubt} to i8"
            yield "  store i8 %d1, ptr %dp, align 1"
        yield from _loop_end()

    def _again(self) -> Iterator[str]:
        """What a reform changes, for one row of parameters."""
        given = [f"ptr noalias readonly %s{n}" for n in range(len(self.carried))]
        given += [f"ptr noalias writeonly %o{n}" for n in range(len(self.outs))]
        given += ["ptr noalias %doubt", "ptr noalias readonly %params", "i64 %n"]
        yield f"define internal void @again({', '.join(given)}) noinline nounwind {{"
        yield "entry:"
        yield from self._params(self.parts.second)
        yield from _loop_head()
        for n, (register, kind, size) in enumerate(self.carried):
            yield from _load(f"%s{n}", kind, register, size)
        yield from self._unpacked()
        yield from self.parts.second
        for n, (register, kind) in enumerate(self.outs):
            yield from _store(f"%o{n}", kind, register, SIZES[kind], 1000 + n)
        if self.doubt is not False and not self.doubt_is_fixed:
            yield "  %dp = getelementptr i8, ptr %doubt, i64 %j"
            yield "  %d0 = load i8, ptr %dp, align 1"
            yield f"  %d1 = zext i1 {self.doubt} to i8"
            yield "  %d2 = or i8 %d0, %d1"
            yield "  store i8 %d2, ptr %dp, align 1"
        yield from _loop_end()

    # ------------------------------------------------------------------ tallies

    def words(self, told: Told) -> int:
        """Words of a rule's tally of one reform: moves, their weights, sums and counts."""
        moves_, both = len(told.states) ** 2, 2 if self.weighted else 1
        return moves_ * both + ((6 + 2 * both) if told.numeric else 0)

    def base_words(self, told: Told) -> int:
        """Words of a rule's tally of the base: states, their weights, sums."""
        return len(told.states) * (2 if self.weighted else 1) + (4 if told.numeric else 0)

    def _base(self, number: int, told: Told) -> Iterator[str]:
        """Count one block of the base."""
        count = len(told.states)
        ends = self.ends(told)
        given = ["ptr noalias readonly %state", *(f"ptr noalias readonly %e{n}" for n in range(len(ends)))]
        yield f"define internal void @base{number}({', '.join(given)}, ptr noalias readonly %w, ptr noalias %acc, i64 %n) noinline nounwind {{"
        yield "entry:"
        sums = [("lo", 0), ("hi", len(ends) - 1)] if ends else []
        phis = [f"  %{name} = phi i128 [ 0, %entry ], [ %{name}2, %loop ]" for name, _ in sums]
        yield from _loop_head(phis)
        yield from _one("state", "i8", "%state", 1)
        yield "  %at = zext i8 %state_v to i64"
        yield from _bump("%acc", "%at", "1", "m")
        if self.weighted:
            yield from _one("w", "i64", "%w", 8)
            yield f"  %wat = add i64 %at, {count}"
            yield from _bump("%acc", "%wat", "%w_v", "wm")
        for n, end in enumerate(ends):
            yield from _one(f"e{n}", self.kind(end), f"%e{n}", 8)
            yield from _whole(f"%e{n}_v", self.kind(end), f"e{n}")
            yield f"  %e{n}x = sext i64 %e{n}_i to i128"
            if self.weighted:
                yield f"  %e{n}w = sext i64 %w_v to i128"
                yield f"  %e{n}y = mul i128 %e{n}x, %e{n}w"
            else:
                yield f"  %e{n}y = add i128 %e{n}x, 0"
        for name, n in sums:
            yield f"  %{name}2 = add i128 %{name}, %e{n}y"
        last = []
        for place, (name, _) in enumerate(sums):
            first = count * (2 if self.weighted else 1) + 2 * place
            last += [
                f"  %{name}f = phi i128 [ 0, %entry ], [ %{name}2, %loop ]",
                *_add128("%acc", first, f"%{name}f", name),
            ]
        yield from _loop_end(_phis_first(last))

    def _sums(self, number: int, told: Told) -> Iterator[str]:
        """Add up one block under one reform: both ends, the change of what is known, risers and fallers."""
        ends = self.ends(told)
        given = ["ptr noalias readonly %bs", "ptr noalias readonly %cs"]
        given += [f"ptr noalias readonly %{side}{n}" for side in "bc" for n in range(len(ends))]
        yield f"define internal void @sums{number}({', '.join(given)}, ptr noalias readonly %w, ptr noalias %acc, i64 %n) noinline nounwind {{"
        yield "entry:"
        kind, sum_kind = self.kind(ends[0]), self._sum_kind(ends)
        names = ["lo", "hi", "ch", "up", "dn", *(["wu", "wd"] if self.weighted else [])]
        if len(ends) == 1:
            names.remove("hi")
        kinds = {name: sum_kind if name in ("lo", "hi", "ch") else "i64" for name in names}
        zero = {"double": "0.0"}
        phis = [
            f"  %{name} = phi {kinds[name]} [ {zero.get(kinds[name], '0')}, %entry ], [ %{name}2, %loop ]"
            for name in names
        ]
        yield from _loop_head(phis)
        for side in "bc":
            yield from _one(f"{side}s", "i8", f"%{side}s", 1)
            yield f"  %{side}k = icmp eq i8 %{side}s_v, 0"
            for n, end in enumerate(ends):
                yield from _one(f"{side}{n}", self.kind(end), f"%{side}{n}", 8)
        yield f"  %both = and i1 %bk, %ck" if told.state != "0" else "  %both = and i1 true, true"
        more, less = (
            ("fcmp ogt double", "fcmp olt double") if kind == "double" else ("icmp sgt i64", "icmp slt i64")
        )
        yield f"  %more = {more} %c0_v, %b0_v"
        yield f"  %less = {less} %c0_v, %b0_v"
        yield "  %rises = and i1 %more, %both"
        yield "  %falls = and i1 %less, %both"
        yield "  %one_up = zext i1 %rises to i64"
        yield "  %one_dn = zext i1 %falls to i64"
        yield "  %up2 = add i64 %up, %one_up"
        yield "  %dn2 = add i64 %dn, %one_dn"
        yield from self._added(ends, sum_kind)
        last = [
            f"  %{name}f = phi {kinds[name]} [ {zero.get(kinds[name], '0')}, %entry ], [ %{name}2, %loop ]"
            for name in names
        ]
        first = len(told.states) ** 2 * (2 if self.weighted else 1)
        for place, name in enumerate(("lo", "hi" if len(ends) > 1 else "lo", "ch")):
            last += _wide(f"%{name}f", sum_kind, f"x{place}")
            last += _add128("%acc", first + 2 * place, f"%x{place}_w", f"a{place}")
        for place, name in enumerate(names[names.index("up") :]):
            last += [f"  %k{place} = add i64 0, {first + 6 + place}"]
            last += _bump("%acc", f"%k{place}", f"%{name}f", f"n{place}")
        yield from _loop_end(_phis_first(last))

    def _sum_kind(self, ends: Sequence[tuple[str, object]]) -> str:
        """In what a block's sums are exact: doubles, words, or double words."""
        if self.weighted:
            return "i128"
        most = max(max(-end[1].lo, end[1].hi) for end in ends) * 2 * self.block  # type: ignore[attr-defined]
        if most < _EXACT and all(self.kind(end) == "double" for end in ends):
            return "double"
        return "i64" if most < _WORD else "i128"

    def _added(self, ends: Sequence[tuple[str, object]], kind: str) -> Iterator[str]:
        """The steps of the sums, in their kind."""
        if kind == "double":
            yield "  %diff = fsub double %c0_v, %b0_v"
            yield "  %chg = select i1 %both, double %diff, double 0.0"
            yield "  %lo2 = fadd reassoc nsz double %lo, %c0_v"
            if len(ends) > 1:
                yield "  %hi2 = fadd reassoc nsz double %hi, %c1_v"
            yield "  %ch2 = fadd reassoc nsz double %ch, %chg"
            return
        for side in "bc":
            for n, end in enumerate(ends):
                yield from _whole(f"%{side}{n}_v", self.kind(end), f"{side}{n}")
        if kind == "i128":
            for name in ("b0", *(f"c{n}" for n in range(len(ends)))):
                yield f"  %{name}_x = sext i64 %{name}_i to i128"
        suffix = "_x" if kind == "i128" else "_i"
        yield f"  %diff = sub {kind} %c0{suffix}, %b0{suffix}"
        yield f"  %chg = select i1 %both, {kind} %diff, {kind} 0"
        terms = {"lo": f"%c0{suffix}", "ch": "%chg"}
        if len(ends) > 1:
            terms["hi"] = f"%c1{suffix}"
        if self.weighted:
            yield from _one("w", "i64", "%w", 8)
            yield "  %wx = sext i64 %w_v to i128"
            for name, term in terms.items():
                yield f"  %{name}_t = mul i128 {term}, %wx"
            terms = {name: f"%{name}_t" for name in terms}
            for name, bit in (("wu", "rises"), ("wd", "falls")):
                yield f"  %{name}_t = select i1 %{bit}, i64 %w_v, i64 0"
                yield f"  %{name}2 = add i64 %{name}, %{name}_t"
        for name, term in terms.items():
            yield f"  %{name}2 = add {kind} %{name}, {term}"

    # ------------------------------------------------------------------ the loops around it

    def _run(self) -> Iterator[str]:
        """Segments of one group each, blocks of a segment, reforms over a block."""
        carried, base, now, _ = self.offsets
        width, base_width = sum(map(self.words, self.told)), sum(map(self.base_words, self.told))
        yield (
            "define void @run(ptr %cols, ptr %scratch, ptr %params, ptr %idx, ptr %segs, i64 %count,"
            " i64 %reforms, ptr %tally, ptr %basis, ptr %doubts, ptr %weights) nounwind {"
        )
        yield "entry:"
        for n in range(self.columns):
            yield f"  %cp{n} = getelementptr ptr, ptr %cols, i64 {n}"
            yield f"  %c{n} = load ptr, ptr %cp{n}, align 8"
        for letter, places in (("s", carried), ("b", base), ("o", now)):
            for n, place in enumerate(places):
                yield f"  %{letter}{n} = getelementptr i8, ptr %scratch, i64 {place}"
        yield "  %some = icmp sgt i64 %count, 0"
        yield "  br i1 %some, label %segment, label %exit"
        yield "segment:"
        yield "  %seg = phi i64 [ 0, %entry ], [ %seg2, %segment_end ]"
        yield "  %seg3 = mul i64 %seg, 3"
        for n, name in enumerate(("start", "stop", "cell")):
            yield f"  %q{n} = add i64 %seg3, {n}"
            yield f"  %g{n} = getelementptr i64, ptr %segs, i64 %q{n}"
            yield f"  %{name} = load i64, ptr %g{n}, align 8"
        yield "  %cr = mul i64 %cell, %reforms"
        yield f"  %at = mul i64 %cr, {width}"
        yield "  %acc = getelementptr i64, ptr %tally, i64 %at"
        yield f"  %bat = mul i64 %cell, {base_width}"
        yield "  %bacc = getelementptr i64, ptr %basis, i64 %bat"
        yield "  %rows = icmp slt i64 %start, %stop"
        yield "  br i1 %rows, label %block, label %segment_end"
        yield "block:"
        yield "  %from = phi i64 [ %start, %segment ], [ %to, %block_end ]"
        yield "  %left = sub i64 %stop, %from"
        yield f"  %whole = icmp sgt i64 %left, {self.block}"
        yield f"  %n = select i1 %whole, i64 {self.block}, i64 %left"
        yield "  %to = add i64 %from, %n"
        yield "  %doubt = getelementptr i8, ptr %doubts, i64 %from"
        yield "  %w = getelementptr i64, ptr %weights, i64 %from"
        given = [*(f"ptr %c{n}" for n in range(self.columns)), *(f"ptr %s{n}" for n in range(len(carried)))]
        yield f"  call void @first({', '.join([*given, 'ptr %doubt', 'ptr %idx', 'ptr %params', 'i64 %from', 'i64 %n'])})"
        yield f"  call void @again({self._given('b', 'params')})"
        yield from self._base_calls()
        yield "  br label %reform"
        yield "reform:"
        yield "  %r = phi i64 [ 0, %block ], [ %r2, %reform ]"
        yield "  %r2 = add nuw nsw i64 %r, 1"
        yield f"  %po = mul i64 %r2, {max(1, self.parameters)}"
        yield "  %prow = getelementptr i64, ptr %params, i64 %po"
        yield f"  %ao = mul i64 %r, {width}"
        yield "  %arow = getelementptr i64, ptr %acc, i64 %ao"
        yield f"  call void @again({self._given('o', 'prow')})"
        yield from self._reform_calls()
        yield "  %again = icmp slt i64 %r2, %reforms"
        yield "  br i1 %again, label %reform, label %block_end"
        yield "block_end:"
        yield "  %next = icmp slt i64 %to, %stop"
        yield "  br i1 %next, label %block, label %segment_end"
        yield "segment_end:"
        yield "  %seg2 = add nuw nsw i64 %seg, 1"
        yield "  %goes = icmp slt i64 %seg2, %count"
        yield "  br i1 %goes, label %segment, label %exit"
        yield "exit:"
        yield "  ret void"
        yield "}"

    def _given(self, side: str, params: str) -> str:
        given = [f"ptr %s{n}" for n in range(len(self.carried))]
        given += [f"ptr %{side}{n}" for n in range(len(self.outs))]
        return ", ".join([*given, "ptr %doubt", f"ptr %{params}", "i64 %n"])

    def _places(self) -> Iterator[tuple[int, Told, int, list[int]]]:
        """Each rule with where its state and its ends stand among the outs."""
        place = 0
        for number, told in enumerate(self.told):
            ends = list(range(place + 1, place + 1 + len(self.ends(told))))
            yield number, told, place, ends
            place += 1 + len(ends)

    def _base_calls(self) -> Iterator[str]:
        first = 0
        for number, told, state, ends in self._places():
            yield f"  %ba{number} = getelementptr i64, ptr %bacc, i64 {first}"
            given = [f"ptr %b{n}" for n in (state, *ends)]
            yield f"  call void @base{number}({', '.join(given)}, ptr %w, ptr %ba{number}, i64 %n)"
            first += self.base_words(told)

    def _reform_calls(self) -> Iterator[str]:
        first = 0
        for number, told, state, ends in self._places():
            yield f"  %ra{number} = getelementptr i64, ptr %arow, i64 {first}"
            count = len(told.states)
            if told.state.startswith("%"):
                yield f"  call void @moves(ptr %b{state}, ptr %o{state}, i64 {count}, ptr %w, ptr %ra{number}, i64 %n)"
            if ends:
                given = [
                    f"ptr %b{state}",
                    f"ptr %o{state}",
                    *(f"ptr %{side}{n}" for side in "bo" for n in ends),
                ]
                yield f"  call void @sums{number}({', '.join(given)}, ptr %w, ptr %ra{number}, i64 %n)"
            first += self.words(told)


# ---------------------------------------------------------------------- pieces


def moves(*, weighted: bool) -> Iterator[str]:
    """Count the rows whose state is another than the base's, thirty-two compared at once."""
    yield (
        "define internal void @moves(ptr noalias readonly %base, ptr noalias readonly %now, i64 %states,"
        " ptr noalias readonly %w, ptr noalias %acc, i64 %n) noinline nounwind {"
    )
    yield from (
        "entry:",
        "  %all = mul i64 %states, %states",
        "  br label %group",
        "group:",
        "  %g = phi i64 [ 0, %entry ], [ %g2, %group_end ]",
        f"  %g2 = add nuw nsw i64 %g, {LANES}",
        "  %bp = getelementptr i8, ptr %base, i64 %g",
        "  %np = getelementptr i8, ptr %now, i64 %g",
        f"  %b = load <{LANES} x i8>, ptr %bp, align {LANES}",
        f"  %c = load <{LANES} x i8>, ptr %np, align {LANES}",
        f"  %ne = icmp ne <{LANES} x i8> %b, %c",
        f"  %m0 = bitcast <{LANES} x i1> %ne to i{LANES}",
        "  %left = sub i64 %n, %g",
        f"  %full = icmp sge i64 %left, {LANES}",
        f"  %shift = trunc i64 %left to i{LANES}",
        f"  %low = and i{LANES} %shift, {LANES - 1}",
        f"  %one = shl i{LANES} 1, %low",
        f"  %some = sub i{LANES} %one, 1",
        f"  %keep = select i1 %full, i{LANES} -1, i{LANES} %some",
        f"  %m1 = and i{LANES} %m0, %keep",
        f"  %same = icmp eq i{LANES} %m1, 0",
        "  br i1 %same, label %group_end, label %row",
        "row:",
        f"  %m = phi i{LANES} [ %m1, %group ], [ %m2, %row ]",
        f"  %t = call i{LANES} @llvm.cttz.i{LANES}(i{LANES} %m, i1 true)",
        f"  %tz = zext i{LANES} %t to i64",
        "  %i = add nuw nsw i64 %g, %tz",
        "  %ip = getelementptr i8, ptr %base, i64 %i",
        "  %jp = getelementptr i8, ptr %now, i64 %i",
        "  %is = load i8, ptr %ip, align 1",
        "  %js = load i8, ptr %jp, align 1",
        "  %ix = zext i8 %is to i64",
        "  %jx = zext i8 %js to i64",
        "  %ik = mul i64 %ix, %states",
        "  %at = add i64 %ik, %jx",
        *_bump("%acc", "%at", "1", "c"),
    )
    if weighted:
        yield "  %wp = getelementptr i64, ptr %w, i64 %i"
        yield "  %wv = load i64, ptr %wp, align 8"
        yield "  %wat = add i64 %at, %all"
        yield from _bump("%acc", "%wat", "%wv", "wc")
    yield from (
        f"  %dec = sub i{LANES} %m, 1",
        f"  %m2 = and i{LANES} %m, %dec",
        f"  %done = icmp eq i{LANES} %m2, 0",
        "  br i1 %done, label %group_end, label %row",
        "group_end:",
        "  %more = icmp slt i64 %g2, %n",
        "  br i1 %more, label %group, label %exit",
        "exit:",
        "  ret void",
        "}",
    )


def _mentions(text: str, register: str) -> bool:
    import re

    return re.search(rf"{register}\b", text) is not None


def _loop_head(phis: Sequence[str] = ()) -> Iterator[str]:
    yield "  %any = icmp sgt i64 %n, 0"
    yield "  br i1 %any, label %loop, label %exit"
    yield "loop:"
    yield "  %j = phi i64 [ 0, %entry ], [ %next, %loop ]"
    yield from phis


def _loop_end(last: Sequence[str] = ()) -> Iterator[str]:
    yield "  %next = add nuw nsw i64 %j, 1"
    yield "  %more_rows = icmp slt i64 %next, %n"
    yield "  br i1 %more_rows, label %loop, label %exit"
    yield "exit:"
    yield from last
    yield "  ret void"
    yield "}"


def _phis_first(lines: Sequence[str]) -> list[str]:
    """Phis stand at the beginning of a block."""
    return sorted(lines, key=lambda line: " = phi " not in line)


def _one(name: str, kind: str, array: str, size: int) -> Iterator[str]:
    """Load the current row of an array as `%NAME_v`."""
    yield f"  %{name}_p = getelementptr {kind}, ptr {array}, i64 %j"
    yield f"  %{name}_v = load {kind}, ptr %{name}_p, align {size}"


def _signed(word: int) -> int:
    return word - (1 << 64) if word >= 1 << 63 else word


def _load(array: str, kind: str, register: str, size: int) -> Iterator[str]:
    place = f"%p_{register[1:]}"
    yield f"  {place} = getelementptr {kind}, ptr {array}, i64 %j"
    yield f"  {register} = load {kind}, ptr {place}, align {min(size, 8)}"


def _store(array: str, kind: str, register: str, size: int, n: int) -> Iterator[str]:
    yield f"  %sp{n} = getelementptr {kind}, ptr {array}, i64 %j"
    yield f"  store {kind} {register}, ptr %sp{n}, align {min(size, 8)}"


def _whole(value: str, kind: str, name: str) -> Iterator[str]:
    """An end as a word."""
    yield (
        f"  %{name}_i = fptosi double {value} to i64"
        if kind == "double"
        else f"  %{name}_i = add i64 {value}, 0"
    )


def _wide(value: str, kind: str, name: str) -> list[str]:
    """A sum as two words, `%NAME_w`."""
    match kind:
        case "double":
            return [
                f"  %{name}_d = fptosi double {value} to i64",
                f"  %{name}_w = sext i64 %{name}_d to i128",
            ]
        case "i64":
            return [f"  %{name}_w = sext i64 {value} to i128"]
    return [f"  %{name}_w = add i128 {value}, 0"]


def _add128(array: str, word: int, value: str, name: str) -> list[str]:
    return [
        f"  %{name}_ap = getelementptr i64, ptr {array}, i64 {word}",
        f"  %{name}_ao = load i128, ptr %{name}_ap, align 8",
        f"  %{name}_an = add i128 %{name}_ao, {value}",
        f"  store i128 %{name}_an, ptr %{name}_ap, align 8",
    ]


def _bump(array: str, at: str, value: str, name: str) -> list[str]:
    return [
        f"  %{name}_bp = getelementptr i64, ptr {array}, i64 {at}",
        f"  %{name}_bo = load i64, ptr %{name}_bp, align 8",
        f"  %{name}_bn = add i64 %{name}_bo, {value}",
        f"  store i64 %{name}_bn, ptr %{name}_bp, align 8",
    ]
