"""`gangmu track`: where the targets of a plan stand, how fast they move, and where they may end."""

from __future__ import annotations

import click

from gangmu.cli import options, terminal


@click.command("track")
@click.argument("plan", required=False)
@options.rulebook
@click.option(
    "--as-of", "as_of", default=None, help="A date: only what was published by then counts. Default: today."
)
@click.option("--all", "everything", is_flag=True, help="Series without a target as well.")
@click.option("--backtest", is_flag=True, help="Forecast the targets' year from earlier years, and score it.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), default=None, help=".json")
@options.lang
@options.as_json
@options.sober
def command(
    plan: str | None,
    rulebook: str,
    as_of: str | None,
    everything: bool,
    backtest: bool,
    output: str | None,
    lang: str,
    as_json: bool,
) -> None:
    """Track the targets of PLAN, a page of the rulebook (default: all of its pages that have targets)."""
    from gangmu.book import load

    book = load(rulebook)
    if backtest:
        _backtest(rulebook, plan, lang, as_json=as_json)
        return
    result = book.track(plan, as_of, everything=everything)
    if output:
        result.write(output)
    if as_json:
        click.echo(terminal.dumps(result.to_dict()))
        return
    from gangmu.report.tracked_terminal import render_tracking

    console = terminal.console()
    render_tracking(console, result, lang.partition(",")[0])
    if output:
        console.print(f"written: {output}")


def _backtest(rulebook: str, plan: str | None, lang: str, *, as_json: bool) -> None:
    """Print how forecasts from earlier years would have come out."""
    from gangmu.book import load

    book = load(rulebook)
    year, trials = book.backtest(plan)
    if as_json:
        from gangmu.report.tracked import backtest_dict

        click.echo(terminal.dumps(backtest_dict(book.model, year, trials)))
        return
    from gangmu.report.tracked_terminal import render_backtest

    render_backtest(terminal.console(), year, trials, lang.partition(",")[0])
