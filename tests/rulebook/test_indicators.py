"""Items and indicators: what a plan names, its targets, and what was observed."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from gangmu.engine.assess import resolve_rules
from gangmu.errors import QuestionError
from gangmu.rulebook import model
from gangmu.rulebook.load import load, load_with_problems

HEAD = "name: small\noutcomes: []\n"
SOURCES = "act:\n  title: {en: An act}\n  force: law\n"
PAGE = """# Plan

```yaml
page:
  cite: {source: act, grade: official}
  serves: [t1]
t1:
  item: task
  cite: 1
t1_1:
  item: sub-task
  part_of: t1
  cite: "1.1"
users:
  indicator: persons
  baseline: {2020: 9.89 亿 persons}
  target: {2025: 12 亿 persons}
  serves: [t1]
  observations: seen.csv
  cite: box 1
```
"""
SEEN = """indicator,period,value,unit,known_on,source,at,grade,note
users,2025,11.25,亿 persons,2026-02-05,act,table,official,
users,2021-12,10.32,亿 persons,,act,,secondary,
users,2024,,,,,,unknown,not found
others,2024,5,%,,act,,official,
"""


def written(folder: Path, page: str = PAGE, seen: str = SEEN) -> Path:
    """A small rulebook in a folder."""
    texts = {"rulebook.yaml": HEAD, "sources.yaml": SOURCES, "plan.md": page, "seen.csv": seen}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_an_indicator_has_its_marks_and_its_own_observations(tmp_path: Path) -> None:
    """Numbers are exact and in base units; observations come in the order of time."""
    book = load(written(tmp_path))
    users = book.rules["plan.users"].body
    assert isinstance(users, model.Indicator)
    assert [(mark.year, mark.value.value) for mark in users.targets] == [(2025, Fraction(1_200_000_000))]
    assert [(one.period, one.ends) for one in users.observations] == [
        ("2021-12", date(2021, 12, 31)), ("2024", date(2024, 12, 31)), ("2025", date(2025, 12, 31)),
    ]  # fmt: skip
    unknown, last = users.observations[1:]
    assert unknown.value is None
    assert unknown.cite is None
    assert last.value is not None
    assert last.value.value == 1_125_000_000
    assert last.known_on == date(2026, 2, 5)


def test_what_serves_what_is_resolved(tmp_path: Path) -> None:
    """Pages, items and indicators name items by full name once the book is loaded."""
    book = load(written(tmp_path))
    part = book.rules["plan.t1_1"].body
    assert isinstance(part, model.Item)
    assert part.part_of == "plan.t1"
    assert book.pages["plan"].serves == ("plan.t1",)


def test_neither_can_be_asked_of_an_enterprise(tmp_path: Path) -> None:
    """Nothing computes them for a case."""
    with pytest.raises(QuestionError) as caught:
        resolve_rules(load(written(tmp_path)), ["users", "t1"])
    assert [problem.code for problem in caught.value.problems] == ["name-unknown", "name-unknown"]


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ("serves: [t1]\nt1", "serves: [t2]\nt1", "name-unknown", "plan.md:1"),
        ("serves: [t1]\nt1", "serves: [users]\nt1", "type-mismatch", "plan.md:1"),
        ("{2025: 12 亿 persons}", "12 亿 persons", "value-invalid", "plan.md:17"),
        ("{2025: 12 亿 persons}", "{2025: 12 亿元}", "unit-mismatch", "plan.md:17"),
        ("observations: seen.csv", "observations: ../seen.csv", "path-escape", "plan.md:19"),
        ("  cite: box 1\n", "", "uncited", "plan.md:14"),
    ],
)
def test_a_wrong_page_is_refused_at_its_line(
    tmp_path: Path, old: str, new: str, code: str, where: str
) -> None:
    """Each fault has one message."""
    book, problems = load_with_problems(written(tmp_path, PAGE.replace(old, new)))
    assert book is None
    assert [(problem.code, problem.where) for problem in problems] == [(code, where)]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("users,2025,", "users,25,", "value-invalid"),
        ("users,2025,", "users,2025-13,", "value-invalid"),
        ("act,table,official", ",table,official", "cite-incomplete"),
        ("act,table,official", "act,table,unknown", "cite-incomplete"),
        ("act,table,official", "other,table,official", "source-unknown"),
        ("11.25,亿 persons", "11.25,%", "unit-mismatch"),
    ],
)
def test_a_wrong_row_is_refused_at_its_line(tmp_path: Path, old: str, new: str, code: str) -> None:
    """A row of the file stands in the message."""
    book, problems = load_with_problems(written(tmp_path, seen=SEEN.replace(old, new)))
    assert book is None
    assert [(problem.code, problem.where) for problem in problems] == [(code, "seen.csv:2")]
