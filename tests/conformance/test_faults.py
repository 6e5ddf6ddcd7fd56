"""Each planted fault of each engine is caught by a few small samples."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.engines import missing
from conformance.faults import FAULTS, hunt


@pytest.mark.parametrize("engine", dict.fromkeys(fault.engine for fault in FAULTS))
def test_every_mutant_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    if why := missing(engine):
        pytest.skip(why)
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    caught = hunt(engine, seed=7, folder=tmp_path)
    assert [name for name, dead in caught.items() if not dead] == []
