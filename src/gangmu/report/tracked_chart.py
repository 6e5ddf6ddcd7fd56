"""One target as a chart: what was published, what is disputed, the path required, and where it may end.

Told by shape and not by colour alone: full dots are comparable values, hollow diamonds disputed ones,
triangles bounds, a dashed line the path from base to target, a tinted band the projection.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any, Final

from gangmu.plan.track import Tracked
from gangmu.report.charts import BLUE, PAGE, VERMILION, Spec
from gangmu.report.tracked_numbers import scale_of, short
from gangmu.report.tracked_words import tell

WIDTH, HEIGHT = 560, 170
_DAYS: Final = 365.25
Point = dict[str, float | str]


def target_chart(one: Tracked, lang: str) -> Spec:
    """The Vega-Lite specification of one target in one language."""
    scale, word = scale_of(one, lang)
    history = [_point(float(year.year), year.value, scale) for year in one.series.years]
    layers = [
        *_band(one, scale),
        *_path(one, scale, lang),
        _marks(history, {"type": "line", "color": BLUE, "strokeWidth": 2}),
        _marks(history, {"type": "point", "filled": True, "color": BLUE, "size": 45, "opacity": 1}),
    ]
    disputed = [seen for group in one.series.conflicts for seen in group]
    bounds = [seen for seen, reason in one.series.aside if reason == "bound"]
    rest = [seen for seen, reason in one.series.aside if reason != "bound"]
    for seen, mark in (
        (
            disputed,
            {"type": "point", "shape": "diamond", "color": VERMILION, "size": 110, "strokeWidth": 1.8},
        ),
        (bounds, {"type": "point", "shape": "triangle-up", "color": BLUE, "size": 80}),
        (rest, {"type": "point", "shape": "circle", "color": BLUE, "size": 18, "opacity": 0.8}),
    ):
        points = [_point(_when(each.ends), each.value.value, scale) for each in seen if each.value]
        if points:
            layers.append(_marks(points, mark))
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [{**layer, "encoding": {**_axes(word), **layer.pop("more", {})}} for layer in layers],
    }


def _axes(word: str) -> dict[str, object]:
    return {
        "x": {
            "field": "x", "type": "quantitative", "title": None,
            "axis": {"format": "d", "tickMinStep": 1, "grid": False}, "scale": {"zero": False, "nice": False,
            "padding": 14},
        },
        "y": {
            "field": "y", "type": "quantitative", "title": word or None, "scale": {"zero": False},
            "axis": {"tickCount": 5},
        },
    }  # fmt: skip


def _marks(points: list[Point], mark: dict[str, object]) -> dict[str, Any]:
    return {"data": {"values": points}, "mark": mark}


def _band(one: Tracked, scale: Fraction) -> list[dict[str, Any]]:
    """The projection and its band, opening from the last comparable value."""
    if not one.projections:
        return []
    last = one.series.years[-1]
    start = float(last.value / scale)
    rows: list[Point] = [{"x": float(last.year), "y": start, "low": start, "high": start}]
    for made in one.projections:
        low, high = (bound / float(scale) for bound in made.band)
        rows.append({"x": float(made.year), "y": made.value / float(scale), "low": low, "high": high})
    limits = {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}}
    area = {**_marks(rows, {"type": "area", "color": BLUE, "opacity": 0.22}), "more": limits}
    return [area, _marks(rows, {"type": "line", "color": BLUE, "strokeDash": [2, 3], "strokeWidth": 2})]


def _path(one: Tracked, scale: Fraction, lang: str) -> list[dict[str, Any]]:
    """The straight path from base to target, and the target with its value."""
    marks = [mark for mark in (one.standing.baseline, one.standing.target) if mark is not None]
    points = [_point(float(mark.year), mark.value.value, scale) for mark in marks]
    layers = [_marks(points, {"type": "line", "color": PAGE, "strokeDash": [6, 4], "opacity": 0.6})]
    if (aim := one.standing.target) is not None:
        value = short(aim.value.value, one.indicator.kind, lang)
        label = {**points[-1], "label": tell(lang, "aim", value=value)}
        layers.append(
            _marks([label], {"type": "point", "shape": "cross", "filled": True, "color": PAGE, "size": 90})
        )
        text = {"type": "text", "align": "right", "dx": -10, "dy": -9, "color": PAGE, "fontWeight": "bold"}
        layers.append({**_marks([label], text), "more": {"text": {"field": "label"}}})
    return layers


def _point(x: float, value: Fraction, scale: Fraction) -> Point:
    return {"x": x, "y": float(value / scale)}


def _when(day: date) -> float:
    """A day on an axis whose whole numbers are the ends of years."""
    return round(day.year - 1 + day.timetuple().tm_yday / _DAYS, 2)
