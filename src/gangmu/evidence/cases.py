"""Evidence: tables of facts sorted by owner, and the cases that are built from them when asked for.

Inside it is columns, for engines that read a million cases; outside it can be had case by case, for the
interpreter and for explanations. A case is found by bisection and built from a slice, so walking through
all of them costs one pass.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal, cast

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.errors import Problem, QuestionError
from gangmu.evidence.cells import SCALE, WIDE, as_texts
from gangmu.evidence.facts import Case, Fact, FactValue, RelatedRow, StatedFigure
from gangmu.evidence.place import CASE
from gangmu.evidence.quarantine import Counts, Rejected, quarantine_table
from gangmu.evidence.reach import Reach
from gangmu.evidence.rows import KEY, NONE, TEXT
from gangmu.evidence.sheets import Spot
from gangmu.rulebook.model import ROOT, Entity, Rule

READ = "read:"  # before a digest: of what was read, which is not all that there was
_BATCH = 4096
_USUAL = pa.decimal128(38, 12)
Completeness = Literal["complete", "partial", "empty"]


@dataclass(frozen=True)
class Source:
    """A table that was read: how it is called, the heading of each field.

    And places of cells that have their own.
    """

    name: str
    headers: Mapping[str, str]
    places: Mapping[str, tuple[Spot, ...]] = field(default_factory=dict)
    first_row: int = 1


@dataclass(frozen=True)
class Evidence:
    """Everything read, by entity, and everything that was not.

    `tables` has an Arrow table for each entity with rows (the root entity always): `enterprise` (key),
    `_case` (position of the key in `keys`; rows are sorted by it), a column for each field given (numbers
    as decimals or integers in base units, years as integers), `FIELD.none` where some cell says that there
    is none, `FIELD.text` as written, and `_origin`, `_document`, `_known_on`, `_source`, `_row`. `as_of`,
    `base_year` and each array of `completeness` (by related entity; absent: all partial) go with `keys`.
    """

    keys: pa.Array
    tables: Mapping[str, pa.Table]
    inputs: Mapping[str, Mapping[str, Rule]]
    entities: Mapping[str, Entity]
    as_of: pa.Array
    base_year: pa.Array
    completeness: Mapping[str, pa.Array]
    stated: Mapping[int, tuple[StatedFigure, ...]]
    sources: tuple[Source, ...]
    quarantine: tuple[Rejected, ...] = ()
    notes: tuple[Problem, ...] = ()
    reach: Reach | None = None  # what was read at most, if not everything
    unread: int = 0  # columns of fields that were not
    # what engines remember of the other parts of the same evidence, if it is one of several
    kin: dict[Any, Any] | None = field(default=None, compare=False, repr=False)

    def __len__(self) -> int:
        """Number of cases."""
        return len(self.keys)

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """What engines have made of the tables, kept for the next question; each under keys of its own."""
        return {}

    @cached_property
    def counts(self) -> Counts:
        """How much was read and how much was not."""
        return Counts(
            cases=len(self.keys),
            rows={name: table.num_rows for name, table in self.tables.items()},
            rows_rejected=sum(1 for entry in self.quarantine if entry.whole),
            cells_rejected=sum(entry.cells for entry in self.quarantine if not entry.whole),
        )

    @property
    def quarantined(self) -> pa.Table:
        """The quarantine as a table."""
        return quarantine_table(self.quarantine)

    def cases(self) -> Iterator[Case]:
        """All cases, in order."""
        for start in range(0, len(self.keys), _BATCH):
            yield from self._build(start, min(start + _BATCH, len(self.keys)))

    def case(self, key: str) -> Case:
        """One case by its key. Raises `QuestionError`."""
        place = self._places.get(key)
        if place is None:
            raise QuestionError(self._no_case(key))
        return self.case_at(place)

    def case_at(self, place: int) -> Case:
        """One case by its place among the keys."""
        return next(self._build(place, place + 1))

    def only(self, keys: Iterable[str]) -> Evidence:
        """The evidence of some cases, in the order of their keys. Raises `QuestionError`."""
        wanted = list(dict.fromkeys(keys))
        unknown = [self._no_case(key) for key in wanted if key not in self._places]
        if unknown:
            raise QuestionError(unknown)
        places = pa.array([self._places[key] for key in wanted], pa.int64())
        number = {place: row for row, place in enumerate(places.to_pylist())}
        return replace(
            self,
            keys=self.keys.take(places),
            tables={name: _of_cases(table, places) for name, table in self.tables.items()},
            as_of=self.as_of.take(places),
            base_year=self.base_year.take(places),
            completeness={name: column.take(places) for name, column in self.completeness.items()},
            stated={number[place]: told for place, told in self.stated.items() if place in number},
        )

    def carried(self, name: str) -> pa.Array:
        """The texts of a column that is no input, by case; null where there is none."""
        table = self.tables[ROOT]
        if f"={name}" not in table.column_names:
            return pa.nulls(len(self), pa.string())
        texts, cases = (table.column(column).combine_chunks() for column in (f"={name}", CASE))
        if len(texts) == len(self):
            return texts
        first: list[str | None] = [None] * len(self)
        for case, text in zip(cases.to_pylist(), texts.to_pylist(), strict=True):
            first[case] = text if first[case] is None else first[case]
        return pa.array(first, pa.string())

    @cached_property
    def _places(self) -> dict[str, int]:
        return {key: place for place, key in enumerate(self.keys.to_pylist())}

    def _no_case(self, key: str) -> Problem:
        gone = [str(entry) for entry in self.quarantine if entry.table == ROOT and entry.whole]
        return Problem(
            "case-unknown",
            key,
            "there is no such case",
            f"one of {', '.join(list(self._places)[:8])}" if len(self) else "",
            f"in quarantine: {'; '.join(gone[:3])}" if gone else "",
        )

    def bounds(self, entity: str, start: int, stop: int) -> tuple[int, int]:
        """The rows [first, last) of an entity that belong to the cases [start, stop)."""
        table = self.tables.get(entity)
        if table is None:
            return 0, 0
        column = table.column(CASE)
        span = range(table.num_rows)

        def case_at(row: int) -> int:
            return cast("int", column[row].as_py())

        return bisect_left(span, start, key=case_at), bisect_left(span, stop, key=case_at)

    def _build(self, start: int, stop: int) -> Iterator[Case]:
        """The cases [start, stop)."""
        rows = {name: self._read(name, start, stop) for name in self.tables}
        keys = self.keys[start:stop].to_pylist()
        as_of, base_year = self.as_of[start:stop].to_pylist(), self.base_year[start:stop].to_pylist()
        states = {name: column[start:stop].to_pylist() for name, column in self.completeness.items()}
        extra = self._extra(start, stop)
        for place, key in enumerate(keys):
            own = rows[ROOT].get(start + place, [])
            yield Case(
                key=key,
                facts=_merged([facts for _, facts, _ in own]),
                rows={
                    name: related_rows(self.entities[name], found[start + place])
                    for name, found in rows.items()
                    if name != ROOT and start + place in found
                },
                completeness={
                    name: states[name][place] if name in states else "partial" for name in self.entities
                },
                stated=self.stated.get(start + place, ()),
                as_of=as_of[place],
                base_year=base_year[place],
                extra=extra.get(start + place, {}),
            )

    def _extra(self, start: int, stop: int) -> dict[int, dict[str, str]]:
        """The columns that are no inputs, by case."""
        first, last = self.bounds(ROOT, start, stop)
        table = self.tables[ROOT].slice(first, last - first)
        names = [name for name in table.column_names if name.startswith("=")]
        cases = table.column(CASE).to_pylist() if names else []
        extra: dict[int, dict[str, str]] = {}
        for name in names:
            for case, value in zip(cases, table.column(name).to_pylist(), strict=True):
                if value is not None:
                    extra.setdefault(case, {}).setdefault(name[1:], value)
        return extra

    def _read(self, entity: str, start: int, stop: int) -> dict[int, list[_Row]]:
        """Rows of an entity by case, each as period, facts by field, and where it stood."""
        first, last = self.bounds(entity, start, stop)
        table = self.tables[entity].slice(first, last - first)
        columns = dict(zip(table.column_names, table.columns, strict=True))
        rows = _Rows(
            [self.sources[number] for number in columns["_source"].to_pylist()],
            *(columns[name].to_pylist() for name in ("_row", "_origin", "_document", "_known_on")),
        )
        facts: list[dict[str, Fact]] = [{} for _ in rows.sources]
        for name, rule in self.inputs[entity].items():
            if name in columns and (
                columns[name].null_count < len(facts) or name + NONE in columns
            ):  # else it says nothing
                for row, value, text in _given(columns, name):
                    facts[row][name] = rows.fact(row, name, value_of(value, rule.input.input), text)
        period = self.entities[entity].period if entity in self.entities else ""
        when = columns[period].to_pylist() if period else [None] * len(facts)
        found: dict[int, list[_Row]] = {}
        for row, case in enumerate(columns[CASE].to_pylist()):
            found.setdefault(case, []).append((when[row], facts[row], rows.place(row)))
        return found

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of what was read, whatever file it stood in.

        Keys, values, origins, documents and dates count; places, texts and what was not taken over do not.
        Where only some fields could be read it begins with `read:`, and their names count as well: it is
        another than that of the whole.
        """
        sha = hashlib.sha256()
        if self.reach is not None:
            fields = sorted((name, *sorted(told)) for name, told in self.reach.fields.items())
            sha.update(f"fields {fields}\n".encode())
        for part in self._content():
            sha.update(part)
        return f"{'' if self.reach is None else READ}{sha.hexdigest()}"

    def _content(self) -> Iterator[bytes | memoryview]:
        heads = {"keys": self.keys, "as_of": self.as_of, "base_year": self.base_year}
        for name, column in [*heads.items(), *sorted(self.completeness.items())]:
            yield from _bytes_of(name, column)
        for entity, table in sorted(self.tables.items()):
            yield f"entity {entity} {table.num_rows}\n".encode()
            for name in sorted(table.column_names):
                column = table.column(name).combine_chunks()
                place = name in ("_source", "_row", KEY) or name.endswith(TEXT)
                if not place and column.null_count < len(column):
                    yield from _bytes_of(name, column)
        for case, figures in sorted(self.stated.items()):
            for one in figures:
                told = (case, one.rule, one.base_year, str(one.fact.value), str(one.slack), one.fact.origin)
                yield repr(told).encode()


