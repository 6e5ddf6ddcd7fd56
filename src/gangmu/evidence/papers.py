"""Papers that an enterprise has anyway: tax return, trial balance, statements of several years.

Such a paper has items in rows and years in columns, in an order that each program makes up for itself. So a
sheet is recognised by signs (its title, its first rows), items are found by name wherever they stand, and
years by the heading above them. Which name is which field is said in `mappings/*.yaml`, one file a paper.
Papers of one kind make one table, whatever files they came in; where they contradict each other, neither
figure is taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pyarrow as pa

from gangmu.errors import Problem
from gangmu.evidence.numbers import Asked, CellError, plain, read_number, unit_of
from gangmu.evidence.paper_grid import Form, Found, Grid, paper_year, scan
from gangmu.evidence.quarantine import Rejected
from gangmu.evidence.sheets import Sheet, Spot, numbered
from gangmu.rulebook.model import ROOT, Rulebook

_FOLDER = Path(__file__).parent / "mappings"
_UNIT = re.compile(r"单位\s*[::]\s*(?:人民币)?\s*(亿元|百万元|万元|千元|元)")
_UNITS = {"千元": "thousand CNY", "百万元": "million CNY"}
_HEAD_ROWS = 8
_PERIOD_KEY = "credit_code"


@dataclass(frozen=True)
class Paper:
    """A kind of paper: its forms, and the origin of its facts.

    (another if the file's name has a sign of it).
    """

    name: str
    label: Mapping[str, str]
    origin: str
    origin_if: Mapping[str, tuple[str, ...]]
    forms: tuple[Form, ...]


@dataclass(frozen=True)
class Figure:
    """A figure found: whose, of which year (None: not of a year), its field, its text with its unit.

    And where.
    """

    paper: str
    origin: str
    owner: str
    entity: str
    year: int | None
    name: str
    text: str
    place: str
    file: str


@dataclass
class Papers:
    """All figures of all papers of a source, and what to tell of them."""

    figures: list[Figure] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def read_workbook(self, grids: Mapping[str, Grid], file: str, book: Rulebook) -> set[str]:
        """Take the figures of every sheet that is a paper; returns the titles of those sheets."""
        found: list[tuple[Paper, Form, str]] = []
        for title, grid in grids.items():
            known = _recognise(title, grid)
            found.extend((paper, form, title) for paper, form in known[:1])
        owner = ""
        for _, form, title in found:
            owner = owner or _owner(scan(form, grids[title], None))
        for paper, form, title in found:
            self._read_sheet(paper, form, (file, title, grids[title]), owner, book)
        return {title for _, _, title in found}

    def _read_sheet(
        self, paper: Paper, form: Form, sheet: tuple[str, str, Grid], owner: str, book: Rulebook
    ) -> None:
        file, title, grid = sheet
        where = f"{file} sheet {title}"
        head = _head_text(grid)
        year, interim = paper_year(head, title, file)
        if interim:
            what = f"it is of a part of {interim}: only whole years are read"
            self.notes.append(
                Problem("paper-interim", where, what, "a whole fiscal year", "hand in the year's end")
            )
            return
        match = _UNIT.search(head)
        unit = match.group(1) if match else ""
        origin = next(
            (
                origin
                for origin, signs in paper.origin_if.items()
                if any(sign in f"{file}{title}" for sign in signs)
            ),
            paper.origin,
        )
        unasked: set[str] = set()
        before = len(self.figures)
        for item in scan(form, grid, year):
            entity, _, name = item.field.rpartition(".")
            entity = entity or ROOT
            rule = book.inputs_of(entity).get(name) if entity in (ROOT, *book.entities) else None
            if rule is None:
                unasked.add(item.field)
                continue
            text = item.text
            if unit and rule.input.input == "number" and Asked.by(rule.input).dimension == unit_of("CNY")[1]:
                text = f"{text} {_UNITS.get(unit, unit)}"
            place = f"{where}, {item.place}"
            one = Figure(paper.name, origin, owner, entity, item.year, name, text, place, file)
            self.figures.append(one)
        label = paper.label.get("en", paper.name)
        count = len(self.figures) - before
        what = f"read as {label} ({form.name}): {count} figures"
        what += f"; not asked for: {', '.join(sorted(unasked))}" if unasked else ""
        todo = (
            ""
            if count or unasked
            else "check that the year is written on it, and that items bear their usual names"
        )
        self.notes.append(Problem("paper-read", where, what, "", todo))

    def sheets(self, book: Rulebook) -> tuple[list[Sheet], list[Rejected]]:
        """The figures as tables, one for each paper, entity, owner and origin.

        Contradictions are rejected.
        """
        rejected: list[Rejected] = []
        groups: dict[tuple[str, str, str, str], list[Figure]] = {}
        for figure in self.figures:
            key = (figure.paper, figure.entity, figure.owner, figure.origin)
            groups.setdefault(key, []).append(figure)
        sheets = []
        for (paper, entity, owner, origin), figures in groups.items():
            kept, bad = _consistent(figures, entity, book)
            rejected.extend(bad)
            if kept:
                sheets.append(_sheet(paper, entity, owner, origin, kept, book))
        return sheets, rejected


def _owner(found: list[Found]) -> str:
    return next((plain(item.text) for item in found if item.field == _PERIOD_KEY), "")


def _head_text(grid: Grid) -> str:
    return plain(" ".join(cell for row in grid[:_HEAD_ROWS] for cell in row if cell))


def _recognise(title: str, grid: Grid) -> list[tuple[Paper, Form]]:
    """The papers whose sign a sheet bears: in its title, or alone in a cell of its first rows."""
    cells = [plain(title), *(plain(cell) for row in grid[:_HEAD_ROWS] for cell in row if cell)]
    return [
        (paper, form)
        for paper in shipped_papers()
        for form in paper.forms
        if any(
            sign.casefold() in cell.casefold() and len(cell) <= len(sign) + 24
            for sign in form.signs
            for cell in cells
        )
    ]


def _consistent(
    figures: list[Figure], entity: str, book: Rulebook
) -> tuple[dict[tuple[int | None, str], Figure], list[Rejected]]:
    """One figure for each year and field. The same given twice is once; two that differ are both rejected."""
    kept: dict[tuple[int | None, str], Figure] = {}
    rejected: dict[tuple[int | None, str], list[Figure]] = {}
    for figure in figures:
        key = (figure.year, figure.name)
        first = kept.setdefault(key, figure)
        if _meaning(first, book) != _meaning(figure, book):
            rejected.setdefault(key, [first]).append(figure)
    for key in rejected:
        del kept[key]
    return kept, [
        Rejected(entity, figure.place, 0, figure.name, figure.text, _contradicts(figure, group), whole=False)
        for group in rejected.values()
        for figure in group
    ]


def _contradicts(figure: Figure, group: list[Figure]) -> str:
    others = "; ".join(f"{other.text} in {other.place}" for other in group if other is not figure)
    return f"contradicts {others}: neither is taken"


def _meaning(figure: Figure, book: Rulebook) -> object:
    body = book.inputs_of(figure.entity)[figure.name].input
    try:
        return read_number(figure.text, Asked.by(body)) if body.input == "number" else plain(figure.text)
    except CellError:
        return figure.text


def _sheet(  # noqa: PLR0913, PLR0917  what tells one table of a paper from another
    paper: str,
    entity: str,
    owner: str,
    origin: str,
    kept: Mapping[tuple[int | None, str], Figure],
    book: Rulebook,
) -> Sheet:
    """Figures by year and field as a table: one row a year."""
    years = sorted({year for year, _ in kept}, key=lambda year: year or 0)
    names = list(dict.fromkeys(name for _, name in kept if name != _PERIOD_KEY))
    period = book.entities[entity].period if entity in book.entities else ""
    headers, columns, places = [], [], {}
    if owner:
        named = kept.get((None, _PERIOD_KEY))
        if named is not None:
            places[0] = tuple(Spot(named.place, named.file) for _ in years)
        headers.append(_PERIOD_KEY)
        columns.append([owner] * len(years))
    if period:
        of_years = [", ".join(sorted({kept[key].file for key in kept if key[0] == year})) for year in years]
        places[len(headers)] = tuple(Spot(file, file) for file in of_years)
        headers.append(period)
        columns.append([str(year) for year in years])
    for name in names:
        found = [kept.get((year, name)) for year in years]
        places[len(headers)] = tuple(
            Spot(figure.place, figure.file) if figure else Spot() for figure in found
        )
        headers.append(name)
        columns.append([figure.text if figure else "" for figure in found])
    table = pa.Table.from_arrays(
        [pa.array(column, pa.string()) for column in columns],
        names=[f"c{place}" for place in range(len(columns))],
    )
    files = ", ".join(sorted({figure.file for figure in kept.values()}))
    rows = numbered(len(years), 1)
    return Sheet(entity, f"{paper} ({files})", tuple(headers), table, rows, origin, files, places, paper=True)


@cache
def shipped_papers() -> tuple[Paper, ...]:
    """The papers that Gangmu knows, from `mappings/*.yaml`."""
    return tuple(_paper(path) for path in sorted(_FOLDER.glob("*.yaml")))


def _paper(path: Path) -> Paper:
    import yaml

    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    forms = tuple(
        Form(
            name=sheet["name"],
            signs=tuple(sheet["signs"]),
            columns=dict(sheet.get("columns", {})),
            items={name: tuple(names) for name, names in sheet.get("items", {}).items()},
            beside={name: tuple(names) for name, names in sheet.get("next", {}).items()},
            accounts={
                name: (account["side"], {str(code): called for code, called in account["of"].items()})
                for name, account in sheet.get("accounts", {}).items()
            },
        )
        for sheet in raw["sheets"]
    )
    signs = {origin: tuple(words) for origin, words in raw.get("origin_if", {}).items()}
    return Paper(path.stem, raw["label"], raw["origin"], signs, forms)
