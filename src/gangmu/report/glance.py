"""One enterprise at a glance: its outcomes group by group, a line each, and what is not asked folded away.

A line has the verdict, and what of it one wants to see first: of a channel its amount, cost and days, of what
is blocked how many conditions fail, of what is missing how many facts are. An outcome of which the evidence
says nothing of its own stands in one line with its like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from gangmu.engine.asked import facts_of, is_asked
from gangmu.engine.assess import Answer, figures_of
from gangmu.engine.explain import explain
from gangmu.engine.interpreter import Run
from gangmu.engine.missing import missing_facts, open_facts
from gangmu.report.blocks import blocks
from gangmu.report.labels import capital, label_of
from gangmu.report.verdict import Verdict, verdict
from gangmu.report.words import say
from gangmu.rulebook import model

FEW_FACTS = 8  # of so many it is tried out which matter; of more all are counted


@dataclass(frozen=True, slots=True)
class Line:
    """An outcome: full name, the name that one types, label, verdict, figures of a channel, what is open."""

    name: str
    short: str
    label: str
    verdict: Verdict
    figures: str
    remark: str


@dataclass(slots=True)
class Section:
    """A group of outcomes: those asked, and by label those that are not, and those not in force."""

    label: str
    lines: list[Line] = field(default_factory=list)
    not_asked: list[str] = field(default_factory=list)
    not_in_force: list[str] = field(default_factory=list)


def sections(run: Run, names: Sequence[str], answers: Sequence[Answer], lang: str) -> list[Section]:
    """The rules asked (full names) with their answers, in the groups of the book; those of none come last."""
    book = run.book
    told = dict(zip(names, answers, strict=True))
    given = facts_of(book, run.case)
    return [_section(run, label, rules, told, given, lang) for label, rules in grouped(book, names, lang)]


def grouped(book: model.Rulebook, names: Sequence[str], lang: str) -> list[tuple[str, list[str]]]:
    """Rules (full names) under the labels of their groups; figures of channels go with their channels."""
    asked = set(names)
    hidden = {each for name in names for each in figures_of(book, name)} - set(book.outcomes)
    found = [
        (group.label.in_(lang) or group.name, [name for name in group.rules if name in asked])
        for group in book.groups
    ]
    standing = {name for group in book.groups for name in group.rules}
    found.append(
        (
            say(lang, "other rules") if any(rules for _, rules in found) else "",
            [name for name in names if name not in standing and name not in hidden],
        )
    )
    return [(label, rules) for label, rules in found if rules]


def _section(  # noqa: PLR0913, PLR0917  what a section is made of
    run: Run, label: str, names: Sequence[str], told: Mapping[str, Answer], given: set[str], lang: str
) -> Section:
    book, section = run.book, Section(label)
    for name in names:
        answer, rule = told[name], book.rules[name]
        text = capital(label_of(rule, lang))
        if answer.status == "unknown" and not is_asked(book, name, given):
            section.not_asked.append(text)
        elif answer.status == "not_in_force":
            section.not_in_force.append(text)
        else:
            found = verdict(book, name, answer, lang)
            shut = found.group == "blocked"
            figures = "" if shut else figures_text(book, rule, told, lang)
            remark = _remark(run, name, found, lang)
            section.lines.append(Line(name, book.column_name(name), text, found, figures, remark))
    return section


def figures_text(book: model.Rulebook, rule: model.Rule, told: Mapping[str, Answer], lang: str) -> str:
    """Amount, cost and days of a channel: all that are known, and of an amount its bounds."""
    body, texts = rule.body, []
    if not isinstance(body, model.Channel):
        return ""
    for name in (body.amount, body.cost, body.days):
        answer = told.get(name)
        if answer is None:
            continue
        bounded = isinstance(answer.low, Fraction) and isinstance(answer.high, Fraction)
        if answer.status == "known" or (answer.status == "unknown" and name == body.amount and bounded):
            texts.append(verdict(book, name, answer, lang).words)
    return say(lang, "list").join(texts)


def _remark(run: Run, name: str, found: Verdict, lang: str) -> str:
    if found.group == "missing":
        tree = explain(run, name)
        number = len(open_facts(tree, run))
        if number <= FEW_FACTS:
            number = len(missing_facts(run, name, tree))
        return say(lang, "one fact" if number == 1 else "facts", n=number) if number else ""
    if found.group == "blocked":
        number = len(blocks(explain(run, name)))
        return say(lang, "one fails" if number == 1 else "fail", n=number) if number else ""
    return ""
