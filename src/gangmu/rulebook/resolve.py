"""Names to rules: every name in a formula becomes the full name of one rule, or a problem.

A name means, in this order: a rule of the same page, the one rule of that bare name in the book, the one
`page_stem.name`, a full name.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from gangmu.errors import Problem
from gangmu.rulebook import model
from gangmu.rulebook.expression import Expression, Field, Ref, StateOf, rebuild


def names_of(rules: Iterable[model.Rule]) -> dict[str, tuple[str, ...]]:
    """Every way of calling a rule, with the full names it can mean."""
    names: dict[str, set[str]] = defaultdict(set)
    for rule in rules:
        for name in (rule.name, rule.short, f"{rule.page.rpartition('/')[2]}.{rule.short}"):
            names[name].add(rule.name)
    return {name: tuple(sorted(found)) for name, found in names.items()}


class Resolver:
    """Resolves names of one book; puts problems aside."""

    def __init__(
        self, rules: Mapping[str, model.Rule], entities: Mapping[str, model.Entity], problems: list[Problem]
    ) -> None:
        """Take the rules by full name."""
        self.rules, self.entities, self.problems = rules, entities, problems
        self.names = names_of(rules.values())

    def find(self, name: str, page: str, where: model.Where, rule: str) -> str:
        """The full name that `name` means on `page`, or an empty text with a problem."""
        if f"{page}.{name}" in self.rules:
            return f"{page}.{name}"
        found = self.names.get(name, ())
        if len(found) == 1:
            return found[0]
        if found:
            what = f"`{name}` can mean {' or '.join(found)}"
            problem = Problem(
                "name-ambiguous", str(where), what, "one rule", "write page_stem.name", rule=rule
            )
        else:
            near = difflib.get_close_matches(name, self.names, n=3, cutoff=0.6)
            hint = f"did you mean {', '.join(near)}?" if near else "declare it, or correct the name"
            what = f"no rule is called `{name}`"
            problem = Problem("name-unknown", str(where), what, "a rule of the book", hint, rule=rule)
        self.problems.append(problem)
        return ""

    def rule(self, rule: model.Rule) -> model.Rule:
        """The rule with all its names resolved."""
        return replace(rule, editions=tuple(self.edition(rule, edition) for edition in rule.editions))

    def edition(self, rule: model.Rule, edition: model.Edition) -> model.Edition:
        """One edition with its names resolved."""

        def name(written: str) -> str:
            return self.find(written, rule.page, edition.where, rule.short) if written else ""

        def expression(node: Expression) -> Expression:
            return rebuild(node, lambda inner: _renamed(inner, name))

        when = None if edition.when is None else expression(edition.when)

        def item(written: str) -> str:
            return self.item(written, rule.page, edition.where, rule.short)

        def channel(written: str) -> str:
            return self.channel(written, rule.page, edition.where, rule.short)

        body = _serving(map_body(edition.body, expression, name), item, channel)
        return replace(edition, body=body, when=when)

    def page(self, page: model.Page) -> model.Page:
        """A page with the items that it serves by full name."""
        where = model.Where(page.file, 1)
        return replace(page, serves=tuple(self.item(each, page.name, where, "page") for each in page.serves))

    def item(self, name: str, page: str, where: model.Where, rule: str) -> str:
        """The full name of an item, or an empty text with a problem."""
        return self._of_kind("item", "an item (a task)", self.find(name, page, where, rule), where, rule)

    def channel(self, name: str, page: str, where: model.Where, rule: str) -> str:
        """The full name of a channel, or an empty text with a problem."""
        return self._of_kind("channel", "a channel", self.find(name, page, where, rule), where, rule)

    def _of_kind(self, kind: str, words: str, full: str, where: model.Where, rule: str) -> str:
        if full and self.rules[full].kind != kind:
            what, expected = f"`{full}` is a {self.rules[full].kind}", f"the name of {words}"
            todo, against = f"name {words}", str(self.rules[full].where)
            self.problems.append(Problem("type-mismatch", str(where), what, expected, todo, against, rule))
        return full


def _serving(body: model.Body, item: Callable[[str], str], channel: Callable[[str], str]) -> model.Body:
    """A body with the items that it serves, or is part of, and the channels that it excludes, by full name.

    No formula reads them, so they are no part of what a rule depends on.
    """
    match body:
        case model.Item():
            above = item(body.part_of) if body.part_of else ""
            return replace(body, part_of=above, serves=tuple(item(each) for each in body.serves))
        case model.Channel():
            excludes = tuple(channel(each) for each in body.excludes)
            return replace(body, serves=tuple(item(each) for each in body.serves), excludes=excludes)
        case model.Indicator() | model.Index():
            return replace(body, serves=tuple(item(each) for each in body.serves))
        case _:
            return body


def _renamed(node: Expression, name: Callable[[str], str]) -> Expression:
    """A node with its name mapped, if it has one."""
    match node:
        case Ref(written):
            return Ref(name(written))
        case Field(entity, written):
            return Field(entity, name(written))
        case StateOf(state, written):
            return StateOf(state, name(written))
        case _:
            return node


def map_body(
    body: model.Body, expression: Callable[[Expression], Expression], name: Callable[[str], str]
) -> model.Body:
    """A copy of a body with its formulas and its names of other rules mapped."""

    def maybe(node: Expression | None) -> Expression | None:
        return None if node is None else expression(node)

    def row_of(row: model.Row) -> model.Row:
        cell = replace(row.cell, answer=name(row.cell.answer)) if row.cell.answer else row.cell
        return row if row.when is None and cell is row.cell else replace(row, when=maybe(row.when), cell=cell)

    match body:
        case model.Formula():
            return replace(body, expression=expression(body.expression), unless=maybe(body.unless))
        case model.Table():
            return replace(body, by=maybe(body.by), rows=tuple(row_of(row) for row in body.rows))
        case model.Score():
            parts = tuple(replace(part, expression=expression(part.expression)) for part in body.parts)
            return replace(body, parts=parts)
        case model.LevelOf():
            return replace(body, of=tuple(expression(node) for node in body.of))
        case model.Amount():
            limits = tuple((label, expression(node)) for label, node in body.limits)
            return replace(body, limits=limits, when=maybe(body.when))
        case model.Title():
            return replace(
                body, conditions=expression(body.conditions), number=name(body.number),
                valid_from=name(body.valid_from), valid_to=name(body.valid_to),
            )  # fmt: skip
        case model.Channel():
            return replace(
                body, open=expression(body.open), amount=name(body.amount), cost=name(body.cost),
                days=name(body.days), in_sight=name(body.in_sight),
            )  # fmt: skip
        case model.Index():
            elements = (replace(one, rule=name(one.rule)) if one.rule else one for one in body.elements)
            return replace(body, elements=tuple(elements))
        case _:
            return body


def expressions_of(edition: model.Edition) -> list[Expression]:
    """Every formula of an edition."""
    found: list[Expression] = [] if edition.when is None else [edition.when]

    def keep(node: Expression) -> Expression:
        found.append(node)
        return node

    map_body(edition.body, keep, lambda name: name)
    return found


def names_used(edition: model.Edition) -> list[str]:
    """Full names that an edition mentions outside its formulas (certificates, answers, amounts)."""
    found: list[str] = []

    def keep(name: str) -> str:
        if name:
            found.append(name)
        return name

    map_body(edition.body, lambda node: node, keep)
    return found
