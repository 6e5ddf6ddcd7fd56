"""Papers that a firm has anyway: items by name wherever they stand, years by the heading above them.

The workbooks are made up in the shape that accounting programs write.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from gangmu.evidence.facts import Case
from gangmu.evidence.paper_grid import item_name, paper_year
from gangmu.evidence.papers import shipped_papers
from gangmu.evidence.read import read_evidence
from gangmu.evidence.template import write_template
from gangmu.rulebook.model import Rulebook

Folder = Callable[..., Path]
Rows = Sequence[Sequence[object]]
A = "911101121024836725"

INCOME: Rows = [
    ["利润表"],
    ["编制单位：甲公司", None, "2024年度", "单位：万元"],
    ["项目", "行次", "本期金额", "上期金额"],
    ["一、营业收入", 1, "1,234.50", 1000],
    ["减：营业成本", 2, 500, 400],
    ["    研发费用", 5, 100, None],
    ["四、净利润（净亏损以“－”号填列）", 20, -12.5, "—"],
    ["（一）归属于母公司所有者的净利润", 21, -13, 8],
]
BALANCE: Rows = [
    ["资产负债表"],
    [None, "2024年12月31日", None, None, "单位：元"],
    ["资产", "期末余额", "年初余额", "负债和所有者权益", "期末余额", "年初余额"],
    ["货币资金", 10, 20, "负债合计", 700, 600],
    ["资产总计", 1000, 900, "负债和所有者权益总计", 1000, 900],
]
CASH: Rows = [
    ["现金流量表"],
    ["项目", "2024年度", "2023年度", "2022年度"],
    ["经营活动产生的现金流量净额", 30, 20, 10],
]
TRIAL: Rows = [
    ["科目余额表"],
    ["期间：2024年1月-2024年12月"],
    ["科目编码", "科目名称", "期初余额", None, "本期发生额", None, "期末余额", None],
    [None, None, "借方", "贷方", "借方", "贷方", "借方", "贷方"],
    ["5001", "生产成本", 0, 0, 7, 7, 0, 0],
    ["6001", "主营业务收入", None, None, 900, "900.00", None, None],
    ["600101", "主营业务收入-软件", None, None, 900, 900, None, None],
    ["6051", "其他业务收入", None, None, 50.5, 50.5, None, None],
    ["6604", "研发费用", None, None, 80, 80, None, None],
]


def write(path: Path, **sheets: Rows) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def years(case: Case, name: str) -> Mapping[object, object]:
    return {
        row.period: [(fact.value, fact.origin) for fact in row.facts[name]]
        for row in case.rows["statement"]
        if name in row.facts
    }


def test_statements_of_one_workbook_become_rows_by_year(tmp_path: Path, book: Rulebook) -> None:
    evidence = read_evidence(
        write(tmp_path / "2024.xlsx", 利润表=INCOME, 资产负债表=BALANCE, 现金流量表=CASH), book
    )
    (case,) = evidence.cases()
    ours = "self_declared"
    assert years(case, "revenue") == {2024: [(12_345_000, ours)], 2023: [(10_000_000, ours)]}
    assert years(case, "rd_expense") == {2024: [(1_000_000, ours)]}
    assert years(case, "net_profit") == {2024: [(-130_000, ours)], 2023: [(80_000, ours)]}
    assert years(case, "total_assets") == {2024: [(1000, ours)], 2023: [(900, ours)]}
    assert years(case, "total_liabilities") == {2024: [(700, ours)], 2023: [(600, ours)]}
    assert years(case, "operating_cash_flow") == {2024: [(30, ours)], 2023: [(20, ours)], 2022: [(10, ours)]}
    row = next(row for row in case.rows["statement"] if row.period == 2024)
    assert row.facts["revenue"][0].at == "2024.xlsx sheet 利润表, cell C4"
    assert row.facts["revenue"][0].document == "2024.xlsx"
    assert evidence.quarantine == ()


def test_audited_statements_say_so_in_their_name(tmp_path: Path, book: Rulebook) -> None:
    evidence = read_evidence(write(tmp_path / "审计报告2024.xlsx", 现金流量表=CASH), book)
    (case,) = evidence.cases()
    assert years(case, "operating_cash_flow")[2024] == [(30, "audited")]


def test_a_trial_balance_goes_by_code_and_name(tmp_path: Path, book: Rulebook) -> None:
    (case,) = read_evidence(write(tmp_path / "余额表.xlsx", Sheet1=TRIAL), book).cases()
    assert years(case, "revenue") == {2024: [(950.5, "ledger")]}
    assert years(case, "main_revenue") == {2024: [(900, "ledger")]}
    assert years(case, "rd_expense") == {2024: [(80, "ledger")]}
    assert case.rows["statement"][0].facts["revenue"][0].at == "余额表.xlsx sheet Sheet1, cells F6, F8"


def test_a_trial_balance_of_half_a_year_is_no_fiscal_year(tmp_path: Path, book: Rulebook) -> None:
    half = [TRIAL[0], ["期间：2024年1月-2024年6月"], *TRIAL[2:]]
    evidence = read_evidence({"enterprise": {}}, book)
    assert evidence.notes == ()
    write(tmp_path / "half.xlsx", 科目余额表=half)
    (tmp_path / "enterprise.csv").write_text("key\na\n", "utf-8")
    evidence = read_evidence(tmp_path, book)
    assert next(evidence.cases()).rows == {}
    assert [note.code for note in evidence.notes] == ["paper-interim"]


def test_a_tax_return_with_its_cover(tmp_path: Path, book: Rulebook) -> None:
    write(
        tmp_path / "汇算清缴.xlsx",
        封面=[
            ["企业所得税年度纳税申报表封面"],
            ["税款所属期间：2024年01月01日至2024年12月31日"],
            ["纳税人统一社会信用代码（纳税人识别号）：", A],
            ["纳税人名称：甲公司"],
        ],
        A000000=[["A000000 企业所得税年度纳税申报基础信息表"], ["105所属国民经济行业（填写代码）", 6513]],
        A100000=[
            ["A100000 中华人民共和国企业所得税年度纳税申报表（A类）"],
            ["税款所属期间：2024年01月01日至2024年12月31日"],
            ["行次", "类别", "项目", "金额"],
            [1, "利润总额计算", "一、营业收入(填写A101010\\101020\\103000)", 12345.6],
        ],
    )  # fmt: skip
    (case,) = read_evidence(tmp_path / "汇算清缴.xlsx", book).cases()
    assert case.key == A
    assert {name: [(fact.value, fact.origin) for fact in told] for name, told in case.facts.items()} == {
        "credit_code": [(A, "tax_return")],
        "company_name": [("甲公司", "tax_return")],
        "industry": [("6513", "tax_return")],
    }
    assert years(case, "revenue") == {2024: [(Fraction("12345.6"), "tax_return")]}


def test_each_figure_says_its_own_file(tmp_path: Path, book: Rulebook) -> None:
    write(tmp_path / "income.xlsx", 利润表=INCOME)
    write(tmp_path / "balance.xlsx", 资产负债表=BALANCE)
    write(
        tmp_path / "cover.xlsx",
        A000000=[["A000000"], ["纳税人识别号：", A], ["纳税人名称", "甲（北京）公司"]],
    )
    (case,) = read_evidence(tmp_path, book).cases()
    facts = next(row.facts for row in case.rows["statement"] if row.period == 2024)
    assert [facts[name][0].document for name in ("revenue", "total_assets")] == [
        "income.xlsx",
        "balance.xlsx",
    ]
    code, name = case.facts["credit_code"][0], case.facts["company_name"][0]
    assert (code.document, code.at) == ("cover.xlsx", "cover.xlsx sheet A000000, cell B2")
    assert name.value == "甲（北京）公司"  # as written: the same name in a table has the same brackets


def test_a_tax_return_has_what_the_recognition_schemes_mean(tmp_path: Path, book: Rulebook) -> None:
    period = ["税款所属期间：2024年01月01日至2024年12月31日"]
    write(
        tmp_path / "汇算清缴.xlsx",
        A100000=[["A100000"], period, ["行次", "项目", "金额"], [1, "一、营业收入(填写A101010)", 900]],
        A107012=[
            ["A107012 研发费用加计扣除优惠明细表"],
            period,
            ["行次", "项目", "金额（数量）"],
            [40, "三、年度研发费用小计（2+36×80%+38）", 70],
            [45, "四、允许扣除的研发费用合计", 60],
        ],
        A107041=[
            ["A107041 高新技术企业优惠情况及明细表"],
            period,
            ["行次", "项目", "金额"],
            [8, "其中：收入总额", 950],
            [9, "不征税收入", 5],
            ["行次", "高新研发费用归集年度", "本年度", "前一年度", "前二年度"],
            [15, "七、归集的高新研发费用金额（16+25）", 80, 75, 72],
            [29, "八、销售（营业）收入", 900, 850, 800],
        ],
    )
    evidence = read_evidence(tmp_path / "汇算清缴.xlsx", book)
    (case,) = evidence.cases()
    tax = "tax_return"
    assert years(case, "sales") == {2024: [(900, tax)], 2023: [(850, tax)], 2022: [(800, tax)]}
    assert years(case, "rd_hnte") == {2024: [(80, tax)], 2023: [(75, tax)], 2022: [(72, tax)]}
    assert years(case, "rd_tax") == {2024: [(70, tax)]}
    assert years(case, "gross_income") == {2024: [(950, tax)]}
    assert years(case, "nontaxable_income") == {2024: [(5, tax)]}
    assert evidence.quarantine == ()


def test_papers_join_the_enterprise_that_tables_name(folder: Folder, book: Rulebook) -> None:
    path = folder(
        enterprise=f"key,credit_code,staff\nsoft,{A},60\n",
        statement="key,year,revenue,origin\nsoft,2024,950,audited\n",
    )
    write(path / "a.xlsx", Sheet1=TRIAL)
    write(path / "b.xlsx", A000000=[["A000000"], ["纳税人识别号：", A], ["所属国民经济行业", "6513"]])
    evidence = read_evidence(path, book)
    (case,) = evidence.cases()
    assert case.key == "soft"
    assert [(fact.value, fact.origin) for fact in case.facts["industry"]] == [("6513", "tax_return")]
    assert years(case, "revenue") == {2024: [(950, "audited"), (950.5, "ledger")]}
    assert evidence.quarantine == ()


def test_an_empty_form_beside_papers_names_no_enterprise(tmp_path: Path, book: Rulebook) -> None:
    write_template(book, tmp_path / "form.xlsx", ["rd_share"])
    write(tmp_path / "a.xlsx", Sheet1=TRIAL)
    evidence = read_evidence(tmp_path, book)
    (case,) = evidence.cases()
    assert years(case, "revenue") == {2024: [(950.5, "ledger")]}
    write(tmp_path / "b.xlsx", A000000=[["A000000"], ["纳税人识别号：", A], ["所属国民经济行业", "6513"]])
    evidence = read_evidence(tmp_path, book)
    (case,) = evidence.cases()
    assert case.key == A
    assert years(case, "revenue") == {2024: [(950.5, "ledger")]}
    assert evidence.quarantine == ()


def test_the_paper_of_another_enterprise_is_set_aside(folder: Folder, book: Rulebook) -> None:
    path = folder(enterprise=f"key,credit_code\nsoft,{A}\n")
    write(
        path / "b.xlsx",
        A000000=[["A000000"], ["纳税人识别号：", "91320581MA27FA4B17"], ["所属国民经济行业", "6513"]],
    )
    evidence = read_evidence(path, book)
    (case,) = evidence.cases()
    assert "industry" not in case.facts
    assert len(evidence.quarantine) == 1


def test_papers_that_agree_are_one_and_papers_that_differ_are_none(tmp_path: Path, book: Rulebook) -> None:
    later = [CASH[0], ["项目", "2025年度", "2024年度"], ["经营活动产生的现金流量净额", 40, 31]]
    agreeing = [CASH[0], ["项目", "2023年度"], ["经营活动产生的现金流量净额", "20.00"]]
    write(tmp_path / "a.xlsx", 现金流量表=CASH)
    write(tmp_path / "b.xlsx", 现金流量表=later)
    write(tmp_path / "c.xlsx", 现金流量表=agreeing)
    evidence = read_evidence(tmp_path, book)
    (case,) = evidence.cases()
    assert years(case, "operating_cash_flow").keys() == {2025, 2023, 2022}
    assert [entry.value for entry in evidence.quarantine] == ["30", "31"]
    assert "contradicts 31 in b.xlsx sheet 现金流量表, cell C3" in evidence.quarantine[0].reason


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("一、营业收入", "营业收入"),
        ("减：研发费用", "研发费用"),
        ("其中：研究费用", "研究费用"),
        ("  净利润（净亏损以“－”号填列）", "净利润"),
        ("105所属国民经济行业（填写代码）", "所属国民经济行业"),
        ("资产总计", "资产总计"),
        ("一、营业收入(填写A101010)", "营业收入"),
    ],
)
def test_item_names(text: str, name: str) -> None:
    assert item_name(text) == name


@pytest.mark.parametrize(
    ("head", "year", "interim"),
    [
        ("2024年12月31日", 2024, False),
        ("2024年度", 2024, False),
        ("2024年1-12月", 2024, False),
        ("2024年01月01日 至 2024年12月31日", 2024, False),
        ("2024年6月30日", None, True),
        ("2024年1-9月", None, True),
        ("no year", None, False),
    ],
)
def test_the_year_of_a_paper(head: str, year: int | None, interim: bool) -> None:
    found, part = paper_year(head, "", "")
    assert (found, bool(part)) == (year, interim)


def test_shipped_papers_have_what_they_need() -> None:
    assert [paper.name for paper in shipped_papers()] == ["cit_annual_return", "statements", "trial_balance"]
    assert all(
        form.signs and (form.items or form.beside or form.accounts)
        for paper in shipped_papers()
        for form in paper.forms
    )
