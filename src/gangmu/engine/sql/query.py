"""One query for many rules: the parameters, the facts, a CTE for each level, and the answers.

`parameters` is one row of numbers of law, `facts` a row a case (what evidence says, without NULLs), and each
`level_n` works out what needs the levels before it; the query itself picks the columns of the answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from gangmu.engine.sql import render
from gangmu.engine.sql.dialects import Dialect
from gangmu.engine.sql.domain import Codes, Num, Truth, UnsupportedBySql, Value
from gangmu.engine.sql.facts import ROW, ColumnFacts, Field, Layout
from gangmu.engine.sql.levels import Chain, Level, Plan, plan
from gangmu.engine.sql.names import Names
from gangmu.engine.sql.outputs import Outputs, Written, roots
from gangmu.engine.sql.parameters import Parameters
from gangmu.engine.sql.program import Program
from gangmu.engine.sql.render import Node, Writer
from gangmu.engine.sql.terms import WORD, Term, Terms
from gangmu.rulebook import model

PARAMETERS, FACTS = "parameters", "facts"


@dataclass(slots=True)
class Query:
    """A query over the tables of a layout: its tree, and where each rule's answer stands in its result."""

    dialect: Dialect
    tree: exp.Select
    written: dict[str, Written]
    refused: dict[str, str] = field(default_factory=dict)
    depth: int = 0
    stages: frozenset[str] = frozenset()  # the CTEs that may be kept when it is run in stages

    def sql(self, *, pretty: bool = False) -> str:
        """The text: a CTE a level."""
        return render.text_of(self.tree, self.dialect, pretty=pretty)

    def nested(self) -> str:
        """The text with each CTE that is read once in the place where it is read."""
        tree = self.tree.copy()
        found = tree.args["with_"].expressions
        read = Counter(table.name for table in tree.find_all(exp.Table))
        once = {cte.alias: cte.this for cte in found if read[cte.alias] == 1}
        tree.set("with_", None)
        kept = [cte for cte in found if cte.alias not in once]
        for top in (tree, *(cte.this for cte in kept)):
            _put_in_place(top, once)
        if kept:
            tree.set("with_", exp.With(expressions=kept))
        return render.text_of(tree, self.dialect)


def build(
    book: model.Rulebook, names: Sequence[str], layout: Layout, dialect: Dialect,
    source: Callable[[str], str],
) -> Query:  # fmt: skip
    """Write the query of rules (full names). `source` gives the table of an entity.

    Rules that cannot be written are named in `refused`.
    """
    terms = Terms(dialect.limit, dialect.divided)
    given = Names()
    given.new(ROW)
    for one in layout.fields.values():
        for suffix in ("", ".given", ".none"):
            given.new(f"{one.name}{suffix}")
    columns = [name for name, value in layout.clocks.items() if isinstance(value, tuple)]
    for name in (*columns, *(f"{entity}.partial" for entity in layout.settled)):
        given.new(name)
    parameters = Parameters(terms, given)
    parameters.name_all(book)
    program = Program(book, ColumnFacts(book, layout, terms, parameters), terms)
    outputs = Outputs(program, Names(), layout.days)
    written: dict[str, Written] = {}
    refused: dict[str, str] = {}
    for name in names:
        try:
            written[name] = outputs.write(book.rules[name])
        except UnsupportedBySql as error:
            refused[name] = str(error)
    wanted = [out for out in roots(list(written.values())) if isinstance(out, Term)]
    kept = [pair for name, value in program.named.items() for pair in value_terms(book, name, value)]
    laid = plan(wanted, kept, given, terms.owner)
    tree = _Assembly(dialect, laid, parameters, layout, source).tree(written.values())
    levels = (f"level_{number}" for number in range(1, len(laid.levels) + 1))
    facts = (f"{FACTS}_{chain.entity}" for chain in laid.chains)
    return Query(
        dialect, tree, written, refused, len(laid.levels), frozenset((PARAMETERS, FACTS, *facts, *levels))
    )


