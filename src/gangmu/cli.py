"""The command line: parse, call one function, render. Exit codes: 0 done, 1 the answer is no (checks that fail), 2 bad input.

Heavy imports wait until a command needs them, so that `--help` is instant.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click

P = ParamSpec("P")


def _sober(command: Callable[P, None]) -> Callable[P, None]:
    """Turn every refusal into its message and exit code 2; Ctrl-C leaves quietly."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        from gangmu.errors import GangmuError  # noqa: PLC0415

        try:
            command(*args, **kwargs)
        except GangmuError as error:
            for problem in error.problems:
                click.echo(str(problem), err=True)
            sys.exit(2)
        except KeyboardInterrupt:
            click.echo("stopped; nothing was half written", err=True)
            sys.exit(130)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gangmu", prog_name="gangmu")
def main() -> None:
    """Assess enterprises against cited, dated rules, and explain every answer."""


@main.command()
@click.argument("rulebook")
@click.option("--json", "as_json", is_flag=True, help="Print problems as JSON.")
@click.option("--page", default="", help="Show only problems of pages whose path contains this text.")
@_sober
def check(rulebook: str, page: str, as_json: bool) -> None:
    """Check a rulebook: names, units, types, tables, time, citations, and its worked cases. All problems at once."""
    import json  # noqa: PLC0415
    from dataclasses import asdict  # noqa: PLC0415

    from gangmu.engine.worked import run_worked_cases  # noqa: PLC0415
    from gangmu.rulebook.load import load_with_problems  # noqa: PLC0415

    book, problems = load_with_problems(rulebook)
    if book is not None:
        problems = run_worked_cases(book)
    shown = [problem for problem in problems if page in problem.where]
    if as_json:
        click.echo(json.dumps([asdict(problem) for problem in shown], ensure_ascii=False, indent=1))
    else:
        for problem in shown:
            click.echo(str(problem), err=True)
        if book is not None and not problems:
            click.echo(f"{book.name} {book.version}: {len(book.pages)} pages, {len(book.rules)} rules, {len(book.cases)} worked cases, no problem")
        elif problems:
            click.echo(f"{len(problems)} problem{'s' if len(problems) != 1 else ''}", err=True)
    if problems:
        sys.exit(2)
