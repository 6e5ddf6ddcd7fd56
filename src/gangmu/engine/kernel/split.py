"""A loop body in two: what no changed parameter touches, and the rest, which reads a little of the first.

The body is straight-line code in which every instruction is written once, so the split is a walk along it: an
instruction is invariant if all that it reads is. Chains of `and` and `or` are put in another order first, the
invariant bits before the others, so that nine tests of which three move leave one invariant bit, not six.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

_LINE = re.compile(r"\s*(%v\d+) = (.*)")
_REGISTER = re.compile(r"%[a-zA-Z]+\d+|%row|%j")
_CHAIN = re.compile(r"(and|or) i1 (\S+), (\S+)")
WORD = 64


@dataclass(frozen=True, slots=True)
class Split:
    """The two bodies, and the registers (with their types) that the second takes from the first."""

    first: list[str]
    second: list[str]
    carried: list[tuple[str, str]]


@dataclass(slots=True)
class _Code:
    """A body as instructions by register, in order."""

    text: dict[str, str]

    def reads(self, register: str) -> list[str]:
        return _REGISTER.findall(self.text[register])

    def lines(self, registers: Sequence[str]) -> list[str]:
        return [f"  {register} = {self.text[register]}" for register in registers]


def split(
    lines: Sequence[str], moved: Collection[str], wanted: Collection[str], *, late: bool = False
) -> Split:
    """Split a body whose parameters `moved` change, of which the registers `wanted` are the results.

    `late` leaves only loads to the first part (for code whose numbers are wide). Integers wider than a word
    are never carried: what makes them is worked out again.
    """
    code = _Code({})
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(line)
        code.text[match.group(1)] = match.group(2)
    taint = _tainted(code, moved, late=late)
    code = _reordered(code, taint, wanted)
    taint = _tainted(code, moved, late=late)
    needed = _needed(code, wanted)
    kept = {register: text for register, text in code.text.items() if register in needed}
    second = [register for register in kept if register in taint]
    outside = [read for register in second for read in code.reads(register)]
    carried = [r for r in dict.fromkeys([*outside, *wanted]) if r in kept and r not in taint]
    below = _needed(code, carried)
    first = [register for register in kept if register in below]
    carried_types = [(register, type_of(code.text[register])) for register in carried]
    return Split(code.lines(first), code.lines(second), carried_types)


def _tainted(code: _Code, moved: Collection[str], *, late: bool) -> set[str]:
    """The registers that depend on a moved parameter, or that are not to be carried."""
    taint = set(moved)
    for register, text in code.text.items():
        is_load = text.startswith(("load ", "getelementptr "))
        heavy = not is_load and (late or _is_wide(type_of(text)))
        if heavy or any(read in taint for read in code.reads(register)):
            taint.add(register)
    return taint


def _is_wide(kind: str) -> bool:
    return kind.startswith("i") and int(kind[1:]) > WORD


def _needed(code: _Code, wanted: Collection[str]) -> set[str]:
    found: set[str] = set()
    todo = [register for register in wanted if register in code.text]
    while todo:
        register = todo.pop()
        if register not in found:
            found.add(register)
            todo.extend(read for read in code.reads(register) if read in code.text)
    return found


def type_of(text: str) -> str:
    """The type of an instruction's result."""
    op, _, rest = text.partition(" ")
    match op:
        case "icmp" | "fcmp":
            return "i1"
        case "load" | "call":
            return rest.split()[0].rstrip(",")
        case "getelementptr":
            return "ptr"
        case "select":
            return rest.split(", ")[1].split()[0]
        case "zext" | "sext" | "trunc" | "sitofp" | "uitofp" | "fptosi" | "bitcast" | "fpext":
            return rest.rpartition(" to ")[2].strip()
    words = rest.split()
    flags = {"nuw", "nsw", "exact", "fast", "reassoc", "nsz", "nnan", "ninf", "contract", "disjoint"}
    return next(word for word in words if word not in flags)


# ---------------------------------------------------------------------- chains of bits


def _reordered(code: _Code, taint: Collection[str], wanted: Collection[str]) -> _Code:
    """The same code with chains of one operator on bits written anew, invariant bits first."""
    uses = Counter(read for register in code.text for read in code.reads(register))
    uses.update(wanted)
    new = _Code({})
    inner = {
        part
        for register, text in code.text.items()
        if (match := _CHAIN.fullmatch(text))
        for part in match.groups()[1:]
        if _continues(code, part, match.group(1), uses)
    }
    made = 0
    seen: dict[str, str] = {}
    for register, text in code.text.items():
        match = _CHAIN.fullmatch(text)
        if match is None:
            new.text[register] = text
            continue
        if register in inner:
            continue
        op = match.group(1)
        leaves = list(dict.fromkeys(_leaves(code, register, op, uses)))
        still = [leaf for leaf in leaves if leaf not in taint]
        moving = [leaf for leaf in leaves if leaf in taint]
        ordered = [*sorted(still, key=_number), *moving]
        found = ordered[0]
        for place, leaf in enumerate(ordered[1:], 2):
            step = f"{op} i1 {found}, {leaf}"
            if place == len(ordered):
                new.text[register] = step
                seen.setdefault(step, register)
                found = register
            elif step in seen:
                found = seen[step]
            else:
                found = seen[step] = f"%v{len(code.text) + made}"
                made += 1
                new.text[found] = step
        if len(ordered) == 1:
            new.text[register] = f"{op} i1 {found}, {found}"
    return new


def _number(leaf: str) -> int:
    digits = re.sub(r"\D", "", leaf)
    return int(digits) if digits else -1


def _continues(code: _Code, part: str, op: str, uses: Counter[str]) -> bool:
    """Whether an operand is a link of the same chain that nothing else reads."""
    return uses[part] == 1 and code.text.get(part, "").startswith(f"{op} i1 ")


def _leaves(code: _Code, register: str, op: str, uses: Counter[str]) -> list[str]:
    match = _CHAIN.fullmatch(code.text[register])
    assert match is not None  # noqa: S101  it is a link of a chain
    found: list[str] = []
    todo = list(match.groups()[1:])[::-1]
    while todo:
        part = todo.pop()
        if _continues(code, part, op, uses):
            inner = _CHAIN.fullmatch(code.text[part])
            assert inner is not None  # noqa: S101  as above
            todo.extend(list(inner.groups()[1:])[::-1])
        else:
            found.append(part)
    return found
