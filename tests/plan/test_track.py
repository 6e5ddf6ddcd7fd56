"""Targets tracked and backtested: statuses that are no guess, vintages that were published."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path

import pytest

import gangmu
from gangmu.errors import GangmuError
from gangmu.plan.backtest import binomial_interval, known_by, score
from gangmu.plan.standing import dated

BOOK = gangmu.load("cn")
NAMES = {
    "netizens",
    "hte_stock",
    "online_retail",
}  # the plan's indicators with six comparable points and more


def statuses(as_of: str) -> dict[str, tuple[str, str]]:
    """Status and what decided it, by name."""
    return {one.rule.short: (one.status, one.by) for one in BOOK.track("plan", as_of).targets}


def test_after_the_plan_published_values_decide() -> None:
    """Met, missed, or not judgeable, as the facts say."""
    found = statuses("2026-11-22")
    assert found["netizens"] == ("missed", "values")
    assert found["gigabit_users"] == ("met", "values")
    assert found["newgen_it_patents"] == ("not_judgeable", "")
    assert {by for _, by in found.values()} == {"values", ""}


def test_before_its_end_a_projection_decides_or_the_pace() -> None:
    """Six points give a probability, fewer only a pace and a spread, a base alone nothing."""
    tracking = BOOK.track("plan", "2024-06-30")
    found = {one.rule.short: one for one in tracking.targets}
    assert found["netizens"].by == "probability"
    assert found["netizens"].status == "off_track"
    assert found["ipv6_active_users"].by == "pace"
    assert found["ipv6_active_users"].probability is None
    assert found["ipv6_active_users"].reach is not None
    assert (found["it_invest_share"].status, found["it_invest_share"].reach) == ("not_judgeable", None)


def test_what_linear_and_compound_pace_dispute_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """R&D intensity of electronics: 88% of the linear pace, 97% of the compound one."""
    monkeypatch.setattr("gangmu.plan.forecast.FEWEST", 99)
    found = {one.rule.short: one for one in BOOK.track("plan", "2023-12-31").targets}["electronics_rd"]
    assert found.pace is not None
    assert found.pace.progress is None
    assert (found.status, found.by) == ("not_judgeable", "")


def test_conflicts_and_what_is_set_aside_are_told() -> None:
    """Nothing is dropped in silence."""
    found = {one.rule.short: one for one in BOOK.track("plan", "2026-11-22").targets}
    [group] = [group for group in found["digital_core_share"].series.conflicts if group[0].ends.year == 2024]
    assert sorted(float(one.value.value) for one in group if one.value) == [0.104, 0.12]
    assert {reason for _, reason in found["online_retail"].series.aside} == {"other_basis"}


def test_every_task_has_a_row() -> None:
    """Ten tasks, each with the indicators that serve it; together all targets, each once."""
    tracking = BOOK.track("plan", "2026-11-22")
    tasks = tracking.tasks
    assert [name for name, _ in tasks][1:] == [f"tasks/t{number:02}.t{number:02}" for number in range(1, 11)]
    assert sorted(one.rule.name for _, some in tasks for one in some) == sorted(
        one.rule.name for one in tracking.targets
    )


def test_a_point_keeps_vintage_source_and_licence(tmp_path: Path) -> None:
    """What is written can be read, and every value says where it is from."""
    path = BOOK.track("plan", "2026-11-22").write(tmp_path / "track.json")
    told = json.loads(path.read_text(encoding="utf-8"))
    points = [point for target in told["targets"] for point in (*target["series"], *target["latest"])]
    assert points
    assert all(
        {"published", "source", "licence", "grade"} <= set(point) and point["source"] for point in points
    )
    with pytest.raises(GangmuError) as caught:
        BOOK.track("plan").write(tmp_path / "track.doc")
    assert [problem.code for problem in caught.value.problems] == ["form-unknown"]
    assert not (tmp_path / "track.doc").exists()


def test_a_backtest_knows_only_what_was_published() -> None:
    """Every value that a forecast rests on was out by its day, or a year old where the day is not known."""
    year, trials = BOOK.backtest("plan")
    assert year == 2025
    assert {trial.origin for trial in trials} == {date(2021, 12, 31), date(2022, 12, 31), date(2023, 12, 31)}
    for trial in trials:
        for point in trial.series.years:
            out = dated(BOOK.model, point.chosen)
            assert known_by(BOOK.model, point.chosen) <= trial.origin
            assert out is None or out <= trial.origin
            assert point.year < trial.origin.year + (out is not None)
    assert {trial.rule.short for trial in trials if trial.projection} == NAMES


def test_errors_stand_beside_the_simple_forecasts() -> None:
    """The means are over the same trials; no pass mark is asserted here."""
    _, trials = BOOK.backtest("plan")
    found = score(trials)
    assert found is not None
    assert found.count == sum(trial.projection is not None for trial in trials)
    assert found.held == sum(trial.held is True for trial in trials)
    assert found.naive == pytest.approx(
        sum(abs(trial.error(trial.naive)) for trial in trials if trial.projection) / found.count
    )


@pytest.mark.parametrize(("hits", "count"), [(0, 5), (5, 5), (3, 8), (8, 10)])
def test_the_interval_is_that_of_clopper_and_pearson(hits: int, count: int) -> None:
    """The ends are the shares at which so many hits, or so few, have a chance of 2.5%."""
    low, high = binomial_interval(hits, count)

    def chance(share: float, numbers: range) -> float:
        return sum(math.comb(count, k) * share**k * (1 - share) ** (count - k) for k in numbers)

    assert low == 0 if hits == 0 else chance(low, range(hits, count + 1)) == pytest.approx(0.025)
    assert high == 1 if hits == count else chance(high, range(hits + 1)) == pytest.approx(0.025)


def test_a_page_that_is_not_there_is_refused() -> None:
    """With the pages that there are."""
    with pytest.raises(GangmuError) as caught:
        BOOK.track("nowhere")
    assert [problem.code for problem in caught.value.problems] == ["page-unknown"]
    assert "plan/plan" in caught.value.problems[0].expected
