"""Rulebooks of an institution: pages of its own over a served one, for those who edit them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from gangmu.book import Book
from gangmu.errors import GangmuError, Problem
from gangmu.web.forms import form_of, to
from gangmu.web.overlays import MAX_PAGE, PAGE, check_overlay
from gangmu.web.pages.reading import Link, label_of, parts_of
from gangmu.web.site import View, Visit
from gangmu.web.words import say

OVERLAY = "overlay:"  # before the id, where a served book or a page over one may be named


def listing(visit: Visit) -> View:
    """The pages that extend a rulebook, and a form for one more."""
    return _listing(visit, "", "", visit.site.names[0], ())


def _listing(visit: Visit, name: str, text: str, base: str, problems: Sequence[Problem]) -> View:
    with visit.desk() as desk:
        found = desk.overlays()
        edits = desk.person.may("rulebooks")
    values = {
        "overlays": found,
        "edits": edits,
        "books": visit.site.names,
        "name": name,
        "text": text,
        "base": base,
        "problems": problems,
    }
    return View("rulebooks.html", say("own rulebooks", visit.lang), values, 422 if problems else 200)


def one(visit: Visit) -> View:
    """A page that extends a rulebook, as prose with its rules."""
    with visit.desk() as desk:
        row, edits = desk.overlay(visit.request.path_params["key"]), desk.person.may("rulebooks")
    book = visit.site.overlay(row).model
    values = {
        "overlay": {name: row[name] for name in ("id", "name", "base", "rules", "made")},
        "parts": parts_of(book, book.pages[PAGE], visit.as_of, visit.lang),
        "changes": [
            Link(f"/rules/{rule.name}", label_of(rule, visit.lang), rule.kind)
            for rule in book.rules.values()
            if rule.page != PAGE and rule.layer == book.name
        ],
        "edits": edits,
    }
    return View("overlay.html", str(row["name"]), values)


async def add(visit: Visit) -> Response:
    """Check a page and keep it; what is wrong is shown beside the text as it was sent."""
    async with form_of(visit, needs="rulebooks") as sent:
        name, base = str(sent.get("name", "")), str(sent.get("base", ""))
        file, text = sent.get("file"), str(sent.get("page", ""))
        if isinstance(file, UploadFile) and file.filename:
            text = (await file.read(4 * MAX_PAGE)).decode(errors="replace")
        text = text.replace("\r\n", "\n")
    try:
        return to(f"/rulebooks/{await run_in_threadpool(_add, visit, name, base, text)}")
    except GangmuError as error:
        if not error.problems[0].code.startswith(("not-", "sign-", "book-")):
            from gangmu.web.app import html

            return html(visit, await run_in_threadpool(_listing, visit, name, text, base, error.problems))
        raise


def _add(visit: Visit, name: str, base: str, text: str) -> str:
    rules = check_overlay(text, visit.site.address(base))
    with visit.desk() as desk:
        return desk.add_overlay(name, base, text, rules)


async def delete(visit: Visit) -> Response:
    """Delete a page that extends a rulebook."""
    async with form_of(visit):
        await run_in_threadpool(_drop, visit)
    return to("/rulebooks")


def _drop(visit: Visit) -> None:
    with visit.desk() as desk:
        desk.drop_overlay(visit.request.path_params["key"])


# ------------------------------------------------------------------------------------------- for comparing


def choices(visit: Visit) -> list[Link]:
    """The books among which one may choose: those served, and pages of this institution over them."""
    found = [Link(name, name) for name in visit.site.names]
    if visit.person is not None and visit.person.may("institution"):
        with visit.desk() as desk:
            found += [Link(f"{OVERLAY}{row['id']}", row["name"], row["base"]) for row in desk.overlays()]
    return found


def chosen(visit: Visit, name: str) -> Book:
    """A book by what `choices` calls it. Raises `GangmuError`."""
    if not name.startswith(OVERLAY):
        return visit.site.book(name)
    with visit.desk() as desk:
        row: dict[str, Any] = dict(desk.overlay(name.removeprefix(OVERLAY)))
    return visit.site.overlay(row)
