"""What a rulebook is once it is read: immutable values, each with the page and line that it came from.

A `Rule` has one or more `Edition`s (its validity in time), and each edition has one `Body`, what the rule
does. Formulas are trees of `gangmu.rulebook.expression`. Numbers are exact fractions in base units (CNY,
persons, months, days, points, counts, ratios).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from gangmu.rulebook.expression import Expression
from gangmu.rulebook.types import Type

GRADES = ("official", "transcriptions", "secondary", "recalled", "conflict")
FORCES = ("law", "regulation", "normative", "standard", "practice", "draft")
ORIGINS = ("registry", "audited", "tax_return", "ledger", "self_declared")
# Words by which evidence says that there is none; no code of an input may be one of them.
NONE_WORDS = ("n/a", "N/A", "无", "不适用", "none", "None", "NONE")
ROOT = "enterprise"

Bound = Literal["ge", "gt", "le", "lt"]
Side = Literal["ge", "gt"]  # of a mark to pass
InputKind = Literal["number", "condition", "code", "date", "year", "text"]
Changeable = Literal["never", "now", "from_next_period"]
Hit = Literal["ladder_up", "ladder_down", "unique", "first", "best", "sum"]
How = Literal["down", "up", "half_up", "half_even"]
Pick = Literal["least", "greatest"]
Period = Literal["year", "date", "none"]
Direction = Literal["up", "down"]  # which way an indicator should go
Nature = Literal["expected", "binding"]


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a rulebook: page file and line (1-based)."""

    page: str
    line: int

    def __str__(self) -> str:
        """Write as `page.md:12`."""
        return f"{self.page}:{self.line}"


@dataclass(frozen=True, slots=True)
class Label:
    """A name for people, in English and Chinese (either may be empty)."""

    en: str = ""
    zh: str = ""

    def in_(self, lang: str) -> str:
        """Give the text in `lang` (`en` or `zh`), or in the other language if it has none."""
        return (self.zh or self.en) if lang == "zh" else (self.en or self.zh)


@dataclass(frozen=True, slots=True)
class Source:
    """An entry of the bibliography."""

    id: str
    title: Label
    force: str
    issuer: str = ""
    doc_no: str = ""
    date: str = ""
    url: str = ""
    read: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """Source and article of a rule, and how well the source was read."""

    source: str
    at: str
    grade: str
    read: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """On what a rule rests: citations, or the reason why it is our own."""

    cites: tuple[Citation, ...] = ()
    ours: str = ""

    @property
    def grade(self) -> str:
        """The weakest grade among the citations; empty if the rule is ours."""
        return max((cite.grade for cite in self.cites), key=GRADES.index, default="")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a rulebook: exact value in base units, its type, its text as written, and where."""

    value: Fraction
    type: Type
    text: str
    where: Where


@dataclass(frozen=True, slots=True)
class Range:
    """Possible values of an input, closed; None is no limit."""

    lo: Fraction | None = None
    hi: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """A field that evidence fills."""

    input: InputKind
    unit: str = "ratio"
    factor: Fraction = Fraction(1)  # one of `unit` in base units
    decimals: int = 6
    range: Range = Range()
    options: Mapping[str, Label] = field(default_factory=dict)
    pattern: str = ""
    ask: Label = Label()
    changeable: Changeable = "never"
    origins: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scale:
    """Ordered codes, lowest first."""

    codes: tuple[str, ...]
    labels: Mapping[str, Label]


@dataclass(frozen=True, slots=True)
class Formula:
    """A value or a condition; `unless` is an exception under which a condition counts as met."""

    expression: Expression
    unless: Expression | None = None
    stated: bool = False
    rounding: Rounding | None = None


@dataclass(frozen=True, slots=True)
class Rounding:
    """Round to whole multiples of `to`, in the way `how`."""

    to: Quantity
    how: How


@dataclass(frozen=True, slots=True)
class Cell:
    """What a table row gives: a number, a code, a truth value, or a band that an expert judges.

    `answer` names the input that answers the band.
    """

    number: Quantity | None = None
    code: str | None = None
    truth: bool | None = None
    band: tuple[Quantity, Quantity] | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: tests on the `by` value or a `when` formula, and what the row gives."""

    name: str
    where: Where
    cell: Cell
    bounds: Mapping[Bound, Quantity] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    except_prefixes: tuple[str, ...] = ()
    when: Expression | None = None
    label: Label = Label()
    standing: Standing | None = None

    @property
    def is_rest(self) -> bool:
        """Whether the row has no test and takes what the others leave."""
        return not (self.bounds or self.codes or self.prefixes or self.when)


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table (also a parameter, a constant being a table of one row)."""

    type: Type
    hit: Hit
    rows: tuple[Row, ...]
    by: Expression | None = None
    parameter: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a score."""

    name: str
    expression: Expression
    cap: Quantity | None = None
    min: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A sum of parts with caps, and the mark to pass."""

    parts: tuple[Part, ...]
    cap: Quantity | None
    passing: tuple[Side, Quantity] | None
    rounding: Rounding | None


@dataclass(frozen=True, slots=True)
class LevelOf:
    """The lowest or highest of several levels."""

    pick: Pick
    of: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Amount:
    """The least of named limits, while `when` holds; else nothing."""

    limits: tuple[tuple[str, Expression], ...]
    when: Expression | None
    rounding: Rounding | None


@dataclass(frozen=True, slots=True)
class Title:
    """A status granted by an authority: conditions, and the inputs that hold its certificate."""

    conditions: Expression
    number: str
    valid_from: str
    valid_to: str
    valid_months: Quantity | None


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to money: the condition for it to be open, and facts about it.

    While it is undecided and the condition `in_sight` is not known to hold, it is folded away.
    """

    open: Expression
    decides: str
    who: Label
    amount: str = ""
    cost: str = ""
    days: str = ""
    papers: tuple[Label, ...] = ()
    excludes: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    in_sight: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A thing that a document names and no formula computes: a task, a project, a standard to review by.

    `word` says what it is in the document's own terms; `part_of` is the full name of the item above it;
    `pages` are the pages of the book that answer it.
    """

    word: str
    part_of: str = ""
    serves: tuple[str, ...] = ()
    says: Label = Label()
    pages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A value that a plan names for a year: where it starts, or what it aims at."""

    year: int
    value: Quantity


