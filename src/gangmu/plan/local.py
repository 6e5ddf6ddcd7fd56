"""Targets of provinces and cities, split down from those above: who has to reach what; does it add up.

They come as a CSV file: an indicator of the book, a place with its name, level and what it is part of, base
and target by year, and who leads. A place without values of its own is told with its target and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from gangmu.errors import EvidenceError, Problem
from gangmu.plan.feed import GRADE, Fed, indicator_named, with_observations
from gangmu.plan.rows import read_rows
from gangmu.plan.standing import indicator_of
from gangmu.rulebook import model
from gangmu.rulebook.indicators import NATURES
from gangmu.rulebook.located import Text
from gangmu.rulebook.reading import Reading
from gangmu.rulebook.types import NumberType

NEEDED: Final = ("indicator", "place", "name", "level", "target_year", "target", "source")
KNOWN: Final = ("part_of", "name_en", "base_year", "base", "unit", "nature", "lead", "at", "grade")
LEVELS: Final = ("province", "city", "county")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a target holds: its code (GB/T 2260 where it is Chinese), name, level, and the place above."""

    code: str
    label: model.Label
    level: str
    part_of: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """An indicator to be tracked: of the book's own scope (no place), or of a place with its own marks."""

    rule: model.Rule
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """A target and those directly below it, of things that can be added up."""

    above: Subject
    below: tuple[Subject, ...]
    total: Fraction
    target: Fraction

    @property
    def part(self) -> Fraction:
        """What the targets below come to, as a part of the one above."""
        return self.total / self.target


def read_places(book: model.Rulebook, path: str | Path, fed: Sequence[Fed]) -> list[Subject]:
    """The targets of places. Raises `EvidenceError` with every row that cannot be taken."""
    file, problems = Path(path), list[Problem]()
    reading = Reading(file.name, None, frozenset(), problems)
    found: list[Subject] = []
    for number, row in read_rows(file, NEEDED, KNOWN):
        rule = indicator_named(book, row["indicator"])
        if rule is None:
            what = f"`{row['indicator']}` is no indicator of the rulebook"
            problems.append(Problem("name-unknown", f"{file.name}:{number}", what, "an indicator"))
            continue
        reading.rule = rule.short
        if row["level"] not in LEVELS:
            what = f"`{row['level']}` is no level"
            reading.refuse("value-invalid", Text("", number), what, ", ".join(LEVELS), "correct it")
        subject = _subject(reading, rule, row, number)
        if subject is not None and subject.place is not None:
            [local] = with_observations([subject.rule], fed, subject.place.code)
            found.append(replace(subject, rule=local))
    problems += _twice(found, file.name)
    if problems:
        raise EvidenceError(problems)
    return found


def _subject(reading: Reading, rule: model.Rule, row: dict[str, str], number: int) -> Subject | None:
    body = indicator_of(rule)
    unit = row.get("unit") or body.unit
    marks = {
        name: _mark(reading, body, (row.get(f"{name}_year", ""), row.get(name, "")), unit, number)
        for name in ("base", "target")
    }
    nature = row.get("nature") or body.nature
    chosen = next((known for known in NATURES if known == nature), None)
    if chosen is None:
        reading.refuse("value-invalid", Text("", number), f"`{nature}` is no nature", ", ".join(NATURES))
    if marks["target"] is None or chosen is None:
        if marks["target"] is None and not row["target"]:
            reading.refuse("value-invalid", Text("", number), "a target is missing", "a number", "add it")
        return None
    local = replace(
        body, baselines=(marks["base"],) if marks["base"] else (), targets=(marks["target"],), nature=chosen,
        scope=row["level"], lead=model.Label(zh=row.get("lead", ""), en=row.get("lead", "")), observations=(),
    )  # fmt: skip
    cite = model.Citation(row["source"], row.get("at", ""), row.get("grade") or GRADE)
    edition = replace(rule.editions[-1], body=local, standing=model.Standing((cite,)))
    place = Place(
        row["place"],
        model.Label(row.get("name_en") or row["name"], row["name"]),
        row["level"],
        row.get("part_of", ""),
    )
    return Subject(replace(rule, editions=(*rule.editions[:-1], edition)), place)


def _mark(
    reading: Reading, body: model.Indicator, told: tuple[str, str], unit: str, number: int
) -> model.Mark | None:
    year, value = told
    if not value:
        return None
    if not (year.isdecimal() and len(year) == 4):  # noqa: PLR2004  digits of a year
        reading.refuse("value-invalid", Text("", number), f"`{year}` is no year", "YYYY", "correct it")
        return None
    written = f"{value}{unit}" if unit == "%" else f"{value} {unit}"
    quantity = reading.quantity(Text(written, number), body.kind)
    return model.Mark(int(year), quantity) if quantity is not None else None


def _twice(found: Iterable[Subject], file: str) -> list[Problem]:
    """Places that have two targets for one indicator."""
    seen: set[tuple[str, str]] = set()
    problems = []
    for one in found:
        key = (one.rule.name, one.place.code if one.place else "")
        if key in seen:
            what = f"`{one.rule.short}` of {key[1]} has two targets"
            problems.append(Problem("target-twice", file, what, "one row a place", "remove one"))
        seen.add(key)
    return problems


def in_order(national: Sequence[model.Rule], local: Sequence[Subject]) -> list[Subject]:
    """Every indicator of the book, after it its places from above to below, each province with its cities."""
    found: list[Subject] = []
    for rule in national:
        mine = [one for one in local if one.rule.name == rule.name]
        codes = {one.place.code for one in mine if one.place}
        found.append(Subject(rule))
        for one in mine:
            if one.place and one.place.part_of not in codes:
                found += _branch(one, mine, set())
    return found


def _branch(top: Subject, all_: Sequence[Subject], above: set[str]) -> list[Subject]:
    if top.place is None or top.place.code in above:  # a place that is part of itself ends there
        return []
    inside = above | {top.place.code}
    below = [one for one in all_ if one.place and one.place.part_of == top.place.code]
    return [top, *(each for one in below for each in _branch(one, all_, inside))]


def splits(subjects: Sequence[Subject]) -> list[Split]:
    """Where targets of things that add up (no ratios) are split: each with those directly below it.

    A place whose `part_of` has no target of its own counts to the nation.
    """
    found = []
    for above in subjects:
        aim = _aim(above)
        body = indicator_of(above.rule)
        adds_up = isinstance(body.kind, NumberType) and bool(body.kind.dimension)
        if aim is None or not aim.value.value or not adds_up:
            continue
        mine = [one for one in subjects if one.rule.name == above.rule.name and one.place]
        codes = {one.place.code for one in mine if one.place}
        here = above.place.code if above.place else None
        below = tuple(
            one for one in mine
            if one.place and (one.place.part_of == here if here else one.place.part_of not in codes)
            and (target := _aim(one)) is not None and target.year == aim.year
        )  # fmt: skip
        if below:
            total = sum((mark.value.value for one in below if (mark := _aim(one))), Fraction(0))
            found.append(Split(above, below, total, aim.value.value))
    return found


def _aim(one: Subject) -> model.Mark | None:
    targets = indicator_of(one.rule).targets
    return targets[-1] if targets else None
