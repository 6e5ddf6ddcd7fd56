"""The benchmarks measure what they say: right answers, and pages that show the stored run.

Small, and with the engines of this environment only; no time is asserted.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS = ROOT / "benchmarks"
ROWS = 4000


def printed(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "bench.py", "--own", "--rows", str(ROWS), "--runs", "1", *arguments],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def row(text: str, engine: str) -> list[str]:
    """The cells of the first row of an engine."""
    line = next(line for line in text.splitlines() if line.startswith(f"| {engine} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_gangmu_answers_every_enterprise_as_the_judge_does() -> None:
    text = printed("--works", "policy", "holes", "permits", "one")
    assert f"{ROWS:,} enterprises" in text
    for work in text.split("measuring:"):
        for part in work.split("\n**")[1:]:
            assert row(part, "Gangmu")[-1] == "none"
    assert "left unknown that are decided" in text  # what strict NULL by hand comes to


def test_the_page_on_the_website_shows_the_stored_load() -> None:
    import web_load

    results = json.loads(web_load.STORED.read_text(encoding="utf-8"))
    text = web_load.PAGE.read_text(encoding="utf-8")
    assert web_load.put(text, results) == text
    assert {way for work in results["works"] for way in work} >= {name for name, _ in web_load.WAYS}


@pytest.mark.parametrize("page", ["README.md", "benchmarks/README.md"])
def test_a_page_shows_the_stored_run(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    import tables

    stored = BENCHMARKS / "results.json"
    if not stored.exists():
        pytest.skip("no run is stored yet")
    results = json.loads(stored.read_text(encoding="utf-8"))
    text = (ROOT / page).read_text(encoding="utf-8")
    assert tables.put(text, results, tables.PAGES[ROOT / page]) == text
