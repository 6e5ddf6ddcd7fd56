"""Units: what may be added to what, and by which exact factor. The one module that touches pint.

Base units are currencies, person, month, day, point, count, share; `wan` (万元) and `yi` (亿元) are exact
multiples of CNY. A calendar month is never turned into days. Factors are fractions, so no conversion rounds.
A single unit is what the table says; only products and quotients of units need pint, which takes as long to
import as a page takes to read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, cast

from gangmu.rulebook.types import Dimension

if TYPE_CHECKING:
    import pint

CURRENCIES = ("CNY", "USD", "EUR", "GBP", "JPY", "HKD", "INR", "KRW")
_BASE = (*CURRENCIES, "person", "month", "day", "point", "count", "share", "calendar_year")
_MULTIPLES = {"wan": (10_000, "CNY"), "yi": (100_000_000, "CNY"), "year": (12, "month")}
_OTHER_WORDS = {
    "元": "CNY", "人民币": "CNY", "万元": "wan", "亿元": "yi", "RMB": "CNY", "yuan": "CNY",
    "persons": "person", "people": "person", "人": "person", "名": "person",
    "months": "month", "个月": "month", "years": "year", "年": "year",
    "days": "day", "天": "day", "日": "day",
    "points": "point", "分": "point", "counts": "count", "item": "count", "items": "count", "项": "count",
    "件": "count", "个": "count", "shares": "share", "股": "share",
}  # fmt: skip
SCALES = {
    "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "万": 10**4, "亿": 10**8,
}  # fmt: skip
KNOWN = (
    "CNY (元), 万元 (wan), 亿元 (yi), other currencies, persons, months, years, days, points, items, shares, "
    "ratio, %"
)

_PRODUCT = re.compile(r"(?:[^\W\d]+)(?:\s*[*/]\s*[^\W\d]+)*")
_UNIT = re.compile(r"[^\W\d]+")
_WORD = re.compile(r"[^\W\d]+|[*/]")


class UnknownUnitError(Exception):
    """A unit that the language does not have."""


@cache
def _registry() -> pint.UnitRegistry[Fraction]:
    import pint

    registry: pint.UnitRegistry[Fraction] = pint.UnitRegistry(None, non_int_type=Fraction)
    for name in _BASE:
        registry.define(f"{name} = [{name}]")
    for name, (factor, base) in _MULTIPLES.items():
        registry.define(f"{name} = {factor} * {base}")
    return registry


@cache
def factor_of(unit: str) -> tuple[Fraction, Dimension]:
    """The exact factor of one `unit` to base units, and its dimension.

    `unit` is empty or `ratio` (a plain number), `%`, a unit word, or words joined by `*` and `/`. Raises
    `UnknownUnitError`.
    """
    text = unit.strip()
    if text in ("", "ratio"):
        return Fraction(1), ()
    if text == "%":
        return Fraction(1, 100), ()
    if not _PRODUCT.fullmatch(text):
        raise UnknownUnitError(unit)
    return _one(text) if _UNIT.fullmatch(text) else _product(text)


def _one(word: str) -> tuple[Fraction, Dimension]:
    """Factor and dimension of a single unit."""
    factor, base = _MULTIPLES.get(_known(word), (1, _known(word)))
    return Fraction(factor), ((base, 1),)


def _known(word: str) -> str:
    """The unit that a word means. Raises `UnknownUnitError`."""
    name = _OTHER_WORDS.get(word, word)
    if name not in _BASE and name not in _MULTIPLES:
        raise UnknownUnitError(word)
    return name


def _product(text: str) -> tuple[Fraction, Dimension]:
    """Factor and dimension of units joined by `*` and `/`."""
    quantity = _registry().Quantity(Fraction(1), "")
    sign = 1
    for word in _WORD.findall(text):
        if word in ("*", "/"):
            sign = 1 if word == "*" else -1
            continue
        if word == "ratio":
            continue
        one = _registry().Quantity(Fraction(1), _known(word))
        quantity = quantity * one if sign > 0 else quantity / one
    base = quantity.to_base_units()
    powers = cast("Mapping[str, int]", base.dimensionality)
    dimension = {key.strip("[]"): int(power) for key, power in powers.items() if power}
    return Fraction(base.magnitude), tuple(sorted(dimension.items()))


def is_unit_word(word: str) -> bool:
    """Whether `word` is one unit of the language."""
    return _OTHER_WORDS.get(word, word) in (*_BASE, *_MULTIPLES)


def multiply(left: Dimension, right: Dimension, sign: int = 1) -> Dimension:
    """The dimension of a product (`sign` 1) or a quotient (`sign` -1)."""
    powers = dict(left)
    for name, power in right:
        powers[name] = powers.get(name, 0) + sign * power
    return tuple(sorted((name, power) for name, power in powers.items() if power))
