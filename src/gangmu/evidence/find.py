"""Find the tables of evidence, wherever they are: a folder, a file, a database, memory.

The one place that knows which ending means which reader. A file of a folder that is no table is named in a
note.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.errors import EvidenceError, Problem
from gangmu.evidence.database import is_url, read_database
from gangmu.evidence.delimited import read_csv
from gangmu.evidence.given import read_given
from gangmu.evidence.papers import Papers
from gangmu.evidence.quarantine import Rejected, shown
from gangmu.evidence.sheets import Sheet
from gangmu.evidence.tables import arrow_table, is_table, read_duckdb, read_parquet, read_sqlite
from gangmu.rulebook.model import ROOT, Rulebook

MAPPING_FILES = ("mapping.yaml", "mapping.yml")
_DELIMITED = (".csv", ".tsv", ".txt")
_WORKBOOKS = (".xlsx", ".xlsm")
_PARQUET = (".parquet", ".pq")
_DATABASES = (".duckdb", ".db", ".sqlite", ".sqlite3")
READABLE = (*_DELIMITED, *_WORKBOOKS, *_PARQUET, *_DATABASES)
_EXPECTED = (
    "a folder, a .csv, .xlsx, .parquet, .duckdb or .sqlite file, a database address, tables in memory, "
    "or a dict for one case"
)


@dataclass
class Found:
    """The sheets of a source in a fixed order, what was rejected while reading them, and what to tell."""

    sheets: list[Sheet] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    mapping: Path | None = None
    title: str = ""
    papers: Papers = field(default_factory=Papers)


def find_sheets(source: object, book: Rulebook) -> Found:
    """All sheets of a source. Raises `EvidenceError`."""
    match source:
        case Mapping():
            return Found(read_given(source))
        case str() if is_url(source):
            return Found(read_database(source))
        case str() | Path():
            return _find_path(Path(source), book)
        case _ if is_table(source):
            table = arrow_table(source, ROOT)
            return Found(read_given({ROOT: table}))
    raise EvidenceError(
        Problem("evidence-kind", "evidence", f"a {type(source).__name__} is no evidence", _EXPECTED)
    )


def _find_path(path: Path, book: Rulebook) -> Found:
    if not _exists(path):
        raise EvidenceError(
            Problem(
                "evidence-missing",
                shown(str(path)),
                "there is no such file or folder",
                _EXPECTED,
                "check the path",
            )
        )
    if path.is_dir():
        return _find_folder(path, book)
    found = Found(title=path.stem)
    if path.suffix.lower() not in READABLE:
        raise EvidenceError(_unreadable(path))
    _read_file(path, book, found)
    _add_papers(found, book)
    if not found.sheets and not found.notes:
        raise EvidenceError(
            Problem("evidence-empty", path.name, "there is no table in it", "a table with a heading")
        )
    return found


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long, or with a character that no path has
        return False


def _find_folder(folder: Path, book: Rulebook) -> Found:
    found = Found(title=folder.name)
    problems: list[Problem] = []
    files = sorted(
        path for path in folder.iterdir() if path.is_file() and not path.name.startswith((".", "~$"))
    )
    for path in files:
        if path.name in MAPPING_FILES:
            found.mapping = path
        elif path.suffix.lower() in READABLE:
            try:
                _read_file(path, book, found)
            except EvidenceError as error:
                problems.extend(error.problems)
        elif path.suffix.lower() not in (".md", ".yaml", ".yml"):
            found.notes.append(_unreadable(path))
    if problems:
        raise EvidenceError(problems)
    _add_papers(found, book)
    if not found.sheets:
        raise EvidenceError(
            Problem(
                "evidence-empty",
                str(folder),
                "there is no table in the folder",
                ", ".join(READABLE),
                "put tables there",
            )
        )
    return found


def _unreadable(path: Path) -> Problem:
    todo = (
        "save it as .xlsx"
        if path.suffix.lower() == ".xls"
        else "take it out, or save it in one of these formats"
    )
    return Problem(
        "file-kind",
        path.name,
        f"a {path.suffix or 'file without an ending'} is not read",
        ", ".join(READABLE),
        todo,
    )


def _read_file(path: Path, book: Rulebook, found: Found) -> None:
    ending = path.suffix.lower()
    try:
        if ending in _DELIMITED:
            sheet, rejected = read_csv(path, path.stem, path.name)
            found.sheets.append(without_blank_rows(sheet))
            found.rejected.extend(rejected)
        elif ending in _WORKBOOKS:
            _read_workbook(path, book, found)
        elif ending in _PARQUET:
            found.sheets.append(read_parquet(path, path.stem, path.name))
        else:
            found.sheets.extend(_database_reader(path)(path))
    except OSError as error:
        raise EvidenceError(
            Problem(
                "evidence-unreadable",
                path.name,
                f"it cannot be opened ({error.strerror or error})",
                "a readable file",
            )
        ) from None


def _read_workbook(path: Path, book: Rulebook, found: Found) -> None:
    """Sheets of a workbook; those that are papers (returns, trial balances, statements) are read as such."""
    from gangmu.evidence.workbook import read_grids, sheet_of_grid

    grids = read_grids(path)
    used = found.papers.read_workbook(grids, path.name, book)
    for title, grid in grids.items():
        if title in used:
            continue
        name = path.stem if len(grids) == 1 and title.lower().startswith("sheet") else title
        sheet = sheet_of_grid(name, f"{path.name} sheet {title}", grid)
        if sheet is not None:
            found.sheets.append(without_blank_rows(sheet))


def _add_papers(found: Found, book: Rulebook) -> Found:
    """The papers of all files, as tables after the others."""
    sheets, rejected = found.papers.sheets(book)
    found.sheets.extend(sheets)
    found.rejected.extend(rejected)
    found.notes.extend(found.papers.notes)
    return found


def _database_reader(path: Path) -> Callable[[Path], list[Sheet]]:
    """By content: both kinds are called .db."""
    with path.open("rb") as stream:
        head = stream.read(16)
    return read_sqlite if head.startswith(b"SQLite format 3") else read_duckdb


def without_blank_rows(sheet: Sheet) -> Sheet:
    """A sheet without the rows in which every cell is blank; the numbers of the others stay."""
    filled = None
    for position in range(len(sheet.headers)):
        column = sheet.column(position)
        given = pc.is_valid(column)
        if pa.types.is_string(column.type):
            given = pc.and_(
                given, pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(column), ""), fill_value=False)
            )
        filled = given if filled is None else pc.or_(filled, given)
    if filled is None or pc.all(filled).as_py() is not False:
        return sheet
    return Sheet(
        sheet.name, sheet.source, sheet.headers, sheet.table.filter(filled), sheet.rows.filter(filled)
    )
