"""What a query gives for each rule: its status, and its exact value or ends, as columns.

Numbers come as texts of whole numerators over a denominator that is a constant or a column; an end that is
endless is `inf` or `-inf`, one that there is none of is empty, and NULL is beyond. A row of which a column
that counts is NULL is for the interpreter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from gangmu.engine.grade import GRADE_OF
from gangmu.engine.interpreter import HELD, LAPSED
from gangmu.engine.outcomes import Answer
from gangmu.engine.sql.codes import one_code
from gangmu.engine.sql.domain import Codes, Num, Truth, Value
from gangmu.engine.sql.grades import Grades
from gangmu.engine.sql.names import Names
from gangmu.engine.sql.numbers import End
from gangmu.engine.sql.program import Program
from gangmu.engine.sql.terms import Bit, Int, Text
from gangmu.rulebook import model
from gangmu.rulebook.types import DATE

Shape = Literal["number", "date", "truth", "code", "title"]
Out = Bit | Int | Text


@dataclass(slots=True)
class Written:
    """The columns of one rule: names of those that the query gives, constants for the others."""

    shape: Shape
    columns: dict[str, Out] = field(default_factory=dict)  # by role: status, lo, lo.den, hi, hi.den, ...
    names: dict[str, str] = field(default_factory=dict)  # by role: the column's name


class Outputs:
    """Writes the columns of rules."""

    def __init__(self, program: Program, names: Names, days: Sequence[date]) -> None:
        """Of rules of `program`, for cases asked about on some of these days."""
        self.grades = Grades(program, days)
        self.p, self.d, self.t, self.names = program, program.d, program.t, names

    def write(self, rule: model.Rule) -> Written:
        """The columns of one rule. Raises `UnsupportedBySql`."""
        value = self.p.value(rule.name)
        self.t.current = rule.name
        written = self._title(rule, value) if rule.kind == "title" else self._plain(rule, value)
        written.columns["grade"] = self.grades.rule(rule.name)
        short = self.p.book.column_name(rule.name)
        written.names = {role: self.names.new(f"{short} {role}") for role in written.columns}
        return written

    def _plain(self, rule: model.Rule, value: Value) -> Written:
        match value:
            case Num():
                return self._number(value, "date" if rule.type == DATE else "number")
            case Truth():
                return Written("truth", {"status": self._truth_status(value)})
            case Codes():
                known, code = one_code(self.d, value)
                return Written("code", {"status": self._status(known, value), "code": code})

    def _number(self, value: Num, shape: Shape) -> Written:
        t = self.t
        point: Bit = True if value.is_point else self.d.r.same(value.lo, value.hi)
        columns: dict[str, Out] = {"status": self._status(t.and_(value.some, point), value)}
        columns |= self._end("lo", value, value.lo)
        if not value.is_point:
            columns |= self._end("hi", value, value.hi)
        return Written(shape, columns)

    def _end(self, role: str, value: Num, end: End) -> dict[str, Out]:
        whens: list[tuple[Bit, Text]] = [
            (self.t.not_(value.some), ""), (end.ninf, "-inf"), (end.pinf, "inf")
        ]  # fmt: skip
        return {role: self.t.chosen(whens, self.t.written(end.num)), f"{role}.den": self.t.written(end.den)}

    def _status(self, known: Bit, value: Num | Codes) -> Text:
        t, some = self.t, self.d.some(value)
        others = t.or_(value.undefined, value.absent)
        whens: list[tuple[Bit, Text]] = [
            (t.and_(known, t.not_(others)), "known"),
            (t.and_(t.not_(some), value.undefined, t.not_(value.absent)), "undefined"),
            (t.and_(t.not_(some), value.absent, t.not_(value.undefined)), "not_in_force"),
        ]
        return t.chosen(whens, "unknown")

    def _truth_status(self, value: Truth) -> Text:
        bits = {
            "true": value.true, "false": value.false, "undefined": value.undefined,
            "not_in_force": value.absent,
        }  # fmt: skip
        t = self.t
        whens: list[tuple[Bit, Text]] = []
        for word, bit in bits.items():
            others = t.or_(*(other for known, other in bits.items() if known != word))
            whens.append((t.and_(bit, t.not_(others)), word))
        return t.chosen(whens, "unknown")

    def _title(self, rule: model.Rule, value: Value) -> Written:
        t, body = self.t, rule.body
        assert isinstance(body, model.Title)  # noqa: S101  the kind says so
        assert isinstance(value, Codes)  # noqa: S101  of a title
        known, code = one_code(self.d, value)
        only = t.and_(known, t.not_(t.or_(value.undefined, value.absent)))
        absent = t.and_(t.not_(self.d.some(value)), value.absent, t.not_(value.undefined))
        status = t.chosen([(only, code), (absent, "not_in_force")], "unknown")
        end = self.p.certificate(body)[2]
        settled = t.and_(
            only, t.or_(value.known.get(HELD, False), value.known.get(LAPSED, False)),
            self._one(end), t.not_(t.or_(end.lo.ninf, end.lo.pinf)),
        )  # fmt: skip
        until = t.chosen([(settled, t.written(end.lo.num))], "")
        held = self._truth_status(self.p.held(rule.name))
        return Written("title", {"status": status, "held": held, "until": until})

    def _one(self, value: Num) -> Bit:
        t = self.t
        point: Bit = True if value.is_point else self.d.r.same(value.lo, value.hi)
        return t.and_(value.some, point, t.not_(value.undefined), t.not_(value.absent))


# ---------------------------------------------------------------------- reading


def read_answer(written: Written, row: Mapping[str, object]) -> Answer | None:
    """The answer of one rule in a row of the result; None where it is beyond."""
    found: dict[str, object] = {}
    for role, out in written.columns.items():
        constant = isinstance(out, bool | int | str)
        found[role] = out if constant else row[written.names[role]]
    status, rank = found["status"], found["grade"]
    if status is None or rank is None:
        return None
    answer = _read(written, found, str(status))
    return None if answer is None else answer._replace(grade=GRADE_OF[int(str(rank))])


def _read(written: Written, found: Mapping[str, object], status: str) -> Answer | None:
    """An answer without its grade."""
    match written.shape:
        case "truth":
            value = {"true": True, "false": False}.get(status)
            return Answer(value, status)
        case "code":
            return Answer(str(found["code"]) if status == "known" else None, status)
        case "title":
            return _read_title(found)
    return _read_number(written, found)


def _read_title(found: Mapping[str, object]) -> Answer | None:
    if found["held"] is None or found["until"] is None:
        return None
    status = str(found["status"])
    if status == "not_in_force":
        return Answer(None, status)
    until = str(found["until"])
    held = {"true": True, "false": False}.get(str(found["held"]))
    return Answer(held, status, until=date.fromordinal(int(until)) if until else None)


def _read_number(written: Written, found: Mapping[str, object]) -> Answer | None:
    status = str(found["status"])
    if status in ("undefined", "not_in_force"):
        return Answer(None, status)
    ends = [_read_end(found, role) for role in ("lo", "hi") if role in found]
    if any(end is None for end in ends):
        return None
    low, high = ends[0], ends[-1]
    if status == "unknown":
        return Answer(None, status) if low == "" else Answer(None, status, low, high)  # type: ignore[arg-type]
    if written.shape == "date":
        return Answer(None if isinstance(low, float) else date.fromordinal(int(low)), status)  # type: ignore[arg-type]
    assert isinstance(low, Fraction)  # noqa: S101  known numbers have an end
    return Answer(low, status, low, low)


def _read_end(found: Mapping[str, object], role: str) -> Fraction | float | str | None:
    """An end; empty if there is no ordinary value, None if it is beyond."""
    num, den = found[role], found[f"{role}.den"]
    if num is None:
        return None
    if num in ("", "inf", "-inf"):
        return str(num) and float(str(num))
    return None if den is None else Fraction(int(str(num)), int(str(den)))


def roots(written: Sequence[Written]) -> list[Out]:
    """The terms of all columns."""
    return [out for one in written for out in one.columns.values()]
