"""`gangmu assess`: every enterprise of a body of evidence, every rule asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gangmu.cli import options, terminal

if TYPE_CHECKING:
    from rich.console import Console

    from gangmu.engine.assessed import Engine
    from gangmu.evidence.cases import Evidence


@click.command("assess")
@click.argument("evidence")
@options.rulebook
@options.as_of
@click.option(
    "--rules", default=None, help="Rules to answer, separated by commas. Default: the book's outcomes."
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), default=None, help=".parquet .csv .xlsx .json .html"
)
@options.mapping
@click.option(
    "--engine", type=click.Choice(["auto", "kernel", "interpreter"]), default="auto", show_default=True,
    help="What computes: machine code, or the tree of the rules. The answers are the same.",
)  # fmt: skip
@options.lang
@options.as_json
@options.sober
def command(
    evidence: str,
    rulebook: str,
    as_of: str | None,
    rules: str | None,
    output: str | None,
    mapping: str | None,
    engine: Engine,
    lang: str,
    as_json: bool,
) -> None:
    """Assess every enterprise of EVIDENCE: one row each, for every rule its value, bounds, status and grade.

    EVIDENCE is a folder of tables (CSV, Excel, Parquet), one such file, a DuckDB or SQLite file, or a
    database address.
    """
    from gangmu.book import load
    from gangmu.report.page import MAX_DETAILED

    book = load(rulebook)
    read = book.read(evidence, mapping)
    with terminal.progress(len(read), "assessing", quiet=as_json) as advance:
        result = book.assess(read, as_of, options.names(rules), engine=engine, advance=advance)
    if output:
        pages = min(len(result), MAX_DETAILED) if output.endswith(".html") else 0
        with terminal.progress(pages, "explaining", quiet=as_json, worth=2) as advance:
            result.write(output, lang, advance)
    if as_json:
        click.echo(terminal.dumps(result.to_dict()))
        return
    from gangmu.report.terminal import render_summary

    console = terminal.console()
    render_summary(console, result, lang.partition(",")[0])
    _tell_reading(console, read)
    if output:
        console.print(f"written: {output}")


def _tell_reading(console: Console, read: Evidence) -> None:
    """What was read, and what was not."""
    counts = read.counts
    rows = ", ".join(f"{name} {number}" for name, number in counts.rows.items())
    console.print(f"read: {counts.cases} enterprises; rows: {rows}", highlight=False, style="dim")
    if read.quarantine:
        text = f"set aside: {counts.rows_rejected} rows and {counts.cells_rejected} cells"
        console.print(f"{text}; the first of them:", highlight=False)
        for entry in read.quarantine[:5]:
            console.print(f"  {entry}", highlight=False, markup=False)
