"""Roots rounded to 15 digits, a column at a time: in 64-bit mantissas, where they leave no doubt.

An extended double carries 19 digits; a root worked out in it is off by less than a thousandth of the
fifteenth digit (a hundredth, for other roots than square roots). So rounding is sure unless the next digits
stand near a half; those rows, and machines whose long double is no longer than a double, are left to Python.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gangmu.engine.kernel.columns import Array

_LONG = np.longdouble
_MANTISSA = 63
_DIGITS = 15
_MOST = 18  # the largest power of ten that a word holds


@dataclass(frozen=True, slots=True)
class Roots:
    """Where a root is sure, and there its value as a whole number over a power of ten."""

    sure: Array
    num: Array
    den: Array


def roots(num: Array, den: Array, degree: int) -> Roots | None:
    """The roots of num / den (long doubles, num >= 0, den > 0); None where the machine has too few digits."""
    if np.finfo(_LONG).nmant < _MANTISSA:
        return None
    ratio = num / den
    positive = ratio > 0
    safe = np.where(positive, ratio, _LONG(1))
    root = np.sqrt(safe) if degree == 2 else safe ** (_LONG(1) / degree)  # noqa: PLR2004  square
    places = _DIGITS - 1 - np.floor(np.log10(root)).astype(np.int64)
    fits = (places >= 0) & (places <= _MOST)
    power = np.where(fits, places, 0)
    scaled = root * (_LONG(10) ** power.astype(_LONG))
    whole = np.rint(scaled)
    doubt = 1e-3 if degree == 2 else 1e-2  # noqa: PLR2004  as above
    # at the edge of a power of ten the count of digits itself may be off by one
    digits = (whole >= _LONG(10) ** (_DIGITS - 1)) & (whole < _LONG(10) ** _DIGITS)
    sure = fits & digits & (np.abs(scaled - whole) < 0.5 - doubt)
    word = np.where(sure, whole, 0).astype(np.int64)
    ten = np.array([10**n for n in range(_MOST + 1)], np.int64)[power]
    return Roots(sure | ~positive, np.where(positive, word, 0), np.where(positive, ten, 1))
