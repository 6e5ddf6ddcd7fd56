"""Which rule reads which: direct dependencies, everything below a rule, everything above an input.

An engine computes only what is asked for, a template asks only for what is needed, a what-if recomputes only
what depends on the fact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from gangmu.rulebook import model
from gangmu.rulebook.expression import Aggregate, Field, Ref, StateOf, walk
from gangmu.rulebook.resolve import expressions_of, names_used

MAX_KEPT = 8  # books whose dependencies are kept


class Graph:
    """The dependencies of one book."""

    def __init__(self, book: model.Rulebook) -> None:
        """Walk every formula once."""
        periods = {name: _period(book, entity) for name, entity in book.entities.items()}
        self.direct: Mapping[str, frozenset[str]] = {
            name: _reads(book, rule, periods) for name, rule in book.rules.items()
        }
        readers: dict[str, set[str]] = defaultdict(set)
        for name, reads in self.direct.items():
            for read in reads:
                readers[read].add(name)
        self.readers: Mapping[str, set[str]] = readers
        self._readers_of: dict[str, frozenset[str]] = {}
        editions = [edition for rule in book.rules.values() for edition in rule.editions]
        days = {day for edition in editions for day in (edition.start, edition.end) if day is not None}
        self.turns: Sequence[date] = sorted(days)  # days on which an edition begins or ends

    def below(self, names: Iterable[str]) -> set[str]:
        """The rules named and everything that they read, directly or not."""
        return _reach(names, self.direct)

    def above(self, names: Iterable[str]) -> set[str]:
        """The rules named and everything that reads them, directly or not."""
        return _reach(names, self.readers)

    def readers_of(self, names: Collection[str]) -> frozenset[str]:
        """As `above`, remembered for each name."""
        for name in names:
            if name not in self._readers_of:
                self._readers_of[name] = frozenset(self.above([name]))
        return frozenset().union(*(self._readers_of[name] for name in names))


def entities_read(rules: Iterable[model.Rule]) -> tuple[str, ...]:
    """The related entities whose rows some rules aggregate."""
    found = (
        node.entity
        for rule in rules
        for edition in rule.editions
        for top in expressions_of(edition)
        for node in walk(top)
        if isinstance(node, Aggregate)
    )
    return tuple(dict.fromkeys(found))


def _reach(names: Iterable[str], edges: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(edges.get(name, ()))
    return found


def _reads(book: model.Rulebook, rule: model.Rule, periods: Mapping[str, str]) -> frozenset[str]:
    found: set[str] = set()
    for edition in rule.editions:
        found.update(names_used(edition))
        for top in expressions_of(edition):
            for node in walk(top):
                if isinstance(node, Ref | Field | StateOf):
                    found.add(node.name)
                elif isinstance(node, Aggregate):
                    found.update((book.entities[node.entity].since, periods[node.entity]))
    return frozenset(found - {rule.name, ""})


def _period(book: model.Rulebook, entity: model.Entity) -> str:
    """The full name of the input that holds an entity's period, or empty."""
    rule = book.inputs_of(entity.name).get(entity.period) if entity.period else None
    return rule.name if rule else ""


_kept: dict[str, Graph] = {}


def graph_of(book: model.Rulebook) -> Graph:
    """The dependencies of a book, computed once for each digest; the oldest give way."""
    if book.digest not in _kept:
        while len(_kept) >= MAX_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[book.digest] = Graph(book)
    return _kept[book.digest]
