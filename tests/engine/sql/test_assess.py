"""`gangmu assess --engine sql`: where the tables lie makes no difference to the answers."""

from __future__ import annotations

from pathlib import Path

import duckdb as duck
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import gangmu
from gangmu.cli import main
from gangmu.engine.sql.places import Warehouse, open_warehouse, tables_of
from gangmu.errors import EvidenceError, QuestionError
from gangmu.rulebook.load import load

BOOK = Path(__file__).parent / "golden" / "book"
DAY = "2025-06-30"
RULES = ["division", "limit", "badge", "class_of_firm", "profit_two_years", "inventive", "by_code"]
FIRMS = [
    ("7", "0.35", "299", "N 1"),  # exactly on the floor of 5%
    ("7", "0.34", "300", None),
    ("0", "0", None, "n/a"),
    (None, "1", "5", None),
]
TABLES: dict[str, list[dict[str, str | None]]] = {
    "enterprise": [
        {
            "enterprise": f"e{number}", "founded_on": "2019-03-01", "sales": sales, "research": research,
            "staff": staff, "listed": "yes", "kind": "maker", "industry": "6510", "badge_no": badge,
            "badge_from": "2024-01-01",
        }
        for number, (sales, research, staff, badge) in enumerate(FIRMS)
    ],
    "statement": [
        {"enterprise": f"e{number}", "fiscal_year": str(year), "profit": f"{number}.{year % 10}"}
        for number in range(4)
        for year in range(2022 + number, 2025)
    ],
    "patent": [
        {"enterprise": "e0", "granted_on": "2024-05-05", "number": f"p{number}", "invention": "yes"}
        for number in range(2)
    ],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The evidence as Parquet files."""
    made = tmp_path / "evidence"
    made.mkdir()
    for name, rows in TABLES.items():
        pq.write_table(pa.Table.from_pylist(rows), made / f"{name}.parquet")
    return made


def expected(folder: Path) -> pa.Table:
    """The interpreter's table."""
    return gangmu.load(BOOK).assess(folder, DAY, RULES, engine="interpreter").to_arrow()


def same(one: pa.Table, other: pa.Table) -> None:
    assert one.column_names == other.column_names
    order = [("enterprise", "ascending")]
    assert one.sort_by(order).to_pylist() == other.sort_by(order).to_pylist()


def test_the_same_table_wherever_the_tables_lie(folder: Path, warehouse: Warehouse) -> None:
    wanted = expected(folder)
    for name, rows in TABLES.items():
        warehouse.store(name, pa.Table.from_pylist(rows))
    book = gangmu.load(BOOK)
    result = book.assess(tables_of(warehouse, book.model), DAY, RULES, engine="sql", warehouse=warehouse)
    same(result.to_arrow(), wanted)
    assert result.record["engine"] == f"sql {warehouse.dialect.name}"
    warehouse.store("answers", result.to_arrow())
    assert warehouse.read("answers").num_rows == len(TABLES["enterprise"])


def test_the_command_writes_a_table_in_a_database(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "firms.duckdb"
    with duck.connect(str(path)) as connection:
        for name, rows in TABLES.items():
            connection.register("given", pa.Table.from_pylist(rows))
            connection.sql("SELECT * FROM given").create(name)
    asked = ["assess", "--database", str(path), "-r", str(BOOK), "--as-of", DAY, "--rules", ",".join(RULES)]
    done = CliRunner().invoke(main, [*asked, "-o", "answers"])
    assert done.exit_code == 0, done.output
    with duck.connect(str(path)) as connection:
        same(connection.sql("SELECT * FROM answers").to_arrow_table(), expected(folder))
    done = CliRunner().invoke(main, [*asked, "-o", str(tmp_path / "answers.parquet")])
    assert done.exit_code == 0, done.output
    same(pq.read_table(tmp_path / "answers.parquet"), expected(folder))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--database", "mysql://user:secret@host/name"], "no address of a database"),
        (["--database", "missing.duckdb"], "no such database"),
        (["--engine", "interpreter"], "none is named"),
        (["--database", "x.duckdb", "--engine", "kernel"], "needs the engine sql"),
    ],
)
def test_what_cannot_be_done_is_said(given: list[str], said: str) -> None:
    done = CliRunner().invoke(main, ["assess", "-r", str(BOOK), "--as-of", DAY, *given])
    assert done.exit_code == 2
    assert said in done.output
    assert "secret" not in done.output


def test_a_database_without_tables_of_the_book_is_no_evidence(duckdb: Warehouse) -> None:
    with pytest.raises(EvidenceError):
        tables_of(duckdb, load(BOOK))
    with pytest.raises(QuestionError):
        open_warehouse("oracle://host")
