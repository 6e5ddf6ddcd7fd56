"""Which channels can be used together: exactly, and without a sum over anything that is shared.

Two channels do not go together if either excludes the other. A *compatible set* is as large as can be:
nothing more could be added to it. Channels that exclude nothing here are in all of them, and the others fall
into *choices*: knots of channels that exclude one another, each with its own alternatives (the maximal
independent sets of the knot, found by Bron and Kerbosch's search on the channels that do go together). Every
compatible set is one alternative from each choice, so they need not be listed to be known, counted, ordered.

**Order.** More channels open comes first; then more of the open ones at the fewest days to cash, at the next
fewest, and so on (a channel counts by the most days that it can take); then more undecided ones; then their
days; then the order of the book. Each of these is a count that adds up over choices, so the best set is the
best alternative of each choice, and the order is total: no two sets tie.

**Amounts.** One resource is lent on once. Through a resource that several channels share there is what the
one that gives most gives; all of them together never get more than the resource itself, where a rule
measures it, and otherwise no more than that largest. Nothing is added up.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import islice
from math import prod
from typing import Literal

from gangmu.engine.outcomes import Answer
from gangmu.engine.values import INF, End
from gangmu.errors import GangmuError, Problem
from gangmu.rulebook import model

MOST_ALTERNATIVES = 2_000  # of one choice: past these the book excludes more than anybody could read
Standing = Literal["open", "undecided", "closed"]
_STANDING: Mapping[str, Standing] = {"true": "open", "unknown": "undecided"}
Span = tuple[End, End]  # lowest and highest possible
_ANY: Span = (-INF, INF)
Order = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """A channel for one enterprise: whether it is open, and what is known of amount, cost and days.

    Amounts and days are in base units (CNY, days); `amount` is None where the channel names none.
    """

    name: str
    standing: Standing
    amount: Span | None = None
    cost: Span | None = None
    days: Span | None = None
    shares: tuple[str, ...] = ()
    folded: bool = False  # undecided, and out of sight for an enterprise of this size

    @property
    def most_days(self) -> End:
        """The most days to cash that are possible; endless if nothing is known."""
        return INF if self.days is None else self.days[1]


@dataclass(frozen=True, slots=True)
class Choice:
    """Channels that exclude one another: the alternatives, best first, each in the order of the answer."""

    alternatives: tuple[tuple[Use, ...], ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """What several channels draw on: who does, what the largest of them gives, what all get at most.

    `now` is of the channels that are open, `at_most` counts the undecided ones as open.
    """

    resource: str
    uses: tuple[Use, ...]
    now: Span
    at_most: End


@dataclass(frozen=True, slots=True)
class Compatible:
    """All compatible sets of one enterprise's channels."""

    candidates: tuple[Use, ...]  # open or undecided, in the order of the book
    together: tuple[Use, ...]  # in every set
    choices: tuple[Choice, ...]
    closed: tuple[str, ...]  # full names
    folded: tuple[str, ...]
    bounds: Mapping[str, Span]  # of resources that a rule measures

    @property
    def number(self) -> int:
        """How many compatible sets there are."""
        return prod(len(choice.alternatives) for choice in self.choices)

    @property
    def best(self) -> tuple[Use, ...]:
        """The first set."""
        return next(self.sets())

    def sets(self, most: int | None = None) -> Iterator[tuple[Use, ...]]:
        """The compatible sets, best first, at most so many; each in the order of the answer."""
        ranked = _Ranked(self)
        return islice(ranked.walk(), most)

    def pools(self, uses: Sequence[Use] | None = None) -> tuple[Pool, ...]:
        """What the channels of a set (default: the first) share with one another, resource by resource."""
        chosen = self.best if uses is None else uses
        names = dict.fromkeys(word for use in chosen for word in use.shares)
        return tuple(_pool(name, chosen, self.bounds.get(name, _ANY)) for name in names)


def _pool(name: str, uses: Sequence[Use], bound: Span) -> Pool:
    found = tuple(use for use in uses if name in use.shares)
    amounts = [(use.standing, use.amount or (0, INF)) for use in found]
    of_open = [amount for standing, amount in amounts if standing == "open"]
    low = max((low for low, _ in of_open), default=0)
    high = max((high for _, high in of_open), default=0)
    largest = max((high for _, (_, high) in amounts), default=0)
    return Pool(
        name, found, (min(low, bound[1]), min(high, bound[1])), bound[1] if bound[1] != INF else largest
    )


