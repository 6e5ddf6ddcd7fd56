"""Find figures in the grid of a paper: by item name and by the year above the column.

By label and the cell beside it, or by account.

Names are compared without numbering (`一、`, `减：`, `其中：`), without notes in brackets, and without
blanks: programs put all of these where they like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from gangmu.evidence.numbers import plain

Grid = list[list[str | None]]

_NUMBERING = re.compile(
    r"^(?:\*|\d+(?:-\d+)?(?=\D)[.、]?|[一二三四五六七八九十]+、|\([一二三四五六七八九十\d]+\)|减:|加:|其中:|其中|减|加(?=:))\s*"
)
_NOTE = re.compile(r"\([^()]*\)$")
_NUMBER = re.compile(r"\(?[-+]?[\d,]+(?:\.\d+)?\)?%?")
_DAY = re.compile(r"((?:19|20)\d{2})\s*[年\-/.]\s*(\d{1,2})(?:\s*[月\-/.]\s*(\d{1,2})?\s*日?)?")
_SPAN = re.compile(
    r"((?:19|20)\d{2})\s*[年.\-]?\s*0?1\s*月?\s*[-至~—到]+\s*(?:(?:19|20)\d{2}\s*[年.\-])?\s*(\d{1,2})\s*月?"
)
_YEAR = re.compile(r"((?:19|20)\d{2})\s*(?:年度|年末|年)?")
_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_COLUMN_YEAR = re.compile(r"(?:FY)?((?:19|20)\d{2})(?:年度|年末|年|[年\-/.]12[月\-/.]31日?)?")
_DECEMBER = 12


@dataclass(frozen=True)
class Form:
    """One sheet of a paper: its signs, years back by column heading, names by field, labels by field.

    Accounts by field.
    """

    name: str
    signs: tuple[str, ...]
    columns: Mapping[str, int] = field(default_factory=dict)
    items: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    accounts: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """A figure: field, year (None: not of a year), text, and its place in the sheet."""

    field: str
    year: int | None
    text: str
    place: str


def scan(form: Form, grid: Grid, year: int | None) -> list[Found]:
    """All figures of a form in a grid, `year` being the year that the sheet is of."""
    return [*_by_item(form, grid, year), *_by_label(form, grid), *_by_account(form, grid, year)]


def paper_year(head: str, title: str, file: str) -> tuple[int | None, str]:
    """The fiscal year of a sheet, from its first rows, its title, or the file's name.

    Or the part of a year that it is of.
    """
    for text in (head, title, file):
        spans = _SPAN.findall(text)
        if spans:
            first, month = spans[-1]
            return (int(first), "") if int(month) == _DECEMBER else (None, f"{first} (to month {month})")
        days = [
            (int(one), int(month)) for one, month, _ in _DAY.findall(text) if 1 <= int(month) <= _DECEMBER
        ]
        if days:
            last, month_of = max(days)
            return (last, "") if month_of == _DECEMBER else (None, f"{last} (to month {month_of})")
        years = (
            _IN_NAME.findall(text) if text in (title, file) else re.findall(r"((?:19|20)\d{2})\s*年", text)
        )
        if years:
            return max(map(int, years)), ""
    return None, ""


def item_name(text: str) -> str:
    """An item's name as it is compared."""
    name = re.sub(r"\s+", "", plain(text))
    while match := _NUMBERING.match(name):
        if match.end() in (0, len(name)):
            break
        name = name[match.end() :]
    name = name.rstrip(":*")
    while match := _NOTE.search(name):
        name = name[: match.start()].rstrip(":*")
    return name


