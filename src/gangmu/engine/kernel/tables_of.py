"""The tables of a body of evidence, as the kernel takes them: a row a case, related rows sorted by owner.

Of several rows that speak of the same thing each fact is taken from the strongest origin known on the day
(`chosen`). A figure that a source states for a rule is a column under the rule's own name.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gangmu.engine.kernel.atoms import Families
from gangmu.engine.kernel.chosen import Groups, groups_of, strengths
from gangmu.engine.kernel.columns import GIVEN, MISSING, Array, Column, column_of, number_column
from gangmu.engine.kernel.lines import Related, none_given, taken
from gangmu.engine.kernel.plan import Below
from gangmu.evidence.cases import Evidence
from gangmu.evidence.place import CASE
from gangmu.evidence.rows import NONE
from gangmu.rulebook import model
from gangmu.rulebook.types import CodeType, LevelType

_TOP = 2**61
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(slots=True)
class Tables:
    """Columns of the owner by full name of input, its related rows, and rows that are for the interpreter."""

    length: int
    columns: Mapping[str, Column]
    hard: list[Array] = field(default_factory=list)
    related: Mapping[str, Related] = field(default_factory=dict)

    def take(self, rows: Array) -> Tables:
        """Some rows."""
        columns = {name: taken(column, rows) for name, column in self.columns.items()}
        related = {name: one.take(rows, self.length) for name, one in self.related.items()}
        return Tables(len(rows), columns, [mask[rows] for mask in self.hard], related)


def read_tables(
    book: model.Rulebook, evidence: Evidence, used: Below, families: Families, as_of: Array
) -> Tables:
    """The columns of the inputs read, and the related rows visible; `as_of`: a day for all or one each."""
    length = len(evidence)
    table = evidence.tables[book.root]
    cases = table.column(CASE).to_numpy()
    origin, known = _chunk(table.column("_origin")), _known(table, cases, as_of)
    plain = len(cases) == length and bool((cases == np.arange(length)).all())
    groups = Groups(length, cases, None if plain else strengths(origin), known, origin)
    columns = _columns(book.root, used, evidence, groups, families)
    related = {name: _related(book, evidence, name, used, families, as_of) for name in used.entities}
    stated, hard = _stated(evidence, used, as_of)
    return Tables(length, columns | stated, hard, related)


def _stated(evidence: Evidence, used: Below, as_of: Array) -> tuple[dict[str, Column], list[Array]]:
    """A column for each rule of which some case has a stated figure, and cases where one does not fit."""
    columns: dict[str, Column] = {}
    hard: list[Array] = []
    for name in sorted(used.stated()):
        figures = {case: _figure(evidence, case, name, as_of) for case in evidence.stated}
        told = {case: number for case, number in figures.items() if number is not None}
        if not told:
            continue
        den = math.lcm(*(number.denominator for number in told.values()))
        values = np.zeros(len(evidence), np.int64)
        state = np.full(len(evidence), MISSING, np.uint8)
        lost = np.zeros(len(evidence), bool)
        for case, number in told.items():
            whole = int(number * den)
            lost[case] = abs(whole) >= _TOP
            values[case], state[case] = (0, MISSING) if lost[case] else (whole, GIVEN)
        columns[name] = number_column(values, den, state)
        if lost.any():
            hard.append(lost)
    return columns, hard


def _figure(evidence: Evidence, case: int, rule: str, as_of: Array) -> Fraction | None:
    """The figure stated of a rule for a case's base year, if it is a number known by the day."""
    day = date.fromordinal(int(as_of[case] if len(as_of) > 1 else as_of[0]))
    base = evidence.base_year[case].as_py() or day.year
    mine = (f for f in evidence.stated[case] if f.rule == rule and f.base_year in (0, base))
    figure = next(mine, None)
    if figure is None or not isinstance(figure.fact.value, Fraction):
        return None
    known = figure.fact.known_on
    return figure.fact.value if known is None or known <= day else None


def _known(table: pa.Table, cases: Array, as_of: Array) -> Array | None:
    """Rows known on the day that counts for their case (None: all)."""
    column = table.column("_known_on")
    if column.null_count == len(column):
        return None
    days = pc.fill_null(_chunk(column).cast(pa.int32()), -_EPOCH).to_numpy(zero_copy_only=False)
    found: Array = days + _EPOCH <= (as_of[cases] if len(as_of) > 1 else as_of)
    return None if found.all() else found


def _columns(
    entity: str, used: Below, evidence: Evidence, groups: Groups, families: Families
) -> dict[str, Column]:  # fmt: skip
    """Columns by full name of input; kept with the evidence, so that the next question finds them."""
    columns = {}
    for rule in used.inputs:
        if rule.entity == entity:
            coded = families.of(rule.name).key if isinstance(rule.type, CodeType | LevelType) else None
            key = ("kernel", id(rule), coded)
            if groups.known is not None:
                found = _column(rule, evidence.tables[entity], groups, families)
            elif key in evidence.kept:
                _, found = evidence.kept[key]
            else:
                found = _column(rule, evidence.tables[entity], groups, families)
                evidence.kept[key] = (rule, found)  # the rule as well, so that its id stays its own
            if found is not None:
                columns[rule.name] = found
    return columns


