"""The commands that others script against.

Output, exit codes, one clear message for each bad input, never a traceback.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from gangmu.cli import COMMANDS

ROOT = Path(__file__).parents[1]
LISTED = ROOT / "examples" / "listed"


def gangmu(*args: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would."""
    line = [sys.executable, "-m", "gangmu", *map(str, args)]
    return subprocess.run(line, capture_output=True, text=True, cwd=cwd, check=False)


def refused(*args: str | Path, cwd: Path | None = None) -> str:
    """The message of a refusal: exit code 2, nothing like a traceback."""
    done = gangmu(*args, cwd=cwd)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_every_command_has_help(command: tuple[str, ...]) -> None:
    """`--help` works and says something."""
    done = gangmu(*command, "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout


HEAVY = ("duckdb", "pyarrow", "numpy", "pandas", "sqlglot", "pint", "yaml", "markdown_it", "rich", "llvmlite")


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_asking_what_it_is_imports_nothing_heavy(option: str) -> None:
    """So that it is answered at once."""
    lines = (
        "import sys",
        f"sys.argv[1:] = ['{option}']",
        "from gangmu.cli import main",
        "try: main()",
        "finally: print(*sys.modules)",
    )
    code = "\n".join(lines)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "click" in done.stdout.split()
    assert [name for name in HEAVY if name in done.stdout.split()] == []


def test_every_module_of_a_command_is_listed() -> None:
    """A command that is written can be called."""
    folder = ROOT / "src" / "gangmu" / "cli"
    shared = {"__init__", "frames", "options", "terminal"}
    assert {path.stem for path in folder.glob("*.py")} - shared == set(COMMANDS)


def test_assess_writes_one_row_a_case(tmp_path: Path) -> None:
    """The columns that the interface promises."""
    out = tmp_path / "out.parquet"
    done = gangmu(
        "assess",
        LISTED,
        "--as-of",
        "as_of,today",
        "--rules",
        "star_any_set,revenue_growth_3y,hnte",
        "-o",
        out,
    )
    assert done.returncode == 0, done.stderr
    table = pq.read_table(out)
    assert table.num_rows == 36
    wanted = {
        "enterprise", "as_of", "star_any_set", "star_any_set.status", "revenue_growth_3y",
        "revenue_growth_3y.low",
        "revenue_growth_3y.high", "revenue_growth_3y.status", "hnte", "hnte.status", "hnte.until",
    }  # fmt: skip
    assert wanted <= set(table.column_names)
    rows = {row["enterprise"]: row for row in table.to_pylist()}
    assert rows["moore-threads"]["star_any_set"] is True
    assert rows["unitree"]["star_any_set.status"] == "true"
    assert rows["unitree"]["revenue_growth_3y"] == pytest.approx(2.2677, abs=1e-3)
    assert "rulebook_digest" in str(table.schema.metadata)


@pytest.mark.parametrize("suffix", ["csv", "json", "html", "xlsx"])
def test_every_kind_of_file_is_written(tmp_path: Path, suffix: str) -> None:
    """From one line of evidence."""
    (tmp_path / "enterprise.csv").write_text("enterprise,staff,industry\na,60,6513\n", encoding="utf-8")
    out = tmp_path / f"out.{suffix}"
    done = gangmu(
        "assess",
        tmp_path / "enterprise.csv",
        "--as-of",
        "2026-11-22",
        "--rules",
        "enterprise_size",
        "-o",
        out,
    )
    assert done.returncode == 0, done.stderr
    assert out.stat().st_size > 50


def test_json_is_for_programs() -> None:
    """`--json` prints only JSON."""
    done = gangmu("assess", LISTED, "--as-of", "as_of,today", "--rules", "bse_any_set", "--json")
    data = json.loads(done.stdout)
    assert len(data["rows"]) == 36
    assert data["record"]["rulebook"] == "cn"
    told = json.loads(
        gangmu("explain", LISTED, "--case", "dapu", "--rule", "chinext_any_set", "--json").stdout
    )
    assert told["status"] == "true"
    assert json.loads(gangmu("rules", "star_1_revenue", "--json").stdout)["editions"][0]["numbers"] == {
        "value": "100 million CNY"
    }


def test_rules_are_found_in_both_languages() -> None:
    """By an English and by a Chinese word."""
    assert "star_1_market_value" in gangmu("rules", "--search", "market value", "--json").stdout
    assert "star_1_market_value" in gangmu("rules", "--search", "市值", "--json").stdout


def test_the_shipped_rulebook_is_clean() -> None:
    """Names, units, time, citations, and every worked case."""
    done = gangmu("check", "cn")
    assert done.returncode == 0, done.stderr
    assert "no problem" in done.stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("assess", "no/such/folder", "--as-of", "2025-06-30"), ["no/such/folder"]),
        (("assess", str(LISTED), "--as-of", "30.6.2025"), ["30.6.2025", "YYYY-MM-DD"]),
        (("assess", str(LISTED), "--as-of", "2025-06-30", "--rules", "stra"), ["stra", "did you mean"]),
        (("assess", str(LISTED)), ["no as-of date", "--as-of as_of,today"]),
        (
            ("assess", str(LISTED), "--as-of", "2025-06-30", "--rules", "star", "-o", "x.docx"),
            [".docx", ".parquet"],
        ),
        (("assess", str(LISTED), "--rulebook", "atlantis", "--as-of", "2025-06-30"), ["atlantis", "cn"]),
        (("explain", str(LISTED), "--rule", "star", "--as-of", "2025-06-30"), ["36 cases"]),
        (("explain", str(LISTED), "--case", "nobody", "--rule", "star", "--as-of", "2025-06-30"), ["nobody"]),
        (("rules", "nonesuch_rule"), ["nonesuch_rule"]),
        (("check", "no_such_book"), ["no_such_book"]),
    ],
)
def test_bad_questions_are_refused_with_what_to_do(args: tuple[str, ...], words: list[str]) -> None:
    """What was asked, what was expected."""
    message = refused(*args)
    for word in words:
        assert word in message


