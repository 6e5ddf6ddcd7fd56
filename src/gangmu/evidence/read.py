"""Read evidence: find tables, match their columns to a rulebook's inputs, read cells, place rows.

Say what was left out.

One pass, each stage a module: `find` (files, databases, frames), `columns`, `cells` and `rows`, `place`,
`completeness`, `cases`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.errors import EvidenceError, Problem
from gangmu.evidence.cases import Evidence, Source
from gangmu.evidence.columns import STATED, Match, Wish, bare, entity_of, match_columns, nearest_entity
from gangmu.evidence.completeness import settle_completeness
from gangmu.evidence.find import Found, find_sheets
from gangmu.evidence.focus import is_bill, read_bill
from gangmu.evidence.given import ONE_CASE
from gangmu.evidence.mapping import Wishes, entity_by_wishes, read_mapping
from gangmu.evidence.place import CASE, Keys, Placed, owners_of, place_related, place_root
from gangmu.evidence.quarantine import Rejected
from gangmu.evidence.reach import Matched, Reach, narrowed
from gangmu.evidence.rows import KEY, Draft, read_rows, stack
from gangmu.evidence.sheets import Sheet
from gangmu.evidence.stated import read_stated
from gangmu.rulebook.model import ROOT, Rulebook


@dataclass
class _Reading:
    """The state of one run: what was found and what was not taken over."""

    book: Rulebook
    texts: bool = True  # keep every cell as it is written
    distinct: bool = False  # no key of an enterprise is given twice
    matched: list[Matched] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """How messages call each source."""
        return [item.sheet.source for item in self.matched]

    def of(self, entity: str) -> list[tuple[int, Matched]]:
        """The matched sheets of an entity with their numbers."""
        return [(number, item) for number, item in enumerate(self.matched) if item.entity == entity]


def read_evidence(
    source: object, book: Rulebook, mapping: str | Path | None = None, reach: Reach | None = None
) -> Evidence:
    """Read evidence for a rulebook, or what of it some rules can reach.

    `source` is a folder of tables, a CSV, Excel, Parquet, DuckDB or SQLite file, a database address, a dict
    of tables (Arrow, Polars, pandas, DuckDB, lists of mappings), or a dict for one case in the shape of
    `given` in `docs/language.md`. `mapping` is a YAML file: table, column, field.

    Single bad rows and cells go to the quarantine of the result. Raises `EvidenceError` where nothing can
    be read.
    """
    found = find_sheets(source, book)
    reading = _match(found, book, wishes_of(mapping, found, book))
    return _read(reading, found.title, reach)


def read_part(
    matched: Sequence[Matched], book: Rulebook, *, distinct: bool = False, kin: dict[Any, Any] | None = None
) -> Evidence:
    """Read some rows of tables that are matched already; what is noted of the tables is not noted again.

    How cells are written is not kept. With `distinct` it is known that no enterprise's key is given twice.
    `kin` is one dict for all parts of one body of evidence.
    """
    reading = _Reading(book, texts=False, distinct=distinct, matched=list(matched))
    return replace(_read(reading, "", None), kin=kin)


def match_sheets(found: Found, book: Rulebook, wishes: Wishes) -> tuple[list[Matched], list[Problem]]:
    """What the sheets of evidence are, and what there is to tell of them. Raises `EvidenceError`."""
    reading = _match(found, book, wishes)
    return reading.matched, reading.notes


def wishes_of(mapping: str | Path | None, found: Found, book: Rulebook) -> Wishes:
    """What a mapping file asks for: the one named, or the one that lies with the evidence."""
    where = Path(mapping) if mapping is not None else found.mapping
    return read_mapping(where, book) if where is not None else {}


def _read(reading: _Reading, title: str, reach: Reach | None) -> Evidence:
    """Read what is matched."""
    book = reading.book
    known = sum(len(item.match.fields) for item in reading.matched)
    if reach is not None:
        reading.matched = narrowed(reading.matched, reach)
    reading.matched = [item.loaded() for item in reading.matched]
    unread = known - sum(len(item.match.fields) for item in reading.matched)
    root, keys = _read_root(reading, title)
    placed = {
        name: _read_related(reading, name, keys) for name in (*book.entities, STATED) if reading.of(name)
    }
    reading.rejected.extend(root.rejected)
    for item in placed.values():
        reading.rejected.extend(item.rejected)
    return replace(_assemble(reading, root, keys, placed), reach=reach, unread=unread)


def _match(found: Found, book: Rulebook, wishes: Wishes) -> _Reading:
    """Say which entity each sheet is and what its columns are. Raises `EvidenceError` with all conflicts."""
    reading = _Reading(book, rejected=list(found.rejected), notes=list(found.notes))
    problems: list[Problem] = []
    for found_sheet in found.sheets:
        sheet = found_sheet
        wish = wishes.get(bare(sheet.name), {})
        if is_bill(sheet):
            bill, note = read_bill(sheet, book)
            reading.notes.append(note)
            if bill is None:
                continue
            sheet = bill
        entity = _entity(sheet, book, wish, alone=len(found.sheets) == 1)
        if not entity:
            near = nearest_entity(sheet.name, book)
            todo = f"call it {near!r}, or map it" if near else "name it like an entity, or map it"
            expected = f"one of {', '.join([ROOT, *book.entities, STATED])}"
            what = f"no entity is called {sheet.name!r}: its {sheet.count:,} rows are not read"
            reading.notes.append(Problem("table-unmatched", sheet.source, what, expected, todo))
            continue
        match = match_columns(sheet, entity, book, wish)
        problems.extend(match.problems)
        reading.notes.extend(match.notes)
        reading.matched.append(Matched(sheet, entity, match))
    if not reading.matched and not problems:
        problems = [note for note in reading.notes if note.code == "table-unmatched"]
        problems = problems or [
            Problem("evidence-empty", found.title or "evidence", "there is no table", "tables of facts")
        ]
    if problems:
        raise EvidenceError(problems)
    return reading


def _entity(sheet: Sheet, book: Rulebook, wish: Mapping[str, Wish], *, alone: bool) -> str:
    """The entity of a sheet: by its name, by its mapping, or the root if it is the only one."""
    named = entity_of(sheet.name, book)
    return named or (entity_by_wishes(wish, book) if wish else "") or (ROOT if alone else "")


def _draft(reading: _Reading, items: list[tuple[int, Matched]]) -> Draft:
    return stack([_rows(reading, number, item) for number, item in items])


def _rows(reading: _Reading, number: int, item: Matched) -> Draft:
    return read_rows(item.sheet, number, item.entity, item.match, reading.book, texts=reading.texts)


def _read_root(reading: _Reading, title: str) -> tuple[Placed, Keys]:
    """The root table; where there is none, its keys are the owners that other tables name.

    What papers say of an enterprise joins the rows that other tables have of it.
    """
    items = reading.of(ROOT)
    if any(len(item.sheet.rows) for item in reading.matched):  # an empty form beside them names no enterprise
        items = [item for item in items if len(item[1].sheet.rows)]
    papers = [item for item in items if item[1].sheet.paper]
    tables = [item for item in items if not item[1].sheet.paper] or papers
    if not tables:
        return place_root(_keys_of_others(reading, title), reading.names)
    ownerless = [item.sheet for _, item in tables if not item.match.owner]
    if ownerless and (sum(len(item.sheet.rows) for _, item in tables) > 1 or len(ownerless) < len(tables)):
        raise EvidenceError([_no_owner(sheet) for sheet in ownerless])
    draft = _draft(reading, tables)
    if ownerless:
        draft.set_owner(pa.array([title or ONE_CASE] * draft.table.num_rows, pa.string()))
    placed, keys = place_root(draft, reading.names, distinct=reading.distinct)
    if tables is papers or not papers:
        return placed, keys
    joined = [_draft(reading, [paper]) for paper in papers]
    for paper in joined:
        paper.set_owner(pc.take(keys.keys, owners_of(paper, keys)))
    return place_root(stack([draft, *joined]), reading.names)


def _no_owner(sheet: Sheet) -> Problem:
    return Problem(
        "owner-missing",
        sheet.source,
        "no column says which enterprise a row belongs to",
        "a column `enterprise`, `key` or `credit_code` (统一社会信用代码)",
        f"add it; the columns are: {', '.join(sheet.headers[:12])}",
    )


def _keys_of_others(reading: _Reading, title: str) -> Draft:
    """A root table of nothing but keys."""
    keys: dict[str, None] = {}
    for item in reading.matched:
        position = item.match.roles.get("owner")
        if position is not None:
            from_column = read_rows(
                Sheet(
                    "", "", ("enterprise",), pa.table({"c0": item.sheet.column(position)}), item.sheet.rows
                ),
                0,
                ROOT,
                Match({}, {"owner": 0}, "enterprise"),
                reading.book,
            )
            keys.update(dict.fromkeys(pc.unique(from_column.table.column(KEY).drop_null()).to_pylist()))
    named = list(keys) or [title or ONE_CASE]
    rows = Sheet(
        ROOT,
        "(no table of enterprises)",
        ("enterprise",),
        pa.table({"c0": named}),
        pa.array(range(1, len(named) + 1)),
    )
    match = Match({}, {"owner": 0}, "enterprise")
    reading.matched.append(Matched(rows, ROOT, match))
    what = f"there is no table of enterprises: the {len(named):,} owners named in other tables are taken"
    reading.notes.append(
        Problem("root-missing", title or "evidence", what, ROOT, "add one to give facts of the enterprise")
    )
    return read_rows(rows, len(reading.matched) - 1, ROOT, match, reading.book)


def _read_related(reading: _Reading, name: str, keys: Keys) -> Placed:
    """One related table (or the stated figures), placed."""
    items = reading.of(name)
    if len(keys.keys) > 1:
        ownerless = [item.sheet for _, item in items if not item.match.owner and len(item.sheet.rows)]
        if ownerless:
            raise EvidenceError([_no_owner(sheet) for sheet in ownerless])
    drafts = [_rows(reading, number, item) for number, item in items]
    for draft in drafts:
        draft.table = draft.table.append_column(CASE, owners_of(draft, keys))
    return place_related(stack(drafts), reading.book.entities.get(name), reading.names, keys)


def _assemble(reading: _Reading, root: Placed, keys: Keys, placed: dict[str, Placed]) -> Evidence:
    """Put everything together."""
    book, count = reading.book, len(keys.keys)
    sources = [
        Source(
            item.sheet.source,
            {name: place.header for name, place in item.match.fields.items()},
            {
                name: item.sheet.places[p.position]
                for name, p in item.match.fields.items()
                if p.position in item.sheet.places
            },
            item.sheet.rows[0].as_py() if len(item.sheet.rows) else 1,
        )
        for item in reading.matched
    ]
    as_of, faults = _one_a_case(root.table, "_as_of", count, reading.names)
    base_year, more = _one_a_case(root.table, "_base_year", count, reading.names)
    completeness, lost = settle_completeness(root.table, count, placed, book, reading.names)
    stated, bad = read_stated(placed.pop(STATED, None), sources, book, base_year, as_of)
    tables = {ROOT: root.table, **{name: item.table for name, item in placed.items() if item.table.num_rows}}
    return Evidence(
        keys=keys.keys,
        tables=tables,
        inputs={name: book.inputs_of(name) for name in (ROOT, *book.entities)},
        entities=book.entities,
        as_of=as_of,
        base_year=base_year,
        completeness=completeness,
        stated=stated,
        sources=tuple(sources),
        quarantine=(*reading.rejected, *faults, *more, *lost, *bad),
        notes=tuple(reading.notes),
    )


def _one_a_case(root: pa.Table, name: str, count: int, sources: list[str]) -> tuple[pa.Array, list[Rejected]]:
    """What the root rows of a case say of it as a whole (several origins, several rows); if they differ.

    Nothing.
    """
    column, cases = root.column(name).combine_chunks(), root.column(CASE).combine_chunks()
    if len(cases) == count:
        return column, []
    values: dict[int, object] = {}
    rejected = []
    for row in pc.indices_nonzero(pc.is_valid(column)).to_pylist():
        case, value = cases[row].as_py(), column[row].as_py()
        if values.setdefault(case, value) != value:
            at = (sources[root.column("_source")[row].as_py()], root.column("_row")[row].as_py())
            reason = f"differs from {values[case]} in another row of the case: neither is taken"
            rejected.append(Rejected(ROOT, *at, name[1:], str(value), reason, whole=False))
            values[case] = None
    return pa.array([values.get(case) for case in range(count)], column.type), rejected
