"""Every flat case, on every engine that is here."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.cases import flat_pages
from conformance.engines import ENGINES, missing
from conformance.flat import differing

PAGES = {page.name: page for page in flat_pages()}
BOUNDED = {"spark": ("choice", "editions")}  # a second a page elsewhere, here many: the rest in the long run


@pytest.mark.parametrize(
    ("name", "engine"),
    [
        (name, engine)
        for engine in ("interpreter", *ENGINES)
        for name in PAGES
        if name in BOUNDED.get(engine, PAGES)
    ],
)
def test_each_line_comes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, engine: str) -> None:
    if engine in ENGINES and (why := missing(engine)):
        pytest.skip(why)
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    wrong, found = differing(PAGES[name], engine, tmp_path)
    assert wrong == []
    assert found.failed == {}
