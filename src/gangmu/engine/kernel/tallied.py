"""An outcome as a tally needs it: a state of one byte, and of a number its ends, nought where it has none.

The states of a rule are numbered from 0, the same on every path, so that what one path counted of a row can
be taken away and another path's count put in its place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gangmu.engine.interpreter import BLOCKED, CONDITIONS_MET, HELD, LAPSED
from gangmu.engine.kernel.domain import Codes, Num, Truth, UnsupportedByKernel, Value
from gangmu.engine.kernel.emit import Bit
from gangmu.engine.kernel.numbers import Whole
from gangmu.engine.kernel.outputs import Outputs
from gangmu.engine.kernel.program import Program
from gangmu.engine.kernel.statuses import CODE
from gangmu.rulebook import model
from gangmu.rulebook.types import CodeType, DateType, LevelType, NumberType, TitleType

NO_STATUS = {"unknown": 0, "undefined": 1, "not_in_force": 2}
# an unknown number has no ordinary value, or one with both ends, or one that is endless below, above, both
OPEN_NUMBER = ("unknown", "unknown.some", "unknown.low", "unknown.high", "unknown.both")
STATES = {
    "truth": ("true", "false", "unknown", "undefined", "not_in_force"),
    "title": (HELD, CONDITIONS_MET, BLOCKED, LAPSED, "unknown", "not_in_force"),
    "number": ("known", "undefined", "not_in_force", *OPEN_NUMBER),
}
MOST_STATES = 200


def states_of(rule: model.Rule) -> tuple[str, ...]:
    """The states that a rule can be in. Raises `UnsupportedByKernel` for texts without a list."""
    match rule.type:
        case NumberType() | DateType():
            return STATES["number"]
        case TitleType():
            return STATES["title"]
        case LevelType(scale):
            return (*NO_STATUS, *scale)
        case CodeType(options):
            if options is None or len(options) > MOST_STATES:
                raise UnsupportedByKernel(rule.name, "its codes are not listed")
            return (*NO_STATUS, *sorted(options))
    return STATES["truth"]


@dataclass(frozen=True, slots=True)
class End:
    """An end of a number: nought where it has none; a double that is a whole number, or an i64."""

    register: str
    kind: str
    whole: Whole


@dataclass(frozen=True, slots=True)
class Told:
    """What one rule's outcome is: registers of its state (an i8) and ends (none, one, or low and high)."""

    rule: str
    states: tuple[str, ...]
    state: str
    ends: tuple[End, ...] = ()
    den: int = 1

    @property
    def moves(self) -> bool:
        """Whether its state can be more than one."""
        return self.state.startswith("%")


