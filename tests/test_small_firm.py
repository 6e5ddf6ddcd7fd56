"""The made-up firm of sixty people: its papers are read cell by cell, its answers are those of its README.

It stands just below the title of specialised SME, so the way that is proposed is applied here and must
flip the verdict, and a cent less must not.
"""

import csv
import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from stdnum.cn import uscc

import gangmu
from gangmu import Book
from gangmu.evidence.cases import Evidence
from gangmu.evidence.facts import Case, Fact

FIRM = Path(__file__).resolve().parent.parent / "examples" / "small_firm"
TODAY, NEXT_YEAR = "2026-11-22", "2027-01-01"
CONDITIONS = (
    "srdi_first_step",
    "srdi_niche",
    "srdi_scale",
    "srdi_focus",
    "srdi_debt",
    "srdi_rd",
    "srdi_rights",
    "srdi_market_position",
    "srdi_platform",
    "srdi_common",
)


@pytest.fixture(scope="module")
def book() -> Book:
    return gangmu.load("cn")


@pytest.fixture(scope="module")
def evidence(book: Book) -> Evidence:
    return book.read(FIRM)


@pytest.fixture(scope="module")
def case(evidence: Evidence) -> Case:
    (one,) = evidence.cases()
    return one


def fact(case: Case, year: int, name: str, origin: str) -> Fact:
    """The one fact of an annual row that has an origin."""
    told = (row.facts.get(name, ()) for row in case.rows["statement"] if row.period == year)
    (found,) = (one for facts in told for one in facts if one.origin == origin)
    return found


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def statuses(book: Book, evidence: object, day: str, *rules: str) -> list[object]:
    (row,) = book.assess(evidence, day, rules).to_dict()["rows"]
    return [row[f"{rule}.status"] for rule in rules]


# ---------------------------------------------------------------------- the papers


def test_it_is_said_to_be_made_up() -> None:
    (row,) = table(FIRM / "enterprise.csv")
    assert row["made_up"] == "yes"
    assert "虚构" in row["company_name"]
    assert "**This firm is made up.**" in (FIRM / "README.md").read_text(encoding="utf-8")
    assert uscc.is_valid(row["credit_code"])
    assert row["credit_code"][2:8] == "990000"  # no such region


def test_nothing_is_set_aside_and_every_paper_is_read(evidence: Evidence, case: Case) -> None:
    assert evidence.quarantine == ()
    told = [case.facts.values(), *(row.facts.values() for rows in case.rows.values() for row in rows)]
    used = {one.at.split(" ")[0] for facts in told for one in (fact for some in facts for fact in some)}
    assert used == {path.name for path in FIRM.iterdir() if path.suffix != ".md"}


@pytest.mark.parametrize(
    ("year", "name", "value", "cell"),
    [
        (2023, "revenue", "11764500", "statements_2023_audited.xlsx sheet 利润表, cell C5"),
        (2024, "revenue", "13058200", "statements_2024_audited.xlsx sheet 利润表, cell C5"),
        (2025, "revenue", "14213600", "statements_2025_audited.xlsx sheet 利润表, cell C5"),
        (2023, "rd_expense", "1148300", "statements_2023_audited.xlsx sheet 利润表, cell C10"),
        (2024, "rd_expense", "962400", "statements_2024_audited.xlsx sheet 利润表, cell C10"),
        (2025, "rd_expense", "1536900", "statements_2025_audited.xlsx sheet 利润表, cell C10"),
        (2022, "total_assets", "7830000", "statements_2023_audited.xlsx sheet 资产负债表, cell C15"),
        (2025, "total_liabilities", "4538100", "statements_2025_audited.xlsx sheet 资产负债表, cell E11"),
        (2025, "operating_cash_flow", "1319500", "statements_2025_audited.xlsx sheet 现金流量表, cell C6"),
    ],
)
def test_figures_of_several_years_come_from_cells_of_the_statements(
    case: Case, year: int, name: str, value: str, cell: str
) -> None:
    found = fact(case, year, name, "audited")
    assert (found.value, found.at, found.document) == (Fraction(value), cell, cell.split(" ", maxsplit=1)[0])


def test_a_rule_over_three_years_reads_the_tax_return(book: Book, evidence: Evidence) -> None:
    (row,) = book.assess(evidence, TODAY, ["hnte_rd_ratio"]).to_dict()["rows"]
    ratio = Fraction(1_684_500 + 1_207_800 + 1_253_100, 14_277_200 + 13_058_200 + 11_764_500)
    assert Fraction(str(row["hnte_rd_ratio"])) == pytest.approx(ratio)


def test_origins_are_kept_apart(case: Case) -> None:
    revenue = {
        one.origin: one.value
        for row in case.rows["statement"]
        if row.period == 2025
        for one in row.facts["revenue"]
    }
    assert revenue == {"audited": 14_213_600, "tax_return": 14_277_200, "ledger": 14_277_200}
    assert fact(case, 2025, "revenue", "tax_return").at == "tax_return_2025.xlsx sheet A100000, cell D4"
    assert (
        fact(case, 2025, "revenue", "ledger").at == "trial_balance_2025.xlsx sheet 科目余额表, cells F16, F19"
    )


