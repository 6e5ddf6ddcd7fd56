"""What a rule does, kind by kind: one reader for each key of the language that makes a rule.

A reader takes the rule's mapping and gives its body, or None with a problem put aside.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from gangmu.rulebook import model
from gangmu.rulebook.indicators import read_indicator, read_item
from gangmu.rulebook.indices import read_index
from gangmu.rulebook.located import Mapping, Node, Sequence, Text, get
from gangmu.rulebook.reading import GROUPS, Reading
from gangmu.rulebook.rows import read_cell, read_table
from gangmu.rulebook.types import (
    DATE,
    TRUTH,
    YEAR,
    CodeType,
    LevelType,
    NamedType,
    NumberType,
    ScaleType,
    TextType,
    TitleType,
    Type,
)

SAFE_PATTERN: Final = re.compile(r"[A-Za-z0-9\[\]{}.,/\- ]+")
INPUTS: Final[tuple[model.InputKind, ...]] = ("number", "condition", "code", "date", "year", "text")
CHANGEABLE: Final[tuple[model.Changeable, ...]] = ("never", "now", "from_next_period")
DECIDERS: Final = ("law", "authority", "market", "lender")
MAX_DECIMALS = 12
_MONTHS = NumberType((("month", 1),))


def read_body(reading: Reading, kind: str, spec: Mapping) -> model.Body | None:
    """The body of a rule (or edition) of this kind."""
    if kind in _READERS:
        return _READERS[kind](reading, spec)
    if kind == "tightens":
        return model.Formula(reading.formula(get(spec, "tightens")))
    return _condition(reading, kind, spec)


def _condition(reading: Reading, kind: str, spec: Mapping) -> model.Body | None:
    group = next((word for word in GROUPS if word == kind), None)
    expression = reading.group(spec, group) if group else reading.formula(get(spec, "condition"))
    if expression is None:
        return None
    return model.Formula(expression, reading.item_if_given(get(spec, "unless")))


def _input(reading: Reading, spec: Mapping) -> model.Body | None:
    word = get(spec, "input")
    kind = next((name for name in INPUTS if name == word), None)
    if kind is None:
        expected = "number, condition, code, date, year or text"
        reading.refuse("value-invalid", spec, f"`input: {word}`", expected, "choose one")
        return None
    unit = str(get(spec, "unit") or "ratio")
    factor = reading.factor(unit, spec)[0]
    decimals = _decimals(reading, get(spec, "decimals"))
    changeable = reading.word(spec, "changeable", CHANGEABLE, instead="never") or "never"
    origins = reading.texts(get(spec, "origin"))
    if wrong := [origin for origin in origins if origin not in model.ORIGINS]:
        what, expected = f"unknown origin {', '.join(wrong)}", ", ".join(model.ORIGINS)
        reading.refuse("value-invalid", get(spec, "origin"), what, expected, "choose among these")
    pattern = _pattern(reading, get(spec, "pattern"))
    options = reading.labels(get(spec, "options"))
    if taken := [code for code in options if code in model.NONE_WORDS]:
        what = f"the code `{taken[0]}` is how evidence says that there is none"
        reading.refuse(
            "code-reserved", get(spec, "options"), what, "another word", "call it e.g. `lacking` or `other`"
        )
    return model.Input(
        kind, unit, factor, decimals, _range(reading, get(spec, "range"), unit),
        options, pattern, reading.label(get(spec, "ask")), changeable,
        origins, reading.texts(get(spec, "columns")),
    )  # fmt: skip


def _decimals(reading: Reading, node: Node | None) -> int:
    text = str(node or "6")
    if text.isdigit() and int(text) <= MAX_DECIMALS:
        return int(text)
    expected = f"a whole number from 0 to {MAX_DECIMALS}"
    reading.refuse("value-invalid", node, f"`decimals: {text}`", expected, "correct it")
    return 6


def _pattern(reading: Reading, node: Node | None) -> str:
    """A regular expression of the harmless kind."""
    text = str(node or "")
    if not text or SAFE_PATTERN.fullmatch(text):
        return text
    expected = "letters, digits, [] {} . / - only"
    reading.refuse("value-invalid", node, f"pattern `{text}`", expected, "write a simpler one")
    return ""


def _range(reading: Reading, node: Node | None, unit: str) -> model.Range:
    if not isinstance(node, Mapping):
        return model.Range()
    reading.only(node, {"ge", "le"}, "range")
    kind = NumberType(reading.factor(unit, node)[1])
    low, high = (reading.quantity_if_given(get(node, key), kind) for key in ("ge", "le"))
    return model.Range(None if low is None else low.value, None if high is None else high.value)


def _scale(reading: Reading, spec: Mapping) -> model.Body | None:
    return model.Scale(reading.texts(get(spec, "scale")), reading.labels(get(spec, "labels")))


def _parameter(reading: Reading, spec: Mapping) -> model.Body | None:
    constant = get(spec, "rows") is None
    is_truth = constant and get(spec, "parameter") == "condition"
    kind: Type = TRUTH if is_truth else reading.number_type(spec, "parameter")
    if not constant:
        table = read_table(reading, spec, kind)
        return None if table is None else replace(table, parameter=True)
    value = get(spec, "value")
    cell = read_cell(reading, value, kind)
    if cell is None:
        if not isinstance(value, Text | Mapping):
            expected = "`value: NUMBER UNIT` or `by:` and `rows:`"
            reading.refuse("value-invalid", spec, "a parameter without value", expected, "add its value")
        return None
    row = model.Row("value", reading.where(value), cell)
    return model.Table(kind, "first", (row,), parameter=True)


def _table(reading: Reading, spec: Mapping) -> model.Body | None:
    word = str(get(spec, "table"))
    if word == "code":
        table = read_table(reading, spec, CodeType())
        if table is None:
            return None
        codes = frozenset(row.cell.code for row in table.rows if row.cell.code is not None)
        return replace(table, type=CodeType(codes))
    return read_table(reading, spec, TRUTH if word == "condition" else reading.number_type(spec, "table"))


def _score(reading: Reading, spec: Mapping) -> model.Body | None:
    kind = reading.number_type(spec, "score")
    listed = get(spec, "parts")
    written = listed if isinstance(listed, Mapping) else Mapping()
    made = [_part(reading, name, node, kind) for name, node in written.items()]
    parts = tuple(part for part in made if part is not None)
    if not parts:
        expected = "`parts: {name: {of: formula}}`"
        reading.refuse("value-invalid", spec, "a score without parts", expected, "add its parts")
        return None
    passing = _passing(reading, get(spec, "pass"), kind)
    cap = reading.quantity_if_given(get(spec, "cap"), kind)
    return model.Score(parts, cap, passing, reading.rounding(get(spec, "round"), kind))


def _part(reading: Reading, name: Text, node: Node, kind: Type) -> model.Part | None:
    if isinstance(node, Text):
        return model.Part(str(name), reading.formula(node))
    if not isinstance(node, Mapping):
        return None
    reading.only(node, {"of", "cap", "min"}, "part")
    expression = reading.formula(get(node, "of"))
    cap, least = (reading.quantity_if_given(get(node, key), kind) for key in ("cap", "min"))
    return model.Part(str(name), expression, cap, least)


def _passing(reading: Reading, node: Node | None, kind: Type) -> tuple[model.Side, model.Quantity] | None:
    """The mark to pass; of two, `gt` counts."""
    if not isinstance(node, Mapping):
        return None
    reading.only(node, {"ge", "gt"}, "pass")
    least, above = (reading.quantity_if_given(get(node, key), kind) for key in ("ge", "gt"))
    if above is not None:
        return "gt", above
    return None if least is None else ("ge", least)


def _level(reading: Reading, spec: Mapping) -> model.Body | None:
    picks: tuple[tuple[model.Pick, str], ...] = (("least", "least_of"), ("greatest", "greatest_of"))
    for pick, key in picks:
        listed = get(spec, key)
        if isinstance(listed, Sequence):
            return model.LevelOf(pick, tuple(reading.item(item) for item in listed))
    return read_table(reading, spec, _named_scale(spec))


def _named_scale(spec: Mapping) -> LevelType:
    """A level's type before its scale is known: the scale's name stands for its codes."""
    return LevelType((str(get(spec, "level")),))


def _amount(reading: Reading, spec: Mapping) -> model.Body | None:
    kind = reading.number_type(spec, "amount")
    written = get(spec, "limits")
    if not isinstance(written, Mapping) or not written:
        expected = "`limits: {name: formula}`"
        reading.refuse("value-invalid", spec, "an amount without limits", expected, "name its limits")
        return None
    limits = tuple((str(name), reading.formula(node)) for name, node in written.items())
    when = reading.item_if_given(get(spec, "when"))
    return model.Amount(limits, when, reading.rounding(get(spec, "round"), kind))


def _title(reading: Reading, spec: Mapping) -> model.Body | None:
    certificate = get(spec, "certificate")
    if not isinstance(certificate, Mapping):
        expected = "certificate: {number: INPUT, from: INPUT, to: INPUT}"
        reading.refuse("value-invalid", spec, "a title without certificate", expected, "name the inputs")
        return None
    reading.only(certificate, {"number", "from", "to"}, "certificate")
    conditions = reading.item(get(spec, "title"))
    number, start, end = (str(get(certificate, key) or "") for key in ("number", "from", "to"))
    months = reading.quantity_if_given(get(spec, "valid_for"), _MONTHS)
    return model.Title(conditions, number, start, end, months)


def _channel(reading: Reading, spec: Mapping) -> model.Body | None:
    decides = str(get(spec, "decides") or "")
    if decides not in DECIDERS:
        expected = "law, authority, market or lender"
        reading.refuse("value-invalid", spec, f"`decides: {decides}`", expected, "say who decides")
    papers = get(spec, "papers")
    amount, cost, days = (str(get(spec, key) or "") for key in ("amount", "cost", "days"))
    return model.Channel(
        reading.item(get(spec, "channel")), decides, reading.label(get(spec, "who")), amount, cost, days,
        papers=tuple(reading.label(paper) for paper in papers) if isinstance(papers, Sequence) else (),
        excludes=reading.texts(get(spec, "excludes")),
        shares=reading.texts(get(spec, "shares")),
        serves=reading.texts(get(spec, "serves")), in_sight=str(get(spec, "in_sight") or ""),
    )  # fmt: skip


def _value(reading: Reading, spec: Mapping) -> model.Body | None:
    return model.Formula(
        reading.formula(get(spec, "value")),
        stated=reading.flag(get(spec, "stated")),
        rounding=reading.rounding(get(spec, "round"), NumberType(None)),
    )


_READERS: Final[dict[str, Callable[[Reading, Mapping], model.Body | None]]] = {
    "input": _input, "scale": _scale, "parameter": _parameter, "table": _table, "score": _score,
    "level": _level, "amount": _amount, "title": _title, "channel": _channel, "value": _value,
    "item": read_item, "indicator": read_indicator, "index": read_index,
}  # fmt: skip


def declared_type(reading: Reading, kind: str, spec: Mapping, body: model.Body) -> Type:
    """The type that a rule declares; a number without a declared unit has the unit that its formula gives."""
    match body:
        case model.Input():
            return _input_type(reading, spec, body)
        case model.Table():
            return body.type
    unit = get(spec, {"score": "score", "amount": "amount", "value": "unit"}.get(kind, ""))
    match kind:
        case "level":
            return _named_scale(spec)
        case "score" | "amount" | "value":
            return NumberType(None) if unit is None else NumberType(reading.factor(str(unit), spec)[1])
        case "title":
            return TitleType()
        case "scale":
            return ScaleType()
        case "item" | "indicator" | "index":
            return NamedType()
        case _:
            return TRUTH


def _input_type(reading: Reading, spec: Mapping, body: model.Input) -> Type:
    match body.input:
        case "number":
            return NumberType(reading.factor(body.unit, spec)[1])
        case "condition":
            return TRUTH
        case "code":
            return CodeType(frozenset(body.options) if body.options else None)
        case "date":
            return DATE
        case "year":
            return YEAR
        case _:
            return TextType()
