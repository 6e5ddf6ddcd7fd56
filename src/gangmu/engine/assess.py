"""Many cases, some rules, a date: one row a case.

`Answers` holds what came out, ready for Arrow; `gangmu.result` gives it its face. A rule's columns are its
value, `.low` and `.high` where numbers may have holes, `.status`, `.grade` (the weakest citation on the
deciding path), and for titles `.until`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from gangmu.engine.dates import Dating
from gangmu.engine.grade import grade_of, grades_of
from gangmu.engine.interpreter import HELD, LAPSED, Finding, Run
from gangmu.engine.outcomes import Answer
from gangmu.engine.values import ABSENT, End, Interval, Value
from gangmu.errors import Problem, QuestionError
from gangmu.evidence.facts import Case
from gangmu.rulebook import model
from gangmu.rulebook.types import DATE

__all__ = [
    "Answer", "CaseAnswers", "answer", "answers_of", "assess_cases", "figures_of", "near", "outcome",
    "resolve_rule", "resolve_rules", "shown_names", "with_figures",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaseAnswers:
    """All answers of one case, in the order of the rules asked."""

    case: Case
    as_of: date
    answers: tuple[Answer, ...]
    findings: tuple[Finding, ...]


def resolve_rules(book: model.Rulebook, names: Iterable[str] | None) -> list[str]:
    """The full names of the rules asked; the name of a group of outcomes asks for all of them.

    Default: the book's outcomes. Outcomes that are channels bring their amount, cost and days with them.
    Raises `QuestionError` with every wrong name.
    """
    if names is None:
        return with_figures(book, book.outcomes)
    groups = {group.name: group.rules for group in book.groups}
    found: list[str] = []
    problems = []
    for name in names:
        candidates = book.names.get(name, ())
        if name in groups:
            found.extend(with_figures(book, groups[name]))
        elif len(candidates) > 1:
            what = f"`{name}` can mean {' or '.join(candidates)}"
            problems.append(Problem("name-ambiguous", "rules", what, "one rule", "write the full name"))
        elif not candidates or not _can_be_asked(book.rules[candidates[0]]):
            what, todo = f"`{name}` is no rule that can be asked", near(book, name)
            problems.append(Problem("name-unknown", "rules", what, "a rule of the enterprise", todo))
        else:
            found.append(candidates[0])
    if problems:
        raise QuestionError(problems)
    return list(dict.fromkeys(found))


def resolve_rule(book: model.Rulebook, name: str) -> str:
    """The full name of one rule asked. Raises `QuestionError`."""
    if any(group.name == name for group in book.groups):
        what, todo = f"`{name}` is a group of outcomes", f"see `gangmu rules --search {name}`"
        raise QuestionError(Problem("name-unknown", "rules", what, "one rule", todo))
    return resolve_rules(book, [name])[0]


def with_figures(book: model.Rulebook, names: Iterable[str]) -> list[str]:
    """Rules (full names), each channel followed by what it says of itself and of what it shares."""
    return list(dict.fromkeys(each for name in names for each in (name, *figures_of(book, name))))


def figures_of(book: model.Rulebook, name: str) -> tuple[str, ...]:
    """What goes with a channel (full names): amount, cost, days, sight, measures of what it shares."""
    body = book.rules[name].body
    if not isinstance(body, model.Channel):
        return ()
    bounds = (book.resources[word].bound for word in body.shares if word in book.resources)
    named = (body.amount, body.cost, body.days, body.in_sight, *bounds)
    return tuple(dict.fromkeys(each for each in named if each))


def shown_names(book: model.Rulebook, names: Sequence[str] | None, full: Sequence[str]) -> list[str]:
    """What a result calls the rules asked: as they were asked, or by their shortest names."""
    groups = {group.name for group in book.groups}
    if names is None or not groups.isdisjoint(names):
        return [book.column_name(name) for name in full]
    return list(dict.fromkeys(names))


def _can_be_asked(rule: model.Rule) -> bool:
    return rule.entity == model.ROOT and rule.kind not in ("scale", *model.NAMED_ONLY)


def near(book: model.Rulebook, name: str) -> str:
    """A hint at names like this one."""
    known = [name for name, full in book.names.items() if len(full) == 1]
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"did you mean {', '.join(close)}?" if close else "see `gangmu rules`"


def assess_cases(
    book: model.Rulebook,
    cases: Iterable[Case],
    rules: Sequence[str],
    dating: Dating,
    advance: Callable[[], object] = lambda: None,
) -> list[CaseAnswers]:
    """Answer `rules` (full names) for every case; `advance` is called after each."""
    found, listed = [], list(cases)
    for case, day in zip(listed, dating.days(listed), strict=True):
        run = Run(book, case, day)
        answers = tuple(answers_of(run, rules))
        found.append(CaseAnswers(case, day, answers, tuple(run.findings)))
        advance()
    return found


def answer(run: Run, name: str) -> Answer:
    """The answer of one rule of a run, with the weakest grade on its deciding path."""
    return outcome(run, name)._replace(grade=grade_of(run, name))


def answers_of(run: Run, names: Sequence[str]) -> list[Answer]:
    """As `answer`, of several rules."""
    found = [outcome(run, name) for name in names]
    return [one._replace(grade=grade) for one, grade in zip(found, grades_of(run, names), strict=True)]


def outcome(run: Run, name: str) -> Answer:
    """What came out of one rule of a run, without its grade."""
    rule, value = run.book.rules[name], run.value(name)
    if rule.kind == "title":
        return _title(run, rule, value)
    ordinary = value.ordinary
    if not value.is_known:
        if isinstance(ordinary, Interval):
            return Answer(None, "unknown", ordinary.lo, ordinary.hi)
        return Answer(None, "unknown")
    if ordinary is None:
        return Answer(None, "undefined" if value.undefined else "not_in_force")
    if isinstance(ordinary, Interval):
        if rule.type == DATE:
            return Answer(_day(ordinary.lo), "known")
        return Answer(Fraction(ordinary.lo), "known", ordinary.lo, ordinary.lo)
    known = next(iter(value.codes or ()))
    return Answer(known, str(known).lower() if isinstance(known, bool) else "known")


def _title(run: Run, rule: model.Rule, value: Value) -> Answer:
    """Whether a title is held, as far as a certificate tells, and until when.

    Its status also says what the numbers do.
    """
    if value == ABSENT:
        return Answer(None, "not_in_force")
    known = value.is_known and value.ordinary is not None
    status = str(next(iter(value.codes or ("unknown",)))) if known else "unknown"
    until = None
    if status in (HELD, LAPSED) and isinstance(rule.body, model.Title):
        end = run.certificate(rule.body)[2]
        until = _day(end.interval.lo) if end.is_known and end.ordinary is not None else None
    held = run.held(rule.name)
    shown = None if not held.is_known or held.ordinary is None else held.is_true
    return Answer(shown, status, until=until)


def _day(ordinal: End) -> date | None:
    """The day of an ordinal; an endless one has none."""
    return None if isinstance(ordinal, float) else date.fromordinal(int(ordinal))
