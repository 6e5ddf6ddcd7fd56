"""The units of an index and their figures, year by year: read from a table, wide or long, and checked.

A wide table has a row a unit (and year) and a column an indicator; a long one a row a value. Cells are read
from their text; what is no number is refused with its row, all such cells at once. A missing cell is NaN.
"""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gangmu.errors import EvidenceError, Problem
from gangmu.rulebook.model import NONE_WORDS, Index, Label

if TYPE_CHECKING:
    from gangmu.evidence.sheets import Sheet

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

MISSING = frozenset({"", "NA", "NaN", "nan", "null", "-", "--", "—", "–", "..", ":", "unknown", *NONE_WORDS})
MOST_UNITS = 100_000
MOST_SHOWN = 20  # problems of cells
LEAST_UNITS = 2
Rows = list[tuple[int, dict[str, str]]]  # row number as a person counts, and cells by column


@dataclass(frozen=True, slots=True)
class Population:
    """The units of one year. Arrays have a value a unit, in the order of `units`."""

    units: tuple[str, ...]
    names: tuple[Label, ...]
    columns: Mapping[str, Floats]
    filled: Mapping[str, Truths]  # values that the publisher filled in
    texts: Mapping[str, tuple[str, ...]]
    tiles: tuple[tuple[int, int], ...] = ()

    def matrix(self, names: Sequence[str]) -> Floats:
        """Columns side by side: units by names."""
        return np.column_stack([self.columns[name] for name in names])


@dataclass(frozen=True, slots=True)
class Panel:
    """Populations by year, oldest first; a table without years has the one year ``""``."""

    years: Mapping[str, Population]
    source: str
    notes: tuple[str, ...] = field(default=())

    @property
    def last(self) -> str:
        """The newest year."""
        return list(self.years)[-1]


def read_panel(body: Index, source: object, worked: Mapping[str, Mapping[str, float]] | None = None) -> Panel:
    """Read the table of units: a path (CSV, Excel, Parquet), CSV text in a list, or a table in memory.

    `worked` has values of rules of the book by column name and unit. Raises `EvidenceError` with everything
    that is wrong.
    """
    rows, name = _rows(source)
    return _Reader(body, name, worked or {}).read(rows)


def shipped_panel(body: Index) -> Panel:
    """The population that is shipped beside the page of the index."""
    return _Reader(body, "population", {}).read(_numbered(csv.DictReader(io.StringIO(body.population))))


def _numbered(rows: Iterable[Mapping[str, str | None]]) -> Rows:
    return [
        (number, {key: (cell or "").strip() for key, cell in row.items()})
        for number, row in enumerate(rows, 2)
    ]


def _rows(source: object) -> tuple[Rows, str]:
    """The rows of a source as texts."""
    sheet = _sheet(Path(source)) if isinstance(source, str | Path) else _table(source)
    columns = [sheet.column(place).to_pylist() for place in range(len(sheet.headers))]
    heads = [header.strip() for header in sheet.headers]
    return [
        (int(number), {head: _text(column[place]) for head, column in zip(heads, columns, strict=True)})
        for place, number in enumerate(sheet.rows.to_pylist())
    ], sheet.source


def _table(source: object) -> Sheet:
    """A table in memory: a list of rows, or a data frame."""
    from gangmu.evidence.sheets import sheet_of_rows

    if isinstance(source, Sequence):
        return sheet_of_rows("table", "table", list(source))
    from gangmu.evidence.tables import arrow_table, is_table

    if not is_table(source):
        what, expected = "the evidence is no table", "a path, a data frame, or a list of rows"
        raise EvidenceError(Problem("not-a-table", "evidence", what, expected))
    return sheet_of_rows("table", "table", arrow_table(source, "table").to_pylist())


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _sheet(path: Path) -> Sheet:
    """The sheet of a file; of a workbook its first."""
    if not path.is_file():
        problem = Problem("file-missing", str(path), "there is no such file", ".csv, .xlsx or .parquet")
        raise EvidenceError(problem)
    match path.suffix.lower():
        case ".csv" | ".tsv" | ".txt":
            from gangmu.evidence.delimited import read_csv

            sheet, rejected = read_csv(path, path.stem, path.name)
            if rejected:
                raise EvidenceError(
                    [Problem("row-broken", f"{one.source} row {one.row}", one.reason) for one in rejected]
                )
            return sheet
        case ".xlsx":
            from gangmu.evidence.workbook import read_workbook

            return read_workbook(path)[0]
        case ".parquet":
            from gangmu.evidence.sheets import sheet_of_rows
            from gangmu.evidence.tables import read_parquet

            found = read_parquet(path, path.stem, path.name)
            return sheet_of_rows(found.name, found.source, found.table.to_pylist())
        case other:
            what = f"a file of kind {other or '(none)'}"
            raise EvidenceError(Problem("file-kind", str(path), what, ".csv, .xlsx or .parquet"))


