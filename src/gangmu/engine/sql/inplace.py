"""Tables where they lie: which column is which input, and whether they can be taken as they are.

A table is taken as it is if every column that is read has the type of its input and no cell in it would have
been set aside: the checks of `gangmu.evidence` as one query of counts a table. Otherwise `NotInPlaceError`
says why, and the tables are read like other evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import pyarrow as pa
from sqlglot import exp

from gangmu.engine.sql import render
from gangmu.engine.sql.declared import clocks_on
from gangmu.engine.sql.dialects import Dialect
from gangmu.engine.sql.facts import Field, Layout, Raw
from gangmu.engine.sql.places import Warehouse
from gangmu.engine.sql.render import Node
from gangmu.evidence.cells import NOT_GIVEN
from gangmu.evidence.columns import STATED, Match, Place, entity_of, match_columns
from gangmu.evidence.sheets import Sheet
from gangmu.rulebook import model

LONGEST = 18  # digits of a decimal that stays in machine words
MOST_SCALE, MOST_DIGITS = 12, 36
FIRST_YEAR, LAST_YEAR = 1900, 2200
CODE_LENGTH = 18  # of a unified social credit code, which has check digits
_HARMLESS = ("owner", "document")


class NotInPlaceError(Exception):
    """Why tables cannot be taken as they lie."""


@dataclass(frozen=True, slots=True)
class Lying:
    """A table in a database, understood."""

    entity: str
    name: str
    schema: pa.Schema
    match: Match

    def column(self, position: int) -> str:
        """A column's name."""
        return str(self.schema.names[position])

    @property
    def key(self) -> str:
        """The column that says whose a row is."""
        return self.column(self.match.roles["owner"])


def lying_tables(warehouse: Warehouse, book: model.Rulebook) -> dict[str, Lying]:
    """The tables of a warehouse by entity. Raises `NotInPlaceError`."""
    found: dict[str, Lying] = {}
    for name in warehouse.names():
        entity = entity_of(name, book)
        if not entity:
            continue
        if entity == STATED or entity in found:
            raise NotInPlaceError(f"table {name}: stated figures, or a second table of {entity}")
        schema = warehouse.schema(name)
        empty = Sheet(name, name, tuple(schema.names), schema.empty_table(), pa.array([], pa.int64()))
        match = match_columns(empty, entity, book, {})
        if match.problems:
            raise NotInPlaceError(str(match.problems[0]))
        more = [role for role in match.roles if role not in _HARMLESS]
        if match.owner != model.ROOT or more:
            what = f"a column `{more[0]}`" if more else "no column `enterprise`"
            raise NotInPlaceError(f"table {name} has {what}")
        found[entity] = Lying(entity, name, schema, match)
    if model.ROOT not in found:
        raise NotInPlaceError("there is no table of enterprises")
    return found


def layout_of(
    book: model.Rulebook, tables: Mapping[str, Lying], rules: Iterable[model.Rule], day: date
) -> Layout:
    """How the tables hold what the rules read. Raises `NotInPlaceError`."""
    used = list(rules)
    fields: dict[str, Field] = {}
    for rule in used:
        table = tables.get(rule.entity)
        bare = rule.short.rpartition(".")[2]
        if rule.kind != "input" or table is None or bare not in table.match.fields:
            continue
        if rule.input.origins:
            raise NotInPlaceError(f"{rule.short} asks for an origin, which the table does not say")
        found = _field(rule, table, table.match.fields[bare])
        spec = book.entities.get(rule.entity)
        period = spec is not None and bare == spec.period
        fields[rule.name] = replace(found, open=not period)
    for entity in {rule.entity for rule in used} & set(tables) - {book.root}:
        needed = book.entities[entity].period
        if needed and needed not in tables[entity].match.fields:
            raise NotInPlaceError(f"table {tables[entity].name} has no {needed}")
    clocks, years = clocks_on(day)
    related = frozenset(tables) - {book.root}
    keys = {"" if name == book.root else name: table.key for name, table in tables.items()}
    return Layout(fields, clocks, (day,), related, years=years, keys=keys)


