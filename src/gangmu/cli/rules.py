"""`gangmu rules`: what a book says, listed, searched, one rule in full, or a page as it stands on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gangmu.cli import options, terminal

if TYPE_CHECKING:
    from gangmu.book import Book
    from gangmu.engine.interpreter import Run


@click.command("rules")
@click.argument("name", required=False)
@options.rulebook
@click.option("--search", default="", help="Words in names, labels (en or zh) or notes.")
@click.option("--coverage", is_flag=True, help="Count, page by page: rules, numbers, sources read, cases.")
@click.option("--markdown", is_flag=True, help="With --coverage: as a table for a document.")
@click.option("--text", is_flag=True, help="Of a page: its text as it was written, with its rules.")
@click.option("--as-of", "as_of", default=None, help="Of a page: the day it is asked for. Default: today.")
@click.option(
    "--evidence", default=None, help="Of a page: ask its rules of this enterprise. Default: the example."
)
@click.option(
    "--case", "key", default=None, help="With --evidence: the enterprise's key, if there are several."
)
@click.option("--html", type=click.Path(dir_okay=False), default=None, help="Of a page: write one HTML file.")
@click.option("--lang", default="en", show_default=True, help="en or zh; with --html also en,zh: both.")
@options.as_json
@options.sober
def command(
    name: str | None,
    rulebook: str,
    search: str,
    coverage: bool,
    markdown: bool,
    text: bool,
    as_of: str | None,
    evidence: str | None,
    key: str | None,
    html: str | None,
    lang: str,
    as_json: bool,
) -> None:
    """List the rules, search them, show one with its sources, or a page: its numbers and a live answer."""
    from gangmu.book import load

    if coverage:
        _coverage(rulebook, markdown=markdown, as_json=as_json)
        return
    from gangmu.report.book_page import find_page
    from gangmu.report.rules import find_rule, list_rules, rule_dict, show_rule

    if html is None:
        _one_language(lang)
    book = load(rulebook)
    if name is None or search:
        found = book.rules(search or name or "")
        if as_json:
            click.echo(terminal.dumps([rule_dict(book.model, full) for full in found]))
        else:
            list_rules(terminal.console(), book.model, found, lang)
        return
    page = find_page(book.model, name)
    if page and text:
        click.echo(book.model.pages[page].text)
    elif page:
        _page(book, page, as_of, (evidence, key), html, lang, as_json=as_json)
    elif as_json:
        click.echo(terminal.dumps(rule_dict(book.model, find_rule(book.model, name))))
    else:
        show_rule(terminal.console(), book.model, name, lang)


def _page(
    book: Book, page: str, as_of: str | None, asked: tuple[str | None, str | None], html: str | None,
    lang: str,
    *, as_json: bool,
) -> None:  # fmt: skip
    """A page on a day, on a terminal, as HTML or as JSON."""
    from gangmu.engine.day import read_day
    from gangmu.report.book_page import book_page

    day = read_day(as_of)
    run, evidence = _asked(book, as_of, asked)
    if html is not None:
        from gangmu.report.book_page_html import write_page

        click.echo(f"written: {write_page(html, book.model, page, day, lang, run)}")
        return
    told = book_page(book.model, page, day, lang, run)
    if as_json:
        click.echo(terminal.dumps(told.to_dict()))
        return
    from gangmu.report.book_page_terminal import show_page

    show_page(terminal.console(), told, evidence)


def _one_language(lang: str) -> None:
    """Refuse what is no language of a terminal."""
    from gangmu.errors import Problem, QuestionError
    from gangmu.report.words import LANGS

    if lang not in LANGS:
        what = f"`{lang}` is no language of a page"
        raise QuestionError(Problem("lang-unknown", "lang", what, " or ".join(LANGS), "choose one"))


def _asked(book: Book, as_of: str | None, asked: tuple[str | None, str | None]) -> tuple[Run | None, str]:
    """The enterprise of which a page is asked (the shipped example, if none is named), and how to name it."""
    from gangmu.engine.day import read_day

    evidence, key = asked
    if evidence is None:
        from gangmu.demo import example_for

        example = example_for(book)
        if example is None:
            return None, ""
        evidence = str(example)
    return book.run(evidence, key, read_day(as_of)), evidence


def _coverage(rulebook: str, *, markdown: bool, as_json: bool) -> None:
    """The table of what the book covers, in one of three forms."""
    from gangmu.book import load
    from gangmu.report import coverage as told

    book = load(rulebook).model
    if as_json:
        rows = [dict(zip(told.HEADINGS, told.cells(line), strict=True)) for line in told.coverage(book)]
        click.echo(terminal.dumps(rows))
    elif markdown:
        click.echo(told.markdown(book), nl=False)
    else:
        told.show_coverage(terminal.console(), book)
