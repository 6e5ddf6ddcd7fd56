"""Articles turn into Chinese word by word; what is not known stays."""

from __future__ import annotations

import pytest

from gangmu.report.articles import article_text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("art. 11(5)", "第11条第5项"),
        ("art. 6", "第6条"),
        ("2.1.2(1)", "2.1.2(1)"),
        ("conditions 1 to 4 and 6 to 7", "条件1至4和6至7"),
        ("regular indicator 4", "常规指标4"),
        ("part 3(1)", "第3部分(1)"),
        ("annex 1", "附件1"),
        ("supported fields", "supported fields"),
    ],
)
def test_a_place_in_a_source(written: str, read: str) -> None:
    """In Chinese as people cite; in English as written."""
    assert article_text(written, "zh") == read
    assert article_text(written, "en") == written
