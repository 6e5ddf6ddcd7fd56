"""A deep query run stage by stage: a level's rows are kept for the session, and the next level reads them.

A planner that is given the whole works each level's columns into those above it: what takes seconds to answer
takes minutes to plan. Cut at the levels, every statement is as shallow as a person would write it. What is
kept belongs to the session and is dropped at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from sqlglot import exp

from gangmu.engine.sql import render
from gangmu.engine.sql.places import Warehouse
from gangmu.engine.sql.query import Query

_KEPT = "gangmu_at_"


def run_query(query: Query, warehouse: Warehouse) -> dict[str, list[object]]:
    """The columns of a query's result: in one statement, or in stages if it is too deep for the dialect."""
    dialect = warehouse.dialect
    if query.depth <= dialect.deepest:
        return warehouse.run(query.nested() if dialect.nested else query.sql())
    kept: list[str] = []
    try:
        for name, select in stages(query):
            if not name:
                return warehouse.run(render.text_of(select, dialect))
            kept.append(name)
            warehouse.keep(name, select)
    finally:
        for name in reversed(kept):
            with suppress(Exception):  # what went wrong before is what is told
                warehouse.forget(name)
    raise AssertionError


def stages(query: Query) -> Iterator[tuple[str, exp.Select]]:
    """What is kept, in order, each under its name; last, without a name, the answers.

    Kept are the parameters, the facts and each level; the rows of related entities stay within the level
    that groups them. The query's tree is taken apart.
    """
    tree = query.tree
    ctes = tree.args["with_"].expressions
    tree.set("with_", None)
    kept: set[str] = set()
    within: list[exp.CTE] = []
    for cte in ctes:
        if cte.alias not in query.stages:
            within.append(cte)
            continue
        yield _stage(cte.alias, cte.this, within, kept)
        within = []
        kept.add(cte.alias)
    yield "", _stage("", tree, within, kept)[1]


def _stage(name: str, select: exp.Select, within: list[exp.CTE], kept: set[str]) -> tuple[str, exp.Select]:
    """One statement, reading what has been kept under the names that it was to have."""
    if within:
        select.set("with_", exp.With(expressions=within))
    for table in list(select.find_all(exp.Table)):
        if table.name in kept:
            alias = exp.TableAlias(this=render.name(table.name))
            table.replace(exp.Table(this=render.name(_KEPT + table.name), alias=alias))
    return _KEPT + name, select
