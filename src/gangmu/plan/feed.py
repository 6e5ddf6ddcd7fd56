"""New observations from outside the rulebook: a CSV file, an SDMX message, or a folder of them.

They stand beside those of the book and never instead of them: where they differ, both are told. Every point
keeps its vintage (`known_on`), source and licence. A row that cannot be read is refused with its place, and
then nothing is taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from gangmu.errors import EvidenceError, Problem
from gangmu.plan.rows import read_rows
from gangmu.plan.sdmx import PERIOD, VALUE, Fields, is_sdmx, month_or_year, read_message
from gangmu.plan.standing import indicator_of
from gangmu.rulebook import model
from gangmu.rulebook.indicators import read_observation
from gangmu.rulebook.reading import Reading
from gangmu.rulebook.types import NumberType

NEEDED: Final = ("indicator", "period", "value", "source")
KNOWN: Final = (
    "unit", "known_on", "at", "grade", "note", "bound", "basis", "obs_status", "licence", "place",
)  # fmt: skip
TEXTS: Final = ("indicator", "place", "nation", "source", "licence", "known_on")  # keys of a mapping
MAPPING: Final = "mapping.yaml"
GRADE: Final = "secondary"  # what is handed in without a grade is one retelling
_SUFFIXES: Final = (".csv", ".xml")
_MISSING: Final = ("", "NaN", "M")
_NOT_OBSERVED: Final = "F"  # CL_OBS_STATUS: forecast value

Fed = tuple[str, model.Observation]  # an indicator's full name, and what was observed


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the codes of a message mean.

    `indicator` and `place` name dimensions; `codes` an indicator (and perhaps a unit) for each code; a place
    that `nation` names is the nation. The rest is said of every point of the message.
    """

    indicator: str
    codes: dict[str, tuple[str, str]]
    place: str = ""
    nation: str = ""
    source: str = ""
    grade: str = GRADE
    licence: str = ""
    known_on: str = ""


def read_feed(
    book: model.Rulebook, paths: Iterable[str | Path], mapping: str | Path | None = None
) -> list[Fed]:
    """Every observation of the files named, or of the files in the folders named. Raises `EvidenceError`."""
    problems: list[Problem] = []
    found: list[Fed] = []
    for path in _files(paths):
        try:
            rows = _message(path, _mapping(mapping or path.with_name(MAPPING))) if is_sdmx(path) else [
                *read_rows(path, NEEDED, KNOWN)
            ]  # fmt: skip
        except EvidenceError as error:
            problems += error.problems
            continue
        found += _read(book, path, rows, problems)
    if problems:
        raise EvidenceError(problems)
    return found


def with_observations(rules: Sequence[model.Rule], fed: Iterable[Fed], place: str = "") -> list[model.Rule]:
    """The rules with what is fed for the nation beside their own values; for a `place`, with its own only."""
    mine: dict[str, list[model.Observation]] = defaultdict(list)
    for name, one in fed:
        if one.place == place:
            mine[name].append(one)
    return [
        _with(rule, mine[rule.name], keep=not place) if mine[rule.name] or place else rule for rule in rules
    ]


def _with(rule: model.Rule, more: Sequence[model.Observation], *, keep: bool) -> model.Rule:
    body = indicator_of(rule)
    both = [*(body.observations if keep else ()), *more]
    ordered = tuple(sorted(both, key=lambda one: (one.ends, one.period)))
    edition = replace(rule.editions[-1], body=replace(body, observations=ordered))
    return replace(rule, editions=(*rule.editions[:-1], edition))


