"""The kernel's sweep counts what the interpreter counts: random books, random reforms, holes, ties, weights.

Every tally is compared: who moved from where to where, sums with their bounds, risers and fallers, by group.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

pytest.importorskip("llvmlite")

from gangmu.engine.dates import Dating, read_dating
from gangmu.engine.kernel import sweep
from gangmu.engine.kernel.split import split
from gangmu.errors import QuestionError
from gangmu.evidence.read import read_evidence
from gangmu.reform.ask import LISTINGS
from gangmu.reform.compare import Counted, Question, compare
from gangmu.reform.fast import divide
from gangmu.reform.numbers import number_at, path_of, places_of
from gangmu.reform.question import groupings, weights_of
from gangmu.reform.reforms import Reform, reform_of
from gangmu.rulebook.load import load
from gangmu.rulebook.model import ROOT, Rulebook
from kernel_cases import asked, worked
from random_rules import random_book, random_rows

FIELDS = (
    "cases",
    "weights",
    "before",
    "after",
    "higher",
    "lower",
    "higher_weight",
    "lower_weight",
    "known",
    "change",
)


def random_reforms(book: Rulebook, random: Random, count: int) -> tuple[Reform, ...]:
    """Reforms of a few numbers each, near what they were, at it, and past zero; those that break are left."""
    places = [place for rule in book.rules.values() for place in places_of(rule)]
    found: list[Reform] = []
    while len(found) < count:
        given = []
        for place in random.sample(places, min(len(places), random.randint(1, 3))):
            old = number_at(book, place)
            new = old.value + Fraction(random.choice([-2, -1, 0, 1, 2, 5]), random.choice([1, 2, 10]))
            unit = "" if str(old.type) == "ratio" else str(old.type)
            given.append((path_of(book, place), f"{float(new)} {unit}".strip()))
        try:
            found.append(reform_of(book, given, f"reform {len(found)}"))
        except QuestionError:
            continue
    return tuple(found)


def differences(one: Counted, other: Counted) -> list[tuple[object, ...]]:
    """Where two tallies are not the same."""
    assert one.tallies.keys() == other.tallies.keys()
    return [
        (key, field, getattr(mine, field), getattr(other.tallies[key], field))
        for key, mine in one.tallies.items()
        for field in FIELDS
        if (getattr(mine, field) or None) != (getattr(other.tallies[key], field) or None)
    ]


def both_ways(question: Question) -> tuple[list[tuple[object, ...]], Counted]:
    """The differences between kernel and interpreter, and what the kernel counted."""
    kernel = compare(question, engine="kernel")
    plain = compare(question, engine="interpreter")
    found = differences(kernel, plain)
    if kernel.movers != plain.movers:
        found.append(("movers", kernel.movers, plain.movers))
    return found, kernel


def parts(names: Sequence[str], size: int = 9) -> list[list[str]]:
    return [list(names[place : place + size]) for place in range(0, len(names), size)]


@pytest.mark.parametrize("seed", range(4))
def test_random_books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    random = Random(seed)
    book = random_book(tmp_path, seed, 8)
    reforms = random_reforms(book, random, 5)
    refused: dict[str, str] = {}
    for holes, dating in ((0.0, Dating(day=read_dating("2025-06-30").day)), (0.2, Dating("as_of"))):
        rows = [
            row | {"weight": str(random.choice([0, 1, 2.5, 1000])), "area": random.choice(["x", "y", ""])}
            for row in random_rows(random, 50, holes)
        ]
        evidence = read_evidence({ROOT: rows}, book)
        groups = groupings(book, evidence, dating, ["area", "area*k"])
        weights = weights_of(book, evidence, "weight") if holes else None
        for names in random.sample(parts(asked(book)), 2):
            listing = random.choice(LISTINGS)
            question = Question(book, reforms, tuple(names), evidence, dating, groups, weights, listing)
            found, counted = both_ways(question)
            assert found == [], found[:5]
            refused |= counted.refused
    known = ("denominators differ", "word", "rounding step")
    assert [reason for reason in refused.values() if not any(text in reason for text in known)] == []


def test_worked_cases_of_cn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thresholds of STAR, of SMEs and of high technology, over all cases and dates of the shipped book."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    book = load("cn")
    dating = Dating("as_of")
    evidence = worked(book)
    given = [
        [("star_1_profit", "60 million CNY"), ("star_2_rd_ratio", "10%")],
        [("star_1_profit", "1 CNY"), ("star_2_rd_ratio", "20%"), ("star_2_revenue", "0 CNY")],
    ]
    reforms = tuple(reform_of(book, one) for one in given)
    names = [
        book.names[name][0] for name in ("star", "star_set_1", "star_set_2", "star_any_set", "rd_sum_3y")
    ]
    groups = groupings(book, evidence, dating, ["issuer_kind", "enterprise_size"])
    found, counted = both_ways(Question(book, reforms, tuple(names), evidence, dating, groups))
    assert found == [], found[:5]
    assert all("15 digits" in reason for reason in counted.refused.values())
    assert counted.paths["bounds"] > counted.paths["interpreter"]
    assert sum(tally.gain() + tally.lose() for tally in counted.tallies.values()) > 0


TIES = """# Ties
```yaml
x: {input: number, decimals: 0, range: {ge: 1}}
y: {input: number, decimals: 0, range: {ge: 1}}
z: {input: number, decimals: 0, range: {ge: 1}}
two: {parameter: ratio, value: 2, ours: a test}
floor: {parameter: ratio, value: 15%, ours: a test}
share: {parameter: ratio, value: 10%, ours: a test}
grows: {condition: "((x / y - 1) + (y / z - 1)) / two >= floor", ours: a test}
grant: {amount: ratio, limits: {share: x * share}, when: grows, ours: a test}
```
"""


def test_ties_under_a_reform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that doubles cannot decide are counted once, exactly, and their sums with them."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    (tmp_path / "rulebook.yaml").write_text('name: ties\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (tmp_path / "t.md").write_text(TIES, encoding="utf-8")
    book = load(tmp_path)
    rows = []
    for base in range(1_000_000_003, 1_000_000_103):
        z = base * 100
        y = z * 11 // 10  # growth of 10%, then of 20%: 15% on average
        x = y // 5 * 6
        rows += [{ROOT: f"{base}{off}", "x": x + off, "y": y, "z": z, "area": base % 7} for off in (0, -1, 1)]
    evidence = read_evidence({ROOT: rows}, book)
    day = read_dating("2025-06-30")
    reforms = tuple(
        reform_of(book, [("floor", text), ("share", "7%")])
        for text in ("14.99999999%", "15.00000001%", "15%")
    )
    groups = groupings(book, evidence, day, ["area"])
    names = (book.names["grows"][0], book.names["grant"][0])
    found, counted = both_ways(Question(book, reforms, names, evidence, day, groups))
    assert found == [], found[:5]
    assert counted.paths["exact"] >= 100
    assert counted.paths["interpreter"] == 0
    assert counted.tallies[0, names[0], 0, 0].gain() == 100  # those one below the floor, under the lower one
    assert counted.tallies[1, names[0], 0, 0].lose() == 200


def test_an_aggregate_that_a_reform_changes_is_compared_by_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    page = """# Rows
```yaml
born: {input: date}
floor: {parameter: ratio, value: 3, ours: a test}
st: {entity: year, expects: {every: year, since: born}}
st.year: {input: year}
st.x: {input: number}
large: {value: sum(st.x) FILTER (WHERE st.x >= floor), unit: ratio, ours: a test}
all: {value: sum(st.x), unit: ratio, ours: a test}
both: {condition: large >= all, ours: a test}
enough: {condition: all >= floor, ours: a test}
```
"""
    (tmp_path / "rulebook.yaml").write_text('name: rows\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (tmp_path / "r.md").write_text(page, encoding="utf-8")
    book = load(tmp_path)
    owners = [{ROOT: str(n), "born": "2020-01-01", "complete": "st"} for n in range(30)]
    lines = [{ROOT: str(n), "year": str(2024 - k), "x": str(n % 5 + k)} for n in range(30) for k in range(3)]
    evidence = read_evidence({ROOT: owners, "st": lines}, book)
    reforms = tuple(reform_of(book, [("floor", text)]) for text in ("2", "5"))
    names = tuple(book.names[name][0] for name in ("both", "enough", "large", "all"))
    question = Question(book, reforms, names, evidence, read_dating("2025-06-30"), listing="both")
    assert {book.rules[name].short for name in divide(question).refused} == {"both", "large"}
    found, counted = both_ways(question)
    assert found == [], found[:5]
    assert counted.refused == {}


def test_another_order_of_bounds_is_compared_by_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    page = """# Order
```yaml
a: {input: number}
points:
  table: ratio
  by: a
  hit: best
  ours: a test
  rows: {x: {ge: 1, value: 1}, y: {ge: 2, value: 2}, z: {value: 0}}
```
"""
    (tmp_path / "rulebook.yaml").write_text('name: order\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (tmp_path / "r.md").write_text(page, encoding="utf-8")
    book = load(tmp_path)
    evidence = read_evidence({ROOT: [{ROOT: str(n), "a": str(n / 4)} for n in range(12)]}, book)
    reforms = tuple(reform_of(book, [("points.x.ge", text)]) for text in ("0.5", "1.5", "2", "2.25"))
    question = Question(
        book, reforms, (book.names["points"][0],), evidence, read_dating("2025-06-30"), listing="losers"
    )
    assert divide(question).others == [2, 3]  # where the bounds meet, and where they pass each other
    found, counted = both_ways(question)
    assert found == [], found[:5]
    assert len({tally.after.low for tally in counted.tallies.values()}) > 1


def test_several_passes_are_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tallies too large for one pass, and a row whose number fits no word: the same as case by case."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(sweep, "MOST_TALLY", 1)
    book = random_book(tmp_path, 5, 4)
    reforms = random_reforms(book, Random(5), 3)
    rows = random_rows(Random(5), 60, 0.1)
    rows[7]["c"] = "31415926535897932384"
    evidence = read_evidence({ROOT: rows}, book)
    names = tuple(book.names[name][0] for name in ("marks", "first", "t0", "t1"))
    found, counted = both_ways(Question(book, reforms, names, evidence, Dating("as_of")))
    assert found == [], found[:5]
    assert counted.paths["interpreter"] > 0


def test_what_is_kept_is_of_the_same_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other rules, another day, another book: not answered from what was kept of the question before."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    book = load("cn")
    evidence = worked(book)
    plain = reform_of(book, [("star_2_rd_ratio", "10%")])
    names = tuple(book.names[name][0] for name in ("star_set_2", "rd_sum_3y"))
    days = [Dating(day=date(year, 6, 30)) for year in (2026, 2020)]
    other = reform_of(book, [("star_2_rd_ratio", "30%")])
    asked_for = [
        (book, names[:1], days[0], plain), (book, names[:1], days[0], other),
        (book, names, days[0], plain), (book, names, days[1], plain), (plain.book, names, days[1], plain),
        (book, names[:1], Dating("as_of"), plain), (book, names[:1], days[0], plain),
    ]  # fmt: skip
    for base, rules, dating, reform in asked_for:
        groups = groupings(base, evidence, dating, ["issuer_kind"])
        found, _ = both_ways(Question(base, (reform,), rules, evidence, dating, groups))
        assert found == [], found[:5]


def test_a_body_is_split_where_parameters_move() -> None:
    lines = [
        "  %v0 = load double, ptr %c0, align 8",
        "  %v1 = fmul double %v0, 2.0",
        "  %v2 = fcmp olt double %v1, %par0",
        "  %v3 = fcmp olt double %v1, %par1",
        "  %v4 = fcmp ogt double %v0, 1.0",
        "  %v5 = and i1 %v2, %v3",
        "  %v6 = and i1 %v5, %v4",
        "  %v7 = select i1 %v6, i8 1, i8 0",
        "  %v8 = fadd double %v0, 3.0",
    ]
    parts = split(lines, ["%par1"], ["%v7"])
    assert parts.carried == [("%v1", "double"), ("%v9", "i1")]  # the two still bits are one
    assert parts.first[-1] == "  %v9 = and i1 %v2, %v4"
    assert parts.second == [
        "  %v3 = fcmp olt double %v1, %par1",
        "  %v6 = and i1 %v9, %v3",
        "  %v7 = select i1 %v6, i8 1, i8 0",
    ]
    late = split(lines, ["%par1"], ["%v7"], late=True)
    assert [register for register, _ in late.carried] == ["%v0"]
