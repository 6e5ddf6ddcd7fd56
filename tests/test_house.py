"""The rules of the house that no linter knows.

Nothing of one machine in a file that all machines share; a lock that pins what pyproject.toml asks for; a
wheel that carries the rulebooks; a source file that says what it is and holds one idea.
"""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "gangmu"
LONGEST_FILE = 700

# A path that starts here, not the middle of an address: `(?<![\w./-])` keeps https://a.example/work/ apart.
MACHINE_PATH = re.compile(r"(?<![\w./-])/(?:work|root|home/[\w.-]+|Users/[\w.-]+)/")
# Written in pieces, so that this file does not name them.
REGISTRIES = [
    ".".join(name)
    for name in (
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("deb", "debian", "org"),
    )
]
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?==\S+")
REQUIREMENT = re.compile(r"^[A-Za-z0-9._-]+")


def shared_files() -> list[Path]:
    """Every file that git tracks or would be given: all but what is ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file()]


def text_of(path: Path) -> str:
    """Its text; of a picture or an archive whatever ASCII is in it, where a path would still be seen."""
    return path.read_bytes().decode("utf-8", errors="replace")


def normal(name: str) -> str:
    """A distribution's name as the index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def lock_entries() -> dict[str, str]:
    """Each pinned requirement of the lock, by name, with the lines that belong to it."""
    entries: dict[str, str] = {}
    for block in re.split(r"\n(?=[^\s#])", text_of(ROOT / "requirements.lock")):
        if pin := PIN.match(block):
            name = normal(pin["name"])
            assert name not in entries, f"{name} is pinned twice: machines would differ"
            entries[name] = block
        else:
            pytest.fail(f"not a pinned requirement: {block.splitlines()[0]}")
    return entries


def source_files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def in_house(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_git_lists_the_files_that_are_looked_at() -> None:
    assert ROOT / "pyproject.toml" in shared_files()
    assert Path(__file__).resolve() in shared_files()


def test_no_file_names_a_path_of_one_machine() -> None:
    own = (f"{ROOT}/", f"{Path.home()}/")
    found = [
        f"{in_house(path)}:{number}: {line.strip()[:80]}"
        for path in shared_files()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if MACHINE_PATH.search(line) or any(len(place) > 2 and place in line for place in own)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("line", "is_path"),
    [
        ("see " + "/" + "work/main", True),
        ('"' + "/" + "root/.cache/x" + '"', True),
        ("https://gov.example/" + "work/2021/t1.html", False),
        ("docs/" + "work/plan.md", False),
    ],
)
def test_a_path_is_told_from_an_address(line: str, is_path: bool) -> None:
    assert bool(MACHINE_PATH.search(line)) is is_path


def test_no_file_names_a_package_registry() -> None:
    found = [
        f"{in_house(path)}: {host}" for path in shared_files() for host in REGISTRIES if host in text_of(path)
    ]
    assert found == []


def test_each_locked_requirement_has_a_hash() -> None:
    entries = lock_entries()
    assert entries
    assert [name for name, block in entries.items() if "--hash=sha256:" not in block] == []


def test_the_lock_covers_what_the_project_asks_for() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))
    asked = [
        *project["project"]["dependencies"],
        *(wish for extra in project["project"]["optional-dependencies"].values() for wish in extra),
        *(wish for group in project["dependency-groups"].values() for wish in group),
    ]
    names = {normal(match.group()) for wish in asked if (match := REQUIREMENT.match(wish))}
    assert len(names) > 20
    assert sorted(names - lock_entries().keys()) == []


def test_the_changelog_has_a_place_for_the_next_change() -> None:
    headings = re.findall(r"^## \[(.+?)\]", text_of(ROOT / "CHANGELOG.md"), flags=re.MULTILINE)
    assert headings[:1] == ["Unreleased"]


def test_each_source_file_says_what_it_is() -> None:
    silent = [in_house(path) for path in source_files() if not ast.get_docstring(ast.parse(text_of(path)))]
    assert silent == []


def test_no_source_file_holds_several_ideas() -> None:
    lengths = {in_house(path): len(text_of(path).splitlines()) for path in source_files()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_the_wheel_carries_every_file_of_the_package(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("gangmu-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        carried = {name for name in archive.namelist() if name.startswith("gangmu/")}
    written = {
        path.relative_to(SOURCE.parent).as_posix() for path in shared_files() if path.is_relative_to(SOURCE)
    }
    assert "gangmu/py.typed" in written
    assert sorted(written - carried) == []


def test_a_column_on_a_terminal_says_what_becomes_of_words_that_are_too_long() -> None:
    """Unless told otherwise, rich cuts what it cannot break at a space: Chinese words, amounts."""
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted(SOURCE.rglob("report/*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr == "add_column"
        if not {"overflow", "no_wrap"} & {keyword.arg for keyword in node.keywords}
    ]
    assert not silent, f'say `overflow="fold"` or `no_wrap=True`: {", ".join(silent)}'
