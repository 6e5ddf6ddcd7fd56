"""An index as a rule: what does not load, what a table may not be, and what the shipped indices say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import gangmu
from gangmu.errors import EvidenceError, QuestionError
from gangmu.plan.index.alter import adjusted
from gangmu.rulebook.load import load_with_problems

GOOD = """  index: {unit: place, year: year}
  ours: a test
  elements: {a: {}, b: {of: {c: {weight: 2}, d: {direction: down}}}}
  normalise: {by: min_max, onto: [0, 100]}
  aggregate: arithmetic
"""
TABLE = "place,year,a,c,d\nN,2023,1,5,9\nS,2023,2,3,1\nN,2024,4,5,9\nS,2024,2,3,8\nE,2024,3,9,7\n"


def folder(tmp_path: Path, rule: str) -> Path:
    (tmp_path / "rulebook.yaml").write_text('name: t\nversion: "1"\nlabel: {en: t}\n', encoding="utf-8")
    page = f"# T\n\n```yaml\nof_all:\n  value: 0\n  ours: a test\nranking:\n{rule}```\n"
    (tmp_path / "t.md").write_text(page, encoding="utf-8")
    (tmp_path / "t.txt").write_text(TABLE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("aggregate: arithmetic", "aggregate: by_guess", "method-unknown"),
        ("aggregate: arithmetic", "aggregate: {by: arithmetic, top: luck}", "method-unknown"),
        ("  aggregate: arithmetic\n", "", "value-invalid"),
        ("onto: [0, 100]", "onto: [100, 0]", "value-invalid"),
        (", onto: [0, 100]", "", "value-invalid"),
        ("by: min_max, onto", "by: min_max, skew: 2, onto", "key-unknown"),
        ("by: min_max,", "by: goalposts,", "value-invalid"),
        ("{weight: 2}", "{weight: -2}", "value-invalid"),
        ("d: {direction: down}", "a: {direction: down}", "name-twice"),
        ("d: {direction: down}", "d: {direction: sideways}", "value-invalid"),
        ("d: {direction: down}", "d: {rule: of_all}", "value-invalid"),
        ("elements: {a", "weigh: {by: budget, experts: {x: {z: 3}}}\n  elements: {a", "name-unknown"),
        ("index: {unit: place, year: year}", "index: {year: year}", "value-invalid"),
        ("index: {unit: place, year: year}", "index: {unit: place, value: v}", "value-invalid"),
        ("  ours: a test\n", "", "uncited"),
        ("arithmetic\n", "arithmetic\n  vary: {}\n", "factor-empty"),
        ("arithmetic\n", "arithmetic\n  vary: {colour: [red]}\n", "factor-empty"),
        ("arithmetic\n", "arithmetic\n  vary: {aggregate: [arithmetic]}\n", "factor-empty"),
        ("arithmetic\n", "arithmetic\n  vary: {aggregate: [geometric, geometric]}\n", "factor-empty"),
        ("arithmetic\n", "arithmetic\n  vary: {normalise: {points: [1, 2]}}\n", "factor-empty"),
        ("arithmetic\n", "arithmetic\n  vary: {weights: {by: 0%}}\n", "factor-empty"),
        ("arithmetic\n", "arithmetic\n  vary: {weights: {by: 25%, of: [nobody]}}\n", "factor-empty"),
        ("arithmetic\n", "arithmetic\n  vary: {leave_out: [z]}\n", "factor-empty"),
    ],
)
def test_what_does_not_load_says_so_at_its_line(tmp_path: Path, old: str, new: str, code: str) -> None:
    assert old in GOOD
    _, problems = load_with_problems(folder(tmp_path, GOOD.replace(old, new)))
    assert code in {problem.code for problem in problems}
    assert all(problem.where.startswith("t.md:") for problem in problems)
    assert all(int(problem.where.partition(":")[2]) >= 7 for problem in problems)


def test_an_index_is_terminal(tmp_path: Path) -> None:
    place = folder(tmp_path, GOOD)
    page = (place / "t.md").read_text(encoding="utf-8")
    (place / "t.md").write_text(page.replace("value: 0", "value: ranking + 1"), encoding="utf-8")
    _, problems = load_with_problems(place)
    assert [problem.rule for problem in problems] == ["of_all"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("place,year,a,c,d", "place,year,a,c,e", "no column `d`"),
        ("S,2024,2,3,8", "N,2024,2,3,8", "stands in rows"),
        ("S,2024,2,3,8", "S,2024,two,3,8", "`two` is no number"),
        ("S,2024,2,3,8", "S,2024,inf,3,8", "`inf` is no number"),
        ("S,2024,2,3,8", ",2024,2,3,8", "the unit is not named"),
        ("N,2023,1,5,9\nS,2023,2,3,1\n", "N,2023,1,5,9\n", "1 units"),
        ("N,2023,1,5,9\nS,2023,2,3,1\n", "N,2023,,5,9\nS,2023,,3,1\n", "`a` is empty"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    place = folder(tmp_path, GOOD)
    (place / "t.csv").write_text(TABLE.replace(old, new), encoding="utf-8")
    with pytest.raises(EvidenceError, match=said):
        gangmu.load(place).index("ranking", place / "t.csv")


def test_questions_that_cannot_be_answered(tmp_path: Path) -> None:
    place = folder(tmp_path, GOOD)
    book = gangmu.load(place)
    with pytest.raises(QuestionError, match="no index"):
        book.index("of_all", place / "t.txt")
    with pytest.raises(QuestionError, match="no year 1999"):
        book.index("ranking", place / "t.txt", year="1999")
    with pytest.raises(QuestionError, match="ships no population"):
        book.index("ranking")
    with pytest.raises(QuestionError, match="nothing that varies"):
        book.index("ranking", place / "t.txt", sobol=16)


def test_scores_parts_and_moves(tmp_path: Path) -> None:
    """N 2024: a 100; c 33.3, d 0 -> b 22.2; the index 61.1. S: a 0; c 0, d 50 -> 16.7; 8.3. E: 50, 100."""
    place = folder(tmp_path, GOOD)
    result = gangmu.load(place).index("ranking", place / "t.txt")
    scores = dict(zip(result.computed.population.units, result.computed.score, strict=True))
    assert scores == pytest.approx({"N": 550 / 9, "S": 25 / 3, "E": 75.0})
    assert result.parts is not None
    assert result.parts["c"].tolist() == pytest.approx([100 / 9, 0, 100 / 3])
    assert np.sum([result.parts[name] for name in ("a", "c", "d")], axis=0) == pytest.approx(
        result.computed.score
    )
    assert result.moves is not None
    assert result.moves.rank.tolist() == [2, 1, 0]  # E is new
    gone = {one.element: one.ranks.tolist() for one in result.without}
    assert gone["a"] == [2, 3, 1]
    assert gone["c"] == [2, 3, 1]  # N: (100 + 0) / 2, S: (0 + 50) / 2, E: (50 + 100) / 2
    other = adjusted(result.computed, {("S", "a"): 4.0, ("S", "d"): 7.0})
    assert (
        dict(zip(other.population.units, other.ranks.tolist(), strict=True))["S"] == 1
    )  # 66.7 before N with 61.1
    with pytest.raises(QuestionError, match="no figure"):
        adjusted(result.computed, {("S", "z"): 1.0})


def test_an_index_may_read_rules_of_each_enterprise(tmp_path: Path) -> None:
    place = folder(tmp_path, GOOD.replace("{a: {}, b: {of: {c: {weight: 2}, d: {direction: down}}}}",
                                          "{pay: {rule: pay}, heads: {rule: staff}}")
                   .replace("{unit: place, year: year}", "enterprise"))  # fmt: skip
    page = (place / "t.md").read_text(encoding="utf-8")
    (place / "t.md").write_text(
        page.replace(
            "of_all:\n  value: 0\n",
            "wages: {input: number, unit: CNY}\nstaff: {input: number, unit: persons}\n"
            "pay:\n  value: wages / staff\n",
        ),
        encoding="utf-8",
    )
    (place / "firms.txt").write_text("x", encoding="utf-8")
    firms = {"enterprise": [
        {"enterprise": "x", "wages": "100 CNY", "staff": "10 persons"},
        {"enterprise": "y", "wages": "300 CNY", "staff": "20 persons"},
        {"enterprise": "z", "staff": "30 persons"},
    ]}  # fmt: skip
    result = gangmu.load(place).index("ranking", firms, as_of="2025-01-01")
    rows = {row["unit"]: row["score"] for row in result.rows()}
    assert rows == {"x": 0.0, "y": 75.0, "z": 100.0}  # what is unknown is left out, not zero


def test_figures_are_taken_instead_and_stand_in_the_record(tmp_path: Path) -> None:
    place = folder(tmp_path, GOOD)
    book = gangmu.load(place)
    other = book.index("ranking", place / "t.txt", figures=["S.a=4", "S.d=7"])
    assert {row["unit"]: row["rank"] for row in other.rows()} == {"S": 1, "N": 2, "E": 3}
    assert other.record["figures"] == ["S.a=4", "S.d=7"]
    with pytest.raises(QuestionError) as refused:
        book.index("ranking", place / "t.txt", figures=["S.a=much", "a=4", "S.a=inf"])
    assert len(refused.value.problems) == 3


def test_a_page_without_place_years_or_bands_is_written_all_the_same(tmp_path: Path) -> None:
    place = folder(tmp_path, GOOD.replace("{unit: place, year: year}", "place"))
    table = "place,a,c,d\nN,4,5,9\nS,2,3,8\nE,,,\n"
    (place / "t.csv").write_text(table, encoding="utf-8")
    result = gangmu.load(place).index("ranking", place / "t.csv")
    assert [row["rank"] for row in result.rows()] == [1, 2, None]
    assert result.moves is None
    text = result.write(tmp_path / "t.html").read_text(encoding="utf-8")
    assert "without a score" in text
    for kind in ("xlsx", "csv", "parquet", "json", "png"):
        assert result.write(tmp_path / f"t.{kind}").stat().st_size > 0
    with pytest.raises(gangmu.GangmuError, match=r"no file of kind \.doc"):
        result.write(tmp_path / "t.doc")


@pytest.mark.parametrize("name", ["province_innovation", "province_industry"])
def test_the_provincial_indices(name: str, tmp_path: Path) -> None:
    result = gangmu.load("cn").index(name, runs=200)
    assert len(result.computed.population.units) == 31
    assert sorted(result.computed.ranks) == list(range(1, 32))
    assert not np.isnan(result.computed.raw).any()
    assert len(set(result.computed.population.tiles)) == 31
    assert set(result.computed.stages.panel.years) == {"2020", "2021", "2022", "2023"}
    assert result.grade == "secondary"
    for lang, words in (
        ("en", "Hong Kong, Macao and Taiwan are not included"),
        ("zh", "不含香港、澳门、台湾"),
    ):
        text = result.write(tmp_path / f"{lang}.html", lang).read_text(encoding="utf-8")
        assert words in text
        assert "<script" not in text
        assert text.count("<details") == 2 * 31
    assert result.write(tmp_path / "ranks.svg").read_text(encoding="utf-8").startswith("<svg")
