"""The names of rules, entities, codes and levels in one language, from the labels of the rulebook."""

from __future__ import annotations

from collections.abc import Sequence

from gangmu.engine.values import Value
from gangmu.report.format import value_text
from gangmu.report.words import say
from gangmu.rulebook import model
from gangmu.rulebook.types import LevelType, Type


def label_of(rule: model.Rule, lang: str) -> str:
    """A rule's label, or its name with spaces."""
    return rule.label.in_(lang) or rule.short.rpartition(".")[2].replace("_", " ")


def column_labels(book: model.Rulebook, names: Sequence[str], lang: str) -> list[str]:
    """Labels of several rules; those that are alike are told apart by the title of their page."""
    plain = [capital(label_of(book.rules[name], lang)) for name in names]
    pages = [book.pages.get(book.rules[name].page) for name in names]
    titles = [page.label.in_(lang) if page is not None else "" for page in pages]
    return [
        say(lang, "colon", a=title, b=text) if title and plain.count(text) > 1 else text
        for title, text in zip(titles, plain, strict=True)
    ]


def capital(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]


def entity_label(book: model.Rulebook, name: str, lang: str) -> str:
    """The label of an entity, or its name with spaces."""
    spec = book.entities.get(name)
    return (spec.label.in_(lang) if spec else "") or name.replace("_", " ")


def code_labels(book: model.Rulebook, kind: Type | None, rule: model.Rule | None) -> dict[str, model.Label]:
    """The labels of the codes that a rule (or a level's scale) can give."""
    if isinstance(kind, LevelType):
        bodies = (rule.body for rule in book.rules.values() if rule.kind == "scale")
        scales = (body for body in bodies if isinstance(body, model.Scale) and body.codes == kind.scale)
        return next((dict(body.labels) for body in scales), {})
    if rule is not None and isinstance(rule.body, model.Input):
        return dict(rule.body.options)
    if rule is not None and isinstance(rule.body, model.Table):
        return {row.cell.code: row.label for row in rule.body.rows if row.cell.code}
    return {}


def value_words(
    book: model.Rulebook, value: Value, kind: Type | None, rule: model.Rule | None, lang: str
) -> str:
    """A value in words; codes by the labels of the rule that they belong to."""
    labels = code_labels(book, kind, rule) if value.ordinary is not None else {}

    def label(code: str) -> str:
        known = labels.get(code)
        return (known.in_(lang) if known else "") or code

    return value_text(value, kind, lang, label)
