"""The editions of rules on a line of years: when each holds, and where the day asked about stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from gangmu.rulebook import model

WIDTH: Final = 1000
MOST_TICKS: Final = 8
AROUND: Final = 2  # years shown before the first date and after the last


@dataclass(frozen=True)
class Bar:
    """A stretch of a line: where it begins, its length, its days in words, whether it holds on the day."""

    x: float
    width: float
    words: str
    holds: bool


@dataclass(frozen=True)
class Row:
    """One rule: its address, its label, its editions."""

    url: str
    label: str
    bars: Sequence[Bar]


@dataclass(frozen=True)
class Timeline:
    """Rows over one line of years; `mark` is where the day asked about stands."""

    rows: Sequence[Row]
    ticks: Sequence[tuple[float, int]]
    mark: float
    width: int = WIDTH


def timeline(rules: Sequence[tuple[model.Rule, str]], as_of: date) -> Timeline | None:
    """The rules (with their labels) that are dated at all, on one line; None if no rule is."""
    dated = [(rule, label) for rule, label in rules if any(one.start or one.end for one in rule.editions)]
    if not dated:
        return None
    days = [day for rule, _ in dated for one in rule.editions for day in (one.start, one.end) if day]
    first, last = min(*days, as_of).year - AROUND, max(*days, as_of).year + AROUND
    start, span = date(first, 1, 1), (date(last, 12, 31) - date(first, 1, 1)).days

    def at(day: date | None, open_end: float) -> float:
        return open_end if day is None else WIDTH * (day - start).days / span

    rows = [
        Row(
            f"/rules/{rule.name}",
            label,
            [_bar(one, at(one.start, 0), at(one.end, WIDTH), as_of) for one in rule.editions],
        )
        for rule, label in dated
    ]
    step = max(1, -(-(last - first) // MOST_TICKS))
    ticks = [(at(date(year, 1, 1), 0), year) for year in range(first + AROUND, last + 1, step)]
    return Timeline(rows, ticks, at(as_of, 0))


def _bar(one: model.Edition, begins: float, ends: float, as_of: date) -> Bar:
    days = (one.start.isoformat() if one.start else "…", one.end.isoformat() if one.end else "…")
    return Bar(round(begins, 1), round(max(ends - begins, 2), 1), " – ".join(days), one.in_force(as_of))
