"""Numbers that the query does not hold: what is known of one is not said of another."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from gangmu.engine.dates import Dating
from gangmu.engine.sql import assess_tables
from gangmu.engine.sql.duck import DuckDB
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.load import load

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
```
"""


def test_a_root_is_no_negative_number_but_a_minimum_may_be(tmp_path: Path) -> None:
    (tmp_path / "rulebook.yaml").write_text('name: r\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (tmp_path / "r.md").write_text(PAGE, encoding="utf-8")
    book = load(tmp_path)
    firm = {"enterprise": "e", "b": "2", "c": "-3", "complete": "s"}
    rows = [{"enterprise": "e", "year": "2024", "m": "1"}, {"enterprise": "e", "year": "2023", "m": "5"}]
    evidence = read_evidence({"enterprise": [firm], "s": rows}, book)
    found = assess_tables(book, evidence, ["r.root", "r.below"], Dating(day=date(2025, 6, 30)), DuckDB())
    assert [answer.status for answer in found.columns["r.below"]] == ["true"]
