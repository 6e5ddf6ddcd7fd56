"""Blocks to rules: each mapping of a page becomes a `Rule` with editions and bodies.

Names in formulas stay as written; `resolve` and `check` come after. Every key is known or refused, and every problem is collected with its line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Final, cast

from gangmu.errors import Problem
from gangmu.rulebook import model, quantity, units
from gangmu.rulebook.expression import Expression, Group
from gangmu.rulebook.expression import Ref as RefNode
from gangmu.rulebook.formula import FormulaError, parse_formula
from gangmu.rulebook.located import Mapping, Node, Sequence, Text
from gangmu.rulebook.model import Label, Quantity, Standing, Where
from gangmu.rulebook.read import PageSource
from gangmu.rulebook.types import (
    DATE,
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

NAME = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?")
FULL_NAME = re.compile(r"[A-Za-z0-9_\-/]+/?[A-Za-z0-9_\-]+(?:\.[a-z][a-z0-9_]*){1,2}")
SAFE_PATTERN = re.compile(r"[A-Za-z0-9\[\]{}.,\- ]+")

# The key that tells a rule's kind, in the order in which they are looked for.
KINDS: Final = (
    "entity", "input", "scale", "parameter", "table", "score", "level", "channel", "amount", "title", "index",
    "condition", "all_of", "any_of", "at_least", "value", "tightens",
)  # fmt: skip
COMMON: Final = {"label", "note", "cite", "ours", "open", "replaces", "gap", "from", "to", "editions", "when"}
KEYS: Final[dict[str, set[str]]] = {
    "entity": {"entity", "expects", "key"},
    "input": {"input", "unit", "decimals", "range", "options", "pattern", "ask", "changeable", "origin", "columns"},
    "scale": {"scale", "labels"},
    "parameter": {"parameter", "value", "by", "rows", "hit"},
    "table": {"table", "by", "rows", "hit"},
    "score": {"score", "parts", "cap", "pass", "round"},
    "level": {"level", "by", "rows", "hit", "least_of", "greatest_of"},
    "amount": {"amount", "limits", "round"},
    "title": {"title", "certificate", "valid_for"},
    "channel": {"channel", "decides", "who", "amount", "cost", "days", "papers", "excludes", "shares", "serves"},
    "condition": {"condition", "unless"},
    "all_of": {"all_of", "unless"},
    "any_of": {"any_of", "unless"},
    "at_least": {"at_least", "of", "unless"},
    "value": {"value", "unit", "stated", "round"},
    "tightens": {"tightens"},
}
# Kinds that state law and so need a citation or a reason of our own.
CITED: Final = frozenset(KINDS) - {"entity", "input", "scale", "index"}


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


def parse_pages(pages: Iterable[PageSource], folder: Path | None, layer: str, entities: Collection[str]) -> Parsed:
    """Parse pages of one layer. `entities` are names already declared by the layers below."""
    pages = list(pages)
    parsed = Parsed()
    known = {*entities, *(str(name) for page in pages for block in page.blocks for name, spec in block.content.items() if isinstance(spec, Mapping) and "entity" in spec)}
    scales = _Scales()
    for page in pages:
        PageParser(page, folder, layer, frozenset(known), scales, parsed).parse()
    return parsed


class _Scales(dict[str, tuple[str, ...]]):
    """Codes of scales by bare and full name; levels look their scale up by the name as written."""


class PageParser:
    """Parses one page; all `_read_*` helpers put problems aside and return something usable."""

    def __init__(
        self, page: PageSource, folder: Path | None, layer: str, entities: frozenset[str], scales: _Scales, parsed: Parsed
    ) -> None:
        """Take the page, the folder (for data beside it) and what collects the result."""
        self.page, self.folder, self.layer, self.entities, self.parsed = page, folder, layer, entities, parsed
        self.scales = scales
        self.defaults = Mapping()
        self.rule = ""

    # ------------------------------------------------------------------ problems and places

    def where(self, node: Node | None) -> Where:
        """The place of a node."""
        return Where(self.page.file, getattr(node, "line", 1))

    def refuse(self, code: str, node: Node | None, what: str, expected: str = "", todo: str = "") -> None:
        """Put a problem aside."""
        self.parsed.problems.append(Problem(code, str(self.where(node)), what, expected, todo, rule=self.rule))

    # ------------------------------------------------------------------ the page

    def parse(self) -> None:
        """Read all blocks of the page into the collection."""
        for block in self.page.blocks:
            if block.info == "yaml" and isinstance(spec := block.content.get(cast("Text", "page")), Mapping):
                self.defaults = spec
        self._read_page()
        for block in self.page.blocks:
            if block.info == "yaml case":
                self._read_case(block.content)
                continue
            for name, spec in block.content.items():
                if name == "page":
                    continue
                self.rule = str(name)
                self._read_rule(name, spec)
                self.rule = ""

    def _read_page(self) -> None:
        spec = self.defaults
        self._only(spec, {"label", "date_basis", "cite", "from", "to", "serves"}, "page")
        title = re.search(r"^# (.+)$", self.page.text, re.MULTILINE)
        label = self._label(spec.get(cast("Text", "label")))
        if not label.en and title:
            label = Label(title.group(1).strip(), label.zh)
        self.parsed.pages[self.page.name] = model.Page(
            self.page.name, self.page.file, self.page.text, self.layer, label,
            self._label(get(spec, "date_basis")), self._texts(get(spec, "serves")),
        )  # fmt: skip

    def _read_case(self, spec: Mapping) -> None:
        self._only(spec, {"name", "kind", "as_of", "given", "expect", "source", "confidence", "note"}, "case")
        name = str(get(spec, "name") or f"case at line {spec.line}")
        for key in ("as_of", "expect"):
            if get(spec, key) is None:
                self.refuse("case-incomplete", spec, f"the case `{name}` has no `{key}`", "as_of, given, expect", f"add `{key}:`")
        self.parsed.cases.append(
            model.WorkedCase(self.page.name, self.where(spec), name, str(get(spec, "kind") or "derived"), cast("dict[str, object]", spec))
        )

    # ------------------------------------------------------------------ a rule

    def _read_rule(self, name: Text, spec: Node) -> None:
        if not isinstance(spec, Mapping):
            self.refuse("kind-unclear", name, f"`{name}` is not a mapping", "name: {condition: ...}", "say what the rule does")
            return
        kind = next((key for key in KINDS if key in spec), "")
        edition_kind = ""
        if not kind or (kind == "value" and "editions" in spec):
            editions = get(spec, "editions")
            first = editions[0] if isinstance(editions, Sequence) and editions else None
            edition_kind = next((key for key in KINDS if isinstance(first, Mapping) and key in first), "")
            kind = kind or edition_kind
        if not kind:
            self.refuse("kind-unclear", name, f"`{name}` does not say what it is", f"one of {', '.join(KINDS)}", "add one of these keys")
            return
        if kind == "index":
            self.refuse("index-not-here", name, "an index cannot be computed yet", "another kind", "wait for the plan-tracking rooms, or use `value`")
            return
        full_target = "/" in name or name.count(".") > 1 or ("tightens" in spec or "replaces" in spec)
        if not full_target and not NAME.fullmatch(name):
            self.refuse("name-invalid", name, f"`{name}` is no name", "lower-case letters, digits, _ (entity.field for row rules)", "rename it")
            return
        self._only(spec, COMMON | KEYS[kind], kind)
        if kind == "entity":
            self._read_entity(name, spec)
            return
        owner, _, short = name.rpartition(".")
        entity = owner if owner and not full_target else model.ROOT
        if owner and not full_target and owner not in self.entities:
            self.refuse("entity-unknown", name, f"`{owner}` is no entity", f"one of {', '.join(sorted(self.entities)) or 'none declared'}", f"declare `{owner}: {{entity: ...}}`")
            return
        editions = self._editions(name, kind, spec)
        if not editions:
            return
        if kind == "tightens":
            self.parsed.tightened.append((str(name), editions[0]))
            return
        rule = model.Rule(
            f"{self.page.name}.{name}", str(name), "condition" if kind in ("all_of", "any_of", "at_least") else kind,
            self.page.name, entity, self.layer, self.where(name), self._declared_type(kind, spec, editions), editions,
            self._label(get(spec, "label")), str(get(spec, "note") or ""), self._flag(get(spec, "open")), str(get(spec, "gap") or ""),
        )  # fmt: skip
        if "replaces" in spec:
            self.parsed.replaced[str(name)] = rule
            return
        if rule.name in self.parsed.rules:
            other = self.parsed.rules[rule.name].where
            self.parsed.problems.append(
                Problem("name-twice", str(rule.where), f"`{name}` is declared twice", "one rule a name", "rename one", str(other), self.rule)
            )
            return
        self.parsed.rules[rule.name] = rule

    def _read_entity(self, name: Text, spec: Mapping) -> None:
        expects = get(spec, "expects")
        since = ""
        if isinstance(expects, Mapping):
            self._only(expects, {"every", "since"}, "expects")
            if get(expects, "every") != "year" or get(expects, "since") is None:
                self.refuse("value-invalid", expects, "`expects` is not understood", "{every: year, since: DATE_INPUT}", "write it so")
            since = str(get(expects, "since") or "")
        period = str(get(spec, "entity"))
        self.parsed.entities[str(name)] = model.Entity(
            str(name), self._label(get(spec, "label")), self.where(name), self.page.name,
            "" if period == "none" else period, "none", str(get(spec, "key") or ""), since,
        )  # fmt: skip

    def _editions(self, name: Text, kind: str, spec: Mapping) -> tuple[model.Edition, ...]:
        listed = get(spec, "editions")
        if listed is None:
            edition = self._edition(name, kind, spec, spec, alone=True)
            return (edition,) if edition else ()
        if not isinstance(listed, Sequence) or not listed:
            self.refuse("value-invalid", listed, "`editions` is not a list", "a list of {from, to, ...}", "write `- {from: DATE, ...}`")
            return ()
        found = []
        for item in listed:
            if not isinstance(item, Mapping):
                self.refuse("value-invalid", item, "an edition is not a mapping", "{from: DATE, ...}", "write it so")
                continue
            merged = Mapping({**{key: value for key, value in spec.items() if key != "editions"}, **item})
            merged.line = item.line
            self._only(item, (COMMON - {"editions", "open", "replaces", "gap"}) | KEYS[kind] | set().union(*(KEYS[k] for k in ("condition", "all_of", "any_of", "at_least")) if kind in ("condition", "all_of", "any_of", "at_least") else ()), kind)
            own_kind = next((key for key in KINDS if key in item), kind) if kind in ("condition", "all_of", "any_of", "at_least") else kind
            edition = self._edition(name, own_kind, merged, item, alone=False)
            if edition:
                found.append(edition)
        return tuple(found)

    def _edition(self, name: Text, kind: str, spec: Mapping, place: Mapping, *, alone: bool) -> model.Edition | None:
        standing = self._standing(kind, name, spec)
        body = self._body(kind, name, spec)
        if body is None:
            return None
        start, end = self._date(get(spec, "from")), self._date(get(spec, "to"))
        if alone and start is None and end is None and standing.cites:
            start, end = self._date(get(self.defaults, "from")), self._date(get(self.defaults, "to"))
        if start and end and start >= end:
            self.refuse("value-invalid", place, f"valid from {start} to {end}", "from before to (half-open)", "check the two dates")
        when = get(spec, "when") if kind != "amount" or not alone else None
        return model.Edition(body, standing, self.where(place if not alone else name), start, end, self._formula(when) if when is not None else None)

    def _standing(self, kind: str, name: Text, spec: Mapping) -> Standing:
        cites = self._cites(get(spec, "cite"))
        ours = get(spec, "ours")
        if kind in CITED and not cites and not ours:
            self.refuse("uncited", name, f"`{name}` has no citation", "`cite: article` or, if it is no law, `ours: why`", "cite the source and article")
        return Standing(cites, str(ours or ""))

    def _cites(self, node: Node | None) -> tuple[model.Citation, ...]:
        if node is None:
            return ()
        default = get(self.defaults, "cite")
        base = {str(key): str(value) for key, value in default.items()} if isinstance(default, Mapping) else {}
        found = []
        for item in node if isinstance(node, Sequence) else (node,):
            given = {"at": str(item)} if isinstance(item, Text) else {}
            if isinstance(item, Mapping):
                self._only(item, {"source", "at", "grade", "read"}, "cite")
                given = {str(key): str(value) for key, value in item.items()}
            merged = {**base, **given}
            if "source" not in merged or merged.get("grade", "") not in model.GRADES:
                self.refuse("cite-incomplete", item, "a citation without source or grade", f"source, at, grade (one of {', '.join(model.GRADES)})", "complete it, or set `page: {cite: ...}`")
                continue
            found.append(model.Citation(merged["source"], merged.get("at", ""), merged["grade"], merged.get("read", "")))
        return tuple(found)

    # ------------------------------------------------------------------ bodies

    def _body(self, kind: str, name: Text, spec: Mapping) -> model.Body | None:
        readers: dict[str, Callable[[Mapping], model.Body | None]] = {
            "input": self._input, "scale": self._scale, "parameter": self._parameter, "table": self._table,
            "score": self._score, "level": self._level, "amount": self._amount, "title": self._title, "channel": self._channel,
            "value": self._value,
        }  # fmt: skip
        if kind in readers:
            return readers[kind](spec)
        if kind == "tightens":
            return model.Formula(self._formula(get(spec, "tightens")))
        group = self._group(spec, kind)
        unless = get(spec, "unless")
        return None if group is None else model.Formula(group, None if unless is None else self._item(unless))

    def _input(self, spec: Mapping) -> model.Body | None:
        word = str(get(spec, "input"))
        if word not in ("number", "condition", "code", "date", "year", "text"):
            self.refuse("value-invalid", spec, f"`input: {word}`", "number, condition, code, date, year or text", "choose one")
            return None
        unit = str(get(spec, "unit") or "ratio")
        factor = self._factor(unit, spec)[0]
        decimals = str(get(spec, "decimals") or "6")
        if not (decimals.isdigit() and int(decimals) <= 12):
            self.refuse("value-invalid", get(spec, "decimals"), f"`decimals: {decimals}`", "a whole number from 0 to 12", "correct it")
            decimals = "6"
        changeable = str(get(spec, "changeable") or "never")
        if changeable not in ("never", "now", "from_next_period"):
            self.refuse("value-invalid", get(spec, "changeable"), f"`changeable: {changeable}`", "never, now or from_next_period", "choose one")
        origins = self._texts(get(spec, "origin"))
        if wrong := [origin for origin in origins if origin not in model.ORIGINS]:
            self.refuse("value-invalid", get(spec, "origin"), f"unknown origin {', '.join(wrong)}", ", ".join(model.ORIGINS), "choose among these")
        pattern = str(get(spec, "pattern") or "")
        if pattern and not SAFE_PATTERN.fullmatch(pattern):
            self.refuse("value-invalid", get(spec, "pattern"), f"pattern `{pattern}`", "letters, digits, [] {} . - only", "write a simpler one")
            pattern = ""
        return model.Input(
            cast("model.Literal['number']", word), unit, factor, int(decimals), self._range(get(spec, "range"), unit),
            self._labels(get(spec, "options")), pattern, self._label(get(spec, "ask")), cast("model.Literal['never']", changeable),
            origins, self._texts(get(spec, "columns")),
        )  # fmt: skip

    def _range(self, node: Node | None, unit: str) -> model.Range:
        if not isinstance(node, Mapping):
            return model.Range()
        self._only(node, {"ge", "le"}, "range")
        dimension = self._factor(unit, node)[1]
        ends: list[Fraction | None] = []
        for key in ("ge", "le"):
            text = get(node, key)
            number = self._quantity(text, NumberType(dimension)) if text is not None else None
            ends.append(number.value if number else None)
        return model.Range(ends[0], ends[1])

    def _scale(self, spec: Mapping) -> model.Body | None:
        codes = self._texts(get(spec, "scale"))
        self.scales[self.rule] = self.scales[f"{self.page.name}.{self.rule}"] = codes
        return model.Scale(codes, self._labels(get(spec, "labels")))

    def _parameter(self, spec: Mapping) -> model.Body | None:
        unit = str(get(spec, "parameter"))
        if get(spec, "rows") is None:
            kind: Type = TRUTH if unit == "condition" else NumberType(self._factor(unit, spec)[1])
            cell = self._cell(get(spec, "value"), kind)
            if cell is None:
                self.refuse("value-invalid", spec, "a parameter without value", "`value: NUMBER UNIT` or `by:` and `rows:`", "add its value")
                return None
            return model.Table(kind, "first", (model.Row("value", self.where(get(spec, "value")), cell),), parameter=True)
        table = self._rows_table(spec, NumberType(self._factor(unit, spec)[1]))
        return None if table is None else replace(table, parameter=True)

    def _table(self, spec: Mapping) -> model.Body | None:
        word = str(get(spec, "table"))
        kind: Type
        if word == "code":
            kind = CodeType()
        elif word == "condition":
            kind = TRUTH
        else:
            kind = NumberType(self._factor(word, spec)[1])
        table = self._rows_table(spec, kind)
        if table is not None and isinstance(kind, CodeType):
            codes = frozenset(row.cell.code for row in table.rows if row.cell.code is not None)
            table = replace(table, type=CodeType(codes))
        return table

    def _rows_table(self, spec: Mapping, kind: Type) -> model.Table | None:
        by_node, rows_node = get(spec, "by"), get(spec, "rows")
        by = None if by_node is None else self._formula(by_node)
        rows: list[model.Row] = []
        if isinstance(rows_node, Text):
            rows = self._csv_rows(rows_node, kind)
        elif isinstance(rows_node, Mapping) and rows_node:
            for name, row in rows_node.items():
                made = self._row(name, row, kind)
                if made is not None:
                    rows.append(made)
        else:
            self.refuse("value-invalid", spec, "a table without rows", "`rows:` with a mapping, or the name of a CSV file", "add rows")
            return None
        if not rows:
            return None
        hit = str(get(spec, "hit") or "")
        if hit and hit not in ("unique", "first", "best", "sum"):
            self.refuse("value-invalid", get(spec, "hit"), f"`hit: {hit}`", "unique, first, best or sum", "choose one")
        if by is None and any(row.bounds or row.codes or row.prefixes for row in rows):
            self.refuse("value-invalid", spec, "rows with bounds but no `by`", "`by: formula`", "say what the rows are chosen by")
        return model.Table(kind, cast("model.Literal['first']", hit or _shape(rows)), tuple(rows), by)

    def _row(self, name: Text, node: Node, kind: Type) -> model.Row | None:
        if not isinstance(node, Mapping):
            self.refuse("value-invalid", name, f"row `{name}` is not a mapping", "{ge: ..., value: ...}", "write it so")
            return None
        self._only(node, {"ge", "gt", "le", "lt", "in", "prefix", "except_prefix", "when", "value", "label", "cite", "ours"}, "row")
        value = get(node, "value")
        if value is None and isinstance(kind, LevelType):
            value = Text(str(name), name.line)
        cell = self._cell(value, kind)
        if cell is None:
            self.refuse("value-invalid", name, f"row `{name}` has no value", f"`value:` of type {kind}", "add it")
            return None
        bounds = {}
        for key in ("ge", "gt", "le", "lt"):
            text = get(node, key)
            if text is not None:
                number = self._bound(text)
                if number is not None:
                    bounds[key] = number
        when = get(node, "when")
        cites = self._cites(get(node, "cite"))
        ours = str(get(node, "ours") or "")
        return model.Row(
            str(name), self.where(name), cell, cast("dict[model.Bound, Quantity]", bounds), self._texts(get(node, "in")),
            self._texts(get(node, "prefix")), self._texts(get(node, "except_prefix")), None if when is None else self._formula(when),
            self._label(get(node, "label")), Standing(cites, ours) if cites or ours else None,
        )  # fmt: skip

    def _bound(self, text: Node) -> Quantity | None:
        """A bound may be a number with unit or a date."""
        if isinstance(text, Text) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            day = self._date(text)
            return None if day is None else Quantity(Fraction(day.toordinal()), DATE, str(text), self.where(text))
        return self._quantity(text, None)

    def _csv_rows(self, file: Text, kind: Type) -> list[model.Row]:
        """Rows of a CSV file beside the page."""
        if self.folder is None or not re.fullmatch(r"[A-Za-z0-9_\-]+\.csv", file):
            self.refuse("path-escape", file, f"`rows: {file}`", "the name of a CSV file in the page's folder", "move the file there")
            return []
        path = (self.folder / self.page.file).parent / str(file)
        if not path.is_file() or not path.resolve().is_relative_to(self.folder.resolve()):
            self.refuse("file-unreadable", file, f"{file} is not beside the page", "a CSV file", "add it")
            return []
        rows: list[model.Row] = []
        beside = (Path(self.page.file).parent / str(file)).as_posix()
        for number, line in enumerate(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))), start=2):
            spec = Mapping()
            spec.line = number
            for key in ("ge", "gt", "le", "lt", "value"):
                if line.get(key):
                    spec[Text(key, number)] = Text(line[key], number)
            for key in ("in", "prefix", "except_prefix"):
                if line.get(key):
                    texts = Sequence(Text(part, number) for part in line[key].split("|"))
                    texts.line = number
                    spec[Text(key, number)] = texts
            page = replace(self.page, file=beside)
            made = PageParser(page, self.folder, self.layer, self.entities, self.scales, self.parsed)._row(
                Text(line.get("row") or f"row{number}", number), spec, kind
            )
            if made is not None:
                rows.append(replace(made, label=Label(line.get("en") or "", line.get("zh") or "")))
        return rows

    def _cell(self, node: Node | None, kind: Type) -> model.Cell | None:
        if node is None:
            return None
        if isinstance(node, Mapping):
            self._only(node, {"from", "to", "judged_by", "answer"}, "value")
            low, high = self._quantity(get(node, "from"), kind), self._quantity(get(node, "to"), kind)
            if low is None or high is None or low.value > high.value:
                self.refuse("value-invalid", node, "a judged band without its two ends in order", "{from: 7 points, to: 8 points, judged_by: expert}", "give both")
                return None
            return model.Cell(band=(low, high), answer=str(get(node, "answer") or "") or None)
        if not isinstance(node, Text):
            return None
        if isinstance(kind, CodeType | LevelType):
            return model.Cell(code=str(node))
        if kind == TRUTH:
            if node not in ("true", "false"):
                self.refuse("value-invalid", node, f"`{node}`", "true or false", "write one of them")
                return None
            return model.Cell(truth=node == "true")
        number = self._quantity(node, kind)
        return None if number is None else model.Cell(number=number)

    def _score(self, spec: Mapping) -> model.Body | None:
        kind = NumberType(self._factor(str(get(spec, "score")), spec)[1])
        parts = []
        listed = get(spec, "parts")
        for name, node in listed.items() if isinstance(listed, Mapping) else ():
            if isinstance(node, Text):
                parts.append(model.Part(str(name), self._formula(node)))
            elif isinstance(node, Mapping):
                self._only(node, {"of", "cap", "min"}, "part")
                cap, least = get(node, "cap"), get(node, "min")
                parts.append(
                    model.Part(
                        str(name), self._formula(get(node, "of")), None if cap is None else self._quantity(cap, kind),
                        None if least is None else self._quantity(least, kind),
                    )  # fmt: skip
                )
        if not parts:
            self.refuse("value-invalid", spec, "a score without parts", "`parts: {name: {of: formula}}`", "add its parts")
            return None
        passing = None
        mark = get(spec, "pass")
        if isinstance(mark, Mapping):
            self._only(mark, {"ge", "gt"}, "pass")
            for key in ("ge", "gt"):
                number = self._quantity(get(mark, key), kind) if get(mark, key) is not None else None
                if number is not None:
                    passing = (cast("model.Literal['ge', 'gt']", key), number)
        cap = get(spec, "cap")
        return model.Score(tuple(parts), None if cap is None else self._quantity(cap, kind), passing, self._rounding(get(spec, "round"), kind))

    def _level(self, spec: Mapping) -> model.Body | None:
        for pick, key in (("least", "least_of"), ("greatest", "greatest_of")):
            listed = get(spec, key)
            if isinstance(listed, Sequence):
                return model.LevelOf(cast("model.Literal['least']", pick), tuple(self._item(item) for item in listed))
        return self._rows_table(spec, LevelType((str(get(spec, "level")),)))

    def _amount(self, spec: Mapping) -> model.Body | None:
        kind = NumberType(self._factor(str(get(spec, "amount")), spec)[1])
        limits = get(spec, "limits")
        if not isinstance(limits, Mapping) or not limits:
            self.refuse("value-invalid", spec, "an amount without limits", "`limits: {name: formula}`", "name its limits")
            return None
        when = get(spec, "when")
        return model.Amount(
            tuple((str(name), self._formula(node)) for name, node in limits.items()), None if when is None else self._item(when),
            self._rounding(get(spec, "round"), kind),
        )  # fmt: skip

    def _rounding(self, node: Node | None, kind: Type) -> model.Rounding | None:
        if not isinstance(node, Mapping):
            return None
        self._only(node, {"to", "how"}, "round")
        step, how = self._quantity(get(node, "to"), kind), str(get(node, "how"))
        if step is None or step.value <= 0 or how not in ("down", "up", "half_up", "half_even"):
            self.refuse("value-invalid", node, "a rounding rule that is not understood", "{to: 10000 CNY, how: down|up|half_up|half_even}", "complete it")
            return None
        return model.Rounding(step, cast("model.Literal['down']", how))

    def _title(self, spec: Mapping) -> model.Body | None:
        certificate = get(spec, "certificate")
        if not isinstance(certificate, Mapping):
            self.refuse("value-invalid", spec, "a title without certificate", "certificate: {number: INPUT, from: INPUT, to: INPUT}", "name the inputs")
            return None
        self._only(certificate, {"number", "from", "to"}, "certificate")
        months = get(spec, "valid_for")
        return model.Title(
            self._item(get(spec, "title")), *(str(get(certificate, key) or "") for key in ("number", "from", "to")),
            None if months is None else self._quantity(months, NumberType((("month", 1),))),
        )  # fmt: skip

    def _channel(self, spec: Mapping) -> model.Body | None:
        decides = str(get(spec, "decides") or "")
        if decides not in ("law", "authority", "market", "lender"):
            self.refuse("value-invalid", spec, f"`decides: {decides}`", "law, authority, market or lender", "say who decides")
        papers = get(spec, "papers")
        return model.Channel(
            self._item(get(spec, "channel")), decides, self._label(get(spec, "who")),
            *(str(get(spec, key) or "") for key in ("amount", "cost", "days")),
            tuple(self._label(paper) for paper in papers) if isinstance(papers, Sequence) else (),
            *(self._texts(get(spec, key)) for key in ("excludes", "shares", "serves")),
        )  # fmt: skip

    def _value(self, spec: Mapping) -> model.Body | None:
        return model.Formula(
            self._formula(get(spec, "value")), None, self._flag(get(spec, "stated")), self._rounding(get(spec, "round"), NumberType(None))
        )

    # ------------------------------------------------------------------ formulas and groups

    def _group(self, spec: Mapping, kind: str) -> Expression | None:
        if kind == "condition":
            return self._formula(get(spec, "condition"))
        listed = get(spec, "of" if kind == "at_least" else kind)
        if not isinstance(listed, Sequence) or not listed:
            self.refuse("value-invalid", spec, f"`{kind}` without a list", f"`{'of' if kind == 'at_least' else kind}: [conditions]`", "list its conditions")
            return None
        k = str(get(spec, "at_least") or "0") if kind == "at_least" else "0"
        if kind == "at_least" and not (k.isdigit() and 0 < int(k) <= len(listed)):
            self.refuse("value-invalid", spec, f"`at_least: {k}` of {len(listed)}", f"1 to {len(listed)}", "correct the count")
            return None
        return Group(cast("model.Literal['all_of']", kind), tuple(self._item(item) for item in listed), int(k))

    def _item(self, node: Node | None) -> Expression:
        """An item of a list: a nested group, a full name, or a formula."""
        if isinstance(node, Mapping):
            for kind in ("all_of", "any_of", "at_least"):
                if kind in node:
                    self._only(node, {kind, "of"}, kind)
                    return self._group(node, kind) or RefNode("")
            self.refuse("value-invalid", node, "a group that is not understood", "{all_of: [...]}, {any_of: [...]} or {at_least: k, of: [...]}", "write it so")
            return RefNode("")
        if isinstance(node, Text) and "/" in node and FULL_NAME.fullmatch(node):
            return RefNode(str(node))
        return self._formula(node)

    def _formula(self, node: Node | None) -> Expression:
        if not isinstance(node, Text) or not node.strip():
            self.refuse("formula-syntax", node, "a formula is missing", "a formula", "write it as one text (in quotes if it has `: ` or `#`)")
            return RefNode("")
        try:
            return parse_formula(str(node), self.entities)
        except FormulaError as error:
            self.refuse(error.code, node, error.what, error.expected, error.todo)
            return RefNode("")

    # ------------------------------------------------------------------ small readers

    def _only(self, spec: Mapping, allowed: Collection[str], kind: str) -> None:
        for key in spec:
            if key not in allowed:
                self.refuse("key-unknown", key, f"`{key}` is not a key of `{kind}`", ", ".join(sorted(allowed)), "remove or correct it")

    def _label(self, node: Node | None) -> Label:
        if isinstance(node, Text):
            return Label(en=str(node))
        if not isinstance(node, Mapping):
            return Label()
        self._only(node, {"en", "zh"}, "label")
        return Label(str(get(node, "en") or ""), str(get(node, "zh") or ""))

    def _labels(self, node: Node | None) -> dict[str, Label]:
        if isinstance(node, Sequence):
            return {str(item): Label() for item in node}
        return {str(key): self._label(value) for key, value in node.items()} if isinstance(node, Mapping) else {}

    def _texts(self, node: Node | None) -> tuple[str, ...]:
        if isinstance(node, Sequence):
            return tuple(str(item) for item in node)
        return () if node is None or isinstance(node, Mapping) else (str(node),)

    def _flag(self, node: Node | None) -> bool:
        if node not in (None, "true", "false", "yes", "no"):
            self.refuse("value-invalid", node, f"`{node}`", "true or false", "write one of them")
        return node in ("true", "yes")

    def _date(self, node: Node | None) -> date | None:
        if node is None:
            return None
        try:
            return date.fromisoformat(str(node))
        except ValueError:
            self.refuse("value-invalid", node, f"`{node}` is no date", "YYYY-MM-DD", "correct the date")
            return None

    def _factor(self, unit: str, node: Node | None) -> tuple[Fraction, units.Dimension]:
        try:
            return units.factor_of(unit)
        except units.UnknownUnit as error:
            self.refuse("unit-unknown", node, f"`{error}` is not a unit", units.KNOWN, "use one of these")
            return Fraction(1), ()

    def _quantity(self, node: Node | None, kind: Type | None) -> Quantity | None:
        """A number with unit, of the type `kind` (any, if None)."""
        if not isinstance(node, Text):
            self.refuse("value-invalid", node, "a number is missing", "a number with its unit", "write e.g. `5%` or `300 persons`")
            return None
        try:
            value, dimension = quantity.read_number(str(node))
        except quantity.NotANumber as error:
            self.refuse("value-invalid", node, f"`{node}` {error}", "a number with its unit", "write e.g. `5%` or `300 persons`")
            return None
        except units.UnknownUnit as error:
            self.refuse("unit-unknown", node, f"`{error}` is not a unit", units.KNOWN, "use one of these")
            return None
        found = NumberType(dimension)
        if isinstance(kind, NumberType) and kind.dimension is not None and found != kind and value != 0:
            self.refuse("unit-mismatch", node, f"`{node}` is {found}", f"a number of {kind}", f"write it in {kind}")
            return None
        return Quantity(value, kind if isinstance(kind, NumberType) and kind.dimension is not None else found, str(node), self.where(node))

    def _declared_type(self, kind: str, spec: Mapping, editions: tuple[model.Edition, ...]) -> Type:
        body = editions[-1].body
        if isinstance(body, model.Input):
            return self._input_type(body)
        if isinstance(body, model.Table):
            return body.type
        if kind == "level":
            return LevelType((str(get(spec, "level")),))
        words = {"score": "score", "amount": "amount", "value": "unit"}
        if kind in words:
            unit = get(spec, words[kind])
            return NumberType(self._factor(str(unit), spec)[1]) if unit is not None else NumberType(None)
        return {"title": TitleType(), "scale": ScaleType()}.get(kind, TRUTH)

    def _input_type(self, body: model.Input) -> Type:
        match body.input:
            case "number":
                return NumberType(self._factor(body.unit, None)[1])
            case "condition":
                return TRUTH
            case "code":
                return CodeType(frozenset(body.options) if body.options else None)
            case "date":
                return DATE
            case "year":
                return YEAR
            case _:
                return TextType()


def get(spec: Mapping, key: str) -> Node | None:
    """A key's node (keys compare as plain texts)."""
    return spec.get(cast("Text", key))


def _shape(rows: list[model.Row]) -> str:
    """Ladder or unique, by the look of the rows: all but the last bounded on one same side only, no other tests."""
    if len(rows) == 1 and rows[0].is_rest:
        return "first"
    heads, last = rows[:-1], rows[-1]
    plain = all(not (row.codes or row.prefixes or row.when) for row in rows)
    for sides, name in (({"le", "lt"}, "ladder_up"), ({"ge", "gt"}, "ladder_down")):
        one_side = all(len(row.bounds) == 1 and set(row.bounds) <= sides for row in heads)
        if heads and plain and one_side and (last.is_rest or (len(last.bounds) == 1 and set(last.bounds) <= sides)):
            return name
    return "unique"
