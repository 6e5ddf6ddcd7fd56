"""The hull of each operator, as flat cases: arguments, then what comes out.

`a..b` is an interval, `-` none of it is known, `U` may be undefined, `A` may be not in force, `TF` either
truth value.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from gangmu.engine.interpreter import Run
from gangmu.engine.values import INF, UNDEFINED, Interval, Value, one_of, point, truth
from gangmu.engine.whatif import FactKey, WhatIf
from gangmu.evidence.facts import Case, Fact, RelatedRow
from gangmu.rulebook.load import load
from gangmu.rulebook.model import Rulebook

CASES = """
x + y             | 1..2, 3..5     | 4..7
x - y             | 1..2, 3..5     | -4..-1
x - x             | 1..2, 0        | -1..1
x * y             | -1..2, 3..5    | -5..10
x * y             | 0, 0..inf      | 0
x / y             | 1..2, 4..8     | 1/8..1/2
x / y             | 1..2, 0..4     | 1/4..inf U
x / y             | -1..2, 0..4    | -inf..inf U
x / y             | 1..2, -4..0    | -inf..-1/4 U
x / y             | 1..2, -1..1    | -inf..inf U
x / y             | 0, -1..1       | 0 U
x / y             | 1, 0           | U
x / y             | 4, 2..inf      | 0..2
ABS(x)            | -3..2, 0       | 0..3
ABS(x)            | -3..-2, 0      | 2..3
LEAST(x, y)       | 1..5, 2..3     | 1..3
GREATEST(x, y)    | 1..5, 2..3     | 2..5
LEAST(x, y)       | 1..5, U        | U
FLOOR(x)          | 1.2..3.7, 0    | 1..3
CEIL(x)           | 1.2..3.7, 0    | 2..4
ROUND(x)          | 1.5..2.5, 0    | 2..3
ROUND(x)          | -1.5..-0.5, 0  | -2..-1
FLOOR(x, tenth)   | 1.29, 0        | 1.2
POWER(x, 2)       | -3..2, 0       | 0..9
POWER(x, 3)       | -3..2, 0       | -27..8
SQRT(x)           | -1..4, 0       | 0..2 U
SQRT(x)           | -2..-1, 0      | U
GROWTH(x, y, 2)   | 1.5625, 1      | 1/4
GROWTH(x, y, 2)   | 4..9, 1..4     | 0..2
GROWTH(x, y, 2)   | 1, -1..0       | U
GROWTH(x, y, 2)   | 1..4, 0..1     | 0..inf U
GROWTH(x, y, 1)   | 1.1, 1         | 1/10
x < y             | 1..2, 3..4     | T
x < y             | 1..3, 3..4     | TF
x <= y            | 1..3, 3..4     | T
x >= y            | 5, 5           | T
x > y             | 5, 5           | F
x = y             | 1..2, 3..4     | F
x = y             | 1..2, 2        | TF
x <> y            | 2, 2           | F
x / y >= tenth    | 0, 0           | U
x BETWEEN y AND y | 2, 2           | T
p AND q           | F, U           | F
p AND q           | T, U           | U
p AND q           | TF, U          | F U
p OR q            | T, U           | T
p OR q            | F, U           | U
p OR q            | TF, U          | T U
NOT p             | TF, T          | TF
NOT p             | U, T           | U
p AND q           | A, F           | F
p AND q           | A, T           | A
CASE WHEN p THEN x ELSE y END | TF, T, 1, 5..6  | 1..6
CASE WHEN p THEN x ELSE y END | U, T, 1, 5      | 5
CASE WHEN p THEN x END        | F, T, 1, 5      | U
COALESCE(x, y)    | U, 5           | 5
COALESCE(x, y)    | 1..2, 5        | 1..2
NULLIF(x, y)      | 1..2, 2        | 1..2 U
NULLIF(x, y)      | 2, 2           | U
listed_all        | A, T           | T
listed_all        | A, A           | A
listed_all        | A, U           | U
listed_any        | A, F           | F
two_of_three      | T, TF          | TF
two_of_three      | F, TF          | F
two_of_three      | T, U           | U
"""

PAGE = """# Operators
```yaml
x: {input: number}
y: {input: number}
p: {input: condition}
q: {input: condition}
no: {condition: FALSE, ours: a test}
tenth: {parameter: ratio, value: 0.1, ours: a test}
listed_all: {all_of: [p, q], ours: a test}
listed_any: {any_of: [p, q], ours: a test}
two_of_three: {at_least: 2, of: [p, q, no], ours: a test}
s: {entity: year, expects: {every: year, since: born}}
born: {input: date}
s.year: {input: year}
s.v: {input: number, range: {ge: 0, le: 10}}
t: {entity: on}
t.on: {input: date}
t.v: {input: number, range: {ge: 1, le: 9}}
"""
AGGREGATES = """
sum(s.v)                             | 2..12
sum(s.v) FILTER (WHERE LAST(1))      | 2
sum(s.v) FILTER (WHERE LAST(2))      | 2..12
min(s.v) FILTER (WHERE LAST(2))      | 0..2
max(s.v) FILTER (WHERE LAST(2))      | 2..10
avg(s.v) FILTER (WHERE LAST(2))      | 1..6
count(s)                             | 2
sum(s.v) FILTER (WHERE LAST(3) AND NOT LAST(2)) | 0
min(s.v) FILTER (WHERE LAST(3) AND NOT LAST(2)) | U
sum(t.v)                             | 5..inf
count(t)                             | 1..inf
min(t.v)                             | 1..5
max(t.v)                             | 5..9
avg(t.v)                             | 1..9
"""


def _lines(text: str) -> list[list[str]]:
    return [[part.strip() for part in line.split("|")] for line in text.strip().splitlines()]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """Each formula of the cases as a rule."""
    root = tmp_path_factory.mktemp("operators")
    (root / "rulebook.yaml").write_text('name: o\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    rules = []
    for place, formula in enumerate(row[0] for row in _lines(CASES) + _lines(AGGREGATES)):
        logical = formula[:3] in ("p A", "p O", "NOT", "lis", "two") or any(
            f" {op} " in formula for op in ["<", "<=", ">=", ">", "=", "<>", "BETWEEN"]
        )
        rules.append(f'r{place}: {{{"condition" if logical else "value"}: "{formula}", ours: a test}}\n')
    (root / "o.md").write_text(f"{PAGE}{''.join(rules)}```\n", encoding="utf-8")
    return load(root)


