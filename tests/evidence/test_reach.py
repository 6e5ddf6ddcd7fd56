"""Only what the rules asked can reach is read, and they are answered as if everything had been."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from gangmu import Book
from gangmu.book import load
from gangmu.errors import EvidenceError, QuestionError
from gangmu.evidence.cases import Evidence

DAY = "2025-06-30"
Folder = Callable[..., Path]
RULES = """# Rules
```yaml
statement: {entity: fiscal_year}
statement.fiscal_year: {input: year}
statement.revenue: {input: number, unit: CNY, ask: {en: revenue?}}
statement.profit: {input: number, unit: CNY, ask: {en: profit?}}
patent: {entity: granted_on, key: number}
patent.granted_on: {input: date}
patent.number: {input: text}
patent.kind: {input: text}
company_name: {input: text, columns: [name]}
staff: {input: number, unit: persons, range: {ge: 0 persons}, ask: {en: staff?}}
assets: {input: number, unit: CNY, ask: {en: assets?}}
listed: {input: condition, ask: {en: listed?}}
floor: {parameter: persons, value: 20 persons, ours: a test}
large: {condition: staff >= floor, ours: a test}
sales: {value: "sum(statement.revenue) FILTER (WHERE LAST(2))", unit: CNY, ours: a test}
rights: {value: "count(patent)", unit: count, ours: a test}
years: {value: "count(statement)", unit: count, ours: a test}
```
"""
ASKED = ["large", "sales", "rights", "years"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Book:
    folder = tmp_path_factory.mktemp("book")
    (folder / "rulebook.yaml").write_text("name: reached\nversion: '1'\noutcomes: [large]\n")
    (folder / "sources.yaml").write_text("{}\n")
    (folder / "rules.md").write_text(RULES)
    return load(folder)


@pytest.fixture
def given(folder: Folder) -> Path:
    """Three tables in which everything that may go wrong does."""
    return folder(
        enterprise="key,name,staff,assets,listed,remark,complete\na,Ltd,40,x,yes,r,patent\n"
        "b,,1x,7,?,,statement\nc,,,,,s,patent\nb2,,3,,,,\nb2,,4,,,,\n",
        statement="key,fiscal_year,revenue,profit,odd\na,2024,5,1,o\na,2023,6,bad,\nb,2024,bad,2,\nz,2024,1,1,\n"
        "c,,1,1,\n",
        patent="key,number,granted_on,kind\na,1,2020-01-01,x\na,1,2020-01-01,y\nc,2,2021-01-01,\n",
    )


def answers(book: Book, evidence: object, rules: list[str]) -> list[object]:
    return [case.answers for case in book.assess(evidence, DAY, rules, engine="interpreter").answers]


@pytest.mark.parametrize("asked", [[rule] for rule in ASKED] + [ASKED])
def test_the_answers_are_those_of_the_whole(small: Book, given: Path, asked: list[str]) -> None:
    assert answers(small, given, asked) == answers(small, small.read(given), asked)


def test_what_is_reached_is_read(small: Book, given: Path) -> None:
    read = small.read(given, rules=["large"])
    assert set(read.tables) == {"enterprise"}
    assert {"staff", "company_name", "=remark"} <= set(read.tables["enterprise"].column_names)
    assert not {"assets", "listed"} & set(read.tables["enterprise"].column_names)
    assert set(small.read(given, rules=["rights"]).tables) == {"enterprise", "patent"}
    assert read.unread == 2 + 3 + 3  # of the enterprises, the statements, the patents


def test_columns_are_checked_and_unread_cells_are_not(small: Book, given: Path) -> None:
    read = small.read(given, rules=["large"])
    told = [note.what for note in read.notes]
    assert any("'remark' is no field" in one for one in told)
    assert any("'odd' is no field" in one for one in told)
    fields = {entry.field for entry in read.quarantine}
    assert fields == {"staff", "enterprise"}  # 1x, and the key given twice
    assert {"profit", "assets", "listed"} <= {entry.field for entry in small.read(given).quarantine}


def test_two_columns_of_a_field_nobody_asks_for_are_refused(small: Book, folder: Folder) -> None:
    with pytest.raises(EvidenceError, match="two columns are assets"):
        small.read(folder(enterprise="key,assets,Assets\na,1,2\n"), rules=["large"])


def test_a_row_is_there_if_anything_in_it_was_known(small: Book, folder: Folder) -> None:
    path = folder(
        enterprise="key,complete\na,statement\n",
        statement="key,fiscal_year,revenue,profit,origin,known_on\na,2024,5,,audited,2025-12-01\n"
        "a,2024,,1,ledger,2025-01-01\n",
    )
    (case,) = small.assess(path, DAY, ["years"]).answers
    assert case.answers[0].value == 1
    assert answers(small, path, ["years"]) == answers(small, small.read(path), ["years"])


def test_enterprises_named_only_where_nothing_is_asked(small: Book, folder: Folder) -> None:
    path = folder(statement="key,fiscal_year\na,2024\n", patent="key,number,granted_on\nb,1,2020-01-01\n")
    assert small.read(path, rules=["rights"]).keys.to_pylist() == small.read(path).keys.to_pylist()


def test_cells_that_nobody_asks_for_stay_on_the_disk(small: Book, tmp_path: Path) -> None:
    rows = range(2000)
    table = pa.table({"key": [f"E{row}" for row in rows], "staff": list(rows), "assets": list(rows)})
    path = tmp_path / "enterprise.parquet"
    parquet.write_table(table, path, compression="gzip")
    chunk = parquet.read_metadata(path).row_group(0).column(2)
    data = bytearray(path.read_bytes())
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    data[start : start + chunk.total_compressed_size] = bytes(chunk.total_compressed_size)
    path.write_bytes(data)
    assert len(small.assess(path, DAY, ["large"])) == len(rows)
    with pytest.raises(EvidenceError, match="cannot be read as Parquet"):
        small.read(path)


def test_evidence_read_for_some_rules_answers_only_these(small: Book, given: Path) -> None:
    read = small.read(given, rules=["sales"])
    assert answers(small, read, ["sales"]) == answers(small, given, ["sales"])
    assert small.explain(read, "sales", "a", DAY).tree is not None
    for ask in (
        lambda: small.assess(read, DAY, ["rights"]),
        lambda: small.run(read, "a", DAY),
        lambda: small.reform(read, {"floor": "30 persons"}, DAY, ["large"]),
    ):
        with pytest.raises(QuestionError, match="read for other rules"):
            ask()


def test_a_reform_reads_what_its_rules_groups_and_weight_reach(small: Book, given: Path) -> None:
    def counted(evidence: object) -> object:
        result = small.reform(
            evidence, {"floor": "30 persons"}, DAY, ["large"], by=["listed", "remark", "years*remark"]
        )
        return result.totals.to_pylist()

    with pytest.raises(QuestionError, match="`years` is a number"):
        counted(given)
    found = small.reform(given, {"floor": "50 persons"}, DAY, ["large"], by=["listed", "remark"])
    whole = small.reform(small.read(given), {"floor": "50 persons"}, DAY, ["large"], by=["listed", "remark"])
    assert found.totals.equals(whole.totals)
    assert {"sales", "patent"}.isdisjoint(found.question.evidence.tables)


def test_the_digest_says_that_only_a_part_was_read(small: Book, folder: Folder) -> None:
    def digest(evidence: Evidence) -> str:
        return evidence.digest

    text = "key,staff,assets\na,1,2\n"
    one = digest(small.read(folder(enterprise=text), rules=["large"]))
    assert one.startswith("read:")
    assert not digest(small.read(folder(enterprise=text))).startswith("read:")
    assert one != digest(small.read(folder(enterprise=text), rules=["sales"]))
    assert one == digest(small.read(folder(enterprise="key,staff,assets\na,1,3\n"), rules=["large"]))
    assert one != digest(small.read(folder(enterprise="key,staff,assets\na,2,2\n"), rules=["large"]))
