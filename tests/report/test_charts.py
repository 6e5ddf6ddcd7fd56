"""Charts become pictures without a network, that can stand together on one page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gangmu.errors import GangmuError
from gangmu.report.charts import PAGE, svg, write_picture

SPEC = {
    "width": 120, "height": 60,
    "data": {"values": [{"year": 2020, "value": 1}, {"year": 2021, "value": 3}]},
    "mark": {"type": "area", "clip": True},
    "encoding": {
        "x": {"field": "year", "type": "ordinal", "title": "年"},
        "y": {"field": "value", "type": "quantitative"},
    },
}  # fmt: skip


def test_a_picture_within_a_page_is_its_own() -> None:
    """It takes the page's colour, its parts are named apart, and what it is called is escaped."""
    one, two = (svg(SPEC, name, 'a <b> & "c"') for name in ("one", "two"))
    assert one.startswith("<svg ")
    assert 'aria-label="a &lt;b&gt; &amp; &quot;c&quot;"' in one
    assert PAGE in one
    assert "年" in one
    ids = [set(re.findall(r'\bid="([^"]+)"', text)) for text in (one, two)]
    assert ids[0]
    assert not ids[0] & ids[1]
    assert set(re.findall(r"url\(#([^)]+)\)", one)) <= ids[0]
    assert "<script" not in one


def test_pictures_are_files_too(tmp_path: Path) -> None:
    """SVG and PNG by their names; another form is refused and nothing is written."""
    assert write_picture(SPEC, tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert PAGE not in write_picture(SPEC, tmp_path / "a.svg").read_text(encoding="utf-8")
    with pytest.raises(GangmuError) as caught:
        write_picture(SPEC, tmp_path / "a.gif")
    assert [problem.code for problem in caught.value.problems] == ["form-unknown"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "a.svg"]


def test_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    """A specification that names a file draws nothing from it, one that names an address is refused."""
    (tmp_path / "data.json").write_text('[{"year": 2020, "value": 1}]', encoding="utf-8")
    assert "2020" in svg(SPEC, "n", "t")
    assert "2020" not in svg({**SPEC, "data": {"url": (tmp_path / "data.json").as_uri()}}, "n", "t")
    with pytest.raises(ValueError, match="not allowed"):
        svg({**SPEC, "data": {"url": "http://127.0.0.1:9/data.json"}}, "n", "t")
