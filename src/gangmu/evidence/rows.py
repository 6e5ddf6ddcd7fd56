"""A sheet that is understood becomes a canonical table; the sheets of one entity become one.

A canonical table has, beside `enterprise` (the owner's key) and a typed column for each field, `FIELD.none`
(said not to exist), `FIELD.text` (as written; typed where the table was typed), and where each row came from:
`_origin`, `_document`, `_known_on`, `_source` (a number), `_row`. What cannot be read is returned beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.evidence.cells import Column, as_texts, common_scale, is_typed, narrow, read_column, read_texts
from gangmu.evidence.columns import STATED, Match, Place, Role
from gangmu.evidence.quarantine import Collector, Rejected
from gangmu.evidence.sheets import Sheet
from gangmu.evidence.typed import read_typed
from gangmu.rulebook.model import ORIGINS, ROOT, Input, Rulebook

KEY = "enterprise"
NONE, TEXT = ".none", ".text"
_DAY, _YEAR, _WORDS = Input("date"), Input("year"), Input("text")
_TYPES = {"date": pa.date32(), "year": pa.int32(), "text": pa.string()}


@dataclass
class Draft:
    """The canonical table of an entity in the making; `lost` has a reason for each row to reject whole."""

    entity: str
    owner: str  # what the owner's column has, as in `Match`
    table: pa.Table
    rejected: list[Rejected] = field(default_factory=list)
    lost: dict[int, tuple[str, str, str]] = field(default_factory=dict)  # position -> field, value, reason

    def set_owner(self, keys: pa.Array) -> None:
        """Say whose each row is."""
        self.table = self.table.set_column(self.table.column_names.index(KEY), KEY, keys)


def read_rows(  # noqa: PLR0913  a sheet, what it is, and how much to keep of it
    sheet: Sheet, number: int, entity: str, match: Match, book: Rulebook, *, texts: bool = True
) -> Draft:
    """Read the cells of a matched sheet, the `number`-th source; without `texts` not how they are written."""
    bad = Collector(entity, sheet.source, sheet.rows)
    inputs = book.inputs_of(entity)
    period = book.entities[entity].period if entity in book.entities else ""
    columns: dict[str, pa.Array] = {}
    for name, place in match.fields.items():
        raw, body = sheet.column(place.position), inputs[name].input
        typed = None if texts or place.wrong_unit else read_typed(raw, body, place.asked)
        if typed is not None:
            columns[name] = typed
            continue
        written = raw if is_typed(raw, body) else as_texts(raw)
        column = _read(name, place, (body, written), bad)
        bad.add(name, written, column.bad, vital=name == period)
        columns[name] = column.values
        if pc.any(column.none).as_py():
            columns[name + NONE] = column.none
        if texts:
            columns[name + TEXT] = written
    columns.update(_reserved(sheet, entity, match, bad))
    if entity == ROOT:
        columns.update({f"={sheet.headers[extra]}": as_texts(sheet.column(extra)) for extra in match.extra})
    columns["_source"] = pa.repeat(pa.scalar(number, pa.int32()), len(sheet.rows))
    columns["_row"] = sheet.rows
    return Draft(entity, match.owner, pa.table(columns), bad.rejected, bad.lost)


def _read(name: str, place: Place, asked: tuple[Input, pa.Array], bad: Collector) -> Column:
    """One field; a heading in a wrong unit makes all its cells unknown."""
    body, raw = asked
    if place.wrong_unit:
        bad.add_column(name, place.header, place.wrong_unit, len(raw) - raw.null_count)
        return read_texts(pa.nulls(len(raw), pa.string()), body)
    return read_column(raw, body, place.asked)


def _reserved(sheet: Sheet, entity: str, match: Match, bad: Collector) -> dict[str, pa.Array]:
    """The owner's key, origin, document and day known, and what a root row says of its case."""

    def column(role: Role, body: Input, *, vital: bool = False) -> pa.Array:
        position = match.roles.get(role)
        if position is None:
            return pa.nulls(len(sheet.rows), _TYPES[body.input])
        raw = sheet.column(position)
        read = read_column(raw, body)
        bad.add(role, as_texts(raw), read.bad, vital=vital)
        return read.values

    origin = column("origin", _WORDS)
    known = _known_origins(origin)
    wrong = pc.indices_nonzero(pc.and_(pc.is_valid(origin), pc.is_null(known))).to_pylist()
    bad.add(
        "origin", origin, dict.fromkeys(wrong, f"is no origin (one of {', '.join(ORIGINS)})"), vital=False
    )
    columns = {
        KEY: column("owner", _WORDS, vital=True),
        "_origin": pc.fill_null(known, sheet.origin),
        "_document": pc.fill_null(column("document", _WORDS), sheet.document),
        "_known_on": column("known_on", _DAY, vital=True),
    }
    if entity == ROOT:
        columns["_as_of"] = column("as_of", _DAY, vital=True)
        columns["_base_year"] = column("base_year", _YEAR, vital=True)
        columns["_complete"] = column("complete", _WORDS)
        columns["_empty"] = column("empty", _WORDS)
    if entity == STATED:
        columns["_rule"] = column("rule", _WORDS)
        columns["_value"] = column("value", _WORDS)
        columns["_base_year"] = column("base_year", _YEAR, vital=True)
    return columns


def _known_origins(origins: pa.Array) -> pa.Array:
    """Origins in the language's words; others are null."""
    words = pc.replace_substring_regex(pc.utf8_lower(origins), r"[\s\-]+", "_")
    return pc.if_else(pc.is_in(words, value_set=pa.array(ORIGINS)), words, pa.scalar(None, pa.string()))


def stack(drafts: list[Draft]) -> Draft:
    """Several canonical tables of one entity as one; rows keep their order."""
    whole = Draft(drafts[0].entity, drafts[0].owner, _concat([draft.table for draft in drafts]))
    start = 0
    for draft in drafts:
        whole.rejected.extend(draft.rejected)
        whole.lost.update({start + row: why for row, why in draft.lost.items()})
        start += draft.table.num_rows
    return whole


def _concat(tables: list[pa.Table]) -> pa.Table:
    """Tables under one another; what one of them lacks is null there, decimals take the finest scale."""
    if len(tables) == 1:
        return tables[0]
    columns = {}
    for name in dict.fromkeys(name for table in tables for name in table.column_names):
        pieces = _alike([_piece(table, name) for table in tables])
        if name.endswith(TEXT) and len({piece.type for piece in pieces if piece is not None}) > 1:
            pieces = [None if piece is None else as_texts(piece) for piece in pieces]
        kind = next(piece.type for piece in pieces if piece is not None)
        filled = [
            pa.nulls(table.num_rows, kind) if piece is None else piece
            for table, piece in zip(tables, pieces, strict=True)
        ]
        if pa.types.is_decimal(kind) and len({piece.type for piece in filled}) > 1:
            filled = common_scale(filled)
        column = pa.concat_arrays(filled)
        column = narrow(column) if pa.types.is_decimal256(column.type) else column
        columns[name] = pc.fill_null(column, fill_value=False) if name.endswith(NONE) else column
    return pa.table(columns)


def _alike(pieces: list[pa.Array | None]) -> list[pa.Array | None]:
    """Integers as decimals, where a column has both."""
    if not any(piece is not None and pa.types.is_decimal(piece.type) for piece in pieces):
        return pieces
    return [
        pc.cast(piece, pa.decimal128(38, 0)) if piece is not None and piece.type == pa.int64() else piece
        for piece in pieces
    ]


def _piece(table: pa.Table, name: str) -> pa.Array | None:
    return table.column(name).combine_chunks() if name in table.column_names else None
