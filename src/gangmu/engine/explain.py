"""Why an answer is what it is: the tree of reasons of one rule, their values, and which decide.

A reason is a rule, or a part of a formula that a person would name (a comparison, a group, an aggregate).
`decides` marks what the answer rests on: of a group that fails the members that fail, of one that holds
through an exception the exception, and so on; the weakest grade is taken over those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, Final, Literal

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
from gangmu.engine.shapes import NAMEABLE, Shapes, shapes_of
from gangmu.engine.values import Value, point
from gangmu.evidence.facts import Fact
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.types import Type

MAX_REASONS = 4_000  # beyond these no more is told of what rows rest on

Kind = Literal[
    "rule", "input", "parameter", "comparison", "all_of", "any_of", "at_least", "not", "unless", "aggregate",
    "row", "limit", "part", "state", "formula",
]  # fmt: skip


@dataclass(slots=True)
class Later:
    """Reasons of a rule that are told when asked for, once: most answers rest on few that they could."""

    teller: _Teller | None  # None: they are told
    rule: model.Rule
    value: Value
    line: Line | None
    kept: tuple[Reason, ...] = ()

    def told(self) -> tuple[Reason, ...]:
        """The reasons."""
        if self.teller is not None:
            parts: list[Reason] = []
            for edition, _ in self.teller.run.editions(self.rule, self.line):
                parts.extend(_edition(self.teller, self.rule, edition, self.value, self.line))
            self.kept, self.teller = tuple(parts), None
        return self.kept


@dataclass(slots=True, eq=False)  # a node of a tree is itself, not its look; not frozen: see `values`
class Reason:
    """One node of the tree.

    `value` is of the rule or the part; a comparison also has both sides.
    """

    kind: Final[Kind]
    value: Final[Value]
    type: Final[Type | None] = None
    rule: Final[model.Rule | None] = None
    edition: Final[model.Edition | None] = None
    row: Final[model.Row | None] = None  # the table row that gave a parameter or a table its value
    fact: Final[Fact | None] = None
    line: Final[Line | None] = None
    op: Final[str] = ""
    sides: Final[tuple[Value, Value] | None] = None
    label: Final[str] = ""
    stated: Final[bool] = False
    expression: Final[ex.Expression | None] = None
    basis: Final[str] = ""  # an aggregate's: the weakest grade of all that its item and its filter read
    branches: Final[tuple[Reason, ...] | Later] = ()  # read them as `children`
    decides: Final[bool] = True

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
    shapes: Shapes
    told: dict[str | tuple[str, int], Reason] = field(default_factory=dict)  # by rule, in a row by its line
    count: int = 0


def explain(run: Run, name: str) -> Reason:
    """The tree of reasons of a rule (full name) for the run's case and date."""
    return _rule(_Teller(run.remembering(), shapes_of(run.book)), name, None)


def _rule(teller: _Teller, name: str, line: Line | None) -> Reason:
    key = name if line is None else (name, line.id)
    found = teller.told.get(key)
    if found is None:
        value = teller.run.value(name, line)
        teller.count += 1
        found = teller.told[key] = _of_rule(teller, teller.run.book.rules[name], value, line)
    return found


def _of_rule(teller: _Teller, rule: model.Rule, value: Value, line: Line | None) -> Reason:
    run, newest = teller.run, rule.editions[-1]
    if rule.kind == "input":
        return Reason("input", value, rule.type, rule, newest, fact=run.fact(rule, line), line=line)
    kind: Kind = "parameter" if rule.kind == "parameter" else "rule"
    if line is not None and teller.count >= MAX_REASONS:
        return Reason(kind, value, rule.type, rule, newest, line=line)
    editions = run.editions(rule, line)
    return Reason(
        kind, value, rule.type, rule, editions[0][0] if editions else newest, _row(run, editions, line),
        line=line, branches=Later(teller, rule, value, line), stated=rule.name in run.stated,
    )  # fmt: skip


def _row(run: Run, editions: list[tuple[model.Edition, Value]], line: Line | None) -> model.Row | None:
    """The one table row that can have given the value."""
    if len(editions) != 1 or not isinstance(editions[0][0].body, model.Table):
        return None
    rows = run.rows(editions[0][0].body, line)
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
        if type(body.expression) in NAMEABLE
        else _parts(teller, body.expression, line)
    )
    if body.unless is None:
        return main
    judge, exception = RunJudge(teller.run), _node(teller, body.unless, line)
    counts = condition_decides(judge, teller.run.eval(body.expression, line), exception.value)
    kept = [_copy(reason, decides=counts) for reason in main]
    counts = exception_decides(judge, value, exception.value)
    return [*kept, Reason("unless", exception.value, branches=(exception,), decides=counts)]


