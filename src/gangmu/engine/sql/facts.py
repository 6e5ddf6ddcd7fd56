"""Facts as terms: what a column of evidence says, and what is possible where it says nothing.

A fact column becomes up to three columns of the first CTE: the value (0, false or empty where there is none,
so that no NULL is left), `.given`, and `.none` where some cell is said not to exist. Where every cell is
given, neither of the two is there, and the value is a point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from gangmu.engine.sql.aggregates import Aggregates
from gangmu.engine.sql.domain import Codes, Num, Truth, Value
from gangmu.engine.sql.numbers import End, Rationals
from gangmu.engine.sql.parameters import Parameters
from gangmu.engine.sql.program import Program
from gangmu.engine.sql.terms import Bit, Int, Term, Terms
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model

FactKind = Literal["number", "date", "truth", "code", "text"]
ROW = "row"  # the number of the case, in every table


@dataclass(frozen=True, slots=True)
class Raw:
    """How a field stands in its table: the column, and by what a number is multiplied to be whole."""

    column: str
    times: int = 1
    integer: bool = False  # of a type without decimals, in which a product might not fit


@dataclass(frozen=True, slots=True)
class Field:
    """A fact column: numbers are whole, over `den`; dates are ordinals."""

    name: str  # in the source, and in the query
    kind: FactKind
    den: int = 1
    lo: int | None = None
    hi: int | None = None
    open: bool = True  # some cell may be not given
    none: bool = True  # some cell may be said not to exist
    raw: Raw | None = None  # None: a column of that name, whole, with `.none` beside it


@dataclass(slots=True)
class Layout:
    """What the tables of evidence hold: a field for each input (full name) that has a column.

    A clock is a number for all cases, or the range in which those of the rows lie.
    """

    fields: Mapping[str, Field]
    clocks: Mapping[str, int | tuple[int, int]]  # as_of, base_year, closed_year, first_year
    days: tuple[date, ...]  # on which cases are asked about: one for each stretch in which nothing changes
    related: frozenset[str] = frozenset()  # entities that have a table
    settled: frozenset[str] = frozenset()  # entities of which some case is not partial
    years: int = 0  # fiscal years that are told apart one by one
    keys: Mapping[str, str] = field(default_factory=dict)  # by entity the owner's column (default: `row`)


@dataclass(slots=True)
class ColumnFacts:
    """Facts from columns."""

    book: model.Rulebook
    layout: Layout
    terms: Terms
    parameters: Parameters
    _kept: dict[str, Value] = field(default_factory=dict)
    _clocks: dict[str, Num] = field(default_factory=dict)
    _aggregates: Aggregates | None = None

    def quantity(self, quantity: model.Quantity) -> Num:
        """A number of law."""
        return self.parameters.number(quantity)

    def clock(self, which: str) -> Num:
        """The as-of date, the base year, the last year closed by then, the first told apart.

        One argument, or a column.
        """
        if which not in self._clocks:
            value = self.layout.clocks[which]
            if isinstance(value, int):
                end = self.parameters.argument(which, value, exact=True)
            else:
                lo, hi = value
                end = End(self.terms.make("col", (which,), "int", lo=lo, hi=hi))
            self._clocks[which] = Num(True, end, end)
        return self._clocks[which]

    def period(self, entity: str) -> Num:
        """The period of a related row that is given."""
        spec = self.book.entities[entity]
        r = Rationals(self.terms)
        if not spec.period:
            return Num(True, r.infinite(positive=False), r.infinite(positive=True))
        column = self.layout.fields[self.book.inputs_of(entity)[spec.period].name]
        value = self.terms.make("col", (column.name,), "int", lo=column.lo, hi=column.hi, space=entity)
        return Num(True, End(value), End(value))

    def partial(self, entity: str) -> Bit:
        """Whether there may be rows that are not given."""
        if entity not in self.layout.settled:
            return True
        return self.terms.make("col", (f"{entity}.partial",), "bool")

    def aggregate(self, program: Program, node: ex.Aggregate) -> Num:
        """An aggregate over related rows."""
        if self._aggregates is None:
            self._aggregates = Aggregates(self)
        return self._aggregates(program.outer or program, node)

    def states(self, rule: model.Rule) -> tuple[Bit, Bit, Bit]:
        """Whether a fact is given, not given, said to be none."""
        column = self.layout.fields.get(rule.name)
        if column is None:
            return False, True, False
        t, space = self.terms, "" if rule.entity == model.ROOT else rule.entity
        if not column.open and not column.none:
            return True, False, False
        given = t.make("col", (f"{column.name}.given",), "bool", space=space)
        if not column.none:
            return given, t.not_(given), False
        none = t.make("col", (f"{column.name}.none",), "bool", space=space)
        return given, t.and_(t.not_(given), t.not_(none)), none

    def shown(self, rule: model.Rule) -> Truth:
        """Whether a fact is given (true), said to be none (false), or neither (both)."""
        given, missing, none = self.states(rule)
        return Truth(self.terms.or_(given, missing), self.terms.or_(none, missing))

    def input(self, rule: model.Rule) -> Value:
        """What is known of an input."""
        if rule.name not in self._kept:
            self._kept[rule.name] = self._input(rule)
        return self._kept[rule.name]

    def unknown(self, rule: model.Rule) -> Value:
        """All that an input could be."""
        return self._from(rule, None, (False, True, False))

    def _input(self, rule: model.Rule) -> Value:
        if rule.entity != model.ROOT:
            period = self.book.entities[rule.entity].period
            if rule.short.rpartition(".")[2] == period:
                return self.period(rule.entity)
        return self._from(rule, self.layout.fields.get(rule.name), self.states(rule))

    def _from(self, rule: model.Rule, column: Field | None, states: tuple[Bit, Bit, Bit]) -> Value:
        given, missing, none = states
        space = "" if rule.entity == model.ROOT else rule.entity
        match rule.input.input:
            case "number" | "year" | "date":
                return self._number(rule, column, (given, missing, none), space)
            case "condition":
                return self._truth(column, (given, missing, none), space)
        t = self.terms
        options = rule.input.options if rule.input.input == "code" else {}
        known = dict.fromkeys(options, missing) if missing is not False else {}
        texts: tuple[tuple[Bit, Term], ...] = ()
        if column is not None:
            texts = ((given, t.make("col", (column.name,), "text", space=space)),)
        return Codes(known, texts, missing if not options else False, none)

    def _truth(self, column: Field | None, states: tuple[Bit, Bit, Bit], space: str) -> Truth:
        given, missing, none = states
        if column is None:
            return Truth(True, True)
        t = self.terms
        value = t.make("col", (column.name,), "bool", space=space)
        return Truth(t.or_(t.and_(given, value), missing), t.or_(t.and_(given, t.not_(value)), missing), none)

    def _number(
        self, rule: model.Rule, column: Field | None, states: tuple[Bit, Bit, Bit], space: str
    ) -> Num:
        _, missing, none = states
        r = Rationals(self.terms)
        body = rule.input
        lo, hi = (body.range.lo, body.range.hi) if body.input == "number" else (None, None)
        low, high = _limit(r, lo, positive=False), _limit(r, hi, positive=True)
        if column is None:
            return Num(True, low, high)
        value: Int = self.terms.make("col", (column.name,), "int", lo=column.lo, hi=column.hi, space=space)
        end = End(value, column.den)
        some = self.terms.not_(none)
        if missing is False:
            return Num(some, end, end, none)
        # the column holds 0 where nothing is given, so an endless end needs no choice of the number
        return Num(some, self._or(r, missing, low, end), self._or(r, missing, high, end), none)

    def _or(self, r: Rationals, missing: Bit, limit: End, end: End) -> End:
        if limit.is_finite:
            return r.pick(missing, limit, end)
        t = self.terms
        return End(end.num, end.den, t.and_(missing, limit.ninf), t.and_(missing, limit.pinf))


def _limit(r: Rationals, value: Fraction | None, *, positive: bool) -> End:
    return r.infinite(positive=positive) if value is None else r.const(value)
