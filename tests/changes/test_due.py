"""The dates of the shipped small firm, and what is written of them: each with its reason and source."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from icalendar import Calendar
from rich.console import Console

from gangmu.book import Book, load
from gangmu.changes.due import due_one_by_one
from gangmu.changes.due_many import due_many
from gangmu.errors import QuestionError
from gangmu.report.due import DueResult
from gangmu.report.due_terminal import render_due

FIRM = Path(__file__).resolve().parents[2] / "examples" / "small_firm"
FROM, UNTIL = "2026-11-22", "2027-12-31"
RULES = ["hnte", "innovative_sme", "renewal", "service_interest_subsidy", "enterprise_size"]


@pytest.fixture(scope="module")
def book() -> Book:
    return load("cn")


@pytest.fixture(scope="module")
def found(book: Book) -> DueResult:
    return book.due(FIRM, UNTIL, FROM, RULES)


def turns(found: DueResult) -> list[tuple[str, str, str, str, str]]:
    return [
        (str(c.day), found.book.column_name(c.rule), c.before.status, c.after.status, c.roots[0].kind)
        for c in found.changes
    ]


def test_each_date_of_the_small_firm(found: DueResult) -> None:
    assert turns(found) == [
        ("2026-11-28", "renewal", "unknown", "false", "measured"),  # loan.csv: due on 2026-11-27
        ("2026-12-08", "hnte", "held", "lapsed", "certificate"),  # enterprise.csv: hnte_to
        ("2027-01-01", "service_interest_subsidy", "unknown", "not_in_force", "wording"),
        ("2027-01-01", "enterprise_size", "known", "unknown", "year"),  # no statement of 2026 yet
        ("2027-10-28", "innovative_sme", "held", "lapsed", "certificate"),
    ]


def test_a_change_names_the_paper_that_it_goes_back_to(found: DueResult) -> None:
    texts = {line.change.rule: line.texts("en") for line in found.lines("en")}
    assert "GR202399000060" in texts["recognition/hnte.hnte"]["because"]
    assert "SAMPLE-DK-2025-091" in texts["channels/renewal.renewal"]["because"]
    assert "validity of the certificate" in texts["recognition/hnte.hnte"]["source"]
    assert texts["recognition/hnte.hnte"]["grade"] == "transcriptions agree"
    assert all(text["source"] or text["grade"] for text in texts.values())


def test_the_calendar_can_be_read_back(found: DueResult, tmp_path: Path) -> None:
    path = found.write(tmp_path / "due.ics", "zh", remind=30)
    raw = path.read_bytes()
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))  # RFC 5545, 3.1
    calendar = Calendar.from_ical(raw)
    assert calendar["VERSION"] == "2.0"
    events = list(calendar.walk("VEVENT"))
    assert [event.decoded("dtstart") for event in events] == [change.day for change in found.changes]
    assert all((e.decoded("dtend") - e.decoded("dtstart")).days == 1 for e in events)
    assert all(not event.errors and event.walk("VALARM") for event in events)
    assert "高新技术企业" in str(events[1]["summary"])
    assert len({str(event["uid"]) for event in events}) == len(events)


def test_a_later_file_names_the_same_events_alike(book: Book, found: DueResult, tmp_path: Path) -> None:
    later = book.due(FIRM, UNTIL, "2026-12-01", RULES)
    uids = [
        {
            str(event["uid"])
            for event in Calendar.from_ical(result.write(tmp_path / "a.ics").read_bytes()).walk("VEVENT")
        }
        for result in (found, later)
    ]
    assert uids[1] < uids[0]
    assert len(uids[0]) == len(uids[1]) + 1


@pytest.mark.parametrize("suffix", ["json", "csv", "xlsx", "parquet"])
def test_other_files(found: DueResult, tmp_path: Path, suffix: str) -> None:
    path = found.write(tmp_path / f"due.{suffix}", "en")
    assert path.stat().st_size > 500
    if suffix == "json":
        read = json.loads(path.read_text(encoding="utf-8"))
        assert [row["date"] for row in read["changes"]] == [str(change.day) for change in found.changes]
        assert read["record"]["until"] == UNTIL


@pytest.mark.parametrize("until", ["2026-11-22", "1999-01-01", "2999-01-01", "soon"])
def test_a_last_day_that_cannot_be(book: Book, until: str) -> None:
    with pytest.raises(QuestionError):
        book.due(FIRM, until, FROM, RULES)


def test_without_a_last_day_a_year_is_looked_ahead(book: Book) -> None:
    assert book.due(FIRM, None, FROM, ["hnte"]).until == date(2027, 11, 22)


def test_the_kernel_finds_the_same_dates_day_by_day(book: Book) -> None:
    pytest.importorskip("llvmlite")
    evidence = book.read(FIRM)
    names = [book.model.names[name][0] for name in RULES]
    days, until = [date(2026, 11, 22)], date(2027, 1, 3)
    one, many = (
        sorted(found(book.model, evidence, names, days, until), key=lambda change: (change.day, change.rule))
        for found in (due_one_by_one, due_many)
    )
    assert [replace(change, roots=()) for change in one] == [replace(change, roots=()) for change in many]
    assert len(one) == 4
    assert [len(change.roots) for change in one] == [len(change.roots) for change in many]


def test_many_are_counted_on_the_terminal(found: DueResult) -> None:
    printed = StringIO()
    many = [replace(change, enterprise=f"e{number}") for number in range(30) for change in found.changes]
    render_due(Console(width=120, file=printed), replace(found, changes=many, enterprises=30), "en")
    [hnte] = [line for line in printed.getvalue().splitlines() if "High and new technology" in line]
    assert "2026-12-08" in hnte
    assert "✓ held → ✗ lapsed" in hnte
    assert " 30 " in hnte


def test_many_share_the_events_of_a_calendar(found: DueResult, tmp_path: Path) -> None:
    many = [replace(change, enterprise=f"e{number}") for number in range(30) for change in found.changes]
    path = replace(found, changes=many, enterprises=30).write(tmp_path / "due.ics")
    events = list(Calendar.from_ical(path.read_bytes()).walk("VEVENT"))
    assert len(events) == len(found.changes)
    assert "30 enterprises" in str(events[0]["summary"])
