"""Which aggregates have to be worked out before the rules asked, in which order, and how far back they look.

An aggregate whose item or filter reads a rule of the owner that itself aggregates comes a stage later, and so
does one whose rows have a root or logarithm of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.resolve import expressions_of, names_used

HIGHEST = 8  # the highest power that is multiplied out
Node = ex.Aggregate | ex.Call


@dataclass(frozen=True, slots=True)
class Stage:
    """Aggregates over rows of one entity, and rounded calls (of its rows, or of the owner: no entity).

    They can be worked out together.
    """

    entity: str
    nodes: tuple[Node, ...]

    @property
    def aggregates(self) -> tuple[ex.Aggregate, ...]:
        """The aggregates."""
        return tuple(node for node in self.nodes if isinstance(node, ex.Aggregate))

    @property
    def calls(self) -> tuple[ex.Call, ...]:
        """The calls of functions that are rounded to 15 digits."""
        return tuple(node for node in self.nodes if isinstance(node, ex.Call))


@dataclass(slots=True)
class _Walk:
    book: model.Rulebook
    day: date
    depths: dict[str, int] = field(default_factory=dict)  # of rules: stages below them
    found: dict[Node, tuple[int, str]] = field(default_factory=dict)  # the stage and entity of each

    def rule(self, name: str) -> int:
        """The stages that must be done before a rule can be."""
        if name not in self.depths:
            self.depths[name] = 0
            rule = self.book.rules[name]
            entity = "" if rule.entity == self.book.root else rule.entity
            parts = (self._edition(edition, entity) for edition in in_force(rule, self.day))
            self.depths[name] = max(parts, default=0)
        return self.depths[name]

    def _edition(self, edition: model.Edition, entity: str) -> int:
        named = () if isinstance(edition.body, model.Channel) else names_used(edition)
        tops = (self._tree(top, entity) for top in expressions_of(edition))
        return max([*(self.rule(name) for name in named), *tops], default=0)

    def _tree(self, node: ex.Expression, entity: str) -> int:
        match node:
            case ex.Ref(name) | ex.Field(_, name) | ex.StateOf(_, name):
                return self.rule(name)
            case ex.Aggregate():
                return self._staged(node, node.entity, "")
            case ex.Call() if is_rounded(node):
                return self._staged(node, entity, entity if self._of_row(node, entity) else "")
        return max((self._tree(part, entity) for part in ex.children(node)), default=0)

    def _of_row(self, call: ex.Call, entity: str) -> bool:
        """Whether a call in a row of an entity reads anything of that row."""
        return bool(entity) and any(
            isinstance(node, ex.Last)
            or (isinstance(node, ex.Ref | ex.Field) and self.book.rules[node.name].entity == entity)
            for node in ex.walk(call)
        )

    def _staged(self, node: Node, inside: str, of: str) -> int:
        """Of an aggregate or call whose parts stand in rows of `inside`: the stage after its own."""
        if node not in self.found:
            depth = max((self._tree(part, inside) for part in ex.children(node)), default=0)
            self.found[node] = (depth, node.entity if isinstance(node, ex.Aggregate) else of)
        return self.found[node][0] + 1


def in_force(rule: model.Rule, day: date) -> Iterator[model.Edition]:
    """The editions in force on a day."""
    return (edition for edition in rule.editions if edition.in_force(day))


def stages_of(book: model.Rulebook, names: Iterable[str], day: date) -> list[Stage]:
    """The stages below some rules, in order."""
    walk = _Walk(book, day)
    for name in names:
        walk.rule(name)
    groups: dict[tuple[int, str], list[Node]] = {}
    for node, place in walk.found.items():
        groups.setdefault(place, []).append(node)
    return [Stage(entity, tuple(nodes)) for (_, entity), nodes in sorted(groups.items(), key=lambda g: g[0])]


def is_rounded(call: ex.Call) -> bool:
    """Whether a function is rounded to 15 digits, or a power too high to be multiplied out."""
    match call:
        case ex.Call("SQRT" | "LN" | "EXP"):
            return True
        case ex.Call("GROWTH", (_, _, periods)):
            return periods != ex.Number(Fraction(1))
        case ex.Call("POWER", (_, ex.Number(exponent))):
            return exponent.denominator != 1 or abs(exponent) > HIGHEST
        case ex.Call("POWER"):
            return True
    return False


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
