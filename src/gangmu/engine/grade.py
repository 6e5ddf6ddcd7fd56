"""The weakest grade on the deciding path of an answer: what decides, said once for all engines.

A `Judge` says what an engine knows of a value: in the interpreter truths are Python's and grades are ranks;
in compiled engines both are code that is being written. `Grading` walks a rule as `explain` tells it and
asks its judge. What cannot weaken the grade is not walked: `Ceilings` knows before any fact the weakest
grade that a rule can have on a day, and most rules have it for certain.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Generic, Protocol, TypeVar

from gangmu.engine.interpreter import HELD, LAPSED, Run
from gangmu.engine.values import Interval, Value
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.graph import graph_of
from gangmu.rulebook.resolve import expressions_of

NONE = 0  # the rank of what has no grade; others have their place in `model.GRADES`, from 1
GRADE_OF = ("", *model.GRADES)

V = TypeVar("V")
B = TypeVar("B")
G = TypeVar("G")


def rank(standing: model.Standing | None) -> int:
    """The rank of the grade of a standing; higher is weaker."""
    return NONE if standing is None else GRADE_OF.index(standing.grade)


class Judge(Protocol[V, B, G]):
    """What an engine knows: of values (V), as truths (B) and grades (G)."""

    def rule(self, name: str) -> V:
        """The value of a rule."""

    def eval(self, node: ex.Expression) -> V:
        """The value of a formula."""

    def editions(self, rule: model.Rule) -> Sequence[tuple[model.Edition, B]]:
        """The editions in force, in the order in which they are tried, each with whether it may decide."""

    def rows(self, table: model.Table) -> Sequence[tuple[model.Row, B]]:
        """The rows of a table, each with whether it may decide."""

    def is_true(self, value: V) -> B:
        """Whether only true is left."""

    def is_false(self, value: V) -> B:
        """Whether only false is left."""

    def can_be_true(self, value: V) -> B:
        """Whether true is still possible."""

    def is_known(self, value: V) -> B:
        """Whether one outcome is left."""

    def only_absent(self, value: V) -> B:
        """Whether it may be not in force, and has no ordinary value."""

    def same(self, one: V, other: V) -> B:
        """Whether the same outcomes are left of both (of truth values and levels)."""

    def is_number(self, value: V) -> B:
        """Whether it is one known number."""

    def less(self, one: V, other: V) -> B:
        """Whether one known number is less than another."""

    def by_certificate(self, value: V) -> B:
        """Whether a title can only be held or lapsed."""

    def both(self, one: B, other: B) -> B:
        """And."""

    def either(self, one: B, other: B) -> B:
        """Or."""

    def opposite(self, truth: B) -> B:
        """Not."""

    def always(self, *, truth: bool) -> B:
        """A truth that is known beforehand."""

    def fixed(self, truth: B) -> bool | None:
        """The truth, if it is known beforehand."""

    def grade(self, rank: int) -> G:
        """A grade."""

    def floor(self, grade: G) -> int:
        """The rank that a grade has at least, as far as is known beforehand."""

    def weaker(self, grade: G, test: B, other: G) -> G:
        """The grade, or where the test holds the other, if that is weaker."""


# ---------------------------------------------------------------------- what decides


def member_decides(judge: Judge[V, B, G], kind: str, group: V, member: V) -> B:
    """Whether the value of a group rests on a member.

    On none that is not in force; of an `all_of` that fails on those that fail, of an `any_of` that holds on
    those that hold, of an open group on those that are not settled its way; of an `at_least` that is known on
    those that came out as it did.
    """
    known, member_true, member_false = judge.is_known(group), judge.is_true(member), judge.is_false(member)
    match kind:
        case "all_of":
            open_ = judge.either(known, judge.opposite(member_true))
            found = judge.both(open_, judge.either(judge.opposite(judge.is_false(group)), member_false))
        case "any_of":
            open_ = judge.either(known, judge.opposite(member_false))
            found = judge.both(open_, judge.either(judge.opposite(judge.is_true(group)), member_true))
        case _:
            open_ = judge.both(judge.opposite(known), judge.opposite(member_false))
            found = judge.either(open_, judge.both(known, judge.same(group, member)))
    return judge.both(found, judge.opposite(judge.only_absent(member)))


def condition_decides(judge: Judge[V, B, G], condition: V, exception: V) -> B:
    """Whether a condition with an exception rests on itself: not where only the exception makes it hold."""
    return judge.either(judge.opposite(judge.is_true(exception)), judge.is_true(condition))


def exception_decides(judge: Judge[V, B, G], whole: V, exception: V) -> B:
    """Whether it rests on the exception: where that holds, or the whole does not."""
    return judge.either(judge.is_true(exception), judge.opposite(judge.is_true(whole)))


def level_decides(judge: Judge[V, B, G], whole: V, levels: Sequence[V], place: int) -> B:
    """Whether the least or greatest of levels rests on one of them: on those that are it, else on all."""
    one_is = judge.always(truth=False)
    for level in levels:
        one_is = judge.either(one_is, judge.same(level, whole))
    settled = judge.both(judge.is_known(whole), one_is)
    return judge.either(judge.opposite(settled), judge.same(levels[place], whole))


def limit_decides(judge: Judge[V, B, G], limits: Sequence[V], place: int) -> B:
    """Whether the least of limits rests on one of them: on the lowest known, and on all not known."""
    mine, lower = limits[place], judge.always(truth=False)
    for number, other in enumerate(limits):
        if number != place:
            both = judge.both(judge.is_number(mine), judge.is_number(other))
            lower = judge.either(lower, judge.both(both, judge.less(other, mine)))
    return judge.opposite(lower)


# ---------------------------------------------------------------------- before any fact


class Ceilings:
    """The weakest grade that rules and formulas can have on a day, whatever the facts."""

    def __init__(self, book: model.Rulebook, day: date) -> None:
        """Any day of a stretch of time in which no edition changes will do."""
        self.book, self.day = book, day
        self._rules: dict[str, int] = {}

    def editions(self, rule: model.Rule) -> list[model.Edition]:
        """The editions that may decide on the day."""
        found = sorted((e for e in rule.editions if e.in_force(self.day)), key=lambda e: e.when is None)
        certain = next((n for n, edition in enumerate(found) if edition.when is None), len(found))
        return found[: certain + 1]

    def rule(self, name: str) -> int:
        """The rank that a rule can have at most."""
        if name not in self._rules:
            self._rules[name] = (
                NONE  # no rule reads itself; a title's state may be asked within its conditions
            )
            rule = self.book.rules[name]
            editions = self.editions(rule)
            found = max((self._edition(edition) for edition in editions), default=NONE)
            if not editions or editions[-1].when is not None:
                found = max(found, rank(rule.editions[-1].standing))
            self._rules[name] = found
        return self._rules[name]

    def _edition(self, edition: model.Edition) -> int:
        found = [rank(edition.standing), *(self.node(top) for top in expressions_of(edition))]
        body = edition.body
        if isinstance(body, model.Table):
            found += [rank(row.standing) for row in body.rows]
            found += [self.rule(row.cell.answer) for row in body.rows if row.cell.answer]
        if isinstance(body, model.Title):
            found += [self.rule(name) for name in certificate_of(body)]
        return max(found)

    def node(self, node: ex.Expression) -> int:
        """The rank that a formula can have at most."""
        match node:
            case ex.Ref(name) | ex.Field(_, name) | ex.StateOf(_, name):
                return self.rule(name)
        return max((self.node(child) for child in ex.children(node)), default=NONE)


def certificate_of(body: model.Title) -> list[str]:
    """The inputs that hold a title's certificate, by full name."""
    return [name for name in (body.number, body.valid_from, body.valid_to) if name]


