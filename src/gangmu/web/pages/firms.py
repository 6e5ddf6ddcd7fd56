"""Enterprises: the form, the answers that move with it, why an answer is what it is, what changed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import HTMLResponse, Response

from gangmu.book import Book
from gangmu.engine.assess import resolve_rules
from gangmu.engine.explain import explain
from gangmu.engine.interpreter import Run
from gangmu.engine.missing import missing_facts
from gangmu.errors import GangmuError, Problem
from gangmu.evidence.template import needed_inputs, write_template
from gangmu.report.glance import Section, sections
from gangmu.report.outlook import missing_texts
from gangmu.report.page import case_explanations, tell
from gangmu.report.verdict import Verdict, verdict
from gangmu.rulebook import model
from gangmu.rulebook.model import ROOT
from gangmu.web.desk import NotFoundError
from gangmu.web.files import check_name
from gangmu.web.forms import form_of, to
from gangmu.web.intake import Tables, checked, evidence_of, tables_of
from gangmu.web.memo import TYPE as WORD
from gangmu.web.memo import memo, template_of, write_memo
from gangmu.web.pages.reading import Link, label_of, page_label
from gangmu.web.render import render
from gangmu.web.site import View, Visit, read_day
from gangmu.web.words import say

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NEXT = 5  # facts asked for first


@dataclass(frozen=True)
class FieldText:
    """A field of the form."""

    id: str
    name: str
    label: str
    ask: str
    unit: str
    kind: str
    value: str
    options: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class TableText:
    """The rows of a related entity in the form: the last one is empty, for one more."""

    entity: str
    label: str
    heads: Sequence[str]
    rows: Sequence[Sequence[FieldText]]


@dataclass(frozen=True)
class Answers:
    """The outcomes group by group, and what could not be read."""

    sections: Sequence[Section]
    problems: Sequence[Problem]


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
        kept = desk.enterprise(key)
    book, lang = visit.site.book(kept["book"]), visit.lang
    goals = outcomes_of(book, lang)
    goal = visit.request.query_params.get("goal", "")
    goal = goal if goal in {one.url for one in goals} else goals[0].url
    tables: Tables = kept["facts"]
    values = {
        "enterprise": {name: kept[name] for name in ("id", "name", "version", "changed")},
        "goals": goals,
        "goal": goal,
        "goal_label": next(one.label for one in goals if one.url == goal),
        "fields": fields_of(book, tables, goal, lang),
        "tables": related_of(book, tables, goal, lang),
        "answers": answers_of(book, tables, visit.as_of, lang),
        "next": next_facts(book, tables, goal, visit.as_of, lang),
        "facts": tables,
    }
    return View("enterprise.html", str(kept["name"]), values)


def why(visit: Visit) -> View:
    """Why one answer is what it is."""
    key, rule = visit.request.path_params["key"], visit.request.path_params["rule"]
    with visit.desk() as desk:
        kept = desk.enterprise(key)
    book = visit.site.book(kept["book"])
    result = book.assess(evidence_of(kept["facts"]), visit.as_of, [rule])
    [(run, explanations)] = list(case_explanations(result))
    told, sources = tell(book.model, result, run, explanations, visit.lang)
    values = {
        "enterprise": {"id": key, "name": kept["name"]},
        "outcome": told.outcomes[0],
        "findings": told.findings,
        "sources": sources,
        "rule": rule,
    }
    return View("why.html", told.outcomes[0].label, values)


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


def channels(visit: Visit) -> View:
    """The channels that can be used together, and what they share."""
    kept, book = _kept(visit)
    told = book.compatible(evidence_of(kept["facts"]), None, visit.as_of)
    values = {
        "enterprise": {"id": kept["id"], "name": kept["name"]},
        "counted": told.counted(visit.lang),
        "uses": told.uses(visit.lang),
        "pools": told.pools(visit.lang),
        "choices": told.choices(visit.lang),
        "left_out": told.left_out(visit.lang),
    }
    return View("channels.html", say("together", visit.lang), values)


def falls_due(visit: Visit) -> View:
    """The dates of the next year on which an answer changes by itself."""
    kept, book = _kept(visit)
    found = book.due(evidence_of(kept["facts"]), None, visit.as_of)
    lines = [
        {"day": line.change.day, "turn": line.turn(visit.lang), **line.texts(visit.lang)}
        for line in found.lines(visit.lang)
    ]
    values = {"enterprise": {"id": kept["id"], "name": kept["name"]}, "lines": lines, "until": found.until}
    return View("due.html", say("due", visit.lang), values)


def calendar(visit: Visit) -> Response:
    """The same dates as a calendar."""
    kept, book = _kept(visit)
    found = book.due(evidence_of(kept["facts"]), None, visit.as_of)
    with tempfile.TemporaryDirectory() as folder:
        content = found.write(Path(folder) / "due.ics", visit.lang, remind=14).read_bytes()
    return Response(
        content,
        200,
        {"content-disposition": 'attachment; filename="due.ics"'},
        "text/calendar; charset=utf-8",
    )


def download(visit: Visit) -> Response:
    """Every answer as Excel with live formulas, as a Word memo, or as a page to forward."""
    kept, book = _kept(visit)
    form, lang = visit.request.query_params.get("as", "docx"), visit.lang
    evidence = evidence_of(kept["facts"])
    if form == "docx" and visit.person is not None:
        own = template_of(visit.site.settings.templates, visit.person.institution)
        content = write_memo(memo(book, evidence, str(kept["name"]), visit.as_of, lang), own, lang)
    elif form in ("xlsx", "html"):
        with tempfile.TemporaryDirectory() as folder:
            content = (
                book.assess(evidence, visit.as_of).write(Path(folder) / f"memo.{form}", lang).read_bytes()
            )
    else:
        raise NotFoundError(Problem("not-found", "download", "there is no such form", "docx, xlsx, html"))
    headers = {"content-disposition": f'attachment; filename="enterprise.{form}"'}
    return Response(content, 200, headers, {"docx": WORD, "xlsx": EXCEL, "html": "text/html"}[form])


def _kept(visit: Visit) -> tuple[Mapping[str, Any], Book]:
    with visit.desk() as desk:
        kept = desk.enterprise(visit.request.path_params["key"])
    return kept, visit.site.book(kept["book"])


def template(visit: Visit) -> Response:
    """The empty form as a workbook, for one outcome or for all."""
    rule = visit.request.query_params.get("rule", "")
    with tempfile.TemporaryDirectory() as folder:
        path = write_template(visit.book.model, Path(folder) / "form.xlsx", [rule] if rule else None)
        content = path.read_bytes()
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
    """Save what the form holds; the answers as a fragment for a script, the page for a person."""
    async with form_of(visit) as sent:
        return await run_in_threadpool(_save, visit, sent, keep=True)


async def preview(visit: Visit) -> Response:
    """The answers to what the form holds, without saving it."""
    async with form_of(visit) as sent:
        return await run_in_threadpool(_save, visit, sent, keep=False)


def _save(visit: Visit, sent: FormData, *, keep: bool) -> Response:
    key = visit.request.path_params["key"]
    with visit.desk() as desk:
        kept = desk.enterprise(key)
    book = visit.site.book(kept["book"])
    tables = merged(kept["facts"], sent, book)
    version = kept["version"]
    if keep:
        with visit.desk() as desk:
            version = desk.save_facts(key, tables, _number(sent.get("version")), str(sent.get("name", "")))
    if visit.request.headers.get("x-fragment") != "1":
        return to(
            f"/enterprises/{key}?goal={sent.get('goal', '')}"
            if _plain(str(sent.get("goal", "")))
            else f"/enterprises/{key}"
        )
    day = read_day(str(sent.get("as_of", "")))
    goal = str(sent.get("goal", ""))
    values = {
        "answers": answers_of(book, tables, day, visit.lang),
        "lang": visit.lang,
        "enterprise": {"id": key},
        "next": next_facts(book, tables, goal, day, visit.lang) if goal in book.outcomes else [],
        "as_of": day,
        "saved": version if keep else 0,
    }
    return HTMLResponse(render("answers.html", values), headers={"x-version": str(version)})


def _plain(text: str) -> bool:
    return text.replace("_", "").replace(".", "").isalnum()


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


# -------------------------------------------------------------------------------------------------- the form


def merged(facts: Mapping[str, Sequence[Mapping[str, str]]], sent: FormData, book: Book) -> Tables:
    """What is kept with what the form says of it: `f.ENTITY.ROW.FIELD`; an empty cell takes a fact back."""
    tables: Tables = {entity: [dict(row) for row in rows] for entity, rows in facts.items()}
    tables.setdefault(ROOT, [{}])
    for name, text in sent.multi_items():
        parts = name.split(".", 3)
        if (
            parts[0] != "f"
            or len(parts) != len(("f", "entity", "row", "field"))
            or not parts[2].isdigit()
            or not isinstance(text, str)
        ):
            continue
        _, entity, place, field = parts
        rows = tables.setdefault(entity, [])
        if int(place) > len(rows):
            continue
        if int(place) == len(rows):
            if not text.strip():
                continue
            rows.append({})
        if text.strip():
            rows[int(place)][field] = text.strip()
        else:
            rows[int(place)].pop(field, None)
    return checked(tables, book)


def outcomes_of(book: Book, lang: str) -> list[Link]:
    """The outcomes by label; `url` is the short name."""
    return [
        Link(
            book.model.column_name(name),
            label_of(book.model.rules[name], lang),
            group.label.in_(lang) or group.name,
        )
        for group in book.model.groups
        for name in group.rules
    ]


def fields_of(book: Book, tables: Tables, goal: str, lang: str) -> list[tuple[str, list[FieldText]]]:
    """The fields of the enterprise itself on which an outcome rests, page by page."""
    wanted = needed_inputs(book.model, [goal])
    row = tables[ROOT][0]
    groups: dict[str, list[FieldText]] = {}
    for name, rule in book.model.inputs_of(ROOT).items():
        if rule.name in wanted:
            page = page_label(book.model.pages[rule.page], lang)
            groups.setdefault(page, []).append(_field(ROOT, 0, name, rule, row.get(name, ""), lang))
    return list(groups.items())


def related_of(book: Book, tables: Tables, goal: str, lang: str) -> list[TableText]:
    """The tables on which an outcome rests, with one empty row each."""
    wanted = needed_inputs(book.model, [goal])
    found = []
    for entity, one in book.model.entities.items():
        inputs = {
            name: rule
            for name, rule in book.model.inputs_of(entity).items()
            if rule.name in wanted or name in (one.period, one.key)
        }
        if not any(rule.name in wanted for rule in inputs.values()):
            continue
        rows = [*tables.get(entity, []), {}]
        texts = [
            [_field(entity, place, name, rule, row.get(name, ""), lang) for name, rule in inputs.items()]
            for place, row in enumerate(rows)
        ]
        heads = [
            f"{label_of(rule, lang)}{f' [{_unit(rule)}]' if _unit(rule) else ''}" for rule in inputs.values()
        ]
        found.append(TableText(entity, one.label.in_(lang) or entity, heads, texts))
    return found


def _unit(rule: model.Rule) -> str:
    body = rule.input
    return "" if body.input != "number" else "%" if body.unit == "ratio" else body.unit


def _field(  # noqa: PLR0913, PLR0917  where it stands, what it is, what it holds
    entity: str, place: int, name: str, rule: model.Rule, value: str, lang: str
) -> FieldText:
    body = rule.input
    options: list[tuple[str, str]] = []
    if body.input == "condition":
        options = [("yes", say("yes", lang)), ("no", say("no", lang))]
        value = {"true": "yes", "false": "no", "是": "yes", "否": "no"}.get(value.lower(), value)
    elif body.input == "code":
        options = [(code, label.in_(lang) or code) for code, label in body.options.items()]
        value = next((code for code, label in body.options.items() if value in (label.zh, label.en)), value)
    if options and value and value not in {code for code, _ in options}:
        options.append((value, value))
    kind = "select" if options else {"date": "date", "number": "number"}.get(body.input, "text")
    if kind == "date" and value and not _iso(value):
        kind = "text"
    return FieldText(
        f"f-{entity}-{place}-{name}",
        f"f.{entity}.{place}.{name}",
        label_of(rule, lang),
        body.ask.in_(lang),
        _unit(rule),
        kind,
        value,
        options,
    )


def _iso(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


# --------------------------------------------------------------------------------------------------- answers


def answers_of(book: Book, tables: Tables, as_of: date, lang: str) -> Answers:
    """Every outcome of the book for what the form holds; what could not be read is told beside it."""
    result = book.assess(evidence_of(tables), as_of)
    [item] = result.answers
    told = sections(Run(book.model, item.case, item.as_of), result.rules, item.answers, lang)
    problems = [
        Problem("cell-unread", one.field or one.table, one.reason, one.value)
        for one in result.quarantine[:20]
    ]
    return Answers(told, problems)


def next_facts(book: Book, tables: Tables, goal: str, as_of: date, lang: str) -> Sequence[Any]:
    """The facts that decide most of what is open about an outcome."""
    run = book.run(evidence_of(tables), as_of=as_of)
    [name] = resolve_rules(book.model, [goal])
    return missing_texts(run, missing_facts(run, name, explain(run, name))[:NEXT], lang)


def moved_answers(
    book: Book, one: tuple[Tables, date], other: tuple[Tables, date], lang: str
) -> list[tuple[str, Verdict, Verdict]]:
    """The outcomes that differ between two states of facts or two days."""
    first, second = (_verdicts(book, tables, day, lang) for tables, day in (one, other))
    return [
        (label, first[label], second[label]) for label in first if str(first[label]) != str(second[label])
    ]


def _verdicts(book: Book, tables: Tables, as_of: date, lang: str) -> dict[str, Verdict]:
    """The verdict of every outcome by its label."""
    result = book.assess(evidence_of(tables), as_of)
    [item] = result.answers
    return {
        label_of(book.model.rules[name], lang): verdict(book.model, name, found, lang)
        for name, found in zip(result.rules, item.answers, strict=True)
    }
