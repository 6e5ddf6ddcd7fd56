"""A whole book: read its pages and those of the books it extends, parse, resolve, check; all problems at once.

`load("cn")` finds a shipped rulebook, `load("path/to/folder")` one of your own. The digest covers every byte read, so equal digests mean equal rules.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from gangmu.errors import Problem, RulebookError
from gangmu.rulebook import model
from gangmu.rulebook.check import Checker, check_references
from gangmu.rulebook.expression import Group
from gangmu.rulebook.located import Mapping, Sequence, Text
from gangmu.rulebook.model import Label
from gangmu.rulebook.parse import Parsed, get, parse_pages
from gangmu.rulebook.read import read_mapping, read_pages
from gangmu.rulebook.resolve import Resolver
from gangmu.rulebook.tables import check_tables
from gangmu.rulebook.types import LevelType

SHIPPED = Path(__file__).parent.parent / "rulebooks"
MAX_LAYERS = 8


def find_rulebook(name: str, beside: Path | None = None) -> Path:
    """The folder of a rulebook: a shipped name, or a path (relative to `beside` if given). Raises `RulebookError`."""
    candidates = [beside / name] if beside else []
    candidates.append(Path(name))
    if name.replace("_", "").replace("-", "").isalnum():
        candidates.append(SHIPPED / name)
    for folder in candidates:
        if (folder / "rulebook.yaml").is_file():
            return folder
    shipped = ", ".join(sorted(path.parent.name for path in SHIPPED.glob("*/rulebook.yaml")))
    raise RulebookError(
        Problem("rulebook-missing", name, "is no rulebook", f"a folder with rulebook.yaml, or one of: {shipped}", "check the name or the path")
    )


def load(name: str | Path) -> model.Rulebook:
    """Load and check a rulebook by shipped name or folder. Raises `RulebookError` with every problem found."""
    book, problems = load_with_problems(name)
    if problems or book is None:
        raise RulebookError(problems)
    return book


def load_with_problems(name: str | Path) -> tuple[model.Rulebook | None, list[Problem]]:
    """Load a rulebook; returns it (None if it cannot be used) and all problems, in the order of pages and lines."""
    problems: list[Problem] = []
    layers = _layers(find_rulebook(str(name)), problems)
    book = _Book(problems)
    for folder, head in layers:
        book.add_layer(folder, head)
    return book.finish(layers[-1][1]), _in_order(problems)


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
            raise RulebookError(
                Problem("extends-loop", str(current), "extends itself, directly or not", "books that build one way", "mend `extends`")
            )
        head = read_mapping(current, "rulebook.yaml", problems)
        if head is None:
            raise RulebookError(problems)
        found.append((current, head))
        base = get(head, "extends")
        current = None if base is None else find_rulebook(str(base), current)
    return found[::-1]


class _Book:
    """Collects layers, then makes the checked book."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.parsed = Parsed(problems=problems)
        self.sources: dict[str, model.Source] = {}
        self.layers: list[str] = []
        self.outcomes: list[Text] = []
        self.hash = hashlib.sha256()

    def add_layer(self, folder: Path, head: Mapping) -> None:
        layer = str(get(head, "name") or folder.name)
        self.layers.append(layer)
        for key in head:
            if key not in {"name", "version", "label", "extends", "outcomes"}:
                self.refuse("key-unknown", f"rulebook.yaml:{key.line}", f"`{key}` is not a key of rulebook.yaml", "name, version, label, extends, outcomes")
        listed = get(head, "outcomes")
        self.outcomes.extend(item for item in listed if isinstance(item, Text)) if isinstance(listed, Sequence) else None
        if (folder / "sources.yaml").exists():
            self._sources(read_mapping(folder, "sources.yaml", self.problems) or Mapping())
        pages = read_pages(folder, self.problems)
        for file in sorted([folder / "rulebook.yaml", folder / "sources.yaml", *folder.rglob("*.md"), *folder.rglob("*.csv")]):
            if file.is_file():
                self.hash.update(f"{layer}/{file.relative_to(folder).as_posix()}\0".encode() + file.read_bytes())
        fresh = parse_pages(pages, folder, layer, self.parsed.entities)
        self._merge(fresh)

    def _merge(self, fresh: Parsed) -> None:
        self.problems.extend(fresh.problems)
        for name, rule in fresh.rules.items():
            if name in self.parsed.rules:
                self.refuse("name-twice", str(rule.where), f"`{name}` is already a rule of {self.parsed.rules[name].layer}", "a new name", str(self.parsed.rules[name].where))
        self.parsed.pages.update({name: page for name, page in fresh.pages.items() if name not in self.parsed.pages})
        self.parsed.rules.update({name: rule for name, rule in fresh.rules.items() if name not in self.parsed.rules})
        self.parsed.entities.update(fresh.entities)
        self.parsed.cases.extend(fresh.cases)
        resolver = Resolver(self.parsed.rules, self.parsed.entities, self.problems)
        for written, rule in fresh.replaced.items():
            self._replace(resolver.find(written, rule.page, rule.where, written), rule)
        for written, edition in fresh.tightened:
            self._tighten(resolver.find(written, "", edition.where, written), edition)

    def _replace(self, target: str, rule: model.Rule) -> None:
        if not target:
            return
        old = self.parsed.rules[target]
        if not old.open:
            self.refuse("rule-closed", str(rule.where), f"`{target}` may not be replaced", "a rule marked `open: true`", str(old.where), "tighten it instead")
        elif old.kind != rule.kind:
            self.refuse("type-mismatch", str(rule.where), f"a {rule.kind} for a {old.kind}", f"a {old.kind}", str(old.where))
        else:
            self.parsed.rules[target] = replace(rule, name=old.name, short=old.short, entity=old.entity, label=rule.label if rule.label.en else old.label)

    def _tighten(self, target: str, edition: model.Edition) -> None:
        if not target:
            return
        old = self.parsed.rules[target]
        if old.kind not in ("condition", "title", "channel") or not isinstance(edition.body, model.Formula):
            self.refuse("type-mismatch", str(edition.where), f"`{target}` is a {old.kind}", "a condition, title or channel", str(old.where))
            return
        page = edition.where.page.removesuffix(".md")
        extra_name = f"{page}.tightened_{old.short.replace('.', '_')}"
        extra = model.Rule(
            extra_name, extra_name.rpartition(".")[2], "condition", page, model.ROOT, self.layers[-1], edition.where, old.type, (edition,),
            Label(f"{self.layers[-1]} adds to: {old.label.en or old.short}", f"{self.layers[-1]} 附加条件：{old.label.zh or old.short}"),
        )  # fmt: skip
        self.parsed.rules[extra_name] = replace(extra, type=old.type if old.kind == "condition" else extra.type)
        self.parsed.rules[target] = replace(old, editions=tuple(_add_condition(item, extra_name) for item in old.editions), layer=self.layers[-1])

    def refuse(self, code: str, where: str, what: str, expected: str, other: str = "", todo: str = "mend it") -> None:
        self.problems.append(Problem(code, where, what, expected, todo, other))

    def _sources(self, spec: Mapping) -> None:
        for key, entry in spec.items():
            if not isinstance(entry, Mapping):
                self.refuse("source-incomplete", f"sources.yaml:{key.line}", f"`{key}` is not a mapping", "{title, force, ...}")
                continue
            title, force, read = get(entry, "title"), str(get(entry, "force") or ""), get(entry, "read")
            if title is None or force not in model.FORCES:
                self.refuse("source-incomplete", f"sources.yaml:{key.line}", f"`{key}` has no title or force", f"title; force: {', '.join(model.FORCES)}")
            label = Label(str(get(title, "en") or ""), str(get(title, "zh") or "")) if isinstance(title, Mapping) else Label(str(title or ""))
            reading = "; ".join(str(value) for value in read.values()) if isinstance(read, Mapping) else str(read or "")
            self.sources[str(key)] = model.Source(
                str(key), label, force, *(str(get(entry, name) or "") for name in ("issuer", "doc_no", "date", "url")), reading
            )

    # ------------------------------------------------------------------ the checked book

    def finish(self, head: Mapping) -> model.Rulebook | None:
        self._entities()
        self._scales()
        resolver = Resolver(self.parsed.rules, self.parsed.entities, self.problems)
        rules = {name: resolver.rule(rule) for name, rule in self.parsed.rules.items()}
        checker = Checker(rules, self.parsed.entities, self.problems)
        for name in list(rules):
            try:
                checker.type_of(name)
            except Exception as error:  # noqa: BLE001  re-raised unless it is ours
                if type(error).__name__ != "Untyped":
                    raise
        check_references(rules, self.sources, self.problems)
        check_tables(rules.values(), self.problems)
        outcomes = tuple(resolver.find(str(item), "", model.Where("rulebook.yaml", item.line), "outcomes") for item in self.outcomes)
        if self.problems:
            return None
        label = get(head, "label")
        text = Label(str(get(label, "en") or ""), str(get(label, "zh") or "")) if isinstance(label, Mapping) else Label(str(label or ""))
        return model.Rulebook(
            self.layers[-1], str(get(head, "version") or "0"), text, tuple(self.layers), tuple(dict.fromkeys(outcomes)), rules,
            self.parsed.entities, self.sources, self.parsed.pages, tuple(self.parsed.cases), self.hash.hexdigest(), resolver.names,
        )  # fmt: skip

    def _entities(self) -> None:
        """Find what each entity's period is, and the date since which its rows are expected."""
        resolver = Resolver(self.parsed.rules, self.parsed.entities, self.problems)
        for name, entity in list(self.parsed.entities.items()):
            period = next((rule for rule in self.parsed.rules.values() if rule.short == f"{name}.{entity.period}" and rule.kind == "input"), None)
            kind = period.input.input if period else "none"
            if entity.period and kind not in ("year", "date"):
                self.refuse("entity-period", str(entity.where), f"`{name}` has no year or date input `{entity.period}`", f"`{name}.{entity.period}: {{input: year}}`")
                kind = "none"
            if entity.since and kind != "year":
                self.refuse("entity-period", str(entity.where), f"`{name}` expects rows but has no fiscal years", "a period that is a year")
            since = resolver.find(entity.since, entity.page, entity.where, name) if entity.since else ""
            self.parsed.entities[name] = replace(entity, period_kind=kind if kind in ("year", "date") else "none", since=since)

    def _scales(self) -> None:
        """Put the codes of scales in place of their names."""
        resolver = Resolver(self.parsed.rules, self.parsed.entities, self.problems)
        for name, rule in list(self.parsed.rules.items()):
            if not isinstance(rule.type, LevelType) or rule.kind != "level":
                continue
            full = resolver.find(rule.type.scale[0], rule.page, rule.where, rule.short)
            body = self.parsed.rules[full].body if full else None
            if not isinstance(body, model.Scale):
                if full:
                    self.refuse("type-mismatch", str(rule.where), f"`{full}` is no scale", "the name of a scale", str(self.parsed.rules[full].where))
                continue
            kind = LevelType(body.codes)
            editions = tuple(replace(item, body=replace(item.body, type=kind) if isinstance(item.body, model.Table) else item.body) for item in rule.editions)
            self.parsed.rules[name] = replace(rule, type=kind, editions=editions)


def _add_condition(edition: model.Edition, extra: str) -> model.Edition:
    """The same edition, with one more condition that must hold as well."""
    from gangmu.rulebook.expression import Expression, Ref  # noqa: PLC0415

    def both(node: Expression) -> Expression:
        return Group("all_of", (node, Ref(extra)))

    match edition.body:
        case model.Formula():
            return replace(edition, body=replace(edition.body, expression=both(edition.body.expression)))
        case model.Title():
            return replace(edition, body=replace(edition.body, conditions=both(edition.body.conditions)))
        case model.Channel():
            return replace(edition, body=replace(edition.body, open=both(edition.body.open)))
        case _:
            return edition
