"""A query far deeper than people write: in one piece and in stages, with the interpreter's answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from gangmu.engine.assess import answers_of
from gangmu.engine.dates import Dating
from gangmu.engine.interpreter import Run
from gangmu.engine.sql import assess_tables
from gangmu.engine.sql.dialects import ENDLESS
from gangmu.engine.sql.duck import DuckDB
from gangmu.engine.sql.places import Warehouse
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.load import load

DAY, DEEP = date(2025, 6, 30), 16
LADDER = "CASE WHEN x{0} > b THEN LEAST(x{0}, b) + a ELSE GREATEST(x{0} + a, b - x{0}) END"


@pytest.fixture
def ladder(tmp_path: Path) -> Path:
    """A rulebook whose every rule reads the one before several times."""
    rules = [f'x{n}: {{value: "{LADDER.format(n - 1)}", unit: ratio, ours: a test}}' for n in range(1, DEEP)]
    page = "\n".join(
        ["a: {input: number}", "b: {input: number}", "x0: {value: a, unit: ratio, ours: a test}", *rules]
    )
    (tmp_path / "rulebook.yaml").write_text('name: r\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (tmp_path / "r.md").write_text(f"# R\n```yaml\n{page}\n```\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("deepest", [ENDLESS, 4])
@pytest.mark.parametrize("place", ["duckdb", "postgres"])
def test_deep_rules_come_out(request: pytest.FixtureRequest, ladder: Path, place: str, deepest: int) -> None:
    warehouse: Warehouse = DuckDB() if place == "duckdb" else request.getfixturevalue("postgres")
    warehouse.dialect = replace(warehouse.dialect, deepest=deepest)
    book, last = load(ladder), f"r.x{DEEP - 1}"
    rows = [{"enterprise": f"e{n}", "a": f"{n}.5", "b": "" if n == 3 else f"{7 - n}.25"} for n in range(6)]
    evidence = read_evidence({"enterprise": rows}, book)
    found = assess_tables(book, evidence, [last], Dating(day=DAY), warehouse)
    assert list(found.columns[last]) == [
        answers_of(Run(book, case, DAY), [last])[0] for case in evidence.cases()
    ]
    assert not [name for name in warehouse.names() if name.startswith("gangmu_at_")]
