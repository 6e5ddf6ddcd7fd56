"""Rounding to whole steps in machine code: the only place that divides, and it divides whole numbers.

A quotient of numbers wider than a word is worked out as wide as they are; a row in which the count of steps
does not fit a word goes to the interpreter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gangmu.engine.kernel.domain import Num
from gangmu.engine.kernel.numbers import WORD, End, TooWideError, Whole, width_of
from gangmu.rulebook import model

if TYPE_CHECKING:
    from gangmu.engine.kernel.emit import Emitter
    from gangmu.engine.kernel.program import Program

OWN = 192  # bits from which LLVM writes a division out; a pair of words it would take from a C library
LAME = {256: 384}  # LLVM stops the whole process where 256 bits are divided by a power of two
MOST = 2**61  # steps that a word holds, doubled


def rounded(p: Program, value: Num, rounding: model.Rounding) -> Num:
    """To the steps that a rule states."""
    return to_step(p, value, p.quantity(rounding.to), rounding.how)


def to_step(p: Program, value: Num, step: Num, how: str) -> Num:
    """Round to whole steps."""
    lo = _stepped(p, value.lo, step.lo, how)
    hi = lo if value.is_point else _stepped(p, value.hi, step.lo, how)
    return Num(value.some, lo, hi, value.undefined, value.absent)


def _stepped(p: Program, end: End, step: End, how: str) -> End:
    """One end."""
    if step.num.lo < 1 or step.fixed is None or step.ninf is not False or step.pinf is not False:
        raise p.refuse("a rounding step that is no positive number of the book")
    w = p.r.w
    steps = p.r.over(end, step)
    num, den = steps.num, steps.den
    above = num.lo >= 0
    if how == "half_up":
        num, den = w.add(w.mul(num, w.const(2)), den), w.mul(den, w.const(2))
    word = _word_of(p, num, den)
    n, k = num.exact(word.width), den.exact(word.width)
    cut = word.ins("sdiv", n, k)
    rest = word.ins("sub", n, word.ins("mul", cut, k))
    more, less = word.ins("icmp sgt", rest, "0"), word.ins("icmp slt", rest, "0")
    whole = _whole_steps(word, how, (n, k), (cut, rest), (more, less))
    edge = max(abs(num.lo), abs(num.hi)) + 1
    if word.width > WORD:
        whole, edge = _cut_to_word(p, word, whole), min(edge, MOST)
    found = End(w.leaf(whole, 0 if above else -edge, edge), w.const(1), end.ninf, end.pinf)
    return replace(p.r.mul(replace(found, ninf=False, pinf=False), step), ninf=end.ninf, pinf=end.pinf)


@dataclass(frozen=True, slots=True)
class _Word:
    """Instructions on integers of one width."""

    e: Emitter
    width: int

    def ins(self, op: str, a: str, b: str) -> str:
        """One instruction."""
        return self.e.ins(f"{op} i{self.width} {a}, {b}")

    def of(self, bit: str) -> str:
        """A truth value as 0 or 1."""
        return str(self.e.bit_as(bit, f"i{self.width}"))


def _word_of(p: Program, num: Whole, den: Whole) -> _Word:
    """As wide as the numbers need: a word, or a width that LLVM divides by itself."""
    if num.small and den.small:
        return _Word(p.e, WORD)
    try:
        width = width_of(min(num.lo, 2 * num.lo), max(num.hi, 2 * num.hi, 2 * den.hi))
    except TooWideError:
        raise p.refuse("a number to be rounded needs more than 512 bits") from None
    return _Word(p.e, LAME.get(width, max(width, OWN)))


def _cut_to_word(p: Program, word: _Word, whole: str) -> str:
    """The count of steps as a word; where it is longer, 0, and the row goes to the interpreter."""
    e = p.e
    fits = e.and_(word.ins("icmp sle", whole, str(MOST)), word.ins("icmp sge", whole, str(-MOST)))
    p.r.beyond = e.or_(p.r.beyond, e.not_(fits))
    return e.pick(fits, "i64", e.ins(f"trunc i{word.width} {whole} to i64"), "0")


def _whole_steps(
    w: _Word, how: str, ends: tuple[str, str], parts: tuple[str, str], signs: tuple[str, str]
) -> str:
    (cut, rest), (more, less) = parts, signs
    match how:
        case "floor":
            return w.ins("sub", cut, w.of(less))
        case "ceil":
            return w.ins("add", cut, w.of(more))
        case "down":
            return cut
        case "up":
            return w.ins("sub", w.ins("add", cut, w.of(more)), w.of(less))
        case "half_even":
            return _half_even(w, ends, cut, less)
        case "half_up":
            return _half_up(w, ends, cut, (rest, less))
    raise AssertionError(how)


def _half_even(w: _Word, ends: tuple[str, str], cut: str, less: str) -> str:
    """Half to the even neighbour."""
    n, k = ends
    floor = w.ins("sub", cut, w.of(less))
    rest = w.ins("sub", n, w.ins("mul", floor, k))
    twice = w.ins("mul", rest, "2")
    odd = w.ins("icmp ne", w.ins("and", floor, "1"), "0")
    half = w.e.and_(w.ins("icmp eq", twice, k), odd)
    up = w.e.or_(w.ins("icmp sgt", twice, k), half)
    return w.ins("add", floor, str(w.e.bit_as(up, f"i{w.width}")))


def _half_up(w: _Word, ends: tuple[str, str], cut: str, rest: tuple[str, str]) -> str:
    """Half away from zero: floor(x + 1/2) above 0, ceil(x - 1/2) below; `ends` hold x + 1/2."""
    n, k = ends
    floor = w.ins("sub", cut, w.of(rest[1]))
    # below zero an exact half goes down: there x + 1/2 is whole
    exact = w.ins("icmp eq", rest[0], "0")
    below = w.ins("icmp slt", n, w.ins("sdiv", k, "2"))
    return w.ins("sub", floor, str(w.e.bit_as(w.e.and_(exact, below), f"i{w.width}")))
