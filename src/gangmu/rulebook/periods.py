"""Periods as statistics write them: a year, a month, a day."""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import Final

_PERIOD: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def last_day(period: str) -> date | None:
    """The last day of a year (`2025`), a month (`2025-06`), or the day itself; None for any other text."""
    match = _PERIOD.fullmatch(period or "")
    if match is None:
        return None
    year, month, day = (int(part) if part else 0 for part in match.groups())
    try:
        if not month:
            return date(year, 12, 31)
        return date(year, month, day or calendar.monthrange(year, month)[1])
    except ValueError:
        return None
