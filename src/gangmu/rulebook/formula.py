"""Formulas: a stated subset of SQL scalar expressions, parsed by sqlglot, turned into our own tree.

The one module that touches sqlglot. Only the syntax is SQL's; what an operator means is in `docs/language.md` and the engines. Everything that is not
listed here is refused by name. Names are left as written (`Ref`, `Field`) and resolved later.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from fractions import Fraction
from typing import Final

import sqlglot
from sqlglot import exp

from gangmu.rulebook.expression import (
    Aggregate,
    Call,
    Case,
    Clock,
    Compare,
    Expression,
    Field,
    Group,
    In,
    Last,
    Like,
    Not,
    Number,
    Ref,
    StateOf,
    Text,
    Truth,
)

MAX_LENGTH = 4_000
MAX_NODES = 500
MAX_DEPTH = 60

ALLOWED = (
    "+ - * /, comparisons, AND OR NOT, BETWEEN, IN, LIKE 'ab%', CASE, COALESCE, NULLIF, LEAST, GREATEST, ABS, ROUND, FLOOR, CEIL, "
    "POWER, SQRT, LN, EXP, YEAR, DAYS, MONTHS, YEARS, ADD_MONTHS, sum/min/max/avg/count with FILTER, LAST, GROWTH, HELD, CONDITIONS_MET, PASSES"
)


class FormulaError(Exception):
    """A formula that the language does not have; `code` names the problem."""

    def __init__(self, code: str, what: str, expected: str = "", todo: str = "") -> None:
        """Say what is wrong, what was expected, what to do."""
        super().__init__(what)
        self.code, self.what, self.expected, self.todo = code, what, expected, todo


_COMPARE: Final[dict[type[exp.Expression], str]] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
_ARITHMETIC: Final[dict[type[exp.Expression], str]] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
_AGGREGATE: Final[dict[type[exp.Expression], str]] = {
    exp.Sum: "sum", exp.Min: "min", exp.Max: "max", exp.Avg: "avg", exp.Count: "count",
}  # fmt: skip
_FUNCTION: Final[dict[type[exp.Expression], str]] = {
    exp.Abs: "ABS", exp.Sqrt: "SQRT", exp.Ln: "LN", exp.Exp: "EXP", exp.Year: "YEAR",
}  # fmt: skip
_STEPPED: Final[dict[type[exp.Expression], str]] = {exp.Round: "ROUND", exp.Floor: "FLOOR", exp.Ceil: "CEIL"}
_VARIADIC: Final[dict[type[exp.Expression], str]] = {exp.Least: "LEAST", exp.Greatest: "GREATEST", exp.Coalesce: "COALESCE"}
_NAMED_ARGUMENTS: Final[dict[str, int]] = {"DAYS": 2, "MONTHS": 2, "YEARS": 2}


def parse_formula(text: str, entities: Collection[str]) -> Expression:
    """Parse one formula. `entities` are the names that may stand before a dot as related entities. Raises `FormulaError`."""
    if len(text) > MAX_LENGTH:
        raise FormulaError("formula-too-long", f"a formula of {len(text)} characters", f"at most {MAX_LENGTH}", "name its parts")
    try:
        tree = sqlglot.parse_one(text)
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        first = str(error).splitlines()[0].split("Line 1")[0].strip(" .")
        raise FormulaError(
            "formula-syntax", f"`{text}` is not a formula: {first or 'nested too deeply'}", "a SQL expression", "check brackets and operators"
        ) from None
    if sum(1 for _ in tree.walk()) > MAX_NODES:
        raise FormulaError("formula-too-long", "a formula with too many parts", f"at most {MAX_NODES} parts", "name its parts")
    return _Reader(frozenset(entities)).read(tree, 0)


class _Reader:
    """Turns a sqlglot tree into ours, refusing by name what is not allowed."""

    def __init__(self, entities: frozenset[str]) -> None:
        self.entities = entities

    def read(self, node: exp.Expression | None, depth: int) -> Expression:
        if node is None or depth > MAX_DEPTH:
            raise FormulaError("formula-syntax", "a part is missing or nested too deeply", "a complete formula", "name its parts")
        kind = type(node)
        deeper = depth + 1

        def part(name: str) -> Expression:
            return self.read(node.args.get(name), deeper)

        def parts(name: str) -> tuple[Expression, ...]:
            return tuple(self.read(item, deeper) for item in node.args.get(name) or ())

        if kind in _COMPARE:
            return Compare(_COMPARE[kind], part("this"), part("expression"))  # type: ignore[arg-type]  # the six signs
        if kind in _ARITHMETIC:
            return Call(_ARITHMETIC[kind], (part("this"), part("expression")))
        if kind in _FUNCTION:
            return Call(_FUNCTION[kind], (part("this"),))
        if kind in _STEPPED:
            step = (part("decimals"),) if node.args.get("decimals") is not None else ()
            return Call(_STEPPED[kind], (part("this"), *step))
        if kind in _VARIADIC:
            return Call(_VARIADIC[kind], (part("this"), *parts("expressions")))
        if kind in _AGGREGATE:
            return self._aggregate(node, None, deeper)
        reader: Callable[[exp.Expression, int], Expression] | None = getattr(self, f"_{kind.__name__.lower()}", None)
        if reader is None:
            raise _forbidden(node)
        return reader(node, deeper)

    def _paren(self, node: exp.Expression, depth: int) -> Expression:
        return self.read(node.this, depth)

    def _boolean(self, node: exp.Expression, _depth: int) -> Expression:
        return Truth(bool(node.this))

    def _literal(self, node: exp.Expression, _depth: int) -> Expression:
        if node.args.get("is_string"):
            return Text(str(node.this))
        if str(node.this) in ("0", "1"):
            return Number(Fraction(str(node.this)))
        raise FormulaError(
            "literal-number",
            f"the number {node.this} stands in a formula",
            "only 0, 1 and period counts; other numbers have a unit, a citation and a name",
            f"make `{node.this}` a parameter (`name: {{parameter: UNIT, value: {node.this} UNIT, cite: ...}}`) and use its name",
        )

    def _column(self, node: exp.Expression, _depth: int) -> Expression:
        if node.args.get("db") is not None or node.args.get("catalog") is not None:
            raise FormulaError("name-unknown", f"`{node.sql()}` has too many dots", "name or page.name", "use the rule's short name")
        table, name = node.args.get("table"), str(node.this.this)
        if table is None:
            if name.lower() in ("as_of", "base_year"):
                return Clock("as_of" if name.lower() == "as_of" else "base_year")
            return Ref(name)
        owner = str(table.this)
        return Field(owner, f"{owner}.{name}") if owner in self.entities else Ref(f"{owner}.{name}")

    def _neg(self, node: exp.Expression, depth: int) -> Expression:
        return Call("-", (Number(Fraction(0)), self.read(node.this, depth)))

    def _not(self, node: exp.Expression, depth: int) -> Expression:
        return Not(self.read(node.this, depth))

    def _and(self, node: exp.Expression, depth: int) -> Expression:
        return _joined("all_of", self.read(node.args["this"], depth), self.read(node.args["expression"], depth))

    def _or(self, node: exp.Expression, depth: int) -> Expression:
        return _joined("any_of", self.read(node.args["this"], depth), self.read(node.args["expression"], depth))

    def _between(self, node: exp.Expression, depth: int) -> Expression:
        item = self.read(node.this, depth)
        low, high = self.read(node.args["low"], depth), self.read(node.args["high"], depth)
        return Group("all_of", (Compare(">=", item, low), Compare("<=", item, high)), listed=False)

    def _in(self, node: exp.Expression, depth: int) -> Expression:
        items = node.args.get("expressions") or []
        if not items or not all(isinstance(item, exp.Literal) and item.args.get("is_string") for item in items):
            raise FormulaError("formula-forbidden", "IN needs a list of codes", "x IN ('a', 'b')", "write the codes in quotes")
        return In(self.read(node.this, depth), tuple(str(item.this) for item in items))

    def _like(self, node: exp.Expression, depth: int) -> Expression:
        pattern = node.args.get("expression")
        text = str(pattern.this) if isinstance(pattern, exp.Literal) and pattern.args.get("is_string") else ""
        if not text.endswith("%") or "%" in text[:-1] or "_" in text:
            raise FormulaError("formula-forbidden", "LIKE takes a code with one % at its end", "code LIKE '65%'", "use a table for more")
        return Like(self.read(node.this, depth), text[:-1])

    def _case(self, node: exp.Expression, depth: int) -> Expression:
        if node.args.get("this") is not None:
            raise FormulaError("formula-forbidden", "CASE x WHEN is not allowed", "CASE WHEN condition THEN ...", "write the comparison out")
        whens = tuple((self.read(item.this, depth), self.read(item.args["true"], depth)) for item in node.args["ifs"])
        default = node.args.get("default")
        return Case(whens, None if default is None else self.read(default, depth))

    def _nullif(self, node: exp.Expression, depth: int) -> Expression:
        return Call("NULLIF", (self.read(node.this, depth), self.read(node.args["expression"], depth)))

    def _pow(self, node: exp.Expression, depth: int) -> Expression:
        return Call("POWER", (self.read(node.this, depth), self._exponent(node.args["expression"], depth)))

    def _exponent(self, node: exp.Expression, depth: int) -> Expression:
        return Number(Fraction(_count(node))) if isinstance(node, exp.Literal) else self.read(node, depth)

    def _addmonths(self, node: exp.Expression, depth: int) -> Expression:
        return Call("ADD_MONTHS", (self.read(node.this, depth), self.read(node.args["expression"], depth)))

    def _last(self, node: exp.Expression, _depth: int) -> Expression:
        return Last("", _count(node.this))

    def _filter(self, node: exp.Expression, depth: int) -> Expression:
        if type(node.this) not in _AGGREGATE:
            raise FormulaError("formula-forbidden", "FILTER follows an aggregate", "sum(x.y) FILTER (WHERE ...)", "use CASE")
        return self._aggregate(node.this, node.args["expression"].this, depth)

    def _aggregate(self, node: exp.Expression, condition: exp.Expression | None, depth: int) -> Expression:
        function = _AGGREGATE[type(node)]
        if node.args.get("expressions"):
            raise FormulaError("formula-forbidden", f"{function} takes one argument", f"{function}(entity.field)", "use LEAST or GREATEST")
        if function == "count":
            name = node.this.name if isinstance(node.this, exp.Column) and node.this.args.get("table") is None else ""
            if name not in self.entities:
                raise FormulaError(
                    "entity-unknown", f"count({node.this.sql()})", f"count(entity), of {', '.join(sorted(self.entities)) or 'none declared'}", "name an entity"
                )
            entity, item = name, None
        else:
            item = self.read(node.this, depth)
            entity = self._entity_of(item, function)
        where = None if condition is None else _with_entity(self.read(condition, depth), entity)
        return Aggregate(function, entity, item, where)  # type: ignore[arg-type]  # one of the five

    def _entity_of(self, item: Expression, function: str) -> str:
        from gangmu.rulebook.expression import walk  # noqa: PLC0415  keeps the import list to node types

        found = sorted({node.entity for node in walk(item) if isinstance(node, Field)})
        if len(found) != 1:
            raise FormulaError(
                "entity-unknown",
                f"{function} over {' and '.join(found) if found else 'no related entity'}",
                "fields of exactly one related entity",
                "write entity.field",
            )
        return found[0]

    def _anonymous(self, node: exp.Expression, depth: int) -> Expression:
        name = str(node.this).upper()
        arguments = node.args.get("expressions") or []
        if name in ("HELD", "CONDITIONS_MET", "PASSES") and len(arguments) == 1:
            target = self.read(arguments[0], depth)
            if not isinstance(target, Ref):
                raise FormulaError("formula-forbidden", f"{name} takes the name of a rule", f"{name}(rule)", "name a title or a score")
            return StateOf(name, target.name)  # type: ignore[arg-type]  # one of the three
        if name == "GROWTH" and len(arguments) == 3:
            later, earlier = (self.read(argument, depth) for argument in arguments[:2])
            return Call("GROWTH", (later, earlier, Number(Fraction(_count(arguments[2])))))
        if _NAMED_ARGUMENTS.get(name) == len(arguments):
            return Call(name, tuple(self.read(argument, depth) for argument in arguments))
        raise _forbidden(node)


def _joined(kind: str, left: Expression, right: Expression) -> Group:
    """AND and OR, flattened, so that a chain reads as one group."""
    items: list[Expression] = []
    for side in (left, right):
        items.extend(side.items if isinstance(side, Group) and side.kind == kind and not side.listed else (side,))
    return Group(kind, tuple(items), listed=False)  # type: ignore[arg-type]  # all_of or any_of


def _with_entity(node: Expression, entity: str) -> Expression:
    """Tell each LAST(n) of which entity's rows it speaks."""
    return rebuild(node, lambda inner: Last(entity, inner.n) if isinstance(inner, Last) else inner)


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
                return change(
                    Aggregate(function, entity, None if item is None else go(item), None if where is None else go(where))
                )
            case _:
                return change(inner)

    return go(node)


def _count(node: exp.Expression | None) -> int:
    """A whole count of periods, 1 to 99."""
    text = str(node.this) if isinstance(node, exp.Literal) and not node.args.get("is_string") else ""
    if not (text.isdigit() and 0 < int(text) < 100):
        raise FormulaError("literal-number", f"{node.sql() if node else 'nothing'} as a count of periods", "a whole number from 1 to 99", "write e.g. LAST(3)")
    return int(text)


def _forbidden(node: exp.Expression) -> FormulaError:
    name = str(node.this).upper() if isinstance(node, exp.Anonymous) else (node.sql_name() if isinstance(node, exp.Func) else node.key.upper())
    return FormulaError("formula-forbidden", f"{name} is not part of the language", ALLOWED, "use what is allowed, or a table")
