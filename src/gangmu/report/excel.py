"""The answers as a workbook whose computed cells are live formulas, so that a reviewer can recompute them.

Sheets: Answers (a row a case), Working (a row a rule and condition, with its formula and source), Evidence,
Parameters (the numbers of law), Channels (which go together, where any are asked), Record. Formulas run from
Evidence and Parameters through Working to Answers.
Text from outside is written as text, whatever it begins with. The one report module that touches openpyxl.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from gangmu.engine.interpreter import Run
from gangmu.errors import GangmuError, Problem
from gangmu.evidence.whole import write_whole
from gangmu.report.channel_words import tell
from gangmu.report.formulas import CaseCells
from gangmu.report.ledger import EVIDENCE, PARAMETERS, WORKING, Ledger
from gangmu.report.phrases import Wording
from gangmu.report.words import ORIGIN_WORDS, say, word
from gangmu.rulebook.types import DATE, RATIO, NumberType, TitleType, Type

if TYPE_CHECKING:
    import pyarrow as pa

    from gangmu.report.result import Result

ANSWERS, RECORD, REJECTED, CHANNELS = "Answers", "Record", "Not read", "Channels"
MOST_SETS = 3  # of channels that go together, a case
MOST_CASES = 500  # with formulas
MOST_NOTES = 20_000  # beyond this the source stands in its column only
MOST_ROWS = 1_000_000  # of a sheet
MOST_TEXT = 32_000  # characters that a cell takes
_WIDTHS = {ANSWERS: 16, WORKING: 18, EVIDENCE: 18, PARAMETERS: 18, RECORD: 28, REJECTED: 24}
_WIDTH, _WIDE = 18, 44
_FORMATS = {"CNY": "#,##0.00", "person": "#,##0", "month": "0", "point": "0.##", "ratio": "0.00%"}


@dataclass(slots=True)
class _Book:
    workbook: Workbook
    lang: str
    notes: int = 0
    widths: dict[str, dict[int, int]] = field(default_factory=dict)

    def sheet(self, name: str, headings: Sequence[str], wide: Iterable[int] = ()) -> Worksheet:
        """A sheet with bold headings that stay in view."""
        sheet: Worksheet = self.workbook.create_sheet(name)
        for place, heading in enumerate(headings, 1):
            cell = write_text(cell_at(sheet, 1, place), heading)
            cell.font = Font(bold=True)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            width = _WIDE if place in set(wide) else _WIDTHS.get(name, _WIDTH)
            sheet.column_dimensions[get_column_letter(place)].width = width
        sheet.freeze_panes = "B2"
        return sheet

    def note(self, cell: Cell, text: str) -> None:
        """A note on a cell: on what it rests."""
        if text and self.notes < MOST_NOTES:
            self.notes += 1
            cell.comment = Comment(clean(text), "Gangmu", width=420, height=140)


def write_xlsx(path: str | Path, result: Result, lang: str = "en") -> Path:
    """Write the workbook, whole or not at all. `lang` is `en` or `zh` (of headings, labels and notes).

    Up to 500 cases have live formulas; more have values.
    """
    book = _Book(Workbook(), "zh" if lang.startswith("zh") else "en")
    if book.workbook.active is not None:
        book.workbook.remove(book.workbook.active)
    ledger = Ledger()
    addresses = _cells(book, ledger, result) if len(result) <= MOST_CASES else {}
    _answers(book, result, addresses, ledger)
    if addresses:
        _working(book, ledger)
        _evidence(book, ledger)
        _parameters(book, ledger)
        _channels(book, result)
    _facts(book, result.record)
    if result.quarantine:
        _rejected(book, result)
    return write_whole(Path(path), book.workbook.save)


def _cells(book: _Book, ledger: Ledger, result: Result) -> dict[tuple[int, str], str]:
    """The address of the cell of each case (by place) and rule asked."""
    found = {}
    for place, item in enumerate(result.answers):
        words = Wording(Run(result.book, item.case, item.as_of), book.lang)
        cells = CaseCells(words, ledger, as_of=f"{ANSWERS}!$B${place + 2}")
        for name in result.rules:
            found[place, name] = cells.rule(name)
    return found


def _answers(book: _Book, result: Result, addresses: dict[tuple[int, str], str], ledger: Ledger) -> None:
    """The columns of the result's table; a rule's value refers to its working cell."""
    sheet = book.sheet(ANSWERS, result.table.column_names)
    rules = dict(zip(result.names, result.rules, strict=True))
    for place, row in enumerate(result.table.to_pylist()):
        for column, (name, value) in enumerate(row.items(), 1):
            cell, full = cell_at(sheet, place + 2, column), rules.get(name, "")
            kind = result.book.rules[full].type if full else None
            at = addresses.get((place, full), "") if value is not None else ""
            if at:
                _formula(cell, f'{at}="held"' if isinstance(kind, TitleType) else at)
                book.note(cell, _source(ledger, at))
            else:
                write(cell, value)
            _format(cell, kind if kind is not None else _bound_kind(result, rules, name))
    if not addresses and len(result):
        write_text(cell_at(sheet, len(result) + 3, 1), say(book.lang, "no formulas", n=MOST_CASES))


def _bound_kind(result: Result, rules: dict[str, str], column: str) -> Type | None:
    """The type of a column of bounds."""
    name, _, part = column.rpartition(".")
    return result.book.rules[rules[name]].type if part in ("low", "high") and name in rules else None


def _source(ledger: Ledger, at: str) -> str:
    sheet, _, row = at.partition("!$")
    if sheet != WORKING:
        return ""
    found = ledger.working[int(row.rpartition("$")[2]) - 2]
    return "\n".join(part for part in (found.label, found.source, found.how) if part)


def _working(book: _Book, ledger: Ledger) -> None:
    heads = [_head(book, name) for name in ("case", "rule", "what", "value", "unit", "how", "source")]
    sheet = book.sheet(WORKING, heads, wide=(3, 6, 7))
    for number, row in enumerate(ledger.working, 2):
        texts = (row.case, row.name, row.label, None, row.unit, row.how, row.source)
        _texts(sheet, number, texts)
        cell = cell_at(sheet, number, 4)
        if row.formula:
            _formula(cell, row.formula)
        else:
            write(cell, row.value)
        _format(cell, row.kind)
        book.note(cell, "\n".join(part for part in (row.source, row.how) if part))


def _evidence(book: _Book, ledger: Ledger) -> None:
    names = (
        "case",
        "entity",
        "period",
        "field",
        "what",
        "value",
        "unit",
        "text",
        "document",
        "origin",
        "place",
    )
    sheet = book.sheet(EVIDENCE, [_head(book, name) for name in names], wide=(5, 9, 11))
    for number, row in enumerate(ledger.evidence, 2):
        origin = word(ORIGIN_WORDS, row.origin, book.lang) if row.origin else ""
        _texts(
            sheet, number, (row.case, row.entity, row.period, row.name, row.label, None, row.unit, row.text)
        )
        _texts(sheet, number, (row.document, origin, row.place), first=9)
        write(cell_at(sheet, number, 6), row.value)
        _format(cell_at(sheet, number, 6), row.kind)


def _parameters(book: _Book, ledger: Ledger) -> None:
    names = ("path", "value", "unit", "text", "source", "article", "grade", "from", "to")
    sheet = book.sheet(PARAMETERS, [_head(book, name) for name in names], wide=(1, 5, 6))
    for number, row in enumerate(ledger.parameters, 2):
        _texts(sheet, number, (row.path, None, row.unit, row.text, row.source, row.article, row.grade))
        write(cell_at(sheet, number, 2), row.value)
        _format(cell_at(sheet, number, 2), row.kind)
        for place, day in ((8, row.start), (9, row.end)):
            write(cell_at(sheet, number, place), day)
        book.note(
            cell_at(sheet, number, 2),
            "\n".join(part for part in (row.source, row.article, row.grade) if part),
        )


def _channels(book: _Book, result: Result) -> None:
    """The first sets of channels that go together, a row a channel; nothing is added up."""
    from gangmu.report.channels import channels_of, together

    channels = channels_of(result.book, result.rules)
    if not channels:
        return
    names = ("set", "channel", "standing", "low", "high", "cost", "days", "shares")
    heads = [_head(book, "case"), *(tell(book.lang, f"col {name}") for name in names)]
    sheet, number = book.sheet(CHANNELS, heads, wide=(3, 9)), 1
    for item in result.answers:
        told = together(
            Run(result.book, item.case, item.as_of),
            dict(zip(result.rules, item.answers, strict=True)), channels,
        )  # fmt: skip
        for place, chosen in enumerate(told.found.sets(MOST_SETS), 1):
            for use, text in zip(chosen, told.uses(book.lang, chosen), strict=True):
                number += 1
                standing = tell(book.lang, f"is {use.standing}")
                _texts(sheet, number, (item.case.key, None, text.label, standing))
                _texts(sheet, number, (text.cost, text.days, text.shares), first=7)
                write(cell_at(sheet, number, 2), place)
                for column, end in zip((5, 6), use.amount or (None, None), strict=True):
                    write(cell_at(sheet, number, column), None if end is None else float(end))
                    cell_at(sheet, number, column).number_format = _FORMATS["CNY"]


def _facts(book: _Book, record: Mapping[str, Any]) -> None:
    """The decision record."""
    sheet = book.sheet(RECORD, [say(book.lang, "record"), ""], wide=(2,))
    for number, (name, value) in enumerate(record.items(), 2):
        _texts(
            sheet,
            number,
            (name, ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)),
        )


def _rejected(book: _Book, result: Result) -> None:
    names = ("table", "source", "row", "field", "value", "reason")
    sheet = book.sheet(REJECTED, [_head(book, name) for name in names], wide=(6,))
    for number, entry in enumerate(result.quarantine, 2):
        _texts(
            sheet, number, (entry.table, entry.source, str(entry.row), entry.field, entry.value, entry.reason)
        )


# ---------------------------------------------------------------------- cells


def _head(book: _Book, name: str) -> str:
    return say(book.lang, f"col {name}")


def _texts(sheet: Worksheet, row: int, texts: Sequence[str | None], first: int = 1) -> None:
    for place, text in enumerate(texts, first):
        if text:
            write_text(cell_at(sheet, row, place), text)


def cell_at(sheet: Worksheet, row: int, column: int) -> Cell:
    """A cell (of sheets in which none are merged)."""
    return cast("Cell", sheet.cell(row, column))


def clean(text: str) -> str:
    """Without characters that a workbook cannot hold, and no longer than a cell takes."""
    return ILLEGAL_CHARACTERS_RE.sub("", text)[:MOST_TEXT]


def write_text(cell: Cell, text: str) -> Cell:
    """Write as text, even what looks like a formula; the mark of text keeps it so when the cell is edited."""
    cell.value = clean(text)
    cell.data_type = "s"
    cell.quotePrefix = text[:1] in ("=", "+", "-", "@", "\t", "\r")
    return cell


def write(cell: Cell, value: Any) -> None:  # noqa: ANN401  what a row of a table holds
    """Write a number, day or truth as such, anything else as text; endless numbers as signs."""
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        write_text(cell, "∞" if value > 0 else "-∞")
    elif isinstance(value, str):
        write_text(cell, value)
    elif value is not None:
        cell.value = value
        if isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"


def _formula(cell: Cell, formula: str) -> None:
    cell.value = f"={formula}"


def _format(cell: Cell, kind: Type | None) -> None:
    """The number format of a type."""
    if kind == DATE:
        cell.number_format = "yyyy-mm-dd"
    elif isinstance(kind, NumberType):
        unit = "ratio" if kind.dimension == RATIO else str(kind)
        cell.number_format = _FORMATS.get(unit, "General")


# ---------------------------------------------------------------------- tables without formulas


def write_sheets(
    path: str | Path, tables: Mapping[str, pa.Table], record: Mapping[str, Any], lang: str = "en"
) -> Path:
    """Write tables as sheets and the decision record as the last one, whole or not at all."""
    book = _Book(Workbook(), "zh" if lang.startswith("zh") else "en")
    if book.workbook.active is not None:
        book.workbook.remove(book.workbook.active)
    for name, table in tables.items():
        if table.num_rows >= MOST_ROWS:
            what, expected = f"{name} has {table.num_rows:,} rows", f"fewer than {MOST_ROWS:,} in a sheet"
            raise GangmuError(Problem("too-long", str(path), what, expected, "write .parquet or .csv"))
        sheet = book.sheet(say(book.lang, f"sheet {name}"), table.column_names)
        for number, row in enumerate(table.to_pylist(), 2):
            for column, value in enumerate(row.values(), 1):
                write(cell_at(sheet, number, column), value)
    _facts(book, record)
    return write_whole(Path(path), book.workbook.save)
