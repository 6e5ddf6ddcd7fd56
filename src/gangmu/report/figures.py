"""Numbers of a plan as newspapers print them: people and things in millions (万, 亿).

Answers about one enterprise keep their digits (`format`); a nation's 238,000,000 lines are 238 million.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from gangmu.report.format import SCALES, UNITS_ZH, number_text, rounded
from gangmu.rulebook.types import NumberType, Type

_FROM: Final = {"en": 10**6, "zh": 10**4}  # smaller numbers are written out
_DIGITS: Final = 2


def figure(value: Fraction, kind: Type, unit: str, lang: str) -> str:
    """A number of an indicator, `unit` being the word that its page declares (`items`, `%`, `ratio`).

    A plain ratio declared as `ratio` is a number (kilometres have no unit of their own), not a share.
    """
    dimension = kind.dimension if isinstance(kind, NumberType) else None
    if dimension == () and unit == "ratio":
        return rounded(value, _DIGITS)
    base = dimension[0][0] if dimension and len(dimension) == 1 and dimension[0][1] == 1 else ""
    if base not in ("count", "person") or abs(value) < _FROM[lang]:
        return number_text(value, kind, lang)
    scale, name = next((size, text) for size, text in SCALES[lang] if abs(value) >= size)
    digits = rounded(value / scale, _DIGITS)
    if lang == "zh":
        return f"{digits}{name}{UNITS_ZH[base]}"
    return f"{digits}{name}" + ("" if base == "count" else " people")
