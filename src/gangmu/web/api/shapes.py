"""What the API takes and gives, with limits on everything that is taken."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(max_length=2_000)]
Name = Annotated[str, Field(max_length=300)]
Cell = Annotated[str, Field(max_length=2_000)] | bool | int | float | None
MAX_RULES, MAX_ROWS, MAX_FIELDS = 200, 500, 2_000


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Trouble(_Shape):
    """One thing wrong with what was sent."""

    code: str
    where: str
    what: str
    expected: str = ""
    todo: str = ""
    other: str = ""
    rule: str = ""


class ProblemDetails(_Shape):
    """A refusal (RFC 9457); `problems` has everything that is wrong, at once."""

    type: str
    title: str
    status: int
    detail: str = ""
    instance: str = ""
    problems: list[Trouble] = []


class BookShape(_Shape):
    """A served rulebook."""

    name: str
    version: str
    digest: str
    rules: int
    outcomes: list[str]


class RuleShape(_Shape):
    """A rule: its editions with their sources, what it reads, who reads it."""

    name: str
    kind: str
    type: str
    label: dict[str, str]
    note: str
    layer: str
    where: str
    editions: list[dict[str, Any]]
    reads: list[str]
    read_by: list[str]


class IndicatorShape(_Shape):
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


class Facts(_Shape):
    """One enterprise: its facts by field, its rows by entity."""

    enterprise: Annotated[dict[Name, Cell], Field(max_length=MAX_FIELDS)] = {}
    rows: Annotated[
        dict[
            Name,
            Annotated[
                list[Annotated[dict[Name, Cell], Field(max_length=MAX_FIELDS)]], Field(max_length=MAX_ROWS)
            ],
        ],
        Field(max_length=100),
    ] = {}
    complete: Annotated[list[Name], Field(max_length=100)] = []


class Question(_Shape):
    """Facts, the rules asked (default: the outcomes), the day (default: today)."""

    facts: Facts
    rules: Annotated[list[Name], Field(max_length=MAX_RULES)] = []
    as_of: date | None = None
    book: Name = ""


class AnswerShape(_Shape):
    """An answer: its status, its value or bounds (exact numbers as texts), the weakest grade."""

    status: str
    value: str | bool | None = None
    low: str | None = None
    high: str | None = None
    until: date | None = None
    grade: str = ""


class Answered(_Shape):
    """Answers by rule, what was not read, and the record that gives the same answers again."""

    answers: dict[str, AnswerShape]
    unread: list[Trouble]
    record: dict[str, Any]


class Decided(_Shape):
    """Answers by rule, without grades: the quick way."""

    answers: dict[str, AnswerShape]


class NewEnterprise(_Shape):
    """An enterprise to keep."""

    name: Annotated[str, Field(min_length=1, max_length=300)]
    book: Name = ""
    tables: Annotated[
        dict[
            Name,
            Annotated[
                list[Annotated[dict[Name, Text], Field(max_length=MAX_FIELDS)]], Field(max_length=MAX_ROWS)
            ],
        ],
        Field(max_length=100),
    ] = {}


class Changed(_Shape):
    """Facts that replace those of version `version`."""

    version: int = Field(ge=1, le=2**31)
    tables: Annotated[
        dict[
            Name,
            Annotated[
                list[Annotated[dict[Name, Text], Field(max_length=MAX_FIELDS)]], Field(max_length=MAX_ROWS)
            ],
        ],
        Field(max_length=100),
    ]


class EnterpriseShape(_Shape):
    """A kept enterprise."""

    id: str
    name: str
    book: str
    version: int
    changed: datetime
    tables: dict[str, list[dict[str, str]]] | None = None


class PortfolioShape(_Shape):
    """A portfolio and how far it is."""

    id: str
    name: str
    book: str
    as_of: date
    state: str
    done: int
    total: int
    problems: list[dict[str, Any]]
    summary: dict[str, Any] = {}
