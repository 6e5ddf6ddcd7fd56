"""A rulebook of another country, written from the language page alone, works with no Python touched.

Three rules on the size of German corporations (section 267 HGB), as recalled; the numbers only carry the
test.
"""

from __future__ import annotations

from pathlib import Path

import gangmu

PAGE = """# Size of a corporation

A corporation is small if it does not exceed two of three marks.

```yaml
page:
  label: {en: Size of a corporation, zh: 公司规模}
  cite: {source: hgb, grade: recalled}
  from: 2024-01-01
balance_sheet: {input: number, unit: EUR, decimals: 2, range: {ge: 0 EUR}, ask: {en: What is the balance
sheet total?}}
turnover: {input: number, unit: EUR, decimals: 2, range: {ge: 0 EUR}, ask: {en: What were the sales?}}
workers: {input: number, unit: persons, decimals: 0, range: {ge: 0 persons}, ask: {en: How many workers on
average?}, changeable: now}
small_balance: {parameter: EUR, value: 7.5 million EUR, cite: s. 267(1) no. 1}
small_turnover: {parameter: EUR, value: 15 million EUR, cite: s. 267(1) no. 2}
small_workers: {parameter: persons, value: 50 persons, cite: s. 267(1) no. 3}
small:
  at_least: 2
  of: [balance_sheet <= small_balance, turnover <= small_turnover, workers <= small_workers]
  label: {en: is small, zh: 小型}
  cite: s. 267(1)
```
"""


def _book(folder: Path) -> gangmu.Book:
    (folder / "rulebook.yaml").write_text(
        'name: de\nversion: "1"\nlabel: {en: Germany}\noutcomes: [small]\n', encoding="utf-8"
    )
    (folder / "sources.yaml").write_text(
        "hgb: {title: {en: Commercial Code}, force: law}\n", encoding="utf-8"
    )
    (folder / "size.md").write_text(PAGE, encoding="utf-8")
    return gangmu.load(folder)


def test_two_of_three_marks_decide(tmp_path: Path) -> None:
    """On the marks, above two of them, and with one not known."""
    book = _book(tmp_path)

    def status(**facts: str) -> str:
        table = book.assess({"enterprise": facts}, "2025-06-30").to_arrow()
        return str(table.column("small.status")[0])

    assert status(balance_sheet="7500000", turnover="15000000", workers="60") == "true"
    assert status(balance_sheet="7500000.01", turnover="15000000", workers="51") == "false"
    assert status(balance_sheet="7.5 million EUR", turnover="15000000") == "true"
    assert status(balance_sheet="8000000", turnover="15000000") == "unknown"
    assert status(balance_sheet="1", turnover="1", workers="1") == "true"


def test_before_its_time_it_is_not_in_force(tmp_path: Path) -> None:
    """The half-open validity of the page."""
    book = _book(tmp_path)
    facts = {"enterprise": {"balance_sheet": "1", "turnover": "1", "workers": "1"}}
    assert book.assess(facts, "2023-12-31").to_arrow().column("small.status").to_pylist() == ["not_in_force"]


def test_its_explanation_and_the_way_to_qualify(tmp_path: Path) -> None:
    """One person fewer than needed is proposed, no more."""
    book = _book(tmp_path)
    told = book.explain(
        {"enterprise": {"balance_sheet": "8000000", "turnover": "15000000", "workers": "57"}},
        "small",
        as_of="2025-06-30",
    )
    assert told.tree.grade == "recalled"
    [way] = told.ways
    [change] = way.changes
    assert change.rule.short == "workers"
    assert change.after.interval.lo == 50
    assert way.earliest.isoformat() == "2025-06-30"


def test_money_of_two_countries_never_meets(tmp_path: Path) -> None:
    """Yuan in a column of euros is set aside with its reason."""
    book = _book(tmp_path)
    read = book.read({"enterprise": {"balance_sheet": "100 CNY"}})
    assert [entry.field for entry in read.quarantine] == ["balance_sheet"]
