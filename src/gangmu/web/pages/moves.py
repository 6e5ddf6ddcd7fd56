"""What moved an enterprise's answers and what will: versions compared, dates ahead, a calendar."""

from __future__ import annotations

import tempfile
from pathlib import Path

from starlette.responses import Response

from gangmu.web.intake import evidence_of
from gangmu.web.pages.answers import moved_answers
from gangmu.web.pages.firms import kept_of, shown
from gangmu.web.site import View, Visit
from gangmu.web.words import say


def changes(visit: Visit) -> View:
    """What was saved, and which answers moved between two versions."""
    key = visit.request.path_params["key"]
    with visit.desk() as desk:
        kept, versions = desk.enterprise(key), desk.versions(key)
    book = visit.site.book(kept["book"])
    before = versions[1] if len(versions) > 1 else versions[0]
    moved = moved_answers(
        book, (before["facts"], visit.as_of), (versions[0]["facts"], visit.as_of), visit.lang
    )
    listed = [{name: one[name] for name in ("version", "made")} for one in versions]
    values = {
        "enterprise": {"id": key, "name": kept["name"]},
        "versions": listed,
        "moved": moved,
        "before": before["version"],
        "after": versions[0]["version"],
    }
    return View("changes.html", say("changes", visit.lang), values)


def falls_due(visit: Visit) -> View:
    """The dates of the next year on which an answer changes by itself."""
    kept, book = kept_of(visit)
    found = book.due(evidence_of(kept["facts"]), None, visit.as_of)
    lines = [
        {"day": line.change.day, "turn": line.turn(visit.lang), **line.texts(visit.lang)}
        for line in found.lines(visit.lang)
    ]
    values = {"enterprise": shown(kept), "lines": lines, "until": found.until}
    return View("due.html", say("due", visit.lang), values)


def calendar(visit: Visit) -> Response:
    """The same dates as a calendar."""
    kept, book = kept_of(visit)
    found = book.due(evidence_of(kept["facts"]), None, visit.as_of)
    with tempfile.TemporaryDirectory() as folder:
        content = found.write(Path(folder) / "due.ics", visit.lang, remind=14).read_bytes()
    return Response(
        content,
        200,
        {"content-disposition": 'attachment; filename="due.ics"'},
        "text/calendar; charset=utf-8",
    )
