"""Wherever tables come from, they are the same evidence; what cannot be opened says so."""

import os
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import duckdb
import openpyxl
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from gangmu.errors import EvidenceError
from gangmu.evidence.cases import Evidence
from gangmu.evidence.limits import MAX_FILE_BYTES
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.model import Rulebook

Folder = Callable[..., Path]

ENTERPRISE = pa.table(
    {
        "enterprise": ["a", "b"],
        "staff": [40, None],
        "resident": [True, False],
        "founded_on": ["2019-03-01", None],
    }
)
STATEMENT = pa.table(
    {
        "enterprise": ["b", "a", "a"],
        "fiscal_year": [2024, 2023, 2024],
        "revenue": [0.1, 12.5, None],
        "rd_expense": ["1", "n/a", "2"],
    }
)
TABLES = {"enterprise": ENTERPRISE, "statement": STATEMENT}


def facts(evidence: Evidence) -> list[object]:
    """Everything that was read, without where it stood and how it was written."""
    return [
        (
            case.key,
            {name: [fact.value for fact in told] for name, told in case.facts.items()},
            [
                (row.period, {name: told[0].value for name, told in row.facts.items()})
                for row in case.rows.get("statement", ())
            ],
        )
        for case in evidence.cases()
    ]


def csv_folder(folder: Path) -> object:
    for name, table in TABLES.items():
        table.to_pandas().to_csv(folder / f"{name}.csv", index=False)
    return folder


def gb18030_folder(folder: Path) -> object:
    csv_folder(folder)
    text = (folder / "enterprise.csv").read_text("utf-8").replace("staff", "从业人员")
    (folder / "enterprise.csv").write_text(text, encoding="gb18030")
    return folder


def utf8_with_mark(folder: Path) -> object:
    csv_folder(folder)
    text = (folder / "enterprise.csv").read_text("utf-8")
    (folder / "enterprise.csv").write_text(text, encoding="utf-8-sig")
    return folder


def semicolons(folder: Path) -> object:
    csv_folder(folder)
    text = (folder / "statement.csv").read_text("utf-8")
    (folder / "statement.csv").write_text(text.replace(",", ";"), encoding="utf-8")
    return folder


def parquet_folder(folder: Path) -> object:
    for name, table in TABLES.items():
        parquet.write_table(table, folder / f"{name}.parquet")
    return folder


def workbook(folder: Path) -> object:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, table in TABLES.items():
        sheet = book.create_sheet(name)
        sheet.append(table.column_names)
        for row in table.to_pylist():
            sheet.append(list(row.values()))
    book.save(folder / "evidence.xlsx")
    return folder / "evidence.xlsx"


def duckdb_file(folder: Path) -> object:
    with duckdb.connect(str(folder / "evidence.duckdb")) as connection:
        for name, table in TABLES.items():
            connection.from_arrow(table).create(name)
    return folder / "evidence.duckdb"


def sqlite_file(folder: Path) -> object:
    with closing(sqlite3.connect(folder / "evidence.db")) as connection:
        for name, table in TABLES.items():
            table.to_pandas().astype(object).where(lambda frame: frame.notna(), None).to_sql(
                name, connection, index=False
            )
        connection.commit()
    return folder / "evidence.db"


def database_url(folder: Path) -> object:
    return f"sqlite:///{sqlite_file(folder)}"


def arrow(_: Path) -> object:
    return TABLES


def polars_frames(_: Path) -> object:
    return {name: pl.from_arrow(table) for name, table in TABLES.items()}


def pandas_frames(_: Path) -> object:
    return {name: table.to_pandas() for name, table in TABLES.items()}


def duckdb_relations(_: Path) -> object:
    return {name: duckdb.from_arrow(table) for name, table in TABLES.items()}


def mappings(_: Path) -> object:
    return {name: table.to_pylist() for name, table in TABLES.items()}


