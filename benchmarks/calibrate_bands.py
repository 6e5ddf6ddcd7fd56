"""Choose the models that `gangmu track` combines, calibrate its bands, and count how often they hold.

    python benchmarks/calibrate_bands.py [FOLDER] [--store]

FOLDER has the World Bank's digital and innovation indicators (`wdi_digital_2010_2024.parquet`). Countries are
cut in three by a hash of their code, China and all aggregates left out: on the first third the combination with
the smallest error is chosen; for each of the other two it is counted how often bands held that were made from the
errors of the other one; the errors kept are those of both. `--store` writes the constants to `src/gangmu/plan/calibration.json`.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow.parquet as pq

from gangmu.plan.forecast import BAND, LONGEST, combine, forecasts, scales
from gangmu.plan.models import Matrix
from gangmu.plan.series import FEWEST

ROOT: Final = Path(__file__).resolve().parent.parent
DATA: Final = ROOT.parent / "shared" / "data" / "world_bank_digital"
FILE: Final = "wdi_digital_2010_2024.parquet"
STORED: Final = ROOT / "src" / "gangmu" / "plan" / "calibration.json"

# Digital and innovation only; GDP, its growth, foreign investment and services are neither. Left out as well: secure
# internet servers, whose median more than doubled in every country from 2016 to 2017; they were counted anew,
# and nothing is projected across a break.
SHARES: Final = (
    "Individuals using the Internet (% of population)",
    "High-technology exports (% of manufactured exports)",
    "ICT service exports (% of service exports, BoP)",
)
LEVELS: Final = (
    "Research and development expenditure (% of GDP)",
    "Scientific and technical journal articles",
    "Patent applications, residents",
    "Patent applications, nonresidents",
    "High-technology exports (current US$)",
    "Mobile cellular subscriptions (per 100 people)",
    "Fixed broadband subscriptions (per 100 people)",
)
AGGREGATES: Final = frozenset((
    "AFE", "AFW", "ARB", "CEB", "CSS", "EAP", "EAR", "EAS", "ECA", "ECS", "EMU", "EUU", "FCS", "HIC", "HPC", "IBD",
    "IBT", "IDA", "IDB", "IDX", "INX", "LAC", "LCN", "LDC", "LIC", "LMC", "LMY", "LTE", "MEA", "MIC", "MNA", "NAC",
    "OED", "OSS", "PRE", "PSS", "PST", "SAS", "SSA", "SSF", "SST", "TEA", "TEC", "TLA", "TMN", "TSA", "TSS", "UMC",
    "WLD",
))  # fmt: skip
OWN: Final = "CHN"  # the plan's own country is not among those that its bands are taken from
LENGTHS: Final = tuple(range(FEWEST, LONGEST + 1))
AHEAD: Final = tuple(range(1, 8))
FEWEST_CASES: Final = 300  # below that a length shares the errors of all lengths
QUANTILES: Final = (0.005, *(round(step / 100, 2) for step in range(1, 100)), 0.995)
LIKE_THE_BEST: Final = 1.01  # errors so near the smallest are no reason to prefer one combination
MOST: Final = 20.0  # yearly changes: what one error can count for
ALL: Final = ("damped", "local", "logistic", "naive")
CHOOSE, ONE, OTHER = range(3)


@dataclass(frozen=True, slots=True)
class Cases:
    """Series of one length cut off, and what came some years later."""

    series: Matrix
    later: Matrix
    shares: list[bool]
    third: Matrix
    units: int  # how many series they were cut from


def read(folder: Path) -> list[tuple[str, bool, Matrix]]:
    """Country, whether a share, and the years 2010 to 2024, for every indicator and country."""
    table = pq.read_table(folder / FILE).to_pydict()
    years = sorted(set(table["year"]))
    found: dict[tuple[str, str], Matrix] = {}
    for row, (year, country) in enumerate(zip(table["year"], table["country"], strict=True)):
        if country in AGGREGATES or country == OWN:
            continue
        for name in (*SHARES, *LEVELS):
            value = table[name][row]
            if value is not None:
                place = found.setdefault((name, country), np.full(len(years), np.nan))
                place[year - years[0]] = value / 100 if name in SHARES else value
    return [(country, name in SHARES, values) for (name, country), values in sorted(found.items())]


def third_of(country: str) -> int:
    """Which third a country belongs to; all of its series stay together."""
    return int(hashlib.sha256(country.encode()).hexdigest(), 16) % 3


def cut(rows: Sequence[tuple[str, bool, Matrix]], length: int, ahead: int) -> Cases:
    """Every stretch of `length` years without a gap that has a value `ahead` years later."""
    series, later, shares, third, units = [], [], [], [], set()
    for number, (country, share, values) in enumerate(rows):
        for end in range(length, len(values) - ahead + 1):
            own, then = values[end - length : end], values[end + ahead - 1]
            if np.isfinite(own).all() and np.isfinite(then) and own.min() > 0 and np.ptp(own) > 0:
                series.append([*[np.nan] * (LONGEST - length), *own])
                later.append(then)
                shares.append(share)
                third.append(third_of(country))
                units.add(number)
    return Cases(np.array(series), np.array(later), shares, np.array(third), len(units))


def every(rows: Sequence[tuple[str, bool, Matrix]]) -> Iterator[tuple[int, int, Cases]]:
    """Cases of every length and number of years ahead that there are any of."""
    for ahead in AHEAD:
        for length in LENGTHS:
            cases = cut(rows, length, ahead)
            if len(cases.series):
                yield ahead, length, cases


def candidates() -> list[tuple[str, ...]]:
    """Every set of models that may be combined, and the two simple ones that they have to beat."""
    return [names for size in range(1, len(ALL) + 1) for names in combinations(ALL, size)] + [("linear",)]


def choose(rows: Sequence[tuple[str, bool, Matrix]]) -> tuple[str, ...]:
    """The combination of most models among those with the smallest error, on the first third.

    The mean is over all lengths and years ahead, an error counting less the farther ahead it is. Where errors
    are alike more models are taken: the mean of many is less at the mercy of one.
    """
    sums = {names: [0.0, 0] for names in candidates()}
    for ahead, _, cases in every(rows):
        mine = cases.third == CHOOSE
        series, later = cases.series[mine], cases.later[mine]
        shares = [share for share, is_mine in zip(cases.shares, mine, strict=True) if is_mine]
        found = forecasts(series, ahead, shares)
        move = np.nanmean(np.abs(np.diff(series, axis=1)), axis=1)
        for names, total in sums.items():
            error = np.abs(combine(found, names, shares)[:, -1] - later) / move
            total[0] += float(np.minimum(error, MOST).sum()) / ahead
            total[1] += len(error)
    means = {names: total / count for names, (total, count) in sums.items()}
    print("mean error of a combination, in yearly changes per year ahead (first third of the countries):")
    for names, mean in sorted(means.items(), key=lambda item: item[1]):
        print(f"  {mean:.4f}  {' + '.join(names)}")
    good = min(means.values()) * LIKE_THE_BEST
    return max(
        (names for names in means if means[names] <= good), key=lambda names: (len(names), -means[names])
    )


def normalised(cases: Cases, ahead: int, names: Sequence[str]) -> tuple[Matrix, Matrix, Matrix]:
    """Errors over scales, forecasts, and scales."""
    found = forecasts(cases.series, ahead, cases.shares)
    value = combine(found, names, cases.shares)[:, -1]
    scale = scales(cases.series, found, names)[:, -1]
    return (cases.later - value) / scale, value, scale


def calibrate(rows: Sequence[tuple[str, bool, Matrix]], names: Sequence[str]) -> list[dict[str, object]]:
    """Quantiles of errors on the last two thirds, by years ahead and length, and how often bands held there."""
    kept: list[dict[str, object]] = []
    print(f"\nhow often bands of {BAND:.0%} held in one third, made from another, by years ahead and length:")
    print("  ahead length  series  cases    held")
    for ahead in AHEAD:
        groups = {length: cut(rows, length, ahead) for length in LENGTHS}
        groups = {length: cases for length, cases in groups.items() if len(cases.series)}
        errors = {length: normalised(cases, ahead, names)[0] for length, cases in groups.items()}
        together: list[Matrix] = []
        for length, cases in groups.items():
            held = np.concatenate([
                within(errors[length][cases.third == there], quantiles(groups, errors, length, [here])[0])
                for here, there in ((ONE, OTHER), (OTHER, ONE))
            ])  # fmt: skip
            together.append(held)
            print(f"  {ahead:5} {length:6} {cases.units:7} {len(held):6}  {held.mean():6.1%}")
            both, count = quantiles(groups, errors, length, [ONE, OTHER])
            rounded = [round(float(value), 4) for value in both]
            kept.append({"ahead": ahead, "length": length, "cases": count, "quantiles": rounded})
        everything = np.concatenate(together)
        print(f"  {ahead:5}    all         {len(everything):6}  {everything.mean():6.1%}")
    return kept


def quantiles(
    groups: dict[int, Cases], errors: dict[int, Matrix], length: int, thirds: Sequence[int]
) -> tuple[Matrix, int]:
    """Quantiles of a length's errors in some thirds, and of how many; of all lengths where it has too few."""
    own = errors[length][np.isin(groups[length].third, thirds)]
    if len(own) < FEWEST_CASES:
        own = np.concatenate([errors[other][np.isin(groups[other].third, thirds)] for other in groups])
    return np.quantile(own, QUANTILES), len(own)


def within(error: Matrix, bounds: Matrix) -> Matrix:
    """Whether errors lie in the band."""
    low, high = np.interp([(1 - BAND) / 2, (1 + BAND) / 2], QUANTILES, bounds)
    return np.asarray((error >= low) & (error <= high))


def main() -> None:
    """Print all, and store the constants if asked."""
    asked = [word for word in sys.argv[1:] if not word.startswith("-")]
    rows = read(Path(asked[0]) if asked else DATA)
    print(f"{len(rows)} series of {len({country for country, _, _ in rows})} countries\n")
    names = choose(rows)
    print(f"\nchosen: {' + '.join(names)}")
    kept = calibrate(rows, names)
    if "--store" in sys.argv:
        lines = ",\n  ".join(json.dumps(line) for line in kept)
        head = {
            "made_by": "benchmarks/calibrate_bands.py",
            "data": "World Development Indicators, CC BY 4.0 (World Bank), 2010-2024, without China and aggregates",
            "combined": list(names), "levels": list(QUANTILES),
        }  # fmt: skip
        body = ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items())
        STORED.write_text(f'{{\n{body},\n "errors": [\n  {lines}\n ]\n}}\n', encoding="utf-8")
        print(f"\nwritten: {STORED.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