def value_terms(book: model.Rulebook, name: str, value: Value) -> Iterable[tuple[Term, str]]:
    """The terms of a rule's value with their names."""
    short = book.column_name(name)
    parts: dict[str, object] = {"undefined": value.undefined, "absent": value.absent}
    match value:
        case Num():
            parts["some"] = value.some
            ends = {"": value.lo} if value.is_point else {".lo": value.lo, ".hi": value.hi}
            for suffix, end in ends.items():
                side = suffix.removeprefix(".")
                before = f"{side}." if side else ""
                parts |= {side: end.num, f"{before}den": end.den}
                parts |= {f"{before}ninf": end.ninf, f"{before}pinf": end.pinf}
        case Truth():
            parts |= {"true": value.true, "false": value.false}
        case Codes():
            parts |= {f"is {code}": bit for code, bit in value.known.items()}
            parts["any"] = value.any
    for part, term in parts.items():
        if isinstance(term, Term):
            yield term, f"{short}.{part}" if part else short


@dataclass(slots=True)
class _Assembly:
    """The parts of one query."""

    dialect: Dialect
    plan: Plan
    parameters: Parameters
    layout: Layout
    source: Callable[[str], str]

    def tree(self, written: Iterable[Written]) -> exp.Select:
        """The whole."""
        writer = Writer(self.dialect, self.plan.columns)
        ctes = []
        if self.plan.arguments:
            ctes.append(self._cte(PARAMETERS, self._parameters()))
        ctes.append(self._cte(FACTS, self._facts()))
        entities = dict.fromkeys(chain.entity for chain in self.plan.chains)
        ctes += [self._cte(f"{FACTS}_{entity}", self._facts(entity)) for entity in entities]
        before = FACTS
        for number, level in enumerate(self.plan.levels, 1):
            chains = [chain for chain in self.plan.chains if chain.stage == number - 1]
            for chain in chains:
                ctes.extend(self._chain(chain, before, writer))
            ctes.append(self._cte(f"level_{number}", self._level(level, before, chains, writer)))
            before = f"level_{number}"
        out: list[Node] = [render.column(ROW)]
        for one in written:
            out += [
                render.alias(render.column(self.plan.columns[term]), one.names[role])
                for role, term in one.columns.items()
                if isinstance(term, Term)
            ]
        tree = self._select(out, before, [])
        tree.set("with_", exp.With(expressions=ctes))
        return tree

    def _level(self, level: Level, before: str, chains: Sequence[Chain], writer: Writer) -> exp.Select:
        """One level: carried along, worked out, and taken from groups of rows."""
        if chains:
            writer = Writer(
                self.dialect, self.plan.columns, lambda term: PARAMETERS if term.op == "param" else before
            )
        group_of = {term: chain for chain in chains for term in chain.groups}
        table = before if chains else ""
        columns: list[Node] = [render.column(ROW, table)]
        columns += [render.column(self.plan.columns[term], table) for term in level.carried]
        for term in level.made:
            name = self.plan.columns[term]
            chain = group_of.get(term)
            node = writer.term(term) if chain is None else self._grouped(term, chain)
            columns.append(render.alias(node, name))
        select = self._select(columns, before, [term for term in level.made if term not in group_of])
        for chain in chains:
            here = exp.EQ(this=render.column(ROW, _groups(chain)), expression=render.column(ROW, before))
            join = exp.Join(this=exp.Table(this=render.name(_groups(chain))), side="LEFT", on=here)
            select.set("joins", [*(select.args.get("joins") or []), join])
        return select

    def _grouped(self, term: Term, chain: Chain) -> Node:
        """A group's column; 0 for a case that has no rows."""
        table = _groups(chain)
        none = exp.Is(this=render.column(ROW, table), expression=exp.Null())
        return render.case([(none, render.number(0))], render.column(self.plan.columns[term], table))

    def _chain(self, chain: Chain, before: str, writer: Writer) -> Iterable[exp.CTE]:
        """The CTEs over the rows of one entity."""
        facts, owner = f"{FACTS}_{chain.entity}", [self.plan.columns[term] for term in chain.owner]
        last, name = facts, f"{chain.entity}_{chain.stage}"
        if owner:
            columns: list[Node] = [render.column(ROW, facts)]
            columns += [render.column(self.plan.columns[term], facts) for term in chain.rows]
            columns += [render.column(one, before) for one in owner]
            select = self._select(columns, facts, [])
            here = exp.EQ(this=render.column(ROW, facts), expression=render.column(ROW, before))
            select.set("joins", [exp.Join(this=exp.Table(this=render.name(before)), on=here)])
            last = name
            yield self._cte(last, select)
        for number, level in enumerate(chain.levels, 1):
            columns = [render.column(ROW)]
            columns += [render.column(self.plan.columns[term]) for term in level.carried]
            columns += [render.alias(writer.term(term), self.plan.columns[term]) for term in level.made]
            select = self._select(columns, last, level.made)
            last = f"{name}_{number}"
            yield self._cte(last, select)
        columns = [render.column(ROW)]
        columns += [render.alias(writer.term(term), self.plan.columns[term]) for term in chain.groups]
        select = self._select(columns, last, chain.groups)
        select.set("group", exp.Group(expressions=[render.column(ROW)]))
        yield self._cte(_groups(chain), select)

    def _select(self, columns: Sequence[Node], table: str, made: Sequence[Term]) -> exp.Select:
        select = exp.Select(expressions=list(columns))
        select.set("from_", exp.From(this=exp.Table(this=render.name(table))))
        if any(self._reads_parameter(term) for term in made):
            select.set("joins", [exp.Join(this=exp.Table(this=render.name(PARAMETERS)), kind="CROSS")])
        return select

    def _reads_parameter(self, top: Term) -> bool:
        stack = list(top.parts)
        while stack:
            term = stack.pop()
            if term.op == "param":
                return True
            if term not in self.plan.columns:
                stack.extend(term.parts)
        return False

    def _cte(self, name: str, select: Node) -> exp.CTE:
        cte = exp.CTE(this=select, alias=exp.TableAlias(this=render.name(name)))
        if len(self.plan.levels) > self.dialect.inlined:
            cte.set("materialized", True)
        return cte

    def _parameters(self) -> exp.Select:
        """One row."""
        return exp.Select(
            expressions=[
                render.alias(render.cast(render.number(value), self._holds(value), self.dialect), name)
                for name, value in self.parameters.values.items()
                if name in self.plan.arguments
            ]
        )

    def _holds(self, value: int) -> str:
        return self.dialect.wide if abs(value) > WORD else "BIGINT"

    def _facts(self, entity: str = "") -> exp.Select:
        """A row a case, or a related row: values without NULLs, and what is given."""
        key = self.layout.keys.get(entity, ROW)
        columns: list[Node] = [render.column(ROW) if key == ROW else render.alias(render.column(key), ROW)]
        fields = {one.name: one for one in self.layout.fields.values()}
        mine = [(str(term.args[0]), term) for term in self.plan.base if term.space == entity]
        columns += [render.alias(self._fact(fields, name, term), name) for name, term in mine]
        select = exp.Select(expressions=columns)
        select.set("from_", exp.From(this=exp.Table(this=render.name(self.source(entity)))))
        return select

    def _fact(self, fields: dict[str, Field], name: str, term: Term) -> Node:
        bare, _, suffix = name.rpartition(".")
        if suffix == "given" and bare in fields:
            raw = fields[bare].raw
            given = render.column(bare if raw is None else raw.column)
            return exp.Not(this=exp.Is(this=given, expression=exp.Null()))
        if suffix == "none" and bare in fields:
            return exp.Coalesce(this=render.column(name), expressions=[exp.Boolean(this=False)])
        node: Node = render.column(name)
        one = fields.get(name)
        if one is not None and one.raw is not None:
            node = render.raw(one.raw, one.kind, self.dialect)
        if term.kind == "int":
            kind = self.dialect.wide if term.wide else "BIGINT"
            node = render.cast(node, kind, self.dialect)
        if name not in fields or not (fields[name].open or fields[name].none):
            return node
        empty = {"int": render.number(0), "bool": exp.Boolean(this=False), "text": render.string("")}
        return exp.Coalesce(this=node, expressions=[empty[term.kind]])


def _groups(chain: Chain) -> str:
    return f"{chain.entity}_{chain.stage}_groups"


def _put_in_place(top: Node, ctes: Mapping[str, Node]) -> None:
    """Put subqueries where they are read."""
    stack = [top]
    while stack:
        select = stack.pop()
        for table in list(select.find_all(exp.Table)):
            if table.name in ctes:
                inner = ctes[table.name]
                stack.append(inner)
                place = exp.TableAlias(this=render.name(table.name))
                table.replace(exp.Subquery(this=inner, alias=place))
