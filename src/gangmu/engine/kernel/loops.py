"""From a loop body to a module's text: the loop around it, or, where it is long, many short loops.

Every column is its own `noalias` argument of a loop, so LLVM vectorises without alias checks; the function
in front takes them from an array.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gangmu.engine.kernel.cuts import BLOCK, Cut, Piece, cut, size_of

_GIVEN = "ptr %cols, ptr %outs, ptr %params, ptr %idx, ptr %scratch"
WHOLE = 3_000  # instructions that stay one loop


@dataclass(frozen=True, slots=True)
class Loop:
    """The text of a loop body and what it needs: how many columns, parameters, outputs."""

    lines: Sequence[str]
    declares: Sequence[str]
    columns: int
    parameters: int
    outputs: int
    indexed: bool
    plain: bool = True  # no integer wider than a word, so that vectors pay
    adds: bool = False  # whether it adds to its outputs, in place of writing them
    marks: Sequence[int] | None = None  # where it may be cut (None: anywhere)


def text_of(loop: Loop) -> tuple[str, int]:
    """The module, and the bytes of scratch memory that a call needs.

    One loop, or many short ones that take a block of rows in turn.
    """
    cut_ = cut(loop.lines, loop.marks) if len(loop.lines) > WHOLE else Cut([Piece(list(loop.lines))], {}, [])
    pieces = [_Function(loop, cut_, number) for number in range(len(cut_.pieces))]
    parts = [line for piece in pieces for line in piece.text()]
    text = "\n".join([*sorted(loop.declares), *parts, *_driver(loop, cut_, pieces), ""])
    return text, cut_.scratch


@dataclass(slots=True)
class _Function:
    """One loop as text, and which arrays and slots of scratch memory it takes."""

    loop: Loop
    cut: Cut
    number: int

    @property
    def piece(self) -> Piece:
        """Its lines."""
        return self.cut.pieces[self.number]

    def _used(self, kind: str) -> list[int]:
        """The numbers of the columns (c), outputs (o) or parameters (par) that the lines name."""
        name = re.compile(rf"%{kind}(\d+)\b")
        return sorted({int(number) for line in self.piece.lines for number in name.findall(line)})

    def arguments(self) -> list[str]:
        """What is handed over, in order."""
        slots = sorted({*self.piece.takes.values(), *self.piece.leaves.values()})
        names = [f"%c{n}" for n in self._used("c")] + [f"%o{n}" for n in self._used("o")]
        return [*names, *(f"%s{n}" for n in slots)]

    def text(self) -> list[str]:
        """The function."""
        out = "ptr noalias" if self.loop.adds else "ptr noalias writeonly"
        kinds = {"c": "ptr noalias readonly", "o": out, "s": "ptr noalias"}
        given = [f"{kinds[name[1]]} {name}" for name in self.arguments()]
        last = ["ptr noalias readonly %idx", "ptr noalias readonly %params", "i64 %start", "i64 %stop"]
        head = f"define internal void @body{self.number}({', '.join([*given, *last])}) noinline nounwind {{"
        loads = [
            line
            for n in self._used("par")
            for line in (
                f"  %pp{n} = getelementptr i64, ptr %params, i64 {n}",
                f"  %par{n} = load i64, ptr %pp{n}, align 8",
            )
        ]
        row = (
            ["  %ip = getelementptr i32, ptr %idx, i64 %j", "  %i32 = load i32, ptr %ip, align 4",
             "  %row = zext i32 %i32 to i64"]
            if self.loop.indexed
            else ["  %row = add i64 %j, 0"]
        )  # fmt: skip
        return [
            head, "entry:", *loads, "  %any = icmp slt i64 %start, %stop",
            "  br i1 %any, label %loop, label %exit", "loop:",
            "  %j = phi i64 [ %start, %entry ], [ %next, %loop ]", *row, *self._takes(), *self.piece.lines,
            *self._leaves(), "  %next = add nuw nsw i64 %j, 1", "  %more = icmp slt i64 %next, %stop",
            "  br i1 %more, label %loop, label %exit", "exit:", "  ret void", "}",
        ]  # fmt: skip

    def _slot(self, name: str, slot: int) -> tuple[str, str]:
        """The type as it is kept, and the address."""
        kind = self.cut.kinds[name]
        kept = "i8" if kind == "i1" else kind
        # the stride of a wide integer is LLVM's choice, so places are counted in bytes
        return kept, f"getelementptr i8, ptr %s{slot}, i64 %k{size_of(kept)}"

    def _takes(self) -> list[str]:
        kinds = {self.cut.kinds[name] for name in (*self.piece.takes, *self.piece.leaves)}
        sizes = sorted({size_of(kind) for kind in kinds})
        lines = ["  %k = sub i64 %j, %start", *(f"  %k{size} = mul i64 %k, {size}" for size in sizes)]
        for name, slot in self.piece.takes.items():
            kept, address = self._slot(name, slot)
            at, into = f"%t{name[2:]}", name if kept == self.cut.kinds[name] else f"%b{name[2:]}"
            lines += [f"  {at} = {address}", f"  {into} = load {kept}, ptr {at}, align {_align(kept)}"]
            if into != name:
                lines.append(f"  {name} = trunc i8 {into} to i1")
        return lines

    def _leaves(self) -> list[str]:
        lines = []
        for name, slot in self.piece.leaves.items():
            kept, address = self._slot(name, slot)
            at, value = f"%l{name[2:]}", name
            if kept != self.cut.kinds[name]:
                value = f"%z{name[2:]}"
                lines.append(f"  {value} = zext i1 {name} to i8")
            lines += [f"  {at} = {address}", f"  store {kept} {value}, ptr {at}, align {_align(kept)}"]
        return lines


def _align(kind: str) -> int:
    return min(size_of(kind), 8)


def _driver(loop: Loop, cut_: Cut, pieces: Sequence[_Function]) -> list[str]:
    """The function that is called: it takes the arrays apart, and block after block through all loops."""
    lines = [
        f"define void @run({_GIVEN}, i64 %start, i64 %stop) nounwind {{",
        "entry:",
    ]
    for name, array, count in (("c", "cols", loop.columns), ("o", "outs", loop.outputs)):
        for n in range(count):
            lines.append(f"  %{name}p{n} = getelementptr ptr, ptr %{array}, i64 {n}")
            lines.append(f"  %{name}{n} = load ptr, ptr %{name}p{n}, align 8")
    begin = 0
    for n, size in sorted(enumerate(cut_.slots), key=lambda slot: -slot[1]):
        lines.append(f"  %s{n} = getelementptr i8, ptr %scratch, i64 {begin * BLOCK}")
        begin += size

    def calls(start: str, stop: str) -> list[str]:
        rest = f"ptr %idx, ptr %params, i64 {start}, i64 {stop}"
        return [
            f"  call void @body{piece.number}({', '.join([*(f'ptr {a}' for a in piece.arguments()), rest])})"
            for piece in pieces
        ]

    if len(pieces) == 1:
        return [*lines, *calls("%start", "%stop"), "  ret void", "}"]
    return [
        *lines, "  br label %head", "head:", "  %from = phi i64 [ %start, %entry ], [ %to, %block ]",
        "  %left = icmp slt i64 %from, %stop", "  br i1 %left, label %block, label %exit", "block:",
        f"  %far = add i64 %from, {BLOCK}", "  %over = icmp slt i64 %far, %stop",
        "  %to = select i1 %over, i64 %far, i64 %stop", *calls("%from", "%to"), "  br label %head",
        "exit:", "  ret void", "}",
    ]  # fmt: skip
