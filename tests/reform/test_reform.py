"""Reforms: paths that mean one number, tables that may not break, and comparisons that add up.

The oracle is plain: assess the base, assess a book whose page was edited by hand, and count the difference.
"""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from pathlib import Path

import openpyxl
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from gangmu.book import Book
from gangmu.cli import main
from gangmu.errors import GangmuError, QuestionError
from gangmu.reform.numbers import find_number, number_at, path_of, places_of
from gangmu.reform.reforms import read_sweep
from gangmu.rulebook.load import load

PAGE = """# Loans
```yaml
region: {input: code, options: {north: {en: North, zh: 北方}, south: {en: South, zh: 南方}}}
sales: {input: number, unit: CNY, decimals: 2, range: {ge: 0 CNY, le: 900 million CNY}}
research: {input: number, unit: CNY, decimals: 2, range: {ge: 0 CNY}}
floor:
  parameter: ratio
  by: sales
  ours: a test
  rows:
    small: {le: 50 million CNY, value: 5%}
    large: {value: 3%}
band:
  parameter: ratio
  by: sales
  hit: unique
  ours: a test
  rows:
    low: {le: 50 million CNY, value: 1%}
    high: {gt: 50 million CNY, value: 2%}
top: {parameter: CNY, ours: a test, editions: [
  {from: 2020-01-01, to: 2024-01-01, value: 1 million CNY}, {from: 2024-01-01, value: 2 million CNY}]}
share: {parameter: ratio, value: 50%, open: true, ours: a test}
researches: {condition: research / sales >= floor, label: {en: does research, zh: 有研发}, ours: a test}
size: {scale: [little, big], labels: {little: {en: little}, big: {en: big}}}
grade: {level: size, by: sales, ours: a test, rows: {big: {gt: 50 million CNY}, little: {}}}
loan: {amount: CNY, limits: {top: top, share: research * share}, when: researches, round: {to: 100 CNY, how: down}, ours: a test}
```
"""
FIRMS = [
    {"enterprise": "a", "region": "north", "sales": "40000000", "research": "2000000", "staff": "3"},
    {"enterprise": "b", "region": "north", "sales": "40000000", "research": "1600000", "staff": "10"},
    {"enterprise": "c", "region": "south", "sales": "60000000", "research": "3000000", "staff": "20"},
    {"enterprise": "d", "region": "south", "sales": "", "research": "1900000", "staff": "40"},
    {"enterprise": "e", "region": "", "sales": "0", "research": "0", "staff": "0.5"},
]


def _write(
    folder: Path,
    page: str = PAGE,
    head: str = 'name: loans\nversion: "1"\noutcomes: [researches, loan, grade]\n',
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rulebook.yaml").write_text(head, encoding="utf-8")
    (folder / "loans.md").write_text(page, encoding="utf-8")
    return folder


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(load(_write(tmp_path / "loans")))


EVIDENCE = {"enterprise": FIRMS}
DAY = "2025-06-30"


def _refusal(book: Book, change: dict[str, str]) -> tuple[str, str]:
    with pytest.raises(QuestionError) as refused:
        book.reform(EVIDENCE, change, DAY)
    [problem] = refused.value.problems
    return problem.code, str(problem)


def test_every_number_of_cn_has_one_path() -> None:
    model = load("cn")
    places = [place for rule in model.rules.values() for place in places_of(rule)]
    assert len(places) > 500
    assert all(find_number(model, path_of(model, place)) == place for place in places)


@pytest.mark.parametrize(
    ("path", "text"),
    [("floor.small.value", "5%"), ("floor.small", "5%"), ("floor.small.le", "50 million CNY"), ("share", "50%"),
     ("loans.share.value", "50%"), ("top@2022-05-01", "1 million CNY"), ("top@2024-01-01", "2 million CNY"),
     ("loan.round", "100 CNY")],
)  # fmt: skip
def test_a_path_means_a_number(book: Book, path: str, text: str) -> None:
    assert number_at(book.model, find_number(book.model, path)).text == text


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"flooor.small": "4%"}, "name-unknown", "did you mean floor"),
        ({"floor.tiny": "4%"}, "name-unknown", "floor.small.value"),
        ({"researches": "4%"}, "name-unknown", "floor.small.value"),
        ({"top": "3 million CNY"}, "name-ambiguous", "top@2020-01-01, top@2024-01-01"),
        ({"top@2019-01-01": "3 million CNY"}, "edition-unknown", "top@2020-01-01"),
        ({"floor.small": "4 persons"}, "unit-mismatch", "ratio"),
        ({"floor.small": "4"}, "out-of-range", "write `4%`"),
        ({"floor.small": "much"}, "value-invalid", "write it like `5%`"),
        ({"floor.small.le": "1 billion CNY"}, "out-of-range", "not above 900000000 CNY"),
        ({"loan.round": "0 CNY"}, "out-of-range", "above 0"),
        ({"band.low.le": "60 million CNY"}, "table-breaks", "both take some values"),
        ({"band.low.le": "40 million CNY"}, "table-breaks", "have no row"),
        ({"share": "40%", "loans.share": "30%"}, "key-twice", "set twice"),
        ({}, "reform-empty", "NAME=VALUE"),
    ],
)  # fmt: skip
def test_what_is_refused(book: Book, change: dict[str, str], code: str, said: str) -> None:
    found, text = _refusal(book, change)
    assert found == code
    assert said in text


