"""The ledger of researched facts: every fact that was verified, and what uses it, or why nothing does.

The facts lie beside the project and not in it (`../shared/facts`); `docs/facts.csv` is the project's own
list of them. One fact is a mapping of a YAML file that says `confidence: verified ...` of itself (or `conf`,
or a key such as `items_confidence`); in a CSV file it is a case by its number, and of a table a whole series.
Its id is `FILE#PATH`, where an item of a list goes by its `id`, `metric` or another name, else by its place.

What a fact may be used by: a rule (`recognition/hnte.hnte_rd_floor`), a worked case
(`recognition/hnte#HN01`), a page that tells it in its prose (`channels/ip_pledge`), or a file of this project
(`src/gangmu/evidence/credit_code.py`). What is used by nothing has one of `REASONS`.

    PYTHONPATH=tests python -m facts_ledger            the counts, as a table
    PYTHONPATH=tests python -m facts_ledger --write    docs/facts.md made again from docs/facts.csv
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from gangmu.rulebook.load import load
from gangmu.rulebook.model import Rulebook

ROOT = Path(__file__).parents[1]
FACTS = ROOT.parent / "shared" / "facts"
LEDGER = ROOT / "docs" / "facts.csv"
SUMMARY = ROOT / "docs" / "facts.md"

REASONS = {
    "context": "history, statistics or a report of practice: it decides nothing about an enterprise",
    "others": "binds a lender, a fund or an authority in its own affairs: no enterprise's answer turns on it",
    "no_number": "only that a text exists, or what it is about, was read: there is nothing to compute",
    "superseded": "a text that another has replaced for every date that the rulebook answers",
    "after": "about what follows when the channel has been used (an issue, a listing, a default)",
    "population": "shapes a generated population of enterprises: for reforms, no rule",
    "index": "a series by province: for composite indices, no rule about one enterprise",
    "valuation": "a formula or anchor for valuing rights and for credit risk: models come later",
    "registry": "a duty of a pledge registry: the registry comes later",
    "community": "a model of the health of a community, over a network or over time: comes later",
    "format": "a number format or an exchange standard: read by no evidence yet",
    "open": "it could be a rule and is none yet",
}

SAYS = re.compile(r"(^|_)conf(idence)?(_|$)")
NAMED_BY = ("id", "metric", "who", "spend", "topic", "pair")
TABLES = {  # a file: the columns that name a series; None: the case's own number, in the first column
    "capability_cases.csv": None,
    "fair_competition_cases.csv": None,
    "finance_cases.csv": None,
    "listing_cases.csv": None,
    "recognition_cases.csv": None,
    "digital_core_industries.csv": ("level",),
    "enterprise_size.csv": ("group_id",),
    "indicator_series.csv": ("indicator_id",),
    "ip_pledge_series.csv": ("level", "ip_scope", "measure"),
    "ipc_digital_industries.csv": ("source_title",),
    "population_margins.csv": ("table_id",),
    "province_series.csv": ("indicator_id",),
}


@dataclass(frozen=True)
class Entry:
    """One line of the ledger: a fact, what uses it, or the reason why nothing does, and a remark."""

    fact: str
    used_by: tuple[str, ...]
    reason: str
    note: str


def verified() -> list[str]:
    """The ids of all verified facts, file by file in the order of the files."""
    found: list[str] = []
    for path in sorted(FACTS.glob("*.yaml")):
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
        found += [f"{path.name}#{place}" for place in _stated(tree, ())]
    for name, columns in TABLES.items():
        found += dict.fromkeys(f"{name}#{series}" for series in _series(FACTS / name, columns))
    return found


def ledger() -> list[Entry]:
    """The lines of `docs/facts.csv`."""
    with LEDGER.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return [Entry(row["fact"], tuple(row["used_by"].split()), row["reason"], row["note"]) for row in rows]


def unknown_uses(book: Rulebook, entries: list[Entry]) -> list[str]:
    """Uses that name no rule, no worked case, no page and no file."""
    pages = {rule.page for rule in book.rules.values()} | {case.page for case in book.cases}
    cases = {f"{case.page}#{case.name.split()[0].rstrip(':,')}" for case in book.cases}
    known = set(book.rules) | pages | cases
    return [
        f"{entry.fact}: {use}"
        for entry in entries
        for use in entry.used_by
        if use not in known and not (("/" in use) and (ROOT / use).is_file())
    ]


def how(book: Rulebook, entry: Entry) -> str:
    """In which way a fact is used (`rule`, `case`, `page`, `file`), or the reason why it is not."""
    if not entry.used_by:
        return entry.reason
    if any(use in book.rules for use in entry.used_by):
        return "rule"
    if any("#" in use for use in entry.used_by):
        return "case"
    return "file" if any((ROOT / use).is_file() for use in entry.used_by) else "page"


def summary(book: Rulebook) -> str:
    """`docs/facts.md`: the counts by file, and the reasons."""
    entries = ledger()
    ways = ("rule", "case", "page", "file")
    counts = Counter((entry.fact.split("#")[0], how(book, entry)) for entry in entries)
    files = sorted({file for file, _ in counts})
    lines = [
        "# Verified facts, and what uses them",
        "",
        "Made by `PYTHONPATH=tests python -m facts_ledger --write` from [facts.csv](facts.csv). A test holds",
        "it to that file, and that file to the facts wherever they lie beside the project. A fact is *used*",
        "when a rule carries it, a worked case is it, a page tells it in its prose, or a file has it;",
        "otherwise it is *listed*, with one of the reasons below. A fact in prose alone decides nothing.",
        "",
        f"| file | facts | {' | '.join(ways)} | listed |",
        f"|---|--:|{'--:|' * len(ways)}--:|",
    ]
    for file in [*files, "all"]:
        mine = [counts[one, way] for way in ways for one in ([file] if file != "all" else files)]
        per_way = [sum(counts[one, way] for one in ([file] if file != "all" else files)) for way in ways]
        whole = sum(n for (one, _), n in counts.items() if file in (one, "all"))
        lines.append(f"| {file} | {whole} | {' | '.join(map(str, per_way))} | {whole - sum(mine)} |")
    lines += ["", "| reason | facts | what it means |", "|---|--:|---|"]
    reasons = Counter(entry.reason for entry in entries if entry.reason)
    lines += [
        f"| {word} | {reasons[word]} | {meaning} |" for word, meaning in REASONS.items() if reasons[word]
    ]
    return "\n".join(lines) + "\n"


def _stated(node: object, path: tuple[str, ...]) -> Iterator[str]:
    """The places of all mappings that say `verified` of themselves."""
    if isinstance(node, dict):
        for key, value in node.items():
            if (
                SAYS.search(str(key))
                and key != "confidence_values"
                and str(value).lower().startswith("verified")
            ):
                yield ".".join(path if key in ("confidence", "conf") else (*path, str(key)))
        for key, value in node.items():
            yield from _stated(value, (*path, _plain(key)))
    elif isinstance(node, list):
        names = [_name(item, place) for place, item in enumerate(node)]
        for place, (name, item) in enumerate(zip(names, node, strict=True)):
            yield from _stated(
                item, (*path, name if names.count(name) == 1 else f"{name}@{_since(item, place)}")
            )


def _name(item: object, place: int) -> str:
    if isinstance(item, dict):
        for key in NAMED_BY:
            if key in item:
                return _plain("-".join(item[key]) if isinstance(item[key], list) else item[key])
    return str(place)


def _since(item: object, place: int) -> str:
    return str(item.get("from", place)) if isinstance(item, dict) else str(place)


def _plain(name: object) -> str:
    """A name without blanks, so that uses and facts may stand in one line."""
    return re.sub(r"\s+", "_", str(name))[:48]


def _series(path: Path, columns: tuple[str, ...] | None) -> Iterator[str]:
    """The series of a table, or the numbers of its cases, of which at least one row is verified."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            says = [value for key, value in row.items() if key and key.endswith("confidence")]
            if any(value.lower().startswith("verified") for value in says):
                first = next(iter(row.values()))
                yield _plain(first if columns is None else ".".join(row[column] for column in columns))


def main() -> None:
    """Print the counts, or write them into the documentation."""
    text = summary(load("cn"))
    if "--write" in sys.argv[1:]:
        SUMMARY.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
