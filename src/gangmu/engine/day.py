"""One day as people write it: `2025-06-30`, `today`."""

from __future__ import annotations

from datetime import date

from gangmu.errors import Problem, QuestionError


def read_day(text: str | date | None) -> date:
    """Read one day; nothing said means today. Raises `QuestionError`."""
    day = text if isinstance(text, date) else day_of(text or "today")
    if day is None:
        what, expected = f"`{text}` is no date", "YYYY-MM-DD, or today"
        raise QuestionError(Problem("date-invalid", "as-of", what, expected, "name one day"))
    return day


def day_of(text: str) -> date | None:
    """The day that a text names, if it names one."""
    if text == "today":
        return date.today()  # noqa: DTZ011  the day of the law where the user is
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