def test_neighbouring_bounds_move_together(book: Book) -> None:
    result = book.reform(EVIDENCE, {"band.low.le+band.high.gt": "60 million CNY"}, DAY, ["band"])
    assert result.tally("band").gain() == 0
    assert result.tally("band").lose() == 1


def test_a_reform_is_the_difference_of_two_books(book: Book, tmp_path: Path) -> None:
    """Against a page edited by hand: every move, every sum."""
    edited = PAGE.replace("value: 5%", "value: 4%").replace("value: 50%", "value: 45%")
    other = Book(load(_write(tmp_path / "edited", edited)))
    result = book.reform(EVIDENCE, {"floor.small": "4%", "share": "45%"}, DAY)
    before, after = book.assess(EVIDENCE, DAY), other.assess(EVIDENCE, DAY)
    assert result.names == ("researches", "loan")  # grade reads neither number
    for name in result.names:
        place = before.names.index(name)
        pairs = [
            (b.answers[place], a.answers[place]) for b, a in zip(before.answers, after.answers, strict=True)
        ]
        tally = result.tally(name)
        assert tally.cases == Counter((b.status, a.status) for b, a in pairs)
        if name == "loan":
            known = [(b.value, a.value) for b, a in pairs]
            changes = [
                two - one for one, two in known if isinstance(one, Fraction) and isinstance(two, Fraction)
            ]
            assert tally.change == sum(changes, Fraction(0))
            assert tally.before.low == sum(b.low for b, _ in pairs if b.low is not None)
            assert tally.after.high == sum(a.high for _, a in pairs if a.high is not None)
    assert result.tally("researches").gain() == 1
    assert result.question.reforms[0].digest not in (book.digest, other.digest)


def test_groups_and_weights_add_up(book: Book) -> None:
    result = book.reform(EVIDENCE, {"floor.small": "4%"}, DAY, by=["region", "region*grade"], weight="staff")
    whole = result.tally("researches")
    for by in ("region", "region*grade"):
        rows = [row for row in result.totals.to_pylist() if (row["by"], row["rule"]) == (by, "researches")]
        assert sum(row["cases"] for row in rows) == whole.total == 5
        assert sum(row["gain"] for row in rows) == whole.gain() == 1
        assert sum(row["cases.weighted"] for row in rows) == 73.5
    assert whole.gain(weighted=True) == 10
    assert result.tally("researches", by="region", group="north").gain() == 1
    assert result.tally("researches", by="region", group="").total == 1  # e says no region
    assert result.tally("loan").after.low == 1_000_000 * 3 + 800_000 * 10 + 1_500_000 * 20
    assert {row["group"] for row in result.totals.to_pylist() if row["by"] == "region*grade"} == {
        "north/little", "south/big", "south/unknown", "/little",
    }  # fmt: skip


