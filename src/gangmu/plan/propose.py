"""For those who write the next plan: how likely a draft target is, and which target has 50, 70, 90%.

The same projection, bands and limits as for targets that stand. With fewer than six comparable points, or
farther ahead than was calibrated, there is no probability, and the reason is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal

from gangmu.errors import EvidenceError, Problem
from gangmu.plan.feed import indicator_named
from gangmu.plan.forecast import Projection, calibration, project
from gangmu.plan.rows import read_rows
from gangmu.plan.series import FEWEST, Series, comparable
from gangmu.plan.standing import indicator_of, observed
from gangmu.plan.track import Range, is_share, spread_of
from gangmu.rulebook import model
from gangmu.rulebook.located import Text
from gangmu.rulebook.reading import Reading

NEEDED: Final = ("indicator", "year")
KNOWN: Final = ("target", "unit")
CHANCES: Final = (0.5, 0.7, 0.9)

Why = Literal["", "few_points", "too_far", "over"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A target that is thought of; without a value only the likely ones are asked."""

    rule: model.Rule
    year: int
    target: model.Quantity | None


@dataclass(frozen=True, slots=True)
class Drafted:
    """What can be said of a draft. `why` says why there is no projection."""

    draft: Draft
    series: Series
    projection: Projection | None
    spread: Range | None
    why: Why

    @property
    def more(self) -> bool:
        """Whether more is better."""
        return indicator_of(self.draft.rule).direction == "up"

    @property
    def probability(self) -> float | None:
        """How likely the draft is reached."""
        if self.projection is None or self.draft.target is None:
            return None
        return self.projection.probability(float(self.draft.target.value), more=self.more)

    @property
    def targets(self) -> dict[float, float]:
        """The targets that are reached with 50, 70 and 90%."""
        made = self.projection
        return {chance: made.reached_with(chance, more=self.more) for chance in CHANCES} if made else {}


def read_drafts(book: model.Rulebook, path: str | Path) -> list[Draft]:
    """Drafts from a CSV file: indicator, year, target, unit. Raises `EvidenceError`."""
    file, problems = Path(path), list[Problem]()
    reading = Reading(file.name, None, frozenset(), problems)
    drafts: list[Draft] = []
    for number, row in read_rows(file, NEEDED, KNOWN):
        rule = indicator_named(book, row["indicator"])
        year = row["year"]
        if rule is None or not (year.isdecimal() and len(year) == 4):  # noqa: PLR2004  digits of a year
            what = f"`{row['indicator']}`, `{year}`"
            expected = "an indicator of the rulebook, and a year"
            problems.append(Problem("value-invalid", f"{file.name}:{number}", what, expected, "correct it"))
            continue
        reading.rule, body = rule.short, indicator_of(rule)
        unit, target = row.get("unit") or body.unit, row.get("target", "")
        written = f"{target}{unit}" if unit == "%" else f"{target} {unit}"
        quantity = reading.quantity(Text(written, number), body.kind) if target else None
        drafts.append(Draft(rule, int(year), quantity))
    if problems:
        raise EvidenceError(problems)
    return drafts


def propose(book: model.Rulebook, drafts: list[Draft], as_of: date) -> list[Drafted]:
    """What can be said of drafts from what was published by a day."""
    series = [comparable(observed(book, indicator_of(draft.rule), as_of)) for draft in drafts]
    made = project(
        [[(year.year, float(year.value)) for year in own.years] for own in series],
        [draft.year for draft in drafts],
        [is_share(indicator_of(draft.rule)) for draft in drafts],
    )
    return [_said(draft, own, found) for draft, own, found in zip(drafts, series, made, strict=True)]


def _said(draft: Draft, own: Series, found: tuple[Projection, ...]) -> Drafted:
    projection = found[-1] if found and found[-1].year == draft.year else None
    spread = spread_of(own, draft.year, indicator_of(draft.rule)) if projection is None else None
    why: Why = ""
    if projection is None:
        last = own.years[-1].year if own.years else draft.year - 1
        far = draft.year - last
        why = "over" if far <= 0 else "few_points" if len(own) < FEWEST else "too_far"
        if far > calibration().farthest:
            why = "too_far"
    return Drafted(draft, own, projection, spread, why)
