"""Quotients of integers as the nearest doubles, a column at a time: exactly what `int / int` gives.

Integers that doubles hold are divided once. Wider ones are taken as the sum of two doubles; the quotient is
then known to 2^-90 of itself, and its rounding is certain unless it lies that near to the middle between two
doubles. Those few are divided as Python's integers.
"""

from __future__ import annotations

import numpy as np

from gangmu.engine.kernel.columns import Array
from gangmu.engine.values import INF

EXACT = 2**53  # integers up to here are doubles
_HALF = 32
_SPLIT = float(2**27 + 1)
_SURE = 1 - 2.0**-30  # of half the step between doubles
_WIDE = 2.0**900  # beyond, a product of halves could overflow


def nearest(num: Array, den: Array, wanted: Array) -> Array:
    """The double nearest to num / den in every row; rows that are not wanted may hold anything.

    Integers come as words, as doubles that are whole, as several words a row (lowest first), or as one Python
    integer for all rows (an array of objects without a dimension).
    """
    (above, exact), (below, exact_too) = _double(num), _double(den)
    with np.errstate(all="ignore"):
        found = np.broadcast_to(above / below, wanted.shape).astype(np.float64)
    rows = np.flatnonzero(wanted & ~(exact & exact_too))
    if len(rows):
        n, d = _of(num, rows), _of(den, rows)
        found[rows], sure = _quotients(_pair(n, len(rows)), _pair(d, len(rows)))
        for place in np.flatnonzero(~sure).tolist():
            found[rows[place]] = _quotient(_integer(n, place), _integer(d, place))
    return found


def _of(whole: Array, rows: Array) -> Array:
    return whole if whole.ndim == 0 else whole[rows]


def _double(whole: Array) -> tuple[Array, Array]:
    """Integers as doubles, and where those are exact."""
    if whole.dtype == object:
        return np.array(1.0), np.zeros((), bool)
    if whole.dtype == np.float64:
        return whole, np.abs(whole) <= EXACT
    if whole.ndim > 1:
        low = whole[:, 0]
        narrow = (whole[:, 1:] == (low >> (2 * _HALF - 1))[:, None]).all(axis=1)
        return low.astype(np.float64), narrow & (low <= EXACT) & (low >= -EXACT)
    return whole.astype(np.float64), (whole <= EXACT) & (whole >= -EXACT)


def _pair(whole: Array, length: int) -> tuple[Array, Array]:
    """Integers as the sum of two doubles, to 2^-104 of themselves."""
    if whole.dtype == object:
        value = int(whole)
        near = float(value)
        return np.full(length, near), np.full(length, float(value - int(near)))
    if whole.dtype == np.float64 or whole.ndim == 0:
        return np.broadcast_to(whole.astype(np.float64), length), np.zeros(length)
    words = whole.reshape(length, -1)
    high: Array = (words[:, -1] >> _HALF).astype(np.float64)
    low: Array = np.zeros(length)
    halves = [words[:, -1] & (2**_HALF - 1)]
    for place in range(words.shape[1] - 2, -1, -1):
        halves += [(words[:, place] >> _HALF) & (2**_HALF - 1), words[:, place] & (2**_HALF - 1)]
    for half in halves:
        high, low = _sum(high * 2.0**_HALF, low * 2.0**_HALF, half.astype(np.float64))
    return high, low


def _sum(high: Array, low: Array, more: Array) -> tuple[Array, Array]:
    """(high + low) + more, the rounding kept in the second."""
    total = high + more
    part = total - high
    rest = low + ((high - (total - part)) + (more - part))
    found = total + rest
    return found, rest - (found - total)


def _product(a: Array, b: Array) -> tuple[Array, Array]:
    """A product and its rounding (Dekker)."""
    a_high = a * _SPLIT - (a * _SPLIT - a)
    b_high = b * _SPLIT - (b * _SPLIT - b)
    a_low, b_low = a - a_high, b - b_high
    product = a * b
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def _quotients(num: tuple[Array, Array], den: tuple[Array, Array]) -> tuple[Array, Array]:
    """Quotients, and where their rounding is certain."""
    with np.errstate(all="ignore"):
        first = num[0] / den[0]
        product, error = _product(first, den[0])
        second = (((num[0] - product) - error) + num[1] - first * den[1]) / den[0]
        found = first + second
        rest = np.abs(second - (found - first))
        half = np.spacing(np.abs(found)) / 2
        edge = np.frexp(found)[0]
        sure = rest < half * _SURE
        # below a power of two doubles lie twice as near
        sure &= (np.abs(edge) != 0.5) | (rest < half * (_SURE / 2))  # noqa: PLR2004  as frexp has it
        sure &= np.isfinite(found) & (np.abs(num[0]) < _WIDE) & (np.abs(den[0]) < _WIDE)
        return found, (sure & (np.abs(found) > 1 / _WIDE)) | (num[0] == 0)


def _integer(whole: Array, row: int) -> int:
    if whole.ndim == 0:
        return int(whole)
    words = whole[row]
    return int(words) if words.ndim == 0 else int.from_bytes(words.tobytes(), "little", signed=True)


def _quotient(num: int, den: int) -> float:
    try:
        return num / den
    except OverflowError:
        return INF if num > 0 else -INF
