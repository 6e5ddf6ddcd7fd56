"""The answer of an index: scores, ranks and how sure they are, as a table, as plain data, as files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gangmu.errors import GangmuError, Problem
from gangmu.evidence.whole import write_whole
from gangmu.plan.index.alter import Without, without_each
from gangmu.plan.index.audit import Flag, GroupAudit, audit, flags
from gangmu.plan.index.compute import Computed
from gangmu.plan.index.frame import TOP
from gangmu.plan.index.population import Floats
from gangmu.plan.index.sensitive import Sensitivity
from gangmu.plan.index.shares import shares
from gangmu.plan.index.uncertain import Uncertainty, tier_of
from gangmu.plan.index.years import Moves, moves
from gangmu.report.index_words import method_word, say
from gangmu.report.words import GRADE_WORDS, word
from gangmu.rulebook import model
from gangmu.rulebook.indices import label_of

if TYPE_CHECKING:
    import pyarrow as pa

KINDS = (".html", ".csv", ".parquet", ".xlsx", ".json", ".svg", ".png")


@dataclass(frozen=True)
class IndexResult:
    """An index computed for one year, with its uncertainty and sensitivity where they were asked for."""

    rule: model.Rule
    computed: Computed
    uncertainty: Uncertainty | None
    sensitivity: Sensitivity | None
    record: Mapping[str, object]
    sources: Mapping[str, model.Source]

    def standing(self, standing: model.Standing, lang: str) -> str:
        """Sources and articles with the grade of their reading, or why it is our own."""
        if not standing.cites:
            return say(lang, "our own", why=standing.ours) if standing.ours else ""
        told = []
        for cite in standing.cites:
            title = self.sources[cite.source].title.in_(lang)
            told.append(f"{title}{', ' if cite.at else ''}{cite.at} ({word(GRADE_WORDS, cite.grade, lang)})")
        return "; ".join(told)

    @property
    def body(self) -> model.Index:
        """What the page declares."""
        return self.computed.body

    def label(self, element: str, lang: str = "en") -> str:
        """What an element is called; the empty name is the index."""
        return label_of(self.body, element, self.rule.label, lang) or self.rule.short

    @cached_property
    def order(self) -> list[int]:
        """Places of the units from the first rank to the last; those without a score come at the end."""
        ranks = self.computed.ranks
        return sorted(range(len(ranks)), key=lambda place: (ranks[place] == 0, ranks[place], place))

    @cached_property
    def moves(self) -> Moves | None:
        """What moved since the year before in the same table, if it has one."""
        return moves(self.computed, self.uncertainty, int(str(self.record["seed"])))

    @cached_property
    def parts(self) -> Mapping[str, Floats] | None:
        """The points that each element adds to each score, where scores have such parts."""
        return shares(self.computed)

    @cached_property
    def audits(self) -> tuple[GroupAudit, ...]:
        """The statistical audit, group by group."""
        return audit(self.computed)

    @cached_property
    def without(self) -> tuple[Without, ...]:
        """What leaving out each element does to the ranks."""
        return without_each(self.computed)

    @property
    def tiers(self) -> np.ndarray:
        """The tier of each unit by its rank, 0 where it has none or the page declares no tiers."""
        ranks = self.computed.ranks
        return tier_of(ranks, int((ranks > 0).sum()), self.body.tiers)

    def tier_text(self, place: int) -> str:
        """The tiers in which a unit is in nine runs of ten: `1`, or `1-2`."""
        count = int((self.computed.ranks > 0).sum())
        tier = int(self.tiers[place])
        if self.uncertainty is None or not tier:
            return str(tier or "")
        ends = np.array([self.uncertainty.low[place], self.uncertainty.high[place]])
        low, high = (int(one) for one in tier_of(ends, count, self.body.tiers))
        return str(low) if low == high else f"{low}-{high}"

    @property
    def grade(self) -> str:
        """The weakest grade among the sources of figures and methods."""
        standings = [self.rule.editions[-1].standing, *(one.standing for one in self.body.elements)]
        standings += [one.standing for one in self.body.stages.values()]
        grades = [one.grade for one in standings if one.grade]
        return max(grades, key=model.GRADES.index, default="")

    def notes(self) -> dict[str, object]:
        """What a reader has to know of the figures: missing, filled in, outlying, all alike, unranked."""
        computed = self.computed
        names = computed.frame.names
        raw = computed.raw
        filled = sum(int(one.sum()) for one in computed.population.filled.values())
        ranked = computed.ranks > 0
        alike = np.isnan(computed.normalised).all(axis=0)
        return {
            "cells": raw.size, "missing": int(np.isnan(raw).sum()), "filled": filled,
            "beyond": [names[place] for place in np.flatnonzero(computed.treated.beyond)],
            "constant": [names[place] for place in np.flatnonzero(alike)],
            "unranked": [computed.population.units[place] for place in np.flatnonzero(~ranked)],
        }  # fmt: skip

    def rows(self, lang: str = "en") -> list[dict[str, object]]:
        """A row a unit, first rank first: rank, score, its band and tier, and the score of every element."""
        computed = self.computed
        found: list[dict[str, object]] = []
        for place in self.order:
            row: dict[str, object] = {
                "rank": int(computed.ranks[place]) or None,
                "unit": computed.population.units[place],
                "name": computed.population.names[place].in_(lang),
                "score": _number(computed.score, place),
            }
            if self.uncertainty is not None:
                row["rank.low"] = int(self.uncertainty.low[place]) or None
                row["rank.median"] = _number(self.uncertainty.median, place)
                row["rank.high"] = int(self.uncertainty.high[place]) or None
            if self.body.tiers:
                row["tier"] = int(self.tiers[place]) or None
            if self.moves is not None:
                row["rank.before"] = int(self.moves.rank[place]) or None
            for group in reversed(computed.frame.groups):
                if group.name != TOP:
                    row[group.name] = _number(computed.scores[group.name], place)
            for name in computed.frame.names:
                row[name] = _number(computed.scores[name], place)
            found.append(row)
        return found

    @cached_property
    def table(self) -> pa.Table:
        """`rows` as an Arrow table."""
        import pyarrow as pa

        return pa.Table.from_pylist(self.rows())

    def figures(self, lang: str = "en") -> list[dict[str, object]]:
        """A row a unit and indicator: its figure at every stage."""
        computed = self.computed
        found: list[dict[str, object]] = []
        for place in self.order:
            for column, name in enumerate(computed.frame.names):
                found.append({
                    "unit": computed.population.units[place], "indicator": name,
                    "label": self.label(name, lang),
                    "raw": _number(computed.raw[:, column], place),
                    "denominated": _number(computed.denominated[:, column], place),
                    "imputed": _number(computed.imputed[:, column], place),
                    "treated": _number(computed.treated.values[:, column], place),
                    "normalised": _number(computed.normalised[:, column], place),
                })  # fmt: skip
        return found

    def methods(self, lang: str = "en") -> list[dict[str, object]]:
        """The method of each stage, its options, and on what it rests."""
        whole = self.rule.editions[-1].standing
        found: list[dict[str, object]] = [
            {"stage": stage, "method": choice.by, "word": method_word(choice.by, lang),
             "options": options_text(choice),
             "standing": self.standing(choice.standing, lang) or self.standing(whole, lang)}
            for stage, choice in self.body.stages.items()
        ]  # fmt: skip
        return found

    def weights(self) -> list[dict[str, object]]:
        """The weight of each element in its group, adding up to 1; none where each unit has its own."""
        found: list[dict[str, object]] = []
        for group in reversed(self.computed.frame.groups):
            weights = self.computed.weights[group.name]
            shares = weights / weights.sum() if weights.ndim == 1 else np.full(len(group.children), np.nan)
            for place, child in enumerate(group.children):
                found.append({"element": child, "part_of": group.name, "weight": _number(shares, place)})
        return found

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data (what `--json` prints)."""
        found: dict[str, Any] = {
            "index": self.rule.name, "label": {"en": self.label(TOP), "zh": self.label(TOP, "zh")},
            "year": self.computed.year, "grade": self.grade, "methods": self.methods(),
            "weights": self.weights(),
            "notes": self.notes(), "units": self.rows(), "figures": self.figures(),
        }  # fmt: skip
        found["audit"] = self.audit_rows()
        found["left_out"] = [
            {"element": one.element, "mean": one.mean, "most": one.most} for one in self.without
        ]
        if self.parts is not None:
            units = self.computed.population.units
            found["parts"] = {
                unit: {name: float(values[place]) for name, values in self.parts.items() if name}
                for place, unit in enumerate(units)
            }
        if self.sensitivity is not None:
            found["sensitivity"] = {"runs": self.sensitivity.runs, "factors": self.sobol()}
        return found | {"record": dict(self.record)}

    def audit_rows(self) -> list[dict[str, object]]:
        """A row an element: how it goes with its group and with the index, its weight and its influence."""
        return [
            {"group": one.group, "element": child, "with_group": float(one.with_score[place]),
             "with_index": float(one.with_top[place]), "weight": _number(one.share, place),
             "influence": _number(one.influence, place), "alpha": one.alpha,
             "first_component": one.first_component}
            for one in self.audits for place, child in enumerate(one.children)
        ]  # fmt: skip

    def findings(self) -> tuple[Flag, ...]:
        """What the audit finds beyond its limits."""
        return flags(self.audits)

    def sobol(self) -> list[dict[str, object]]:
        """A row a factor: its first-order and total index with their intervals."""
        if (made := self.sensitivity) is None:
            return []
        return [
            {"factor": name, "first": _number(made.first, place), "total": _number(made.total, place),
             "first.low": _number(made.first_interval[:, 0], place),
             "first.high": _number(made.first_interval[:, 1], place),
             "total.low": _number(made.total_interval[:, 0], place),
             "total.high": _number(made.total_interval[:, 1], place)}
            for place, name in enumerate(made.factors)
        ]  # fmt: skip

    def write(self, path: str | Path, lang: str = "en") -> Path:
        """Write a file of the kind that its name says, whole or not at all. Raises `GangmuError`."""
        to = Path(path)
        match to.suffix.lower():
            case ".json":
                text = json.dumps(self.to_dict(), ensure_ascii=False, indent=1, default=str)
                return write_whole(to, lambda beside: beside.write_text(f"{text}\n", encoding="utf-8"))
            case ".csv":
                import pyarrow.csv as pa_csv

                return write_whole(to, lambda beside: pa_csv.write_csv(self.table, beside))
            case ".parquet":
                import pyarrow.parquet as pq

                return write_whole(to, lambda beside: pq.write_table(self.table, beside))
            case ".xlsx":
                return self._write_xlsx(to, lang)
            case ".html":
                from gangmu.report.index_page import page

                text = page(
                    self, tuple(lang.split(",")) if "," in lang else (lang, "en" if lang == "zh" else "zh")
                )
                return write_whole(to, lambda beside: beside.write_text(text, encoding="utf-8"))
            case ".svg" | ".png":
                from gangmu.report.charts import INK, write_picture
                from gangmu.report.index_charts import rank_chart

                return write_picture(rank_chart(self, "zh" if lang.startswith("zh") else "en", INK), to)
            case other:
                what = f"no file of kind {other or '(none)'} is written"
                raise GangmuError(Problem("file-kind", str(to), what, ", ".join(KINDS), "rename it"))

    def _write_xlsx(self, to: Path, lang: str) -> Path:
        import pyarrow as pa

        from gangmu.report.excel import write_sheets

        sheets = {
            "scores": pa.Table.from_pylist(self.rows(lang)),
            "indicators": pa.Table.from_pylist(self.figures(lang)),
            "weights": pa.Table.from_pylist(self.weights()),
            "audit": pa.Table.from_pylist(self.audit_rows()),
            "method": pa.Table.from_pylist(self.methods(lang)),
        }
        if self.parts is not None:
            names = self.computed.population.units
            sheets["parts"] = pa.Table.from_pylist(
                [
                    {"unit": names[place]}
                    | {name: float(values[place]) for name, values in self.parts.items() if name}
                    for place in self.order
                ]
            )
        if self.sensitivity is not None:
            sheets["sensitivity"] = pa.Table.from_pylist(self.sobol())
        return write_sheets(to, sheets, dict(self.record), lang)


def options_text(choice: model.Choice) -> str:
    """The options of a method as a page would write them."""
    return ", ".join(f"{name} {_option(value)}" for name, value in choice.options.items())


def _option(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_option(one) for one in value)}]"
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_option(one)}" for name, one in value.items())
    return value if isinstance(value, str) else f"{float(value):g}"  # type: ignore[arg-type]  # a number


def _number(values: Floats, place: int) -> float | None:
    """A number of a column; None where there is none."""
    found = float(values[place])
    return None if np.isnan(found) else found