def _field(rule: model.Rule, table: Lying, place: Place) -> Field:
    """One typed column."""
    name, kind = table.column(place.position), table.schema.field(place.position).type
    raw, body = Raw(name), rule.input
    wrong = NotInPlaceError(f"table {table.name}: column {name} is {kind}, which is no {body.input}")
    if place.wrong_unit:
        raise NotInPlaceError(f"table {table.name}: {place.wrong_unit}")
    match body.input:
        case "number":
            factor = place.asked.factor if place.asked else body.factor
            return _number(rule, (name, kind), factor, wrong)
        case "year" if pa.types.is_integer(kind):
            return Field(rule.short, "number", 1, FIRST_YEAR, LAST_YEAR, none=False, raw=raw)
        case "date" if pa.types.is_date(kind):
            return Field(rule.short, "date", 1, 1, date.max.toordinal(), none=False, raw=raw)
        case "condition" if pa.types.is_boolean(kind):
            return Field(rule.short, "truth", none=False, raw=raw)
        case "code" | "text" if _is_text(kind):
            return Field(rule.short, "code", none=False, raw=raw)
    raise wrong


def _number(rule: model.Rule, column: tuple[str, pa.DataType], factor: Fraction, wrong: Exception) -> Field:
    name, kind = column
    scale, digits = 0, LONGEST + 1
    if pa.types.is_decimal(kind):
        scale, digits = kind.scale, kind.precision
    elif not pa.types.is_integer(kind):
        raise wrong
    if not 0 <= scale <= MOST_SCALE:
        raise wrong
    top = 10**digits * factor.numerator
    low = rule.input.range.lo
    least = 0 if low is not None and low >= 0 else -top
    times = 10**scale * factor.numerator
    if digits + len(str(times)) > MOST_DIGITS:
        raise wrong
    raw = Raw(name, times, integer=scale == 0 and not pa.types.is_decimal(kind))
    return Field(rule.short, "number", 10**scale * factor.denominator, least, top, none=False, raw=raw)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


# ---------------------------------------------------------------------- checks


def check_cells(
    warehouse: Warehouse, book: model.Rulebook, tables: Mapping[str, Lying], layout: Layout
) -> None:
    """Ask whether any row or cell would be set aside. Raises `NotInPlaceError` with the first reason."""
    for entity, table in tables.items():
        faults = _faults(book, table, layout, warehouse.dialect)
        query = exp.Select(
            expressions=[
                render.alias(exp.Count(this=render.case([(test, render.number(1))], None)), f"fault {number}")
                for number, (_, test) in enumerate(faults)
            ]
        )
        query.set("from_", exp.From(this=exp.Table(this=render.name(table.name))))
        counted = warehouse.run(render.text_of(query, warehouse.dialect))
        for number, (what, _) in enumerate(faults):
            if counted[f"fault {number}"][0]:
                raise NotInPlaceError(f"table {table.name}: {what}")
        _check_rows(warehouse, book, table, tables[book.root] if entity != book.root else None)


def _faults(book: model.Rulebook, table: Lying, layout: Layout, dialect: Dialect) -> list[tuple[str, Node]]:
    key = render.column(table.key)
    text = render.cast(render.column(table.key), dialect.text, dialect)
    words = [*NOT_GIVEN, *model.NONE_WORDS]
    found: list[tuple[str, Node]] = [
        ("a row without a key", exp.Is(this=key, expression=exp.Null())),
        ("a key that is no key", _in(text, words)),
        ("a key with blanks around", exp.NEQ(this=text.copy(), expression=exp.Trim(this=text.copy()))),
        (
            "keys like credit codes",
            exp.EQ(this=exp.Length(this=text.copy()), expression=render.number(CODE_LENGTH)),
        ),
    ]
    for bare, rule in book.inputs_of(table.entity).items():
        field = layout.fields.get(rule.name)
        if field is None or field.raw is None:
            continue
        cell = render.column(field.raw.column)
        tests = _cell_faults(rule, field, cell, dialect)
        if not field.open:
            tests.append(exp.Is(this=cell.copy(), expression=exp.Null()))
        found += [(f"a cell of {bare} that would be set aside", test) for test in tests]
    return found


