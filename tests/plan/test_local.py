"""Targets of places, and drafts of targets."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import gangmu
from gangmu.errors import EvidenceError

BOOK = gangmu.load("cn")
TARGETS = """indicator,place,name,level,part_of,base_year,base,target_year,target,source,lead,nature
gigabit_users,330000,浙江,province,,2020,300000,2025,40000000,notice 1,省通信管理局,binding
gigabit_users,330100,杭州,city,330000,,,2025,1500000,notice 2,,
gigabit_users,330200,宁波,city,330000,,,2025,1000000,notice 2,,
five_g_penetration,330000,浙江,province,,,,2025,70,notice 1,,
"""
SEEN = """indicator,period,value,source,known_on,place
gigabit_users,2025-12,41000000,an office,2026-02-01,330000
gigabit_users,2025-12,1300000,an office,2026-02-01,330100
"""


def written(folder: Path, targets: str = TARGETS) -> tuple[Path, Path]:
    """Both files."""
    (folder / "targets.csv").write_text(targets, encoding="utf-8")
    (folder / "seen.csv").write_text(SEEN, encoding="utf-8")
    return folder / "targets.csv", folder / "seen.csv"


def test_places_stand_below_their_indicator(tmp_path: Path) -> None:
    """Each with its own marks, level, lead and values; without values not judgeable."""
    targets, seen = written(tmp_path)
    found = BOOK.track("plan", "2026-11-22", targets=targets, observations=[seen])
    mine = [one for one in found.targets if one.rule.short == "gigabit_users"]
    assert [(one.place.code if one.place else "", one.status) for one in mine] == [
        ("", "met"), ("330000", "met"), ("330100", "missed"), ("330200", "not_judgeable"),
    ]  # fmt: skip
    province = mine[1]
    assert (province.indicator.nature, province.indicator.scope) == ("binding", "province")
    assert province.indicator.lead.in_("zh") == "省通信管理局"
    assert mine[0].standing.latest[-1].cite != province.standing.latest[-1].cite


def test_targets_split_downwards_are_added_up(tmp_path: Path) -> None:
    """Things are, ratios are not."""
    targets, _ = written(tmp_path)
    found = BOOK.track("plan", "2026-11-22", targets=targets).splits
    told = [(one.above.place.code if one.above.place else "", len(one.below), one.part) for one in found]
    assert told == [("", 1, Fraction(40, 60)), ("330000", 2, Fraction(25, 400))]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("gigabit_users,330000", "gigabits,330000", "name-unknown"),
        ("浙江,province,,2020", "浙江,region,,2020", "value-invalid"),
        ("2025,1500000", "25,1500000", "value-invalid"),
        ("2025,1500000", "2025,", "value-invalid"),
        ("binding", "firm", "value-invalid"),
        ("330200,宁波", "330100,宁波", "target-twice"),
    ],
)
def test_wrong_targets_are_refused(tmp_path: Path, old: str, new: str, code: str) -> None:
    targets, _ = written(tmp_path, TARGETS.replace(old, new))
    with pytest.raises(EvidenceError) as caught:
        BOOK.track("plan", "2026-11-22", targets=targets)
    assert code in [problem.code for problem in caught.value.problems]


def test_a_place_that_is_part_of_itself_hangs_nothing(tmp_path: Path) -> None:
    """Two places inside one another are told of nowhere rather than for ever."""
    targets, _ = written(tmp_path, TARGETS.replace("浙江,province,,2020", "浙江,province,330100,2020"))
    found = BOOK.track("plan", "2026-11-22", targets=targets).targets
    assert [one for one in found if one.place and one.rule.short == "gigabit_users"] == []


def test_a_draft_has_its_chance_and_likely_targets(tmp_path: Path) -> None:
    """An easier target is likelier; too few points have a spread and no chance."""
    path = tmp_path / "drafts.csv"
    path.write_text(
        "indicator,year,target\nhte_stock,2030,600000\nhte_stock,2030,700000\nfive_g_penetration,2030,95\n"
        "hte_stock,2025,\nhte_stock,2045,\n",
        encoding="utf-8",
    )
    easy, hard, few, over, far = BOOK.propose(path, "2026-11-22")
    assert easy.probability is not None
    assert hard.probability is not None
    assert easy.probability > hard.probability
    assert list(easy.targets) == [0.5, 0.7, 0.9]
    assert list(easy.targets.values()) == sorted(easy.targets.values(), reverse=True)
    assert (few.probability, few.targets, few.why) == (None, {}, "few_points")
    assert few.spread is not None
    assert few.spread[1] <= 1
    assert (over.why, far.why) == ("over", "too_far")
