"""A page over all outcomes: an enterprise at a glance, its channels, and a portfolio counted."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from openpyxl import load_workbook

from gangmu.book import Book, load
from gangmu.report.page import MAX_DETAILED_MANY, detailed
from gangmu.report.portfolio import overview_of

FIRM = Path(__file__).parents[2] / "examples" / "small_firm"
DAY = "2026-11-22"


@pytest.fixture(scope="module")
def book() -> Book:
    return load("cn")


@pytest.fixture(scope="module")
def page(book: Book, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "firm.html"
    return book.assess(FIRM, DAY).write(path, "en,zh").read_text(encoding="utf-8")


def test_an_enterprise_is_told_group_by_group(page: str, book: Book) -> None:
    for group in book.model.groups:
        assert f'<h3 class="group">{group.label.zh}</h3>' in page
    assert "1.2 million CNY, 3.6%, 12 days" in page
    assert "2 conditions fail" in page
    assert "Channels that go together" in page
    assert "可同时使用的渠道" in page


def test_every_outcome_told_can_be_reached_and_needs_no_network(page: str) -> None:
    aimed = set(re.findall(r'href="#([^"]+)"', page))
    assert aimed <= set(re.findall(r'id="([^"]+)"', page))
    assert not re.search(r"(src|<script|@import|url\()", page.partition("</style>")[0])
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_a_portfolio_is_counted_and_its_open_amounts_totalled(book: Book) -> None:
    facts = {"founded_on": "2019-01-01", "staff": 60, "industry": "6513", "resident": "yes"}
    firms = [
        {"enterprise": f"e{n}", **facts, "neeq_layer": "basic" if n % 2 else "not_quoted"} for n in range(12)
    ]
    result = book.assess({"enterprise": firms}, DAY, ["equity", "kind", "credit"])
    assert detailed(result) == MAX_DETAILED_MANY
    told = overview_of(result, "en", {book.model.names["neeq"][0]: Counter({"is quoted already": 6})})
    assert [group.label for group in told] == [
        group.label.en for group in book.model.groups if group.name in ("equity", "kind", "credit")
    ]
    for group in told:
        for rule in group.rules:
            assert sum(number for _, number, _ in rule.counts) == len(firms)
            assert sum(share for *_, share in rule.counts) == pytest.approx(100)
    [neeq] = [rule for group in told for rule in group.rules if "NEEQ" in rule.label]
    assert neeq.blocks == "is quoted already (6)"


def test_amounts_are_added_over_enterprises_only_where_open(book: Book) -> None:
    kinds = {1: "technology", 2: "technology", 4: "other"}
    firms = [
        {"enterprise": f"e{n}", "bond_issuer": kind, "bond_wanted": f"{n} million CNY"}
        for n, kind in kinds.items()
    ]
    result = book.assess({"enterprise": firms}, DAY, ["credit"])
    [bond] = [
        rule
        for group in overview_of(result, "en", {})
        for rule in group.rules
        if rule.label == "Sci-tech innovation bond"
    ]
    assert bond.told == "open to all together: 3 million CNY"
    assert [(kind, number) for kind, number, _ in bond.counts] == [("met", 2), ("blocked", 1)]


def test_a_workbook_has_the_channels_that_go_together(book: Book, tmp_path: Path) -> None:
    path = book.assess(FIRM, DAY, ["credit"]).write(tmp_path / "firm.xlsx")
    rows = list(load_workbook(path)["Channels"].iter_rows(min_row=2, values_only=True))
    assert rows[0][:6] == ("hesui", 1, "Inclusive small and micro loan", "open", 1_200_000, 1_200_000)
    assert {row[1] for row in rows} == {1}
    assert "if open" in {row[3] for row in rows}