class Teller(Outputs):
    """Gives states and ends as registers, in place of storing them."""

    def __init__(self, program: Program) -> None:
        """For one program."""
        super().__init__(program)
        self._states: tuple[str, ...] = ()

    def choose(self, pairs: Sequence[tuple[Bit, int]], last: int) -> str:
        """The number of the first state whose test holds."""
        places = {CODE[name]: place for place, name in enumerate(self._states) if name in CODE}
        return super().choose([(test, places[code]) for test, code in pairs], places[last])

    def store(self, kind: str, register: str, index: str = "%j") -> int:
        """Nothing is stored."""
        raise NotImplementedError

    def tell(self, rule: model.Rule, value: Value) -> Told:
        """One outcome. Raises `UnsupportedByKernel`."""
        self._states = states_of(rule)
        match value:
            case Truth():
                return Told(rule.name, self._states, self._truth(value))
            case Codes() if isinstance(rule.type, TitleType):
                return Told(rule.name, self._states, self._title(value))
            case Codes():
                return Told(rule.name, self._states, self._code(value))
            case Num():
                return self._num(rule, value)

    def _truth(self, value: Truth) -> str:
        """On the point path one outcome holds: what is none of the others is false."""
        if not self.p.d.points:
            return self._truth_status(value)
        true, *others = (CODE[name] for name in ("true", "undefined", "not_in_force", "false"))
        tests = [(value.true, true), (value.undefined, others[0]), (value.absent, others[1])]
        return self.choose(tests, others[2])

    def _title(self, value: Codes) -> str:
        d, e = self.p.d, self.p.e
        some, atoms = d.some(value), value.atoms
        open_ = self._several(some, e.and_(some, e.not_(d.single(atoms, value.mask))), value)
        known = [
            (d.meets(atoms, value.mask, atoms.mask([state])), CODE[state])
            for state in (HELD, CONDITIONS_MET, BLOCKED, LAPSED)
        ]
        unknown = CODE["unknown"]
        return self.choose([(open_, unknown), *known, (value.undefined, unknown)], CODE["not_in_force"])

    def _code(self, value: Codes) -> str:
        """The code where there is just one; a text that the book does not name is for the interpreter."""
        d, e, atoms = self.p.d, self.p.e, value.atoms
        some = d.some(value)
        open_ = self._several(some, e.and_(some, e.not_(d.single(atoms, value.mask))), value)
        found = "0"
        named: list[Bit] = []
        for place, code in reversed(list(enumerate(self._states[len(NO_STATUS) :], len(NO_STATUS)))):
            test: Bit = code in atoms.codes and d.meets(atoms, value.mask, atoms.mask([code]))
            named.append(test)
            found = e.pick(test, "i8", str(place), found)
        nameless = e.and_(some, e.not_(open_), e.not_(e.or_(*named)))
        self.p.r.beyond = e.or_(self.p.r.beyond, nameless)
        found = e.pick(some, "i8", found, e.pick(value.undefined, "i8", "1", "2"))
        return e.pick(open_, "i8", "0", found)

    def _num(self, rule: model.Rule, value: Num) -> Told:
        e, r, w = self.p.e, self.p.r, self.p.r.w
        open_: Bit = False
        if self.p.d.points:  # one outcome holds: what is not the others is a number
            some = e.not_(e.or_(value.undefined, value.absent))
            value = replace(value, some=some)
        if not value.is_point:
            open_ = e.and_(value.some, r.less(value.lo, value.hi, value.some))
        if not self.p.d.points:
            open_ = self._several(value.some, open_, value)
        state = self._number_state(value, open_)
        if value.lo.fixed is None or value.hi.fixed is None:
            raise UnsupportedByKernel(rule.name, "its denominators differ from row to row")
        den = math.lcm(value.lo.fixed, value.hi.fixed)
        ends: list[End] = []
        for end in (value.lo,) if value.is_point else (value.lo, value.hi):
            whole = w.mul(end.num, w.const(den // (end.fixed or 1)))
            there = e.and_(value.some, e.not_(e.or_(end.ninf, end.pinf)))
            ends.append(self._end(rule, w.pick(there, whole, w.const(0))))
        return Told(rule.name, self._states, state, tuple(ends), den)

    def _number_state(self, value: Num, open_: Bit) -> str:
        e = self.p.e
        at = {name: str(place) for place, name in enumerate(self._states)}
        closed = e.pick(value.undefined, "i8", at["undefined"], at["not_in_force"])
        state = e.pick(value.some, "i8", at["known"], closed)
        if open_ is False:
            return state
        low, high = e.or_(value.lo.ninf, value.lo.pinf), e.or_(value.hi.ninf, value.hi.pinf)
        bounded = e.pick(high, "i8", at["unknown.high"], at["unknown.some"])
        endless = e.pick(high, "i8", at["unknown.both"], at["unknown.low"])
        told = e.pick(value.some, "i8", e.pick(low, "i8", endless, bounded), at["unknown"])
        return e.pick(open_, "i8", told, state)

    def _end(self, rule: model.Rule, whole: Whole) -> End:
        if not whole.small:
            raise UnsupportedByKernel(rule.name, "its value needs more than a machine word")
        if whole.constant is None and not self.p.r.precise and whole.approx()[2] == 0:
            return End(whole.approx()[0], "double", whole)
        return End(whole.exact(64), "i64", whole)
