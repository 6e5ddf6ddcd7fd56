"""The command line: parse, call one function, render. Exit codes: 0 done, 1 the answer is no, 2 bad input.

One module a command, named like it, with the click command `command`. A module is imported when its command
is asked for (or listed), and imports what is heavy inside its function, so that `--help` is instant.
"""

from __future__ import annotations

import atexit
import gc
from importlib import import_module

import click

COMMANDS = (
    "assess",
    "channels",
    "check",
    "demo",
    "diff",
    "due",
    "explain",
    "index",
    "reform",
    "rules",
    "schema",
    "serve",
    "sql",
    "template",
    "track",
)


class _Commands(click.Group):
    """The commands by their names, each imported when it is met."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click hands it over
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  as above
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"gangmu.cli.{cmd_name}").command
        return found


def _version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        click.echo(f"gangmu, version {version('gangmu')}")
        ctx.exit()


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Assess enterprises against cited, dated rules, and explain every answer."""
    # a book is a hundred thousand values that stay: looking at them for garbage is idle, at the end as well
    gc.set_threshold(100_000, 20, 20)
    atexit.register(gc.freeze)
