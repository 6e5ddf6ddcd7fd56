"""The form asks for what the rules need, and what it asks is what is read."""

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from gangmu.errors import GangmuError, QuestionError
from gangmu.evidence.read import read_evidence
from gangmu.evidence.template import needed_inputs, write_template
from gangmu.rulebook.model import Rulebook


def fill(path: Path, sheet: str, **cells: object) -> None:
    book = openpyxl.load_workbook(path)
    page: Any = book[sheet]
    columns = {str(cell.value).splitlines()[-1]: cell.column for cell in page[1]}
    row = next(row for row in range(3, 600) if page.cell(row, 1).value is None)
    for name, value in cells.items():
        page.cell(row, columns[name], value)
    book.save(path)


def test_what_is_filled_in_is_what_is_read(tmp_path: Path, book: Rulebook) -> None:
    path = write_template(book, tmp_path / "evidence.xlsx")
    fill(
        path,
        "enterprise 企业",
        enterprise="a",
        founded_on=dt.date(2019, 3, 1),
        staff=40,
        resident="是",
        complete="patent",
    )
    fill(path, "enterprise 企业", enterprise="b", staff="n/a", industry="0111")
    fill(
        path,
        "statement 年度报表",
        enterprise="a",
        fiscal_year=2024,
        revenue=0.1,
        origin="audited",
        document="report",
    )
    fill(
        path,
        "patent 知识产权",
        enterprise="a",
        number="P1",
        granted_on=dt.date(2023, 1, 2),
        kind="发明专利",
        in_force="否",
    )
    fill(path, "loan 借款", enterprise="a", number="007", drawn_on="2024-01-01", rate="3.45%")
    evidence = read_evidence(path, book)
    assert evidence.quarantine == ()
    assert evidence.notes == ()
    first, second = evidence.cases()
    assert {name: told[0].value for name, told in first.facts.items()} == {
        "founded_on": dt.date(2019, 3, 1), "staff": 40, "resident": True,
    }  # fmt: skip
    assert first.completeness["patent"] == "complete"
    assert {name: told[0].value for name, told in second.facts.items()} == {"staff": None, "industry": "0111"}
    revenue = first.rows["statement"][0].facts["revenue"][0]
    assert (str(revenue.value), revenue.origin, revenue.document) == ("1/10", "audited", "report")
    assert revenue.at.startswith("evidence.xlsx sheet statement 年度报表 row 3")
    patent = first.rows["patent"][0]
    assert (patent.facts["kind"][0].value, patent.facts["in_force"][0].value) == ("invention", False)
    loan = first.rows["loan"][0]
    assert (loan.facts["number"][0].value, str(loan.facts["rate"][0].value)) == ("007", "69/2000")


def test_an_empty_form_is_no_evidence_and_no_error(tmp_path: Path, book: Rulebook) -> None:
    evidence = read_evidence(write_template(book, tmp_path / "evidence.xlsx"), book)
    assert (len(evidence), evidence.quarantine) == (0, ())


def test_only_what_the_rules_need_is_asked(tmp_path: Path, book: Rulebook) -> None:
    assert needed_inputs(book, ["rd_share"]) >= {
        "evidence.statement.revenue",
        "evidence.statement.rd_expense",
    }
    path = write_template(book, tmp_path / "evidence.xlsx", ["rd_share"])
    workbook = openpyxl.load_workbook(path)
    assert [title.split()[0] for title in workbook.sheetnames] == [
        "README",
        "enterprise",
        "statement",
        "lists",
    ]
    statement: Any = workbook["statement 年度报表"]
    fields = [str(cell.value).splitlines()[-1] for cell in statement[1]]
    assert fields == ["enterprise", "fiscal_year", "revenue", "rd_expense", "origin", "document", "known_on"]


def test_the_form_helps_to_fill_it_in(tmp_path: Path, book: Rulebook) -> None:
    workbook = openpyxl.load_workbook(write_template(book, tmp_path / "evidence.xlsx"))
    patent: Any = workbook["patent 知识产权"]
    columns = {str(cell.value).splitlines()[-1]: cell for cell in patent[1]}
    assert columns["kind"].value == "权利种类\nkind of right\nkind"
    assert patent.cell(2, columns["kind"].column).value == "属于哪一种知识产权？\nWhat kind of right is it?"
    assert patent.freeze_panes == "B3"
    choices = {str(one.sqref): one.formula1 for one in patent.data_validations.dataValidation}
    letter = columns["kind"].column_letter
    assert f"{letter}3:{letter}5002" in choices
    assert workbook["lists"].sheet_state == "hidden"
    statement: Any = workbook["statement 年度报表"]
    assert "营业收入\noperating revenue [CNY]\nrevenue" in [cell.value for cell in statement[1]]


def test_a_rule_that_is_not_there(tmp_path: Path, book: Rulebook) -> None:
    with pytest.raises(QuestionError, match="names no single rule"):
        write_template(book, tmp_path / "evidence.xlsx", ["rd_mystery"])
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written(tmp_path: Path, book: Rulebook) -> None:
    with pytest.raises(GangmuError, match="cannot be written"):
        write_template(book, tmp_path / "nowhere" / "evidence.xlsx")
    (tmp_path / "taken.xlsx").mkdir()
    with pytest.raises(GangmuError, match="cannot be written"):
        write_template(book, tmp_path / "taken.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["taken.xlsx"]
