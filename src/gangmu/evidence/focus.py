"""Cloud bills in FOCUS, versions 1.0 to 1.2 (FinOps Open Cost and Usage Specification).

Recognised by their columns.

A bill becomes a table of the entity `cloud_bill`, which names FOCUS columns as further names of its fields.
Three things are settled here: the columns that no rule asks for are left out in one note; a line gets its
row number where the provider gave it no id; and the currency of the bill becomes the unit of its costs, so
that a bill in dollars is set aside by the same rule as a heading in a wrong unit, never taken for yuan.
"""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.errors import Problem
from gangmu.evidence.cells import NOT_GIVEN, as_texts
from gangmu.evidence.columns import bare, names_of, owner_names
from gangmu.evidence.sheets import Sheet
from gangmu.rulebook.model import Rulebook

CLOUD_BILL = "cloud_bill"
_SIGNS = frozenset(map(str.lower, ("BilledCost", "BillingCurrency", "ChargePeriodStart", "ChargeCategory")))
_SINCE = {
    "1.2": ("invoiceid", "billingaccounttype", "pricingcurrency"),
    "1.1": ("servicesubcategory", "skumeter"),
}
_COSTS = frozenset(("billedcost", "effectivecost", "listcost", "contractedcost"))
_PLAIN_NUMBER = r"^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$"


def is_bill(sheet: Sheet) -> bool:
    """Whether a table has the columns that every FOCUS bill has."""
    return set(map(bare, sheet.headers)) >= _SIGNS


def version_of(sheet: Sheet) -> str:
    """The FOCUS version whose columns the bill has."""
    columns = set(map(bare, sheet.headers))
    return next((version for version, signs in _SINCE.items() if columns & set(signs)), "1.0")


def read_bill(sheet: Sheet, book: Rulebook) -> tuple[Sheet | None, Problem]:
    """The bill as a table of `cloud_bill` (None where the rulebook asks for none).

    And a note of what it is.
    """
    if CLOUD_BILL not in book.entities:
        what = f"a FOCUS {version_of(sheet)} bill of {_summary(sheet)}: the rulebook asks for no cloud bill"
        return None, Problem("bill-unasked", sheet.source, what, "a rulebook with the entity cloud_bill")
    names, owners = names_of(book.inputs_of(CLOUD_BILL)), owner_names(book)
    wanted = [
        position
        for position, header in enumerate(sheet.headers)
        if bare(header) in names
        or bare(header) in owners
        or bare(header) in ("document", "origin", "knownon")
    ]
    headers, columns = [], []
    units = _units(sheet)
    for position in wanted:
        header, column = sheet.headers[position], as_texts(sheet.column(position))
        if bare(header) in _COSTS:
            header, column = _with_currency(header, column, units)
        headers.append(header)
        columns.append(column)
    if "line" not in {names.get(bare(header)) for header in headers}:
        headers.append("line")
        columns.append(pc.cast(sheet.rows, pa.string()))
    table = pa.Table.from_arrays(columns, names=[f"c{place}" for place in range(len(columns))])
    left = len(sheet.headers) - len(wanted)
    what = f"a FOCUS {version_of(sheet)} bill of {_summary(sheet)}; {left} of its columns are not asked for"
    note = Problem("bill-read", sheet.source, what, "", "nothing")
    return Sheet(
        CLOUD_BILL, sheet.source, tuple(headers), table, sheet.rows, sheet.origin, sheet.document
    ), note


def _given(column: pa.Array) -> pa.Array:
    """Texts, null where nothing is given."""
    texts = as_texts(column)
    return pc.if_else(pc.is_in(texts, value_set=pa.array(NOT_GIVEN)), pa.scalar(None, pa.string()), texts)


def _column(sheet: Sheet, name: str) -> pa.Array:
    place = next(place for place, header in enumerate(sheet.headers) if bare(header) == name)
    return _given(sheet.column(place))


def _units(sheet: Sheet) -> pa.Array:
    """The currency of each line; `?` where the bill gives none."""
    return pc.fill_null(_column(sheet, "billingcurrency"), "?")


def _with_currency(header: str, column: pa.Array, units: pa.Array) -> tuple[str, pa.Array]:
    """Costs with their currency: in the heading if all lines have the same, else in each cell."""
    currencies = pc.unique(units).to_pylist()
    if len(currencies) == 1:
        return f"{header} [{currencies[0]}]", column
    given = _given(column)
    return header, pc.binary_join_element_wise(given, units, " ")


def _summary(sheet: Sheet) -> str:
    """Lines and billed costs by currency, for the note."""
    costs = _column(sheet, "billedcost")
    usual = pc.fill_null(pc.match_substring_regex(costs, _PLAIN_NUMBER), fill_value=False)
    table = pa.table({"currency": _units(sheet), "cost": costs}).filter(usual)
    totals: dict[str, Decimal] = {}
    for currency, cost in zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True):
        totals[currency] = totals.get(currency, Decimal(0)) + Decimal(cost)
    shown = ", ".join(f"{currency} {total:,.2f}" for currency, total in sorted(totals.items()))
    return f"{len(sheet.rows):,} lines, billed {shown or 'nothing'}"
