"""A portfolio sifted: which rows some filters leave, and how outcomes and numbers lie among these.

A filter is a parameter of the address: `is.RULE=status`, `at.RULE=value` (a size, a level), `of.COLUMN=value`
(a column of the upload). Names that the portfolio does not have are no filters.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gangmu.web.about import about_of

KINDS: Final = ("is", "at", "of")
MOST_BINS: Final = 10
MOST_CODES: Final = 12
STEPS: Final = (1, 2, 5)
Column = Any  # an Arrow column


@dataclass(frozen=True)
class Filter:
    """One filter: which column it looks at, and what has to stand there."""

    kind: str
    name: str
    value: str

    @property
    def parameter(self) -> str:
        """How an address names it."""
        return f"{self.kind}.{self.name}"


@dataclass(frozen=True)
class Sifted:
    """What filters leave: counts by status, distributions, counts by the upload's columns."""

    counts: Mapping[str, Mapping[str, int]]
    shapes: Mapping[str, Mapping[str, Any]]
    about: Mapping[str, Mapping[str, int]]


def filters_of(asked: Sequence[tuple[str, str]], rules: Sequence[str], answers: Path) -> list[Filter]:
    """The filters among the parameters of an address, the last of each."""
    about = columns_about(answers)
    known = {"is": rules, "at": rules, "of": about}
    found: dict[str, Filter] = {}
    for parameter, value in asked:
        kind, _, name = parameter.partition(".")
        if kind in KINDS and name in known[kind] and value:
            found[parameter] = Filter(kind, name, value)
    return list(found.values())


def columns_about(answers: Path) -> list[str]:
    """The columns of the upload by which one can filter."""
    path = about_of(answers)
    return pq.read_schema(path).names if path.is_file() else []


def places(answers: Path, filters: Sequence[Filter]) -> Column:
    """The rows that all filters leave, by their number; None for every row."""
    mask = None
    for one in filters:
        file, column = {
            "is": (answers, f"{one.name}.status"),
            "at": (answers, one.name),
            "of": (about_of(answers), one.name),
        }[one.kind]
        found = pc.equal(_read(file, column).cast(pa.string()), one.value)
        mask = found if mask is None else pc.and_(mask, found)
    return None if mask is None else pc.indices_nonzero(pc.fill_null(mask, fill_value=False))


def _read(file: Path, column: str) -> Column:
    return pq.read_table(file, columns=[column]).column(0)


def _left(file: Path, column: str, rows: Column) -> Column:
    found = _read(file, column)
    return found if rows is None else found.take(rows)


def counts(answers: Path, rules: Sequence[str], rows: Column) -> dict[str, dict[str, int]]:
    """How many of the rows have which status, rule by rule."""
    return {name: counted(_left(answers, f"{name}.status", rows)) for name in rules}


def about(answers: Path, rows: Column) -> dict[str, dict[str, int]]:
    """How many of the rows have which value in each column of the upload, the most first."""
    return {name: counted(_left(about_of(answers), name, rows)) for name in columns_about(answers)}


def counted(column: Column) -> dict[str, int]:
    """How often each value stands in a column, the most first."""
    found = {
        str(one["values"]): int(one["counts"])
        for one in pc.value_counts(column.cast(pa.string()).drop_null()).to_pylist()
    }
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def shapes(answers: Path, rules: Sequence[str], rows: Column) -> dict[str, dict[str, Any]]:
    """How what is known lies: of a number its quartiles and bins, of a code how often each stands there."""
    schema = pq.read_schema(answers)
    found = {}
    for name in rules:
        kind = schema.field(name).type
        if f"{name}.low" in schema.names:
            shape = number_shape(_left(answers, name, rows))
        elif pa.types.is_dictionary(kind) or pa.types.is_string(kind):
            shape = code_shape(_left(answers, name, rows))
        else:
            continue
        if shape:
            found[name] = shape
    return found


def code_shape(column: Column) -> dict[str, Any]:
    """The most frequent codes."""
    told = counted(column)
    return {"n": sum(told.values()), "codes": dict(list(told.items())[:MOST_CODES])} if told else {}


def number_shape(column: Column) -> dict[str, Any]:
    """Quartiles, and bins between round numbers: (from, to, how many)."""
    values = column.drop_null().cast(pa.float64()).to_numpy()
    values = values[np.isfinite(values)]
    if not len(values):
        return {}
    cuts = np.quantile(values, (0, 0.25, 0.5, 0.75, 1)).tolist()
    if cuts[0] == cuts[-1]:
        return {"n": len(values), "cuts": cuts, "bins": [[cuts[0], cuts[0], len(values)]]}
    edges = edges_of(cuts[0], cuts[-1])
    heights = np.histogram(values, edges)[0].tolist()
    bins = [list(one) for one in zip(edges, edges[1:], heights, strict=False)]
    return {"n": len(values), "cuts": cuts, "bins": bins}


def edges_of(low: float, high: float) -> list[float]:
    """Round numbers from below the lowest to above the highest, about `MOST_BINS` steps apart."""
    raw = (high - low) / MOST_BINS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(step * power for step in (*STEPS, 10) if step * power >= raw)
    first, last = math.floor(low / step), math.ceil(high / step)
    inner = [place * step for place in range(first + 1, last) if low < place * step < high]
    edges = [min(first * step, low), *inner, max(last * step, high)]
    apart = all(one < other for one, other in pairwise(edges))
    return edges if apart else [low, high]  # of neighbours among doubles nothing stands between


def taken(answers: Path, rows: Column) -> pa.Table:
    """The answers of the rows, with what the upload says of them."""
    table = pq.read_table(answers)
    table = table if rows is None else table.take(rows)
    for name in columns_about(answers):
        if name not in table.column_names:
            table = table.append_column(name, _left(about_of(answers), name, rows))
    return table


def first(
    answers: Path, rows: Column, start: int, most: int
) -> tuple[int, list[tuple[int, Mapping[str, Any]]]]:
    """How many rows there are, and some of them from the place `start`, each with its number."""
    import pyarrow.dataset as ds

    dataset = ds.dataset(answers)
    if rows is None:
        total = dataset.count_rows()
        chosen = list(range(min(start, total), min(start + most, total)))
    else:
        total, chosen = len(rows), rows.slice(start, most).to_pylist()
    return total, list(zip(chosen, dataset.take(chosen).to_pylist() if chosen else [], strict=True))