_Row = tuple[Any, dict[str, Fact], str]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where each row of a table came from."""

    sources: list[Source]
    numbers: list[int]
    origins: list[str]
    documents: list[str]
    known_on: list[date | None]

    def place(self, row: int) -> str:
        """Where a row stood."""
        return f"{self.sources[row].name} row {self.numbers[row]}"

    def fact(self, row: int, name: str, value: FactValue, text: str | None) -> Fact:
        """A cell of a row as a fact."""
        source, document = self.sources[row], self.documents[row]
        at = f"{self.place(row)}, column {source.headers.get(name, name)}"
        if name in source.places:
            spot = source.places[name][self.numbers[row] - source.first_row]
            at, document = spot.text, spot.document
        return Fact(value, text or "", self.origins[row], document, at, self.known_on[row])


def _given(columns: Mapping[str, pa.ChunkedArray], name: str) -> Iterator[tuple[int, Any, str | None]]:
    """The cells of a field that say something: row, value (None: there is none), text."""
    said = pc.is_valid(columns[name])
    if name + NONE in columns:
        said = pc.or_kleene(said, columns[name + NONE])
    rows = pc.indices_nonzero(said)
    values = columns[name].take(rows).to_pylist()
    texts: list[str | None] = [None] * len(values)
    if name + TEXT in columns:  # evidence that is read in parts does not keep them
        texts = as_texts(columns[name + TEXT].take(rows).combine_chunks()).to_pylist()
    yield from zip(rows.to_pylist(), values, texts, strict=True)


def value_of(value: object, kind: str) -> FactValue:
    """What an engine sees of a cell of an Arrow column, of an input of this kind."""
    if isinstance(value, Decimal):
        return Fraction(value)
    if kind in ("year", "number") and isinstance(value, int):
        return Fraction(value)
    return cast("FactValue", value)


def _of_cases(table: pa.Table, places: pa.Array) -> pa.Table:
    """The rows of some cases, which take their numbers from the order of the places."""
    numbers = pc.index_in(table.column(CASE), value_set=places.cast(table.schema.field(CASE).type))
    column = table.column_names.index(CASE)
    numbered = table.set_column(column, table.schema.field(CASE), numbers.cast(table.schema.field(CASE).type))
    kept = numbered.filter(pc.is_valid(numbers))
    return kept.take(pc.sort_indices(kept.column(CASE)))


def _merged(rows: list[dict[str, Fact]]) -> dict[str, tuple[Fact, ...]]:
    """Facts of the same thing from several rows, by field, in the order read."""
    merged: dict[str, tuple[Fact, ...]] = {}
    for facts in rows:
        for name, fact in facts.items():
            merged[name] = (*merged.get(name, ()), fact)
    return merged


def related_rows(entity: Entity, rows: list[_Row]) -> tuple[RelatedRow, ...]:
    """Rows of one case, each as period, facts and place.

    Those of the same period and key (they differ in origin) become one.
    """
    groups: dict[object, list[_Row]] = {}
    for number, row in enumerate(rows):
        period, facts, _ = row
        key = facts.get(entity.key) if entity.key else None
        same: object = (period, key.value if key else None)
        if (entity.key and key is None) or not (entity.period or entity.key):
            same = number
        groups.setdefault(same, []).append(row)
    return tuple(
        RelatedRow(
            group[0][0], _merged([facts for _, facts, _ in group]), "; ".join(at for _, _, at in group)
        )
        for group in groups.values()
    )


def _bytes_of(name: str, column: pa.Array) -> Iterator[bytes | memoryview]:
    """A column's content in a form that no library version, and no type of column, changes.

    Numbers with twelve decimals in 128 bits, or if they need more with all that a cell may have in 256; all
    else as texts with their lengths.
    """
    yield f"column {name} {len(column)}\n".encode()
    if pa.types.is_decimal(column.type):
        told, width = _one_scale(pc.fill_null(column, Decimal(0)))
        yield f"decimals of {width} bytes\n".encode()
        yield from _fixed(pc.is_valid(column).cast(pa.int8()), 1)
        yield from _fixed(told, width)
        return
    texts = pc.cast(column, pa.large_string())
    yield from _fixed(pc.fill_null(pc.binary_length(texts), -1), 8)
    offsets, data = texts.buffers()[1:]
    if data is not None and len(texts):
        ends = memoryview(offsets).cast("q")
        yield memoryview(data)[ends[texts.offset] : ends[texts.offset + len(texts)]]


def _one_scale(column: pa.Array) -> tuple[pa.Array, int]:
    """Numbers at one scale, whichever they were read at, and the bytes of each."""
    try:
        return pc.cast(column, _USUAL), 16
    except pa.ArrowInvalid:
        return pc.cast(column, pa.decimal256(WIDE, SCALE)), 32


def _fixed(column: pa.Array, width: int) -> Iterator[memoryview]:
    """The bytes of a column of fixed width without nulls."""
    if len(column):
        yield memoryview(column.buffers()[1])[column.offset * width : (column.offset + len(column)) * width]
