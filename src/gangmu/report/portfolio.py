"""A portfolio over many outcomes: how many have each, how much the open channels give, what blocks most.

Counts are of all cases, amounts are added up over enterprises and never over the channels of one: each
channel's total stands by itself. What blocks is counted over the cases that are told in full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import pyarrow.compute as pc

from gangmu.engine.outcomes import HIGH, LOW, STATUS
from gangmu.engine.values import INF, End, Interval, Value
from gangmu.report.glance import grouped
from gangmu.report.labels import capital, code_labels, label_of, value_words
from gangmu.report.result import Result
from gangmu.report.verdict import GROUPS, group_of
from gangmu.report.words import say
from gangmu.rulebook import model
from gangmu.rulebook.types import CodeType, LevelType

OPEN = "true"
MOST_BLOCKS = 2  # named a rule
MOST_VALUES = 6


@dataclass(frozen=True, slots=True)
class Count:
    """An outcome over all cases: counts by group of statuses with their share, and what is to be said."""

    label: str
    counts: tuple[tuple[str, int, float], ...]  # group, number, percent of all
    told: str
    blocks: str


@dataclass(frozen=True, slots=True)
class Group:
    """A group of outcomes."""

    label: str
    rules: tuple[Count, ...]


def overview_of(result: Result, lang: str, blocking: Mapping[str, Counter[str]]) -> list[Group]:
    """Every outcome asked, group by group."""
    return [
        Group(label, tuple(_count(result, name, lang, blocking.get(name, Counter())) for name in rules))
        for label, rules in grouped(result.book, result.rules, lang)
    ]


def _count(result: Result, name: str, lang: str, blocking: Counter[str]) -> Count:
    shown = result.names[result.rules.index(name)]
    counts = Counter[str]()
    for status, number in result.counts(shown).items():
        counts[group_of(status)] += number
    found = tuple((each, counts[each], 100 * counts[each] / len(result)) for each in GROUPS if counts[each])
    said = (f"{text} ({number:,})" for text, number in blocking.most_common(MOST_BLOCKS))
    label = capital(label_of(result.book.rules[name], lang))
    told = _amount(result, name, shown, lang) or _values(result, name, shown, lang)
    return Count(label, found, told, say(lang, "pause").join(said))


def _values(result: Result, name: str, shown: str, lang: str) -> str:
    """How many have each code or level, in the order of the scale, or most frequent first."""
    rule = result.book.rules[name]
    if not isinstance(rule.type, CodeType | LevelType):
        return ""
    found = {one["values"]: one["counts"] for one in pc.value_counts(result.table.column(shown)).to_pylist()}
    found.pop(None, None)
    codes: Iterable[str] = sorted(found, key=lambda code: (-found[code], code))[:MOST_VALUES]
    if isinstance(rule.type, LevelType):
        codes = [code for code in rule.type.scale if code in found]
    labels = code_labels(result.book, rule.type, rule)
    words = {code: (labels[code].in_(lang) if code in labels else "") or code for code in codes}
    return say(lang, "pause").join(f"{words[code]} {found[code]:,}" for code in codes)


def _amount(result: Result, name: str, shown: str, lang: str) -> str:
    """What a channel gives to all for whom it is open, if its amount is in the table."""
    body = result.book.rules[name].body
    if not isinstance(body, model.Channel) or body.amount not in result.rules:
        return ""
    column = result.names[result.rules.index(body.amount)]
    is_open = pc.equal(result.table.column(f"{shown}{STATUS}"), OPEN)
    totals = [
        pc.sum(pc.filter(result.table.column(f"{column}{end}"), is_open)).as_py() for end in (LOW, HIGH)
    ]
    if totals[0] is None or totals[1] is None:
        return ""
    low, high = (_end(total) for total in totals)
    rule = result.book.rules[body.amount]
    total = value_words(result.book, Value(Interval(low, high)), rule.type, rule, lang)
    return say(lang, "open to all", n=total)


def _end(total: float) -> End:
    """A total of doubles, rounded to whole units."""
    return Fraction(round(total)) if abs(total) < INF else total
