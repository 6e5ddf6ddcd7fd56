"""Law, evidence, passage of time: which of them made an answer another, by asking what would have been.

An answer is a function of three things: the rules in the book, the facts handed in, the day. Between two
runs each of them is the old or the new one, which makes eight worlds, all of which can be asked. A set of the
three *suffices* if with just these new, and the others old, the new answer comes out; the smallest sets that
suffice are the attribution. One set of one part: that part did it. A set of two: only together, an
interaction. Several sets: each would have been enough. No order between the three has to be chosen. Where
both answers are numbers, each part's share of the difference is its Shapley value: what it adds, averaged
over all orders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import combinations, permutations
from typing import Literal

from gangmu.changes.roots import Root, roots
from gangmu.engine.assess import outcome
from gangmu.engine.interpreter import Run
from gangmu.engine.outcomes import Answer
from gangmu.errors import QuestionError
from gangmu.evidence.cases import Evidence
from gangmu.rulebook import model

Part = Literal["law", "evidence", "time"]
PARTS: tuple[Part, ...] = ("law", "evidence", "time")
Parts = frozenset[Part]  # those that are new; the others are old


@dataclass(frozen=True, slots=True)
class Attribution:
    """What made an answer another.

    `sets` are the smallest sets of parts that suffice; `roots` what each part of them changed, with the part;
    `shares` adds up to the difference, where both answers are numbers. `before` and `after` are the answers
    as they come out now; they may differ from those stored if another version of the engine gave these.
    """

    before: Answer | None
    after: Answer | None
    sets: tuple[Parts, ...]
    roots: tuple[tuple[Part, Root], ...] = ()
    shares: Mapping[Part, Fraction] = field(default_factory=dict)


@dataclass(frozen=True)
class Worlds:
    """Two books, two bodies of evidence (each read for either book), and the day of each case in both runs.

    `evidence` is by (book, evidence), 0 for the first run and 1 for the second.
    """

    books: tuple[model.Rulebook, model.Rulebook]
    evidence: Mapping[tuple[int, int], Evidence]
    days: tuple[Mapping[str, date], Mapping[str, date]]
    _runs: dict[tuple[str, Parts], Run | None] = field(default_factory=dict)

    def run(self, key: str, new: Parts) -> Run | None:
        """A case with some parts new and the others old; None if it is not in that evidence."""
        place = (key, new)
        if place not in self._runs:
            law, facts, time = (int(part in new) for part in PARTS)
            try:
                case = self.evidence[law, facts].case(key)
            except QuestionError:
                case = None
            day = self.days[time].get(key) or self.days[1 - time].get(key)
            run = Run(self.books[law], case, day) if case is not None and day is not None else None
            self._runs[place] = run
        return self._runs[place]

    def answer(self, key: str, name: str, new: Parts) -> Answer | None:
        """The answer of a rule in that world; None if there is no such case or no such rule."""
        run = self.run(key, new)
        return outcome(run, name) if run is not None and name in run.book.rules else None

    def forget(self) -> None:
        """Let go of the runs of a case that is done."""
        self._runs.clear()


def attribute(worlds: Worlds, key: str, name: str, moved: Sequence[Part]) -> Attribution:
    """What of `moved` (the parts that differ at all) made the answer of a rule (full name) another."""
    worlds_of = [frozenset(some) for size in range(len(moved) + 1) for some in combinations(moved, size)]
    answers = {new: worlds.answer(key, name, new) for new in worlds_of}
    old, everything = answers[frozenset()], frozenset(moved)
    wanted = answers[everything]
    sets: list[Parts] = []
    for new in worlds_of[1:]:
        if answers[new] == wanted != old and not any(smaller <= new for smaller in sets):
            sets.append(new)
    found: list[tuple[Part, Root]] = []
    for suffices in sets:
        for part in (part for part in PARTS if part in suffices):
            before, after = worlds.run(key, suffices - {part}), worlds.run(key, suffices)
            if before is not None and after is not None:
                found.extend((part, root) for root in roots(before, after, name))
    return Attribution(old, wanted, tuple(sets), tuple(found), _shares(answers, moved))


def _shares(answers: Mapping[Parts, Answer | None], moved: Sequence[Part]) -> dict[Part, Fraction]:
    """Each part's share of a difference of numbers; empty if some world gives no number."""
    numbers = {
        new: one.value for new, one in answers.items() if one is not None and isinstance(one.value, Fraction)
    }
    if len(numbers) < len(answers):
        return {}
    shares: dict[Part, Fraction] = dict.fromkeys(moved, Fraction(0))
    orders = list(permutations(moved))
    for order in orders:
        new: Parts = frozenset()
        for part in order:
            with_it = new | {part}
            shares[part] += (numbers[with_it] - numbers[new]) / len(orders)
            new = with_it
    return shares
