"""Exact numbers in machine code: whole numbers with proven ranges, and rationals of them.

A `Whole` knows while compiling between which integers it lies, and has two faces, each written only when
asked for: the exact one in LLVM integers as wide as it needs, and a double `v` with a magnitude `m` such
that |x - v| <= k * 2^-53 * m. As long as all that made it fits 53 bits, k is 0 and the double is the number:
vectors of doubles multiply in one instruction where AVX2 has none for words. A comparison of rationals
cross-multiplies; on the fast path products with k > 0 that do not clear their error bound mark the row
undecided, and it runs again on the exact path. Only rounding to steps divides, and that in whole numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from gangmu.engine.kernel.emit import Bit, Emitter

WIDTHS = (64, 128, 192, 256, 384, 512)
_HUGE = 2**1000  # beyond this a double could overflow
_WHOLE = 2**53
_EXACT = -1  # of an operation on exact parts: exact if the result fits
WORD = 64
_PAIR = 128  # two words
Approx = tuple[str, str, int]  # double, magnitude, error count


class TooWideError(Exception):
    """A number needs more bits than the exact path has."""


def width_of(lo: int, hi: int) -> int:
    """The narrowest width that holds a range with a bit to spare."""
    bits = max(lo.bit_length(), hi.bit_length()) + 2
    for width in WIDTHS:
        if bits <= width:
            return width
    raise TooWideError


class Whole:
    """An integer between `lo` and `hi`; `exact` and `approx` write its two faces."""

    __slots__ = ("_approx", "_exact", "_kept", "hi", "key", "lo")

    def __init__(
        self, lo: int, hi: int, exact: Callable[[int], str], approx: Callable[[], Approx], key: object
    ) -> None:
        """Take the range and how to write the faces; `key` is equal only for equal numbers."""
        self.lo, self.hi, self._exact, self._approx, self.key = lo, hi, exact, approx, key
        self._kept: dict[int, str | Approx] = {}

    @property
    def small(self) -> bool:
        """Whether it fits a machine word."""
        return self.lo > -(2**62) and self.hi < 2**62

    @property
    def constant(self) -> int | None:
        """Its value, if that is known while compiling."""
        return self.lo if self.lo == self.hi else None

    def exact(self, width: int) -> str:
        """The register of its exact value, in an integer of `width` bits."""
        if self.lo == self.hi:
            half = 1 << (width - 1)
            return str((self.lo + half) % (1 << width) - half)
        if width not in self._kept:
            self._kept[width] = self._exact(width)
        return str(self._kept[width])

    def approx(self) -> Approx:
        """A double near it."""
        if 0 not in self._kept:
            self._kept[0] = self._approx()
        found = self._kept[0]
        assert isinstance(found, tuple)  # noqa: S101  only doubles are kept under 0
        return found


class Wholes:
    """Arithmetic on whole numbers."""

    def __init__(self, emitter: Emitter) -> None:
        """Write into `emitter`."""
        self.e = emitter

    def const(self, value: int) -> Whole:
        """A known integer."""

        def near() -> Approx:
            double = float(value)
            text = f"0x{_bits(double):016X}"
            magnitude = f"0x{_bits(abs(double)):016X}"
            return text, magnitude, 0 if int(double) == value else 2

        return Whole(value, value, lambda _: str(value), near, value)

    def leaf(self, register: str, lo: int, hi: int) -> Whole:
        """An i64 register whose value lies in a range."""
        if lo == hi:
            return self.const(lo)
        return Whole(
            lo, hi, lambda width: self._widened(register, width),
            lambda: self._sitofp(register, lo, hi), register,
        )  # fmt: skip

    def leaf_of_int(self, register: str, lo: int, hi: int) -> Whole:
        """An i32 register: vectors of them turn into doubles in one instruction, those of i64 do not."""
        if lo == hi:
            return self.const(lo)

        def exact(width: int) -> str:
            return self.e.ins(f"sext i32 {register} to i{width}")

        return Whole(lo, hi, exact, lambda: self._sitofp(register, lo, hi, "i32"), register)

    def _sitofp(self, register: str, lo: int, hi: int, kind: str = "i64") -> Approx:
        value = self.e.ins(f"sitofp {kind} {register} to double")
        return value, self._size(value, lo), 0 if max(-lo, hi) <= _WHOLE else 2

    def _size(self, value: str, lo: int) -> str:
        return value if lo >= 0 else self.e.call("double", "llvm.fabs.f64", "double", f"double {value}")

    def leaf_of_double(self, register: str, lo: int, hi: int) -> Whole:
        """A double register that holds a whole number of at most 53 bits."""
        if lo == hi:
            return self.const(lo)

        def exact(width: int) -> str:
            return self._widened(self.e.ins(f"fptosi double {register} to i64"), width)

        return Whole(lo, hi, exact, lambda: (register, self._size(register, lo), 0), register)

    def _widened(self, word: str, width: int) -> str:
        return word if width == WORD else self.e.ins(f"sext i{WORD} {word} to i{width}")

    def _make(
        self, lo: int, hi: int, exact: Callable[[int], str], approx: Callable[[], Approx], key: object
    ) -> Whole:
        """A result: a word widened, if it fits one; its double is exact if its parts are and it fits."""
        if max(-lo, hi) >= _HUGE:
            raise TooWideError
        small = lo > -(2**62) and hi < 2**62

        def at(width: int) -> str:
            return self._widened(exact(WORD), width) if small else exact(width)

        def near() -> Approx:
            v, m, k = approx()
            if k == _EXACT and max(-lo, hi) <= _WHOLE:
                return v, self._size(v, lo), 0
            return v, m, 2 if k == _EXACT else k

        return Whole(lo, hi, at, near, key)

    def _binary(self, op: str, a: Whole, b: Whole) -> Callable[[int], str]:
        def exact(width: int) -> str:
            # parts may be wider than the whole (a difference): computed modulo 2^width they are still right
            return self.e.ins(f"{op} i{width} {self._at(a, width)}, {self._at(b, width)}")

        return exact

    def _at(self, a: Whole, width: int) -> str:
        return a.exact(width)

    def add(self, a: Whole, b: Whole) -> Whole:
        """Sum."""
        if a.constant == 0:
            return b
        if b.constant == 0:
            return a
        if a.constant is not None and b.constant is not None:
            return self.const(a.constant + b.constant)

        def near() -> Approx:
            (v, m, k), (w, n, j) = a.approx(), b.approx()
            count = _EXACT if k == j == 0 else max(k, j) + 2
            return self.e.ins(f"fadd double {v}, {w}"), self.e.ins(f"fadd double {m}, {n}"), count

        return self._make(a.lo + b.lo, a.hi + b.hi, self._binary("add", a, b), near, ("+", a.key, b.key))

    def neg(self, a: Whole) -> Whole:
        """Negative."""
        if a.constant is not None:
            return self.const(-a.constant)

        def near() -> Approx:
            v, m, k = a.approx()
            return self.e.ins(f"fneg double {v}"), m, k or _EXACT

        return self._make(-a.hi, -a.lo, self._binary("sub", self.const(0), a), near, ("-", a.key))

    def mul(self, a: Whole, b: Whole) -> Whole:
        """Product."""
        if a.constant is not None and b.constant is not None:
            return self.const(a.constant * b.constant)
        if 0 in (a.constant, b.constant):
            return self.const(0)
        if a.constant == 1:
            return b
        if b.constant == 1:
            return a
        corners = [x * y for x in (a.lo, a.hi) for y in (b.lo, b.hi)]

        def near() -> Approx:
            (v, m, k), (w, n, j) = a.approx(), b.approx()
            count = _EXACT if k == j == 0 else k + j + 3
            return self.e.ins(f"fmul double {v}, {w}"), self.e.ins(f"fmul double {m}, {n}"), count

        return self._make(min(corners), max(corners), self._binary("mul", a, b), near, ("*", a.key, b.key))

    def pick(self, test: Bit, a: Whole, b: Whole) -> Whole:
        """`a` where the test holds, else `b`."""
        if test is True or a.key == b.key:
            return a
        if test is False:
            return b

        def exact(width: int) -> str:
            return self.e.pick(test, f"i{width}", self._at(a, width), self._at(b, width))

        def near() -> Approx:
            (v, m, k), (w, n, j) = a.approx(), b.approx()
            count = max(k, j) or _EXACT
            return self.e.pick(test, "double", v, w), self.e.pick(test, "double", m, n), count

        return self._make(min(a.lo, b.lo), max(a.hi, b.hi), exact, near, ("?", test, a.key, b.key))

    def within(self, a: Whole, lo: int, hi: int) -> Whole:
        """The same number, of which more is known: where it counts it lies in a narrower range."""
        lo, hi = max(lo, a.lo), min(hi, a.hi)
        if lo > hi or (lo, hi) == (a.lo, a.hi):
            return a
        return Whole(lo, hi, a.exact, a.approx, a.key) if lo < hi else self.const(lo)


def _bits(value: float) -> int:
    import struct

    return int.from_bytes(struct.pack(">d", value), "big")


@dataclass(frozen=True, slots=True)
class End:
    """An end of an interval: num / den with den > 0, or endless (the flags)."""

    num: Whole
    den: Whole
    ninf: Bit = False
    pinf: Bit = False

    @property
    def fixed(self) -> int | None:
        """The denominator, if it is known while compiling."""
        return self.den.constant


class Rationals:
    """Arithmetic and order on ends. `undecided` collects where doubles could not tell."""

    def __init__(self, emitter: Emitter, *, exact: bool, blind: bool = False) -> None:
        """Compare exactly, or in doubles (`blind`: trust them always, as only a test does)."""
        self.e, self.w, self.precise, self.blind = emitter, Wholes(emitter), exact, blind
        self.undecided: Bit = False
        self.beyond: Bit = False

    def const(self, value: Fraction | int) -> End:
        """A number known while compiling."""
        exact = Fraction(value)
        return End(self.w.const(exact.numerator), self.w.const(exact.denominator))

    def infinite(self, *, positive: bool) -> End:
        """An endless end."""
        return End(self.w.const(0), self.w.const(1), not positive, positive)

    # ------------------------------------------------------------------ signs and order

    def less(self, a: End, b: End, guard: Bit = True) -> Bit:
        """A < b; `guard` says where the answer matters."""
        e = self.e
        finite = e.not_(e.or_(a.ninf, a.pinf, b.ninf, b.pinf))
        plain = self._less(a, b, e.and_(guard, finite)) if finite is not False else False
        return e.or_(e.and_(finite, plain), e.and_(a.ninf, e.not_(b.ninf)), e.and_(b.pinf, e.not_(a.pinf)))

    def _less(self, a: End, b: End, guard: Bit) -> Bit:
        left, right = self._crossed(a, b)
        if left.key == right.key:
            return False
        if left.hi < right.lo:
            return True
        if left.lo >= right.hi:
            return False
        if not self.precise:
            return self._near(left, right, guard)
        try:
            width = width_of(min(left.lo, right.lo), max(left.hi, right.hi))
        except TooWideError:
            self.beyond = self.e.or_(self.beyond, guard)
            return False
        return self.e.ins(f"icmp slt i{width} {left.exact(width)}, {right.exact(width)}")

    def _near(self, left: Whole, right: Whole, guard: Bit) -> Bit:
        """Left < right in doubles, where the difference clears the error bound."""
        (v, m, k), (w, n, j) = left.approx(), right.approx()
        if k == j == 0:
            return self.e.ins(f"fcmp olt double {v}, {w}")
        difference = self.e.ins(f"fsub double {v}, {w}")
        bound = (max(k, j) + 6) * 2.0**-53 * 1.001
        slack = self.e.ins(f"fmul double {self.e.ins(f'fadd double {m}, {n}')}, 0x{_bits(bound):016X}")
        size = self.e.call("double", "llvm.fabs.f64", "double", f"double {difference}")
        # strictly: where both magnitudes are 0, so are both numbers, and nothing is open
        open_ = self.e.and_(self.e.ins(f"fcmp ult double {size}, {slack}"), guard)
        if not self.blind:
            self.undecided = self.e.or_(self.undecided, open_)
        return self.e.ins(f"fcmp olt double {difference}, 0.0")

    def _crossed(self, a: End, b: End) -> tuple[Whole, Whole]:
        if a.fixed is not None and b.fixed is not None:
            common = math.lcm(a.fixed, b.fixed)
            scale_a, scale_b = self.w.const(common // a.fixed), self.w.const(common // b.fixed)
            return self.w.mul(a.num, scale_a), self.w.mul(b.num, scale_b)
        if a.den.key == b.den.key:
            return a.num, b.num
        return self.w.mul(a.num, b.den), self.w.mul(b.num, a.den)

    def alike(self, a: End, b: End) -> Bit:
        """Where two ends are one by their parts (equal ones may not be): it costs two comparisons."""
        return self.e.and_(
            self._alike(a.num, b.num), self._alike(a.den, b.den), self.e.same(a.ninf, b.ninf),
            self.e.same(a.pinf, b.pinf),
        )  # fmt: skip

    def _alike(self, a: Whole, b: Whole) -> Bit:
        if a.key == b.key:
            return True
        if not self.precise and a.approx()[2] == b.approx()[2] == 0:
            return self.e.ins(f"fcmp oeq double {a.approx()[0]}, {b.approx()[0]}")
        try:
            width = width_of(min(a.lo, b.lo), max(a.hi, b.hi))
        except TooWideError:
            return False
        return self.e.ins(f"icmp eq i{width} {a.exact(width)}, {b.exact(width)}") if width <= _PAIR else False

    def positive(self, a: End, guard: Bit = True) -> Bit:
        """A > 0."""
        return self.less(self.const(0), a, guard)

    def negative(self, a: End, guard: Bit = True) -> Bit:
        """A < 0."""
        return self.less(a, self.const(0), guard)

    def equal(self, a: End, b: End, guard: Bit = True) -> Bit:
        """A = b."""
        return self.e.and_(self.e.not_(self.less(a, b, guard)), self.e.not_(self.less(b, a, guard)))

    def minimum(self, a: End, b: End, guard: Bit = True) -> End:
        """The lower one."""
        return self.pick(self.less(b, a, guard), b, a)

    def maximum(self, a: End, b: End, guard: Bit = True) -> End:
        """The higher one."""
        return self.pick(self.less(a, b, guard), b, a)

    def outermost(self, ends: Sequence[tuple[Bit, End]], *, low: bool) -> End | None:
        """The least (or greatest) of the ends whose bit is set; None if comparing them could be undecided.

        An end whose bit is not set counts as the furthest that any can be, and so never decides: a choice
        and a minimum for each, where ends joined in pairs have to ask every time which of the two there are.
        """
        fixed = [end.fixed for _, end in ends if end.ninf is False is end.pinf]
        dens = [den for den in fixed if den is not None]
        if len(dens) < len(ends):
            return None
        common = math.lcm(*dens)
        scaled = zip(ends, dens, strict=True)
        wholes = [self.w.mul(end.num, self.w.const(common // den)) for (_, end), den in scaled]
        lo, hi = min(whole.lo for whole in wholes), max(whole.hi for whole in wholes)
        if max(-lo, hi) > _WHOLE or (not self.precise and any(whole.approx()[2] for whole in wholes)):
            return None
        far, den = self.w.const(hi if low else lo), self.w.const(common)
        found, *others = (
            End(self.w.pick(bit, whole, far), den) for (bit, _), whole in zip(ends, wholes, strict=True)
        )
        for end in others:
            found = self.minimum(found, end) if low else self.maximum(found, end)
        return found

    # ------------------------------------------------------------------ arithmetic

    def pick(self, test: Bit, a: End, b: End) -> End:
        """`a` where the test holds, else `b`."""
        if test is True or a == b:
            return a
        if test is False:
            return b
        if a.fixed is not None and b.fixed is not None:
            left, right = self._crossed(a, b)
            den = self.w.const(math.lcm(a.fixed, b.fixed))
        else:
            left, right = a.num, b.num
            den = self.w.pick(test, a.den, b.den)
        bits = (self.e.pick_bit(test, a.ninf, b.ninf), self.e.pick_bit(test, a.pinf, b.pinf))
        return End(self.w.pick(test, left, right), den, *bits)

    def neg(self, a: End) -> End:
        """Negative."""
        return End(self.w.neg(a.num), a.den, a.pinf, a.ninf)

    def add(self, a: End, b: End) -> End:
        """Sum (never of opposite endless ends)."""
        if a.fixed is not None and b.fixed is not None:
            den = self.w.const(math.lcm(a.fixed, b.fixed))
        else:
            den = a.den if a.den.key == b.den.key else self.w.mul(a.den, b.den)
        left, right = self._crossed(a, b)
        flags = (self.e.or_(a.ninf, b.ninf), self.e.or_(a.pinf, b.pinf))
        return End(self.w.add(left, right), den, *flags)

    def mul(self, a: End, b: End) -> End:
        """Product; 0 times an endless end is 0."""
        num, den = self.w.mul(a.num, b.num), self.w.mul(a.den, b.den)
        endless = self.e.or_(a.ninf, a.pinf, b.ninf, b.pinf)
        if endless is False:
            return End(num, den)
        up = self.e.or_(
            self.e.and_(self.positive(a), self.positive(b)), self.e.and_(self.negative(a), self.negative(b))
        )
        down = self.e.or_(
            self.e.and_(self.positive(a), self.negative(b)), self.e.and_(self.negative(a), self.positive(b))
        )
        zero = self.w.const(0)
        return End(self.w.pick(endless, zero, num), den, self.e.and_(endless, down), self.e.and_(endless, up))

    def over(self, a: End, b: End) -> End:
        """A / b for b > 0 (where it counts); anything finite over an endless end is 0."""
        one = self.w.const(1)
        safe = self.w.within(b.num, 1, b.num.hi) if b.num.lo >= 1 else self._at_least_one(b.num)
        num, den = self.w.mul(a.num, b.den), self.w.mul(a.den, safe)
        if b.pinf is False:
            return End(num, den, a.ninf, a.pinf)
        num, den = self.w.pick(b.pinf, self.w.const(0), num), self.w.pick(b.pinf, one, den)
        return End(num, den, a.ninf, a.pinf)

    def _at_least_one(self, a: Whole) -> Whole:
        """The number where it is positive, else 1, so that no denominator is ever 0."""
        if a.hi < 1:
            return self.w.const(1)
        positive = self.less(End(self.w.const(0), self.w.const(1)), End(a, self.w.const(1)), guard=False)
        return self.w.within(self.w.pick(positive, a, self.w.const(1)), 1, a.hi)
