"""The synthetic portfolio: rows of every entity, read without loss, the same for the same seed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from gangmu.book import load

ROOT = Path(__file__).parents[1]
COUNT = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("portfolio")
    make(made)
    return made


def make(folder: Path) -> None:
    line = [sys.executable, str(ROOT / "benchmarks" / "portfolio.py"), str(folder), str(COUNT), "7", "--all"]
    subprocess.run(line, check=True, capture_output=True)


def test_every_entity_has_rows_and_nothing_is_lost(folder: Path) -> None:
    book = load("cn")
    made = {path.stem: pq.read_table(path).num_rows for path in folder.glob("*.parquet")}
    assert made.keys() == {"enterprise", *book.model.entities}
    for name in ("statement", "patent", "loan", "cloud_bill", "equipment", "receivable"):
        assert made[name] > COUNT / 2, name
    read = book.read(folder)
    lost = [entry for entry in read.quarantine if entry.field not in ("complete", "empty")]
    assert not lost
    assert set(pq.read_table(folder / "enterprise.parquet").column("made_up").to_pylist()) == {"synthetic"}


def test_the_same_seed_gives_the_same_firms(folder: Path, tmp_path: Path) -> None:
    make(tmp_path)
    for path in folder.glob("*.parquet"):
        assert pq.read_table(path).equals(pq.read_table(tmp_path / path.name)), path.name


def test_outcomes_are_answered_by_the_kernel_as_by_the_interpreter(folder: Path) -> None:
    book = load("cn")
    read = book.read(folder).only([f"E{number:08}" for number in range(6)])
    asked = ["tasks", "credit", "relief"]
    fast, slow = (book.assess(read, "2026-06-30", asked, engine=one) for one in ("kernel", "interpreter"))
    assert fast.table.equals(slow.table)
    assert "engine_interpreted" not in fast.record
