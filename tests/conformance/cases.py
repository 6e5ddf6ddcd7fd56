"""Flat cases: pages of a rulebook with tables of `rule | facts | outcome`, one line a case.

A page declares its inputs in a `yaml` block as any page of a rulebook does. The first cell of a line is a
formula or the name of a rule of the page, the second what is known (the inside of a YAML mapping; what is
not named is missing, `n/a` is none), the third what must come out: `true`, `false`, `unknown`, `undefined`,
`not in force`, a status of a title, a number (`3/2`, `0.1`), a code, a date, or bounds `[low, high]`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

import yaml

from conformance.facts import Evidence, Row
from conformance.sample import PAGE
from gangmu.engine.assess import Answer
from gangmu.engine.dates import Dating
from gangmu.engine.values import INF
from gangmu.rulebook import expression as ex
from gangmu.rulebook.formula import parse_formula
from gangmu.rulebook.model import ROOT

CASES = Path(__file__).parent / "cases"
AS_OF = "2025-06-30"
_STATUSES = {"true": True, "false": False}
_WORDS = ("unknown", "undefined", "not in force", "held", "lapsed", "conditions met", "blocked")
_ENTITY = re.compile(r"^(\w+): \{entity:", re.MULTILINE)
_CONDITION = ex.Compare | ex.In | ex.Like | ex.Not | ex.Group | ex.Truth | ex.StateOf


@dataclass(frozen=True)
class FlatCase:
    """One line of a page."""

    line: int
    rule: str  # full name
    text: str  # as written
    outcome: str


@dataclass(frozen=True)
class FlatPage:
    """All lines of a page: the rulebook in which each is a rule, evidence with a case a line."""

    name: str
    page: str
    evidence: Evidence
    cases: tuple[FlatCase, ...]


def flat_pages() -> list[FlatPage]:
    """All pages, by name."""
    return [read_flat(path) for path in sorted(CASES.glob("*.md"))]


def read_flat(path: Path) -> FlatPage:
    """Read one page."""
    text = path.read_text(encoding="utf-8")
    entities = _ENTITY.findall(text)
    rules: dict[str, str] = {}
    cases: list[FlatCase] = []
    tables: dict[str, list[Row]] = {ROOT: []}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("| ") or line.startswith("| rule |"):
            continue
        rule, facts, outcome = (cell.strip().strip("`") for cell in line.strip("| ").split(" | "))
        bare = re.fullmatch(r"[a-z]\w*", rule) and f"\n{rule}: " in text
        name = rule if bare else rules.setdefault(rule, f"c{len(rules)}")
        cases.append(FlatCase(number, f"{PAGE}.{name}", rule, outcome))
        _tell(tables, f"line {number}", yaml.load(f"{{{facts}}}", yaml.BaseLoader))  # noqa: S506  texts alone
    formulas = "\n".join(_rule(name, rule, entities) for rule, name in rules.items())
    page = f"{text}\n```yaml\n{formulas}\n```\n"
    return FlatPage(path.stem, page, Evidence(tables, Dating("as_of")), tuple(cases))


def _rule(name: str, text: str, entities: list[str]) -> str:
    kind = "condition" if isinstance(parse_formula(text, entities), _CONDITION) else "value"
    return f'{name}: {{{kind}: "{text}", ours: a case}}'


def _tell(tables: dict[str, list[Row]], key: str, facts: Mapping[str, object]) -> None:
    own: Row = {ROOT: key, "as_of": AS_OF}
    for name, told in facts.items():
        if name == "stated":
            assert isinstance(told, dict)
            tables.setdefault(name, []).extend({ROOT: key, "rule": r, "value": v} for r, v in told.items())
        elif name in ("complete", "empty"):
            own[name] = "|".join(told) if isinstance(told, list) else told
        elif isinstance(told, list):
            tables.setdefault(name, []).extend({ROOT: key, **row} for row in told)
        else:
            own[name] = told
    tables[ROOT].append(own)


def expected(outcome: str) -> Answer:
    """The answer that an outcome means."""
    if outcome in _STATUSES:
        return Answer(_STATUSES[outcome], outcome)
    if outcome in _WORDS:
        return Answer(None, outcome.replace(" ", "_"))
    if outcome.startswith("["):
        low, high = (_end(part.strip()) for part in outcome.strip("[]").split(","))
        return Answer(None, "unknown", low, high)
    try:
        number = Fraction(outcome)
    except ValueError:
        try:
            return Answer(date.fromisoformat(outcome), "known")
        except ValueError:
            return Answer(outcome, "known")
    return Answer(number, "known", number, number)


def _end(text: str) -> Fraction | float:
    if text in ("inf", "-inf"):
        return INF if text == "inf" else -INF
    return Fraction(date.fromisoformat(text).toordinal()) if text.count("-") > 1 else Fraction(text)
