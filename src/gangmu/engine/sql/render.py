"""Terms to SQL: sqlglot's nodes, from a list of allowed kinds, and their text.

Nothing is ever put together as text. Every name is a quoted identifier, every text a literal that sqlglot
escapes, and `check` refuses a query that holds any other kind of node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final

from sqlglot import exp

from gangmu.engine.sql.dialects import Dialect
from gangmu.engine.sql.facts import Raw
from gangmu.engine.sql.terms import WORD, Arg, Term

Node = exp.Expr
Select = exp.Select

ALLOWED: Final[tuple[type[Node], ...]] = (
    exp.Select, exp.With, exp.CTE, exp.TableAlias, exp.From, exp.Join, exp.Table, exp.Where, exp.Group,
    exp.Column, exp.Identifier, exp.Alias, exp.Star, exp.Paren, exp.Literal, exp.Boolean, exp.Null, exp.Cast,
    exp.DataType, exp.DataTypeParam, exp.Neg, exp.Not, exp.And, exp.Or, exp.Add, exp.Sub, exp.Mul, exp.Div,
    exp.IntDiv, exp.Mod, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.EQ, exp.NEQ, exp.Is, exp.In, exp.Tuple,
    exp.Case, exp.If, exp.Coalesce, exp.Abs, exp.StartsWith, exp.Sum, exp.Min, exp.Max, exp.Count,
    exp.LogicalOr, exp.Union, exp.Subquery, exp.Window, exp.Order, exp.Ordered, exp.WindowSpec, exp.RowNumber,
    exp.Anonymous, exp.Create, exp.Properties, exp.TemporaryProperty, exp.Drop, exp.Trim,
    exp.Length, exp.RegexpLike,
)  # fmt: skip
FUNCTIONS: Final = frozenset({"DIV", "DATEDIFF"})  # by name alone


class ForbiddenNodeError(Exception):
    """A query holds a node that is not allowed: a fault of this program, caught before anything runs."""


def check(query: Node) -> None:
    """Refuse a query with any node that is not allowed. Raises `ForbiddenNodeError`."""
    for node in query.walk():
        if type(node) not in ALLOWED:
            raise ForbiddenNodeError(type(node).__name__)
        if isinstance(node, exp.Anonymous) and str(node.this).upper() not in FUNCTIONS:
            raise ForbiddenNodeError(str(node.this))


def text_of(query: Node, dialect: Dialect, *, pretty: bool = False) -> str:
    """The text of a checked query."""
    check(query)
    written: str = query.sql(dialect=dialect.name, pretty=pretty, comments=False, copy=False)
    return written


def name(text: str) -> exp.Identifier:
    """A quoted identifier."""
    return exp.Identifier(this=text, quoted=True)


def column(text: str, table: str = "") -> exp.Column:
    """A column by name."""
    return exp.Column(this=name(text), **({"table": name(table)} if table else {}))


def alias(node: Node, text: str) -> exp.Alias:
    """A node under a name."""
    return exp.Alias(this=node, alias=name(text))


def cast(node: Node, kind: str, dialect: Dialect) -> Node:
    """A cast."""
    return exp.Cast(this=node, to=_type(kind, dialect.name).copy())


@cache
def _type(kind: str, dialect: str) -> exp.DataType:
    return exp.DataType.build(kind, dialect=dialect)


def number(value: int) -> Node:
    """A whole number."""
    if value < 0:
        return exp.Paren(this=exp.Neg(this=exp.Literal(this=str(-value), is_string=False)))
    return exp.Literal(this=str(value), is_string=False)


def string(value: str) -> Node:
    """A text."""
    return exp.Literal(this=value, is_string=True)


def case(whens: Sequence[tuple[Node, Node]], otherwise: Node | None, this: Node | None = None) -> Node:
    """CASE."""
    ifs = [exp.If(this=test, true=then) for test, then in whens]
    return exp.Case(this=this, ifs=ifs, default=otherwise)


_COMPARE: Final = {"lt": exp.LT, "eq": exp.EQ, "same": exp.EQ}
_INVERSE: Final = {"lt": exp.GTE, "eq": exp.NEQ, "same": exp.NEQ}
_BOUND: Final = (exp.Binary, exp.Unary, exp.Case, exp.In)


class Writer:
    """Writes terms in a dialect; those that are columns by name."""

    def __init__(
        self, dialect: Dialect, columns: Mapping[Term, str], table: Callable[[Term], str] = lambda _: ""
    ) -> None:
        """`table` says by which table a column is called (empty: by none)."""
        self.dialect, self.columns, self.table = dialect, columns, table
        self._wide: dict[Term, bool] = {}

    def value(self, arg: Arg) -> Node:
        """A term where it is used: the column's name, or what it is."""
        if isinstance(arg, Term):
            if arg in self.columns:
                return column(self.columns[arg], self.table(arg))
            return self.term(arg)
        if isinstance(arg, bool):
            return exp.Boolean(this=arg)
        if isinstance(arg, int):
            return number(arg)
        if isinstance(arg, str):
            return string(arg)
        return exp.Null()

    def part(self, arg: Arg) -> Node:
        """As `value`, in brackets where it needs them."""
        node = self.value(arg)
        return exp.Paren(this=node) if isinstance(node, _BOUND) else node

    def wide(self, arg: Arg) -> bool:
        """Whether a whole number is held in the wide type."""
        if not isinstance(arg, Term):
            return isinstance(arg, int) and abs(arg) > WORD
        if arg not in self._wide:
            mixed = any(self.wide(part) for part in arg.args if isinstance(part, int) or _whole(part))
            self._wide[arg] = arg.wide or (arg.op not in ("col", "param") and mixed)
        return self._wide[arg]

    def widened(self, arg: Arg, *, wide: bool) -> Node:
        """An operand, cast if the result needs more than it has."""
        if wide and not self.wide(arg):
            return cast(self.value(arg), self.dialect.wide, self.dialect)
        return self.part(arg)

    def kind(self, term: Term) -> str:
        """The SQL type of a term."""
        if term.kind == "int":
            return self.dialect.wide if self.wide(term) else "BIGINT"
        return "BOOLEAN" if term.kind == "bool" else self.dialect.text

    def term(self, term: Term) -> Node:  # noqa: C901, PLR0911, PLR0912  one arm an operator
        """What a term is, in terms of the columns below it."""
        args = term.args
        match term.op:
            case "col" | "param":
                return column(str(args[0]), self.table(term))
            case "beyond":
                return cast(exp.Null(), self.kind(term), self.dialect)
            case "and" | "or":
                return self._connected(exp.And if term.op == "and" else exp.Or, args)
            case "not":
                return self._not(args[0])
            case "lt" | "eq" | "same":
                return _COMPARE[term.op](this=self.part(args[0]), expression=self.part(args[1]))
            case "in":
                listed = args[1]
                assert isinstance(listed, tuple)  # noqa: S101  as made by `one_of`
                return exp.In(this=self.part(args[0]), expressions=[string(text) for text in listed])
            case "starts":
                return exp.StartsWith(this=self.value(args[0]), expression=self.value(args[1]))
            case "neg":
                return exp.Neg(this=self.part(args[0]))
            case "add" | "mul":
                return self._arithmetic(term)
            case "add?" | "mul?":
                return self._guarded(term)
            case "div":
                return self._divided(term)
            case "mod":
                return exp.Mod(this=self.part(args[0]), expression=self.part(args[1]))
            case "case":
                return self._case(term)
            case "str":
                return cast(self.value(args[0]), self.dialect.text, self.dialect)
        if term.op.startswith("agg."):
            return self._group(term)
        raise ForbiddenNodeError(term.op)

    def _group(self, term: Term) -> Node:
        """A column of a grouping CTE: NULL if a row that counts is beyond."""
        _, bit, item = term.args
        one = number(1)
        what = term.op.removeprefix("agg.")
        match what:
            case "count":
                found: Node = exp.Count(this=case([(self.value(bit), one)], None))
            case "any":
                found = exp.Max(this=case([(self.value(bit), one)], number(0)))
            case "sum":
                wide = cast(self.value(item), self.dialect.wide, self.dialect)
                summed = exp.Sum(this=case([(self.value(bit), wide)], None))
                # of the type that `wide` takes it to be: a quotient of NUMERIC is not cut to a whole number
                found = exp.Coalesce(
                    this=cast(summed, self.kind(term), self.dialect), expressions=[number(0)]
                )
            case _:
                kind = exp.Min if what == "min" else exp.Max
                typed = cast(self.value(item), self.kind(term), self.dialect)
                found = exp.Coalesce(
                    this=kind(this=case([(self.value(bit), typed)], None)), expressions=[number(0)]
                )
        if term.safe:
            return found
        lost: Node = exp.Is(this=self.part(bit), expression=exp.Null())
        if isinstance(item, Term) and not item.safe:
            gone = exp.And(
                this=self.part(bit), expression=exp.Is(this=self.part(item), expression=exp.Null())
            )
            lost = exp.Or(this=exp.Paren(this=lost), expression=exp.Paren(this=gone))
        none = exp.EQ(this=exp.Count(this=case([(lost, number(1))], None)), expression=number(0))
        return case([(none, found)], None)

    def _connected(self, kind: type[exp.Connector], args: Sequence[Arg]) -> Node:
        """AND or OR of several."""
        found: Node = self.part(args[0])
        for arg in args[1:]:
            found = kind(this=found, expression=self.part(arg))
        return found

    def _not(self, arg: Arg) -> Node:
        if isinstance(arg, Term) and arg not in self.columns and arg.op in _INVERSE:
            return _INVERSE[arg.op](this=self.part(arg.args[0]), expression=self.part(arg.args[1]))
        return exp.Not(this=self.part(arg))

    def _arithmetic(self, term: Term) -> Node:
        a, b = term.args
        wide = term.wide and not self.wide(a) and not self.wide(b)
        left = self.widened(a, wide=wide)
        if term.op == "mul":
            return exp.Mul(this=left, expression=self.part(b))
        if isinstance(b, Term) and b.op == "neg" and b not in self.columns:
            return exp.Sub(this=left, expression=self.part(b.args[0]))
        if isinstance(b, int) and b < 0:
            return exp.Sub(this=left, expression=number(-b))
        return exp.Add(this=left, expression=self.part(b))

    def _guarded(self, term: Term) -> Node:
        """The result if it fits, else NULL; what does not fit is seen in doubles beforehand."""
        a, b = term.args
        one, two = (cast(self.value(arg), "DOUBLE", self.dialect) for arg in (a, b))
        if term.op == "mul?":
            size: Node = exp.Mul(this=exp.Abs(this=one), expression=exp.Abs(this=two))
        else:
            size = exp.Abs(this=exp.Add(this=one, expression=two))
        fits = exp.LT(this=size, expression=cast(string(self.dialect.guard), "DOUBLE", self.dialect))
        left = self.widened(a, wide=not self.wide(a) and not self.wide(b))
        kind = exp.Mul if term.op == "mul?" else exp.Add
        return case([(fits, kind(this=left, expression=self.part(b)))], None)

    def _divided(self, term: Term) -> Node:
        """Cut toward zero."""
        a, b = term.args
        wide = self.wide(a) or self.wide(b)
        left, right = self.part(a), self.part(b)
        match self.dialect.name:
            case "duckdb":
                return exp.IntDiv(this=left, expression=right)
            case "postgres" if wide:
                return exp.Anonymous(this="DIV", expressions=[self.value(a), self.value(b)])
            case "postgres":
                return exp.Div(this=left, expression=right, typed=True, safe=False)
            case _ if not wide:
                return exp.IntDiv(this=left, expression=right)
        # Spark's DIV gives a word, its / has six decimals: what is divided has to be a multiple
        rest = exp.Mod(this=self.part(a), expression=self.part(b))
        whole = exp.Div(
            this=exp.Paren(this=exp.Sub(this=left, expression=exp.Paren(this=rest))), expression=right,
            typed=False, safe=True,
        )  # fmt: skip
        size = exp.Abs(this=cast(self.value(a), "DOUBLE", self.dialect))
        fits = exp.LT(this=size, expression=cast(string("1e31"), "DOUBLE", self.dialect))
        return case([(fits, cast(whole, self.dialect.wide, self.dialect))], None)

    def _case(self, term: Term) -> Node:
        """A choice: where the test is NULL, so is the result."""
        test, a, b = term.args
        then, otherwise = self.value(a), self.value(b)
        if term.kind == "int" and not isinstance(a, Term) and not isinstance(b, Term):
            then = cast(then, self.kind(term), self.dialect)
        if not isinstance(test, Term) or test.safe:
            return case([(self.value(test), then)], otherwise)
        yes, no = exp.Boolean(this=True), exp.Boolean(this=False)
        return case([(yes, then), (no, otherwise)], None, self.value(test))


