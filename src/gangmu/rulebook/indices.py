"""An index as it is written: elements, the method of each stage, and what is varied.

Everything that can be known without data is refused here with its line: a method or option that does not
exist, an element named twice, a factor that varies nothing.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Final

from gangmu.rulebook import model
from gangmu.rulebook.beside import read_beside
from gangmu.rulebook.choices import LEAVE_OUT, METHODS, REQUIRED, STAGES, UNSAID, WEIGHTS
from gangmu.rulebook.located import Mapping, Node, Sequence, Text, get
from gangmu.rulebook.model import Label, Standing
from gangmu.rulebook.reading import Reading
from gangmu.rulebook.types import PLAIN

MAX_ELEMENTS = 2000
ELEMENT: Final = {
    "label", "weight", "of", "direction", "column", "per", "rule", "unit", "goalposts", "cite", "ours",
}  # fmt: skip
COLUMNS: Final = (
    "element", "parent", "weight", "direction", "column", "per", "low", "high", "unit", "en", "zh",
    "source", "at", "grade",
)  # fmt: skip
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]*")
_DIRECTIONS: Final[tuple[model.Direction, ...]] = ("up", "down")


def read_index(reading: Reading, spec: Mapping) -> model.Body | None:
    """An index: `index: COLUMN`, its elements, a method for each stage, its factors."""
    elements = _Elements(reading).read(get(spec, "elements"))
    if not elements:
        if not any(problem.rule == reading.rule for problem in reading.problems):
            expected = "`elements: {name: {label, weight}}`, or a CSV file beside the page"
            reading.refuse("value-invalid", spec, "an index without elements", expected, "name them")
        return None
    stages = {}
    for stage in STAGES:
        node = get(spec, stage)
        if node is None and stage in REQUIRED:
            expected = f"`{stage}:` one of {', '.join(METHODS[stage])}"
            reading.refuse("value-invalid", spec, f"an index that does not {stage}", expected, "choose one")
        elif node is None:
            stages[stage] = model.Choice(stage, UNSAID[stage], {}, Standing(), reading.where(spec))
        elif (choice := read_choice(reading, stage, node)) is not None:
            stages[stage] = choice
    if len(stages) < len(STAGES):
        return None
    _check_rules(reading, elements)
    _check_tables(reading, elements, stages["weigh"])
    _check_goalposts(reading, elements, stages["normalise"])
    factors = _Factors(reading, elements, stages).read(get(spec, "vary"))
    tiers = _whole(reading, get(spec, "tiers")) if "tiers" in spec else 0
    found = read_beside(reading, get(spec, "population"), "population") if "population" in spec else None
    return model.Index(
        _layout(reading, spec), elements, stages, factors, tiers or 0, reading.label(get(spec, "covers")),
        found[1] if found else "", reading.texts(get(spec, "serves")),
    )  # fmt: skip


def _layout(reading: Reading, spec: Mapping) -> model.Layout:
    """Which columns the table of units has: `index: COLUMN`, or a mapping of what is in which column."""
    node = get(spec, "index")
    if isinstance(node, Text) and node:
        return model.Layout(str(node))
    if not isinstance(node, Mapping) or not get(node, "unit"):
        expected = "`index: COLUMN`, the column that names the units, or `{unit: ..., year: ...}`"
        reading.refuse("value-invalid", node, "an index without units", expected, "name the column")
        return model.Layout("")
    reading.only(node, {"unit", "name", "year", "indicator", "value", "filled", "tile"}, "index")
    unit, year, indicator, value, filled = (
        str(get(node, key) or "") for key in ("unit", "year", "indicator", "value", "filled")
    )
    if bool(indicator) != bool(value):
        what = "a long table needs both `indicator` and `value`"
        reading.refuse("value-invalid", node, what, "{indicator: COLUMN, value: COLUMN}", "name both")
    tile = reading.texts(get(node, "tile"))
    if tile and len(tile) != len(("column", "row")):
        reading.refuse("value-invalid", node, "`tile` is no pair", "[COLUMN, COLUMN]", "name both columns")
    return model.Layout(unit, reading.label(get(node, "name")), year, indicator, value, filled, tile)


# ---------------------------------------------------------------------- elements


class _Elements:
    """Reads the tree of elements, from the page or from a table beside it."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.found: dict[str, model.Element] = {}

    def read(self, node: Node | None) -> tuple[model.Element, ...]:
        """Every element, each after the one that it is part of; empty if they cannot be read."""
        if isinstance(node, Mapping):
            self.tree(node, "")
        elif node is not None and (found := read_beside(self.reading, node, "elements")):
            self.table(*found)
        leaves = [one for one in self.found.values() if one.leaf]
        if len(self.found) > MAX_ELEMENTS:
            what, todo = f"{len(self.found)} elements", "make several indices"
            self.reading.refuse("too-long", node, what, f"at most {MAX_ELEMENTS}", todo)
            return ()
        return tuple(self.found.values()) if leaves else ()

    def keep(self, element: model.Element, node: Text) -> None:
        """Keep an element, once under its name."""
        if not _NAME.fullmatch(element.name):
            what, expected = f"`{element.name}` is no name", "letters, digits, _ and -"
            self.reading.refuse("name-invalid", node, what, expected, "rename it; `column:` says the column")
        elif element.name in self.found:
            what = f"`{element.name}` stands in the index twice"
            self.reading.refuse("name-twice", node, what, "each element once", "rename one")
        elif element.weight < 0:
            what = f"`{element.name}` has a weight below nothing"
            self.reading.refuse("value-invalid", node, what, "0 or more", "turn it with `direction: down`")
        else:
            self.found[element.name] = element

    def tree(self, spec: Mapping, parent: str) -> None:
        """Elements under one parent, as a mapping."""
        for name, node in spec.items():
            body = node if isinstance(node, Mapping) else Mapping()
            if not isinstance(node, Mapping):
                what = f"`{name}` is not a mapping"
                self.reading.refuse("value-invalid", name, what, "{label: ..., weight: ...}", "write it so")
            self.reading.only(body, ELEMENT, "element")
            inner = get(body, "of")
            self.keep(self.element(name, body, parent, leaf=inner is None), name)
            if inner is not None and (not isinstance(inner, Mapping) or not inner):
                what = f"`{name}` has no elements"
                self.reading.refuse("value-invalid", name, what, "of: {name: {...}}", "name them")
            elif isinstance(inner, Mapping):
                self.tree(inner, str(name))

    def element(self, name: Text, body: Mapping, parent: str, *, leaf: bool) -> model.Element:
        """One element as a mapping."""
        reading = self.reading
        rule = str(get(body, "rule") or "")
        return model.Element(
            str(name), parent, _weight(reading, get(body, "weight")), reading.label(get(body, "label")),
            reading.where(name), Standing(reading.cites(get(body, "cite")), str(get(body, "ours") or "")),
            leaf=leaf,
            direction=reading.word(body, "direction", _DIRECTIONS, instead="up") or "up",
            column="" if rule else str(get(body, "column") or name), per=str(get(body, "per") or ""),
            rule=rule, unit=reading.label(get(body, "unit")),
            goalposts=_pair(reading, get(body, "goalposts")) if "goalposts" in body else None,
        )  # fmt: skip

    def table(self, inside: Reading, text: str) -> None:
        """Elements of a table beside the page, a row each."""
        rows = list(csv.DictReader(io.StringIO(text)))
        heads = list(rows[0]) if rows else []
        if not {"element", "parent"} <= {*heads} or not {*heads} <= {*COLUMNS}:
            what, expected = "a table of elements with other columns", ", ".join(COLUMNS)
            inside.refuse("value-invalid", Text("", 1), what, expected, "element and parent are required")
            return
        parents = {row["parent"] for row in rows}
        for line, row in enumerate(rows, 2):
            cells = {key: Text(cell.strip(), line) for key, cell in row.items() if key and cell}
            spec = Mapping()
            for key in ("weight", "direction", "column", "per"):
                if key in cells:
                    spec[Text(key, line)] = cells[key]
            spec[Text("label", line)] = _labels(cells, line)
            if "unit" in cells:
                spec[Text("unit", line)] = cells["unit"]
            if "low" in cells or "high" in cells:
                spec[Text("goalposts", line)] = Sequence(
                    [cells.get("low", Text("", line)), cells.get("high", Text("", line))]
                )
            if "source" in cells:
                cite = Mapping(
                    {Text(key, line): cells[key] for key in ("source", "at", "grade") if key in cells}
                )
                spec[Text("cite", line)] = cite
            name = cells.get("element", Text("", line))
            outer, self.reading = self.reading, inside
            self.keep(self.element(name, spec, row["parent"], leaf=str(name) not in parents), name)
            self.reading = outer
        for one in list(self.found.values()):
            if one.parent and (one.parent not in self.found or self.found[one.parent].leaf):
                what = f"`{one.name}` is part of `{one.parent}`, which is no element"
                inside.refuse("name-unknown", Text("", one.where.line), what, "an element", "add its row")
            elif self._round(one):
                what = f"`{one.name}` is part of itself"
                inside.refuse("cycle", Text("", one.where.line), what, "elements that lie one way", "mend it")

    def _round(self, one: model.Element) -> bool:
        """Whether the way up from an element never ends."""
        for _ in range(len(self.found) + 1):
            if not one.parent:
                return False
            one = self.found.get(one.parent, replace(one, parent=""))
        return True


