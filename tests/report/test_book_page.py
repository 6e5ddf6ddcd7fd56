"""A page of the book: every page of the shipped book, the ten tasks on the shipped firm, links."""

from __future__ import annotations

import io
import re
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from rich.console import Console

import gangmu
from gangmu.engine.interpreter import Run
from gangmu.errors import GangmuError, RulebookError
from gangmu.report.book_page import BookPage, book_page, find_page, items_of, reach
from gangmu.report.book_page_html import write_page
from gangmu.report.book_page_terminal import show_page
from gangmu.report.figures import figure
from gangmu.rulebook import model
from gangmu.rulebook.prose import html, links, page_named, sections
from gangmu.rulebook.types import NumberType

BOOK = gangmu.load("cn")
DAY = date(2026, 11, 22)
TASKS = [f"t{number:02d}" for number in range(1, 11)]
LINKS = {  # of the made-up firm of sixty: what its README says it does
    "t01": "works", "t02": "works", "t03": "works", "t04": "trade", "t05": "works", "t06": "unlinked",
    "t07": "works", "t08": "unlinked", "t09": "unlinked", "t10": "unlinked",
}  # fmt: skip


@pytest.fixture(scope="module")
def run() -> Run:
    """The shipped firm on the day of its README."""
    return BOOK.run(Path(__file__).parents[2] / "examples" / "small_firm", as_of=DAY)


def printed(page: BookPage) -> str:
    """What a terminal shows."""
    stream = io.StringIO()
    show_page(Console(file=stream, width=110), page)
    return stream.getvalue()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_page_can_be_shown(lang: str) -> None:
    """None lacks a title, and none is empty."""
    for name in BOOK.model.pages:
        text = printed(book_page(BOOK.model, name, DAY, lang))
        assert text.splitlines()[0].strip(), name
        assert len(text.splitlines()) >= 3, name


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_task_answers_for_the_example(task: str, lang: str, run: Run) -> None:
    """Each task page has what it asks and an answer that is that of the engine."""
    page = book_page(BOOK.model, f"tasks/{task}", DAY, lang, run)
    assert page.parts[0].items
    assert page.answered is not None
    chief = [line for line in page.answered.lines if line.chief]
    assert [line.name.rpartition(".")[2] for line in chief[:2]] == [f"serves_{task}", f"{task}_link"]
    [link] = run.value(f"tasks/{task}.{task}_link").codes or {""}
    assert link == LINKS[task]
    assert chief[0].verdict.status == ("true" if link in ("works", "trade") else "false")
    assert chief[0].label in printed(page)


def test_a_channel_stands_on_the_task_that_it_serves_and_on_no_other() -> None:
    """Both ways: from the channel's `serves`, through instruments and parts, to the task's page."""
    shown = {
        task: {one.name for one in book_page(BOOK.model, f"tasks/{task}", DAY, "en").channels}
        for task in TASKS
    }
    for rule in BOOK.model.rules.values():
        if isinstance(rule.body, model.Channel):
            for task in TASKS:
                served = reach(BOOK.model, [one.name for one in items_of(BOOK.model, f"tasks/{task}")])
                assert (rule.name in shown[task]) == bool(served & set(rule.body.serves)), (rule.name, task)
    assert any(name.startswith("channels/cloud_credit") for name in shown["t05"])


def test_an_indicator_has_its_verdict_and_numbered_sources() -> None:
    """The numbers in the tables are those of the list."""
    page = book_page(BOOK.model, "tasks/t01", DAY, "en")
    states = {line.name: line.state for line in page.indicators}
    assert states["plan/plan.netizens"] == "missed"
    assert states["plan/plan.gigabit_users"] == "met"
    numbers = [one.number for one in page.sources]
    assert numbers == list(range(1, len(numbers) + 1))
    used = {seen.source for line in (*page.indicators, *page.series) for seen in line.latest}
    assert used <= set(numbers)
    before = book_page(BOOK.model, "tasks/t01", date(2023, 1, 1), "en")
    assert "missed" not in {line.state for line in before.indicators}


def test_the_plan_measures_itself_by_its_own_indicators() -> None:
    """One index and sixteen indicators, and figures of infrastructure apart from them."""
    page = book_page(BOOK.model, "plan/plan", DAY, "en")
    assert {line.page for line in page.indicators} == {"plan/plan"}
    assert len(page.indicators) == 17
    named = {group.item.name for group in page.by_item}
    assert {"plan/plan.i02", "plan/plan.i06_grid", "plan/plan.i06_logistics"} <= named
    assert {group.word: len(group.items) for group in page.names}["key project"] == 17


def test_an_index_of_provinces_stands_on_its_task() -> None:
    """From what the index says that it serves."""
    names = {
        task: [one.name for one in book_page(BOOK.model, f"tasks/{task}", DAY, "en").indices]
        for task in TASKS
    }
    assert names["t03"] == ["plan/provinces.province_innovation"]
    assert names["t01"] == []
    assert "gangmu index province_innovation" in printed(book_page(BOOK.model, "tasks/t03", DAY, "zh"))


def test_what_was_looked_for_in_vain_is_said_to_be_so() -> None:
    """6G has no figure, and the page does not pass it over."""
    page = book_page(BOOK.model, "tasks/t01", DAY, "en")
    groups = {group.item.name: group for group in page.by_item}
    [readiness] = groups["plan/plan.i02"].indicators
    assert (readiness.latest, readiness.sought) == ((), 1)
    assert "looked for" in printed(page)


