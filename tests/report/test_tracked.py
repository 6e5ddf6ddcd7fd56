"""What a person sees of targets: the table, in both languages and widths, and the page."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook
from rich.cells import cell_len
from rich.console import Console

import gangmu
from gangmu.report.tracked_numbers import chance, short, sparkline
from gangmu.report.tracked_terminal import render_backtest, render_tracking
from gangmu.rulebook.types import NumberType

BOOK = gangmu.load("cn")
PERSONS, RATIO = NumberType((("person", 1),)), NumberType(())


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [80, 120, 200])
def test_no_line_is_wider_than_the_terminal(lang: str, width: int) -> None:
    """Columns that matter least are left out where it is narrow; no word is cut."""
    console = Console(file=io.StringIO(), width=width, color_system=None)
    render_tracking(console, BOOK.track("plan", "2024-06-30"), lang)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert {"en": "off track", "zh": "进度滞后"}[lang] in text
    assert "…" not in text
    assert all(cell_len(line) <= width for line in text.splitlines())
    assert all(f"t{number:02} " in text for number in range(1, 11))


@pytest.mark.parametrize("width", [80, 140])
def test_the_backtest_is_printed_with_its_interval(width: int) -> None:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    year, trials = BOOK.backtest("plan")
    render_backtest(console, year, trials)
    text = " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]
    assert re.search(r"certified high-tech enterprises · came to \S+ 2021-12-31 6 2020 ", text)
    assert re.search(r"bands of 80% held \d+ of \d+ \(95% interval \d+% to \d+%\)", text)


def test_chinese_has_no_spaces_to_break_at_and_is_not_cut() -> None:
    console = Console(file=io.StringIO(), width=80, color_system=None)
    render_backtest(console, *BOOK.backtest("plan"), lang="zh")
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "全国高新技术企业数量 · 实际50.4万" in text
    assert "…" not in text


@pytest.mark.parametrize(
    ("number", "kind", "en", "zh"),
    [
        (1_125_000_000, PERSONS, "1.13bn", "11.25亿"),
        (27_500, PERSONS, "27.5k", "2.75万"), (0.5, RATIO, "50%", "50%"),
        (-1_500_000, PERSONS, "-1.5M", "-150万"),
    ],
)  # fmt: skip
def test_numbers_are_short(number: float, kind: NumberType, en: str, zh: str) -> None:
    assert (short(number, kind, "en"), short(number, kind, "zh")) == (en, zh)


def test_a_sparkline_has_a_space_for_a_year_that_is_not_known() -> None:
    assert sparkline([(2020, 1.0), (2022, 2.0), (2023, 3.0)]) == "▁ ▅█"
    assert sparkline([]) == ""


def test_no_chance_is_nothing_or_all() -> None:
    assert [chance(part, "en") for part in (0.01, 0.5, 0.99)] == ["under 1%", "50%", "over 99%"]


def test_the_page_stands_alone(tmp_path: Path) -> None:
    """Both languages, a picture a target with values, every anchor there, no script and nothing fetched."""
    pytest.importorskip("vl_convert", reason="vl-convert is not installed")
    (tmp_path / "t.csv").write_text(
        "indicator,place,name,level,target_year,target,source\n"
        'netizens,1,"<script>alert(1)</script>",province,2025,1000000,a <b> notice\n',
        encoding="utf-8",
    )
    tracking = BOOK.track("plan", "2024-06-30", targets=tmp_path / "t.csv")
    text = tracking.write(tmp_path / "t.html", "en,zh").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert not re.search(r'(src|href)="(?!#|https?://)', text)
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)
    drawn = sum(bool(one.series.years or one.series.aside) for one in tracking.targets)
    assert text.count("<svg ") == 2 * drawn
    assert "进度滞后" in text


def test_the_workbook_has_every_value_with_its_vintage(tmp_path: Path) -> None:
    """A row a target, a row a value; what looks like a formula is a text."""
    (tmp_path / "t.csv").write_text(
        "indicator,place,name,level,target_year,target,source\nnetizens,1,=1+1,province,2025,100000,note\n",
        encoding="utf-8",
    )
    tracking = BOOK.track("plan", "2024-06-30", targets=tmp_path / "t.csv")
    book = load_workbook(tracking.write(tmp_path / "t.xlsx"))
    rows = list(book["Targets"].iter_rows(values_only=True))
    assert len(rows) == len(tracking) + 1
    [place] = [cell for row in book["Targets"].iter_rows() for cell in row if cell.value == "=1+1"]
    assert place.data_type == "s"
    values = list(book["Values"].iter_rows(values_only=True))
    source = values[0].index("source")
    assert len(values) > 50
    assert all(row[source] for row in values[1:])
