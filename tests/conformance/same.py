"""The same enterprises assessed from Parquet, in PostgreSQL and in Spark by the command: a diff of nothing.

`python -m conformance.same [--firms 500] [--folder build/same] [--rules tech_sme]`. The evidence is
the synthetic portfolio of the benchmarks, as Parquet files; the same tables are stored in a PostgreSQL server
of our own and in a Spark session on this machine. `gangmu assess` answers three times: machine code over the
files, and one query where the tables lie, twice. Each writes a table of its own; the lines of the tables are
compared as `sort | diff` would. Ends with 1 if a line differs.
"""

from __future__ import annotations

import argparse
import difflib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from click.testing import CliRunner
from pyarrow import parquet

from conformance import servers
from gangmu.cli import main as gangmu
from gangmu.engine.sql.places import Warehouse

ROOT = Path(__file__).parents[2]
DAY = "2026-06-30"
# Recognitions, relief and listing over firms and their statements: amounts, levels, titles and tests.
RULES = "tech_sme,enterprise_size,innovative_sme,sme_interest_subsidy,rd_extra_deduction,star_set_2"
SHOWN = 20


def portfolio(folder: Path, firms: int) -> Path:
    """Write the evidence as Parquet files."""
    made = folder / "evidence"
    made.mkdir(parents=True, exist_ok=True)
    asked = [sys.executable, str(ROOT / "benchmarks" / "portfolio.py"), str(made), str(firms)]
    subprocess.run(asked, check=True, stdout=subprocess.DEVNULL)
    return made


def store(warehouse: Warehouse, evidence: Path) -> None:
    """Put the tables where queries run."""
    for path in sorted(evidence.glob("*.parquet")):
        warehouse.store(path.stem, parquet.read_table(path))


def assess(asked: Sequence[str], rules: str, output: Path) -> list[str]:
    """Run the command and read its table's lines, the head first and the rest in order."""
    command = ["assess", *asked, "--as-of", DAY, "--rules", rules, "-o", str(output)]
    done = CliRunner().invoke(gangmu, command, catch_exceptions=False)
    if done.exit_code:
        raise SystemExit(f"gangmu assess {' '.join(asked)} ended with {done.exit_code}:\n{done.output}")
    head, *lines = output.read_text(encoding="utf-8").splitlines()
    return [head, *sorted(lines)]


def answers(folder: Path, evidence: Path, rules: str) -> Iterator[tuple[str, list[str]]]:
    """The lines of every place."""
    yield "Parquet, machine code", assess([str(evidence)], rules, folder / "parquet.csv")
    postgres = servers.postgres()
    store(postgres, evidence)
    url = postgres.connection.info.dsn
    yield "PostgreSQL, in the database", assess(["--database", _url(url)], rules, folder / "postgres.csv")
    spark = servers.spark()  # the command finds this session: a local one lives as long as its process
    store(spark, evidence)
    yield "Spark, in the session", assess(["--database", "local[1]"], rules, folder / "spark.csv")


def _url(parameters: str) -> str:
    """An address from a connection's parameters (`host=... user=...`)."""
    given = dict(part.partition("=")[::2] for part in parameters.split())
    host = given.get("host", "localhost")
    return f"postgresql:///{given.get('dbname', 'postgres')}?host={host}&user={given.get('user', 'postgres')}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask three times and compare."""
    parser = argparse.ArgumentParser(prog="same", description="The same answers wherever the tables lie.")
    parser.add_argument("--firms", type=int, default=500)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "same")
    parser.add_argument("--rules", default=RULES)
    given = parser.parse_args(arguments)
    evidence = portfolio(given.folder, given.firms)
    first: list[str] = []
    differ = 0
    for name, lines in answers(given.folder, evidence, given.rules):
        print(f"{name}: {len(lines) - 1:,} enterprises, {lines[0].count(',') + 1} columns", flush=True)
        first = first or lines
        wrong = list(difflib.unified_diff(first, lines, "parquet", name, n=0, lineterm=""))
        print("\n".join(wrong[:SHOWN]) if wrong else "    diff: nothing", flush=True)
        differ += len(wrong)
    servers.stop()
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
