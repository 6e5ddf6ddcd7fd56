"""`rulebook.yaml`: outcomes in groups, resources that channels share, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from gangmu.rulebook.load import load, load_with_problems
from gangmu.rulebook.model import Rulebook

PAGE = """# Loans

```yaml
page: {label: Loans}
staff: {input: number, unit: persons, decimals: 0, range: {ge: 0 persons}, label: staff, changeable: never}
worth: {value: staff * each, unit: CNY, label: worth, ours: made up}
each: {parameter: CNY/person, value: 10 CNY/person, label: each, ours: made up}
open: {condition: staff > 0, label: open, ours: made up}
loan: {channel: open, decides: lender, amount: worth, shares: [promise], excludes: [gift], ours: made up}
gift: {channel: open, decides: law, label: gift, ours: made up}
```
"""
GROUPED = """name: small
outcomes:
  money: {label: {en: Money, zh: 资金}, rules: [loan, gift]}
  other: {rules: [open, loan]}
resources:
  promise: {label: {en: a promise, zh: 承诺}, bound: worth}
"""


def write(folder: Path, head: str, page: str = PAGE) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rulebook.yaml").write_text(head, encoding="utf-8")
    (folder / "loans.md").write_text(page, encoding="utf-8")
    return folder


def groups(book: Rulebook) -> dict[str, list[str]]:
    return {group.name: [book.column_name(name) for name in group.rules] for group in book.groups}


def test_a_rule_stands_in_the_first_group_that_names_it(tmp_path: Path) -> None:
    book = load(write(tmp_path, GROUPED))
    assert groups(book) == {"money": ["loan", "gift"], "other": ["open"]}
    assert book.outcomes == ("loans.loan", "loans.gift", "loans.open")
    assert book.groups[0].label.zh == "资金"
    assert book.resources["promise"].bound == "loans.worth"
    assert load(tmp_path) == book, "as it was kept"


def test_a_list_is_one_group_without_a_name(tmp_path: Path) -> None:
    plain = "name: small\noutcomes: [loan, open]\nresources: {promise: {}}\n"
    assert groups(load(write(tmp_path, plain))) == {"": ["loan", "open"]}


def test_a_book_that_extends_adds_to_groups_and_resources(tmp_path: Path) -> None:
    write(tmp_path / "base", GROUPED)
    page = PAGE.replace("loan:", "bank_loan:").replace("[promise]", "[promise, word]")
    page = "\n".join(
        line for line in page.splitlines() if not line.startswith(("staff", "worth", "each", "open", "gift"))
    )
    head = "name: bank\nextends: ../base\noutcomes: {money: {rules: [bank_loan]}, own: {rules: [gift]}}\n"
    folder = write(tmp_path / "bank", head + "resources: {word: {label: a word}}\n", page)
    (folder / "loans.md").rename(folder / "bank.md")
    book = load(folder)
    assert groups(book) == {"money": ["loan", "gift", "bank_loan"], "other": ["open"], "own": []}
    assert list(book.resources) == ["promise", "word"]


@pytest.mark.parametrize(
    ("head", "page", "code", "where"),
    [
        (GROUPED.replace("promise:", "word:"), PAGE, "name-unknown", "loans.md:9"),
        (GROUPED.replace("bound: worth", "bound: open"), PAGE, "type-mismatch", "rulebook.yaml:6"),
        (GROUPED.replace("bound: worth", "bound: gone"), PAGE, "name-unknown", "rulebook.yaml:6"),
        (GROUPED.replace("bound: worth", "most: worth"), PAGE, "value-invalid", "rulebook.yaml:6"),
        (GROUPED.replace("other:", "gift:"), PAGE, "name-twice", "rulebook.yaml:4"),
        (GROUPED.replace("rules: [open, loan]", "label: x"), PAGE, "value-invalid", "rulebook.yaml:4"),
        (GROUPED, PAGE.replace("[gift]", "[open]"), "type-mismatch", "loans.md:9"),
        (GROUPED, PAGE.replace("[gift]", "[gone]"), "name-unknown", "loans.md:9"),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, head: str, page: str, code: str, where: str) -> None:
    book, problems = load_with_problems(write(tmp_path, head, page))
    assert book is None
    assert (code, where) in {(problem.code, problem.where) for problem in problems}


def test_a_title_cut_at_its_commas_is_refused(tmp_path: Path) -> None:
    """YAML cuts `{en: large, medium, zh: 大}` at each comma: no part of it is lost in silence."""
    head = GROUPED.replace("{en: a promise, zh: 承诺}", "{en: a promise, kept, zh: 承诺}")
    write(tmp_path, head)
    sources = "act: {title: {en: large, medium, zh: 大}, force: law}\n"
    (tmp_path / "sources.yaml").write_text(sources, encoding="utf-8")
    _, problems = load_with_problems(tmp_path)
    told = {(problem.code, problem.where, problem.what.split("`")[1]) for problem in problems}
    assert told == {("key-unknown", "rulebook.yaml:6", "kept"), ("key-unknown", "sources.yaml:1", "medium")}
