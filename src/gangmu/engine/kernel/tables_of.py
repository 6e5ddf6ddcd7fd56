"""The tables of a body of evidence, as the kernel takes them: a row a case, and what it leaves alone.

A case that has several rows in the enterprise table, a fact known only from a day on, or a stated figure, is
for the interpreter: those are few, and their rules are many.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gangmu.engine.kernel.atoms import Atoms
from gangmu.engine.kernel.columns import Array, Column, column_of
from gangmu.engine.kernel.plan import Below
from gangmu.evidence.cases import Evidence
from gangmu.evidence.place import CASE
from gangmu.evidence.rows import NONE
from gangmu.rulebook import model


@dataclass(slots=True)
class Tables:
    """Columns of the owner by full name of input, and rows that are for the interpreter."""

    length: int
    columns: Mapping[str, Column]
    hard: list[Array] = field(default_factory=list)

    def take(self, rows: Array) -> Tables:
        """Some rows."""
        columns = {name: taken(column, rows) for name, column in self.columns.items()}
        return Tables(len(rows), columns, [mask[rows] for mask in self.hard])


def taken(column: Column, rows: Array) -> Column:
    """Some rows of a column."""
    if column.kind == "text":
        return replace(column, state=None if column.state is None else column.state[rows])
    return replace(
        column, values=np.ascontiguousarray(column.values[rows]),
        state=None if column.state is None else np.ascontiguousarray(column.state[rows]),
        hard=None if column.hard is None else column.hard[rows],
    )  # fmt: skip


def read_tables(book: model.Rulebook, evidence: Evidence, used: Below, atoms: Atoms) -> Tables:
    """The columns of the inputs read, one row a case."""
    length = len(evidence)
    table = evidence.tables[book.root]
    cases = table.column(CASE).to_numpy()
    first = np.full(length, -1, np.int64)
    first[cases[::-1]] = np.arange(len(cases))[::-1]
    several = np.bincount(cases, minlength=length) > 1
    hard = [several] if several.any() else []
    known = table.column("_known_on")
    if known.null_count < len(known):
        late = np.zeros(length, bool)
        late[cases[known.is_valid().to_numpy()]] = True
        hard.append(late)
    names = used.stated()
    told = [case for case, figures in evidence.stated.items() if any(f.rule in names for f in figures)]
    if told:
        mask = np.zeros(length, bool)
        mask[told] = True
        hard.append(mask)
    columns = {}
    for rule in used.inputs:
        if rule.entity == book.root:
            column = _column(rule, table, first, atoms)
            if column is not None:
                columns[rule.name] = column
    return Tables(length, columns, hard)


def _column(rule: model.Rule, table: pa.Table, rows: Array, atoms: Atoms) -> Column | None:
    name = rule.short.rpartition(".")[2]
    if name not in table.column_names:
        return None
    array, none = _chunk(table.column(name)), None
    if name + NONE in table.column_names:
        none = _chunk(table.column(name + NONE))
    if rule.input.origins:
        allowed = pc.is_in(_chunk(table.column("_origin")), value_set=pa.array(rule.input.origins))
        array = pc.if_else(allowed, array, pa.scalar(None, array.type))
        none = None if none is None else pc.and_(none, allowed)
    if len(rows) != len(array) or (rows != np.arange(len(rows))).any():
        places = pa.array(rows, mask=rows < 0)
        array = array.take(places)
        none = None if none is None else none.take(places)
    return column_of(rule, array, none, atoms)


def _chunk(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return pa.concat_arrays(found.chunks) if isinstance(found, pa.ChunkedArray) else found