def _cell_faults(rule: model.Rule, field: Field, cell: Node, dialect: Dialect) -> list[Node]:
    body = rule.input
    if field.kind == "number":
        lo, hi = (body.range.lo, body.range.hi) if body.input == "number" else (field.lo, field.hi)
        raw = Raw("") if field.raw is None else field.raw
        tests: list[Node] = []
        whole = render.raw(raw, "number", dialect)
        for limit, kind in ((lo, exp.LT), (hi, exp.GT)):
            if limit is not None:
                bound = Fraction(limit) * field.den
                scaled = exp.Mul(
                    this=exp.Paren(this=whole.copy()), expression=render.number(bound.denominator)
                )
                tests.append(kind(this=exp.Paren(this=scaled), expression=render.number(bound.numerator)))
        return tests
    if field.kind != "code":
        return []
    tests = [_in(cell, [*NOT_GIVEN, *model.NONE_WORDS])]
    tests.append(exp.NEQ(this=cell.copy(), expression=exp.Trim(this=cell.copy())))
    if body.options:
        tests.append(exp.Not(this=_in(cell.copy(), list(body.options))))
    elif body.pattern:
        whole = render.string(f"^(?:{body.pattern})$")
        tests.append(exp.Not(this=exp.Paren(this=exp.RegexpLike(this=cell.copy(), expression=whole))))
    return tests


def _in(node: Node, words: Sequence[str]) -> Node:
    return exp.In(this=node, expressions=[render.string(word) for word in words])


def _check_rows(warehouse: Warehouse, book: model.Rulebook, table: Lying, root: Lying | None) -> None:
    """No row twice, and none without an owner."""
    same = [table.key]
    if root is not None:
        spec = book.entities[table.entity]
        places = [
            table.match.fields[name].position
            for name in (spec.period, spec.key)
            if name in table.match.fields
        ]
        same += [table.column(place) for place in places]
    if root is None or len(same) > 1:
        twice = exp.Select(expressions=[render.alias(exp.Count(this=exp.Star()), "count")])
        twice.set("from_", exp.From(this=exp.Table(this=render.name(table.name))))
        twice.set("group", exp.Group(expressions=[render.column(name) for name in same]))
        outer = exp.Select(expressions=[render.alias(exp.Max(this=render.column("count")), "most")])
        place = exp.TableAlias(this=render.name("groups"))
        outer.set("from_", exp.From(this=exp.Subquery(this=twice, alias=place)))
        most = warehouse.run(render.text_of(outer, warehouse.dialect))["most"][0]
        if most is not None and int(str(most)) > 1:
            raise NotInPlaceError(f"table {table.name}: a row is given more than once")
    if root is not None:
        lost = exp.Select(expressions=[render.alias(exp.Count(this=exp.Star()), "count")])
        lost.set("from_", exp.From(this=exp.Table(this=render.name(table.name))))
        here = exp.EQ(
            this=render.column(table.key, table.name), expression=render.column(root.key, root.name)
        )
        lost.set("joins", [exp.Join(this=exp.Table(this=render.name(root.name)), side="LEFT", on=here)])
        lost.set(
            "where", exp.Where(this=exp.Is(this=render.column(root.key, root.name), expression=exp.Null()))
        )
        if warehouse.run(render.text_of(lost, warehouse.dialect))["count"][0]:
            raise NotInPlaceError(f"table {table.name}: a row whose enterprise is not in {root.name}")


def rows_of(warehouse: Warehouse, table: Lying, keys: Sequence[object]) -> pa.Table:
    """The rows of some enterprises."""
    select = exp.Select(expressions=[exp.Star()])
    select.set("from_", exp.From(this=exp.Table(this=render.name(table.name))))
    listed = [render.number(key) if isinstance(key, int) else render.string(str(key)) for key in keys]
    select.set("where", exp.Where(this=exp.In(this=render.column(table.key), expressions=listed)))
    return pa.table(dict(warehouse.run(render.text_of(select, warehouse.dialect))))