_kept: dict[tuple[str, int], Ceilings] = {}
MAX_KEPT = 64


def ceilings_of(book: model.Rulebook, day: date) -> Ceilings:
    """The ceilings of a book on a day, kept for all days on which the same editions are in force."""
    key = (book.digest, bisect_right(graph_of(book).turns, day))
    if key not in _kept:
        while len(_kept) >= MAX_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[key] = Ceilings(book, day)
    return _kept[key]


# ---------------------------------------------------------------------- the walk


class _Total(Generic[V, B, G]):
    """The weakest of what has been added."""

    def __init__(self, judge: Judge[V, B, G]) -> None:
        self.judge, self.value, self.floor = judge, judge.grade(NONE), NONE

    def add(self, test: B, ceiling: int, tell: Callable[[], G]) -> None:
        """Add a grade that counts where the test holds; not even told if it cannot be the weakest."""
        if ceiling <= self.floor or self.judge.fixed(test) is False:
            return
        self.value = self.judge.weaker(self.value, test, tell())
        self.floor = self.judge.floor(self.value)


class Grading(Generic[V, B, G]):
    """Grades of rules of the enterprise, by full name."""

    def __init__(self, book: model.Rulebook, judge: Judge[V, B, G], ceilings: Ceilings) -> None:
        """For one body of facts, as the judge knows it."""
        self.book, self.judge, self.ceilings = book, judge, ceilings
        self._rules: dict[str, G] = {}

    def rule(self, name: str) -> G:
        """The weakest grade on which the value of a rule rests."""
        if name not in self._rules:
            self._rules[name] = self.judge.grade(NONE)  # a title's conditions may ask whether it is held
            self._rules[name] = self._rule(self.book.rules[name])
        return self._rules[name]

    def _rule(self, rule: model.Rule) -> G:
        judge, total = self.judge, _Total[V, B, G](self.judge)
        if rule.kind == "input":
            return judge.grade(rank(rule.editions[-1].standing))
        if self.ceilings.rule(rule.name) == NONE:
            return judge.grade(NONE)
        editions = judge.editions(rule)
        self._own(total, rule, editions)
        for edition, reach in editions:
            if edition.when is not None:
                self._node(total, reach, edition.when)
            self._body(total, reach, rule, edition.body)
        return total.value

    def _own(
        self, total: _Total[V, B, G], rule: model.Rule, editions: Sequence[tuple[model.Edition, B]]
    ) -> None:
        """What the rule itself rests on: the first edition that may decide, or the one table row of it."""
        judge = self.judge
        none = judge.always(truth=True)
        for place, (edition, reach) in enumerate(editions):
            others = judge.always(truth=False)
            for other, (_, test) in enumerate(editions):
                if other > place:
                    others = judge.either(others, test)
            first = judge.both(none, reach)
            self._standing(total, edition, (first, judge.both(first, judge.opposite(others))))
            none = judge.both(none, judge.opposite(reach))
        self._fixed(total, none, rank(rule.editions[-1].standing))

    def _fixed(self, total: _Total[V, B, G], test: B, grade: int) -> None:
        total.add(test, grade, lambda: self.judge.grade(grade))

    def _standing(self, total: _Total[V, B, G], edition: model.Edition, tests: tuple[B, B]) -> None:
        """An edition's standing where it is the first, or its one row's where it is the only one."""
        judge, own, (first, only) = self.judge, rank(edition.standing), tests
        body = edition.body
        told: list[tuple[B, int]] = []
        if isinstance(body, model.Table) and any(
            row.standing is not None and rank(row.standing) != own for row in body.rows
        ):
            rows = judge.rows(body)
            for place, (row, reach) in enumerate(rows):
                if row.standing is not None:
                    alone = judge.both(only, reach)
                    for other, (_, test) in enumerate(rows):
                        if other != place:
                            alone = judge.both(alone, judge.opposite(test))
                    told.append((alone, rank(row.standing)))
        mine = first
        for alone, row_rank in told:
            mine = judge.both(mine, judge.opposite(alone))
            self._fixed(total, alone, row_rank)
        self._fixed(total, mine, own)

    def _body(self, total: _Total[V, B, G], reach: B, rule: model.Rule, body: model.Body) -> None:
        match body:
            case model.Formula():
                self._formula(total, reach, rule, body)
            case model.Table():
                self._table(total, reach, body)
            case model.Score(parts):
                for part in parts:
                    self._node(total, reach, part.expression)
            case model.LevelOf():
                self._levels(total, reach, rule, body)
            case model.Amount():
                self._amount(total, reach, body)
            case model.Title():
                self._title(total, reach, rule, body)
            case model.Channel():
                self._node(total, reach, body.open)

    def _formula(self, total: _Total[V, B, G], reach: B, rule: model.Rule, body: model.Formula) -> None:
        judge = self.judge
        if body.unless is None:
            self._node(total, reach, body.expression)
            return
        if max(self.ceilings.node(node) for node in (body.expression, body.unless)) <= total.floor:
            return
        condition, exception = judge.eval(body.expression), judge.eval(body.unless)
        counts = condition_decides(judge, condition, exception)
        self._node(total, judge.both(reach, counts), body.expression)
        counts = exception_decides(judge, judge.rule(rule.name), exception)
        self._node(total, judge.both(reach, counts), body.unless)

    def _table(self, total: _Total[V, B, G], reach: B, body: model.Table) -> None:
        if body.by is not None:
            self._node(total, reach, body.by)
        tops = [row.when for row in body.rows if row.when is not None]
        answers = [row.cell.answer for row in body.rows if row.cell.answer]
        most = [self.ceilings.node(top) for top in tops] + [self.ceilings.rule(name) for name in answers]
        if max(most, default=NONE) <= total.floor:
            return
        for row, taken in self.judge.rows(body):
            counts = self.judge.both(reach, taken)
            if row.when is not None:
                self._node(total, counts, row.when)
            if row.cell.answer:
                self._read(total, counts, row.cell.answer)

    def _levels(self, total: _Total[V, B, G], reach: B, rule: model.Rule, body: model.LevelOf) -> None:
        if max(self.ceilings.node(node) for node in body.of) <= total.floor:
            return
        whole, levels = self.judge.rule(rule.name), [self.judge.eval(node) for node in body.of]
        for place, node in enumerate(body.of):
            counts = level_decides(self.judge, whole, levels, place)
            self._node(total, self.judge.both(reach, counts), node)

    def _amount(self, total: _Total[V, B, G], reach: B, body: model.Amount) -> None:
        judge = self.judge
        if body.when is not None:
            self._node(total, reach, body.when)
        if max(self.ceilings.node(node) for _, node in body.limits) <= total.floor:
            return
        if body.when is not None:
            reach = judge.both(reach, judge.opposite(judge.is_false(judge.eval(body.when))))
        limits = [judge.eval(node) for _, node in body.limits]
        for place, (_, node) in enumerate(body.limits):
            self._node(total, judge.both(reach, limit_decides(judge, limits, place)), node)

    def _title(self, total: _Total[V, B, G], reach: B, rule: model.Rule, body: model.Title) -> None:
        judge = self.judge
        most = [self.ceilings.node(body.conditions), *map(self.ceilings.rule, certificate_of(body))]
        if max(most) <= total.floor:
            return
        shown = judge.by_certificate(judge.rule(rule.name))
        for name in certificate_of(body):
            self._read(total, judge.both(reach, shown), name)
        self._node(total, judge.both(reach, judge.opposite(shown)), body.conditions)

    # ------------------------------------------------------------------ formulas

    def _read(self, total: _Total[V, B, G], reach: B, name: str) -> None:
        total.add(reach, self.ceilings.rule(name), lambda: self.rule(name))

    def _node(self, total: _Total[V, B, G], reach: B, node: ex.Expression) -> None:
        """Add what a formula rests on, where it is reached."""
        judge, ceiling = self.judge, self.ceilings.node(node)
        if ceiling <= total.floor or judge.fixed(reach) is False:
            return
        match node:
            case ex.Ref(name) | ex.StateOf(_, name):
                self._read(total, reach, name)
            case ex.Aggregate():
                total.add(reach, ceiling, lambda: judge.grade(ceiling))
            case ex.Group(kind, items):
                whole, members = judge.eval(node), [judge.eval(item) for item in items]
                for item, member in zip(items, members, strict=True):
                    counts = member_decides(judge, kind, whole, member)
                    self._node(total, judge.both(reach, counts), item)
            case ex.Case():
                self._case(total, reach, node)
            case _:
                for child in ex.children(node):
                    self._node(total, reach, child)

    def _case(self, total: _Total[V, B, G], reach: B, node: ex.Case) -> None:
        judge = self.judge
        for test, then in node.whens:
            if judge.fixed(reach) is False:
                return
            known = judge.eval(test)
            self._node(total, reach, test)
            self._node(total, judge.both(reach, judge.can_be_true(known)), then)
            reach = judge.both(reach, judge.opposite(judge.is_true(known)))
        if node.otherwise is not None:
            self._node(total, reach, node.otherwise)


