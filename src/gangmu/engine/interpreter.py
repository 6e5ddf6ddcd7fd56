"""The meaning of the language: one case, one date, any rule, as a walk over the tree.

A `Run` answers `value(rule)`; every answer is kept, so that explanations ask the same run again for free.
Missing facts are the whole of what they could be (`values`), rows that should be there and are not are rows
of unknowns (`rows`), tables are in `decide`. Other engines must agree with this one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any

from gangmu.engine import arithmetic, logic
from gangmu.engine.aggregate import Member, aggregate
from gangmu.engine.decide import Matches, decide_table, matches_of, rows_reached
from gangmu.engine.functions import CALLS
from gangmu.engine.rows import Line, lines_of
from gangmu.engine.values import (
    ABSENT,
    ANY_NUMBER,
    ANY_TEXT,
    EITHER,
    FALSE,
    INF,
    TRUE,
    UNDEFINED,
    End,
    Interval,
    Options,
    Value,
    between,
    one_of,
    point,
    truth,
    union,
)
from gangmu.evidence.facts import Case, Fact
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.types import LevelType

HELD, LAPSED, CONDITIONS_MET, BLOCKED = "held", "lapsed", "conditions_met", "blocked"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the evidence that the answer should not hide.

    Two origins differ, a stated figure clashes, or a fact was not usable.
    """

    kind: str  # origins-differ, stated-clash, origin-not-allowed
    rule: str
    what: str


