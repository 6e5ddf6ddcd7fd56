"""The documents hold: their commands run, what they show comes out, and they name what there is.

Every `console` block of README and tutorial is run, in order, in a folder that has the examples and the files
that the page tells its reader to write (`file=` blocks). What is shown under a command must come out in that
order, however wide the terminal; `...` stands for lines left out; a command that is to fail says so
(`# exit 2`).
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gangmu.cli import COMMANDS
from gangmu.rulebook.parse import KINDS
from gangmu.rulebook.read import fences

ROOT = Path(__file__).resolve().parent.parent
README, TUTORIAL, LANGUAGE = ROOT / "README.md", ROOT / "docs" / "tutorial.md", ROOT / "docs" / "language.md"
REFORMS, ENGINES = ROOT / "docs" / "reforms.md", ROOT / "docs" / "engines.md"
INDICES = ROOT / "docs" / "indices.md"
CHANGES = ROOT / "docs" / "changes.md"
TRACKING = ROOT / "docs" / "tracking.md"
RUN = (README, TUTORIAL, REFORMS, CHANGES, TRACKING, INDICES)  # pages whose commands are run
PROMPT, LEFT_OUT = "$ gangmu ", "..."
EXIT = re.compile(r"#\s*exit (\d+)\s*$")
WIDTH = "92"


def commands(text: str) -> list[tuple[str, list[str]]]:
    """Each command of the console blocks, with the lines shown under it."""
    found: list[tuple[str, list[str]]] = []
    for fence in fences(text):
        if fence.info != "console":
            continue
        for line in fence.text.splitlines():
            if line.startswith("$"):
                found.append((line, []))
            elif found:
                found[-1][1].append(line.rstrip())
    return [(line, shown) for line, shown in found if line.startswith(PROMPT)]


def run(line: str, shown: list[str], folder: Path) -> list[str]:
    """What is wrong with a command: its exit code, or a line that did not come out."""
    expected = EXIT.search(line)
    done = subprocess.run(
        [sys.executable, "-m", "gangmu", *shlex.split(line.removeprefix(PROMPT), comments=True)],
        cwd=folder,
        env={**os.environ, "COLUMNS": WIDTH, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    told = f"{done.stdout}{done.stderr}"
    if done.returncode != (int(expected.group(1)) if expected else 0):
        return [f"{line}\n  exit {done.returncode}: {told[-500:]}"]
    return [f"{line}\n  does not print (here): {passage}" for passage in missing(shown, told)]


def missing(shown: list[str], told: str) -> list[str]:
    """The passages shown that do not stand in what was told, one after the other."""
    rest, lacking = flat(told), []
    for passage in filter(None, map(flat, "\n".join(shown).split(LEFT_OUT))):
        _, found, after = rest.partition(passage)
        if found:
            rest = after
        else:
            lacking.append(passage)
    return lacking


def flat(text: str) -> str:
    """A text without the branches of its tree and without its line breaks, which depend on the width."""
    return " ".join(re.sub("[│├└─]", " ", text).split())


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.name)
def test_commands_run_and_print_what_is_shown(page: Path, tmp_path: Path) -> None:
    if not page.exists():
        pytest.skip(f"{page.name} is not written yet")
    text = page.read_text(encoding="utf-8")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for fence in fences(text):
        _, named, name = fence.info.partition(" file=")
        if named:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(fence.text, encoding="utf-8")
    asked = commands(text)
    assert asked
    problems = [problem for line, shown in asked for problem in run(line, shown, tmp_path)]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_named(name: str) -> None:
    pages = [page.read_text(encoding="utf-8") for page in (README, TUTORIAL) if page.exists()]
    assert any(re.search(rf"\bgangmu {name}\b", text) for text in pages), f"no page tells of `gangmu {name}`"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_rule_is_in_the_language(kind: str) -> None:
    text = LANGUAGE.read_text(encoding="utf-8")
    assert re.search(rf"`{kind}`|^\s*{kind}:|`{kind}:|\b{kind}: ", text, re.MULTILINE), (
        f"`{kind}` is not explained"
    )


@pytest.mark.parametrize("page", [*RUN, ENGINES, LANGUAGE], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    if not page.exists():
        pytest.skip(f"{page.name} is not written yet")
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)", text)
    assert [name for name, _ in links if name and not (page.parent / name).exists()] == []
    anchors = {
        re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    assert [anchor for name, anchor in links if not name and anchor not in anchors] == []
