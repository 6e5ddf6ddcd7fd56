"""The 34 rules in OpenFisca-core, or in policyengine-core, which began as a copy of it and has the same interface.

As their handbooks show it: a Variable a rule, numbers in the parameter tree, a reform as a subclass of Reform.
`float` is float32 there, so a sum of money loses its last digits above 16,777,216.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from policy.parameters import (
    ASKED,
    CAP_FEW,
    CAP_MANY,
    CAP_SOME,
    COLUMNS,
    CONVERSIONS,
    COUNTS,
    FEW_STAFF,
    FLAGS,
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

OPENFISCA = importlib.util.find_spec("openfisca_core") is not None
if OPENFISCA:
    from openfisca_core.entities import build_entity
    from openfisca_core.periods import YEAR
    from openfisca_core.reforms import Reform
    from openfisca_core.simulations import SimulationBuilder
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable
else:
    from policyengine_core.entities import build_entity
    from policyengine_core.periods import YEAR
    from policyengine_core.reforms import Reform
    from policyengine_core.simulations import SimulationBuilder
    from policyengine_core.taxbenefitsystems import TaxBenefitSystem
    from policyengine_core.variables import Variable

YEAR_ASKED = "2025"
START = "2015-01-01"
SAMPLE = 5  # reforms run, of a hundred
REPEATS = 20  # of one enterprise in a run
Enterprise = build_entity(
    key="enterprise", plural="enterprises", label="An enterprise", doc="", is_person=True
)


def brackets(x: Any, table: Sequence[tuple[float, int]]) -> Any:
    """Points by the highest bound reached."""
    lows = np.array([low for low, _ in reversed(table)])
    numbers = np.array([0, *(number for _, number in reversed(table))])
    return numbers[np.searchsorted(lows, x, side="right")]


def growth(what: str) -> Callable[..., Any]:
    """Points for the mean of two years' growth."""

    def formula(enterprise: Any, period: Any) -> Any:
        now, before, first = (enterprise(f"{what}{year}", period) for year in (1, 2, 3))
        x = 0.5 * ((now / before - 1) + (before / first - 1))
        return np.where(x >= GROWTH[-1][0], brackets(x, GROWTH), np.where(x > 0, SOME_GROWTH, 0))

    return formula


def every(names: Sequence[str]) -> Callable[..., Any]:
    """All of some conditions."""
    return lambda e, t: np.logical_and.reduce([e(name, t) for name in names])


def at_least(value: str, number: str) -> Callable[..., Any]:
    """A value reaches a parameter."""
    return lambda e, t, p: e(value, t) >= getattr(p(t), number)


def domestic(e: Any, t: Any) -> Any:
    """The share of R&D spent at home; none where there is no R&D."""
    return np.where(e("rd", t) > 0, e("rd_domestic", t) / np.maximum(e("rd", t), 1), 0)


def rights(table: Sequence[tuple[str, int, int]]) -> Callable[..., Any]:
    """Points of the first row that holds."""
    return lambda e, t: np.select([e(name, t) >= low for name, low, _ in table], [p for *_, p in table], 0)


def loan(e: Any, t: Any, p: Any) -> Any:
    """The least of a cap and shares of revenue and R&D, for those in a scheme."""
    least = np.minimum(e("cap", t), p(t).loan_revenue * e("rev1", t) + p(t).loan_rd * e("rd1", t))
    return np.where(e("h_eligible", t) | e("t_eligible", t), least, 0)


def floor(e: Any, t: Any, p: Any) -> Any:
    """The least R&D intensity by revenue."""
    small, middle = e("rev1", t) <= SMALL_REVENUE, e("rev1", t) <= MIDDLE_REVENUE
    return np.select([small, middle], [p(t).rd_small, p(t).rd_middle], p(t).rd_large)


