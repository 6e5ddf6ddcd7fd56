"""What a terminal shows: signs and words, never colour alone; plain text where there is no terminal."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from gangmu.engine.explain import explain
from gangmu.engine.interpreter import Run
from gangmu.engine.missing import missing_facts
from gangmu.engine.way import shortest_ways
from gangmu.report.explanation import explanation_json
from gangmu.report.result import Result
from gangmu.report.terminal import MAX_CASES, render_explanation, render_summary

RunOf = Callable[..., Run]
ResultOf = Callable[..., Result]


def printed(render: Callable[[Console], None], width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    render(console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def explained(run: Run, name: str, lang: str = "en") -> str:
    full = run.book.names[name][0]
    tree = explain(run, full)
    missing, ways = missing_facts(run, full, tree), shortest_ways(run, full, tree)
    return printed(lambda console: render_explanation(console, run, tree, missing, ways, lang))


def test_what_blocks_and_the_way_out(run_of: RunOf) -> None:
    text = explained(run_of(staff=600), "eligible")
    assert "✗ blocked · weakest citation: one retelling read" in text
    assert "What blocks" in text
    assert "at most 500 persons allowed" in text
    way = text.partition("The shortest lawful way")[2]
    assert "1. Staff: from 600 persons to 500 persons" in way
    assert "\x1b" not in text


def test_what_is_missing_is_asked(run_of: RunOf) -> None:
    text = explained(run_of(staff=None), "eligible", "zh")
    assert "? 待补充" in text
    missing = text.partition("待补充\n")[2]
    assert "1. 从业人员" in missing
    assert "从业人员有多少？" in missing


def test_a_summary_has_a_row_a_case(run_of: RunOf, result_of: ResultOf) -> None:
    result = result_of([run_of(), run_of(staff=600)], ["grant_open", "loan_limit", "innovator"])
    lines = printed(lambda console: render_summary(console, result)).splitlines()
    assert lines[0] == "The language by example · 2 cases · as of 2025-06-30"
    met, blocked = (line for line in lines if line.startswith(("case 1", "case 2")))
    assert met.split("  ")[0] == "case 1"
    assert "✓ met" in met
    assert "4.32 million CNY" in met
    assert "✓ conditions met" in met
    assert blocked.count("✗ blocked") == 2


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_a_summary_fits(run_of: RunOf, result_of: ResultOf, width: int) -> None:
    run = run_of()
    names = [
        name for name, full in run.book.names.items() if full[0] in run.book.outcomes and "." not in name
    ]
    text = printed(lambda console: render_summary(console, result_of([run], names)), width)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= min(width, 100)


def test_many_cases_fold_into_counts(run_of: RunOf, result_of: ResultOf) -> None:
    runs = [run_of(), run_of(staff=600)] * MAX_CASES
    text = printed(lambda console: render_summary(console, result_of(runs, ["grant_open"])))
    [line] = [line for line in text.splitlines() if line.startswith("grant open")]
    assert line.split() == ["grant", "open", str(MAX_CASES), str(MAX_CASES)]


def test_json_has_both_languages_and_exact_numbers(run_of: RunOf) -> None:
    run = run_of(staff=600)
    name = run.book.names["eligible"][0]
    tree = explain(run, name)
    told = explanation_json(run, tree, [], shortest_ways(run, name, tree))
    assert told["status"] == "false"
    assert told["text"]["zh"]["verdict"] == "✗ 受阻"
    [line] = told["text"]["en"]["blocks"]
    assert line["text"].endswith("at most 500 persons allowed (staff ceiling); 100 persons too much")
    [change] = told["ways"][0]["changes"]
    assert (change["before"], change["after"]) == (
        {"low": "600", "high": "600"},
        {"low": "500", "high": "500"},
    )