@pytest.mark.parametrize(
    "made",
    [
        csv_folder, gb18030_folder, utf8_with_mark, semicolons, parquet_folder, workbook, duckdb_file,
        sqlite_file, database_url, polars_frames, pandas_frames, duckdb_relations, mappings,
    ],
)  # fmt: skip
def test_every_source_is_the_same_evidence(
    made: Callable[[Path], object], tmp_path: Path, book: Rulebook
) -> None:
    expected, found = read_evidence(arrow(tmp_path), book), read_evidence(made(tmp_path), book)
    assert facts(found) == facts(expected)
    assert found.digest == expected.digest
    assert found.quarantine == ()


def test_the_digest_is_of_the_content(book: Rulebook) -> None:
    changed = ENTERPRISE.set_column(1, "staff", pa.array([41, None]))
    assert read_evidence({**TABLES, "enterprise": changed}, book).digest != read_evidence(TABLES, book).digest


def test_one_case_as_a_dict(book: Rulebook) -> None:
    evidence = read_evidence(
        {
            "enterprise": {"founded_on": "2019-03-01", "staff": 40, "resident": True, "industry": "3911"},
            "statement": [
                {"fiscal_year": 2023, "revenue": "40 million CNY", "origin": "audited"},
                {"fiscal_year": 2024, "revenue": 0.1},
            ],
            "complete": ["patent"],
            "empty": ["loan"],
            "base_year": 2025,
            "stated": {"rd_share": "5%"},
        },
        book,
    )
    (case,) = evidence.cases()
    assert [(row.period, row.facts["revenue"][0].value) for row in case.rows["statement"]] == [
        (2023, 40_000_000),
        (2024, Fraction(1, 10)),
    ]
    assert case.rows["statement"][0].facts["revenue"][0].text == "40 million CNY"
    assert case.completeness["patent"] == "complete"
    assert case.completeness["loan"] == "empty"
    assert (case.base_year, case.stated[0].rule, case.stated[0].base_year) == (2025, "scheme.rd_share", 2025)
    assert evidence.quarantine == ()
    assert evidence.notes == ()


def test_one_case_with_nothing_in_it(book: Rulebook) -> None:
    (case,) = read_evidence({"enterprise": {}}, book).cases()
    assert case.facts == {}


