"""Comparisons and roundings in rows that need more than the exact path has: the interpreter answers them."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from gangmu.book import load

BOOK = """
# Rules

```yaml
bill: {entity: day, key: number}
bill.number: {input: text}
bill.day: {input: date}
bill.a: {input: number, unit: ratio, decimals: 0, ask: {en: a?}}
bill.b: {input: number, unit: ratio, decimals: 0, ask: {en: b?}}
bill.left: {value: "POWER(bill.a, 8) * bill.a * bill.a", unit: ratio, ours: a test}
bill.right: {value: "POWER(bill.b, 8) * bill.b * bill.b", unit: ratio, ours: a test}
bill.above: {condition: bill.left > bill.right, ours: a test}
bill.whole: {value: bill.a * bill.a / bill.b, unit: ratio, round: {to: 1, how: half_up}, ours: a test}
bill.long: {value: bill.a * bill.a * bill.b, unit: ratio, round: {to: 1, how: half_up}, ours: a test}
a: {input: number, unit: ratio, decimals: 0, ask: {en: a?}}
b: {input: number, unit: ratio, decimals: 0, ask: {en: b?}}
far: {condition: "POWER(a, 8) * a * a > POWER(b, 8) * b * b", ours: a test}
counted: {value: "count(bill) FILTER (WHERE bill.above)", unit: count, ours: a test}
added: {value: "sum(bill.number_of) FILTER (WHERE bill.above)", unit: ratio, ours: a test}
bill.number_of: {value: "CASE WHEN bill.above THEN 1 ELSE 0 END", unit: ratio, ours: a test}
mean: {value: "avg(bill.number_of)", unit: ratio, ours: a test}
least: {value: "min(bill.number_of)", unit: ratio, ours: a test}
rounded: {condition: "count(bill) FILTER (WHERE bill.long > bill.whole) > 0", ours: a test}
root: {value: "SQRT(CASE WHEN far THEN a ELSE b END)", unit: ratio, ours: a test}
```
"""
ASKED = ["counted", "added", "mean", "least", "rounded", "root"]
COUNT = 9


def test_what_a_row_cannot_tell_is_asked_of_the_interpreter(tmp_path: Path) -> None:
    (tmp_path / "rulebook.yaml").write_text("name: wide\nversion: '1'\noutcomes: [counted]\n")
    (tmp_path / "sources.yaml").write_text("{}\n")
    (tmp_path / "rules.md").write_text(BOOK)
    book = load(tmp_path)
    keys = [f"E{row}" for row in range(COUNT)]
    numbers = {"a": [10**17 + row % 3 for row in range(COUNT)], "b": [10**17 + 1] * COUNT}
    tables = {
        "enterprise": pa.table({"enterprise": keys, "complete": ["bill"] * COUNT, **numbers}),
        "bill": pa.table({
            "enterprise": keys, "number": ["1"] * COUNT, "day": [date(2024, 1, 1)] * COUNT, **numbers,
        }),
    }  # fmt: skip
    found, expected = (
        book.assess(tables, "2025-06-30", ASKED, engine=engine).table for engine in ("kernel", "interpreter")
    )
    assert expected.column("counted").to_pylist() == [0, 0, 1] * 3
    for name in ASKED:
        assert found.column(name).to_pylist() == pytest.approx(expected.column(name).to_pylist(), abs=0)
