"""`gangmu rules`: what a book says, listed, searched, or one rule in full."""

from __future__ import annotations

import click

from gangmu.cli import options, terminal


@click.command("rules")
@click.argument("name", required=False)
@options.rulebook
@click.option("--search", default="", help="Words in names, labels (en or zh) or notes.")
@click.option("--coverage", is_flag=True, help="Count, page by page: rules, numbers, sources read, cases.")
@click.option("--markdown", is_flag=True, help="With --coverage: as a table for a document.")
@options.lang
@options.as_json
@options.sober
def command(
    name: str | None, rulebook: str, search: str, coverage: bool, markdown: bool, lang: str, as_json: bool
) -> None:
    """List the rules, search them, or show one (or a page) with its wording, sources and dependents."""
    from gangmu.book import load

    if coverage:
        _coverage(rulebook, markdown=markdown, as_json=as_json)
        return
    from gangmu.report.rules import find_rule, list_rules, rule_dict, show_rule

    book = load(rulebook)
    if name is None or search:
        found = book.rules(search or name or "")
        if as_json:
            click.echo(terminal.dumps([rule_dict(book.model, full) for full in found]))
        else:
            list_rules(terminal.console(), book.model, found, lang)
        return
    if as_json:
        click.echo(terminal.dumps(rule_dict(book.model, find_rule(book.model, name))))
    else:
        show_rule(terminal.console(), book.model, name, lang)


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
