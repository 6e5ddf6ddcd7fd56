"""The numbers of the 34 rules, for those who write them by hand, and a hundred reforms. Standard library only.

The rulebook `benchmarks/rulebooks/bench34` holds the same numbers; none is law (see there).
"""

from __future__ import annotations

import random

NUMBERS: dict[str, float] = {
    "age": 365,
    "staff_floor": 0.10,
    "rd_small": 0.05,
    "rd_middle": 0.04,
    "rd_large": 0.03,
    "domestic": 0.60,
    "income": 0.60,
    "score_mark": 70,
    "staff_top": 500,
    "revenue_top": 200_000_000,
    "assets_top": 200_000_000,
    "sme_mark": 60,
    "tax_gap": 0.10,
    "loan_revenue": 0.10,
    "loan_rd": 0.50,
}

# least value, points; below the last: none (growth above zero: 2)
STAFF = [(0.30, 20), (0.25, 16), (0.20, 12), (0.15, 8), (0.10, 4)]
RD_OF_REVENUE = [(0.06, 50), (0.05, 40), (0.04, 30), (0.03, 20), (0.02, 10)]
RD_OF_COST = [(0.30, 50), (0.25, 40), (0.20, 30), (0.15, 20), (0.10, 10)]
CONVERSIONS = [(5, 30), (4, 24), (3, 18), (2, 12), (1, 6)]
GROWTH = [(0.35, 10), (0.25, 8), (0.15, 6), (0.05, 4)]
SOME_GROWTH = 2
# the first that holds
RIGHTS = [("ip1", 1, 8), ("ip2", 5, 6), ("ip2", 3, 4), ("ip2", 1, 2)]
SME_RIGHTS = [("ip1", 1, 30), ("ip2", 4, 24), ("ip2", 3, 18), ("ip2", 2, 12), ("ip2", 1, 6)]
RIGHTS_BASE, STANDARD_POINTS, MANAGEMENT_TOP = 12, 2, 20
SMALL_REVENUE, MIDDLE_REVENUE = 50_000_000, 200_000_000
FEW_STAFF, SOME_STAFF = 20, 300
CAP_FEW, CAP_SOME, CAP_MANY = 3_000_000, 10_000_000, 30_000_000

H_GATES = ["h_age", "h_ip", "h_field", "h_staff", "h_rd", "h_domestic", "h_income", "h_score_ok", "h_clean"]
T_GATES = ["t_size", "t_clean", "t_direct"]
SCHEMES = ["h_eligible", "t_eligible"]
TRUTHS = [*SCHEMES, *H_GATES, *T_GATES]
NUMERIC = ["h_score", "t_score", "tax_saving", "loan"]
ASKED = [*SCHEMES, *NUMERIC, *H_GATES, *T_GATES]
TOTALS = ["h_eligible", "t_eligible", "tax_saving", "loan"]

FLAGS = ["accident", "dishonest", "prohibited", "cert", "award", "institution", "standard"]
COUNTS = ["age_days", "tech_field", "staff", "rd_staff", "sci_staff", "ip1", "ip2", "conv3", "mgmt_pts"]
MONEY = ["rev1", "rev2", "rev3", "rd1", "rd2", "rd3", "rd_domestic", "ht_income", "total_income", "cost1",
         "na1", "na2", "na3", "assets", "profit"]  # fmt: skip
COLUMNS = [*COUNTS, *MONEY, *FLAGS]
HOLED = ["age_days", "rd_staff", "sci_staff", "rev2", "rev3", "rd2", "rd3", "rd_domestic", "ht_income", "na3",
         "conv3", "mgmt_pts", "accident", "cost1"]  # fmt: skip

# What a reform may move, and where to.
CHOICES: dict[str, list[float]] = {
    "staff_floor": [0.05, 0.08, 0.10, 0.12],
    "rd_small": [0.03, 0.04, 0.05, 0.06],
    "rd_middle": [0.03, 0.035, 0.04],
    "rd_large": [0.02, 0.025, 0.03],
    "income": [0.50, 0.55, 0.60, 0.65],
    "score_mark": [60, 65, 70, 75],
    "staff_top": [300, 500, 800],
    "revenue_top": [200_000_000, 300_000_000, 400_000_000],
    "sme_mark": [50, 55, 60, 65],
    "loan_rd": [0.4, 0.5, 0.6],
}
# The path by which the rulebook knows what is moved.
PATHS = {
    "staff_floor": "h_staff_floor",
    "rd_small": "h_rd_floor.small.value",
    "rd_middle": "h_rd_floor.middle.value",
    "rd_large": "h_rd_floor.large.value",
    "income": "h_income_floor",
    "score_mark": "h_score_mark",
    "staff_top": "t_staff_top",
    "revenue_top": "t_rev_top",
    "sme_mark": "t_score_mark",
    "loan_rd": "loan_rd_share",
}


def reforms(count: int = 100, seed: int = 100) -> list[dict[str, float]]:
    """Whole sets of numbers; in each every number that may be moved is drawn anew."""
    chance = random.Random(seed)
    return [NUMBERS | {name: chance.choice(values) for name, values in CHOICES.items()} for _ in range(count)]
