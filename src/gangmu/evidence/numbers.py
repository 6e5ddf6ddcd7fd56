"""Numbers in cells: `12,345.60`, `5%`, `3 亿元`, `(1,234)`, read from their text, exactly.

The grammar of numbers and units is the rulebook's (`rulebook.quantity`, `rulebook.units`); what is added
here is what cells need: full-width characters, a unit that the heading gives, and the refusal of what is
ambiguous.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from gangmu.rulebook import units
from gangmu.rulebook.model import Input
from gangmu.rulebook.quantity import NotANumberError, split_number
from gangmu.rulebook.types import Dimension

_MINUS = str.maketrans({"−": "-", "–": "-", "﹣": "-"})  # the signs that programs write for a minus
_DIGITS = re.compile(r"[+-]?\d[\d,]*(?:\.(?P<decimals>\d+))?")
_COMPACT = re.compile(
    r"(?P<digits>\d+(?:\.\d+)?)?\s*(?P<scale>[kKmM](?![a-zA-Z]))?\s*(?P<unit>.*)", re.DOTALL
)
_COMPACT_SCALES = {"": 1, "k": 1000, "m": 1_000_000}


class CellError(Exception):
    """A cell that cannot be read; the message is the reason, as shown in the quarantine."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a number is asked in: dimension, factor of a bare number, and the unit's name for messages."""

    dimension: Dimension
    factor: Fraction
    unit: str

    @staticmethod
    def by(body: Input) -> Asked:
        """What an input declares."""
        return Asked(units.factor_of(body.unit)[1], body.factor, body.unit)


def plain(text: str) -> str:
    """Full-width characters as ordinary ones, without blanks around, with an ordinary minus."""
    return unicodedata.normalize("NFKC", text).translate(_MINUS).strip()


def read_number(text: str, asked: Asked) -> Fraction:
    """A cell in base units. A bare number has the factor asked; a unit in the cell overrides it.

    Raises `CellError`.
    """
    written = plain(text)
    if written.startswith("(") and written.endswith(")"):  # how accountants write a negative number
        written = f"-{written[1:-1].strip()}"
    try:
        number, unit = split_number(written)
    except NotANumberError as error:
        raise CellError(str(error)) from None
    if unit:
        factor, dimension = unit_of(unit)
        if dimension != asked.dimension:
            raise CellError(f"is in {unit}, but {asked.unit} is asked")
        return number * factor
    match = _DIGITS.match(written)
    if asked.factor != 1 and match and number != Fraction(match.group().replace(",", "")):
        raise CellError(f"has a scale but no unit, in a column of {asked.unit}: write the unit in the cell")
    return number * asked.factor


@cache
def unit_of(text: str) -> tuple[Fraction, Dimension]:
    """Factor and dimension of a unit as headings write it: `万元`, `10k CNY`, `million CNY`, `%`.

    Raises `CellError`.
    """
    written = plain(text).removeprefix("单位:").removeprefix("单位").strip()
    match = _COMPACT.fullmatch(written)
    scale = Fraction(match["digits"] or 1) * _COMPACT_SCALES[(match["scale"] or "").lower()] if match else 1
    for factor, candidate in ((Fraction(1), written), (scale, match["unit"] if match else "")):
        try:
            number, unit = split_number(f"1 {candidate}")
            one, dimension = units.factor_of(unit)
        except (NotANumberError, units.UnknownUnitError):
            continue
        return Fraction(factor * number * one), dimension
    raise CellError(f"has an unknown unit {text!r}")


def last_digit(text: str, asked: Asked) -> Fraction:
    """One unit of the last digit written in a cell, in base units: of `6.2603` a ten-thousandth.

    Raises `CellError`.
    """
    written = plain(text).strip("()")
    match = _DIGITS.match(written)
    if match is None:
        raise CellError("is not a number")
    digit = read_number(f"1{written[match.end() :]}", asked)
    return digit / Fraction(10 ** len(match["decimals"] or ""))
