"""Evidence as tasks: one for each stretch of time, with its columns, clocks, aggregates and open rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gangmu.engine.kernel.aggregates import either, spread_all
from gangmu.engine.kernel.atoms import Families
from gangmu.engine.kernel.columns import Array
from gangmu.engine.kernel.lines import Owners
from gangmu.engine.kernel.plan import Below, Days, clock, holes_of, stretches
from gangmu.engine.kernel.run import Task
from gangmu.engine.kernel.tables_of import Tables
from gangmu.engine.kernel.widest import Widest
from gangmu.rulebook import model


def tasks_of(  # noqa: PLR0917  one call, all that it needs
    book: model.Rulebook, names: Sequence[str], used: Below, families: Families, tables: Tables,
    when: tuple[Days, Array], *, grades: bool = False, blind: bool = False, widest: Widest | None = None,
) -> Iterator[tuple[Array | None, Task]]:  # fmt: skip
    """A task for each stretch of time, and the rows that lie in it (None: all of them).

    Columns become as wide as they were in other parts of the same evidence (`widest`).
    """
    days, base = when
    tables = tables if widest is None else widest.tables(tables)
    ordinals = days.ordinals()
    for stretch, rows in (stretches(used.boundaries(), days) if tables.length else {}).items():
        here = tables if rows is None else tables.take(rows)
        day = days[0] if rows is None else days[int(rows[0])]
        clocks = {
            "as_of": clock(ordinals if rows is None else ordinals[rows], "as_of"),
            "base_year": clock(base if rows is None or len(base) == 1 else base[rows], "base_year"),
        }
        holes, hard = _open(here, used)
        task = Task(
            book, names, day, stretch, here.length, here.columns, clocks, families,
            points_possible=not used.judged(), grades=grades, blind=blind,
        )  # fmt: skip
        as_of, year = (p if rows is None or len(p) == 1 else p[rows] for p in (ordinals, base))
        spreads = spread_all(task, here.related, Owners(here.length, as_of, year), widest)
        yield rows, replace(
            task, spreads=spreads.columns, reasons=spreads.reasons,
            holes=either(holes, spreads.open), hard=either(hard, spreads.hard),
        )  # fmt: skip


def _open(here: Tables, used: Below) -> tuple[Array | None, Array | None]:
    """Rows that are not points, and rows for the interpreter."""
    own = [rule for rule in used.inputs if rule.entity == model.ROOT]
    holes, hard = holes_of(here.columns, own, here.length)
    for mask in here.hard:
        hard = mask if hard is None else hard | mask
    return holes, hard


def base_years(stated: pa.Array, days: Days) -> Array:
    """The base year of every row; one if all rows agree."""
    if days.one is not None and stated.null_count == len(stated):
        return np.array([days.one.year], np.int64)
    own = days.years()
    told = pc.fill_null(stated, 0).to_numpy(zero_copy_only=False).astype(np.int64)
    return np.where(stated.is_null().to_numpy(zero_copy_only=False), own, told)
