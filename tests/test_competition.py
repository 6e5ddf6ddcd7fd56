"""The competition pages: the researched vectors worked out anew, and the sixty-six items held together.

The vectors are read from the facts beside the project; where they are absent those tests are skipped. The
items are held against themselves: the class that a code's prefix gives, and the item that its row gives.
"""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

import gangmu
from gangmu.rulebook.model import Item

FACTS = Path(__file__).parents[2] / "shared" / "facts" / "competition.yaml"
PAGES = Path(gangmu.__file__).parent / "rulebooks" / "cn" / "competition"
CLASSES = {"8": "entry", "9": "flow", "10": "cost", "11": "conduct"}

facts_beside = pytest.mark.skipif(
    not FACTS.is_file(), reason="the researched facts are not beside the project"
)


@pytest.fixture(scope="module")
def book() -> gangmu.Book:
    """The shipped rulebook."""
    return gangmu.load("cn")


@pytest.fixture(scope="module")
def vectors() -> dict[str, list[dict[str, Any]]]:
    """The test vectors as researched: merger, dominance, safe_harbour."""
    found = yaml.safe_load(FACTS.read_text(encoding="utf-8"))["test_vectors"]
    assert isinstance(found, dict)
    return found


def answer(book: gangmu.Book, given: dict[str, object], day: str, rule: str) -> tuple[object, object]:
    """Value and status of one rule for one case."""
    row = book.assess(given, day, [rule]).to_arrow().to_pylist()[0]
    return row[rule], row[f"{rule}.status"]


def exact(number: float) -> str:
    """A number of the facts as the decimal it was written as."""
    return str(Decimal(str(number)))


@facts_beside
def test_merger_vectors(book: gangmu.Book, vectors: dict[str, list[dict[str, Any]]]) -> None:
    """The thresholds of the day decide."""
    assert len(vectors["merger"]) >= 4
    for vector in vectors["merger"]:
        parties = [
            {"name": f"party {number}", "worldwide": exact(world), "china": exact(china)}
            for number, (world, china) in enumerate(zip(vector["worldwide"], vector["china"], strict=True))
        ]
        given: dict[str, object] = {
            "enterprise": {"deal_held_by_party": "0", "deal_held_by_outsider": "0"},
            "deal_party": parties,
            "complete": "deal_party",
        }
        assert answer(book, given, vector["date"], "deal_must_notify")[0] is vector["notify"], vector


@facts_beside
def test_dominance_vectors(book: gangmu.Book, vectors: dict[str, list[dict[str, Any]]]) -> None:
    """Every firm of a vector is asked in its turn, with its two largest rivals."""
    assert len(vectors["dominance"]) >= 3
    for vector in vectors["dominance"]:
        shares = vector["shares"]
        presumed = []
        for firm, own in enumerate(shares):
            rivals = sorted((share for other, share in enumerate(shares) if other != firm), reverse=True)
            largest, second = [*rivals, 0, 0][:2]
            market = {
                "name": "m", "own_share": exact(own), "largest_rival_share": exact(largest),
                "second_rival_share": exact(second), "rebutted": "no",
            }  # fmt: skip
            given: dict[str, object] = {"enterprise": {}, "market": [market], "complete": "market"}
            if answer(book, given, "2025-06-30", "presumed_dominant")[0]:
                presumed.append(firm)
        assert presumed == vector["presumed"], vector


@facts_beside
def test_safe_harbour_vectors(book: gangmu.Book, vectors: dict[str, list[dict[str, Any]]]) -> None:
    """Before its numbers were in force the harbour gives no answer, neither yes nor no."""
    assert len(vectors["safe_harbour"]) >= 4
    for vector in vectors["safe_harbour"]:
        agreement = {"number": "a", "kind": vector["kind"], "share": exact(vector["share"])}
        if "turnover" in vector:
            agreement["turnover"] = exact(vector["turnover"])
        given: dict[str, object] = {
            "enterprise": {}, "vertical_agreement": [agreement], "complete": "vertical_agreement",
        }  # fmt: skip
        value, status = answer(book, given, vector["date"], "agreements_safe")
        assert value is vector["safe"], vector
        assert (status == "not_in_force") is (vector["safe"] is None)


