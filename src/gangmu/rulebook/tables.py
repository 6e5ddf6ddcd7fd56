"""Proofs about tables and time: rows neither overlap nor leave a gap where they must not, and editions follow one another.

A row with bounds is an interval with open or closed ends; two rows of a `unique` table may not share a point, and together they cover all.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Protocol

from gangmu.errors import Problem
from gangmu.rulebook import model

class _Refuse(Protocol):
    """The shape of the `refuse` that the checks above call."""

    def __call__(self, code: str, row: model.Row, what: str, expected: str, todo: str, other: str = "") -> None:
        """Put a problem aside."""


# An end is (value, side): side -1 just below the value, 0 at it, +1 just above it; None is endless.
End = tuple[Fraction, int] | None


def interval(row: model.Row) -> tuple[End, End]:
    """The closed interval of cuts that a row's bounds describe."""
    low: End = None
    high: End = None
    for side, number in row.bounds.items():
        if side in ("ge", "gt"):
            low = (number.value, 0 if side == "ge" else 1)
        else:
            high = (number.value, 0 if side == "le" else -1)
    return low, high


def check_table(rule: model.Rule, table: model.Table, problems: list[Problem]) -> None:
    """Check one table's rows against its hit policy."""

    def refuse(code: str, row: model.Row, what: str, expected: str, todo: str, other: str = "") -> None:
        problems.append(Problem(code, str(row.where), what, expected, todo, other, rule.short))

    rests = [row for row in table.rows if row.is_rest]
    for row in rests[:-1] if rests and rests[-1] is table.rows[-1] else rests:
        refuse("row-unreachable", row, f"row `{row.name}` has no test but is not the last", "the rest comes last", "move it to the end")
    if table.hit in ("ladder_up", "ladder_down"):
        _check_ladder(table, refuse)
    elif table.hit == "unique":
        _check_unique(table, refuse)
    _check_prefixes(table, refuse)


def _check_ladder(table: model.Table, refuse: _Refuse) -> None:
    up = table.hit == "ladder_up"
    before: model.Row | None = None
    for row in table.rows:
        if row.is_rest:
            continue
        if before is not None:
            earlier, later = interval(before)[1 if up else 0], interval(row)[1 if up else 0]
            if earlier is None or later is None or (later <= earlier if up else later >= earlier):
                refuse(
                    "row-unreachable", row, f"row `{row.name}` does not go {'up' if up else 'down'} from `{before.name}`",
                    "bounds in order", "reorder the rows, or declare `hit`", str(before.where),
                )  # fmt: skip
        before = row


def _check_unique(table: model.Table, refuse: _Refuse) -> None:
    bounded = [row for row in table.rows if row.bounds]
    ordered = sorted(bounded, key=lambda row: interval(row)[0] or (Fraction(-(10**60)), 0))
    for row, following in zip(ordered, ordered[1:], strict=False):
        high, low = interval(row)[1], interval(following)[0]
        if high is None or low is None or low <= high:
            refuse(
                "rows-overlap", following, f"rows `{row.name}` and `{following.name}` both take some values",
                "rows that do not overlap (or `hit: first`)", "move one bound, or use gt/lt for one of them", str(row.where),
            )  # fmt: skip
        elif not any(rest.is_rest for rest in table.rows) and _gap(high, low):
            refuse(
                "rows-gap", following, f"values between rows `{row.name}` and `{following.name}` have no row",
                "rows that meet (ge the bound that the other row has as lt)", "close the gap, or add a last row without test", str(row.where),
            )  # fmt: skip
    if bounded and not any(row.is_rest for row in table.rows):
        if interval(ordered[0])[0] is not None and not _starts_at_zero(ordered[0]):
            refuse("rows-gap", ordered[0], f"values below row `{ordered[0].name}` have no row", "a row for them", "add a last row without test")
        if interval(ordered[-1])[1] is not None:
            refuse("rows-gap", ordered[-1], f"values above row `{ordered[-1].name}` have no row", "a row for them", "add a last row without test")


def _starts_at_zero(row: model.Row) -> bool:
    low = interval(row)[0]
    return low is not None and low <= (Fraction(0), 0)


def _gap(high: tuple[Fraction, int], low: tuple[Fraction, int]) -> bool:
    """Whether some value lies between two cuts: (x,-1),(x,0) and (x,0),(x,1) meet, (x,-1),(x,1) leave x out."""
    return high[0] != low[0] or low[1] - high[1] > 1


def _check_prefixes(table: model.Table, refuse: _Refuse) -> None:
    """In a table by codes, a code may not be taken by two rows (unless a hit policy says which wins)."""
    if table.hit != "unique":
        return
    owner: dict[str, model.Row] = {}
    for row in table.rows:
        for prefix in (*row.prefixes, *row.codes):
            taken = next((owner[prefix[:n]] for n in range(1, len(prefix) + 1) if prefix[:n] in owner), None)
            if taken is not None and taken is not row and not prefix.startswith(taken.except_prefixes or ("\0",)):
                refuse(
                    "rows-overlap", row, f"`{prefix}` belongs to rows `{taken.name}` and `{row.name}`", "a code in one row",
                    "use except_prefix, or `hit: first` with the longer prefix first", str(taken.where),
                )  # fmt: skip
        for prefix in (*row.prefixes, *row.codes):
            owner.setdefault(prefix, row)


def check_editions(rule: model.Rule, problems: list[Problem]) -> None:
    """Editions without `when` follow one another: no overlap, no gap that the rule does not explain."""
    plain = sorted((edition for edition in rule.editions if edition.when is None), key=_start)
    for earlier, later in zip(plain, plain[1:], strict=False):
        if earlier.end is None or later.start is None or later.start < earlier.end:
            problems.append(
                Problem(
                    "edition-overlap", str(later.where), f"two editions are in force from {later.start}",
                    f"the earlier one ends (`to: {later.start}`)", "end one where the other begins", str(earlier.where), rule.short,
                )  # fmt: skip
            )
        elif later.start > earlier.end and not rule.gap:
            problems.append(
                Problem(
                    "edition-gap", str(later.where), f"no edition from {earlier.end} to {later.start}",
                    f"`from: {earlier.end}`", "close the gap, or say why the law has it with `gap: REASON`", str(earlier.where), rule.short,
                )  # fmt: skip
            )


def _start(edition: model.Edition) -> int:
    return edition.start.toordinal() if edition.start else 0


def check_tables(rules: Iterable[model.Rule], problems: list[Problem]) -> None:
    """Check the tables and the editions of all rules."""
    for rule in rules:
        check_editions(rule, problems)
        for edition in rule.editions:
            if isinstance(edition.body, model.Table):
                check_table(rule, edition.body, problems)
