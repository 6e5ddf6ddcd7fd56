"""A whole book: read its pages and those of the books it extends, parse, resolve, check.

The digest covers every byte read, so equal digests mean equal rules. It is taken before anything is read, and
again by `load` before a book is kept, so that a book is never kept under the digest of files that changed
meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from gangmu.errors import Problem, RulebookError
from gangmu.rulebook import model
from gangmu.rulebook.check import Checker, check_references
from gangmu.rulebook.expression import Expression, Group, Ref
from gangmu.rulebook.files import digest_of, find_rulebook
from gangmu.rulebook.head import FILE, Head, read_label
from gangmu.rulebook.kept_pages import pages_of
from gangmu.rulebook.located import Mapping, get
from gangmu.rulebook.model import Label
from gangmu.rulebook.parse import Parsed
from gangmu.rulebook.read import read_mapping
from gangmu.rulebook.resolve import Resolver
from gangmu.rulebook.tables import check_tables
from gangmu.rulebook.types import LevelType

MAX_LAYERS = 8


@dataclass(frozen=True, slots=True)
class Assembled:
    """What became of a folder: the book (None if it cannot be used), and all problems in the order of pages.

    `chain` has the layers from the base up: each name, its folder, and what it says that it extends.
    """

    book: model.Rulebook | None
    problems: list[Problem]
    chain: tuple[tuple[str, Path, str], ...]


def assemble(folder: Path) -> Assembled:
    """Read, parse, resolve and check the rulebook in a folder, with all that it extends."""
    problems: list[Problem] = []
    digest = digest_of((_name(place, head), place) for place, head in _layers(folder, []))
    layers = _layers(folder, problems)
    book = _Book(problems, digest)
    for place, head in layers:
        book.add_layer(place, head)
    chain = tuple((_name(place, head), place, str(get(head, "extends") or "")) for place, head in layers)
    return Assembled(book.finish(layers[-1][1]), _in_order(problems), chain)


def _name(folder: Path, head: Mapping) -> str:
    return str(get(head, "name") or folder.name)


def _in_order(problems: list[Problem]) -> list[Problem]:
    def place(problem: Problem) -> tuple[str, int]:
        page, _, line = problem.where.rpartition(":")
        return page, int(line) if line.isdigit() else 0

    return sorted(dict.fromkeys(problems), key=place)


def _layers(folder: Path, problems: list[Problem]) -> list[tuple[Path, Mapping]]:
    """The books from the base up, each with its `rulebook.yaml`."""
    found: list[tuple[Path, Mapping]] = []
    current: Path | None = folder
    while current is not None:
        if len(found) >= MAX_LAYERS or any(current.resolve() == seen.resolve() for seen, _ in found):
            what, expected = "extends itself, directly or not", "books that build one way"
            raise RulebookError(Problem("extends-loop", str(current), what, expected, "mend `extends`"))
        head = read_mapping(current, "rulebook.yaml", problems)
        if head is None:
            raise RulebookError(problems)
        found.append((current, head))
        base = get(head, "extends")
        current = None if base is None else find_rulebook(str(base), current)
    return found[::-1]


class _Book:
    """Collects layers, then makes the checked book."""

    def __init__(self, problems: list[Problem], digest: str) -> None:
        self.problems, self.digest = problems, digest
        self.parsed = Parsed(problems=problems)
        self.sources: dict[str, model.Source] = {}
        self.layers: list[str] = []
        self.head = Head(problems)

    def refuse(self, code: str, where: object, what: str, expected: str, other: str = "") -> None:
        """Put a problem aside."""
        self.problems.append(Problem(code, str(where), what, expected, "mend it", other))

    def resolver(self) -> Resolver:
        """A resolver over the rules so far."""
        return Resolver(self.parsed.rules, self.parsed.entities, self.problems)

    # ------------------------------------------------------------------ layers

    def add_layer(self, folder: Path, head: Mapping) -> None:
        """Read and parse one book, and lay it over those below."""
        layer = _name(folder, head)
        self.layers.append(layer)
        self.head.add(head)
        if (folder / "sources.yaml").exists():
            self.add_sources(read_mapping(folder, "sources.yaml", self.problems) or Mapping())
        self.merge(pages_of(folder, layer, self.parsed.entities, self.problems))

    def add_sources(self, spec: Mapping) -> None:
        """The bibliography of one book."""
        for key, entry in spec.items():
            where = f"sources.yaml:{key.line}"
            if not isinstance(entry, Mapping):
                self.refuse("source-incomplete", where, f"`{key}` is not a mapping", "{title, force, ...}")
                continue
            title, force, read = get(entry, "title"), str(get(entry, "force") or ""), get(entry, "read")
            if title is None or force not in model.FORCES:
                what, expected = f"`{key}` has no title or force", f"title; force: {', '.join(model.FORCES)}"
                self.refuse("source-incomplete", where, what, expected)
            issuer, doc_no, day, url = (
                str(get(entry, name) or "") for name in ("issuer", "doc_no", "date", "url")
            )
            said = read.values() if isinstance(read, Mapping) else [read or ""]
            reading = "; ".join(str(value) for value in said)
            name = read_label(title, "sources.yaml", self.problems)
            self.sources[str(key)] = model.Source(str(key), name, force, issuer, doc_no, day, url, reading)

    def merge(self, fresh: Parsed) -> None:
        """Lay the rules of one book over those below; only what a rule says of itself may change it."""
        self.problems.extend(fresh.problems)
        parsed = self.parsed
        for name, rule in fresh.rules.items():
            below = parsed.rules.setdefault(name, rule)
            if below is not rule:
                what = f"`{name}` is already a rule of {below.layer}"
                self.refuse("name-twice", rule.where, what, "a new name", str(below.where))
        parsed.pages = {**fresh.pages, **parsed.pages}
        parsed.entities.update(fresh.entities)
        parsed.cases.extend(fresh.cases)
        resolver = self.resolver()
        for written, rule in fresh.replaced.items():
            self.replace(resolver.find(written, rule.page, rule.where, written), rule)
        for written, edition in fresh.tightened:
            self.tighten(resolver.find(written, "", edition.where, written), edition)

    def replace(self, target: str, rule: model.Rule) -> None:
        """Put a rule in the place of one that is open."""
        if not target:
            return
        old = self.parsed.rules[target]
        if not old.open:
            what, expected = f"`{target}` may not be replaced", "a rule marked `open: true`"
            where, other, todo = str(rule.where), str(old.where), "tighten it instead"
            self.problems.append(Problem("rule-closed", where, what, expected, todo, other))
        elif old.kind != rule.kind:
            what, expected = f"a {rule.kind} for a {old.kind}", f"a {old.kind}"
            self.refuse("type-mismatch", rule.where, what, expected, str(old.where))
        else:
            label = rule.label if rule.label.en else old.label
            self.parsed.rules[target] = replace(
                rule, name=old.name, short=old.short, entity=old.entity, label=label
            )

    def tighten(self, target: str, edition: model.Edition) -> None:
        """Add a condition to a condition, title or channel; it becomes a rule of its own."""
        if not target:
            return
        old = self.parsed.rules[target]
        if old.kind not in ("condition", "title", "channel") or not isinstance(edition.body, model.Formula):
            what, expected = f"`{target}` is a {old.kind}", "a condition, title or channel"
            self.refuse("type-mismatch", edition.where, what, expected, str(old.where))
            return
        layer, page = self.layers[-1], edition.where.page.removesuffix(".md")
        short = f"tightened_{old.short.replace('.', '_')}"
        name = f"{page}.{short}"
        label = Label(
            f"{layer} adds to: {old.label.en or old.short}", f"{layer} 附加条件：{old.label.zh or old.short}"
        )
        self.parsed.rules[name] = model.Rule(
            name, short, "condition", page, model.ROOT, layer, edition.where, old.type, (edition,), label
        )
        editions = tuple(_add_condition(item, name) for item in old.editions)
        self.parsed.rules[target] = replace(old, editions=editions, layer=layer)

    # ------------------------------------------------------------------ the checked book

    def finish(self, head: Mapping) -> model.Rulebook | None:
        """Resolve and check all rules; None if anything is wrong."""
        self.find_periods()
        self.find_scales()
        resolver = self.resolver()
        rules = {name: resolver.rule(rule) for name, rule in self.parsed.rules.items()}
        pages = {name: resolver.page(page) for name, page in self.parsed.pages.items()}
        Checker(rules, self.parsed.entities, self.problems).check()
        check_references(rules, self.sources, pages, self.problems)
        check_tables(rules.values(), self.problems)
        groups = self.head.outcomes(resolver)
        resources = self.head.resources(resolver, rules)
        parsed, label = self.parsed, read_label(get(head, "label"), FILE, self.problems)
        if self.problems:
            return None
        outcomes = tuple(name for group in groups for name in group.rules)
        return model.Rulebook(
            self.layers[-1], str(get(head, "version") or "0"), label, tuple(self.layers), outcomes,
            rules, parsed.entities, self.sources, pages, tuple(parsed.cases), self.digest,
            resolver.names, groups=groups, resources=resources,
        )  # fmt: skip

    def find_periods(self) -> None:
        """Find what each entity's period is, and the date since which its rows are expected."""
        resolver = self.resolver()
        inputs = {rule.short: rule.input.input for rule in self.parsed.rules.values() if rule.kind == "input"}
        for name, entity in self.parsed.entities.items():
            kind = inputs.get(f"{name}.{entity.period}")
            period: model.Period = kind if kind in ("year", "date") else "none"
            if entity.period and period == "none":
                what = f"`{name}` has no year or date input `{entity.period}`"
                self.refuse("entity-period", entity.where, what, f"`{name}.{entity.period}: {{input: year}}`")
            if entity.since and period != "year":
                what, expected = f"`{name}` expects rows but has no fiscal years", "a period that is a year"
                self.refuse("entity-period", entity.where, what, expected)
            since = resolver.find(entity.since, entity.page, entity.where, name) if entity.since else ""
            self.parsed.entities[name] = replace(entity, period_kind=period, since=since)

    def find_scales(self) -> None:
        """Put the codes of scales in place of their names."""
        resolver, rules = self.resolver(), self.parsed.rules
        for name, rule in rules.items():
            if rule.kind != "level" or not isinstance(rule.type, LevelType):
                continue
            full = resolver.find(rule.type.scale[0], rule.page, rule.where, rule.short)
            if not full:
                continue
            body = rules[full].body
            if isinstance(body, model.Scale):
                rules[name] = _on_scale(rule, LevelType(body.codes))
            else:
                what, other = f"`{full}` is no scale", str(rules[full].where)
                self.refuse("type-mismatch", rule.where, what, "the name of a scale", other)


def _on_scale(rule: model.Rule, kind: LevelType) -> model.Rule:
    """A level with its scale known, in all its tables."""
    editions = tuple(
        replace(item, body=replace(item.body, type=kind)) if isinstance(item.body, model.Table) else item
        for item in rule.editions
    )
    return replace(rule, type=kind, editions=editions)


def _add_condition(edition: model.Edition, extra: str) -> model.Edition:
    """The same edition, with one more condition that must hold as well."""

    def both(node: Expression) -> Expression:
        return Group("all_of", (node, Ref(extra)))

    match edition.body:
        case model.Formula() as body:
            return replace(edition, body=replace(body, expression=both(body.expression)))
        case model.Title() as body:
            return replace(edition, body=replace(body, conditions=both(body.conditions)))
        case model.Channel() as body:
            return replace(edition, body=replace(body, open=both(body.open)))
        case _:
            return edition
