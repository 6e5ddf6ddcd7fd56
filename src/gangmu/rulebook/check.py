"""Proofs about a resolved book: no cycles, every formula typed, units agree, names exist, citations have sources.

Types are found by walking formulas from the inputs up; a problem gives the place, both sides, and what to do. Tables and editions
have their own module, `tables`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

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
    walk,
)
from gangmu.rulebook.resolve import expressions_of, names_used
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
_STEPLESS = {(), (("count", 1),), (("point", 1),), (("person", 1),), (("month", 1),)}


class Untyped(Exception):
    """A formula whose type cannot be found; the problem is already put aside."""


class Checker:
    """Types and proofs for one book."""

    def __init__(self, rules: dict[str, model.Rule], entities: Mapping[str, model.Entity], problems: list[Problem]) -> None:
        """Take resolved rules by full name; types found are written back into them."""
        self.rules, self.entities, self.problems = rules, entities, problems
        self.done: set[str] = set()
        self.path: list[str] = []
        self.rule: model.Rule | None = None
        self.edition: model.Edition | None = None
        self.row = ""

    def refuse(self, code: str, what: str, expected: str = "", todo: str = "", other: str = "") -> Untyped:
        """Put a problem of the current edition aside; returns what the caller may raise."""
        where = str(self.edition.where if self.edition else "")
        self.problems.append(Problem(code, where, what, expected, todo, other, self.rule.short if self.rule else ""))
        return Untyped()

    # ------------------------------------------------------------------ the whole book

    def check(self) -> None:
        """Type every rule."""
        for name in list(self.rules):
            self.type_of(name)

    def type_of(self, name: str) -> Type:
        """The type of a rule, checking it first if that has not been done."""
        if name not in self.rules:
            raise Untyped
        if name in self.done:
            return self.rules[name].type
        if name in self.path:
            self._cycle(name)
            raise Untyped
        saved = (self.rule, self.edition, self.row)
        self.path.append(name)
        try:
            self._check_rule(name)
        finally:
            self.path.pop()
            self.rule, self.edition, self.row = saved
        self.done.add(name)
        return self.rules[name].type

    def _cycle(self, name: str) -> None:
        loop = [*self.path[self.path.index(name) :], name]
        if any(problem.code == "cycle" and name in problem.what for problem in self.problems):
            return
        places = " -> ".join(f"{self.rules[step].short} ({self.rules[step].where})" for step in loop)
        rule = self.rules[name]
        self.problems.append(
            Problem("cycle", str(rule.where), f"{name} depends on itself: {places}", "rules that depend one way", "break the loop", rule=rule.short)
        )

    def _check_rule(self, name: str) -> None:
        rule = self.rules[name]
        self.rule, self.row = rule, "" if rule.entity == model.ROOT else rule.entity
        found: Type | None = None
        for edition in rule.editions:
            self.edition = edition
            try:
                if edition.when is not None:
                    self.expect(edition.when, TRUTH, "`when`")
                for used in names_used(edition):
                    self.type_of(used)
                kind = self._body(rule, edition.body)
            except Untyped:
                continue
            if found is not None and not _same(found, kind):
                self.refuse("type-mismatch", f"one edition is {found}, another {kind}", "one type for all editions", "make them alike")
            found = kind if found is None or found == NumberType(None) else found
        declared = rule.type
        if found is not None:
            if isinstance(declared, NumberType) and declared.dimension is not None and isinstance(found, NumberType) and not _same(declared, found):
                self.refuse("unit-mismatch", f"the formula gives {found}", f"{declared}, as declared", "correct the unit or the formula")
            keep = declared if isinstance(declared, NumberType) and declared.dimension is not None else found
            self.rules[name] = replace(self.rules[name], type=keep)

    def _body(self, rule: model.Rule, body: model.Body) -> Type:  # noqa: C901, PLR0911  one arm a kind
        match body:
            case model.Input() | model.Scale():
                return rule.type
            case model.Formula():
                if rule.kind in ("condition", "tightens"):
                    self.expect(body.expression, TRUTH, "a condition")
                    if body.unless is not None:
                        self.expect(body.unless, TRUTH, "`unless`")
                    return TRUTH
                return self.infer(body.expression)
            case model.Table():
                return self._table(body)
            case model.Score():
                for part in body.parts:
                    self.expect(part.expression, rule.type, f"part `{part.name}`")
                return rule.type
            case model.LevelOf():
                return self._levels(body)
            case model.Amount():
                for label, node in body.limits:
                    self.expect(node, rule.type, f"limit `{label}`")
                if body.when is not None:
                    self.expect(body.when, TRUTH, "`when`")
                return rule.type
            case model.Title():
                self.expect(body.conditions, TRUTH, "`title`")
                self._certificate(body)
                return TitleType()
            case model.Channel():
                self.expect(body.open, TRUTH, "`channel`")
                return TRUTH

    def _levels(self, body: model.LevelOf) -> Type:
        kinds = [self.infer(node) for node in body.of]
        for kind in kinds:
            if not isinstance(kind, LevelType) or kind != kinds[0]:
                raise self.refuse("type-mismatch", f"{kinds[0]} beside {kind}", "levels of one scale", "use the same scale")
        return kinds[0]

    def _certificate(self, body: model.Title) -> None:
        for used, word in ((body.valid_from, DATE), (body.valid_to, DATE)):
            if used and self.type_of(used) != word:
                self.refuse("type-mismatch", f"{used} is {self.type_of(used)}", "a date", "name a date input")
        if not body.number or not body.valid_from:
            self.refuse("value-invalid", "a certificate needs a number and a first day", "{number: INPUT, from: INPUT}", "name both inputs")

    def _table(self, table: model.Table) -> Type:
        by = None if table.by is None else self.infer(table.by)
        for row in table.rows:
            if row.when is not None:
                self.expect(row.when, TRUTH, f"row `{row.name}`")
            for bound in row.bounds.values():
                if by is not None and not _same(by, bound.type) and bound.value != 0:
                    self._mismatch(f"row `{row.name}` is bounded by `{bound.text}` ({bound.type})", str(by), bound)
            if row.prefixes or row.codes:
                if not isinstance(by, CodeType | LevelType):
                    self.refuse("type-mismatch", f"row `{row.name}` lists codes, but `by` is {by}", "a code", "choose by a code")
                elif row.codes:
                    self._options(by, row.codes)
            if row.cell.answer and not isinstance(self.type_of(row.cell.answer), NumberType):
                self.refuse("type-mismatch", f"`answer: {row.cell.answer}` is no number", "a number input", "name one")
        if isinstance(table.type, LevelType):
            for row in table.rows:
                if row.cell.code not in table.type.scale:
                    self.refuse("type-mismatch", f"row `{row.name}` gives `{row.cell.code}`", f"one of {', '.join(table.type.scale)}", "correct it")
        return table.type

    def _mismatch(self, what: str, expected: str, bound: model.Quantity) -> None:
        where = str(bound.where)
        self.problems.append(
            Problem("unit-mismatch", where, what, expected, f"write it in {expected}", rule=self.rule.short if self.rule else "")
        )

    # ------------------------------------------------------------------ formulas

    def expect(self, node: Expression, kind: Type, what: str) -> None:
        """Require a type of a formula."""
        found = self.infer(node)
        if not _same(found, kind):
            code = "unit-mismatch" if isinstance(found, NumberType) and isinstance(kind, NumberType) else "type-mismatch"
            raise self.refuse(code, f"{what} is {found}", str(kind), f"make it {kind}")

    def infer(self, node: Expression) -> Type:  # noqa: C901, PLR0911, PLR0912  one arm a node type
        """The type of a formula; raises `Untyped` after putting the problem aside."""
        match node:
            case Number(value):
                return NumberType(None) if value == 0 else PLAIN
            case Text(value):
                return CodeType(frozenset({value}))
            case Truth():
                return TRUTH
            case Clock(which):
                return DATE if which == "as_of" else YEAR
            case Ref(name):
                return self._reference(name)
            case Field(entity, name):
                return self._field(entity, name)
            case Call():
                return self._call(node)
            case Compare():
                return self._compare(node)
            case In(item, codes):
                self._options(self.infer(item), codes)
                return TRUTH
            case Like(item, _):
                kind = self.infer(item)
                if not isinstance(kind, CodeType):
                    raise self.refuse("type-mismatch", f"LIKE on {kind}", "a code", "compare it otherwise")
                return TRUTH
            case Not(item):
                self.expect(item, TRUTH, "NOT")
                return TRUTH
            case Group(kind=kind, items=items):
                for item in items:
                    self.expect(item, TRUTH, {"all_of": "AND", "any_of": "OR"}.get(kind, kind))
                return TRUTH
            case Case(whens, otherwise):
                for test, _ in whens:
                    self.expect(test, TRUTH, "WHEN")
                results = [self.infer(then) for _, then in whens]
                return self._common([*results, *([] if otherwise is None else [self.infer(otherwise)])], "CASE")
            case Last(entity, n):
                if not self.row or (entity and entity != self.row) or self.entities[self.row].period_kind != "year":
                    raise self.refuse("last-misplaced", f"LAST({n}) outside a FILTER over fiscal years", "sum(x.y) FILTER (WHERE LAST(n))", "move it")
                return TRUTH
            case Aggregate():
                return self._aggregate(node)
            case StateOf(state, name):
                return self._state(state, name)

    def _reference(self, name: str) -> Type:
        if not name:
            raise Untyped
        kind = self.type_of(name)
        rule = self.rules[name]
        if isinstance(kind, TextType | TitleType | ScaleType):
            todo = "ask HELD(...) or CONDITIONS_MET(...)" if isinstance(kind, TitleType) else "use another rule"
            raise self.refuse("type-mismatch", f"`{rule.short}` is a {kind}", "a number, condition, code or date", todo, str(rule.where))
        if rule.entity != model.ROOT:
            raise self.refuse("row-misplaced", f"`{rule.short}` outside its rows", f"inside sum({rule.short}) or the like", "aggregate it")
        if self.row and any(isinstance(part, Aggregate) for edition in rule.editions for top in expressions_of(edition) for part in walk(top)):
            raise self.refuse("row-misplaced", f"a row rule reads `{rule.short}`, which aggregates rows", "its row and its owner's inputs", "move it to the owner")
        return kind

    def _field(self, entity: str, name: str) -> Type:
        if not name:
            raise Untyped
        kind = self.type_of(name)
        if self.row != entity:
            raise self.refuse("row-misplaced", f"`{self.rules[name].short}` outside its rows", f"inside sum({self.rules[name].short}) or the like", "aggregate it")
        if isinstance(kind, TextType):
            raise self.refuse("type-mismatch", f"`{self.rules[name].short}` is a text", "a number, condition, code or date", "use another field")
        return kind

    def _aggregate(self, node: Aggregate) -> Type:
        if self.row:
            raise self.refuse("row-misplaced", f"{node.function} inside a row rule", "the row and its owner's inputs", "aggregate in a rule of the owner")
        self.row = node.entity
        try:
            if node.where is not None:
                self.expect(node.where, TRUTH, "FILTER")
            if node.item is None:
                return _COUNT
            kind = self.infer(node.item)
        finally:
            self.row = ""
        if not isinstance(kind, NumberType) and not (kind == DATE and node.function in ("min", "max")):
            raise self.refuse("type-mismatch", f"{node.function} of {kind}", "a number", "aggregate a number")
        return kind

    def _state(self, state: str, name: str) -> Type:
        if not name:
            raise Untyped
        self.type_of(name)
        wanted = "score" if state == "PASSES" else "title"
        if self.rules[name].kind != wanted:
            raise self.refuse("type-mismatch", f"{state}({self.rules[name].short}): that is a {self.rules[name].kind}", f"a {wanted}", f"name a {wanted}")
        if state == "PASSES" and any(isinstance(e.body, model.Score) and e.body.passing is None for e in self.rules[name].editions):
            raise self.refuse("value-invalid", f"{self.rules[name].short} has no `pass`", "pass: {ge: ...}", "say which mark passes")
        return TRUTH

    def _compare(self, node: Compare) -> Type:
        left, right = self.infer(node.left), self.infer(node.right)
        for kind, other in ((left, right), (right, left)):
            if isinstance(kind, LevelType) and isinstance(other, CodeType) and other.options is not None:
                self._options(kind, tuple(other.options))
                return TRUTH
        if isinstance(left, CodeType) and isinstance(right, CodeType) and node.op in ("=", "<>"):
            for kind, side in ((left, node.right), (right, node.left)):
                if isinstance(side, Text):
                    self._options(kind, (side.value,))
            return TRUTH
        if left == TRUTH or right == TRUTH:
            if left == right and node.op in ("=", "<>"):
                return TRUTH
            raise self.refuse("type-mismatch", f"{left} {node.op} {right}", "two values of one type", "compare like with like")
        if not _same(left, right) or isinstance(left, CodeType):
            code = "unit-mismatch" if isinstance(left, NumberType) and isinstance(right, NumberType) else "type-mismatch"
            raise self.refuse(code, f"{left} {node.op} {right}", "two sides of one unit or type", "give the number its unit as a parameter, or convert")
        return TRUTH

    def _options(self, kind: Type, codes: tuple[str, ...]) -> None:
        options = frozenset(kind.scale) if isinstance(kind, LevelType) else (kind.options if isinstance(kind, CodeType) else frozenset())
        if options is None:
            return
        if not isinstance(kind, CodeType | LevelType):
            raise self.refuse("type-mismatch", f"{kind} compared with a code", "a code or level", "compare a code")
        if wrong := [code for code in codes if code not in options]:
            raise self.refuse("code-unknown", f"no such code: {', '.join(wrong)}", ", ".join(sorted(options)), "correct the code")

    def _call(self, node: Call) -> Type:  # noqa: C901, PLR0911  one arm an operator
        kinds = [self.infer(arg) for arg in node.args]
        match node.name:
            case "+" | "-" if DATE not in kinds:
                return self._common(kinds, node.name)
            case "*" | "/":
                left, right = (self._number(kind, node.name) for kind in kinds)
                return NumberType(multiply(left.dimension or (), right.dimension or (), 1 if node.name == "*" else -1))
            case "LEAST" | "GREATEST":
                for kind in kinds:
                    if kind != DATE:
                        self._number(kind, node.name)
                return self._common(kinds, node.name)
            case "COALESCE" | "NULLIF":
                return self._common(kinds, node.name)
            case "ABS":
                return self._number(kinds[0], "ABS")
            case "ROUND" | "FLOOR" | "CEIL":
                number = self._number(kinds[0], node.name)
                if len(kinds) == 1 and number.dimension not in _STEPLESS:
                    raise self.refuse("unit-mismatch", f"{node.name} of {number} without a step", f"{node.name}(x, step)", "name the step as a parameter")
                return self._common(kinds, node.name)
            case "POWER" | "SQRT" | "LN" | "EXP":
                for kind in kinds:
                    if not _same(kind, PLAIN):
                        raise self.refuse("unit-mismatch", f"{node.name} of {kind}", "a ratio", "divide by a number of the same unit first")
                return PLAIN
            case "GROWTH":
                self._common(kinds[:2], "GROWTH")
                return PLAIN
            case "YEAR" | "DAYS" | "MONTHS" | "YEARS":
                for kind in kinds:
                    if kind != DATE:
                        raise self.refuse("type-mismatch", f"{node.name} of {kind}", "dates", "give it dates")
                return {"YEAR": YEAR, "DAYS": _DAYS}.get(node.name, _MONTHS)
            case "ADD_MONTHS":
                if kinds[0] != DATE or not _same(kinds[1], _MONTHS):
                    raise self.refuse("type-mismatch", f"ADD_MONTHS({kinds[0]}, {kinds[1]})", "a date and months", "correct the arguments")
                return DATE
        raise self.refuse("type-mismatch", f"{node.name} on dates", "DAYS, MONTHS, YEARS or ADD_MONTHS", "use one of these")

    def _number(self, kind: Type, what: str) -> NumberType:
        if not isinstance(kind, NumberType):
            raise self.refuse("type-mismatch", f"{what} on a {kind}", "a number", "use a number")
        return kind

    def _common(self, kinds: list[Type], what: str) -> Type:
        found = kinds[0]
        for kind in kinds[1:]:
            if isinstance(found, CodeType) and isinstance(kind, CodeType):
                found = CodeType(None if found.options is None or kind.options is None else found.options | kind.options)
            elif not _same(found, kind):
                code = "unit-mismatch" if isinstance(found, NumberType) and isinstance(kind, NumberType) else "type-mismatch"
                raise self.refuse(code, f"{what} of {found} and {kind}", "one unit or type", "convert, or divide by a number of that unit")
            elif found == NumberType(None):
                found = kind
        if found == TRUTH and what in ("+", "-"):
            raise self.refuse("type-mismatch", f"{what} on conditions", "numbers", "use AND, OR")
        return found


def _same(left: Type, right: Type) -> bool:
    """Whether two types can stand beside each other (0 fits every number)."""
    if isinstance(left, NumberType) and isinstance(right, NumberType):
        return left.dimension is None or right.dimension is None or left == right
    if isinstance(left, CodeType) and isinstance(right, CodeType):
        return True
    return left == right


def check_references(book_rules: Mapping[str, model.Rule], sources: Mapping[str, model.Source], problems: list[Problem]) -> None:
    """Every citation names a source of the bibliography."""
    for rule in book_rules.values():
        for edition in rule.editions:
            body = edition.body
            rows = body.rows if isinstance(body, model.Table) else ()
            standings = [(edition.standing, edition.where), *((row.standing, row.where) for row in rows if row.standing)]
            for standing, where in standings:
                for cite in cast("model.Standing", standing).cites:
                    if cite.source not in sources:
                        problems.append(
                            Problem("source-unknown", str(where), f"`{cite.source}` is not in sources.yaml", ", ".join(sorted(sources)[:12]) or "an entry", "add it there", rule=rule.short)
                        )
