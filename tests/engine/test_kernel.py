"""The kernel gives the interpreter's answers: on the cases of `cn`, and on random rules over random holes.

And what would make it wrong is caught: a flipped comparison, doubles trusted where they cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest

pytest.importorskip("llvmlite")

import numpy as np

import gangmu.engine.kernel.numbers as kernel_numbers
from gangmu.engine.dates import Dating
from gangmu.engine.kernel import Answers, assess_columns, assess_table
from gangmu.engine.kernel.assess import _from_columns
from gangmu.engine.kernel.calendars import Calendar
from gangmu.engine.kernel.emit import Emitter
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.graph import graph_of
from gangmu.rulebook.load import load
from gangmu.rulebook.model import ROOT, Rulebook
from kernel_cases import asked, differences, worked

AS_OF = date(2025, 6, 30)
DAYS = ("2025-06-30", "2024-12-31", "2024-02-29", "2021-12-31", "2022-01-01")

PAGE = """# Random
```yaml
born: {input: date, ask: {en: When?}}
a: {input: number, range: {ge: -5, le: 5}}
b: {input: number, range: {ge: 0}}
c: {input: number}
p: {input: condition}
q: {input: condition}
k: {input: code, options: {one: {en: one}, two: {en: two}, three: {en: three}}}
w: {input: code, pattern: "[a-z0-9]{2,3}"}
tenth: {parameter: ratio, value: 0.1, ours: a test}
year: {parameter: months, value: 12 months, ours: a test}
floor_then: {parameter: ratio, ours: a test, editions: [
  {from: 2022-01-01, to: 2025-01-01, value: 0.2}, {from: 2025-01-01, when: "k = 'one'", value: 0.3}, {from: 2025-01-01, value: 0.4}]}
step_of_a: {table: ratio, by: a, ours: a test, rows: {low: {lt: 0, value: -1}, mid: {lt: 2, value: 0.5}, high: {value: 3}}}
choice: {table: ratio, hit: best, ours: a test, rows: {x: {when: p, value: 2}, y: {when: q, value: 4}, z: {value: 1}}}
total: {table: ratio, hit: sum, ours: a test, rows: {x: {when: p, value: 2}, y: {when: "a > b", value: 4}, z: {value: 1}}}
first: {table: ratio, hit: first, ours: a test, rows: {x: {when: "a / b > c", value: 2}, y: {when: q, value: 4}}}
sector: {table: code, by: w, ours: a test, rows: {soft: {prefix: ["65"], except_prefix: ["659"], value: soft}, made: {in: [m1], value: made}, other: {value: other}}}
size: {scale: [low, mid, high]}
size_a: {level: size, by: a, ours: a test, rows: {high: {ge: 2}, mid: {ge: 0}, low: {}}}
size_b: {level: size, by: b, ours: a test, rows: {high: {gt: 1}, mid: {gt: 0}, low: {}}}
size_least: {level: size, least_of: [size_a, size_b], ours: a test}
size_most: {level: size, greatest_of: [size_a, size_b], ours: a test}
marks: {score: ratio, parts: {x: {of: step_of_a, cap: 2, min: 0}, y: {of: choice}}, cap: 5, pass: {gt: 3}, ours: a test}
judged: {table: ratio, by: b, ours: a test, rows: {low: {lt: 1, value: {from: 1, to: 3, judged_by: expert, answer: c}}, high: {value: 4}}}
"""
NUMBERS = [
    "a",
    "b",
    "c",
    "0",
    "1",
    "tenth",
    "step_of_a",
    "choice",
    "total",
    "first",
    "marks",
    "judged",
    "floor_then",
]
TRUTHS = ["p", "q", "k = 'one'", "k IN ('one', 'two')", "w LIKE '65%'", "sector = 'soft'", "size_least >= 'mid'", "size_most = 'high'",
          "PASSES(marks)", "MONTHS(born, as_of) >= year", "YEAR(born) = base_year", "ADD_MONTHS(born, year) < as_of", "YEARS(born, as_of) > year"]  # fmt: skip


def _number(random: Random, depth: int) -> str:
    if depth == 0 or random.random() < 0.25:
        return random.choice(NUMBERS)
    one, two = _number(random, depth - 1), _number(random, depth - 1)
    return random.choice(
        [f"({one} {random.choice('+-*/')} {two})"] * 5
        + [f"{random.choice(['LEAST', 'GREATEST', 'COALESCE', 'NULLIF'])}({one}, {two})"] * 2
        + [f"ABS({one})", f"{random.choice(['FLOOR', 'CEIL', 'ROUND'])}({one}, tenth)", f"POWER({one}, 2)", f"GROWTH({one}, {two}, 1)"]
        + [f"CASE WHEN {_truth(random, depth - 1)} THEN {one} ELSE {two} END"]
    )  # fmt: skip


def _truth(random: Random, depth: int) -> str:
    if depth == 0 or random.random() < 0.2:
        return random.choice(TRUTHS)
    compare = f"{_number(random, depth - 1)} {random.choice(['<', '<=', '>', '>=', '=', '<>'])} {_number(random, depth - 1)}"
    logic = f"({_truth(random, depth - 1)} {random.choice(['AND', 'OR'])} {_truth(random, depth - 1)})"
    return random.choice([compare, compare, compare, logic, f"(NOT {_truth(random, depth - 1)})"])


def _listed(random: Random) -> str:
    items = ", ".join(f'"{_truth(random, 1)}"' for _ in range(3))
    kind = random.choice(["all_of: [", "any_of: [", "at_least: 2, of: ["])
    return f"{{{kind}{items}], ours: a test}}"


def _book(root: Path, seed: int, count: int = 12) -> Rulebook:
    random = Random(seed)
    rules = [f'n{i}: {{value: "{_number(random, 3)}", unit: ratio, ours: a test}}' for i in range(count)]
    rules += [f't{i}: {{condition: "{_truth(random, 3)}", ours: a test}}' for i in range(count)]
    rules += [f"g{i}: {_listed(random)}" for i in range(3)]
    (root / "rulebook.yaml").write_text('name: random\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (root / "r.md").write_text(f"{PAGE}{chr(10).join(rules)}\n```\n", encoding="utf-8")
    return load(root)


