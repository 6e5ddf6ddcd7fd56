"""The text of counting: states compared thirty-two at a time, numbers added up as vectors.

Three functions a rule: `base` counts a block under the base, `moves` the rows whose state a reform changes
(only those are met one by one), `sums` adds both ends of a number, its change where it is known on both
sides, and who rises and falls. A block's sum is in doubles where that is sure to be exact, else in words or
double words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gangmu.engine.kernel.tallied import End, Told

LANES = 32
_EXACT, _WORD = 2**53, 2**62
_TAIL = "ptr noalias readonly %w, ptr noalias %acc, i64 %n) noinline nounwind {"


@dataclass(frozen=True)
class TallyText:
    """The counting of one rule, the `number`-th; `ends` are what it writes of a number (none, one or two)."""

    number: int
    told: Told
    ends: Sequence[End]
    block: int
    weighted: bool

    @property
    def words(self) -> int:
        """Words of a tally of one reform: moves, their weights, three sums, counts of who rises and falls."""
        both = 2 if self.weighted else 1
        return len(self.told.states) ** 2 * both + ((6 + 2 * both) if self.ends else 0)

    @property
    def base_words(self) -> int:
        """Words of a tally of the base: states, their weights, two sums."""
        return len(self.told.states) * (2 if self.weighted else 1) + (4 if self.ends else 0)

    def text(self) -> Iterator[str]:
        """The functions of this rule."""
        yield from self._base()
        if self.ends:
            yield from self._sums()

    # ------------------------------------------------------------------ the base

    def _base(self) -> Iterator[str]:
        count, ends = len(self.told.states), self.ends
        given = ["ptr noalias readonly %state", *(f"ptr noalias readonly %e{n}" for n in range(len(ends)))]
        yield f"define internal void @base{self.number}({', '.join(given)}, {_TAIL}"
        sums = [("lo", 0), ("hi", len(ends) - 1)] if ends else []
        yield from loop_head([f"  %{name} = phi i128 [ 0, %entry ], [ %{name}2, %loop ]" for name, _ in sums])
        yield from _one("state", "i8", "%state", 1)
        yield "  %at = zext i8 %state_v to i64"
        yield from _bump("%acc", "%at", "1", "m")
        if self.weighted:
            yield from _one("w", "i64", "%w", 8)
            yield "  %wx = sext i64 %w_v to i128"
            yield f"  %wat = add i64 %at, {count}"
            yield from _bump("%acc", "%wat", "%w_v", "wm")
        for n, end in enumerate(ends):
            yield from _one(f"e{n}", end.kind, f"%e{n}", 8)
            yield from _whole(f"%e{n}_v", end.kind, f"e{n}")
            yield f"  %e{n}x = sext i64 %e{n}_i to i128"
            yield f"  %e{n}y = mul i128 %e{n}x, {'%wx' if self.weighted else '1'}"
        for name, n in sums:
            yield f"  %{name}2 = add i128 %{name}, %e{n}y"
        phis, adds = [], []
        for place, (name, _) in enumerate(sums):
            phis.append(f"  %{name}f = phi i128 [ 0, %entry ], [ %{name}2, %loop ]")
            first = count * (2 if self.weighted else 1) + 2 * place
            adds += _add128("%acc", first, f"%{name}f", name)
        yield from loop_end([*phis, *adds])

    # ------------------------------------------------------------------ a reform

    @property
    def _kind(self) -> str:
        """In what a block's sums are exact."""
        if self.weighted:
            return "i128"
        most = max(max(-end.whole.lo, end.whole.hi) for end in self.ends) * 2 * self.block
        if most < _EXACT and all(end.kind == "double" for end in self.ends):
            return "double"
        return "i64" if most < _WORD else "i128"

    def _sums(self) -> Iterator[str]:
        ends, kind = self.ends, self._kind
        given = ["ptr noalias readonly %bs", "ptr noalias readonly %cs"]
        given += [f"ptr noalias readonly %{side}{n}" for side in "bc" for n in range(len(ends))]
        yield f"define internal void @sums{self.number}({', '.join(given)}, {_TAIL}"
        totals = ["lo", *(["hi"] if len(ends) > 1 else []), "ch"]
        counts = ["up", "dn", *(["wu", "wd"] if self.weighted else [])]
        held = dict.fromkeys(totals, (kind, "0.0" if kind == "double" else "0")) | dict.fromkeys(
            counts, ("i64", "0")
        )
        yield from loop_head(
            [
                f"  %{name} = phi {kind} [ {zero}, %entry ], [ %{name}2, %loop ]"
                for name, (kind, zero) in held.items()
            ]
        )
        for side in "bc":
            yield from _one(f"{side}s", "i8", f"%{side}s", 1)
            yield f"  %{side}k = icmp eq i8 %{side}s_v, 0"
            for n, end in enumerate(ends):
                yield from _one(f"{side}{n}", end.kind, f"%{side}{n}", 8)
        yield "  %both = and i1 %bk, %ck" if self.told.moves else "  %both = or i1 true, true"
        yield from self._risers()
        yield from self._added(kind)
        last = [
            f"  %{name}f = phi {kind} [ {zero}, %entry ], [ %{name}2, %loop ]"
            for name, (kind, zero) in held.items()
        ]
        first = len(self.told.states) ** 2 * (2 if self.weighted else 1)
        for place, name in enumerate(("lo", "hi" if len(ends) > 1 else "lo", "ch")):
            last += [
                *_wide(f"%{name}f", kind, f"x{place}"),
                *_add128("%acc", first + 2 * place, f"%x{place}_w", f"a{place}"),
            ]
        for place, name in enumerate(counts):
            last.append(f"  %k{place} = add i64 0, {first + 6 + place}")
            last += _bump("%acc", f"%k{place}", f"%{name}f", f"n{place}")
        yield from loop_end(last)

    def _risers(self) -> Iterator[str]:
        double = self.ends[0].kind == "double"
        for name, op, to in (("up", "ogt", "rises"), ("dn", "olt", "falls")):
            how = f"fcmp {op} double" if double else f"icmp s{op[1:]} i64"
            yield f"  %{name}_t = {how} %c0_v, %b0_v"
            yield f"  %{to} = and i1 %{name}_t, %both"
            yield f"  %{name}_1 = zext i1 %{to} to i64"
            yield f"  %{name}2 = add i64 %{name}, %{name}_1"

    def _added(self, kind: str) -> Iterator[str]:
        two = len(self.ends) > 1
        if kind == "double":
            yield "  %diff = fsub double %c0_v, %b0_v"
            yield "  %chg = select i1 %both, double %diff, double 0.0"
            yield "  %lo2 = fadd reassoc nsz double %lo, %c0_v"
            if two:
                yield "  %hi2 = fadd reassoc nsz double %hi, %c1_v"
            yield "  %ch2 = fadd reassoc nsz double %ch, %chg"
            return
        for side in "bc":
            for n, end in enumerate(self.ends):
                yield from _whole(f"%{side}{n}_v", end.kind, f"{side}{n}")
                yield f"  %{side}{n}_x = sext i64 %{side}{n}_i to i128"
        end_of = "x" if kind == "i128" else "i"
        yield f"  %diff = sub {kind} %c0_{end_of}, %b0_{end_of}"
        yield f"  %chg = select i1 %both, {kind} %diff, {kind} 0"
        terms = {"lo": f"%c0_{end_of}", "ch": "%chg"} | ({"hi": f"%c1_{end_of}"} if two else {})
        if self.weighted:
            yield from _one("w", "i64", "%w", 8)
            yield "  %wx = sext i64 %w_v to i128"
            for name, bit in (("wu", "rises"), ("wd", "falls")):
                yield f"  %{name}_t = select i1 %{bit}, i64 %w_v, i64 0"
                yield f"  %{name}2 = add i64 %{name}, %{name}_t"
        for name, term in terms.items():
            yield f"  %{name}_t = mul {kind} {term}, {'%wx' if self.weighted else '1'}"
            yield f"  %{name}2 = add {kind} %{name}, %{name}_t"


