"""Evidence as plain tables: whole numbers, ordinals, truth values and texts, a row a case.

A case that has several rows in the enterprise table, a fact known only from a day on, a stated figure, or a
number too long for any column, is for the interpreter: those are few.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.engine.rows import YEARS_BACK
from gangmu.engine.sql.facts import ROW, Field, Layout
from gangmu.engine.sql.terms import WORD
from gangmu.evidence.cases import Evidence
from gangmu.evidence.place import CASE
from gangmu.evidence.rows import NONE
from gangmu.rulebook import model
from gangmu.rulebook.graph import graph_of

_DIGITS = 38
_TO_ORDINAL = date(1970, 1, 1).toordinal()
_BYTE = 8
_YEAR_END = (12, 31)


@dataclass(slots=True)
class Shaped:
    """Tables by entity (the root's under its name), how they are laid out, and the cases left out of them."""

    tables: dict[str, pa.Table]
    layout: Layout
    days: Sequence[date]
    hard: set[int] = field(default_factory=set)


def shape(
    book: model.Rulebook, evidence: Evidence, rules: Iterable[model.Rule], days: Sequence[date]
) -> Shaped:
    """The tables that `rules` read, each case on its day."""
    used = list(rules)
    hard = set(_unlike(evidence)) | _told(evidence, used)
    fields: dict[str, Field] = {}
    columns: dict[str, pa.Array] = {ROW: pa.array(range(len(evidence)), pa.int64())}
    place = _first_rows(evidence.tables[book.root], len(evidence))
    for rule in used:
        if rule.kind == "input" and rule.entity == book.root:
            found = _column(rule, evidence.tables[book.root], place, rule.short)
            if found is not None:
                fields[rule.name], made, beyond = found
                columns |= made
                hard.update(beyond)
    tables: dict[str, pa.Table] = {}
    settled = set()
    for entity in dict.fromkeys(rule.entity for rule in used if rule.entity != book.root):
        if entity in evidence.completeness:
            settled.add(entity)
            columns[f"{entity}.partial"] = pc.equal(evidence.completeness[entity], "partial")
        if entity in evidence.tables:
            inputs = [rule for rule in used if rule.kind == "input" and rule.entity == entity]
            tables[entity], more = _related(book.entities[entity], evidence.tables[entity], inputs, hard)
            fields |= more
    clocks, years = _clocks(evidence, days, columns)
    related = frozenset(tables)
    tables[book.root] = pa.table(columns)
    turns = {bisect_right(graph_of(book).turns, day): day for day in days}
    told = tuple(turns.values()) or (date.min,)
    layout = Layout(fields, clocks, told, related, frozenset(settled), years)
    return Shaped(tables, layout, days, hard)


def _related(
    entity: model.Entity, table: pa.Table, inputs: Iterable[model.Rule], hard: set[int]
) -> tuple[pa.Table, dict[str, Field]]:
    """The rows of an entity, each under its case; cases whose rows need the interpreter become `hard`."""
    cases = table.column(CASE).combine_chunks()
    known = table.column("_known_on").combine_chunks()
    if known.null_count < len(known):
        hard.update(pc.filter(cases, pc.is_valid(known)).to_pylist())
    hard.update(_of_several_origins(entity, table))
    columns: dict[str, pa.Array] = {ROW: cases.cast(pa.int64())}
    fields: dict[str, Field] = {}
    for rule in inputs:
        found = _column(rule, table, None, rule.short)
        if found is not None:
            fields[rule.name], made, beyond = found
            columns |= made
            hard.update(cases.take(pa.array(beyond, pa.int64())).to_pylist())
    return pa.table(columns), fields


def _of_several_origins(entity: model.Entity, table: pa.Table) -> Iterable[int]:
    """Cases in which one row is given more than once, with different origins."""
    told = [CASE, *(name for name in (entity.period, entity.key) if name)]
    if len(told) == 1 or not set(told) <= set(table.column_names):
        return []
    slim = table.select(told)
    if entity.key:
        slim = slim.filter(pc.is_valid(slim.column(entity.key)))
    counted = slim.group_by(told).aggregate([([], "count_all")])
    several = counted.filter(pc.greater(counted.column("count_all"), 1))
    cases: list[int] = several.column(CASE).to_pylist()
    return cases


def _clocks(
    evidence: Evidence, days: Sequence[date], columns: dict[str, pa.Array]
) -> tuple[dict[str, int | tuple[int, int]], int]:
    """The clocks of the cases, and how many fiscal years are told apart."""
    stated = evidence.base_year.to_pylist()
    base = [year or day.year for year, day in zip(stated, days, strict=True)]
    closed = [day.year if (day.month, day.day) == _YEAR_END else day.year - 1 for day in days]
    first = [min(year, day.year) - YEARS_BACK for year, day in zip(base, days, strict=True)]
    lists = {
        "as_of": [day.toordinal() for day in days], "base_year": base, "closed_year": closed,
        "first_year": first,
    }  # fmt: skip
    years = max((last - start + 1 for last, start in zip(closed, first, strict=True)), default=0)
    return {name: _clock(name, values, columns) for name, values in lists.items()}, years


def _clock(name: str, values: list[int], columns: dict[str, pa.Array]) -> int | tuple[int, int]:
    """One value if all agree, else a column."""
    if len(set(values)) <= 1:
        return values[0] if values else 1
    columns[name] = pa.array(values, pa.int64())
    return min(values), max(values)


def _first_rows(table: pa.Table, length: int) -> pa.Array | None:
    """The first row of each case; None if every case has one, in order."""
    cases = table.column(CASE).combine_chunks()
    every = pa.array(range(length), cases.type)
    if len(cases) == length and pc.all(pc.equal(cases, every)).as_py() is not False:
        return None
    return pc.index_in(every, value_set=cases)


def _unlike(evidence: Evidence) -> Iterable[int]:
    """Cases with several rows, or with a day from which a fact is known."""
    table = evidence.tables[model.ROOT]
    cases = table.column(CASE).combine_chunks()
    if len(cases) != len(evidence):
        counted = pc.value_counts(cases)
        several = pc.greater(counted.field("counts"), 1)
        yield from pc.filter(counted.field("values"), several).to_pylist()
    known = table.column("_known_on").combine_chunks()
    if known.null_count < len(known):
        yield from pc.filter(cases, pc.is_valid(known)).to_pylist()


def _told(evidence: Evidence, rules: Iterable[model.Rule]) -> set[int]:
    """Cases with a figure that is stated for one of the rules."""
    names = {
        rule.name
        for rule in rules
        for edition in rule.editions
        if isinstance(edition.body, model.Formula) and edition.body.stated
    }
    return {case for case, figures in evidence.stated.items() if any(one.rule in names for one in figures)}


Found = tuple[Field, dict[str, pa.Array], list[int]]


def _column(rule: model.Rule, table: pa.Table, place: pa.Array | None, name: str) -> Found | None:
    """The field of an input, its columns, and the rows that do not fit."""
    bare = rule.short.rpartition(".")[2]
    if bare not in table.column_names:
        return None
    array = _whole(table.column(bare))
    none = _whole(table.column(bare + NONE)) if bare + NONE in table.column_names else None
    if rule.input.origins:
        allowed = pc.is_in(_whole(table.column("_origin")), value_set=pa.array(rule.input.origins))
        array = pc.if_else(allowed, array, pa.scalar(None, array.type))
        none = None if none is None else pc.and_(none, allowed)
    if place is not None:
        array = array.take(place)
        none = None if none is None else none.take(place)
    said = none is not None and pc.any(none).as_py() is True
    columns: dict[str, pa.Array] = {}
    if said:
        columns[f"{name}.none"] = pc.and_(pc.fill_null(none, fill_value=False), pc.is_null(array))
    values, den, beyond = _values(rule, array)
    columns[name] = values
    counted = pa.types.is_integer(values.type) or pa.types.is_decimal(values.type)
    lo, hi = _range(values) if counted else (0, 0)
    kind = {"number": "number", "year": "number", "date": "date", "condition": "truth", "code": "code"}
    shape_ = kind.get(rule.input.input, "text")
    opened = array.null_count > (pc.sum(columns[f"{name}.none"]).as_py() if said else 0)
    return Field(name, shape_, den, lo, hi, opened, said), columns, beyond  # type: ignore[arg-type]


def _whole(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return pa.concat_arrays(found.chunks) if isinstance(found, pa.ChunkedArray) else found


def _values(rule: model.Rule, array: pa.Array) -> tuple[pa.Array, int, list[int]]:
    """Values as whole numbers over a denominator, ordinals, truth values or texts; rows that do not fit."""
    match rule.input.input:
        case "number":
            return _scaled(array)
        case "year":
            return array.cast(pa.int64()), 1, []
        case "date":
            return pc.add(array.cast(pa.int32()).cast(pa.int64()), _TO_ORDINAL), 1, []
    return array, 1, []


def _scaled(array: pa.Array) -> tuple[pa.Array, int, list[int]]:
    """Decimals as whole numbers."""
    if not pa.types.is_decimal(array.type):
        return array.cast(pa.int64()), 1, []
    scale, beyond = array.type.scale, []
    if pa.types.is_decimal256(array.type):
        top = pa.array([10 ** (_DIGITS - 1)], pa.decimal256(76, 0))
        raw = pa.Array.from_buffers(pa.decimal256(76, 0), len(array), array.buffers(), offset=array.offset)
        large = pc.fill_null(pc.greater_equal(pc.abs(raw), top[0]), fill_value=False)
        beyond = pc.indices_nonzero(large).to_pylist()
        whole = pc.if_else(large, pa.scalar(None, raw.type), raw).cast(pa.decimal128(_DIGITS, 0))
    else:
        buffers = array.cast(pa.decimal128(_DIGITS, scale))
        whole = pa.Array.from_buffers(
            pa.decimal128(_DIGITS, 0), len(buffers), buffers.buffers(), offset=buffers.offset
        )
    lo, hi = _range(whole)
    if lo >= -WORD and hi <= WORD:
        whole = whole.cast(pa.int64())
    return whole, 10**scale, beyond


def _range(values: pa.Array) -> tuple[int, int]:
    """The range of whole numbers, rounded outwards to whole bytes, so that queries do not follow data."""
    ends = pc.min_max(values).as_py()
    least, most = int(ends["min"] or 0), int(ends["max"] or 0)

    def up(value: int) -> int:
        return (1 << (-(-value.bit_length() // _BYTE) * _BYTE)) - 1 if value else 0

    lo, hi = (-up(-least) if least < 0 else 0), (up(most) if most > 0 else 0)
    if least >= -WORD and most <= WORD:
        lo, hi = max(lo, -WORD), min(hi, WORD)
    return lo, hi