def test_all_problems_of_a_rulebook_are_told_at_once(tmp_path: Path) -> None:
    """Page and line of each, and both sides of a conflict."""
    (tmp_path / "rulebook.yaml").write_text('name: bad\nversion: "1"\noutcomes: [gone]\n', encoding="utf-8")
    rows = "{p: {ge: 0, le: 10, value: 1 points}, q: {ge: 10, value: 2 points}}"
    editions = "[{from: 2020-01-01, to: 2020-06-01, value: 1 CNY}, {from: 2021-01-01, value: 2 CNY}]"
    page = f"""# Bad

```yaml
a: {{parameter: CNY, value: 5 furlongs, ours: x}}
b: {{table: points, hit: unique, by: n, ours: x, rows: {rows}}}
c: {{parameter: CNY, ours: x, editions: {editions}}}
d: {{value: e, ours: x}}
e: {{value: d, ours: x}}
f: {{condition: n > 0}}
g: {{condition: "REGEXP_LIKE(n, 1)", ours: x}}
h: {{condition: money > 10000, ours: x}}
n: {{input: number}}
money: {{input: number, unit: 万元}}
```
"""
    (tmp_path / "bad.md").write_text(page, encoding="utf-8")
    message = refused("check", tmp_path)
    for code, line in [
        ("unit-unknown", 4), ("rows-overlap", 5), ("edition-gap", 6), ("cycle", 7), ("uncited", 9),
        ("formula-forbidden", 10), ("literal-number", 11), ("name-unknown", 3),
    ]:  # fmt: skip
        assert f":{line}:" in message
        assert code in message
    assert "against:" in message


def test_bad_evidence_is_set_aside_and_counted(tmp_path: Path) -> None:
    """Text in a number, a negative head count: the cells are unknown, and the run says so."""
    (tmp_path / "enterprise.csv").write_text(
        "enterprise,staff,industry\na,many,6513\nb,-3,6513\nc,12,6513\n", encoding="utf-8"
    )
    done = gangmu(
        "assess", tmp_path / "enterprise.csv", "--as-of", "2026-11-22", "--rules", "enterprise_size"
    )
    assert done.returncode == 0, done.stderr
    assert "set aside: 0 rows and 2 cells" in done.stdout
    assert "many" in done.stdout


def test_the_template_asks_only_for_what_is_needed(tmp_path: Path) -> None:
    """And what it writes can be read."""
    out = tmp_path / "evidence.xlsx"
    assert gangmu("template", "cn", "--rules", "enterprise_size", "-o", out).returncode == 0
    assert gangmu("assess", out, "--as-of", "2026-11-22", "--rules", "enterprise_size").returncode in (0, 2)
    assert out.stat().st_size < 60_000


def test_pandas_is_looked_for_again_where_a_frame_is_wanted() -> None:
    """What the command line hides from PyArrow for a moment is there when a program asks for it."""
    lines = (
        "from gangmu.cli.frames import without_pandas",
        "without_pandas()",
        "import sys, pyarrow as pa",
        "assert 'pandas' not in sys.modules",
        "import pandas as pd",
        "print(pa.table({'a': [1]}).to_pandas().shape, pa.table(pd.DataFrame({'a': [1, 2]})).num_rows)",
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["(1,", "1)", "2"]


def test_a_page_of_the_book_is_shown_on_a_day() -> None:
    """As text, as data, for the shipped firm or for another."""
    done = gangmu("rules", "t07", "--as-of", "2026-11-22", "--json")
    told = json.loads(done.stdout)
    assert told["name"] == "tasks/t07"
    assert told["answered"]["lines"][0]["verdict"]["status"] == "true"
    done = gangmu(
        "rules", "t04", "--evidence", LISTED, "--case", "unitree", "--as-of", "2025-06-30", "--lang", "zh"
    )
    assert done.returncode == 0
    assert "任务四" in done.stdout


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (("--lang", "fr"), "no language"),
        (("--as-of", "someday"), "no date"),
        (("--evidence", "nowhere"), "nowhere"),
        (("--html", "/nowhere/at/all.html"), "cannot be written"),
    ],
)
def test_a_page_asked_wrongly_is_refused(extra: tuple[str, str], said: str) -> None:
    """One clear message each."""
    assert said in refused("rules", "t07", *extra)
