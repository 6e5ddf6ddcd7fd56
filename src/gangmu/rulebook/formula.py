"""Formulas: a stated subset of SQL scalar expressions, parsed by sqlglot, turned into our own tree.

The one module that touches sqlglot. Only the syntax is SQL's; what an operator means is in `docs/language.md`
and the engines. Everything that is not listed here is refused by name. Names are left as written (`Ref`,
`Field`) and resolved later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from fractions import Fraction
from typing import Final, cast

import sqlglot
from sqlglot import exp
from sqlglot.parser import Parser
from sqlglot.tokens import Tokenizer

from gangmu.rulebook.expression import (
    Aggregate,
    AggregateName,
    Call,
    Case,
    Clock,
    Comparator,
    Compare,
    Expression,
    Field,
    Group,
    GroupKind,
    In,
    Last,
    Like,
    Not,
    Number,
    Ref,
    State,
    StateOf,
    Text,
    Truth,
    rebuild,
    walk,
)

MAX_LENGTH = 4_000
MAX_NODES = 500
MAX_DEPTH = 60

ALLOWED = (
    "+ - * /, comparisons, AND OR NOT, BETWEEN, IN, LIKE 'ab%', CASE, COALESCE, NULLIF, LEAST, GREATEST, "
    "ABS, ROUND, FLOOR, CEIL, POWER, SQRT, LN, EXP, YEAR, DAYS, MONTHS, YEARS, ADD_MONTHS, "
    "sum/min/max/avg/count with FILTER, LAST, GROWTH, HELD, CONDITIONS_MET, PASSES"
)

# A formula that is only a name needs no parser, unless SQL gives the word a meaning of its own.
_BARE_NAME: Final = re.compile(r"(?:([a-z][a-z0-9_]*)\.)?([a-z][a-z0-9_]*)")
_SQL_WORDS: Final = frozenset(
    word.lower() for word in (*Tokenizer.KEYWORDS, *Parser.NO_PAREN_FUNCTION_PARSERS, "WHILE")
)


class FormulaError(Exception):
    """A formula that the language does not have; `code` names the problem."""

    def __init__(self, code: str, what: str, expected: str = "", todo: str = "") -> None:
        """Say what is wrong, what was expected, what to do."""
        super().__init__(what)
        self.code, self.what, self.expected, self.todo = code, what, expected, todo


_COMPARE: Final[dict[type[exp.Expression], Comparator]] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
_ARITHMETIC: Final[dict[type[exp.Expression], str]] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
_AGGREGATE: Final[dict[type[exp.Expression], AggregateName]] = {
    exp.Sum: "sum", exp.Min: "min", exp.Max: "max", exp.Avg: "avg", exp.Count: "count",
}  # fmt: skip
_FUNCTION: Final[dict[type[exp.Expression], str]] = {
    exp.Abs: "ABS", exp.Sqrt: "SQRT", exp.Ln: "LN", exp.Exp: "EXP", exp.Year: "YEAR",
}  # fmt: skip
_STEPPED: Final[dict[type[exp.Expression], str]] = {exp.Round: "ROUND", exp.Floor: "FLOOR", exp.Ceil: "CEIL"}
_VARIADIC: Final[dict[type[exp.Expression], str]] = {
    exp.Least: "LEAST", exp.Greatest: "GREATEST", exp.Coalesce: "COALESCE",
}  # fmt: skip
_STATES: Final[dict[str, State]] = {
    "HELD": "HELD", "CONDITIONS_MET": "CONDITIONS_MET", "PASSES": "PASSES",
}  # fmt: skip
MAX_PERIODS = 99


def parse_formula(text: str, entities: Collection[str]) -> Expression:
    """Parse one formula. `entities` are the names that may stand before a dot as related entities.

    Raises `FormulaError`.
    """
    if (bare := _BARE_NAME.fullmatch(text)) and _SQL_WORDS.isdisjoint(bare.groups()):
        return _named(bare[1], bare[2], entities)
    if len(text) > MAX_LENGTH:
        what = f"a formula of {len(text)} characters"
        raise FormulaError("formula-too-long", what, f"at most {MAX_LENGTH}", "name its parts")
    try:
        tree = cast("exp.Expression", sqlglot.parse_one(text))
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        first = str(error).splitlines()[0].split("Line 1")[0].strip(" .")
        what = f"`{text}` is not a formula: {first or 'nested too deeply'}"
        todo = "check brackets and operators"
        raise FormulaError("formula-syntax", what, "a SQL expression", todo) from None
    if sum(1 for _ in tree.walk()) > MAX_NODES:
        what, expected = "a formula with too many parts", f"at most {MAX_NODES} parts"
        raise FormulaError("formula-too-long", what, expected, "name its parts")
    return _Reader(frozenset(entities)).read(tree, 0)


def _named(owner: str | None, name: str, entities: Collection[str]) -> Expression:
    """What a name stands for, as far as that is known before names are resolved."""
    if owner is not None:
        return Field(owner, f"{owner}.{name}") if owner in entities else Ref(f"{owner}.{name}")
    match name.lower():
        case "as_of" | "base_year" as clock:
            return Clock(clock)
        case _:
            return Ref(name)


class _Reader:
    """Turns a sqlglot tree into ours, refusing by name what is not allowed."""

    def __init__(self, entities: frozenset[str]) -> None:
        self.entities = entities

    def read(self, node: exp.Expression | None, depth: int) -> Expression:
        if node is None or depth > MAX_DEPTH:
            what = "a part is missing or nested too deeply"
            raise FormulaError("formula-syntax", what, "a complete formula", "name its parts")
        kind = type(node)
        deeper = depth + 1

        def part(name: str) -> Expression:
            return self.read(node.args.get(name), deeper)

        def parts(name: str) -> tuple[Expression, ...]:
            return tuple(self.read(item, deeper) for item in node.args.get(name) or ())

        if kind in _COMPARE:
            return Compare(_COMPARE[kind], part("this"), part("expression"))
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
        reader: Callable[[exp.Expression, int], Expression] | None = getattr(
            self, f"_{kind.__name__.lower()}", None
        )
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
            f"make `{node.this}` a parameter (`name: {{parameter: UNIT, value: {node.this} UNIT, "
            "cite: ...}`) and use its name",
        )

    def _column(self, node: exp.Expression, _depth: int) -> Expression:
        if node.args.get("db") is not None or node.args.get("catalog") is not None:
            what, expected = f"`{node.sql()}` has too many dots", "name or page.name"
            raise FormulaError("name-unknown", what, expected, "use the rule's short name")
        table = node.args.get("table")
        return _named(None if table is None else str(table.this), str(node.this.this), self.entities)

    def _neg(self, node: exp.Expression, depth: int) -> Expression:
        return Call("-", (Number(Fraction(0)), self.read(node.this, depth)))

    def _not(self, node: exp.Expression, depth: int) -> Expression:
        return Not(self.read(node.this, depth))

    def _and(self, node: exp.Expression, depth: int) -> Expression:
        return _joined("all_of", *self._sides(node, depth))

    def _or(self, node: exp.Expression, depth: int) -> Expression:
        return _joined("any_of", *self._sides(node, depth))

    def _sides(self, node: exp.Expression, depth: int) -> tuple[Expression, Expression]:
        return self.read(node.args["this"], depth), self.read(node.args["expression"], depth)

    def _between(self, node: exp.Expression, depth: int) -> Expression:
        item = self.read(node.this, depth)
        low, high = self.read(node.args["low"], depth), self.read(node.args["high"], depth)
        return Group("all_of", (Compare(">=", item, low), Compare("<=", item, high)), listed=False)

    def _in(self, node: exp.Expression, depth: int) -> Expression:
        codes = [_string(item) for item in node.args.get("expressions") or ()]
        if not codes or None in codes:
            what, expected = "IN needs a list of codes", "x IN ('a', 'b')"
            raise FormulaError("formula-forbidden", what, expected, "write the codes in quotes")
        return In(self.read(node.this, depth), tuple(code for code in codes if code is not None))

    def _like(self, node: exp.Expression, depth: int) -> Expression:
        text = _string(node.args.get("expression")) or ""
        if not text.endswith("%") or "%" in text[:-1] or "_" in text:
            what, expected = "LIKE takes a code with one % at its end", "code LIKE '65%'"
            raise FormulaError("formula-forbidden", what, expected, "use a table for more")
        return Like(self.read(node.this, depth), text[:-1])

    def _case(self, node: exp.Expression, depth: int) -> Expression:
        if node.args.get("this") is not None:
            what, expected = "CASE x WHEN is not allowed", "CASE WHEN condition THEN ..."
            raise FormulaError("formula-forbidden", what, expected, "write the comparison out")
        whens = tuple(
            (self.read(item.this, depth), self.read(item.args["true"], depth)) for item in node.args["ifs"]
        )
        default = node.args.get("default")
        return Case(whens, None if default is None else self.read(default, depth))

    def _nullif(self, node: exp.Expression, depth: int) -> Expression:
        return Call("NULLIF", self._sides(node, depth))

    def _pow(self, node: exp.Expression, depth: int) -> Expression:
        return Call("POWER", (self.read(node.this, depth), self._exponent(node.args["expression"], depth)))

    def _exponent(self, node: exp.Expression, depth: int) -> Expression:
        return Number(Fraction(_count(node))) if isinstance(node, exp.Literal) else self.read(node, depth)

    def _addmonths(self, node: exp.Expression, depth: int) -> Expression:
        return Call("ADD_MONTHS", self._sides(node, depth))

    def _last(self, node: exp.Expression, _depth: int) -> Expression:
        return Last("", _count(node.this))

    def _filter(self, node: exp.Expression, depth: int) -> Expression:
        if type(node.this) not in _AGGREGATE:
            what, expected = "FILTER follows an aggregate", "sum(x.y) FILTER (WHERE ...)"
            raise FormulaError("formula-forbidden", what, expected, "use CASE")
        return self._aggregate(node.this, node.args["expression"].this, depth)

    def _aggregate(self, node: exp.Expression, condition: exp.Expression | None, depth: int) -> Expression:
        function = _AGGREGATE[type(node)]
        if node.args.get("expressions"):
            what, expected = f"{function} takes one argument", f"{function}(entity.field)"
            raise FormulaError("formula-forbidden", what, expected, "use LEAST or GREATEST")
        item = None if function == "count" else self.read(node.this, depth)
        entity = self._counted(node) if item is None else _entity_of(item, function)
        where = None if condition is None else _with_entity(self.read(condition, depth), entity)
        return Aggregate(function, entity, item, where)

    def _counted(self, node: exp.Expression) -> str:
        """The entity whose rows are counted."""
        target = node.this
        bare = isinstance(target, exp.Column) and target.args.get("table") is None
        if bare and target.name in self.entities:
            return str(target.name)
        expected = f"count(entity), of {', '.join(sorted(self.entities)) or 'none declared'}"
        raise FormulaError("entity-unknown", f"count({target.sql()})", expected, "name an entity")

    def _anonymous(self, node: exp.Expression, depth: int) -> Expression:
        name = str(node.this).upper()
        arguments = node.args.get("expressions") or []
        match name, len(arguments):
            case (("HELD" | "CONDITIONS_MET" | "PASSES"), 1):
                target = self.read(arguments[0], depth)
                if not isinstance(target, Ref):
                    what = f"{name} takes the name of a rule"
                    raise FormulaError("formula-forbidden", what, f"{name}(rule)", "name a title or a score")
                return StateOf(_STATES[name], target.name)
            case "GROWTH", 3:
                later, earlier = (self.read(argument, depth) for argument in arguments[:2])
                return Call(name, (later, earlier, Number(Fraction(_count(arguments[2])))))
            case (("DAYS" | "MONTHS" | "YEARS"), 2):
                return Call(name, tuple(self.read(argument, depth) for argument in arguments))
        raise _forbidden(node)


def _entity_of(item: Expression, function: str) -> str:
    """The one related entity whose fields are aggregated."""
    found = sorted({node.entity for node in walk(item) if isinstance(node, Field)})
    if len(found) == 1:
        return found[0]
    what = f"{function} over {' and '.join(found) if found else 'no related entity'}"
    expected = "fields of exactly one related entity"
    raise FormulaError("entity-unknown", what, expected, "write entity.field")


def _string(node: exp.Expression | None) -> str | None:
    """The text of a literal in quotes."""
    return str(node.this) if isinstance(node, exp.Literal) and node.args.get("is_string") else None


def _joined(kind: GroupKind, left: Expression, right: Expression) -> Group:
    """AND and OR, flattened, so that a chain reads as one group."""
    items: list[Expression] = []
    for side in (left, right):
        if isinstance(side, Group) and side.kind == kind and not side.listed:
            items.extend(side.items)
        else:
            items.append(side)
    return Group(kind, tuple(items), listed=False)


def _with_entity(node: Expression, entity: str) -> Expression:
    """Tell each LAST(n) of which entity's rows it speaks."""
    return rebuild(node, lambda inner: Last(entity, inner.n) if isinstance(inner, Last) else inner)


def _count(node: exp.Expression | None) -> int:
    """A whole count of periods, 1 to 99."""
    text = str(node.this) if isinstance(node, exp.Literal) and not node.args.get("is_string") else ""
    if text.isdigit() and 0 < int(text) <= MAX_PERIODS:
        return int(text)
    what = f"{node.sql() if node else 'nothing'} as a count of periods"
    expected = f"a whole number from 1 to {MAX_PERIODS}"
    raise FormulaError("literal-number", what, expected, "write e.g. LAST(3)")


def _forbidden(node: exp.Expression) -> FormulaError:
    name = node.sql_name() if isinstance(node, exp.Func) else node.key.upper()
    if isinstance(node, exp.Anonymous):
        name = str(node.this).upper()
    what = f"{name} is not part of the language"
    return FormulaError("formula-forbidden", what, ALLOWED, "use what is allowed, or a table")
