"""Rows of a related entity as an engine sees them: those given and visible, and those that are missing.

A missing row is a line of unknowns: one a fiscal year where a row is expected, or one that stands for any
number of others (`many`). So "not handed in" is never "not there", and an aggregate needs no special case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from gangmu.engine.values import INF, Interval, Value, point
from gangmu.evidence.facts import Case, Fact, RelatedRow
from gangmu.rulebook.model import Entity

YEARS_BACK = 12  # missing fiscal years told apart one by one; older ones stand together


@dataclass(frozen=True, slots=True)
class Line:
    """A row or a missing row: its period and its facts.

    `certain`: it exists. `many`: it stands for any number of rows.
    """

    id: int
    entity: str
    period: Value
    facts: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    certain: bool = True
    many: bool = False
    given: RelatedRow | None = None


def lines_of(
    entity: Entity, case: Case, as_of: date, base_year: int, since: Value | None
) -> tuple[Line, ...]:
    """All lines of one entity for one case.

    `since` is the owner's date from which a row a year is expected (None: not expected).
    """
    lines: list[Line] = []
    for row in case.rows.get(entity.name, ()):
        line = _given(entity, row, as_of, len(lines))
        if line is not None:
            lines.append(line)
    if case.completeness.get(entity.name, "partial") != "partial":
        return tuple(lines)
    if since is None:
        lines.append(Line(len(lines), entity.name, _visible_periods(entity, as_of), certain=False, many=True))
        return tuple(lines)
    return (*lines, *_missing_years(entity, lines, as_of, base_year, since))


def _given(entity: Entity, row: RelatedRow, as_of: date, number: int) -> Line | None:
    """A given row, unless its period ends after the as-of date or nothing in it was known by then."""
    facts = [fact for options in row.facts.values() for fact in options]
    if facts and all(fact.known_on is not None and fact.known_on > as_of for fact in facts):
        return None
    match row.period:
        case None if entity.period:
            period, certain = _visible_periods(entity, as_of), False
        case None:
            period, certain = Value(Interval(-INF, INF)), True
        case date() as day:
            if day > as_of:
                return None
            period, certain = point(day.toordinal()), True
        case year:
            if year > _last_closed(as_of):
                return None
            period, certain = point(year), True
    return Line(number, entity.name, period, row.facts, certain, given=row)


def _last_closed(as_of: date) -> int:
    """The last fiscal year (to 31 December) that has ended."""
    return as_of.year if (as_of.month, as_of.day) == (12, 31) else as_of.year - 1


def _visible_periods(entity: Entity, as_of: date) -> Value:
    match entity.period_kind:
        case "year":
            return Value(Interval(-INF, Fraction(_last_closed(as_of))))
        case "date":
            return Value(Interval(-INF, Fraction(as_of.toordinal())))
        case _:
            return Value(Interval(-INF, INF))


def _missing_years(
    entity: Entity, lines: list[Line], as_of: date, base_year: int, since: Value
) -> list[Line]:
    """A line of unknowns for each closed year without a row; older years stand together.

    A line is undecided where the owner may not have existed.
    """
    if not isinstance(since.ordinary, Interval):
        return []
    first, last = min(base_year, as_of.year) - YEARS_BACK, _last_closed(as_of)
    have = {line.period.interval.lo for line in lines if line.period.is_known}
    missing: list[Line] = []
    for year in range(last, first - 1, -1):
        ends = date(year, 12, 31).toordinal()
        if year not in have and since.ordinary.lo <= ends:
            certain = since.ordinary.hi <= ends
            missing.append(Line(len(lines) + len(missing), entity.name, point(year), certain=certain))
    if since.ordinary.lo <= date(first - 1, 12, 31).toordinal():
        older = Value(Interval(-INF, Fraction(first - 1)))
        missing.append(Line(len(lines) + len(missing), entity.name, older, certain=False, many=True))
    return missing
