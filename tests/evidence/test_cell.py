"""A cell by itself is read as the same cell in a column: the value, the reason, whether it says anything."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import get_args

import pyarrow as pa
import pytest

from gangmu.book import load
from gangmu.engine.worked import read_plainly, read_together
from gangmu.evidence.cases import value_of
from gangmu.evidence.cell import NOTHING, Cell, cell_reader
from gangmu.evidence.cells import as_texts, read_column
from gangmu.evidence.facts import Case, Fact
from gangmu.evidence.limits import MAX_CELL_CHARS
from gangmu.evidence.numbers import CellError
from gangmu.evidence.single import Reader
from gangmu.rulebook.model import Input, InputKind, Label, Range

OPTIONS = {"maker": Label("Maker", "制造"), "none-of-both": Label("Neither")}
INPUTS = [
    Input("number", "CNY", Fraction(1)),
    Input("number", "万元", Fraction(10_000), range=Range(Fraction(0), Fraction(50_000_000))),
    Input("number", "%", Fraction(1, 100), range=Range(Fraction(-1), Fraction(1))),
    Input("number", "persons", Fraction(1), range=Range(Fraction(1), None)),
    Input("condition"),
    Input("code", options=OPTIONS),
    Input("code", pattern="[0-9]{4}"),
    Input("date"),
    Input("year"),
    Input("text"),
]
TEXTS = [
    "", "NULL", "null", "n/a", "N/A", "无", "不适用", "none", "0", "-0", "1", "12", "-5", "007",
    "1.5", "1.50", ".5",
    "5.", "1e5", "1,234", "12,34",
    "(1,234)", "5%", "100%", "-200%", "3 亿元", "0.5万元",
    "5000", "5001", "5000.01",
    "2 persons", "2 months", "１２", "−3", "+4", "1.2345678901234567",
    "1.1234567890123456", "9" * 18, "9" * 19,
    "9" * 60, "0." + "1" * 24, "0." + "1" * 25,
    "10k", "k", "yes", "No", "TRUE", "是", "否", "√",
    "×", "没有", "maybe",
    "maker", "MAKER", "制造", "Neither", "trader", "1234", "1234.0",
    "12345", "2024-02-29", "2023-02-29",
    "2024/1/31", "2024.1.31", "2024年1月31日", "20240131", "2024-01-31 12:00", "2024-01-31T12:00:00Z", "2024",
    "2024年", "2024年度", "1899", "1900", "2024.0",
    "a b", "x" * MAX_CELL_CHARS, "x" * (MAX_CELL_CHARS + 1), "\x00", "１%",
]  # fmt: skip
ALPHABET = "0123456789.,-+()%eE年月日/ 万亿元kMn是否无"


def by_itself(body: Input, text: str) -> tuple[Cell, str]:
    try:
        return cell_reader(body)(text), ""
    except CellError as error:
        return NOTHING, str(error)


def in_a_column(body: Input, text: str) -> tuple[Cell, str]:
    column = read_column(as_texts(pa.array([text], pa.string())), body)
    if column.bad:
        return NOTHING, column.bad[0]
    if column.none[0].as_py():
        return None, ""
    value = column.values[0].as_py()
    return NOTHING if value is None else value_of(value, body.input), ""


def test_every_kind_of_input_is_here() -> None:
    assert {body.input for body in INPUTS} == set(get_args(InputKind))


@pytest.mark.parametrize("body", INPUTS, ids=lambda body: f"{body.input} {body.unit}{body.pattern}")
def test_a_cell_is_what_it_is_in_a_column(body: Input) -> None:
    random = Random(body.input)
    made = ("".join(random.choices(ALPHABET, k=random.randint(1, 8))).strip() for _ in range(120))
    readable = 0
    for text in (*TEXTS, *made):
        found = by_itself(body, text)
        assert found == in_a_column(body, text), repr(text)
        readable += not found[1]
    assert readable > 10


def told(case: Case) -> object:
    """What an engine sees of a case, without where it stood."""

    def facts(given: dict[str, tuple[Fact, ...]]) -> object:
        return {
            name: [(one.value, one.origin, one.known_on) for one in found] for name, found in given.items()
        }

    rows = {
        name: [(row.period, facts(dict(row.facts))) for row in listed]
        for name, listed in case.rows.items()
        if listed
    }
    return facts(dict(case.facts)), rows, dict(case.completeness), case.base_year, case.stated


def test_worked_cases_read_by_themselves_are_what_they_are_as_tables() -> None:
    """All of the shipped rulebook that are plain, which most are."""
    book = load("cn").model
    reader = Reader(book)
    plain = [read_plainly(reader, case) for case in book.cases]
    both = [(case, read) for case, read in zip(book.cases, plain, strict=True) if read is not None]
    assert len(both) > len(book.cases) * 0.9
    tables = read_together(book, [case for case, _ in both])
    assert tables is not None
    for (case, read), other in zip(both, tables, strict=True):
        assert told(read) == told(other), f"{case.page}: {case.name}"