class _Reader:
    """Reads the rows of one table; collects what is wrong with them."""

    def __init__(self, body: Index, source: str, worked: Mapping[str, Mapping[str, float]]) -> None:
        self.body, self.source, self.worked = body, source, worked
        self.problems: list[Problem] = []
        leaves = [one for one in body.elements if one.leaf]
        wanted = [one.column for one in leaves if one.column] + [one.per for one in leaves if one.per]
        self.wanted = tuple(dict.fromkeys(wanted))
        choices = [*body.stages.values(), *(one for factor in body.vary for one in factor.choices)]
        self.groups = tuple(
            dict.fromkeys(str(one.options["group"]) for one in choices if "group" in one.options)
        )

    def refuse(self, code: str, where: str, what: str, expected: str = "", todo: str = "") -> None:
        """Put a problem aside."""
        self.problems.append(Problem(code, where, what, expected, todo))

    def read(self, rows: Rows) -> Panel:
        """All years of the table."""
        layout = self.body.layout
        if len(rows) > MOST_UNITS * (len(self.wanted) if layout.indicator else 1):
            self.refuse("too-long", self.source, f"{len(rows):,} rows", f"at most {MOST_UNITS:,} units")
            raise EvidenceError(self.problems)
        self.check_columns(rows)
        by_year: dict[str, Rows] = {}
        for row in rows:
            by_year.setdefault(row[1].get(layout.year, "") if layout.year else "", []).append(row)
        make = self.long if layout.indicator else self.wide
        years = {year: make(by_year[year]) for year in sorted(by_year)}
        for year, found in years.items():
            self.check(found, year)
        if self.problems:
            raise EvidenceError(self.problems[:MOST_SHOWN] + self.rest())
        return Panel(years, self.source)

    def rest(self) -> list[Problem]:
        """How many problems are not shown."""
        more = len(self.problems) - MOST_SHOWN
        return [Problem("more", self.source, f"{more} more problems of this kind")] if more > 0 else []

    def check_columns(self, rows: Rows) -> None:
        """Refuse a table without the columns that the index reads."""
        layout = self.body.layout
        heads = list(rows[0][1]) if rows else []
        needed = [layout.unit, layout.year, layout.indicator, layout.value, layout.filled, *self.groups]
        needed += [layout.name.en, layout.name.zh, *layout.tile]
        needed += [] if layout.indicator else self.wanted
        for name in dict.fromkeys(filter(None, needed)):
            if name not in heads:
                near = difflib.get_close_matches(name, heads, n=3)
                hint = f"did you mean {', '.join(near)}?" if near else "add it, or say `column:` on the page"
                expected = ", ".join(heads[:30]) or "a heading and rows"
                self.refuse("column-missing", self.source, f"no column `{name}`", f"among: {expected}", hint)
        if self.problems:
            raise EvidenceError(self.problems)

    def wide(self, rows: Rows) -> Population:
        """A row a unit."""
        units = [cells[self.body.layout.unit] for _, cells in rows]
        seen: dict[str, int] = {}
        for (number, _), unit in zip(rows, units, strict=True):
            if not unit:
                self.refuse("unit-missing", f"{self.source} row {number}", "the unit is not named")
            elif unit in seen:
                what = f"`{unit}` stands in rows {seen[unit]} and {number}"
                self.refuse("unit-twice", f"{self.source} row {number}", what, "a row a unit and year")
            seen.setdefault(unit, number)
        columns = {
            name: np.array([self.number(cells[name], number, name) for number, cells in rows])
            for name in self.wanted
        }
        return self.population(units, [cells for _, cells in rows], columns, {})

    def long(self, rows: Rows) -> Population:
        """A row a value."""
        layout = self.body.layout
        units = list(dict.fromkeys(cells[layout.unit] for _, cells in rows))
        places = {unit: place for place, unit in enumerate(units)}
        columns = {name: np.full(len(units), np.nan) for name in self.wanted}
        filled = {name: np.zeros(len(units), bool) for name in self.wanted}
        first: dict[str, dict[str, str]] = {}
        seen: dict[tuple[str, str], int] = {}
        for number, cells in rows:
            unit, name = cells[layout.unit], cells[layout.indicator]
            first.setdefault(unit, cells)
            if name not in columns:
                continue
            if (unit, name) in seen:
                what = f"`{unit}`, `{name}` stands in rows {seen[unit, name]} and {number}"
                self.refuse("unit-twice", f"{self.source} row {number}", what, "a row a value")
            seen[unit, name] = number
            columns[name][places[unit]] = self.number(cells[layout.value], number, layout.value)
            if layout.filled and cells[layout.filled].lower() in ("true", "yes", "1"):
                filled[name][places[unit]] = True
        return self.population(units, [first[unit] for unit in units], columns, filled)

    def population(
        self,
        units: list[str],
        cells: list[dict[str, str]],
        columns: dict[str, Floats],
        filled: dict[str, Truths],
    ) -> Population:
        """The units with everything that is known of them."""
        layout = self.body.layout
        names = tuple(
            Label(one.get(layout.name.en, "") or unit, one.get(layout.name.zh, ""))
            for unit, one in zip(units, cells, strict=True)
        )
        for name, values in self.worked.items():
            columns[name] = np.array([values.get(unit, math.nan) for unit in units])
        empty = np.zeros(len(units), bool)
        texts = {name: tuple(one[name] for one in cells) for name in self.groups}
        tiles: tuple[tuple[int, int], ...] = ()
        if layout.tile:
            column, row = layout.tile
            tiles = tuple((self.whole(one, column), self.whole(one, row)) for one in cells)
        marked = {name: filled.get(name, empty) for name in columns}
        return Population(tuple(units), names, columns, marked, texts, tiles)

    def number(self, text: str, row: int, column: str) -> float:
        """A cell as a number; NaN where it says that there is none."""
        if text in MISSING:
            return math.nan
        digits, percent = (text[:-1], True) if text.endswith("%") else (text, False)
        try:
            found = float(digits.replace(",", "")) / (100 if percent else 1)
        except ValueError:
            found = math.inf
        if math.isinf(found) or "_" in text:
            where, todo = f"{self.source} row {row}, {column}", "correct it, or leave the cell empty"
            self.refuse("cell-invalid", where, f"`{text[:40]}` is no number", "a number", todo)
            return math.nan
        return found

    def whole(self, cells: dict[str, str], column: str) -> int:
        """A whole number; 0 where it is none, with a problem."""
        text = cells.get(column, "")
        if text.isascii() and text.isdigit():
            return int(text)
        self.refuse(
            "cell-invalid", f"{self.source}, {column}", f"`{text[:40]}` is no whole number", "0, 1, ..."
        )
        return 0

    def check(self, found: Population, year: str) -> None:
        """Refuse too few units and indicators that nobody has."""
        where = f"{self.source} {year}".strip()
        if len(found.units) < LEAST_UNITS:
            self.refuse("units-few", where, f"{len(found.units)} units", "two or more")
            return
        for name, values in found.columns.items():
            if np.isnan(values).all():
                what, todo = f"`{name}` is empty for every unit", "fill it in, or take it out of the index"
                self.refuse("column-empty", where, what, "figures", todo)
