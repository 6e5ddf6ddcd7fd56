"""The 34 rules in NumPy, an array a step; and in plain Python for one enterprise."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from policy.parameters import (
    ASKED,
    CAP_FEW,
    CAP_MANY,
    CAP_SOME,
    COLUMNS,
    CONVERSIONS,
    FEW_STAFF,
    GROWTH,
    H_GATES,
    MANAGEMENT_TOP,
    MIDDLE_REVENUE,
    NUMBERS,
    RD_OF_COST,
    RD_OF_REVENUE,
    RIGHTS,
    RIGHTS_BASE,
    SMALL_REVENUE,
    SME_RIGHTS,
    SOME_GROWTH,
    SOME_STAFF,
    STAFF,
    STANDARD_POINTS,
    TOTALS,
    reforms,
)
from worker import Work, serve

Columns = dict[str, Any]
REPEATS = 2000  # of one enterprise in a run


def brackets(x: Any, table: Sequence[tuple[float, int]]) -> Any:
    """Points by the highest bound reached."""
    return np.select([x >= low for low, _ in table], [number for _, number in table], 0)


def growth(d: Columns, what: str) -> Any:
    """Points for the mean of two years' growth."""
    x = 0.5 * ((d[f"{what}1"] / d[f"{what}2"] - 1) + (d[f"{what}2"] / d[f"{what}3"] - 1))
    return np.where(x >= GROWTH[-1][0], brackets(x, GROWTH), np.where(x > 0, SOME_GROWTH, 0))


def fixed(d: Columns) -> Columns:
    """All that no reform moves."""
    rd, revenue = d["rd1"] + d["rd2"] + d["rd3"], d["rev1"] + d["rev2"] + d["rev3"]
    o: Columns = {"h_ip": (d["ip1"] > 0) | (d["ip2"] > 0), "h_field": d["tech_field"] > 0}
    o["h_clean"] = ~(d["accident"] | d["dishonest"])
    o["t_clean"] = o["h_clean"] & ~d["prohibited"]
    o["t_direct"] = d["cert"] | d["award"] | d["institution"] | d["standard"]
    o["staff_ratio"], o["rd_ratio"] = d["rd_staff"] / d["staff"], rd / revenue
    o["domestic_ratio"] = np.where(rd > 0, d["rd_domestic"] / np.maximum(rd, 1), 0)
    o["income_ratio"] = d["ht_income"] / d["total_income"]
    rights = np.select([d[n] >= low for n, low, _ in RIGHTS], [p for _, _, p in RIGHTS], 0)
    o["h_score"] = np.where(o["h_ip"], RIGHTS_BASE + rights, 0) + np.where(d["standard"], STANDARD_POINTS, 0)
    o["h_score"] += brackets(d["conv3"] / 3, CONVERSIONS) + np.clip(d["mgmt_pts"], 0, MANAGEMENT_TOP)
    o["h_score"] += growth(d, "rev") + growth(d, "na")
    o["t_staff"] = brackets(d["sci_staff"] / d["staff"], STAFF)
    best = np.maximum(
        brackets(d["rd1"] / d["rev1"], RD_OF_REVENUE), brackets(d["rd1"] / d["cost1"], RD_OF_COST)
    )
    sme_rights = np.select([d[n] >= low for n, low, _ in SME_RIGHTS], [p for _, _, p in SME_RIGHTS], 0)
    o["t_score"] = o["t_staff"] + best + sme_rights
    o["cap"] = np.select([d["staff"] <= FEW_STAFF, d["staff"] <= SOME_STAFF], [CAP_FEW, CAP_SOME], CAP_MANY)
    return o


def moved(d: Columns, o: Columns, n: Mapping[str, float]) -> Columns:
    """What depends on the numbers that a reform may move."""
    o = dict(o)
    small, middle = d["rev1"] <= SMALL_REVENUE, d["rev1"] <= MIDDLE_REVENUE
    o["h_age"] = d["age_days"] >= n["age"]
    o["h_staff"] = o["staff_ratio"] >= n["staff_floor"]
    o["h_rd"] = o["rd_ratio"] >= np.select([small, middle], [n["rd_small"], n["rd_middle"]], n["rd_large"])
    o["h_domestic"] = o["domestic_ratio"] >= n["domestic"]
    o["h_income"] = o["income_ratio"] >= n["income"]
    o["h_score_ok"] = o["h_score"] > n["score_mark"]
    o["t_size"] = (
        (d["staff"] <= n["staff_top"]) & (d["rev1"] <= n["revenue_top"]) & (d["assets"] <= n["assets_top"])
    )
    o["h_eligible"] = np.logical_and.reduce([o[name] for name in H_GATES])
    enough = (o["t_score"] >= n["sme_mark"]) & (o["t_staff"] > 0)
    o["t_eligible"] = o["t_size"] & o["t_clean"] & (o["t_direct"] | enough)
    o["tax_saving"] = np.where(o["h_eligible"], np.maximum(d["profit"], 0) * n["tax_gap"], 0.0)
    loan = np.minimum(o["cap"], n["loan_revenue"] * d["rev1"] + n["loan_rd"] * d["rd1"])
    o["loan"] = np.where(o["h_eligible"] | o["t_eligible"], loan, 0.0)
    return o


