"""The cells behind a workbook: facts, numbers of law, a working cell for each rule and condition of a case.

A working cell has a spreadsheet formula that refers to the other cells, so that a reviewer can recompute it.
Where a fact is unknown, or a rule has no spreadsheet equivalent, it has the value that Gangmu computed and
says so. This module knows cells and their addresses; `formulas` says how a rule is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from gangmu.engine.rows import Line
from gangmu.engine.values import Interval, Value
from gangmu.evidence.facts import Fact
from gangmu.report.phrases import Wording
from gangmu.report.sentence import cite_texts
from gangmu.rulebook import model
from gangmu.rulebook.types import DATE, NumberType, TextType, Type

CellValue = float | int | str | bool | date
EVIDENCE, PARAMETERS, WORKING = "Evidence", "Parameters", "Working"
VALUE_COLUMN = {EVIDENCE: "F", PARAMETERS: "B", WORKING: "D"}
FIRST_ROW = 2  # under the headings


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A fact (or that it is missing) of one case."""

    case: str
    entity: str
    period: str
    name: str
    label: str
    value: CellValue
    kind: Type | None
    unit: str
    text: str
    document: str
    origin: str
    place: str


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """A number of law."""

    path: str
    value: CellValue
    kind: Type | None
    unit: str
    text: str
    source: str
    article: str
    grade: str
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class WorkingRow:
    """A rule or condition of one case: a formula (without `=`), or a value alone."""

    case: str
    name: str
    label: str
    formula: str
    value: CellValue
    kind: Type | None
    unit: str
    source: str
    how: str


@dataclass(slots=True)
class Ledger:
    """All rows of the three sheets, each with its address."""

    evidence: list[EvidenceRow] = field(default_factory=list)
    parameters: list[ParameterRow] = field(default_factory=list)
    working: list[WorkingRow] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)  # parameter path -> address

    def add_evidence(self, row: EvidenceRow) -> str:
        """Add a fact and give its address."""
        self.evidence.append(row)
        return address(EVIDENCE, len(self.evidence))

    def add_working(self, row: WorkingRow) -> str:
        """Add a working cell and give its address."""
        self.working.append(row)
        return address(WORKING, len(self.working))

    def add_parameter(self, row: ParameterRow) -> str:
        """Add a number of law, once, and give its address."""
        if row.path not in self.paths:
            self.parameters.append(row)
            self.paths[row.path] = address(PARAMETERS, len(self.parameters))
        return self.paths[row.path]


def address(sheet: str, number: int) -> str:
    """The address of the value in the `number`th row (from 1) of a sheet."""
    return f"{sheet}!${VALUE_COLUMN[sheet]}${number + FIRST_ROW - 1}"


def unit_of(kind: Type | None) -> str:
    """The unit that a cell's number is in."""
    return str(kind) if isinstance(kind, NumberType) else ""


def known_number(value: Value) -> Fraction | None:
    """The number that a value certainly is."""
    interval = value.ordinary
    if not value.is_known or not isinstance(interval, Interval) or isinstance(interval.lo, float):
        return None
    return interval.lo


def cell_value(words: Wording, value: Value, kind: Type | None, rule: model.Rule | None) -> CellValue:
    """What a cell shows of a value: number, day, truth or code if it is known, else a text (`unknown`)."""
    number = known_number(value)
    if number is not None:
        return date.fromordinal(int(number)) if kind == DATE else plain_number(number)
    if value.is_known and value.ordinary is not None and not isinstance(value.ordinary, Interval):
        return next(iter(value.codes or ("",)))
    return words.value(value, kind, rule)


def plain_number(number: Fraction) -> float | int:
    """A whole number as such, another as a double."""
    return int(number) if number.denominator == 1 else float(number)


def fact_row(
    words: Wording, rule: model.Rule, line: Line | None, fact: Fact | None, value: Value
) -> EvidenceRow:
    """The row of a fact that counts, or of a fact that is missing."""
    run = words.run
    period = words.period(line.entity, line.period) if line is not None else ""
    text = isinstance(rule.type, TextType) and fact is not None and fact.value is not None
    return EvidenceRow(
        case=run.case.key,
        entity=words.entity(rule.entity) if line is not None else "",
        period=period,
        name=rule.name,
        label=words.name(rule),
        value=str(fact.text) if text and fact else cell_value(words, value, rule.type, rule),
        kind=rule.type,
        unit=unit_of(rule.type),
        text=fact.text if fact is not None else "",
        document=fact.document if fact is not None else "",
        origin=fact.origin if fact is not None else "",
        place=fact.at if fact is not None else words.say("not given"),
    )


def parameter_row(
    words: Wording, path: str, quantity: model.Quantity, standing: model.Standing, edition: model.Edition
) -> ParameterRow:
    """The row of a number of law."""
    cites = cite_texts(words, standing)
    sources = words.run.book.sources
    titles = [sources[cite.source].title.in_(words.lang) for cite in standing.cites if cite.source in sources]
    return ParameterRow(
        path=path,
        value=plain_number(quantity.value),
        kind=quantity.type,
        unit=unit_of(quantity.type),
        text=quantity.text,
        source=words.say("list").join(titles) or words.say("ours", n=standing.ours),
        article=words.say("list").join(cite.at for cite in standing.cites),
        grade=words.say("list").join(cite.words for cite in cites),
        start=edition.start,
        end=edition.end,
    )


def source_text(words: Wording, rule: model.Rule, edition: model.Edition | None) -> str:
    """On what a working cell rests, for its note."""
    standing = (edition or rule.editions[-1]).standing
    cites = [f"{cite.text} ({cite.words})" for cite in cite_texts(words, standing)]
    return "\n".join(cites) or (words.say("ours", n=standing.ours) if standing.ours else "")


def working_row(  # noqa: PLR0913  what a row is made of
    words: Wording,
    rule: model.Rule,
    line: Line | None,
    value: Value,
    *,
    formula: str,
    edition: model.Edition | None,
    how: str,
) -> WorkingRow:
    """The row of a rule."""
    label = words.name(rule)
    period = words.period(line.entity, line.period) if line is not None else ""
    return WorkingRow(
        case=words.run.case.key,
        name=rule.name,
        label=words.say("of period", a=label, b=period) if period else label,
        formula=formula,
        value=cell_value(words, value, rule.type, rule),
        kind=rule.type,
        unit=unit_of(rule.type),
        source=source_text(words, rule, edition),
        how=how,
    )
