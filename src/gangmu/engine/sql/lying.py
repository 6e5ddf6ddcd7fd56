"""Answers over tables where they lie: one query; only the cases that it leaves are fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from gangmu.engine.assess import answers_of
from gangmu.engine.assessed import Assessed, Made
from gangmu.engine.interpreter import Run
from gangmu.engine.outcomes import Answer, Listed
from gangmu.engine.sql.facts import ROW
from gangmu.engine.sql.inplace import Lying, check_cells, layout_of, lying_tables, rows_of
from gangmu.engine.sql.outputs import read_answer
from gangmu.engine.sql.places import Warehouse
from gangmu.engine.sql.query import build
from gangmu.engine.sql.staged import run_query
from gangmu.evidence.facts import Case
from gangmu.evidence.read import read_evidence
from gangmu.rulebook import model
from gangmu.rulebook.graph import graph_of


@dataclass(slots=True)
class _Cases:
    """Cases of a warehouse, fetched one at a time when they are asked for."""

    warehouse: Warehouse
    book: model.Rulebook
    tables: Mapping[str, Lying]
    keys: Sequence[object]
    kept: dict[int, Case] = field(default_factory=dict)

    def at(self, place: int) -> Case:
        """The case of a row of the answers."""
        if place not in self.kept:
            key = self.keys[place]
            found = {table.name: rows_of(self.warehouse, table, [key]) for table in self.tables.values()}
            given = {name: rows for name, rows in found.items() if rows.num_rows}
            self.kept[place] = read_evidence(given, self.book).case(str(key))
        return self.kept[place]


def assess_lying(book: model.Rulebook, warehouse: Warehouse, names: Sequence[str], day: date) -> Assessed:
    """Answer rules (full names) for every enterprise of a warehouse on one day, in the order of their keys.

    Raises `NotInPlaceError` if its tables cannot be taken as they are.
    """
    reached = graph_of(book).below(names)
    used = [rule for name, rule in book.rules.items() if name in reached]
    tables = lying_tables(warehouse, book)
    read = {rule.entity for rule in used} | {book.root}
    tables = {entity: table for entity, table in tables.items() if entity in read}
    layout = layout_of(book, tables, used, day)
    check_cells(warehouse, book, tables, layout)
    query = build(book, names, layout, warehouse.dialect, lambda entity: tables[entity or book.root].name)
    found: Mapping[str, Sequence[object]] = {}
    if query.written:
        found = run_query(query, warehouse)
    keys = list(found[ROW]) if found else list(warehouse.read(tables[book.root].name).column(0).to_pylist())
    order = sorted(range(len(keys)), key=lambda row: str(keys[row]))
    cases = _Cases(warehouse, book, tables, [keys[row] for row in order])
    columns: dict[str, list[Answer | None]] = {name: [None] * len(order) for name in names}
    for name, written in query.written.items():
        held = [column for column in written.names.values() if column in found]
        columns[name] = [read_answer(written, {one: found[one][row] for one in held}) for row in order]
    interpreted = _interpret(book, columns, cases, day)
    stats = {"rows": len(order), "interpreter": interpreted}
    made = Made("sql", f"{warehouse.dialect.name} in place", stats, dict(query.refused))
    return Assessed(
        pa.array([str(key) for key in cases.keys], pa.string()),
        pa.repeat(pa.scalar(day, pa.date32()), len(order)),
        tuple(Listed([answer for answer in columns[name] if answer is not None]) for name in names),
        {}, cases.at, made,
    )  # fmt: skip


def _interpret(
    book: model.Rulebook, columns: Mapping[str, list[Answer | None]], cases: _Cases, day: date
) -> int:
    """Fill in what the query left open; how many cases that took."""
    left: dict[int, list[str]] = {}
    for name, answers in columns.items():
        for place, answer in enumerate(answers):
            if answer is None:
                left.setdefault(place, []).append(name)
    for place, names in left.items():
        told = answers_of(Run(book, cases.at(place), day), names)
        for name, answer in zip(names, told, strict=True):
            columns[name][place] = answer
    return len(left)
