"""Two runs of a small book: every answer that changed comes with law, evidence or time, as it was made."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from pyarrow import csv, parquet

from gangmu.book import Book, diff, load
from gangmu.errors import GangmuError
from gangmu.report.diff import DiffResult

PAGE = """# Loans
```yaml
page: {{cite: {{source: act, at: art. 1, grade: secondary}}}}
staff: {{input: number, unit: persons, decimals: 0, range: {{ge: 0 persons}}, ask: {{en: How many?}}}}
revenue: {{input: number, unit: CNY, range: {{ge: 0 CNY}}, ask: {{en: Revenue?}}}}
no: {{input: text}}
since: {{input: date}}
till: {{input: date}}
ceiling: {{parameter: persons, value: {ceiling} persons, label: {{en: ceiling of staff}}, cite: art. 1}}
share: {{parameter: ratio, value: {share}, cite: art. 1}}
small: {{condition: staff <= ceiling, label: {{en: small}}, cite: art. 1}}
badge: {{title: small, certificate: {{number: no, from: since, to: till}}, label: {{en: badge}}, cite: art. 1}}
held: {{condition: HELD(badge), cite: art. 1}}
both: {{all_of: [small, held], cite: art. 1}}
line: {{value: revenue * share, unit: CNY, label: {{en: credit line}}, cite: art. 1}}
```
"""
HEAD = "enterprise,staff,revenue,no,since,till\n"
ROWS = {
    "ann": "ann,40,1000,N 1,2020-01-01,2025-06-30\n",
    "ben": "ben,60,1000,N 2,2020-01-01,2030-01-01\n",
    "eve": "eve,90,1000,N 3,2020-01-01,2030-01-01\n",
}
RULES = ["small", "held", "both", "line"]


def book(folder: Path, ceiling: int, share: str) -> Book:
    folder.mkdir()
    (folder / "rulebook.yaml").write_text('name: loans\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (folder / "sources.yaml").write_text("act: {title: {en: The Act}, force: law}\n", encoding="utf-8")
    (folder / "r.md").write_text(PAGE.format(ceiling=ceiling, share=share), encoding="utf-8")
    return load(folder)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An old and a new book; the facts of two years: ben and eve have fewer staff in the second, ben earns more."""
    book(tmp_path / "old", 50, "10%")
    book(tmp_path / "new", 70, "20%")
    later = ROWS | {
        "ben": "ben,45,3000,N 2,2020-01-01,2030-01-01\n",
        "eve": "eve,65,1000,N 3,2020-01-01,2030-01-01\n",
    }
    for name, rows in (("then", ROWS), ("now", later)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "enterprise.csv").write_text(HEAD + "".join(rows.values()), encoding="utf-8")
    return tmp_path


def run(place: Path, book_: str, facts: str, day: str, name: str) -> Path:
    return load(place / book_).assess(place / facts, day, RULES).write(place / name)


def told(found: DiffResult) -> dict[tuple[str, str], str]:
    return {(one.changed.enterprise, one.changed.name): one.parts("en") for one in found.lines}


def diff_with_all(first: Path, second: Path, place: Path) -> DiffResult:
    rulebooks, evidence = [place / "old", place / "new"], [place / "then", place / "now"]
    return diff(first, second, rulebooks=rulebooks, evidence=evidence)


@pytest.mark.parametrize("suffix", ["parquet", "json", "csv"])
def test_one_part_alone_is_told_from_the_files(place: Path, suffix: str) -> None:
    first = run(place, "old", "then", "2025-01-01", f"a.{suffix}")
    law, facts, day = (
        run(place, *asked, f"{number}.{suffix}")
        for number, asked in enumerate(
            [("new", "then", "2025-01-01"), ("old", "now", "2025-01-01"), ("old", "then", "2025-07-01")]
        )
    )
    assert told(diff(first, law)) == {
        ("ann", "line"): "law", ("ben", "small"): "law", ("ben", "both"): "law", ("ben", "line"): "law",
        ("eve", "line"): "law",
    }  # fmt: skip
    assert told(diff(first, facts)) == {("ben", name): "evidence" for name in ("small", "both", "line")}
    assert told(diff(first, day)) == {("ann", name): "passage of time" for name in ("held", "both")}
    assert len(diff(first, first)) == 0


def test_files_alone_do_not_part_what_moved_together(place: Path) -> None:
    first, second = (
        run(place, "old", "then", "2025-01-01", "a.json"),
        run(place, "new", "now", "2025-07-01", "b.json"),
    )
    found = diff(first, second)
    assert set(told(found).values()) == {"law or evidence or passage of time (cannot be told apart)"}
    assert found.missing == ("need rulebook 0", "need rulebook 1", "need evidence 0", "need evidence 1")


