"""`gangmu reform`: what a changed rule does to every enterprise of a body of evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gangmu.cli import options, terminal

if TYPE_CHECKING:
    from gangmu.engine.assessed import Engine
    from gangmu.reform.compare import Listing


@click.command("reform")
@click.argument("evidence")
@options.rulebook
@options.as_of
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A number by its path, e.g. `star_2_rd_ratio=12%`; several together are one reform.",
)
@click.option(
    "--reform",
    "source",
    type=click.Path(),
    default=None,
    help="A YAML file of reforms, or the folder of a rulebook that extends this one.",
)
@click.option(
    "--sweep",
    "sweeps",
    multiple=True,
    metavar="NAME=LO:HI:N",
    help="N reforms at even distances; several: their grid.",
)
@click.option(
    "--rules", default=None, help="Rules to compare. Default: the outcomes that depend on the reform."
)
@click.option("--by", default=None, help="Columns, codes or rules to group by, e.g. `region,industry*size`.")
@click.option("--weight", default="", metavar="COLUMN", help="How many enterprises each case stands for.")
@click.option(
    "--list",
    "listing",
    type=click.Choice(["none", "winners", "losers", "both"]),
    default="none",
    show_default=True,
    help="List the cases that gain or lose.",
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "kernel", "interpreter"]),
    default="auto",
    show_default=True,
    help="Who works it out; the answers are the same.",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), default=None, help=".parquet .csv .xlsx .json"
)
@options.mapping
@options.lang
@options.as_json
@options.sober
def command(
    evidence: str,
    rulebook: str,
    as_of: str | None,
    settings: tuple[str, ...],
    source: str | None,
    sweeps: tuple[str, ...],
    rules: str | None,
    by: str | None,
    weight: str,
    listing: Listing,
    engine: Engine,
    output: str | None,
    mapping: str | None,
    lang: str,
    as_json: bool,
) -> None:
    """Compare the rulebook with a changed one: who gains, who loses, what stays open, what totals become.

    NAME is the path of a number: rule, row, column, and where there are several wordings the day of one
    (`rd_floor.small.value@2024-04-30`). VALUE is written as in pages: `70 million CNY`, `15%`.
    """
    from gangmu.book import load
    from gangmu.reform.ask import settings_of

    book = load(rulebook)
    change = settings_of(settings, source)
    result = book.reform(
        evidence, change, as_of, options.names(rules), sweep=sweeps, by=options.names(by) or (),
        weight=weight, listing=listing, mapping=mapping, engine=engine,
    )  # fmt: skip
    if output:
        result.write(output, lang)
    if as_json:
        click.echo(terminal.dumps(result.to_dict()))
        return
    from gangmu.report.reform_terminal import render_reform

    console = terminal.console()
    render_reform(console, result, lang.partition(",")[0])
    if output:
        console.print(f"written: {output}")