def test_winners_and_losers_by_name(book: Book) -> None:
    change = {"floor.small": "4%", "floor.large": "6%"}
    result = book.reform(EVIDENCE, change, DAY, ["researches", "loan"], listing="both")
    told = {(row["rule"], row["enterprise"], row["gains"]) for row in result.cases.to_pylist()}
    assert told == {
        ("researches", "b", True),
        ("researches", "c", False),
        ("loan", "b", True),
        ("loan", "c", False),
    }
    only = book.reform(EVIDENCE, change, DAY, ["researches"], listing="losers")
    assert only.cases.column("enterprise").to_pylist() == ["c"]


def test_a_sweep_has_a_row_a_step(book: Book) -> None:
    result = book.reform(EVIDENCE, {"share": "40%"}, DAY, ["researches"], sweep="floor.small=3%:6%:4")
    rows = result.totals.to_pylist()
    assert [row["floor.small.value"] for row in rows] == [0.03, 0.04, 0.05, 0.06]
    assert [row["met_after"] for row in rows] == [3, 3, 2, 1]
    assert all(row["share"] == 0.4 for row in rows)
    two = book.reform(EVIDENCE, sweep=["floor.small=3%:6%:2", "floor.large=1%:2%:3"], as_of=DAY)
    assert len(two) == 6


@pytest.mark.parametrize(
    ("text", "texts"),
    [("share=0%:100%:5", ("0%", "25%", "50%", "75%", "100%")), ("share=1%:2%:4", ("1%", "1.333333%", "1.666667%", "2%")),
     ("floor.small.le=1 million CNY:2000 万元:3", ("100 万元", "1050 万元", "2000 万元"))],
)  # fmt: skip
def test_steps_of_a_sweep(book: Book, text: str, texts: tuple[str, ...]) -> None:
    assert read_sweep(book.model, text).texts == texts


@pytest.mark.parametrize(
    "text", ["share", "share=1%:2%", "share=1%:2%:1", "share=1%:2%:many", "share=1 CNY:2%:3"]
)
def test_what_is_no_sweep(book: Book, text: str) -> None:
    with pytest.raises(QuestionError):
        read_sweep(book.model, text)


def test_a_file_of_reforms(book: Book, tmp_path: Path) -> None:
    file = tmp_path / "reforms.yaml"
    file.write_text(
        "- {name: mild, label: {en: a mild one, zh: 温和方案}, set: {floor.small: 4%}}\n- {name: bold, set: {floor.small: 1%, share: 90%}}\n",
        encoding="utf-8",
    )
    result = book.reform(EVIDENCE, file, DAY)
    assert result.reforms == ("mild", "bold")
    assert result.tally("loan", "mild").after.low < result.tally("loan", "bold").after.low
    file.write_text(
        "- {name: mild, set: {flooor: 4%}}\n- {set: {share: 9 persons}}\n- {name: x, sets: 3}\n",
        encoding="utf-8",
    )
    with pytest.raises(QuestionError) as refused:
        book.reform(EVIDENCE, file, DAY)
    assert [problem.code for problem in refused.value.problems] == [
        "name-unknown",
        "unit-mismatch",
        "reform-invalid",
    ]


def test_a_reform_of_structure_is_an_overlay(book: Book, tmp_path: Path) -> None:
    page = "# Bank\n```yaml\nleast: {parameter: CNY, value: 1.8 million CNY, ours: a test}\nmore: {tightens: researches, }\n```\n"
    page = page.replace(
        "more: {tightens: researches, }", "researches: {tightens: research >= least, ours: a test}"
    )
    folder = _write(tmp_path / "bank", page, 'name: bank\nversion: "1"\nextends: ../loans\noutcomes: []\n')
    (folder / "loans.md").rename(folder / "bank.md")
    result = book.reform(EVIDENCE, folder, DAY, listing="both")
    assert result.reforms == ("bank",)
    assert result.tally("researches").cases == Counter(
        {("true", "true"): 2, ("false", "false"): 1, ("unknown", "unknown"): 1, ("undefined", "false"): 1}
    )
    alone = _write(tmp_path / "alone")
    with pytest.raises(QuestionError, match="does not extend"):
        book.reform(EVIDENCE, alone, DAY)


