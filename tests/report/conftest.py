"""The rulebook of `docs/language.md`, a small maker that meets everything in it, and ways to change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gangmu.engine.assess import CaseAnswers, answer
from gangmu.engine.interpreter import Run
from gangmu.evidence.read import read_evidence
from gangmu.report.result import Result
from gangmu.rulebook.load import load
from gangmu.rulebook.model import Rulebook
from gangmu.rulebook.read import fences

PAGE = (Path(__file__).parents[2] / "docs" / "language.md").read_text(encoding="utf-8")
DAY = date(2025, 6, 30)
MAKER: dict[str, Any] = {
    "enterprise": {
        "founded_on": "2019-03-01",
        "staff": 40,
        "kind": "maker",
        "industry": "3911",
        "has_award": "no",
    },
    "statement": [
        {"fiscal_year": year, "revenue": revenue, "rd_expense": rd, "origin": "audited"}
        for year, revenue, rd in (
            (2022, "30 million CNY", "1.5 million CNY"),
            (2023, "40 million CNY", "2 million CNY"),
            (2024, "43.2 million CNY", "2.16 million CNY"),
        )
    ],
}

Change = Callable[[dict[str, Any]], object]
RunOf = Callable[..., Run]


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """The language by example."""
    root = tmp_path_factory.mktemp("language")
    for fence in fences(PAGE):
        if " file=" in fence.info and not fence.info.endswith("overlay.md"):
            (root / fence.info.partition(" file=")[2]).write_text(fence.text, encoding="utf-8")
    (root / "innovation.md").write_text(PAGE, encoding="utf-8")
    return load(root)


@pytest.fixture(scope="session")
def run_of(book: Rulebook) -> RunOf:
    """A run of the maker: `run_of(staff=600)`, `run_of(change, day=...)`; None takes a fact away."""

    def make(change: Change = lambda _: None, day: date = DAY, **facts: object) -> Run:
        given = deepcopy(MAKER)
        for name, value in facts.items():
            if value is None:
                del given["enterprise"][name]
            else:
                given["enterprise"][name] = value
        change(given)
        return Run(book, next(iter(read_evidence(given, book).cases())), day)

    return make


@pytest.fixture(scope="session")
def result_of(book: Rulebook) -> Callable[..., Result]:
    """A result over runs, their cases numbered: `result_of([run, ...], ["eligible", ...])`."""

    def make(runs: list[Run], names: list[str], record: Mapping[str, Any] | None = None) -> Result:
        rules = [book.names[name][0] for name in names]
        named = [replace(run.case, key=f"{run.case.key} {n}") for n, run in enumerate(runs, 1)]
        runs = [Run(book, case, run.as_of) for case, run in zip(named, runs, strict=True)]
        answers = [
            CaseAnswers(run.case, run.as_of, tuple(answer(run, rule) for rule in rules), tuple(run.findings))
            for run in runs
        ]
        return Result.build(book, names, rules, answers, record or {"rulebook": book.name, "gangmu": "test"})

    return make
