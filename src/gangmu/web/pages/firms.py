"""Enterprises: the form, the answers that move with it, why an answer is what it is, what changed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import HTMLResponse, Response

from gangmu.book import Book
from gangmu.errors import GangmuError, Problem
from gangmu.evidence.template import write_template
from gangmu.report.labels import capital
from gangmu.report.page import case_explanations, tell
from gangmu.rulebook.model import ROOT
from gangmu.web.desk import NotFoundError
from gangmu.web.export import bytes_of
from gangmu.web.files import check_name
from gangmu.web.forms import form_of, to
from gangmu.web.intake import Tables, checked, evidence_of, tables_of
from gangmu.web.memo import TYPE as WORD
from gangmu.web.memo import memo, template_of, write_memo
from gangmu.web.pages.answers import answers_of, next_facts
from gangmu.web.pages.fields import fields_of, merged, outcomes_of, related_of
from gangmu.web.pages.reading import Link, label_of
from gangmu.web.render import render
from gangmu.web.site import View, Visit, read_day
from gangmu.web.words import say

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


# ----------------------------------------------------------------------------------------------------- pages


def listing(visit: Visit) -> View:
    """The enterprises of this person."""
    search = visit.request.query_params.get("q", "").strip()[:200]
    with visit.desk() as desk:
        found = desk.enterprises(search)
    return View("enterprises.html", say("enterprises", visit.lang), {"enterprises": found, "q": search})


def form(visit: Visit) -> View:
    """One enterprise: its facts to fill in, its answers beside them."""
    key = visit.request.path_params["key"]
    with visit.desk() as desk:
        kept, draft = desk.enterprise(key), desk.draft(key)
    book, lang = visit.site.book(kept["book"]), visit.lang
    goals = outcomes_of(book, lang)
    goal = visit.request.query_params.get("goal", "")
    goal = goal if goal in {one.url for one in goals} else goals[0].url
    tables: Tables = draft["facts"] if draft else kept["facts"]
    wanted = next_facts(book, tables, goal, visit.as_of, lang)
    values = {
        "enterprise": {name: kept[name] for name in ("id", "name", "version", "changed")},
        "goals": goals,
        "goal": goal,
        "goal_label": next(one.label for one in goals if one.url == goal),
        "fields": fields_of(book, tables, goal, lang, [one.place for one in wanted]),
        "tables": related_of(book, tables, goal, lang),
        "answers": answers_of(book, tables, goal, visit.as_of, lang),
        "next": wanted,
        "facts": kept["facts"],
        "draft": draft,
    }
    return View("enterprise.html", str(kept["name"]), values)


def why(visit: Visit) -> View:
    """Why one answer is what it is."""
    rule = visit.request.path_params["rule"]
    kept, book = kept_of(visit)
    result = book.assess(evidence_of(kept["facts"]), visit.as_of, [rule])
    [(run, explanations)] = list(case_explanations(result))
    told, sources = tell(book.model, result, run, explanations, visit.lang)
    values = {
        "enterprise": shown(kept),
        "outcome": told.outcomes[0],
        "findings": told.findings,
        "sources": sources,
        "rule": rule,
    }
    return View("why.html", told.outcomes[0].label, values)


def channels(visit: Visit) -> View:
    """The channels that can be used together, what they share, and what blocks the others."""
    kept, book = kept_of(visit)
    told, lang = book.compatible(evidence_of(kept["facts"]), None, visit.as_of), visit.lang
    closed = [
        Link(
            book.model.column_name(name),
            capital(label_of(book.model.rules[name], lang)),
            str(told.fails(name)),
        )
        for name in told.shut
    ]
    values = {
        "enterprise": shown(kept),
        "counted": told.counted(lang),
        "uses": told.uses(lang),
        "pools": told.pools(lang),
        "choices": told.choices(lang),
        "closed": closed,
        "aside": told.aside(lang),
    }
    return View("channels.html", say("together", lang), values)


def download(visit: Visit) -> Response:
    """Every answer as Excel with live formulas, as a Word memo, or as a page to forward."""
    kept, book = kept_of(visit, drafts=False)
    form, lang = visit.request.query_params.get("as", "docx"), visit.lang
    evidence = evidence_of(kept["facts"])
    if form == "docx" and visit.person is not None:
        own = template_of(visit.site.settings.templates, visit.person.institution)
        content = write_memo(memo(book, evidence, str(kept["name"]), visit.as_of, lang), own, lang)
    elif form in ("xlsx", "html"):
        result = book.assess(evidence, visit.as_of)
        content = bytes_of(f"memo.{form}", lambda path: result.write(path, lang))
    else:
        raise NotFoundError(Problem("not-found", "download", "there is no such form", "docx, xlsx, html"))
    headers = {"content-disposition": f'attachment; filename="enterprise.{form}"'}
    return Response(content, 200, headers, {"docx": WORD, "xlsx": EXCEL, "html": "text/html"}[form])


def kept_of(visit: Visit, *, drafts: bool = True) -> tuple[Mapping[str, Any], Book]:
    """The enterprise asked for, with what this person entered and did not save, and its book."""
    key = visit.request.path_params["key"]
    with visit.desk() as desk:
        kept = desk.enterprise(key)
        draft = desk.draft(key) if drafts else None
    facts = draft["facts"] if draft else kept["facts"]
    return {**kept, "facts": facts, "draft": draft and draft["changed"]}, visit.site.book(kept["book"])


def shown(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What the pages about an enterprise say of it."""
    return {name: kept[name] for name in ("id", "name", "version", "draft")}


