"""A book that was kept is the book that was checked, and stands only for the same files."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gangmu import cache
from gangmu.rulebook import kept, plain
from gangmu.rulebook.files import find_rulebook
from gangmu.rulebook.load import load, load_with_problems
from gangmu.rulebook.model import Table

PAGE = """# Floors

```yaml
page:
  cite: {{source: act, grade: official}}

staff: {{input: number, unit: persons}}
floor: {{parameter: persons, value: {floor} persons, cite: art. 1}}
enough: {{condition: staff >= floor, cite: art. 2}}
```

```yaml case
name: just enough
as_of: 2026-01-01
given: {{enterprise: {{staff: "{floor}"}}, complete: [enterprise]}}
expect: {{enough: "true"}}
```
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small book, kept once."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    made = tmp_path / "book"
    write(made, floor=10)
    load(made)
    assert kept.find(made) is not None
    return made


def write(folder: Path, floor: int, extends: str = "") -> None:
    """A book of three rules, or one that only extends another."""
    folder.mkdir(exist_ok=True)
    base = f"extends: {extends}\n" if extends else ""
    head = f'name: {folder.name}\nversion: "1"\n{base}outcomes: {[] if extends else "[enough]"}\n'
    (folder / "rulebook.yaml").write_text(head)
    if not extends:
        (folder / "sources.yaml").write_text("act: {title: An act, force: law}\n")
        (folder / "floors.md").write_text(PAGE.format(floor=floor))


def kept_file() -> Path:
    """The one file that is kept."""
    [found] = cache.folder("rulebooks").iterdir()
    return found


def test_every_rule_of_the_shipped_book_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the book that is kept, and, where that is gone, from its pages."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    book, problems = load_with_problems("cn")
    assert book is not None
    assert not problems
    assert plain.from_bytes(plain.to_bytes(book)) == book
    assert kept.find(find_rulebook("cn")) == book
    shutil.rmtree(cache.folder("rulebooks"))
    assert load("cn") == book


def test_equal_numbers_of_law_stay_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound and a value on one line, alike to the letter: a reform may change one of them."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    write(tmp_path / "book", floor=10)
    page = tmp_path / "book" / "floors.md"
    rows = "{a: {ge: 5 persons, value: 5 persons}, b: {value: 0}}"
    table = f"fine: {{parameter: persons, by: staff, cite: art. 3, rows: {rows}}}"
    page.write_text(page.read_text().replace("enough:", f"{table}\nenough:", 1))
    for book in (load(tmp_path / "book"), kept.find(tmp_path / "book")):
        assert book is not None
        body = book.rules["floors.fine"].body
        assert isinstance(body, Table)
        assert body.rows[0].bounds["ge"] == body.rows[0].cell.number
        assert body.rows[0].bounds["ge"] is not body.rows[0].cell.number


def test_a_worked_case_comes_back_as_written(folder: Path) -> None:
    book = kept.find(folder)
    assert book is not None
    [case] = book.cases
    assert case.raw["given"] == {"enterprise": {"staff": "10"}, "complete": ["enterprise"]}


def test_a_second_start_reads_no_page() -> None:
    """Neither the parser of formulas, nor units, YAML or Markdown are imported."""
    load("cn")
    code = "import gangmu, sys; gangmu.load('cn'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = set(done.stdout.split())
    assert "gangmu.rulebook.model" in imported
    assert imported.isdisjoint({"sqlglot", "pint", "yaml", "markdown_it", "duckdb", "pyarrow", "numpy"})


def a_number(folder: Path) -> None:
    write(folder, floor=11)


def a_page(folder: Path) -> None:
    (folder / "more.md").write_text("# More\n")


def a_table(folder: Path) -> None:
    (folder / "more.csv").write_text("a,b\n")


def a_source(folder: Path) -> None:
    (folder / "sources.yaml").write_text("act: {title: Another act, force: law}\n")


@pytest.mark.parametrize("change", [a_number, a_page, a_table, a_source])
def test_a_changed_file_makes_the_book_anew(folder: Path, change: Callable[[Path], None]) -> None:
    before = load(folder)
    change(folder)
    assert kept.find(folder) is None
    after = load(folder)
    assert after.digest != before.digest
    assert after == load_with_problems(folder)[0]
    assert kept.find(folder) == after


