"""What `rulebook.yaml` says of a book: its outcomes in groups, and the resources that channels share.

`outcomes` is a list of rules, or a mapping of groups, each with a label and its rules. `resources` names what
several channels draw on (one patent, one capacity to repay), and the rule that measures it, if one does. A
book that extends another adds to both.
"""

from __future__ import annotations

from collections.abc import Mapping as Frozen
from dataclasses import dataclass, field

from gangmu.errors import Problem
from gangmu.rulebook import model
from gangmu.rulebook.located import Mapping, Node, Sequence, Text, get
from gangmu.rulebook.resolve import Resolver
from gangmu.rulebook.types import NumberType

FILE = "rulebook.yaml"
KEYS = ("name", "version", "label", "extends", "outcomes", "resources")
LANGS = ("en", "zh")
_PLAIN = ""  # the group of outcomes that are listed without one


@dataclass(slots=True)
class _Group:
    label: model.Label = field(default_factory=model.Label)
    rules: list[Text] = field(default_factory=list)


@dataclass(slots=True)
class Head:
    """What the layers' files have said so far, as written; problems are put aside."""

    problems: list[Problem]
    groups: dict[str, _Group] = field(default_factory=dict)
    shared: dict[str, tuple[model.Label, Text | None, int]] = field(default_factory=dict)

    def add(self, spec: Mapping) -> None:
        """Take one layer's file."""
        for key in spec:
            if key not in KEYS:
                self._refuse("key-unknown", key.line, f"`{key}` is not a key of {FILE}", ", ".join(KEYS))
        self._add_outcomes(get(spec, "outcomes"))
        resources = get(spec, "resources")
        for name, told in resources.items() if isinstance(resources, Mapping) else ():
            bound = get(told, "bound") if isinstance(told, Mapping) else None
            label = (
                read_label(get(told, "label"), FILE, self.problems)
                if isinstance(told, Mapping)
                else model.Label()
            )
            if not isinstance(told, Mapping) or not set(told) <= {"label", "bound"}:
                self._refuse("value-invalid", name.line, f"resource `{name}`", "{label: ..., bound: RULE}")
            self.shared[str(name)] = (label, bound if isinstance(bound, Text) else None, name.line)

    def _add_outcomes(self, listed: Node | None) -> None:
        if isinstance(listed, Mapping):
            for name, told in listed.items():
                rules = get(told, "rules") if isinstance(told, Mapping) else None
                if not isinstance(told, Mapping) or not isinstance(rules, Sequence):
                    what, expected = f"group `{name}` has no rules", "{label: ..., rules: [RULE, ...]}"
                    self._refuse("value-invalid", name.line, what, expected)
                    continue
                group = self.groups.setdefault(str(name), _Group())
                label = get(told, "label")
                group.label = group.label if label is None else read_label(label, FILE, self.problems)
                group.rules.extend(item for item in rules if isinstance(item, Text))
        elif isinstance(listed, Sequence):
            group = self.groups.setdefault(_PLAIN, _Group())
            group.rules.extend(item for item in listed if isinstance(item, Text))

    # ------------------------------------------------------------------ with the rules known

    def outcomes(self, resolver: Resolver) -> tuple[model.Group, ...]:
        """The groups with full names of rules; a rule stands in the first group that names it."""
        seen: set[str] = set()
        found = []
        for name, group in self.groups.items():
            if name in resolver.names:
                what, expected = f"group `{name}` is also a rule", "a name of its own"
                self._refuse("name-twice", group.rules[0].line if group.rules else 1, what, expected)
            full = [resolver.find(str(item), "", _where(item.line), "outcomes") for item in group.rules]
            rules = tuple(each for each in dict.fromkeys(full) if each and each not in seen)
            seen.update(rules)
            found.append(model.Group(name, group.label, rules))
        return tuple(found)

    def resources(self, resolver: Resolver, rules: Frozen[str, model.Rule]) -> dict[str, model.Resource]:
        """The resources with the rules that measure them; every channel's `shares` has to be one."""
        found = {}
        for name, (label, bound, line) in self.shared.items():
            full = resolver.find(str(bound), "", _where(line), "resources") if bound else ""
            if full and not isinstance(rules[full].type, NumberType):
                what = f"`{full}` measures `{name}` and is no number"
                self._refuse("type-mismatch", line, what, "a rule that gives an amount")
            found[name] = model.Resource(name, label, full)
        for rule in rules.values():
            for edition in rule.editions:
                shares = edition.body.shares if isinstance(edition.body, model.Channel) else ()
                for word in shares:
                    if word not in found:
                        what, expected = f"`{word}` is no resource", ", ".join(found) or "a resource"
                        todo = f"name it under `resources` in {FILE}"
                        self.problems.append(
                            Problem("name-unknown", str(edition.where), what, expected, todo, rule=rule.short)
                        )
        return found

    def _refuse(self, code: str, line: int, what: str, expected: str) -> None:
        self.problems.append(Problem(code, f"{FILE}:{line}", what, expected, "mend it"))


def _where(line: int) -> model.Where:
    return model.Where(FILE, line)


def read_label(node: Node | None, file: str, problems: list[Problem]) -> model.Label:
    """A label of `rulebook.yaml` or `sources.yaml`; a text cut at its commas is refused."""
    if isinstance(node, Mapping):
        for key in node:
            if key not in LANGS:
                what, todo = f"`{key}` is no language of a label", "put a text with commas in quotes"
                problems.append(Problem("key-unknown", f"{file}:{key.line}", what, ", ".join(LANGS), todo))
        return model.Label(str(get(node, "en") or ""), str(get(node, "zh") or ""))
    return model.Label(str(node or ""))
