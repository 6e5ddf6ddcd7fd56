"""Facts that need no look of their own: all of them given, each of the type that its input expects.

Then a row is made in loops of C, some for all facts, instead of one of Python over each. Whatever is not so
(a fact more or less, a float, a text not met before, a number out of its range) is read fact by fact, which
gives the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from operator import itemgetter, le, mul
from typing import Any, NamedTuple

Straight = Callable[[dict[str, Any]], list[int] | None]


class Field(NamedTuple):
    """How a fact becomes the word of its input.

    `quick` is the type of a value that is quickly read (None: none is), `place` where its word stands among
    those of a row, `times` what a number is multiplied by, `least` and `most` bound the word; `codes` has the
    words of texts met before.
    """

    quick: Any  # a type or None
    place: int
    times: int
    least: int
    most: int
    codes: dict[str, int] | None


def straight_of(fields: Mapping[str, Field]) -> Straight | None:
    """How facts become the words of a row at once, None where they are not so; None if they never can be."""
    ordered = sorted(fields.items(), key=lambda item: item[1].place)
    if len(ordered) < 2 or any(field.quick is None for _, field in ordered):  # noqa: PLR2004  for itemgetter
        return None
    get, count = itemgetter(*(name for name, _ in ordered)), len(ordered)
    kinds = [field.quick for _, field in ordered]
    times = [field.times if field.quick is int else 1 for _, field in ordered]
    scaled = any(number != 1 for number in times)
    lows, highs = [field.least for _, field in ordered], [field.most for _, field in ordered]
    coded = [
        (field.place, field.codes) for _, field in ordered if field.quick is str and field.codes is not None
    ]
    dated = [field.place for _, field in ordered if field.quick is date]

    def straight(facts: dict[str, Any]) -> list[int] | None:
        if len(facts) != count:
            return None
        try:
            values = list(get(facts))
        except KeyError:
            return None
        if list(map(type, values)) != kinds:
            return None
        for place, codes in coded:
            values[place] = codes.get(values[place], -1)  # no code has this word: it is out of its range
        for place in dated:
            values[place] = values[place].toordinal()
        if scaled:
            values = list(map(mul, values, times))
        return values if all(map(le, lows, values)) and all(map(le, values, highs)) else None

    return straight
