"""Outcomes of the kernel as Arrow columns, without a Python object a row.

Numbers become the nearest doubles, as `float(Fraction)` gives them (`quotients`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from gangmu.engine.grade import GRADE_OF
from gangmu.engine.interpreter import HELD, LAPSED
from gangmu.engine.kernel.columns import Array
from gangmu.engine.kernel.quotients import EXACT, nearest
from gangmu.engine.kernel.statuses import CODE, HIGH_ENDLESS, HOLDS, LOW_ENDLESS, SOME, STATUSES
from gangmu.engine.outcomes import GRADE, HIGH, LOW, STATUS, UNTIL, VALUE, double
from gangmu.engine.values import INF

if TYPE_CHECKING:
    from gangmu.engine.kernel.outputs import AnswerColumn, Part

_EPOCH = 719_163  # the ordinal of 1970-01-01


def arrays_of(column: AnswerColumn) -> Mapping[str, pa.Array]:
    """The columns of a result, by the end of their name."""
    found = _values(column)
    found[STATUS] = texts(column.status, STATUSES)
    if isinstance(column.grade, int):
        found[GRADE] = texts(np.full(len(column), column.grade), GRADE_OF)
    else:
        found[GRADE] = texts(column.grade, GRADE_OF)
    if column.kind == "title":
        days = np.zeros(len(column), np.int32) if column.until is None else column.until
        shown = np.isin(column.status, [CODE[HELD], CODE[LAPSED]]) & (days > 0)
        found[UNTIL] = pa.array(days - np.int32(_EPOCH), mask=~shown).cast(pa.date32())
    return found


def texts(places: Array, words: Sequence[str | None]) -> pa.Array:
    """Places in a list as the texts there, coded by that list."""
    indices = pa.array(places.astype(np.int8 if len(words) < 128 else np.int32))  # noqa: PLR2004  a byte
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))


def _values(column: AnswerColumn) -> dict[str, pa.Array]:
    known = column.status == CODE["known"]
    match column.kind:
        case "truth":
            true = column.status == CODE["true"]
            return {VALUE: pa.array(true, mask=~(true | (column.status == CODE["false"])))}
        case "title":
            held = np.zeros(len(column), np.uint8) if column.held is None else column.held
            told = (held > 0) & (column.status != CODE["not_in_force"])
            return {VALUE: pa.array(held == HOLDS, mask=~told)}
        case "code":
            return {VALUE: _codes(column, known)}
        case "date":
            return {VALUE: _dates(column, known)}
    return _numbers(column, known)


def _rows(column: AnswerColumn, number: int) -> tuple[Array | slice, Array | slice]:
    """The rows that a part answers, and where in it."""
    if column.path is None or column.place is None:
        return slice(None), slice(None)
    rows = np.flatnonzero(column.path == number)
    return rows, column.place[rows]


def _codes(column: AnswerColumn, known: Array) -> pa.Array:
    atoms = np.zeros(len(column), np.int32)
    for number, part in enumerate(column.parts):
        rows, places = _rows(column, number)
        atoms[rows] = part.arrays[part.layout.atom][places]
    words = [word or "" for word in column.texts]  # Parquet takes no list with a gap; nothing known is there
    for row, answer in column.given.items():
        if answer.status == "known":
            atoms[row] = len(words)
            words.append(str(answer.value))
    indices = pa.array(atoms, mask=~known)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))


def _dates(column: AnswerColumn, known: Array) -> pa.Array:
    days, finite = np.zeros(len(column), np.int32), known.copy()
    for number, part in enumerate(column.parts):
        rows, places = _rows(column, number)
        days[rows] = stored(part, "num_lo", places) - _EPOCH
        if part.layout.ends >= 0:
            finite[rows] &= part.arrays[part.layout.ends][places] & LOW_ENDLESS == 0
    for row, answer in column.given.items():
        day = answer.value if isinstance(answer.value, date) else None
        finite[row] = day is not None
        if day is not None:
            days[row] = day.toordinal() - _EPOCH
    return pa.array(days, mask=~finite).cast(pa.date32())


def _numbers(column: AnswerColumn, known: Array) -> dict[str, pa.Array]:
    low, high = np.zeros(len(column)), np.zeros(len(column))
    some, finite = known.copy(), known.copy()
    for number, part in enumerate(column.parts):
        rows, places = _rows(column, number)
        bits = None if part.layout.ends < 0 else part.arrays[part.layout.ends][places]
        if bits is not None:
            some[rows] = (bits & SOME != 0) & (known[rows] | (column.status[rows] == CODE["unknown"]))
            finite[rows] &= bits & LOW_ENDLESS == 0
        below = above = np.zeros(some[rows].shape, bool)
        if bits is not None:
            below, above = bits & LOW_ENDLESS != 0, bits & HIGH_ENDLESS != 0
        least = _end(part, "lo", places, some[rows] & ~below)
        most = _end(part, "hi", places, some[rows] & ~above) if part.has("num_hi") else least
        low[rows], high[rows] = np.where(below, -INF, least), np.where(above, INF, most)
    for row, answer in column.given.items():
        some[row], finite[row] = answer.low is not None, answer.value is not None
        low[row], high[row] = _plain(answer.low), _plain(answer.high)
    value = pa.array(low, mask=~finite)
    return {VALUE: value, LOW: pa.array(low, mask=~some), HIGH: pa.array(high, mask=~some)}


def _plain(end: Fraction | float | None) -> float:
    found = double(end)
    return found if isinstance(found, float) else 0.0


def stored(part: Part, name: str, places: Array | slice) -> Array:
    """Integers that a path stored: words, doubles that are whole, or several words a row."""
    if name in part.layout.constants:
        constant = part.layout.constants[name]
        return np.array(constant, np.int64 if abs(constant) < EXACT else object)
    return part.arrays[part.layout.parts[name]][places]


def _end(part: Part, name: str, places: Array | slice, wanted: Array) -> Array:
    return nearest(stored(part, f"num_{name}", places), stored(part, f"den_{name}", places), wanted)
