"""Whether a case's list of related rows is complete, partial or empty.

As it says itself and as its rows bear out.

`complete: patent|loan` is a claim; it falls when a row of that list went to quarantine. `empty` falls when
there is a row. What falls is partial, and is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.evidence.columns import bare, entity_of
from gangmu.evidence.place import CASE, Placed
from gangmu.evidence.quarantine import Rejected
from gangmu.evidence.sheets import numbered
from gangmu.rulebook.model import ROOT, Rulebook


def settle_completeness(
    root: pa.Table, count: int, placed: Mapping[str, Placed], book: Rulebook, sources: list[str]
) -> tuple[dict[str, pa.Array], list[Rejected]]:
    """State of each related entity by case; an entity that is partial everywhere is left out.

    Claims are read once for each distinct text; only those that cannot stand are looked at one by one.
    """
    claims = [(state, _claims(root, state, book)) for state in ("complete", "empty")]
    named = {entity for _, told in claims for names in told.names for _, entity in names}
    states: dict[str, pa.Array] = {}
    doubtful: set[int] = set()
    for entity in (name for name in book.entities if name in named):
        complete, empty = (_by_case(root, told, entity, count) for _, told in claims)
        found = placed.get(entity)
        faults = pc.and_(complete, empty)
        if found is not None:
            damaged = _has(count, found.damaged)
            faults = pc.or_(faults, pc.and_(pc.or_(complete, empty), damaged))
            faults = pc.or_(faults, pc.and_(empty, _has(count, found.table.column(CASE))))
        doubtful.update(pc.indices_nonzero(faults).to_pylist())
        told = pc.if_else(empty, "empty", pc.if_else(complete, "complete", "partial"))
        states[entity] = pc.if_else(faults, "partial", told)
    return states, _refuted(root, claims, doubtful, (placed, book, sources))


@dataclass(frozen=True, slots=True)
class _Claims:
    """What a column says is complete, or empty: texts by row, and of each distinct text the names."""

    indices: pa.Array
    names: list[list[tuple[str, str]]]  # as written, the entity meant


def _claims(root: pa.Table, state: str, book: Rulebook) -> _Claims:
    coded = root.column(f"_{state}").combine_chunks().dictionary_encode()
    names = []
    for text in coded.dictionary.to_pylist():
        parts = text.replace("、", "|").replace(",", "|").split("|")
        names.append([(part.strip(), entity_of(part.strip(), book)) for part in parts if bare(part)])
    return _Claims(coded.indices, names)


def _by_case(root: pa.Table, told: _Claims, entity: str, count: int) -> pa.Array:
    """The cases of which the claim is made of an entity."""
    texts = [number for number, names in enumerate(told.names) if entity in {meant for _, meant in names}]
    hit = pc.is_in(told.indices, value_set=pa.array(texts, told.indices.type))
    return _has(count, root.column(CASE).filter(hit))


def _has(count: int, cases: Iterable[int]) -> pa.Array:
    """Which of so many cases are among some."""
    listed = cases if isinstance(cases, pa.ChunkedArray) else pa.array(sorted(cases), pa.int64())
    return pc.is_in(numbered(count), value_set=listed)


def _refuted(
    root: pa.Table, claims: list[tuple[str, _Claims]], doubtful: set[int],
    about: tuple[Mapping[str, Placed], Rulebook, list[str]],
) -> list[Rejected]:  # fmt: skip
    """The claims that cannot stand, each with the reason."""
    placed, book, sources = about
    rejected: list[Rejected] = []
    states: dict[tuple[str, int], str] = {}
    cases = root.column(CASE)
    for state, told in claims:
        strange = [
            number
            for number, names in enumerate(told.names)
            if any(entity not in book.entities for _, entity in names)
        ]
        looked = pc.is_in(told.indices, value_set=pa.array(strange, told.indices.type))
        looked = pc.or_(looked, pc.is_in(cases, value_set=pa.array(sorted(doubtful), pa.int64())))
        looked = pc.and_(looked, pc.is_valid(told.indices))
        for row in pc.indices_nonzero(looked).to_pylist():
            at = (sources[root.column("_source")[row].as_py()], root.column("_row")[row].as_py())
            for name, entity in told.names[told.indices[row].as_py()]:
                if entity not in book.entities:
                    reason = f"is no entity (one of {', '.join(book.entities)})"
                    rejected.append(Rejected(ROOT, *at, state, name, reason, whole=False))
                    continue
                case = cases[row].as_py()
                fault = _contradiction(state, entity, case, placed)
                if states.get((entity, case), state) != state:
                    fault = "is said to be both complete and empty: taken as partial"
                if fault:
                    rejected.append(Rejected(ROOT, *at, state, name, fault, whole=False))
                states[entity, case] = "partial" if fault else state
    return rejected


def _contradiction(state: str, entity: str, case: int, placed: Mapping[str, Placed]) -> str:
    """Why a claim cannot stand; empty if it can."""
    found = placed.get(entity)
    if found is None:
        return ""
    if case in found.damaged:
        return f"cannot be {state}, since a row of it is in quarantine: taken as partial"
    if state == "empty" and case in found.cases:
        return "is said to be empty, but has rows: taken as partial"
    return ""
