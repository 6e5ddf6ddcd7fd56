"""The listing pages against companies that really went to the exchanges.

`examples/listed` says of each company, in words, what a person who read the sources expects. Here the words
are rules: what must come out true, false, open, not in force. A company of which only the chosen standard is
known must find that standard in force; one that was refused for reasons other than numbers must not be
decided by numbers.
"""

import csv
import re
from datetime import date
from pathlib import Path

import pytest

import gangmu
from gangmu import Book
from gangmu.engine.worked import state_of
from gangmu.evidence.cases import Evidence

LISTED = Path(__file__).resolve().parent.parent / "examples" / "listed"

TRUE, FALSE, OPEN, ABSENT = "true", "false", "unknown", "not_in_force"

# What `expected_satisfied`, `expected_not_satisfied` and `not_computable` say, by company.
EXPECTED: dict[str, dict[str, str]] = {
    "moore-threads": {
        "star_set_2": TRUE,
        "star_set_4": TRUE,
        "star_attr_rd": TRUE,
        "star_attr_revenue": TRUE,
        "star_growth_tier": TRUE,
        "star_any_set": TRUE,
        "star_set_1": FALSE,
        "star_set_3": OPEN,
        "star_attr_patents": OPEN,
    },
    "unitree": {
        "star_wvr_1": TRUE,
        "star_wvr_2": TRUE,
        "star_any_set": TRUE,
        "star_attr_rd": TRUE,
        "star_attr_staff": TRUE,
        "star_attr_revenue": TRUE,
        "star_set_1": TRUE,
        "star_set_3": TRUE,
        "star_set_4": TRUE,
        "chinext_set_1": TRUE,
        "chinext_set_2": TRUE,
        "star_set_2": FALSE,
        "main_set_1": FALSE,
        "chinext_set_4_research": FALSE,
        "star_attr_patents": OPEN,
    },
    "cxmt": {
        "star_attr_revenue": TRUE,
        "star_set_1": FALSE,
        "star_set_2": OPEN,
        "star_set_3": OPEN,
        "star_set_4": OPEN,
        "star_attr_rd": OPEN,
    },
    "onmicro": {"star_set_1": FALSE, "star_wvr_2": OPEN, "star_any_set": OPEN},
    "dapu": {
        "chinext_wvr_2": TRUE,
        "chinext_any_set": TRUE,
        "chinext_set_3_numbers": TRUE,
        "chinext_pos_2": TRUE,
        "chinext_indicators": TRUE,
        "chinext_set_1": FALSE,
        "chinext_set_2": FALSE,
    },
    "cansemi": {
        "chinext_set_3_numbers": TRUE,
        "chinext_growth_ok": TRUE,
        "chinext_growth_spared": TRUE,
        "chinext_set_1": FALSE,
        "chinext_set_2": FALSE,
        "chinext_set_3": OPEN,
        "chinext_set_4_growth": ABSENT,
        "rd_sum_3y": OPEN,
    },
    "qinheng": {
        "star_attr_staff": TRUE,
        "star_attr_revenue": TRUE,
        "star_set_1": OPEN,
        "chinext_set_1": OPEN,
        "star_attr_rd": OPEN,
    },
    "paratera": {
        "bse_set_2": TRUE,
        "bse_any_set": TRUE,
        "bse_set_1": FALSE,
        "bse_set_3": OPEN,
        "bse_set_4": OPEN,
    },
    "hanshow": {"chinext_set_2": OPEN},
    "hansong": {"chinext_set_2": OPEN},
    "inovance-automotive": {"chinext_set_2": OPEN},
}

BOARDS = {"STAR": "star", "ChiNext": "chinext", "BSE": "bse"}


def companies() -> dict[str, dict[str, str]]:
    with (LISTED / "enterprise.csv").open(encoding="utf-8", newline="") as file:
        return {row["enterprise"]: row for row in csv.DictReader(file)}


COMPANIES = companies()


def of_grade(*grades: str) -> list[str]:
    return [key for key, row in COMPANIES.items() if row["test_grade"] in grades]


