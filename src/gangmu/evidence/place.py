"""Rows to their owners: keys, periods, duplicates, orphans; then every table sorted by owner, once.

Cases are numbered in the order in which their keys first appear; `_case` in every table is that number. A
row that cannot be placed is rejected whole; of two rows that claim the same place neither is believed.
Whoever said that a list is complete, and of whose list a row was rejected, has a list that is partial.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.evidence.columns import CODE, FIRM
from gangmu.evidence.credit_code import faults, looks_like_code
from gangmu.evidence.quarantine import Rejected
from gangmu.evidence.rows import KEY, Draft
from gangmu.evidence.sheets import numbered
from gangmu.rulebook.model import Entity

CASE = "_case"


@dataclass
class Placed:
    """A table whose rows all have a case, sorted by it; what was rejected; which cases lost a row."""

    table: pa.Table
    rejected: list[Rejected] = field(default_factory=list)
    damaged: set[int] = field(default_factory=set)

    @cached_property
    def cases(self) -> frozenset[int]:
        """The cases that have a row here."""
        return frozenset(self.table.column(CASE).to_pylist())


@dataclass(frozen=True)
class Keys:
    """The keys of all cases in order, the keys of rejected root rows.

    And the other names by which an owner may be called.
    """

    keys: pa.Array
    rejected: frozenset[str] = frozenset()
    by_code: pa.Table | None = None  # columns: name, case
    by_firm: pa.Table | None = None


def place_root(draft: Draft, sources: list[str]) -> tuple[Placed, Keys]:
    """Check the keys of the root table: present, sound, and once for each origin."""
    table = draft.table
    lost = dict(draft.lost)
    keys = table.column(KEY).combine_chunks()
    for row in _places(pc.is_null(keys)):
        lost.setdefault(row, (KEY, "", "has no key"))
    for name, fault in _wrong_codes(table, draft.owner):
        for row, reason in fault.items():
            lost.setdefault(row, (name, table.column(name)[row].as_py() or "", reason))
    once = len(pc.unique(keys)) == len(keys)
    twice = {} if once else _twice(table, [KEY, "_origin"], lost)
    struck = {keys[row].as_py() for row in twice}
    for row, others in twice.items():
        lost[row] = (
            KEY,
            keys[row].as_py(),
            f"is a key given more than once ({_at(table, others, sources)}): none is believed",
        )
    if struck:
        for row in _places(pc.is_in(keys, value_set=pa.array(sorted(struck)))):
            lost.setdefault(row, (KEY, keys[row].as_py(), "is a key given more than once"))
    kept, rejected = _strike(draft.entity, table, lost, sources)
    ours = kept.column(KEY).combine_chunks()
    unique = ours if once else pc.unique(ours)
    cases = numbered(len(ours)) if once else pc.cast(pc.index_in(ours, value_set=unique), pa.int64())
    kept = sort_by_case(kept.append_column(CASE, cases))
    lost_keys = {key for row in lost if (key := keys[row].as_py()) is not None}
    gone = frozenset(lost_keys - set(unique.to_pylist()) if lost_keys else ())
    return (
        Placed(kept, [*draft.rejected, *rejected]),
        Keys(unique, gone, _other_names(kept, CODE), _other_names(kept, FIRM)),
    )


def _wrong_codes(table: pa.Table, owner: str) -> list[tuple[str, dict[int, str]]]:
    """The faults of the credit codes in the field of that name.

    And in a key that is one or looks like one.
    """
    found = []
    if CODE in table.column_names:
        found.append((CODE, faults(table.column(CODE).combine_chunks())))
    keys = table.column(KEY).combine_chunks()
    if owner == CODE:
        found.append((KEY, faults(keys)))
    elif owner != FIRM:
        alike = pc.fill_null(pc.match_substring_regex(keys, "^[0-9A-Za-z]{18}$"), fill_value=False)
        wrong = faults(pc.if_else(alike, keys, pa.scalar(None, pa.string())))
        found.append((KEY, {row: why for row, why in wrong.items() if looks_like_code(keys[row].as_py())}))
    return found


def _other_names(table: pa.Table, name: str) -> pa.Table | None:
    if name not in table.column_names:
        return None
    given = pc.is_valid(table.column(name))
    return pa.table({"name": table.column(name), "case": table.column(CASE)}).filter(given)


def place_related(draft: Draft, entity: Entity | None, sources: list[str], keys: Keys) -> Placed:
    """Reject rows without period, orphans and duplicates."""
    table, lost = draft.table, dict(draft.lost)
    cases = table.column(CASE).combine_chunks()
    owners = table.column(KEY).combine_chunks()
    for row in _places(pc.is_null(cases)):
        lost.setdefault(row, (KEY, owners[row].as_py() or "", _why_orphan(owners[row].as_py(), keys)))
    if entity is not None and entity.period:
        if entity.period not in table.column_names:
            lost = dict.fromkeys(range(table.num_rows), (entity.period, "", f"has no {entity.period}"))
        else:
            for row in _places(pc.is_null(table.column(entity.period).combine_chunks())):
                lost.setdefault(
                    row, (entity.period, "", f"has no {entity.period}: it cannot be placed in time")
                )
    for row, others in _twice_in(table, entity, lost).items():
        where = f"is given more than once ({_at(table, others, sources)}): none is believed"
        shown = str(table.column(entity.period)[row].as_py()) if entity and entity.period else ""
        lost[row] = (entity.period if entity else "", shown, where)
    damaged = {case for row in lost if (case := cases[row].as_py()) is not None}
    kept, rejected = _strike(draft.entity, table, lost, sources)
    return Placed(sort_by_case(kept), [*draft.rejected, *rejected], damaged)


def owners_of(draft: Draft, keys: Keys) -> pa.Array:
    """The number of each row's case; null for orphans.

    A table without an owner's column belongs to the only case, and so does one that has a credit code where
    the only case has none.
    """
    table, owner = draft.table, draft.owner
    only = len(keys.keys) == 1
    if not owner or (
        only and owner == CODE and keys.by_code is None and not looks_like_code(keys.keys[0].as_py())
    ):
        return pa.repeat(pa.scalar(0 if only else None, pa.int64()), table.num_rows)
    owners = table.column(KEY).combine_chunks()
    direct = pc.cast(pc.index_in(owners, value_set=keys.keys), pa.int64())
    other = keys.by_code if owner == CODE else keys.by_firm if owner == FIRM else None
    if other is None or other.num_rows == 0:
        return direct
    place = pc.index_in(owners, value_set=other.column("name").combine_chunks())
    return pc.coalesce(direct, pc.take(other.column("case").combine_chunks(), place))


def _why_orphan(owner: str | None, keys: Keys) -> str:
    if owner is None:
        return "has no enterprise"
    if owner in keys.rejected:
        return "belongs to an enterprise that is in quarantine"
    return "belongs to no enterprise of the root table"


def _twice_in(table: pa.Table, entity: Entity | None, lost: Iterable[int]) -> dict[int, list[int]]:
    """Rows of one owner, period, key and origin.

    A row without its key is not known to be the same as another.
    """
    if entity is None or not (entity.period or entity.key):
        return {}
    told = [CASE, *(name for name in (entity.period, entity.key) if name), "_origin"]
    if entity.key and entity.key not in table.column_names:
        return {}
    skip = set(lost)
    if entity.key:
        skip |= set(_places(pc.is_null(table.column(entity.key).combine_chunks())))
    return _twice(table, [name for name in told if name in table.column_names], skip)


def _twice(table: pa.Table, names: list[str], skip: Iterable[int]) -> dict[int, list[int]]:
    """Rows that agree in `names`, each with all rows of its group. Rows in `skip` count for nothing."""
    without = set(skip)
    slim = table.select(names).append_column("_at", numbered(table.num_rows))
    if without:
        slim = slim.filter(
            pc.invert(pc.is_in(slim.column("_at"), value_set=pa.array(sorted(without), pa.int64())))
        )
    names = [name for name in names if len(pc.unique(slim.column(name))) > 1] or names[:1]
    counted = slim.group_by(names).aggregate([("_at", "count")])
    if not pc.any(pc.greater(counted.column("_at_count"), 1)).as_py():
        return {}
    groups = slim.group_by(names).aggregate([("_at", "list")]).column("_at_list").combine_chunks()
    groups = groups.filter(pc.greater(pc.list_value_length(groups), 1)).to_pylist()
    return {row: sorted(group) for group in groups for row in group}


def _at(table: pa.Table, rows: list[int], sources: list[str]) -> str:
    """Where rows stand: `rows 3, 7`, with the file's name where they are in several."""
    shown = rows[:10]
    files = [sources[table.column("_source")[row].as_py()] for row in shown]
    numbers = [table.column("_row")[row].as_py() for row in shown]
    more = f" and {len(rows) - len(shown):,} more" if len(rows) > len(shown) else ""
    if len(set(files)) == 1:
        return f"rows {', '.join(map(str, numbers))}{more}"
    return ", ".join(f"{file} row {number}" for file, number in zip(files, numbers, strict=True)) + more


