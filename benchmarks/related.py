"""Everything else that a book asks for, made up: related rows of every entity, and which pages a firm answers.

`portfolio.py --all` uses it. A firm keeps some lists and not others, and answers a questionnaire or leaves it:
so facts are missing page by page, as they are in practice, and not only here and there. Loans, bills,
machines, claims and projects are as large as they are in a firm of that size; whatever else an entity has is
drawn within its stated range. Nothing of it is measured on real firms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gangmu.rulebook import model

Array = npt.NDArray[Any]
EPOCH = date(1970, 1, 1).toordinal()
# How many firms in a hundred answer anything of a page, by its folder; a page of that name before its folder.
ANSWERED = {
    "capability": 15, "channels": 35, "competition": 2, "tasks": 60, "channels/listing": 6, "channels/star": 6,
    "channels/chinext": 6, "channels/bse": 6, "channels/main_board": 4, "channels/lending": 60,
    "channels/inclusive_loan": 60, "channels/renewal": 40,
}  # fmt: skip
OTHERS = 95
# Of a list: firms in a hundred that hand it in, rows of such a firm, size of an amount in shares of its sales.
LISTS: dict[str, tuple[int, float, float]] = {
    "loan": (55, 1.6, 0.08), "cloud_bill": (35, 14.0, 0.0012), "equipment": (40, 6.0, 0.03),
    "receivable": (30, 8.0, 0.03), "credit_event": (8, 1.0, 0.02), "invoice": (20, 12.0, 0.02),
    "rd_project": (30, 3.0, 0.02), "digital_project": (25, 1.5, 0.03),
}  # fmt: skip
RARE = (1, 3.0, 0.05)
RECENT, BILLED = 3 * 365, 540  # days in which rows began


@dataclass(frozen=True)
class Owners:
    """The firms of a block: keys, sales of the last year (CNY), the day of the portfolio (since 1970)."""

    keys: pa.Array
    revenue: Array
    day: int


def plausible(rng: np.random.Generator, columns: dict[str, pa.Array], owners: Owners) -> None:
    """Facts of a whole firm that its range says too little about."""
    count = len(owners.keys)
    made = {
        "tax_points": pa.array(np.round(rng.normal(87, 9, count).clip(20, 100), 0).astype(np.int64)),
        "tax_new_or_idle": pa.array(rng.random(count) < 0.03),
        "tax_no_a": pa.array(rng.random(count) < 0.1),
        "wanted_amount": _money(owners.revenue * rng.lognormal(-2.3, 0.7, count)),
        "wanted_months": pa.array(rng.choice([6, 12, 24, 36], count)),
        "offered_rate": _rates(rng, count),
        "resident": pa.array(rng.random(count) < 0.98),
        "days_to_cash": pa.array(rng.integers(3, 40, count)),
    }
    columns.update({name: column for name, column in made.items() if name in columns})


def answered(
    rng: np.random.Generator, book: model.Rulebook, columns: dict[str, pa.Array], count: int
) -> None:
    """Take away, page by page, what a firm does not answer at all."""
    pages: dict[str, Array] = {}
    for name, rule in book.inputs_of(book.root).items():
        if name in columns and rule.page != "evidence":
            share = ANSWERED.get(rule.page, ANSWERED.get(rule.page.partition("/")[0], OTHERS))
            given = pages.setdefault(rule.page, rng.random(count) < share / 100)
            column = columns[name]
            columns[name] = pc.if_else(pa.array(given), column, pa.scalar(None, column.type))


def lists(
    rng: np.random.Generator, book: model.Rulebook, owners: Owners, holes: float,
    drawn: Callable[[model.Rule, Array], pa.Array],
) -> tuple[dict[str, pa.Table], pa.Array, pa.Array]:  # fmt: skip
    """The rows of every entity but statements and rights, and what each firm says is complete, and empty.

    `drawn` gives a fact of any other kind for the firms at some places.
    """
    count = len(owners.keys)
    complete = ["patent" if each else "" for each in rng.random(count) < 0.8]
    made, none = {}, np.zeros(count, dtype=bool)
    for entity in book.entities:
        if entity in ("statement", "patent"):
            continue
        share, mean, _ = LISTS.get(entity, RARE)
        hands_in = rng.random(count) < share / 100
        owner = np.repeat(np.arange(count), np.where(hands_in, 1 + rng.poisson(mean - 1, count), 0))
        made[entity] = _rows(rng, book, entity, owners, owner, holes, drawn)
        says = hands_in & (rng.random(count) < 0.9)
        if entity == "credit_event":
            none = ~hands_in & (rng.random(count) < 0.8)
        complete = [
            f"{told}|{entity}".strip("|") if each else told for told, each in zip(complete, says, strict=True)
        ]
    empty = pa.array(["credit_event" if each else None for each in none])
    return made, pa.array([told or None for told in complete]), empty


def _rows(  # noqa: PLR0913, PLR0917  what rows are drawn from
    rng: np.random.Generator, book: model.Rulebook, entity: str, owners: Owners, owner: Array, holes: float,
    drawn: Callable[[model.Rule, Array], pa.Array],
) -> pa.Table:  # fmt: skip
    spec, inputs = book.entities[entity], book.inputs_of(entity)
    count, size = len(owner), LISTS.get(entity, RARE)[2]
    began = owners.day - rng.integers(1, RECENT if entity != "cloud_bill" else BILLED, count)
    order = np.arange(count) - np.searchsorted(owner, owner)
    amount = owners.revenue[owner] * size * rng.lognormal(0.0, 0.7, count)
    columns: dict[str, pa.Array] = {"enterprise": owners.keys.take(pa.array(owner))}
    for name, rule in inputs.items():
        if name == spec.period:
            columns[name] = _days(began)
        elif rule.input.input == "text" or (name == spec.key and not rule.input.options):
            columns[name] = pa.array([f"SAMPLE-{_letters(place)}" for place in order.tolist()], pa.string())
        elif name == spec.key:
            columns[name] = drawn(rule, owner)
        else:
            column = _known(rng, name, rule, began, amount)
            columns[name] = _holed(rng, drawn(rule, owner) if column is None else column, holes)
    return pa.table(columns)


def _known(
    rng: np.random.Generator, name: str, rule: model.Rule, began: Array, amount: Array
) -> pa.Array | None:
    """What is drawn otherwise than within its range."""
    count = len(began)
    match name, rule.input.input:
        case "days_overdue", _:
            return pa.array(np.where(rng.random(count) < 0.95, 0, rng.integers(1, 200, count)))
        case "due_on", _:
            return _days(began + rng.choice([365, 730, 1095], count))
        case "paid_on" | "closed_on", _:
            days = _days(began + rng.integers(5, 150, count))
            return pc.if_else(pa.array(rng.random(count) < 0.6), days, pa.scalar(None, days.type))
        case _, "date":
            return _days(began)
        case "charge_category", _:
            return _chosen(rng, ["usage", "purchase", "tax", "credit"], [0.85, 0.05, 0.06, 0.04], count)
        case "status", _ if "normal" in rule.input.options:
            return _chosen(rng, ["normal", "void", "reversed"], [0.95, 0.03, 0.02], count)
        case "balance" | "net_value", _:
            return _money(amount * rng.random(count))
        case (("rate" | "late_rate" | "prime_at_signing"), _):
            return _rates(rng, count)
        case _, "number" if rule.input.unit == "CNY":
            return _money(amount)
    return None


def _letters(place: int) -> str:
    """A, B, ..., Z, AA, ...: a name that any pattern of names takes."""
    return ("" if place < 26 else _letters(place // 26 - 1)) + chr(65 + place % 26)


def _rates(rng: np.random.Generator, count: int) -> pa.Array:
    drawn = np.round(rng.normal(0.04, 0.008, count).clip(0.025, 0.08), 4)
    return pa.array(drawn).cast(pa.decimal128(9, 4), safe=False)


def _money(values: Array) -> pa.Array:
    cents = pa.array(np.round(values * 100).astype(np.int64))
    return pc.multiply(cents.cast(pa.decimal128(19, 0)), pa.scalar("0.01").cast(pa.decimal128(3, 2))).cast(
        pa.decimal128(18, 2)
    )


def _days(values: Array) -> pa.Array:
    return pa.array(values.astype(np.int32)).cast(pa.date32())


def _chosen(rng: np.random.Generator, texts: list[str], shares: list[float], count: int) -> pa.Array:
    places = rng.choice(len(texts), count, p=shares).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(places), pa.array(texts))


def _holed(rng: np.random.Generator, column: pa.Array, share: float) -> pa.Array:
    return pc.if_else(pa.array(rng.random(len(column)) >= share), column, pa.scalar(None, column.type))
