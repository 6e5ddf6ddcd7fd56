"""Expressions of one row, each kept once: what the domain writes and `levels` puts into CTEs.

A term is a truth value, a whole number or a text; constants are plain Python values and fold away. Whole
numbers carry the range that they are proven to lie in, so that what cannot overflow needs no guard and what
is already decided needs no test.

NULL has one meaning here: *beyond*, a number that the dialect cannot hold. Facts that are not given never are
NULL (`facts` replaces them), every number that might not fit is guarded and NULL where it does not, and every
operator passes NULL on or is decided without it, as Kleene's logic does. So an answer that is not NULL is
right, and one that is NULL goes to the interpreter.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

Kind = Literal["bool", "int", "text"]
WORD: Final = (1 << 63) - 1  # what BIGINT holds


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """An expression over columns; compared by identity, since each is kept once."""

    op: str
    args: tuple[Arg, ...]
    kind: Kind
    lo: int | None = None  # of a whole number: proven range, of what is beyond too; None is endless
    hi: int | None = None
    safe: bool = True  # never NULL
    space: str = ""  # the related entity in whose rows it is worked out; empty: the enterprise's

    @property
    def wide(self) -> bool:
        """Whether a whole number needs more than a machine word."""
        return self.lo is None or self.hi is None or self.lo < -WORD or self.hi > WORD

    @property
    def parts(self) -> tuple[Term, ...]:
        """The terms among the arguments."""
        return tuple(arg for arg in self.args if isinstance(arg, Term))


Arg = Term | bool | int | str | None | tuple[str, ...]
Bit = bool | Term
Int = int | Term
Text = str | Term
Ends = tuple[int | None, int | None]  # a range; None is endless


def low(value: Int) -> int | None:
    """The least value, None if endless."""
    return value.lo if isinstance(value, Term) else value


def high(value: Int) -> int | None:
    """The greatest value, None if endless."""
    return value.hi if isinstance(value, Term) else value


def safe(value: Arg) -> bool:
    """Whether a value is never NULL."""
    return not isinstance(value, Term) or value.safe


class Terms:
    """Makes terms and keeps each once. `limit` is the greatest whole number of the dialect; None: none."""

    def __init__(self, limit: int | None, divided: int | None = None) -> None:
        """Begin without terms. `divided`: the greatest number that can be divided (None: any)."""
        self.limit, self.divided = limit, divided
        self.current = ""  # the rule in hand
        self.owner: dict[Term, str] = {}  # the rule that first wrote a term
        self._kept: dict[object, Term] = {}

    def make(
        self, op: str, args: Sequence[Arg], kind: Kind, *, lo: int | None = None, hi: int | None = None,
        secure: bool | None = None, space: str = "", grouped: bool = False,
    ) -> Term:  # fmt: skip
        """A term.

        `secure`: it is never NULL (default: where no argument is). `grouped`: it stands in the enterprise's
        row, whatever rows its arguments are of. A constant that the dialect cannot hold is beyond.
        """
        if op != "beyond":
            args = [self._within(arg) for arg in args]
        key = (op, space, *((type(arg), arg) for arg in args))
        kept = self._kept.get(key)
        if kept is None:
            never = all(safe(arg) for arg in args) if secure is None else secure
            spaces = (arg.space for arg in args if isinstance(arg, Term) and arg.space)
            where = "" if grouped else space or next(spaces, "")
            kept = self._kept[key] = Term(op, tuple(args), kind, lo, hi, never, where)
            self.owner[kept] = self.current
        return kept

    def _within(self, arg: Arg) -> Arg:
        """An argument, or what stands for a whole number that would be read as a double."""
        if self.limit is None or not isinstance(arg, int) or abs(arg) <= self.limit:
            return arg
        return self.make("beyond", (arg,), "int", lo=arg, hi=arg, secure=False)

    # ------------------------------------------------------------------ truth values

    def and_(self, *bits: Bit) -> Bit:
        """Kleene's AND."""
        return self._connect("and", bits, absorbing=False)

    def or_(self, *bits: Bit) -> Bit:
        """Kleene's OR."""
        return self._connect("or", bits, absorbing=True)

    def _connect(self, op: str, bits: Iterable[Bit], *, absorbing: bool) -> Bit:
        found: dict[Term, None] = {}
        for bit in bits:
            if isinstance(bit, bool):
                if bit is absorbing:
                    return absorbing
                continue
            found.update(dict.fromkeys(_leaves(bit, op)))
        if not found:
            return not absorbing
        for term in found:
            if term.safe and self.not_(term) in found:
                return absorbing
        return next(iter(found)) if len(found) == 1 else self.make(op, tuple(found), "bool")

    def not_(self, bit: Bit) -> Bit:
        """NOT."""
        if isinstance(bit, bool):
            return not bit
        if bit.op == "not":
            inner = bit.args[0]
            assert isinstance(inner, Term)  # noqa: S101  as made here
            return inner
        return self.make("not", (bit,), "bool")

    # ------------------------------------------------------------------ whole numbers

    def _held(self, lo: int | None, hi: int | None) -> bool:
        """Whether the dialect holds every number of a range."""
        if self.limit is None:
            return True
        return lo is not None and hi is not None and -self.limit <= lo and hi <= self.limit

    def _here(self, value: Int) -> Ends:
        """The range of an operand where it is not NULL: a term then lies within what the dialect holds.

        Its own range says where the number truly lies, beyond or not, and only by that is it compared.
        """
        lo, hi = _ends(value)
        if self.limit is None or isinstance(value, int):
            return lo, hi
        least = -self.limit if lo is None else max(lo, -self.limit)
        return least, self.limit if hi is None else min(hi, self.limit)

    def add(self, a: Int, b: Int) -> Int:
        """A + b."""
        if isinstance(a, int) and isinstance(b, int):
            return a + b
        if a == 0 or b == 0:
            return b if a == 0 else a
        if isinstance(a, int):
            a, b = b, a
        held = self._held(*_sum(self._here(a), self._here(b)))
        return self._guarded("add", (a, b), _sum(_ends(a), _ends(b)), held=held)

    def mul(self, a: Int, b: Int) -> Int:
        """A * b."""
        if isinstance(a, int) and isinstance(b, int):
            return a * b
        if a == 0 or b == 0:
            return 0
        if a == 1 or b == 1:
            return b if a == 1 else a
        if isinstance(a, int):
            a, b = b, a
        held = self._held(*_product(self._here(a), self._here(b)))
        return self._guarded("mul", (a, b), _product(_ends(a), _ends(b)), held=held)

    def _guarded(self, op: str, args: tuple[Int, Int], ends: Ends, *, held: bool) -> Term:
        # held: it is NULL where an argument is, and nowhere else
        secure = None if held else False
        return self.make(op if held else f"{op}?", args, "int", lo=ends[0], hi=ends[1], secure=secure)

    def neg(self, a: Int) -> Int:
        """-a."""
        if isinstance(a, int):
            return -a
        if a.op == "neg":
            inner = a.args[0]
            assert isinstance(inner, Term)  # noqa: S101  as made here
            return inner
        lo, hi = (None if a.hi is None else -a.hi), (None if a.lo is None else -a.lo)
        return self.make("neg", (a,), "int", lo=lo, hi=hi)

    def sub(self, a: Int, b: Int) -> Int:
        """A - b."""
        return 0 if a is b and safe(a) else self.add(a, self.neg(b))

    def div(self, a: Int, b: Int) -> Int:
        """A / b toward zero; b is above 0."""
        if isinstance(a, int) and isinstance(b, int):
            return abs(a) // b * (1 if a >= 0 else -1)
        if b == 1:
            return a
        least = low(b)
        by = least if least is not None and least > 0 else 1
        lo, hi = low(a), high(a)
        lo = None if lo is None else 0 if lo >= 0 else -(-lo // by)
        hi = None if hi is None else 0 if hi <= 0 else hi // by
        held = self.divided is None or all(
            end is not None and abs(end) < self.divided for end in (low(a), high(a))
        )
        return self.make("div", (a, b), "int", lo=lo, hi=hi, secure=held and safe(a) and safe(b))

    def mod(self, a: Int, b: Int) -> Int:
        """What `div` leaves, with the sign of a; b is above 0."""
        if isinstance(a, int) and isinstance(b, int):
            return abs(a) % b * (1 if a >= 0 else -1)
        if b == 1:
            return 0
        most, lo, hi = high(b), low(a), high(a)
        edge = None if most is None else most - 1
        return self.make(
            "mod", (a, b), "int",
            lo=0 if lo is not None and lo >= 0 else None if edge is None else -edge,
            hi=0 if hi is not None and hi <= 0 else edge,
        )  # fmt: skip

    def bits(self, bits: Iterable[Bit]) -> Int:
        """How many hold."""
        total: Int = 0
        for bit in bits:
            total = self.add(total, self.case(bit, 1, 0))
        return total

    # ------------------------------------------------------------------ comparison

    def lt(self, a: Int, b: Int) -> Bit:
        """A < b."""
        if isinstance(a, int) and isinstance(b, int):
            return a < b
        if a is b:
            return False
        (a_lo, a_hi), (b_lo, b_hi) = _ends(a), _ends(b)
        if a_hi is not None and b_lo is not None and a_hi < b_lo:
            return True
        if a_lo is not None and b_hi is not None and a_lo >= b_hi:
            return False
        return self.make("lt", (a, b), "bool")

    def le(self, a: Int, b: Int) -> Bit:
        """A <= b."""
        return self.not_(self.lt(b, a))

    def eq(self, a: Int, b: Int) -> Bit:
        """A = b."""
        if isinstance(a, int) and isinstance(b, int):
            return a == b
        if a is b:
            return True
        if self.lt(a, b) is True or self.lt(b, a) is True:
            return False
        if isinstance(a, int):
            a, b = b, a
        return self.make("eq", (a, b), "bool")

    # ------------------------------------------------------------------ texts

    def same(self, a: Text, b: Text) -> Bit:
        """Whether two texts are the same."""
        if isinstance(a, str) and isinstance(b, str):
            return a == b
        if a is b:
            return True
        if isinstance(a, str):
            a, b = b, a
        return self.make("same", (a, b), "bool")

    def one_of(self, a: Text, texts: Iterable[str]) -> Bit:
        """Whether a text is one of several."""
        wanted = tuple(sorted(set(texts)))
        if isinstance(a, str):
            return a in wanted
        if len(wanted) < 2:  # noqa: PLR2004  one text needs no list
            return self.same(a, wanted[0]) if wanted else False
        return self.make("in", (a, wanted), "bool")

    def starts(self, a: Text, prefixes: Iterable[str]) -> Bit:
        """Whether a text begins with one of several prefixes."""
        wanted = tuple(prefixes)
        if isinstance(a, str):
            return a.startswith(wanted)
        return self.or_(*(self.make("starts", (a, prefix), "bool") for prefix in wanted))

    # ------------------------------------------------------------------ choice

    def case(self, test: Bit, a: Int, b: Int) -> Int:
        """Whole number a where the test holds, else b."""
        if isinstance(test, bool):
            return a if test else b
        if a is b or (isinstance(a, int) and a == b):
            return a
        if test.op == "not":
            inner = test.args[0]
            assert isinstance(inner, Term)  # noqa: S101  as made here
            test, a, b = inner, b, a
        (a_lo, a_hi), (b_lo, b_hi) = _ends(a), _ends(b)
        return self.make("case", (test, a, b), "int", lo=_least([a_lo, b_lo]), hi=_most([a_hi, b_hi]))

    def at_least(self, a: Int, floor: int) -> Int:
        """A, or the floor where a is below it."""
        if isinstance(a, int):
            return max(a, floor)
        if a.lo is not None and a.lo >= floor:
            return a
        most = None if a.hi is None else max(a.hi, floor)
        return self.make("case", (self.lt(floor, a), a, floor), "int", lo=floor, hi=most)

    def at_most(self, a: Int, top: int) -> Int:
        """A, or the top where a is above it."""
        return self.neg(self.at_least(self.neg(a), -top))

    def proven(self, value: Int, lo: int, hi: int) -> Int:
        """The same number, of which a range is known by other means than its parts."""
        if isinstance(value, int):
            return value
        key = ("proven", lo, hi, value)
        if key not in self._kept:
            self._kept[key] = replace(value, lo=lo, hi=hi)
        return self._kept[key]

    def pick(self, test: Bit, a: Bit, b: Bit) -> Bit:
        """Truth value a where the test holds, else b."""
        return self.or_(self.and_(test, a), self.and_(self.not_(test), b))

    def chosen(self, whens: Sequence[tuple[Bit, Text]], otherwise: Text) -> Text:
        """The text of the first test that holds."""
        found = otherwise
        for test, text in reversed(whens):
            if isinstance(test, bool):
                found = text if test else found
            elif text is not found and text != found:
                found = self.make("case", (test, text, found), "text")
        return found

    def written(self, value: Int) -> Text:
        """A whole number as text."""
        return str(value) if isinstance(value, int) else self.make("str", (value,), "text")


def _leaves(bit: Term, op: str) -> Iterable[Term]:
    """The parts of a nested AND or OR."""
    if bit.op != op:
        return (bit,)
    return bit.parts


def _ends(value: Int) -> Ends:
    return low(value), high(value)


def _sum(a: Ends, b: Ends) -> Ends:
    """The range of a sum."""
    lo, hi = (None if x is None or y is None else x + y for x, y in zip(a, b, strict=True))
    return lo, hi


def _product(a: Ends, b: Ends) -> Ends:
    """The range of a product."""
    corners = [_times(x, y) for x in _line(a) for y in _line(b)]
    lo, hi = (None if isinstance(end, float) else end for end in (min(corners), max(corners)))
    return lo, hi


def _line(ends: Ends) -> tuple[int | float, int | float]:
    """A range on the line with its endless ends."""
    lo, hi = ends
    return (-math.inf if lo is None else lo), (math.inf if hi is None else hi)


def _times(x: float, y: float) -> int | float:
    """A product of ends, 0 times an endless one being 0. No whole number is too large for it."""
    if x == 0 or y == 0:
        return 0
    if math.inf in (abs(x), abs(y)):
        return math.inf if (x > 0) == (y > 0) else -math.inf
    return x * y


def _least(found: Sequence[int | None]) -> int | None:
    return None if None in found else min(x for x in found if x is not None)


def _most(found: Sequence[int | None]) -> int | None:
    return None if None in found else max(x for x in found if x is not None)


def common(a: int, b: int) -> int:
    """The least common multiple."""
    return a // math.gcd(a, b) * b
