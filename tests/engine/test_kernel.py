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

from random_rules import graded_book, graded_rows, random_book, random_rows

pytest.importorskip("llvmlite")

import numpy as np

import gangmu.engine.kernel.numbers as kernel_numbers
from gangmu.engine.dates import Dating
from gangmu.engine.kernel import Answers, assess_columns, assess_table, cuts, loops
from gangmu.engine.kernel.assess import _from_columns
from gangmu.engine.kernel.calendars import Calendar
from gangmu.engine.kernel.emit import Emitter
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.graph import graph_of
from gangmu.rulebook.load import load
from gangmu.rulebook.model import ROOT, Rulebook
from kernel_cases import asked, differences, worked

AS_OF = date(2025, 6, 30)


def _groups(book: Rulebook, size: int = 6) -> list[list[str]]:
    """Rules in small groups, those apart that an expert's band keeps off the point path."""
    judged = graph_of(book).above(["r.judged"])
    apart = sorted(asked(book), key=lambda name: name in judged)
    cut = sum(name not in judged for name in apart)
    return [part[i : i + size] for part in (apart[:cut], apart[cut:]) for i in range(0, len(part), size)]


@pytest.mark.parametrize("seed", range(8))
def test_random_rules_over_random_holes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    book = random_book(tmp_path, seed)
    for holes, dating in ((0.0, Dating(day=AS_OF)), (0.2, Dating("as_of"))):
        evidence = read_evidence({ROOT: random_rows(Random(seed), 60, holes)}, book)
        assert not evidence.quarantine
        for names in _groups(book):
            answers = assess_table(book, evidence, names, dating)
            assert all("more than 512 bits" in reason for reason in answers.refused.values())
            assert differences(book, evidence.cases(), answers, dating) == []


@pytest.mark.parametrize("seed", [101, 102])
def test_optimised_vectors_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Enough rows for LLVM's passes and for both threads: the same cases over and over."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    book, times = random_book(tmp_path, seed, 6), 900
    rows = random_rows(Random(seed), 40, 0.1)
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
    """Some rules of every page of the shipped book, over all its cases and dates."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    book = load("cn")
    evidence = worked(book)
    names = asked(book)[::80]
    answers = assess_table(book, evidence, names, Dating("as_of"))
    assert answers.refused == {}
    assert differences(book, evidence.cases(), answers, Dating("as_of")) == []


@pytest.mark.parametrize("seed", range(4))
def test_grades_and_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Rules with every grade in random places, titles among them; the grade is the interpreter's."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    book = graded_book(tmp_path, seed)
    evidence = read_evidence(graded_rows(seed, 24), book)
    seen: set[str] = set()
    for names in _groups(book, 12):
        for dating in (Dating("as_of"), Dating(day=AS_OF)):
            answers = assess_table(book, evidence, names, dating, grades=True)
            assert differences(book, evidence.cases(), answers, dating, grades=True) == []
            seen.update(answer.grade for column in answers.columns.values() for answer in column)
    assert len(seen) > 3


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
    book = random_book(tmp_path, 1)
    evidence = read_evidence({ROOT: random_rows(Random(1), 40, 0.0)}, book)
    answers = assess_table(book, evidence, asked(book), Dating(day=AS_OF))
    assert differences(book, evidence.cases(), answers, Dating(day=AS_OF))


def test_a_refusal_names_the_rule_and_the_reason(tmp_path: Path) -> None:
    (tmp_path / "rulebook.yaml").write_text('name: r\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    text = "# R\n```yaml\nx: {input: number}\nroot: {value: 'FLOOR(POWER(POWER(x, 8), 2))', unit: ratio, ours: a test}\ntwice: {value: x + x, unit: ratio, ours: a test}\n```\n"
    (tmp_path / "r.md").write_text(text, encoding="utf-8")
    answers = assess_columns(
        load(tmp_path), {"r.x": pa.array([10**12, None, 4])}, ["r.root", "r.twice"], AS_OF
    )
    assert list(answers.refused) == ["r.root"]
    assert "more than 512 bits" in answers.refused["r.root"]
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


WIDE_PAGE = """# Wide
```yaml
a: {input: number, range: {ge: 1}}
b: {input: number, range: {ge: 1}}
c: {input: number, range: {ge: 1}}
wide: {value: "a / b + b / c + c / a", unit: ratio, ours: a test}
between: {condition: "a + a + a + b > c + b + c - a AND a + b + b > c + c", ours: a test}
wider: {value: "wide + a / c - b", unit: ratio, ours: a test}
```
"""


def test_wide_numbers_between_pieces_of_a_long_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers of 192 bits, which LLVM sets further apart than they are long, are read by a later piece."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(loops, "WHOLE", 10)
    monkeypatch.setattr(cuts, "PIECE", 10)
    (tmp_path / "rulebook.yaml").write_text('name: wide\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (tmp_path / "w.md").write_text(WIDE_PAGE, encoding="utf-8")
    book, random = load(tmp_path), Random(3)
    facts = [[Fraction(random.randint(100, 10**13), 100) for _ in "abc"] for _ in range(600)]  # past a block
    rows = [
        {ROOT: f"e{n}", **{name: f"{float(x):.2f}" for name, x in zip("abc", told, strict=True)}}
        for n, told in enumerate(facts)
    ]
    evidence = read_evidence({ROOT: rows}, book)
    answers = assess_table(book, evidence, ["w.wide", "w.between", "w.wider"], Dating(day=AS_OF))
    wide = [a / b + b / c + c / a for a, b, c in facts]
    wider = [x + a / c - b for x, (a, b, c) in zip(wide, facts, strict=True)]
    assert [answer.value for answer in answers.columns["w.wide"]] == wide
    assert [answer.value for answer in answers.columns["w.wider"]] == wider
