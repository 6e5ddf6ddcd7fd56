"""Every case of the researched facts is a worked case on a page, under its own number.

The facts lie beside the project; where they are absent the test is skipped.
"""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from gangmu.plan.standing import stand
from gangmu.rulebook.load import load

FACTS = Path(__file__).parents[2] / "shared" / "facts"
ELSEWHERE = ("UC", "DE01")  # credit codes are tested with evidence; DE01 is a national total, no enterprise
# OpenRank iterates over a network: the command for communities, not a rulebook. Figures of a nation are
# indicators, held to the facts below.
NO_RULE = ("OS-ORK-", "IPV6-", "TRANS-")
IPV6 = {
    "active_users_100m": "ipv6_users_key_points",
    "fixed_share_pct": "ipv6_fixed_traffic",
    "mobile_share_pct": "ipv6_mobile_traffic",
}


@pytest.mark.skipif(not FACTS.is_dir(), reason="the researched facts are not beside the project")
def test_every_recognition_case_stands_on_a_page() -> None:
    """By the number at the beginning of its name."""
    with (FACTS / "recognition_cases.csv").open(encoding="utf-8") as file:
        wanted = [row["case_id"] for row in csv.DictReader(file) if not row["case_id"].startswith(ELSEWHERE)]
    told = {case.name.split()[0].rstrip(":,") for case in load("cn").cases}
    assert len(wanted) >= 40
    assert [case for case in wanted if case not in told] == []


@pytest.mark.skipif(not FACTS.is_dir(), reason="the researched facts are not beside the project")
@pytest.mark.parametrize(
    ("file", "least"), [("capability_cases.csv", 33), ("fair_competition_cases.csv", 50)]
)
def test_every_case_of_capability_and_competition_stands_on_a_page(file: str, least: int) -> None:
    """By the number at the beginning of its name."""
    with (FACTS / file).open(encoding="utf-8") as lines:
        ids = [row["case_id"] for row in csv.DictReader(lines)]
        wanted = [one for one in ids if not one.startswith(NO_RULE)]
    told = {case.name.split()[0].rstrip(":,") for case in load("cn").cases}
    assert len(wanted) >= least
    assert [case for case in wanted if case not in told] == []


@pytest.mark.skipif(not FACTS.is_dir(), reason="the researched facts are not beside the project")
def test_figures_of_the_nation_stand_where_the_facts_say() -> None:
    """IPv6 in June 2025 against the marks of that May; six of seventeen indicators of transport by 2024."""
    book = load("cn")
    with (FACTS / "capability_cases.csv").open(encoding="utf-8") as lines:
        rows = {row["case_id"]: row for row in csv.DictReader(lines)}
    reached = {
        row["subject"]: json.loads(row["expected"])["reached_by_mid_2025"]
        for case, row in rows.items()
        if case.startswith("IPV6-")
    }
    assert set(reached) == set(IPV6)
    for subject, expected in reached.items():
        found = stand(book, book.rules[f"tasks/infrastructure.{IPV6[subject]}"], date(2025, 8, 1))
        assert found.latest[-1].period == "2025-06"
        assert (found.state == "met") is expected, subject
    transport = stand(book, book.rules["tasks/infrastructure.transport_indicators_met"], date(2025, 7, 21))
    (latest,) = transport.latest
    said = json.loads(rows["TRANS-17"]["expected"])
    assert latest.value is not None
    assert transport.target is not None
    assert latest.value.value == said["met_by_2024"]
    assert transport.target.value.value - latest.value.value == said["due_by_end_2025"]


def test_cases_say_what_they_rest_on() -> None:
    """Official, published, real, boundary and derived cases are kept apart."""
    kinds = {case.kind for case in load("cn").cases}
    assert kinds <= {"official", "published", "real", "boundary", "derived"}
    assert {"official", "boundary", "derived", "real"} <= kinds