def _rows(random: Random, count: int, holes: float) -> list[dict[str, object]]:
    def number(name: str) -> str:
        value = Fraction(random.choice([*range(-4, 5), Fraction(1, 10), Fraction(-1, 2), Fraction(7, 20)]))
        return str(float(abs(value) if name == "b" else value))

    huge = ["123456789012345.678901", "-98765432109876543", "0.000001", "31415926535897932384"]
    found: list[dict[str, object]] = []
    for place in range(count):
        row: dict[str, object] = {name: number(name) for name in "abc"}
        if random.random() < 0.05:
            row["c"] = random.choice(huge)
        row |= {name: random.choice(["true", "false"]) for name in "pq"}
        row |= {
            "k": random.choice(["one", "two", "three"]),
            "w": random.choice(["65x", "659", "m1", "zz", "65"]),
        }
        row |= {"born": f"{random.randint(2019, 2025)}-0{random.randint(1, 9)}-{random.randint(10, 28)}"}
        told = {n: v if random.random() > holes else random.choice(["", "", "n/a"]) for n, v in row.items()}
        found.append({ROOT: f"e{place}", "as_of": random.choice(DAYS), **told})
    return found


def _groups(book: Rulebook, size: int = 6) -> list[list[str]]:
    """Rules in small groups, those apart that an expert's band keeps off the point path."""
    judged = graph_of(book).above(["r.judged"])
    apart = sorted(asked(book), key=lambda name: name in judged)
    cut = sum(name not in judged for name in apart)
    return [part[i : i + size] for part in (apart[:cut], apart[cut:]) for i in range(0, len(part), size)]


@pytest.mark.parametrize("seed", range(8))
def test_random_rules_over_random_holes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    book = _book(tmp_path, seed)
    for holes, dating in ((0.0, Dating(day=AS_OF)), (0.2, Dating("as_of"))):
        evidence = read_evidence({ROOT: _rows(Random(seed), 60, holes)}, book)
        assert not evidence.quarantine
        for names in _groups(book):
            answers = assess_table(book, evidence, names, dating)
            assert all("more than a machine word" in reason for reason in answers.refused.values())
            assert differences(book, evidence.cases(), answers, dating) == []


@pytest.mark.parametrize("seed", [101, 102])
def test_optimised_vectors_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Enough rows for LLVM's passes and for both threads: the same cases over and over."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    book, times = _book(tmp_path, seed, 6), 900
    rows = _rows(Random(seed), 40, 0.1)
    columns = {
        f"r.{name}": pa.array([_cell(name, row[name]) for row in rows] * times)
        for name in (*"abcpqkw", "born")
    }
    answers = assess_columns(book, columns, asked(book), AS_OF)
    case_of = _from_columns(book, columns)
    cases = [case_of(place) for place in range(40)]
    assert differences(book, cases, answers, Dating(day=AS_OF)) == []
    for column in answers.columns.values():
        assert (column.status.reshape(times, 40) == column.status[:40]).all()
        assert column.answer(39 * 900) == column.answer((39 * 900) % 40)


def _cell(name: str, text: object) -> object:
    if text in ("", "n/a"):
        return None
    match name:
        case "p" | "q":
            return text == "true"
        case "k" | "w":
            return text
        case "born":
            return date.fromisoformat(str(text))
    return Decimal(str(text))


