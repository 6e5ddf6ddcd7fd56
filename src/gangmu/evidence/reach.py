"""What of evidence some rules can reach: nothing else of it has to be read.

Every table is matched as a whole all the same, so that a column that is no field, or stands twice, is told
as ever. But cells are read only of fields that a rule asked can come upon, and of those that say whose a row
is and when: the owner, its credit code and name, the period and the key of related rows. A related table
whose rows have a day on which they became known is read whole: a row is there if anything in it was known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gangmu.evidence.columns import CODE, FIRM, STATED, Match
from gangmu.evidence.sheets import Sheet
from gangmu.rulebook import model
from gangmu.rulebook.graph import entities_read, graph_of
from gangmu.rulebook.model import ROOT


@dataclass(frozen=True)
class Matched:
    """A sheet with what it is and what its columns are."""

    sheet: Sheet
    entity: str
    match: Match

    @property
    def positions(self) -> list[int]:
        """The columns of which cells are read."""
        fields = (place.position for place in self.match.fields.values())
        extra = self.match.extra if self.entity == ROOT else ()
        return sorted({*fields, *self.match.roles.values(), *extra})

    def loaded(self) -> Matched:
        """The same with the cells of these columns."""
        return replace(self, sheet=self.sheet.having(self.positions))


@dataclass(frozen=True)
class Reach:
    """The fields (short names) that can be read, by entity; an entity that is not here is not read.

    `carried` names the columns that are no fields and are still wanted; None: all that there are.
    """

    fields: Mapping[str, frozenset[str]]
    carried: frozenset[str] | None = None

    def covers(self, other: Reach | None) -> bool:
        """Whether all that another reach has is here as well (None: everything there is)."""
        if other is None:
            return False
        wider = self.carried is None or (other.carried is not None and other.carried <= self.carried)
        return wider and all(
            name in self.fields and told <= self.fields[name] for name, told in other.fields.items()
        )

    def together(self, other: Reach) -> Reach:
        """What either of two has."""
        fields = {
            name: self.fields.get(name, frozenset()) | other.fields.get(name, frozenset())
            for name in (*self.fields, *other.fields)
        }
        either = None if self.carried is None or other.carried is None else self.carried | other.carried
        return Reach(fields, either)


def reach_of(book: model.Rulebook, names: Iterable[str], carried: Iterable[str] | None = None) -> Reach:
    """What rules (full names) can reach, whatever the facts are."""
    rules = [book.rules[name] for name in graph_of(book).below(names)]
    inputs = book.inputs_of(ROOT)
    named = {
        name for name, rule in inputs.items() if rule.input.input == "text" and _names_a_case(name, rule)
    }
    found: dict[str, set[str]] = {ROOT: named | ({CODE, FIRM} & set(inputs))}
    for name in {*entities_read(rules), *(rule.entity for rule in rules)} - {ROOT}:
        entity = book.entities[name]
        found[name] = {field for field in (entity.period, entity.key) if field}
    for rule in rules:
        if rule.kind == "input":
            found[rule.entity].add(rule.short.rpartition(".")[2])
    fields = {name: frozenset(told) for name, told in found.items()}
    return Reach(fields, None if carried is None else frozenset(carried))


def _names_a_case(name: str, rule: model.Rule) -> bool:
    """Whether an input is what a report calls the case by."""
    return name == "name" or "name" in rule.input.columns


def narrowed(matched: Sequence[Matched], reach: Reach) -> list[Matched]:
    """The tables that are read, each with the columns that are."""
    rooted = any(item.entity == ROOT and item.sheet.count for item in matched)
    whole = {item.entity for item in matched if item.entity != ROOT and "known_on" in item.match.roles}
    found = []
    for item in matched:
        if item.entity == STATED or item.entity in reach.fields:
            found.append(item if item.entity in {STATED, *whole} else _with(item, reach))
        elif not rooted:  # its owners are the enterprises
            found.append(_with(item, reach))
    return found


def _with(item: Matched, reach: Reach) -> Matched:
    """A table with the fields and the carried columns that are read."""
    wanted = reach.fields.get(item.entity, frozenset())
    fields = {name: place for name, place in item.match.fields.items() if name in wanted}
    extra = item.match.extra
    if reach.carried is not None:
        extra = tuple(place for place in extra if item.sheet.headers[place] in reach.carried)
    return replace(item, match=replace(item.match, fields=fields, extra=extra))