def test_worlds_that_were_not_part_what_moved_together(place: Path) -> None:
    first, second = (
        run(place, "old", "then", "2025-01-01", "a.parquet"),
        run(place, "new", "now", "2025-07-01", "b.json"),
    )
    found = diff_with_all(first, second, place)
    assert told(found) == {
        ("ann", "held"): "passage of time",
        ("ann", "both"): "passage of time",
        ("ann", "line"): "law",
        ("ben", "small"): "either of: law, evidence",  # 60 under the new ceiling, 45 under the old
        ("ben", "both"): "either of: law, evidence",
        ("ben", "line"): "law and evidence together",
        ("eve", "small"): "law and evidence together",  # 65 under the new ceiling, and only there
        ("eve", "both"): "law and evidence together",
        ("eve", "line"): "law",
    }
    roots = {
        (line.changed.enterprise, line.changed.name): [
            (part, root.kind, root.rule.short) for part, root in line.attribution.roots
        ]
        for line in found.lines if line.attribution is not None
    }  # fmt: skip
    assert roots["ann", "both"] == [("time", "certificate", "badge")]
    assert roots["eve", "both"] == [("law", "law", "ceiling"), ("evidence", "fact", "staff")]
    assert roots["ann", "line"] == [("law", "law", "share")]


def test_shares_add_up_to_the_difference(place: Path) -> None:
    first, second = (
        run(place, "old", "then", "2025-01-01", "a.json"),
        run(place, "new", "now", "2025-01-01", "b.json"),
    )
    found = {
        (line.changed.enterprise, line.changed.name): line
        for line in diff_with_all(first, second, place).lines
    }
    shares = found["ben", "line"].attribution
    assert shares is not None
    # 1000 x 10% -> 3000 x 20%: law first adds 100, last 300; evidence first adds 200, last 400
    assert shares.shares == {"law": Fraction(200), "evidence": Fraction(300)}


def test_answers_that_do_not_come_out_again_are_not_explained(place: Path) -> None:
    first, second = (
        run(place, "old", "then", "2025-01-01", "a.json"),
        run(place, "new", "then", "2025-01-01", "b.json"),
    )
    data = json.loads(first.read_text(encoding="utf-8"))
    data["rows"][2]["small"], data["rows"][2]["small.status"] = True, "true"
    first.write_text(json.dumps(data), encoding="utf-8")
    found = told(diff(first, second, rulebooks=[place / "old", place / "new"], evidence=[place / "then"]))
    assert found["eve", "small"] == "another version of Gangmu"
    assert found["ben", "small"] == "law"


def test_enterprises_of_one_run_only(place: Path) -> None:
    first, second = (
        run(place, "old", "then", "2025-01-01", "a.json"),
        run(place, "old", "now", "2025-01-01", "b.json"),
    )
    data = json.loads(second.read_text(encoding="utf-8"))
    data["rows"][0]["enterprise"] = "zoe"
    second.write_text(json.dumps(data), encoding="utf-8")
    compared = diff(first, second).compared
    assert (compared.gone, compared.new, compared.common) == (("ann",), ("zoe",), 2)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{", "run-unreadable"), ("[]", "run-unreadable"), ('{"rows": [], "record": {}}', "run-unreadable"),
        ('{"rows": [{"enterprise": "a", "as_of": "soon", "x.status": "true"}], "record": {}}', "run-unreadable"),
        ('{"rows": [{"enterprise": "a", "as_of": "2025-01-01", "x": 1, "x.status": "known"}], "record": 1}', "run-unreadable"),
        ('{"rows": [{"enterprise": "a", "as_of": "2025-01-01", "x": 1, "x.status": "known"}], "record": {"rules": []}}', "run-unreadable"),
    ],
)  # fmt: skip
def test_files_that_are_no_run(tmp_path: Path, content: str, code: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(GangmuError) as refused:
        diff(path, path)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_what_belongs_to_neither_run_is_refused(place: Path) -> None:
    first = run(place, "old", "then", "2025-01-01", "a.json")
    second = run(place, "old", "then", "2025-07-01", "b.json")
    for rulebook, facts, code in (("new", "then", "rulebook-other"), ("old", "now", "evidence-other")):
        with pytest.raises(GangmuError) as refused:
            diff(first, second, rulebooks=[place / rulebook], evidence=[place / facts])
        assert [problem.code for problem in refused.value.problems] == [code]
    with pytest.raises(GangmuError):
        diff(first, place / "none.json")
    with pytest.raises(GangmuError):
        diff(first, place / "then" / "run.xlsx")


def test_runs_of_evidence_in_parts(place: Path) -> None:
    facts = place / "facts.parquet"
    parquet.write_table(csv.read_csv(place / "then" / "enterprise.csv"), facts)
    runs = [place / "a.parquet", place / "b.parquet"]
    for path, day in zip(runs, ["2025-01-01", "2025-07-01"], strict=True):
        load(place / "old").assess_into(facts, path, day, RULES)
    found = diff(*runs, rulebooks=[place / "old"], evidence=[facts])
    assert told(found) == {("ann", name): "passage of time" for name in ("held", "both")}
    assert not found.missing


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "parquet", "json"])
def test_files_of_the_comparison(place: Path, suffix: str) -> None:
    first, second = (
        run(place, "old", "then", "2025-01-01", "a.json"),
        run(place, "new", "now", "2025-01-01", "b.json"),
    )
    found = diff_with_all(first, second, place)
    path = found.write(place / f"changes.{suffix}", "zh")
    assert path.stat().st_size > 300
    if suffix == "json":
        read = json.loads(path.read_text(encoding="utf-8"))
        assert {row["parts"] for row in read["changes"]} >= {"规则", "规则且证据共同作用"}
