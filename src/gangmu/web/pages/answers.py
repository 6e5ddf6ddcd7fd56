"""The answers beside a form: every outcome, what to ask next, what differs between two states of facts."""

from __future__ import annotations

from collections import Counter
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
from gangmu.evidence.cases import Evidence
from gangmu.evidence.template import needed_inputs
from gangmu.report.diff import DiffLine, DiffResult
from gangmu.report.diffed import diff_results
from gangmu.report.glance import Line, Section, sections
from gangmu.report.labels import capital
from gangmu.report.outlook import missing_texts
from gangmu.report.verdict import Verdict, verdict
from gangmu.rulebook import model
from gangmu.rulebook.model import ROOT
from gangmu.web.intake import Tables, evidence_of
from gangmu.web.words import say

MOST_WORKED = 40  # answers of which it is worked out what moved them; the others say that it was not
NEXT = 5  # facts asked for first
# of so many open facts it is tried out which matter; of more the first are listed as they come
MOST_TRIED = 24


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


@dataclass(frozen=True)
class State:
    """A rulebook, the facts of an enterprise, a day: from these an answer comes."""

    book: Book
    tables: Tables
    day: date


@dataclass(frozen=True)
class MovedText:
    """An answer that differs between two states: both, and whether law, evidence or time did it, and how."""

    label: str
    short: str
    before: Verdict
    after: Verdict
    reason: str
    by: str
    because: Sequence[tuple[str, str, str]]  # sentence, source, grade


def moved_answers(one: State, other: State, lang: str) -> list[MovedText]:
    """The outcomes that differ between two states, and what made them differ."""
    states = (one, other)
    evidence: dict[tuple[int, int], Evidence] = {}
    for law, facts in ((0, 0), (0, 1), (1, 0), (1, 1)):
        # what is the same in both states is read once
        same = (0 if one.book is other.book else law, 0 if one.tables == other.tables else facts)
        if same not in evidence:
            evidence[same] = states[law].book.read(evidence_of(states[facts].tables))
        evidence[law, facts] = evidence[same]
    asked = [name for name in one.book.model.outcomes if name in other.book.model.rules]
    first, second = (
        state.book.assess(evidence[place, place], state.day, asked) for place, state in enumerate(states)
    )
    found = diff_results((first, second), evidence, MOST_WORKED)
    return [_moved(found, other.book.model, line, lang) for line in found.lines]


def _moved(found: DiffResult, book: model.Rulebook, line: DiffLine, lang: str) -> MovedText:
    one = line.changed
    answers = [answer for answer in (one.before, one.after) if answer is not None]
    before, after = (verdict(book, one.rule, answer, lang) for answer in answers)
    because = found.because(line, lang)
    return MovedText(
        found.label(one.rule, lang),
        book.column_name(one.rule),
        before,
        after,
        line.reason,
        line.parts(lang),
        because,
    )


def counts_of(moved: Sequence[MovedText]) -> list[tuple[str, int]]:
    """How many answers moved by what, the most first."""
    return Counter(one.by for one in moved).most_common()