def _table(teller: _Teller, body: model.Table, line: Line | None) -> list[Reason]:
    parts = [] if body.by is None else _parts(teller, body.by, line)
    for row in teller.run.rows(body, line):
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
        _copy(part, decides=level_decides(judge, value, levels, place)) for place, part in enumerate(parts)
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
    shown = [_copy(reason, decides=by_certificate) for reason in certificate]
    return [*shown, _copy(_node(teller, body.conditions, None), decides=not by_certificate)]


def _parts(teller: _Teller, node: ex.Expression, line: Line | None) -> list[Reason]:
    """The parts of a formula that a person would name, left to right, each once."""
    if isinstance(node, ex.Case):
        return _case(teller, node, line)
    return _each_once(teller, teller.shapes.parts(node), line)


def _each_once(teller: _Teller, parts: Iterable[ex.Expression], line: Line | None) -> list[Reason]:
    found: dict[Reason, None] = {}
    for part in parts:
        match part:
            case ex.Case():
                found.update(dict.fromkeys(_case(teller, part, line)))
            case ex.Aggregate():
                found[_aggregate(teller, part)] = None
            case _:
                found[_node(teller, part, line)] = None
    return list(found)


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
    return _NODES.get(type(node), _other)(teller, node, line)


def _comparison(teller: _Teller, node: ex.Compare, line: Line | None) -> Reason:
    """A comparison with both sides."""
    run, left, right = teller.run, node.left, node.right
    kind = teller.shapes.side_type(node, "" if line is None else line.entity)
    below = dict.fromkeys([*_parts(teller, left, line), *_parts(teller, right, line)])
    return Reason(
        "comparison", run.eval(node, line), kind, op=node.op, expression=node, branches=tuple(below),
        sides=(run.eval(left, line), run.eval(right, line)),
    )  # fmt: skip


def _group(teller: _Teller, node: ex.Group, line: Line | None) -> Reason:
    """A group of conditions, each member with whether the group rests on it."""
    run, judge = teller.run, RunJudge(teller.run)
    value, parts = run.eval(node, line), [_node(teller, item, line) for item in node.items]
    weighed = tuple(
        _deciding(part, decides=member_decides(judge, node.kind, value, part.value)) for part in parts
    )
    return Reason(node.kind, value, label=str(node.k) if node.k else "", branches=weighed)


def _deciding(part: Reason, *, decides: bool) -> Reason:
    """A reason that decides or not; a rule that does is the same wherever it is told."""
    if decides == part.decides and isinstance(part.branches, Later):
        return part
    return _copy(part, decides=decides)


_LOOK = attrgetter(*(field.name for field in fields(Reason) if field.name != "decides"))


def _copy(reason: Reason, *, decides: bool) -> Reason:
    """The same reason where it decides or does not (`dataclasses.replace` takes five times as long)."""
    look: tuple[Any, ...] = (*_LOOK(reason), decides)
    return Reason(*look)


def _not(teller: _Teller, node: ex.Not, line: Line | None) -> Reason:
    return Reason("not", teller.run.eval(node, line), branches=(_node(teller, node.item, line),))


def _state_of(teller: _Teller, node: ex.StateOf, line: Line | None) -> Reason:
    value, rule = teller.run.eval(node, line), teller.run.book.rules[node.name]
    return Reason("state", value, label=node.state, rule=rule, branches=(_rule(teller, node.name, None),))


def _choice(teller: _Teller, node: ex.Case, line: Line | None) -> Reason:
    value = teller.run.eval(node, line)
    return Reason("formula", value, expression=node, branches=tuple(_case(teller, node, line)))


def _other(teller: _Teller, node: ex.Expression, line: Line | None) -> Reason:
    """Anything else, with what a person would name in it."""
    below = tuple(part for child in ex.children(node) for part in _parts(teller, child, line))
    return Reason("formula", teller.run.eval(node, line), expression=node, branches=below)


# What is told of every node of a formula, by its type; of all others, what is in them.
_NODES: Final[dict[type, Callable[[_Teller, Any, Line | None], Reason]]] = {
    ex.Ref: lambda teller, node, _: _rule(teller, node.name, None),
    ex.Field: lambda teller, node, line: _rule(teller, node.name, line),
    ex.Compare: _comparison,
    ex.Group: _group,
    ex.Not: _not,
    ex.StateOf: _state_of,
    ex.Case: _choice,
}


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
