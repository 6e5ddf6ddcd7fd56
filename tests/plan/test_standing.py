"""Where the shipped plan stands, and how the small print of a verdict works."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from gangmu.plan import stand, standings
from gangmu.plan.standing import State, indicator_of
from gangmu.rulebook import model
from gangmu.rulebook.load import load

BOOK = load("cn")
TODAY = date(2026, 11, 22)

# As the researched facts read the end of 2025 (`status_end_2025` of plan.yaml).
EXPECTED: dict[str, State] = {
    "netizens": "missed", "five_g_penetration": "met", "gigabit_users": "met", "ipv6_active_users": "met",
    "hte_stock": "met", "digital_core_share": "met", "online_retail": "missed", "licence_online_rate": "met",
    "esscard_rate": "met", "online_gov_users": "met", "newgen_it_patents": "not_judgeable",
    "it_invest_share": "not_judgeable", "electronics_rd": "not_judgeable",
    "full_digital_firms": "not_judgeable", "equip_cloud_rate": "not_judgeable",
    "elitigation_share": "not_judgeable", "dcdi_plan": "not_judgeable",
}  # fmt: skip


def test_the_plan_stands_as_the_facts_read_it() -> None:
    """Each indicator of the plan with a target has the verdict that was researched, and no other has one.

    The page of networks and sectors has targets of ministries' own plans, and is held to its facts elsewhere.
    """
    other = "tasks/infrastructure"
    found = {one.rule.short: one.state for one in standings(BOOK, TODAY) if one.rule.page != other}
    assert {name: state for name, state in found.items() if state != "no_target"} == EXPECTED


def test_what_was_not_published_yet_does_not_count() -> None:
    """At the end of 2025 the count of people online at its end was not known."""
    rule = BOOK.rules["plan/plan.netizens"]
    before, after = stand(BOOK, rule, date(2025, 12, 31)), stand(BOOK, rule, TODAY)
    assert before.state == "under_way"
    assert before.latest[-1].ends < date(2025, 12, 31)
    assert after.latest[-1].period == "2025-12"
    assert after.covered == (Fraction(1125 - 989, 1200 - 989),) * 2


def test_a_verdict_is_no_better_than_what_it_rests_on() -> None:
    """A target recalled makes the verdict recalled."""
    assert stand(BOOK, BOOK.rules["plan/plan.esscard_rate"], TODAY).grade == "recalled"


@pytest.mark.parametrize(
    ("values", "direction", "state"),
    [
        (("11", "13"), "up", "disputed"),
        (("13", "12"), "up", "met"),
        (("11", "11.9"), "up", "missed"),
        (("11", "11.9"), "down", "met"),
    ],
)
def test_sources_that_differ_are_both_heard(
    values: tuple[str, str], direction: model.Direction, state: State
) -> None:
    """Two values of one period: a verdict only where both give it."""
    rule = BOOK.rules["plan/plan.netizens"]
    body = indicator_of(rule)
    last = body.observations[-1]
    assert last.value is not None
    both = tuple(
        replace(last, value=replace(last.value, value=Fraction(text) * 100_000_000)) for text in values
    )
    edition = replace(rule.editions[-1], body=replace(body, observations=both, direction=direction))
    assert stand(BOOK, replace(rule, editions=(edition,)), TODAY).state == state
