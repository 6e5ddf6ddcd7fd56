"""`gangmu assess`: every enterprise of a body of evidence, every rule asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from gangmu.cli import options, terminal
from gangmu.cli.options import Stopped

if TYPE_CHECKING:
    from rich.console import Console

    from gangmu.book import Book
    from gangmu.engine.assessed import Engine
    from gangmu.evidence.cases import Evidence


@click.command("assess")
@click.argument("evidence")
@options.rulebook
@options.as_of
@click.option(
    "--rules", default=None, help="Rules to answer, separated by commas. Default: the book's outcomes."
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), default=None, help=".parquet .csv .xlsx .json .html"
)
@options.mapping
@click.option(
    "--engine", type=click.Choice(["auto", "kernel", "interpreter"]), default="auto", show_default=True,
    help="What computes: machine code, or the tree of the rules. The answers are the same.",
)  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on from the finished parts of a run that was stopped.")
@click.option(
    "--part-cases", type=click.IntRange(min=1), default=None,
    help="Work in parts of so many enterprises. Default: in parts where there are more than a million.",
)  # fmt: skip
@options.lang
@options.as_json
@options.sober
def command(
    evidence: str,
    rulebook: str,
    as_of: str | None,
    rules: str | None,
    output: str | None,
    mapping: str | None,
    engine: Engine,
    resume: bool,
    part_cases: int | None,
    lang: str,
    as_json: bool,
) -> None:
    """Assess every enterprise of EVIDENCE: one row each, for every rule its value, bounds, status and grade.

    EVIDENCE is a folder of tables (CSV, Excel, Parquet), one such file, a DuckDB or SQLite file, or a
    database address. Parquet and DuckDB may be larger than memory: then the answers go part by part into the
    .parquet of -o, and a run that was stopped goes on with --resume.
    """
    from gangmu.book import load
    from gangmu.report.page import MAX_DETAILED

    book = load(rulebook)
    in_parts = resume or part_cases is not None
    if in_parts or (output and output.endswith(".parquet") and _is_large(book, evidence, mapping)):
        asked = _Asked(evidence, output or "", as_of, options.names(rules), mapping, engine)
        _assess_in_parts(book, asked, resume=resume, part_cases=part_cases, as_json=as_json)
        return
    read = book.read(evidence, mapping)
    with terminal.progress(len(read), "assessing", quiet=as_json) as advance:
        result = book.assess(read, as_of, options.names(rules), engine=engine, advance=advance)
    if output:
        pages = min(len(result), MAX_DETAILED) if output.endswith(".html") else 0
        with terminal.progress(pages, "explaining", quiet=as_json, worth=2) as advance:
            result.write(output, lang, advance)
    if as_json:
        click.echo(terminal.dumps(result.to_dict()))
        return
    from gangmu.report.terminal import render_summary

    console = terminal.console()
    render_summary(console, result, lang.partition(",")[0])
    _tell_reading(console, read)
    if output:
        console.print(f"written: {output}")


class _Asked(NamedTuple):
    evidence: str
    output: str
    as_of: str | None
    rules: list[str] | None
    mapping: str | None
    engine: Engine


def _is_large(book: Book, evidence: str, mapping: str | None) -> bool:
    """Whether there are more enterprises than are worked out at once."""
    from pathlib import Path

    from gangmu.evidence.parts import LARGE, find_whole

    path = Path(evidence)
    whole = find_whole(path, book.model, mapping) if path.exists() else None
    return whole is not None and whole.rows > LARGE


def _assess_in_parts(
    book: Book, asked: _Asked, *, resume: bool, part_cases: int | None, as_json: bool
) -> None:
    """Assess part by part into a Parquet file, and say what came out."""
    from gangmu.errors import GangmuError, Problem

    if not asked.output.endswith(".parquet"):
        what = "only a .parquet file is written part by part"
        raise GangmuError(Problem("suffix-unknown", asked.output or "-o", what, "-o NAME.parquet"))
    evidence, output, as_of, rules, mapping, engine = asked
    with terminal.counting("assessing", quiet=as_json) as (total, advance):
        try:
            found = book.assess_into(
                evidence, output, as_of, rules, mapping=mapping, engine=engine, resume=resume,
                part_cases=part_cases, total=total, advance=advance,
            )  # fmt: skip
        except KeyboardInterrupt:
            raise Stopped(f"stopped; finished parts are in {output}.parts: go on with --resume") from None
    if as_json:
        click.echo(terminal.dumps(found.to_dict()))
        return
    console = terminal.console()
    for name, counted in found.statuses.items():
        told = ", ".join(f"{status} {count:,}" for status, count in counted.most_common())
        console.print(f"{name}: {told}", highlight=False)
    for note in found.notes:
        console.print(f"{note}", highlight=False, markup=False, style="dim")
    console.print(f"read: {found.cases:,} enterprises", highlight=False, style="dim")
    if found.quarantined:
        console.print(f"set aside: {found.quarantined:,} rows and cells; the first of them:", highlight=False)
        for entry in found.first:
            console.print(f"  {entry}", highlight=False, markup=False)
    for path in (found.output, *found.beside):
        console.print(f"written: {path}", highlight=False)


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
