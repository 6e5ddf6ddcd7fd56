"""Random evidence for a random rulebook: rows with and without holes, ties placed on purpose, dates at edges.

Values come from the very numbers that bound tables and parameters, or from one unit of the last digit beside
them; some rows are made to meet `a + b = c` and `m1 = m2 * p`. A few numbers are huge, a few tiny.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from conformance.rules import NICE
from gangmu.engine.dates import Dating
from gangmu.rulebook.model import ROOT

Row = dict[str, object]
Number = tuple[str, int, int | None, int | None]  # unit, decimals, lowest, highest
NUMBERS: Mapping[str, Number] = {
    "a": ("ratio", 6, -5, 5), "b": ("ratio", 6, 0, None), "c": ("ratio", 6, None, None),
    "f": ("ratio", 12, 0, 1), "m1": ("CNY", 2, 0, None), "m2": ("CNY", 2, 0, None),
    "v": ("CNY", 2, None, None), "wan1": ("CNY", 4, 0, None),
    "staff": ("persons", 0, 0, 10_000_000), "lab": ("persons", 0, 0, 1000), "pts": ("points", 1, 0, 100),
    "span": ("months", 0, 0, None), "waited": ("days", 0, 0, None), "made": ("items", 0, 0, None),
}  # fmt: skip
FIELDS: Mapping[str, Mapping[str, Number]] = {
    "s": {
        "x": ("ratio", 6, -5, 5), "y": ("ratio", 6, 0, None),
        "m": ("CNY", 2, 0, None), "n": ("CNY", 2, None, None),
    },
    "t": {"x": ("ratio", 6, None, None), "c": ("items", 0, 0, None)},
    "u": {"x": ("ratio", 6, 0, 3), "m": ("CNY", 2, 0, None)},
}  # fmt: skip
HUGE = ("1234567890123456.60", "98765432109876.54", "9876543210987600")
BEYOND = "31415926535897932384"  # more than a machine word holds once it is scaled
WORDS = ("65x", "659", "m1", "zz", "65", "13")
VAST = 25  # in a hundred samples
CLEAN = 10  # in a hundred samples
FAR = (date(2000, 2, 29), date(2020, 2, 29), date(2023, 2, 28), date(2024, 12, 31), date(2030, 1, 1))


@dataclass(frozen=True)
class Evidence:
    """Tables as `read_evidence` takes them, and how their cases are dated."""

    tables: Mapping[str, Sequence[Row]]
    dating: Dating

    def only(self, keys: Sequence[str]) -> Evidence:
        """The rows of some cases."""
        kept = {name: [row for row in rows if row[ROOT] in keys] for name, rows in self.tables.items()}
        return Evidence({name: rows for name, rows in kept.items() if rows or name == ROOT}, self.dating)


@dataclass
class _Draw:
    random: Random
    edges: Sequence[date]
    shares: Sequence[str] = ("0.05",)  # quotients that facts are made to meet
    vast: bool = False  # whether some numbers are huge, so that products need wide integers
    clean: bool = False  # whether most cases have no holes, so that a point path is taken
    tables: dict[str, list[Row]] = field(default_factory=lambda: {ROOT: [], "s": [], "t": [], "u": []})
    moods: dict[str, str] = field(default_factory=dict)  # what all values of a field have in common

    def mood(self, name: str) -> str:
        """Most fields hold anything; some no negative number, only whole ones, or nothing at all."""
        if name not in self.moods:
            never = 0 if self.clean else 6
            weights = (80 - never, 10, 10, never)
            self.moods[name] = self.random.choices(("any", "positive", "whole", "never"), weights)[0]
        return self.moods[name]

    def pick(self, items: Sequence[str]) -> str:
        """One of some words."""
        return items[self.random.randrange(len(items))]

    def chance(self, percent: float) -> bool:
        """True so often in a hundred."""
        return self.random.random() * 100 < percent

    def number(self, unit: str, decimals: int, low: int | None, high: int | None) -> str:
        """A number within its range: nice, beside a nice one, or any."""
        kind = self.random.randrange(100)
        step = Decimal(1).scaleb(-decimals)
        value = Decimal(str(self.pick(NICE[unit]))).quantize(step)
        if 60 <= kind < 75:
            value += step * self.random.choice((-1, 1))
        elif 75 <= kind < 97:
            value = (value * self.random.randint(1, 999) / 100).quantize(step)
        elif kind == 97 and high is None and self.vast:
            value = Decimal(self.random.choice(HUGE)).quantize(step) if decimals < 4 else value
        elif kind == 98:
            value = step
        elif kind == 99 and low is None:
            value = -value
        if low is not None:
            value = max(value, Decimal(low))
        if high is not None:
            value = min(value, Decimal(high))
        return format(value, "f")

    def day(self) -> date:
        """A day at an edge, beside it, or far away."""
        if self.chance(25):
            return self.random.choice(FAR)
        near = self.random.choice(self.edges) + timedelta(self.random.choice((-1, 0, 0, 1)))
        return near.replace(year=near.year - self.random.choice((0, 0, 1, 2, 3)), day=min(near.day, 28))

    def case(self, key: str, as_of: date, holes: float) -> None:
        """One case with all its rows."""
        row: Row = {name: self.number(*spec) for name, spec in NUMBERS.items()}
        if self.vast and self.chance(2):
            row["b"] = BEYOND
        row |= {name: self.pick(("true", "false")) for name in "pqo"}
        row |= {"k": self.pick(("one", "two", "three", "four")), "w": self.pick(WORDS), "no1": "A1"}
        row |= {name: self.day() for name in ("born", "d1", "d2", "from1", "to1")}
        self._tie(row, as_of)
        told: Row = {name: str(value) for name, value in self.punch(self.fitting(row, ""), holes).items()}
        told |= {ROOT: key, "as_of": str(as_of)}
        if self.chance(15):
            told["base_year"] = str(as_of.year - self.random.choice((0, 1, 2)))
        claims = {
            name: self.pick(("partial", "partial", "complete", "complete", "empty"))
            for name in ("s", "t", "u")
        }
        for state in ("complete", "empty"):
            told[state] = "|".join(name for name, claim in claims.items() if claim == state)
        self.tables[ROOT].append(dict(told))
        for name, claim in claims.items():
            if claim != "empty":
                self.related(name, key, as_of, holes)

    def fitting(self, row: Row, entity: str) -> Row:
        """The row as the moods of its fields have it."""
        found = dict(row)
        fields = FIELDS[entity] if entity else NUMBERS
        for name, value in row.items():
            mood = self.mood(f"{entity}.{name}")
            if mood == "never":
                found[name] = ""
            elif mood != "any" and name in fields:
                number = abs(Decimal(str(value)))
                found[name] = format(number if mood == "positive" else number.to_integral_value(), "f")
        return found

    def punch(self, row: Row, holes: float) -> Row:
        """The row with holes: facts not given, or said not to exist."""
        if holes == 0:
            return row
        return {
            name: value if not self.chance(holes) else "n/a" if self.chance(6) else ""
            for name, value in row.items()
        }

    def _tie(self, row: Row, as_of: date) -> None:
        """Make some facts meet exactly."""
        if self.chance(30):
            share = Decimal(self.random.choice(self.shares))
            beside: tuple[int, ...] = (0,)
            if self.vast and self.chance(
                60
            ):  # so large that a double cannot tell it from what lies beside it
                row["m2"], beside, share = self.random.choice(HUGE), (-1, 0, 1), Decimal(self.shares[0])
            met = (Decimal(str(row["m2"])) * share).quantize(Decimal("0.01"))
            row["m1"] = format(met + self.random.choice(beside) * Decimal("0.01"), "f")
        if self.chance(20):
            row["c"] = str(Decimal(str(row["a"])) + Decimal(str(row["b"])))
        if self.chance(20):
            row["v"] = str(Decimal(str(row["m1"])) - Decimal(str(row["m2"])))
        if self.chance(20):
            row["b"] = str(abs(Decimal(str(row["a"]))))
        if self.chance(20):
            row[self.random.choice(("born", "d1", "d2", "from1", "to1"))] = as_of
        if self.chance(20):
            row["d2"] = row["d1"]
        if self.chance(15):
            row[self.random.choice(("born", "d1", "from1"))] = _year_before(as_of)

    def related(self, name: str, key: str, as_of: date, holes: float) -> None:
        """The rows of one entity of one case."""
        years = [year for year in range(as_of.year - 4, as_of.year + 1) if self.chance(60)]
        for place in range(len(years) if name == "s" else self.random.randint(0, 3)):
            row: Row = {field_: self.number(*spec) for field_, spec in FIELDS[name].items()}
            fixed: Row = {ROOT: key}
            match name:
                case "s":
                    row |= {"on": self.pick(("true", "false")), "k": self.pick(("one", "two"))}
                    fixed["year"] = str(years[place])
                case "t":
                    row |= {"on": self.pick(("true", "false")), "until": str(self.day())}
                    day = as_of + timedelta(self.random.choice((-400, -30, -1, 0, 1)))
                    fixed |= {"day": str(day), "no": f"{key}-{place}"}
                case _:
                    row["w"] = self.pick(WORDS)
            self.tables[name].append({**self.punch(self.fitting(row, name), holes), **fixed})


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28))


def draw_evidence(
    random: Random, rows: int, edges: Sequence[date], shares: Sequence[str], vast: int = VAST
) -> Evidence:
    """Cases with no holes, few, and many; one as-of date for all of them, or each its own.

    `vast`: in a hundred samples, those with huge numbers.
    """
    drawn = _Draw(
        random, edges, shares or ("0.05",), random.randrange(100) < vast, random.randrange(100) < CLEAN
    )
    days = [edge + timedelta(shift) for edge in edges for shift in (-1, 0, 1)]
    one = random.choice([*days, date(2025, 6, 30)]) if drawn.chance(75) else None
    for place in range(rows):
        holes = random.choice((0.0, 0.0, 0.0, 40.0) if drawn.clean else (0.0, 30.0, 50.0, 75.0))
        drawn.case(f"e{place}", one or random.choice(days), holes)
    tables = {name: found for name, found in drawn.tables.items() if found}
    return Evidence(tables, Dating("as_of") if one is None else Dating(day=one))
