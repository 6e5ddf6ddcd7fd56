"""Why an answer is what it is: the tree of reasons of one rule, their values, and which decide.

A reason is a rule, or a part of a formula that a person would name (a comparison, a group, an aggregate).
`decides` marks what the answer rests on: of a group that fails the members that fail, of one that holds
through an exception the exception, and so on; the weakest grade is taken over those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from gangmu.engine.arithmetic import subtract
from gangmu.engine.decide import rows_reached
from gangmu.engine.grade import (
    GRADE_OF,
    RunJudge,
    ceilings_of,
    certificate_of,
    condition_decides,
    exception_decides,
    level_decides,
    limit_decides,
    member_decides,
)
from gangmu.engine.interpreter import Run
from gangmu.engine.rows import Line
from gangmu.engine.values import Interval, Value, point
from gangmu.evidence.facts import Fact
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.infer import type_of_formula
from gangmu.rulebook.types import NumberType, Type

MAX_REASONS = 4_000  # beyond these no more is told of what rows rest on

Kind = Literal[
    "rule", "input", "parameter", "comparison", "all_of", "any_of", "at_least", "not", "unless", "aggregate",
    "row", "limit", "part", "state", "formula",
]  # fmt: skip


@dataclass(slots=True)
class Later:
    """Reasons that are told when asked for, once: most answers rest on few of the rules that they could."""

    tell: Callable[[], tuple[Reason, ...]]
    kept: tuple[Reason, ...] | None = None

    def told(self) -> tuple[Reason, ...]:
        """The reasons."""
        if self.kept is None:
            self.kept = self.tell()
        return self.kept


@dataclass(frozen=True, slots=True, eq=False)  # a node of a tree is itself, not its look
class Reason:
    """One node of the tree.

    `value` is of the rule or the part; a comparison also has both sides and its margin.
    """

    kind: Kind
    value: Value
    type: Type | None = None
    rule: model.Rule | None = None
    edition: model.Edition | None = None
    row: model.Row | None = None  # the table row that gave a parameter or a table its value
    fact: Fact | None = None
    line: Line | None = None
    op: str = ""
    sides: tuple[Value, Value] | None = None
    margin: Value | None = None
    label: str = ""
    stated: bool = False
    expression: ex.Expression | None = None
    basis: str = ""  # an aggregate's: the weakest grade of all that its item and its filter read
    branches: tuple[Reason, ...] | Later = ()  # read them as `children`
    decides: bool = True

    @property
    def children(self) -> tuple[Reason, ...]:
        """The reasons below this one; those of a rule are told when they are first asked for."""
        return self.branches.told() if isinstance(self.branches, Later) else self.branches

    @property
    def standing(self) -> model.Standing:
        """On what this reason itself rests: the row's, else the edition's, citation."""
        if self.row is not None and self.row.standing is not None:
            return self.row.standing
        return self.edition.standing if self.edition is not None else model.Standing()

    def walk(self) -> Iterator[Reason]:
        """This reason and all below it, parents first; what several rest on comes once."""
        return _once(self, deciding=False)

    def deciding(self) -> Iterator[Reason]:
        """This reason and those below it on which the answer rests; what several rest on comes once."""
        return _once(self, deciding=True)

    @property
    def grade(self) -> str:
        """The weakest grade on the deciding path; empty if only rules of our own and facts decide."""
        grades = [grade for reason in self.deciding() for grade in (reason.standing.grade, reason.basis)]
        return max(filter(None, grades), key=model.GRADES.index, default="")

    @property
    def layers(self) -> tuple[str, ...]:
        """The rulebook layers that decide."""
        return tuple(
            dict.fromkeys(
                reason.rule.layer
                for reason in self.deciding()
                if reason.rule is not None and reason.rule.kind != "input"
            )
        )


def _once(top: Reason, *, deciding: bool) -> Iterator[Reason]:
    """Parents first, each node once, by its branches (copies of a rule's reason share them)."""
    seen: set[int] = set()
    todo = [top]
    while todo:
        reason = todo.pop()
        if deciding and not reason.decides:
            continue
        mark = id(reason.branches) if isinstance(reason.branches, Later) else id(reason)
        if mark not in seen:
            seen.add(mark)
            yield reason
            todo.extend(reversed(reason.children))


@dataclass(slots=True)
class _Teller:
    run: Run
    told: dict[tuple[str, int], Reason] = field(default_factory=dict)
    count: int = 0


def explain(run: Run, name: str) -> Reason:
    """The tree of reasons of a rule (full name) for the run's case and date."""
    return _rule(_Teller(run.remembering()), name, None)


def _rule(teller: _Teller, name: str, line: Line | None) -> Reason:
    key = (name, -1 if line is None else line.id)
    if key in teller.told:
        return teller.told[key]
    run, rule = teller.run, teller.run.book.rules[name]
    value = run.value(name, line)
    teller.count += 1
    kind: Kind = "parameter" if rule.kind == "parameter" else "rule"
    newest = rule.editions[-1]
    if rule.kind == "input":
        reason = Reason("input", value, rule.type, rule, newest, fact=run.fact(rule, line), line=line)
    elif line is None or teller.count < MAX_REASONS:
        editions = run.editions(rule, line)

        def parts() -> tuple[Reason, ...]:
            return tuple(part for item, _ in editions for part in _edition(teller, rule, item, value, line))

        reason = Reason(
            kind, value, rule.type, rule, editions[0][0] if editions else newest, line=line,
            branches=Later(parts), stated=name in run.stated, row=_row(run, editions, line),
        )  # fmt: skip
    else:
        reason = Reason(kind, value, rule.type, rule, newest, line=line)
    teller.told[key] = reason
    return reason


def _row(run: Run, editions: list[tuple[model.Edition, Value]], line: Line | None) -> model.Row | None:
    """The one table row that can have given the value."""
    if len(editions) != 1 or not isinstance(editions[0][0].body, model.Table):
        return None
    table = editions[0][0].body
    rows = rows_reached(
        table, None if table.by is None else run.eval(table.by, line), lambda node: run.eval(node, line)
    )
    return rows[0] if len(rows) == 1 else None


def _edition(
    teller: _Teller, rule: model.Rule, edition: model.Edition, value: Value, line: Line | None
) -> list[Reason]:
    body, parts = edition.body, []
    if edition.when is not None:
        parts.extend(_parts(teller, edition.when, line))
    match body:
        case model.Formula():
            parts.extend(_formula(teller, body, value, line))
        case model.Table():
            parts.extend(_table(teller, body, line))
        case model.Score():
            for part, worth in teller.run.score_parts(body):
                inner = tuple(_parts(teller, part.expression, line))
                parts.append(Reason("part", worth, rule.type, label=part.name, branches=inner))
        case model.LevelOf():
            parts.extend(_levels(teller, body, value))
        case model.Amount():
            parts.extend(_amount(teller, rule, body))
        case model.Title():
            parts.extend(_title(teller, body, value))
        case model.Channel():
            parts.append(_node(teller, body.open, None))
        case model.Input() | model.Scale():
            pass
    return parts


def _formula(teller: _Teller, body: model.Formula, value: Value, line: Line | None) -> list[Reason]:
    main = (
        [_node(teller, body.expression, line)]
        if _nameable(body.expression)
        else _parts(teller, body.expression, line)
    )
    if body.unless is None:
        return main
    judge, exception = RunJudge(teller.run), _node(teller, body.unless, line)
    counts = condition_decides(judge, teller.run.eval(body.expression, line), exception.value)
    kept = [replace(reason, decides=counts) for reason in main]
    counts = exception_decides(judge, value, exception.value)
    return [*kept, Reason("unless", exception.value, branches=(exception,), decides=counts)]


def _table(teller: _Teller, body: model.Table, line: Line | None) -> list[Reason]:
    parts = [] if body.by is None else _parts(teller, body.by, line)
    by = None if body.by is None else teller.run.eval(body.by, line)
    for row in rows_reached(body, by, lambda node: teller.run.eval(node, line)):
        if row.when is not None:
            parts.append(_node(teller, row.when, line))
        if row.cell.answer:
            parts.append(_rule(teller, row.cell.answer, None))
    return parts


def _levels(teller: _Teller, body: model.LevelOf, value: Value) -> list[Reason]:
    """The level that is lowest decides; the others are told."""
    judge, parts = RunJudge(teller.run), [_node(teller, node, None) for node in body.of]
    levels = [part.value for part in parts]
    return [
        replace(part, decides=level_decides(judge, value, levels, place)) for place, part in enumerate(parts)
    ]


def _amount(teller: _Teller, rule: model.Rule, body: model.Amount) -> list[Reason]:
    judge = RunJudge(teller.run)
    parts = [] if body.when is None else [_node(teller, body.when, None)]
    closed = bool(parts) and parts[0].value.is_false
    worths = [teller.run.eval(node, None) for _, node in body.limits]
    for place, (name, node) in enumerate(body.limits):
        inner, binds = tuple(_parts(teller, node, None)), limit_decides(judge, worths, place)
        parts.append(
            Reason(
                "limit", worths[place], rule.type, label=name, branches=inner, decides=binds and not closed
            )
        )
    return parts


def _title(teller: _Teller, body: model.Title, value: Value) -> list[Reason]:
    certificate = [_rule(teller, name, None) for name in certificate_of(body)]
    by_certificate = RunJudge(teller.run).by_certificate(value)
    shown = [replace(reason, decides=by_certificate) for reason in certificate]
    return [*shown, replace(_node(teller, body.conditions, None), decides=not by_certificate)]


_NAMEABLE = frozenset({ex.Compare, ex.Group, ex.Not, ex.Ref, ex.StateOf, ex.In, ex.Like})


def _nameable(node: ex.Expression) -> bool:
    return type(node) in _NAMEABLE


def _parts(teller: _Teller, node: ex.Expression, line: Line | None) -> list[Reason]:
    """The nameable parts of a formula, left to right, each once."""
    match node:
        case _ if _nameable(node):
            return [_node(teller, node, line)]
        case ex.Field(_, name):
            return [_rule(teller, name, line)]
        case ex.Aggregate():
            return [_aggregate(teller, node)]
        case ex.Case():
            return _case(teller, node, line)
    found: list[Reason] = []
    for child in ex.children(node):
        found.extend(part for part in _parts(teller, child, line) if part not in found)
    return found


def _case(teller: _Teller, node: ex.Case, line: Line | None) -> list[Reason]:
    found: list[Reason] = []
    for test, then in node.whens:
        known = teller.run.eval(test, line)
        found.extend(_parts(teller, test, line))
        if known.can_be_true:
            found.extend(_parts(teller, then, line))
        if known.is_true:
            return found
    return found if node.otherwise is None else [*found, *_parts(teller, node.otherwise, line)]


def _node(teller: _Teller, node: ex.Expression, line: Line | None) -> Reason:
    run = teller.run
    match node:
        case ex.Ref(name):
            return _rule(teller, name, None)
        case ex.Field(_, name):
            return _rule(teller, name, line)
        case ex.Compare():
            return _comparison(teller, node, line)
        case ex.Group(kind, items, k, _):
            parts = [_node(teller, item, line) for item in items]
            value = run.eval(node, line)
            return Reason(
                kind, value, label=str(k) if k else "", branches=tuple(_weigh(run, kind, value, parts))
            )
        case ex.Not(item):
            return Reason("not", run.eval(node, line), branches=(_node(teller, item, line),))
        case ex.StateOf(state, name):
            below = (_rule(teller, name, None),)
            return Reason(
                "state", run.eval(node, line), label=state, rule=run.book.rules[name], branches=below
            )
        case ex.Case():
            inner = tuple(_case(teller, node, line))
            return Reason("formula", run.eval(node, line), expression=node, branches=inner)
        case _:
            inner = tuple(part for child in ex.children(node) for part in _parts(teller, child, line))
            return Reason("formula", run.eval(node, line), expression=node, branches=inner)


def _comparison(teller: _Teller, node: ex.Compare, line: Line | None) -> Reason:
    """A comparison with both sides, and their margin if they are numbers."""
    run, left, right = teller.run, node.left, node.right
    sides = (run.eval(left, line), run.eval(right, line))
    children = dict.fromkeys([*_parts(teller, left, line), *_parts(teller, right, line)])
    numbers = all(isinstance(side.ordinary, Interval) for side in sides)
    return Reason(
        "comparison", run.eval(node, line), _side_type(run, left, right, line), op=node.op, sides=sides,
        expression=node, margin=subtract(*sides) if numbers else None, branches=tuple(children),
    )  # fmt: skip


def _weigh(run: Run, kind: str, value: Value, parts: Sequence[Reason]) -> list[Reason]:
    """Which members of a group its value rests on."""
    judge = RunJudge(run)
    return [_deciding(part, decides=member_decides(judge, kind, value, part.value)) for part in parts]


def _deciding(part: Reason, *, decides: bool) -> Reason:
    """A reason that decides or not; a rule that does is the same wherever it is told."""
    if decides == part.decides and isinstance(part.branches, Later):
        return part
    return replace(part, decides=decides)


def _aggregate(teller: _Teller, node: ex.Aggregate) -> Reason:
    """An aggregate with a reason for each row that counts or may count."""
    run = teller.run
    rows = []
    for line in run.lines(node.entity):
        counts = node.where is None or run.eval(node.where, line).can_be_true
        if not counts or (_stands_for_none(line, node) and run.eval(node, None).is_known):
            continue
        inner = () if node.item is None else tuple(_parts(teller, node.item, line))
        item = point(1) if node.item is None else run.eval(node.item, line)
        rows.append(Reason("row", item, line=line, branches=inner))
    basis = GRADE_OF[ceilings_of(run.book, run.as_of).node(node)]
    return Reason(
        "aggregate", run.eval(node, None), label=node.function, expression=node, basis=basis,
        branches=tuple(rows),
    )  # fmt: skip


def _stands_for_none(line: Line, node: ex.Aggregate) -> bool:
    """Whether a line only says that there might be further rows."""
    return line.many and line.given is None and node.where is None


def _side_type(run: Run, left: ex.Expression, right: ex.Expression, line: Line | None) -> Type | None:
    """The type that both sides of a comparison share; a literal 0 takes the other side's."""
    entity = "" if line is None else line.entity
    kinds = [type_of_formula(run.book, side, entity) for side in (left, right)]
    return kinds[1] if kinds[0] == NumberType(None) else kinds[0]