def _labels(cells: dict[str, Text], line: int) -> Mapping:
    return Mapping({Text(key, line): cells[key] for key in ("en", "zh") if key in cells})


def _weight(reading: Reading, node: Node | None) -> Fraction:
    """A weight; one that is not said is 1."""
    found = reading.quantity_if_given(node, PLAIN)
    return Fraction(1) if found is None else found.value


# ---------------------------------------------------------------------- methods


def read_choice(reading: Reading, stage: str, node: Node) -> model.Choice | None:
    """A method: its word, or `{by: word, option: ..., cite: ...}`."""
    spec = node if isinstance(node, Mapping) else Mapping({Text("by", getattr(node, "line", 1)): node})
    if spec is not node:
        spec.line = getattr(node, "line", 1)
    word = get(spec, "by")
    methods = METHODS[stage]
    if not isinstance(word, Text) or word not in methods:
        what = f"`{stage}: {word}` is no method" if isinstance(word, Text) else f"`{stage}` without `by`"
        reading.refuse("method-unknown", node, what, ", ".join(methods), "choose one")
        return None
    kinds = methods[str(word)]
    reading.only(spec, {"by", "cite", "ours", *kinds}, f"{stage}: {word}")
    options: dict[str, object] = {}
    for name, kind in kinds.items():
        given = get(spec, name)
        if given is None and not kind.endswith("?"):
            what = f"`{stage}: {word}` without `{name}`"
            reading.refuse("value-invalid", node, what, f"{name}: {_SHAPES[kind]}", "say it")
            return None
        if given is not None:
            value = _READ[kind.rstrip("?")](reading, given)
            if value is None:
                return None
            options[name] = value
    standing = Standing(reading.cites(get(spec, "cite")), str(get(spec, "ours") or ""))
    return model.Choice(stage, str(word), options, standing, reading.where(node))


