"""What of a book's formulas is the same for every case: found when first asked for, then kept.

Explanations look at every formula that they tell of; that one has these parts, and its comparison that type,
no fact changes.
"""

from __future__ import annotations

from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.infer import type_of_formula
from gangmu.rulebook.types import NumberType, Type

MAX_KEPT = 8  # books
NAMEABLE = frozenset({ex.Compare, ex.Group, ex.Not, ex.Ref, ex.StateOf, ex.In, ex.Like})
_TOLD = NAMEABLE | {ex.Field, ex.Aggregate, ex.Case}


class Shapes:
    """The shapes of one book's formulas, by the identity of nodes: to compare their looks takes longer."""

    def __init__(self, book: model.Rulebook) -> None:
        """Nothing is looked at yet."""
        self.book = book
        self._parts: dict[int, tuple[ex.Expression, ...]] = {}
        self._types: dict[tuple[int, str], Type | None] = {}
        self._held: list[ex.Expression] = []  # so that no other node comes to have the identity of one known

    def parts(self, node: ex.Expression) -> tuple[ex.Expression, ...]:
        """The parts of a formula that a person would name, left to right.

        A CASE is a part of its own: which of its parts are named depends on the facts.
        """
        found = self._parts.get(id(node))
        if found is None:
            below = (part for child in ex.children(node) for part in self.parts(child))
            found = self._parts[id(node)] = (node,) if type(node) in _TOLD else tuple(below)
            self._held.append(node)
        return found

    def side_type(self, node: ex.Compare, entity: str) -> Type | None:
        """The type that both sides of a comparison share; a literal 0 takes the other side's."""
        key = (id(node), entity)
        if key not in self._types:
            left, right = (type_of_formula(self.book, side, entity) for side in (node.left, node.right))
            self._types[key] = right if left == NumberType(None) else left
            self._held.append(node)
        return self._types[key]


_kept: dict[int, Shapes] = {}


def shapes_of(book: model.Rulebook) -> Shapes:
    """The shapes of a book, kept while few others were asked for since."""
    found = _kept.get(id(book))
    if found is None:
        while len(_kept) >= MAX_KEPT:
            _kept.pop(next(iter(_kept)))
        found = _kept[id(book)] = Shapes(book)
    return found
