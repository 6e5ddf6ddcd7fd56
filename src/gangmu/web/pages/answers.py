"""The answers beside a form: every outcome, what to ask next, what differs between two states of facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from gangmu.book import Book
from gangmu.engine.assess import resolve_rules
from gangmu.engine.explain import explain
from gangmu.engine.interpreter import Run
from gangmu.engine.missing import Missing, missing_facts, open_facts
from gangmu.errors import Problem
from gangmu.evidence.template import needed_inputs
from gangmu.report.glance import Line, Section, sections
from gangmu.report.labels import capital
from gangmu.report.outlook import missing_texts
from gangmu.report.verdict import Verdict, verdict
from gangmu.rulebook.model import ROOT
from gangmu.web.intake import Tables, evidence_of
from gangmu.web.pages.reading import label_of
from gangmu.web.words import say

NEXT = 5  # facts asked for first
MOST_TRIED = (
    24  # of so many open facts it is tried out which matter; of more the first are listed as they come
)


@dataclass(frozen=True)
class NextText:
    """A fact to ask for: what, its question, how much it decides, where it stands in the form."""

    what: str
    ask: str
    share: str
    place: str


@dataclass(frozen=True)
class Answers:
    """The outcomes group by group; the one aimed at, if evidence asks it; what could not be read."""

    sections: Sequence[Section]
    aim: Line | None
    problems: Sequence[Problem]


def answers_of(book: Book, tables: Tables, goal: str, as_of: date, lang: str) -> Answers:
    """Every outcome of the book for what the form holds; what could not be read is told beside it."""
    result = book.assess(evidence_of(tables), as_of)
    [item] = result.answers
    told = sections(Run(book.model, item.case, item.as_of), result.rules, item.answers, lang)
    aim = next((line for section in told for line in section.lines if line.short == goal), None)
    problems = [
        Problem("cell-unread", one.field or one.table, one.reason, one.value)
        for one in result.quarantine[:20]
    ]
    return Answers(told, aim, problems)


def next_facts(book: Book, tables: Tables, goal: str, as_of: date, lang: str) -> Sequence[NextText]:
    """The facts that decide most of what is open about an outcome.

    Of very many open facts (trying them out takes seconds) the first that the rule reads.
    """
    run = book.run(evidence_of(tables), as_of=as_of)
    [name] = resolve_rules(book.model, [goal])
    if run.value(name).is_known:
        return []
    tree = explain(run, name)
    found = open_facts(tree, run)
    tried = missing_facts(run, name, tree) if len(found) <= MOST_TRIED else []
    missing = (tried or [Missing(rule, line, rule.entity, Fraction(0)) for rule, line in found])[:NEXT]
    texts = missing_texts(run, missing, lang)
    return [
        NextText(text.what, text.ask, text.share if tried else "", place_of(book, one))
        for one, text in zip(missing, texts, strict=True)
    ] or _rows_open(book, tables, goal, lang)


def _rows_open(book: Book, tables: Tables, goal: str, lang: str) -> list[NextText]:
    """The tables on which an outcome rests that have rows with empty cells."""
    wanted, found = needed_inputs(book.model, [goal]), []
    for entity, one in book.model.entities.items():
        asked = [name for name, rule in book.model.inputs_of(entity).items() if rule.name in wanted]
        number = sum(any(not row.get(name) for name in asked) for row in tables.get(entity, ()))
        if number:
            label = capital(one.label.in_(lang) or entity)
            found.append(NextText(say("cells empty", lang, a=label, n=number), "", "", f"t-{entity}"))
    return found


def place_of(book: Book, one: Missing) -> str:
    """Where a missing fact is filled in: the id of its field, or of its table."""
    if one.rule is None or one.entity != ROOT:
        return f"t-{one.entity}"
    inputs = book.model.inputs_of(ROOT)
    return next((f"f-{ROOT}-0-{name}" for name, rule in inputs.items() if rule.name == one.rule.name), "")


def moved_answers(
    book: Book, one: tuple[Tables, date], other: tuple[Tables, date], lang: str
) -> list[tuple[str, Verdict, Verdict]]:
    """The outcomes that differ between two states of facts or two days."""
    first, second = (_verdicts(book, tables, day, lang) for tables, day in (one, other))
    return [
        (label, first[label], second[label]) for label in first if str(first[label]) != str(second[label])
    ]


def _verdicts(book: Book, tables: Tables, as_of: date, lang: str) -> dict[str, Verdict]:
    """The verdict of every outcome by its label."""
    result = book.assess(evidence_of(tables), as_of)
    [item] = result.answers
    return {
        label_of(book.model.rules[name], lang): verdict(book.model, name, found, lang)
        for name, found in zip(result.rules, item.answers, strict=True)
    }
