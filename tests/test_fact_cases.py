"""Every case of the researched facts is a worked case on a page, under its own number.

The facts lie beside the project; where they are absent the test is skipped.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from gangmu.rulebook.load import load

FACTS = Path(__file__).parents[2] / "shared" / "facts"
ELSEWHERE = ("UC", "DE01")  # credit codes are tested with evidence; DE01 is a national total, no enterprise
# An iteration over a network of developers and repositories: the command for communities, not a rulebook.
NO_RULE = ("OS-ORK-1",)


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
    ("file", "least"), [("capability_cases.csv", 37), ("fair_competition_cases.csv", 50)]
)
def test_every_case_of_capability_and_competition_stands_on_a_page(file: str, least: int) -> None:
    """By the number at the beginning of its name."""
    with (FACTS / file).open(encoding="utf-8") as lines:
        wanted = [row["case_id"] for row in csv.DictReader(lines) if row["case_id"] not in NO_RULE]
    told = {case.name.split()[0].rstrip(":,") for case in load("cn").cases}
    assert len(wanted) >= least
    assert [case for case in wanted if case not in told] == []


def test_cases_say_what_they_rest_on() -> None:
    """Official, published, real, boundary and derived cases are kept apart."""
    kinds = {case.kind for case in load("cn").cases}
    assert kinds <= {"official", "published", "real", "boundary", "derived"}
    assert {"official", "boundary", "derived", "real"} <= kinds
