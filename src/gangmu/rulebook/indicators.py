"""What a plan names: items (tasks, projects, standards to review by) and indicators with what was observed.

Neither is computed for an enterprise. Observations stand in a CSV file beside the page, a row each: published
numbers with their unit, source and grade, so that they are cited like every other number of the book.
"""

from __future__ import annotations

import csv
import io
import re
from typing import Final

from gangmu.rulebook import model
from gangmu.rulebook.beside import read_beside
from gangmu.rulebook.located import Mapping, Node, Text, get
from gangmu.rulebook.periods import last_day
from gangmu.rulebook.reading import Reading
from gangmu.rulebook.types import NumberType

DIRECTIONS: Final[tuple[model.Direction, ...]] = ("up", "down")
NATURES: Final[tuple[model.Nature, ...]] = ("expected", "binding")
COLUMNS: Final = ("indicator", "period", "value", "unit", "known_on", "source", "at", "grade", "note")
BOUNDS: Final = ("", "lower", "upper")
UNKNOWN: Final = "unknown"  # the grade of a value that was looked for and not found


def read_item(reading: Reading, spec: Mapping) -> model.Body | None:
    """A named thing: `item: task`, with what it is part of and what it serves."""
    return model.Item(
        str(get(spec, "item")), str(get(spec, "part_of") or ""), reading.texts(get(spec, "serves")),
        reading.label(get(spec, "says")), reading.texts(get(spec, "pages")),
    )  # fmt: skip


def read_indicator(reading: Reading, spec: Mapping) -> model.Body | None:
    """An indicator: `indicator: UNIT`, its baselines and targets by year, its observations."""
    unit = str(get(spec, "indicator"))
    kind = NumberType(reading.factor(unit, spec)[1])
    starts, aims = (_marks(reading, get(spec, key), key, kind) for key in ("baseline", "target"))
    return model.Indicator(
        unit, kind, starts, aims,
        reading.word(spec, "direction", DIRECTIONS, instead="up") or "up",
        reading.word(spec, "nature", NATURES, instead="expected") or "expected",
        str(get(spec, "scope") or ""),
        reading.label(get(spec, "producer")),
        reading.label(get(spec, "lead")),
        reading.label(get(spec, "definition")),
        reading.texts(get(spec, "serves")),
        _observations(reading, get(spec, "observations"), kind),
    )  # fmt: skip


def _marks(reading: Reading, node: Node | None, key: str, kind: NumberType) -> tuple[model.Mark, ...]:
    """Values by year; a text alone is refused, for a value without its year says little."""
    if node is None:
        return ()
    if not isinstance(node, Mapping):
        reading.refuse("value-invalid", node, f"`{key}` without a year", "{2020: 15%}", "write it so")
        return ()
    found = []
    for year, value in node.items():
        if not re.fullmatch(r"\d{4}", year):
            reading.refuse("value-invalid", year, f"`{year}` is no year", "YYYY: value", "correct it")
            continue
        quantity = reading.quantity(value, kind)
        if quantity is not None:
            found.append(model.Mark(int(year), quantity))
    return tuple(sorted(found, key=lambda mark: mark.year))


def _observations(reading: Reading, node: Node | None, kind: NumberType) -> tuple[model.Observation, ...]:
    """The rows of a CSV file beside the page that are about this indicator, oldest first."""
    if node is None:
        return ()
    found = read_beside(reading, node, "observations")
    if found is None:
        return ()
    inside, text = found
    table = csv.DictReader(io.StringIO(text))
    if lacking := [name for name in COLUMNS if name not in (table.fieldnames or ())]:
        what, expected = f"{node} has no column {', '.join(lacking)}", ", ".join(COLUMNS)
        reading.refuse("value-invalid", node, what, expected, "add the columns")
        return ()
    made = [
        read_observation(inside, line, number, kind)
        for number, line in enumerate(table, start=2)
        if line["indicator"] == reading.rule
    ]
    return tuple(sorted((one for one in made if one is not None), key=lambda one: (one.ends, one.period)))


def read_observation(
    reading: Reading, line: dict[str, str], number: int, kind: NumberType
) -> model.Observation | None:
    """One row of a file of observations; None if it is refused."""
    here = Text("", number)
    ends = last_day(line["period"])
    if ends is None:
        what, expected = f"`{line['period']}` is no period", "YYYY, YYYY-MM or YYYY-MM-DD"
        reading.refuse("value-invalid", here, what, expected, "correct it")
        return None
    grade, note = line["grade"], line["note"] or ""
    known = reading.date(Text(line["known_on"], number)) if line["known_on"] else None
    if grade == UNKNOWN and not line["value"]:
        return model.Observation(line["period"], ends, None, None, reading.where(here), known, note)
    if grade not in model.GRADES or not line["source"]:
        what = "a published value without source or grade"
        expected = f"source, grade (one of {', '.join(model.GRADES)}; `{UNKNOWN}` without a value)"
        reading.refuse("cite-incomplete", here, what, expected, "complete the row")
        return None
    bound = line.get("bound") or ""
    if bound not in BOUNDS:
        reading.refuse(
            "value-invalid", here, f"`{bound}` is no bound", "lower, upper, or nothing", "correct it"
        )
        return None
    written = f"{line['value']}{line['unit']}" if line["unit"] == "%" else f"{line['value']} {line['unit']}"
    value = reading.quantity(Text(written.strip(), number), kind)
    if value is None:
        return None
    cite = model.Citation(line["source"], line["at"] or "", grade)
    said = (line.get(name) or "" for name in ("basis", "obs_status", "licence", "place"))
    return model.Observation(
        line["period"], ends, value, cite, reading.where(here), known, note, bound, *said
    )
