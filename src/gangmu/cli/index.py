"""`gangmu index`: a composite indicator over a population, with how sure each rank is."""

from __future__ import annotations

import click

from gangmu.cli import options, terminal


@click.command("index")
@click.argument("name")
@click.argument("evidence", required=False)
@options.rulebook
@options.as_of
@click.option("--year", default=None, help="The year to compute. Default: the newest of the table.")
@click.option(
    "--runs", default=1000, show_default=True, help="Runs over the choices that the page varies; 0: none."
)
@click.option(
    "--sobol", default=0, metavar="N", help="Sensitivity analysis with N base points (100 is usual)."
)
@click.option("--seed", default=1, show_default=True, help="Decides the random draws; the record keeps it.")
@click.option(
    "--set", "figures", multiple=True, metavar="UNIT.COLUMN=NUMBER", help="Take another figure: what if?"
)
@click.option("--audit", is_flag=True, help="Print how indicators go together, and what each does.")
@click.option("--top", default=0, metavar="N", help="Print the first N units only.")
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(dir_okay=False),
    help=".html .csv .parquet .xlsx .json .svg .png",
)
@options.lang
@options.as_json
@options.sober
def command(
    name: str,
    evidence: str | None,
    rulebook: str,
    as_of: str | None,
    year: str | None,
    runs: int,
    sobol: int,
    seed: int,
    figures: tuple[str, ...],
    audit: bool,
    top: int,
    outputs: tuple[str, ...],
    lang: str,
    as_json: bool,
) -> None:
    """Compute the index NAME of a rulebook over the units in EVIDENCE (.csv, .xlsx, .parquet).

    EVIDENCE may be left out where the rulebook ships the population itself. Every unit gets its score, its
    rank, and the ranks that it has in nine of ten runs in which the choices that the page varies are made
    otherwise.
    """
    from gangmu.book import load

    result = load(rulebook).index(
        name, evidence, as_of=as_of, year=year, runs=runs, sobol=sobol, seed=seed, figures=figures
    )
    for output in outputs:
        result.write(output, lang)
    if as_json:
        click.echo(terminal.dumps(result.to_dict()))
        return
    from gangmu.report.index_terminal import render_audit, render_index
    from gangmu.report.index_words import say

    console = terminal.console()
    shown = "zh" if lang.startswith("zh") else "en"
    render_index(console, result, shown, top)
    if audit:
        render_audit(console, result, shown)
    for output in outputs:
        console.print(say(shown, "written", name=output))
