"""Many cases, some rules, a date: one row a case.

`Answers` holds what came out, ready for Arrow; `gangmu.result` gives it its face. A rule's columns are its value, `.low` and `.high` where numbers may have holes,
`.status`, `.grade` (the weakest citation on the deciding path), and for titles `.until`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from gangmu.engine.dates import Dating
from gangmu.engine.explain import explain
from gangmu.engine.interpreter import BLOCKED, CONDITIONS_MET, HELD, LAPSED, Finding, Run
from gangmu.engine.values import INF, Interval, Value
from gangmu.errors import Problem, QuestionError
from gangmu.evidence.facts import Case
from gangmu.rulebook import model
from gangmu.rulebook.types import DATE, LevelType, NumberType

STATUSES = (
    "true",
    "false",
    "known",
    "unknown",
    "undefined",
    "not_in_force",
    HELD,
    CONDITIONS_MET,
    BLOCKED,
    LAPSED,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came out of one rule for one case."""

    value: Fraction | str | bool | date | None
    status: str
    low: Fraction | float | None = None
    high: Fraction | float | None = None
    grade: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class CaseAnswers:
    """All answers of one case, in the order of the rules asked."""

    case: Case
    as_of: date
    answers: tuple[Answer, ...]
    findings: tuple[Finding, ...]


def resolve_rules(book: model.Rulebook, names: Iterable[str] | None) -> list[str]:
    """The full names of the rules asked (default: the book's outcomes). Raises `QuestionError` with every wrong name."""
    if names is None:
        return list(book.outcomes)
    found, problems = [], []
    for name in names:
        candidates = book.names.get(name, ())
        if (
            len(candidates) == 1
            and book.rules[candidates[0]].entity == book.root
            and book.rules[candidates[0]].kind != "scale"
        ):
            found.append(candidates[0])
        elif len(candidates) > 1:
            problems.append(
                Problem(
                    "name-ambiguous",
                    "rules",
                    f"`{name}` can mean {' or '.join(candidates)}",
                    "one rule",
                    "write the full name",
                )
            )
        else:
            problems.append(
                Problem(
                    "name-unknown",
                    "rules",
                    f"`{name}` is no rule that can be asked",
                    "a rule of the enterprise",
                    near(book, name),
                )
            )
    if problems:
        raise QuestionError(problems)
    return list(dict.fromkeys(found))


def near(book: model.Rulebook, name: str) -> str:
    """A hint at names like this one."""
    import difflib

    close = difflib.get_close_matches(
        name, [n for n, full in book.names.items() if len(full) == 1], n=3, cutoff=0.5
    )
    return f"did you mean {', '.join(close)}?" if close else "see `gangmu rules`"


def assess_cases(
    book: model.Rulebook,
    cases: Iterable[Case],
    rules: Sequence[str],
    dating: Dating,
    advance: Callable[[], object] = lambda: None,
) -> list[CaseAnswers]:
    """Answer `rules` (full names) for every case with the interpreter; `advance` is called after each case."""
    found, listed = [], list(cases)
    for case, day in zip(listed, dating.days(listed), strict=True):
        run = Run(book, case, day)
        answers = tuple(answer(run, name) for name in rules)
        found.append(CaseAnswers(case, day, answers, tuple(run.findings)))
        advance()
    return found


def answer(run: Run, name: str) -> Answer:
    """The answer of one rule of a run."""
    rule, value = run.book.rules[name], run.value(name)
    grade = explain(run, name).grade
    if rule.kind == "title":
        return _title(run, rule, value, grade)
    if not value.is_known:
        low, high = (
            (value.ordinary.lo, value.ordinary.hi) if isinstance(value.ordinary, Interval) else (None, None)
        )
        return Answer(None, "unknown", low, high, grade)
    if value.ordinary is None:
        return Answer(None, "undefined" if value.undefined else "not_in_force", grade=grade)
    if isinstance(value.ordinary, Interval):
        number = value.ordinary.lo
        if rule.type == DATE:
            return Answer(
                date.fromordinal(int(number)) if number not in (INF, -INF) else None, "known", grade=grade
            )
        return Answer(Fraction(number), "known", number, number, grade)
    known = next(iter(value.codes or ()))
    return Answer(known, str(known).lower() if isinstance(known, bool) else "known", grade=grade)


def _title(run: Run, rule: model.Rule, value: Value, grade: str) -> Answer:
    if value.is_known and value.ordinary is None and value.absent:
        return Answer(None, "not_in_force", grade=grade)
    status = (
        str(next(iter(value.codes or ("unknown",))))
        if value.is_known and value.ordinary is not None
        else "unknown"
    )
    until = None
    if status in (HELD, LAPSED) and isinstance(rule.body, model.Title):
        end = run.certificate(rule.body)[2]
        if end.is_known and isinstance(end.ordinary, Interval) and end.ordinary.lo not in (INF, -INF):
            until = date.fromordinal(int(end.ordinary.lo))
    held = {HELD: True, CONDITIONS_MET: False, BLOCKED: False, LAPSED: False}.get(status)
    return Answer(held, status, grade=grade, until=until)


def is_number(rule: model.Rule) -> bool:
    """Whether a rule's column holds numbers."""
    return isinstance(rule.type, NumberType)


def is_code(rule: model.Rule) -> bool:
    """Whether a rule's column holds codes or levels."""
    return isinstance(rule.type, LevelType) or type(rule.type).__name__ == "CodeType"
