"""What a book covers, counted, and the page of documentation made from it."""

from __future__ import annotations

from pathlib import Path

from gangmu.report.coverage import coverage, markdown
from gangmu.rulebook.load import load

DOCS = Path(__file__).parents[2] / "docs"


def test_the_document_is_what_the_book_says() -> None:
    """`docs/coverage.md` was made from the book as it is."""
    todo = "run `gangmu rules --coverage --markdown > docs/coverage.md`"
    assert (DOCS / "coverage.md").read_text(encoding="utf-8") == markdown(load("cn")), todo


def test_no_number_of_the_shipped_book_is_uncited() -> None:
    """Every number has a source or a reason of our own; the whole is the sum of its pages."""
    *pages, whole = coverage(load("cn"))
    assert [page.page for page in pages if page.uncited] == []
    assert whole.numbers == sum(page.numbers for page in pages) > 0
    assert whole.cases == len(load("cn").cases)


def test_a_number_is_counted_by_how_its_source_was_read(tmp_path: Path) -> None:
    """A row's own citation counts before its rule's."""
    (tmp_path / "rulebook.yaml").write_text("name: small\noutcomes: []\n", encoding="utf-8")
    (tmp_path / "sources.yaml").write_text("act:\n  title: {en: An act}\n  force: law\n", encoding="utf-8")
    page = """# Page

```yaml
size:
  input: number
  unit: persons
floor:
  parameter: "%"
  by: size
  cite: {source: act, at: "1", grade: official}
  rows:
    small: {le: 10 persons, value: 5%}
    large: {value: 3%, cite: {source: act, at: "2", grade: recalled}}
ours:
  parameter: "%"
  value: 1%
  ours: a margin of our own
```
"""
    (tmp_path / "page.md").write_text(page, encoding="utf-8")
    [one, whole] = coverage(load(tmp_path))
    assert (one.rules, one.inputs, one.numbers) == (2, 1, 4)
    assert (one.checked, one.recalled, one.ours, one.uncited) == (2, 1, 1, 0)
    assert whole.numbers == 4
