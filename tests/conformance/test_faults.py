"""The main faults planted in each engine are caught by a few small samples; all of them in the long run."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.engines import missing
from conformance.faults import MAIN, hunt


# a double for an exact number shows in few cases alone: of DuckDB it takes a minute to find one
@pytest.mark.parametrize(("engine", "names"), [("kernel", MAIN), ("duckdb", MAIN[:2])])
def test_the_main_mutants_are_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, names: tuple[str, ...]
) -> None:
    if why := missing(engine):
        pytest.skip(why)
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    caught = hunt(engine, 7, tmp_path, names)
    assert caught == dict.fromkeys(names, True)
