"""The command line: parse, call one function, render. Exit codes: 0 done, 1 the answer is no, 2 bad input.

Heavy imports wait until a command needs them, so that `--help` is instant.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

import click

if TYPE_CHECKING:
    from rich.console import Console

    from gangmu.evidence.cases import Evidence

P = ParamSpec("P")
WORTH_A_BAR = 50  # cases; fewer are done before a bar is read

_rulebook = click.option(
    "--rulebook", "-r", default="cn", show_default=True, help="A shipped rulebook, or the folder of one."
)
_as_of = click.option(
    "--as-of",
    "as_of",
    default=None,
    help="A date, `today`, a column, or both: `as_of,today`. Default: the column as_of.",
)
_mapping = click.option("--mapping", type=click.Path(), default=None, help="YAML file: table, column, field.")
_json = click.option("--json", "as_json", is_flag=True, help="Print as JSON, for programs.")
_lang = click.option("--lang", default="en", show_default=True, help="Language of what is printed: en or zh.")


def _sober(command: Callable[P, None]) -> Callable[P, None]:
    """Turn every refusal into its message and exit code 2; Ctrl-C leaves quietly."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        from gangmu.errors import GangmuError

        try:
            command(*args, **kwargs)
        except GangmuError as error:
            if kwargs.get("as_json"):
                from dataclasses import asdict

                click.echo(_dumps({"problems": [asdict(problem) for problem in error.problems]}))
            for problem in error.problems:
                click.echo(str(problem), err=True)
            sys.exit(2)
        except KeyboardInterrupt:
            click.echo("stopped; nothing was half written", err=True)
            sys.exit(130)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="gangmu", prog_name="gangmu")
def main() -> None:
    """Assess enterprises against cited, dated rules, and explain every answer."""


@main.command()
@click.argument("evidence")
@_rulebook
@_as_of
@click.option(
    "--rules", default=None, help="Rules to answer, separated by commas. Default: the book's outcomes."
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), default=None, help=".parquet .csv .xlsx .json .html"
)
@_mapping
@_lang
@_json
@_sober
def assess(
    evidence: str,
    rulebook: str,
    as_of: str | None,
    rules: str | None,
    output: str | None,
    mapping: str | None,
    lang: str,
    as_json: bool,
) -> None:
    """Assess every enterprise of EVIDENCE: one row each, for every rule its value, bounds, status and grade.

    EVIDENCE is a folder of tables (CSV, Excel, Parquet), one such file, a DuckDB or SQLite file, or a
    database
    address.
    """
    from gangmu.book import load
    from gangmu.report.page import MAX_DETAILED

    book = load(rulebook)
    read = book.read(evidence, mapping)
    asked = [name.strip() for name in rules.split(",") if name.strip()] if rules else None
    with _progress(len(read), "assessing", quiet=as_json) as advance:
        result = book.assess(read, as_of, asked, advance=advance)
    if output:
        pages = min(len(result), MAX_DETAILED) if output.endswith(".html") else 0
        with _progress(pages, "explaining", quiet=as_json, worth=2) as advance:
            result.write(output, lang, advance)
    if as_json:
        click.echo(_dumps(result.to_dict()))
        return
    from gangmu.report.terminal import render_summary

    console = _console()
    render_summary(console, result, lang.partition(",")[0])
    _tell_reading(console, read)
    if output:
        console.print(f"written: {output}")


