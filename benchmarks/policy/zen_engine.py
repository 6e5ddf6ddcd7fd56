"""The 34 rules for GoRules' zen-engine, one enterprise at a time.

Written as one node of expressions, which it runs faster than a graph of decision tables.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import zen
from policy.parameters import (
    ASKED,
    CAP_FEW,
    CAP_MANY,
    CAP_SOME,
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
)
from worker import Work, serve

REPEATS = 2000  # of one enterprise in a run
SAMPLE = 5000  # enterprises run, of all


def ladder(tests: Iterable[tuple[str, int]], rest: int = 0) -> str:
    """The first test that holds gives its points."""
    return "(" + "".join(f"{test} ? {number} : " for test, number in tests) + f"{rest})"


def brackets(x: str, table: Sequence[tuple[float, int]]) -> list[tuple[str, int]]:
    """Tests of the bounds of a table."""
    return [(f"{x} >= {low}", number) for low, number in table]


def growth(what: str) -> str:
    """Points for the mean of two years' growth."""
    x = f"(0.5 * (({what}1 / {what}2 - 1) + ({what}2 / {what}3 - 1)))"
    return ladder([*brackets(x, GROWTH), (f"{x} > 0", SOME_GROWTH)])


def expressions() -> list[tuple[str, str]]:
    """Each answer, in order; `$` reads one that stands before."""
    n = NUMBERS
    rd = "(rd1 + rd2 + rd3)"
    floor = f"(rev1 <= {SMALL_REVENUE} ? {n['rd_small']} : rev1 <= {MIDDLE_REVENUE} ? {n['rd_middle']} : {n['rd_large']})"
    rights = ladder([(f"{name} >= {low}", number) for name, low, number in RIGHTS])
    sme_rights = ladder([(f"{name} >= {low}", number) for name, low, number in SME_RIGHTS])
    staff = ladder(brackets("sci_staff / staff", STAFF))
    cap = ladder([(f"staff <= {FEW_STAFF}", CAP_FEW), (f"staff <= {SOME_STAFF}", CAP_SOME)], CAP_MANY)
    score = [
        f"($.h_ip ? {RIGHTS_BASE} + {rights} : 0)", f"(standard ? {STANDARD_POINTS} : 0)",
        ladder(brackets("conv3 / 3", CONVERSIONS)), f"min([max([mgmt_pts, 0]), {MANAGEMENT_TOP}])",
        growth("rev"), growth("na"),
    ]  # fmt: skip
    most = f"max([{ladder(brackets('rd1 / rev1', RD_OF_REVENUE))}, {ladder(brackets('rd1 / cost1', RD_OF_COST))}])"
    return [
        ("h_age", f"age_days >= {n['age']}"),
        ("h_ip", "ip1 > 0 or ip2 > 0"),
        ("h_field", "tech_field > 0"),
        ("h_staff", f"rd_staff / staff >= {n['staff_floor']}"),
        ("h_rd", f"{rd} / (rev1 + rev2 + rev3) >= {floor}"),
        ("h_domestic", f"({rd} > 0 ? rd_domestic / {rd} : 0) >= {n['domestic']}"),
        ("h_income", f"ht_income / total_income >= {n['income']}"),
        ("h_score", " + ".join(score)),
        ("h_score_ok", f"$.h_score > {n['score_mark']}"),
        ("h_clean", "not (accident or dishonest)"),
        ("h_eligible", " and ".join(f"$.{name}" for name in H_GATES)),
        (
            "t_size",
            f"staff <= {n['staff_top']} and rev1 <= {n['revenue_top']} and assets <= {n['assets_top']}",
        ),
        ("t_clean", "not (prohibited or accident or dishonest)"),
        ("t_direct", "cert or award or institution or standard"),
        ("t_staff", staff),
        ("t_score", f"$.t_staff + {most} + {sme_rights}"),
        (
            "t_eligible",
            f"$.t_size and $.t_clean and ($.t_direct or ($.t_score >= {n['sme_mark']} and $.t_staff > 0))",
        ),
        ("tax_saving", f"$.h_eligible ? max([profit, 0]) * {n['tax_gap']} : 0"),
        (
            "loan",
            f"($.h_eligible or $.t_eligible) ? min([{cap}, {n['loan_revenue']} * rev1 + {n['loan_rd']} * rd1]) : 0",
        ),
    ]


def decision() -> Any:
    """The rules, ready to be asked."""
    place = {"position": {"x": 0, "y": 0}}
    listed = [{"id": str(i), "key": key, "value": text} for i, (key, text) in enumerate(expressions())]
    content = {
        "passThrough": False,
        "inputField": None,
        "outputPath": None,
        "executionMode": "single",
        "expressions": listed,
    }
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode", **place},
        {"id": "rules", "name": "rules", "type": "expressionNode", "content": content, **place},
        {"id": "out", "name": "out", "type": "outputNode", **place},
    ]
    pairs = (("in", "rules"), ("rules", "out"))
    edges = [{"id": f"{a} {b}", "type": "edge", "sourceId": a, "targetId": b} for a, b in pairs]
    text = json.dumps({"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges})
    return zen.ZenEngine().create_decision(text)


def policy(folder: Path) -> Work:
    """A sample of the enterprises, one after the other."""
    records = json.loads((folder / "records.json").read_text())[:SAMPLE]
    rows = len((folder / "columns" / "accident.npy").read_bytes()) - 128  # a byte a row, after NumPy's header
    rules = decision()
    return Work(
        lambda: [rules.evaluate(record)["result"] for record in records],
        lambda found: {name: [row[name] for row in found] for name in ASKED},
        times=rows / len(records),
    )


def one(folder: Path) -> Work:
    """One enterprise at a time."""
    record = json.loads((folder / "records.json").read_text())[0]
    rules = decision()

    def run() -> object:
        for _ in range(REPEATS):
            found = rules.evaluate(record)["result"]
        return found

    return Work(run, lambda found: {name: [float(found[name])] for name in ASKED}, times=1 / REPEATS)


if __name__ == "__main__":
    serve({"policy": policy, "one": one})