def _number(reading: Reading, node: Node) -> Fraction | None:
    found = reading.quantity(node, PLAIN)
    return None if found is None else found.value


def _share(reading: Reading, node: Node) -> Fraction | None:
    found = _number(reading, node)
    if found is not None and not 0 <= found <= 1:
        reading.refuse("value-invalid", node, f"`{node}` is no share", "0% to 100%", "correct it")
        return None
    return found


def _whole(reading: Reading, node: Node | None) -> int | None:
    if isinstance(node, Text) and node.isascii() and node.isdigit() and 0 < int(node) <= MAX_ELEMENTS:
        return int(node)
    reading.refuse("value-invalid", node, f"`{node}`", f"a whole number, 1 to {MAX_ELEMENTS}", "correct it")
    return None


def _pair(reading: Reading, node: Node | None) -> tuple[Fraction, Fraction] | None:
    """Two numbers, the lower first."""
    if isinstance(node, Sequence) and len(node) == 2:  # noqa: PLR2004  a pair
        low, high = (_number(reading, one) for one in node)
        if low is not None and high is not None and low < high:
            return low, high
    reading.refuse("value-invalid", node, "no pair of numbers", "[low, high], low below high", "correct it")
    return None


def _column(reading: Reading, node: Node) -> str | None:
    if isinstance(node, Text) and node:
        return str(node)
    reading.refuse("value-invalid", node, "no column is named", "the name of a column", "name it")
    return None


def _aggregate(reading: Reading, node: Node) -> str | None:
    if isinstance(node, Text) and node in METHODS["aggregate"]:
        return str(node)
    expected = ", ".join(METHODS["aggregate"])
    reading.refuse("method-unknown", node, f"`{node}` is no way to aggregate", expected, "choose one")
    return None


