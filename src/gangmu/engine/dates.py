"""On which day each case is assessed: one day for all, or a column's, with a day for those that have none.

Written as people would: `2025-06-30`, `today`, `as_of` (the column that evidence has for it),
`decision_date`, `as_of,today` (the column, else today).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.engine.day import day_of, read_day
from gangmu.errors import Problem, QuestionError
from gangmu.evidence.cases import Evidence
from gangmu.evidence.facts import Case

__all__ = ["Dating", "read_dating", "read_day"]

MAX_NAMED = 5  # cases that a refusal names
_COLUMN = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Dating:
    """A column of the enterprise table that holds days, and the day of cases that have none there."""

    column: str = ""
    day: date | None = None

    def __str__(self) -> str:
        """Write as it is read."""
        return ",".join(part for part in (self.column, self.day.isoformat() if self.day else "") if part)

    def of(self, case: Case) -> date | None:
        """The day of one case, if it has one."""
        if not self.column:
            return self.day
        if self.column == "as_of":
            return case.as_of or self.day
        return day_of(case.extra.get(self.column, "")) or self.day

    def days(self, cases: Iterable[Case]) -> list[date]:
        """The day of every case. Raises `QuestionError` that names all cases without one."""
        days = [(case.key, self.of(case)) for case in cases]
        self._check([key for key, day in days if day is None])
        return [day for _, day in days if day is not None]

    def column_of(self, evidence: Evidence) -> pa.Array:
        """The day of every case of a body of evidence (date32).

        Raises `QuestionError` that names all cases without one.
        """
        other = pa.scalar(self.day, pa.date32())
        if not self.column:
            found = pa.repeat(other, len(evidence))
        elif self.column == "as_of":
            found = pc.coalesce(evidence.as_of, other)
        else:
            coded = evidence.carried(self.column).dictionary_encode()
            days = pa.array([day_of(text) for text in coded.dictionary.to_pylist()], pa.date32())
            found = pc.coalesce(days.take(coded.indices), other)
        if found.null_count:
            self._check(evidence.keys.filter(pc.is_null(found)).to_pylist())
        return found

    def _check(self, lost: Sequence[str]) -> None:
        """Refuse where some cases have no day."""
        if not lost:
            return
        more = f" and {len(lost) - MAX_NAMED} more" if len(lost) > MAX_NAMED else ""
        some = ", ".join(lost[:MAX_NAMED]) + more
        todo = f"give a day for them: --as-of {self.column or 'as_of'},today"
        what = f"no as-of date for {some}"
        raise QuestionError(
            Problem("date-missing", "as-of", what, f"a day in the column `{self.column}`", todo)
        )


def read_dating(text: str | date | Dating | None) -> Dating:
    """Read how cases are dated; nothing said means the evidence's own `as_of` column.

    Raises `QuestionError`.
    """
    if isinstance(text, Dating):
        return text
    if isinstance(text, date):
        return Dating(day=text)
    if text is None:
        return Dating("as_of")
    first, _, second = (part.strip() for part in text.partition(","))
    if day_of(first) is not None and not second:
        return Dating(day=day_of(first))
    if _COLUMN.fullmatch(first) and first != "today" and (not second or day_of(second) is not None):
        return Dating(first, day_of(second))
    expected = "YYYY-MM-DD, today, or a column and a date"
    raise QuestionError(
        Problem("date-invalid", "as-of", f"`{text}` is no date", expected, "e.g. as_of,today")
    )
