"""`gangmu due`: the dates on which an answer changes by itself."""

from __future__ import annotations

import click

from gangmu.cli import options, terminal
from gangmu.cli.frames import without_pandas


@click.command("due")
@click.argument("evidence")
@options.rulebook
@click.option(
    "--as-of", "as_of", default="today", show_default=True,
    help="The day from which to look: a date, `today`, or a column.",
)  # fmt: skip
@click.option("--until", default=None, help="The last day looked at. Default: a year on.")
@click.option(
    "--rules", default=None,
    help="Answers to watch, separated by commas. Default: the outcomes and every title and channel.",
)  # fmt: skip
@click.option("--case", "case", default=None, help="Only this enterprise.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), default=None, help=".ics .xlsx .csv .parquet .json"
)
@click.option(
    "--remind", type=click.IntRange(min=0, max=366), default=0, help="Days before which the calendar reminds."
)
@options.mapping
@options.lang
@options.as_json
@options.sober
def command(
    evidence: str,
    rulebook: str,
    as_of: str,
    until: str | None,
    rules: str | None,
    case: str | None,
    output: str | None,
    remind: int,
    mapping: str | None,
    lang: str,
    as_json: bool,
) -> None:
    """List the dates on which an answer changes though nobody does anything, and write them as a calendar.

    A certificate ends, a wording of the law begins or ends, a fiscal year closes, a loan falls due, the
    enterprise grows old enough. Each line says from what to what, why, by which source, and what to do
    before.
    """
    from gangmu.book import load

    without_pandas()
    book = load(rulebook)
    read = book.read(evidence, mapping)
    with terminal.progress(len(read), "looking ahead", quiet=as_json) as advance:
        found = book.due(
            read, until, as_of, options.names(rules), cases=None if case is None else [case], advance=advance
        )
    if output:
        found.write(output, lang, remind=remind)
    if as_json:
        click.echo(terminal.dumps(found.to_dict(lang)))
        return
    from gangmu.report.due_terminal import render_due

    console = terminal.console()
    render_due(console, found, lang)
    if output:
        console.print(f"written: {output}", highlight=False)
