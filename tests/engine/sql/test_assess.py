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
from gangmu.engine.sql.inplace import NotInPlaceError
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


# ---------------------------------------------------------------------- where they lie

FIELDS = {
    "enterprise": pa.string(), "founded_on": pa.date32(), "sales": pa.decimal128(14, 2),
    "research": pa.decimal128(14, 2), "staff": pa.int64(), "listed": pa.bool_(), "kind": pa.string(),
    "industry": pa.string(), "badge_no": pa.string(), "badge_from": pa.date32(), "fiscal_year": pa.int64(),
    "profit": pa.decimal128(14, 2), "granted_on": pa.date32(), "number": pa.string(), "invention": pa.bool_(),
}  # fmt: skip


def typed(rows: list[dict[str, str | None]]) -> pa.Table:
    """A table with the types of its inputs."""
    texts = pa.Table.from_pylist(rows)
    made = {}
    for name in texts.column_names:
        column = texts.column(name)
        if pa.types.is_boolean(FIELDS[name]):
            column = pa.chunked_array([[text and text == "yes" for text in column.to_pylist()]], pa.bool_())
        made[name] = column.cast(FIELDS[name])
    return pa.table(made)


def clean() -> dict[str, pa.Table]:
    """The tables, typed, in which nothing would be set aside."""
    rows = {name: [dict(row) for row in listed] for name, listed in TABLES.items()}
    for row in rows["enterprise"]:
        row["badge_no"] = None if row["badge_no"] == "n/a" else row["badge_no"]
    return {name: typed(listed) for name, listed in rows.items()}


def test_typed_tables_are_asked_where_they_lie(warehouse: Warehouse) -> None:
    tables, book = clean(), gangmu.load(BOOK)
    for name, table in tables.items():
        warehouse.store(name, table)
    result = book.assess_in_place(warehouse, DAY, RULES)
    same(result.to_arrow(), book.assess(tables, DAY, RULES, engine="interpreter").to_arrow())
    assert result.record["engine"] == f"sql {warehouse.dialect.name} in place"
    assert result.answers[0].case.facts["kind"][0].value == "maker"


def _with(tables: dict[str, pa.Table], name: str, change: dict[str, object]) -> dict[str, pa.Table]:
    """The tables with other cells in the first row of one."""
    rows = tables[name].to_pylist()
    rows[0] |= change
    return {**tables, name: pa.Table.from_pylist(rows, tables[name].schema)}


@pytest.mark.parametrize(
    ("table", "change", "said"),
    [
        ("enterprise", {"kind": "Maker"}, "kind"),
        ("enterprise", {"industry": "65"}, "industry"),
        ("enterprise", {"badge_no": "n/a"}, "badge_no"),
        ("enterprise", {"staff": 2_000_000}, "staff"),
        ("enterprise", {"enterprise": "e1"}, "more than once"),
        ("enterprise", {"enterprise": None}, "without a key"),
        ("statement", {"fiscal_year": 2023}, "more than once"),
        ("statement", {"enterprise": "e9"}, "not in enterprise"),
        ("statement", {"fiscal_year": None}, "fiscal_year"),
    ],
)
def test_what_would_be_set_aside_is_not_taken_as_it_lies(
    duckdb: Warehouse, table: str, change: dict[str, object], said: str
) -> None:
    for name, rows in _with(clean(), table, change).items():
        duckdb.store(name, rows)
    with pytest.raises(NotInPlaceError, match=said):
        gangmu.load(BOOK).assess_in_place(duckdb, DAY, RULES)


def test_untyped_columns_are_not_taken_as_they_lie(duckdb: Warehouse) -> None:
    tables = clean()
    place = tables["enterprise"].column_names.index("sales")
    doubles = tables["enterprise"].column("sales").cast(pa.float64())
    tables["enterprise"] = tables["enterprise"].set_column(place, "sales", doubles)
    for name, rows in tables.items():
        duckdb.store(name, rows)
    with pytest.raises(NotInPlaceError, match="sales is double"):
        gangmu.load(BOOK).assess_in_place(duckdb, DAY, RULES)
