"""Evidence larger than memory, in parts of whole enterprises, each read like evidence of its own.

One table of enterprises whose keys are all different is cut where its row groups end; several that stand in
the order of their keys, where the first of them says (`in_order`). Everything else is first sorted by the
enterprise it belongs to: every enterprise then has all of its rows in one part, in the order in which they
stood, so that the answers are those of the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from gangmu.errors import EvidenceError, Problem
from gangmu.evidence.find import Found
from gangmu.evidence.focus import is_bill
from gangmu.evidence.in_order import Ordered, as_keys, ascends, find_order, keys_of
from gangmu.evidence.mapping import read_mapping
from gangmu.evidence.reach import Matched, Reach, narrowed
from gangmu.evidence.read import match_sheets
from gangmu.evidence.sheets import Sheet, numbered, spread
from gangmu.evidence.spill import AT, KEY, PART, Spill, spilling
from gangmu.evidence.stored import ParquetTable, Stored, stored_tables
from gangmu.rulebook.model import ROOT, Rulebook

CASES = 1 << 16  # enterprises that are worked out at a time, if their tables are narrow
CELLS = 1 << 23  # cells that are worked out at a time
LARGE = 1 << 20  # enterprises; more are assessed part by part
BROAD = 1 << 27  # cells; more are as well
BATCH = 1 << 21  # cells that are taken over at a time to be sorted
PIECES = 4  # pieces of a part of a table that needs no sorting
_SHEETS = 1 << 40  # rows that a table may have: the place of a row is its number and that of its table


@dataclass(frozen=True)
class Whole:
    """What evidence is made of, before it is cut: its files, tables, and what there is to tell of them."""

    files: tuple[Path, ...]
    tables: tuple[Stored, ...]
    matched: tuple[Matched, ...]  # of each table that is matched, without its rows
    notes: tuple[Problem, ...]
    book: Rulebook

    @property
    def rows(self) -> int:
        """Rows of the table (or tables) of enterprises."""
        return sum(table.count for table, item in self.pairs() if item.entity == ROOT)

    def reaching(self, reach: Reach) -> Whole:
        """The same with only those tables and columns that are within reach."""
        return replace(self, matched=tuple(narrowed(self.matched, reach)))

    @property
    def large(self) -> bool:
        """Whether it is better assessed part by part."""
        return self.rows > LARGE or self._cells > BROAD

    @property
    def cases(self) -> int:
        """How many enterprises are worked out at a time: fewer, where they have much to them."""
        return max(1, min(CASES, CELLS * self.rows // max(1, self._cells)))

    @property
    def _cells(self) -> int:
        return sum(table.count * len(item.positions) for table, item in self.pairs())

    def pairs(self) -> Iterator[tuple[Stored, Matched]]:
        """Tables that are matched, with what they are."""
        by_source = {table.source: table for table in self.tables}
        return ((by_source[item.sheet.source], item) for item in self.matched)


@dataclass(frozen=True)
class Parts:
    """Parts of evidence: `read` gives one in pieces that fit in memory, each of whole enterprises."""

    count: int
    rows: Sequence[int]  # of the table of enterprises, by part
    read: Callable[[int], Iterator[list[Matched]]]
    distinct: bool = False  # no key is given twice


def find_whole(source: Path, book: Rulebook, mapping: str | Path | None = None) -> Whole | None:
    """What is stored there, if it can be read in parts: Parquet files or a DuckDB file, owners named alike.

    None if it has to be read as a whole. Raises `EvidenceError`.
    """
    stored = stored_tables(source)
    if stored is None:
        return None
    tables, beside = stored
    where = Path(mapping) if mapping is not None else beside
    sheets = [
        _sheet(table, table.schema.empty_table(), pa.array([], pa.int64()), table.count) for table in tables
    ]
    if not sheets or any(is_bill(sheet) for sheet in sheets):
        return None
    wishes = read_mapping(where, book) if where is not None else {}
    matched, notes = match_sheets(Found(sheets, title=source.stem), book, wishes)
    owners = {item.match.owner for item in matched}
    if ROOT not in {item.entity for item in matched} or len(owners) != 1 or "" in owners:
        return None
    files = tuple(dict.fromkeys([source] if source.is_file() else [_path_of(table) for table in tables]))
    files = files if where is None else (*files, where)
    return Whole(files, tuple(tables), tuple(matched), tuple(notes), book)


def _path_of(table: Stored) -> Path:
    assert isinstance(table, ParquetTable)  # noqa: S101  a folder has no others
    return table.path


def _sheet(table: Stored, rows: pa.Table, numbers: pa.Array, total: int = -1) -> Sheet:
    headers = tuple(str(name) for name in table.schema.names)
    return Sheet(table.name, table.source, headers, rows, numbers, total=total)


def _with_rows(table: Stored, item: Matched, rows: pa.Table, numbers: pa.Array) -> Matched:
    """A table with some rows, of which the columns that are read stand here."""
    placed = spread(rows, item.positions, len(table.schema), len(numbers))
    return replace(item, sheet=_sheet(table, placed, numbers))


def cut(whole: Whole, folder: Path, cases: int = CASES) -> Parts:
    """Cut evidence into parts; `folder` takes what has to be sorted, and has to stay while they are read."""
    pairs = list(whole.pairs())
    table, item = pairs[0]
    if len(pairs) == 1 and isinstance(table, ParquetTable) and _all_different(table, item, folder):
        return _by_groups(table, item, cases)
    ordered = find_order(pairs, cases)
    return _sorted(pairs, folder, cases) if ordered is None else _by_order(ordered)


# ---------------------------------------------------------------------- tables in the order of their keys


def _by_order(ordered: Ordered) -> Parts:
    """Some pieces to a part, so that few row groups are read for two."""
    firsts = range(0, ordered.pieces, PIECES)

    def read(number: int) -> Iterator[list[Matched]]:
        first = firsts[number]
        for pieces in ordered.read(first, min(first + PIECES, ordered.pieces)):
            yield [_with_rows(table, item, rows, numbers) for table, item, rows, numbers in pieces]

    roots = next(cut.starts for cut in ordered.cuts if cut.item.entity == ROOT)
    rows = [roots[min(first + PIECES, ordered.pieces)] - roots[first] for first in firsts]
    return Parts(len(firsts), rows, read, distinct=True)


# ---------------------------------------------------------------------- one table, keys all different


def _all_different(table: Stored, item: Matched, folder: Path) -> bool:
    """Whether no key is given twice: seen at once where they ascend, else counted."""
    last: str | None = None
    for keys in keys_of(table, item):
        known = keys.drop_null()
        if not ascends(last, known, strict=True):
            break
        last = known[-1].as_py() if len(known) else last
    else:
        return True
    schema = pa.schema([(KEY, pa.string())])
    batches = (pa.record_batch([keys], schema=schema) for keys in keys_of(table, item))
    with spilling(folder) as spill:
        return not spill.twice(pa.RecordBatchReader.from_batches(schema, batches))


def _by_groups(table: ParquetTable, item: Matched, cases: int) -> Parts:
    """Row groups, as many to a part as hold the wanted number of rows, or a little more."""
    sizes = table.groups
    starts = [0, *accumulate(sizes)]
    parts: list[list[int]] = []
    for group in range(len(sizes)):
        if parts and starts[group] - starts[parts[-1][0]] < cases * PIECES:
            parts[-1].append(group)
        else:
            parts.append([group])

    def read(number: int) -> Iterator[list[Matched]]:
        first = starts[parts[number][0]] + 1
        for batch in table.batches(item.positions, parts[number], rows=cases):
            rows = pa.Table.from_batches([batch])
            yield [_with_rows(table, item, rows, numbered(len(batch), first))]
            first += len(batch)

    return Parts(len(parts), [sum(sizes[group] for group in part) for part in parts], read, distinct=True)


# ---------------------------------------------------------------------- anything else, sorted


def _sorted(pairs: Sequence[tuple[Stored, Matched]], folder: Path, cases: int) -> Parts:
    """Sort all tables by the part in which their owners are."""
    files = [folder / f"sorted-{number}.parquet" for number in range(len(pairs))]
    counts = folder / "sorted.parts"
    if not counts.exists():
        with spilling(folder) as spill:
            count = spill.place(_root_keys(pairs), cases)
            for number, (table, item) in enumerate(pairs):
                _sort(spill, table, item, files[number])
        counts.write_text(str(count), encoding="ascii")
    count = int(counts.read_text(encoding="ascii"))

    def read(number: int) -> Iterator[list[Matched]]:
        yield [_rows_of(table, item, file, number) for (table, item), file in zip(pairs, files, strict=True)]

    roots = [file for (_, item), file in zip(pairs, files, strict=True) if item.entity == ROOT]
    return Parts(count, _sizes(roots, count), read)


def _root_keys(pairs: Sequence[tuple[Stored, Matched]]) -> pa.RecordBatchReader:
    schema = pa.schema([(KEY, pa.string()), (AT, pa.int64())])

    def batches() -> Iterator[pa.RecordBatch]:
        roots = [pair for pair in pairs if pair[1].entity == ROOT]
        for number, (table, item) in enumerate(roots):
            at = number * _SHEETS
            for keys in keys_of(table, item):
                yield pa.record_batch([keys, numbered(len(keys), at)], schema=schema)
                at += len(keys)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _sort(spill: Spill, table: Stored, item: Matched, to: Path) -> None:
    """The columns of a table that are read, called by their places."""
    positions = item.positions
    fields = [(f"c{place}", table.schema.types[place]) for place in positions]
    schema = pa.schema([*fields, (KEY, pa.string()), (AT, pa.int64())])
    owner = positions.index(item.match.roles["owner"])

    def batches() -> Iterator[pa.RecordBatch]:
        at = 1
        for batch in table.batches(positions, rows=max(1, BATCH // len(positions))):
            keys = as_keys(batch.column(owner))
            columns = [*batch.columns, keys, numbered(len(batch), at)]
            yield pa.record_batch(columns, schema=schema)
            at += len(batch)

    spill.sort(pa.RecordBatchReader.from_batches(schema, batches()), to)


def _rows_of(table: Stored, item: Matched, file: Path, part: int) -> Matched:
    rows = parquet.read_table(file, filters=[(PART, "=", part)], use_threads=False)
    numbers = _one(rows.column(AT).combine_chunks())
    return _with_rows(table, item, rows.drop_columns([AT, PART]), numbers)


def _one(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _sizes(files: Sequence[Path], parts: int) -> list[int]:
    """Rows by part."""
    found = [0] * parts
    for file in files:
        for counted in pc.value_counts(parquet.read_table(file, columns=[PART]).column(PART)).to_pylist():
            found[counted["values"]] += counted["counts"]
    return found


def nothing_to_cut(source: object) -> EvidenceError:
    """The refusal of evidence that cannot be read in parts."""
    what = "it cannot be read in parts"
    expected = "Parquet files or a DuckDB file, each table with the key of the enterprise in one column"
    return EvidenceError(Problem("parts-impossible", str(source), what, expected))
