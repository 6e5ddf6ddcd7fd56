"""Excel workbooks, read as texts, sheet by sheet. With `template`, the only module that touches openpyxl.

The archive is judged before it is opened (`limits.check_workbook`). Cells are turned into the text that a
person sees: a percentage is written as one, a date as a day, a double by its shortest decimal. Formulas
count by their stored result.
"""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import cast
from xml.etree.ElementTree import ParseError

import openpyxl
import pyarrow as pa
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet.worksheet import Worksheet

from gangmu.errors import EvidenceError, Problem
from gangmu.evidence.limits import MAX_CELL_CHARS, MAX_XLSX_ROWS, check_workbook
from gangmu.evidence.sheets import Sheet, text_of

HELP_SHEET = "README 填写说明"
LISTS_SHEET = "lists"
QUESTIONS = "?"  # stands in the first cell of the row of questions that a template has under its heading

Grid = list[list[str | None]]


def read_grids(path: Path) -> dict[str, Grid]:
    """All sheets of a workbook as rows of texts, in order. Raises `EvidenceError`."""
    check_workbook(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl does not know (drop-downs, styles) is not read here
        return _grids(path)


def _grids(path: Path) -> dict[str, Grid]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # noqa: BLE001  openpyxl raises anything on a file that is not what it says
        raise EvidenceError(_broken(path, error)) from None
    try:
        sheets = [sheet for sheet in book.worksheets if sheet.title not in (HELP_SHEET, LISTS_SHEET)]
        return {sheet.title: list(_rows(sheet, path.name)) for sheet in sheets}
    except (ValueError, KeyError, TypeError, ParseError, zipfile.BadZipFile) as error:
        raise EvidenceError(_broken(path, error)) from None
    finally:
        book.close()


def _broken(path: Path, error: Exception) -> Problem:
    return Problem(
        "workbook-broken",
        path.name,
        f"it cannot be read as a workbook ({type(error).__name__}: {error})",
        "an .xlsx file",
        "save it again from the spreadsheet program",
    )


def _rows(sheet: Worksheet, name: str) -> Iterator[list[str | None]]:
    cast(
        "ReadOnlyWorksheet", sheet
    ).reset_dimensions()  # the declared size may be wrong or a million blank rows
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if number > MAX_XLSX_ROWS:
            where = f"{name} sheet {sheet.title}"
            what = f"it has more than {MAX_XLSX_ROWS:,} rows"
            raise EvidenceError(
                Problem("too-many-rows", where, what, "fewer rows", "save it as CSV or Parquet")
            )
        yield [
            _number_text(cell.value, cell.number_format or "")
            if isinstance(cell.value, int | float)
            else _cell_text(cell.value)
            for cell in row
        ]


def _number_text(value: float, shape: str) -> str | None:
    """A number as it is shown: a percentage as one."""
    text = text_of(value)
    if "%" in shape and not isinstance(value, bool) and text and text.strip("-")[0].isdigit():
        return f"{format((Decimal(text) * 100).normalize(), 'f')}%"
    return text


def _cell_text(value: object) -> str | None:
    match value:
        case str():
            return value[: MAX_CELL_CHARS + 1]
        case dt.time() | dt.timedelta():
            return str(value)
        case _:
            return text_of(value)


def sheet_of_grid(name: str, source: str, grid: Grid) -> Sheet | None:
    """A sheet with its heading in the first row that is not blank; None if the grid holds no heading."""
    start = next((number for number, row in enumerate(grid) if any(_filled(row))), None)
    if start is None:
        return None
    heading = grid[start]
    width = max(position + 1 for position, cell in enumerate(heading) if (cell or "").strip())
    body = grid[start + 1 :]
    first = start + 2
    if body and body[0] and (body[0][0] or "").strip().startswith(QUESTIONS):
        body, first = body[1:], first + 1
    columns = [
        pa.array([row[position] if position < len(row) else None for row in body], pa.string())
        for position in range(width)
    ]
    headers = tuple((heading[position] or "").strip() for position in range(width))
    names = [f"c{position}" for position in range(width)]
    rows = pa.array(range(first, first + len(body)), pa.int64())
    return Sheet(name, source, headers, pa.Table.from_arrays(columns, names=names), rows)


def _filled(row: list[str | None]) -> list[bool]:
    return [bool((cell or "").strip()) for cell in row]


def read_workbook(path: Path) -> list[Sheet]:
    """All sheets of a workbook that have a heading."""
    found = (
        sheet_of_grid(title, f"{path.name} sheet {title}", grid) for title, grid in read_grids(path).items()
    )
    return [sheet for sheet in found if sheet is not None]
