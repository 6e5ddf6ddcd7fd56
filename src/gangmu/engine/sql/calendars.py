"""Calendar arithmetic on ordinals as terms: `engine.calendar` in whole numbers, the same in every dialect.

Days are counted in the civil calendar that begins on 1 March, where a leap day comes last; so a date and its
ordinal are a few divisions by constants apart (the way of Hinnant's `days_from_civil`).
"""

from __future__ import annotations

from gangmu.engine.calendar import FIRST, LAST
from gangmu.engine.sql.terms import Bit, Int, Terms

_SHIFT = 305  # from 0000-03-01 to the day before 0001-01-01
_CENTURIES, _CENTURY, _FOUR, _YEAR = 146_097, 36_524, 1_460, 365
_FIRST_MONTH, _LAST_MONTH = 12, 119_999  # counted from the year 0


class Calendar:
    """Dates as ordinals."""

    def __init__(self, terms: Terms) -> None:
        """Write into `terms`."""
        self.t = terms

    def _sum(self, *parts: Int) -> Int:
        total: Int = 0
        for part in parts:
            total = self.t.add(total, part)
        return total

    def _within(self, value: Int, least: int, most: int) -> Int:
        return self.t.at_most(self.t.at_least(value, least), most)

    def civil(self, ordinal: Int) -> tuple[Int, Int, Int]:
        """Year, month, day of an ordinal, kept within the calendar."""
        t = self.t
        z = t.add(self._within(ordinal, FIRST, LAST), _SHIFT)
        era, doe = t.div(z, _CENTURIES), t.mod(z, _CENTURIES)
        a = self._sum(doe, t.neg(t.div(doe, _FOUR)), t.div(doe, _CENTURY), t.neg(t.div(doe, _CENTURIES - 1)))
        yoe = t.proven(t.div(a, _YEAR), 0, 399)
        doy = t.proven(t.sub(doe, self._days_before(yoe)), 0, 365)
        mp = t.div(t.add(t.mul(doy, 5), 2), 153)
        day = self._sum(doy, t.neg(t.div(t.add(t.mul(mp, 153), 2), 5)), 1)
        month = t.add(mp, t.case(t.lt(mp, 10), 3, -9))
        year = self._sum(yoe, t.mul(era, 400), t.case(t.lt(month, 3), 1, 0))
        return t.proven(year, 1, 9999), t.proven(month, 1, 12), t.proven(day, 1, 31)

    def _days_before(self, yoe: Int) -> Int:
        """Days of an era before its year `yoe`."""
        t = self.t
        return self._sum(t.mul(yoe, _YEAR), t.div(yoe, 4), t.neg(t.div(yoe, 100)))

    def ordinal(self, year: Int, month: Int, day: Int) -> Int:
        """The ordinal of a date."""
        t = self.t
        y = t.sub(year, t.case(t.lt(month, 3), 1, 0))
        era, yoe = t.div(y, 400), t.mod(y, 400)
        m = t.add(month, t.case(t.lt(2, month), -3, 9))
        doy = self._sum(t.div(t.add(t.mul(m, 153), 2), 5), day, -1)
        return self._sum(t.mul(era, _CENTURIES), self._days_before(yoe), doy, -_SHIFT)

    def month_length(self, year: Int, month: Int) -> Int:
        """Days of a month."""
        t = self.t
        leap = t.or_(
            t.and_(t.eq(t.mod(year, 4), 0), t.not_(t.eq(t.mod(year, 100), 0))), t.eq(t.mod(year, 400), 0)
        )
        late = t.lt(7, month)  # from August on the even months are the long ones
        odd = t.mod(t.add(month, t.case(late, 1, 0)), 2)
        return t.case(t.eq(month, 2), t.case(leap, 29, 28), t.add(odd, 30))

    def least(self, a: Int, b: Int) -> Int:
        """The lower of two."""
        return self.t.case(self.t.lt(a, b), a, b)

    def add_months(self, ordinal: Int, months: Int) -> Int:
        """The same day so many months later, or the month's last day."""
        t = self.t
        year, month, day = self.civil(ordinal)
        index = self._sum(t.mul(year, 12), month, -1, self._within(months, -200_000, 200_000))
        safe = self._within(index, _FIRST_MONTH, _LAST_MONTH)
        y, m = t.div(safe, 12), t.add(t.mod(safe, 12), 1)
        found = self.ordinal(y, m, self.least(day, self.month_length(y, m)))
        found = t.case(t.lt(index, _FIRST_MONTH), FIRST, t.case(t.lt(_LAST_MONTH, index), LAST, found))
        return t.proven(found, FIRST, LAST)

    def months(self, start: Int, end: Int) -> Int:
        """Completed months from start to end; negative if end is earlier."""
        t = self.t
        back: Bit = t.lt(end, start)
        a, b = t.case(back, end, start), t.case(back, start, end)
        (ya, ma, da), (yb, mb, db) = self.civil(a), self.civil(b)
        months = self._sum(t.mul(t.sub(yb, ya), 12), mb, t.neg(ma))
        short = t.lt(db, self.least(da, self.month_length(yb, mb)))
        whole = t.sub(months, t.case(short, 1, 0))
        return t.proven(t.case(back, t.neg(whole), whole), -120_000, 120_000)