def test_a_changed_layer_makes_the_book_anew(folder: Path) -> None:
    above = folder.parent / "above"
    write(above, floor=0, extends="../book")
    load(above)
    assert kept.find(above) is not None
    write(folder, floor=12)
    assert kept.find(above) is None


def test_a_folder_that_comes_to_stand_before_the_base_is_seen(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`extends: book` meant the folder beside the caller; now the layer has one of its own."""
    monkeypatch.chdir(folder.parent)
    above = folder.parent / "above"
    write(above, floor=0, extends="book")
    assert kept.find(above) is None
    load(above)
    assert kept.find(above) is not None
    write(above / "book", floor=99)
    assert kept.find(above) is None


def test_what_is_wrong_with_a_book_is_told_every_time(folder: Path) -> None:
    (folder / "floors.md").write_text(PAGE.format(floor=10).replace("10 persons", "10 months"))
    for _ in range(2):
        _, problems = load_with_problems(folder)
        assert "unit-mismatch" in [problem.code for problem in problems]
        assert kept.find(folder) is None


def test_only_its_owner_reads_what_is_kept(folder: Path) -> None:
    assert folder.exists()
    assert stat.S_IMODE(kept_file().stat().st_mode) == 0o600
    assert stat.S_IMODE(kept_file().parent.stat().st_mode) == 0o700


def writable_by_others(place: Path) -> None:
    place.chmod(0o666)


def cut_short(place: Path) -> None:
    place.write_bytes(place.read_bytes()[:-100])


def one_number_changed(place: Path) -> None:
    place.write_bytes(place.read_bytes().replace(b"persons", b"persona", 1))


def a_link(place: Path) -> None:
    place.rename(place.with_suffix(".real"))
    place.symlink_to(place.with_suffix(".real"))


def a_folder(place: Path) -> None:
    place.unlink()
    place.mkdir()


def of_another_maker(place: Path) -> None:
    head, _, body = place.read_bytes().partition(b"\n")
    place.write_bytes(json.dumps({**json.loads(head), "made_by": "another"}).encode() + b"\n" + body)


def no_json(place: Path) -> None:
    place.write_bytes(b"\x80\x05\x95")


@pytest.mark.parametrize(
    "spoil",
    [writable_by_others, cut_short, one_number_changed, a_link, a_folder, of_another_maker, no_json],
)
def test_what_cannot_be_trusted_is_as_if_it_were_not_there(
    folder: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(kept_file())
    assert kept.find(folder) is None
    assert load(folder) == load_with_problems(folder)[0]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away")
def test_a_file_of_another_user_does_not_count(folder: Path) -> None:
    os.chown(kept_file(), 65534, -1)
    assert kept.find(folder) is None


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"null", b"[[], []]", b'[["os.system"], [[-1, 1, ["true"]], [0, 1, [0]]]]',
        b'[["tuple"], [[0, 1, [7]]]]', b'[["model.Rulebook"], [[0, 0, [0]]]]', b'[["tuple"], [[0, 0, [0]]]]',
        b'[["tuple"], [[0, 1, ["x"]]]]', b'[["tuple"], [[0, 2, [0]]]]', b'[["tuple"], [[5, 1, [0]]]]',
        b'[["fraction"], [[-1, 1, [1, 0]], [0, 2, [0, 1]]]]', b'[["date"], [[-1, 1, [-5]], [0, 1, [0]]]]',
        b"[" * 100_000,
    ],
)  # fmt: skip
def test_bytes_that_are_no_book_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="no book"):
        plain.from_bytes(content)


def test_a_cache_that_cannot_be_written_costs_only_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANGMU_CACHE", str(folder / "rulebook.yaml"))
    assert load(folder).rules
    assert kept.find(folder) is None


def test_the_folder_stays_small(tmp_path: Path) -> None:
    for number in range(20):
        cache.write(tmp_path / "kind" / f"{number:02}", b"x", most=8)
        os.utime(tmp_path / "kind" / f"{number:02}", (number, number))
    left = sorted(path.name for path in (tmp_path / "kind").iterdir())
    assert left[-1] == "19"
    assert len(left) <= 8
