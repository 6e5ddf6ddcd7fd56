"""Pages that were kept mean what they would mean if they were read anew, whatever changed beside them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gangmu import cache
from gangmu.errors import Problem
from gangmu.rulebook.load import load_with_problems
from gangmu.rulebook.model import Rulebook

CITED = "page: {cite: {source: act, grade: official}}\n"
PAGES = {
    "firms.md": f"""# Firms
```yaml
{CITED}staff: {{input: number, unit: persons}}
founded: {{input: date}}
statement: {{entity: year, expects: {{every: year, since: founded}}}}
statement.year: {{input: year}}
```
""",
    "tests/floors.md": f"""# Floors
```yaml
{CITED}floor: {{parameter: persons, value: 10 persons, cite: art. 1}}
limit: {{parameter: persons, by: staff, cite: art. 2, rows: limits.csv}}
enough: {{condition: staff >= floor, cite: art. 3}}
```
```yaml case
name: just enough
as_of: 2026-01-01
given: {{enterprise: {{staff: "10"}}}}
expect: {{enough: "true"}}
```
""",
    "tests/sums.md": f"""# Sums
```yaml
{CITED}statement.revenue: {{input: number, unit: CNY}}
revenue: {{value: sum(statement.revenue), unit: CNY, cite: art. 4}}
```
""",
    "tests/limits.csv": "row,le,value\nsmall,20 persons,5 persons\nlarge,,50 persons\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book of three pages and a table, loaded once."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    made = tmp_path / "book"
    (made / "tests").mkdir(parents=True)
    (made / "rulebook.yaml").write_text('name: book\nversion: "1"\noutcomes: [enough, revenue]\n')
    (made / "sources.yaml").write_text("act: {title: An act, force: law}\n")
    for name, text in PAGES.items():
        (made / name).write_text(text)
    book, problems = load_with_problems(made)
    assert (book is not None, problems) == (True, [])
    assert len(pages_kept()) == 3
    return made


def pages_kept() -> list[Path]:
    return sorted(cache.folder("pages").iterdir())


def fresh(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Rulebook | None, list[Problem]]:
    """The book read anew, with nothing kept."""
    with monkeypatch.context() as empty:
        empty.setenv("GANGMU_CACHE", str(folder.parent / "empty"))
        found = load_with_problems(folder)
        shutil.rmtree(folder.parent / "empty")
    return found


def change(name: str, old: str, new: str) -> Callable[[Path], None]:
    """An edit of one file."""

    def edit(folder: Path) -> None:
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))

    return edit


def leave_out_the_entity(folder: Path) -> None:
    page = folder / "firms.md"
    kept = [line for line in page.read_text().splitlines() if "statement" not in line]
    page.write_text("\n".join(kept))


def move_a_page(folder: Path) -> None:
    (folder / "tests" / "sums.md").rename(folder / "sums.md")


def lead_the_table_outside(folder: Path) -> None:
    table = folder / "tests" / "limits.csv"
    table.rename(folder.parent / "limits.csv")
    table.symlink_to(folder.parent / "limits.csv")


@pytest.mark.parametrize(
    ("edit", "read", "wrong"),
    [
        (change("tests/floors.md", "10 persons", "12 persons"), 1, []),
        (change("tests/floors.md", "# Floors", "# Least numbers"), 1, []),
        (change("tests/floors.md", 'staff: "10"', 'staff: "9"'), 1, []),
        (change("tests/limits.csv", "50 persons", "60 persons"), 2, []),
        (change("rulebook.yaml", "name: book", "name: other"), 3, []),
        (change("sources.yaml", "An act", "Another act"), 0, []),
        (change("firms.md", "staff:", "people:"), 1, ["name-unknown"]),
        (change("tests/floors.md", "10 persons", "10 months"), 0, ["unit-mismatch"]),
        (change("tests/floors.md", "art. 3}", "art. 3, what: 1}"), 0, ["key-unknown"]),
        (change("sources.yaml", "act:", "law:"), 0, ["source-unknown"]),
        (leave_out_the_entity, 1, ["entity-unknown"]),
        (move_a_page, 1, []),
        (lead_the_table_outside, 1, ["file-unreadable"]),
    ],
)  # fmt: skip
def test_an_edited_book_is_the_book_read_anew(
    folder: Path, edit: Callable[[Path], None], read: int, wrong: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`read` pages were kept anew: those that the edit touches."""
    edit(folder)
    book, problems = load_with_problems(folder)
    assert (book, problems) == fresh(folder, monkeypatch)
    assert {problem.code for problem in problems} >= set(wrong)
    assert (book is None) == bool(wrong)
    assert len(pages_kept()) == 3 + read


def test_an_edit_taken_back_finds_the_pages_of_before(folder: Path) -> None:
    before, _ = load_with_problems(folder)
    for old, new in (("10", "11"), ("11", "12"), ("12", "10")):
        change("tests/floors.md", f"{old} persons", f"{new} persons")(folder)
        book, _ = load_with_problems(folder)
    assert book == before
    assert len(pages_kept()) == 5


@pytest.mark.parametrize("content", [b"", b"\n", b"{}", b"0\n[]", None])
def test_a_page_that_is_not_whole_is_read_anew(
    folder: Path, content: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in pages_kept():
        whole = path.read_bytes()
        path.write_bytes(whole.replace(b"persons", b"peoples") if content is None else content)
    shutil.rmtree(cache.folder("rulebooks"))
    book, problems = load_with_problems(folder)
    assert (book, problems) == fresh(folder, monkeypatch)


def test_a_page_of_another_does_not_stand_for_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole page under a name that is not its own."""
    first, second, third = pages_kept()
    contents = [path.read_bytes() for path in (second, third, first)]
    for path, content in zip((first, second, third), contents, strict=True):
        path.write_bytes(content)
    shutil.rmtree(cache.folder("rulebooks"))
    assert load_with_problems(folder) == fresh(folder, monkeypatch)
