"""Which aggregates have to be worked out before the rules asked, in which order, and how far back they look.

An aggregate whose item or filter reads a rule of the owner that itself aggregates comes a stage later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.resolve import expressions_of, names_used


@dataclass(frozen=True, slots=True)
class Stage:
    """Aggregates over rows of one entity that can be worked out together."""

    entity: str
    nodes: tuple[ex.Aggregate, ...]


@dataclass(slots=True)
class _Walk:
    book: model.Rulebook
    day: date
    depths: dict[str, int] = field(default_factory=dict)  # of rules: stages below them
    found: dict[ex.Aggregate, int] = field(default_factory=dict)  # the stage of each aggregate

    def rule(self, name: str) -> int:
        """The stages that must be done before a rule can be."""
        if name not in self.depths:
            self.depths[name] = 0
            parts = (self._edition(edition) for edition in in_force(self.book.rules[name], self.day))
            self.depths[name] = max(parts, default=0)
        return self.depths[name]

    def _edition(self, edition: model.Edition) -> int:
        named = () if isinstance(edition.body, model.Channel) else names_used(edition)
        tops = (self._tree(top) for top in expressions_of(edition))
        return max([*(self.rule(name) for name in named), *tops], default=0)

    def _tree(self, node: ex.Expression) -> int:
        match node:
            case ex.Aggregate():
                if node not in self.found:
                    self.found[node] = max((self._tree(part) for part in ex.children(node)), default=0)
                return self.found[node] + 1
            case ex.Ref(name) | ex.Field(_, name) | ex.StateOf(_, name):
                return self.rule(name)
        return max((self._tree(part) for part in ex.children(node)), default=0)


def in_force(rule: model.Rule, day: date) -> Iterator[model.Edition]:
    """The editions in force on a day."""
    return (edition for edition in rule.editions if edition.in_force(day))


def stages_of(book: model.Rulebook, names: Iterable[str], day: date) -> list[Stage]:
    """The stages below some rules, in order."""
    walk = _Walk(book, day)
    for name in names:
        walk.rule(name)
    groups: dict[tuple[int, str], list[ex.Aggregate]] = {}
    for node, stage in walk.found.items():
        groups.setdefault((stage, node.entity), []).append(node)
    return [Stage(entity, tuple(nodes)) for (_, entity), nodes in sorted(groups.items(), key=lambda g: g[0])]


def window_of(nodes: Iterable[ex.Aggregate]) -> int | None:
    """How many fiscal years back any of these looks; None if some looks at all rows."""
    years = [_years(node.where) for node in nodes]
    return max((n for n in years if n is not None), default=None) if None not in years else None


def _years(where: ex.Expression | None) -> int | None:
    """LAST(n) as what must hold of every row counted."""
    match where:
        case ex.Last(_, n):
            return n
        case ex.Group("all_of", items):
            found = [n for n in map(_years, items) if n is not None]
            return min(found, default=None)
    return None
