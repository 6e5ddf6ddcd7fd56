"""Groups of outcomes asked by name, figures that go with channels, and what evidence is not about."""

from __future__ import annotations

import pytest

from gangmu.book import Book, load
from gangmu.engine.asked import facts_of, is_asked
from gangmu.errors import QuestionError
from gangmu.rulebook import model

PAGE = """# Loans

```yaml
page: {label: Loans}
machine: {entity: none, label: machine}
staff: {input: number, unit: persons, decimals: 0, range: {ge: 0 persons}, label: staff, changeable: never}
debt: {input: number, unit: CNY, decimals: 2, range: {ge: 0 CNY}, label: debt, changeable: never}
wanted: {input: number, unit: CNY, decimals: 2, range: {ge: 0 CNY}, label: wanted, changeable: never}
machine.worth: {input: number, unit: CNY, decimals: 2, range: {ge: 0 CNY}, label: worth, changeable: never}
days: {parameter: days, value: 5 days, label: days, ours: made up}
worth: {value: sum(machine.worth) - debt, unit: CNY, label: worth, ours: made up}
most: {amount: CNY, limits: {worth: worth, wanted: wanted}, label: most, ours: made up}
owed: {condition: debt > 0, label: owed, ours: made up}
lent: {condition: worth > 0 AND staff > 0, label: lent, ours: made up}
loan: {channel: lent, decides: lender, amount: most, days: days, label: loan, ours: made up}
```
"""
PEOPLE = """# People

```yaml
page: {label: People}
skill: {input: condition, label: skill, changeable: never}
firm: {condition: staff > 0, label: firm, ours: made up}
skilled: {condition: skill AND staff > 0, label: skilled, ours: made up}
```
"""
HEAD = """name: small
outcomes:
  money: {rules: [loan, owed]}
  people: {rules: [firm, skilled]}
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    folder = tmp_path_factory.mktemp("small")
    (folder / "rulebook.yaml").write_text(HEAD, encoding="utf-8")
    (folder / "loans.md").write_text(PAGE, encoding="utf-8")
    (folder / "people.md").write_text(PEOPLE, encoding="utf-8")
    return load(folder)


def about(book: Book, given: dict[str, object]) -> set[str]:
    """The outcomes that some evidence is about."""
    facts = facts_of(book.model, next(iter(book.read(given).cases())))
    return {name for name in book.outcomes if is_asked(book.model, book.model.names[name][0], facts)}


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({}, set()),
        ({"staff": 4}, {"firm"}),  # two pages read it; nothing else opens `firm`
        ({"skill": "yes"}, {"skilled"}),
        ({"debt": "1 CNY"}, {"loan", "owed"}),
        ({"wanted": "1 CNY"}, set()),  # opens no channel
        ({"machine": [{"worth": "1 CNY"}]}, {"loan"}),
        ({"staff": "n/a", "skill": "no"}, {"firm", "skilled"}),
    ],
)
def test_evidence_is_about_what_it_has_own_facts_of(
    book: Book, given: dict[str, object], asked: set[str]
) -> None:
    rows = {key: value for key, value in given.items() if isinstance(value, list)}
    facts = {key: value for key, value in given.items() if not isinstance(value, list)}
    assert about(book, {"enterprise": facts, **rows}) == asked


def test_a_rule_that_is_no_outcome_is_asked(book: Book) -> None:
    assert is_asked(book.model, "loans.worth", set())


def test_channels_bring_their_figures_when_outcomes_are_asked(book: Book) -> None:
    result = book.assess({"enterprise": {"staff": 4, "debt": "1 CNY"}}, "2026-01-01")
    assert result.names == ("loan", "most", "days", "owed", "firm", "skilled")
    assert book.assess({"enterprise": {"staff": 4}}, "2026-01-01", ["loan"]).names == ("loan",)


def test_a_group_asks_for_its_outcomes(book: Book) -> None:
    result = book.assess({"enterprise": {"staff": 4}}, "2026-01-01", ["people", "loan"])
    assert result.names == ("firm", "skilled", "loan")
    assert list(book.prepared(["people"])({"staff": 4})) == ["firm", "skilled"]


def test_a_group_is_no_rule_to_explain(book: Book) -> None:
    with pytest.raises(QuestionError, match="group of outcomes"):
        book.explain({"enterprise": {"staff": 4}}, "people")


def test_every_outcome_of_cn_has_facts_of_its_own() -> None:
    cn = load("cn").model
    nothing = {name for name in cn.outcomes if is_asked(cn, name, set())}
    everything = {name for name, rule in cn.rules.items() if rule.kind == "input"}
    assert not nothing
    assert all(is_asked(cn, name, everything) for name in cn.outcomes)
    assert isinstance(cn.groups[0], model.Group)
