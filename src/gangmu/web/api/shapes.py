"""What the API takes and gives, with limits on everything that is taken."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(max_length=2_000)]
Name = Annotated[str, Field(max_length=300)]
Cell = Annotated[str, Field(max_length=2_000)] | bool | int | float | None
MAX_RULES, MAX_ROWS, MAX_FIELDS, MAX_UNITS = 200, 500, 2_000, 5_000
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)  # what a day of a question may be
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
EXAMPLE: Final[dict[str, Any]] = {
    "facts": {
        "enterprise": {"staff": 60, "industry": "6513"},
        "rows": {"statement": [{"fiscal_year": 2025, "revenue": "14213600"}]},
    },
    "rules": ["enterprise_size"],
    "as_of": "2026-06-30",
}


CHANGE: Final[dict[str, Any]] = {
    "set": {"star_2_rd_ratio": "10%"},
    "rules": ["star_set_2"],
    "as_of": "2026-06-30",
}
TABLES: Final[dict[str, Any]] = {"enterprise": [{"staff": "60", "industry": "6513"}]}
CITIES: Final[dict[str, Any]] = {
    "rows": [
        {
            "code": code, "en": f"City {code}", "zh": name, "year": 2025, "tile_column": column,
            "tile_row": 1, "rd_intensity": rd, "fiscal_sci_tech": 60, "fiscal_total": 3000,
            "invention_patents": patents, "gdp": 9000,
        }
        for column, code, name, rd, patents in (
            (1, "A", "甲市", 3.4, 38000), (2, "B", "乙市", 2.1, 9000), (3, "C", "丙市", 1.2, 3000),
        )
    ],
    "runs": 100,
}  # fmt: skip


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


class Label(_Shape):
    """What something is called."""

    en: str
    zh: str


class CiteShape(_Shape):
    """Where a rule stands written, and how well that was read."""

    source: str
    at: str
    grade: str


class EditionShape(_Shape):
    """A wording of a rule: from when (this day counts), to when (this day does not), its numbers by path."""

    from_: date | None = Field(alias="from")
    to: date | None
    conditional: bool
    cites: list[CiteShape]
    ours: str
    numbers: dict[str, str]


class RuleShape(_Shape):
    """A rule: its editions with their sources, what it reads, who reads it."""

    name: str
    kind: str
    type: str
    label: Label
    note: str
    layer: str
    where: str
    editions: list[EditionShape]
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

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    facts: Facts
    rules: Annotated[list[Name], Field(max_length=MAX_RULES)] = []
    as_of: Day | None = None
    book: Name = ""


class Outlook(Question):
    """A question about the days up to `until` (default: a year)."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [EXAMPLE | {"until": "2027-06-30", "lang": "en"}]}
    )

    until: Day | None = None
    lang: Literal["en", "zh"] = "en"


class Change(_Shape):
    """A reform: numbers by their path, as `gangmu reform --set` takes them, or from low to high."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [CHANGE]})

    set: Annotated[dict[Name, Name], Field(max_length=MAX_RULES)] = {}
    sweep: Annotated[list[Name], Field(max_length=2)] = []
    rules: Annotated[list[Name], Field(max_length=MAX_RULES)] = []
    by: Annotated[list[Name], Field(max_length=4)] = []
    weight: Name = ""
    listing: Literal["none", "winners", "losers", "both"] = "none"
    as_of: Day | None = None


class Reform(Change):
    """A reform of a rulebook over enterprises that are sent along."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"enterprises": [EXAMPLE["facts"]], **CHANGE}]},
    )

    enterprises: Annotated[list[Facts], Field(min_length=1, max_length=MAX_ROWS)]
    book: Name = ""


class Units(_Shape):
    """The units of an index, a row each, and how its uncertainty is worked out."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [CITIES]})

    rows: Annotated[
        list[Annotated[dict[Name, Cell], Field(max_length=MAX_FIELDS)]],
        Field(min_length=1, max_length=MAX_UNITS),
    ]
    year: Annotated[str, Field(max_length=20)] = ""
    runs: Annotated[int, Field(ge=0, le=2000)] = 1000
    seed: Annotated[int, Field(ge=0, le=2**31)] = 1


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


class Told(_Shape):
    """Why one rule came out as it did: what is missing, the shortest lawful ways, the reasons in words."""

    case: str
    as_of: date
    base_year: int
    rulebook: dict[str, str]
    rule: str
    label: Label
    status: str
    value: Any
    until: date | None
    grade: str
    layers: list[str]
    missing: list[dict[str, Any]]
    ways: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    text: dict[str, dict[str, Any]]


class UseShape(_Shape):
    """A channel in a set; its ends are the least and the most (exact numbers as texts)."""

    channel: str
    standing: str
    amount: list[str] | None
    cost: list[str] | None
    days: list[str] | None
    shares: list[str]


class SharedShape(_Shape):
    """A resource that several channels rest on: its amounts are never added up."""

    resource: str
    channels: list[str]
    now: list[str] | None
    at_most: str


class Channels(_Shape):
    """Which channels can be used together: how many sets, the first of them, what they share."""

    case: str
    as_of: date
    rulebook: dict[str, str]
    sets: int
    first: list[list[UseShape]]
    shared: list[SharedShape]
    closed: list[str]
    folded: list[str]
    not_asked: list[str]


class Turn(_Shape):
    """A day on which an answer changes by itself."""

    date: date
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


class Due(_Shape):
    """The days on which answers change though nobody does anything."""

    record: dict[str, Any]
    changes: list[Turn]


class Reformed(_Shape):
    """What a reform does: totals, who moves from where to where, the cases asked for."""

    record: dict[str, Any]
    tables: dict[str, list[dict[str, Any]]]


class Moved(_Shape):
    """Which answers of one run are others in a second, and what did it: law, facts, time."""

    record: dict[str, Any]
    common: int
    new: list[str]
    gone: list[str]
    reasons: dict[str, dict[str, int]]
    not_worked_out: list[Any]
    changes: list[dict[str, Any]]
    more: int


class Tracked(_Shape):
    """Where the targets of a plan stand, how fast they move, where they may end."""

    as_of: date
    counts: dict[str, int]
    targets: list[dict[str, Any]]
    splits: list[dict[str, Any]]
    record: dict[str, Any]


class Indexed(_Shape):
    """An index: every unit with score, rank and the ranks of nine runs in ten."""

    index: str
    label: Label
    year: Any
    grade: str
    methods: Any
    weights: Any
    notes: Any
    units: list[dict[str, Any]]
    figures: Any
    audit: list[dict[str, Any]]
    left_out: list[dict[str, Any]]
    parts: dict[str, dict[str, float]] = {}
    sensitivity: dict[str, Any] = {}
    record: dict[str, Any]


class Query(_Shape):
    """A rule as one query."""

    dialect: str
    sql: str


class NewEnterprise(_Shape):
    """An enterprise to keep."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "Lantern 灯笼", "tables": TABLES}]}
    )

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

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"version": 1, "tables": TABLES}]}
    )

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
