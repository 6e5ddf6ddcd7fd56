"""The form of an enterprise: what the rulebook asks, as fields with what is known in them, and back again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from starlette.datastructures import FormData

from gangmu.book import Book
from gangmu.evidence.template import needed_inputs
from gangmu.report.format import UNITS_ZH
from gangmu.rulebook import model
from gangmu.rulebook.model import ROOT
from gangmu.web.intake import Tables, checked
from gangmu.web.pages.reading import Link, label_of, page_label
from gangmu.web.words import say


@dataclass(frozen=True)
class FieldText:
    """A field of the form."""

    id: str
    name: str
    label: str
    ask: str
    unit: str
    kind: str
    value: str
    options: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class TableText:
    """The rows of a related entity in the form: the last one is empty, for one more."""

    entity: str
    label: str
    heads: Sequence[str]
    rows: Sequence[Sequence[FieldText]]


def merged(facts: Mapping[str, Sequence[Mapping[str, str]]], sent: FormData, book: Book) -> Tables:
    """What is kept with what the form says of it: `f.ENTITY.ROW.FIELD`; an empty cell takes a fact back.

    A row of which nothing is left keeps its place, so that the form's next entries find theirs; `checked`
    takes it away when a version is saved. Raises `GangmuError`.
    """
    tables: Tables = {entity: [dict(row) for row in rows] for entity, rows in facts.items()}
    tables.setdefault(ROOT, [{}])
    for name, text in sent.multi_items():
        parts = name.split(".", 3)
        if (
            parts[0] != "f"
            or len(parts) != len(("f", "entity", "row", "field"))
            or not parts[2].isdigit()
            or not isinstance(text, str)
        ):
            continue
        _, entity, place, field = parts
        rows = tables.setdefault(entity, [])
        if int(place) > len(rows):
            continue
        if int(place) == len(rows):
            if not text.strip():
                continue
            rows.append({})
        if text.strip():
            rows[int(place)][field] = text.strip()
        else:
            rows[int(place)].pop(field, None)
    checked(tables, book)
    return tables


def outcomes_of(book: Book, lang: str) -> list[Link]:
    """The outcomes by label; `url` is the short name."""
    return [
        Link(
            book.model.column_name(name),
            label_of(book.model.rules[name], lang),
            group.label.in_(lang) or group.name,
        )
        for group in book.model.groups
        for name in group.rules
    ]


def fields_of(
    book: Book, tables: Tables, goal: str, lang: str, first: Sequence[str] = ()
) -> list[tuple[str, list[FieldText]]]:
    """The fields of the enterprise on which an outcome rests: those named `first`, then page by page."""
    wanted = needed_inputs(book.model, [goal])
    row = tables[ROOT][0]
    groups: dict[str, list[FieldText]] = {say("next", lang): []}
    for name, rule in book.model.inputs_of(ROOT).items():
        if rule.name in wanted:
            field = _field(ROOT, 0, name, rule, row.get(name, ""), lang)
            page = page_label(book.model.pages[rule.page], lang)
            groups.setdefault(say("next", lang) if field.id in first else page, []).append(field)
    return [(label, sorted(found, key=_order(first))) for label, found in groups.items() if found]


def _order(first: Sequence[str]) -> Callable[[FieldText], int]:
    return lambda field: first.index(field.id) if field.id in first else 0


def related_of(book: Book, tables: Tables, goal: str, lang: str) -> list[TableText]:
    """The tables on which an outcome rests, with one empty row each."""
    wanted = needed_inputs(book.model, [goal])
    found = []
    for entity, one in book.model.entities.items():
        inputs = {
            name: rule
            for name, rule in book.model.inputs_of(entity).items()
            if rule.name in wanted or name in (one.period, one.key)
        }
        if not any(rule.name in wanted for rule in inputs.values()):
            continue
        rows = [*tables.get(entity, []), {}]
        filled = {name for row in rows for name in row}
        order = sorted(inputs, key=lambda name: (name not in (one.key, one.period), name not in filled))
        inputs = {name: inputs[name] for name in order}
        texts = [
            [_field(entity, place, name, rule, row.get(name, ""), lang) for name, rule in inputs.items()]
            for place, row in enumerate(rows)
        ]
        units = [_unit(rule, lang) for rule in inputs.values()]
        heads = [
            label_of(rule, lang) + (f" [{unit}]" if unit else "")
            for rule, unit in zip(inputs.values(), units, strict=True)
        ]
        found.append(TableText(entity, one.label.in_(lang) or entity, heads, texts))
    return found


def _unit(rule: model.Rule, lang: str) -> str:
    body = rule.input
    if body.input != "number" or body.unit == "ratio":
        return "%" if body.input == "number" else ""
    names = [name for name in (body.unit, body.unit.removesuffix("s")) if name in UNITS_ZH]
    return UNITS_ZH[names[0]] if names and lang == "zh" else body.unit


def _field(  # noqa: PLR0913, PLR0917  where it stands, what it is, what it holds
    entity: str, place: int, name: str, rule: model.Rule, value: str, lang: str
) -> FieldText:
    body = rule.input
    options: list[tuple[str, str]] = []
    if body.input == "condition":
        options = [("yes", say("yes", lang)), ("no", say("no", lang))]
        value = {"true": "yes", "false": "no", "是": "yes", "否": "no"}.get(value.lower(), value)
    elif body.input == "code":
        options = [(code, label.in_(lang) or code) for code, label in body.options.items()]
        value = next((code for code, label in body.options.items() if value in (label.zh, label.en)), value)
    if options and value and value not in {code for code, _ in options}:
        options.append((value, value))
    kind = "select" if options else {"date": "date", "number": "number"}.get(body.input, "text")
    if kind == "date" and value and not _iso(value):
        kind = "text"
    return FieldText(
        f"f-{entity}-{place}-{name}",
        f"f.{entity}.{place}.{name}",
        label_of(rule, lang),
        body.ask.in_(lang),
        _unit(rule, lang),
        kind,
        value,
        options,
    )


def _iso(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
