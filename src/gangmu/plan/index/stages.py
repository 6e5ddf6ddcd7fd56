"""The stages before weights: denominators, coverage, missing values, outliers, one scale.

Each stage of each combination of methods is worked out once and remembered, so that a thousand runs that
differ in weights share one normalised table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from gangmu.plan.index.frame import Frame, frame_of
from gangmu.plan.index.impute import impute
from gangmu.plan.index.normalise import normalise
from gangmu.plan.index.population import Floats, Panel, Population, Truths
from gangmu.plan.index.treat import Treated, treat
from gangmu.rulebook.model import Choice, Index

BEFORE_WEIGHTS = ("screen", "impute", "treat", "normalise")
Methods = Mapping[str, Choice]  # by stage


@dataclass(slots=True)
class Stages:
    """The stages of one index for one year of a panel; results are kept by the methods that made them."""

    body: Index
    panel: Panel
    year: str
    frame: Frame = field(init=False)
    kept: dict[tuple[object, ...], object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.frame = frame_of(self.body)

    @property
    def population(self) -> Population:
        """The units of the year."""
        return self.panel.years[self.year]

    def raw(self) -> Floats:
        """The figures as they were read."""
        return self._columns(self.population)

    def _columns(self, population: Population) -> Floats:
        return population.matrix([one.column or one.rule for one in self.frame.leaves])

    def denominated(self, population: Population | None = None) -> Floats:
        """The figures, divided where the page says by what; by 0 is missing."""
        where = population or self.population
        found = self._columns(where).copy()
        for place, one in enumerate(self.frame.leaves):
            if one.per:
                under = where.columns[one.per]
                found[:, place] /= np.where(under == 0, np.nan, under)
        return found

    def screened(self, methods: Methods) -> Floats:
        """Denominated; without what the publisher filled in unless that is kept; too sparse units empty."""
        screen, fill = methods["screen"], methods["impute"]
        key = ("screened", _key(screen), fill.by == "published")
        if key not in self.kept:
            found = self.denominated()
            if fill.by != "published":
                marked = [self.population.filled[one.column or one.rule] for one in self.frame.leaves]
                found[np.column_stack(marked)] = np.nan
            found[~self._covered(found, screen)] = np.nan
            self.kept[key] = found
        return cast("Floats", self.kept[key])

    def _covered(self, values: Floats, screen: Choice) -> Truths:
        """Which units have enough figures: of all indicators, or of each group right above indicators."""
        there = ~np.isnan(values)
        if screen.by == "none":
            return np.ones(len(values), bool)
        least = float(cast("float", screen.options["least"]))
        parts = [self.frame.names]
        if screen.by == "coverage_of_parts":
            names = set(self.frame.names)
            parts = [tuple(one for one in group.children if one in names) for group in self.frame.groups]
        places = {name: place for place, name in enumerate(self.frame.names)}
        columns = [[places[name] for name in part] for part in parts if part]
        enough = np.array([there[:, part].mean(axis=1) >= least for part in columns])
        return cast("Truths", enough.all(axis=0))

    def imputed(self, methods: Methods) -> Floats:
        """Screened, with missing values filled in (of units that are kept)."""
        key = ("imputed", *(_key(methods[stage]) for stage in BEFORE_WEIGHTS[:2]))
        if key not in self.kept:
            values = self.screened(methods)
            kept: Truths = np.asarray(~np.isnan(values).all(axis=1))
            texts = {
                name: tuple(text for text, keep in zip(column, kept, strict=True) if keep)
                for name, column in self.population.texts.items()
            }
            around = [(distance, one[kept]) for distance, one in self._around()]
            found = values.copy()
            found[kept] = impute(values[kept], methods["impute"], texts, around)
            self.kept[key] = found
        return cast("Floats", self.kept[key])

    def _around(self) -> list[tuple[int, Floats]]:
        """The denominated figures of other years, in the order of this year's units."""
        if ("around",) not in self.kept:
            found = []
            for year, other in self.panel.years.items():
                if year == self.year or not (year.isdigit() and self.year.isdigit()):
                    continue
                places = {unit: place for place, unit in enumerate(other.units)}
                values = self.denominated(other)
                aligned = np.full((len(self.population.units), values.shape[1]), np.nan)
                for place, unit in enumerate(self.population.units):
                    if unit in places:
                        aligned[place] = values[places[unit]]
                found.append((int(year) - int(self.year), aligned))
            self.kept["around",] = found
        return cast("list[tuple[int, Floats]]", self.kept["around",])

    def treated(self, methods: Methods) -> Treated:
        """Imputed, with outliers treated."""
        key = ("treated", *(_key(methods[stage]) for stage in BEFORE_WEIGHTS[:3]))
        if key not in self.kept:
            self.kept[key] = treat(self.imputed(methods), methods["treat"])
        return cast("Treated", self.kept[key])

    def normalised(self, methods: Methods) -> Floats:
        """Treated, on one scale."""
        key = ("normalised", *(_key(methods[stage]) for stage in BEFORE_WEIGHTS))
        if key not in self.kept:
            values = self.treated(methods).values
            self.kept[key] = normalise(values, methods["normalise"], self.frame.signs, self.frame.leaves)
        return cast("Floats", self.kept[key])


def _key(choice: Choice) -> tuple[object, ...]:
    """What tells a method with its options from another."""
    return (choice.by, *((name, repr(value)) for name, value in choice.options.items()))
