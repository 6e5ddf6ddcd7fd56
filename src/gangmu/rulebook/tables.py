"""Proofs about tables and time: rows do not overlap or leave gaps, editions follow one another.

A row with bounds is an interval with open or closed ends; two rows of a `unique` table may not share a point,
and together they cover all.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise

from gangmu.errors import Problem
from gangmu.rulebook import model

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


class _TableCheck:
    """Proofs about the rows of one table."""

    def __init__(self, rule: model.Rule, table: model.Table, problems: list[Problem]) -> None:
        self.short, self.table, self.problems = rule.short, table, problems

    def check(self) -> None:
        """Check the rows against the hit policy."""
        for row in self.table.rows[:-1]:
            if row.is_rest:
                what = f"row `{row.name}` has no test but is not the last"
                where, expected = str(row.where), "the rest comes last"
                todo = "move it to the end"
                self.problems.append(Problem("row-unreachable", where, what, expected, todo, rule=self.short))
        if self.table.hit in ("ladder_up", "ladder_down"):
            self.check_ladder()
        elif self.table.hit == "unique":
            self.check_unique()
            self.check_codes()

    def check_ladder(self) -> None:
        """Bounds go one way."""
        up = self.table.hit == "ladder_up"
        steps = [row for row in self.table.rows if not row.is_rest]
        for before, row in pairwise(steps):
            earlier, later = interval(before)[1 if up else 0], interval(row)[1 if up else 0]
            if earlier is None or later is None or (later <= earlier if up else later >= earlier):
                what = f"row `{row.name}` does not go {'up' if up else 'down'} from `{before.name}`"
                expected, todo = "bounds in order", "reorder the rows, or declare `hit`"
                self.problems.append(
                    Problem(
                        "row-unreachable", str(row.where), what, expected, todo, str(before.where), self.short
                    )
                )

    def check_unique(self) -> None:
        """Rows with bounds meet without overlap, and cover all, unless a row takes the rest."""
        bounded = [row for row in self.table.rows if row.bounds]
        ordered = sorted(bounded, key=lambda row: interval(row)[0] or (Fraction(-(10**60)), 0))
        covered = any(row.is_rest for row in self.table.rows)
        for row, following in pairwise(ordered):
            high, low = interval(row)[1], interval(following)[0]
            if high is None or low is None or low <= high:
                what = f"rows `{row.name}` and `{following.name}` both take some values"
                expected = "rows that do not overlap (or `hit: first`)"
                todo = "move one bound, or use gt/lt for one of them"
                self.problems.append(
                    Problem(
                        "rows-overlap", str(following.where), what, expected, todo, str(row.where), self.short
                    )
                )
            elif not covered and _gap(high, low):
                what = f"values between rows `{row.name}` and `{following.name}` have no row"
                expected = "rows that meet (ge the bound that the other row has as lt)"
                todo = "close the gap, or add a last row without test"
                self.problems.append(
                    Problem(
                        "rows-gap", str(following.where), what, expected, todo, str(row.where), self.short
                    )
                )
        if ordered and not covered:
            self.check_ends(ordered[0], ordered[-1])

    def check_ends(self, first: model.Row, last: model.Row) -> None:
        """Without a row for the rest, the first begins at 0 or nowhere, the last has no end."""
        low, high = interval(first)[0], interval(last)[1]
        if low is not None and low > (Fraction(0), 0):
            self._uncovered(first, f"values below row `{first.name}` have no row")
        if high is not None:
            self._uncovered(last, f"values above row `{last.name}` have no row")

    def _uncovered(self, row: model.Row, what: str) -> None:
        expected, todo = "a row for them", "add a last row without test"
        self.problems.append(Problem("rows-gap", str(row.where), what, expected, todo, rule=self.short))

    def check_codes(self) -> None:
        """A code may not be taken by two rows (a hit policy other than `unique` would say which wins)."""
        owner: dict[str, model.Row] = {}
        for row in self.table.rows:
            codes = (*row.prefixes, *row.codes)
            for code in codes:
                heads = (code[:n] for n in range(1, len(code) + 1))
                taken = next((owner[head] for head in heads if head in owner), None)
                if taken is not None and not code.startswith(taken.except_prefixes or ("\0",)):
                    what = f"`{code}` belongs to rows `{taken.name}` and `{row.name}`"
                    todo = "use except_prefix, or `hit: first` with the longer prefix first"
                    self.problems.append(
                        Problem(
                            "rows-overlap",
                            str(row.where),
                            what,
                            "a code in one row",
                            todo,
                            str(taken.where),
                            self.short,
                        )
                    )
            for code in codes:
                owner.setdefault(code, row)


def _gap(high: tuple[Fraction, int], low: tuple[Fraction, int]) -> bool:
    """Whether some value lies between two cuts.

    (x,-1),(x,0) and (x,0),(x,1) meet, (x,-1),(x,1) leave x out.
    """
    return high[0] != low[0] or low[1] - high[1] > 1


def check_editions(rule: model.Rule, problems: list[Problem]) -> None:
    """Editions without `when` follow one another: no overlap, no gap that the rule does not explain."""
    plain = sorted((edition for edition in rule.editions if edition.when is None), key=_start)
    for earlier, later in pairwise(plain):
        where, against = str(later.where), str(earlier.where)
        if earlier.end is None or later.start is None or later.start < earlier.end:
            what = f"two editions are in force from {later.start}"
            expected, todo = f"the earlier one ends (`to: {later.start}`)", "end one where the other begins"
            problems.append(Problem("edition-overlap", where, what, expected, todo, against, rule.short))
        elif later.start > earlier.end and not rule.gap:
            what, expected = f"no edition from {earlier.end} to {later.start}", f"`from: {earlier.end}`"
            todo = "close the gap, or say why the law has it with `gap: REASON`"
            problems.append(Problem("edition-gap", where, what, expected, todo, against, rule.short))


def _start(edition: model.Edition) -> int:
    return edition.start.toordinal() if edition.start else 0


def check_tables(rules: Iterable[model.Rule], problems: list[Problem]) -> None:
    """Check the tables and the editions of all rules."""
    for rule in rules:
        check_editions(rule, problems)
        for edition in rule.editions:
            if isinstance(edition.body, model.Table):
                _TableCheck(rule, edition.body, problems).check()
