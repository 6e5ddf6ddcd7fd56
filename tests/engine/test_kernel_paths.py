"""Which path a row takes is a choice of speed: with few holes or many, the kernel gives the interpreter's answers."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest

pytest.importorskip("llvmlite")

import pyarrow as pa

from gangmu.engine.dates import Dating
from gangmu.engine.kernel import assess_columns
from gangmu.engine.kernel.assess import _from_columns
from gangmu.rulebook.load import load
from kernel_cases import differences

AS_OF, TIMES, CASES = date(2025, 6, 30), 600, 40
HEAD = 'name: paths\nversion: "1"\noutcomes: []\n'
PAGE = """# Paths
```yaml
x: {input: number, decimals: 0, range: {ge: 1}}
y: {input: number, decimals: 0}
z: {input: number, decimals: 0, range: {ge: 0, le: 9}}
p: {input: condition}
day: {input: date}
low: {parameter: ratio, value: 2, ours: a test}
floor: {parameter: ratio, value: 15%, ours: a test}
three: {parameter: ratio, value: 3, ours: a test}
share: {value: "y / x", unit: ratio, ours: a test}
back: {value: "x / y", unit: ratio, ours: a test}
points:
  table: ratio
  by: share
  ours: a test
  rows:
    a: {ge: 50%, value: 7}
    b: {ge: 15%, value: -3}
    c: {ge: 0%, value: 4}
    d: {value: 0}
fine: {value: "points / three + z * low - LEAST(z, three)", unit: ratio, ours: a test}
wide: {value: "ABS(y) * GREATEST(x, y) - x", unit: ratio, ours: a test}
early: {condition: "day < as_of", ours: a test}
grows: {condition: "share >= floor OR (p AND back > low)", ours: a test}
either: {value: "CASE WHEN p THEN fine WHEN early THEN low END", unit: ratio, ours: a test}
good: {any_of: [grows, early, {all_of: [p, "fine > three"]}], ours: a test}
```
"""
NAMES = ["share", "back", "points", "fine", "wide", "early", "grows", "either", "good"]


def _columns(holed: int) -> dict[str, pa.Array]:
    """Forty cases, of which the first `holed` have a hole or two, over and over."""
    random = Random(holed)
    columns: dict[str, list[object]] = {
        "x": [random.randint(1, 40) for _ in range(CASES)],
        "y": [random.choice((0, 0, 3, 6, 20, -5)) for _ in range(CASES)],
        "z": [random.randint(0, 9) for _ in range(CASES)],
        "p": [random.random() < 0.5 for _ in range(CASES)],
        "day": [date(2025, 6, random.randint(29, 30)) for _ in range(CASES)],
    }
    for row in range(holed):
        for name in random.sample(sorted(columns), random.randint(1, 2)):
            columns[name][row] = None
    return {f"t.{name}": pa.array(values * TIMES) for name, values in columns.items()}


@pytest.mark.parametrize("holed", [0, 5, 22, CASES])
def test_the_path_is_a_choice_of_speed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, holed: int) -> None:
    """So many rows that code is optimised and that rows with holes may pull the others along."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    (tmp_path / "rulebook.yaml").write_text(HEAD, encoding="utf-8")
    (tmp_path / "t.md").write_text(PAGE, encoding="utf-8")
    book, columns = load(tmp_path), _columns(holed)
    answers = assess_columns(book, columns, [f"t.{name}" for name in NAMES], AS_OF)
    assert answers.refused == {}
    bounds = holed if holed < CASES / 4 else CASES
    assert answers.stats["bounds"] == bounds * TIMES
    assert answers.stats["points"] == (CASES - bounds) * TIMES
    case_of = _from_columns(book, columns)
    cases = [case_of(place) for place in range(CASES)]
    assert differences(book, cases, answers, Dating(day=AS_OF)) == []
    for column in answers.columns.values():
        assert (column.status.reshape(TIMES, CASES) == column.status[:CASES]).all()
        assert column.answer(CASES * 7 + 3) == column.answer(3)
