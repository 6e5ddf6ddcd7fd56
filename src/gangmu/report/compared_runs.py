"""Two stored runs side by side: which answers are others, and what the records alone say of why.

The tables are laid side by side by enterprise and compared column by column; only cells that differ become
answers. A record holds the digests of rulebook and evidence and each row its day: where just one of the three
differs, that one did it; where several do, the records cannot tell, and only the engine can (`attribute`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.changes.apart import unlike
from gangmu.changes.attribute import Part
from gangmu.engine.outcomes import HIGH, LOW, STATUS, UNTIL, Answer
from gangmu.evidence.cases import READ
from gangmu.report.result import AS_OF, KEY
from gangmu.report.stored_run import StoredRun


@dataclass(frozen=True, slots=True)
class Changed:
    """An answer that is another in the second run; None where an enterprise is only in one of them."""

    enterprise: str
    rule: str
    name: str
    before: Answer | None
    after: Answer | None
    moved: tuple[Part, ...]  # parts that differ, for this enterprise


@dataclass(frozen=True)
class Compared:
    """What two runs have in common and what not: `common` counts enterprises, `asked` rules of both."""

    runs: tuple[StoredRun, StoredRun]
    changed: tuple[Changed, ...]
    common: int
    gone: tuple[str, ...]
    new: tuple[str, ...]
    asked: tuple[str, ...]

    @property
    def law(self) -> bool:
        """Whether the rulebook is another."""
        return differ(self.runs, "rulebook_digest")

    @property
    def evidence(self) -> bool:
        """Whether the facts are others, or cannot be shown to be the same."""
        return differ(self.runs, "evidence_digest")


def differ(runs: tuple[StoredRun, StoredRun], entry: str) -> bool:
    """Whether an entry of the records differs, or is missing in one."""
    one, two = (run.text(entry) for run in runs)
    return one != two or not one


def comparable(runs: tuple[StoredRun, StoredRun]) -> bool:
    """Whether the digests of both bodies of evidence are of the same fields, so that they tell what changed.

    The digest of what was read for some rules counts only the fields that these can reach.
    """
    one, two = (run.text("evidence_digest") for run in runs)
    alike = set(runs[0].rules) == set(runs[1].rules) and not differ(runs, "rulebook_digest")
    kinds = [digest.rpartition(":")[0] for digest in (one, two)]
    return bool(one and two) and kinds[0] == kinds[1] and (one == two or alike or f"{kinds[0]}:" != READ)


def compare_runs(first: StoredRun, second: StoredRun) -> Compared:
    """Every answer that is another in the second run, by enterprise in its order."""
    keys = first.table.column(KEY), second.table.column(KEY)
    places = pc.index_in(keys[1], value_set=pc.cast(keys[0], pa.string()))
    both = pc.is_valid(places)
    rows = pc.indices_nonzero(both), places.filter(both)
    tables = first.table.take(rows[1]), second.table.take(rows[0])
    asked = [rule for rule in second.rules if rule in first.rules]
    runs = (first, second)
    always: list[Part] = []
    if differ(runs, "rulebook_digest"):
        always.append("law")
    if differ(runs, "evidence_digest"):
        always.append("evidence")
    found: list[tuple[int, int, Changed]] = []
    days = unlike(tables[0].column(AS_OF), tables[1].column(AS_OF)).to_pylist()
    olds, news = rows[1].to_pylist(), rows[0].to_pylist()
    named = keys[1].take(rows[0]).to_pylist()
    for number, rule in enumerate(asked):
        one, two = (run.names[run.rules.index(rule)] for run in runs)
        for row in _rows_apart(tables, one, two):
            moved: tuple[Part, ...] = (*always, "time") if days[row] else tuple(always)
            before, after = first.answer(olds[row], one), second.answer(news[row], two)
            found.append((row, number, Changed(named[row], rule, two, before, after, moved)))
    gone = keys[0].filter(pc.invert(pc.is_in(keys[0], value_set=pc.cast(keys[1], pa.string())))).to_pylist()
    new = keys[1].filter(pc.invert(both)).to_pylist()
    ordered = tuple(changed for _, _, changed in sorted(found, key=lambda one: one[:2]))
    return Compared(runs, ordered, len(named), tuple(gone), tuple(new), tuple(asked))


def _rows_apart(tables: Sequence[pa.Table], one: str, two: str) -> Iterator[int]:
    """The rows in which an answer differs: its status, value, bounds or last day."""
    differs = None
    for end in ("", STATUS, LOW, HIGH, UNTIL):
        pair = [f"{name}{end}" for name in (one, two)]
        if all(name in table.column_names for name, table in zip(pair, tables, strict=True)):
            apart = unlike(*(table.column(name) for name, table in zip(pair, tables, strict=True)))
            differs = apart if differs is None else pc.or_(differs, apart)
    if differs is not None:
        yield from pc.indices_nonzero(differs).to_pylist()
