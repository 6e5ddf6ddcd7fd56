"""A difference made small: one case, the rules that matter, fewer facts; then told as a page that shows it.

Shrinking drops what can be dropped while the engine still differs, in that order. It works on the page's
lines and the evidence's cells; formulas are made smaller by putting one of their own parts in their place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.compare import Difference, differences_of
from conformance.engines import Found, Way, ask, oracle
from conformance.facts import Evidence, Row
from conformance.sample import Sample
from gangmu.errors import GangmuError
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.graph import graph_of
from gangmu.rulebook.model import ROOT

KEPT = (ROOT, "as_of", "year", "day", "no")
_STRING = re.compile(r'"([^"]*)"')
TRIES = 400


@dataclass
class _Search:
    engine: str
    rule: str
    folder: Path
    left: int = TRIES

    def differs(self, sample: Sample) -> Difference | None:
        """Whether the engine still gives another answer for the rule."""
        self.left -= 1
        if self.left < 0:
            return None
        try:
            book = sample.book(self.folder)
            if self.rule not in book.rules:
                return None
            evidence = read_evidence(dict(sample.evidence.tables), book)
            right = oracle(book, evidence, [self.rule], sample.evidence.dating)
            if self.engine == "interpreter" and not right.failed:
                return None
            found = (
                Found()
                if right.failed
                else ask(self.engine, book, evidence, ([self.rule], sample.evidence.dating), Way(1))
            )
        except GangmuError:  # no book
            return None
        for name, (case, error) in right.failed.items():
            return Difference("interpreter", name, case, "an answer", error)
        wrong = differences_of(book, evidence, self.engine, right.columns, found)
        return wrong[0] if wrong else None


def shrunk(sample: Sample, found: Difference, folder: Path) -> str:
    """The difference as a report: a page, facts, what each engine says."""
    search = _Search(found.engine, found.rule, folder)
    small = replace(sample, names=(found.rule,))
    last = search.differs(small)
    if last is None:
        return _told(sample, found, "it needs the company of other rules or cases: the sample is whole")
    small = _fewer_rules(small, found.rule, folder)
    if last.case:
        small = _first(search, [replace(small, evidence=small.evidence.only([last.case]))], small)
    for simpler in (_simpler_facts, _simpler_formulas, _simpler_facts):
        small = _while(search, small, simpler)
    return _told(_fewer_rules(small, found.rule, folder), search.differs(small) or last, "")


def _first(search: _Search, tries: Sequence[Sample], otherwise: Sample) -> Sample:
    return next((one for one in tries if search.differs(one)), otherwise)


def _while(search: _Search, sample: Sample, simpler: Callable[[Sample], Iterator[Sample]]) -> Sample:
    """Take the first simpler sample that still differs, until there is none."""
    again = True
    while again and search.left > 0:
        again = False
        for one in simpler(sample):
            if search.differs(one):
                sample, again = one, True
                break
    return sample


def _fewer_rules(sample: Sample, rule: str, folder: Path) -> Sample:
    """Only the rules that the rule reads, and what evidence and entities need."""
    book = sample.book(folder)
    # a scale is read by its levels, though no formula names it
    needed = {book.rules[name].short for name in graph_of(book).below([rule])} | {"size"}
    kept = []
    for line in sample.page.splitlines():
        name = line.partition(":")[0]
        entity = name.partition(".")[0]
        used = name in needed or any(short.startswith(f"{name}.") for short in needed)
        plumbing = (
            entity in book.entities and ("input" in line) and any(s.startswith(f"{entity}.") for s in needed)
        )
        if ": {" not in line or used or plumbing:
            kept.append(line)
    smaller = replace(sample, page="\n".join(kept))
    try:
        smaller.book(folder)
    except GangmuError:
        return sample
    fields = {short.rpartition(".")[2] for short in needed} | {*KEPT, "complete", "empty", "base_year"}
    entities = {short.partition(".")[0] for short in needed if "." in short} | {ROOT, "stated"}
    tables = {
        name: [{key: value for key, value in row.items() if key in fields} for row in rows]
        for name, rows in sample.evidence.tables.items()
        if name in entities
    }
    return replace(smaller, evidence=Evidence(tables, sample.evidence.dating))


def _simpler_facts(sample: Sample) -> Iterator[Sample]:
    """Without one row, without one fact, with a simpler number."""
    for name, rows in sample.evidence.tables.items():
        for place, row in enumerate(rows):
            if name != ROOT:
                yield _with(sample, name, [*rows[:place], *rows[place + 1 :]])
            for key, value in row.items():
                if key in KEPT or value == "":
                    continue
                less = {other: told for other, told in row.items() if other != key}
                yield _with(sample, name, [*rows[:place], less, *rows[place + 1 :]])
                if re.fullmatch(r"-?[\d.]+", str(value)) and value not in ("0", "1"):
                    for simple in ("0", "1"):
                        yield _with(sample, name, [*rows[:place], {**row, key: simple}, *rows[place + 1 :]])


def _with(sample: Sample, name: str, rows: Sequence[Row]) -> Sample:
    tables = {**sample.evidence.tables, name: rows}
    kept = {key: found for key, found in tables.items() if found or key == ROOT}
    return replace(sample, evidence=Evidence(kept, sample.evidence.dating))


def _simpler_formulas(sample: Sample) -> Iterator[Sample]:
    """With one formula replaced by a part of it, one row of a table or one edition less."""
    lines = sample.page.splitlines()
    for place, line in enumerate(lines):
        if "input:" in line or ": {" not in line:
            continue
        for match in _STRING.finditer(line):
            for part in _parts(match.group(1)):
                changed = f'{line[: match.start()]}"{part}"{line[match.end() :]}'
                yield replace(sample, page="\n".join([*lines[:place], changed, *lines[place + 1 :]]))


def _parts(formula: str) -> Iterator[str]:
    """The texts in brackets within a formula, and its arguments: from the smallest on."""
    found, opened = set(), list[int]()
    for place, sign in enumerate(formula):
        if sign == "(":
            opened.append(place)
        elif sign == ")" and opened:
            found.add(formula[opened.pop() + 1 : place])
    for text in list(found):
        found.update(part.strip() for part in re.split(r",| AND | OR | [-+*/] | THEN | ELSE | WHEN ", text))
    found.update(
        part.strip() for part in re.split(r" AND | OR | [-+*/] | [<>=]+ | THEN | ELSE | END|WHEN ", formula)
    )
    whole = {part for part in found if part and part != formula and part.count("(") == part.count(")")}
    yield from sorted(whole, key=len)


def _told(sample: Sample, found: Difference, note: str) -> str:
    said = f"the interpreter says {found.wanted}, {found.engine} says {found.got}"
    lines = [f"{found.engine} differs in {found.rule}: {said}"]
    if note:
        return "\n".join([*lines, f"case {found.case}; {note}"])
    lines.append(sample.page.strip())
    for name, rows in sample.evidence.tables.items():
        lines += [f"{name}: {dict(row)}" for row in rows]
    return "\n".join([*lines, f"dated {sample.evidence.dating}"])
