"""Options that several commands share, and the one way in which a command refuses."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click

from gangmu.cli.terminal import dumps

P = ParamSpec("P")

rulebook = click.option(
    "--rulebook", "-r", default="cn", show_default=True, help="A shipped rulebook, or the folder of one."
)
as_of = click.option(
    "--as-of",
    "as_of",
    default=None,
    help="A date, `today`, a column, or both: `as_of,today`. Default: the column as_of.",
)
mapping = click.option("--mapping", type=click.Path(), default=None, help="YAML file: table, column, field.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print as JSON, for programs.")
lang = click.option("--lang", default="en", show_default=True, help="Language of what is printed: en or zh.")


def names(listed: str | None) -> list[str] | None:
    """Names separated by commas; none said is None."""
    return [name.strip() for name in listed.split(",") if name.strip()] if listed else None


class Stopped(KeyboardInterrupt):
    """Ctrl-C, with something to say about what is left."""


def sober(command: Callable[P, None]) -> Callable[P, None]:
    """Turn every refusal into its message and exit code 2; Ctrl-C leaves quietly."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        from gangmu.errors import GangmuError

        try:
            command(*args, **kwargs)
        except GangmuError as error:
            if kwargs.get("as_json"):
                from dataclasses import asdict

                click.echo(dumps({"problems": [asdict(problem) for problem in error.problems]}))
            for problem in error.problems:
                click.echo(str(problem), err=True)
            sys.exit(2)
        except KeyboardInterrupt as stopped:
            click.echo(str(stopped) or "stopped; nothing was half written", err=True)
            sys.exit(130)

    return run
