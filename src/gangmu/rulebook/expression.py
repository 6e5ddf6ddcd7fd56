"""Formulas as trees: small immutable nodes, after names have been resolved.

A node says what is meant, never how it is computed: the engines walk it. `text` of a comparison is kept for
explanations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Comparator = Literal["=", "<>", "<", "<=", ">", ">="]
GroupKind = Literal["all_of", "any_of", "at_least"]
AggregateName = Literal["sum", "min", "max", "avg", "count"]
State = Literal["HELD", "CONDITIONS_MET", "PASSES"]


@dataclass(frozen=True, slots=True)
class Number:
    """0, 1, or a whole count of periods."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Text:
    """A code."""

    value: str


@dataclass(frozen=True, slots=True)
class Truth:
    """TRUE or FALSE."""

    value: bool


@dataclass(frozen=True, slots=True)
class Ref:
    """The value of a rule of the root entity, by full name (by written name until resolved)."""

    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """The value of a row rule or row input, by full name, in the current row of `entity`."""

    entity: str
    name: str


@dataclass(frozen=True, slots=True)
class Clock:
    """`as_of` or `base_year`."""

    which: Literal["as_of", "base_year"]


@dataclass(frozen=True, slots=True)
class Call:
    """A function or an arithmetic operator, by its upper-case name or sign, on its arguments."""

    name: str
    args: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison."""

    op: Comparator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class In:
    """Membership of a code in listed codes."""

    item: Expression
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Like:
    """Whether a code begins with a prefix."""

    item: Expression
    prefix: str


@dataclass(frozen=True, slots=True)
class Not:
    """Negation."""

    item: Expression


@dataclass(frozen=True, slots=True)
class Group:
    """all_of (AND), any_of (OR) or at_least k.

    What is not in force is skipped in lists, not in AND and OR of formulas.
    """

    kind: GroupKind
    items: tuple[Expression, ...]
    k: int = 0
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """CASE WHEN ... THEN ... [ELSE ...] END."""

    whens: tuple[tuple[Expression, Expression], ...]
    otherwise: Expression | None


@dataclass(frozen=True, slots=True)
class Last:
    """Whether the current row's fiscal year is one of the n before the base fiscal year."""

    entity: str
    n: int


@dataclass(frozen=True, slots=True)
class Aggregate:
    """sum, min, max, avg or count over the rows of a related entity for which `where` holds."""

    function: AggregateName
    entity: str
    item: Expression | None
    where: Expression | None


@dataclass(frozen=True, slots=True)
class StateOf:
    """HELD, CONDITIONS_MET of a title, PASSES of a score, by full name."""

    state: State
    name: str


Expression = (
    Number
    | Text
    | Truth
    | Ref
    | Field
    | Clock
    | Call
    | Compare
    | In
    | Like
    | Not
    | Group
    | Case
    | Last
    | Aggregate
    | StateOf
)


def children(node: Expression) -> tuple[Expression, ...]:
    """The direct parts of a node, in order of writing."""
    match node:
        case Call(args=parts) | Group(items=parts):
            return parts
        case Compare(left=left, right=right):
            return (left, right)
        case In(item=item) | Like(item=item) | Not(item=item):
            return (item,)
        case Case(whens=whens, otherwise=otherwise):
            flat = tuple(part for pair in whens for part in pair)
            return flat if otherwise is None else (*flat, otherwise)
        case Aggregate(item=item, where=where):
            return tuple(part for part in (item, where) if part is not None)
        case _:
            return ()


def walk(node: Expression) -> list[Expression]:
    """The node and everything under it, parents first."""
    found: list[Expression] = []
    todo = [node]
    while todo:
        current = todo.pop()
        found.append(current)
        todo.extend(reversed(children(current)))
    return found


def rebuild(node: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """A copy of the tree with `change` applied to every node, children first."""

    def go(inner: Expression) -> Expression:
        match inner:
            case Call(name, args):
                return change(Call(name, tuple(go(arg) for arg in args)))
            case Group(kind, items, k, listed):
                return change(Group(kind, tuple(go(item) for item in items), k, listed))
            case Compare(op, left, right):
                return change(Compare(op, go(left), go(right)))
            case In(item, codes):
                return change(In(go(item), codes))
            case Like(item, prefix):
                return change(Like(go(item), prefix))
            case Not(item):
                return change(Not(go(item)))
            case Case(whens, otherwise):
                new = tuple((go(test), go(then)) for test, then in whens)
                return change(Case(new, None if otherwise is None else go(otherwise)))
            case Aggregate(function, entity, item, where):
                inner_item, inner_where = (None if part is None else go(part) for part in (item, where))
                return change(Aggregate(function, entity, inner_item, inner_where))
            case _:
                return change(inner)

    return go(node)
