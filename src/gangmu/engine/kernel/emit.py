"""Straight-line LLVM IR as text, with every pure instruction written once.

A loop body of ours has no branches: what is not needed is selected away, so LLVM can vectorise it. The
trick is that an instruction's own text is its key: asked twice, it is the same register. Truth values
(`i1`) that are known while compiling are Python's `True` and `False` and never reach LLVM.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Bit = bool | str  # an i1: known while compiling, or a register


class Emitter:
    """Collects the instructions of one loop body."""

    def __init__(self) -> None:
        """Begin empty."""
        self.lines: list[str] = []
        self.declares: set[str] = set()
        self._seen: dict[str, str] = {}

    def ins(self, text: str) -> str:
        """The register that holds this pure instruction's result."""
        if text not in self._seen:
            self._seen[text] = f"%v{len(self._seen)}"
            self.lines.append(f"  {self._seen[text]} = {text}")
        return self._seen[text]

    def do(self, text: str) -> None:
        """An instruction with an effect."""
        self.lines.append(f"  {text}")

    def call(self, result: str, name: str, kinds: str, arguments: str) -> str:
        """A pure intrinsic."""
        self.declares.add(f"declare {result} @{name}({kinds})")
        return self.ins(f"call {result} @{name}({arguments})")

    # ------------------------------------------------------------------ truth

    def and_(self, *bits: Bit) -> Bit:
        """All of the bits."""
        kept = list(dict.fromkeys(bit for bit in bits if bit is not True))
        if False in kept:
            return False
        return self._chain("and", kept, empty=True)

    def or_(self, *bits: Bit) -> Bit:
        """Any of the bits."""
        kept = list(dict.fromkeys(bit for bit in bits if bit is not False))
        if True in kept:
            return True
        return self._chain("or", kept, empty=False)

    def _chain(self, op: str, bits: Sequence[Bit], *, empty: bool) -> Bit:
        if not bits:
            return empty
        found = bits[0]
        for bit in bits[1:]:
            found = self.ins(f"{op} i1 {found}, {bit}")
        return found

    def not_(self, bit: Bit) -> Bit:
        """The opposite."""
        return not bit if isinstance(bit, bool) else self.ins(f"xor i1 {bit}, true")

    def same(self, left: Bit, right: Bit) -> Bit:
        """Whether two bits are equal."""
        if isinstance(left, bool):
            return right if left else self.not_(right)
        if isinstance(right, bool):
            return self.same(right, left)
        return self.not_(self.ins(f"xor i1 {left}, {right}"))

    def pick(self, test: Bit, kind: str, left: str, right: str) -> str:
        """`left` where the test holds, else `right`."""
        if left == right or test is True:
            return left
        return right if test is False else self.ins(f"select i1 {test}, {kind} {left}, {kind} {right}")

    def pick_bit(self, test: Bit, left: Bit, right: Bit) -> Bit:
        """`left` where the test holds, else `right`, of bits."""
        return self.or_(self.and_(test, left), self.and_(self.not_(test), right))

    def count(self, bits: Iterable[Bit]) -> str:
        """How many bits hold, as an i32."""
        total = "0"
        for bit in bits:
            total = self.ins(f"add i32 {total}, {self.bit_as(bit, 'i32')}")
        return total

    def bit_as(self, bit: Bit, kind: str) -> str:
        """A bit as an integer."""
        return str(int(bit)) if isinstance(bit, bool) else self.ins(f"zext i1 {bit} to {kind}")
