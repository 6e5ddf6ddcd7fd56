"""An index as one HTML file: ranks with bands, map, table, a profile a unit, method, audit; in two languages.

The file loads nothing and runs nothing; its pictures are drawn when it is written.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gangmu.plan.index.frame import TOP
from gangmu.report.charts import svg
from gangmu.report.html import render
from gangmu.report.index_charts import choice_chart, rank_chart, tile_map
from gangmu.report.index_terminal import audit_text, findings_text, notes_text
from gangmu.report.index_words import say
from gangmu.report.indexed import IndexResult

MOST_CHARTED = 200


def page(result: IndexResult, langs: Sequence[str]) -> str:
    """The page in the languages given, the first of them shown. Raises `GangmuError` without vl-convert."""
    chosen = list(dict.fromkeys("zh" if lang.startswith("zh") else "en" for lang in langs))
    versions = [version_of(result, lang) for lang in chosen]
    return render("report.html", title=versions[0]["title"], versions=versions, body="index.html")


def version_of(result: IndexResult, lang: str) -> dict[str, object]:
    """Everything that the page says in one language."""
    computed = result.computed
    label = result.label(TOP, lang)
    title = f"{label} · {computed.year}" if computed.year else label
    top = next(group for group in computed.frame.groups if group.name == TOP)
    few = len(computed.population.units) <= MOST_CHARTED
    return {
        "lang": lang, "title": title, "notes": notes_text(result, lang), "say": _Words(lang),
        "ranks_picture": svg(rank_chart(result, lang), f"ranks-{lang}", say(lang, "how sure")) if few else "",
        "map_picture": svg(tile_map(result, lang), f"map-{lang}", say(lang, "map"))
        if computed.population.tiles else "",
        "choices_picture": svg(choice_chart(result, lang), f"choices-{lang}", say(lang, "choices head"))
        if result.sensitivity else "",
        "runs": f"{result.sensitivity.runs:,}" if result.sensitivity else "",
        "parts": [result.label(child, lang) for child in top.children],
        "rows": [_row(result, place, top.children, lang) for place in result.order],
        "since": say(lang, "since", year=result.moves.year) if result.moves else "",
        "profiles": [_profile(result, place, lang) for place in result.order] if few else [],
        "methods": [
            {"stage": say(lang, f"stage {one['stage']}"), "standing": one["standing"],
             "method": f"{one['word']} ({one['options']})" if one["options"] else one["word"]}
            for one in result.methods(lang)
        ],
        "elements": [
            {"name": result.label(one.name, lang), "group": result.label(one.parent, lang),
             "unit": one.unit.in_(lang), "less": one.direction == "down",
             "standing": result.standing(one.standing, lang)}
            for one in computed.frame.leaves
        ],
        "audit": audit_text(result, lang), "findings": findings_text(result, lang),
        "record": [(name, str(value)) for name, value in result.record.items()],
    }  # fmt: skip


class _Words:
    """The words of the page in its language, for the template."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def __call__(self, key: str, **parts: object) -> str:
        return say(self.lang, key, **parts)


def _row(result: IndexResult, place: int, parts: Sequence[str], lang: str) -> dict[str, object]:
    """One unit in the table."""
    computed, made = result.computed, result.uncertainty
    rank = int(computed.ranks[place])
    band = f"{made.low[place]}–{made.high[place]}" if made is not None and rank else ""
    return {
        "anchor": f"{lang}-{place}", "rank": rank or "–", "name": computed.population.names[place].in_(lang),
        "score": _digits(computed.score[place]), "band": band,
        "tier": result.tier_text(place).replace("-", "–"),
        "parts": [_digits(computed.scores[part][place]) for part in parts], **_moved(result, place, lang),
    }  # fmt: skip


def _moved(result: IndexResult, place: int, lang: str) -> dict[str, object]:
    """By how many ranks a unit moved since the year before, and whether that is firm."""
    made, rank = result.moves, int(result.computed.ranks[place])
    if made is None or not rank:
        return {"moved": "", "firm": False}
    before = int(made.rank[place])
    if not before:
        return {"moved": say(lang, "new"), "firm": False}
    step = before - rank
    sign = "▲" if step > 0 else "▼" if step < 0 else "＝"
    return {
        "moved": f"{sign} {abs(step)}" if step else sign,
        "firm": made.firm is not None and bool(made.firm[place]),
    }


def _profile(result: IndexResult, place: int, lang: str) -> dict[str, object]:
    """One unit: each element with its score, place, and what it adds; indicators with their figure."""
    computed = result.computed
    lines = []
    labels = {one.name: one for one in computed.frame.leaves}
    for name in _order(result):
        scores = computed.scores[name]
        known = ~np.isnan(scores)
        own = int((scores[known] > scores[place]).sum()) + 1 if known[place] else 0
        leaf = labels.get(name)
        column = computed.frame.names.index(name) if leaf else -1
        figure = computed.denominated[place, column] if leaf else np.nan
        points = result.parts[name][place] if result.parts is not None else np.nan
        low, high = (float(np.nanmin(scores)), float(np.nanmax(scores))) if known.any() else (0.0, 0.0)
        width = 100 * (scores[place] - low) / (high - low) if known[place] and high > low else 0.0
        lines.append({
            "name": result.label(name, lang), "leaf": leaf is not None, "score": _digits(scores[place]),
            "place": f"{own}/{int(known.sum())}" if own else "–", "points": _digits(points),
            "figure": f"{figure:.4g}" if figure == figure else ("–" if leaf else ""),  # noqa: PLR0124  NaN
            "unit": leaf.unit.in_(lang) if leaf else "", "width": round(float(width), 1),
        })  # fmt: skip
    return _row(result, place, (), lang) | {"lines": lines}


def _order(result: IndexResult) -> list[str]:
    """Elements as the page declares them: each group before what it contains."""
    children = {group.name: group.children for group in result.computed.frame.groups}

    def under(name: str) -> list[str]:
        return [one for child in children.get(name, ()) for one in (child, *under(child))]

    return under(TOP)


def _digits(value: float) -> str:
    return "–" if value != value else f"{value:.2f}"  # noqa: PLR0124  NaN
