"""Cloud bills in FOCUS: recognised by their columns, in yuan only, credits and all."""

import csv
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from gangmu.evidence.read import read_evidence
from gangmu.rulebook.load import load
from gangmu.rulebook.model import Rulebook

Folder = Callable[..., Path]

SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "focus" / "focus_1.0_sample_1000.csv"
needs_sample = pytest.mark.skipif(not SAMPLE.exists(), reason="the FOCUS sample is not beside the project")

HEAD = (
    "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargeCategory,ServiceCategory,ProviderName,"
    "ListCost"
)


def bill(*lines: str, head: str = HEAD) -> str:
    return "\n".join([head, *lines, ""])


def test_a_bill_is_recognised_whatever_it_is_called(folder: Folder, book: Rulebook) -> None:
    lines = (
        "12.5,NULL,CNY,2024-09-01T00:00:00Z,Usage,Compute,Aliyun,20",
        "-2.6137,0,CNY,2024-09-01T00:00:00Z,Credit,AI and Machine Learning,Aliyun,0",
    )
    evidence = read_evidence(folder(enterprise="key\na\n", export_2024_09=bill(*lines)), book)
    first, second = next(evidence.cases()).rows["cloud_bill"]
    assert first.period == date(2024, 9, 1)
    assert first.facts["billed_cost"][0].value == Fraction(25, 2)
    assert "effective_cost" not in first.facts
    assert (first.facts["line"][0].value, second.facts["line"][0].value) == ("2", "3")
    assert second.facts["billed_cost"][0].value == Fraction(-26137, 10_000)
    assert second.facts["service_category"][0].value == "ai_and_machine_learning"
    assert [(note.code, note.what) for note in evidence.notes] == [
        ("bill-read", "a FOCUS 1.0 bill of 2 lines, billed CNY 9.89; 1 of its columns are not asked for")
    ]


@pytest.mark.parametrize(
    ("column", "version"), [("ServiceSubcategory", "1.1"), ("InvoiceId", "1.2"), ("Id", "1.0")]
)
def test_the_version_is_told_by_the_columns(
    folder: Folder, book: Rulebook, column: str, version: str
) -> None:
    text = bill("1,1,CNY,2024-09-01,Usage,Compute,Aliyun,1,x", head=f"{HEAD},{column}")
    evidence = read_evidence(folder(enterprise="key\na\n", bill=text), book)
    assert f"a FOCUS {version} bill" in evidence.notes[0].what


def test_a_bill_in_dollars_is_never_taken_for_yuan(folder: Folder, book: Rulebook) -> None:
    text = bill("1,1,USD,2024-09-01,Usage,Compute,AWS,1", "2,2,USD,2024-09-02,Usage,Compute,AWS,2")
    evidence = read_evidence(folder(enterprise="key\na\n", bill=text), book)
    (case,) = evidence.cases()
    assert all("billed_cost" not in row.facts for row in case.rows["cloud_bill"])
    assert [(entry.field, entry.cells) for entry in evidence.quarantine] == [
        ("billed_cost", 2),
        ("effective_cost", 2),
    ]
    assert "the heading says USD, but CNY is asked" in evidence.quarantine[0].reason


def test_lines_in_several_currencies_are_told_apart(folder: Folder, book: Rulebook) -> None:
    text = bill(
        "1,,CNY,2024-09-01,Usage,Compute,A,1",
        "2,,USD,2024-09-02,Usage,Compute,A,2",
        "3,,,2024-09-03,Usage,Compute,A,3",
    )
    evidence = read_evidence(folder(enterprise="key\na\n", bill=text), book)
    (case,) = evidence.cases()
    assert [
        row.facts["billed_cost"][0].value if "billed_cost" in row.facts else None
        for row in case.rows["cloud_bill"]
    ] == [1, None, None]
    assert [(entry.row, entry.value) for entry in evidence.quarantine] == [(3, "2 USD"), (4, "3 ?")]


def test_a_book_that_asks_for_no_bills_says_so(folder: Folder, tmp_path: Path) -> None:
    plain = tmp_path / "book"
    plain.mkdir()
    (plain / "rulebook.yaml").write_text('name: plain\nversion: "1"\nlabel: {en: plain}\n', "utf-8")
    (plain / "facts.md").write_text("```yaml\nstaff:\n  input: number\n  unit: persons\n```\n", "utf-8")
    text = bill("1,1,CNY,2024-09-01,Usage,Compute,Aliyun,1")
    evidence = read_evidence(folder(enterprise="key\na\n", bill=text), load(plain))
    assert [(note.code, "CNY 1.00" in note.what) for note in evidence.notes] == [("bill-unasked", True)]


@needs_sample
def test_the_sample_bill_is_read_whole(tmp_path: Path, book: Rulebook) -> None:
    yuan = tmp_path / "bill.csv"
    yuan.write_text(SAMPLE.read_text("utf-8").replace('"USD"', '"CNY"'), encoding="utf-8")
    evidence = read_evidence(yuan, book)
    (case,) = evidence.cases()
    with yuan.open(encoding="utf-8", newline="") as stream:
        total = sum(Decimal(row["BilledCost"]) for row in csv.DictReader(stream))
    rows = case.rows["cloud_bill"]
    assert len(rows) == 1000
    assert sum(Fraction(str(row.facts["billed_cost"][0].value)) for row in rows) == Fraction(total)
    assert evidence.quarantine == ()


@needs_sample
def test_the_sample_bill_is_in_dollars(book: Rulebook) -> None:
    evidence = read_evidence(SAMPLE, book)
    assert evidence.counts.cells_rejected == 2000
    assert "1,000 lines, billed USD 20.52" in evidence.notes[0].what
