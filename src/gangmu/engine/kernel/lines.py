"""Rows of a related entity as columns: those given and visible, and lines of unknowns for those missing.

The vectorised `engine.rows`: a missing fiscal year becomes a line in which nothing is given, so a loop over
lines needs no special case. `window` is how many years back any aggregate looks; what it never looks at is
left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from gangmu.engine.kernel.columns import GIVEN, MISSING, NONE, Array, Column
from gangmu.engine.rows import YEARS_BACK
from gangmu.rulebook import model

SURE, MANY, OPEN = 1, 2, 4  # the line exists; stands for any number of rows; its period is only bounded above
_TEXTLESS = np.zeros(1, np.uint8)
MAX_SPAN = 200  # fiscal years told apart; owners whose base year lies further off are for the interpreter


@dataclass(slots=True)
class Related:
    """The visible rows given of one entity, sorted by owner."""

    entity: model.Entity
    owner: Array  # int32: the owner's place
    columns: Mapping[str, Column] = field(default_factory=dict)  # by full name
    period: Array | None = None  # int32: day or fiscal year
    closed: Array | None = None  # owners of which no row can be missing (None: none of them)

    def take(self, rows: Array, length: int) -> Related:
        """The rows of some of `length` owners."""
        place = np.full(length, -1, np.int32)
        place[rows] = np.arange(len(rows), dtype=np.int32)
        kept = np.flatnonzero(place[self.owner] >= 0)
        return Related(
            self.entity, place[self.owner[kept]],
            {name: taken(column, kept) for name, column in self.columns.items()},
            None if self.period is None else self.period[kept],
            None if self.closed is None else self.closed[rows],
        )  # fmt: skip


def none_given(entity: model.Entity) -> Related:
    """No rows of an entity, and none said to be all."""
    nobody = np.zeros(0, np.int32)
    return Related(entity, nobody, {}, nobody if entity.period else None)


@dataclass(slots=True)
class Owners:
    """What the owners say of their rows: days, base years (one, or one each), since when rows are due."""

    length: int
    as_of: Array
    base_year: Array
    since: Column | None = None


@dataclass(slots=True)
class Lines:
    """Lines of one entity, sorted by owner; `flags` None: every line exists and its period is known."""

    entity: model.Entity
    owner: Array
    columns: Mapping[str, Column]
    period: Column | None
    flags: Array | None
    hard: Array | None = None  # owners that only the interpreter can take

    def __len__(self) -> int:
        return len(self.owner)

    def array(self, part: str) -> Array:
        """An array of the lines themselves."""
        found = self.period.values if part == "period" and self.period else getattr(self, part)
        assert isinstance(found, np.ndarray)  # noqa: S101  a slot is made of what is there
        return found

    def is_period(self, rule: model.Rule) -> bool:
        """Whether an input is the period of these lines."""
        return rule.entity == self.entity.name and rule.short.rpartition(".")[2] == self.entity.period


def taken(column: Column, rows: Array) -> Column:
    """Some rows of a column; nothing is given where a row is -1."""
    lost = rows < 0
    some_lost = bool(lost.any())
    state = None if column.state is None else _at(column.state, rows)
    if some_lost:
        state = np.zeros(len(rows), np.uint8) if state is None else state
        state[lost] = MISSING
    if column.kind == "text":
        return replace(column, state=state)
    values = _at(column.values, rows)
    if some_lost:
        values[lost] = max(column.lo, 0) if column.kind == "number" else column.lo
    hard = None if column.hard is None else _at(column.hard, rows) & ~lost
    return replace(column, values=values, state=state, hard=hard)


def _at(values: Array, rows: Array) -> Array:
    """Some places of an array; what stands at -1 does not count."""
    if not len(values):
        return np.zeros(len(rows), values.dtype)
    return np.ascontiguousarray(values[rows])


def lines_of(related: Related, owners: Owners, window: int | None) -> Lines:
    """All lines of some owners that an aggregate looking `window` fiscal years back can count."""
    entity = related.entity
    year = _years(owners.as_of)
    last = _last_closed(owners.as_of, year)
    base = np.broadcast_to(owners.base_year, len(last)) if len(owners.base_year) == 1 else owners.base_year
    kept = _within(related, base, window)
    spans = [_given(related, kept)]
    hard = None
    partial = np.ones(owners.length, bool) if related.closed is None else ~related.closed
    if entity.since:
        more, hard = _missing_years(related, owners, (year, last, base), partial, window)
        spans += more
    elif partial.any():
        limit = last if entity.period_kind == "year" else owners.as_of
        spans.append(_span(np.flatnonzero(partial), limit, MANY | OPEN))
    rows, owner, period, flags = (np.concatenate(parts) for parts in zip(*spans, strict=True))
    if len(owner) and (np.diff(owner) < 0).any():
        order = np.argsort(owner, kind="stable")
        rows, owner, period, flags = rows[order], owner[order], period[order], flags[order]
    whole = len(rows) == len(related.owner) and bool((rows == np.arange(len(rows))).all())
    columns = related.columns if whole else {n: taken(c, rows) for n, c in related.columns.items()}
    if not whole or any(column.hard is not None for column in columns.values()):
        hard = _hard(columns, owner, owners.length, hard)
    told = None if bool((flags == SURE).all()) else np.ascontiguousarray(flags)
    return Lines(entity, np.ascontiguousarray(owner), columns, _period(entity, period), told, hard)


def _hard(columns: Mapping[str, Column], owner: Array, length: int, hard: Array | None) -> Array | None:
    """Owners of whom some value does not fit a word."""
    for column in columns.values():
        if column.hard is not None and column.hard.any():
            hard = np.zeros(length, bool) if hard is None else hard
            hard[owner[column.hard]] = True
    return hard


def _period(entity: model.Entity, period: Array) -> Column | None:
    if not entity.period:
        return None
    lo, hi = (1, 3_652_059) if entity.period_kind == "date" else (-MAX_SPAN, 9_999)
    return Column("number", np.ascontiguousarray(period), 1, lo, hi)


_Span = tuple[Array, Array, Array, Array]  # row given (-1: none), owner, period, flags


def _span(owners: Array, period: Array, flags: int | Array) -> _Span:
    """Lines without a row: one for each owner listed."""
    count = len(owners)
    period = np.full(count, period[0]) if len(period) == 1 else period[owners]
    told = np.full(count, flags, np.uint8) if isinstance(flags, int) else flags
    return np.full(count, -1, np.int64), owners.astype(np.int32), period.astype(np.int32), told


def _given(related: Related, kept: Array | None) -> _Span:
    rows = np.arange(len(related.owner)) if kept is None else kept
    period = np.zeros(len(rows), np.int32) if related.period is None else related.period[rows]
    return rows, related.owner[rows], period, np.full(len(rows), SURE, np.uint8)


def _within(related: Related, base: Array, window: int | None) -> Array | None:
    """The rows of the fiscal years that are looked at (None: all)."""
    if window is None or related.period is None:
        return None
    year = base[related.owner] if len(base) > 1 else base
    inside = (related.period >= year - window) & (related.period < year)
    return None if inside.all() else np.flatnonzero(inside)


def _missing_years(
    related: Related, owners: Owners, clock: tuple[Array, Array, Array], partial: Array, window: int | None
) -> tuple[list[_Span], Array | None]:
    """A line for each closed year without a row, and one for all older years; owners too far off."""
    year, last, base = (np.broadcast_to(part, owners.length) for part in clock)
    low, high, told = _since(owners)
    first = np.minimum(base, year) - YEARS_BACK
    oldest = first if window is None else np.maximum(first, base - window)
    newest = last if window is None else np.minimum(last, base - 1)
    width = newest - oldest + 1
    wanted = partial & told
    far = wanted & (width > MAX_SPAN)
    wanted &= ~far
    span = int(width[wanted].max(initial=0))
    have = _have(related, newest, span, owners.length)
    spans = []
    for back in range(span):
        here = newest - back
        ends = _year_ends(here)
        places = np.flatnonzero(wanted & (back < width) & ~have[:, back] & (low <= ends))
        if len(places):
            flags = np.where(high[places] <= ends[places], SURE, 0).astype(np.uint8)
            spans.append(_span(places, here, flags))
    older = wanted & (low <= _year_ends(first - 1))
    if window is not None:
        older &= base - window <= first - 1
    if older.any():
        spans.append(_span(np.flatnonzero(older), first - 1, MANY | OPEN))
    return spans, far if far.any() else None


def _have(related: Related, newest: Array, span: int, length: int) -> Array:
    """Which owner has a row of which year, counted back from its newest."""
    have = np.zeros((length, span), bool)
    if related.period is not None and span:
        back = newest[related.owner] - related.period
        inside = (back >= 0) & (back < span)
        have[related.owner[inside], back[inside]] = True
    return have


def _since(owners: Owners) -> tuple[Array, Array, Array]:
    """From when on rows are due, at the earliest and at the latest; where that is not said to be none."""
    endless = np.iinfo(np.int64)
    column = owners.since
    if column is None:
        shape = np.ones(owners.length, bool)
        return np.full(owners.length, endless.min), np.full(owners.length, endless.max), shape
    days = column.values.astype(np.int64)
    if column.state is None:
        return days, days, np.ones(owners.length, bool)
    given = column.state == GIVEN
    return (
        np.where(given, days, endless.min), np.where(given, days, endless.max), column.state != NONE,
    )  # fmt: skip


def _years(as_of: Array) -> Array:
    """The year of each day."""
    return _mapped(as_of, lambda day: day.year)


def _last_closed(as_of: Array, year: Array) -> Array:
    """The last fiscal year (to 31 December) that has ended."""
    return year - _mapped(as_of, lambda day: int((day.month, day.day) != (12, 31)))


def _mapped(days: Array, what: object) -> Array:
    assert callable(what)  # noqa: S101
    distinct, place = np.unique(days, return_inverse=True)
    return np.array([what(date.fromordinal(int(day))) for day in distinct], np.int64)[place]


_ENDS = np.array([0, *(date(year, 12, 31).toordinal() for year in range(1, 10_000))], np.int64)


def _year_ends(years: Array) -> Array:
    """The last day of each year."""
    found: Array = _ENDS[np.clip(years, 0, 9_999)]
    return found