def test_an_outcome_must_depend_on_it(book: Book) -> None:
    with pytest.raises(QuestionError, match="ask with --rules for one of: band"):
        book.reform(EVIDENCE, {"band.low": "3%"}, DAY)


def test_group_and_weight_must_be_there(book: Book) -> None:
    for by, weight in (("province", ""), ("sales", ""), ("", "heads"), ("", "region")):
        with pytest.raises(QuestionError):
            book.reform(EVIDENCE, {"share": "40%"}, DAY, by=by, weight=weight)


@pytest.mark.parametrize("suffix", [".json", ".csv", ".parquet", ".xlsx"])
def test_files(book: Book, tmp_path: Path, suffix: str) -> None:
    result = book.reform(EVIDENCE, {"floor.small": "4%"}, DAY, by="region", listing="both")
    path = result.write(tmp_path / f"out{suffix}")
    match suffix:
        case ".json":
            told = json.loads(path.read_text(encoding="utf-8"))
            assert len(told["totals"]) == result.totals.num_rows
            record = told["record"]
        case ".csv":
            assert pa_csv.read_csv(path).num_rows == result.totals.num_rows
            assert pa_csv.read_csv(tmp_path / "out.cases.csv").num_rows == result.cases.num_rows
            record = json.loads((tmp_path / "out.record.json").read_text(encoding="utf-8"))
        case ".parquet":
            table = pq.read_table(path)
            assert table.num_rows == result.totals.num_rows
            record = json.loads(table.schema.metadata[b"gangmu.record"])
        case _:
            sheets = openpyxl.load_workbook(path)
            assert sheets.sheetnames == ["Totals", "Moves", "Cases", "Record"]
            assert sheets["Totals"].max_row == result.totals.num_rows + 1
            record = {row[0].value: row[1].value for row in sheets["Record"].iter_rows(min_row=2)}
    assert record["rulebook_digest"] == book.digest
    assert str(result.question.reforms[0].digest) in str(record["reforms"])
    with pytest.raises(GangmuError):
        result.write(tmp_path / "out.doc")


def _command(tmp_path: Path, *arguments: str) -> tuple[int, str]:
    evidence = tmp_path / "enterprise.csv"
    heads = list(FIRMS[0])
    lines = [",".join(heads), *(",".join(firm[head] for head in heads) for firm in FIRMS)]
    evidence.write_text("\n".join(lines), encoding="utf-8")
    folder = _write(tmp_path / "loans")
    done = CliRunner().invoke(main, ["reform", str(evidence), "-r", str(folder), "--as-of", DAY, *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_a_narrow_terminal_folds_the_words_above_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chinese has no spaces to break at: nothing is cut, and the number that a step sets stays whole."""
    monkeypatch.setenv("COLUMNS", "60")
    code, told = _command(tmp_path, "--sweep", "floor.small=3%:6%:4", "--lang", "zh")
    assert code == 0
    assert "floor.small.value " in told
    assert "新增符合" not in told
    assert "…" not in told


def test_the_command(tmp_path: Path) -> None:
    code, told = _command(tmp_path, "--set", "floor.small=4%", "--by", "region", "--list", "both")
    assert code == 0
    assert "floor.small.value: 5% → 4%" in told
    assert "North" in told
    assert "gain: b" in told
    code, told = _command(tmp_path, "--sweep", "floor.small=3%:6%:4", "--lang", "zh")
    assert code == 0
    assert "有研发" in told
    assert "新增符合" in told
    assert _command(tmp_path, "--set", "floor.small")[0] == 2
    assert _command(tmp_path, "--set", "floor=3%")[0] == 2
    assert _command(tmp_path, "--set", "share=3%", "--reform", "x.yaml")[0] == 2
    assert _command(tmp_path, "--reform", "x.yaml")[0] == 2
    assert _command(tmp_path, "--set", "share=3%", "--by", "nowhere")[0] == 2
    assert _command(tmp_path)[0] == 2
    code, told = _command(tmp_path, "--set", "share=40%", "--json")
    assert json.loads(told)["record"]["reforms"][0]["set"] == {"share": "40%"}
