"""What the API takes and gives.

Written from the OpenAPI schema by `gangmu.web.client_from_schema`: do not edit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Answer:
    """An answer: its status, its value or bounds (exact numbers as texts), the weakest grade."""

    status: str
    value: str | bool | None = None
    low: str | None = None
    high: str | None = None
    until: dt.date | None = None
    grade: str = ""


@dataclass(frozen=True)
class Answered:
    """Answers by rule, what was not read, and the record that gives the same answers again."""

    answers: Mapping[str, Answer]
    unread: Sequence[Trouble]
    record: Mapping[str, Any]


@dataclass(frozen=True)
class Book:
    """A served rulebook."""

    name: str
    version: str
    digest: str
    rules: int
    outcomes: Sequence[str]


@dataclass(frozen=True)
class Change:
    """A reform: numbers by their path, as `gangmu reform --set` takes them, or from low to high."""

    set: Mapping[str, str] = field(default_factory=dict)
    sweep: Sequence[str] = field(default_factory=list)
    rules: Sequence[str] = field(default_factory=list)
    by: Sequence[str] = field(default_factory=list)
    weight: str = ""
    listing: Literal["none", "winners", "losers", "both"] = "none"
    as_of: dt.date | None = None


@dataclass(frozen=True)
class Changed:
    """Facts that replace those of version `version`."""

    version: int
    tables: Mapping[str, Sequence[Mapping[str, str]]]


@dataclass(frozen=True)
class Channels:
    """Which channels can be used together: how many sets, the first of them, what they share."""

    case: str
    as_of: dt.date
    rulebook: Mapping[str, str]
    sets: int
    first: Sequence[Sequence[Use]]
    shared: Sequence[Shared]
    closed: Sequence[str]
    folded: Sequence[str]
    not_asked: Sequence[str]


@dataclass(frozen=True)
class Cite:
    """Where a rule stands written, and how well that was read."""

    source: str
    at: str
    grade: str


@dataclass(frozen=True)
class Decided:
    """Answers by rule, without grades: the quick way."""

    answers: Mapping[str, Answer]


@dataclass(frozen=True)
class Due:
    """The days on which answers change though nobody does anything."""

    record: Mapping[str, Any]
    changes: Sequence[Turn]


@dataclass(frozen=True)
class Edition:
    """A wording of a rule: from when (this day counts), to when (this day does not), its numbers by path."""

    from_: dt.date | None
    to: dt.date | None
    conditional: bool
    cites: Sequence[Cite]
    ours: str
    numbers: Mapping[str, str]


@dataclass(frozen=True)
class Enterprise:
    """A kept enterprise."""

    id: str
    name: str
    book: str
    version: int
    changed: dt.datetime
    tables: Mapping[str, Sequence[Mapping[str, str]]] | None = None


@dataclass(frozen=True)
class Facts:
    """One enterprise: its facts by field, its rows by entity."""

    enterprise: Mapping[str, str | bool | int | float | None] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Mapping[str, str | bool | int | float | None]]] = field(default_factory=dict)
    complete: Sequence[str] = field(default_factory=list)


@dataclass(frozen=True)
class Indexed:
    """An index: every unit with score, rank and the ranks of nine runs in ten."""

    index: str
    label: Label
    year: Any
    grade: str
    methods: Any
    weights: Any
    notes: Any
    units: Sequence[Mapping[str, Any]]
    figures: Any
    audit: Sequence[Mapping[str, Any]]
    left_out: Sequence[Mapping[str, Any]]
    record: Mapping[str, Any]
    parts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    sensitivity: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Indicator:
    """An indicator on a day."""

    url: str
    label: str
    baseline: str
    target: str
    latest: str
    when: str
    state: str
    words: str
    grade: str
    covered: float | None


@dataclass(frozen=True)
class Label:
    """What something is called."""

    en: str
    zh: str


@dataclass(frozen=True)
class Moved:
    """Which answers of one run are others in a second, and what did it: law, facts, time."""

    record: Mapping[str, Any]
    common: int
    new: Sequence[str]
    gone: Sequence[str]
    reasons: Mapping[str, Mapping[str, int]]
    not_worked_out: Sequence[Any]
    changes: Sequence[Mapping[str, Any]]
    more: int


@dataclass(frozen=True)
class NewEnterprise:
    """An enterprise to keep."""

    name: str
    book: str = ""
    tables: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Outlook:
    """A question about the days up to `until` (default: a year)."""

    facts: Facts
    rules: Sequence[str] = field(default_factory=list)
    as_of: dt.date | None = None
    book: str = ""
    until: dt.date | None = None
    lang: Literal["en", "zh"] = "en"


@dataclass(frozen=True)
class Portfolio:
    """A portfolio and how far it is."""

    id: str
    name: str
    book: str
    as_of: dt.date
    state: str
    done: int
    total: int
    problems: Sequence[Mapping[str, Any]]
    summary: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ProblemDetails:
    """A refusal (RFC 9457); `problems` has everything that is wrong, at once."""

    type: str
    title: str
    status: int
    detail: str = ""
    instance: str = ""
    problems: Sequence[Trouble] = field(default_factory=list)


@dataclass(frozen=True)
class Query:
    """A rule as one query."""

    dialect: str
    sql: str


@dataclass(frozen=True)
class Question:
    """Facts, the rules asked (default: the outcomes), the day (default: today)."""

    facts: Facts
    rules: Sequence[str] = field(default_factory=list)
    as_of: dt.date | None = None
    book: str = ""


@dataclass(frozen=True)
class Reform:
    """A reform of a rulebook over enterprises that are sent along."""

    enterprises: Sequence[Facts]
    set: Mapping[str, str] = field(default_factory=dict)
    sweep: Sequence[str] = field(default_factory=list)
    rules: Sequence[str] = field(default_factory=list)
    by: Sequence[str] = field(default_factory=list)
    weight: str = ""
    listing: Literal["none", "winners", "losers", "both"] = "none"
    as_of: dt.date | None = None
    book: str = ""


@dataclass(frozen=True)
class Reformed:
    """What a reform does: totals, who moves from where to where, the cases asked for."""

    record: Mapping[str, Any]
    tables: Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Rule:
    """A rule: its editions with their sources, what it reads, who reads it."""

    name: str
    kind: str
    type: str
    label: Label
    note: str
    layer: str
    where: str
    editions: Sequence[Edition]
    reads: Sequence[str]
    read_by: Sequence[str]


@dataclass(frozen=True)
class Shared:
    """A resource that several channels rest on: its amounts are never added up."""

    resource: str
    channels: Sequence[str]
    now: Sequence[str] | None
    at_most: str


@dataclass(frozen=True)
class Told:
    """Why one rule came out as it did: what is missing, the shortest lawful ways, the reasons in words."""

    case: str
    as_of: dt.date
    base_year: int
    rulebook: Mapping[str, str]
    rule: str
    label: Label
    status: str
    value: Any
    until: dt.date | None
    grade: str
    layers: Sequence[str]
    missing: Sequence[Mapping[str, Any]]
    ways: Sequence[Mapping[str, Any]]
    findings: Sequence[Mapping[str, Any]]
    text: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Tracked:
    """Where the targets of a plan stand, how fast they move, where they may end."""

    as_of: dt.date
    counts: Mapping[str, int]
    targets: Sequence[Mapping[str, Any]]
    splits: Sequence[Mapping[str, Any]]
    record: Mapping[str, Any]


@dataclass(frozen=True)
class Trouble:
    """One thing wrong with what was sent."""

    code: str
    where: str
    what: str
    expected: str = ""
    todo: str = ""
    other: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Turn:
    """A day on which an answer changes by itself."""

    date: dt.date
    enterprise: str
    rule: str
    label: str
    before: str
    after: str
    direction: str
    because: str
    source: str
    grade: str
    todo: str


@dataclass(frozen=True)
class Units:
    """The units of an index, a row each, and how its uncertainty is worked out."""

    rows: Sequence[Mapping[str, str | bool | int | float | None]]
    year: str = ""
    runs: int = 1000
    seed: int = 1


@dataclass(frozen=True)
class Use:
    """A channel in a set; its ends are the least and the most (exact numbers as texts)."""

    channel: str
    standing: str
    amount: Sequence[str] | None
    cost: Sequence[str] | None
    days: Sequence[str] | None
    shares: Sequence[str]
