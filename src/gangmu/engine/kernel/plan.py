"""What to run: the rules below those asked, their stretches of time, what the kernel refuses and why.

Cases are put together by the stretch of time in which no edition of the rules asked changes; within one, the
as-of date and the base year are run-time arguments, or columns where they differ.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from gangmu.engine.kernel.columns import GIVEN, Array, Column, bucket
from gangmu.engine.kernel.run import quantity
from gangmu.engine.kernel.sources import Clock
from gangmu.rulebook import model
from gangmu.rulebook.graph import entities_read, graph_of

EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Below:
    """The rules that an asked set reads."""

    rules: tuple[model.Rule, ...]

    @property
    def inputs(self) -> tuple[model.Rule, ...]:
        """Inputs among them."""
        return tuple(rule for rule in self.rules if rule.kind == "input")

    @property
    def entities(self) -> tuple[str, ...]:
        """Related entities whose rows are aggregated."""
        return entities_read(self.rules)

    def boundaries(self) -> list[date]:
        """Days on which an edition begins or ends."""
        days = {
            day
            for rule in self.rules
            for edition in rule.editions
            for day in (edition.start, edition.end)
            if day is not None
        }
        return sorted(days)

    def judged(self) -> bool:
        """Whether an expert's band may leave a row open that has no holes."""
        return any(
            row.cell.band is not None
            for rule in self.rules
            for edition in rule.editions
            if isinstance(edition.body, model.Table)
            for row in edition.body.rows
        )

    def stated(self) -> set[str]:
        """Rules for which a stated figure may stand."""
        return {
            rule.name
            for rule in self.rules
            for edition in rule.editions
            if isinstance(edition.body, model.Formula) and edition.body.stated
        }


def below(book: model.Rulebook, names: Iterable[str]) -> Below:
    """Everything that the named rules read, and themselves."""
    reached = graph_of(book).below(names)
    return Below(tuple(rule for name, rule in book.rules.items() if name in reached))


@dataclass(frozen=True, slots=True)
class Days:
    """The as-of date of every row: one for all, or ordinals."""

    length: int
    one: date | None
    each: Array | None = None

    def __getitem__(self, row: int) -> date:
        if self.one is not None or self.each is None:
            assert self.one is not None  # noqa: S101  one of the two is there
            return self.one
        return date.fromordinal(int(self.each[row]))

    def ordinals(self) -> Array:
        """All days as ordinals; one if all rows agree."""
        if self.each is None or self.one is not None:
            return np.array([self[0].toordinal()])
        return self.each

    def years(self) -> Array:
        """The year of every day; one if all rows agree."""
        distinct, place = np.unique(self.ordinals(), return_inverse=True)
        return np.array([date.fromordinal(int(day)).year for day in distinct], np.int64)[place]


def days_of(days: Sequence[date]) -> Days:
    """Days that may be all the same."""
    return _days(np.array([day.toordinal() for day in days], np.int64))


def days_in(days: pa.Array) -> Days:
    """The days of an Arrow column (date32)."""
    return _days(days.cast(pa.int32()).to_numpy(zero_copy_only=False).astype(np.int64) + EPOCH)


def _days(ordinals: Array) -> Days:
    same = len(ordinals) > 0 and bool((ordinals == ordinals[0]).all())
    return Days(len(ordinals), date.fromordinal(int(ordinals[0])) if same else None, ordinals)


def stretches(boundaries: Sequence[date], when: Days) -> dict[int, Array | None]:
    """The rows of each stretch of time (None: all rows)."""
    if when.one is not None or when.each is None:
        return {bisect_right(boundaries, when[0]): None}
    turns = np.array([day.toordinal() for day in boundaries], np.int64)
    groups = np.searchsorted(turns, when.each, side="right")
    numbers = np.unique(groups).tolist()
    if len(numbers) == 1:
        return {numbers[0]: None}
    return {group: np.flatnonzero(groups == group) for group in numbers}


def clock(values: Array, what: str) -> Clock:
    """One argument if all rows agree, else a column."""
    if len(values) <= 1 or (values == values[0]).all():
        return Clock(quantity(int(values[0]) if len(values) else 1, what))
    lo, hi = bucket(int(values.min()), int(values.max()))
    return Clock(column=Column("number", values.astype(np.int32), 1, lo, hi))


def holes_of(
    columns: Mapping[str, Column], inputs: Iterable[model.Rule], length: int
) -> tuple[Array | None, Array | None]:
    """Rows in which a fact that is read is not given; rows in which one does not fit a column."""
    states: Array | None = None
    hard: Array | None = None
    for rule in inputs:
        column = columns.get(rule.name)
        if column is None:
            return np.ones(length, bool), hard
        if column.state is not None:
            states = (
                column.state.copy() if states is None else np.bitwise_or(states, column.state, out=states)
            )
        if column.hard is not None:
            hard = column.hard if hard is None else hard | column.hard
    return None if states is None else states != GIVEN, hard
