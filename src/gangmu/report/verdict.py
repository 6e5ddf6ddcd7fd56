"""An answer in one or two words with its sign: `✓ held until 2027-05-01`, `✗ blocked`, `4.2% to 7%`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from gangmu.engine.assess import Answer
from gangmu.engine.values import INF, Interval, Value, one_of, point
from gangmu.report.labels import value_words
from gangmu.report.words import SIGNS, STATUS_WORDS, say, word
from gangmu.rulebook import model
from gangmu.rulebook.types import NumberType

GROUPS = ("met", "blocked", "missing", "known", "other")  # for counting


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer for people. `status` is the answer's own; `group` is one of `GROUPS`."""

    sign: str
    words: str
    status: str
    group: str

    def __str__(self) -> str:
        """Sign and words."""
        return f"{self.sign} {self.words}".strip()


_GROUP_OF = {
    **dict.fromkeys(("true", "held", "conditions_met"), "met"),
    **dict.fromkeys(("false", "blocked", "lapsed"), "blocked"),
    "unknown": "missing",
    "known": "known",
}


def group_of(status: str) -> str:
    """The group of a status: one of `GROUPS`."""
    return _GROUP_OF.get(status, "other")


def verdict(book: model.Rulebook, name: str, answer: Answer, lang: str) -> Verdict:
    """The verdict of one rule (full name)."""
    rule, status = book.rules[name], answer.status
    group = group_of(status)
    if status == "known":
        return Verdict("", _known(book, rule, answer, lang), status, group)
    text = word(STATUS_WORDS, status, lang)
    if status == "unknown" and isinstance(rule.type, NumberType) and _bounded(answer):
        return Verdict(SIGNS[status], value_words(book, _value(answer), rule.type, rule, lang), status, group)
    if answer.until is not None and status in ("held", "lapsed"):
        key = "until" if status == "held" else "since then"
        text = say(lang, key, a=text, day=answer.until.isoformat())
    return Verdict(SIGNS[status], text, status, group)


def _known(book: model.Rulebook, rule: model.Rule, answer: Answer, lang: str) -> str:
    value = answer.value
    if isinstance(value, Fraction):
        return value_words(book, point(value), rule.type, rule, lang)
    if isinstance(value, str | bool):
        return value_words(book, one_of([value]), rule.type, rule, lang)
    return "" if value is None else value.isoformat()


def _bounded(answer: Answer) -> bool:
    """Whether at least one end of a number is known."""
    ends = (answer.low, answer.high)
    return any(isinstance(end, Fraction) for end in ends)


def _value(answer: Answer) -> Value:
    low = -INF if answer.low is None else answer.low
    high = INF if answer.high is None else answer.high
    return Value(Interval(low, high))
