"""Which cases have evidence that might hold a finding: found in columns, so that only those are looked into.

A finding is noted when the interpreter reads the fact. Here is where it could: a fact of an origin that its
input does not allow, facts of two origins that differ, a stated figure beside the rows it could be worked
out from. A suspect need not hold a finding; a case that is none holds none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.evidence.cases import Evidence
from gangmu.evidence.place import CASE
from gangmu.evidence.rows import NONE
from gangmu.rulebook import model
from gangmu.rulebook.graph import graph_of

_NONE = -2  # in place of a value's number: said not to exist


def suspects(book: model.Rulebook, evidence: Evidence, names: Iterable[str]) -> list[int]:
    """The places of the cases that might hold a finding when these rules (full names) are asked."""
    rules = [book.rules[name] for name in sorted(graph_of(book).below(names))]
    found: set[int] = set(_stated(evidence, rules))
    for entity, table in evidence.tables.items():
        fields = {
            field: rule
            for rule in rules
            if rule.kind == "input" and rule.entity == entity
            and (field := rule.short.rpartition(".")[2]) in table.column_names
        }  # fmt: skip
        found.update(_barred(table, fields))
        if entity == book.root:
            found.update(_differing(table, fields, [CASE], len(evidence)))
        elif entity in book.entities:
            spec = book.entities[entity]
            same = [name for name in (spec.period, spec.key) if name in table.column_names]
            if same and (not spec.key or spec.key in same):
                found.update(_differing(_with_key(table, spec), fields, [CASE, *same], None))
    return sorted(found)


def _stated(evidence: Evidence, rules: Sequence[model.Rule]) -> Iterator[int]:
    """Cases of which a figure is stated that one of the rules may take."""
    if evidence.stated:
        names = {
            rule.name
            for rule in rules
            if any(
                isinstance(edition.body, model.Formula) and edition.body.stated for edition in rule.editions
            )
        }
        yield from (case for case, told in evidence.stated.items() if any(one.rule in names for one in told))


def _barred(table: pa.Table, fields: dict[str, model.Rule]) -> Iterator[int]:
    """Cases with a fact of an origin that is not allowed."""
    for name, rule in fields.items():
        if rule.input.origins:
            given = pc.is_valid(table.column(name))
            if name + NONE in table.column_names:
                given = pc.or_(given, pc.fill_null(table.column(name + NONE), fill_value=False))
            allowed = pc.is_in(table.column("_origin"), value_set=pa.array(rule.input.origins))
            yield from pc.unique(table.column(CASE).filter(pc.and_not(given, allowed))).to_pylist()


def _with_key(table: pa.Table, entity: model.Entity) -> pa.Table:
    """Rows that can be the same as others: those that have their key."""
    return table.filter(pc.is_valid(table.column(entity.key))) if entity.key else table


def _differing(
    table: pa.Table, fields: dict[str, model.Rule], same: list[str], cases: int | None
) -> Iterator[int]:
    """Cases in which rows that speak of the same thing give a field differently."""
    if table.num_rows == cases or (cases is None and len(pc.unique(table.column("_origin"))) <= 1):
        return
    coded = {name: _numbers(table, name) for name in fields}
    keys = {f"={place}": _numbers(table, name) for place, name in enumerate(same)}
    ends = [(name, end) for name in coded for end in ("min", "max")]
    groups = pa.table({**coded, **keys}).group_by(list(keys)).aggregate(ends)
    for name in coded:
        differ = pc.not_equal(groups.column(f"{name}_min"), groups.column(f"{name}_max"))
        yield from pc.unique(groups.column("=0").filter(pc.fill_null(differ, fill_value=False))).to_pylist()


def _numbers(table: pa.Table, name: str) -> pa.Array:
    """A column's values as numbers of their own; null where nothing is given."""
    column = table.column(name)
    if name == CASE:
        return column
    indices = column.combine_chunks().dictionary_encode().indices
    if name + NONE in table.column_names:
        none = pc.fill_null(table.column(name + NONE), fill_value=False)
        indices = pc.if_else(none, pa.scalar(_NONE, indices.type), indices)
    return indices
