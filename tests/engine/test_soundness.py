"""Bounds never lie: whatever the missing facts turn out to be, the answer lies within what was said before.

Random formulas over random evidence with holes; then the holes are filled at random, rows not handed in
appear or turn out not to exist, and the closed answer must be
one of the outcomes that the open one allowed.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gangmu.engine.interpreter import Run
from gangmu.engine.values import Interval, Value
from gangmu.evidence.facts import Case, Fact, RelatedRow
from gangmu.rulebook.load import load
from gangmu.rulebook.model import Rulebook

AS_OF = date(2025, 6, 30)
NUMBERS = ("a", "b", "c")
TRUTHS = ("p", "q")

number = st.recursive(
    st.sampled_from([*NUMBERS, "0", "1", "tenth", "sum(s.x) FILTER (WHERE LAST(2))",
                     "min(s.x) FILTER (WHERE s.on)", "avg(s.x)",
                     "sum(s.x)", "max(s.x) FILTER (WHERE LAST(3) AND NOT LAST(1))", "step_of_a", "choice"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(["LEAST", "GREATEST", "COALESCE", "NULLIF"]), inner, inner).map(
            lambda t: f"{t[0]}({t[1]}, {t[2]})"
        ),
        inner.map(lambda t: f"ABS({t})"),
        inner.map(lambda t: f"FLOOR({t}, tenth)"),
        inner.map(lambda t: f"POWER({t}, 2)"),
        inner.map(lambda t: f"SQRT({t})"),
        st.tuples(inner, inner).map(lambda t: f"GROWTH({t[0]}, {t[1]}, 2)"),
        st.tuples(st.sampled_from(TRUTHS), inner, inner).map(
            lambda t: f"CASE WHEN {t[0]} THEN {t[1]} ELSE {t[2]} END"
        ),
    ),
    max_leaves=6,
)  # fmt: skip
truth = st.recursive(
    st.one_of(
        st.sampled_from([*TRUTHS, "k = 'one'", "k IN ('one', 'two')", "count(s) >= count_one"]),
        st.tuples(number, st.sampled_from(["<", "<=", ">", ">=", "=", "<>"]), number).map(
            lambda t: f"{t[0]} {t[1]} {t[2]}"
        ),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda t: f"(NOT {t})"),
    ),
    max_leaves=4,
)

PAGE = """# Random
```yaml
born: {input: date, ask: {en: When?}}
a: {input: number, range: {ge: -5, le: 5}}
b: {input: number, range: {ge: 0}}
c: {input: number}
p: {input: condition}
q: {input: condition}
k: {input: code, options: {one: {en: one}, two: {en: two}, three: {en: three}}}
s: {entity: year, expects: {every: year, since: born}}
s.year: {input: year}
s.x: {input: number, range: {ge: -5, le: 5}}
s.on: {input: condition}
tenth: {parameter: ratio, value: 0.1, ours: a test}
count_one: {parameter: count, value: 2 items, ours: a test}
step_of_a: {table: ratio, by: a, ours: a test, rows: {low: {lt: 0, value: -1}, mid: {lt: 2, value: 0.5},
high: {value: 3}}}
choice: {table: ratio, hit: best, ours: a test, rows: {x: {when: p, value: 2}, y: {when: q, value: 4}, z:
{value: 1}}}
"""

SMALL = [Fraction(n) for n in range(-4, 5)] + [Fraction(1, 10), Fraction(1, 3)]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for rulebooks."""
    return tmp_path_factory.mktemp("random")


def _book(root: Path, formulas: dict[str, str]) -> Rulebook:
    rules = "".join(
        f'{name}: {{{"value" if name[0] == "n" else "condition"}: "{text}", ours: a test}}\n'
        for name, text in formulas.items()
    )
    (root / "rulebook.yaml").write_text('name: random\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (root / "r.md").write_text(f"{PAGE}{rules}```\n", encoding="utf-8")
    return load(root)


def _evidence(random: Random) -> tuple[Case, Case]:
    """A case with holes, and the same case with every hole filled."""

    def amount(name: str) -> Fraction:
        value = random.choice(SMALL)
        return abs(value) if name == "b" else value

    full = {name: (Fact(amount(name)),) for name in NUMBERS}
    full |= {name: (Fact(random.random() < 0.5),) for name in TRUTHS}
    full["k"] = (Fact(random.choice(["one", "two", "three"])),)
    born = random.randint(2019, 2024)
    full["born"] = (Fact(date(born, random.randint(1, 12), 1)),)
    rows = tuple(
        RelatedRow(
            year,
            {
                "year": (Fact(Fraction(year)),),
                "x": (Fact(amount("x")),),
                "on": (Fact(random.random() < 0.5),),
            },
        )
        for year in range(born, 2025)
    )
    open_rows = tuple(
        RelatedRow(
            row.period,
            {name: facts for name, facts in row.facts.items() if name == "year" or random.random() < 0.8},
        )
        for row in rows
        if random.random() < 0.8
    )
    seen = {name: facts for name, facts in full.items() if random.random() < 0.6}
    return Case("e", seen, {"s": open_rows}), Case("e", full, {"s": rows})


def _allows(open_value: Value, closed: Value) -> bool:
    if (closed.undefined and not open_value.undefined) or (closed.absent and not open_value.absent):
        return False
    match closed.ordinary, open_value.ordinary:
        case None, _:
            return True
        case Interval(lo, hi), Interval(low, high):
            return low <= lo and hi <= high
        case _:
            return (
                closed.codes is not None and open_value.codes is not None and closed.codes <= open_value.codes
            )


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    numbers=st.lists(number, min_size=4, max_size=4),
    truths=st.lists(truth, min_size=4, max_size=4),
    seed=st.integers(0, 2**32),
)
def test_the_closed_answer_was_allowed_by_the_open_one(
    root: Path, numbers: list[str], truths: list[str], seed: int
) -> None:
    """For every formula and every way of filling the holes."""
    formulas = {
        **{f"n{i}": text for i, text in enumerate(numbers)},
        **{f"t{i}": text for i, text in enumerate(truths)},
    }
    book, random = _book(root, formulas), Random(seed)
    for _ in range(30):
        open_case, full_case = _evidence(random)
        before, after = Run(book, open_case, AS_OF), Run(book, full_case, AS_OF)
        for name, text in formulas.items():
            wide, exact = before.value(f"r.{name}"), after.value(f"r.{name}")
            assert exact.is_known, (text, exact)
            assert _allows(wide, exact), (text, wide, exact, open_case)
