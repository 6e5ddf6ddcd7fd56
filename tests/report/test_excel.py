"""The workbook: live formulas that recompute to Gangmu's own answers, and text that stays text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from gangmu.engine.assess import CaseAnswers, answer
from gangmu.engine.interpreter import Run
from gangmu.evidence.read import read_evidence
from gangmu.report.excel import write_xlsx
from gangmu.report.formulas import CaseCells
from gangmu.report.ledger import Ledger
from gangmu.report.phrases import Wording
from gangmu.report.result import Result
from gangmu.rulebook.load import load
from gangmu.rulebook.model import Rulebook, WorkedCase
from spreadsheet import Spreadsheet

RunOf = Callable[..., Run]
ResultOf = Callable[..., Result]
EVERY = [
    "grant_open",
    "rd_intensity",
    "rd_intensive",
    "eligible",
    "loan_limit",
    "innovator",
    "maker_size",
    "merit",
    "meritorious",
    "growth_points",
    "sector",
    "every_year",
    "ceiling_by_kind",
    "innovation_loan",
    "revenue_growth",
]


def a_cent_less(given: dict[str, Any]) -> None:
    given["statement"][2]["rd_expense"] = "2159999.99 CNY"


def without_2022(given: dict[str, Any]) -> None:
    given["statement"].pop(0)


@pytest.fixture(scope="module")
def china() -> Rulebook:
    """The shipped rulebook."""
    return load("cn")


def read(path: Path) -> Workbook:
    return openpyxl.load_workbook(path)


def working(result: Result) -> list[tuple[str, object]]:
    """What the working cells should come out as: formula and value, row by row."""
    ledger = Ledger()
    for place, item in enumerate(result.answers):
        words = Wording(Run(result.book, item.case, item.as_of), "en")
        cells = CaseCells(words, ledger, as_of=f"Answers!$B${place + 2}")
        for name in result.rules:
            cells.rule(name)
    return [(row.formula, row.value) for row in ledger.working]


def recompute(result: Result, path: Path) -> int:
    """Hold every formula of a written workbook against Gangmu's own value; how many there are."""
    workbook = read(write_xlsx(path, result))
    sheet, count = Spreadsheet(workbook), 0
    for row, (formula, expected) in enumerate(working(result), 2):
        cell = workbook["Working"].cell(row, 4)
        assert (cell.data_type == "f") is bool(formula)
        if formula:
            count += 1
            found = sheet.cell(f"Working!$D${row}")
            wanted = number_of_day(expected) if isinstance(expected, date) else expected
            same = found == pytest.approx(wanted, rel=1e-12) if isinstance(wanted, float) else found == wanted
            assert same, (workbook["Working"].cell(row, 3).value, formula, found, wanted)
    return count


def number_of_day(day: date) -> int:
    return day.toordinal() - date(1899, 12, 30).toordinal()


def test_formulas_recompute(run_of: RunOf, result_of: ResultOf, tmp_path: Path) -> None:
    runs = [
        run_of(),
        run_of(a_cent_less),
        run_of(without_2022, staff=None),
        run_of(staff=600, kind="service", industry="6510"),
        run_of(has_award=None, founded_on="2019-03-31"),
        run_of(day=date(2020, 6, 30)),
    ]
    assert recompute(result_of(runs, EVERY), tmp_path / "out.xlsx") > 100


def _case(book: Rulebook, worked: WorkedCase, number: int) -> Run:
    given = worked.raw.get("given") or {"enterprise": {}}
    assert isinstance(given, dict)
    case = next(iter(read_evidence(dict(given), book).cases()))
    named = case.__class__(
        f"{number} {case.key}", case.facts, case.rows, case.completeness, case.stated, None, case.base_year
    )
    return Run(book, named, date.fromisoformat(str(worked.raw["as_of"])))


@pytest.mark.parametrize(
    "page", ["recognition/size", "recognition/tech_sme", "recognition/hnte", "channels/star"]
)
def test_formulas_of_real_rules_recompute(page: str, china: Rulebook, tmp_path: Path) -> None:
    book = china
    cases = [case for case in book.cases if case.page == page][:12]
    names = sorted({
        f"{page}.{name}" for case in cases for name in case.raw["expect"]  # type: ignore[attr-defined]
        if f"{page}.{name}" in book.rules and book.rules[f"{page}.{name}"].entity == book.root
    })  # fmt: skip
    runs = [_case(book, case, number) for number, case in enumerate(cases)]
    answers = [
        CaseAnswers(run.case, run.as_of, tuple(answer(run, name) for name in names), ()) for run in runs
    ]
    result = Result.build(book, None, names, answers, {})
    assert recompute(result, tmp_path / "out.xlsx") > 20


