"""Every verified fact is used, or listed with a reason; and what is said to use it is there."""

from __future__ import annotations

from collections import Counter

import pytest

import facts_ledger as facts
from gangmu.rulebook.load import load
from gangmu.rulebook.model import Rulebook

beside = pytest.mark.skipif(
    not facts.FACTS.is_dir(), reason="the researched facts are not beside the project"
)


@pytest.fixture(scope="module")
def book() -> Rulebook:
    """The shipped rulebook."""
    return load("cn")


def test_every_use_that_the_ledger_names_exists(book: Rulebook) -> None:
    """A rule, a worked case, a page or a file."""
    assert facts.unknown_uses(book, facts.ledger()) == []


def test_a_use_that_is_nowhere_is_told(book: Rulebook) -> None:
    """Each kind of name is looked up."""
    made_up = (
        "recognition/hnte.no_such_rule",
        "recognition/hnte#NO1",
        "recognition/none",
        "docs/none.md",
        "Makefile",
    )
    entry = facts.Entry("a.yaml#b", (*made_up, "recognition/hnte.hnte_rd_floor"), "", "")
    assert facts.unknown_uses(book, [entry]) == [f"a.yaml#b: {use}" for use in made_up]


def test_a_fact_is_used_or_has_a_reason_and_never_both() -> None:
    """And the reason is one of those that are explained."""
    wrong = [
        e.fact
        for e in facts.ledger()
        if bool(e.used_by) == bool(e.reason) or (e.reason and e.reason not in facts.REASONS)
    ]
    assert wrong == []


def test_the_summary_counts_the_ledger(book: Rulebook, capsys: pytest.CaptureFixture[str]) -> None:
    """`docs/facts.md` was made from `docs/facts.csv`; the counts are printed."""
    entries = facts.ledger()
    counts = Counter(facts.how(book, entry) for entry in entries)
    listed = sum(counts[reason] for reason in facts.REASONS)
    with capsys.disabled():
        told = ", ".join(f"{word} {number}" for word, number in counts.most_common())
        print(f"\n{len(entries)} verified facts: {len(entries) - listed} used, {listed} listed ({told})")  # noqa: T201
    todo = "run `PYTHONPATH=tests python -m facts_ledger --write`"
    assert facts.SUMMARY.read_text(encoding="utf-8") == facts.summary(book), todo


@beside
def test_every_verified_fact_is_in_the_ledger_once_and_no_other() -> None:
    """Neither a fact left out nor one that is no more."""
    there, listed = facts.verified(), [entry.fact for entry in facts.ledger()]
    assert [fact for fact, times in Counter(listed).items() if times > 1] == []
    assert sorted(set(there) - set(listed)) == [], "facts that the ledger leaves out"
    assert sorted(set(listed) - set(there)) == [], "facts of the ledger that are not there"
