"""What is assessed part by part comes out as if it had been assessed at once, whatever stops it on the way.

The book has a fact of every kind and two kinds of related rows; the evidence has holes, cells that cannot be
read, keys given twice, rows of nobody.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from gangmu.book import Book, load
from gangmu.cli import main
from gangmu.errors import GangmuError
from gangmu.evidence.in_order import find_order
from gangmu.evidence.parts import CASES, CELLS, find_whole
from gangmu.evidence.reach import reach_of
from gangmu.report.result import METADATA

DAY = "2025-06-30"
BOOK = """
```yaml
statement: {entity: fiscal_year}
statement.fiscal_year: {input: year}
statement.revenue: {input: number, unit: CNY, decimals: 2, range: {ge: 0 CNY}, ask: {en: revenue?}}
patent: {entity: granted_on, key: number}
patent.granted_on: {input: date}
patent.number: {input: text}
staff: {input: number, unit: persons, decimals: 0, range: {ge: 0 persons, le: 999 persons}, ask: {en: staff?}}
profit: {input: number, unit: CNY, decimals: 2, ask: {en: profit?}}
founded_on: {input: date, ask: {en: founded?}}
listed: {input: condition, ask: {en: listed?}}
region: {input: code, options: {east: {en: east}, west: {en: west}}, ask: {en: where?}}
floor: {parameter: persons, value: 20 persons, ours: a test}
share: {parameter: ratio, value: 12.5%, ours: a test}
large: {condition: staff >= floor, ours: a test}
tax: {value: "CASE WHEN listed THEN profit * share ELSE 0 END", unit: CNY, ours: a test}
eastern: {condition: "region = 'east' AND NOT listed", ours: a test}
age: {value: "DAYS(founded_on, as_of)", unit: days, ours: a test}
sales: {value: "sum(statement.revenue) FILTER (WHERE LAST(2))", unit: CNY, ours: a test}
rights: {value: "count(patent)", unit: count, ours: a test}
```
"""
PLAIN = ["large", "tax", "eastern", "age"]
ALL = [*PLAIN, "sales", "rights"]
COUNT = 500


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    folder = tmp_path_factory.mktemp("book")
    (folder / "rulebook.yaml").write_text("name: parts\nversion: '1'\noutcomes: [large, tax]\n")
    (folder / "sources.yaml").write_text("{}\n")
    (folder / "rules.md").write_text(f"# Rules\n{BOOK}")
    return load(folder)


def enterprises(count: int = COUNT) -> pa.Table:
    """Enterprises with holes, odd cells, and numbers of several types."""
    rows = range(count)
    return pa.table({
        "enterprise": [f"E{row:05d}" for row in rows],
        "staff": pa.array([None if row % 7 == 0 else row % 43 for row in rows], pa.int32()),
        "profit": pa.array([row * 1.25 - 100 for row in rows]),
        "founded_on": pa.array([date(2000 + row % 20, 1, 1 + row % 28) for row in rows]),
        "listed": pa.array([None if row % 11 == 0 else row % 3 == 0 for row in rows]),
        "region": [("east", "west", "East ", "north", "")[row % 5] for row in rows],
        "remark": ["x"] * count,
    })  # fmt: skip


def store(path: Path, table: pa.Table, group: int = 64) -> Path:
    pq.write_table(table, path, row_group_size=group)
    return path


def whole(book: Book, evidence: Path, rules: list[str]) -> tuple[pa.Table, list[Any]]:
    result = book.assess(evidence, DAY, rules)
    return result.table.replace_schema_metadata(None), sorted(map(str, result.quarantine))


def in_parts(book: Book, evidence: Path, out: Path, rules: list[str], cases: int = 50) -> pa.Table:
    book.assess_into(evidence, out, DAY, rules, part_cases=cases)
    assert not out.with_name(out.name + ".parts").exists()
    return pq.read_table(out).replace_schema_metadata(None)


def aside(out: Path) -> list[str]:
    path = out.with_suffix(".quarantine.parquet")
    rows = pq.read_table(path).to_pylist() if path.exists() else []
    return sorted(f"{row['source']} row {row['row']}, {row['field']}: {row['reason']}" for row in rows)


def as_told(book: Book, evidence: Path, rules: list[str]) -> list[str]:
    found = book.assess(evidence, DAY, rules).quarantine
    return sorted(f"{one.source} row {one.row}, {one.field}: {one.reason}" for one in found)


@pytest.mark.parametrize("cases", [1, 7, 64, 1000])
def test_parts_of_any_size_give_the_table_of_the_whole(book: Book, tmp_path: Path, cases: int) -> None:
    evidence, out = store(tmp_path / "firms.parquet", enterprises()), tmp_path / "out.parquet"
    expected, _ = whole(book, evidence, PLAIN)
    found = in_parts(book, evidence, out, PLAIN, cases)
    assert found.schema.equals(expected.schema)
    assert found.equals(expected)
    assert aside(out) == as_told(book, evidence, PLAIN)
    assert any("is none of east, west" in line for line in aside(out))


def test_the_last_piece_may_be_so_small_that_the_interpreter_answers_it(book: Book, tmp_path: Path) -> None:
    evidence, out = store(tmp_path / "firms.parquet", enterprises(430), 430), tmp_path / "out.parquet"
    expected, _ = whole(book, evidence, PLAIN)
    found = in_parts(book, evidence, out, PLAIN, 400)
    assert found.equals(expected)
    assert pq.read_metadata(out).num_row_groups == 1
    counted = book.assess_into(evidence, out, DAY, PLAIN, part_cases=400).statuses
    assert {name: sum(told.values()) for name, told in counted.items()} == dict.fromkeys(PLAIN, 430)
    assert counted["large"] == Counter(found.column("large.status").to_pylist())


def test_numbers_of_every_type(book: Book, tmp_path: Path) -> None:
    table = enterprises(60)
    profits: dict[str, pa.Array] = {
        "texts": pa.array([f"{row}.5" for row in range(60)]),
        "decimals": pa.array([Decimal(row) / 4 for row in range(60)], pa.decimal128(12, 2)),
        "large": pa.array([Decimal(10) ** 20 + row for row in range(60)], pa.decimal128(30, 0)),
        "doubles": pa.array([0.1 * row for row in range(60)]),
        "odd doubles": pa.array([float("nan"), 1e300, 1 / 3, *(float(row) for row in range(57))]),
        "bytes": pa.array([row - 30 for row in range(60)], pa.int8()),
        "unsigned": pa.array([2**63 + row for row in range(60)], pa.uint64()),
    }
    for name, profit in profits.items():
        path = store(tmp_path / f"{name}.parquet", table.set_column(2, "profit", profit), 17)
        expected, _ = whole(book, path, PLAIN)
        assert in_parts(book, path, tmp_path / "out.parquet", PLAIN, 9).equals(expected), name


def test_keys_given_twice_are_set_aside_wherever_they_stand(book: Book, tmp_path: Path) -> None:
    table = enterprises()
    keys = table.column("enterprise").to_pylist()
    keys[400], keys[499], keys[20] = keys[3], keys[250], None
    path = store(tmp_path / "firms.parquet", table.set_column(0, "enterprise", pa.array(keys)))
    out = tmp_path / "out.parquet"
    expected, _ = whole(book, path, PLAIN)
    assert len(expected) == COUNT - 5
    assert in_parts(book, path, out, PLAIN).equals(expected)
    assert aside(out) == as_told(book, path, PLAIN)


def folder_of_tables(folder: Path) -> Path:
    """Enterprises, statements and patents in disorder, some of nobody, some twice."""
    folder.mkdir()
    store(folder / "enterprise.parquet", enterprises().take(list(range(COUNT - 1, -1, -1))))
    rows = [
        {
            "enterprise": f"E{(row * 37) % (COUNT + 5):05d}",
            "fiscal_year": 2020 + row % 6,
            "revenue": row + 0.25,
        }
        for row in range(3 * COUNT)
    ]
    store(folder / "statement.parquet", pa.Table.from_pylist(rows))
    rights = [
        {"enterprise": f"E{(row * 11) % COUNT:05d}", "number": f"P{row // 2}", "granted_on": date(2020, 1, 1)}
        for row in range(COUNT)
    ]
    store(folder / "patent.parquet", pa.Table.from_pylist(rights))
    return folder


def test_related_rows_go_with_their_owners(book: Book, tmp_path: Path) -> None:
    evidence, out = folder_of_tables(tmp_path / "evidence"), tmp_path / "out.parquet"
    expected, _ = whole(book, evidence, ALL)
    assert in_parts(book, evidence, out, ALL, 60).equals(expected)
    told = aside(out)
    assert told == as_told(book, evidence, ALL)
    assert any("belongs to no enterprise" in line for line in told)


def in_order(folder: Path, swapped: int = 0) -> Path:
    """The same in the order of the enterprises, but for the owner of one statement."""
    folder_of_tables(folder)
    store(folder / "enterprise.parquet", enterprises())
    for name in ("statement", "patent"):
        rows = sorted(
            pq.read_table(folder / f"{name}.parquet").to_pylist(), key=lambda row: row["enterprise"]
        )
        if swapped and name == "statement":
            rows.append(rows.pop(swapped))
        store(folder / f"{name}.parquet", pa.Table.from_pylist(rows), 50)
    return folder


@pytest.mark.parametrize(("cases", "swapped"), [(1, 0), (7, 0), (60, 0), (1000, 0), (60, 700)])
def test_tables_in_order_are_cut_as_they_lie(book: Book, tmp_path: Path, cases: int, swapped: int) -> None:
    evidence, out = in_order(tmp_path / "evidence", swapped), tmp_path / "out.parquet"
    found = find_whole(evidence, book.model)
    assert found is not None
    assert (find_order(list(found.pairs()), cases) is None) == bool(swapped)
    expected, _ = whole(book, evidence, ALL)
    assert in_parts(book, evidence, out, ALL, cases).equals(expected)
    told = aside(out)
    assert told == as_told(book, evidence, ALL)
    assert any("belongs to no enterprise" in line for line in told)


def test_broad_evidence_is_worked_out_in_smaller_parts(book: Book, tmp_path: Path) -> None:
    store(tmp_path / "enterprise.parquet", enterprises(5))
    rows = [{"enterprise": "E00001", "fiscal_year": 2020, "revenue": row} for row in range(500)]
    store(tmp_path / "statement.parquet", pa.Table.from_pylist(rows))
    found = find_whole(tmp_path, book.model)
    assert found is not None
    assert found.cases == CELLS * 5 // (7 * 5 + 3 * 500)
    assert found.reaching(reach_of(book.model, ["rules.large"], [])).cases == CASES
    assert not found.large


def test_a_duckdb_file_is_read_in_parts(book: Book, tmp_path: Path) -> None:
    folder, base, out = (
        folder_of_tables(tmp_path / "evidence"),
        tmp_path / "all.duckdb",
        tmp_path / "o.parquet",
    )
    with duckdb.connect(str(base)) as connection:
        for name in ("enterprise", "statement", "patent"):
            connection.read_parquet(str(folder / f"{name}.parquet")).create(name)
    expected, _ = whole(book, base, ALL)
    assert in_parts(book, base, out, ALL, 60).equals(expected)


def test_the_decision_record_is_in_the_file(book: Book, tmp_path: Path) -> None:
    evidence, out = store(tmp_path / "firms.parquet", enterprises()), tmp_path / "out.parquet"
    book.assess_into(evidence, out, DAY, PLAIN, part_cases=50, engine="kernel")
    record = json.loads(pq.read_schema(out).metadata[METADATA])
    assert record["rulebook_digest"] == book.digest
    assert record["as_of"] == DAY
    assert record["rules"] == [f"rules.{name}" for name in PLAIN]
    assert record["engine"].startswith("kernel")
    assert sum(record["engine_rows"].values()) >= COUNT
    assert record["evidence_digest"].startswith("files:")
    first = record["evidence_digest"]
    store(evidence, enterprises(COUNT - 1))
    book.assess_into(evidence, out, DAY, PLAIN, part_cases=50)
    assert json.loads(pq.read_schema(out).metadata[METADATA])["evidence_digest"] != first


# ---------------------------------------------------------------------- stopped


@contextmanager
def stopping_after(most: int) -> Iterator[Callable[[int], None]]:
    """A function that is told of rows that are done, and stops the run as Ctrl-C does after some of them."""
    seen = 0

    def advance(rows: int) -> None:
        nonlocal seen
        seen += rows
        if seen > most:
            raise KeyboardInterrupt

    yield advance


def parts_of(out: Path) -> Path:
    return out.with_name(out.name + ".parts")


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_stopped_run_goes_on_to_the_same_file(book: Book, tmp_path: Path) -> None:
    evidence, out = store(tmp_path / "firms.parquet", enterprises()), tmp_path / "out.parquet"
    book.assess_into(evidence, out, DAY, PLAIN, part_cases=16)
    expected = out.read_bytes()
    out.write_bytes(b"an older answer")
    with stopping_after(240) as advance, pytest.raises(KeyboardInterrupt):
        book.assess_into(evidence, out, DAY, PLAIN, part_cases=16, advance=advance)
    assert out.read_bytes() == b"an older answer"
    done = [name for name in files_in(parts_of(out)) if name.startswith("answers")]
    assert 2 <= len(done) < 8  # of parts of 64; two are being worked on
    assert not [name for name in files_in(parts_of(out)) if name.startswith(".")]
    before = {name: (parts_of(out) / name).stat().st_mtime_ns for name in done}
    with pytest.raises(GangmuError, match="--resume"):
        book.assess_into(evidence, out, DAY, PLAIN, part_cases=16)
    assert {name: (parts_of(out) / name).stat().st_mtime_ns for name in done} == before
    found = book.assess_into(evidence, out, DAY, PLAIN, part_cases=16, resume=True)
    assert found.taken_up == len(done)
    assert out.read_bytes() == expected
    assert not parts_of(out).exists()


@pytest.mark.parametrize("changed", ["rules", "as_of", "evidence", "part_cases", "rulebook"])
def test_parts_of_another_question_are_not_taken_up(
    book: Book, tmp_path: Path, changed: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    evidence, out = store(tmp_path / "firms.parquet", enterprises()), tmp_path / "out.parquet"
    with stopping_after(240) as advance, pytest.raises(KeyboardInterrupt):
        book.assess_into(evidence, out, DAY, PLAIN, part_cases=16, advance=advance)
    rules, day, cases = PLAIN, DAY, 16
    match changed:
        case "rules":
            rules = PLAIN[:2]
        case "as_of":
            day = "2025-07-01"
        case "part_cases":
            cases = 17
        case "evidence":
            os.utime(evidence, ns=(0, 0))
        case "rulebook":
            other = tmp_path_factory.mktemp("other")
            (other / "rulebook.yaml").write_text("name: parts\nversion: '1'\noutcomes: [large, tax]\n")
            (other / "sources.yaml").write_text("{}\n")
            (other / "rules.md").write_text(f"# Rules\n{BOOK}".replace("12.5%", "12%"))
            book = load(other)
    kept = files_in(parts_of(out))
    with pytest.raises(GangmuError, match="another question"):
        book.assess_into(evidence, out, day, rules, part_cases=cases, resume=True)
    assert files_in(parts_of(out)) == kept
    assert not out.exists()


def command(*arguments: str | Path, before: str = "") -> subprocess.Popen[str]:
    """`gangmu assess` in a process of its own, with something to do before it."""
    code = (
        f"{before}; from gangmu.cli import main; main()" if before else "from gangmu.cli import main; main()"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, "assess", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def book_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "rulebook.yaml").write_text("name: parts\nversion: '1'\noutcomes: [large, tax]\n")
    (folder / "sources.yaml").write_text("{}\n")
    (folder / "rules.md").write_text(f"# Rules\n{BOOK}")
    return folder


def test_ctrl_c_leaves_no_half_file(book: Book, tmp_path: Path) -> None:
    count = 6_000
    evidence, out = store(tmp_path / "firms.parquet", enterprises(count), 64), tmp_path / "out.parquet"
    told: list[str | Path] = [
        evidence,
        "-r",
        book_folder(tmp_path),
        "--as-of",
        DAY,
        "--rules",
        ",".join(PLAIN),
        "-o",
        out,
    ]
    options = ["--part-cases", "16", "--engine", "interpreter"]
    running = command(*told, *options)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("out.parquet.parts/answers-*.parquet")):
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, error = running.communicate(timeout=60)
    assert running.returncode == 130, error
    assert "--resume" in error
    assert "Traceback" not in error
    assert not out.exists()
    assert not [name for name in files_in(parts_of(out)) if name.startswith(".")]
    again = command(*told, *options, "--resume")
    _, error = again.communicate(timeout=300)
    assert again.returncode == 0, error
    expected, _ = whole(book, evidence, PLAIN)
    assert pq.read_table(out).replace_schema_metadata(None).equals(expected)


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, book: Book) -> None:
    """A limit on the size of files stands for the disk: the write fails in the same place."""
    evidence, out = store(tmp_path / "firms.parquet", enterprises(4000), 1000), tmp_path / "out.parquet"
    told: list[str | Path] = [
        evidence,
        "-r",
        book_folder(tmp_path),
        "--as-of",
        DAY,
        "--rules",
        ",".join(PLAIN),
        "-o",
        out,
    ]

    small = "resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))"
    limit = f"import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); {small}"
    running = command(*told, "--part-cases", "250", before=limit)
    _, error = running.communicate(timeout=120)
    assert running.returncode == 2, error
    assert "the disk is full" in error
    assert "Traceback" not in error
    assert not out.exists()
    assert not [name for name in files_in(parts_of(out)) if name.startswith(".")]
    again = command(*told, "--part-cases", "250", "--resume")
    _, error = again.communicate(timeout=120)
    assert again.returncode == 0, error
    expected, _ = whole(book, evidence, PLAIN)
    assert pq.read_table(out).replace_schema_metadata(None).equals(expected)


# ---------------------------------------------------------------------- the command


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["assess", *map(str, arguments)])


def test_the_command_tells_what_came_out(tmp_path: Path) -> None:
    evidence, out = store(tmp_path / "firms.parquet", enterprises()), tmp_path / "out.parquet"
    asked = ("-r", book_folder(tmp_path), "--as-of", DAY, "-o", out, "--part-cases", "50")
    done = invoke(evidence, *asked)
    assert done.exit_code == 0, done.output
    assert "set aside" not in done.output  # bad cells are in a column that no outcome can reach
    done = invoke(evidence, *asked, "--rules", "large,eastern")
    assert done.exit_code == 0, done.output
    assert "read: 500 enterprises" in done.output
    assert "set aside: 100 rows and cells" in done.output
    assert "is none of east, west" in done.output
    assert "column 'remark' is no field" in done.output
    assert f"written: {out}" in done.output.replace("\n", "")


@pytest.mark.parametrize(
    ("name", "out", "says"),
    [
        ("firms.csv", "out.parquet", "cannot be read in parts"),
        ("firms.parquet", "out.csv", "only a .parquet file"),
        ("firms.parquet", "none/out.parquet", "cannot be written"),
        ("half.parquet", "out.parquet", "cannot be read as Parquet"),
        ("nobody.parquet", "out.parquet", "cannot be read in parts"),
    ],
)
def test_what_cannot_be_done_is_refused(tmp_path: Path, name: str, out: str, says: str) -> None:
    store(tmp_path / "firms.parquet", enterprises(20))
    store(tmp_path / "nobody.parquet", enterprises(20).drop_columns("enterprise"))
    (tmp_path / "half.parquet").write_bytes((tmp_path / "firms.parquet").read_bytes()[:900])
    (tmp_path / "firms.csv").write_text("enterprise,staff\na,3\n")
    folder = book_folder(tmp_path)
    done = invoke(tmp_path / name, "-r", folder, "--as-of", DAY, "-o", tmp_path / out, "--part-cases", "5")
    assert done.exit_code == 2, done.output
    assert says in done.output.replace("\n", " ")
    assert not (tmp_path / out).exists()


def test_a_scale_of_the_shipped_book_is_written(tmp_path: Path) -> None:
    """Codes of a scale with members that stand for nothing: the list of texts has no gap for Parquet."""
    firms = pa.table({
        "enterprise": [f"firm {number}" for number in range(300)],
        "staff": list(range(300)),
        "industry": ["6513" if number % 2 else "3911" for number in range(300)],
    })  # fmt: skip
    pq.write_table(firms, tmp_path / "firms.parquet")
    written = tmp_path / "out.parquet"
    load("cn").assess_into(tmp_path / "firms.parquet", written, "2026-06-30", ["enterprise_size"])
    assert set(pq.read_table(written).column("enterprise_size.status").to_pylist()) >= {"known", "unknown"}


@pytest.mark.skipif(sys.platform == "win32", reason="it has no terminal of that kind")
@pytest.mark.parametrize("more", [["--part-cases", "50"], ["--engine", "kernel"]])
def test_a_bar_is_shown_on_a_terminal_only(tmp_path: Path, more: list[str]) -> None:
    import pty

    evidence, out = store(tmp_path / "firms.parquet", enterprises()), tmp_path / "out.parquet"
    asked = ["assess", evidence, "-r", book_folder(tmp_path), "--as-of", DAY, "-o", out, *more]
    call = [sys.executable, "-m", "gangmu", *map(str, asked)]
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        running = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # the other end is closed
            while piece := terminal.read(1 << 16):
                shown += piece
        told, _ = running.communicate(timeout=60)
    assert running.returncode == 0
    assert b"assessing" in shown
    assert b"assessing" not in told
    assert b"written" in told
    piped = subprocess.run(call, capture_output=True, check=True)
    assert piped.stderr == b""
