"""What moved an enterprise's answers and what will: versions and days compared, dates ahead, calendars."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from starlette.responses import Response

from gangmu.book import Book
from gangmu.errors import GangmuError, Problem
from gangmu.report.due import DueResult
from gangmu.report.labels import capital
from gangmu.rulebook.model import ROOT
from gangmu.web.desk import NotFoundError
from gangmu.web.export import bytes_of
from gangmu.web.intake import Tables, evidence_of
from gangmu.web.pages.answers import State, counts_of, moved_answers
from gangmu.web.pages.firms import kept_of, shown
from gangmu.web.pages.reading import label_of
from gangmu.web.site import View, Visit, read_day
from gangmu.web.words import say

REMIND = 14  # days before a date that a calendar reminds
AHEAD = 92  # days that an institution looks ahead, unless it says otherwise
MOST_AHEAD = 366
PATIENCE = 6.0  # seconds for enterprises that were not looked at yet; the others are told at the next visit
MOST_FACTS = 40  # changed facts that are told


@dataclass(frozen=True)
class FactText:
    """A fact that differs between two versions."""

    what: str
    before: str
    after: str


# ----------------------------------------------------------------------------------------- of one enterprise


def changes(visit: Visit) -> View:
    """Which answers moved between two versions, each as of a day, and whether law, evidence or time did it.

    Unless asked otherwise: from the version before the last, as it stood on the day on which it was saved.
    """
    key, asked, lang = visit.request.path_params["key"], visit.request.query_params, visit.lang
    with visit.desk() as desk:
        kept, versions = desk.enterprise(key), desk.versions(key)
    book = visit.site.book(kept["book"])
    by_number = {str(one["version"]): one for one in versions}
    second = _version(by_number, asked.get("to") or str(versions[0]["version"]))
    first = _version(by_number, asked.get("from") or str(versions[min(1, len(versions) - 1)]["version"]))
    days = (read_day(asked.get("first") or first["made"].date().isoformat()), visit.as_of)
    states = [State(book, one["facts"], day) for one, day in zip((first, second), days, strict=True)]
    moved = moved_answers(states[0], states[1], lang)
    facts = changed_facts(book, first["facts"], second["facts"], lang)
    values = {
        "enterprise": shown({**kept, "draft": None}),
        "versions": [{name: one[name] for name in ("version", "made")} for one in versions],
        "moved": moved,
        "counts": counts_of(moved),
        "facts": facts[:MOST_FACTS],
        "more_facts": max(0, len(facts) - MOST_FACTS),
        "first": {"version": first["version"], "day": days[0]},
        "second": {"version": second["version"], "day": days[1]},
    }
    return View("changes.html", say("changes", lang), values)


def _version(versions: Mapping[str, Mapping[str, Any]], number: str) -> Mapping[str, Any]:
    if number not in versions:
        what = f"there is no version {number[:20]}"
        raise NotFoundError(Problem("not-found", "version", what, ", ".join(versions)))
    return versions[number]


def changed_facts(book: Book, one: Tables, other: Tables, lang: str) -> list[FactText]:
    """The facts that differ, row by row; rows are known by their key and period."""
    found = []
    for entity in (ROOT, *book.model.entities):
        inputs = book.model.inputs_of(entity)
        then, now = (dict(_keyed(book, entity, tables.get(entity, ()))) for tables in (one, other))
        spec = book.model.entities.get(entity)
        label = capital(spec.label.in_(lang) or entity) if spec else ""
        for place in dict.fromkeys((*then, *now)):
            before, after = then.get(place, {}), now.get(place, {})
            row = " ".join(part for part in (label, place[0]) if part)
            for name in inputs:
                if before.get(name, "") != after.get(name, ""):
                    what = label_of(inputs[name], lang)
                    what = say("of row", lang, a=row, b=what) if row else capital(what)
                    found.append(FactText(what, before.get(name, ""), after.get(name, "")))
    return found


def _keyed(
    book: Book, entity: str, rows: Sequence[Mapping[str, str]]
) -> Iterator[tuple[tuple[str, int], Mapping[str, str]]]:
    """Rows by key and period as they stand written; those called the same, by their order."""
    seen: dict[str, int] = {}
    spec = book.model.entities.get(entity)
    names = [name for name in (spec.key, spec.period) if name] if spec else []
    for row in rows:
        called = " ".join(row[name] for name in names if row.get(name))
        seen[called] = seen.get(called, -1) + 1
        yield (called, seen[called]), row


def falls_due(visit: Visit) -> View:
    """The dates of the next year on which an answer changes by itself."""
    kept, book = kept_of(visit)
    found = _due(book, kept, visit.as_of, None)
    values = {
        "enterprise": shown(kept),
        "lines": lines_of(found, visit.lang),
        "until": found.until,
    }
    return View("due.html", say("due", visit.lang), values)


def calendar(visit: Visit) -> Response:
    """The same dates as a calendar."""
    kept, book = kept_of(visit)
    return _calendar(_due(book, kept, visit.as_of, None), visit.lang)


def _due(book: Book, kept: Mapping[str, Any], as_of: date, until: date | None) -> DueResult:
    """The dates of an enterprise, under its name."""
    found = book.due(evidence_of(kept["facts"]), until, as_of)
    return replace(found, changes=[replace(one, enterprise=str(kept["name"])) for one in found.changes])


def lines_of(found: DueResult, lang: str) -> list[dict[str, Any]]:
    """The dates in words."""
    return [
        {"day": line.change.day, "turn": line.turn(lang), **line.texts(lang)} for line in found.lines(lang)
    ]


def _calendar(found: DueResult, lang: str) -> Response:
    content = bytes_of("due.ics", lambda path: found.write(path, lang, remind=REMIND))
    headers = {"content-disposition": 'attachment; filename="due.ics"'}
    return Response(content, 200, headers, "text/calendar; charset=utf-8")


# -------------------------------------------------------------------------------------- of an institution


def ahead(visit: Visit) -> View:
    """What falls due of every enterprise that this person may see, by date."""
    found, left, until = _ahead(visit)
    lines = [
        {"id": key, "name": result.changes[place].enterprise, **line}
        for key, result in found.items()
        for place, line in enumerate(lines_of(result, visit.lang))
    ]
    values = {
        "lines": sorted(lines, key=lambda line: (line["day"], line["name"])),
        "looked": len(found),
        "left": left,
        "until": until,
        "days": (until - visit.as_of).days,
    }
    return View("ahead.html", say("due", visit.lang), values)


def ahead_calendar(visit: Visit) -> Response:
    """The same dates as one calendar, when all enterprises were looked at."""
    found, left, until = _ahead(visit)
    if left or not found:
        what = f"{left} enterprises were not looked at yet"
        raise GangmuError(Problem("not-ready", "calendar", what, "all of them", "open the page again first"))
    results = list(found.values())
    every = sorted(
        (one for result in results for one in result.changes), key=lambda one: (one.day, one.enterprise)
    )
    whole = replace(results[0], changes=every, until=until, enterprises=len(results))
    return _calendar(whole, visit.lang)


def _ahead(visit: Visit) -> tuple[dict[str, DueResult], int, date]:
    """The dates of each enterprise by its id, how many were not looked at for want of time, the last day.

    What was found is kept, so that the next visit goes on where this one stopped.
    """
    text = visit.request.query_params.get("days", "")
    days = min(max(int(text), 1), MOST_AHEAD) if text.isdigit() and len(text) < len("1000") else AHEAD
    until = visit.as_of + timedelta(days=days)
    with visit.desk() as desk:
        listed = desk.every_enterprise()
    found: dict[str, DueResult] = {}
    left, end = 0, time.monotonic() + PATIENCE
    for one in listed:
        book = visit.site.book(one["book"])
        key = ("ahead", one["id"], one["version"], book.digest, visit.as_of, until)
        ready = visit.site.dates.known(key)
        if ready is None and time.monotonic() < end:
            ready = visit.site.dates(key, partial(_due, book, one, visit.as_of, until))
        if ready is None:
            left += 1
        else:
            found[str(one["id"])] = ready
    return found, left, until
