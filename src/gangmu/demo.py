"""The demonstration: the shipped companies and the made-up small firm, assessed, explained, reported.

Everything comes from `examples/`, through the same road as a user's own files.
"""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.rule import Rule

from gangmu.book import Book, load
from gangmu.errors import Problem, QuestionError
from gangmu.report.due_terminal import render_due
from gangmu.report.terminal import render_explanation, render_summary

# The boards limb by limb: a set of numbers of the issuer's own kind, what the board wants, and the whole.
BOARDS = (
    "star_any_set", "star_attr_rd", "star_attr_revenue", "star",
    "chinext_any_set", "chinext_growth_ok", "chinext",
    "bse_any_set", "bse",
)  # fmt: skip
WITH_FIGURES = "full"  # the test grade of companies of which enough figures are public
SMALL_FIRM_DAY = "2026-11-22"
SHIPPED = "cn"  # the rulebook that the examples are about


def examples_folder() -> Path:
    """The shipped examples, beside the package or in a checkout. Raises `QuestionError`."""
    here = Path(__file__).resolve()
    for folder in (here.parent / "examples", here.parents[2] / "examples"):
        if (folder / "listed").is_dir():
            return folder
    problem = Problem(
        "examples-missing", "examples", "the examples are not here", "examples/listed", "use a checkout"
    )
    raise QuestionError(problem)


def example_for(book: Book) -> Path | None:
    """The shipped enterprise of which a page is asked when none is named: for the book it was made for."""
    if book.model.layers[0] != SHIPPED:
        return None
    try:
        return _near(examples_folder() / "small_firm")
    except QuestionError:
        return None


def _near(path: Path) -> Path:
    """As a person in this folder would type it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def run_demo(console: Console, output: Path, lang: str) -> None:
    """Print both assessments with one explanation each, and write HTML and Excel reports into `output`."""
    book, examples = load(SHIPPED), examples_folder()
    output.mkdir(parents=True, exist_ok=True)
    _companies(console, book, examples / "listed", output, lang)
    _small_firm(console, book, examples / "small_firm", output, lang)


def _companies(console: Console, book: Book, folder: Path, output: Path, lang: str) -> None:
    console.print(Rule("Companies that went to the exchanges, each on the day that mattered"))
    evidence = book.read(folder)
    told = [case.key for case in evidence.cases() if case.extra.get("test_grade") == WITH_FIGURES]
    result = book.assess(evidence, "as_of,today", BOARDS, cases=told)
    render_summary(console, result, lang)
    console.print(Rule("One answer explained"))
    why = book.explain(evidence, "star_wvr_1", "unitree")
    render_explanation(console, why.run, why.tree, why.missing, why.ways, lang)
    for name in ("companies.html", "companies.xlsx"):
        result.write(
            output / name, f"{lang},{'zh' if lang == 'en' else 'en'}" if name.endswith("html") else lang
        )
        console.print(f"written: {output / name}")
    everyone = book.assess(evidence, "as_of,today", BOARDS)
    everyone.write(output / "all_companies.csv")
    console.print(f"written: {output / 'all_companies.csv'} (all {len(everyone)} companies)")


def _small_firm(console: Console, book: Book, folder: Path, output: Path, lang: str) -> None:
    console.print(Rule("A made-up software firm of 60 people, from the papers that such a firm has"))
    evidence = book.read(folder)
    result = book.assess(evidence, SMALL_FIRM_DAY)
    render_summary(console, result, lang)
    console.print(Rule("What stands between it and the next title"))
    why = book.explain(evidence, "srdi_sme", as_of=SMALL_FIRM_DAY)
    render_explanation(console, why.run, why.tree, why.missing, why.ways, lang)
    for name in ("small_firm.html", "small_firm.xlsx"):
        result.write(
            output / name, f"{lang},{'zh' if lang == 'en' else 'en'}" if name.endswith("html") else lang
        )
        console.print(f"written: {output / name}")
    console.print(Rule("What changes by itself in the year to come"))
    dates = book.due(evidence, as_of=SMALL_FIRM_DAY)
    render_due(console, dates, lang)
    dates.write(output / "small_firm.ics", lang, remind=30)
    console.print(f"written: {output / 'small_firm.ics'}")
