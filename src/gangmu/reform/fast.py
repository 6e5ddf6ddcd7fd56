"""Comparisons by the kernel's sweep: what it can do, it does for all cases and reforms at once.

What it leaves is compared by columns (`columns`) or by the interpreter: rules that it refuses or whose
aggregates a reform changes, reforms that change the order of a table's bounds or the pages themselves. Rows
that no path can take go to the interpreter here. The totals are the same whoever counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import numpy as np
import pyarrow as pa

from gangmu.engine.kernel.atoms import Families
from gangmu.engine.kernel.columns import Array, from_arrays
from gangmu.engine.kernel.domain import UnsupportedByKernel
from gangmu.engine.kernel.moved import moved, order_of
from gangmu.engine.kernel.plan import Days, below, days_in
from gangmu.engine.kernel.run import Task
from gangmu.engine.kernel.sweep import Cells, RuleTotals, Sweep, Totals, run_sweep, write_sweep
from gangmu.engine.kernel.tables_of import Tables, read_tables
from gangmu.engine.kernel.tasks import base_years, tasks_of
from gangmu.reform.compare import Counted, Key, Question, count_case, empty, places_of_case
from gangmu.reform.numbers import number_at
from gangmu.reform.question import Grouping, touched
from gangmu.reform.reforms import Reform
from gangmu.reform.tally import Sums, Tally
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.graph import graph_of
from gangmu.rulebook.resolve import expressions_of

MOST_CELLS = 4096  # combinations of groups counted at once; more are counted grouping by grouping
_WORD = 2.0**61
_KEPT = "tasks"  # of evidence: the last question's
_ENDED = ("known", "unknown.some", "unknown.low", "unknown.high", "unknown.both")


@dataclass(slots=True)
class Split:
    """What the sweep takes of a question, and what it leaves."""

    reforms: list[int]  # places of reforms that share the base's code
    others: list[int]
    rules: list[str]
    refused: dict[str, str]


def divide(question: Question) -> Split:
    """Which reforms and rules a sweep can take, as far as can be said before the code is written."""
    base = question.base
    mine: list[int] = []
    others: list[int] = []
    for number, reform in enumerate(question.reforms):
        (mine if reform.changes and _same_order(base, reform.book, reform.places) else others).append(number)
    above = touched(base, [question.reforms[number] for number in mine])
    moving = {name for name in above if _aggregates_moved(base.rules[name], above)}
    graph = graph_of(base)
    reason = "a reform changes what it adds up over related rows"
    refused = {name: reason for name in question.rules if moving and graph.below([name]) & moving}
    return Split(mine, others, [name for name in question.rules if name not in refused], refused)


def _same_order(base: model.Rulebook, other: model.Rulebook, names: frozenset[str]) -> bool:
    """Whether the bounds of all changed tables stand in the order of the base's."""
    return all(
        order_of(one.body) == order_of(two.body)
        for name in names
        for one, two in zip(base.rules[name].editions, other.rules[name].editions, strict=True)
    )


def _aggregates_moved(rule: model.Rule, above: frozenset[str]) -> bool:
    """Whether a rule aggregates something that a reform changes."""
    return any(
        isinstance(part, ex.Ref | ex.Field | ex.StateOf) and part.name in above
        for edition in rule.editions
        for top in expressions_of(edition)
        for node in ex.walk(top)
        if isinstance(node, ex.Aggregate)
        for part in ex.walk(node)
    )


# ---------------------------------------------------------------------- counting


def by_kernel(question: Question, split: Split) -> Counted:
    """Count a division's rules under its reforms (keys have the question's numbers)."""
    counted = Counted()
    if not (split.reforms and split.rules):
        return counted
    asked = replace(question, reforms=tuple(question.reforms[number] for number in split.reforms))
    weights = _weights(asked.weights)
    if weights is None:
        split.rules = []
        return counted
    sweep = _sweep(asked.base, asked.reforms)
    for chosen in _at_once(asked):
        cells, members = _cells(asked, chosen)
        tallies = _count(
            asked, sweep, Cells(len(members), cells, weights[0]), (chosen, members), (split, counted)
        )
        for (number, name, place, group), tally in tallies.items():
            counted.tallies[split.reforms[number], name, place, group] = _weighed(tally, weights[1])
    return counted


