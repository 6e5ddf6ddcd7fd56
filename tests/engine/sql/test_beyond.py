"""Numbers that the query does not hold: what is known of one is not said of another."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gangmu.engine.dates import Dating
from gangmu.engine.sql import assess_tables
from gangmu.engine.sql.duck import DuckDB
from gangmu.engine.sql.places import Warehouse
from gangmu.engine.sql.terms import Term, Terms
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.load import load
from gangmu.rulebook.model import Rulebook

PAGE = """\
# R
```yaml
b: {input: number, range: {ge: 0}}
c: {input: number}
s: {entity: year}
s.year: {input: year}
s.m: {input: number}
root: {value: SQRT(b), unit: ratio, ours: a test}
below: {condition: min(s.m / c) < 0, ours: a test}
tenth: {parameter: ratio, value: 0.1, ours: a test}
steps: {value: "FLOOR(sum(s.m), tenth)", unit: ratio, ours: a test}
```
"""


def book_of(folder: Path) -> Rulebook:
    """The rulebook of the page."""
    (folder / "rulebook.yaml").write_text('name: r\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (folder / "r.md").write_text(PAGE, encoding="utf-8")
    return load(folder)


def test_a_root_is_no_negative_number_but_a_minimum_may_be(tmp_path: Path) -> None:
    book = book_of(tmp_path)
    firm = {"enterprise": "e", "b": "2", "c": "-3", "complete": "s"}
    rows = [{"enterprise": "e", "year": "2024", "m": "1"}, {"enterprise": "e", "year": "2023", "m": "5"}]
    evidence = read_evidence({"enterprise": [firm], "s": rows}, book)
    found = assess_tables(book, evidence, ["r.root", "r.below"], Dating(day=date(2025, 6, 30)), DuckDB())
    assert [answer.status for answer in found.columns["r.below"]] == ["true"]


@pytest.mark.parametrize("place", ["duckdb", "postgres"])
def test_a_sum_of_which_no_number_is_known_is_rounded_to_whole_steps(
    tmp_path: Path, place: str, request: pytest.FixtureRequest
) -> None:
    """A column of nothing but holes is worked out in machine words, and so is what becomes of it."""
    warehouse: Warehouse = request.getfixturevalue(place)
    firms = [{"enterprise": "e", "complete": "s"}, {"enterprise": "f", "complete": "s"}]
    rows = [{"enterprise": "e", "year": "2024", "m": "n/a"}, {"enterprise": "e", "year": "2023", "m": ""}]
    book = book_of(tmp_path)
    evidence = read_evidence({"enterprise": firms, "s": rows}, book)
    found = assess_tables(book, evidence, ["r.steps"], Dating(day=date(2025, 6, 30)), warehouse)
    undefined, nought = found.columns["r.steps"]
    assert (undefined.status, nought.status, nought.value) == ("undefined", "known", 0)


def test_the_range_of_a_product_may_be_longer_than_a_double() -> None:
    terms = Terms(10**38)
    endless, long = (
        terms.make("col", ("a",), "int", lo=1),
        terms.make("col", ("b",), "int", lo=-1, hi=10**400),
    )
    found = terms.mul(endless, long)
    assert isinstance(found, Term)
    assert (found.op, found.lo, found.hi) == ("mul?", None, None)
