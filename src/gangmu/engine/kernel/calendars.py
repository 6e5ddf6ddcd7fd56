"""Calendar arithmetic on ordinals in machine code: `engine.calendar`, without branches.

Days are counted in the civil calendar that begins on 1 March, where a leap day comes last; so a date and its
ordinal are a few divisions by constants apart (the way of Hinnant's `days_from_civil`).
"""

from __future__ import annotations

from gangmu.engine.calendar import FIRST, LAST
from gangmu.engine.kernel.emit import Emitter

_SHIFT = 305  # from 0000-03-01 to the day before 0001-01-01
_CENTURIES, _CENTURY, _FOUR, _YEAR = 146_097, 36_524, 1_460, 365


class Calendar:
    """Dates as i64 registers."""

    def __init__(self, emitter: Emitter) -> None:
        """Write into `emitter`."""
        self.e = emitter

    def op(self, name: str, a: str, b: str | int) -> str:
        """One instruction."""
        return self.e.ins(f"{name} i64 {a}, {b}")

    def if_(self, test: str, a: str, b: str) -> str:
        """Choose."""
        return self.e.pick(self.e.ins(test), "i64", a, b)

    def clamp(self, ordinal: str) -> str:
        """Keep an ordinal within the calendar."""
        low = self.if_(f"icmp slt i64 {ordinal}, {FIRST}", str(FIRST), ordinal)
        return self.if_(f"icmp sgt i64 {low}, {LAST}", str(LAST), low)

    def civil(self, ordinal: str) -> tuple[str, str, str]:
        """Year, month, day."""
        op = self.op
        z = op("add", self.clamp(ordinal), _SHIFT)
        era = op("sdiv", z, _CENTURIES)
        doe = op("sub", z, op("mul", era, _CENTURIES))
        a = op("sub", doe, op("sdiv", doe, _FOUR))
        a = op("add", a, op("sdiv", doe, _CENTURY))
        yoe = op("sdiv", op("sub", a, op("sdiv", doe, _CENTURIES - 1)), _YEAR)
        doy = op("sub", doe, self._days_before(yoe))
        mp = op("sdiv", op("add", op("mul", doy, 5), 2), 153)
        day = op("add", op("sub", doy, op("sdiv", op("add", op("mul", mp, 153), 2), 5)), 1)
        month = self.if_(f"icmp slt i64 {mp}, 10", op("add", mp, 3), op("add", mp, -9))
        year = op("add", yoe, op("mul", era, 400))
        return self.if_(f"icmp sle i64 {month}, 2", op("add", year, 1), year), month, day

    def _days_before(self, yoe: str) -> str:
        """Days of an era before its year `yoe`."""
        op = self.op
        leaps = op("sub", op("sdiv", yoe, 4), op("sdiv", yoe, 100))
        return op("add", op("mul", yoe, _YEAR), leaps)

    def ordinal(self, year: str, month: str, day: str) -> str:
        """The ordinal of a date."""
        op = self.op
        y = self.if_(f"icmp sle i64 {month}, 2", op("add", year, -1), year)
        era = op("sdiv", y, 400)
        yoe = op("sub", y, op("mul", era, 400))
        m = self.if_(f"icmp sgt i64 {month}, 2", op("add", month, -3), op("add", month, 9))
        doy = op("add", op("sdiv", op("add", op("mul", m, 153), 2), 5), op("add", day, -1))
        doe = op("add", self._days_before(yoe), doy)
        return op("add", op("add", op("mul", era, _CENTURIES), doe), -_SHIFT)

    def month_length(self, year: str, month: str) -> str:
        """Days of a month."""
        op = self.op
        odd = op("and", op("add", month, op("lshr", month, 3)), 1)
        four = self.e.ins(f"icmp eq i64 {op('srem', year, 4)}, 0")
        hundred = self.e.ins(f"icmp eq i64 {op('srem', year, 100)}, 0")
        era = self.e.ins(f"icmp eq i64 {op('srem', year, 400)}, 0")
        leap = self.e.or_(self.e.and_(four, self.e.not_(hundred)), era)
        february = op("add", self.e.bit_as(leap, "i64"), 28)
        return self.if_(f"icmp eq i64 {month}, 2", february, op("add", odd, 30))

    def least(self, a: str, b: str) -> str:
        """The lower of two."""
        return self.if_(f"icmp slt i64 {a}, {b}", a, b)

    def add_months(self, ordinal: str, months: str) -> str:
        """The same day so many months later, or the month's last day."""
        op = self.op
        year, month, day = self.civil(ordinal)
        index = op("add", op("add", op("mul", year, 12), op("add", month, -1)), months)
        safe = self.if_(f"icmp slt i64 {index}, 12", "12", index)
        safe = self.if_(f"icmp sgt i64 {safe}, 119999", "119999", safe)
        y = op("sdiv", safe, 12)
        m = op("add", op("srem", safe, 12), 1)
        found = self.ordinal(y, m, self.least(day, self.month_length(y, m)))
        found = self.if_(f"icmp slt i64 {index}, 12", str(FIRST), found)
        return self.if_(f"icmp sgt i64 {index}, 119999", str(LAST), found)

    def months(self, start: str, end: str) -> str:
        """Completed months from start to end; negative if end is earlier."""
        back = self.e.ins(f"icmp slt i64 {end}, {start}")
        a = self.e.pick(back, "i64", end, start)
        b = self.e.pick(back, "i64", start, end)
        (ya, ma, da), (yb, mb, db) = self.civil(a), self.civil(b)
        op = self.op
        months = op("add", op("mul", op("sub", yb, ya), 12), op("sub", mb, ma))
        short = self.e.ins(f"icmp sgt i64 {self.least(da, self.month_length(yb, mb))}, {db}")
        whole = op("sub", months, self.e.bit_as(short, "i64"))
        return self.e.pick(back, "i64", op("sub", "0", whole), whole)