@dataclass(slots=True)
class Run:
    """One case on one date under one book.

    `probe` puts other values in place of facts (for what-if questions).
    """

    book: model.Rulebook
    case: Case
    as_of: date
    probe: Mapping[tuple[str, int | str], Value] = field(default_factory=dict)
    findings: dict[Finding, None] = field(default_factory=dict)
    stated: set[str] = field(default_factory=set)
    _values: dict[tuple[str, int | str], Value] = field(default_factory=dict)  # by rule, and line or state
    _lines: dict[str, tuple[Line, ...]] = field(default_factory=dict)

    @property
    def base_year(self) -> int:
        """The base fiscal year: as the case states it, else the year of the as-of date."""
        return self.case.base_year if self.case.base_year is not None else self.as_of.year

    def with_facts(self, probe: Mapping[tuple[str, int | str], Value], touched: Collection[str]) -> Run:
        """A run with other values in place of some facts.

        `touched` are the rules that read them, directly or not.
        """
        kept = {key: value for key, value in self._values.items() if key[0] not in touched}
        since = {entity.since for entity in self.book.entities.values() if entity.since}
        lines = {} if any(name in since for name, _ in probe) else self._lines
        merged = {**self.probe, **probe}
        return Run(
            self.book, self.case, self.as_of, merged, dict(self.findings), set(self.stated), kept, lines
        )

    def on(self, day: date, touched: Collection[str]) -> Run:
        """The same case on another day on which no wording, row, fact or fiscal year is another.

        `touched` are the rules that are measured to the day, directly or not; all else is kept.
        """
        kept = {key: value for key, value in self._values.items() if key[0] not in touched}
        return Run(self.book, self.case, day, self.probe, {}, set(self.stated), kept)

    def remembering(self) -> Run:
        """The same run, keeping what every part of a formula comes out as: for who looks at all of them."""
        return _Remembering(
            self.book,
            self.case,
            self.as_of,
            self.probe,
            self.findings,
            self.stated,
            self._values,
            self._lines,
        )

    def note(self, kind: str, rule: model.Rule, what: str) -> None:
        """Keep a finding (once)."""
        self.findings[Finding(kind, rule.name, what)] = None

    # ------------------------------------------------------------------ rules

    def value(self, name: str, line: Line | None = None) -> Value:
        """The value of a rule (in a row, of a row rule). `name` is full."""
        key = (name, "" if line is None else line.id)
        found = self._values.get(key)
        if found is None:
            probed = self.probe.get(key)
            found = self._rule(self.book.rules[name], line) if probed is None else probed
            self._values[key] = found
        return found

    def editions(self, rule: model.Rule, line: Line | None = None) -> list[tuple[model.Edition, Value]]:
        """The editions that may decide on the as-of date, in order, each with the truth of its `when`.

        Those with `when` come first; the last may be certain.
        """
        if len(rule.editions) == 1 and rule.editions[0].when is None:
            return [(rule.editions[0], TRUE)] if rule.editions[0].in_force(self.as_of) else []
        found = []
        for edition in sorted(rule.editions, key=_unconditional):
            if not edition.in_force(self.as_of):
                continue
            test = TRUE if edition.when is None else self.eval(edition.when, line)
            if test.can_be_true:
                found.append((edition, test))
            if test.is_true:
                break
        return found

    def _rule(self, rule: model.Rule, line: Line | None) -> Value:
        editions = self.editions(rule, line)
        outcomes = [BODIES[type(edition.body)](self, rule, edition.body, line) for edition, _ in editions]
        if not editions and isinstance(rule.body, model.Title):
            return self.state(rule.name)
        if not editions or not editions[-1][1].is_true:
            outcomes.append(ABSENT)
        return outcomes[0] if len(outcomes) == 1 else union(outcomes)

    def _table(self, body: model.Table, line: Line | None) -> Value:
        by = None if body.by is None else self.eval(body.by, line)
        return decide_table(body, by, self.matches(body, by, line), self.value)

    def matches(self, table: model.Table, by: Value | None, line: Line | None) -> Matches:
        """The rows of a table that may decide, for each piece of `by`."""
        return matches_of(table, by, lambda node: self.eval(node, line))

    def rows(self, table: model.Table, line: Line | None = None) -> list[model.Row]:
        """The rows of a table that may decide, each once, in order."""
        by = None if table.by is None else self.eval(table.by, line)
        return rows_reached(self.matches(table, by, line))

    def _formula(self, rule: model.Rule, body: model.Formula, line: Line | None) -> Value:
        value = self.eval(body.expression, line)
        if body.unless is not None:
            value = logic.any_of([value, self.eval(body.unless, line)])
        if body.stated and line is None:
            value = self._stated(rule, value)
        return self._round(value, body.rounding)

    def _stated(self, rule: model.Rule, computed: Value) -> Value:
        """A stated figure stands where the formula is open.

        Where both are known, the formula stands, and a clash is a finding.
        """
        mine = (f for f in self.case.stated if f.rule == rule.name and f.base_year in (0, self.base_year))
        figure = next(mine, None)
        if figure is None or not isinstance(figure.fact.value, Fraction) or _later(figure.fact, self.as_of):
            return computed
        stated, slack, ordinary = figure.fact.value, figure.slack, computed.ordinary
        if isinstance(ordinary, Interval) and not ordinary.lo - slack <= stated <= ordinary.hi + slack:
            what = f"{figure.fact.text} is stated ({figure.fact.at}), the figures give otherwise"
            self.note("stated-clash", rule, what)
        if computed.is_known and computed.ordinary is not None:
            return computed
        self.stated.add(rule.name)
        return point(stated)

    def _round(self, value: Value, rounding: model.Rounding | None) -> Value:
        return value if rounding is None else arithmetic.to_step(value, rounding.to.value, rounding.how)

    def score_parts(self, body: model.Score) -> list[tuple[model.Part, Value]]:
        """Each part of a score with its value under its cap."""
        parts = []
        for part in body.parts:
            value = self.eval(part.expression, None)
            parts.append(
                (part, value if part.cap is None else arithmetic.least([value, point(part.cap.value)]))
            )
        return parts

    def _score(self, body: model.Score) -> Value:
        total = point(0)
        for _, value in self.score_parts(body):
            total = arithmetic.add(total, value)
        if body.cap is not None:
            total = arithmetic.least([total, point(body.cap.value)])
        return self._round(total, body.rounding)

    def passes(self, name: str) -> Value:
        """PASSES(score): the mark, and the least of every part that has one."""
        outcomes = []
        for edition, _ in self.editions(self.book.rules[name]):
            body = edition.body
            if not isinstance(body, model.Score) or body.passing is None:
                raise TypeError(name)
            side, mark = body.passing
            parts = [(part.min, value) for part, value in self.score_parts(body)]
            tests = [logic.compare(">=", value, point(least.value)) for least, value in parts if least]
            tests.append(logic.compare({"ge": ">=", "gt": ">"}[side], self._score(body), point(mark.value)))
            outcomes.append(logic.all_of(tests))
        return union(outcomes) if outcomes else ABSENT

    def _level(self, rule: model.Rule, body: model.LevelOf) -> Value:
        assert isinstance(rule.type, LevelType)  # noqa: S101  proved by the checker
        scale = rule.type.scale
        items = [self.eval(node, None) for node in body.of]
        undefined, absent = any(v.undefined for v in items), any(v.absent for v in items)
        sets = [[scale.index(str(code)) for code in value.codes or ()] for value in items]
        if not all(sets):
            return Value(None, undefined, absent)
        ranks = {rank for ranks in sets for rank in ranks}
        if body.pick == "least":
            top = min(max(ranks) for ranks in sets)
            kept = {rank for rank in ranks if rank <= top}
        else:
            bottom = max(min(ranks) for ranks in sets)
            kept = {rank for rank in ranks if rank >= bottom}
        return replace(one_of(scale[rank] for rank in kept), undefined=undefined, absent=absent)

    def _amount(self, body: model.Amount) -> Value:
        amount = self._round(
            arithmetic.least([self.eval(node, None) for _, node in body.limits]), body.rounding
        )
        if body.when is None:
            return amount
        test = self.eval(body.when, None)
        outcomes = [amount] if test.can_be_true else []
        if test.can_be_false:
            outcomes.append(point(0))
        return union([*outcomes, Value(None, test.undefined, test.absent)])

    # ------------------------------------------------------------------ titles

    def certificate(self, body: model.Title) -> tuple[Value, Value, Value]:
        """Whether a certificate is shown, its first day, and the day on which it ends.

        Shown is true, false (said to be none) or either (nothing is said).
        """
        shown = self.text_shown(body.number)
        start = self.value(body.valid_from)
        fact = self.fact(self.book.rules[body.valid_to], None) if body.valid_to else None
        if fact is not None and fact.value is None:
            end = between(INF, INF)
        elif fact is not None or body.valid_months is None:
            end = self.value(body.valid_to) if body.valid_to else between(INF, INF)
        else:
            end = CALLS["ADD_MONTHS"]([start, point(body.valid_months.value)])
        return shown, start, end

    def text_shown(self, name: str) -> Value:
        """Whether a text is given: true, false (said to be none), or unknown."""
        fact = self.fact(self.book.rules[name], None)
        if (name, "") in self.probe:
            return self.probe[name, ""]
        return EITHER if fact is None else FALSE if fact.value is None else TRUE

    def state(self, name: str) -> Value:
        """HELD or LAPSED by the certificate alone; absent where the certificate says neither."""
        body = self.book.rules[name].body
        if not isinstance(body, model.Title):
            raise TypeError(name)
        shown, start, end = self.certificate(body)
        if not shown.is_true:
            return ABSENT
        now = point(self.as_of.toordinal())
        begun, ended = logic.compare("<=", start, now), logic.compare(">=", now, end)
        outcomes = []
        if begun.can_be_true and ended.can_be_false:
            outcomes.append(one_of([HELD]))
        if ended.can_be_true:
            outcomes.append(one_of([LAPSED]))
        if begun.can_be_false and ended.can_be_false:
            outcomes.append(ABSENT)
        return union(outcomes) if outcomes else ABSENT

    def _title(self, rule: model.Rule, body: model.Title) -> Value:
        state = self.state(rule.name)
        if not state.absent:
            return state
        met = self.eval(body.conditions, None)
        outcomes = [replace(state, absent=False)] if state.ordinary is not None else []
        if met.can_be_true:
            outcomes.append(one_of([CONDITIONS_MET]))
        if met.can_be_false:
            outcomes.append(one_of([BLOCKED]))
        return union([*outcomes, Value(None, met.undefined, met.absent)])

    def held(self, name: str) -> Value:
        """HELD(title)."""
        body = self.book.rules[name].body
        if not isinstance(body, model.Title):
            raise TypeError(name)
        shown, start, end = self.certificate(body)
        now = point(self.as_of.toordinal())
        return logic.all_of([shown, logic.compare("<=", start, now), logic.compare("<", now, end)])

    def conditions_met(self, name: str) -> Value:
        """CONDITIONS_MET(title)."""
        outcomes = [
            self.eval(e.body.conditions, None)
            for e, _ in self.editions(self.book.rules[name])
            if isinstance(e.body, model.Title)
        ]
        return union(outcomes) if outcomes else ABSENT

    # ------------------------------------------------------------------ facts

    def fact(self, rule: model.Rule, line: Line | None) -> Fact | None:
        """The fact that counts for an input: known by the as-of date, of the strongest origin allowed."""
        given = self.case.facts if line is None else line.facts
        facts = given.get(rule.short.rpartition(".")[2])
        if not facts:
            return None
        known = [fact for fact in facts if not _later(fact, self.as_of)]
        allowed = rule.input.origins
        if len(known) == 1 and not allowed:
            return known[0]
        usable = [fact for fact in known if not allowed or fact.origin in allowed]
        if not usable:
            for fact in known[:1]:
                origin, needed = fact.origin or "of no stated origin", " or ".join(allowed)
                what = f"{fact.text} ({fact.at}) is {origin}; {needed} is needed"
                self.note("origin-not-allowed", rule, what)
            return None
        best, *others = sorted(usable, key=_strength)
        for other in others:
            if other.value != best.value:
                this, that = (f"{fact.text} ({fact.origin}, {fact.at})" for fact in (best, other))
                self.note("origins-differ", rule, f"{this} against {that}")
        return best

    def input(self, rule: model.Rule, line: Line | None) -> Value:
        """What is known of an input."""
        if line is not None and rule.short.rpartition(".")[2] == self.book.entities[rule.entity].period:
            return line.period
        fact = self.fact(rule, line)
        if fact is None:
            return unknown(rule)
        match fact.value:
            case None:
                return UNDEFINED
            case bool() as met:
                return TRUE if met else FALSE
            case str() as code:
                return one_of([code])
            case date() as day:
                return point(day.toordinal())
            case number:
                return point(number)

    def lines(self, entity: str) -> tuple[Line, ...]:
        """The rows of a related entity as seen on the as-of date, with those that are missing."""
        if entity not in self._lines:
            spec = self.book.entities[entity]
            since = self.value(spec.since) if spec.since else None
            self._lines[entity] = lines_of(spec, self.case, self.as_of, self.base_year, since)
        return self._lines[entity]

    # ------------------------------------------------------------------ formulas

    def eval(self, node: ex.Expression, line: Line | None) -> Value:
        """The value of a formula (in a row, if `line`)."""
        return NODES[type(node)](self, node, line)

    def _group(self, node: ex.Group, line: Line | None) -> Value:
        outcomes = [self.eval(item, line) for item in node.items]
        if node.kind == "at_least":
            return logic.at_least(node.k, outcomes)
        return (logic.all_of if node.kind == "all_of" else logic.any_of)(outcomes, listed=node.listed)

    def _clock(self, node: ex.Clock) -> Value:
        return point(self.as_of.toordinal() if node.which == "as_of" else self.base_year)

    def _state_of(self, node: ex.StateOf) -> Value:
        key = (node.name, node.state)
        if key not in self._values:
            ask = {"HELD": self.held, "CONDITIONS_MET": self.conditions_met, "PASSES": self.passes}
            self._values[key] = ask[node.state](node.name)
        return self._values[key]

    def members(self, node: ex.Aggregate) -> list[Member]:
        """The rows that an aggregate counts or may count."""
        found = []
        for line in self.lines(node.entity):
            test = TRUE if node.where is None else self.eval(node.where, line)
            if test.can_be_true or test.absent:
                item = point(1) if node.item is None else self.eval(node.item, line)
                certain = line.certain and test.is_true
                found.append(Member(item, certain, line.many, test.absent))
        return found

    def _compare(self, node: ex.Compare, line: Line | None) -> Value:
        left, right = self.eval(node.left, line), self.eval(node.right, line)
        codes = isinstance(left.ordinary, Options) or isinstance(right.ordinary, Options)
        if (
            codes
            and node.op not in ("=", "<>")
            and (scale := self._scale(node.left) or self._scale(node.right))
        ):
            left, right = (_ranks(value, scale) for value in (left, right))
        return logic.compare(node.op, left, right)

    def _scale(self, node: ex.Expression) -> tuple[str, ...]:
        kind = self.book.rules[node.name].type if isinstance(node, ex.Ref | ex.Field) else None
        return kind.scale if isinstance(kind, LevelType) else ()

    def _case(self, node: ex.Case, line: Line | None) -> Value:
        outcomes = []
        for test, then in node.whens:
            known = self.eval(test, line)
            if known.absent:
                outcomes.append(ABSENT)
            if known.can_be_true:
                outcomes.append(self.eval(then, line))
            if not (known.can_be_false or known.undefined):
                return union(outcomes)
        outcomes.append(UNDEFINED if node.otherwise is None else self.eval(node.otherwise, line))
        return union(outcomes)


