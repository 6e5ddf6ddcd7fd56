"""`docs/language.md` is a page of a rulebook: it loads, its cases come out, its refusals are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from gangmu.engine.worked import run_worked_case, run_worked_cases
from gangmu.rulebook.load import load, load_with_problems
from gangmu.rulebook.read import Fence, fences

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "language.md").read_text(encoding="utf-8")
FENCES = fences(PAGE)
REFUSED = [fence for fence in FENCES if fence.info.startswith("yaml refused=")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as the rulebook that it says it is."""
    root = tmp_path_factory.mktemp("language")
    for fence in FENCES:
        if " file=" in fence.info and not fence.info.endswith("overlay.md"):
            (root / fence.info.partition(" file=")[2]).write_text(fence.text, encoding="utf-8")
    (root / "innovation.md").write_text(PAGE, encoding="utf-8")
    return root


def test_every_example_is_run(folder: Path) -> None:
    """Cases and rules on the page are all seen by the loader."""
    book = load(folder)
    assert len(book.cases) == sum(fence.info == "yaml case" for fence in FENCES) >= 6
    assert run_worked_cases(book) == []


def test_cases_come_out_one_by_one_as_well(folder: Path) -> None:
    """Reading cases together and alone gives the same."""
    book = load(folder)
    assert [run_worked_case(book, case) for case in book.cases] == [[] for _ in book.cases]


def test_a_wrong_expectation_is_told(folder: Path, tmp_path: Path) -> None:
    """A case that expects something else fails, with both values."""
    for file in ("rulebook.yaml", "sources.yaml", "grants.csv", "readiness.csv"):
        (tmp_path / file).write_text((folder / file).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "innovation.md").write_text(
        PAGE.replace("loan_limit: 4320000 CNY", "loan_limit: 4320001 CNY"), encoding="utf-8"
    )
    [problem] = run_worked_cases(load(tmp_path))
    assert problem.code == "case-fails"
    assert "4320000" in problem.what
    assert problem.expected == "4320001 CNY"


@pytest.mark.parametrize(
    "fence", REFUSED, ids=[fence.info.removeprefix("yaml refused=") for fence in REFUSED]
)
def test_a_refusal_is_the_one_named(fence: Fence, folder: Path, tmp_path: Path) -> None:
    """Each refused block gives the message named, at its own line, with what to do."""
    for file in ("rulebook.yaml", "sources.yaml", "innovation.md", "grants.csv", "readiness.csv"):
        (tmp_path / file).write_text((folder / file).read_text(encoding="utf-8"), encoding="utf-8")
    head = "```yaml\npage:\n  cite: {source: act-7, grade: official}\n```\n"
    (tmp_path / "wrong.md").write_text(f"# Wrong\n\n{head}\n```yaml\n{fence.text}```\n", encoding="utf-8")
    book, problems = load_with_problems(tmp_path)
    code = fence.info.removeprefix("yaml refused=")
    assert book is None
    assert {problem.code for problem in problems} == {code}
    for problem in problems:
        assert problem.where.startswith("wrong.md:")
        assert problem.what
        assert problem.expected
        assert problem.todo


def test_every_message_code_of_the_page_is_shown_once() -> None:
    """The page shows the refusals that an author meets most."""
    codes = [fence.info.removeprefix("yaml refused=") for fence in REFUSED]
    assert len(codes) == len(set(codes)) >= 12


def test_an_overlay_tightens_and_says_which_layer_decided(folder: Path, tmp_path: Path) -> None:
    """The overlay of the page: a bank adds a condition to a rule of its base."""
    overlay = next(fence for fence in FENCES if fence.info == "yaml file=overlay.md")
    bank = tmp_path / "bank"
    bank.mkdir()
    (bank / "rulebook.yaml").write_text(
        f'name: bank\nversion: "1"\nextends: {folder}\noutcomes: []\n', encoding="utf-8"
    )
    (bank / "overlay.md").write_text(f"# Bank\n\n```yaml\n{overlay.text}```\n", encoding="utf-8")
    book = load(bank)
    assert book.layers == ("language", "bank")
    from gangmu.book import Book

    given = {
        "enterprise": {"founded_on": "2019-03-01", "staff": "8", "kind": "maker"},
        "statement": [
            {"fiscal_year": year, "revenue": "40000000", "rd_expense": "2000000", "origin": "audited"}
            for year in (2022, 2023, 2024)
        ],
    }
    told = Book(book).explain(given, "innovation.eligible", as_of="2025-06-30")
    assert told.tree.value.is_false
    assert "bank" in told.tree.layers
    base = Book(load(folder)).explain(given, "eligible", as_of="2025-06-30")
    assert base.tree.value.is_true
    assert base.tree.layers == ("language",)
