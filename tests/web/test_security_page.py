"""docs/security.md is complete: every requirement once, every test it names is there, its sums add up."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
WHY = ("not yet", "not applicable", "whoever runs it")

# How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has; in every section they are the first.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2,
    "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3,
    "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3,
    "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3,
    "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2,
    "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1,
    "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip


def rows() -> list[list[str]]:
    """Numbers, what holds, the clause, what shows it."""
    lines = [line for line in PAGE.splitlines() if line.startswith("| V")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_requirement_stands_there_once() -> None:
    found = Counter(number for row in rows() for number in row[0].split(", "))
    wanted = {f"V{section}.{number}" for section, most in SECTIONS.items() for number in range(1, most + 1)}
    assert set(found) == wanted
    assert set(found.values()) == {1}
    assert all(len(row) == 4 for row in rows())
    assert all(row[1] and re.fullmatch(r"8\.1\.\d\.\d+|–", row[2]) for row in rows())


def test_every_test_that_is_named_is_there() -> None:
    """A line is shown by tests, or says why not."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    there = set(re.findall(r"^def (test_\w+)\(", "\n".join(sources), re.MULTILINE))
    for row in rows():
        named = re.findall(r"`(test_\w+)`", row[3])
        assert named or row[3].startswith(WHY), row[0]
        assert set(named) <= there, row[0]


def test_the_sums_are_those_of_the_lines() -> None:
    counted: Counter[str] = Counter()
    for row in rows():
        why = next((why for why in WHY if row[3].startswith(why)), "shown")
        counted[why] += len(row[0].split(", "))
    shown, open_, no, runs = (counted[one] for one in ("shown", *WHY))
    told = (
        f"Of {counted.total()} requirements {shown} are shown by tests, {open_} are not yet met or not yet "
        f"shown, {runs} are for whoever runs it, {no} do not apply."
    )
    assert told in PAGE