# What every node of a formula means, by its type: looked up, since a run does little else.
NODES: dict[type, Callable[[Run, Any, Line | None], Value]] = {
    ex.Ref: lambda run, node, _: run.value(node.name),
    ex.Field: lambda run, node, line: run.value(node.name, line),
    ex.Number: lambda _, node, __: point(node.value),
    ex.Text: lambda _, node, __: one_of([node.value]),
    ex.Truth: lambda _, node, __: TRUE if node.value else FALSE,
    ex.Clock: lambda run, node, _: run._clock(node),
    ex.Last: lambda run, node, line: _last(line, run.base_year, node.n),
    ex.Call: lambda run, node, line: CALLS[node.name]([run.eval(arg, line) for arg in node.args]),
    ex.Compare: lambda run, node, line: run._compare(node, line),
    ex.Group: lambda run, node, line: run._group(node, line),
    ex.Not: lambda run, node, line: logic.negate(run.eval(node.item, line)),
    ex.In: lambda run, node, line: logic.is_in(run.eval(node.item, line), node.codes),
    ex.Like: lambda run, node, line: logic.starts_with(run.eval(node.item, line), (node.prefix,)),
    ex.Case: lambda run, node, line: run._case(node, line),
    ex.Aggregate: lambda run, node, _: aggregate(node.function, run.members(node)),
    ex.StateOf: lambda run, node, _: run._state_of(node),
}