def _whole(arg: Arg) -> bool:
    return isinstance(arg, Term) and arg.kind == "int"


def raw(of: Raw, kind: str, dialect: Dialect) -> Node:
    """A typed column as a whole number, an ordinal, a truth value or a text."""
    node: Node = column(of.column)
    if kind == "date":
        first = cast(string("0001-01-01"), "DATE", dialect)
        days: Node = exp.Sub(this=node, expression=first)
        if dialect.name == "spark":
            days = exp.Anonymous(this="DATEDIFF", expressions=[node, first])
        return exp.Paren(this=exp.Add(this=days, expression=number(1)))
    if of.times == 1:
        return node
    return exp.Mul(
        this=cast(node, dialect.wide, dialect) if of.integer else node, expression=number(of.times)
    )


def replace_table(target: str, source: str, dialect: Dialect) -> str:
    """The statement that writes a table anew from another, in one step."""
    select = exp.Select(expressions=[exp.Star()])
    select.set("from_", exp.From(this=exp.Table(this=name(source))))
    made = exp.Create(this=exp.Table(this=name(target)), kind="TABLE", expression=select, replace=True)
    return text_of(made, dialect)


def temporary_table(target: str, query: exp.Select, dialect: Dialect) -> str:
    """The statement that keeps a query's rows in a table of this session."""
    session = exp.Properties(expressions=[exp.TemporaryProperty()])
    table = exp.Table(this=name(target))
    return text_of(exp.Create(this=table, kind="TABLE", expression=query, properties=session), dialect)


def drop_table(target: str, dialect: Dialect) -> str:
    """The statement that drops a table, if it is there."""
    return text_of(exp.Drop(tables=[exp.Table(this=name(target))], kind="TABLE", exists=True), dialect)
