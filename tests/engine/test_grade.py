"""The weakest grade on the deciding path: what each kind of rule rests on; explanations say the same.

The books have every grade in random places, so that a part that is wrongly counted, or wrongly left out,
changes some answer.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gangmu.engine.dates import Dating
from gangmu.engine.explain import explain
from gangmu.engine.grade import GRADE_OF, Ceilings, grade_of, grades_of
from gangmu.engine.interpreter import Run
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.load import load
from gangmu.rulebook.model import ROOT
from random_rules import SOURCES, graded_book, graded_rows

DAY = date(2025, 6, 30)


@pytest.mark.parametrize("seed", range(4))
def test_explanations_rest_on_the_same(tmp_path: Path, seed: int) -> None:
    book = graded_book(tmp_path, seed)
    evidence = read_evidence(graded_rows(seed, 24), book)
    assert not evidence.quarantine
    asked = [rule.name for rule in book.rules.values() if rule.entity == ROOT and rule.kind != "scale"]
    seen: set[str] = set()
    for case in evidence.cases():
        [day] = Dating("as_of").days([case])
        run = Run(book, case, day)
        told = [explain(run, name).grade for name in asked]
        assert dict(zip(asked, grades_of(run, asked), strict=True)) == dict(zip(asked, told, strict=True))
        ceilings = Ceilings(book, day)
        assert all(
            GRADE_OF.index(grade) <= ceilings.rule(name) for name, grade in zip(asked, told, strict=True)
        )
        seen.update(told)
    assert len(seen) >= len(GRADE_OF) - 1


CITED = """# Grades
```yaml
p: {input: condition}
q: {input: condition}
x: {input: number}
y: {input: number}
sure: {condition: p, cite: {source: s, at: art. 1, grade: official}}
told: {condition: q, cite: {source: s, at: art. 2, grade: recalled}}
both: {all_of: [sure, told], cite: {source: s, at: art. 3, grade: official}}
one: {any_of: [sure, told], cite: {source: s, at: art. 3, grade: official}}
but: {condition: sure, unless: told, cite: {source: s, at: art. 3, grade: official}}
low: {parameter: ratio, value: 1, cite: {source: s, at: art. 4, grade: secondary}}
least: {value: "LEAST(x, low)", unit: ratio, cite: {source: s, at: art. 4, grade: official}}
grant: {amount: ratio, limits: {asked: x, law: low}, cite: {source: s, at: art. 4, grade: official}}
step: {table: ratio, by: x, cite: {source: s, at: art. 5, grade: official}, rows: {
  few: {lt: 1, value: 1, cite: {source: s, at: art. 6, grade: conflict}}, many: {value: 2}}}
deed: {entity: dealt_on}
deed.dealt_on: {input: date}
deed.large: {condition: "deed.worth > 0", cite: {source: s, at: art. 7, grade: recalled}}
deed.worth: {input: number}
deeds: {value: count(deed) FILTER (WHERE deed.large), unit: count, cite: {source: s, at: a, grade: official}}
```
"""


@pytest.mark.parametrize(
    ("rule", "facts", "grade"),
    [
        ("both", {"p": "yes", "q": "yes"}, "recalled"),
        ("both", {"p": "no", "q": "yes"}, "official"),  # it fails for what is sure
        ("both", {"p": "no"}, "official"),
        ("both", {"p": "yes"}, "recalled"),  # open for what is not
        ("one", {"p": "yes", "q": "no"}, "official"),
        ("one", {"p": "no", "q": "no"}, "recalled"),
        ("but", {"p": "yes", "q": "no"}, "official"),
        ("but", {"p": "no", "q": "yes"}, "recalled"),  # met through the exception
        ("grant", {"x": "0.5"}, "official"),
        ("grant", {"x": "2"}, "secondary"),
        ("grant", {}, "secondary"),
        ("grant", {"x": "n/a"}, "secondary"),
        ("least", {"x": "0.5"}, "secondary"),  # a formula rests on all that it names
        ("step", {"x": "0"}, "conflict"),
        ("step", {"x": "1"}, "official"),
        ("step", {}, "official"),  # either row: the table itself
        ("deeds", {"complete": "deed"}, "recalled"),  # that there is none rests on what a deed is
    ],
)
def test_what_decides(tmp_path: Path, rule: str, facts: dict[str, str], grade: str) -> None:
    (tmp_path / "rulebook.yaml").write_text('name: grades\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (tmp_path / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    (tmp_path / "g.md").write_text(CITED, encoding="utf-8")
    book = load(tmp_path)
    run = Run(book, next(read_evidence({ROOT: [{ROOT: "e", **facts}]}, book).cases()), DAY)
    assert grade_of(run, f"g.{rule}") == grade == explain(run, f"g.{rule}").grade