def _sweep(base: model.Rulebook, reforms: Sequence[Reform]) -> Sweep:
    """Every number that some reform changes, with its value under each."""
    places = dict.fromkeys(change.place for reform in reforms for change in reform.changes)
    movers = {}
    for place in places:
        quantity = number_at(base, place)
        values = [number_at(reform.book, place).value for reform in reforms]
        movers[id(quantity)] = moved(quantity, values)
    return Sweep(movers, len(reforms))


def _weights(weights: pa.Array | None) -> tuple[Array | None, int] | None:
    """Weights as whole numbers, and by what they are to be divided; None if their sum fits no word."""
    if weights is None:
        return None, 1
    words = np.frombuffer(weights.buffers()[1], np.int64).reshape(-1, 2)
    words = words[weights.offset : weights.offset + len(weights)]
    low = words[:, 0]
    if len(low) and ((words[:, 1] != 0) | (low < 0)).any():
        return None
    den = 10**weights.type.scale
    common = int(np.gcd(np.gcd.reduce(low), den)) if len(low) else den
    found = low // common
    return (found, den // common) if float(found.sum(dtype=np.float64)) < _WORD else None


def _at_once(question: Question) -> Iterator[list[int]]:
    """Groupings that are counted in one pass: all of them, if their combinations are few."""
    count = 1
    for grouping in question.all_groupings:
        count *= len(grouping.groups)
    places = list(range(len(question.all_groupings)))
    if count <= MOST_CELLS:
        yield places
    else:
        yield [0, *([places[1]] if len(places) > 1 else [])]
        for place in places[2:]:
            yield [place]


def _cells(question: Question, chosen: Sequence[int]) -> tuple[Array | None, list[tuple[int, ...]]]:
    """The combination of groups of every row, and the groups of every combination that occurs."""
    groupings: list[Grouping] = [question.all_groupings[place] for place in chosen]
    if all(len(grouping.groups) == 1 for grouping in groupings):
        return None, [(0,) * len(groupings)]
    mixed = np.zeros(len(question.evidence), np.int64)
    for grouping in groupings:
        mixed = mixed * len(grouping.groups) + grouping.places.to_numpy(zero_copy_only=False)
    met, cells = np.unique(mixed, return_inverse=True)
    members = []
    for number in met.tolist():
        words = []
        for grouping in reversed(groupings):
            number, place = divmod(number, len(grouping.groups))  # noqa: PLW2901  digit by digit
            words.append(place)
        members.append(tuple(reversed(words)))
    return cells.astype(np.int32), members


def _count(
    question: Question, sweep: Sweep, cells: Cells, groups: tuple[Sequence[int], Sequence[tuple[int, ...]]],
    told: tuple[Split, Counted],
) -> dict[Key, Tally]:  # fmt: skip
    """One pass over the evidence: stretch by stretch, what is left over by the interpreter."""
    split, counted = told
    chosen, members = groups
    pieces = _pieces(question, split.rules)
    for _, task in pieces:
        _refuse(task, sweep, split, weighted=cells.weights is not None)
    tallies = {
        key: tally for key, tally in empty(question, split.rules).items() if key[2] in chosen
    }  # fmt: skip
    for rows, task in pieces if split.rules else []:
        mine = Cells(cells.count, _part(cells.of, rows), _part(cells.weights, rows))
        totals = run_sweep(replace(task, names=split.rules), sweep, mine)
        for path, number in totals.paths.items():
            counted.paths[path] = counted.paths.get(path, 0) + number
        _add(question, tallies, totals, (chosen, members))
        for numbers, left in totals.left:
            mine_left = left if rows is None else rows[left]
            _interpret(question, tallies, (mine_left.tolist(), split.rules, chosen), numbers)
    return tallies


def _pieces(question: Question, names: list[str]) -> list[tuple[Array | None, Task]]:
    """The evidence as tasks; those of one day are kept for the next question about the same rules."""
    base, evidence = question.base, question.evidence
    days = days_in(question.dating.column_of(evidence))
    asked = (tuple(names), days.one)
    pieces: list[tuple[Array | None, Task]]
    book, before, pieces = evidence.kept.get(_KEPT, (None, None, []))
    if book is base and before == asked:
        return pieces
    used = below(base, names)
    families = Families(used.rules, names)
    tables = read_tables(base, evidence, used, families, days.ordinals())
    when = (days, base_years(evidence.base_year, days))
    pieces = list(tasks_of(base, names, used, families, tables, when))
    if days.one is not None:
        evidence.kept[_KEPT] = (base, asked, pieces)
    return pieces


def _part(array: Array | None, rows: Array | None) -> Array | None:
    return array if array is None or rows is None else array[rows]


def _refuse(task: Task, sweep: Sweep, split: Split, *, weighted: bool) -> None:
    """Leave out the rules that cannot be written."""
    reasons: dict[str, str] = {}

    def fits(names: Sequence[str]) -> bool:
        try:
            write_sweep(replace(task, names=names), sweep, "exact", indexed=True, weighted=weighted)
        except UnsupportedByKernel as error:
            reasons.update(dict.fromkeys(names, str(error)))
            return False
        return True

    if not all(one.fits for one in sweep.movers.values()):
        reasons = dict.fromkeys(split.rules, "a changed number is larger than a machine word")
    elif fits(split.rules):
        return
    else:
        reasons.clear()
        for name in split.rules:
            fits([name])
    split.refused.update(reasons)
    split.rules = [name for name in split.rules if name not in reasons]


def _interpret(
    question: Question, tallies: dict[Key, Tally], asked: tuple[Sequence[int], Sequence[str], Sequence[int]],
    numbers: range,
) -> None:  # fmt: skip
    """Count the cases that no path could take, under the reforms under which it could not."""
    rows, rules, chosen = asked
    above = touched(question.base, question.reforms)
    counted = Counted(tallies=tallies)
    for row in rows:
        case = question.evidence.case_at(row)
        [day] = question.dating.days([case])
        weight = Fraction(1 if question.weights is None else question.weights[row].as_py())
        places = [(place, group) for place, group in places_of_case(question, row) if place in chosen]
        one = (case, day, _scaled(question, weight), places)
        count_case(question, counted, rules, above, one, numbers)


def _scaled(question: Question, weight: Fraction) -> Fraction:
    """A weight as the sweep counts it, in whole numbers."""
    whole = _weights(question.weights)
    return weight * (1 if whole is None else whole[1])


def sweep_columns(
    base: model.Rulebook, reforms: Sequence[Reform], arrays: Mapping[str, object], names: Sequence[str],
    as_of: date,
) -> Totals:  # fmt: skip
    """Totals of rules (full names) over plain columns of inputs by full name, on one day, under each reform.

    For data that are in arrays already (see `kernel.assess_columns`). Raises `UnsupportedByKernel` where a
    question about evidence would go to the interpreter.
    """
    if not all(reform.changes and _same_order(base, reform.book, reform.places) for reform in reforms):
        raise UnsupportedByKernel("", "a reform changes the order of a table's bounds, or its pages")
    used = below(base, names)
    families = Families(used.rules, names)
    columns = from_arrays(base.rules, arrays, families)
    length = max((len(column.values) for column in columns.values() if column.kind != "text"), default=0)
    when = (Days(length, as_of), np.array([as_of.year], np.int64))
    [(_, task)] = tasks_of(base, names, used, families, Tables(length, columns), when)
    totals = run_sweep(task, _sweep(base, reforms), Cells(1))
    if any(len(rows) for _, rows in totals.left):
        raise UnsupportedByKernel("", "some rows need the interpreter")
    return totals


# ---------------------------------------------------------------------- from arrays to tallies


def _add(
    question: Question, tallies: dict[Key, Tally], totals: Totals,
    groups: tuple[Sequence[int], Sequence[tuple[int, ...]]],
) -> None:  # fmt: skip
    chosen, members = groups
    for at, place in enumerate(chosen):
        owners: dict[int, list[int]] = {}
        for cell, member in enumerate(members):
            owners.setdefault(member[at], []).append(cell)
        for group, cells in owners.items():
            for name, rule in totals.rules.items():
                for number in range(len(question.reforms)):
                    tallies[number, name, place, group].join(_tally(question, rule, cells, number))


def _tally(question: Question, rule: RuleTotals, cells: Sequence[int], number: int) -> Tally:
    """One reform's tally of some groups together."""
    told = rule.told
    kind_rule = question.base.rules[told.rule]
    scale = getattr(kind_rule.type, "scale", ())
    from gangmu.reform.tally import kind_of

    tally = Tally(kind_of(kind_rule), scale)
    moves = rule.moves[cells, number].sum(axis=0)
    names = [state.partition(".")[0] for state in told.states]
    for one, two in np.argwhere(moves).tolist():
        move = names[one], names[two]
        tally.cases[move] += int(moves[one, two])
    weighed = None
    if rule.weighed is not None:
        weighed = rule.weighed[cells, number].sum(axis=0)
        tally.weights = {}
        for one, two in np.argwhere(moves).tolist():
            move = names[one], names[two]
            tally.weights[move] = tally.weights.get(move, Fraction(0)) + int(weighed[one, two])
    if told.ends:
        _numbers(tally, rule, (moves, weighed), cells, number)
    elif tally.kind == "level":
        _ranks(tally)
    return tally


def _ranks(tally: Tally) -> None:
    """Who rises and who falls on a scale."""
    rank = {code: place for place, code in enumerate(tally.scale)}
    for (one, two), count in tally.cases.items():
        if one in rank and two in rank and one != two:
            weight = Fraction(count) if tally.weights is None else tally.weights[one, two]
            if rank[two] > rank[one]:
                tally.higher, tally.higher_weight = tally.higher + count, tally.higher_weight + weight
            else:
                tally.lower, tally.lower_weight = tally.lower + count, tally.lower_weight + weight


def _numbers(
    tally: Tally, rule: RuleTotals, moved_: tuple[Array, Array | None], cells: Sequence[int], number: int
) -> None:
    """Sums, risers and fallers of a number."""

    def total(array: Array | None) -> int:
        assert array is not None  # noqa: S101  of a number they are all there
        return int(sum(array[cells, number].tolist()))

    moves, weighed = moved_
    told = rule.told
    tally.higher, tally.lower = total(rule.higher), total(rule.lower)
    tally.higher_weight, tally.lower_weight = Fraction(tally.higher), Fraction(tally.lower)
    if weighed is not None:
        tally.higher_weight = Fraction(total(rule.higher_weight))
        tally.lower_weight = Fraction(total(rule.lower_weight))
    if tally.kind == "date":
        return
    states = {state: place for place, state in enumerate(told.states)}
    before, after = moves.sum(axis=1), moves.sum(axis=0)
    for counts, low, high, sums in (
        (before, total(rule.base_low), total(rule.base_high), tally.before),
        (after, total(rule.low), total(rule.high), tally.after),
    ):
        _sums(sums, {state: int(counts[place]) for state, place in states.items()}, (low, high), told.den)
    known = states["known"]
    tally.known = Fraction(int((moves if weighed is None else weighed)[known, known]))
    tally.change = Fraction(total(rule.change), told.den)


def _sums(sums: Sums, counts: dict[str, int], ends: tuple[int, int], den: int) -> None:
    sums.cases = sum(counts[state] for state in _ENDED)
    sums.low, sums.high = Fraction(ends[0], den), Fraction(ends[1], den)
    sums.endless_low = counts["unknown.low"] + counts["unknown.both"]
    sums.endless_high = counts["unknown.high"] + counts["unknown.both"]


def _weighed(tally: Tally, den: int) -> Tally:
    """With weights in place of whole numbers."""
    if tally.weights is None or den == 1:
        return tally
    tally.weights = {move: Fraction(weight) / den for move, weight in tally.weights.items()}
    tally.higher_weight, tally.lower_weight = tally.higher_weight / den, tally.lower_weight / den
    tally.known, tally.change = tally.known / den, tally.change / den
    for sums in (tally.before, tally.after):
        sums.low, sums.high = sums.low / den, sums.high / den
    return tally
