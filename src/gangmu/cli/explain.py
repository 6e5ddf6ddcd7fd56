"""`gangmu explain`: one answer for one enterprise, with everything that it rests on."""

from __future__ import annotations

import click

from gangmu.cli import options, terminal
from gangmu.cli.frames import without_pandas


@click.command("explain")
@click.argument("evidence")
@click.option("--case", "key", default=None, help="The enterprise's key (needed if there are several).")
@click.option("--rule", required=True, help="The rule to explain.")
@options.rulebook
@options.as_of
@options.mapping
@click.option("--full", is_flag=True, help="Show every reason, not only those that decide.")
@options.lang
@options.as_json
@options.sober
def command(
    evidence: str,
    key: str | None,
    rule: str,
    rulebook: str,
    as_of: str | None,
    mapping: str | None,
    full: bool,
    lang: str,
    as_json: bool,
) -> None:
    """Explain one answer: reasons with sources, what blocks, what is missing, the shortest lawful way."""
    from gangmu.book import load

    without_pandas()
    told = load(rulebook).explain(evidence, rule, key, as_of, mapping=mapping)
    if as_json:
        click.echo(terminal.dumps(told.to_dict()))
        return
    from gangmu.report.terminal import render_explanation

    render_explanation(terminal.console(), told.run, told.tree, told.missing, told.ways, lang, full=full)
