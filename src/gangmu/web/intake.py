"""Evidence that somebody hands in, as the tables of texts that an enterprise's form shows and keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from gangmu.book import Book
from gangmu.errors import GangmuError, Problem
from gangmu.evidence.cells import as_texts
from gangmu.evidence.find import find_sheets
from gangmu.evidence.reach import Matched
from gangmu.evidence.read import match_sheets
from gangmu.rulebook.model import ROOT

Tables = dict[str, list[dict[str, str]]]
KEY = "case"  # the one enterprise of a form
MAX_ROWS = 500  # of one related entity
MAX_TEXT = 2_000
RESERVED = ("origin", "document", "known_on")
OF_CASE = ("complete", "empty", "base_year")


def tables_of(path: Path, book: Book) -> Tables:
    """The tables of a file or folder about one enterprise, by entity and field. Raises `GangmuError`."""
    matched, _ = match_sheets(find_sheets(path, book.model), book.model, {})
    found: Tables = {}
    for one in matched:
        found.setdefault(one.entity, []).extend(_rows(one))
    root = found.get(ROOT, [])
    if not root:
        raise GangmuError(
            Problem("enterprise-none", path.name, "there is no row about an enterprise", "one row")
        )
    if len({row.get("", "") for row in root}) > 1:
        what = f"there are {len(root)} enterprises in it"
        raise GangmuError(
            Problem("enterprise-many", path.name, what, "one enterprise", "upload it as a portfolio")
        )
    return checked(found, book)


def _rows(one: Matched) -> list[dict[str, str]]:
    """The rows of a sheet by field."""
    columns = {
        name: as_texts(one.sheet.column(place.position)).to_pylist()
        for name, place in one.match.fields.items()
    }
    units = {name: place.unit for name, place in one.match.fields.items() if place.unit}
    wanted = (*RESERVED, *OF_CASE)
    roles = {
        role: as_texts(one.sheet.column(at)).to_pylist()
        for role, at in one.match.roles.items()
        if role in wanted
    }
    found = []
    for row in range(one.sheet.count):
        texts = {name: cells[row] for name, cells in (columns | roles).items() if cells[row]}
        texts = {
            name: f"{text} {units[name]}" if name in units and _bare(text) else text
            for name, text in texts.items()
        }
        texts |= {
            name: given
            for name, given in (("origin", one.sheet.origin), ("document", one.sheet.document))
            if given and name not in texts
        }
        found.append(texts)
    return found


def _bare(text: str) -> bool:
    """Whether a number stands without its unit."""
    return text.replace(",", "").replace(".", "").replace("-", "").strip().isdigit()


def checked(tables: Mapping[str, Sequence[Mapping[str, str]]], book: Book) -> Tables:
    """Tables as they are kept: known entities and fields, texts of bounded length. Raises `GangmuError`."""
    problems: list[Problem] = []
    found: Tables = {}
    for entity, rows in tables.items():
        if entity not in (ROOT, "stated", *book.model.entities):
            problems.append(
                Problem(
                    "entity-unknown",
                    entity[:80],
                    "no entity is called so",
                    ", ".join((ROOT, *book.model.entities)),
                )
            )
            continue
        if len(rows) > MAX_ROWS:
            problems.append(
                Problem(
                    "rows-many",
                    entity,
                    f"has {len(rows):,} rows",
                    f"at most {MAX_ROWS}",
                    "upload a portfolio",
                )
            )
            continue
        fields = {*book.model.inputs_of(entity), *RESERVED, *(OF_CASE if entity == ROOT else ())}
        fields |= {"rule", "value", "base_year"} if entity == "stated" else set()
        for number, row in enumerate(rows, 1):
            for name, text in row.items():
                if name not in fields:
                    problems.append(
                        Problem(
                            "field-unknown",
                            f"{entity} row {number}",
                            f"no field is called `{name[:80]}`",
                            "a field of the rulebook",
                        )
                    )
                elif len(text) > MAX_TEXT:
                    problems.append(
                        Problem(
                            "text-long",
                            f"{entity} row {number}",
                            f"`{name}` has {len(text):,} characters",
                            f"at most {MAX_TEXT:,}",
                        )
                    )
        kept = [{name: str(text).strip() for name, text in row.items() if str(text).strip()} for row in rows]
        found[entity] = [row for row in kept if row] if entity != ROOT else kept[:1]
    if problems:
        raise GangmuError(problems)
    found.setdefault(ROOT, [{}])
    return found


def evidence_of(tables: Mapping[str, Sequence[Mapping[str, str]]]) -> dict[str, object]:
    """Kept tables as `Book.read` takes them: one enterprise, its key in every row."""
    found: dict[str, object] = {}
    for entity, rows in tables.items():
        keyed = [{"enterprise": KEY, **row} for row in rows if row or entity == ROOT]
        if keyed:
            found[entity] = keyed
    return found