def moves_text(*, weighted: bool) -> str:
    """Count the rows whose state is another than the base's."""
    weight = ["  %wp = getelementptr i64, ptr %w, i64 %i", "  %wv = load i64, ptr %wp, align 8",
              "  %wat = add i64 %at, %all", *_bump("%acc", "%wat", "%wv", "wc")]  # fmt: skip
    lines = "\n".join([*_bump("%acc", "%at", "1", "c"), *(weight if weighted else [])])
    return f"""
declare i32 @llvm.cttz.i32(i32, i1)
define internal void @moves(ptr noalias readonly %base, ptr noalias readonly %now, i64 %states, {_TAIL}
entry:
  %all = mul i64 %states, %states
  br label %group
group:
  %g = phi i64 [ 0, %entry ], [ %g2, %group_end ]
  %g2 = add nuw nsw i64 %g, {LANES}
  %bp = getelementptr i8, ptr %base, i64 %g
  %np = getelementptr i8, ptr %now, i64 %g
  %b = load <{LANES} x i8>, ptr %bp, align {LANES}
  %c = load <{LANES} x i8>, ptr %np, align {LANES}
  %ne = icmp ne <{LANES} x i8> %b, %c
  %m0 = bitcast <{LANES} x i1> %ne to i{LANES}
  %left = sub i64 %n, %g
  %full = icmp sge i64 %left, {LANES}
  %shift = trunc i64 %left to i{LANES}
  %low = and i{LANES} %shift, {LANES - 1}
  %one = shl i{LANES} 1, %low
  %some = sub i{LANES} %one, 1
  %keep = select i1 %full, i{LANES} -1, i{LANES} %some
  %m1 = and i{LANES} %m0, %keep
  %same = icmp eq i{LANES} %m1, 0
  br i1 %same, label %group_end, label %row
row:
  %m = phi i{LANES} [ %m1, %group ], [ %m2, %row ]
  %t = call i{LANES} @llvm.cttz.i{LANES}(i{LANES} %m, i1 true)
  %tz = zext i{LANES} %t to i64
  %i = add nuw nsw i64 %g, %tz
  %ip = getelementptr i8, ptr %base, i64 %i
  %jp = getelementptr i8, ptr %now, i64 %i
  %is = load i8, ptr %ip, align 1
  %js = load i8, ptr %jp, align 1
  %ix = zext i8 %is to i64
  %jx = zext i8 %js to i64
  %ik = mul i64 %ix, %states
  %at = add i64 %ik, %jx
{lines}
  %dec = sub i{LANES} %m, 1
  %m2 = and i{LANES} %m, %dec
  %done = icmp eq i{LANES} %m2, 0
  br i1 %done, label %group_end, label %row
group_end:
  %more = icmp slt i64 %g2, %n
  br i1 %more, label %group, label %exit
exit:
  ret void
}}"""