def test_three_lawful_totals_of_research_are_three_facts(case: Case) -> None:
    assert [fact(case, 2025, "rd_expense", origin).value for origin in ("audited", "ledger")] == [
        1_536_900
    ] * 2
    assert fact(case, 2025, "rd_tax", "tax_return").value == 1_498_200
    assert fact(case, 2025, "rd_hnte", "tax_return").value == 1_684_500


def test_revenue_that_differs_is_a_finding(book: Book, evidence: Evidence) -> None:
    findings = book.assess(evidence, TODAY, ["srdi_sme"]).to_dict()["findings"]
    assert isinstance(findings, list)
    assert {(one["kind"], one["rule"]) for one in findings} == {
        ("origins-differ", "evidence.statement.revenue")
    }
    assert {
        origin for one in findings for origin in ("tax_return", "ledger") if f"({origin}" in one["what"]
    } == {
        "tax_return",
        "ledger",
    }


# ---------------------------------------------------------------------- the answers


def test_outcomes_of_the_day(book: Book, evidence: Evidence) -> None:
    (row,) = book.assess(evidence, TODAY).to_dict()["rows"]
    decided = {name: row[f"{name}.status"] for name in book.outcomes}
    assert {
        name: status for name, status in decided.items() if status not in ("unknown", "not_in_force")
    } == {
        "enterprise_size": "known",
        "digital_core": "true",
        **dict.fromkeys((f"t{number:02}_link" for number in range(1, 11)), "known"),
        "tech_sme": "conditions_met",
        "hnte": "held",
        "innovative_sme": "held",
        "srdi_sme": "blocked",
        "little_giant": "blocked",
        "key_little_giant": "false",
        "encouraged_ic_design": "false",
        "inclusive_loan": "true",
        "guarantee": "true",
        "cloud_credit": "true",
        "equipment_mortgage": "true",
        "rd_eligible": "true",
        "start_up_relief": "false",
        "chinext": "false",
        "bse": "false",
        "main_board": "false",
    }
    assert row["enterprise_size"] == "small"
    assert (row["hnte.until"], row["innovative_sme.until"]) == ("2026-12-08", "2027-10-28")


@pytest.mark.parametrize(("day", "status"), [("2026-12-07", "held"), ("2026-12-08", "lapsed")])
def test_the_certificate_runs_out_on_its_day(book: Book, evidence: Evidence, day: str, status: str) -> None:
    assert statuses(book, evidence, day, "hnte", "tech_sme") == [status, "conditions_met"]


@pytest.mark.parametrize(("day", "status"), [("2026-03-31", "unknown"), ("2026-04-01", "blocked")])
def test_the_new_standard_shuts_the_door(book: Book, evidence: Evidence, day: str, status: str) -> None:
    assert statuses(book, evidence, day, "srdi_sme") == [status]


def test_two_numbers_block(book: Book, evidence: Evidence) -> None:
    told = book.explain(evidence, "srdi_sme", as_of=TODAY)
    found = dict(zip(CONDITIONS, statuses(book, evidence, TODAY, *CONDITIONS), strict=True))
    assert {name for name, status in found.items() if status != "true"} == {"srdi_scale", "srdi_rd"}
    assert {found["srdi_scale"], found["srdi_rd"]} == {"false"}
    assert told.missing == ()


def test_the_way_is_revenue_of_the_year_that_is_still_open(book: Book, evidence: Evidence) -> None:
    (way,) = book.explain(evidence, "srdi_sme", as_of=TODAY).ways
    (change,) = way.changes
    assert (change.rule.name, change.line_year) == ("evidence.statement.revenue", 2026)
    assert (change.before.interval.lo, change.after.interval.lo) == (14_213_600, 15_000_000)
    assert (way.earliest.isoformat(), way.carried_forward) == (NEXT_YEAR, True)


@pytest.mark.parametrize(
    ("revenue", "status"), [("15000000.00", "conditions_met"), ("14999999.99", "blocked"), ("", "unknown")]
)
def test_the_way_applied_flips_the_verdict(book: Book, tmp_path: Path, revenue: str, status: str) -> None:
    """The year 2026 as proposed, the rest as in 2025."""
    shutil.copytree(FIRM, tmp_path / "firm")
    (tmp_path / "firm" / "statement.csv").write_text(
        "fiscal_year,revenue,main_revenue,rd_expense,total_assets,total_liabilities,origin\n"
        f"2026,{revenue},13190300,1536900,12430500,4538100,audited\n",
        encoding="utf-8",
    )
    assert statuses(book, tmp_path / "firm", NEXT_YEAR, "srdi_sme") == [status]


def test_the_year_itself_cannot_be_mended(book: Book, tmp_path: Path) -> None:
    """Fresh equity would stand for revenue on the day, but the R&D of 2024 is closed."""
    shutil.copytree(FIRM, tmp_path / "firm")
    path = tmp_path / "firm" / "enterprise.csv"
    (row,) = table(path)
    row["equity_2y"] = "20000000"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([row.keys(), row.values()])
    assert statuses(book, tmp_path / "firm", TODAY, "srdi_scale", "srdi_rd", "srdi_sme") == [
        "true",
        "false",
        "blocked",
    ]
