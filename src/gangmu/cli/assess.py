"""`gangmu assess`: every enterprise of a body of evidence, every rule asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from gangmu.cli import options, terminal
from gangmu.cli.frames import without_pandas
from gangmu.cli.options import Stopped

if TYPE_CHECKING:
    from rich.console import Console

    from gangmu.book import Book
    from gangmu.engine.assessed import Engine
    from gangmu.engine.sql.places import Warehouse
    from gangmu.evidence.cases import Evidence
    from gangmu.report.result import Result


@click.command("assess")
@click.argument("evidence", required=False)
@options.rulebook
@options.as_of
@click.option(
    "--rules", default=None, help="Rules to answer, separated by commas. Default: the book's outcomes."
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), default=None,
    help=".parquet .csv .xlsx .json .html, or the name of a table in the database.",
)  # fmt: skip
@options.mapping
@click.option(
    "--engine", type=click.Choice(["auto", "kernel", "interpreter", "sql"]), default="auto",
    show_default=True,
    help="What computes: machine code, the tree of the rules, or one query. The answers are the same.",
)  # fmt: skip
@click.option(
    "--database", default=None,
    help="Where the query of `--engine sql` runs: a .duckdb file, postgresql://, sc://, spark://, local[*]. "
    "Without EVIDENCE its own tables are the evidence.",
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
    evidence: str | None,
    rulebook: str,
    as_of: str | None,
    rules: str | None,
    output: str | None,
    mapping: str | None,
    engine: Engine,
    database: str | None,
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
    from gangmu.errors import GangmuError, Problem

    book = load(rulebook)
    if database is not None and engine not in ("auto", "sql"):
        what = f"--database needs the engine sql, not {engine}"
        raise GangmuError(Problem("engine-unknown", "engine", what, "--engine sql"))
    if engine == "sql" or database is not None:
        place = _Place(evidence, database, mapping)
        read, result = _assess_by_query(book, place, as_of, options.names(rules), output)
        _tell(read, result, output, lang, as_json=as_json)
        return
    if evidence is None:
        raise GangmuError(
            Problem("evidence-missing", "evidence", "none is named", "a folder, a file, --database")
        )
    in_parts = resume or part_cases is not None
    if in_parts or (output and output.endswith(".parquet") and _is_large(book, evidence, mapping, rules)):
        asked = _Asked(evidence, output or "", as_of, options.names(rules), mapping, engine)
        _assess_in_parts(book, asked, resume=resume, part_cases=part_cases, as_json=as_json)
        return
    without_pandas()
    asked_rules = options.names(rules)
    read = book.read(evidence, mapping, book.outcomes if asked_rules is None else asked_rules)
    with terminal.progress(len(read), "assessing", quiet=as_json) as advance:
        result = book.assess(read, as_of, asked_rules, engine=engine, advance=advance)
    if output:
        _write(result, output, lang, quiet=as_json)
    _tell(read, result, output, lang, as_json=as_json)


def _write(result: Result, output: str, lang: str, *, quiet: bool) -> None:
    """Write the result to a file."""
    from gangmu.report.page import detailed

    pages = detailed(result) if output.endswith(".html") else 0
    with terminal.progress(pages, "explaining", quiet=quiet, worth=2) as advance:
        result.write(output, lang, advance)


def _tell(read: Evidence | None, result: Result, output: str | None, lang: str, *, as_json: bool) -> None:
    """Say what came out."""
    if as_json:
        click.echo(terminal.dumps(result.to_dict()))
        return
    from gangmu.report.terminal import render_summary

    console = terminal.console()
    render_summary(console, result, lang.partition(",")[0])
    if read is not None:
        _tell_reading(console, read)
    if output:
        console.print(f"written: {output}")


class _Place(NamedTuple):
    evidence: str | None
    database: str | None
    mapping: str | None


def _assess_by_query(
    book: Book, place: _Place, as_of: str | None, rules: list[str] | None, output: str | None
) -> tuple[Evidence | None, Result]:
    """One query in a database, over its own tables or over other evidence; a table or a file of it."""
    from pathlib import Path

    from gangmu.engine.sql.places import open_warehouse, tables_of
    from gangmu.report.result import SUFFIXES

    warehouse = open_warehouse(place.database)
    try:
        result, read = _in_place(book, place, warehouse, as_of, rules), None
        if result is None:
            source = tables_of(warehouse, book.model) if place.evidence is None else place.evidence
            read = book.read(source, place.mapping, book.outcomes if rules is None else rules)
            result = book.assess(read, as_of, rules, engine="sql", warehouse=warehouse)
        if output and place.database and Path(output).suffix.lower() not in SUFFIXES:
            warehouse.store(output, result.table)
        elif output:
            _write(result, output, "en", quiet=True)
    finally:
        warehouse.close()
    return read, result


def _in_place(
    book: Book, place: _Place, warehouse: Warehouse, as_of: str | None, rules: list[str] | None
) -> Result | None:
    """Answers over the tables as they lie; None, and the reason said, if they have to be read."""
    from gangmu.engine.sql.inplace import NotInPlaceError

    if place.evidence is not None or place.mapping is not None or as_of is None:
        return None
    try:
        return book.assess_in_place(warehouse, as_of, rules)
    except NotInPlaceError as reason:
        click.echo(f"the tables are read and checked first: {reason}", err=True)
        return None


class _Asked(NamedTuple):
    evidence: str
    output: str
    as_of: str | None
    rules: list[str] | None
    mapping: str | None
    engine: Engine


def _is_large(book: Book, evidence: str, mapping: str | None, rules: str | None) -> bool:
    """Whether there is more than is worked out at once."""
    from pathlib import Path

    from gangmu.engine.assess import resolve_rules
    from gangmu.evidence.parts import find_whole
    from gangmu.evidence.reach import reach_of

    path = Path(evidence)
    whole = find_whole(path, book.model, mapping) if path.exists() else None
    if whole is None:
        return False
    return whole.reaching(reach_of(book.model, resolve_rules(book.model, options.names(rules)))).large


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
    if read.unread:
        text = f"columns not read, since no rule asked can reach them: {read.unread}"
        console.print(text, highlight=False, style="dim")
    if read.quarantine:
        text = f"set aside: {counts.rows_rejected} rows and {counts.cells_rejected} cells"
        console.print(f"{text}; the first of them:", highlight=False)
        for entry in read.quarantine[:5]:
            console.print(f"  {entry}", highlight=False, markup=False)
