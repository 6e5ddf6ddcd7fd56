"""Numbers, dates and codes as people write them, in English and Chinese, from exact fractions.

A number is shown with four significant digits, in million or billion (万, 亿); never a digit that is not
there. The trick is `apart`: numbers that are compared get as many digits as it takes to see that they differ,
so that rounding never makes a miss by one fen look like a tie.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction

from gangmu.engine.values import End, Interval, Value
from gangmu.report.words import say
from gangmu.rulebook.types import DATE, YEAR, NumberType, TruthType, Type
from gangmu.rulebook.units import CURRENCIES

SIGNIFICANT = 4
MOST_DIGITS = 30  # more would not be read; numbers that differ only later are called equal to so many digits
SCALES = {
    "en": ((10**12, " trillion"), (10**9, " billion"), (10**6, " million")),
    "zh": ((10**12, "万亿"), (10**8, "亿"), (10**4, "万")),
}
UNITS_ZH = {
    "CNY": "元", "USD": "美元", "EUR": "欧元", "GBP": "英镑", "JPY": "日元", "HKD": "港元", "INR": "印度卢比",
    "KRW": "韩元", "person": "人", "month": "个月", "day": "天", "point": "分", "count": "", "share": "股",
    "year": "年", "item": "项",
}  # fmt: skip
_YEAR = 12  # months


def rounded(number: Fraction, places: int) -> str:
    """`number` with at most `places` decimals, half away from zero, thousands commas, no idle zeros."""
    if abs(number) >= 10**MOST_DIGITS:
        return _powers_of_ten(number, places)
    shift: int = 10**places
    digits = int(abs(number) * shift + Fraction(1, 2))
    whole, rest = divmod(digits, shift)
    decimals = f"{rest:0{places}d}".rstrip("0") if places else ""
    sign = "-" if number < 0 and digits else ""
    return f"{sign}{whole:,}" + (f".{decimals}" if decimals else "")


def _powers_of_ten(number: Fraction, extra: int) -> str:
    """A number too long to be read, as 2.807e43429."""
    size = abs(number)
    power = int((int(size).bit_length() - 1) * math.log10(2))  # this or one more
    while size >= 10 ** (power + 1):
        power += 1
    digits = rounded(size / 10**power, SIGNIFICANT - 1 + extra)
    if digits == "10":
        digits, power = "1", power + 1
    return f"{'-' if number < 0 else ''}{digits}e{power}"


def _places(number: Fraction, at_least: int, extra: int) -> int:
    """Decimals that show four significant digits, `at_least` so many, and `extra` ones."""
    size, places = abs(number), SIGNIFICANT - 1
    while size >= 10 and places > 0:  # noqa: PLR2004  one decimal less for each digit before the point
        size, places = size / 10, places - 1
    while 0 < size < 1 and places < MOST_DIGITS:
        size, places = size * 10, places + 1
    return max(at_least, places) + extra


def _plain(number: Fraction, unit: str, lang: str, extra: int) -> str:
    """A number with the unit word of one base unit."""
    if unit == "month":
        return _months(number, lang)
    digits = rounded(number, (0 if number.denominator == 1 else _places(number, 0, 0)) + extra)
    if lang == "zh":
        return f"{digits}{UNITS_ZH.get(unit, unit)}"
    word = unit if abs(number) == 1 else f"{unit}s"
    return digits if unit == "count" else f"{digits} {word}"


def _months(months: Fraction, lang: str) -> str:
    if months.denominator != 1:
        return say(lang, "months", n=rounded(months, 2))
    years, rest = divmod(abs(int(months)), _YEAR)
    parts = [say(lang, "years" if years > 1 else "year", n=rounded(Fraction(years), 0))] if years else []
    if rest or not years:
        parts.append(say(lang, "month" if rest == 1 else "months", n=rest))
    return ("-" if months < 0 else "") + (" " if lang == "en" else "").join(parts)


def _large(number: Fraction, unit: str, lang: str, extra: int) -> str:
    """Money or shares, scaled."""
    scale, word = next(((s, w) for s, w in SCALES[lang] if abs(number) >= s), (1, ""))
    digits = rounded(number / scale, _places(number / scale, 0 if scale > 1 else 2, extra))
    if lang == "zh":
        return f"{digits}{word}{UNITS_ZH[unit]}"
    return f"{digits}{word} {unit if unit != 'share' else 'shares'}"


def number_text(number: End, kind: Type | None, lang: str, extra: int = 0) -> str:
    """One number in words and digits; `extra` decimals beyond the usual four significant digits."""
    if isinstance(number, float):
        return "∞" if number > 0 else "-∞"
    if kind == DATE:
        return date.fromordinal(int(number)).isoformat()
    if kind == YEAR:
        return str(number)
    dimension = kind.dimension if isinstance(kind, NumberType) else ()
    above = [unit for unit, power in dimension or () if power == 1]
    below = [unit for unit, power in dimension or () if power == -1]
    if not dimension:
        return rounded(number * 100, _places(number * 100, 2, extra)) + "%"
    if len(dimension) == len(above) + len(below) and len(above) == 1 and len(below) <= 1:
        unit = above[0]
        text = (_large if unit in (*CURRENCIES, "share") else _plain)(number, unit, lang, extra)
        return say(lang, "per", a=text, b=UNITS_ZH[below[0]] if lang == "zh" else below[0]) if below else text
    return f"{rounded(number, _places(number, 0, extra))} {kind}"


def apart(numbers: Sequence[End], kind: Type | None, lang: str) -> list[str]:
    """Several numbers of one type, with as many digits as it takes to tell those apart that differ."""
    texts: list[str] = []
    for extra in range(MOST_DIGITS):
        texts = [number_text(number, kind, lang, extra) for number in numbers]
        if len(set(texts)) >= len(set(numbers)):
            break
    return texts


def margin_text(number: End, kind: Type | None, lang: str) -> str:
    """A difference of two numbers, without sign: ratios in percentage points, dates in days."""
    if isinstance(number, float):
        return say(lang, "any_amount")
    if kind == DATE:
        return _plain(abs(number), "day", lang, 0)
    if isinstance(kind, NumberType) and not kind.dimension:
        return say(lang, "percentage_points", n=rounded(abs(number) * 100, _places(abs(number) * 100, 2, 0)))
    return number_text(abs(number), kind, lang)


def interval_text(interval: Interval, kind: Type | None, lang: str) -> str:
    """`4.2% to 7.0%`, `at least 3`, `unknown`."""
    if interval.is_point:
        return number_text(interval.lo, kind, lang)
    lo, hi = interval.lo, interval.hi
    low, high = apart((lo, hi), kind, lang)
    if isinstance(lo, float) and isinstance(hi, float):
        return say(lang, "unknown")
    if isinstance(hi, float):
        return say(lang, "not_before" if kind == DATE else "no_less", n=low)
    if isinstance(lo, float):
        return say(lang, "not_after" if kind == DATE else "no_more", n=high)
    return say(lang, "from_to", a=low, b=high)


def value_text(value: Value, kind: Type | None, lang: str, label: Callable[[str], str] = str) -> str:
    """What is known of a value; codes go through `label`; truth values are yes, no or unknown."""
    parts: list[str] = []
    match value.ordinary:
        case Interval() as interval:
            parts.append(interval_text(interval, kind, lang))
        case None:
            pass
        case _:
            parts.append(_codes_text(value, kind, lang, label))
    if value.undefined:
        parts.append(say(lang, "undefined"))
    if value.absent:
        parts.append(say(lang, "not_in_force"))
    return say(lang, "or").join(parts)


def _codes_text(value: Value, kind: Type | None, lang: str, label: Callable[[str], str]) -> str:
    codes = value.codes
    if codes is None:
        return say(lang, "unknown")
    if isinstance(kind, TruthType) or codes <= {True, False}:
        return say(lang, "unknown" if len(codes) > 1 else "yes" if True in codes else "no")
    scale: Sequence[str] = getattr(kind, "scale", ()) or sorted(str(code) for code in codes)
    return say(lang, "or").join(label(code) for code in scale if code in codes)
