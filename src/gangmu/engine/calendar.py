"""Calendar arithmetic on ordinals: completed months, months added, the year of a day.

Monotone, so it lifts to intervals.

A month after the 31st is the last day of a shorter month (as the Civil Code counts periods).
"""

from __future__ import annotations

import calendar
from datetime import date
from fractions import Fraction

from gangmu.engine.values import End

FIRST, LAST = date.min.toordinal(), date.max.toordinal()


def to_date(ordinal: End) -> date:
    """The day of an ordinal, kept within the calendar."""
    return date.fromordinal(int(min(max(ordinal, FIRST), LAST)))


def add_months(day: date, months: int) -> date:
    """The same day of the month, `months` later (or the month's last day), kept within the calendar."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if year < date.min.year:
        return date.min
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_between(start: End, end: End) -> End:
    """Completed calendar months from `start` to `end` (ordinals).

    Negative if `end` is earlier; endless if an end is.
    """
    if isinstance(start, float) or isinstance(end, float):
        return (
            end - start
            if not (isinstance(start, float) and isinstance(end, float) and start == end)
            else Fraction(0)
        )
    if end < start:
        return -Fraction(months_between(end, start))
    a, b = to_date(start), to_date(end)
    months = (b.year - a.year) * 12 + b.month - a.month
    return Fraction(months - (add_months(a, months) > b))


def add_months_to(ordinal: End, months: End) -> End:
    """ADD_MONTHS on ends; endless stays endless."""
    if isinstance(ordinal, float):
        return ordinal
    if isinstance(months, float):
        return months
    return Fraction(add_months(to_date(ordinal), int(months)).toordinal())


def year_of(ordinal: End) -> End:
    """YEAR on an end."""
    return ordinal if isinstance(ordinal, float) else Fraction(to_date(ordinal).year)
