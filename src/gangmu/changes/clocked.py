"""What in a book moves with the as-of date, and how: the parts that have to be watched from day to day.

An answer can change overnight for two reasons. Something happens on a day that can be read off: a wording
begins, a row's date comes, a year closes (`turning` lists those). Or something is measured to the day: then
some smallest part of a formula (a comparison, completed months) comes out otherwise, and everything above it
follows. This module finds those parts, the *hands* of the clock. Most of them only ever move one way, so a
stretch of days at whose ends such a hand stands alike has nothing in it to look for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.graph import graph_of
from gangmu.rulebook.resolve import expressions_of

STILL, UP, DOWN, WILD = 0, 1, -1, 2
ALONG: Final = frozenset({"+", "COALESCE", "LEAST", "GREATEST"})  # move as their arguments do
STEPPED: Final = frozenset({"ROUND", "FLOOR", "CEIL"})


@dataclass(frozen=True, slots=True)
class Way:
    """How a value moves while the day goes on: not at all, up, down, or any way.

    `open` counts where a related row's date is not known: then it is only known to be no later than the day,
    and so moves itself.
    """

    closed: int = STILL
    open: int = STILL

    @property
    def still(self) -> bool:
        """Whether it does not move, whatever rows there are."""
        return self.closed == STILL and self.open == STILL

    def __add__(self, other: Way) -> Way:
        return Way(_both(self.closed, other.closed), _both(self.open, other.open))

    def __neg__(self) -> Way:
        return Way(_back(self.closed), _back(self.open))

    def wild(self) -> Way:
        """The same, of which no more is known than whether it moves."""
        return Way(WILD if self.closed else STILL, WILD if self.open else STILL)


NOT_AT_ALL = Way()
FORWARD = Way(UP, UP)


def _both(one: int, two: int) -> int:
    if STILL in (one, two):
        return one or two
    return one if one == two else WILD


def _back(one: int) -> int:
    return one if one in (STILL, WILD) else -one


@dataclass(frozen=True, slots=True)
class Hand:
    """A part that moves in steps: a formula of a rule, a rule's value (no `node`), a title's certificate."""

    rule: str
    way: Way
    entity: str = model.ROOT  # the related entity in whose rows it stands, or the enterprise
    node: ex.Expression | None = None
    certificate: bool = False


@dataclass(frozen=True)
class Clocked:
    """Of some rules of a book: the hands, and what each happening reaches.

    `moving` are the rules whose value may differ between two days on which nothing happens; `moving_open`, if
    there are rows without a date. `rows` has, by related entity, the rules that a further row reaches.
    """

    book: model.Rulebook
    names: tuple[str, ...]
    hands: tuple[Hand, ...]
    used: frozenset[str]
    moving: frozenset[str]
    moving_open: frozenset[str]
    rows: Mapping[str, frozenset[str]]

    def above(self, rule: str) -> frozenset[str]:
        """The rules that may come out otherwise if this one does."""
        return graph_of(self.book).readers_of([rule])


def clocked(book: model.Rulebook, names: Sequence[str]) -> Clocked:
    """The hands of some rules (full names)."""
    watch, graph = _Watch(book), graph_of(book)
    used = frozenset(graph.below(names))
    ways = {name: watch.rule(name) for name in sorted(used)}
    for name in names:
        if not ways[name].still:
            watch.hands[Hand(name, ways[name])] = None
    moving = frozenset(graph.above(watch.reads_clock))
    dated = frozenset(graph.above(watch.periods))
    rows = {entity: frozenset(graph.above(_of_rows(book, entity))) for entity in book.entities}
    return Clocked(book, tuple(names), tuple(watch.hands), used, moving, moving | dated, rows)


def _of_rows(book: model.Rulebook, entity: str) -> set[str]:
    """The rules of an entity's rows, and those that count or add them up."""
    nodes = (
        (rule.name, node) for rule in book.rules.values() for edition in rule.editions
        for top in expressions_of(edition) for node in ex.walk(top)
    )  # fmt: skip
    counting = {name for name, node in nodes if isinstance(node, ex.Aggregate) and node.entity == entity}
    return counting | {rule.name for rule in book.rules.values() if rule.entity == entity}


