"""One cell by itself: what `cells` makes of a column with this one text, without making a column.

A column is read in a few strokes, whatever its length; of one cell those strokes are all the time there is.
A test holds the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from gangmu.evidence.cells import (
    NOT_GIVEN,
    PLAIN,
    code_reader,
    exact,
    out_of_range,
    read_day,
    read_truth,
    read_year,
    words_for_none,
)
from gangmu.evidence.facts import FactValue
from gangmu.evidence.limits import MAX_CELL_CHARS
from gangmu.evidence.numbers import Asked, CellError, read_number
from gangmu.rulebook.model import Input

_PLAIN = re.compile(PLAIN)


class NotGiven:
    """What a cell that says nothing is read as."""


NOTHING = NotGiven()
Cell = FactValue | NotGiven


def cell_reader(body: Input) -> Callable[[str], Cell]:
    """How the cells of an input are read, from texts without blanks around.

    What it gives raises `CellError` of a cell that cannot be read.
    """
    none, value = words_for_none(body), _value_reader(body)

    def read(text: str) -> Cell:
        if text in NOT_GIVEN:
            return NOTHING
        if text in none:
            return None
        if len(text) > MAX_CELL_CHARS:
            raise CellError(f"has more than {MAX_CELL_CHARS:,} characters")
        return value(text)

    return read


def _value_reader(body: Input) -> Callable[[str], FactValue]:
    match body.input:
        case "number":
            return _number_reader(body)
        case "condition":
            return read_truth
        case "code":
            return code_reader(body)
        case "date":
            return read_day
        case "year":
            return lambda text: Fraction(read_year(text))
        case _:
            return str


def _number_reader(body: Input) -> Callable[[str], Fraction]:
    asked = Asked.by(body)

    def read(text: str) -> Fraction:
        if _PLAIN.fullmatch(text):
            number = Fraction(Decimal(text)) * asked.factor
        else:
            number = Fraction(exact(read_number(text, asked)))
        if wrong := out_of_range(number, body):
            raise CellError(wrong)
        return number

    return read
