"""Portfolios: uploaded, worked out in the background, filtered, drilled into, downloaded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import FileResponse, Response

from gangmu.book import Book
from gangmu.engine.values import one_of, point
from gangmu.errors import GangmuError, Problem
from gangmu.report.labels import capital, value_words
from gangmu.report.result import KEY
from gangmu.report.words import STATUS_WORDS, word
from gangmu.rulebook.model import ROOT, Rule
from gangmu.rulebook.types import NumberType
from gangmu.web import sieve
from gangmu.web.desk import NotFoundError
from gangmu.web.forms import form_of, to
from gangmu.web.pages.reading import Link, label_of
from gangmu.web.sieve import Filter, Sifted
from gangmu.web.site import View, Visit, read_day
from gangmu.web.words import say
from gangmu.web.work import answers_of, clear

SHOWN = 100  # enterprises in the table
_CHUNK = 1 << 20
_FORMS = {
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MAX_SHEET = 1_000_000  # rows of an Excel sheet


def listing(visit: Visit) -> View:
    """The portfolios of the institution."""
    with visit.desk() as desk:
        found = desk.portfolios()
    groups = [
        Link(one.name, one.label.in_(visit.lang) or one.name) for one in visit.book.model.groups if one.name
    ]
    values = {"portfolios": [_shown(one) for one in found], "groups": groups}
    return View("portfolios.html", say("portfolios", visit.lang), values)


def overview(visit: Visit) -> View:
    """One portfolio: how far it is; then what the filters leave: outcomes, distributions, rows."""
    row = _row(visit)
    values: dict[str, Any] = {"portfolio": _shown(row), "rows": [], "found": 0, "filters": []}
    if row["state"] == "done":
        values |= _sifted(visit, row)
    return View("portfolio.html", str(row["name"]), values)


def _sifted(visit: Visit, row: Mapping[str, Any]) -> dict[str, Any]:
    """What the filters of the address leave of a portfolio."""
    book, lang, summary = visit.site.book(row["book"]), visit.lang, row["summary"]
    answers, filters = _asked(visit, row)
    places = sieve.places(answers, filters)
    numbers = [name for name in summary["counts"] if name in summary["numbers"]]
    named = [name for name in summary["counts"] if not _is_number(book, name)]
    start = visit.request.query_params.get("from", "")
    start_at = int(start) if start.isdigit() and len(start) < len("10000000") else 0
    found, rows = sieve.first(answers, places, start_at, SHOWN)

    def sift() -> Sifted:
        counts = summary["counts"] if places is None else sieve.counts(answers, named, places)
        return Sifted(counts, sieve.shapes(answers, [*named, *numbers], places), sieve.about(answers, places))

    sifted = visit.site.sifted((row["id"], *filters), sift)  # of a million rows it takes seconds
    return {
        "funnel": funnel(book, {name: sifted.counts[name] for name in named}, lang),
        "shapes": [shape_text(book, name, shape, lang) for name, shape in sifted.shapes.items()],
        "about": [
            {"column": name, "label": _column_label(book, name, lang), "values": values}
            for name, values in sifted.about.items()
        ],
        "names": [(name, _label(book, name, lang)) for name in named],
        "statuses": [(status, word(STATUS_WORDS, status, lang)) for status in _RANK],
        "rows": _cells(rows, named, lang),
        "found": found,
        "start": start_at,
        "most": SHOWN,
        "filters": [filter_text(book, one, lang) for one in filters],
        "kept": [(one.parameter, one.value) for one in filters],
    }


def _asked(visit: Visit, row: Mapping[str, Any]) -> tuple[Path, list[Filter]]:
    """Where the answers of a portfolio lie, and the filters that the address names."""
    answers = answers_of(visit.site.settings.results, row["id"])
    asked = visit.request.query_params.multi_items()
    return answers, sieve.filters_of(asked, list(row["summary"]["counts"]), answers)


def drill(visit: Visit) -> View:
    """One enterprise of a portfolio: every answer of its row."""
    row, place = _row(visit), visit.request.path_params["row"]
    book, lang = visit.site.book(row["book"]), visit.lang
    if row["state"] != "done" or not 0 <= place < row["summary"]["rows"]:
        raise NotFoundError(
            Problem("not-found", "row", "the portfolio has no such row", "a row of its table")
        )
    answers, filters = _asked(visit, row)
    found = ds.dataset(answers).take([place]).to_pylist()[0]
    lines = [
        {
            "label": _label(book, name, lang),
            "status": found[f"{name}.status"],
            "words": word(STATUS_WORDS, found[f"{name}.status"], lang),
            "value": value_text(book, name, found[name], lang),
            "low": found.get(f"{name}.low"),
            "high": found.get(f"{name}.high"),
            "grade": found.get(f"{name}.grade", ""),
        }
        for name in row["summary"]["counts"]
    ]
    values = {
        "portfolio": _shown(row),
        "lines": lines,
        "key": found[KEY],
        "day": found["as_of"],
        "kept": [(one.parameter, one.value) for one in filters],
    }
    return View("drill.html", str(found[KEY]), values)


def download(visit: Visit) -> Response:
    """The answers (those that the filters leave, with the columns of the upload) as Parquet, CSV or Excel."""
    row = _row(visit)
    wanted = visit.request.query_params.get("as", "parquet")
    if row["state"] != "done" or wanted not in _FORMS:
        raise NotFoundError(
            Problem("not-found", "download", "there is nothing to download", ", ".join(_FORMS))
        )
    answers, filters = _asked(visit, row)
    headers = {"content-disposition": f'attachment; filename="portfolio-{row["id"][:8]}.{wanted}"'}
    if wanted == "parquet" and not filters:
        return FileResponse(answers, 200, headers, _FORMS[wanted])
    from gangmu.web.export import export

    table = sieve.taken(answers, sieve.places(answers, filters))
    return Response(export(table, wanted, MAX_SHEET), 200, headers, _FORMS[wanted])


async def upload(visit: Visit) -> Response:
    """Keep a file and let it be worked out."""
    institution = visit.person.institution if visit.person else ""
    with visit.site.uploads.turn(institution):
        async with form_of(visit, needs="institution") as sent:
            key = await _keep(visit, sent)
    visit.site.wake()
    return to(f"/portfolios/{key}")


async def _keep(visit: Visit, sent: FormData) -> str:
    """Keep what a form sent; the key of the portfolio. Raises `GangmuError`."""
    file = sent.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise GangmuError(
            Problem("file-missing", "form", "no file was sent", "a table of enterprises", "choose one")
        )
    day = read_day(str(sent.get("as_of", "")))
    kept = await visit.site.shelf.keep(file.filename, _parts(file))
    rules = [str(one) for one in sent.getlist("rule") if one]
    name = str(sent.get("name", ""))

    def add() -> str:
        with visit.desk() as desk:
            return desk.add_portfolio(name, visit.book.name, kept, day.isoformat(), rules)

    return await run_in_threadpool(add)


async def _parts(file: UploadFile) -> AsyncIterator[bytes]:
    while part := await file.read(_CHUNK):
        yield part


async def delete(visit: Visit) -> Response:
    """Delete a portfolio with its answers; its upload goes too, unless another one was made of it."""
    async with form_of(visit, needs="institution"):
        await run_in_threadpool(_drop, visit)
    return to("/portfolios")


def _drop(visit: Visit) -> None:
    key = visit.request.path_params["key"]
    with visit.desk() as desk:
        desk.drop_portfolio(key)
    clear(visit.site.settings.results, key)


# ---------------------------------------------------------------------------------------------------- tables


def _row(visit: Visit) -> Mapping[str, Any]:
    with visit.desk() as desk:
        return desk.portfolio(visit.request.path_params["key"])


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: row[name]
        for name in ("id", "name", "book", "as_of", "state", "done", "total", "problems", "made", "ended")
    }


def _label(book: Book, name: str, lang: str) -> str:
    rule = _rule(book, name)
    return label_of(rule, lang) if rule else name


def _rule(book: Book, name: str) -> Rule | None:
    full = book.model.names.get(name, ())
    return book.model.rules[full[0]] if len(full) == 1 else None


def _column_label(book: Book, name: str, lang: str) -> str:
    """The label of a column that is a fact of the book; any other is called as in the upload."""
    rule = book.model.inputs_of(ROOT).get(name)
    return label_of(rule, lang) if rule else name


def _is_number(book: Book, name: str) -> bool:
    rule = _rule(book, name)
    return rule is not None and isinstance(rule.type, NumberType)


def value_text(book: Book, name: str, value: object, lang: str) -> str:
    """A value of an answer in words and units."""
    rule = _rule(book, name)
    if value is None or rule is None:
        return "" if value is None else str(value)
    exact = Fraction(repr(value)) if isinstance(value, float) else value
    if isinstance(exact, Fraction | int) and not isinstance(exact, bool):
        return value_words(book.model, point(Fraction(exact)), rule.type, rule, lang)
    if isinstance(exact, str | bool):
        return value_words(book.model, one_of([exact]), rule.type, rule, lang)
    return str(exact)


def filter_text(book: Book, one: Filter, lang: str) -> dict[str, str]:
    """A filter in words."""
    if one.kind == "of":
        words = one.value
    else:
        status = one.kind == "is"
        words = word(STATUS_WORDS, one.value, lang) if status else value_text(book, one.name, one.value, lang)
    label = _column_label(book, one.name, lang) if one.kind == "of" else _label(book, one.name, lang)
    return {"parameter": one.parameter, "label": label, "words": words, "value": one.value}


def shape_text(book: Book, name: str, shape: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """A distribution in words: of a number its quartiles and bins, of a code how often each stands there."""
    told: dict[str, Any] = {"name": name, "label": capital(_label(book, name, lang)), "n": shape["n"]}
    if "codes" in shape:
        most = max(shape["codes"].values())
        told["bars"] = [
            {"value": code, "words": value_text(book, name, code, lang), "n": n, "width": 100 * n / most}
            for code, n in shape["codes"].items()
        ]
        return told
    most = max(n for _, _, n in shape["bins"]) or 1
    told["cuts"] = [value_text(book, name, float(cut), lang) for cut in shape["cuts"]]
    told["bars"] = [
        {
            "value": "",
            "words": span_text(book, name, (low, high), lang),
            "n": n,
            "width": 100 * n / most,
        }
        for low, high, n in shape["bins"]
    ]
    return told


def span_text(book: Book, name: str, ends: tuple[float, float], lang: str) -> str:
    """From a number to another, or the one number that both are."""
    low, high = (value_text(book, name, float(end), lang) for end in ends)
    return low if low == high else say("from to", lang, a=low, b=high)


def funnel(book: Book, counts: Mapping[str, Mapping[str, int]], lang: str) -> list[dict[str, Any]]:
    """For each outcome, group by group, how many are met, missing, blocked, with their share."""
    groups = {
        book.model.column_name(name): group.label.in_(lang)
        for group in book.model.groups
        for name in group.rules
    }
    found: dict[str, list[dict[str, Any]]] = {}
    for name, told in counts.items():
        total = max(1, sum(told.values()))
        bars = [
            {
                "status": status,
                "words": word(STATUS_WORDS, status, lang),
                "n": number,
                "share": number / total,
            }
            for status, number in sorted(told.items(), key=lambda one: _RANK.get(one[0], 9))
        ]
        label = capital(_label(book, name, lang))
        found.setdefault(groups.get(name, ""), []).append({"name": name, "label": label, "bars": bars})
    return [{"label": label, "lines": lines} for label, lines in found.items()]


_RANK = {
    "held": 0,
    "conditions_met": 1,
    "true": 1,
    "known": 1,
    "unknown": 2,
    "lapsed": 3,
    "false": 4,
    "blocked": 4,
    "undefined": 5,
    "not_in_force": 6,
}


def _cells(
    rows: Sequence[tuple[int, Mapping[str, Any]]], names: Sequence[str], lang: str
) -> list[dict[str, Any]]:
    return [
        {
            "row": place,
            "key": row[KEY],
            "cells": [
                (row[f"{name}.status"], word(STATUS_WORDS, row[f"{name}.status"], lang), row[name])
                for name in names
            ],
        }
        for place, row in rows
    ]
