"""Which column is which field: by name, by further names, by label in either language, or by a mapping file.

Names are compared without case, blanks and underscores. A unit in brackets at the end of a heading is
understood; if what stands in brackets is no unit, it belongs to the name. Two columns for one field are
refused: none is chosen in silence.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gangmu.errors import Problem
from gangmu.evidence.numbers import Asked, CellError, unit_of
from gangmu.evidence.sheets import Sheet
from gangmu.rulebook.model import ROOT, Rule, Rulebook

Role = Literal[
    "owner", "document", "origin", "known_on", "as_of", "base_year", "complete", "empty", "rule", "value"
]

STATED = "stated"
CODE, FIRM = "credit_code", "company_name"  # inputs that, if the rulebook has them, also say whose a row is
_OWNERS = {
    ROOT: (ROOT, "key", "企业", "企业标识"),
    CODE: (CODE, "uscc", "统一社会信用代码"),
    FIRM: (FIRM, "企业名称"),
}
_TOO_COMMON = "name"  # a company's name in the root table, anything's name elsewhere
_ROLES: dict[Role, tuple[str, ...]] = {
    "document": ("document", "文件", "依据文件"),
    "origin": ("origin", "来源", "数据来源"),
    "known_on": ("known_on", "知悉日", "获知日期"),
}
_ROOT_ROLES: dict[Role, tuple[str, ...]] = {
    "as_of": ("as_of", "基准日", "评估日"),
    "base_year": ("base_year", "基准年度"),
    "complete": ("complete", "已列全"),
    "empty": ("empty", "没有"),
}
_STATED_ROLES: dict[Role, tuple[str, ...]] = {
    "rule": ("rule", "规则"),
    "value": ("value", "数值"),
    "base_year": ("base_year", "基准年度"),
}
_BRACKETS = re.compile(r"(?P<name>.+?)\s*[(\[【](?P<unit>[^()\[\]【】]+)[)\]】]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field stands in a sheet: position of the column, its heading.

    And the unit that the heading gives.
    """

    position: int
    header: str
    unit: str = ""
    asked: Asked | None = None
    wrong_unit: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A sheet understood: its fields, its reserved columns, the columns carried along.

    And what to tell about it.
    """

    fields: Mapping[str, Place]
    roles: Mapping[Role, int]
    owner: str = ""  # what the owner's column has: a key (the root's name), `CODE` or `FIRM`
    extra: tuple[int, ...] = ()
    notes: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a mapping file says of a column: its field, and its unit."""

    field: str
    unit: str = ""


def bare(name: str) -> str:
    """A name as it is compared: without case, blanks, underscores and hyphens.

    Full-width characters as ordinary ones.
    """
    return re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", name)).casefold()


def owner_names(book: Rulebook) -> dict[str, str]:
    """Compared names of columns that say whose a row is, each with its kind.

    A kind is the root's name (a key), `CODE` or `FIRM`.
    """
    names = {bare(name): kind for kind, listed in _OWNERS.items() for name in listed}
    inputs = book.inputs_of(ROOT)
    for known, field_ in names_of({name: inputs[name] for name in (CODE, FIRM) if name in inputs}).items():
        if known != _TOO_COMMON:
            names.setdefault(known, field_)
    return names


def entity_of(name: str, book: Rulebook) -> str:
    """The entity that a table's name means: by name (also in the plural) or label; `stated`.

    Empty if none.
    """
    wanted = bare(name)
    names: dict[str, str] = {bare(STATED): STATED, bare(ROOT): ROOT, "企业": ROOT}
    for entity in book.entities.values():
        for known in (entity.name, entity.label.en, entity.label.zh):
            if known:
                names.setdefault(bare(known), entity.name)
    first = bare(name.partition(" ")[0])  # templates call their sheets `patent 知识产权`
    tries = (wanted, wanted.removesuffix("s"), wanted.removesuffix("表"), first)
    return next((names[one] for one in tries if one in names), "")


def names_of(inputs: Mapping[str, Rule]) -> dict[str, str]:
    """Every compared name that means one field: its own, or a further name or label that no other has."""
    return {name: fields[0] for name, fields in _all_names(inputs).items() if len(fields) == 1}


def _all_names(inputs: Mapping[str, Rule]) -> dict[str, list[str]]:
    """Every compared name with the fields that it may mean; a field's own name means nothing else."""
    names: dict[str, list[str]] = {}
    for field_, rule in inputs.items():
        for known in {bare(one) for one in (*rule.input.columns, rule.label.en, rule.label.zh) if one}:
            names.setdefault(known, []).append(field_)
    return {**names, **{bare(field_): [field_] for field_ in inputs}}


def match_columns(sheet: Sheet, entity: str, book: Rulebook, wishes: Mapping[str, Wish]) -> Match:
    """Say what each column of a sheet is.

    Conflicts come back as `problems`, columns that are nothing as `notes`.
    """
    matcher = _Matcher(sheet, entity, {} if entity == STATED else book.inputs_of(entity), owner_names(book))
    by_wish = {bare(column): wish for column, wish in wishes.items()}
    for position, header in enumerate(sheet.headers):
        if header.strip():
            matcher.take(position, header, by_wish.get(bare(header)))
        else:
            matcher.skip(position)
    return matcher.match()