@main.command()
@click.argument("evidence")
@click.option("--case", "key", default=None, help="The enterprise's key (needed if there are several).")
@click.option("--rule", required=True, help="The rule to explain.")
@_rulebook
@_as_of
@_mapping
@click.option("--full", is_flag=True, help="Show every reason, not only those that decide.")
@_lang
@_json
@_sober
def explain(
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

    told = load(rulebook).explain(evidence, rule, key, as_of, mapping=mapping)
    if as_json:
        click.echo(_dumps(told.to_dict()))
        return
    from gangmu.report.terminal import render_explanation

    render_explanation(_console(), told.run, told.tree, told.missing, told.ways, lang, full=full)


@main.command()
@click.argument("name", required=False)
@_rulebook
@click.option("--search", default="", help="Words in names, labels (en or zh) or notes.")
@_lang
@_json
@_sober
def rules(name: str | None, rulebook: str, search: str, lang: str, as_json: bool) -> None:
    """List the rules, search them, or show one (or a page) with its wording, sources and dependents."""
    from gangmu.book import load
    from gangmu.report.rules import find_rule, list_rules, rule_dict, show_rule

    book = load(rulebook)
    if name is None or search:
        found = book.rules(search or name or "")
        if as_json:
            click.echo(_dumps([rule_dict(book.model, full) for full in found]))
        else:
            list_rules(_console(), book.model, found, lang)
        return
    if as_json:
        click.echo(_dumps(rule_dict(book.model, find_rule(book.model, name))))
    else:
        show_rule(_console(), book.model, name, lang)


@main.command()
@click.argument("rulebook")
@click.option("--page", default="", help="Show only problems of pages whose path contains this text.")
@_json
@_sober
def check(rulebook: str, page: str, as_json: bool) -> None:
    """Check a rulebook: names, units, types, tables, time, citations, worked cases. All problems at once."""
    from dataclasses import asdict

    from gangmu.engine.worked import run_worked_cases
    from gangmu.rulebook.load import load_with_problems

    book, problems = load_with_problems(rulebook)
    if book is not None:
        problems = run_worked_cases(book)
    shown = [problem for problem in problems if page in problem.where]
    if as_json:
        click.echo(_dumps({"problems": [asdict(problem) for problem in shown]}))
    for problem in [] if as_json else shown:
        click.echo(str(problem), err=True)
    if problems:
        click.echo(f"{len(problems)} problem{'s' if len(problems) != 1 else ''}", err=True)
        sys.exit(2)
    if book is not None and not as_json:
        counts = f"{len(book.pages)} pages, {len(book.rules)} rules, {len(book.cases)} worked cases"
        click.echo(f"{book.name} {book.version}: {counts}, no problem")


@main.command()
@click.argument("rulebook")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False), help="The .xlsx to write.")
@click.option(
    "--rules", default=None, help="Ask only for what these rules need. Default: the book's outcomes."
)
@_sober
def template(rulebook: str, output: str, rules: str | None) -> None:
    """Write an empty evidence workbook: the columns, units, questions and drop-downs a rulebook asks for."""
    from gangmu.book import load
    from gangmu.evidence.template import write_template

    asked = [name.strip() for name in rules.split(",") if name.strip()] if rules else None
    write_template(load(rulebook).model, output, asked)
    click.echo(f"written: {output}")


@main.command()
@click.option("-o", "--output", type=click.Path(file_okay=False), default="build/demo", show_default=True)
@_lang
@_sober
def demo(output: str, lang: str) -> None:
    """Assess the shipped companies and a made-up small firm, explain one of each, and write the reports."""
    from gangmu.demo import run_demo

    run_demo(_console(), Path(output), lang)


@main.command()
@click.option("-o", "--output", type=click.Path(dir_okay=False), default=None, help="Write to a file.")
@_sober
def schema(output: str | None) -> None:
    """Print the JSON Schema of rule blocks, for completion in an editor."""
    from gangmu.evidence.whole import write_whole
    from gangmu.rulebook.schema import json_schema

    text = json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        write_whole(Path(output), lambda to: to.write_text(text, encoding="utf-8"))


# ---------------------------------------------------------------------- what a terminal needs


def _dumps(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, default=str)


def _console() -> Console:
    from rich.console import Console

    return Console(soft_wrap=False)


class _progress:  # noqa: N801  reads as a verb where it is used
    """A bar with an estimate on a terminal, nothing elsewhere."""

    def __init__(self, total: int, what: str, *, quiet: bool, worth: int = WORTH_A_BAR) -> None:
        self.total, self.what = total, what
        self.shown = not quiet and total >= worth and sys.stderr.isatty()

    def __enter__(self) -> Callable[[], object]:
        if not self.shown:
            return lambda: None
        from rich.console import Console
        from rich.progress import Progress

        self.bar = Progress(console=Console(stderr=True), transient=True)
        self.bar.start()
        task = self.bar.add_task(self.what, total=self.total)
        return lambda: self.bar.advance(task)

    def __exit__(self, *_: object) -> None:
        if self.shown:
            self.bar.stop()


def _tell_reading(console: Console, read: Evidence) -> None:
    """What was read, and what was not."""
    counts = read.counts
    rows = ", ".join(f"{name} {number}" for name, number in counts.rows.items())
    console.print(f"read: {counts.cases} enterprises; rows: {rows}", highlight=False, style="dim")
    if read.quarantine:
        text = f"set aside: {counts.rows_rejected} rows and {counts.cells_rejected} cells"
        console.print(f"{text}; the first of them:", highlight=False)
        for entry in read.quarantine[:5]:
            console.print(f"  {entry}", highlight=False, markup=False)