def _strike(
    name: str, table: pa.Table, lost: dict[int, tuple[str, str, str]], sources: list[str]
) -> tuple[pa.Table, list[Rejected]]:
    """Take rejected rows out of a table."""
    if not lost:
        return table, []
    gone = pa.array(sorted(lost), pa.int64())
    listed = table.select(["_source", "_row"]).take(gone).to_pylist()
    rejected = [
        Rejected(name, sources[at["_source"]], at["_row"], *lost[row])
        for row, at in zip(sorted(lost), listed, strict=True)
    ]
    keep = pc.invert(pc.is_in(numbered(table.num_rows), value_set=gone))
    return table.filter(keep), rejected


def sort_by_case(table: pa.Table) -> pa.Table:
    """Rows by case, those of one case in the order read."""
    cases = table.column(CASE).combine_chunks()
    if len(cases) < 2 or pc.all(pc.greater_equal(cases[1:], cases[:-1])).as_py():  # noqa: PLR2004  nothing to sort
        return table.combine_chunks()
    keyed = table.append_column("_at", numbered(table.num_rows))
    order = pc.sort_indices(keyed, sort_keys=[(CASE, "ascending"), ("_at", "ascending")])
    return table.take(order).combine_chunks()


def _places(mask: pa.Array) -> list[int]:
    places: list[int] = pc.indices_nonzero(mask).to_pylist()
    return places