def columns(folder: Path) -> Columns:
    """The enterprises."""
    return {name: np.load(folder / "columns" / f"{name}.npy") for name in COLUMNS}


def policy(folder: Path) -> Work:
    """One policy, eighteen columns."""
    d = columns(folder)
    return Work(lambda: moved(d, fixed(d), NUMBERS), lambda found: {n: found[n] for n in ASKED})


def one_pass_a_reform(folder: Path) -> Work:
    """A hundred reforms: what none moves once."""
    d = columns(folder)

    def run() -> list[list[float]]:
        same = fixed(d)
        every = (moved(d, same, numbers) for numbers in reforms())
        return [[float(found[name].sum()) for name in TOTALS] for found in every]

    return Work(run, lambda found: {"totals": found})


def one(folder: Path) -> Work:
    """One enterprise in plain Python: what a programmer would write for it, in doubles, nothing unknown."""
    record = json.loads((folder / "records.json").read_text())[0]

    def run() -> object:
        for _ in range(REPEATS):
            found = of_one(record)
        return found

    return Work(run, lambda found: {name: [float(found[name])] for name in ASKED}, times=1 / REPEATS)


def _first(x: float, table: Sequence[tuple[float, int]]) -> int:
    for low, number in table:
        if x >= low:
            return number
    return 0


def _growth(d: Mapping[str, Any], what: str) -> int:
    x = 0.5 * ((d[f"{what}1"] / d[f"{what}2"] - 1) + (d[f"{what}2"] / d[f"{what}3"] - 1))
    return _first(x, GROWTH) or (SOME_GROWTH if x > 0 else 0)


def of_one(d: Mapping[str, Any], n: Mapping[str, float] = NUMBERS) -> dict[str, Any]:
    """The eighteen answers about one enterprise."""
    rd, revenue = d["rd1"] + d["rd2"] + d["rd3"], d["rev1"] + d["rev2"] + d["rev3"]
    floor = (
        n["rd_small"]
        if d["rev1"] <= SMALL_REVENUE
        else n["rd_middle"]
        if d["rev1"] <= MIDDLE_REVENUE
        else n["rd_large"]
    )
    o: dict[str, Any] = {"h_age": d["age_days"] >= n["age"], "h_ip": d["ip1"] > 0 or d["ip2"] > 0}
    o["h_field"], o["h_staff"] = d["tech_field"] > 0, d["rd_staff"] / d["staff"] >= n["staff_floor"]
    o["h_rd"], o["h_domestic"] = (
        rd / revenue >= floor,
        (d["rd_domestic"] / rd if rd > 0 else 0) >= n["domestic"],
    )
    o["h_income"] = d["ht_income"] / d["total_income"] >= n["income"]
    score = RIGHTS_BASE + next((p for name, low, p in RIGHTS if d[name] >= low), 0) if o["h_ip"] else 0
    score += STANDARD_POINTS if d["standard"] else 0
    score += _first(d["conv3"] / 3, CONVERSIONS) + min(max(d["mgmt_pts"], 0), MANAGEMENT_TOP)
    o["h_score"] = score + _growth(d, "rev") + _growth(d, "na")
    o["h_score_ok"] = o["h_score"] > n["score_mark"]
    o["h_clean"] = not (d["accident"] or d["dishonest"])
    o["h_eligible"] = all(o[name] for name in H_GATES)
    o["t_size"] = (
        d["staff"] <= n["staff_top"] and d["rev1"] <= n["revenue_top"] and d["assets"] <= n["assets_top"]
    )
    o["t_clean"] = o["h_clean"] and not d["prohibited"]
    o["t_direct"] = d["cert"] or d["award"] or d["institution"] or d["standard"]
    staff = _first(d["sci_staff"] / d["staff"], STAFF)
    rd_points = max(_first(d["rd1"] / d["rev1"], RD_OF_REVENUE), _first(d["rd1"] / d["cost1"], RD_OF_COST))
    o["t_score"] = staff + rd_points + next((p for name, low, p in SME_RIGHTS if d[name] >= low), 0)
    enough = o["t_score"] >= n["sme_mark"] and staff > 0
    o["t_eligible"] = o["t_size"] and o["t_clean"] and (o["t_direct"] or enough)
    cap = CAP_FEW if d["staff"] <= FEW_STAFF else CAP_SOME if d["staff"] <= SOME_STAFF else CAP_MANY
    o["tax_saving"] = max(d["profit"], 0) * n["tax_gap"] if o["h_eligible"] else 0.0
    loan = min(cap, n["loan_revenue"] * d["rev1"] + n["loan_rd"] * d["rd1"])
    o["loan"] = loan if o["h_eligible"] or o["t_eligible"] else 0.0
    return o


if __name__ == "__main__":
    serve({"policy": policy, "reforms": one_pass_a_reform, "one": one})
