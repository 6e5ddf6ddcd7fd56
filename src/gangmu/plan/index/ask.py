"""A question to an index: which index, which table, which year, how many runs; and its answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from gangmu.engine.assess import near
from gangmu.errors import Problem, QuestionError
from gangmu.plan.index.alter import adjusted, read_figures
from gangmu.plan.index.compute import Computed, compute
from gangmu.plan.index.population import Panel, read_panel, shipped_panel
from gangmu.plan.index.sensitive import Sensitivity, sensitivity
from gangmu.plan.index.uncertain import Uncertainty, uncertainty
from gangmu.rulebook import model

Worked = Mapping[str, Mapping[str, float]]  # values of rules of the book: by full name, then by unit


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted of an index: a year (None: the newest), runs, base points of Sobol's design, a seed."""

    year: str | None = None
    runs: int = 1000
    sobol: int = 0
    seed: int = 1
    figures: tuple[str, ...] = ()  # `UNIT.COLUMN=NUMBER`: figures to be taken instead of the table's


@dataclass(frozen=True, slots=True)
class Answered:
    """An index computed, with what was asked about it."""

    panel: Panel
    computed: Computed
    uncertainty: Uncertainty | None
    sensitivity: Sensitivity | None


def find_index(book: model.Rulebook, name: str) -> model.Rule:
    """The index of that name. Raises `QuestionError`."""
    found = book.names.get(name, ())
    if len(found) == 1 and isinstance(book.rules[found[0]].body, model.Index):
        return book.rules[found[0]]
    known = [book.column_name(rule.name) for rule in book.rules.values() if rule.kind == "index"]
    expected = ", ".join(known) or "a rule of the kind `index`; this book has none"
    if len(found) > 1:
        what = f"`{name}` can mean {' or '.join(found)}"
        raise QuestionError(Problem("name-ambiguous", "index", what, "one index", "write the full name"))
    what = f"`{name}` is no index of `{book.name}`"
    raise QuestionError(Problem("name-unknown", "index", what, expected, near(book, name)))


def body_of(rule: model.Rule) -> model.Index:
    """The body of an index. Raises `TypeError` for any other rule."""
    if not isinstance(rule.body, model.Index):
        raise TypeError(rule.name)
    return rule.body


def rules_read(rule: model.Rule) -> list[str]:
    """Full names of the rules that an index reads for each unit."""
    return list(dict.fromkeys(one.rule for one in body_of(rule).elements if one.rule))


def panel_of(rule: model.Rule, evidence: object, worked: Worked | None) -> Panel:
    """The population asked about: a table, values worked out, or what the book ships."""
    body = body_of(rule)
    if worked is not None:
        units = next(iter(worked.values()), {})
        return read_panel(body, [{body.layout.unit: unit} for unit in units], worked)
    if evidence is not None:
        return read_panel(body, evidence)
    if not body.population:
        what, expected = f"`{rule.short}` ships no population of its own", "a table: .csv, .xlsx, .parquet"
        raise QuestionError(Problem("evidence-missing", "index", what, expected, "name the table of units"))
    return shipped_panel(body)


def answer(rule: model.Rule, evidence: object, asked: Asked, worked: Worked | None = None) -> Answered:
    """Read, compute, and ask how sure it is. Raises `GangmuError`."""
    panel = panel_of(rule, evidence, worked)
    if asked.year is not None and asked.year not in panel.years:
        years = ", ".join(year for year in panel.years if year) or "none: its page names no column of years"
        what = f"no year {asked.year} in {panel.source}"
        raise QuestionError(Problem("year-unknown", "--year", what, f"one of {years}", "choose one"))
    computed = compute(body_of(rule), panel, asked.year)
    if asked.figures:
        computed = adjusted(computed, read_figures(asked.figures))
    varied = bool(computed.body.vary)
    return Answered(
        panel, computed,
        uncertainty(computed, asked.runs, asked.seed) if asked.runs and varied else None,
        sensitivity(computed, asked.sobol, asked.seed) if asked.sobol else None,
    )  # fmt: skip


def digest(computed: Computed) -> str:
    """SHA-256 over the units and figures that an index was computed from."""
    found = hashlib.sha256("\0".join(computed.population.units).encode())
    found.update(computed.raw.tobytes())
    return found.hexdigest()
