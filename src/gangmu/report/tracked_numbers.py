"""Values of indicators as short as a table needs them (`989M`, `11.25亿`, `15.97tn CNY`), and sparklines."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from gangmu.plan.track import Tracked
from gangmu.report.format import UNITS_ZH, rounded
from gangmu.report.tracked_words import tell
from gangmu.rulebook import model
from gangmu.rulebook.types import NumberType, Type
from gangmu.rulebook.units import CURRENCIES

UNITS: Final = ("persons", "points")  # the units that are worth a word
BLOCKS: Final = "▁▂▃▄▅▆▇█"
_SCALES: Final = {
    "en": ((10**12, "tn"), (10**9, "bn"), (10**6, "M"), (10**3, "k")),
    "zh": ((10**12, "万亿"), (10**8, "亿"), (10**4, "万")),
}
AXIS: Final = {"tn": "trillion", "bn": "billion", "M": "million", "k": "thousand"}
_HUNDRED, _TEN = 100, 10


def short(number: Fraction | float, kind: Type, lang: str) -> str:
    """A number with three or four digits that count, scaled, its currency but no other unit."""
    value = Fraction(number)
    dimension = kind.dimension if isinstance(kind, NumberType) else ()
    if not dimension:
        return f"{_digits(value * 100)}%"
    scale, word = next(((s, w) for s, w in _SCALES[lang] if abs(value) >= s), (1, ""))
    unit = next((name for name, power in dimension if power == 1 and name in CURRENCIES), "")
    text = f"{_digits(value / scale)}{word}"
    return f"{text} {unit}" if unit and lang == "en" else text


def _digits(value: Fraction) -> str:
    size = abs(value)
    return rounded(value, 0 if size >= 10 * _HUNDRED else 1 if size >= _HUNDRED else 2 if size >= 1 else 3)


def unit_words(indicator: model.Indicator, lang: str) -> str:
    """The unit, unless values show it themselves or things are only counted."""
    return tell(lang, f"unit {indicator.unit}") if indicator.unit in UNITS else ""


def scale_of(one: Tracked, lang: str) -> tuple[Fraction, str]:
    """What a chart divides a target's values by, and the words of its axis."""
    kind = one.indicator.kind
    dimension = kind.dimension if isinstance(kind, NumberType) else ()
    if not dimension:
        return Fraction(1, 100), "%"
    values = [abs(year.value) for year in one.series.years]
    values += [abs(mark.value.value) for mark in (one.standing.baseline, one.standing.target) if mark]
    scale, word = next(((s, w) for s, w in _SCALES[lang] if max(values, default=Fraction(0)) >= s), (1, ""))
    unit = next((name for name, power in dimension if power == 1 and name in CURRENCIES), "")
    named = UNITS_ZH.get(unit, unit) if unit and lang == "zh" else unit or unit_words(one.indicator, lang)
    between = " " if lang == "en" and word and named else ""
    return Fraction(scale), f"{AXIS.get(word, word)}{between}{named}"


def bounded(one: model.Observation, text: str, lang: str) -> str:
    """A value with `≥` or `≤` where its source gives a bound."""
    if not one.bound:
        return text
    return tell(lang, "at least" if one.bound == "lower" else "at most", n=text)


def percent(part: Fraction | float, places: int = 0) -> str:
    """A part as a percentage."""
    return f"{rounded(Fraction(part) * 100, places)}%"


def chance(probability: float, lang: str) -> str:
    """A probability; never 0% or 100%."""
    if probability <= 0.01:  # noqa: PLR2004  as `forecast.CERTAIN` keeps it
        return tell(lang, "under", p="1%")
    if probability >= 0.99:  # noqa: PLR2004  as above
        return tell(lang, "over", p="99%")
    return percent(probability)


def sparkline(points: Sequence[tuple[int, float]], width: int = 12) -> str:
    """The last years as blocks from the lowest to the highest, a space for a year without a value."""
    if not points:
        return ""
    own = dict(points[-width:])
    low, high = min(own.values()), max(own.values())
    years = range(max(points[-1][0] - width + 1, min(own)), points[-1][0] + 1)
    steps = len(BLOCKS) - 1
    return "".join(
        BLOCKS[round((own[year] - low) / (high - low) * steps) if high > low else steps // 2]
        if year in own
        else " "
        for year in years
    )
