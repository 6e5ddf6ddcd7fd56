"""Rows of a table as authors write them: in the page, or in a CSV file beside it.

A row is tests (bounds, codes, prefixes, `when`) and a cell: a number, a code, a truth value, or a band that
an expert judges. The hit policy, if it is not declared, follows from the look of the rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence as SequenceOf
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from gangmu.rulebook import model
from gangmu.rulebook.located import Mapping, Node, Sequence, Text, get
from gangmu.rulebook.model import Label, Quantity, Standing
from gangmu.rulebook.reading import Reading
from gangmu.rulebook.types import DATE, TRUTH, CodeType, LevelType, Type

SIDES: Final[tuple[model.Bound, ...]] = ("ge", "gt", "le", "lt")
HITS: Final[tuple[model.Hit, ...]] = ("unique", "first", "best", "sum")
LISTS: Final = ("in", "prefix", "except_prefix")
ROW_KEYS: Final = {*SIDES, *LISTS, "when", "value", "label", "cite", "ours"}


def read_table(reading: Reading, spec: Mapping, kind: Type) -> model.Table | None:
    """A table whose cells are of type `kind`, from `by`, `rows` and `hit`."""
    by = reading.formula_if_given(get(spec, "by"))
    written = get(spec, "rows")
    if isinstance(written, Text):
        rows = _csv_rows(reading, written, kind)
    elif isinstance(written, Mapping) and written:
        made = [_row(reading, name, row, kind) for name, row in written.items()]
        rows = [row for row in made if row is not None]
    else:
        expected = "`rows:` with a mapping, or the name of a CSV file"
        reading.refuse("value-invalid", spec, "a table without rows", expected, "add rows")
        return None
    if not rows:
        return None
    hit = reading.word(spec, "hit", HITS, instead="first")
    if by is None and any(row.bounds or row.codes or row.prefixes for row in rows):
        todo = "say what the rows are chosen by"
        reading.refuse("value-invalid", spec, "rows with bounds but no `by`", "`by: formula`", todo)
    return model.Table(kind, hit or shape(rows), tuple(rows), by)


def _row(reading: Reading, name: Text, node: Node, kind: Type) -> model.Row | None:
    if not isinstance(node, Mapping):
        what = f"row `{name}` is not a mapping"
        reading.refuse("value-invalid", name, what, "{ge: ..., value: ...}", "write it so")
        return None
    reading.only(node, ROW_KEYS, "row")
    value = get(node, "value")
    if value is None and isinstance(kind, LevelType):
        value = name
    cell = read_cell(reading, value, kind)
    if cell is None:
        if not isinstance(value, Text | Mapping):
            what, expected = f"row `{name}` has no value", f"`value:` of type {kind}"
            reading.refuse("value-invalid", name, what, expected, "add it")
        return None
    found = {side: _bound(reading, text) for side in SIDES if (text := get(node, side)) is not None}
    bounds = {side: bound for side, bound in found.items() if bound is not None}
    when = reading.formula_if_given(get(node, "when"))
    cites, ours = reading.cites(get(node, "cite")), str(get(node, "ours") or "")
    codes, prefixes, excepted = (reading.texts(get(node, key)) for key in LISTS)
    return model.Row(
        str(name), reading.where(name), cell, bounds, codes, prefixes, excepted, when,
        reading.label(get(node, "label")), Standing(cites, ours) if cites or ours else None,
    )  # fmt: skip


def _bound(reading: Reading, text: Node) -> Quantity | None:
    """A bound may be a number with unit or a date."""
    if isinstance(text, Text) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        day = reading.date(text)
        return (
            None if day is None else Quantity(Fraction(day.toordinal()), DATE, str(text), reading.where(text))
        )
    return reading.quantity(text, None)


def read_cell(reading: Reading, node: Node | None, kind: Type) -> model.Cell | None:
    """What a row gives, or None: its problem is put aside, unless nothing is written."""
    if isinstance(node, Mapping):
        return _band(reading, node, kind)
    if not isinstance(node, Text):
        return None
    if isinstance(kind, CodeType | LevelType):
        return model.Cell(code=str(node))
    if kind == TRUTH:
        if node not in ("true", "false"):
            reading.refuse("value-invalid", node, f"`{node}`", "true or false", "write one of them")
            return None
        return model.Cell(truth=node == "true")
    number = reading.quantity(node, kind)
    return None if number is None else model.Cell(number=number)


def _band(reading: Reading, node: Mapping, kind: Type) -> model.Cell | None:
    """A range that an expert judges."""
    reading.only(node, {"from", "to", "judged_by", "answer"}, "value")
    low, high = reading.quantity(get(node, "from"), kind), reading.quantity(get(node, "to"), kind)
    if low is None or high is None or low.value > high.value:
        what = "a judged band without its two ends in order"
        expected = "{from: 7 points, to: 8 points, judged_by: expert}"
        reading.refuse("value-invalid", node, what, expected, "give both")
        return None
    return model.Cell(band=(low, high), answer=str(get(node, "answer") or "") or None)


def _csv_rows(reading: Reading, file: Text, kind: Type) -> list[model.Row]:
    """Rows of a CSV file beside the page."""
    if reading.folder is None or not re.fullmatch(r"[A-Za-z0-9_\-]+\.csv", file):
        expected = "the name of a CSV file in the page's folder"
        reading.refuse("path-escape", file, f"`rows: {file}`", expected, "move the file there")
        return []
    beside = Path(reading.file).parent / str(file)
    path = reading.folder / beside
    if not path.is_file() or not path.resolve().is_relative_to(reading.folder.resolve()):
        reading.refuse("file-unreadable", file, f"{file} is not beside the page", "a CSV file", "add it")
        return []
    inside = Reading(beside.as_posix(), reading.folder, reading.entities, reading.problems)
    rows: list[model.Row] = []
    table = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    for number, line in enumerate(table, start=2):
        name = Text(line.get("row") or f"row{number}", number)
        made = _row(inside, name, _csv_spec(line, number), kind)
        if made is not None:
            rows.append(replace(made, label=Label(line.get("en") or "", line.get("zh") or "")))
    return rows


def _csv_spec(line: dict[str, str], number: int) -> Mapping:
    """A line of a CSV file as the mapping that a page would have; lists are joined by `|`."""
    spec = Mapping()
    spec.line = number
    for key in (*SIDES, "value"):
        if line.get(key):
            spec[Text(key, number)] = Text(line[key], number)
    for key in LISTS:
        if line.get(key):
            texts = Sequence(Text(part, number) for part in line[key].split("|"))
            texts.line = number
            spec[Text(key, number)] = texts
    return spec


def shape(rows: SequenceOf[model.Row]) -> model.Hit:
    """Ladder or unique, by the look of the rows.

    A ladder has all rows but the last bounded on one same side only, and no other tests.
    """
    if len(rows) == 1 and rows[0].is_rest:
        return "first"
    heads, last = rows[:-1], rows[-1]
    if heads and not any(row.codes or row.prefixes or row.when for row in rows):
        if all(_bounded_by(row, {"le", "lt"}) for row in heads) and _may_end(last, {"le", "lt"}):
            return "ladder_up"
        if all(_bounded_by(row, {"ge", "gt"}) for row in heads) and _may_end(last, {"ge", "gt"}):
            return "ladder_down"
    return "unique"


def _bounded_by(row: model.Row, sides: set[str]) -> bool:
    return len(row.bounds) == 1 and set(row.bounds) <= sides


def _may_end(row: model.Row, sides: set[str]) -> bool:
    return row.is_rest or _bounded_by(row, sides)