# ---------------------------------------------------------------------- the interpreter


class RunJudge:
    """What the interpreter knows: truths are Python's, grades are ranks."""

    def __init__(self, run: Run) -> None:
        """Ask this run."""
        self.run = run

    def rule(self, name: str) -> Value:
        """The value of a rule."""
        return self.run.value(name)

    def eval(self, node: ex.Expression) -> Value:
        """The value of a formula."""
        return self.run.eval(node, None)

    def editions(self, rule: model.Rule) -> list[tuple[model.Edition, bool]]:
        """Those that may decide."""
        return [(edition, True) for edition, _ in self.run.editions(rule)]

    def rows(self, table: model.Table) -> list[tuple[model.Row, bool]]:
        """Those that may decide."""
        return [(row, True) for row in self.run.rows(table)]

    def is_true(self, value: Value) -> bool:
        """Whether only true is left."""
        return value.is_true

    def is_false(self, value: Value) -> bool:
        """Whether only false is left."""
        return value.is_false

    def can_be_true(self, value: Value) -> bool:
        """Whether true is still possible."""
        return value.can_be_true

    def is_known(self, value: Value) -> bool:
        """Whether one outcome is left."""
        return value.is_known

    def only_absent(self, value: Value) -> bool:
        """Whether it may be not in force, and has no ordinary value."""
        return value.absent and value.ordinary is None

    def same(self, one: Value, other: Value) -> bool:
        """Whether the same outcomes are left."""
        return one == other

    def is_number(self, value: Value) -> bool:
        """Whether it is one known number."""
        return value.is_known and isinstance(value.ordinary, Interval)

    def less(self, one: Value, other: Value) -> bool:
        """Whether one known number is less than another."""
        return self.is_number(one) and self.is_number(other) and one.interval.lo < other.interval.lo

    def by_certificate(self, value: Value) -> bool:
        """Whether a title can only be held or lapsed."""
        return bool(value.codes) and set(value.codes or ()) <= {HELD, LAPSED}

    def both(self, one: bool, other: bool) -> bool:  # noqa: FBT001  a truth is a value here
        """And."""
        return one and other

    def either(self, one: bool, other: bool) -> bool:  # noqa: FBT001  as above
        """Or."""
        return one or other

    def opposite(self, truth: bool) -> bool:  # noqa: FBT001  as above
        """Not."""
        return not truth

    def always(self, *, truth: bool) -> bool:
        """The truth."""
        return truth

    def fixed(self, truth: bool) -> bool | None:  # noqa: FBT001  as above
        """Known beforehand is all."""
        return truth

    def grade(self, rank: int) -> int:
        """The rank."""
        return rank

    def floor(self, grade: int) -> int:
        """The rank."""
        return grade

    def weaker(self, grade: int, test: bool, other: int) -> int:  # noqa: FBT001  as above
        """The higher rank, where the test holds."""
        return max(grade, other) if test else grade


def grade_of(run: Run, name: str) -> str:
    """The weakest grade on the deciding path of one answer.

    Empty if only rules of our own and facts decide.
    """
    grading = Grading(run.book, RunJudge(run), ceilings_of(run.book, run.as_of))
    return GRADE_OF[grading.rule(name)]


def grades_of(run: Run, names: Iterable[str]) -> list[str]:
    """As `grade_of`, of several rules: what they share is walked once."""
    grading = Grading(run.book, RunJudge(run), ceilings_of(run.book, run.as_of))
    return [GRADE_OF[grading.rule(name)] for name in names]