# ---------------------------------------------------------------------- pieces


def loop_head(phis: Sequence[str] = (), before: Sequence[str] = ()) -> Iterator[str]:
    """The beginning of a loop over the `%n` rows of a block."""
    yield "entry:"
    yield from before
    yield "  %any = icmp sgt i64 %n, 0"
    yield "  br i1 %any, label %loop, label %exit"
    yield "loop:"
    yield "  %j = phi i64 [ 0, %entry ], [ %next, %loop ]"
    yield from phis


def loop_end(last: Sequence[str] = ()) -> Iterator[str]:
    """The end of a loop, and what is done after it (phis first)."""
    yield "  %next = add nuw nsw i64 %j, 1"
    yield "  %more_rows = icmp slt i64 %next, %n"
    yield "  br i1 %more_rows, label %loop, label %exit"
    yield "exit:"
    yield from sorted(last, key=lambda line: " = phi " not in line)
    yield "  ret void"
    yield "}"


def _one(name: str, kind: str, array: str, size: int) -> Iterator[str]:
    """Load the current row of an array as `%NAME_v`."""
    yield f"  %{name}_p = getelementptr {kind}, ptr {array}, i64 %j"
    yield f"  %{name}_v = load {kind}, ptr %{name}_p, align {size}"


def _whole(value: str, kind: str, name: str) -> Iterator[str]:
    """An end as a word, `%NAME_i`."""
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