def _table(reading: Reading, node: Node) -> dict[str, dict[str, Fraction]] | None:
    """Numbers by two names: points by expert and element, or comparisons by element and element."""
    found: dict[str, dict[str, Fraction]] = {}
    for name, row in node.items() if isinstance(node, Mapping) else ():
        numbers = (
            {str(key): _number(reading, cell) for key, cell in row.items()}
            if isinstance(row, Mapping)
            else {}
        )
        kept = {key: number for key, number in numbers.items() if number is not None and number >= 0}
        if not kept or len(kept) < len(numbers):
            what = f"`{name}` is no row of numbers, 0 or more"
            reading.refuse("value-invalid", name, what, "{element: number, ...}", "write it so")
            return None
        found[str(name)] = kept
    if not found:
        reading.refuse("value-invalid", node, "an empty table", "{name: {element: number}}", "fill it in")
    return found or None


_READ: Final = {
    "number": _number, "share": _share, "whole": _whole, "pair": _pair, "column": _column, "table": _table,
    "aggregate": _aggregate,
}  # fmt: skip
_SHAPES: Final = {
    "number": "a number", "share": "a share such as 65%", "whole": "a whole number", "pair": "[low, high]",
    "column": "the name of a column", "table": "{name: {element: number}}",
}  # fmt: skip


def _check_tables(reading: Reading, elements: Iterable[model.Element], choice: model.Choice) -> None:
    """The tables of experts name elements of the index, and nothing else."""
    table = choice.options.get("experts") or choice.options.get("compare")
    if not isinstance(table, dict):
        return
    names = {one.name for one in elements}
    used = {name for row in table.values() for name in row}
    if choice.by == "ahp":
        used |= set(table)
    if wrong := sorted(used - names):
        what = f"`{wrong[0]}` in `weigh` is no element"
        reading.refuse("name-unknown", Text("", choice.where.line), what, "an element", "correct the name")


def _check_rules(reading: Reading, elements: Iterable[model.Element]) -> None:
    """An index reads rules of the book, or columns of a table, not some of both."""
    leaves = [one for one in elements if one.leaf]
    ruled = [one for one in leaves if one.rule]
    if ruled and (len(ruled) < len(leaves) or any(one.per for one in leaves)):
        what = "an index that reads rules and columns"
        expected = "`rule:` for every indicator, or for none, and no `per:` beside it"
        reading.refuse("value-invalid", Text("", ruled[0].where.line), what, expected, "make a rule of it")


def _check_goalposts(reading: Reading, elements: Iterable[model.Element], choice: model.Choice) -> None:
    """Every indicator has goalposts where the index measures by them."""
    bare = [one for one in elements if one.leaf and one.goalposts is None]
    if choice.by == "goalposts" and bare:
        what = f"`{bare[0].name}` has no goalposts"
        expected = "`goalposts: [low, high]` (low and high in a table) of every indicator"
        reading.refuse("value-invalid", Text("", bare[0].where.line), what, expected, "say them")


# ---------------------------------------------------------------------- factors


