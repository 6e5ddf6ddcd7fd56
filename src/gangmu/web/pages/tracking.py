"""Where the plan stands with its paces and charts, and the provinces with their indices and bands."""

from __future__ import annotations

from starlette.responses import Response

from gangmu.errors import Problem
from gangmu.report.index_page import version_of
from gangmu.report.tracked_page import Version
from gangmu.rulebook import model
from gangmu.web.desk import NotFoundError
from gangmu.web.memo import TYPE as WORD
from gangmu.web.memo import briefing, template_of, write_memo
from gangmu.web.pages.reading import Link, book_facts, label_of, task_links
from gangmu.web.site import View, Visit
from gangmu.web.words import say

MOST_UNITS = 4  # side by side


def home(visit: Visit) -> View:
    """Where things stand, and the doors."""
    book, lang = visit.book.model, visit.lang
    values = {
        "counts": _tracked(visit).counts,
        "tasks": task_links(book, lang),
        "book": book_facts(book, lang),
    }
    return View("home.html", "Gangmu", values)


def plan(visit: Visit) -> View:
    """Every target: pace, band, status, and what sources dispute."""
    links = task_links(visit.book.model, visit.lang)
    return View("plan.html", say("plan", visit.lang), {"v": _tracked(visit), "tasks": links})


def download(visit: Visit) -> Response:
    """The plan as a Word briefing, by the institution's own template if it keeps one."""
    own = None
    if visit.person is not None:
        own = template_of(visit.site.settings.templates, visit.person.institution, "briefing")
    content = write_memo(briefing(_tracked(visit), visit.book), own, visit.lang, "briefing")
    headers = {"content-disposition": 'attachment; filename="briefing.docx"'}
    return Response(content, 200, headers, WORD)


def _tracked(visit: Visit) -> Version:
    """Where the targets stand on the day; worked out once."""
    key = ("plan", visit.book.digest, visit.as_of, visit.lang)
    return visit.site.plans(key, lambda: Version(visit.book.track(None, visit.as_of), visit.lang))


def provinces(visit: Visit) -> View:
    """The indices that the book computes over its own population."""
    found = [Link(f"/provinces/{one.short}", label_of(one, visit.lang)) for one in _indices(visit)]
    return View("provinces.html", say("provinces", visit.lang), {"indices": found})


def index(visit: Visit) -> View:
    """One index: ranks with bands, map, a profile a unit, the method and its sources."""
    wanted = visit.request.path_params["name"]
    if wanted not in {one.short for one in _indices(visit)}:
        raise NotFoundError(
            Problem("not-found", "index", "there is no such index", "an index", "see /provinces")
        )
    key = ("index", visit.book.digest, wanted, visit.lang)
    kept = visit.site.indices(key, lambda: version_of(visit.book.index(wanted), visit.lang))
    return View("index_page.html", str(kept["title"]), {"v": kept})


def units(visit: Visit) -> View:
    """Up to four units of an index side by side, indicator by indicator; one alone is its profile."""
    told = index(visit).values["v"]
    profiles = {str(one["anchor"]).rpartition("-")[2]: one for one in told["profiles"]}
    asked = [one for one in visit.request.query_params.getlist("unit") if one in profiles]
    chosen = list(dict.fromkeys(asked))[:MOST_UNITS] or list(profiles)[:2]
    shown = [profiles[one] for one in chosen]
    lines = [
        {**{name: of_one[0][name] for name in ("name", "leaf", "unit")}, "cells": of_one}
        for of_one in zip(*(one["lines"] for one in shown), strict=True)
    ]
    listed = sorted(((str(one["name"]), key) for key, one in profiles.items()))
    values = {
        "index": Link(visit.request.url.path.removesuffix(".json").removesuffix("/compare"), told["title"]),
        "units": [Link(key, name) for name, key in listed],
        "slots": [*chosen, *[""] * (MOST_UNITS - len(chosen))],
        "shown": [{name: one[name] for name in ("name", "rank", "band", "score")} for one in shown],
        "lines": lines,
    }
    return View("units.html", say("units side by side", visit.lang), values)


def _indices(visit: Visit) -> list[model.Rule]:
    return [one for one in visit.book.model.rules.values() if one.kind == "index"]