# What every kind of rule does; scales, items and indicators have no value.
BODIES: dict[type, Callable[[Run, model.Rule, Any, Line | None], Value]] = {
    model.Input: lambda run, rule, _, line: run.input(rule, line),
    model.Formula: lambda run, rule, body, line: run._formula(rule, body, line),
    model.Table: lambda run, _, body, line: run._table(body, line),
    model.Score: lambda run, _, body, __: run._score(body),
    model.LevelOf: lambda run, rule, body, _: run._level(rule, body),
    model.Amount: lambda run, _, body, __: run._amount(body),
    model.Title: lambda run, rule, body, _: run._title(rule, body),
    model.Channel: lambda run, _, body, __: run.eval(body.open, None),
}


@dataclass(slots=True)
class _Remembering(Run):
    """A run that evaluates no part of a formula, and no table, twice in the same row."""

    # by node or table (the book keeps it alive), and in a row by its line
    _evaluated: dict[int | tuple[int, int], Value] = field(default_factory=dict)
    _matched: dict[int | tuple[int, int], Matches] = field(default_factory=dict)

    def eval(self, node: ex.Expression, line: Line | None) -> Value:
        """As the run."""
        if isinstance(node, ex.Ref):  # the value of a rule is kept in any run
            return self.value(node.name)
        key = id(node) if line is None else (id(node), line.id)
        found = self._evaluated.get(key)
        if found is None:
            found = self._evaluated[key] = NODES[type(node)](self, node, line)
        return found

    def matches(self, table: model.Table, by: Value | None, line: Line | None) -> Matches:
        """As the run."""
        key = id(table) if line is None else (id(table), line.id)
        found = self._matched.get(key)
        if found is None:
            found = self._matched[key] = Run.matches(self, table, by, line)
        return found


