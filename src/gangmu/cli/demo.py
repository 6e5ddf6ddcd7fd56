"""`gangmu demo`: the product shown on the examples that come with it."""

from __future__ import annotations

from pathlib import Path

import click

from gangmu.cli import options, terminal


@click.command("demo")
@click.option("-o", "--output", type=click.Path(file_okay=False), default="build/demo", show_default=True)
@options.lang
@options.sober
def command(output: str, lang: str) -> None:
    """Assess the shipped companies and a made-up small firm, explain one of each, and write the reports."""
    from gangmu.demo import run_demo

    run_demo(terminal.console(), Path(output), lang)
