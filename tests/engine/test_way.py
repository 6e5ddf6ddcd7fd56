"""The shortest lawful way: every proposal flips the verdict, and no smaller change on a grid does."""

from __future__ import annotations

import itertools
from datetime import date
from fractions import Fraction

import pytest

from gangmu.engine.interpreter import Run
from gangmu.engine.values import Value, point
from gangmu.engine.way import Proposal, next_year, shortest_ways
from gangmu.engine.whatif import WhatIf
from gangmu.evidence.facts import Case
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.load import load
from gangmu.rulebook.model import Rulebook

AS_OF = date(2025, 6, 30)
PAGE = """# Ways
```yaml
x: {input: number, decimals: 0, range: {ge: 0, le: 40}, changeable: now}
y: {input: number, decimals: 0, range: {ge: 0, le: 40}, changeable: now}
fixed: {input: number, decimals: 0, range: {ge: 0, le: 40}}
flag: {input: condition, changeable: now}
bought: {input: condition, changeable: never}
s: {entity: year, expects: {every: year, since: born}}
born: {input: date}
s.year: {input: year}
s.revenue: {input: number, unit: CNY, decimals: 0, range: {ge: 0 CNY}, changeable: from_next_period}
s.rd: {input: number, unit: CNY, decimals: 0, range: {ge: 0 CNY}, changeable: from_next_period}
ten: {parameter: ratio, value: 10, ours: a test}
three: {parameter: ratio, value: 3, ours: a test}
half: {parameter: ratio, value: 50%, ours: a test}
band: {table: condition, by: x, ours: a test, rows: {low: {lt: 7, value: false}, mid: {lt: 9, value: true},
high: {value: false}}}
floor: {parameter: CNY, value: 15 million CNY, ours: a test}
share: {parameter: ratio, value: 3%, ours: a test}
above: {condition: x > ten, ours: a test}
window: {condition: band, ours: a test}
product: {condition: x * y >= ten * ten, ours: a test}
sum_or_flag: {condition: x + y + fixed >= ten * three OR flag, ours: a test}
no_way: {condition: fixed > ten OR bought, ours: a test}
revenue: {condition: sum(s.revenue) FILTER (WHERE LAST(1)) >= floor, ours: a test}
rd_each: {condition: "min(s.rd / s.revenue) FILTER (WHERE LAST(2)) >= share", ours: a test}
unless_flag: {condition: x > ten, unless: flag, ours: a test}
both: {condition: x > ten AND y > ten, ours: a test}
```
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """The rules above."""
    root = tmp_path_factory.mktemp("ways")
    (root / "rulebook.yaml").write_text('name: ways\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (root / "w.md").write_text(PAGE, encoding="utf-8")
    return load(root)


def _run(book: Rulebook, **facts: object) -> Run:
    rows = [
        {"year": 2023, "revenue": "10000000", "rd": "400000"},
        {"year": 2024, "revenue": "14200000", "rd": "284000"},
    ]
    enterprise = {
        "x": "4",
        "y": "5",
        "fixed": "2",
        "flag": "no",
        "bought": "no",
        "born": "2023-01-01",
        **facts,
    }
    case: Case = next(iter(read_evidence({"enterprise": enterprise, "s": rows}, book).cases()))
    return Run(book, case, AS_OF)


def _changes(way: Proposal) -> dict[str, object]:
    return {
        change.rule.short: (
            change.after.is_true if change.rule.input.input == "condition" else change.after.interval.lo
        )
        for change in way.changes
    }


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("above", [{"x": 11}]),
        ("window", [{"x": 7}]),
        ("unless_flag", [{"flag": True}, {"x": 11}]),
        ("no_way", []),
    ],
)
def test_single_changes_are_the_smallest(
    book: Rulebook, rule: str, expected: list[dict[str, object]]
) -> None:
    """To just beyond a strict threshold, into a band, by an exception; never by what may not change."""
    ways = [_changes(way) for way in shortest_ways(_run(book), f"w.{rule}")]
    assert sorted(ways, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize("rule", ["product", "sum_or_flag", "above", "window"])
@pytest.mark.parametrize(("x", "y"), [("4", "5"), ("1", "1"), ("0", "9"), ("30", "1")])
def test_no_smaller_change_on_the_whole_grid_is_enough(book: Rulebook, rule: str, x: str, y: str) -> None:
    """Brute force over every pair of whole numbers: the proposal's cost is the least."""
    run = _run(book, x=x, y=y)
    ways = shortest_ways(run, f"w.{rule}")
    whatif = WhatIf(run, f"w.{rule}")

    def cost(before: str, after: int) -> Fraction:
        return Fraction(abs(after - int(before)), max(int(before), 1))

    if run.value(f"w.{rule}").is_true:
        assert ways == []
        return
    singles: dict[str, Fraction] = {}
    for name, before in (("x", x), ("y", y)):
        for after in range(41):
            if whatif.at({(f"w.{name}", ""): point(after)}).met.is_true:
                singles[name] = min(cost(before, after), singles.get(name, Fraction(10**9)))
    found = {next(iter(_changes(way))): way.cost for way in ways if len(way.changes) == 1}
    for name, least in singles.items():
        assert found[name] == least
    if not singles and "flag" not in found:
        pairs = [
            cost(x, a) + cost(y, b)
            for a, b in itertools.product(range(41), repeat=2)
            if whatif.at({("w.x", ""): point(a), ("w.y", ""): point(b)}).met.is_true
        ]
        assert min(pairs) <= ways[0].cost <= min(pairs) * Fraction(1001, 1000)


