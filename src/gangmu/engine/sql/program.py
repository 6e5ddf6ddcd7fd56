"""Rules to terms: the walk of `engine.interpreter` over the same tree, writing what it would compute.

Where facts, dates, aggregates and numbers of law come from is a `Facts`. The value of every rule is kept, so
that each is written once; `named` remembers which terms are whose, so that columns can be called after them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Protocol

from gangmu.engine.interpreter import BLOCKED, CONDITIONS_MET, HELD, LAPSED
from gangmu.engine.sql.domain import FALSE, TRUE, Codes, Domain, Num, Truth, UnsupportedBySql, Value
from gangmu.engine.sql.functions import Functions
from gangmu.engine.sql.tables import decide_table
from gangmu.engine.sql.terms import Bit, Terms
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.types import CodeType, DateType, LevelType, NumberType, TextType, TitleType

MAX_POWER = 8  # whole exponents above it are for the interpreter


class Facts(Protocol):
    """Where a program's facts come from."""

    def input(self, rule: model.Rule) -> Value:
        """What is known of an input, in the enterprise's row or in a related one."""

    def shown(self, rule: model.Rule) -> Truth:
        """Whether a fact is given (true), said to be none (false), or neither (both)."""

    def clock(self, which: str) -> Num:
        """The as-of date (as an ordinal) or the base year."""

    def period(self, entity: str) -> Num:
        """The period of a related row."""

    def quantity(self, quantity: model.Quantity) -> Num:
        """A number of law."""

    def aggregate(self, program: Program, node: ex.Aggregate) -> Num:
        """An aggregate over related rows."""


