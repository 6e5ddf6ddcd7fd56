"""Numbers as people write law: `5%`, `50 million CNY`, `5,000万元`, `300 persons`. Read from text, exactly.

One small pattern, then words from `units`. Nothing is guessed: a word that is no unit is refused.
"""

from __future__ import annotations

import re
from fractions import Fraction

from gangmu.rulebook import units
from gangmu.rulebook.types import Dimension

MAX_DIGITS = 40

_NUMBER = re.compile(r"\s*([+-]?\d[\d,]*(?:\.\d+)?(?:e\d{1,2})?)\s*(.*?)\s*", re.DOTALL)


class NotANumberError(Exception):
    """A text that is no number with a unit; the message says why."""


def split_number(text: str) -> tuple[Fraction, str]:
    """Split `5,000万元` into the number, times its scale words, and its unit text.

    The unit may be empty, `%`, `万元`, `CNY/person`.

    Raises `NotANumberError`.
    """
    if len(text) > 2 * MAX_DIGITS:
        raise NotANumberError("is too long for a number")
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise NotANumberError("is not a number")
    digits, rest = match.groups()
    if "," in digits and not re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        raise NotANumberError("has misplaced thousands commas")
    number = Fraction(digits.replace(",", ""))
    while rest:
        head, _, tail = rest.partition(" ")
        if head in units.SCALES:
            number, rest = number * units.SCALES[head], tail.strip()
        elif not units.is_unit_word(head) and rest[0] in units.SCALES and len(rest) > 1:
            number, rest = number * units.SCALES[rest[0]], rest[1:].strip()
        else:
            break
    return number, rest


def read_number(text: str) -> tuple[Fraction, Dimension]:
    """Read a number with its unit: value in base units, and dimension.

    Raises `NotANumberError` or `units.UnknownUnitError`.
    """
    number, unit = split_number(text)
    factor, dimension = units.factor_of(unit)
    return number * factor, dimension
