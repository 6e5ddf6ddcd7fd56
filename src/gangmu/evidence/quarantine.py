"""What was not taken over, and why: nothing is dropped in silence.

A row goes to quarantine whole when it cannot be placed (its key, its period, a duplicate); a single
unreadable cell goes there alone and is unknown in its row. Each entry says table, row, field, value and
reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from gangmu.evidence.sheets import text_of

MAX_SHOWN = 200  # characters of a bad value, enough to find it again


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row (`whole`) or one cell that was not taken over.

    `cells` is how many cells the entry stands for: a column in a wrong unit is one entry.
    """

    table: str  # entity, or the table's own name where it matched none
    source: str  # file, sheet
    row: int
    field: str  # empty: the row as such
    value: str
    reason: str
    whole: bool = True
    cells: int = 1

    def __str__(self) -> str:
        """Write on one line for a person."""
        field_ = f", {self.field}" if self.field else ""
        value = f" {self.value[:60]!r}" if self.value else ""
        return f"{self.source} row {self.row}{field_}:{value} {self.reason}"


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was read and how much was not."""

    cases: int
    rows: Mapping[str, int] = field(default_factory=dict)  # by entity, taken over
    rows_rejected: int = 0
    cells_rejected: int = 0


@dataclass
class Collector:
    """Gathers what is wrong with one sheet: bad cells, and rows that are lost because a vital cell is bad."""

    table: str
    source: str
    rows: pa.Array
    rejected: list[Rejected] = field(default_factory=list)
    lost: dict[int, tuple[str, str, str]] = field(default_factory=dict)  # position -> field, value, reason

    def add(self, name: str, texts: pa.Array, bad: Mapping[int, str], *, vital: bool) -> None:
        """Note the bad cells of a column, by position."""
        for row, reason in sorted(bad.items()):
            value = shown(text_of(texts[row].as_py()) or "")
            if vital:
                self.lost.setdefault(row, (name, value, reason))
            else:
                number = self.rows[row].as_py()
                self.rejected.append(
                    Rejected(self.table, self.source, number, name, value, reason, whole=False)
                )

    def add_column(self, name: str, header: str, reason: str, cells: int) -> None:
        """Note that a whole column was not read, in one entry."""
        why = f"{reason}: {cells:,} cells not read"
        self.rejected.append(
            Rejected(self.table, self.source, 1, name, header, why, whole=False, cells=cells)
        )


def shown(value: str) -> str:
    """A value short enough for a message."""
    return value if len(value) <= MAX_SHOWN else f"{value[:MAX_SHOWN]}..."


COLUMNS = ("table", "source", "row", "field", "value", "reason", "whole", "cells")


def quarantine_table(entries: Iterable[Rejected]) -> pa.Table:
    """The quarantine as an Arrow table, one row an entry."""
    listed = list(entries)
    types = (
        pa.string(),
        pa.string(),
        pa.int64(),
        pa.string(),
        pa.string(),
        pa.string(),
        pa.bool_(),
        pa.int64(),
    )
    return pa.table(
        {
            name: pa.array([getattr(entry, name) for entry in listed], kind)
            for name, kind in zip(COLUMNS, types, strict=True)
        }
    )