class Program:
    """Writes rules."""

    def __init__(
        self, book: model.Rulebook, facts: Facts, terms: Terms, outer: Program | None = None, entity: str = ""
    ) -> None:
        """Begin without rules. Within a row of `entity`, all other rules are those of `outer`."""
        self.book, self.facts, self.t = book, facts, terms
        self.outer, self.entity = outer, entity
        self.row = entity  # of which entity a row is in hand, while an aggregate looks at one
        self.d = Domain(terms)
        self.r = self.d.r
        self.f = Functions(self.d)
        self.named: dict[str, Value] = {}

    # ------------------------------------------------------------------ rules

    def value(self, name: str) -> Value:
        """The value of a rule, by full name. Raises `UnsupportedBySql`."""
        if self.outer is not None and self.book.rules[name].entity != self.entity:
            return self.outer.value(name)
        if name not in self.named:
            before, self.t.current = self.t.current, name
            self.named[name] = self.rule(self.book.rules[name])
            self.t.current = before
        return self.named[name]

    def within(self, facts: Facts, entity: str) -> Program:
        """A program for one row of a related entity."""
        return Program(self.book, facts, self.t, self, entity)

    def refuse(self, reason: str) -> UnsupportedBySql:
        """A refusal that names the rule in hand."""
        return UnsupportedBySql(self.t.current, reason)

    def quantity(self, quantity: model.Quantity) -> Num:
        """A number of law."""
        return self.facts.quantity(quantity)

    def reached(self, rule: model.Rule) -> tuple[list[tuple[model.Edition, Bit]], Bit]:
        """Each edition with where it can decide; and where none is certain to."""
        t = self.t
        alive: Bit = True
        found = []
        for edition in sorted(rule.editions, key=lambda item: item.when is None):
            force = self._in_force(edition)
            if force is False or alive is False:
                continue
            test = TRUE if edition.when is None else self.truth(edition.when)
            found.append((edition, t.and_(alive, force, test.true)))
            alive = t.and_(alive, t.not_(t.and_(force, self.d.is_true(test))))
        return found, alive

    def _in_force(self, edition: model.Edition) -> Bit:
        t, day = self.t, self.facts.clock("as_of").lo.num
        begun = edition.start is None or t.le(edition.start.toordinal(), day)
        ended = edition.end is not None and t.le(edition.end.toordinal(), day)
        return t.and_(begun, t.not_(ended))

    def rule(self, rule: model.Rule) -> Value:
        """What a rule gives: the union of the editions that may decide."""
        editions, left = self.reached(rule)
        outcomes = [self.d.where(reach, self.body(rule, edition.body)) for edition, reach in editions]
        if isinstance(rule.body, model.Title):
            none = self.t.not_(self.t.or_(*(reach for _, reach in editions)))
            left = self.t.and_(left, self.t.not_(none))
            if none is not False:
                outcomes.append(self.d.where(none, self.state(rule.body)))
        if left is not False:
            like = outcomes[0] if outcomes else self._blank(rule)
            outcomes.append(self.d.nothing(like, absent=left))
        return self.d.union(outcomes)

    def _blank(self, rule: model.Rule) -> Value:
        match rule.type:
            case NumberType() | DateType():
                return self.d.number(0)
            case CodeType() | LevelType() | TitleType() | TextType():
                return Codes()
        return TRUE

    def body(self, rule: model.Rule, body: model.Body) -> Value:
        """What one edition gives."""
        match body:
            case model.Input():
                return self.facts.input(rule)
            case model.Formula():
                return self._formula(body)
            case model.Table():
                return decide_table(self, body)
            case model.Score():
                return self.score(body)
            case model.LevelOf():
                return self._level(rule, body)
            case model.Amount():
                return self._amount(body)
            case model.Title():
                return self._title(body)
            case model.Channel():
                return self.eval(body.open)
            case model.Scale() | model.Item() | model.Indicator() | model.Index():
                raise self.refuse(f"a {rule.kind} has no value")

    def _formula(self, body: model.Formula) -> Value:
        value = self.eval(body.expression)
        if body.unless is not None:
            value = self.d.any_of([self.as_truth(value), self.truth(body.unless)])
        return value if body.rounding is None else self.rounded(self.as_num(value), body.rounding)

    def rounded(self, value: Num, rounding: model.Rounding) -> Num:
        """To whole steps."""
        return self.f.to_step(value, self.quantity(rounding.to), rounding.how)

    # ------------------------------------------------------------------ kinds

    def parts(self, body: model.Score) -> list[tuple[model.Part, Num]]:
        """Each part of a score under its cap."""
        found = []
        for part in body.parts:
            value = self.num(part.expression)
            if part.cap is not None:
                value = self.d.extreme([value, self.quantity(part.cap)], greatest=False)
            found.append((part, value))
        return found

    def score(self, body: model.Score) -> Num:
        """The sum of the parts."""
        total = self.d.number(0)
        for _, value in self.parts(body):
            total = self.d.add(total, value)
        if body.cap is not None:
            total = self.d.extreme([total, self.quantity(body.cap)], greatest=False)
        return total if body.rounding is None else self.rounded(total, body.rounding)

    def _passes(self, name: str) -> Truth:
        outcomes: list[Value] = []
        for edition, reach in self.reached(self.book.rules[name])[0]:
            body = edition.body
            if not isinstance(body, model.Score) or body.passing is None:
                raise self.refuse("PASSES of what has no mark")
            side, mark = body.passing
            tests = [
                self.d.compare(">=", value, self.quantity(part.min))
                for part, value in self.parts(body)
                if part.min is not None
            ]
            op = {"ge": ">=", "gt": ">"}[side]
            tests.append(self.d.compare(op, self.score(body), self.quantity(mark)))
            outcomes.append(self.d.where(reach, self.d.all_of(tests)))
        return self._states(outcomes)

    def _states(self, outcomes: list[Value]) -> Truth:
        """The union; not in force where no edition can decide."""
        none = self.t.not_(self.t.or_(*(self.d.possible(value) for value in outcomes)))
        return self.as_truth(self.d.union([*outcomes, Truth(False, False, absent=none)]))

    def _level(self, rule: model.Rule, body: model.LevelOf) -> Codes:
        assert isinstance(rule.type, LevelType)  # noqa: S101  proved by the checker
        t, d, scale = self.t, self.d, rule.type.scale
        items = [self.as_codes(self.eval(node)) for node in body.of]
        some = t.and_(*(d.some(item) for item in items))
        can = [[d.member(item, [code]).true for code in scale] for item in items]
        known: dict[str, Bit] = {}
        for rank, code in enumerate(scale):
            reach = slice(rank, None) if body.pick == "least" else slice(0, rank + 1)
            # kept unless some level certainly lies lower (least) or higher (greatest)
            open_ = t.and_(*(t.or_(*bits[reach]) for bits in can))
            known[code] = t.and_(some, open_, t.or_(*(bits[rank] for bits in can)))
        flags = (t.or_(*(i.undefined for i in items)), t.or_(*(i.absent for i in items)))
        return Codes(known, (), False, *flags)

    def _amount(self, body: model.Amount) -> Num:
        amount = self.d.extreme([self.num(node) for _, node in body.limits], greatest=False)
        if body.rounding is not None:
            amount = self.rounded(amount, body.rounding)
        if body.when is None:
            return amount
        test = self.truth(body.when)
        outcomes = [self.d.where(test.true, amount), self.d.where(test.false, self.d.number(0))]
        closed = self.d.nothing(amount, undefined=test.undefined, absent=test.absent)
        return self.as_num(self.d.union([*outcomes, closed]))

    # ------------------------------------------------------------------ titles

    def certificate(self, body: model.Title) -> tuple[Truth, Num, Num]:
        """Whether a certificate is shown, its first day, the day it ends."""
        shown = self.facts.shown(self.book.rules[body.number])
        start = self.as_num(self.value(body.valid_from))
        endless = self.r.infinite(positive=True)
        end = Num(True, endless, endless)
        after = None
        if body.valid_months is not None:
            after = self.f.add_months(start, self.quantity(body.valid_months))
        if body.valid_to:
            given = self.facts.shown(self.book.rules[body.valid_to])
            told = self.as_num(self.value(body.valid_to))
            return shown, start, self._later_end(given, told, after, end)
        return shown, start, end if after is None else after

    def _later_end(self, given: Truth, told: Num, after: Num | None, endless: Num) -> Num:
        """As stated; endless if said to be none; else so many months after the start."""
        t, d = self.t, self.d
        none = t.and_(given.false, t.not_(given.true))
        if after is not None:
            open_ = t.and_(given.true, given.false)
            told = self.as_num(d.union([d.where(t.not_(open_), told), d.where(open_, after)]))
        stated = d.where(t.not_(none), told)
        return self.as_num(d.union([stated, d.where(none, endless)]))

    def state(self, body: model.Title) -> Codes:
        """Held or lapsed by the certificate alone; not in force where it says neither."""
        t, d = self.t, self.d
        shown, start, end = self.certificate(body)
        now = self.facts.clock("as_of")
        begun, ended = d.compare("<=", start, now), d.compare(">=", now, end)
        held, lapsed = t.and_(begun.true, ended.false), ended.true
        neither = t.and_(begun.false, ended.false)
        empty = t.not_(t.or_(held, lapsed, neither))
        sure = d.is_true(shown)
        known = {HELD: t.and_(sure, held), LAPSED: t.and_(sure, lapsed)}
        return Codes(known, absent=t.or_(t.not_(sure), neither, empty))

    def _title(self, body: model.Title) -> Codes:
        t = self.t
        state = self.state(body)
        met = self.truth(body.conditions)
        opened = {
            CONDITIONS_MET: t.and_(state.absent, met.true),
            BLOCKED: t.and_(state.absent, met.false),
        }
        flags = (t.and_(state.absent, met.undefined), t.and_(state.absent, met.absent))
        return Codes({**state.known, **opened}, (), False, *flags)

    def held(self, name: str) -> Truth:
        """HELD(title)."""
        body = self.book.rules[name].body
        if not isinstance(body, model.Title):
            raise self.refuse("HELD of no title")
        shown, start, end = self.certificate(body)
        now = self.facts.clock("as_of")
        return self.d.all_of([shown, self.d.compare("<=", start, now), self.d.compare("<", now, end)])

    def _conditions_met(self, name: str) -> Truth:
        outcomes: list[Value] = [
            self.d.where(reach, self.truth(edition.body.conditions))
            for edition, reach in self.reached(self.book.rules[name])[0]
            if isinstance(edition.body, model.Title)
        ]
        return self._states(outcomes)

    # ------------------------------------------------------------------ formulas

    def eval(self, node: ex.Expression) -> Value:  # noqa: C901, PLR0911, PLR0912  one arm a node type
        """The value of a formula."""
        match node:
            case ex.Number(number):
                return self.d.number(number)
            case ex.Text(code):
                return self.d.code(code)
            case ex.Truth(known):
                return TRUE if known else FALSE
            case ex.Ref(name) | ex.Field(_, name):
                return self.value(name)
            case ex.Clock(which):
                return self.facts.clock(which)
            case ex.Call():
                return self._call(node)
            case ex.Compare():
                return self._compare(node)
            case ex.In(item, codes):
                return self.d.member(self.as_codes(self.eval(item)), codes)
            case ex.Like(item, prefix):
                return self.d.starts(self.as_codes(self.eval(item)), prefix)
            case ex.Not(item):
                return self.d.negate(self.truth(item))
            case ex.Group(kind, items, k, listed):
                outcomes = [self.truth(item) for item in items]
                if kind == "at_least":
                    return self.d.at_least(k, outcomes)
                return (self.d.all_of if kind == "all_of" else self.d.any_of)(outcomes, listed=listed)
            case ex.Case(whens, otherwise):
                return self._case(whens, otherwise)
            case ex.Last(entity, n):
                # neither a rule of a row nor the item of an aggregate says whose fiscal year it asks for
                return self._last(entity or self.row or self.book.rules[self.t.current].entity, n)
            case ex.Aggregate():
                return self.facts.aggregate(self, node)
            case ex.StateOf("HELD", name):
                return self.held(name)
            case ex.StateOf("CONDITIONS_MET", name):
                return self._conditions_met(name)
            case ex.StateOf(_, name):
                return self._passes(name)

    def num(self, node: ex.Expression) -> Num:
        """A formula that gives a number."""
        return self.as_num(self.eval(node))

    def truth(self, node: ex.Expression) -> Truth:
        """A formula that gives a truth value."""
        return self.as_truth(self.eval(node))

    def as_num(self, value: Value) -> Num:
        """A value that has to be a number."""
        if not isinstance(value, Num):
            raise self.refuse("a number is needed where there is none")
        return value

    def as_truth(self, value: Value) -> Truth:
        """A value that has to be a condition."""
        if not isinstance(value, Truth):
            raise self.refuse("a condition is needed where there is none")
        return value

    def as_codes(self, value: Value) -> Codes:
        """A value that has to be a code."""
        if not isinstance(value, Codes):
            raise self.refuse("a code is needed where there is none")
        return value

    def _last(self, entity: str, n: int) -> Truth:
        t, r = self.t, self.r
        base, period = self.facts.clock("base_year"), self.facts.period(entity)
        first, last = self.d.subtract(base, self.d.number(n)), self.d.subtract(base, self.d.number(1))
        outside = t.or_(r.less(period.lo, first.lo), r.less(last.lo, period.hi))
        inside = t.and_(r.at_most(period.lo, last.lo), r.at_most(first.lo, period.hi))
        return Truth(inside, outside)

    def _scale(self, node: ex.Expression) -> tuple[str, ...]:
        kind = self.book.rules[node.name].type if isinstance(node, ex.Ref | ex.Field) else None
        return kind.scale if isinstance(kind, LevelType) else ()

    def _compare(self, node: ex.Compare) -> Truth:
        left, right = self.eval(node.left), self.eval(node.right)
        match left, right:
            case Num(), Num():
                return self.d.compare(node.op, left, right)
            case Codes(), Codes():
                scale = self._scale(node.left) or self._scale(node.right)
                if scale and node.op not in ("=", "<>"):
                    return self.d.compare(node.op, *(self.d.ranks(value, scale) for value in (left, right)))
                return self.d.compare_codes(node.op, left, right)
            case Truth(), Truth():
                return self.d.compare_truths(node.op, left, right)
        raise self.refuse("values of different kinds are compared")

    def _case(
        self, whens: tuple[tuple[ex.Expression, ex.Expression], ...], otherwise: ex.Expression | None
    ) -> Value:
        t, d = self.t, self.d
        alive: Bit = True
        outcomes: list[Value] = []
        for test, then in whens:
            known = self.truth(test)
            value = self.eval(then)
            outcomes.append(d.where(t.and_(alive, known.true), value))
            outcomes.append(d.nothing(value, absent=t.and_(alive, known.absent)))
            alive = t.and_(alive, t.or_(known.false, known.undefined))
        if otherwise is not None:
            outcomes.append(d.where(alive, self.eval(otherwise)))
        else:
            outcomes.append(d.nothing(outcomes[0], undefined=alive))
        return d.union(outcomes)

    # ------------------------------------------------------------------ functions

    def _call(self, node: ex.Call) -> Value:
        match node.name:
            case "COALESCE":
                return self._coalesce(node.args)
            case "NULLIF":
                return self._nullif(*node.args)
            case "POWER":
                return self._power(*node.args)
        args = [self.num(arg) for arg in node.args]
        match node.name:
            case "+":
                return self.d.add(*args)
            case "-":
                return self.d.subtract(*args)
            case "*":
                return self.d.multiply(*args)
            case "/":
                return self.d.divide(*args)
            case "ABS":
                return self.d.absolute(*args)
            case "LEAST" | "GREATEST":
                return self.d.extreme(args, greatest=node.name == "GREATEST")
            case "GROWTH":
                return self._growth(node, args)
        found = self.f.call(node.name, args)
        if found is None:
            raise self.refuse(f"{node.name} is not among its functions")
        return found

    def _coalesce(self, args: Sequence[ex.Expression]) -> Value:
        alive: Bit = True
        outcomes: list[Value] = []
        for arg in args:
            value = self.eval(arg)
            outcomes.append(self.d.where(alive, replace(value, undefined=False)))
            alive = self.t.and_(alive, value.undefined)
        return self.d.union([*outcomes, self.d.nothing(outcomes[0], undefined=alive)])

    def _nullif(self, first: ex.Expression, second: ex.Expression) -> Value:
        t, d = self.t, self.d
        value = self.eval(first)
        same = self._compare(ex.Compare("=", first, second))
        left = t.not_(d.is_true(same))
        kept = d.where(left, replace(value, undefined=False, absent=False))
        undefined = t.or_(value.undefined, same.true)
        return replace(kept, undefined=undefined, absent=t.and_(same.absent, left))

    def _power(self, base: ex.Expression, exponent: ex.Expression) -> Num:
        if not isinstance(exponent, ex.Number) or abs(exponent.value) > MAX_POWER:
            return self.f.unknown_power()
        if exponent.value.denominator != 1:
            return self.f.root_power(self.num(base), exponent.value)
        return self.d.power(self.num(base), int(exponent.value))

    def _growth(self, node: ex.Call, args: Sequence[Num]) -> Num:
        periods = node.args[2]
        if not isinstance(periods, ex.Number):
            raise self.refuse("GROWTH over a number of periods that is no number of the formula")
        return self.f.growth(args[0], args[1], Fraction(1) / periods.value)