FORMULAS: dict[str, tuple[type, Callable[..., Any]]] = {
    "rd": (float, lambda e, t: e("rd1", t) + e("rd2", t) + e("rd3", t)),
    "revenue": (float, lambda e, t: e("rev1", t) + e("rev2", t) + e("rev3", t)),
    "h_age": (bool, at_least("age_days", "age")),
    "h_ip": (bool, lambda e, t: (e("ip1", t) > 0) | (e("ip2", t) > 0)),
    "h_field": (bool, lambda e, t: e("tech_field", t) > 0),
    "staff_ratio": (float, lambda e, t: e("rd_staff", t) / e("staff", t)),
    "h_staff": (bool, at_least("staff_ratio", "staff_floor")),
    "rd_ratio": (float, lambda e, t: e("rd", t) / e("revenue", t)),
    "rd_floor": (float, floor),
    "h_rd": (bool, lambda e, t: e("rd_ratio", t) >= e("rd_floor", t)),
    "domestic_ratio": (float, domestic),
    "h_domestic": (bool, at_least("domestic_ratio", "domestic")),
    "income_ratio": (float, lambda e, t: e("ht_income", t) / e("total_income", t)),
    "h_income": (bool, at_least("income_ratio", "income")),
    "p_rights": (int, rights(RIGHTS)),
    "p_ip": (int, lambda e, t: np.where(e("h_ip", t), RIGHTS_BASE + e("p_rights", t), 0) + np.where(e("standard", t), STANDARD_POINTS, 0)),
    "p_conv": (int, lambda e, t: brackets(e("conv3", t) / 3, CONVERSIONS)),
    "p_mgmt": (int, lambda e, t: np.clip(e("mgmt_pts", t), 0, MANAGEMENT_TOP)),
    "p_rev": (int, growth("rev")),
    "p_na": (int, growth("na")),
    "h_score": (int, lambda e, t: e("p_ip", t) + e("p_conv", t) + e("p_mgmt", t) + e("p_rev", t) + e("p_na", t)),
    "h_score_ok": (bool, lambda e, t, p: e("h_score", t) > p(t).score_mark),
    "h_clean": (bool, lambda e, t: ~(e("accident", t) | e("dishonest", t))),
    "h_eligible": (bool, every(H_GATES)),
    "t_staff": (int, lambda e, t: brackets(e("sci_staff", t) / e("staff", t), STAFF)),
    "of_revenue": (int, lambda e, t: brackets(e("rd1", t) / e("rev1", t), RD_OF_REVENUE)),
    "of_cost": (int, lambda e, t: brackets(e("rd1", t) / e("cost1", t), RD_OF_COST)),
    "t_rd": (int, lambda e, t: np.maximum(e("of_revenue", t), e("of_cost", t))),
    "t_ip": (int, rights(SME_RIGHTS)),
    "t_score": (int, lambda e, t: e("t_staff", t) + e("t_rd", t) + e("t_ip", t)),
    "t_size": (bool, lambda e, t, p: (e("staff", t) <= p(t).staff_top) & (e("rev1", t) <= p(t).revenue_top) & (e("assets", t) <= p(t).assets_top)),
    "t_clean": (bool, lambda e, t: e("h_clean", t) & ~e("prohibited", t)),
    "t_direct": (bool, lambda e, t: e("cert", t) | e("award", t) | e("institution", t) | e("standard", t)),
    "t_enough": (bool, lambda e, t, p: (e("t_score", t) >= p(t).sme_mark) & (e("t_staff", t) > 0)),
    "t_eligible": (bool, lambda e, t: e("t_size", t) & e("t_clean", t) & (e("t_direct", t) | e("t_enough", t))),
    "cap": (float, lambda e, t: np.select([e("staff", t) <= FEW_STAFF, e("staff", t) <= SOME_STAFF], [CAP_FEW, CAP_SOME], CAP_MANY)),
    "tax_saving": (float, lambda e, t, p: np.where(e("h_eligible", t), np.maximum(e("profit", t), 0) * p(t).tax_gap, 0)),
    "loan": (float, loan),
}  # fmt: skip


def variable(name: str, kind: type, formula: Callable[..., Any] | None = None) -> type:
    """A Variable class."""
    body: dict[str, Any] = {
        "value_type": kind,
        "entity": Enterprise,
        "definition_period": YEAR,
        "label": name,
    }
    if formula is not None:
        takes = formula.__code__.co_argcount  # they count the arguments by name
        body["formula"] = (
            (lambda enterprise, period: formula(enterprise, period))  # noqa: PLW0108  names count
            if takes == 2
            else (lambda enterprise, period, parameters: formula(enterprise, period, parameters))  # noqa: PLW0108
        )
    return type(name, (Variable,), body)


def system() -> Any:
    """The rules as a tax and benefit system."""
    made = TaxBenefitSystem([Enterprise])
    with tempfile.TemporaryDirectory() as folder:
        for name, number in NUMBERS.items():
            text = yaml.safe_dump({"description": name, "values": {START: {"value": number}}})
            (Path(folder) / f"{name}.yaml").write_text(text)
        made.load_parameters(folder)
    plain: list[tuple[type, list[str]]] = [(int, COUNTS), (bool, FLAGS)]
    for kind, names in plain:
        for name in names:
            made.add_variable(variable(name, kind))
    for name in COLUMNS:
        if name not in made.variables:
            made.add_variable(variable(name, float))
    for name, (kind, formula) in FORMULAS.items():
        made.add_variable(variable(name, kind, formula))
    return made


def reformed(base: Any, numbers: Mapping[str, float]) -> Any:
    """The system with other numbers."""
    when = {"start": START} if OPENFISCA else {"period": "year:2015:20"}

    def change(tree: Any) -> Any:
        for name, number in numbers.items():
            if number != NUMBERS[name]:
                getattr(tree, name).update(value=number, **when)
        return tree

    class Moved(Reform):  # type: ignore[misc]
        def apply(self) -> None:
            self.modify_parameters(change)

    return Moved(base)


def simulate(rules: Any, d: Mapping[str, Any], asked: Sequence[str]) -> dict[str, Any]:
    """What is asked, of all enterprises."""
    simulation = SimulationBuilder().build_default_simulation(rules, len(d["staff"]))
    for name, values in d.items():
        simulation.set_input(name, YEAR_ASKED, values)
    return {name: simulation.calculate(name, YEAR_ASKED) for name in asked}


def columns(folder: Path) -> dict[str, Any]:
    """The enterprises."""
    return {name: np.load(folder / "columns" / f"{name}.npy") for name in COLUMNS}


def policy(folder: Path) -> Work:
    """One policy, eighteen columns."""
    d, rules = columns(folder), system()
    return Work(lambda: simulate(rules, d, ASKED), lambda found: found)


def some_reforms(folder: Path) -> Work:
    """Five of the hundred reforms, each a Reform and a simulation."""
    d, rules = columns(folder), system()

    def run() -> list[list[float]]:
        every_one = (simulate(reformed(rules, numbers), d, TOTALS) for numbers in reforms()[:SAMPLE])
        return [[float(np.sum(found[name], dtype=float)) for name in TOTALS] for found in every_one]

    return Work(run, lambda found: {"totals": found}, times=100 / SAMPLE)


def one(folder: Path) -> Work:
    """One enterprise at a time, a simulation each."""
    d = {name: values[:1].copy() for name, values in columns(folder).items()}
    rules = system()

    def run() -> object:
        for _ in range(REPEATS):
            found = simulate(rules, d, ASKED)
        return found

    return Work(run, times=1 / REPEATS)


if __name__ == "__main__":
    serve({"policy": policy, "reforms": some_reforms, "one": one})
