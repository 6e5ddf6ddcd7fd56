"""The 34 rules in Gangmu: the rulebook benchmarks/rulebooks/bench34, nothing by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from policy.parameters import ASKED, NUMERIC, TRUTHS
from worker import Work, serve

from gangmu.engine.kernel import Answers, assess_columns, prepare
from gangmu.rulebook.load import load

BOOK = Path(__file__).parent.parent / "rulebooks" / "bench34"
DAY = date(2025, 6, 30)
STATUS_TRUE, STATUSES = 0, {"true": 0, "false": 1, "unknown": 3}


def full(name: str) -> str:
    """A rule's name in the book."""
    return f"rules.{name}"


def given(folder: Path, file: str) -> dict[str, object]:
    """The columns of a file, by full name."""
    table = pq.read_table(folder / file)
    pa.default_memory_pool().release_unused()
    return {full(name): table[name] for name in table.column_names}


def policy(folder: Path) -> Work:
    """One policy, eighteen columns, exact."""
    book, names = load(BOOK), [full(name) for name in ASKED]
    columns = prepare(book, given(folder, "policy.parquet"), names)
    return Work(lambda: assess_columns(book, columns, names, DAY), _values)


def _values(found: object) -> dict[str, object]:
    """Numerators and denominators of numbers, truth as bool."""
    assert isinstance(found, Answers)
    out: dict[str, object] = {}
    for name in ASKED:
        column = found.columns[full(name)]
        if column.kind == "truth":
            out[name] = column.status == STATUS_TRUE
            continue
        scaled = column.scaled()
        if scaled is None:  # several paths: row by row
            exact: list[Any] = [answer.value for answer in column]
            out[name], out[f"{name}.den"] = np.array([float(x) for x in exact]), 1
        else:
            out[name], out[f"{name}.den"] = scaled
    return out


def holes(folder: Path) -> Work:
    """Met, not met, unknown of each gate, by sound bounds."""
    book, names = load(BOOK), [full(name) for name in TRUTHS]
    columns = prepare(book, given(folder, "holes.parquet"), names)

    def run() -> Answers:
        found = assess_columns(book, columns, names, DAY)
        for column in found.columns.values():
            np.bincount(column.status, minlength=10)
        return found

    return Work(run, _counts)


def _counts(found: object) -> dict[str, object]:
    assert isinstance(found, Answers)
    out: dict[str, object] = {f"{name}.status": found.columns[full(name)].status for name in TRUTHS}
    for name in TRUTHS:
        counts = np.bincount(found.columns[full(name)].status, minlength=10)
        out |= {f"{name} {what}": [counts[place]] for what, place in STATUSES.items()}
    return out


def all_with_holes(folder: Path) -> Work:
    """The eighteen columns with holes, numbers with both bounds."""
    book, names = load(BOOK), [full(name) for name in [*TRUTHS, *NUMERIC]]
    columns = prepare(book, given(folder, "holes.parquet"), names)
    return Work(lambda: assess_columns(book, columns, names, DAY))


if __name__ == "__main__":
    serve({"policy": policy, "holes": holes, "holes18": all_with_holes})
