"""`gangmu track`: where the targets of a plan stand, how fast they move, and where they may end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gangmu.cli import options, terminal

if TYPE_CHECKING:
    from gangmu.book import Book
    from gangmu.plan.propose import Drafted


@click.command("track")
@click.argument("plan", required=False)
@options.rulebook
@click.option(
    "--as-of", "as_of", default=None, help="A date: only what was published by then counts. Default: today."
)
@click.option("--all", "everything", is_flag=True, help="Series without a target as well.")
@click.option(
    "--observations",
    multiple=True,
    type=click.Path(),
    help="New values: a CSV file, an SDMX message (.xml, .csv), or a folder of them; may be given again.",
)
@click.option(
    "--mapping", type=click.Path(), default=None, help="YAML: what the codes of SDMX messages mean."
)
@click.option("--targets", type=click.Path(), default=None, help="CSV: targets of provinces and cities.")
@click.option("--backtest", is_flag=True, help="Forecast the targets' year from earlier years, and score it.")
@click.option(
    "--propose",
    type=click.Path(),
    default=None,
    help="CSV of draft targets (indicator,year,target): how likely.",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), default=None, help=".html (with charts) .xlsx .json"
)
@options.lang
@options.as_json
@options.sober
def command(
    plan: str | None,
    rulebook: str,
    as_of: str | None,
    everything: bool,
    observations: tuple[str, ...],
    mapping: str | None,
    targets: str | None,
    backtest: bool,
    propose: str | None,
    output: str | None,
    lang: str,
    as_json: bool,
) -> None:
    """Track the targets of PLAN, a page of the rulebook (default: all of its pages that have targets)."""
    from gangmu.book import load

    book = load(rulebook)
    if backtest:
        _backtest(book, plan, lang, as_json=as_json)
        return
    if propose:
        found = book.propose(propose, as_of, observations=observations, mapping=mapping)
        _proposals(book, found, as_of, lang, as_json=as_json)
        return
    result = book.track(
        plan, as_of, everything=everything, observations=observations, targets=targets, mapping=mapping
    )
    if output:
        result.write(output, lang)
    if as_json:
        click.echo(terminal.dumps(result.to_dict()))
        return
    from gangmu.report.tracked_terminal import render_tracking

    console = terminal.console()
    render_tracking(console, result, lang.partition(",")[0])
    if output:
        console.print(f"written: {output}")


def _proposals(book: Book, found: list[Drafted], as_of: str | None, lang: str, *, as_json: bool) -> None:
    """Print what can be said of draft targets."""
    if as_json:
        from gangmu.report.tracked import proposal_dict

        click.echo(terminal.dumps([proposal_dict(book.model, one) for one in found]))
        return
    from gangmu.engine.day import read_day
    from gangmu.report.tracked_terminal import render_proposals

    render_proposals(terminal.console(), read_day(as_of), found, lang.partition(",")[0])


def _backtest(book: Book, plan: str | None, lang: str, *, as_json: bool) -> None:
    """Print how forecasts from earlier years would have come out."""
    year, trials = book.backtest(plan)
    if as_json:
        from gangmu.report.tracked import backtest_dict

        click.echo(terminal.dumps(backtest_dict(book.model, year, trials)))
        return
    from gangmu.report.tracked_terminal import render_backtest

    render_backtest(terminal.console(), year, trials, lang.partition(",")[0])
