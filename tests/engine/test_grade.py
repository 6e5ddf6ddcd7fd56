"""The weakest grade on the deciding path: what each kind of rule rests on; explanations say the same.

The books have every grade in random places, so that a part that is wrongly counted, or wrongly left out,
changes some answer.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest

from gangmu.engine.dates import Dating
from gangmu.engine.explain import explain
from gangmu.engine.grade import GRADE_OF, Ceilings, grade_of, grades_of
from gangmu.engine.interpreter import Run
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.load import load
from gangmu.rulebook.model import GRADES, ROOT, Rulebook
from random_rules import PAGE, random_book, random_rows

DAY = date(2025, 6, 30)
SOURCES = "s: {title: {en: A source}, force: law}\n"
MORE = """
no: {input: text}
since: {input: date}
till: {input: date}
waived: {condition: "p", unless: "q AND a > 0", ours: a test}
grant: {amount: CNY, limits: {one: "a * unit", two: "b * unit", three: "c * unit"}, when: q, ours: a test}
unit: {parameter: CNY, value: 1 CNY, ours: a test}
badge: {title: waived, certificate: {number: no, from: since, to: till}, ours: a test}
with_badge: {any_of: ["HELD(badge)", "CONDITIONS_MET(badge)", "PASSES(marks)"], ours: a test}
deed: {entity: dealt_on}
deed.dealt_on: {input: date}
deed.worth: {input: number, range: {ge: 0}}
deed.large: {condition: "deed.worth > one", ours: a test}
deed.full: {value: "deed.worth + one", unit: ratio, ours: a test}
one: {parameter: ratio, value: 1, ours: a test}
deeds: {value: "count(deed) FILTER (WHERE deed.large)", unit: count, ours: a test}
worth: {value: "sum(deed.full)", unit: ratio, ours: a test}
chosen: {condition: "CASE WHEN p THEN deeds > 0 WHEN q THEN worth > b ELSE with_badge END", ours: a test}
"""


def graded_book(root: Path, seed: int) -> Rulebook:
    """A random book in which most rules cite a source, with random grades."""
    random = Random(seed)
    book = PAGE.removesuffix("\n") + MORE
    random_book(root, seed, 8, book)
    text = (root / "r.md").read_text(encoding="utf-8")
    pieces = text.split("ours: a test")
    cited = pieces[0]
    for piece in pieces[1:]:
        grade = random.choice(GRADES)
        cited += (
            "ours: a test" if random.random() < 0.3 else f"cite: {{source: s, at: art. 1, grade: {grade}}}"
        )
        cited += piece
    (root / "r.md").write_text(cited, encoding="utf-8")
    (root / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    return load(root)


def graded_rows(seed: int, count: int) -> dict[str, list[dict[str, object]]]:
    """Enterprises with certificates and deeds, with holes."""
    random = Random(seed)
    rows = random_rows(random, count, 0.15)
    deeds: list[dict[str, object]] = []
    for row in rows:
        row["no"] = random.choice(["", "n/a", "N 1", "N 2"])
        row["since"] = random.choice(["", "2020-01-01", "2024-01-01"])
        row["till"] = random.choice(["", "n/a", "2023-01-01", "2030-01-01"])
        row["complete"] = random.choice(["", "deed"])
        for day in random.sample(["2020-05-05", "2024-12-31", "2023-03-03"], random.randint(0, 3)):
            worth = random.choice(["", "0", "0.5", "1", "3"])
            deeds.append({ROOT: row[ROOT], "dealt_on": day, "worth": worth})
    return {ROOT: rows, "deed": deeds}


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
