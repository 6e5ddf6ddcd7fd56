"""What an engine sees of evidence: a case, its facts, its related rows.

Numbers are exact fractions in base units (see `gangmu.rulebook.units`). A fact that is not given is simply
not in the mapping; a fact known not to exist (`n/a`) is there with value None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

FactValue = Fraction | bool | str | date | None  # a year is a Fraction; None is "known not to exist"


@dataclass(frozen=True, slots=True)
class Fact:
    """One cell of evidence."""

    value: FactValue
    text: str = ""  # as written
    origin: str = ""
    document: str = ""
    at: str = ""  # "statement.csv row 3, column revenue"
    known_on: date | None = None


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """One row of a related entity.

    Given under several origins, a field has several facts, in the order read.
    """

    period: date | int | None  # day, or fiscal year
    facts: Mapping[str, tuple[Fact, ...]]  # by field name
    at: str = ""


@dataclass(frozen=True, slots=True)
class StatedFigure:
    """A rule's value as its source states it, for one base fiscal year.

    `slack` is half a unit of its last written digit.
    """

    rule: str  # full name
    base_year: int
    fact: Fact
    slack: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Case:
    """Everything known of one enterprise. `facts` by field name, each possibly from several origins."""

    key: str
    facts: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    rows: Mapping[str, tuple[RelatedRow, ...]] = field(default_factory=dict)
    completeness: Mapping[str, Literal["complete", "partial", "empty"]] = field(default_factory=dict)
    stated: tuple[StatedFigure, ...] = ()
    as_of: date | None = None
    base_year: int | None = None
    extra: Mapping[str, str] = field(default_factory=dict)  # columns that are no inputs, carried along
