"""Worked cases that passed are not run again, unless anything changed that could decide them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from gangmu import cache
from gangmu.cli import main
from gangmu.engine import passed
from gangmu.rulebook.load import load

PAGE = """# Floors
```yaml
page: {cite: {source: act, grade: official}}
staff: {input: number, unit: persons}
enough: {condition: staff >= floor, cite: art. 2}
floor: {parameter: persons, value: 10 persons, cite: art. 1}
```
```yaml case
name: just enough
as_of: 2026-01-01
given: {enterprise: {staff: "10"}}
expect: {enough: "true"}
```
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book with one worked case, which holds."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    made = tmp_path / "book"
    made.mkdir()
    (made / "rulebook.yaml").write_text('name: book\nversion: "1"\noutcomes: [enough]\n')
    (made / "sources.yaml").write_text("act: {title: An act, force: law}\n")
    (made / "floors.md").write_text(PAGE)
    return made


def check(folder: Path) -> tuple[int, str]:
    """What `gangmu check` says."""
    done = CliRunner().invoke(main, ["check", str(folder)])
    return done.exit_code, done.output


def test_what_passed_is_remembered_and_said_alike(folder: Path) -> None:
    assert not passed.before(load(folder))
    first = check(folder)
    assert first == (0, "book 1: 1 pages, 3 rules, 1 worked cases, no problem\n")
    assert passed.before(load(folder))
    assert check(folder) == first


@pytest.mark.parametrize(("old", "new"), [("10 persons", "11 persons"), ('staff: "10"', 'staff: "9"')])
def test_a_case_that_fails_is_told_every_time(folder: Path, old: str, new: str) -> None:
    check(folder)
    (folder / "floors.md").write_text(PAGE.replace(old, new))
    for _ in range(2):
        code, said = check(folder)
        assert code == 2
        assert "just enough: enough comes out as false" in said
    assert not passed.before(load(folder))


def test_a_mark_that_is_not_whole_counts_for_nothing(folder: Path) -> None:
    check(folder)
    [mark] = cache.folder("passed").iterdir()
    mark.write_bytes(mark.read_bytes()[:-1])
    assert not passed.before(load(folder))


def test_any_change_of_source_counts(tmp_path: Path) -> None:
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "a.py").write_text("x = 1\n")
    seen = {passed.source_of(tmp_path)}
    (tmp_path / "engine" / "a.py").write_text("x = 2\n")
    seen.add(passed.source_of(tmp_path))
    (tmp_path / "engine" / "a.py").rename(tmp_path / "a.py")
    seen.add(passed.source_of(tmp_path))
    (tmp_path / "b.py").write_text("")
    seen.add(passed.source_of(tmp_path))
    assert len(seen) == 4
    assert passed.source_of(tmp_path / "engine") == ""