class _Factors:
    """Reads what is varied, and refuses a factor that varies nothing."""

    def __init__(
        self, reading: Reading, elements: tuple[model.Element, ...], stages: dict[str, model.Choice]
    ) -> None:
        self.reading, self.elements, self.stages = reading, elements, stages

    def read(self, node: Node | None) -> tuple[model.Factor, ...]:
        """Every factor of `vary`."""
        if node is None:
            return ()
        if not isinstance(node, Mapping) or not node:
            self.nothing(node, "`vary` names nothing", "{stage: [other methods], weights: {by: 25%}}")
            return ()
        made = [self.factor(name, spec) for name, spec in node.items()]
        return tuple(one for one in made if one is not None)

    def nothing(self, node: Node | None, what: str, expected: str) -> None:
        """Put aside that a factor varies nothing."""
        self.reading.refuse("factor-empty", node, what, expected, "name what varies, or take the factor out")

    def factor(self, name: Text, node: Node) -> model.Factor | None:
        """One factor, by the word that it stands under."""
        if name == WEIGHTS:
            return self.weights(name, node)
        if name == LEAVE_OUT:
            return self.leave_out(name, node)
        if name in STAGES:
            return self.methods(name, node)
        what, expected = f"`{name}` is nothing that can vary", ", ".join((*STAGES, WEIGHTS, LEAVE_OUT))
        self.reading.refuse("factor-empty", name, what, expected, "choose one of these")
        return None

    def weights(self, name: Text, node: Node) -> model.Factor | None:
        """Weights that may be higher or lower by a part of themselves."""
        if not isinstance(node, Mapping) or get(node, "by") is None:
            self.nothing(node, "`weights` does not say by how much", "{by: 25%}")
            return None
        self.reading.only(node, {"by", "of", "sets"}, WEIGHTS)
        spread = _share(self.reading, get(node, "by") or Text("", 1))
        sets = _whole(self.reading, get(node, "sets")) if "sets" in node else 100
        if spread is None or sets is None:
            return None
        if not spread or sets < 2:  # noqa: PLR2004  one draw varies nothing
            self.nothing(node, "weights that vary by nothing", "{by: 25%, sets: 100}")
            return None
        parents = {one.parent for one in self.elements}
        groups = tuple(sorted(parents)) if "of" not in node else self.groups(get(node, "of"), parents)
        if not any(sum(one.parent == group for one in self.elements) > 1 for group in groups):
            self.nothing(node, "weights of groups that have one element only", "`of:` groups of several")
            return None
        return model.Factor(WEIGHTS, self.reading.where(name), spread=spread, sets=sets, of=groups)

    def groups(self, node: Node | None, parents: set[str]) -> tuple[str, ...]:
        """The groups whose weights vary; the name of the index itself is its top."""
        found = []
        for written in self.reading.texts(node):
            group = "" if written == self.reading.rule else written
            if group in parents:
                found.append(group)
            else:
                expected = ", ".join([*sorted(parents - {""}), self.reading.rule])
                self.nothing(node, f"`{written}` is no group of the index", expected)
        return tuple(found)

    def leave_out(self, name: Text, node: Node) -> model.Factor | None:
        """Elements of which one, or none, is left out."""
        known = {one.name for one in self.elements}
        listed = self.reading.texts(node)
        for wrong in [one for one in listed if one not in known]:
            self.nothing(node, f"`{wrong}` is no element of the index", "the name of an element")
        found = tuple(one for one in dict.fromkeys(listed) if one in known)
        if not listed:
            self.nothing(node, "`leave_out` names nothing", "[elements]")
        return model.Factor(LEAVE_OUT, self.reading.where(name), of=found) if found else None

    def methods(self, name: Text, node: Node) -> model.Factor | None:
        """Other methods of a stage, or other values of an option of the method declared."""
        declared = self.stages[str(name)]
        if isinstance(node, Sequence):
            read = [read_choice(self.reading, str(name), one) for one in node]
            others = [one for one in read if one is not None]
            if len(others) < len(read):
                return None
        elif isinstance(node, Mapping) and "by" not in node:
            others = self.options(declared, node)
        else:
            self.nothing(node, f"`{name}` is no list", "[other methods], or {option: [values]}")
            return None
        fresh: list[model.Choice] = []
        for one in others:
            if any((one.by, one.options) == (other.by, other.options) for other in (declared, *fresh)):
                if isinstance(node, Sequence):
                    self.nothing(node, f"`{one.by}` is tried already", "methods that differ")
                continue
            fresh.append(one)
        if not fresh:
            self.nothing(node, f"`{name}` has nothing beside what the index does", "another method or value")
            return None
        return model.Factor(str(name), self.reading.where(name), (declared, *fresh))

    def options(self, declared: model.Choice, node: Mapping) -> list[model.Choice]:
        """The declared method with each value listed of one of its options."""
        kinds = METHODS[declared.stage][declared.by]
        found = []
        for key, values in node.items():
            if key not in kinds:
                what = f"`{declared.by}` has no option `{key}`"
                self.nothing(key, what, ", ".join(kinds) or "a list of other methods")
                continue
            for one in values if isinstance(values, Sequence) else (values,):
                value = _READ[kinds[str(key)].rstrip("?")](self.reading, one)
                if value is not None:
                    found.append(replace(declared, options={**declared.options, str(key): value}))
        return found


def label_of(body: model.Index, name: str, top: Label, lang: str) -> str:
    """What an element is called; an empty name is the index itself."""
    if not name:
        return top.in_(lang)
    return next((one.label.in_(lang) or one.name for one in body.elements if one.name == name), name)
