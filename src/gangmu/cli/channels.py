"""`gangmu channels`: which channels of one enterprise can be used together."""

from __future__ import annotations

import click

from gangmu.cli import options, terminal
from gangmu.cli.frames import without_pandas


@click.command("channels")
@click.argument("evidence")
@click.option("--case", "key", default=None, help="The enterprise's key (needed if there are several).")
@click.option(
    "--rules", default=None,
    help="Channels, or groups of outcomes, separated by commas. Default: all channels among the outcomes.",
)  # fmt: skip
@options.rulebook
@options.as_of
@options.mapping
@options.lang
@options.as_json
@options.sober
def command(
    evidence: str,
    key: str | None,
    rules: str | None,
    rulebook: str,
    as_of: str | None,
    mapping: str | None,
    lang: str,
    as_json: bool,
) -> None:
    """Say which channels of an enterprise can be used together, fastest first, and what they share.

    What excludes what is decided exactly, what is not known stays so, and amounts that rest on the same
    patent, the same machines or the same capacity to repay are never added up.
    """
    from gangmu.book import load

    without_pandas()
    told = load(rulebook).compatible(evidence, key, as_of, options.names(rules), mapping=mapping)
    if as_json:
        click.echo(terminal.dumps(told.to_dict()))
        return
    from gangmu.report.channels_terminal import render_channels

    render_channels(terminal.console(), told, lang)
