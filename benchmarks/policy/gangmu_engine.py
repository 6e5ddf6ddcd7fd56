"""The 34 rules in Gangmu: the rulebook benchmarks/rulebooks/bench34, nothing by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from policy.parameters import ASKED, NUMERIC, PATHS, TOTALS, TRUTHS, reforms
from worker import Work, serve

from gangmu.book import load as open_book
from gangmu.engine.explain import explain
from gangmu.engine.kernel import Answers, assess_columns, prepare
from gangmu.engine.prepared import Told
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
            column.counts()
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


def a_hundred_reforms(folder: Path) -> Work:
    """A hundred reforms in one pass: counts exact, sums of money exact."""
    from gangmu.engine.kernel.sweep import Totals
    from gangmu.reform.fast import sweep_columns
    from gangmu.reform.numbers import find_number, number_at
    from gangmu.reform.reforms import reform_of

    book, names = load(BOOK), [full(name) for name in TOTALS]
    columns = prepare(book, given(folder, "policy.parquet"), names)
    units = {name: str(number_at(book, find_number(book, path)).type) for name, path in PATHS.items()}
    changed = [
        reform_of(book, [(PATHS[name], f"{numbers[name]:.6f} {units[name]}") for name in PATHS])
        for numbers in reforms()
    ]

    def totals(found: Totals) -> dict[str, object]:
        columns: list[list[float]] = []
        for name in TOTALS:
            rule = found.rules[full(name)]
            if rule.low is None:
                columns.append([int(moves[:, STATUS_TRUE].sum()) for moves in rule.moves[0]])
            else:
                columns.append([int(total) / rule.told.den for total in rule.low[0]])
        return {"totals": [list(map(float, row)) for row in zip(*columns, strict=True)]}

    return Work(lambda: sweep_columns(book, changed, columns, names, DAY), totals)


def large(folder: Path) -> Work:
    """The eighteen columns with bounds, statuses and grades, from one Parquet file into another."""
    book, target = open_book(BOOK), folder / "by_gangmu.parquet"
    return Work(
        lambda: book.assess_into(folder / "large.parquet", target, DAY, ASKED),
        before=lambda: target.unlink(missing_ok=True),
    )


# ---------------------------------------------------------------------- one enterprise

REPEATS = 2000  # of one enterprise in a run


def _record(folder: Path) -> dict[str, Any]:
    found: list[dict[str, Any]] = json.loads((folder / "records.json").read_text())
    return found[0]


def _one(folder: Path, what: Callable[[Told], object], leave: Sequence[str] = ()) -> Work:
    facts = {name: value for name, value in _record(folder).items() if name not in leave}
    ask = open_book(BOOK).prepared(ASKED, DAY)

    def run() -> object:
        for _ in range(REPEATS):
            found = what(ask(facts))
        return found

    return Work(run, _answers, times=1 / REPEATS)


def _answers(found: object) -> dict[str, object]:
    """Numerators and denominators of numbers, truth as bool, of the one enterprise."""
    if not isinstance(found, dict) or any(found[name].value is None for name in ASKED):
        return {}
    out: dict[str, object] = {name: [found[name].value] for name in TRUTHS}
    for name in NUMERIC:
        value: Fraction = found[name].value
        out[name], out[f"{name}.den"] = [value.numerator], value.denominator
    return out


def one(folder: Path) -> Work:
    """One enterprise, all answers as Python values."""
    return _one(folder, lambda told: told.all())


def one_decided(folder: Path) -> Work:
    """One enterprise, all answers worked out, none looked at."""
    return _one(folder, lambda told: told)


def one_with_holes(folder: Path) -> Work:
    """One enterprise of which five facts are missing, all answers with their bounds."""
    return _one(folder, lambda told: told.all(), ("rev3", "rd2", "profit", "ip2", "na3"))


def one_explained(folder: Path) -> Work:
    """One enterprise, one answer with all its reasons."""
    record, ask = _record(folder), open_book(BOOK).prepared(["h_eligible"], DAY)
    name = ask.names["h_eligible"]
    return Work(lambda: [list(explain(ask(record).run, name).walk()) for _ in range(100)], times=1 / 100)


if __name__ == "__main__":
    serve(
        {
            "one": one,
            "one_decided": one_decided,
            "one_with_holes": one_with_holes,
            "one_explained": one_explained,
            "policy": policy,
            "holes": holes,
            "holes18": all_with_holes,
            "large": large,
            "reforms": a_hundred_reforms,
        }
    )
