"""`gangmu sql`: a rule as one query, to read or to run elsewhere."""

from __future__ import annotations

import click

from gangmu.cli import options


@click.command("sql")
@click.argument("rule")
@options.rulebook
@click.option(
    "--dialect", type=click.Choice(["duckdb", "postgres", "spark"]), default="duckdb", show_default=True,
    help="In whose SQL it is written.",
)  # fmt: skip
@click.option("--as-of", "as_of", default="today", show_default=True, help="A date, or `today`.")
@options.sober
def command(rule: str, rulebook: str, dialect: str, as_of: str) -> None:
    """Print RULE (or several, separated by commas) as one query: a CTE for each level of what it rests on.

    Its tables are called like the entities of the rulebook, with a typed column for each input.
    """
    from gangmu.book import load
    from gangmu.engine.sql.printed import printed

    click.echo(printed(load(rulebook).model, options.names(rule) or [rule], dialect, as_of))
