"""The SQL engine gives the interpreter's answers, exactly: on random books, and on shapes that trip SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from random import Random

import pytest

from gangmu.engine.assess import Answer, answers_of
from gangmu.engine.dates import Dating
from gangmu.engine.interpreter import Run
from gangmu.engine.sql import Answers, assess_tables
from gangmu.engine.sql.duck import DuckDB
from gangmu.evidence.cases import Evidence
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.load import load
from gangmu.rulebook.model import ROOT, Rulebook
from random_rules import graded_book, graded_rows, random_book, random_rows
from related_rules import related_book, related_rows

AS_OF = date(2025, 6, 30)


def differences(book: Rulebook, evidence: Evidence, answers: Answers, dating: Dating) -> list[object]:
    """Answers that are not the interpreter's."""
    wrong: list[object] = []
    for place, case in enumerate(evidence.cases()):
        day = dating.of(case)
        assert day is not None
        run = Run(book, case, day)
        wanted = answers_of(run, list(answers.columns))
        for (name, column), want in zip(answers.columns.items(), wanted, strict=True):
            got = column.answer(place)
            if want != got:
                wrong.append((name, place, want, got))
    return wrong


def asked(book: Rulebook) -> list[str]:
    """Every rule that can be asked."""
    return [r.name for r in book.rules.values() if r.entity == ROOT and r.kind != "scale"]


@pytest.mark.parametrize("seed", range(3))
def test_random_rules_over_random_holes(tmp_path: Path, seed: int) -> None:
    book = random_book(tmp_path, seed, 6)
    for holes, dating in ((0.0, Dating(day=AS_OF)), (0.2, Dating("as_of"))):
        evidence = read_evidence({ROOT: random_rows(Random(seed), 40, holes)}, book)
        answers = assess_tables(book, evidence, asked(book), dating, DuckDB())
        assert answers.refused == {}
        assert set(answers.columns) == set(asked(book))
        assert differences(book, evidence, answers, dating) == []


@pytest.mark.parametrize("seed", range(2))
def test_random_rules_over_related_rows(tmp_path: Path, seed: int) -> None:
    """Aggregates with FILTER and LAST(n), over rows given, missing, undecided, or said to be none."""
    book = related_book(tmp_path, seed, 6)
    for holes, dating in ((0.0, Dating(day=AS_OF)), (0.2, Dating("as_of"))):
        evidence = read_evidence(related_rows(Random(seed), 30, holes), book)
        answers = assess_tables(book, evidence, asked(book), dating, DuckDB())
        assert answers.refused == {}
        assert answers.stats["beyond"] < answers.stats["answers"] / 20
        assert differences(book, evidence, answers, dating) == []


def test_grades_titles_and_last_days(tmp_path: Path) -> None:
    """The weakest grade on the deciding path, whether a title is held, and its last day."""
    book = graded_book(tmp_path, 4)
    evidence = read_evidence(graded_rows(4, 40), book)
    answers = assess_tables(book, evidence, asked(book), Dating("as_of"), DuckDB())
    assert answers.refused == {}
    assert {answer.grade for column in answers.columns.values() for answer in column} >= {"", "secondary"}
    assert differences(book, evidence, answers, Dating("as_of")) == []


TRAPS = """# Traps
```yaml
a: {input: number}
b: {input: number}
p: {input: condition}
k: {input: code, pattern: "[a-z]{1,3}"}
level: {parameter: ratio, value: 0.05, ours: a test}
zero_by_zero: {condition: "a / b >= level", ours: a test}
differs: {condition: "a / b <> level", ours: a test}
smaller: {value: "LEAST(a, level)", unit: ratio, ours: a test}
listed: {condition: "k IN ('x', 'y')", ours: a test}
no_branch: {value: "CASE WHEN p THEN a END", unit: ratio, ours: a test}
either: {condition: "p OR a > b", ours: a test}
spare: {value: "COALESCE(a / b, level)", unit: ratio, ours: a test}
tie: {condition: "a / b >= level", ours: a test}
```
"""


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., Answer]:
    """The answer of a rule of TRAPS for one row of facts."""
    (tmp_path / "rulebook.yaml").write_text('name: traps\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (tmp_path / "t.md").write_text(TRAPS, encoding="utf-8")
    book = load(tmp_path)

    def one(rule: str, **facts: str) -> Answer:
        evidence = read_evidence({ROOT: [{ROOT: "e", **facts}]}, book)
        answers = assess_tables(book, evidence, [f"t.{rule}"], Dating(day=AS_OF), DuckDB())
        assert answers.stats["interpreter"] == 0
        return answers.columns[f"t.{rule}"].answer(0)

    return one


TRAPPED: Sequence[tuple[str, dict[str, str], str]] = [
    ("zero_by_zero", {"a": "0", "b": "0"}, "undefined"),  # DuckDB's 0/0 is NaN, above every number
    ("differs", {"a": "0", "b": "0"}, "undefined"),  # NaN <> x is true, NULL <> x is NULL
    ("differs", {"a": "1"}, "unknown"),
    ("smaller", {}, "unknown"),  # SQL's LEAST(NULL, 1) is 1
    ("smaller", {"a": "n/a"}, "undefined"),
    ("listed", {}, "unknown"),
    ("listed", {"k": "n/a"}, "undefined"),
    ("listed", {"k": "z"}, "false"),
    ("no_branch", {"p": "no", "a": "1"}, "undefined"),
    ("no_branch", {"a": "1"}, "unknown"),
    ("either", {"p": "yes"}, "true"),
    ("either", {"p": "no"}, "unknown"),
    ("either", {"p": "yes", "a": "n/a"}, "true"),
    ("either", {"p": "no", "a": "n/a"}, "undefined"),
    ("spare", {"a": "1", "b": "0"}, "known"),
    ("tie", {"a": "0.35", "b": "7"}, "true"),  # in doubles 0.35 / 7 is below 0.05
    ("tie", {"a": "0.3499999999", "b": "7"}, "false"),
]


@pytest.mark.parametrize(("rule", "facts", "status"), TRAPPED)
def test_shapes_that_trip_sql(
    ask: Callable[..., Answer], rule: str, facts: dict[str, str], status: str
) -> None:
    assert ask(rule, **facts).status == status


def test_a_number_too_long_goes_to_the_interpreter(tmp_path: Path) -> None:
    """A product of 80 digits fits no column: the interpreter gives it, and it is counted."""
    (tmp_path / "rulebook.yaml").write_text('name: long\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    rules = 'x: {input: number, decimals: 0}\ncube: {value: "POWER(x, 3)", unit: ratio, ours: a test}'
    page = f"# L\n```yaml\n{rules}\n```\n"
    (tmp_path / "t.md").write_text(page, encoding="utf-8")
    book = load(tmp_path)
    rows = [{ROOT: "a", "x": "31415926535897932384626"}, {ROOT: "b", "x": "3"}, {ROOT: "c"}]
    evidence = read_evidence({ROOT: rows}, book)
    answers = assess_tables(book, evidence, ["t.cube"], Dating(day=AS_OF), DuckDB())
    assert answers.stats["interpreter"] == 1
    assert differences(book, evidence, answers, Dating(day=AS_OF)) == []
