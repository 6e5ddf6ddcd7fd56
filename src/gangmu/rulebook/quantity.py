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


class NotANumber(Exception):
    """A text that is no number with a unit; the message says why."""


def split_number(text: str) -> tuple[Fraction, str]:
    """Split `5,000万元` into the number as written, times its scale words, and its unit text (`""`, `%`, `万元`, `CNY/person`).

    Raises `NotANumber`.
    """
    if len(text) > 2 * MAX_DIGITS:
        raise NotANumber("is too long for a number")
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise NotANumber("is not a number")
    digits, rest = match.groups()
    if "," in digits and not re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        raise NotANumber("has misplaced thousands commas")
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
    """Read a number with its unit: value in base units, and dimension. Raises `NotANumber` or `units.UnknownUnit`."""
    number, unit = split_number(text)
    factor, dimension = units.factor_of(unit)
    return number * factor, dimension


def last_digit(text: str) -> Fraction:
    """One unit of the last digit written in `text`, in base units (`6.2603` gives 1/10000). Raises as `read_number`."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise NotANumber("is not a number")
    digits = match.group(1)
    _, _, decimals = digits.partition(".")
    whole, _ = read_number(text)
    plain = Fraction(digits.replace(",", ""))
    factor = whole / plain if plain else Fraction(1)
    return abs(factor) / 10 ** len(decimals)