def unknown(rule: model.Rule) -> Value:
    """Everything that an input could be."""
    body = rule.input
    match body.input:
        case "number":
            return between(body.range.lo, body.range.hi)
        case "condition":
            return EITHER
        case "code":
            return one_of(body.options) if body.options else ANY_TEXT
        case "text":
            return ANY_TEXT
        case _:
            return ANY_NUMBER


def _later(fact: Fact, as_of: date) -> bool:
    return fact.known_on is not None and fact.known_on > as_of


def _strength(fact: Fact) -> int:
    """The place of a fact's origin, strongest first."""
    return model.ORIGINS.index(fact.origin) if fact.origin in model.ORIGINS else len(model.ORIGINS)


def _ranks(value: Value, scale: tuple[str, ...]) -> Value:
    """A level as its place on the scale (its hull)."""
    ranks = [Fraction(scale.index(str(code))) for code in (scale if value.codes is None else value.codes)]
    return Value(Interval(min(ranks), max(ranks)) if ranks else None, value.undefined, value.absent)


def _last(line: Line | None, base_year: int, n: int) -> Value:
    period = line.period.interval if line is not None else Interval(-INF, INF)
    lo, hi = _year(period.lo), _year(period.hi)
    first, last = base_year - n, base_year - 1
    return truth(true=lo <= last and hi >= first, false=lo < first or hi > last)


def _year(end: End) -> float:
    """An end of a period of whole years, cheaper to compare than a fraction."""
    return end if isinstance(end, float) else end.numerator


def _unconditional(edition: model.Edition) -> bool:
    return edition.when is None
