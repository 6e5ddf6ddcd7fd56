"""Rules to machine code: the walk of `engine.interpreter` over the same tree, writing what it would compute.

One `Program` writes one loop body: the rules of one owner or one related row, under the editions in force in
one stretch of time. Where facts and aggregates come from is a `Facts`; every number of law is a run-time
argument, read from the array of parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Protocol

from gangmu.engine.kernel.atoms import Atoms
from gangmu.engine.kernel.calendars import Calendar
from gangmu.engine.kernel.domain import FALSE, TRUE, Codes, Domain, Num, Truth, UnsupportedByKernel, Value
from gangmu.engine.kernel.emit import Bit, Emitter
from gangmu.engine.kernel.numbers import End, Rationals, TooWideError
from gangmu.engine.kernel.tables import decide_table
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.types import CodeType, DateType, LevelType, NumberType, TitleType


class Facts(Protocol):
    """Where a program's facts come from."""

    def input(self, rule: model.Rule) -> Value:
        """What is known of an input."""

    def shown(self, rule: model.Rule) -> Truth:
        """Whether a fact is given (true), said to be none (false), or neither (both)."""

    def clock(self, which: str) -> Num:
        """The as-of date or the base year."""

    def period(self) -> Num:
        """The period of the current row."""

    def aggregate(self, node: ex.Aggregate) -> Num:
        """An aggregate over related rows."""


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
        self, book: model.Rulebook, facts: Facts, day: date, atoms: Atoms, parameters: Parameters,
        *, points: bool, exact: bool, blind: bool = False,
    ) -> None:  # fmt: skip
        """Begin an empty loop body."""
        self.book, self.facts, self.day, self.atoms, self.parameters = book, facts, day, atoms, parameters
        self.e = Emitter()
        self.r = Rationals(self.e, exact=exact, blind=blind)
        self.d = Domain(self.e, self.r, len(atoms), points=points)
        self._kept: dict[str, Value] = {}
        self._rule = ""
        self.lapses = False  # whether a rule may be not in force: then a row without holes may be no point

    # ------------------------------------------------------------------ rules

    def value(self, name: str) -> Value:
        """The value of a rule, by full name."""
        if name not in self._kept:
            before, self._rule = self._rule, name
            try:
                self._kept[name] = self.rule(self.book.rules[name])
            except TooWideError:
                raise UnsupportedByKernel(name, "its numbers need more than 1,000 bits") from None
            self._rule = before
        return self._kept[name]

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
            return self.state(rule.body)
        if left is not False:
            like = outcomes[0] if outcomes else self._blank(rule)
            outcomes.append(self.d.nothing(like, absent=left))
        return self.d.union(outcomes)

    def _blank(self, rule: model.Rule) -> Value:
        match rule.type:
            case NumberType() | DateType():
                return self.d.number(0)
            case CodeType() | LevelType() | TitleType():
                return Codes(0)
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
            case model.Scale():
                raise self.refuse("a scale has no value")

    def _formula(self, body: model.Formula) -> Value:
        value = self.eval(body.expression)
        if body.unless is not None and isinstance(value, Truth):
            value = self.d.any_of([value, self.truth(body.unless)])
        return value if body.rounding is None else self.rounded(self._num(value), body.rounding)

    def rounded(self, value: Num, rounding: model.Rounding) -> Num:
        """To whole steps."""
        return self.to_step(value, self.quantity(rounding.to), rounding.how)

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
        editions, left = self.reached(self.book.rules[name])
        for edition, reach in editions:
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
        return self._states(outcomes, left)

    def _states(self, outcomes: list[Value], left: Bit) -> Truth:
        """The union; not in force where no edition can decide."""
        if left is False:
            return self._truth(self.d.union(outcomes))
        self.lapses = True
        none = self.e.not_(self.e.or_(*(self._any(value) for value in outcomes)))
        found = self.d.union([*outcomes, Truth(False, False, absent=none)])
        return self._truth(found)

    def _any(self, value: Value) -> Bit:
        return self.e.or_(self.d.some(value), value.undefined, value.absent)

    def _level(self, rule: model.Rule, body: model.LevelOf) -> Codes:
        assert isinstance(rule.type, LevelType)  # noqa: S101  proved by the checker
        e, d = self.e, self.d
        places = [self.atoms.of(code) for code in rule.type.scale]
        items = [self._codes(self.eval(node)) for node in body.of]
        some = e.and_(*(d.some(item) for item in items))
        union: int | str = 0
        for item in items:
            union = d.mask_or(union, item.mask)
        kept: int | str = 0
        for rank, atom in enumerate(places):
            beyond = places[rank + 1 :] if body.pick == "least" else places[:rank]
            allowed = sum(1 << other for other in (*beyond, atom))
            # kept unless some level certainly lies lower (least) or higher (greatest)
            open_ = e.and_(*(d.meets(item.mask, allowed) for item in items))
            kept = d.mask_or(kept, d.pick_mask(open_, d.mask_and(union, 1 << atom), 0))
        flags = (e.or_(*(i.undefined for i in items)), e.or_(*(i.absent for i in items)))
        return Codes(d.pick_mask(some, kept, 0), *flags)

    def _amount(self, body: model.Amount) -> Num:
        amount = self.d.extreme([self.num(node) for _, node in body.limits], greatest=False)
        if body.rounding is not None:
            amount = self.rounded(amount, body.rounding)
        if body.when is None:
            return amount
        test = self.truth(body.when)
        outcomes = [self.d.where(test.true, amount), self.d.where(test.false, self.d.number(0))]
        closed = self.d.nothing(amount, undefined=test.undefined, absent=test.absent)
        return self._num(self.d.union([*outcomes, closed]))

    # ------------------------------------------------------------------ titles

    def certificate(self, body: model.Title) -> tuple[Truth, Num, Num]:
        """Whether a certificate is shown, its first day, the day it ends."""
        shown = self.facts.shown(self.book.rules[body.number])
        start = self._num(self.value(body.valid_from))
        endless = self.r.infinite(positive=True)
        end = Num(True, endless, endless)
        if body.valid_to:
            given = self.facts.shown(self.book.rules[body.valid_to])
            told = self._num(self.value(body.valid_to))
            end = self._later_end(body, start, given, told, end)
        elif body.valid_months is not None:
            end = self.add_months(start, self.quantity(body.valid_months))
        return shown, start, end

    def _later_end(self, body: model.Title, start: Num, given: Truth, told: Num, endless: Num) -> Num:
        """As stated; endless if said to be none; else so many months after the start."""
        e, d = self.e, self.d
        both = e.and_(given.true, given.false)
        stated = told if body.valid_months is None else None
        if stated is None and body.valid_months is not None:
            after = self.add_months(start, self.quantity(body.valid_months))
            stated = self._num(d.union([d.where(e.not_(both), told), d.where(both, after)]))
        assert stated is not None  # noqa: S101  set above
        none = e.and_(given.false, e.not_(given.true))
        stated = replace(stated, undefined=e.and_(stated.undefined, e.not_(none)))
        return self._num(d.union([d.where(e.not_(none), stated), d.where(none, endless)]))

    def state(self, body: model.Title) -> Codes:
        """Held or lapsed by the certificate alone; not in force where it says neither."""
        e, d = self.e, self.d
        shown, start, end = self.certificate(body)
        now = self.facts.clock("as_of")
        begun, ended = d.compare("<=", start, now), d.compare(">=", now, end)
        held, lapsed = e.and_(begun.true, ended.false), ended.true
        neither = e.and_(begun.false, ended.false)
        empty = e.not_(e.or_(held, lapsed, neither))
        sure = d.is_true(shown)
        names = self.atoms
        mask = d.mask_or(
            d.pick_mask(e.and_(sure, held), names.mask(["held"]), 0),
            d.pick_mask(e.and_(sure, lapsed), names.mask(["lapsed"]), 0),
        )
        return Codes(mask, False, e.or_(e.not_(sure), neither, empty))

    def _title(self, body: model.Title) -> Codes:
        e, d = self.e, self.d
        state = self.state(body)
        met = self.truth(body.conditions)
        opened = d.mask_or(
            d.pick_mask(met.true, self.atoms.mask(["conditions_met"]), 0),
            d.pick_mask(met.false, self.atoms.mask(["blocked"]), 0),
        )
        mask = d.mask_or(state.mask, d.pick_mask(state.absent, opened, 0))
        return Codes(mask, e.and_(state.absent, met.undefined), e.and_(state.absent, met.absent))

    def _held(self, name: str) -> Truth:
        body = self.book.rules[name].body
        if not isinstance(body, model.Title):
            raise self.refuse("HELD of no title")
        shown, start, end = self.certificate(body)
        now = self.facts.clock("as_of")
        return self.d.all_of([shown, self.d.compare("<=", start, now), self.d.compare("<", now, end)])

    def _conditions_met(self, name: str) -> Truth:
        editions, left = self.reached(self.book.rules[name])
        outcomes: list[Value] = [
            self.d.where(reach, self.truth(edition.body.conditions))
            for edition, reach in editions
            if isinstance(edition.body, model.Title)
        ]
        return self._states(outcomes, left)

    # ------------------------------------------------------------------ formulas

    def eval(self, node: ex.Expression) -> Value:  # noqa: C901, PLR0911, PLR0912  one arm a node type
        """The value of a formula."""
        match node:
            case ex.Number(number):
                return self.d.number(number)
            case ex.Text(code):
                return Codes(self.atoms.mask([code]))
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
                return self.d.member(self._codes(self.eval(item)), self.atoms.mask(codes))
            case ex.Like(item, prefix):
                return self.d.member(self._codes(self.eval(item)), self.atoms.starting([prefix]))
            case ex.Not(item):
                return self.d.negate(self.truth(item))
            case ex.Group(kind, items, k, listed):
                outcomes = [self.truth(item) for item in items]
                if kind == "at_least":
                    return self.d.at_least(k, outcomes)
                return (self.d.all_of if kind == "all_of" else self.d.any_of)(outcomes, listed=listed)
            case ex.Case(whens, otherwise):
                return self._case(whens, otherwise)
            case ex.Last(_, n):
                return self._last(n)
            case ex.Aggregate():
                return self.facts.aggregate(node)
            case ex.StateOf("HELD", name):
                return self._held(name)
            case ex.StateOf("CONDITIONS_MET", name):
                return self._conditions_met(name)
            case ex.StateOf(_, name):
                return self._passes(name)

    def num(self, node: ex.Expression) -> Num:
        """A formula that gives a number."""
        return self._num(self.eval(node))

    def truth(self, node: ex.Expression) -> Truth:
        """A formula that gives a truth value."""
        return self._truth(self.eval(node))

    def _num(self, value: Value) -> Num:
        if not isinstance(value, Num):
            raise self.refuse("a number is needed where there is none")
        return value

    def _truth(self, value: Value) -> Truth:
        if not isinstance(value, Truth):
            raise self.refuse("a condition is needed where there is none")
        return value

    def _codes(self, value: Value) -> Codes:
        if not isinstance(value, Codes):
            raise self.refuse("a code is needed where there is none")
        return value

    def _last(self, n: int) -> Truth:
        base = self.facts.clock("base_year")
        period = self.facts.period()
        first, last = self.d.subtract(base, self.d.number(n)), self.d.subtract(base, self.d.number(1))
        e, r = self.e, self.r
        outside = e.or_(r.less(period.lo, first.lo), r.less(last.lo, period.hi))
        inside = e.and_(e.not_(r.less(last.lo, period.lo)), e.not_(r.less(period.hi, first.lo)))
        return Truth(inside, outside)

    def _scale(self, node: ex.Expression) -> tuple[str, ...]:
        kind = self.book.rules[node.name].type if isinstance(node, ex.Ref | ex.Field) else None
        return kind.scale if isinstance(kind, LevelType) else ()

    def _compare(self, node: ex.Compare) -> Truth:
        left, right = self.eval(node.left), self.eval(node.right)
        scale = self._scale(node.left) or self._scale(node.right)
        if isinstance(left, Num) and isinstance(right, Num):
            return self.d.compare(node.op, left, right)
        if isinstance(left, Codes) and isinstance(right, Codes):
            if scale and node.op not in ("=", "<>"):
                places = [self.atoms.of(code) for code in scale]
                ranks = [self.d.ranks(value, places) for value in (left, right)]
                return self.d.compare(node.op, *ranks)
            if not scale and not any(isinstance(side, ex.Text) for side in (node.left, node.right)):
                raise self.refuse("two codes, neither of them named, are compared")
            return self.d.compare_codes(node.op, left, right)
        raise self.refuse("conditions are compared")

    def _case(
        self, whens: tuple[tuple[ex.Expression, ex.Expression], ...], otherwise: ex.Expression | None
    ) -> Value:
        e, d = self.e, self.d
        alive: Bit = True
        outcomes: list[Value] = []
        for test, then in whens:
            known = self.truth(test)
            value = self.eval(then)
            outcomes.append(d.where(e.and_(alive, known.true), value))
            outcomes.append(d.nothing(value, absent=e.and_(alive, known.absent)))
            alive = e.and_(alive, e.or_(known.false, known.undefined))
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
            case "ROUND" | "FLOOR" | "CEIL":
                how = {"ROUND": "half_up", "FLOOR": "floor", "CEIL": "ceil"}[node.name]
                return self.to_step(args[0], args[1] if len(args) > 1 else self.d.number(1), how)
        return self._call_date(node, args)

    def _call_date(self, node: ex.Call, args: Sequence[Num]) -> Num:
        match node.name:
            case "GROWTH":
                return self._growth(node, args)
            case "DAYS":
                return self._span(args, self._days)
            case "MONTHS":
                return self._span(args, lambda a, b: Calendar(self.e).months(a, b))
            case "YEARS":
                return self._span(args, self._years)
            case "YEAR":
                lo = self._year(args[0].lo)
                hi = lo if args[0].is_point else self._year(args[0].hi)
                return self.d.lift(args, lo, hi)
            case "ADD_MONTHS":
                return self.add_months(*args)
        raise self.refuse(f"{node.name} is rounded to 15 digits")

    def _coalesce(self, args: Sequence[ex.Expression]) -> Value:
        alive: Bit = True
        outcomes: list[Value] = []
        for arg in args:
            value = self.eval(arg)
            outcomes.append(self.d.where(alive, replace(value, undefined=False)))
            alive = self.e.and_(alive, value.undefined)
        return self.d.union([*outcomes, self.d.nothing(outcomes[0], undefined=alive)])

    def _nullif(self, first: ex.Expression, second: ex.Expression) -> Value:
        e, d = self.e, self.d
        value, other = self.eval(first), self.eval(second)
        if not (isinstance(value, Num) and isinstance(other, Num)):
            raise self.refuse("NULLIF of codes")
        same = d.compare("=", value, other)
        sure = d.is_true(same)
        left = e.not_(sure)
        undefined = e.or_(value.undefined, same.true)
        return Num(e.and_(value.some, left), value.lo, value.hi, undefined, e.and_(same.absent, left))

    def _power(self, base: ex.Expression, exponent: ex.Expression) -> Num:
        if not isinstance(exponent, ex.Number) or exponent.value.denominator != 1:
            raise self.refuse("POWER is rounded to 15 digits, or its exponent is no whole number")
        if abs(exponent.value) > 8:  # noqa: PLR2004  so that numbers stay narrow
            raise self.refuse("POWER above 8")
        return self.d.power(self.num(base), int(exponent.value))

    def _growth(self, node: ex.Call, args: Sequence[Num]) -> Num:
        if node.args[2] != ex.Number(Fraction(1)):
            raise self.refuse("GROWTH over several periods is rounded to 15 digits")
        e, r, d = self.e, self.r, self.d
        later, earlier = args[:2]
        guard = e.and_(later.some, earlier.some)
        outside = e.or_(e.not_(r.positive(earlier.lo, guard)), r.negative(later.lo, guard))
        hopeless = e.or_(e.not_(r.positive(earlier.hi, guard)), r.negative(later.hi, guard))
        if later.is_point and earlier.is_point:
            end = r.over(later.lo, earlier.lo)
            lo = hi = r.add(end, r.const(-1))
        else:
            floor = r.pick(r.negative(later.lo, guard), r.const(0), later.lo)
            low = replace(r.over(floor, earlier.hi), ninf=False)
            safe = r.positive(earlier.lo, guard)
            high = r.over(later.hi, earlier.lo)
            off = e.and_(e.not_(safe), r.positive(later.hi, guard))
            zero = e.and_(e.not_(safe), e.not_(off))
            high = r.pick(zero, r.const(0), high)
            high = replace(high, pinf=e.or_(high.pinf, off))
            lo, hi = r.add(low, r.const(-1)), r.add(high, r.const(-1))
        return d.lift((later, earlier), lo, hi, more=outside, some=e.not_(hopeless))

    # ------------------------------------------------------------------ steps and dates

    def to_step(self, value: Num, step: Num, how: str) -> Num:
        """Round to whole steps."""
        lo = self._stepped(value.lo, step.lo, how)
        hi = lo if value.is_point else self._stepped(value.hi, step.lo, how)
        return Num(value.some, lo, hi, value.undefined, value.absent)

    def _stepped(self, end: End, step: End, how: str) -> End:
        """One end; its quotient by the step must fit a word."""
        if step.num.lo < 1 or step.fixed is None or step.ninf is not False or step.pinf is not False:
            raise self.refuse("a rounding step that is no positive number of the book")
        e, w = self.e, self.r.w
        steps = self.r.over(end, step)
        num, den = steps.num, steps.den
        above = num.lo >= 0
        if how == "half_up":
            num, den = w.add(w.mul(num, w.const(2)), den), w.mul(den, w.const(2))
        if not (num.small and den.small):
            raise self.refuse("a number to be rounded needs more than a machine word")
        n, k = num.exact(64), den.exact(64)
        cut = e.ins(f"sdiv i64 {n}, {k}")
        rest = e.ins(f"sub i64 {n}, {e.ins(f'mul i64 {cut}, {k}')}")
        more = e.ins(f"icmp sgt i64 {rest}, 0")
        less = e.ins(f"icmp slt i64 {rest}, 0")
        whole = self._whole_steps(how, (n, k), cut, rest, (more, less))
        edge = max(abs(num.lo), abs(num.hi)) + 1
        found = End(w.leaf(whole, -edge, edge), w.const(1), end.ninf, end.pinf)
        if above:
            found = replace(found, num=w.leaf(whole, 0, edge))
        return replace(self.r.mul(replace(found, ninf=False, pinf=False), step), ninf=end.ninf, pinf=end.pinf)

    def _whole_steps(
        self, how: str, ends: tuple[str, str], cut: str, rest: str, signs: tuple[str, str]
    ) -> str:
        e = self.e
        up, down = e.bit_as(signs[0], "i64"), e.bit_as(signs[1], "i64")
        match how:
            case "floor":
                return e.ins(f"sub i64 {cut}, {down}")
            case "ceil":
                return e.ins(f"add i64 {cut}, {up}")
            case "down":
                return cut
            case "up":
                return e.ins(f"sub i64 {e.ins(f'add i64 {cut}, {up}')}, {down}")
            case "half_up":
                return self._half_up(ends, cut, (rest, signs[1]))
        raise self.refuse(f"rounding `{how}`")

    def _half_up(self, ends: tuple[str, str], cut: str, rest: tuple[str, str]) -> str:
        """Half away from zero: floor(x + 1/2) above 0, ceil(x - 1/2) below; `ends` hold x + 1/2."""
        e = self.e
        n, k = ends
        floor = e.ins(f"sub i64 {cut}, {e.bit_as(rest[1], 'i64')}")
        # below zero an exact half goes down: there x + 1/2 is whole
        exact = e.ins(f"icmp eq i64 {rest[0]}, 0")
        half = e.ins(f"sdiv i64 {k}, 2")
        below = e.ins(f"icmp slt i64 {n}, {half}")
        return e.ins(f"sub i64 {floor}, {e.bit_as(e.and_(exact, below), 'i64')}")

    def _ordinal(self, end: End) -> str:
        if end.fixed != 1 or not end.num.small:
            raise self.refuse("a day or a count of months that is no whole number")
        return end.num.exact(64)

    def _days(self, start: str, end: str) -> str:
        return self.e.ins(f"sub i64 {end}, {start}")

    def _years(self, start: str, end: str) -> str:
        months = Calendar(self.e).months(start, end)
        return self.e.ins(f"mul i64 {self.e.ins(f'sdiv i64 {months}, 12')}, 12")

    def _span(self, args: Sequence[Num], measure: object) -> Num:
        a, b = args
        edge = 4_000_000

        def one(start: End, end: End) -> End:
            register = measure(self._ordinal(start), self._ordinal(end))  # type: ignore[operator]
            flags = (self.e.or_(start.pinf, end.ninf), self.e.or_(start.ninf, end.pinf))
            return End(self.r.w.leaf(register, -edge, edge), self.r.w.const(1), *flags)

        lo = one(a.hi, b.lo)
        hi = lo if a.is_point and b.is_point else one(a.lo, b.hi)
        return self.d.lift(args, lo, hi)

    def _year(self, end: End) -> End:
        year = Calendar(self.e).civil(self._ordinal(end))[0]
        return replace(end, num=self.r.w.leaf(year, 1, 9999))

    def add_months(self, day: Num, months: Num) -> Num:
        """ADD_MONTHS; endless stays endless."""

        def one(end: End, count: End) -> End:
            if count.ninf is not False or count.pinf is not False:
                raise self.refuse("ADD_MONTHS of a number of months that may be endless")
            found = Calendar(self.e).add_months(self._ordinal(end), self._ordinal(count))
            return replace(end, num=self.r.w.leaf(found, 1, 3_652_059))

        lo = one(day.lo, months.lo)
        hi = lo if day.is_point and months.is_point else one(day.hi, months.hi)
        return self.d.lift((day, months), lo, hi)
