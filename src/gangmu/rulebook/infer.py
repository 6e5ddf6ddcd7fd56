"""The type of a formula, from the types of what it reads; a formula that has none is refused.

Types come from the inputs up. A problem says both sides and what to do. `Inference` knows the scope of one
rule: whether it is worked out row by row, and so what it may read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from gangmu.errors import Problem
from gangmu.rulebook import model
from gangmu.rulebook.expression import (
    Aggregate,
    Call,
    Case,
    Clock,
    Compare,
    Expression,
    Field,
    Group,
    In,
    Last,
    Like,
    Not,
    Number,
    Ref,
    StateOf,
    Text,
    Truth,
)
from gangmu.rulebook.types import (
    DATE,
    PLAIN,
    TRUTH,
    YEAR,
    CodeType,
    LevelType,
    NumberType,
    ScaleType,
    TextType,
    TitleType,
    Type,
)
from gangmu.rulebook.units import multiply

_COUNT = NumberType((("count", 1),))
_MONTHS = NumberType((("month", 1),))
_DAYS = NumberType((("day", 1),))
_SPANS = {"YEAR": YEAR, "DAYS": _DAYS, "MONTHS": _MONTHS, "YEARS": _MONTHS}
# Dimensions that ROUND, FLOOR and CEIL may take to whole numbers without naming a step.
_STEPLESS = {(), (("count", 1),), (("point", 1),), (("person", 1),), (("month", 1),)}


class UntypedError(Exception):
    """A formula whose type cannot be found; the problem is already put aside."""


class Known(Protocol):
    """What inference asks of the rules around a formula."""

    @property
    def rules(self) -> Mapping[str, model.Rule]:
        """The rules by full name."""

    @property
    def entities(self) -> Mapping[str, model.Entity]:
        """The related entities by name."""

    def type_of(self, name: str) -> Type:
        """The type of a rule by its full name. Raises `UntypedError`."""

    def reads_rows(self, name: str) -> bool:
        """Whether a rule aggregates rows itself."""


class Inference:
    """Types of the formulas of one rule. `row` is the entity in whose rows it is worked out, or empty."""

    def __init__(self, known: Known, problems: list[Problem], rule: model.Rule | None, row: str) -> None:
        """Take what is known around the rule, what collects problems, the rule, and its entity."""
        self.known, self.problems, self.rule, self.row = known, problems, rule, row
        self.where = ""

    def refuse(
        self, code: str, what: str, expected: str = "", todo: str = "", other: str = ""
    ) -> UntypedError:
        """Put a problem of the current edition aside; returns what the caller may raise."""
        short = self.rule.short if self.rule else ""
        self.problems.append(Problem(code, self.where, what, expected, todo, other, short))
        return UntypedError()

    def mismatch(self, kinds: Sequence[Type], what: str, expected: str, todo: str) -> UntypedError:
        """Refuse types that do not fit: a matter of units if all are numbers."""
        numbers = all(isinstance(kind, NumberType) for kind in kinds)
        return self.refuse("unit-mismatch" if numbers else "type-mismatch", what, expected, todo)

    def expect(self, node: Expression, kind: Type, what: str) -> None:
        """Require a type of a formula."""
        found = self.infer(node)
        if not same(found, kind):
            raise self.mismatch((found, kind), f"{what} is {found}", str(kind), f"make it {kind}")

    def infer(self, node: Expression) -> Type:
        """The type of a formula; raises `UntypedError` after putting the problem aside."""
        match node:
            case Number(value):
                return NumberType(None) if value == 0 else PLAIN
            case Text(value):
                return CodeType(frozenset({value}))
            case Clock(which):
                return DATE if which == "as_of" else YEAR
            case Ref(name):
                return self._reference(name)
            case Field(entity, name):
                return self._field(entity, name)
            case Call():
                return self._call(node.name, [self.infer(arg) for arg in node.args])
            case Case():
                return self._case(node)
            case Aggregate():
                return self._aggregate(node)
            case _:
                self._condition(node)
                return TRUTH

    def _condition(self, node: Truth | Compare | In | Like | Not | Group | Last | StateOf) -> None:
        """Prove a formula that is true or false by its form."""
        match node:
            case Truth():
                pass
            case Compare():
                self._compare(node)
            case In(item, codes):
                self.options(self.infer(item), codes)
            case Like(item, _):
                kind = self.infer(item)
                if not isinstance(kind, CodeType):
                    raise self.refuse("type-mismatch", f"LIKE on {kind}", "a code", "compare it otherwise")
            case Not(item):
                self.expect(item, TRUTH, "NOT")
            case Group(kind, items):
                for item in items:
                    self.expect(item, TRUTH, {"all_of": "AND", "any_of": "OR"}.get(kind, kind))
            case Last(entity, n):
                self._last(entity, n)
            case StateOf(state, name):
                self._state(state, name)

    # ------------------------------------------------------------------ names

    def _reference(self, name: str) -> Type:
        if not name:
            raise UntypedError
        kind, rule = self.known.type_of(name), self.known.rules[name]
        if isinstance(kind, TextType | TitleType | ScaleType):
            title = isinstance(kind, TitleType)
            todo = "ask HELD(...) or CONDITIONS_MET(...)" if title else "use another rule"
            what, expected = f"`{rule.short}` is a {kind}", "a number, condition, code or date"
            raise self.refuse("type-mismatch", what, expected, todo, str(rule.where))
        if rule.entity != model.ROOT:
            raise self._outside_rows(rule)
        if self.row and self.known.reads_rows(name):
            what = f"a row rule reads `{rule.short}`, which aggregates rows"
            expected = "its row and its owner's inputs"
            raise self.refuse("row-misplaced", what, expected, "move it to the owner")
        return kind

    def _field(self, entity: str, name: str) -> Type:
        if not name:
            raise UntypedError
        kind, rule = self.known.type_of(name), self.known.rules[name]
        if self.row != entity:
            raise self._outside_rows(rule)
        if isinstance(kind, TextType):
            what, expected = f"`{rule.short}` is a text", "a number, condition, code or date"
            raise self.refuse("type-mismatch", what, expected, "use another field")
        return kind

    def _outside_rows(self, rule: model.Rule) -> UntypedError:
        what, expected = f"`{rule.short}` outside its rows", f"inside sum({rule.short}) or the like"
        return self.refuse("row-misplaced", what, expected, "aggregate it")

    def _state(self, state: str, name: str) -> None:
        """HELD and CONDITIONS_MET ask a title, PASSES a score with a mark to pass."""
        if not name:
            raise UntypedError
        self.known.type_of(name)
        rule = self.known.rules[name]
        wanted = "score" if state == "PASSES" else "title"
        if rule.kind != wanted:
            what = f"{state}({rule.short}): that is a {rule.kind}"
            raise self.refuse("type-mismatch", what, f"a {wanted}", f"name a {wanted}")
        bodies = [edition.body for edition in rule.editions]
        if state == "PASSES" and any(isinstance(body, model.Score) and not body.passing for body in bodies):
            what = f"{rule.short} has no `pass`"
            raise self.refuse("value-invalid", what, "pass: {ge: ...}", "say which mark passes")

    # ------------------------------------------------------------------ rows

    def _last(self, entity: str, n: int) -> None:
        in_rows = self.row and entity in ("", self.row)
        if not in_rows or self.known.entities[self.row].period_kind != "year":
            what = f"LAST({n}) outside a FILTER over fiscal years"
            raise self.refuse("last-misplaced", what, "sum(x.y) FILTER (WHERE LAST(n))", "move it")

    def _aggregate(self, node: Aggregate) -> Type:
        if self.row:
            what, expected = f"{node.function} inside a row rule", "the row and its owner's inputs"
            raise self.refuse("row-misplaced", what, expected, "aggregate in a rule of the owner")
        self.row = node.entity
        try:
            if node.where is not None:
                self.expect(node.where, TRUTH, "FILTER")
            if node.item is None:
                return _COUNT
            kind = self.infer(node.item)
        finally:
            self.row = ""
        if isinstance(kind, NumberType) or (kind == DATE and node.function in ("min", "max")):
            return kind
        raise self.refuse("type-mismatch", f"{node.function} of {kind}", "a number", "aggregate a number")

    # ------------------------------------------------------------------ comparisons and choices

    def _compare(self, node: Compare) -> None:
        left, right = self.infer(node.left), self.infer(node.right)
        what, equality = f"{left} {node.op} {right}", node.op in ("=", "<>")
        for kind, other in ((left, right), (right, left)):
            if isinstance(kind, LevelType) and isinstance(other, CodeType) and other.options is not None:
                self.options(kind, tuple(other.options))
                return
        if isinstance(left, CodeType) and isinstance(right, CodeType) and equality:
            for kind, side in ((left, node.right), (right, node.left)):
                if isinstance(side, Text):
                    self.options(kind, (side.value,))
        elif TRUTH in (left, right):
            if left != right or not equality:
                expected = "two values of one type"
                raise self.refuse("type-mismatch", what, expected, "compare like with like")
        elif not same(left, right) or isinstance(left, CodeType):
            expected = "two sides of one unit or type"
            todo = "give the number its unit as a parameter, or convert"
            raise self.mismatch((left, right), what, expected, todo)

    def options(self, kind: Type, codes: Sequence[str]) -> None:
        """Require that a code or level can be each of `codes`."""
        match kind:
            case LevelType(scale):
                options = frozenset(scale)
            case CodeType(None):
                return
            case CodeType(some):
                options = frozenset(some or ())
            case _:
                what = f"{kind} compared with a code"
                raise self.refuse("type-mismatch", what, "a code or level", "compare a code")
        if wrong := [code for code in codes if code not in options]:
            what, expected = f"no such code: {', '.join(wrong)}", ", ".join(sorted(options))
            raise self.refuse("code-unknown", what, expected, "correct the code")

    def _case(self, node: Case) -> Type:
        for test, _ in node.whens:
            self.expect(test, TRUTH, "WHEN")
        results = [then for _, then in node.whens]
        if node.otherwise is not None:
            results.append(node.otherwise)
        return self._common([self.infer(result) for result in results], "CASE")

    # ------------------------------------------------------------------ calls

    def _call(self, name: str, kinds: list[Type]) -> Type:
        match name:
            case "+" | "-" if DATE not in kinds:
                return self._common(kinds, name)
            case "*" | "/":
                left, right = (self._number(kind, name).dimension or () for kind in kinds)
                return NumberType(multiply(left, right, 1 if name == "*" else -1))
            case "LEAST" | "GREATEST":
                for kind in kinds:
                    if kind != DATE:
                        self._number(kind, name)
                return self._common(kinds, name)
            case "COALESCE" | "NULLIF":
                return self._common(kinds, name)
            case "ABS":
                return self._number(kinds[0], name)
            case "ROUND" | "FLOOR" | "CEIL":
                return self._stepped(name, kinds)
            case "POWER" | "SQRT" | "LN" | "EXP":
                return self._plain(name, kinds)
            case "GROWTH":
                self._common(kinds[:2], name)
                return PLAIN
            case "YEAR" | "DAYS" | "MONTHS" | "YEARS" | "ADD_MONTHS":
                return self._of_dates(name, kinds)
        what, expected = f"{name} on dates", "DAYS, MONTHS, YEARS or ADD_MONTHS"
        raise self.refuse("type-mismatch", what, expected, "use one of these")

    def _stepped(self, name: str, kinds: list[Type]) -> Type:
        number = self._number(kinds[0], name)
        if len(kinds) == 1 and number.dimension not in _STEPLESS:
            what, todo = f"{name} of {number} without a step", "name the step as a parameter"
            raise self.refuse("unit-mismatch", what, f"{name}(x, step)", todo)
        return self._common(kinds, name)

    def _plain(self, name: str, kinds: list[Type]) -> Type:
        for kind in kinds:
            if not same(kind, PLAIN):
                todo = "divide by a number of the same unit first"
                raise self.refuse("unit-mismatch", f"{name} of {kind}", "a ratio", todo)
        return PLAIN

    def _of_dates(self, name: str, kinds: list[Type]) -> Type:
        if name == "ADD_MONTHS":
            if kinds[0] != DATE or not same(kinds[1], _MONTHS):
                what = f"ADD_MONTHS({kinds[0]}, {kinds[1]})"
                raise self.refuse("type-mismatch", what, "a date and months", "correct the arguments")
            return DATE
        for kind in kinds:
            if kind != DATE:
                raise self.refuse("type-mismatch", f"{name} of {kind}", "dates", "give it dates")
        return _SPANS[name]

    def _number(self, kind: Type, what: str) -> NumberType:
        if not isinstance(kind, NumberType):
            raise self.refuse("type-mismatch", f"{what} on a {kind}", "a number", "use a number")
        return kind

    def _common(self, kinds: list[Type], what: str) -> Type:
        """The type that several formulas share."""
        found = kinds[0]
        for kind in kinds[1:]:
            if isinstance(found, CodeType) and isinstance(kind, CodeType):
                either = (
                    None if found.options is None or kind.options is None else found.options | kind.options
                )
                found = CodeType(either)
            elif not same(found, kind):
                todo = "convert, or divide by a number of that unit"
                raise self.mismatch((found, kind), f"{what} of {found} and {kind}", "one unit or type", todo)
            elif found == NumberType(None):
                found = kind
        if found == TRUTH and what in ("+", "-"):
            raise self.refuse("type-mismatch", f"{what} on conditions", "numbers", "use AND, OR")
        return found


def same(left: Type, right: Type) -> bool:
    """Whether two types can stand beside each other (0 fits every number)."""
    if isinstance(left, NumberType) and isinstance(right, NumberType):
        return left.dimension is None or right.dimension is None or left == right
    if isinstance(left, CodeType) and isinstance(right, CodeType):
        return True
    return left == right


class _Proven:
    """A checked book: the types are already there, and nothing is misplaced."""

    def __init__(self, book: model.Rulebook) -> None:
        self.rules, self.entities = book.rules, book.entities

    def type_of(self, name: str) -> Type:
        return self.rules[name].type

    def reads_rows(self, name: str) -> bool:  # noqa: ARG002  the checker has asked
        return False


def type_of_formula(book: model.Rulebook, node: Expression, entity: str = "") -> Type | None:
    """The type of a formula of a checked book (inside rows of `entity`); None if it has none by itself."""
    row = "" if entity == model.ROOT else entity
    try:
        return Inference(_Proven(book), [], None, row).infer(node)
    except UntypedError:
        return None
