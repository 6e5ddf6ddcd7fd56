"""Rules to machine code: the walk of `engine.interpreter` over the same tree, writing what it would compute.

One `Program` writes one loop body: the rules of one owner or one related row, under the editions in force in
one stretch of time. Where facts and aggregates come from is a `Facts`; every number of law is a run-time
argument, read from the array of parameters. What the kinds of rules and the functions of formulas write is in
`kinds`, `titles`, `tables`, `formulas`, `calls` and `steps`, each a function of the program.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from gangmu.engine.kernel.atoms import Families, Test
from gangmu.engine.kernel.calls import call
from gangmu.engine.kernel.domain import FALSE, TRUE, Codes, Domain, Num, Truth, UnsupportedByKernel, Value
from gangmu.engine.kernel.emit import Bit, Emitter
from gangmu.engine.kernel.formulas import case, compare, last
from gangmu.engine.kernel.kinds import amount, level, passes, score
from gangmu.engine.kernel.numbers import End, Rationals, TooWideError
from gangmu.engine.kernel.steps import rounded
from gangmu.engine.kernel.tables import decide_table
from gangmu.engine.kernel.titles import conditions_met, held, state, title
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.types import CodeType, DateType, LevelType, NumberType, TitleType


class Facts(Protocol):
    """Where a program's facts come from."""

    def input(self, rule: model.Rule) -> Value:
        """What is known of an input."""

    def shown(self, rule: model.Rule) -> Truth:
        """Whether a fact is given (true), said to be none (false), or neither (both)."""

    def stated(self, rule: model.Rule) -> tuple[Num, Bit] | None:
        """The figure that a source states for a rule, and whether it does; None: for no case."""

    def clock(self, which: str) -> Num:
        """The as-of date or the base year."""

    def period(self) -> Num:
        """The period of the current row."""

    def staged(self, node: ex.Aggregate | ex.Call) -> Num:
        """What is worked out before: an aggregate over related rows, a function rounded to 15 digits."""


@dataclass(slots=True)
class Parameters:
    """Numbers of law, in the order in which the code reads them."""

    places: dict[int, int] = field(default_factory=dict)
    values: list[model.Quantity] = field(default_factory=list)
    clocks: dict[int, str] = field(default_factory=dict)  # places that are as-of date or base year

    def place(self, quantity: model.Quantity) -> int:
        """Where a quantity stands in the array."""
        if id(quantity) not in self.places:
            self.places[id(quantity)] = len(self.values)
            self.values.append(quantity)
        return self.places[id(quantity)]


