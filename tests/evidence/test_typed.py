"""A table with types is read as the same table in texts is: values, what is bad, and what was written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from gangmu.evidence.read import read_evidence
from gangmu.rulebook.load import load
from gangmu.rulebook.model import ROOT

PAGE = """# Typed
```yaml
born: {input: date}
staff: {input: number, unit: persons, decimals: 0, range: {ge: 0 persons}}
sales: {input: number, unit: CNY, range: {ge: 0 CNY}}
listed: {input: condition}
kind: {input: code, options: {maker: {en: maker, zh: 制造}, trader: {en: trader}}}
sheet: {entity: year}
sheet.year: {input: year}
sheet.cost: {input: number, unit: CNY}
```
"""


def test_typed_tables_are_read_as_texts_are(tmp_path: Path) -> None:
    (tmp_path / "rulebook.yaml").write_text('name: typed\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (tmp_path / "t.md").write_text(PAGE, encoding="utf-8")
    book = load(tmp_path)
    kinds = pa.array(["maker", "制造", " Trader ", "n/a", "smith", None]).dictionary_encode()
    typed = {
        ROOT: pa.table(
            {
                ROOT: [f"e{place}" for place in range(6)],
                "born": pa.array([date(2020, 2, 29), None] * 3, pa.date32()),
                "staff": pa.array([5, 0, -1, None, 7, 10**12]),
                "sales (万元)": pa.array(
                    [Decimal("12.50"), Decimal("-0.01"), None] * 2, pa.decimal128(18, 2)
                ),
                "listed": pa.array([True, False, None] * 2),
                "kind": kinds,
            }
        ),
        "sheet": pa.table(
            {ROOT: ["e0", "e0", "e1"], "year": [2023, 2024, 1776], "cost": pa.array([1.1, 2.0, -3.5])}
        ),
    }
    texts = {
        name: pa.table({head: table.column(head).cast(pa.string()) for head in table.column_names})
        for name, table in typed.items()
    }
    one, other = read_evidence(typed, book), read_evidence(texts, book)
    assert one.digest == other.digest
    assert [str(entry) for entry in one.quarantine] == [str(entry) for entry in other.quarantine]
    assert len(one.quarantine) == 5  # two sales, one staff, one kind, one year
    assert list(one.cases()) == list(other.cases())
    assert next(one.cases()).facts["sales"][0].text == "12.50"
