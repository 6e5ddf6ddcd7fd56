"""What a changed answer goes back to: the rules, facts and rows that differ of themselves.

Two runs, one answer each, not alike. From the rule asked down, the change is followed through every rule that
came out otherwise in the second run, first through those on which the answer rests (`explain`). Where nothing
below differs, the difference is of the rule's own: its wording began or ended, its certificate lapsed, a
period measured to the day reached its mark, a year closed, a row came, a fact is another, or the book is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from gangmu.changes.turning import certificate_stands
from gangmu.engine.explain import explain
from gangmu.engine.interpreter import Run
from gangmu.engine.rows import Line
from gangmu.engine.values import Value
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.graph import graph_of
from gangmu.rulebook.resolve import expressions_of

Kind = Literal["law", "wording", "certificate", "measured", "year", "rows", "fact"]


@dataclass(frozen=True, slots=True)
class Root:
    """One thing that differs of itself.

    `before` and `after` are the values of `rule` (in one row, if there is a `line`); a wording also has the
    editions; `rows` have the lines that came and went; a measured period has the facts it is measured from.
    """

    kind: Kind
    rule: model.Rule
    before: Value | None = None
    after: Value | None = None
    line: Line | None = None
    edition: model.Edition | None = None  # what begins to apply, or what no longer does
    begins: bool = True
    came: tuple[Line, ...] = ()
    went: tuple[Line, ...] = ()
    year: int = 0
    facts: tuple[tuple[model.Rule, Value], ...] = ()

    @property
    def standing(self) -> model.Standing:
        """On what the rule rests."""
        edition = self.edition or self.rule.editions[-1]
        return edition.standing


def roots(before: Run, after: Run, name: str) -> tuple[Root, ...]:
    """What the change of a rule (full name) between two runs goes back to, in the order it is read."""
    search = _Search(before, after, {})
    for run in (before, after):
        if name in run.book.rules:
            search.deciding |= {
                reason.rule.name for reason in explain(run, name).deciding() if reason.rule is not None
            }
    search.walk(name)
    return tuple(search.found)


@dataclass(slots=True)
class _Search:
    before: Run
    after: Run
    _changed: dict[str, bool]
    deciding: set[str] = field(default_factory=set)
    found: list[Root] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def walk(self, name: str) -> None:
        """Follow the change of one rule down."""
        if name in self._seen:
            return
        self._seen.add(name)
        old, new = self.before.book.rules.get(name), self.after.book.rules.get(name)
        if old is None or new is None:
            if (rule := new or old) is not None:
                self.found.append(Root("law", rule, begins=new is not None))
            return
        own = list(self._own(old, new))
        below = graph_of(self.before.book).direct[name] | graph_of(self.after.book).direct[name]
        changed = [one for one in sorted(below) if self._differs(one)]
        deciding = [one for one in changed if one in self.deciding]
        self.found.extend(own)
        for one in deciding or ([] if own else changed):
            self.walk(one)
        if not own and not changed:
            self.found.extend(self._itself(new))

    def _own(self, old: model.Rule, new: model.Rule) -> Iterator[Root]:
        """What happened to the rule itself, and can be seen."""
        if self.before.book is self.after.book:
            then, now = ([e for e in new.editions if e.in_force(run.as_of)] for run in self._runs())
            if then != now:
                begun = [edition for edition in now if edition not in then]
                edition = begun[0] if begun else then[-1]
                yield Root("wording", new, *self._values(new), edition=edition, begins=bool(begun))
        if isinstance(new.body, model.Title) and isinstance(old.body, model.Title):
            stood, stands = (certificate_stands(run, new.name) for run in self._runs())
            certificate = (new.body.number, new.body.valid_from, new.body.valid_to)
            if stood != stands and not any(self._differs(one) for one in certificate if one):
                facts = tuple(self._facts(new.body.number, new.body.valid_from, new.body.valid_to))
                yield Root("certificate", new, *self._values(new), begins=stands[2] == stood[2], facts=facts)
        nodes = [node for edition in new.editions for top in expressions_of(edition) for node in ex.walk(top)]
        if self.before.base_year != self.after.base_year and any(_reads_year(node) for node in nodes):
            yield Root("year", new, *self._values(new), year=self.after.base_year)
        for entity in dict.fromkeys(node.entity for node in nodes if isinstance(node, ex.Aggregate)):
            then_rows, now_rows = (_rows(run, entity) for run in self._runs())
            came = tuple(line for key, line in now_rows.items() if key not in then_rows)
            went = tuple(line for key, line in then_rows.items() if key not in now_rows)
            if came or went:
                yield Root("rows", new, *self._values(new), came=came, went=went)

    def _itself(self, rule: model.Rule) -> Iterator[Root]:
        """A rule that differs though nothing does on which it rests."""
        if rule.kind != "input":
            moved = self.before.as_of != self.after.as_of
            kind: Kind = "measured" if moved else "law"
            if rule.entity == model.ROOT:
                facts = tuple(self._facts(*graph_of(self.after.book).direct[rule.name]))
                yield Root(kind, rule, *self._values(rule), facts=facts)
                return
            for then, now in self._apart(rule):
                facts = tuple(self._facts(*graph_of(self.after.book).direct[rule.name], line=now))
                yield Root(
                    kind,
                    rule,
                    self.before.value(rule.name, then),
                    self.after.value(rule.name, now),
                    now,
                    facts=facts,
                )
            return
        if rule.entity == model.ROOT:
            yield Root("fact", rule, *self._values(rule))
            return
        for then, now in self._apart(rule):
            yield Root(
                "fact", rule, self.before.value(rule.name, then), self.after.value(rule.name, now), now
            )

    def _runs(self) -> tuple[Run, Run]:
        return self.before, self.after

    def _values(self, rule: model.Rule) -> tuple[Value | None, Value | None]:
        if rule.entity != model.ROOT or rule.kind in ("scale", *model.NAMED_ONLY):
            return None, None
        return self.before.value(rule.name), self.after.value(rule.name)

    def _differs(self, name: str) -> bool:
        """Whether a rule came out otherwise, in any row."""
        if name not in self._changed:
            old, new = self.before.book.rules.get(name), self.after.book.rules.get(name)
            if old is None or new is None:
                self._changed[name] = old is not new
            elif new.kind in ("scale", *model.NAMED_ONLY):
                self._changed[name] = False
            elif new.entity == model.ROOT:
                texts = [
                    run.text_shown(name) if new.kind == "input" and new.input.input == "text" else None
                    for run in self._runs()
                ]
                self._changed[name] = texts[0] != texts[1] or self.before.value(name) != self.after.value(
                    name
                )
            else:
                self._changed[name] = any(True for _ in self._apart(new))
        return self._changed[name]

    def _apart(self, rule: model.Rule) -> Iterator[tuple[Line, Line]]:
        """The rows in both runs in which a rule came out otherwise."""
        then, now = (_rows(run, rule.entity) for run in self._runs())
        for key, line in now.items():
            if key in then and self.before.value(rule.name, then[key]) != self.after.value(rule.name, line):
                yield then[key], line

    def _facts(self, *names: str, line: Line | None = None) -> Iterator[tuple[model.Rule, Value]]:
        """Those of the names that are inputs with a value."""
        for name in names:
            rule = self.after.book.rules.get(name)
            if rule is None or rule.kind != "input" or (rule.entity != model.ROOT and line is None):
                continue
            value = self.after.value(name, line if rule.entity != model.ROOT else None)
            if value.is_known and value.ordinary is not None:
                yield rule, value


def _reads_year(node: ex.Expression) -> bool:
    return isinstance(node, ex.Last) or node == ex.Clock("base_year")


def _rows(run: Run, entity: str) -> Mapping[object, Line]:
    """The rows of an entity by what tells one from another, whatever place they have in a run."""
    spec = run.book.entities.get(entity)
    found: dict[object, Line] = {}
    for line in run.lines(entity) if spec is not None else ():
        told = line.facts.get(spec.key, ()) if spec is not None and spec.key else ()
        period = line.period if line.period.is_known else None
        key: object = (period, told[0].value if told else None, line.certain, line.many)
        number = 0
        while (key, number) in found:
            number += 1
        found[key, number] = line
    return found
