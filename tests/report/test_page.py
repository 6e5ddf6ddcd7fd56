"""The HTML report: one file, no network, nothing that a name could inject."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gangmu.engine.interpreter import Run
from gangmu.errors import GangmuError
from gangmu.evidence.quarantine import Rejected
from gangmu.report.page import case_explanations, write_html
from gangmu.report.result import Result
from gangmu.rulebook.model import Rulebook

RunOf = Callable[..., Run]
ResultOf = Callable[..., Result]
NASTY = '<script>alert("x")</script>'


class _Page(HTMLParser):
    """Tags, addresses, ids and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("href", "src", "action", "data", "srcset", "style", "poster"):
                self.links.append((f"{tag}.{name}", value or ""))
            if name == "id":
                self.ids.append(value or "")
            assert not name.startswith("on")


@pytest.fixture
def result(run_of: RunOf, result_of: ResultOf) -> Result:
    return result_of(
        [run_of(), run_of(staff=600), run_of(staff=None)], ["grant_open", "loan_limit", "innovator"]
    )


@pytest.fixture
def write(book: Rulebook, tmp_path: Path) -> Callable[..., str]:
    def make(result: Result, lang: str = "en") -> str:
        path = write_html(tmp_path / "out.html", book, case_explanations(result), result, lang)
        return path.read_text(encoding="utf-8")

    return make


def test_it_needs_no_network_and_no_script(write: Callable[..., str], result: Result) -> None:
    text = write(result, "en,zh")
    page = _Page(text)
    assert page.tags.isdisjoint({"script", "link", "img", "iframe", "object", "form"})
    outside = [link for link in page.links if not link[1].startswith("#")]
    assert outside
    assert set(outside) == {("a.href", "https://example.org/act-7")}
    assert not re.search(r"url\(|@import", text)


def test_every_link_inside_arrives_and_ids_are_unique(write: Callable[..., str], result: Result) -> None:
    page = _Page(write(result, "en,zh"))
    assert len(page.ids) == len(set(page.ids))
    assert {link[1][1:] for link in page.links if link[1].startswith("#")} <= set(page.ids)


def test_what_it_says(write: Callable[..., str], result: Result) -> None:
    text = write(result)
    for words in (
        "The language by example", "2025-06-30", "What blocks", "100 persons too much", "What is missing",
        "How many people work there?", "The shortest lawful way", "from 600 persons to 500 persons",
        "It never says “will be listed”", "Innovation Support Act (made up for this page)", "whole text",
        "official text read", "Decision record",
    ):  # fmt: skip
        assert words in text, words
    assert "受阻" not in text


def test_both_languages_in_one_file(write: Callable[..., str], result: Result) -> None:
    text = write(result, "zh,en")
    assert text.index('id="lang-zh" checked') < text.index('id="lang-en"')
    assert "受阻于" in text
    assert "What blocks" in text


def test_a_language_that_is_none_is_refused(book: Rulebook, result: Result, tmp_path: Path) -> None:
    with pytest.raises(GangmuError) as caught:
        write_html(tmp_path / "out.html", book, [], result, "de")
    assert caught.value.problems[0].code == "lang-unknown"
    assert not (tmp_path / "out.html").exists()


def test_names_and_values_are_escaped(
    write: Callable[..., str], run_of: RunOf, result_of: ResultOf, book: Rulebook
) -> None:
    run = run_of(innovator_no=NASTY)
    extra = {"board": NASTY, "decision": f'"><img src=x onerror={NASTY}'}
    case = run.case.__class__(NASTY, run.case.facts, run.case.rows, extra=extra)
    made = result_of([Run(book, case, run.as_of)], ["innovator"])
    rejected = Rejected("enterprise", NASTY, 1, "staff", NASTY, NASTY)
    result = Result.build(book, made.names, made.rules, made.answers, {"rulebook": NASTY}, [rejected])
    text = write(result)
    page = _Page(text)
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert text.count("&lt;script&gt;") >= 7


def test_the_enterprise_s_own_choice_stands_beside(
    write: Callable[..., str], run_of: RunOf, result_of: ResultOf, book: Rulebook
) -> None:
    run = run_of()
    extra = {"board": "Main", "chosen_standard": "Set 1", "decision": "listed", "decision_date": "2025-12-05"}
    case = run.case.__class__("maker", run.case.facts, run.case.rows, extra=extra)
    text = write(result_of([Run(book, case, run.as_of)], ["grant_open"]))
    assert "what happened" in text
    for value in extra.values():
        assert f"<dd>{value}</dd>" in text
