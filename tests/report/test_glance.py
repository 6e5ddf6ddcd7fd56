"""One enterprise at a glance, and many: groups, figures of channels, and what is not asked in one line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from gangmu.book import Book, load
from gangmu.report.glance import sections
from gangmu.report.result import Result
from gangmu.report.terminal import render_summary

FIRM = Path(__file__).parents[2] / "examples" / "small_firm"
DAY = "2026-11-22"


@pytest.fixture(scope="module")
def book() -> Book:
    return load("cn")


@pytest.fixture(scope="module")
def result(book: Book) -> Result:
    return book.assess(FIRM, DAY)


def printed(result: Result, lang: str, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    render_summary(console, result, lang)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_every_outcome_stands_somewhere_once(book: Book, result: Result) -> None:
    run = book.run(FIRM, as_of=DAY)
    told = sections(run, result.rules, result.answers[0].answers, "en")
    assert [section.label for section in told] == [group.label.en for group in book.model.groups]
    counted = [len(one.lines) + len(one.not_asked) + len(one.not_in_force) for one in told]
    assert counted == [len(group.rules) for group in book.model.groups]


@pytest.mark.parametrize("width", [72, 100])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_all_outcomes_of_a_firm_are_two_screens(result: Result, lang: str, width: int) -> None:
    lines = printed(result, lang, width).splitlines()
    assert len(lines) <= 120
    assert max(len(line.rstrip()) for line in lines) <= width


def test_what_is_said_of_an_outcome(result: Result) -> None:
    text = printed(result, "en")
    assert "✓  High and new technology enterprise  hnte                   held until 2026-12-08" in text
    assert "✗  Specialised SME  srdi_sme                                  blocked, 2 conditions fail" in text
    [folded] = [part for part in text.split("\n\n") if part.startswith("Capability levels")]
    assert folded.splitlines()[1].startswith("not asked, no evidence of it: ")
    assert not folded.count("?")


def test_many_firms_are_counted_group_by_group(book: Book) -> None:
    firms = {
        "enterprise": [{"enterprise": f"e{n}", "founded_on": "2019-01-01", "staff": n} for n in (1, 2, 3)]
    }
    text = printed(book.assess(firms, DAY), "en")
    assert [part for part in text.split("\n\n") if part.startswith("Listing")]
    assert "known of none: " in text
