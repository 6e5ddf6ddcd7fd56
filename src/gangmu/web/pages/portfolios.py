"""Portfolios: uploaded, worked out in the background, filtered, drilled into, downloaded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.dataset as ds
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import FileResponse, Response

from gangmu.book import Book
from gangmu.errors import GangmuError, Problem
from gangmu.report.result import KEY
from gangmu.report.words import STATUS_WORDS, word
from gangmu.web.desk import NotFoundError
from gangmu.web.forms import form_of, to
from gangmu.web.pages.reading import Link, label_of
from gangmu.web.site import View, Visit, read_day
from gangmu.web.words import say
from gangmu.web.work import answers_of

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
    """One portfolio: how far it is; then by outcome, filtered, row by row."""
    row = _row(visit)
    book, lang = visit.site.book(row["book"]), visit.lang
    values: dict[str, Any] = {
        "portfolio": _shown(row),
        "funnel": [],
        "rows": [],
        "names": [],
        "found": 0,
        "filters": {},
    }
    if row["state"] == "done":
        names = list(row["summary"]["counts"])
        filters = {
            name: value for name in names if (value := visit.request.query_params.get(f"is.{name}", ""))
        }
        found, table = _filtered(answers_of(visit.site.settings.results, row["id"]), filters)
        values |= {
            "funnel": funnel(book, row["summary"], lang),
            "names": [(name, _label(book, name, lang)) for name in names],
            "rows": _cells(table, names, lang),
            "found": found,
            "filters": filters,
        }
    return View("portfolio.html", str(row["name"]), values)


def drill(visit: Visit) -> View:
    """One enterprise of a portfolio: every answer of its row."""
    row, place = _row(visit), visit.request.path_params["row"]
    book, lang = visit.site.book(row["book"]), visit.lang
    if row["state"] != "done" or not 0 <= place < row["summary"]["rows"]:
        raise NotFoundError(
            Problem("not-found", "row", "the portfolio has no such row", "a row of its table")
        )
    table = ds.dataset(answers_of(visit.site.settings.results, row["id"])).take([place])
    found = table.to_pylist()[0]
    lines = [
        {
            "label": _label(book, name, lang),
            "status": found[f"{name}.status"],
            "words": word(STATUS_WORDS, found[f"{name}.status"], lang),
            "value": found[name],
            "low": found.get(f"{name}.low"),
            "high": found.get(f"{name}.high"),
            "grade": found.get(f"{name}.grade", ""),
        }
        for name in row["summary"]["counts"]
    ]
    return View(
        "drill.html",
        str(found[KEY]),
        {"portfolio": _shown(row), "lines": lines, "key": found[KEY], "day": found["as_of"]},
    )


def download(visit: Visit) -> Response:
    """The answers (those that the filter leaves) as Parquet, CSV or Excel."""
    row = _row(visit)
    wanted = visit.request.query_params.get("as", "parquet")
    if row["state"] != "done" or wanted not in _FORMS:
        raise NotFoundError(
            Problem("not-found", "download", "there is nothing to download", ", ".join(_FORMS))
        )
    answers = answers_of(visit.site.settings.results, row["id"])
    filters = {
        name: value
        for name in row["summary"]["counts"]
        if (value := visit.request.query_params.get(f"is.{name}", ""))
    }
    headers = {"content-disposition": f'attachment; filename="portfolio-{row["id"][:8]}.{wanted}"'}
    if wanted == "parquet" and not filters:
        return FileResponse(answers, 200, headers, _FORMS[wanted])
    from gangmu.web.export import export

    dataset = ds.dataset(answers)
    return Response(
        export(dataset.to_table(filter=_expression(filters)), wanted, MAX_SHEET), 200, headers, _FORMS[wanted]
    )


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
    full = book.model.names.get(name, ())
    return label_of(book.model.rules[full[0]], lang) if len(full) == 1 else name


def funnel(book: Book, summary: Mapping[str, Any], lang: str) -> list[dict[str, Any]]:
    """For each outcome how many are met, missing, blocked, with their share."""
    total = max(1, summary["rows"])
    found = []
    for name, counts in summary["counts"].items():
        bars = [
            {
                "status": status,
                "words": word(STATUS_WORDS, status, lang),
                "n": number,
                "share": number / total,
            }
            for status, number in sorted(counts.items(), key=lambda one: _RANK.get(one[0], 9))
        ]
        found.append(
            {
                "name": name,
                "label": _label(book, name, lang),
                "bars": bars,
                "numbers": summary["numbers"].get(name, {}),
            }
        )
    return found


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


def _expression(filters: Mapping[str, str]) -> ds.Expression | None:
    found: ds.Expression | None = None
    for name, value in filters.items():
        one = ds.field(f"{name}.status") == value
        found = one if found is None else found & one
    return found


def _filtered(answers: Path, filters: Mapping[str, str]) -> tuple[int, Any]:
    """How many rows the filter leaves, and the first of them with their places."""
    dataset = ds.dataset(answers)
    wanted = _expression(filters)
    if wanted is None:
        table = dataset.head(SHOWN)
        return dataset.count_rows(), table.append_column("_row", [list(range(table.num_rows))])
    columns = [f"{name}.status" for name in filters]
    statuses = dataset.to_table(columns=columns)
    mask = None
    for name, value in filters.items():
        one = pc.equal(statuses.column(f"{name}.status").cast("string"), value)
        mask = one if mask is None else pc.and_(mask, one)
    places = pc.indices_nonzero(mask)
    first = places.slice(0, SHOWN)
    return len(places), dataset.take(first).append_column("_row", first)


def _cells(table: Any, names: Sequence[str], lang: str) -> list[dict[str, Any]]:  # noqa: ANN401  an Arrow table
    rows = table.to_pylist()
    return [
        {
            "row": row["_row"],
            "key": row[KEY],
            "cells": [
                (row[f"{name}.status"], word(STATUS_WORDS, row[f"{name}.status"], lang), row[name])
                for name in names
            ],
        }
        for row in rows
    ]