@pytest.mark.parametrize("source", ["nowhere", "nowhere.csv", "nowhere/enterprise.xlsx"])
def test_a_missing_file_says_so(source: str, tmp_path: Path, book: Rulebook) -> None:
    with pytest.raises(EvidenceError, match="there is no such file or folder") as refused:
        read_evidence(tmp_path / source, book)
    (problem,) = refused.value.problems
    assert problem.where
    assert problem.expected
    assert problem.todo


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("old.xls", b"\xd0\xcf", "file-kind"),
        ("a.xlsx", b"not a zip", "workbook-broken"),
        ("a.parquet", b"PAR1 no", "parquet-broken"),
        ("a.duckdb", b"x" * 5000, "database-broken"),
        ("a.sqlite", b"SQLite format 3\0" + b"x" * 100, "database-broken"),
        ("a.csv", b"\xff\xff\xff\x80", "encoding-unknown"),
        ("a.csv", b"", "no-heading"),
        ("a.csv", b'key,"unclosed\na,b\n', "no-heading"),
    ],
)
def test_a_file_that_is_not_what_it_says(
    name: str, content: bytes, code: str, tmp_path: Path, book: Rulebook
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(EvidenceError) as refused:
        read_evidence(tmp_path / name, book)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_an_empty_folder_and_a_wrong_kind(tmp_path: Path, book: Rulebook) -> None:
    with pytest.raises(EvidenceError, match="no table in the folder"):
        read_evidence(tmp_path, book)
    with pytest.raises(EvidenceError, match="a int is no evidence"):
        read_evidence(3, book)
    with pytest.raises(EvidenceError, match="a str is no table"):
        read_evidence({"enterprise": {}, "statement": "x"}, book)


def test_a_database_that_is_not_there_hides_its_password(book: Rulebook) -> None:
    with pytest.raises(EvidenceError) as refused:
        read_evidence("postgresql+psycopg://me:secret@127.0.0.1:1/none", book)
    assert "secret" not in str(refused.value)
    assert refused.value.problems[0].code == "database-unreachable"


def test_a_table_of_a_database_cannot_smuggle_sql(tmp_path: Path, book: Rulebook) -> None:
    name = 'x"; DROP TABLE enterprise; --'
    with closing(sqlite3.connect(tmp_path / "evil.db")) as connection:
        connection.execute("CREATE TABLE enterprise (key TEXT)")
        connection.execute("INSERT INTO enterprise VALUES ('a')")
        connection.execute("CREATE TABLE " + '"' + name.replace('"', '""') + '" (key TEXT)')
        connection.commit()
    evidence = read_evidence(tmp_path / "evil.db", book)
    assert evidence.keys.to_pylist() == ["a"]
    assert [note.code for note in evidence.notes] == ["table-unmatched"]


def test_a_cell_of_200_mb_is_refused_without_holding_it(tmp_path: Path, book: Rulebook) -> None:
    path = tmp_path / "enterprise.csv"
    with path.open("wb") as stream:
        stream.write(b"key,company_name\na,")
        for _ in range(200):
            stream.write(b"x" * (1 << 20))
        stream.write(b"\n")
    before = pa.total_allocated_bytes()
    with pytest.raises(EvidenceError, match=r"enterprise.csv line 2: the line has 209,715,202 bytes"):
        read_evidence(path, book)
    assert pa.total_allocated_bytes() - before < 1 << 20
    assert pa.default_memory_pool().max_memory() < 500 << 20


def test_a_long_cell_is_bad_and_the_rest_is_read(folder: Folder, book: Rulebook) -> None:
    evidence = read_evidence(folder(enterprise=f"key,company_name,staff\na,{'x' * 40_000},3\n"), book)
    (case,) = evidence.cases()
    assert case.facts.keys() == {"staff"}
    assert len(evidence.quarantine[0].value) < 300
    assert "32,767 characters" in evidence.quarantine[0].reason


def test_a_file_over_the_limit_is_refused_unopened(tmp_path: Path, book: Rulebook) -> None:
    path = tmp_path / "enterprise.parquet"
    path.touch()
    os.truncate(path, MAX_FILE_BYTES + 1)  # sparse: takes no room on the disk
    with pytest.raises(EvidenceError, match="the file has"):
        read_evidence(path, book)


def zip_of(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return path


def test_a_zip_bomb_is_refused_unopened(tmp_path: Path, book: Rulebook) -> None:
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(600):
            member.write(b"0" * (1 << 20))
    with pytest.raises(EvidenceError) as refused:
        read_evidence(path, book)
    assert [
        "unpacks to 629,145,600 bytes" in problem.what or "times its size" in problem.what
        for problem in refused.value.problems
    ] == [True, True]


@pytest.mark.parametrize(
    ("member", "content", "what"),
    [
        ("..__evil.xml", b"<a/>", "leads outside"),
        ("xl__externalLinks__externalLink1.xml", b"<a/>", "links to another workbook"),
        ("xl__workbook.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><a/>', "document type"),
    ],
)
def test_an_unsafe_workbook_is_refused(
    member: str, content: bytes, what: str, tmp_path: Path, book: Rulebook
) -> None:
    with pytest.raises(EvidenceError, match=what):
        read_evidence(zip_of(tmp_path / "bad.xlsx", **{member: content}), book)


def test_too_many_members(tmp_path: Path, book: Rulebook) -> None:
    with pytest.raises(EvidenceError, match="it holds 10,001 members"):
        read_evidence(zip_of(tmp_path / "many.xlsx", **{f"m{number}": b"" for number in range(10_001)}), book)