def _column(place: int) -> str:
    """A column's letter."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(plain(text).replace(" ", "")) is not None


def _ranks(names: Mapping[str, tuple[str, ...]]) -> dict[str, list[tuple[str, int]]]:
    """Fields by compared name, each with the rank of that name for the field."""
    ranks: dict[str, list[tuple[str, int]]] = {}
    for field_, listed in names.items():
        for rank, name in enumerate(listed):
            ranks.setdefault(item_name(name), []).append((field_, rank))
            ranks.setdefault(re.sub(r"\s+", "", plain(name)), ranks[item_name(name)])
    return ranks


def _by_item(form: Form, grid: Grid, year: int | None) -> Iterator[Found]:
    """Items in rows, years in columns; of several names of a field the first of its list counts."""
    ranks = _ranks(form.items)
    heads: dict[int, int] = {}
    best: dict[tuple[str, int], tuple[int, Found]] = {}
    for row, cells in enumerate(grid):
        if not any(cell and item_name(cell) in ranks for cell in cells):
            heads.update(_heads(form, cells, year))
            continue
        current: list[tuple[str, int]] = []
        for column, cell in enumerate(cells):
            if not cell or not cell.strip():
                continue
            if not _is_number(cell):
                if any(letter.isalpha() for letter in cell):
                    current = ranks.get(item_name(cell), [])
                continue
            if column not in heads:
                continue
            for field_, rank in current:
                found = Found(field_, heads[column], plain(cell), f"cell {_column(column)}{row + 1}")
                key = (field_, heads[column])
                if key not in best or rank < best[key][0]:
                    best[key] = (rank, found)
    yield from (found for _, found in best.values())


def _heads(form: Form, cells: list[str | None], year: int | None) -> dict[int, int]:
    """The years that headings of a row give to their columns."""
    heads = {}
    words = {re.sub(r"\s+", "", plain(word)): back for word, back in form.columns.items()}
    for column, cell in enumerate(cells):
        text = re.sub(r"\s+", "", plain(cell or ""))
        written = _COLUMN_YEAR.fullmatch(text)
        if written:
            heads[column] = int(written.group(1))
        elif year is not None and text in words:
            heads[column] = year + words[text]
    return heads


def _by_label(form: Form, grid: Grid) -> Iterator[Found]:
    """A label, and its value after a colon in the same cell or in the next cell that is filled."""
    ranks = _ranks(form.beside)
    seen: set[str] = set()
    for row, cells in enumerate(grid):
        for column, cell in enumerate(cells):
            label, _, rest = plain(cell or "").partition(":")
            for field_, _ in ranks.get(item_name(label), []):
                value, at = rest.strip(), column
                if not value:
                    filled = (
                        (place, text)
                        for place, text in enumerate(cells)
                        if place > column and (text or "").strip()
                    )
                    at, value = next(((place, (text or "").strip()) for place, text in filled), (column, ""))
                if value and field_ not in seen:
                    seen.add(field_)
                    yield Found(field_, None, value, f"cell {_column(at)}{row + 1}")


def _by_account(form: Form, grid: Grid, year: int | None) -> Iterator[Found]:
    """Accounts by code and name, summed over what was booked on one side in the year."""
    if not form.accounts or year is None:
        return
    heading = _account_heading(grid)
    if heading is None:
        return
    start, codes, names, sides = heading
    for field_, (side, accounts) in form.accounts.items():
        if side not in sides:
            continue
        column, total = sides[side], Decimal(0)
        rows: list[int] = []
        for row, cells in enumerate(grid[start:], start=start):
            code, name = (plain(cells[place] or "") if place < len(cells) else "" for place in (codes, names))
            if code and accounts.get(code) == item_name(name):
                amount = _amount(cells[column] if column < len(cells) else None)
                if amount is None:
                    break
                total, rows = total + amount, [*rows, row + 1]
        else:
            if rows:
                cells_of = ", ".join(f"{_column(column)}{row}" for row in rows)
                yield Found(
                    field_, year, format(total, "f"), f"{'cell' if len(rows) == 1 else 'cells'} {cells_of}"
                )


def _account_heading(grid: Grid) -> tuple[int, int, int, dict[str, int]] | None:
    """Where accounts begin, the columns of code and name, and of the year's debits and credits."""
    for row, cells in enumerate(grid[:-1]):
        texts = [item_name(cell or "") for cell in cells]
        codes = next(
            (place for place, text in enumerate(texts) if text in ("科目编码", "科目代码", "科目编号")), None
        )
        names = next((place for place, text in enumerate(texts) if text == "科目名称"), None)
        if codes is None or names is None:
            continue
        below = [item_name(cell or "") for cell in grid[row + 1]]
        above, merged = "", {}
        for place in range(max(len(texts), len(below))):
            above = (texts[place] if place < len(texts) else "") or above
            merged[place] = above + (below[place] if place < len(below) else "")
        sides = {}
        for side, word in (("debit", "借方"), ("credit", "贷方")):
            for period in ("本年累计", "本期"):
                hit = [place for place, text in merged.items() if period in text and word in text]
                if hit:
                    sides[side] = hit[0]
                    break
        return row + 1, codes, names, sides
    return None


def _amount(cell: str | None) -> Decimal | None:
    """An amount; an empty cell is nil in a trial balance."""
    text = plain(cell or "").replace(",", "")
    try:
        return Decimal(text) if text else Decimal(0)
    except InvalidOperation:
        return None
