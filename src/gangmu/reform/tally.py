"""What is counted of one rule under one reform in one group: who moved from which state to which, and sums.

A state is an answer's status, or its code where it is a known code or level. Sums are of what is known for
certain at the least and at the most (a missing fact leaves a range); all of it exact. Where cases carry
weights, `weights` and the sums count each case as many times as it weighs; `cases` counts heads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from gangmu.engine.assess import Answer
from gangmu.engine.interpreter import CONDITIONS_MET, HELD
from gangmu.rulebook import model
from gangmu.rulebook.types import CodeType, DateType, LevelType, NumberType, TitleType

Kind = Literal["truth", "title", "number", "date", "level", "code"]
Move = tuple[str, str]  # state before, state after
UNKNOWN = "unknown"
MET = {"truth": frozenset({"true"}), "title": frozenset({HELD, CONDITIONS_MET})}


def kind_of(rule: model.Rule) -> Kind:
    """What sort of outcome a rule gives."""
    match rule.type:
        case NumberType():
            return "number"
        case DateType():
            return "date"
        case LevelType():
            return "level"
        case CodeType():
            return "code"
        case TitleType():
            return "title"
    return "truth"


def state_of(kind: Kind, answer: Answer) -> str:
    """The state that an answer is in."""
    return str(answer.value) if kind in ("code", "level") and answer.status == "known" else answer.status


@dataclass(slots=True)
class Sums:
    """A total over the cases that have a number: at least, at most, and how many have no such end."""

    cases: int = 0
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(0)
    endless_low: int = 0
    endless_high: int = 0

    def add(self, answer: Answer, weight: Fraction) -> None:
        """Count one answer, if it has a number."""
        if answer.low is None or answer.high is None:
            return
        self.cases += 1
        if isinstance(answer.low, Fraction):
            self.low += answer.low * weight
        else:
            self.endless_low += 1
        if isinstance(answer.high, Fraction):
            self.high += answer.high * weight
        else:
            self.endless_high += 1

    def join(self, other: Sums) -> None:
        """Count what another has counted."""
        self.cases += other.cases
        self.low += other.low
        self.high += other.high
        self.endless_low += other.endless_low
        self.endless_high += other.endless_high


@dataclass(slots=True)
class Tally:
    """Counts and sums of one rule, one reform, one group."""

    kind: Kind
    scale: tuple[str, ...] = ()  # of a level, lowest first
    cases: Counter[Move] = field(default_factory=Counter)
    weights: dict[Move, Fraction] | None = None  # None: nobody carries a weight
    before: Sums = field(default_factory=Sums)
    after: Sums = field(default_factory=Sums)
    higher: int = 0  # cases whose known number, day or level rises, and falls
    lower: int = 0
    higher_weight: Fraction = Fraction(0)
    lower_weight: Fraction = Fraction(0)
    known: Fraction = Fraction(0)  # cases (or their weight) known on both sides
    change: Fraction = Fraction(0)  # the sum of the changes of those

    def add(self, before: Answer, after: Answer, weight: Fraction) -> None:
        """Count one case."""
        move = state_of(self.kind, before), state_of(self.kind, after)
        self.cases[move] += 1
        if self.weights is not None:
            self.weights[move] = self.weights.get(move, Fraction(0)) + weight
        if self.kind not in MET:
            self._order(before, after, weight)
        if self.kind != "number":
            return
        self.before.add(before, weight)
        self.after.add(after, weight)
        if isinstance(before.value, Fraction) and isinstance(after.value, Fraction):
            self.known += weight
            self.change += (after.value - before.value) * weight

    def _order(self, before: Answer, after: Answer, weight: Fraction) -> None:
        direction = self.direction(before, after)
        if direction > 0:
            self.higher += 1
            self.higher_weight += weight
        elif direction < 0:
            self.lower += 1
            self.lower_weight += weight

    def direction(self, before: Answer, after: Answer) -> int:
        """1 for a case that gains, -1 for one that loses, 0 for one that does neither."""
        return direction(self.kind, self.scale, before, after)

    def join(self, other: Tally) -> None:
        """Count what another has counted."""
        self.cases.update(other.cases)
        if self.weights is not None and other.weights is not None:
            for move, weight in other.weights.items():
                self.weights[move] = self.weights.get(move, Fraction(0)) + weight
        self.before.join(other.before)
        self.after.join(other.after)
        self.higher += other.higher
        self.lower += other.lower
        self.higher_weight += other.higher_weight
        self.lower_weight += other.lower_weight
        self.known += other.known
        self.change += other.change

    # ------------------------------------------------------------------ readings

    @property
    def total(self) -> int:
        """How many cases."""
        return self.cases.total()

    def count(self, chosen: Callable[[str, str], bool], *, weighted: bool = False) -> Fraction:
        """Cases (or their weight) whose move is chosen."""
        counted: Mapping[Move, int | Fraction] = self.cases
        if weighted and self.weights is not None:
            counted = self.weights
        return sum((Fraction(n) for (one, two), n in counted.items() if chosen(one, two)), Fraction(0))

    def met(self, state: str) -> bool:
        """Whether a state of a condition or title is the good one."""
        return state in MET.get(self.kind, ())

    def gain(self, *, weighted: bool = False) -> Fraction:
        """Not met before and met after; of a number or level, higher after than before."""
        if self.kind in MET:
            return self.count(lambda one, two: not self.met(one) and self.met(two), weighted=weighted)
        return self.higher_weight if weighted else Fraction(self.higher)

    def lose(self, *, weighted: bool = False) -> Fraction:
        """Met before and not met after; of a number or level, lower after than before."""
        if self.kind in MET:
            return self.count(lambda one, two: self.met(one) and not self.met(two), weighted=weighted)
        return self.lower_weight if weighted else Fraction(self.lower)


def direction(kind: Kind, scale: tuple[str, ...], before: Answer, after: Answer) -> int:
    """1 for a case that gains, -1 for one that loses, 0 for one that does neither, as far as is known."""
    if kind in MET:
        good = MET[kind]
        return (after.status in good) - (before.status in good)
    if before.status != "known" or after.status != "known":
        return 0
    match before.value, after.value:
        case Fraction() as one, Fraction() as two:
            return (two > one) - (two < one)
        case date() as first, date() as second:
            return (second > first) - (second < first)
        case str() as low, str() as high if scale:
            return (scale.index(high) > scale.index(low)) - (scale.index(high) < scale.index(low))
    return 0


def tally_of(rule: model.Rule, *, weighted: bool) -> Tally:
    """An empty tally for a rule."""
    scale = rule.type.scale if isinstance(rule.type, LevelType) else ()
    return Tally(kind_of(rule), scale, weights={} if weighted else None)


def joined(tallies: Iterable[Tally]) -> Tally:
    """Several tallies of one rule as one (at least one is given)."""
    first, *rest = tallies
    found = Tally(first.kind, first.scale, weights=None if first.weights is None else {})
    for one in (first, *rest):
        found.join(one)
    return found