def _value(text: str) -> Value:
    """Read `1..2 U`, `TF`, `A`."""
    undefined = absent = False
    ordinary: Value | None = None
    for word in text.split():
        if word == "U":
            undefined = True
        elif word == "A":
            absent = True
        elif set(word) <= {"T", "F"}:
            ordinary = truth(true="T" in word, false="F" in word)
        else:
            low, _, high = word.partition("..")
            ordinary = Value(Interval(_end(low), _end(high or low)))
    return Value(None if ordinary is None else ordinary.ordinary, undefined, absent)


def _end(text: str) -> Fraction | float:
    return {"inf": INF, "-inf": -INF}.get(text) or Fraction(text)


@pytest.mark.parametrize(
    ("place", "row"), list(enumerate(_lines(CASES))), ids=[" ".join(row[:2]) for row in _lines(CASES)]
)
def test_an_operator_has_its_hull(book: Rulebook, place: int, row: list[str]) -> None:
    """The formula with these arguments is exactly this."""
    words = [part.strip() for part in row[1].split(",")]
    truths = words[:2] if set(words[0]) <= set("TFUA") and "p" in book_formula(row) else []
    numbers = words[2:] if len(words) == 4 else ([] if truths else words)
    names = [*zip("pq", truths, strict=False), *zip("xy", numbers, strict=False)]
    probe: dict[FactKey, Value] = {(f"o.{name}", ""): _value(text) for name, text in names}
    run = Run(book, Case("e"), date(2025, 6, 30))
    assert WhatIf(run, f"o.r{place}").answer(probe) == _value(row[2])


def book_formula(row: list[str]) -> str:
    """The formula, with names of list rules spelt so that their arguments show."""
    return row[0].replace("listed_", "p").replace("two_of_three", "p")


@pytest.mark.parametrize(
    ("place", "row"),
    list(enumerate(_lines(AGGREGATES), start=len(_lines(CASES)))),
    ids=[row[0] for row in _lines(AGGREGATES)],
)
def test_an_aggregate_has_its_hull(book: Rulebook, place: int, row: list[str]) -> None:
    """Founded in 2023; 2024 handed in, 2023 not; one dated row of a list that may be longer."""
    case = Case(
        "e",
        {"born": (Fact(date(2023, 3, 1)),)},
        {
            "s": (RelatedRow(2024, {"year": (Fact(Fraction(2024)),), "v": (Fact(Fraction(2)),)}),),
            "t": (
                RelatedRow(date(2024, 1, 1), {"v": (Fact(Fraction(5)),)}),
                RelatedRow(date(2025, 7, 1), {"v": (Fact(Fraction(9)),)}),
            ),
        },
    )
    assert Run(book, case, date(2025, 6, 30)).value(f"o.r{place}") == _value(row[1])


def test_known_values_are_points() -> None:
    """The domain's own small words."""
    assert point(3).is_known
    assert not one_of(["a", "b"]).is_known
    assert UNDEFINED.is_known
    assert UNDEFINED.ordinary is None