class _Matcher:
    """One sheet being understood, column by column."""

    def __init__(
        self, sheet: Sheet, entity: str, inputs: Mapping[str, Rule], owner_kinds: Mapping[str, str]
    ) -> None:
        self.sheet, self.entity, self.inputs, self.owner_kinds = sheet, entity, inputs, owner_kinds
        self.names, self.all_names = names_of(inputs), _all_names(inputs)
        self.fields: dict[str, Place] = {}
        self.roles: dict[Role, int] = {}
        self.owners: dict[str, int] = {}
        self.extra: list[int] = []
        self.notes: list[Problem] = []
        self.problems: list[Problem] = []

    def match(self) -> Match:
        """What the sheet is, after all columns were taken."""
        owner = next((kind for kind in _OWNERS if kind in self.owners), "")
        if owner:
            self.roles["owner"] = self.owners[owner]
        lists = (tuple(self.extra), tuple(self.notes), tuple(self.problems))
        return Match(self.fields, self.roles, owner, *lists)

    def take(self, position: int, header: str, wish: Wish | None) -> None:
        """Say what a column is: a field, the owner's key, a reserved column, or nothing."""
        name, unit = (wish.field, wish.unit) if wish else _field_of(header, self.names)
        if wish and name not in self.inputs:
            name = name.rpartition(".")[2]
        words = [bare(name)] if name else _words(header)
        kind = next((self.owner_kinds[word] for word in words if word in self.owner_kinds), "")
        if kind and (name not in self.inputs or self.entity == ROOT):
            if kind == ROOT and kind in self.owners:
                self.problems.append(_twice(self.sheet, kind, self.sheet.headers[self.owners[kind]], header))
            self.owners.setdefault(kind, position)
        if name in self.inputs:
            self._take_field(name, _unit_place(position, header, unit, self.inputs[name]))
        elif not kind:
            self._take_role(position, header, _role_of(words, self.entity))

    def _take_field(self, name: str, place: Place) -> None:
        if name in self.fields:
            self.problems.append(_twice(self.sheet, name, self.fields[name].header, place.header))
        else:
            self.fields[name] = place

    def _take_role(self, position: int, header: str, role: Role | None) -> None:
        if role is None:
            self.extra.append(position)
            self.notes.append(self._unmatched(header))
        elif role in self.roles:
            other = self.sheet.headers[self.roles[role]]
            self.problems.append(_twice(self.sheet, role, other, header))
        else:
            self.roles[role] = position

    def _unmatched(self, header: str) -> Problem:
        where, carried = self.sheet.source, "carried along" if self.entity == ROOT else "not read"
        fields = next((found for word in _words(header) if (found := self.all_names.get(word))), [])
        if len(fields) > 1:
            what = f"column {header!r} may mean {', '.join(fields)}: it is {carried}"
            return Problem("column-ambiguous", where, what, "one field", "call it by the name of the field")
        near = difflib.get_close_matches(bare(header), list(self.names), n=1, cutoff=0.6)
        todo = f"did you mean {self.names[near[0]]!r}?" if near else ""
        what = f"column {header!r} is no field of {self.entity}: it is {carried}"
        return Problem("column-unmatched", where, what, "", todo)

    def skip(self, position: int) -> None:
        """Note a column without a name, if there is anything in it."""
        if self.sheet.column(position).null_count < len(self.sheet.rows):
            what = f"column {position + 1} has no name: not read"
            self.notes.append(Problem("column-unnamed", self.sheet.source, what, "a name", "name it"))


def _field_of(header: str, names: Mapping[str, str]) -> tuple[str, str]:
    """The field that a heading names, and the unit it gives.

    A heading of several lines may name it on any of them.
    """
    known = names.get(bare(header), "")
    if known:
        return known, ""
    name = unit = ""
    lines = [line.strip() for line in unicodedata.normalize("NFKC", header).splitlines()]
    for line in filter(None, reversed(lines)):
        match = _BRACKETS.fullmatch(line)
        name = name or names.get(bare(line), "")
        if match and bare(line) not in names:
            name = name or names.get(bare(match["name"]), "")
            unit = unit or match["unit"].strip()
    return (name, unit) if name else ("", "")


def _unit_place(position: int, header: str, unit: str, rule: Rule) -> Place:
    """The place of a field, with the unit of its heading checked against what is asked."""
    if not unit or rule.input.input != "number":
        return Place(position, header)
    asked = Asked.by(rule.input)
    try:
        factor, dimension = unit_of(unit)
    except CellError as error:
        return Place(position, header, unit, None, f"the heading {error}")
    if dimension != asked.dimension:
        return Place(position, header, unit, None, f"the heading says {unit}, but {asked.unit} is asked")
    return Place(position, header, unit, Asked(dimension, factor, unit))


def _words(header: str) -> list[str]:
    """A heading as it is compared: whole, then line by line from the last."""
    return [bare(header), *(bare(line) for line in reversed(header.splitlines()))]


def _role_of(words: list[str], entity: str) -> Role | None:
    roles = dict(_ROLES)
    roles.update(_ROOT_ROLES if entity == ROOT else {})
    roles.update(_STATED_ROLES if entity == STATED else {})
    return next((role for role, names in roles.items() if set(words) & set(map(bare, names))), None)


def _twice(sheet: Sheet, field_: str, one: str, other: str) -> Problem:
    return Problem(
        "column-twice",
        sheet.source,
        f"two columns are {field_}: {one!r} and {other!r}",
        "one column a field",
        "remove one of them, or give each an origin in a table of its own",
    )


def nearest_entity(name: str, book: Rulebook) -> str:
    """The entity whose name is nearest to a table's, or empty."""
    known = {bare(entity): entity for entity in (ROOT, *book.entities)}
    near = difflib.get_close_matches(bare(name), list(known), n=1, cutoff=0.6)
    return known[near[0]] if near else ""