@pytest.mark.parametrize("rule", ["above", "window", "product", "sum_or_flag", "unless_flag", "revenue"])
def test_every_proposal_is_rerun_and_flips_the_verdict(book: Rulebook, rule: str) -> None:
    """On the day named, with nothing else changed than said."""
    run = _run(book)
    ways = shortest_ways(run, f"w.{rule}")
    assert ways
    for way in ways:
        there = run if way.earliest == AS_OF else next_year(run)
        assert there.as_of == way.earliest
        probe: dict[tuple[str, int | str], Value] = {}
        for change in way.changes:
            line = (
                next((one for one in there.lines("s") if one.period == point(change.line_year)), None)
                if change.line_year
                else None
            )
            probe[change.rule.name, line.id if line else ""] = change.after
        assert not WhatIf(there, f"w.{rule}").met.is_true or not way.changes
        assert WhatIf(there, f"w.{rule}").at(probe).met.is_true


def test_closed_periods_never_move_and_the_next_is_carried_forward(book: Rulebook) -> None:
    """Revenue of 2024 is closed; the row of 2025 repeats it, and is what may change, counting from 2026."""
    [way] = shortest_ways(_run(book), "w.revenue")
    [change] = way.changes
    assert (change.rule.short, change.line_year) == ("s.revenue", 2025)
    assert change.before.interval.lo == 14_200_000
    assert change.after.interval.lo == 15_000_000
    assert way.carried_forward
    assert way.earliest == date(2026, 1, 1)


def test_a_closed_year_that_blocks_leaves_no_way(book: Rulebook) -> None:
    """2% of R&D in 2024 stays in the two-year window of 2026.

    Nothing lawful mends it, so nothing is proposed.
    """
    run = _run(book)
    assert run.value("w.rd_each").is_false
    assert shortest_ways(run, "w.rd_each") == []


def test_a_block_is_taken_away_while_a_fact_is_missing(book: Rulebook) -> None:
    """With y not known, more x does not make the sum known to be enough, but it stops being impossible.

    Said so.
    """
    run = _run(book, x="4", y=None)
    assert run.value("w.both").is_false
    [way] = shortest_ways(run, "w.both")
    assert _changes(way) == {"x": 11}
    assert way.opens