# ---------------------------------------------------------------------- from a book's answers


def channel_on(rule: model.Rule, day: date) -> model.Channel:
    """A channel as it stands on a day (its newest wording, if none is in force). Raises `TypeError`."""
    in_force = [edition.body for edition in rule.editions if edition.in_force(day)]
    body = in_force[-1] if in_force else rule.body
    if not isinstance(body, model.Channel):
        raise TypeError(rule.name)
    return body


def compatible(
    book: model.Rulebook, answers: Mapping[str, Answer], day: date, channels: Iterable[str]
) -> Compatible:
    """The compatible sets of some channels (full names), from the answers of one enterprise on a day.

    `answers` have those of the channels, and of the rules that give amount, cost, days, sight and the
    measures of resources, as far as they are to count. Raises `GangmuError` for a knot past all reading.
    """
    uses: list[Use] = []
    excluded: set[frozenset[str]] = set()
    asked = dict.fromkeys(channels)
    for name in asked:
        body = channel_on(book.rules[name], day)
        uses.append(_use(name, body, answers))
        excluded.update(frozenset((name, other)) for other in body.excludes if other in asked)
    measured = {
        name: _span(answers[resource.bound])
        for name, resource in book.resources.items()
        if resource.bound in answers
    }
    return compatible_uses(uses, excluded, measured)


def _use(name: str, body: model.Channel, answers: Mapping[str, Answer]) -> Use:
    def known(rule: str) -> Span | None:
        return _span(answers[rule]) if rule in answers else None

    standing = _STANDING.get(answers[name].status, "closed")
    sight = answers.get(body.in_sight) if body.in_sight else None
    folded = standing == "undecided" and sight is not None and sight.status != "true"
    return Use(name, standing, known(body.amount), known(body.cost), known(body.days), body.shares, folded)


def _span(answer: Answer) -> Span:
    """The lowest and the highest that a number can be; nothing at all where it is undefined."""
    if answer.status == "known" and isinstance(answer.value, Fraction):
        return answer.value, answer.value
    if answer.status != "unknown":
        return 0, 0
    low, high = answer.low, answer.high
    return (-INF if low is None else low), (INF if high is None else high)


def compatible_uses(
    uses: Sequence[Use], excluded: Iterable[frozenset[str]], bounds: Mapping[str, Span] | None = None
) -> Compatible:
    """The compatible sets of channels, of which some pairs do not go together."""
    shown = [use for use in uses if use.standing != "closed" and not use.folded]
    places = {use.name: place for place, use in enumerate(shown)}
    apart: list[int] = [0] * len(shown)  # bit sets, by place
    for pair in excluded:
        if len(pair) == 2 and all(name in places for name in pair):  # noqa: PLR2004  a pair
            one, other = (places[name] for name in pair)
            apart[one] |= 1 << other
            apart[other] |= 1 << one
    order = _Ordering(shown)
    knots = [knot for knot in _knots(apart) if knot.bit_count() > 1]
    tied = sum(knots)
    free = [place for place in range(len(shown)) if not tied >> place & 1]
    choices = []
    for knot in knots:
        sets = sorted(_maximal(knot, apart, shown), key=order.of, reverse=True)
        choices.append(Choice(tuple(order.listed(found) for found in sets)))
    return Compatible(
        tuple(shown), order.listed(free), tuple(choices),
        tuple(use.name for use in uses if use.standing == "closed"),
        tuple(use.name for use in uses if use.folded), dict(bounds or {}),
    )  # fmt: skip


def _knots(apart: Sequence[int]) -> Iterator[int]:
    """The connected parts of what excludes what, as bit sets."""
    left = (1 << len(apart)) - 1
    while left:
        knot, edge = 0, left & -left
        while edge:
            knot |= edge
            edge = _union(apart, edge) & ~knot
        left &= ~knot
        yield knot


def _union(apart: Sequence[int], members: int) -> int:
    found = 0
    for place in _bits(members):
        found |= apart[place]
    return found