def _periods(book: model.Rulebook) -> set[str]:
    """The inputs that hold the date of a related row."""
    found = set()
    for entity in book.entities.values():
        if entity.period_kind == "date" and entity.period:
            rule = book.inputs_of(entity.name).get(entity.period)
            found |= {rule.name} if rule is not None else set()
    return found


@dataclass(slots=True)
class _Watch:
    """Walks formulas once, each rule once."""

    book: model.Rulebook
    hands: dict[Hand, None] = field(default_factory=dict)
    reads_clock: set[str] = field(default_factory=set)
    periods: set[str] = field(default_factory=set)
    _ways: dict[str, Way] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.periods = _periods(self.book)

    def rule(self, name: str) -> Way:
        """How a rule's value moves between hands that stand still."""
        if name not in self._ways:
            rule = self.book.rules[name]
            way = NOT_AT_ALL
            for edition in rule.editions:
                way += self._edition(rule, edition)
            self._ways[name] = way
        return self._ways[name]

    def _edition(self, rule: model.Rule, edition: model.Edition) -> Way:
        body = edition.body
        ways = [(node, self.way(node, rule)) for node in expressions_of(edition)]
        if isinstance(body, model.Title):
            self.reads_clock.add(rule.name)
            self.hands[Hand(rule.name, Way(WILD, WILD), certificate=True)] = None
        if isinstance(body, model.Formula) and edition.when is None and body.unless is None:
            [(_, way)] = ways
            if way.still:
                return way
            if body.rounding is None and not body.stated:
                return way
            self.hands[Hand(rule.name, way.wild() if body.stated else way, rule.entity)] = None
            return NOT_AT_ALL
        for node, way in ways:
            if not way.still:  # a score's parts count one by one (PASSES); a rule's value hides them
                self.hands[Hand(rule.name, way.wild(), rule.entity, node)] = None
        return NOT_AT_ALL

    def way(self, node: ex.Expression, rule: model.Rule) -> Way:
        """How a formula moves; the steps in it are kept as hands."""
        match node:
            case ex.Clock("as_of"):
                self.reads_clock.add(rule.name)
                return FORWARD
            case ex.Ref(name):
                return self.rule(name)
            case ex.Field(_, name):
                return Way(STILL, UP) if name in self.periods else self.rule(name)
            case ex.StateOf(_, name):
                self.rule(name)
                return NOT_AT_ALL
            case ex.Compare(op, left, right):
                way = self.way(left, rule) + -self.way(right, rule)
                return self._step(node, rule, way.wild() if op in ("=", "<>") else way)
            case ex.Call():
                return self._call(node, rule)
            case _:
                ways = [self.way(child, rule) for child in ex.children(node)]
                return _sum(ways).wild()

    def _call(self, node: ex.Call, rule: model.Rule) -> Way:
        ways = [self.way(arg, rule) for arg in node.args]
        match node.name:
            case name if name in ALONG:
                return _sum(ways)
            case "-":
                return ways[0] + -ways[1] if len(ways) > 1 else -ways[0]
            case "DAYS":
                return -ways[0] + ways[1]
            case "MONTHS" | "YEARS":
                return self._step(node, rule, -ways[0] + ways[1])
            case "YEAR":
                return self._step(node, rule, ways[0])
            case "ADD_MONTHS" if ways[1].still:
                return ways[0]
            case name if name in STEPPED and all(way.still for way in ways[1:]):
                return self._step(node, rule, ways[0])
        return _sum(ways).wild()

    def _step(self, node: ex.Expression, rule: model.Rule, way: Way) -> Way:
        """A part that moves in steps, if it moves at all: a hand, still between its steps."""
        if not way.still:
            self.hands[Hand(rule.name, way, rule.entity, node)] = None
        return NOT_AT_ALL


def _sum(ways: Iterable[Way]) -> Way:
    total = NOT_AT_ALL
    for way in ways:
        total += way
    return total
