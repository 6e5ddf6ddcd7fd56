"""`gangmu check`: everything that is wrong with a rulebook, at once."""

from __future__ import annotations

import sys

import click

from gangmu.cli import options, terminal
from gangmu.cli.frames import without_pandas


@click.command("check")
@click.argument("rulebook")
@click.option("--page", default="", help="Show only problems of pages whose path contains this text.")
@options.as_json
@options.sober
def command(rulebook: str, page: str, as_json: bool) -> None:
    """Check a rulebook: names, units, types, tables, time, citations, worked cases. All problems at once."""
    from dataclasses import asdict

    from gangmu.engine import passed
    from gangmu.rulebook.load import load_with_problems

    book, problems = load_with_problems(rulebook)
    if book is not None and not passed.before(book):
        from gangmu.engine.worked import run_worked_cases

        without_pandas()
        problems = run_worked_cases(book)
        if not problems:
            passed.remember(book)
    shown = [problem for problem in problems if page in problem.where]
    if as_json:
        click.echo(terminal.dumps({"problems": [asdict(problem) for problem in shown]}))
    for problem in [] if as_json else shown:
        click.echo(str(problem), err=True)
    if problems:
        click.echo(f"{len(problems)} problem{'s' if len(problems) != 1 else ''}", err=True)
        sys.exit(2)
    if book is not None and not as_json:
        counts = f"{len(book.pages)} pages, {len(book.rules)} rules, {len(book.cases)} worked cases"
        click.echo(f"{book.name} {book.version}: {counts}, no problem")