def template(visit: Visit) -> Response:
    """The empty form as a workbook, for one outcome or for all."""
    rule = visit.request.query_params.get("rule", "")
    asked = [rule] if rule else None
    content = bytes_of("form.xlsx", lambda path: write_template(visit.book.model, path, asked))
    headers = {"content-disposition": 'attachment; filename="gangmu-form.xlsx"'}
    return Response(content, 200, headers, EXCEL)


# --------------------------------------------------------------------------------------------------- actions


async def create(visit: Visit) -> Response:
    """A new enterprise, empty or from a file."""
    async with form_of(visit) as sent:
        name, file = str(sent.get("name", "")), sent.get("file")
        tables: Tables = {ROOT: [{}]}
        if isinstance(file, UploadFile) and file.filename:
            tables = await run_in_threadpool(_from_upload, visit.book, check_name(file.filename), file)
        key = await run_in_threadpool(_add, visit, name or tables[ROOT][0].get("company_name", ""), tables)
    return to(f"/enterprises/{key}")


def _from_upload(book: Book, name: str, file: UploadFile) -> Tables:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"upload{Path(name).suffix.lower()}"
        path.write_bytes(file.file.read())
        return tables_of(path, book)


def _add(visit: Visit, name: str, tables: Tables) -> str:
    with visit.desk() as desk:
        return desk.add_enterprise(name, visit.book.name, tables)


async def save(visit: Visit) -> Response:
    """Save what the form holds as a version, or keep it as a draft if that button was pressed."""
    async with form_of(visit) as sent:
        return await run_in_threadpool(_save, visit, sent, version=not sent.get("draft"))


async def enter(visit: Visit) -> Response:
    """Keep what was entered as a draft, and answer it."""
    async with form_of(visit) as sent:
        return await run_in_threadpool(_save, visit, sent, version=False)


def _save(visit: Visit, sent: FormData, *, version: bool) -> Response:
    """The answers as a fragment for a script, the page again for a person."""
    key = visit.request.path_params["key"]
    with visit.desk() as desk:
        kept, draft = desk.enterprise(key), desk.draft(key)
    book = visit.site.book(kept["book"])
    entered = merged((draft or kept)["facts"], sent, book)
    tables = checked(entered, book)
    name, base = str(sent.get("name", "")), _number(sent.get("version"))
    now = kept["version"]
    with visit.desk() as desk:
        if version:
            now = desk.save_facts(key, tables, base, name)
        elif tables != kept["facts"] or name.strip() not in ("", kept["name"]):
            desk.keep_draft(key, name, entered, base)
        else:
            desk.drop_draft(key)
    goal = str(sent.get("goal", ""))
    goal = goal if goal in book.outcomes else ""
    if visit.request.headers.get("x-fragment") != "1":
        return to(f"/enterprises/{key}?goal={goal}" if goal else f"/enterprises/{key}")
    day = read_day(str(sent.get("as_of", "")))
    values = {
        "answers": answers_of(book, tables, goal, day, visit.lang),
        "lang": visit.lang,
        "enterprise": {"id": key},
        "goal": goal,
        "next": next_facts(book, tables, goal, day, visit.lang) if goal else [],
        "as_of": day,
        "saved": now if version else 0,
        "entered": not version,
    }
    # An older page keeps the version it began with, so that it cannot save over a newer one unseen.
    headers = {"x-version": str(now if version else base)}
    if version and any(len(entered[entity]) != len(rows) for entity, rows in tables.items()):
        headers["x-rows-gone"] = "1"  # the places of rows in the form are no longer those of what is kept
    return HTMLResponse(render("answers.html", values), headers=headers)


async def discard(visit: Visit) -> Response:
    """Throw a draft away."""
    async with form_of(visit):
        await run_in_threadpool(_discard, visit)
    return to(f"/enterprises/{visit.request.path_params['key']}")


def _discard(visit: Visit) -> None:
    with visit.desk() as desk:
        desk.drop_draft(visit.request.path_params["key"])


def _number(text: object) -> int:
    if not isinstance(text, str) or not text.isdigit():
        raise GangmuError(
            Problem("version-missing", "form", "the form does not say which version it changes", "a number")
        )
    return int(text)


async def delete(visit: Visit) -> Response:
    """Delete an enterprise."""
    async with form_of(visit):
        await run_in_threadpool(_drop, visit)
    return to("/enterprises")


def _drop(visit: Visit) -> None:
    with visit.desk() as desk:
        desk.drop_enterprise(visit.request.path_params["key"])