@pytest.mark.parametrize(
    ("name", "page"),
    [("t01", "tasks/t01"), ("tasks/t01", "tasks/t01"), ("hnte", ""), ("recognition/hnte", "recognition/hnte"),
     ("serving", "tasks/serving"), ("nowhere", ""), ("tasks/t01.t01", "")],
)  # fmt: skip
def test_a_name_means_a_page_or_a_rule(name: str, page: str) -> None:
    """A stem is a page, unless a rule that answers something has the name."""
    assert find_page(BOOK.model, name) == page


def test_links_between_pages_lead_somewhere() -> None:
    """Every relative link of the shipped book."""
    for page in BOOK.model.pages.values():
        named = [page_named(link, page.name) for link in links(page.text)]
        assert [name for name in named if name and name not in BOOK.model.pages] == [], page.name


PEOPLE, COUNT, RATIO = (
    NumberType(((unit, 1),)) if unit else NumberType(()) for unit in ("person", "count", "")
)


@pytest.mark.parametrize(
    ("value", "kind", "unit", "en", "zh"),
    [
        ("1125000000", PEOPLE, "persons", "1.13 billion people", "11.25亿人"),
        ("999999", COUNT, "items", "999,999", "100万"),
        ("64000000", COUNT, "items", "64 million", "6,400万"),
        ("207", COUNT, "items", "207", "207"),
        ("0.839", RATIO, "%", "83.9%", "83.9%"),
        ("1700", RATIO, "ratio", "1,700", "1,700"),
    ],
)
def test_a_nation_counts_in_millions(value: str, kind: NumberType, unit: str, en: str, zh: str) -> None:
    """As newspapers print them."""
    assert figure(Fraction(value), kind, unit, "en") == en
    assert figure(Fraction(value), kind, unit, "zh") == zh


TEXT = """# Title

Lead with [a page](../b/c.md), [the web](https://example.org) and [a trap](javascript:alert).

```yaml
x: {value: 1}
```

## Below

<script>alert(1)</script>
"""


def test_prose_without_its_rules() -> None:
    """Blocks go, and nothing of a page runs in a browser."""
    lead, below = sections(TEXT)
    assert "yaml" not in lead.text + below.text
    assert "value" not in lead.text
    assert below.heading == "Below"
    made = "".join(html(part.text, "a/d", lambda name: f"/{name}") for part in (lead, below))
    assert 'href="/b/c"' in made
    assert 'href="https://example.org"' in made
    assert "javascript:" not in made.replace("javascript:alert)", "")
    assert "<script" not in made


def test_every_point_that_was_announced_is_answered_on_a_page() -> None:
    """Seventeen points, each with tasks and pages of the book (a missing page would not load)."""
    points = {rule.short: rule.body for rule in items_of(BOOK.model, "plan/announcement")}
    assert list(points) == ["announcement", *(f"ask_{number:02d}" for number in range(1, 18))]
    del points["announcement"]
    page = book_page(BOOK.model, "plan/announcement", DAY, "en")
    [group] = page.parts
    for line in group.items:
        body = points[line.name.rpartition(".")[2]]
        assert isinstance(body, model.Item)
        assert body.pages, line.name
        assert set(body.pages) <= {named.name for named in line.served_by}, line.name
        assert body.serves, line.name
    commands = {word for line in group.items for word in line.says.split("`") if word.startswith("gangmu ")}
    assert {"gangmu track", "gangmu community", "gangmu registry"} <= commands  # there, or named as coming


def test_a_page_that_answers_an_item_has_to_exist(tmp_path: Path) -> None:
    """A misspelt page is refused with the near one."""
    (tmp_path / "rulebook.yaml").write_text("name: small\noutcomes: []\n", encoding="utf-8")
    (tmp_path / "sources.yaml").write_text("{}\n", encoding="utf-8")
    text = "# Page\n\n```yaml\nt: {item: task, pages: [pge], ours: made up}\n```\n"
    (tmp_path / "page.md").write_text(text, encoding="utf-8")
    with pytest.raises(RulebookError, match=r"(?s)no page is called `pge`.*did you mean page"):
        gangmu.load(tmp_path)


def test_a_page_is_written_in_both_languages(tmp_path: Path, run: Run) -> None:
    """One file without script, whose links to sources lead to the web or to the list."""
    path = write_page(tmp_path / "t05.html", BOOK.model, "tasks/t05", DAY, "en,zh", run)
    text = path.read_text(encoding="utf-8")
    assert "Digital transformation of industry" in text
    assert "服务于任务五" in text
    assert "<script" not in text
    ids = set(re.findall(r'id="([^"]+)"', text))
    targets = set(re.findall(r'href="#([^"]+)"', text))
    assert targets <= ids
    with pytest.raises(GangmuError, match="no language"):
        write_page(tmp_path / "t05.html", BOOK.model, "tasks/t05", DAY, "fr")


def test_what_a_channel_serves_leads_up_to_its_task() -> None:
    """From a channel's page to the sub-task, the instrument and the task above."""
    page = book_page(BOOK.model, "channels/cloud_credit", DAY, "en")
    assert {"tasks/t05.t05", "tasks/t04.t04", "plan/plan.f04"} <= {named.name for named in page.serves}