def test_answers_are_what_the_table_says(run_of: RunOf, result_of: ResultOf, tmp_path: Path) -> None:
    result = result_of([run_of(), run_of(staff=600)], EVERY)
    workbook = read(write_xlsx(tmp_path / "out.xlsx", result, "zh"))
    sheet, answers = Spreadsheet(workbook), workbook["Answers"]
    heads = [cell.value for cell in answers[1]]
    assert heads == result.table.column_names
    for row, expected in enumerate(result.table.to_pylist(), 2):
        for column, name in enumerate(heads, 1):
            found = sheet.cell(f"Answers!${get_column_letter(column)}${row}")
            wanted = number_of_day(expected[name]) if isinstance(expected[name], date) else expected[name]
            wanted = None if wanted == "" else wanted
            assert found == (pytest.approx(wanted) if isinstance(wanted, float) else wanted), name
    assert answers.cell(2, heads.index("eligible") + 1).data_type == "f"
    note = answers.cell(2, heads.index("eligible") + 1).comment
    assert note is not None
    assert "创新支持法" in note.text


def test_an_exact_tie_is_not_left_to_doubles(run_of: RunOf, result_of: ResultOf, tmp_path: Path) -> None:
    workbook = read(write_xlsx(tmp_path / "out.xlsx", result_of([run_of()], ["rd_intensive"])))
    [formula] = [
        str(cell.value)
        for cell in workbook["Working"]["D"]
        if str(cell.value).endswith(">=0") and cell.data_type == "f"
    ]
    assert formula.startswith("=ROUND(")
    assert Spreadsheet(workbook).formula(formula[1:]) is True


def test_text_from_outside_stays_text(
    book: Rulebook, run_of: RunOf, result_of: ResultOf, tmp_path: Path
) -> None:
    run = run_of(innovator_no='=HYPERLINK("http://x","y")', innovator_from="2024-01-01")
    case = run.case.__class__("+1+cmd|'/c calc'!A0", run.case.facts, run.case.rows)
    result = result_of([Run(book, case, run.as_of)], ["innovator"], {"rulebook": "@SUM(1)", "note": "-2\x07"})
    workbook = read(write_xlsx(tmp_path / "out.xlsx", result))
    formulas = [
        str(cell.value)
        for sheet in workbook
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert formulas
    assert not [text for text in formulas if "cmd" in text or "HYPERLINK" in text]
    key = workbook["Answers"]["A2"]
    assert (key.value, key.data_type, key.quotePrefix) == ("+1+cmd|'/c calc'!A0 1", "s", True)
    assert workbook["Record"]["B3"].value == "-2"
    texts = [cell for cell in workbook["Evidence"]["F"] if str(cell.value).startswith("=HYPER")]
    assert [cell.data_type for cell in texts] == ["s"]


def test_evidence_and_parameters_say_where_they_come_from(
    run_of: RunOf, result_of: ResultOf, tmp_path: Path
) -> None:
    workbook = read(write_xlsx(tmp_path / "out.xlsx", result_of([run_of()], ["grant_open"])))
    facts = [[cell.value for cell in row] for row in workbook["Evidence"].iter_rows(min_row=2)]
    assert ["case 1", None, None, "innovation.staff", "staff", 40, "person", "40", None, None] in [
        row[:10] for row in facts
    ]
    assert any(row[2] == "fiscal year 2022" and row[9] == "audited" and row[5] == 30_000_000 for row in facts)
    numbers = {
        row[0].value: [cell.value for cell in row[1:]] for row in workbook["Parameters"].iter_rows(min_row=2)
    }
    floor = numbers["innovation.rd_floor.small.value"]
    assert floor[:3] == [0.05, "ratio", "5%"]
    assert floor[4] == "art. 4(1)"
    assert floor[6] == datetime(2020, 7, 1)  # noqa: DTZ001  a day, as openpyxl reads it
