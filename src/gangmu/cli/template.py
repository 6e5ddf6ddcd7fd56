"""`gangmu template`: an empty workbook that asks for what a rulebook needs."""

from __future__ import annotations

import click

from gangmu.cli import options


@click.command("template")
@click.argument("rulebook")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False), help="The .xlsx to write.")
@click.option(
    "--rules", default=None, help="Ask only for what these rules need. Default: the book's outcomes."
)
@options.sober
def command(rulebook: str, output: str, rules: str | None) -> None:
    """Write an empty evidence workbook: the columns, units, questions and drop-downs a rulebook asks for."""
    from gangmu.book import load
    from gangmu.evidence.template import write_template

    write_template(load(rulebook).model, output, options.names(rules))
    click.echo(f"written: {output}")
