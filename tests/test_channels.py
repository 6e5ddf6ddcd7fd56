"""The channels of credit and equity: what their worked cases cannot hold.

Rates by month and reported loans against the researched facts, the fees over a patent's whole life, a firm of
which nothing is known, and a bank that puts its own numbers in the place of our scenarios.
"""

from __future__ import annotations

import csv
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

import gangmu
from gangmu.rulebook.model import Channel, Rule, Table

FACTS = Path(__file__).parents[2] / "shared" / "facts"
TODAY = "2026-06-01"
MONTHS_OF_PRIME_RATE = 85
CREDIT = (
    "inclusive_loan",
    "renewal",
    "guarantee",
    "ip_pledge",
    "cloud_credit",
    "compute_loan",
    "equipment_mortgage",
    "upgrade_loan",
    "transformation_credit",
    "data_credit",
    "receivable_finance",
    "e_voucher",
    "ip_abs",
    "innovation_bond",
)
EQUITY = ("guidance_fund", "national_vc", "sme_fund")


@pytest.fixture(scope="module")
def book() -> gangmu.Book:
    """The shipped rulebook."""
    return gangmu.load("cn")


def _row(book: gangmu.Book, given: dict[str, object], day: str, *rules: str) -> dict[str, object]:
    return dict(book.assess(given, day, list(rules)).to_arrow().to_pylist()[0])


def _channels(book: gangmu.Book) -> dict[str, Rule]:
    found = (rule for rule in book.model.rules.values() if isinstance(rule.body, Channel))
    return {rule.short: rule for rule in found if rule.page.startswith("channels/")}


@pytest.mark.skipif(not FACTS.is_dir(), reason="the researched facts are not beside the project")
def test_every_reported_loan_stands_on_a_page(book: gangmu.Book) -> None:
    """By the number at the beginning of its name."""
    with (FACTS / "finance_cases.csv").open(encoding="utf-8") as lines:
        wanted = {row["id"] for row in csv.DictReader(lines)}
    told = {case.name.split()[0] for case in book.model.cases}
    assert wanted
    assert wanted - told == set()


@pytest.mark.skipif(not FACTS.is_dir(), reason="the researched facts are not beside the project")
def test_the_prime_rate_is_that_of_each_month(book: gangmu.Book) -> None:
    """Every published month, for one year and for more than five, on the very day of its publication."""
    facts = yaml.safe_load((FACTS / "finance.yaml").read_text(encoding="utf-8"))
    months = facts["sme_credit"]["lpr"]["rows"]
    assert len(months) >= MONTHS_OF_PRIME_RATE
    for name, place in (("lpr_1y_published", 1), ("lpr_5y_published", 2)):
        rule = next(rule for rule in book.model.rules.values() if rule.short == name)
        for month in months:
            day = month[0] if isinstance(month[0], date) else date.fromisoformat(month[0])
            (held,) = (
                one
                for one in rule.editions
                if (one.start is None or one.start <= day) and (one.end is None or day < one.end)
            )
            assert isinstance(held.body, Table)
            rate = held.body.rows[0].cell.number
            assert rate is not None
            assert rate.value == Fraction(str(month[place])) / 100, (name, day)


def test_an_invention_kept_to_the_end_costs_82300(book: gangmu.Book) -> None:
    """Twenty patents of one firm, one in each year of its life, each with the full fee of that year."""
    patents = [
        {
            "number": str(age),
            "kind": "invention",
            "applied_on": f"{2026 - age}-06-01",
            "granted_on": "2026-05-01",
            "co_owned": "no",
        }
        for age in range(20)
    ]
    given: dict[str, object] = {
        "enterprise": {"taxable_income_last_year": "1000000 CNY"},
        "patent": patents,
        "complete": ["patent"],
    }
    assert _row(book, given, TODAY, "patent_fees")["patent_fees"] == pytest.approx(82300)


def test_a_firm_of_which_nothing_is_known_has_no_channel_open_and_none_closed(book: gangmu.Book) -> None:
    """Missing is not no: only what is not in force on the day may answer otherwise."""
    row = _row(book, {"enterprise": {}}, TODAY, *CREDIT, *EQUITY)
    assert {name: row[name] for name in (*CREDIT, *EQUITY) if row[name] is not None} == {}


def test_each_channel_says_who_decides_what_to_bring_and_whom_it_serves(book: gangmu.Book) -> None:
    """In both languages; and what is lent is named as sharing one capacity to repay."""
    channels = _channels(book)
    for name in (*CREDIT, *EQUITY):
        body = channels[name].body
        assert isinstance(body, Channel)
        assert body.who.en, name
        assert body.who.zh, name
        assert all(paper.en and paper.zh for paper in body.papers), name
        assert body.papers, name
        assert body.amount, name
        assert body.shares, name
    # a claim on a customer is repaid by the customer; a voucher by its core firm
    by_others = {"e_voucher"}
    bodies = {name: channels[name].body for name in CREDIT}
    alone = {
        name
        for name, body in bodies.items()
        if isinstance(body, Channel) and "repayment_capacity" not in body.shares
    }
    assert alone == by_others


def test_every_scenario_says_so(book: gangmu.Book) -> None:
    """A scenario's numbers may be replaced by a lender, and are called a scenario in both languages."""
    scenarios = [
        rule
        for rule in book.model.rules.values()
        if rule.page.startswith("channels/")
        and rule.label.en.startswith("scenario")
        and rule.kind == "parameter"
    ]
    assert scenarios
    assert [rule.name for rule in scenarios if not rule.open] == []
    assert [rule.name for rule in scenarios if not rule.label.zh.startswith("情景")] == []


def test_a_bank_puts_its_own_numbers_in_their_place(tmp_path: Path) -> None:
    """An overlay of two parameters: data worth something, and a longer capacity to repay."""
    folder = tmp_path / "bank"
    folder.mkdir()
    head = 'name: bank\nversion: "1"\nlabel: {en: Bank, zh: 银行}\nextends: cn\noutcomes: []\n'
    (folder / "rulebook.yaml").write_text(head, encoding="utf-8")
    (folder / "sources.yaml").write_text("{}\n", encoding="utf-8")
    page = """# Policy

```yaml
data_assets.data_advance_rate:
  replaces: true
  parameter: ratio
  value: 10%
  ours: the bank's policy
lending.capacity_years:
  replaces: true
  parameter: ratio
  value: 5
  ours: the bank's policy
```
"""
    (folder / "policy.md").write_text(page, encoding="utf-8")
    given: dict[str, object] = {
        "enterprise": {"founded_on": "2015-01-01", "data_appraised": "1000 万元"},
        "statement": [{"fiscal_year": 2025, "operating_cash_flow": "120 万元"}],
        "empty": ["loan"],
    }
    rules = ("data_collateral_value", "repayment_capacity")
    ours = _row(gangmu.load("cn"), given, TODAY, *rules)
    theirs = _row(gangmu.load(folder), given, TODAY, *rules)
    assert (ours[rules[0]], ours[rules[1]]) == (pytest.approx(0), pytest.approx(3_000_000))
    assert (theirs[rules[0]], theirs[rules[1]]) == (pytest.approx(1_000_000), pytest.approx(5_000_000))
