"""Growth rates between bounds, a column at a time: what a missing figure leaves of them.

As `arithmetic.growth` has it: the least is the least later over the greatest earlier figure, the most the
reverse; where the earlier one may be 0 or less, the rate may be undefined and has no upper end; where it
surely is, there is none. Roots are those of `roots`, and rows in which one is in doubt are left to Python.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gangmu.engine.kernel.columns import Array
from gangmu.engine.kernel.kept import Bounds, Ends
from gangmu.engine.kernel.roots import Roots, roots

_SOME, _UNDEFINED, _ENDLESS = 1, 2, 16  # flags of a column worked out before (`sources.Spread`)


def growths(figures: Sequence[Bounds | None], periods: int, found: Ends, rows: Array) -> Array:
    """Put GROWTH(later, earlier, periods) into some rows, periods above 1; returns in which of them."""
    later, earlier = figures
    if later is None or earlier is None:
        return np.zeros(len(rows), bool)
    from_zero = ~earlier.below & (earlier.low[0] > 0)  # the earlier figure is surely above 0
    rises = later.above | (later.high[0] > 0)
    given = later.given & earlier.given
    inside = given & (earlier.above | (earlier.high[0] > 0)) & (later.above | (later.high[0] >= 0))
    endless = rises & (~from_zero | later.above)
    least = inside & ~later.below & (later.low[0] > 0) & ~earlier.above
    most = inside & rises & from_zero & ~later.above
    low = _roots(later.low, earlier.high, least, periods)
    high = _roots(later.high, earlier.low, most, periods)
    if low is None or high is None:
        return np.zeros(len(rows), bool)
    sure: Array = inside & low.sure & high.sure
    ends = (low.num - low.den, np.where(endless, 0, high.num - high.den), low.den, high.den)
    found.ends[:, rows[sure]] = np.stack(ends)[:, sure]
    outside = ~from_zero | later.below | (later.low[0] < 0)
    found.flags[rows[sure]] = (_SOME | outside * _UNDEFINED | endless * _ENDLESS)[sure]
    nowhere = given & ~inside  # there is no rate, whatever the figures are
    found.flags[rows[nowhere]] = _UNDEFINED
    return sure | nowhere


def _roots(over: tuple[Array, Array], under: tuple[Array, Array], where: Array, degree: int) -> Roots | None:
    """The roots of a quotient of fractions above 0 in some rows; elsewhere 0."""
    num, den = (part.astype(np.longdouble) for part in over)
    below, above = (part.astype(np.longdouble) for part in under)
    return roots(np.where(where, num * above, 0), np.where(where, den * below, 1), degree)
