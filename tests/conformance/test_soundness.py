"""Bounds never lie: whatever the missing facts turn out to be, the answer lies within what was said before.

Random programs over cases with holes; then the holes are filled at random, rows not handed in appear or turn
out not to exist, and the closed answer must be one of the outcomes that the open one allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from conformance.facts import Row
from conformance.sample import Sample, draw
from gangmu.engine.interpreter import Run
from gangmu.engine.values import Interval, Value
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.model import ROOT

# What stays told: a title goes by the certificate that is shown, and by that alone.
KEPT = (ROOT, "as_of", "base_year", "year", "day", "no", "complete", "empty", "no1", "from1", "to1")


def _open(random: Random, sample: Sample) -> Sample:
    """The same evidence with some facts and some related rows not told, and nothing said to be complete."""

    def told(row: Row) -> Row:
        return {name: value for name, value in row.items() if name in KEPT or random.random() < 0.7}

    tables: dict[str, Sequence[Row]] = {}
    for name, rows in sample.evidence.tables.items():
        kept = [told(row) for row in rows if name == ROOT or random.random() < 0.8]
        tables[name] = [{**row, "complete": ""} for row in kept] if name == ROOT else kept
    return replace(sample, evidence=replace(sample.evidence, tables=tables))


def _closed(sample: Sample) -> Sample:
    """The same evidence without contradictions: it lists all that exists, and nothing is said to be none.

    What is not told may be any value, and that it does not exist is none; a row of a year before the owner
    was there is not expected, so it is not given either; and where a row a year is due, none is missing.
    """

    def known(row: Row) -> Row:
        return {name: "" if value == "n/a" else value for name, value in row.items()}

    tables = {name: [known(row) for row in rows] for name, rows in sample.evidence.tables.items()}
    due = "expects: {every: year" in sample.page
    for row in tables[ROOT]:
        empty = str(row["empty"]).split("|")
        row["empty"] = "|".join(name for name in empty if not (due and name == "s"))
        row["complete"] = "|".join(name for name in "stu" if name not in empty and not (due and name == "s"))
    born = {str(row[ROOT]): str(row["born"])[:4] for row in tables[ROOT]}
    tables["s"] = [row for row in tables.get("s", ()) if str(row["year"]) >= born[str(row[ROOT])]]
    kept = {name: rows for name, rows in tables.items() if rows}
    return replace(sample, evidence=replace(sample.evidence, tables=kept))


def _allows(wide: Value, closed: Value) -> bool:
    if (closed.undefined and not wide.undefined) or (closed.absent and not wide.absent):
        return False
    match closed.ordinary, wide.ordinary:
        case None, _:
            return True
        case Interval(lo, hi), Interval(low, high):
            return low <= lo and hi <= high
        case Interval(), _:
            return False
        case _:
            return wide.codes is None or (closed.codes is not None and closed.codes <= wide.codes)


@pytest.mark.parametrize("seed", range(5))
def test_the_closed_answer_was_allowed_by_the_open_one(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    closed = _closed(draw(random, programs=60, rows=24))
    book, open_ = closed.book(tmp_path), _open(random, closed)
    before, after = (read_evidence(dict(one.evidence.tables), book) for one in (open_, closed))
    pairs = list(zip(before.cases(), after.cases(), strict=True))
    assert len(pairs) == 24
    for open_case, closed_case in pairs:
        day = closed.evidence.dating.of(closed_case)
        assert day is not None
        wide, exact = Run(book, open_case, day), Run(book, closed_case, day)
        for name in closed.names:
            said, came = wide.value(name), exact.value(name)
            assert _allows(said, came), (_line(closed, name), said, came, open_case, closed_case)


def _line(sample: Sample, name: str) -> str:
    return next(line for line in sample.page.splitlines() if line.startswith(name[2:] + ":"))
