"""Answers of one rule for many cases, as any engine gives them: row by row, and as Arrow columns.

`Outcomes` is what an engine hands over for a rule. `Listed` holds answers that were worked out one by one;
other engines keep columns of their own and make Arrow arrays without a Python object a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple, Protocol

import pyarrow as pa

from gangmu.engine.values import INF
from gangmu.rulebook import model
from gangmu.rulebook.types import DATE, NumberType, TitleType, TruthType

VALUE, LOW, HIGH, STATUS, GRADE, UNTIL = "", ".low", ".high", ".status", ".grade", ".until"


class Answer(NamedTuple):  # made in a third of the time of a frozen dataclass
    """What came out of one rule for one case."""

    value: Fraction | str | bool | date | None
    status: str
    low: Fraction | float | None = None
    high: Fraction | float | None = None
    grade: str = ""
    until: date | None = None


class Outcomes(Protocol):
    """One rule's answers, a row a case."""

    def __len__(self) -> int:
        """Number of cases."""

    def answer(self, row: int) -> Answer:
        """One row's answer, exact."""

    def arrays(self, rule: model.Rule, /) -> Mapping[str, pa.Array]:
        """The columns of a result, by the end of their name: doubles for numbers, null where not known.

        Texts may be coded by a dictionary.
        """


@dataclass(frozen=True, slots=True)
class Listed:
    """Answers one by one."""

    answers: Sequence[Answer]

    def __len__(self) -> int:
        return len(self.answers)

    def answer(self, row: int) -> Answer:
        """One row's answer."""
        return self.answers[row]

    def arrays(self, rule: model.Rule, /) -> dict[str, pa.Array]:
        """The columns of a result."""
        found = {VALUE: pa.array([double(answer.value) for answer in self.answers], value_type(rule))}
        if isinstance(rule.type, NumberType):
            found[LOW] = pa.array([double(answer.low) for answer in self.answers], pa.float64())
            found[HIGH] = pa.array([double(answer.high) for answer in self.answers], pa.float64())
        found[STATUS] = pa.array([answer.status for answer in self.answers], pa.string())
        found[GRADE] = pa.array([answer.grade for answer in self.answers], pa.string())
        if isinstance(rule.type, TitleType):
            found[UNTIL] = pa.array([answer.until for answer in self.answers], pa.date32())
        return found


def value_type(rule: model.Rule) -> pa.DataType:
    """The Arrow type of a rule's values."""
    if isinstance(rule.type, NumberType):
        return pa.float64()
    if isinstance(rule.type, TruthType | TitleType):
        return pa.bool_()
    return pa.date32() if rule.type == DATE else pa.string()


def double(value: object) -> object:
    """A fraction as the nearest double, endless if there is none; anything else as it is."""
    if not isinstance(value, Fraction):
        return value
    try:
        return float(value)
    except OverflowError:
        return INF if value > 0 else -INF