def test_worked_cases_of_cn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every ninth rule of the shipped book, over all its cases and dates."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    book = load("cn")
    evidence = worked(book)
    names = asked(book)[::9]
    answers = assess_table(book, evidence, names, Dating("as_of"))
    assert {reason for reason in answers.refused.values() if "15 digits" not in reason} == set()
    assert len(answers.columns) > len(names) * 9 // 10
    assert differences(book, evidence.cases(), answers, Dating("as_of")) == []


# ---------------------------------------------------------------------- exactness, and mutants

TIES = """# Ties
```yaml
x: {input: number, decimals: 0, range: {ge: 1}}
y: {input: number, decimals: 0, range: {ge: 1}}
z: {input: number, decimals: 0, range: {ge: 1}}
two: {parameter: ratio, value: 2, ours: a test}
floor: {parameter: ratio, value: 15%, ours: a test}
grows: {condition: "((x / y - 1) + (y / z - 1)) / two >= floor", ours: a test}
```
"""


def _ties(tmp_path: Path) -> tuple[Rulebook, dict[str, object]]:
    """Rows exactly on the floor, and one unit off it, with numbers of eleven digits and more."""
    (tmp_path / "rulebook.yaml").write_text('name: ties\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (tmp_path / "t.md").write_text(TIES, encoding="utf-8")
    rows = []
    for base in range(1_000_000_003, 1_000_000_403):
        z = base * 100
        y = z * 11 // 10  # growth of 10%, then of 20%: 15% on average
        x = y // 5 * 6
        rows += [(x, y, z), (x - 1, y, z), (x + 1, y, z)]
    return load(tmp_path), {
        f"t.{name}": np.array(column) for name, column in zip("xyz", zip(*rows, strict=True), strict=True)
    }


def _tie_errors(book: Rulebook, arrays: dict[str, Any], *, blind: bool = False) -> tuple[int, Answers]:
    answers = assess_columns(book, arrays, ["t.grows"], AS_OF, blind=blind)
    floor = Fraction(15, 100)
    rows = zip(*(arrays[f"t.{name}"].tolist() for name in "xyz"), strict=True)
    right = [((Fraction(x, y) - 1) + (Fraction(y, z) - 1)) / 2 >= floor for x, y, z in rows]
    return sum(a.value != r for a, r in zip(answers.columns["t.grows"], right, strict=True)), answers


def test_exact_ties(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    wrong, answers = _tie_errors(*_ties(tmp_path))
    assert wrong == 0
    assert answers.stats["exact"] >= 400
    assert answers.stats["interpreter"] == 0


def test_doubles_alone_are_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trusting the double where its error bound is not cleared loses ties."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    assert _tie_errors(*_ties(tmp_path), blind=True)[0] > 0


def test_a_flipped_comparison_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    less = kernel_numbers.Rationals.less
    monkeypatch.setattr(
        kernel_numbers.Rationals, "less", lambda self, a, b, guard=True: self.e.not_(less(self, b, a, guard))
    )
    book = _book(tmp_path, 1)
    evidence = read_evidence({ROOT: _rows(Random(1), 40, 0.0)}, book)
    answers = assess_table(book, evidence, asked(book), Dating(day=AS_OF))
    assert differences(book, evidence.cases(), answers, Dating(day=AS_OF))


def test_a_refusal_names_the_rule_and_the_reason(tmp_path: Path) -> None:
    (tmp_path / "rulebook.yaml").write_text('name: r\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    text = "# R\n```yaml\nx: {input: number}\nroot: {value: SQRT(x), unit: ratio, ours: a test}\ntwice: {value: x + x, unit: ratio, ours: a test}\n```\n"
    (tmp_path / "r.md").write_text(text, encoding="utf-8")
    answers = assess_columns(load(tmp_path), {"r.x": pa.array([1, None, 4])}, ["r.root", "r.twice"], AS_OF)
    assert list(answers.refused) == ["r.root"]
    assert "15 digits" in answers.refused["r.root"]
    assert [answer.status for answer in answers.columns["r.twice"]] == ["known", "unknown", "known"]


def test_object_code_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    book, arrays = _ties(tmp_path)
    first = assess_columns(book, arrays, ["t.grows"], AS_OF)
    kept = list((tmp_path / "cache" / "kernel").iterdir())
    second = assess_columns(load(tmp_path), arrays, ["t.grows"], AS_OF)
    assert kept
    assert list((tmp_path / "cache" / "kernel").iterdir()) == kept
    assert (first.columns["t.grows"].status == second.columns["t.grows"].status).all()


def _lines(emitter: Emitter) -> Iterator[str]:
    yield from emitter.lines


def test_an_instruction_is_written_once() -> None:
    emitter = Emitter()
    calendar = Calendar(emitter)
    once = calendar.civil("%day")
    count = len(list(_lines(emitter)))
    assert calendar.civil("%day") == once
    assert len(emitter.lines) == count
