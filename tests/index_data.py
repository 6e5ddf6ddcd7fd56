"""The shared data that indices are held against, read by the pages of `examples/`; absent, a test skips."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from gangmu.plan.index.ask import body_of
from gangmu.plan.index.compute import Computed, compute
from gangmu.plan.index.population import Floats, read_panel
from gangmu.rulebook.load import load

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a shared CSV file; skips the test where it is not there."""
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"the shared data are not here: {name}")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def asem() -> Computed:
    """ASEM as COINr's stored run read it: indicators of its raw stage, and GDP at ten significant digits.

    The stored figures say so: `stage_raw / stage_denominated` is GDP at ten digits for every unit.
    """
    raw = {row["UnitCode"]: row for row in rows("asem_coinr/stage_raw.csv")}
    units = [
        row | raw[row["uCode"]] | {"GDP": f"{float(row['GDP']):.10g}"}
        for row in rows("asem_coinr/input_data.csv")
    ]
    body = body_of(load(ROOT / "examples" / "asem").rules["asem.asem"])
    return compute(body, read_panel(body, units))


def desi() -> Computed:
    """DESI 2021 with what its publisher filled in."""
    body = body_of(load(ROOT / "examples" / "desi").rules["desi.desi"])
    rows("desi_2021/indicators_2021.csv")
    return compute(body, read_panel(body, DATA / "desi_2021" / "indicators_2021.csv"))


def table(name: str, key: str, units: tuple[str, ...], columns: tuple[str, ...]) -> Floats:
    """A shared table as units by columns; NaN where it has nothing."""
    found = {row[key]: row for row in rows(name)}
    return np.array([[float(found[unit][column] or "nan") for column in columns] for unit in units])
