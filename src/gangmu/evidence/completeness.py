"""Whether a case's list of related rows is complete, partial or empty.

As it says itself and as its rows bear out.

`complete: patent|loan` is a claim; it falls when a row of that list went to quarantine. `empty` falls when
there is a row. What falls is partial, and is reported.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.evidence.columns import bare, entity_of
from gangmu.evidence.place import CASE, Placed
from gangmu.evidence.quarantine import Rejected
from gangmu.rulebook.model import ROOT, Rulebook


def settle_completeness(
    root: pa.Table, count: int, placed: Mapping[str, Placed], book: Rulebook, sources: list[str]
) -> tuple[dict[str, pa.Array], list[Rejected]]:
    """State of each related entity by case; an entity that is partial everywhere is left out."""
    rejected: list[Rejected] = []
    states: dict[str, dict[int, str]] = {}
    for state in ("complete", "empty"):
        for row, names in _claims(root, f"_{state}").items():
            for name in names:
                entity = entity_of(name, book)
                at = (sources[root.column("_source")[row].as_py()], root.column("_row")[row].as_py())
                if entity not in book.entities:
                    reason = f"is no entity (one of {', '.join(book.entities)})"
                    rejected.append(Rejected(ROOT, *at, state, name, reason, whole=False))
                    continue
                case = root.column(CASE)[row].as_py()
                fault = _contradiction(state, entity, case, placed)
                if states.get(entity, {}).get(case, state) != state:
                    fault = "is said to be both complete and empty: taken as partial"
                if fault:
                    rejected.append(Rejected(ROOT, *at, state, name, fault, whole=False))
                states.setdefault(entity, {})[case] = "partial" if fault else state
    return {
        entity: pa.array([by_case.get(case, "partial") for case in range(count)], pa.string())
        for entity, by_case in states.items()
    }, rejected


def _claims(root: pa.Table, column: str) -> dict[int, list[str]]:
    """Entities named in a column, by row."""
    texts = root.column(column).combine_chunks()
    return {
        row: [
            name.strip()
            for name in texts[row].as_py().replace("、", "|").replace(",", "|").split("|")
            if bare(name)
        ]
        for row in pc.indices_nonzero(pc.is_valid(texts)).to_pylist()
    }


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