class Program:
    """Writes rules; `day` is any day of the stretch of time."""

    def __init__(
        self, book: model.Rulebook, facts: Facts, day: date, families: Families, parameters: Parameters,
        *, points: bool, exact: bool, blind: bool = False,
    ) -> None:  # fmt: skip
        """Begin an empty loop body."""
        self.book, self.facts, self.day, self.parameters = book, facts, day, parameters
        self.families = families
        self.e = Emitter()
        self.r = Rationals(self.e, exact=exact, blind=blind)
        self.d = Domain(self.e, self.r, points=points)
        self._kept: dict[str, Value] = {}
        self._refused: dict[str, UnsupportedByKernel] = {}
        self._rule = ""
        self.lapses = False  # whether a rule may be not in force: then a row without holes may be no point

    # ------------------------------------------------------------------ rules

    def value(self, name: str) -> Value:
        """The value of a rule, by full name."""
        if name in self._refused:
            raise self._refused[name]
        if name not in self._kept:
            before, self._rule = self._rule, name
            try:
                self._kept[name] = self.rule(self.book.rules[name])
            except TooWideError:
                self._refused[name] = UnsupportedByKernel(name, "its numbers need more than 1,000 bits")
                raise self._refused[name] from None
            except UnsupportedByKernel as error:
                self._refused[name] = error
                raise
            finally:
                self._rule = before
        return self._kept[name]

    @property
    def in_hand(self) -> str:
        """The full name of the rule that is being written."""
        return self._rule

    def refuse(self, reason: str) -> UnsupportedByKernel:
        """A refusal that names the rule in hand."""
        return UnsupportedByKernel(self._rule, reason)

    def quantity(self, quantity: model.Quantity, clock: str = "") -> Num:
        """A number of law, as a run-time argument with a proven range."""
        place, value = self.parameters.place(quantity), quantity.value
        if clock:
            self.parameters.clocks[place] = clock
        register = f"%par{place}"
        bits = -(-abs(value.numerator).bit_length() // 8) * 8
        if bits > 60:  # noqa: PLR2004  what a word holds
            raise self.refuse("a parameter is larger than a machine word")
        top = (1 << bits) - 1
        lo, hi = (1, top) if value > 0 else (-top, -1) if value < 0 else (0, 0)
        end = End(self.r.w.leaf(register, lo, hi), self.r.w.const(value.denominator))
        return Num(True, end, end)

    def editions(self, rule: model.Rule) -> list[model.Edition]:
        """The editions in force, in the order in which they are tried."""
        found = [
            edition
            for edition in sorted(rule.editions, key=lambda item: item.when is None)
            if (edition.start is None or edition.start <= self.day)
            and (edition.end is None or self.day < edition.end)
        ]
        certain = next((n for n, edition in enumerate(found) if edition.when is None), len(found))
        return found[: certain + 1]

    def reached(self, rule: model.Rule) -> tuple[list[tuple[model.Edition, Bit]], Bit]:
        """Each edition with where it can decide; and where none is certain to."""
        alive: Bit = True
        found = []
        for edition in self.editions(rule):
            test = TRUE if edition.when is None else self.truth(edition.when)
            found.append((edition, self.e.and_(alive, test.true)))
            alive = self.e.and_(alive, self.e.not_(self.d.is_true(test)))
        return found, alive

    def rule(self, rule: model.Rule) -> Value:
        """What a rule gives: the union of the editions that may decide."""
        editions, left = self.reached(rule)
        outcomes = [self.d.where(reach, self.body(rule, edition.body)) for edition, reach in editions]
        if left is not False:
            self.lapses = True
        if not editions and isinstance(rule.body, model.Title):
            return state(self, rule.body)
        if left is not False:
            like = outcomes[0] if outcomes else self._blank(rule)
            outcomes.append(self.d.nothing(like, absent=left))
        return self.d.union(outcomes)

    def _blank(self, rule: model.Rule) -> Value:
        match rule.type:
            case NumberType() | DateType():
                return self.d.number(0)
            case TitleType():
                return Codes(0, self.families.states)
            case CodeType() | LevelType():
                return Codes(0, self.families.of(rule.name))
        return TRUE

    def body(self, rule: model.Rule, body: model.Body) -> Value:
        """What one edition gives."""
        match body:
            case model.Input():
                return self.facts.input(rule)
            case model.Formula():
                return self._formula(rule, body)
            case model.Table():
                return decide_table(self, body)
            case model.Score():
                return score(self, body)
            case model.LevelOf():
                return level(self, rule, body)
            case model.Amount():
                return amount(self, body)
            case model.Title():
                return title(self, body)
            case model.Channel():
                return self.eval(body.open)
            case model.Scale() | model.Item() | model.Indicator() | model.Index():
                raise self.refuse("nothing computes it")

    def _formula(self, rule: model.Rule, body: model.Formula) -> Value:
        value = self.eval(body.expression)
        if body.unless is not None and isinstance(value, Truth):
            value = self.d.any_of([value, self.truth(body.unless)])
        if body.stated and isinstance(value, Num) and rule.entity == self.book.root:
            value = self._stated(rule, value)
        return value if body.rounding is None else rounded(self, self.as_num(value), body.rounding)

    # ------------------------------------------------------------------ formulas

    def _stated(self, rule: model.Rule, value: Num) -> Num:
        """A stated figure, where there is one and the formula is open."""
        told = self.facts.stated(rule)
        if told is None:
            return value
        number, given = told
        e, r = self.e, self.r
        apart = e.and_(value.some, e.not_(r.alike(value.lo, value.hi)))
        point = True if value.is_point else e.not_(e.and_(apart, r.less(value.lo, value.hi, apart)))
        known = e.and_(value.some, point, e.not_(e.or_(value.undefined, value.absent)))
        use = e.and_(given, e.not_(known))
        return self.as_num(self.d.union([self.d.where(e.not_(use), value), self.d.where(use, number)]))

    def eval(self, node: ex.Expression) -> Value:  # noqa: C901, PLR0911, PLR0912  one arm a node type
        """The value of a formula."""
        match node:
            case ex.Number(number):
                return self.d.number(number)
            case ex.Text(code):
                atoms = self.families.of_text(node)
                return Codes(atoms.mask([code]), atoms)
            case ex.Truth(known):
                return TRUE if known else FALSE
            case ex.Ref(name) | ex.Field(_, name):
                return self.value(name)
            case ex.Clock(which):
                return self.facts.clock(which)
            case ex.Call():
                return call(self, node)
            case ex.Compare():
                return compare(self, node)
            case ex.In(item, codes):
                return self._member(item, Test(frozenset(codes)))
            case ex.Like(item, prefix):
                return self._member(item, Test(prefixes=(prefix,)))
            case ex.Not(item):
                return self.d.negate(self.truth(item))
            case ex.Group(kind, items, k, listed):
                outcomes = [self.truth(item) for item in items]
                if kind == "at_least":
                    return self.d.at_least(k, outcomes)
                return (self.d.all_of if kind == "all_of" else self.d.any_of)(outcomes, listed=listed)
            case ex.Case(whens, otherwise):
                return case(self, whens, otherwise)
            case ex.Last(_, n):
                return last(self, n)
            case ex.Aggregate():
                return self.facts.staged(node)
            case ex.StateOf("HELD", name):
                return held(self, name)
            case ex.StateOf("CONDITIONS_MET", name):
                return conditions_met(self, name)
            case ex.StateOf(_, name):
                return passes(self, name)

    def _member(self, node: ex.Expression, test: Test) -> Truth:
        """Whether a code is in a set of texts."""
        value = self.as_codes(self.eval(node))
        return self.d.member(value, value.atoms.where(test))

    def num(self, node: ex.Expression) -> Num:
        """A formula that gives a number."""
        return self.as_num(self.eval(node))

    def truth(self, node: ex.Expression) -> Truth:
        """A formula that gives a truth value."""
        return self.as_truth(self.eval(node))

    def as_num(self, value: Value) -> Num:
        """A value that is a number."""
        if not isinstance(value, Num):
            raise self.refuse("a number is needed where there is none")
        return value

    def as_truth(self, value: Value) -> Truth:
        """A value that is a truth value."""
        if not isinstance(value, Truth):
            raise self.refuse("a condition is needed where there is none")
        return value

    def as_codes(self, value: Value) -> Codes:
        """A value that is a code, a level or a state."""
        if not isinstance(value, Codes):
            raise self.refuse("a code is needed where there is none")
        return value
