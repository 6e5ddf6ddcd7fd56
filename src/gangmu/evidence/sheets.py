"""A sheet: one table as it was found, before anything in it is understood.

Whatever it came from (a CSV file, a sheet of a workbook, a table of a database, a data frame), it is an
Arrow table whose columns go by position, since two may bear one name, with the number of each row as a
person would count it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a single cell stood, and in which document; no text where there is nothing."""

    text: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: `name` says which entity it may be, `source` is how messages call it.

    `rows` has the row numbers (of a file with a heading, the heading is row 1). `origin` and `document`
    hold for all rows of a paper whose nature is known. `places` says for a column where each of its cells
    stood, if not in the column and row of this table. A `paper` adds to what other tables say of a case.
    With `load` the cells are still where they are stored: it reads the columns at some positions.
    """

    name: str
    source: str
    headers: tuple[str, ...]
    table: pa.Table
    rows: pa.Array
    origin: str = ""
    document: str = ""
    places: Mapping[int, tuple[Spot, ...]] = field(default_factory=dict)
    paper: bool = False
    total: int = -1  # how many rows there are, if not all of them stand here
    load: Callable[[Sequence[int]], pa.Table] | None = None

    @property
    def count(self) -> int:
        """How many rows the table has, here or where it was found."""
        return len(self.rows) if self.total < 0 else self.total

    def column(self, position: int) -> pa.Array:
        """One column as one array."""
        column = self.table.column(position) if self.load is None else self.load([position]).column(0)
        return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column

    def having(self, positions: Sequence[int]) -> Sheet:
        """The same with the cells of some columns; if they were not here before, the others stay empty."""
        if self.load is None:
            return self
        found = self.load(positions) if positions else pa.table({})
        table = spread(found, positions, len(self.headers), len(self.rows))
        return replace(self, table=table, load=None)


def spread(table: pa.Table, positions: Sequence[int], width: int, length: int) -> pa.Table:
    """Some columns at their positions in a table of so many, of which the others have no cells."""
    columns: list[pa.Array | pa.ChunkedArray] = [pa.nulls(length)] * width
    for place, position in enumerate(positions):
        columns[position] = table.column(place)
    return pa.Table.from_arrays(columns, names=[f"c{place}" for place in range(width)])


def numbered(count: int, first: int = 0) -> pa.Array:
    """The numbers from `first` on."""
    return pc.cumulative_sum(pa.repeat(pa.scalar(1, pa.int64()), count), start=first - 1)


def sheet_of(name: str, source: str, table: pa.Table, first_row: int = 1) -> Sheet:
    """A sheet of an Arrow table whose rows have no numbers of their own."""
    headers = tuple(str(header) for header in table.column_names)
    return Sheet(name, source, headers, table, numbered(table.num_rows, first_row))


def stored_sheet(
    name: str, source: str, schema: pa.Schema, count: int, load: Callable[[Sequence[int]], pa.Table]
) -> Sheet:
    """A sheet whose cells are read when they are asked for."""
    headers = tuple(str(header) for header in schema.names)
    return Sheet(name, source, headers, schema.empty_table(), numbered(count, 1), load=load)


def sheet_of_rows(name: str, source: str, rows: Sequence[Mapping[str, object]]) -> Sheet:
    """A sheet of mappings (JSON, YAML); values are written as texts."""
    columns: dict[str, list[str | None]] = {}
    for place, row in enumerate(rows):
        for header, cell in row.items():
            columns.setdefault(str(header), [None] * len(rows))[place] = text_of(cell)
    arrays = [pa.array(texts, pa.string()) for texts in columns.values()]
    table = pa.Table.from_arrays(arrays, names=list(columns))
    return Sheet(name, source, tuple(columns), table, numbered(len(rows), 1))


def text_of(value: object) -> str | None:
    """A Python value as the text that a person would have written; None stays None."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case Fraction():
            return _decimal_text(value)
        case float():
            return number_text(value)
        case dt.datetime() if value.time() == dt.time():
            return value.date().isoformat()
        case dt.datetime() | dt.date():
            return value.isoformat()
        case list() | tuple() | set() | frozenset():
            return "|".join(text_of(item) or "" for item in value)
        case _:
            return str(value).encode("utf-8", "backslashreplace").decode()  # JSON may hold half a character


def number_text(value: float) -> str:
    """A double as its shortest decimal (`repr`), without an exponent; a whole one without a point."""
    text = repr(value)
    if "e" in text:
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")


def _decimal_text(value: Fraction) -> str:
    """A fraction as a decimal where it is one."""
    for digits in range(40):
        scaled = value * 10**digits
        if scaled.denominator == 1:
            return format(Decimal(scaled.numerator).scaleb(-digits), "f")
    return str(value)
