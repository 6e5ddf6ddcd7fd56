"""The pictures of an index as Vega-Lite says them: ranks with bands, a map of tiles, which choice matters.

No picture tells anything by colour alone: tiles bear their rank, bands their ends, bars their names.
"""

from __future__ import annotations

from gangmu.report.charts import BLUE, GREY, ORANGE, PAGE
from gangmu.report.index_words import say
from gangmu.report.indexed import IndexResult

_ROW = 19  # points of height a unit
_TILE = 58  # a side of a square; English names need a broader one
_BROAD = 88
_FEW = 10
# Steps of one blue, darkest first, on which the ink of the second list can be read.
_STEPS = ("#08306b", "#2171b5", "#6baed6", "#c6dbef", "#eff3ff")
_INKS = ("#ffffff", "#ffffff", "#0b1a2b", "#0b1a2b", "#0b1a2b")


def rank_chart(result: IndexResult, lang: str, ink: str = PAGE) -> dict[str, object]:
    """A row a unit, first rank on top: a dot at its rank, a line over its band."""
    rows = []
    for place in result.order:
        rank = int(result.computed.ranks[place])
        if not rank:
            continue
        row: dict[str, object] = {"unit": result.computed.population.names[place].in_(lang), "rank": rank}
        if result.uncertainty is not None:
            row |= {"low": int(result.uncertainty.low[place]), "high": int(result.uncertainty.high[place])}
        rows.append(row)
    last = max(int(row["rank"]) for row in rows)  # type: ignore[call-overload]  # ranks are whole numbers
    units = {
        "field": "unit", "type": "nominal", "sort": None, "title": None,
        "axis": {"labelLimit": 220, "domain": False, "ticks": False},
    }  # fmt: skip
    scale = {"domain": [0.4, last + 0.6], "nice": False}
    ticks = [1, *range(5, last + 1, 5)] if last > _FEW else list(range(1, last + 1))
    axis = {"orient": "top", "values": ticks, "format": "d"}
    at = {"field": "rank", "type": "quantitative", "title": say(lang, "rank"), "scale": scale, "axis": axis}
    dots: dict[str, object] = {
        "mark": {
            "type": "point",
            "filled": True,
            "size": 70,
            "color": ORANGE,
            "stroke": ink,
            "strokeWidth": 1,
        },
        "encoding": {"y": units, "x": at},
    }
    layers: list[dict[str, object]] = [dots]
    if result.uncertainty is not None:
        ends = {"y": units, "x": at | {"field": "low"}, "x2": {"field": "high"}}
        layers.insert(
            0, {"mark": {"type": "rule", "strokeWidth": 5, "color": BLUE, "opacity": 0.55}, "encoding": ends}
        )
    return {"width": 460, "height": _ROW * len(rows), "data": {"values": rows}, "layer": layers}


def tile_map(result: IndexResult, lang: str, ink: str = PAGE) -> dict[str, object]:
    """A square a unit at its place on the map: its name and rank, darker the higher its tier."""
    tiers = max(result.body.tiers, 1)
    rows = []
    for place, (column, row) in enumerate(result.computed.population.tiles):
        rank, tier = int(result.computed.ranks[place]), int(result.tiers[place])
        step = min((tier - 1) * len(_STEPS) // tiers, len(_STEPS) - 1) if tier else len(_STEPS) - 1
        rows.append({
            "unit": result.computed.population.names[place].in_(lang), "column": column, "row": row,
            "rank": str(rank or "–"), "fill": _STEPS[step], "ink": _INKS[step],
        })  # fmt: skip
    columns, height = (1 + max(one[at] for one in result.computed.population.tiles) for at in (0, 1))
    where = {
        channel: {
            "field": field, "type": "ordinal", "axis": None,
            "scale": {"domain": list(range(count)), "padding": 0.05},
        }
        for channel, field, count in (("x", "column", columns), ("y", "row", height))
    }  # fmt: skip
    colour = {"field": "ink", "type": "nominal", "scale": None}
    size, side = (13, _TILE) if lang == "zh" else (11, _BROAD)

    def text(field: str, dy: int, points: float, weight: str) -> dict[str, object]:
        mark = {"type": "text", "dy": dy, "fontSize": points, "fontWeight": weight, "limit": side - 4}
        return {"mark": mark, "encoding": {**where, "text": {"field": field}, "color": colour}}

    squares = {
        "mark": {"type": "rect", "cornerRadius": 4, "stroke": ink, "strokeOpacity": 0.35},
        "encoding": {**where, "color": {"field": "fill", "type": "nominal", "scale": None}},
    }
    return {
        "width": side * columns, "height": _TILE * height, "data": {"values": rows},
        "layer": [squares, text("unit", -8, size, "normal"), text("rank", 11, 16, "bold")],
    }  # fmt: skip


def choice_chart(result: IndexResult, lang: str, ink: str = PAGE) -> dict[str, object]:
    """A bar a choice: its total index, within it the first-order one, and the interval of the total."""
    rows = [
        one
        | {"choice": say(lang, f"stage {one['factor']}"), "first": max(float(str(one["first"] or 0)), 0.0)}
        for one in result.sobol()
        if one["total"] is not None
    ]
    names = {"field": "choice", "type": "nominal", "sort": "-x", "title": None, "axis": {"labelLimit": 220}}
    title = {"total": say(lang, "total"), "first": say(lang, "first")}

    def bar(field: str, colour: str, height: int) -> dict[str, object]:
        mark = {"type": "bar", "color": colour, "height": height, "stroke": ink, "strokeOpacity": 0.4}
        at = {"field": field, "type": "quantitative", "title": f"{title['total']} / {title['first']}"}
        return {"mark": mark, "encoding": {"y": names, "x": at}}

    spread = {
        "mark": {"type": "rule", "color": ink, "strokeWidth": 1.5},
        "encoding": {
            "y": names,
            "x": {"field": "total\\.low", "type": "quantitative"},
            "x2": {"field": "total\\.high"},
        },
    }
    return {
        "width": 460, "height": 34 * len(rows), "data": {"values": rows},
        "layer": [bar("total", GREY, 20), bar("first", BLUE, 10), spread],
    }  # fmt: skip
