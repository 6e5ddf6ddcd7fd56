"""Blocks to rules: each mapping of a page becomes a `Rule` with editions and bodies.

Names in formulas stay as written; `resolve` and `check` come after. Every key is known or refused, and every
problem is collected with its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from gangmu.errors import Problem
from gangmu.rulebook import model
from gangmu.rulebook.bodies import declared_type, read_body
from gangmu.rulebook.choices import STAGES
from gangmu.rulebook.located import Mapping, Node, Sequence, Text, get
from gangmu.rulebook.model import Label, Standing
from gangmu.rulebook.read import PageSource
from gangmu.rulebook.reading import GROUPS, Reading

NAME: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?")

# The key that tells a rule's kind, in the order in which they are looked for.
KINDS: Final = (
    "entity", "input", "scale", "parameter", "table", "score", "level", "channel", "amount", "title", "index",
    "item", "indicator", "condition", "all_of", "any_of", "at_least", "value", "tightens",
)  # fmt: skip
CONDITIONS: Final = ("condition", *GROUPS)
COMMON: Final = {"label", "note", "cite", "ours", "open", "replaces", "gap", "from", "to", "editions", "when"}
KEYS: Final[dict[str, set[str]]] = {
    "entity": {"entity", "expects", "key"},
    "input": {
        "input", "unit", "decimals", "range", "options", "pattern", "ask", "changeable", "origin", "columns",
    },
    "scale": {"scale", "labels"},
    "parameter": {"parameter", "value", "by", "rows", "hit"},
    "table": {"table", "by", "rows", "hit"},
    "score": {"score", "parts", "cap", "pass", "round"},
    "level": {"level", "by", "rows", "hit", "least_of", "greatest_of"},
    "amount": {"amount", "limits", "round"},
    "title": {"title", "certificate", "valid_for"},
    "channel": {
        "channel", "decides", "who", "amount", "cost", "days", "papers", "excludes", "shares", "serves",
        "in_sight",
    },
    "item": {"item", "part_of", "serves", "says", "pages"},
    "indicator": {
        "indicator", "baseline", "target", "direction", "nature", "scope", "producer", "lead", "definition",
        "serves", "observations",
    },
    "index": {
        "index", "rows", "population", "covers", "elements", "vary", "tiers", "serves", *STAGES,
    },
    "condition": {"condition", "unless"},
    "all_of": {"all_of", "unless"},
    "any_of": {"any_of", "unless"},
    "at_least": {"at_least", "of", "unless"},
    "value": {"value", "unit", "stated", "round"},
    "tightens": {"tightens"},
}  # fmt: skip
# Kinds that state law and so need a citation or a reason of our own.
CITED: Final = frozenset(KINDS) - {"entity", "input", "scale", "indicator"}
MARKS: Final = (
    "baseline",
    "target",
)  # an indicator that has one must cite it; its observations cite their own


@dataclass(slots=True)
class Parsed:
    """What one or more pages hold, before names are resolved."""

    pages: dict[str, model.Page] = field(default_factory=dict)
    rules: dict[str, model.Rule] = field(default_factory=dict)
    entities: dict[str, model.Entity] = field(default_factory=dict)
    cases: list[model.WorkedCase] = field(default_factory=list)
    tightened: list[tuple[str, model.Edition]] = field(default_factory=list)
    replaced: dict[str, model.Rule] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, page: Parsed) -> None:
        """Add what a further page says."""
        self.pages.update(page.pages)
        self.rules.update(page.rules)
        self.entities.update(page.entities)
        self.cases.extend(page.cases)
        self.tightened.extend(page.tightened)
        self.replaced.update(page.replaced)
        self.problems.extend(page.problems)


def declared_in(page: PageSource) -> set[str]:
    """The related entities that a page declares."""
    return {
        str(name)
        for block in page.blocks
        for name, spec in block.content.items()
        if isinstance(spec, Mapping) and "entity" in spec
    }


def parse_page(page: PageSource, folder: Path | None, layer: str, entities: frozenset[str]) -> Parsed:
    """Parse one page. `entities` are the names of all related entities of the book."""
    parsed = Parsed()
    _PageParser(page, layer, Reading(page.file, folder, entities, parsed.problems), parsed).parse()
    return parsed


class _PageParser:
    """Parses one page into the collection."""

    def __init__(self, page: PageSource, layer: str, reading: Reading, parsed: Parsed) -> None:
        self.page, self.layer, self.reading, self.parsed = page, layer, reading, parsed

    # ------------------------------------------------------------------ the page

    def parse(self) -> None:
        """Read all blocks of the page; what it says once for all rules comes first."""
        for block in self.page.blocks:
            if block.info == "yaml" and isinstance(spec := get(block.content, "page"), Mapping):
                self.reading.defaults = spec
        self.read_page(self.reading.defaults)
        for block in self.page.blocks:
            if block.info == "yaml case":
                self.read_case(block.content)
                continue
            for name, spec in block.content.items():
                if name != "page":
                    self.reading.rule = str(name)
                    self.read_rule(name, spec)
                    self.reading.rule = ""

    def read_page(self, spec: Mapping) -> None:
        """The page itself; its title is its label, if it gives none."""
        reading = self.reading
        reading.only(spec, {"label", "date_basis", "cite", "from", "to", "serves"}, "page")
        label = reading.label(get(spec, "label"))
        title = re.search(r"^# (.+)$", self.page.text, re.MULTILINE)
        if not label.en and title:
            label = Label(title.group(1).strip(), label.zh)
        self.parsed.pages[self.page.name] = model.Page(
            self.page.name, self.page.file, self.page.text, self.layer, label,
            reading.label(get(spec, "date_basis")), reading.texts(get(spec, "serves")),
        )  # fmt: skip

    def read_case(self, spec: Mapping) -> None:
        """A worked case; its evidence and expectations stay as written until it is run."""
        keys = {"name", "kind", "as_of", "given", "expect", "source", "confidence", "note"}
        self.reading.only(spec, keys, "case")
        name = str(get(spec, "name") or f"case at line {spec.line}")
        for key in ("as_of", "expect"):
            if get(spec, key) is None:
                what = f"the case `{name}` has no `{key}`"
                self.reading.refuse("case-incomplete", spec, what, "as_of, given, expect", f"add `{key}:`")
        kind, where = str(get(spec, "kind") or "derived"), self.reading.where(spec)
        raw = {str(key): _as_written(node) for key, node in spec.items()}
        self.parsed.cases.append(model.WorkedCase(self.page.name, where, name, kind, raw))

    # ------------------------------------------------------------------ a rule

    def read_rule(self, name: Text, spec: Node) -> None:
        """Read one rule and keep it where it belongs."""
        if not isinstance(spec, Mapping):
            what, expected = f"`{name}` is not a mapping", "name: {condition: ...}"
            self.reading.refuse("kind-unclear", name, what, expected, "say what the rule does")
            return
        kind = self.kind_of(name, spec)
        foreign = "/" in name or name.count(".") > 1 or "tightens" in spec or "replaces" in spec
        if not kind or not (foreign or self.is_name(name)):
            return
        self.reading.only(spec, COMMON | KEYS[kind], kind)
        if kind == "entity":
            self.read_entity(name, spec)
            return
        owner = "" if foreign else name.rpartition(".")[0]
        if owner and owner not in self.reading.entities:
            what, todo = f"`{owner}` is no entity", f"declare `{owner}: {{entity: ...}}`"
            expected = f"one of {', '.join(sorted(self.reading.entities)) or 'none declared'}"
            self.reading.refuse("entity-unknown", name, what, expected, todo)
            return
        editions = self.editions(name, kind, spec)
        if not editions:
            return
        if kind == "tightens":
            self.parsed.tightened.append((str(name), editions[0]))
            return
        rule = self.rule(name, kind, spec, owner or model.ROOT, editions)
        if "replaces" in spec:
            self.parsed.replaced[str(name)] = rule
        else:
            self.keep(rule)

    def kind_of(self, name: Text, spec: Mapping) -> str:
        """The kind of a rule, by its keys or those of its first edition; empty if it is unclear."""
        listed = get(spec, "editions")
        first = listed[0] if isinstance(listed, Sequence) and listed else None
        kind = _first_kind(spec) or (_first_kind(first) if isinstance(first, Mapping) else "")
        if not kind:
            what, expected = f"`{name}` does not say what it is", f"one of {', '.join(KINDS)}"
            self.reading.refuse("kind-unclear", name, what, expected, "add one of these keys")
        return kind

    def is_name(self, name: Text) -> bool:
        """Whether a rule of this page may be called so."""
        if NAME.fullmatch(name):
            return True
        expected = "lower-case letters, digits, _ (entity.field for row rules)"
        self.reading.refuse("name-invalid", name, f"`{name}` is no name", expected, "rename it")
        return False

    def rule(
        self, name: Text, kind: str, spec: Mapping, entity: str, editions: tuple[model.Edition, ...]
    ) -> model.Rule:
        """The rule, with what all its editions share."""
        reading = self.reading
        return model.Rule(
            f"{self.page.name}.{name}", str(name), "condition" if kind in GROUPS else kind, self.page.name,
            entity, self.layer, reading.where(name), declared_type(reading, kind, spec, editions[-1].body),
            editions, reading.label(get(spec, "label")), str(get(spec, "note") or ""),
            reading.flag(get(spec, "open")), str(get(spec, "gap") or ""),
        )  # fmt: skip

    def keep(self, rule: model.Rule) -> None:
        """Keep a rule under its name; of two with one name the first stays."""
        other = self.parsed.rules.setdefault(rule.name, rule)
        if other is not rule:
            what, against = f"`{rule.short}` is declared twice", str(other.where)
            where = str(rule.where)
            self.parsed.problems.append(
                Problem("name-twice", where, what, "one rule a name", "rename one", against, rule.short)
            )

    def read_entity(self, name: Text, spec: Mapping) -> None:
        """A related entity; its period and its date are found once all pages are read."""
        reading = self.reading
        expects, since = get(spec, "expects"), ""
        if isinstance(expects, Mapping):
            reading.only(expects, {"every", "since"}, "expects")
            if get(expects, "every") != "year" or get(expects, "since") is None:
                what, expected = "`expects` is not understood", "{every: year, since: DATE_INPUT}"
                reading.refuse("value-invalid", expects, what, expected, "write it so")
            since = str(get(expects, "since") or "")
        period = str(get(spec, "entity"))
        self.parsed.entities[str(name)] = model.Entity(
            str(name), reading.label(get(spec, "label")), reading.where(name), self.page.name,
            "" if period == "none" else period, "none", str(get(spec, "key") or ""), since,
        )  # fmt: skip

    # ------------------------------------------------------------------ editions

    def editions(self, name: Text, kind: str, spec: Mapping) -> tuple[model.Edition, ...]:
        """The editions listed, or the one that the rule itself is."""
        listed = get(spec, "editions")
        if listed is None:
            edition = self.edition(name, kind, spec, None)
            return () if edition is None else (edition,)
        if not isinstance(listed, Sequence) or not listed:
            expected, todo = "a list of {from, to, ...}", "write `- {from: DATE, ...}`"
            self.reading.refuse("value-invalid", listed, "`editions` is not a list", expected, todo)
            return ()
        found = [self.listed_edition(name, kind, spec, item) for item in listed]
        return tuple(edition for edition in found if edition is not None)

    def listed_edition(self, name: Text, kind: str, spec: Mapping, item: Node) -> model.Edition | None:
        """One of several editions; it has what the rule says, unless it says otherwise."""
        if not isinstance(item, Mapping):
            what = "an edition is not a mapping"
            self.reading.refuse("value-invalid", item, what, "{from: DATE, ...}", "write it so")
            return None
        allowed = COMMON - {"editions", "open", "replaces", "gap"} | KEYS[kind]
        if kind in CONDITIONS:  # one edition may be a formula, another a list
            allowed = allowed.union(*(KEYS[word] for word in CONDITIONS))
        self.reading.only(item, allowed, kind)
        own_kind = _first_kind(item) or kind if kind in CONDITIONS else kind
        merged = Mapping({**{key: value for key, value in spec.items() if key != "editions"}, **item})
        merged.line = item.line
        return self.edition(name, own_kind, merged, item)

    def edition(self, name: Text, kind: str, spec: Mapping, item: Mapping | None) -> model.Edition | None:
        """An edition, from all that holds of it; `item` is where it is listed, None if it stands alone."""
        standing = self.standing(kind, name, spec)
        body = read_body(self.reading, kind, spec)
        if body is None:
            return None
        start, end = self.dates(spec)
        if item is None and start is None and end is None and standing.cites:
            start, end = self.dates(self.reading.defaults)
        if start and end and start >= end:
            what, place = f"valid from {start} to {end}", spec if item is None else item
            self.reading.refuse(
                "value-invalid", place, what, "from before to (half-open)", "check the two dates"
            )
        # the `when` of an amount that stands alone is in its body: without it the amount is nothing
        when = None if kind == "amount" and item is None else get(spec, "when")
        where = self.reading.where(name if item is None else item)
        return model.Edition(body, standing, where, start, end, self.reading.formula_if_given(when))

    def dates(self, spec: Mapping) -> tuple[date | None, date | None]:
        """The half-open days `from` and `to`."""
        return self.reading.date(get(spec, "from")), self.reading.date(get(spec, "to"))

    def standing(self, kind: str, name: Text, spec: Mapping) -> Standing:
        """On what an edition rests; a rule of law must say it."""
        cites, ours = self.reading.cites(get(spec, "cite")), get(spec, "ours")
        stated = kind in CITED or (kind == "indicator" and any(key in spec for key in MARKS))
        if stated and not cites and not ours:
            what, expected = f"`{name}` has no citation", "`cite: article` or, if it is no law, `ours: why`"
            self.reading.refuse("uncited", name, what, expected, "cite the source and article")
        return Standing(cites, str(ours or ""))


def _as_written(node: Node) -> object:
    """A node as plain data: its texts in lists and mappings, without their lines."""
    match node:
        case Mapping():
            return {str(key): _as_written(value) for key, value in node.items()}
        case Sequence():
            return [_as_written(value) for value in node]
        case Text():
            return str(node)


def _first_kind(spec: Mapping) -> str:
    return next((key for key in KINDS if key in spec), "")