@dataclass(frozen=True, slots=True)
class Observation:
    """A published value of an indicator; `value` is None where it was looked for and not found.

    `period` is a year, month or day as text and `ends` its last day; `known_on` the day of publication, if
    that is known. `bound` is `lower` or `upper` where the source says "over" or "under"; `basis` names the
    definition or base that the value is counted on where it is not the indicator's own; `obs_status` is a
    code of SDMX's CL_OBS_STATUS (`B`: the series breaks here); `place` is empty for the indicator's own
    scope.
    """

    period: str
    ends: date
    value: Quantity | None
    cite: Citation | None
    where: Where
    known_on: date | None = None
    note: str = ""
    bound: str = ""
    basis: str = ""
    obs_status: str = ""
    licence: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """What a plan measures itself by: its start, its targets and what was observed since.

    Declared here, tracked in `plan/`; no rule of an enterprise reads it.
    """

    unit: str
    kind: Type
    baselines: tuple[Mark, ...]
    targets: tuple[Mark, ...]
    direction: Direction = "up"
    nature: Nature = "expected"
    scope: str = ""  # whom it is counted for: a nation, a province, a city
    producer: Label = Label()
    lead: Label = Label()
    definition: Label = Label()
    serves: tuple[str, ...] = ()
    observations: tuple[Observation, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A method of one stage of an index, with its options by name.

    An option is a number, a text (of a column), numbers, or numbers by names (nested for tables of experts).
    """

    stage: str
    by: str
    options: Mapping[str, object]
    standing: Standing
    where: Where


@dataclass(frozen=True, slots=True)
class Element:
    """A node of an index below its top: an indicator (a leaf), or a group of elements.

    `parent` is empty right under the top. An indicator is read from `column`, or is a rule of the book worked
    out for each unit (`rule`, its full name); it may be divided by the column `per`.
    """

    name: str
    parent: str
    weight: Fraction
    label: Label
    where: Where
    standing: Standing
    leaf: bool = True
    direction: Direction = "up"
    column: str = ""
    per: str = ""
    rule: str = ""
    unit: Label = Label()
    goalposts: tuple[Fraction, Fraction] | None = None


@dataclass(frozen=True, slots=True)
class Factor:
    """What of an index is uncertain: other methods of a stage, weights that may differ, elements left out.

    `choices` are all methods that are tried, the declared one first. For `weights` `spread` is the part by
    which each weight below `of` may be higher or lower, and `sets` how many draws are tried.
    """

    name: str
    where: Where
    choices: tuple[Choice, ...] = ()
    spread: Fraction = Fraction(0)
    sets: int = 0
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """How the table of units is laid out: columns of the unit's key, its name (en, zh) and the year.

    A long table (a row a value) has columns of the indicator and the value; `filled` marks values that the
    publisher filled in. `tile` names the columns of a unit's place (column and row, from the north-west) on a
    map of tiles.
    """

    unit: str
    name: Label = Label()
    year: str = ""
    indicator: str = ""
    value: str = ""
    filled: str = ""
    tile: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Index:
    """A composite indicator over a population: elements, the method of each stage, what is varied.

    Terminal: it may read rules of a case, no rule reads it. Declared here, computed in `plan/index`.
    `population` is the text of the table that is shipped beside the page, if any.
    """

    layout: Layout
    elements: tuple[Element, ...]
    stages: Mapping[str, Choice]
    vary: tuple[Factor, ...] = ()
    tiers: int = 0
    covers: Label = Label()
    population: str = ""
    serves: tuple[str, ...] = ()


Body = Input | Scale | Formula | Table | Score | LevelOf | Amount | Title | Channel | Item | Indicator | Index
NAMED_ONLY = ("item", "indicator", "index")  # kinds of rules that nothing computes for an enterprise


@dataclass(frozen=True, slots=True)
class Edition:
    """One wording of a rule, in force on the half-open days [start, end); None is no limit."""

    body: Body
    standing: Standing
    where: Where
    start: date | None = None
    end: date | None = None
    when: Expression | None = None

    def in_force(self, day: date) -> bool:
        """Whether the day is one of its days."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule.

    `kind` is the word of the language (`condition`, `title`, ...); `entity` is the row entity or the root.
    """

    name: str  # full: page path, dot, name
    short: str  # bare name, with `entity.` before a row rule
    kind: str
    page: str
    entity: str
    layer: str
    where: Where
    type: Type
    editions: tuple[Edition, ...]
    label: Label = Label()
    note: str = ""
    open: bool = False
    gap: str = ""

    @property
    def body(self) -> Body:
        """The body of the newest edition (the only one, of an input or scale)."""
        return self.editions[-1].body

    @property
    def input(self) -> Input:
        """The body of an input rule."""
        body = self.body
        if not isinstance(body, Input):
            raise TypeError(self.name)
        return body


@dataclass(frozen=True, slots=True)
class Entity:
    """A related entity: the field of its period, its key, and the date since which a row a year is due."""

    name: str
    label: Label
    where: Where
    page: str
    period: str = ""  # field name; empty: none
    period_kind: Period = "none"
    key: str = ""
    since: str = ""  # full name of the owner's date input; empty: no rows are expected


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """Evidence, a date, and what must come out; `raw` is the block's mapping with its texts."""

    page: str
    where: Where
    name: str
    kind: str
    raw: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its text, labels, date basis and tasks served."""

    name: str
    file: str
    text: str
    layer: str
    label: Label = Label()
    date_basis: Label = Label()
    serves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Outcomes that belong together; `name` is empty where the book lists them without groups."""

    name: str
    label: Label
    rules: tuple[str, ...]  # full names


@dataclass(frozen=True, slots=True)
class Resource:
    """What several channels draw on, and the full name of the rule that measures it, if one does."""

    name: str
    label: Label
    bound: str = ""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A checked rulebook: everything by full name, in the order of dependence where that matters."""

    name: str
    version: str
    label: Label
    layers: tuple[str, ...]
    outcomes: tuple[str, ...]  # full names
    rules: Mapping[str, Rule]
    entities: Mapping[str, Entity]
    sources: Mapping[str, Source]
    pages: Mapping[str, Page]
    cases: tuple[WorkedCase, ...]
    digest: str
    names: Mapping[str, tuple[str, ...]]  # bare and page_stem names -> full names
    root: str = ROOT
    groups: tuple[Group, ...] = ()
    resources: Mapping[str, Resource] = field(default_factory=dict)
    _inputs: dict[str, dict[str, Rule]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def inputs_of(self, entity: str) -> Mapping[str, Rule]:
        """The inputs of an entity by field name."""
        if not self._inputs:  # found once: a case with many rows asks for each of them
            found: dict[str, dict[str, Rule]] = {"": {}}
            for rule in self.rules.values():
                if rule.kind == "input":
                    found.setdefault(rule.entity, {})[rule.short.rpartition(".")[2]] = rule
            self._inputs.update(found)
        return self._inputs.get(entity, {})

    def column_name(self, full: str) -> str:
        """The shortest name that means one rule in this book: bare, or page_stem.name, or full."""
        rule = self.rules[full]
        for name in (rule.short, f"{rule.page.rpartition('/')[2]}.{rule.short}"):
            if self.names.get(name) == (full,):
                return name
        return full
