"""The small readers: labels, texts, dates, quantities, citations, formulas and groups.

Every reader puts a problem aside with its line and returns something usable, so that one pass finds them all.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Final, TypeVar

from gangmu.errors import Problem
from gangmu.rulebook import model, quantity, units
from gangmu.rulebook.expression import Expression, Group, GroupKind, Ref
from gangmu.rulebook.formula import FormulaError, parse_formula
from gangmu.rulebook.located import Mapping, Node, Sequence, Text, get
from gangmu.rulebook.model import Label, Quantity, Where
from gangmu.rulebook.types import Dimension, NumberType, Type

GROUPS: Final[tuple[GroupKind, ...]] = ("all_of", "any_of", "at_least")
HOWS: Final[tuple[model.How, ...]] = ("down", "up", "half_up", "half_even")
FULL_NAME: Final = re.compile(r"[A-Za-z0-9_\-/]+/?[A-Za-z0-9_\-]+(?:\.[a-z][a-z0-9_]*){1,2}")
NO_FORMULA: Final = Ref("")  # stands where a formula is missing or wrong, and has been refused

Word = TypeVar("Word", bound=str)


class Reading:
    """Reads nodes of one file; `rule` is the rule being read, `defaults` what the page says once for all."""

    def __init__(
        self, file: str, folder: Path | None, entities: frozenset[str], problems: list[Problem]
    ) -> None:
        """Take the file, its folder, the names of related entities, and what collects problems."""
        self.file, self.folder, self.entities, self.problems = file, folder, entities, problems
        self.rule = ""
        self.defaults = Mapping()

    # ------------------------------------------------------------------ problems and places

    def where(self, node: Node | None) -> Where:
        """The place of a node."""
        return Where(self.file, getattr(node, "line", 1))

    def refuse(self, code: str, node: Node | None, what: str, expected: str = "", todo: str = "") -> None:
        """Put a problem aside."""
        self.problems.append(Problem(code, str(self.where(node)), what, expected, todo, rule=self.rule))

    def only(self, spec: Mapping, allowed: Collection[str], kind: str) -> None:
        """Refuse every key that the language does not have here."""
        for key in spec:
            if key not in allowed:
                what, expected = f"`{key}` is not a key of `{kind}`", ", ".join(sorted(allowed))
                self.refuse("key-unknown", key, what, expected, "remove or correct it")

    # ------------------------------------------------------------------ words

    def label(self, node: Node | None) -> Label:
        """A label: one text (English), or `{en, zh}`."""
        if isinstance(node, Text):
            return Label(en=str(node))
        if not isinstance(node, Mapping):
            return Label()
        self.only(node, {"en", "zh"}, "label")
        return Label(str(get(node, "en") or ""), str(get(node, "zh") or ""))

    def labels(self, node: Node | None) -> dict[str, Label]:
        """Codes with their labels: a mapping, or a bare list of codes."""
        if isinstance(node, Sequence):
            return {str(item): Label() for item in node}
        if isinstance(node, Mapping):
            return {str(key): self.label(value) for key, value in node.items()}
        return {}

    def texts(self, node: Node | None) -> tuple[str, ...]:
        """A list of texts, or one."""
        if isinstance(node, Sequence):
            return tuple(str(item) for item in node)
        return () if node is None or isinstance(node, Mapping) else (str(node),)

    def flag(self, node: Node | None) -> bool:
        """True or false."""
        if node not in (None, "true", "false", "yes", "no"):
            self.refuse("value-invalid", node, f"`{node}`", "true or false", "write one of them")
        return node in ("true", "yes")

    def word(self, spec: Mapping, key: str, allowed: tuple[Word, ...], instead: Word) -> Word | None:
        """One of some words under `key`; None if it is not given.

        Another word is refused, and read as `instead`.
        """
        node = get(spec, key)
        if not node:
            return None
        found = next((word for word in allowed if word == node), None)
        if found is None:
            self.refuse("value-invalid", node, f"`{key}: {node}`", _or(allowed), "choose one")
        return found or instead

    def date(self, node: Node | None) -> date | None:
        """A day."""
        if node is None:
            return None
        try:
            return date.fromisoformat(str(node))
        except ValueError:
            self.refuse("value-invalid", node, f"`{node}` is no date", "YYYY-MM-DD", "correct the date")
            return None

    # ------------------------------------------------------------------ numbers

    def factor(self, unit: str, node: Node | None) -> tuple[Fraction, Dimension]:
        """The factor of a unit to base units, and its dimension."""
        try:
            return units.factor_of(unit)
        except units.UnknownUnitError as error:
            self.refuse("unit-unknown", node, f"`{error}` is not a unit", units.KNOWN, "use one of these")
            return Fraction(1), ()

    def number_type(self, spec: Mapping, key: str) -> NumberType:
        """The type of numbers in the unit that stands under `key`."""
        return NumberType(self.factor(str(get(spec, key)), spec)[1])

    def quantity(self, node: Node | None, kind: Type | None) -> Quantity | None:
        """A number with unit, of the type `kind` (any, if None)."""
        expected, todo = "a number with its unit", "write e.g. `5%` or `300 persons`"
        if not isinstance(node, Text):
            self.refuse("value-invalid", node, "a number is missing", expected, todo)
            return None
        try:
            value, dimension = quantity.read_number(str(node))
        except quantity.NotANumberError as error:
            self.refuse("value-invalid", node, f"`{node}` {error}", expected, todo)
            return None
        except units.UnknownUnitError as error:
            self.refuse("unit-unknown", node, f"`{error}` is not a unit", units.KNOWN, "use one of these")
            return None
        found = NumberType(dimension)
        declared = kind if isinstance(kind, NumberType) and kind.dimension is not None else found
        if found != declared and value != 0:
            what = f"`{node}` is {found}"
            self.refuse("unit-mismatch", node, what, f"a number of {declared}", f"write it in {declared}")
            return None
        return Quantity(value, declared, str(node), self.where(node))

    def quantity_if_given(self, node: Node | None, kind: Type | None) -> Quantity | None:
        """As `quantity`, of a key that may be left out."""
        return None if node is None else self.quantity(node, kind)

    def rounding(self, node: Node | None, kind: Type) -> model.Rounding | None:
        """How a value is rounded: `{to, how}`."""
        if not isinstance(node, Mapping):
            return None
        self.only(node, {"to", "how"}, "round")
        step = self.quantity(get(node, "to"), kind)
        how = next((how for how in HOWS if how == str(get(node, "how"))), None)
        if step is None or step.value <= 0 or how is None:
            expected = "{to: 10000 CNY, how: down|up|half_up|half_even}"
            self.refuse(
                "value-invalid", node, "a rounding rule that is not understood", expected, "complete it"
            )
            return None
        return model.Rounding(step, how)

    # ------------------------------------------------------------------ citations

    def cites(self, node: Node | None) -> tuple[model.Citation, ...]:
        """Citations: one text, `{source, at, grade, read}`, or a list of them.

        The page's defaults fill in what a citation does not say.
        """
        if node is None:
            return ()
        default = get(self.defaults, "cite")
        base = _plain(default) if isinstance(default, Mapping) else {}
        found = []
        for item in node if isinstance(node, Sequence) else (node,):
            given = {"at": str(item)} if isinstance(item, Text) else {}
            if isinstance(item, Mapping):
                self.only(item, {"source", "at", "grade", "read"}, "cite")
                given = _plain(item)
            cite = {"at": "", "grade": "", "read": "", **base, **given}
            if "source" not in cite or cite["grade"] not in model.GRADES:
                expected = f"source, at, grade (one of {', '.join(model.GRADES)})"
                todo = "complete it, or set `page: {cite: ...}`"
                self.refuse("cite-incomplete", item, "a citation without source or grade", expected, todo)
                continue
            found.append(model.Citation(cite["source"], cite["at"], cite["grade"], cite["read"]))
        return tuple(found)

    # ------------------------------------------------------------------ formulas and groups

    def formula(self, node: Node | None) -> Expression:
        """A formula, its names as written."""
        if not isinstance(node, Text) or not node.strip():
            todo = "write it as one text (in quotes if it has `: ` or `#`)"
            self.refuse("formula-syntax", node, "a formula is missing", "a formula", todo)
            return NO_FORMULA
        try:
            return parse_formula(str(node), self.entities)
        except FormulaError as error:
            self.refuse(error.code, node, error.what, error.expected, error.todo)
            return NO_FORMULA

    def formula_if_given(self, node: Node | None) -> Expression | None:
        """As `formula`, of a key that may be left out."""
        return None if node is None else self.formula(node)

    def item(self, node: Node | None) -> Expression:
        """An item of a list: a nested group, a full name, or a formula."""
        if isinstance(node, Mapping):
            for kind in GROUPS:
                if kind in node:
                    self.only(node, {kind, "of"}, kind)
                    return self.group(node, kind) or NO_FORMULA
            expected = "{all_of: [...]}, {any_of: [...]} or {at_least: k, of: [...]}"
            self.refuse("value-invalid", node, "a group that is not understood", expected, "write it so")
            return NO_FORMULA
        if isinstance(node, Text) and "/" in node and FULL_NAME.fullmatch(node):
            return Ref(str(node))
        return self.formula(node)

    def item_if_given(self, node: Node | None) -> Expression | None:
        """As `item`, of a key that may be left out."""
        return None if node is None else self.item(node)

    def group(self, spec: Mapping, kind: GroupKind) -> Expression | None:
        """A list of conditions: all of them, any of them, or at least k."""
        key = "of" if kind == "at_least" else kind
        listed = get(spec, key)
        if not isinstance(listed, Sequence) or not listed:
            what, expected = f"`{kind}` without a list", f"`{key}: [conditions]`"
            self.refuse("value-invalid", spec, what, expected, "list its conditions")
            return None
        k = str(get(spec, "at_least") or "0") if kind == "at_least" else "0"
        if kind == "at_least" and not (k.isdigit() and 0 < int(k) <= len(listed)):
            what, expected = f"`at_least: {k}` of {len(listed)}", f"1 to {len(listed)}"
            self.refuse("value-invalid", spec, what, expected, "correct the count")
            return None
        return Group(kind, tuple(self.item(item) for item in listed), int(k))


def _plain(spec: Mapping) -> dict[str, str]:
    return {str(key): str(value) for key, value in spec.items()}


def _or(words: tuple[str, ...]) -> str:
    """`a, b or c`."""
    return f"{', '.join(words[:-1])} or {words[-1]}"