def _bits(members: int) -> Iterator[int]:
    while members:
        lowest = members & -members
        yield lowest.bit_length() - 1
        members ^= lowest


def _maximal(knot: int, apart: Sequence[int], uses: Sequence[Use]) -> list[list[int]]:
    """The maximal sets of a knot without exclusions (Bron and Kerbosch 1973, algorithm 457, with a pivot)."""
    found: list[list[int]] = []

    def grow(chosen: int, candidates: int, done: int) -> None:
        if not candidates and not done:
            found.append(list(_bits(chosen)))
            if len(found) > MOST_ALTERNATIVES:
                names = ", ".join(uses[place].name for place in islice(_bits(knot), 6))
                what = f"more than {MOST_ALTERNATIVES:,} ways of combining {names}, ..."
                raise GangmuError(
                    Problem("too-many", "channels", what, "fewer", "ask for some channels only")
                )
            return
        pivot = min(
            _bits(candidates | done),
            key=lambda place: (candidates & (apart[place] | 1 << place)).bit_count(),
        )
        for place in _bits(candidates & (apart[pivot] | 1 << pivot)):
            keep = ~apart[place] & ~(1 << place)
            grow(chosen | 1 << place, candidates & keep, done & keep)
            candidates &= ~(1 << place)
            done |= 1 << place

    grow(0, knot, 0)
    return found


# ---------------------------------------------------------------------- order


class _Ordering:
    """Puts sets of channels in order, and the channels of a set."""

    def __init__(self, uses: Sequence[Use]) -> None:
        self.uses = uses
        self.steps = sorted({use.most_days for use in uses})

    def of(self, places: Iterable[int]) -> Order:
        """The counts that decide, largest first; those of a set add up from those of its parts."""
        return _sum(self._of_one(place) for place in places)

    def _of_one(self, place: int) -> Order:
        use = self.uses[place]
        at = [int(use.most_days == step) for step in self.steps]
        none = [0] * len(at)
        is_open = use.standing == "open"
        own = [int(place == other) for other in range(len(self.uses))]
        counts = [int(is_open), *(at if is_open else none), int(not is_open), *(none if is_open else at)]
        return (*counts, *own)

    def listed(self, places: Iterable[int]) -> tuple[Use, ...]:
        """Open ones first, by days to cash; then in the order of the book."""
        found = sorted(
            places,
            key=lambda place: (self.uses[place].standing != "open", self.uses[place].most_days, place),
        )
        return tuple(self.uses[place] for place in found)


def _sum(orders: Iterable[Order]) -> Order:
    return tuple(map(sum, zip(*orders, strict=True)))


class _Ranked:
    """Walks through the sets best first: a set differs from a better one by one step down in one choice."""

    def __init__(self, found: Compatible) -> None:
        self.found = found
        self.places = {use.name: place for place, use in enumerate(found.candidates)}
        self.order = _Ordering(found.candidates)
        self.worth = [
            [tuple(-count for count in self.order.of(self._places(each))) for each in choice.alternatives]
            for choice in found.choices
        ]

    def _places(self, uses: Iterable[Use]) -> list[int]:
        return [self.places[use.name] for use in uses]

    def walk(self) -> Iterator[tuple[Use, ...]]:
        """Every set once."""
        start = (0,) * len(self.worth)
        heap, seen = [(self._cost(start), start)], {start}
        while heap:
            _, picks = heapq.heappop(heap)
            yield self._set(picks)
            for place, pick in enumerate(picks):
                step = (*picks[:place], pick + 1, *picks[place + 1 :])
                if pick + 1 < len(self.worth[place]) and step not in seen:
                    seen.add(step)
                    heapq.heappush(heap, (self._cost(step), step))

    def _cost(self, picks: Sequence[int]) -> Order:
        return _sum(worth[pick] for worth, pick in zip(self.worth, picks, strict=True))

    def _set(self, picks: Sequence[int]) -> tuple[Use, ...]:
        chosen = [
            use
            for choice, pick in zip(self.found.choices, picks, strict=True)
            for use in choice.alternatives[pick]
        ]
        return self.order.listed(self._places([*self.found.together, *chosen]))