def _files(paths: Iterable[str | Path]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_dir():
            yield from sorted(each for each in path.iterdir() if each.suffix.lower() in _SUFFIXES)
        else:
            yield path


def _read(
    book: model.Rulebook, path: Path, rows: Iterable[tuple[int, Fields]], problems: list[Problem]
) -> Iterator[Fed]:
    reading = Reading(path.name, None, frozenset(), problems)
    for number, row in rows:
        rule = indicator_named(book, row["indicator"])
        if rule is None:
            what = f"`{row['indicator']}` is no indicator of the rulebook"
            todo = f"gangmu rules -r {book.name} --search WORD lists them"
            problems.append(Problem("name-unknown", f"{path.name}:{number}", what, "an indicator", todo))
            continue
        reading.rule = rule.short
        body = indicator_of(rule)
        filled = {"known_on": "", "at": "", "note": "", **row}
        filled |= {"unit": row.get("unit") or body.unit, "grade": row.get("grade") or GRADE}
        kind = body.kind
        one = read_observation(reading, filled, number, kind) if isinstance(kind, NumberType) else None
        if one is not None:
            yield rule.name, one


def indicator_named(book: model.Rulebook, name: str) -> model.Rule | None:
    """The one indicator of the book of this name, full or short."""
    full = [name] if name in book.rules else list(book.names.get(name, ()))
    found = [book.rules[each] for each in full if book.rules[each].kind == "indicator"]
    return found[0] if len(found) == 1 else None


# ------------------------------------------------------------------------ SDMX


def _mapping(path: str | Path) -> Mapping:
    """Read a mapping. Raises `EvidenceError`."""
    from gangmu.rulebook.located import Mapping as Located
    from gangmu.rulebook.located import get
    from gangmu.rulebook.read import read_mapping

    file, problems = Path(path), list[Problem]()
    node = read_mapping(file.parent, file.name, problems)
    if node is None:
        expected = "what the codes of the message mean, see docs/tracking.md"
        raise EvidenceError(
            problems or Problem("mapping-missing", file.name, "is not there", expected, "write it")
        )
    codes: dict[str, tuple[str, str]] = {}
    given = get(node, "codes")
    for code, meant in given.items() if isinstance(given, Located) else ():
        unit = str(get(meant, "unit") or "") if isinstance(meant, Located) else ""
        codes[str(code)] = (str(get(meant, "indicator") if isinstance(meant, Located) else meant), unit)
    texts = {key: str(get(node, key) or "") for key in TEXTS}
    if not texts["indicator"] or not codes or not texts["source"]:
        expected = "indicator: DIMENSION, codes: {CODE: INDICATOR}, source: SOURCE"
        raise EvidenceError(
            Problem("mapping-incomplete", file.name, "lacks one of three keys", expected, "add it")
        )
    return Mapping(codes=codes, grade=str(get(node, "grade") or GRADE), **texts)


def _message(path: Path, meant: Mapping) -> list[tuple[int, Fields]]:
    """A message as the rows that a CSV file would have; codes that the mapping leaves out are left out."""
    prepared, fields = read_message(path)
    rows: list[tuple[int, Fields]] = []
    problems: list[Problem] = []
    for number, one in enumerate(fields, 1):
        if one.get(meant.indicator) not in meant.codes or one.get("OBS_STATUS") == _NOT_OBSERVED:
            continue
        if one.get(VALUE, "") in _MISSING:
            continue
        indicator, unit = meant.codes[one[meant.indicator]]
        period, value = month_or_year(one[PERIOD]), _scaled(one)
        if period is None or value is None:
            what = f"period `{one[PERIOD]}`, value `{one.get(VALUE)}`"
            expected = "a year or a part of it, and a number"
            problems.append(Problem("value-invalid", f"{path.name} observation {number}", what, expected))
            continue
        place = one.get(meant.place, "") if meant.place else ""
        rows.append((number, {
            "indicator": indicator, "period": period, "value": value, "unit": unit, "source": meant.source,
            "grade": meant.grade, "licence": meant.licence, "known_on": meant.known_on or prepared,
            "obs_status": one.get("OBS_STATUS", ""), "place": "" if place == meant.nation else place,
        }))  # fmt: skip
    if problems:
        raise EvidenceError(problems)
    return rows


def _scaled(one: Fields) -> str | None:
    """The value times its unit multiplier (a power of ten)."""
    try:
        value = Decimal(one[VALUE]).scaleb(int(one.get("UNIT_MULT") or 0))
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return f"{value:f}" if value.is_finite() else None
