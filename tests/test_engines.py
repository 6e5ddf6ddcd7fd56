"""`assess` gives the same table with every engine: values, bounds, statuses, grades, last days, findings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

pytest.importorskip("llvmlite")

import gangmu
from gangmu.book import Book
from gangmu.errors import QuestionError
from gangmu.report.result import Result
from gangmu.rulebook.load import load
from gangmu.rulebook.model import NAMED_ONLY, ROOT
from random_rules import graded_book, graded_rows, random_book

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))


def both(book: Book, evidence: object, as_of: str, rules: list[str]) -> tuple[Result, Result]:
    read = book.read(evidence)
    one = book.assess(read, as_of, rules, engine="kernel")
    other = book.assess(read, as_of, rules, engine="interpreter")
    for name in other.table.column_names:
        left, right = one.table.column(name), other.table.column(name)
        assert left.type == right.type
        assert left.to_pylist() == right.to_pylist(), name
    assert [item.answers for item in one.answers] == [item.answers for item in other.answers]
    assert one.findings == other.findings
    return one, other


@pytest.mark.parametrize(
    ("folder", "as_of", "every"), [("listed", "as_of,2025-06-30", 6), ("small_firm", "2026-11-22", 9)]
)
def test_examples(folder: str, as_of: str, every: int) -> None:
    book = Book(load("cn"))
    asked = [
        rule.name
        for rule in book.model.rules.values()
        if rule.entity == ROOT and rule.kind not in ("scale", "input", *NAMED_ONLY)
    ][::every]
    one, other = both(book, EXAMPLES / folder, as_of, asked)
    assert str(one.record["engine"]).startswith("kernel")
    assert other.record["engine"] == "interpreter"
    assert other.record["evidence_digest"] == one.record["evidence_digest"]


@pytest.mark.parametrize("seed", range(3))
def test_random_books(tmp_path: Path, seed: int) -> None:
    book = Book(graded_book(tmp_path, seed))
    asked = [rule.name for rule in book.model.rules.values() if rule.entity == ROOT and rule.kind != "scale"]
    both(book, graded_rows(seed, 40), "as_of", asked)


ORIGINS = """# Origins
```yaml
a: {input: number}
b: {input: number, origin: [audited]}
deed: {entity: dealt_on}
deed.dealt_on: {input: date}
deed.worth: {input: number}
total: {value: "a + b", unit: ratio, stated: true, ours: a test}
deeds: {value: sum(deed.worth), unit: ratio, ours: a test}
```
"""


def test_findings_of_every_kind(tmp_path: Path) -> None:
    (tmp_path / "rulebook.yaml").write_text('name: origins\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (tmp_path / "o.md").write_text(ORIGINS, encoding="utf-8")
    book = Book(load(tmp_path))
    rows = [
        {ROOT: "plain", "a": "1", "b": "2", "origin": "audited"},
        {ROOT: "differs", "a": "1", "b": "2", "origin": "audited"},
        {ROOT: "differs", "a": "3", "b": "2", "origin": "ledger"},
        {ROOT: "agrees", "a": "1", "b": "2", "origin": "audited"},
        {ROOT: "agrees", "a": "1", "b": "2", "origin": "ledger"},
        {ROOT: "barred", "a": "1", "b": "2", "origin": "ledger"},
        {ROOT: "stated", "a": "1", "b": "2", "origin": "audited"},
    ]
    deeds = [
        {ROOT: "plain", "dealt_on": "2024-01-01", "worth": "5", "origin": "audited"},
        {ROOT: "agrees", "dealt_on": "2024-01-01", "worth": "5", "origin": "audited"},
        {ROOT: "agrees", "dealt_on": "2024-01-01", "worth": "6", "origin": "ledger"},
    ]
    stated = [{ROOT: "stated", "rule": "total", "value": "9"}]
    evidence = {ROOT: rows, "deed": deeds, "stated": stated}
    one, _ = both(book, evidence, "2025-06-30", ["o.total", "o.deeds"])
    assert {(item.enterprise, item.finding.kind) for item in one.findings} == {
        ("differs", "origins-differ"),
        ("barred", "origin-not-allowed"),
        ("stated", "stated-clash"),
        ("agrees", "origins-differ"),
    }


def test_auto_says_what_it_took() -> None:
    book = gangmu.load("cn")
    result = book.assess(EXAMPLES / "small_firm", "2026-11-22", ["enterprise_size"])
    assert result.record["engine"] == "interpreter"  # one firm: answered before machine code is read
    with pytest.raises(QuestionError, match="is no engine"):
        book.assess(EXAMPLES / "small_firm", "2026-11-22", engine="abacus")  # type: ignore[arg-type]


def test_no_kernel_without_llvmlite(monkeypatch: pytest.MonkeyPatch) -> None:
    from gangmu.engine import assessed

    monkeypatch.setattr(assessed, "FEW", 0)
    monkeypatch.setattr(assessed, "NEEDED", ("llvmlite", "a_module_that_nobody_has"))
    book = gangmu.load("cn")
    found = book.assess(EXAMPLES / "small_firm", "2026-11-22", ["enterprise_size"])
    assert found.record["engine"] == "interpreter"
    assert found.record["engine_why"] == "a_module_that_nobody_has is not installed"
    with pytest.raises(QuestionError, match="pip install"):
        book.assess(EXAMPLES / "small_firm", "2026-11-22", engine="kernel")


def test_cases_in_the_order_asked() -> None:
    book = gangmu.load("cn")
    read = book.read(EXAMPLES / "listed")
    wanted = [read.keys[place].as_py() for place in (5, 0, 3)]
    few = book.assess(read, "2025-06-30", ["star"], cases=wanted)
    every = book.assess(read, "2025-06-30", ["star"])
    rows = {row["enterprise"]: row for row in every.table.to_pylist()}
    assert few.table.to_pylist() == [rows[key] for key in wanted]
    assert isinstance(few.table, pa.Table)


KEPT = """import sys
from pathlib import Path
from random_rules import random_rows
from random import Random
from gangmu.book import load
book = load(sys.argv[1])
rules = ["r.sector", "r.size_least", "r.t0", "r.t1", "r.t2", "r.t3"]
book.assess({"enterprise": random_rows(Random(1), 20, 0.2)}, "2025-06-30", rules, engine="kernel")
"""


def test_another_process_finds_the_kept_code(tmp_path: Path) -> None:
    """Whatever order Python gives to sets of texts in it."""
    random_book(tmp_path, 5)
    kept = []
    for seed in ("1", "2"):
        place = {**os.environ, "PYTHONHASHSEED": seed, "GANGMU_CACHE": str(tmp_path / "kept")}
        place["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), *sys.path])
        subprocess.run([sys.executable, "-c", KEPT, str(tmp_path)], env=place, check=True)
        kept.append({path.name for path in (tmp_path / "kept").rglob("*.o")})
    assert kept[0] == kept[1]
    assert kept[0]
