"""Pace so far against pace required, as Eurostat and Statistics Canada define it, and its linear counterpart.

Both offices compare the growth seen since the base year with the growth that leads from the base to the
target in time: the ratio of compound annual growth rates (CAGR). Eurostat: "Sustainable development in the
European Union", monitoring report, annex on the method, indicators with a quantitative target. Statistics
Canada: "Progress Measurement for Canada's Sustainable Development Goals", R = d CAGR_i / |CAGR_T|, with d =
-1 where less is better. The thresholds are theirs: 95% and 60%. The linear ratio puts differences for
growth; plans of shares are often written with it in mind. Neither says what will be: a pace is not a
forecast.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final, Literal

from gangmu.rulebook import model

Progress = Literal["on_track", "acceleration_needed", "limited", "deterioration"]

ON_TRACK: Final = 0.95  # of the pace required: Eurostat "significant progress", Statistics Canada "on track"
SOME: Final = 0.60  # Eurostat "moderate progress", Statistics Canada "progress made but acceleration needed"
_YEAR: Final = 365.25  # days


@dataclass(frozen=True, slots=True)
class Pace:
    """Growth a year seen, and required from the base; as a change (linear) and as a rate (compound).

    `years` are from the end of the base year to the value's date. The compound rates are None unless base,
    value and target are positive.
    """

    years: float
    seen: float
    required: float
    seen_rate: float | None
    required_rate: float | None
    to_go: float | None  # the change a year still needed from here; None once the target year is over

    @property
    def linear(self) -> float | None:
        """Seen over required, linear; None where nothing is required."""
        return self.seen / self.required if self.required else None

    @property
    def compound(self) -> float | None:
        """R of Statistics Canada, the ratio of Eurostat: seen over required, compound."""
        if self.seen_rate is None or not self.required_rate:
            return None
        return self.seen_rate / self.required_rate

    @property
    def progress(self) -> Progress | None:
        """The offices' category; None where linear and compound pace fall on two sides of "on track"."""
        ratios = [ratio for ratio in (self.linear, self.compound) if ratio is not None]
        found = [category(ratio) for ratio in ratios]
        if not found or len({one == "on_track" for one in found}) > 1:
            return None
        return found[-1]


def category(ratio: float) -> Progress:
    """The category of a ratio, by the thresholds of both offices."""
    if ratio >= ON_TRACK:
        return "on_track"
    if ratio >= SOME:
        return "acceleration_needed"
    return "limited" if ratio >= 0 else "deterioration"


def pace(base: model.Mark, target: model.Mark, value: Fraction, at: date) -> Pace | None:
    """The pace from the end of the base year to a value; None where no time has passed or no way is asked.

    Both ratios divide by the way to the target, so that a target below its base (less is better) needs no
    sign of its own.
    """
    begins, closes = date(base.year, 12, 31), date(target.year, 12, 31)
    years, whole = (at - begins).days / _YEAR, (closes - begins).days / _YEAR
    start, aim, now = (float(number) for number in (base.value.value, target.value.value, value))
    if years <= 0 or whole <= 0 or start == aim:
        return None
    positive = min(start, aim, now) > 0
    left = (closes - at).days / _YEAR
    return Pace(
        years,
        (now - start) / years,
        (aim - start) / whole,
        (now / start) ** (1 / years) - 1 if positive else None,
        (aim / start) ** (1 / whole) - 1 if positive else None,
        (aim - now) / left if left > 0 else None,
    )