def _column(rule: model.Rule, table: pa.Table, groups: Groups, families: Families) -> Column | None:
    name = rule.short.rpartition(".")[2]
    if name not in table.column_names:
        return None
    array, none = _chunk(table.column(name)), None
    if name + NONE in table.column_names:
        none = _chunk(table.column(name + NONE))
    origins = rule.input.origins
    if origins or not groups.single() or groups.known is not None:
        rows = groups.pick(_told(array, none), origins)
        places = pa.array(rows, mask=rows < 0)
        array = array.take(places)
        none = None if none is None else none.take(places)
    return column_of(rule, array, none, families)


def _told(array: pa.Array, none: pa.Array | None) -> Array:
    """The rows that give a value, or say that there is none."""
    told = pc.is_valid(array)
    if none is not None:
        told = pc.or_(told, pc.fill_null(none, fill_value=False))
    found: Array = told.to_numpy(zero_copy_only=False)
    return found


def _chunk(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return pa.concat_arrays(found.chunks) if isinstance(found, pa.ChunkedArray) else found


# ---------------------------------------------------------------------- related rows


def _related(  # noqa: PLR0917  one call, all that it needs
    book: model.Rulebook, evidence: Evidence, name: str, used: Below, families: Families, as_of: Array
) -> Related:
    """The rows of one entity that are visible, those of one period and key as one."""
    entity, closed = book.entities[name], _closed(evidence, name)
    table = evidence.tables.get(name)
    if table is None or table.num_rows == 0:
        return replace(none_given(entity), closed=closed)
    cases = table.column(CASE).to_numpy()
    origin, known = _chunk(table.column("_origin")), _known(table, cases, as_of)
    groups = _groups(table, entity, cases, origin, known)
    first = groups.first()
    owner = cases[first].astype(np.int32)
    period = _periods(table, entity, first)
    seen = _seen(table, evidence.inputs[name], groups)
    if period is not None:
        limit = _limits(entity, as_of)
        seen &= period <= (limit[owner] if len(limit) > 1 else limit)
    columns = _columns(name, used, evidence, groups, families)
    if seen.all():
        return Related(entity, owner, columns, period, closed)
    kept = np.flatnonzero(seen)
    return Related(
        entity, owner[kept], {n: taken(c, kept) for n, c in columns.items()},
        None if period is None else period[kept], closed,
    )  # fmt: skip


def _closed(evidence: Evidence, entity: str) -> Array | None:
    """Cases whose list of rows is complete, or empty."""
    if entity not in evidence.completeness:
        return None
    told = pc.not_equal(evidence.completeness[entity], "partial")
    found: Array = told.to_numpy(zero_copy_only=False)
    return found


def _groups(
    table: pa.Table, entity: model.Entity, cases: Array, origin: pa.Array, known: Array | None
) -> Groups:
    """Rows of one owner, period and key (they differ in origin) as one; a row without its key for itself."""
    alone = Groups(len(cases), np.arange(len(cases)), None, known, origin)
    names = [name for name in (entity.period, entity.key) if name]
    if not names or len(pc.unique(origin)) <= 1 or (entity.key and entity.key not in table.column_names):
        return alone
    same = cases.astype(np.int64)
    for name in names:
        coded = _chunk(table.column(name)).dictionary_encode()
        same = same * (len(coded.dictionary) + 1) + pc.fill_null(coded.indices, -1).to_numpy() + 1
    if entity.key:
        keyless = np.flatnonzero(pc.is_null(_chunk(table.column(entity.key))).to_numpy(zero_copy_only=False))
        same[keyless] = -1 - np.arange(len(keyless))
    return groups_of(same, origin, known)


def _periods(table: pa.Table, entity: model.Entity, rows: Array) -> Array | None:
    """The day (as an ordinal) or fiscal year of each row."""
    if not entity.period:
        return None
    days = _chunk(table.column(entity.period)).cast(pa.int32()).to_numpy()[rows]
    found: Array = days + np.int32(_EPOCH) if entity.period_kind == "date" else days
    return found


def _limits(entity: model.Entity, as_of: Array) -> Array:
    """Up to which day or fiscal year rows are visible."""
    if entity.period_kind == "date":
        return as_of
    days, place = np.unique(as_of, return_inverse=True)
    years = [(day.year, (day.month, day.day) == (12, 31)) for day in map(date.fromordinal, days.tolist())]
    return np.array([year if closed else year - 1 for year, closed in years], np.int64)[place]


def _seen(table: pa.Table, inputs: Iterable[str], groups: Groups) -> Array:
    """The groups of which something was known by the day, or nothing is said at all."""
    if groups.known is None:
        return np.ones(groups.count, bool)
    told = np.zeros(len(groups.group), bool)
    for name in inputs:
        if name in table.column_names:
            none = _chunk(table.column(name + NONE)) if name + NONE in table.column_names else None
            told |= _told(_chunk(table.column(name)), none)
    some, early = np.zeros(groups.count, bool), np.zeros(groups.count, bool)
    some[groups.group[told]] = True
    early[groups.group[told & groups.known]] = True
    return early | ~some
