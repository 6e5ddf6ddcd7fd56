"""Columns that come with a type and need no reading: whole numbers, decimals, doubles, truth values, dates.

The general way (`cells`) reads every cell as the text that a person would have written. Here a column is
taken as it stands if all of its cells would come out of that reading with the same values and none would be
refused; otherwise nothing is taken, and the general way decides cell by cell.
"""

from __future__ import annotations

from fractions import Fraction

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.evidence.numbers import Asked
from gangmu.rulebook.model import Input

_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # 0001-01-01 and 9999-12-31, counted from 1970
_YEARS = (1900, 2200)
_DECIMALS = 6  # digits after the point of a double that are looked for
_SHORT = 1e15  # below, 15 digits and their double stand for each other


def read_typed(raw: pa.Array, body: Input, asked: Asked | None = None) -> pa.Array | None:
    """The values of a column whose type says all; None where its cells have to be read.

    Whole numbers stay integers, where the general way makes decimals of them.
    """
    kind = raw.type
    match body.input:
        case "condition" if pa.types.is_boolean(kind):
            return raw
        case "date" if pa.types.is_date32(kind):
            return _between(pc.cast(raw, pa.int32()), _FIRST_DAY, _LAST_DAY, raw)
        case "year" if pa.types.is_integer(kind):
            return _between(raw, *_YEARS, raw, pa.int32())
        case "number":
            return _number(raw, body, asked or Asked.by(body))
    return None


def _between(
    seen: pa.Array, least: int, most: int, values: pa.Array, kind: pa.DataType | None = None
) -> pa.Array | None:
    ends = pc.min_max(seen).as_py()
    if ends["min"] is not None and not least <= ends["min"] <= ends["max"] <= most:
        return None
    return values if kind is None else pc.cast(values, kind)


def _number(raw: pa.Array, body: Input, asked: Asked) -> pa.Array | None:
    """A column of numbers in base units, as decimals of 38 digits or as integers."""
    if asked.factor.denominator != 1:
        return None
    exact = _decimals(raw)
    if exact is None:
        return None
    whole, scale = exact
    ends = pc.min_max(whole).as_py()
    if ends["min"] is not None and not _possible(ends["min"], ends["max"], scale, body, asked.factor):
        return None
    if asked.factor != 1:
        whole = pc.multiply(whole, int(asked.factor))
    if scale == 0:
        return whole
    values = pc.cast(whole, pa.decimal128(38, 0))
    return pa.Array.from_buffers(
        pa.decimal128(38, scale), len(values), values.buffers(), values.null_count, values.offset
    )


def _possible(low: int, high: int, scale: int, body: Input, factor: Fraction) -> bool:
    """Whether all is within the input's range, and within a word after it is multiplied."""
    if max(-low, high) * factor >= 1 << 62:
        return False
    span = body.range
    ends = (Fraction(end, 10**scale) * factor for end in (low, high))
    return all((span.lo is None or end >= span.lo) and (span.hi is None or end <= span.hi) for end in ends)


def _decimals(raw: pa.Array) -> tuple[pa.Array, int] | None:
    """A column as whole numbers of 64 bits with so many digits after the point."""
    kind = raw.type
    if pa.types.is_integer(kind):
        return None if kind == pa.uint64() else (pc.cast(raw, pa.int64()), 0)
    if pa.types.is_decimal128(kind) and 0 <= kind.scale <= _DECIMALS and kind.precision <= 18:  # noqa: PLR2004
        shifted = pa.Array.from_buffers(
            pa.decimal128(kind.precision, 0), len(raw), raw.buffers(), raw.null_count, raw.offset
        )
        return pc.cast(shifted, pa.int64()), kind.scale
    return _of_doubles(raw) if pa.types.is_float64(kind) else None


def _of_doubles(raw: pa.Array) -> tuple[pa.Array, int] | None:
    """Doubles whose shortest decimals have few digits, all of them."""
    for scale in range(_DECIMALS + 1):
        power = float(10**scale)
        whole = pc.round(pc.multiply(raw, power))
        same = pc.all(pc.equal(pc.divide(whole, power), raw)).as_py()
        if same is False:
            continue
        ends = pc.min_max(whole).as_py()
        if ends["min"] is not None and not -_SHORT < ends["min"] <= ends["max"] < _SHORT:
            return None
        return pc.cast(whole, pa.int64()), scale
    return None