def items() -> list[dict[str, str]]:
    """The rows of the table of items."""
    with (PAGES / "review_items.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_sixty_six_items_in_fifteen_articles() -> None:
    """6+4+5+4, 4+4+7+4+4, 4+5+4, 4+4+3, and every one said in both languages."""
    codes = [row["in"] for row in items()]
    assert len(codes) == len(set(codes))
    by_article = Counter(
        int(code[3:].split(".")[0])
        for code in codes
        if code.startswith("99-") and not code.startswith("99-24")
    )
    assert [by_article[article] for article in range(9, 24)] == [6, 4, 5, 4, 4, 4, 7, 4, 4, 4, 5, 4, 4, 4, 3]
    assert sum(by_article.values()) == 66
    assert sum(code.startswith("783-") for code in codes) == 19
    assert [row["in"] for row in items() if not (row["en"] and row["zh"])] == []


def test_every_code_is_an_item_of_the_book(book: gangmu.Book) -> None:
    """`99-19.3` of the table is the rule `o99_19_3`: part of the item the table gives, cited by article."""
    rules = {
        rule.short: rule for rule in book.model.rules.values() if rule.page == "competition/review_items"
    }
    for row in items():
        if row["in"].startswith("99-24"):
            continue  # article 24 repeats the items "other"
        rule = rules.pop("o" + row["in"].replace("-", "_").replace(".", "_"))
        assert isinstance(rule.body, Item)
        assert (rule.label.en, rule.label.zh) == (row["en"], row["zh"])
        article, _, number = row["in"].split("-")[1].partition(".")
        assert rule.editions[-1].standing.cites[0].at == f"art. {article}({number})"
        if row["in"].startswith("99-"):
            above = row["value"].replace("783-", "o783_").replace(".", "_")
            assert rule.body.part_of.rsplit(".", 1)[-1] == above
    assert sorted(rules) == ["review_conduct", "review_cost", "review_entry", "review_flow"]


def test_the_class_of_an_item_is_that_of_its_article(book: gangmu.Book) -> None:
    """Two tables of the page say it, by prefix and by row; they may not part."""
    rows = items()
    clauses = [
        {"number": row["in"], "standard": row["in"], "specific": "yes", "basis": "no", "ground": "lacking"}
        for row in rows
    ]
    asked = [f"{name}_clauses" for name in CLASSES.values()]
    given: dict[str, object] = {"enterprise": {}, "clause": clauses, "complete": "clause"}
    found = book.assess(given, "2025-06-30", [*asked, "unplaced_clauses", "clauses_failing"]).to_arrow()
    (answers,) = found.to_pylist()
    expected = Counter(CLASSES[row["value"].removeprefix("783-").split(".")[0]] for row in rows)
    assert {name: int(answers[f"{name}_clauses"]) for name in CLASSES.values()} == dict(expected)
    assert int(answers["unplaced_clauses"]) == 0
    assert int(answers["clauses_failing"]) == len(rows)


def test_recalled_bands_say_so(book: gangmu.Book) -> None:
    """The Chinese bands of concentration were not read: whatever rests on them carries that grade."""
    firms = [
        {"name": "a", "share": "0.3", "merging": "yes"},
        {"name": "b", "share": "0.2", "merging": "yes"},
        {"name": "c", "share": "0.5", "merging": "no"},
    ]
    given: dict[str, object] = {"enterprise": {}, "market_firm": firms, "complete": "market_firm"}
    row = book.assess(given, "2025-06-30", ["hhi_concern"]).to_arrow().to_pylist()[0]
    assert row["hhi_concern.grade"] == "recalled"
