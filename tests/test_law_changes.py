"""The same firm on four days: the law changes around it, and the answer says by which article."""

from __future__ import annotations

from pathlib import Path

import pytest

import gangmu

YEARS = range(2018, 2026)
FIRM = {
    "enterprise": {
        "company_name": "A firm made up for this test", "founded_on": "2012-01-01", "issuer_kind": "general",
        "expected_market_value": "1200 million CNY", "industry": "6513", "software_industry": "no",
        "invention_patents_main": "6",
    },
    "statement": [
        {
            "fiscal_year": year, "revenue": str(110_000_000 + 4_000_000 * (year - 2018)),
            "net_profit": "40 million CNY",
            "net_profit_adjusted": "38 million CNY", "rd_investment": "24 million CNY", "origin": "audited",
        }
        for year in YEARS
    ],
}  # fmt: skip
DAYS = ("2022-12-31", "2024-03-31", "2024-05-31", "2026-11-22")


@pytest.fixture(scope="module")
def book() -> gangmu.Book:
    """The shipped rulebook."""
    return gangmu.load("cn")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("chinext_set_1", ["true", "true", "false", "false"]),
        ("chinext_set_2", ["true", "true", "false", "false"]),
        ("star_attr_patents", ["true", "true", "false", "false"]),
        ("star_attr_rd", ["true", "true", "true", "true"]),
        ("star_set_1", ["true", "true", "true", "true"]),
        ("chinext_set_3", ["not_in_force", "false", "false", "false"]),
        ("chinext_set_4_growth", ["not_in_force", "not_in_force", "not_in_force", "false"]),
    ],
)
def test_the_law_of_the_day_decides(book: gangmu.Book, rule: str, expected: list[str]) -> None:
    """76 million of lower-of profit in two years and six patents: enough until 30 April 2024."""
    found = [book.assess(FIRM, day, [rule]).to_arrow().column(f"{rule}.status")[0].as_py() for day in DAYS]
    assert found == expected


def test_both_standards_of_specialised_firms_by_date(book: gangmu.Book) -> None:
    """The measure of 2022 to 31 March 2026, that of 2026 from 1 April; before 2022-08-01 neither."""
    rule = book.model.rules[book.model.names["srdi_conditions"][0]]
    spans = [(str(e.start), str(e.end)) for e in rule.editions]
    assert ("2022-08-01", "2026-04-01") in spans
    assert ("2026-04-01", "None") in spans


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_explanation_names_the_article_and_the_wording_of_the_day(book: gangmu.Book, lang: str) -> None:
    """100 million needed after, 50 million before, each with article 2.1.2(1)."""
    from gangmu.report.sentences import sentences

    told = {}
    for day in ("2024-03-31", "2024-05-31"):
        why = book.explain(FIRM, "chinext_set_1", as_of=day)
        lines = sentences(why.run, why.tree, lang, full=True)
        told[day] = " ".join(f"{line.text} {line}" for line in lines)
        assert "2.1.2(1)" in told[day]
    needed = {
        "en": ("at least 50 million CNY", "at least 100 million CNY"),
        "zh": ("不低于5,000万元", "不低于1亿元"),
    }[lang]
    assert needed[0] in told["2024-03-31"]
    assert needed[1] in told["2024-05-31"]


def test_the_same_record_gives_the_same_answer(book: gangmu.Book, tmp_path: Path) -> None:
    """Two runs, one record, one table; another day, another record."""
    first, again = (book.assess(FIRM, "2024-05-31") for _ in range(2))
    assert first.record == again.record
    assert first.to_arrow().equals(again.to_arrow())
    assert first.record["rulebook_digest"] == book.digest
    assert book.assess(FIRM, "2024-03-31").record != first.record
    assert first.write(tmp_path / "a.parquet").exists()


def test_a_title_is_held_only_by_its_certificate(book: gangmu.Book) -> None:
    """Not shown is not known; said to be none is no; shown is held until its last day, then lapsed."""

    def row(**facts: str) -> dict[str, object]:
        return dict(book.assess({"enterprise": facts}, "2026-06-30", ["hnte"]).to_arrow().to_pylist()[0])

    assert row()["hnte"] is None
    assert row(hnte_no="n/a")["hnte"] is False
    held = row(hnte_no="GR2024", hnte_from="2024-12-08")
    assert (held["hnte"], held["hnte.status"], str(held["hnte.until"])) == (True, "held", "2027-12-08")
    lapsed = row(hnte_no="GR2020", hnte_from="2020-12-08", hnte_to="2023-12-08")
    assert (lapsed["hnte"], lapsed["hnte.status"]) == (False, "lapsed")
