"""Which rule reads which: direct dependencies, everything below a rule, everything above an input.

An engine computes only what is asked for, a template asks only for what is needed, a what-if recomputes only what depends on the fact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from gangmu.rulebook import model
from gangmu.rulebook.expression import Aggregate, Field, Ref, StateOf, walk
from gangmu.rulebook.resolve import expressions_of, names_used


class Graph:
    """The dependencies of one book."""

    def __init__(self, book: model.Rulebook) -> None:
        """Walk every formula once."""
        self.direct: Mapping[str, frozenset[str]] = {
            name: _reads(book, rule) for name, rule in book.rules.items()
        }
        readers: dict[str, set[str]] = defaultdict(set)
        for name, reads in self.direct.items():
            for read in reads:
                readers[read].add(name)
        self.readers: Mapping[str, set[str]] = readers
        self._readers_of: dict[str, frozenset[str]] = {}

    def below(self, names: Iterable[str]) -> set[str]:
        """The rules named and everything that they read, directly or not."""
        return _reach(names, self.direct)

    def readers_of(self, names: Iterable[str]) -> frozenset[str]:
        """As `above`, remembered for each name."""
        for name in names:
            if name not in self._readers_of:
                self._readers_of[name] = frozenset(self.above([name]))
        return frozenset().union(*(self._readers_of[name] for name in names))

    def above(self, names: Iterable[str]) -> set[str]:
        """The rules named and everything that reads them, directly or not."""
        return _reach(names, self.readers)


def _reach(names: Iterable[str], edges: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(edges.get(name, ()))
    return found


def _reads(book: model.Rulebook, rule: model.Rule) -> frozenset[str]:
    found: set[str] = set()
    for edition in rule.editions:
        found.update(names_used(edition))
        for top in expressions_of(edition):
            for node in walk(top):
                if isinstance(node, Ref | Field | StateOf):
                    found.add(node.name)
                elif isinstance(node, Aggregate):
                    entity = book.entities[node.entity]
                    found.update(name for name in (entity.since, _period(book, entity)) if name)
    return frozenset(found - {rule.name})


def _period(book: model.Rulebook, entity: model.Entity) -> str:
    rule = book.inputs_of(entity.name).get(entity.period) if entity.period else None
    return rule.name if rule else ""


@lru_cache(maxsize=8)
def _graph_of(digest: str, holder: _Holder) -> Graph:  # noqa: ARG001  the digest is the key that matters
    return Graph(holder.book)


class _Holder:
    """Lets a book, which is not hashable, be the argument of a cached function; all holders are equal."""

    def __init__(self, book: model.Rulebook) -> None:
        self.book = book

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Holder)


def graph_of(book: model.Rulebook) -> Graph:
    """The dependencies of a book, computed once for each digest."""
    return _graph_of(book.digest, _Holder(book))