@pytest.fixture(scope="module")
def book() -> Book:
    return gangmu.load("cn")


@pytest.fixture(scope="module")
def evidence(book: Book) -> Evidence:
    return book.read(LISTED)


def state(book: Book, evidence: Evidence, company: str, rule: str, day: date | None = None) -> str:
    """What comes out of a rule for a company: true, false, or its state."""
    [name] = book.model.names[rule]
    value = book.run(evidence, company, day).value(name)
    if value.is_true or value.is_false:
        return TRUE if value.is_true else FALSE
    return state_of(value)


def standard_rule(standard: str) -> str:
    """The rule of a chosen standard: `STAR_4` is star_set_4, `CHINEXT_WVR_2_v2023` is chinext_wvr_2."""
    board, _, rest = re.sub(r"_v\d{4}$", "", standard.lower()).partition("_")
    return f"{board}_set_{rest}" if rest.isdigit() else f"{board}_{rest}"


def day_of(row: dict[str, str]) -> date:
    """The day on which the rules are asked: its own, else the first day of the decision."""
    given = row["as_of"] or row["decision_date"].partition("/")[0]
    return date.fromisoformat(given if len(given) == 10 else f"{given}-01")


def test_every_row_was_read(evidence: Evidence) -> None:
    assert len(evidence) == len(COMPANIES) == 36
    assert not evidence.quarantine
    assert set(EXPECTED) == set(of_grade("full", "partial"))


@pytest.mark.parametrize("company", of_grade("full", "partial"))
def test_limbs_come_out_as_the_sources_say(book: Book, evidence: Evidence, company: str) -> None:
    found = {rule: state(book, evidence, company, rule) for rule in EXPECTED[company]}
    assert found == EXPECTED[company]


@pytest.mark.parametrize("company", [key for key, row in COMPANIES.items() if row["chosen_standard"]])
def test_chosen_standard_is_in_force_and_not_refuted(book: Book, evidence: Evidence, company: str) -> None:
    row = COMPANIES[company]
    came_out = state(book, evidence, company, standard_rule(row["chosen_standard"]), day_of(row))
    assert came_out in (TRUE, OPEN)


@pytest.mark.parametrize("company", of_grade("outcome_only"))
def test_numbers_do_not_decide_who_was_refused_for_other_reasons(
    book: Book, evidence: Evidence, company: str
) -> None:
    row = COMPANIES[company]
    assert state(book, evidence, company, BOARDS[row["board"]], day_of(row)) == OPEN


@pytest.mark.parametrize(
    ("company", "revenue"),
    [("hanshow", "4486000000"), ("hansong", "1454000000"), ("inovance-automotive", "16178000000")],
)
def test_revenue_limb_of_set_2_holds_where_only_revenue_is_known(
    book: Book, company: str, revenue: str
) -> None:
    row = COMPANIES[company]
    rest = {
        "enterprise": {"expected_market_value": "1500000000"},
        "statement": [
            {"fiscal_year": 2024, "revenue": revenue, "net_profit": "0.01", "net_profit_adjusted": "0.01"}
        ],
    }
    [name] = book.model.names["chinext_set_2"]
    assert book.run(rest, None, day_of(row)).value(name).is_true


def test_set_4_did_not_exist_before_its_day(book: Book, evidence: Evidence) -> None:
    assert state(book, evidence, "yunbao", "chinext_set_4", date(2026, 4, 23)) == ABSENT
    assert state(book, evidence, "yunbao", "chinext_set_4", date(2026, 4, 24)) == OPEN


def test_weighted_voting_companies_may_not_use_the_general_sets(book: Book, evidence: Evidence) -> None:
    """Of Dapu Micro the press said `third set`; its set is the second of its own kind."""
    assert state(book, evidence, "dapu", "chinext_set_3_numbers") == TRUE
    assert state(book, evidence, "dapu", "chinext_wvr_1") == FALSE
    assert state(book, evidence, "dapu", "chinext_wvr_2") == TRUE
    assert state(book, evidence, "dapu", "chinext_any_set") == TRUE
