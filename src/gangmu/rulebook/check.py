"""Proofs about a resolved book: no cycles, every rule typed, units agree, codes exist, sources are there.

A rule is checked after the rules that it reads. Types of formulas are found by `infer`; the rows of tables
and the order of editions are proved by `tables`.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace

from gangmu.errors import Problem
from gangmu.rulebook import model
from gangmu.rulebook.expression import Aggregate, walk
from gangmu.rulebook.infer import Inference, UntypedError, same
from gangmu.rulebook.resolve import expressions_of, names_used
from gangmu.rulebook.types import DATE, TRUTH, CodeType, LevelType, NumberType, TitleType, Type


class Checker:
    """Types and proofs for one book; what inference knows of the rules around a formula."""

    def __init__(
        self, rules: dict[str, model.Rule], entities: Mapping[str, model.Entity], problems: list[Problem]
    ) -> None:
        """Take resolved rules by full name; types found are written back into them."""
        self.rules, self.entities, self.problems = rules, entities, problems
        self.done: set[str] = set()
        self.path: list[str] = []
        self.reading_rows: dict[str, bool] = {}

    def check(self) -> None:
        """Type every rule."""
        for name in list(self.rules):
            with suppress(UntypedError):
                self.type_of(name)

    def type_of(self, name: str) -> Type:
        """The type of a rule, checking it first if that has not been done. Raises `UntypedError`."""
        if name not in self.rules:
            raise UntypedError
        if name in self.path:
            self._refuse_cycle(name)
            raise UntypedError
        if name not in self.done:
            self.path.append(name)
            try:
                self._check_rule(self.rules[name])
            finally:
                self.path.pop()
            self.done.add(name)
        return self.rules[name].type

    def reads_rows(self, name: str) -> bool:
        """Whether a rule aggregates rows itself."""
        if name not in self.reading_rows:
            formulas = [top for edition in self.rules[name].editions for top in expressions_of(edition)]
            self.reading_rows[name] = any(
                isinstance(part, Aggregate) for top in formulas for part in walk(top)
            )
        return self.reading_rows[name]

    def _refuse_cycle(self, name: str) -> None:
        if any(problem.code == "cycle" and name in problem.what for problem in self.problems):
            return
        loop, rule = [*self.path[self.path.index(name) :], name], self.rules[name]
        places = " -> ".join(f"{self.rules[step].short} ({self.rules[step].where})" for step in loop)
        where, what = str(rule.where), f"{name} depends on itself: {places}"
        expected, todo = "rules that depend one way", "break the loop"
        self.problems.append(Problem("cycle", where, what, expected, todo, rule=rule.short))

    def _check_rule(self, rule: model.Rule) -> None:
        row = "" if rule.entity == model.ROOT else rule.entity
        inference = Inference(self, self.problems, rule, row)
        found: Type | None = None
        for edition in rule.editions:
            inference.where = str(edition.where)
            try:
                kind = self._edition(rule, edition, inference)
            except UntypedError:
                continue
            if found is not None and not same(found, kind):
                what, expected = f"one edition is {found}, another {kind}", "one type for all editions"
                inference.refuse("type-mismatch", what, expected, "make them alike")
            found = kind if found is None or found == NumberType(None) else found
        if found is not None:
            self.rules[rule.name] = replace(rule, type=_agreed(rule.type, found, inference))

    def _edition(self, rule: model.Rule, edition: model.Edition, inference: Inference) -> Type:
        if edition.when is not None:
            inference.expect(edition.when, TRUTH, "`when`")
        for used in names_used(edition):
            self.type_of(used)
        return _BodyCheck(rule, inference).type_of(edition.body)


def _agreed(declared: Type, found: Type, inference: Inference) -> Type:
    """The type declared, if it says a unit, else the type found; they may not differ in unit."""
    if not isinstance(declared, NumberType) or declared.dimension is None:
        return found
    if not same(declared, found):
        what, expected = f"the formula gives {found}", f"{declared}, as declared"
        code = "unit-mismatch" if isinstance(found, NumberType) else "type-mismatch"
        inference.refuse(code, what, expected, "correct the unit or the formula")
    return declared


class _BodyCheck:
    """What must hold of the body of one rule, kind by kind."""

    def __init__(self, rule: model.Rule, inference: Inference) -> None:
        self.rule, self.inference = rule, inference

    def type_of(self, body: model.Body) -> Type:
        """The type of a body. Raises `UntypedError`."""
        match body:
            case model.Input() | model.Scale() | model.Item() | model.Indicator() | model.Index():
                return self.rule.type
            case model.Formula():
                return self._formula(body)
            case model.Table():
                return self._table(body)
            case model.Score():
                for part in body.parts:
                    self.inference.expect(part.expression, self.rule.type, f"part `{part.name}`")
                return self.rule.type
            case model.LevelOf():
                return self._levels(body)
            case model.Amount():
                for label, node in body.limits:
                    self.inference.expect(node, self.rule.type, f"limit `{label}`")
                if body.when is not None:
                    self.inference.expect(body.when, TRUTH, "`when`")
                return self.rule.type
            case model.Title():
                self.inference.expect(body.conditions, TRUTH, "`title`")
                self._certificate(body)
                return TitleType()
            case model.Channel():
                self.inference.expect(body.open, TRUTH, "`channel`")
                self._sight(body.in_sight)
                return TRUTH

    def _formula(self, body: model.Formula) -> Type:
        if self.rule.kind != "condition":
            return self.inference.infer(body.expression)
        self.inference.expect(body.expression, TRUTH, "a condition")
        if body.unless is not None:
            self.inference.expect(body.unless, TRUTH, "`unless`")
        return TRUTH

    def _levels(self, body: model.LevelOf) -> Type:
        kinds = [self.inference.infer(node) for node in body.of]
        for kind in kinds:
            if not isinstance(kind, LevelType) or kind != kinds[0]:
                what, expected = f"{kinds[0]} beside {kind}", "levels of one scale"
                raise self.inference.refuse("type-mismatch", what, expected, "use the same scale")
        return kinds[0]

    def _sight(self, name: str) -> None:
        if name and (kind := self.inference.known.type_of(name)) != TRUTH:
            what = f"`in_sight: {name}` is {kind}"
            self.inference.refuse("type-mismatch", what, "a condition", "name a condition")

    def _certificate(self, body: model.Title) -> None:
        for used in (body.valid_from, body.valid_to):
            if used and (kind := self.inference.known.type_of(used)) != DATE:
                self.inference.refuse("type-mismatch", f"{used} is {kind}", "a date", "name a date input")
        if not body.number or not body.valid_from:
            what, expected = "a certificate needs a number and a first day", "{number: INPUT, from: INPUT}"
            self.inference.refuse("value-invalid", what, expected, "name both inputs")

    # ------------------------------------------------------------------ tables

    def _table(self, table: model.Table) -> Type:
        by = None if table.by is None else self.inference.infer(table.by)
        for row in table.rows:
            if row.when is not None:
                self.inference.expect(row.when, TRUTH, f"row `{row.name}`")
            self._bounds(row, by)
            self._codes(row, by)
            self._answer(row.cell.answer)
        if isinstance(table.type, LevelType):
            for row in table.rows:
                self._level(row, table.type)
        return table.type

    def _bounds(self, row: model.Row, by: Type | None) -> None:
        """Bounds have the unit of `by`; the problem stands where the bound does."""
        for bound in row.bounds.values():
            if by is not None and not same(by, bound.type) and bound.value != 0:
                what = f"row `{row.name}` is bounded by `{bound.text}` ({bound.type})"
                where, todo = str(bound.where), f"write it in {by}"
                self.inference.problems.append(
                    Problem("unit-mismatch", where, what, str(by), todo, rule=self.rule.short)
                )

    def _codes(self, row: model.Row, by: Type | None) -> None:
        if not (row.prefixes or row.codes):
            return
        if not isinstance(by, CodeType | LevelType):
            what = f"row `{row.name}` lists codes, but `by` is {by}"
            self.inference.refuse("type-mismatch", what, "a code", "choose by a code")
        elif row.codes:
            self.inference.options(by, row.codes)

    def _answer(self, name: str | None) -> None:
        if name and not isinstance(self.inference.known.type_of(name), NumberType):
            self.inference.refuse(
                "type-mismatch", f"`answer: {name}` is no number", "a number input", "name one"
            )

    def _level(self, row: model.Row, kind: LevelType) -> None:
        if row.cell.code not in kind.scale:
            what, expected = f"row `{row.name}` gives `{row.cell.code}`", f"one of {', '.join(kind.scale)}"
            self.inference.refuse("type-mismatch", what, expected, "correct it")


def check_references(
    rules: Mapping[str, model.Rule],
    sources: Mapping[str, model.Source],
    pages: Collection[str],
    problems: list[Problem],
) -> None:
    """Every citation names a source of the bibliography, and every item that names pages names pages."""
    expected = ", ".join(sorted(sources)[:12]) or "an entry"
    for rule in rules.values():
        if isinstance(rule.body, model.Item):
            for name in rule.body.pages:
                if name not in pages:
                    near = difflib.get_close_matches(name, pages, n=3, cutoff=0.6)
                    todo = (
                        f"did you mean {', '.join(near)}?" if near else "write the page, or correct the name"
                    )
                    what = f"no page is called `{name}`"
                    problem = Problem("name-unknown", str(rule.where), what, "a page", todo, rule=rule.short)
                    problems.append(problem)
        for standing, where in _standings(rule):
            for cite in standing.cites:
                if cite.source not in sources:
                    what, todo = f"`{cite.source}` is not in sources.yaml", "add it there"
                    problems.append(
                        Problem("source-unknown", str(where), what, expected, todo, rule=rule.short)
                    )


def _standings(rule: model.Rule) -> list[tuple[model.Standing, model.Where]]:
    """On what the editions of a rule and the rows of its tables rest, each with its place."""
    found = []
    for edition in rule.editions:
        found.append((edition.standing, edition.where))
        if isinstance(edition.body, model.Table):
            found.extend((row.standing, row.where) for row in edition.body.rows if row.standing)
        elif isinstance(edition.body, model.Indicator):
            seen = edition.body.observations
            found.extend((model.Standing((one.cite,)), one.where) for one in seen if one.cite)
        elif isinstance(edition.body, model.Index):
            found.extend((one.standing, one.where) for one in edition.body.elements)
            tried = [choice for factor in edition.body.vary for choice in factor.choices]
            choices = (*edition.body.stages.values(), *tried)
            found.extend((choice.standing, choice.where) for choice in choices)
    return found
