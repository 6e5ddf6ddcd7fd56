"""Tables that stand in the order of their enterprises: cut where others would have to be sorted.

The table of enterprises ascends by key; every other table has the rows of one enterprise together, in the
same order. Then the rows of some enterprises are a stretch of each table, and where one begins is found by
reading the columns of keys once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.evidence.cells import read_column
from gangmu.evidence.reach import Matched
from gangmu.evidence.sheets import numbered
from gangmu.evidence.stored import ParquetTable, Stored
from gangmu.rulebook.model import ROOT, Input

READ = 1 << 21  # cells that are read at a time
_WORDS = Input("text")
Piece = tuple[ParquetTable, Matched, pa.Table, pa.Array]  # a table, what it is, some rows and their numbers


def as_keys(column: pa.Array) -> pa.Array:
    """A column of keys as they are compared."""
    return read_column(column, _WORDS).values


def keys_of(table: Stored, item: Matched) -> Iterator[pa.Array]:
    """The keys of a table as they are compared."""
    for batch in table.batches([item.match.roles["owner"]]):
        yield as_keys(batch.column(0))


def ascends(last: str | None, keys: pa.Array, *, strict: bool) -> bool:
    """Whether keys without nulls ascend, the first of them from the last that came before."""
    joined = keys if last is None else pa.concat_arrays([pa.array([last], keys.type), keys])
    order = pc.less if strict else pc.less_equal
    return len(joined) < 2 or bool(pc.all(order(joined[:-1], joined[1:])).as_py())  # noqa: PLR2004  a pair


@dataclass(frozen=True)
class Cut:
    """A table, and the row at which each piece of it begins; at the end, how many rows it has."""

    table: ParquetTable
    item: Matched
    starts: Sequence[int]

    def read(self, first: int, end: int) -> Iterator[Piece]:
        """The pieces from one to before another, each row group read once."""
        starts = self.starts[first : end + 1]
        begins = [0, *accumulate(self.table.groups)]
        groups = [
            group for group, (begin, stop) in enumerate(pairwise(begins))
            if begin < starts[-1] and stop > starts[0]
        ]  # fmt: skip
        positions = self.item.positions
        schema = pa.schema([self.table.schema.field(place) for place in positions])
        batches = self.table.batches(positions, groups, rows=max(1, READ // len(positions)))
        at = begins[groups[0]] if groups else starts[0]
        kept: list[tuple[int, pa.RecordBatch]] = []
        for start, stop in pairwise(starts):
            while at < stop:
                kept.append((at, next(batches)))
                at += len(kept[-1][1])
            here = [
                batch.slice(max(0, start - begin), min(stop, begin + len(batch)) - max(start, begin))
                for begin, batch in kept
                if begin < stop and begin + len(batch) > start
            ]
            kept = [(begin, batch) for begin, batch in kept if begin + len(batch) > stop]
            yield self.table, self.item, _table(here, schema), numbered(stop - start, start + 1)


@dataclass(frozen=True)
class Ordered:
    """Tables in order, all cut at the same enterprises."""

    cuts: Sequence[Cut]
    pieces: int

    def read(self, first: int, end: int) -> Iterator[tuple[Piece, ...]]:
        """The pieces of all tables, those of the same enterprises together."""
        return zip(*(cut.read(first, end) for cut in self.cuts), strict=True)


def _table(batches: Sequence[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_batches(batches) if batches else schema.empty_table()


def find_order(pairs: Sequence[tuple[Stored, Matched]], cases: int) -> Ordered | None:
    """How to cut tables at every so many enterprises; None if they do not stand in order."""
    tables = [(table, item) for table, item in pairs if isinstance(table, ParquetTable)]
    roots = [(table, item) for table, item in tables if item.entity == ROOT]
    if len(roots) != 1 or len(tables) < len(pairs):
        return None
    edges = _edges(*roots[0], cases)
    if edges is None:
        return None
    cuts = []
    for table, item in tables:
        starts = _starts(table, item, edges)
        if starts is None:
            return None
        cuts.append(Cut(table, item, starts))
    return Ordered(cuts, len(edges))


def _edges(table: ParquetTable, item: Matched, cases: int) -> list[str] | None:
    """The key with which each piece begins; None if there are none, or they do not ascend."""
    at, last, found = 0, None, list[str]()
    for keys in keys_of(table, item):
        if keys.null_count or not ascends(last, keys, strict=True):
            return None
        found.extend(keys[row].as_py() for row in range(-at % cases, len(keys), cases))
        at += len(keys)
        last = keys[-1].as_py() if len(keys) else last
    return found or None


def _starts(table: ParquetTable, item: Matched, edges: Sequence[str]) -> list[int] | None:
    """The row at which each piece begins, and how many rows there are; None if owners do not ascend."""
    at, last, found = 0, None, [0]
    for keys in keys_of(table, item):
        if keys.null_count or not ascends(last, keys, strict=False):
            return None
        if len(keys):
            texts, last = keys, keys[-1].as_py()
            while len(found) < len(edges) and edges[len(found)] <= last:
                rows = range(len(texts))
                found.append(at + bisect_left(rows, edges[len(found)], key=lambda row: texts[row].as_py()))
            at += len(keys)
    return [*found, *[at] * (len(edges) + 1 - len(found))]
