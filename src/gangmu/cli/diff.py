"""`gangmu diff`: which answers are others in a second run, and whether law, evidence or time did it."""

from __future__ import annotations

import click

from gangmu.cli import options, terminal
from gangmu.cli.frames import without_pandas


@click.command("diff")
@click.argument("run1", type=click.Path(dir_okay=False))
@click.argument("run2", type=click.Path(dir_okay=False))
@click.option(
    "--rulebook", "-r", "rulebooks", multiple=True,
    help="A rulebook of the runs, known by its digest; may be given twice. Shipped ones are found.",
)  # fmt: skip
@click.option(
    "--evidence", "evidence", multiple=True,
    help="Evidence of the runs, known by its digest; may be given twice.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), default=None, help=".xlsx .csv .parquet .json"
)
@options.mapping
@options.lang
@options.as_json
@options.sober
def command(
    run1: str,
    run2: str,
    rulebooks: tuple[str, ...],
    evidence: tuple[str, ...],
    output: str | None,
    mapping: str | None,
    lang: str,
    as_json: bool,
) -> None:
    """Compare two stored runs (what `gangmu assess -o` wrote): each answer that is another, and why.

    From the files alone it is said whether the rulebook, the facts or the day differ. With the rulebooks and
    the evidence of both runs at hand, each answer is asked again with one of the three new at a time: law,
    evidence, passage of time, or several together, and the rules and facts that moved it are named.
    """
    from gangmu.book import diff

    without_pandas()
    found = diff(run1, run2, rulebooks=rulebooks, evidence=evidence, mapping=mapping)
    if output:
        found.write(output, lang)
    if as_json:
        click.echo(terminal.dumps(found.to_dict(lang)))
        return
    from gangmu.report.diff_terminal import render_diff

    console = terminal.console()
    render_diff(console, found, lang)
    if output:
        console.print(f"written: {output}", highlight=False)
