"""`gangmu schema`: the shape of rule blocks, for editors."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gangmu.cli import options


@click.command("schema")
@click.option("-o", "--output", type=click.Path(dir_okay=False), default=None, help="Write to a file.")
@options.sober
def command(output: str | None) -> None:
    """Print the JSON Schema of rule blocks, for completion in an editor."""
    from gangmu.evidence.whole import write_whole
    from gangmu.rulebook.schema import json_schema

    text = json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        write_whole(Path(output), lambda to: to.write_text(text, encoding="utf-8"))
