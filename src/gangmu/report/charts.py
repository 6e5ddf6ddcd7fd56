"""Charts as Vega-Lite says them, turned into pictures here and now: SVG within pages, SVG and PNG as files.

A page with such pictures needs no network and no script, prints as it looks, and follows the reader's dark or
light screen: lines of the page take the page's own colour (`currentColor`). This is the one module that
touches vl-convert (extra `charts`); specifications hold their data and load nothing.

Colours are those of Okabe and Ito (2008), which colour-blind readers can tell apart; no chart tells anything
by colour alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from gangmu.errors import GangmuError, Problem
from gangmu.evidence.whole import write_whole

Spec = Mapping[str, object]

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v5.json"  # names the version; nothing is fetched
BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, YELLOW = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442",
)  # fmt: skip
GREY: Final = "#7a828c"  # reads on white and on black
PAGE: Final = "currentColor"  # the colour of the text around
INK: Final = "#1b1f24"
FONTS: Final = (
    "Noto Sans, Segoe UI, Helvetica Neue, Arial, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
)
PICTURES: Final = (".svg", ".png")
SHARPNESS: Final = 2.0  # pixels of a PNG a point


def chart(spec: Spec, ink: str = PAGE) -> dict[str, object]:
    """A specification with the house's look; `ink` is the colour of text, axes and rules."""
    quiet = {"labelColor": ink, "titleColor": ink, "domainColor": ink, "tickColor": ink}
    look = {
        "background": None,
        "font": FONTS,
        "view": {"stroke": None},
        "axis": {
            **quiet, "gridColor": GREY, "gridOpacity": 0.25, "domainOpacity": 0.5, "tickOpacity": 0.5,
            "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
        },
        "legend": {"labelColor": ink, "titleColor": ink, "labelFontSize": 12, "titleFontSize": 12},
        "title": {"color": ink, "fontSize": 14, "anchor": "start"},
        "text": {"color": ink, "fontSize": 12},
        "rule": {"color": ink},
        "header": {"labelColor": ink, "titleColor": ink},
        "range": {"category": [BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE]},
    }  # fmt: skip
    return {"$schema": SCHEMA, "config": look, **spec}


def svg(spec: Spec, name: str, title: str) -> str:
    """A picture to stand within a page. `name` keeps its parts apart from those of other pictures there.

    `title` is what it is called by a reader of screens. Raises `GangmuError` if vl-convert is not installed.
    """
    drawn = str(_convert().vegalite_to_svg(chart(spec), allowed_base_urls=[]))
    drawn = re.sub(r'\bid="([\w-]+)"', rf'id="{name}-\1"', drawn)
    drawn = re.sub(r"url\(#([\w-]+)\)", rf"url(#{name}-\1)", drawn)
    label = _escape(title)
    return re.sub(r"<svg ", f'<svg role="img" aria-label="{label}" ', drawn, count=1)


def write_picture(spec: Spec, path: str | Path) -> Path:
    """A picture as a file, `.svg` or `.png`, on white. Raises `GangmuError` for another form."""
    target = Path(path)
    if target.suffix not in PICTURES:
        what = f"`{target.suffix}` is no form of a picture"
        raise GangmuError(Problem("form-unknown", str(path), what, " or ".join(PICTURES), "name such a file"))
    full = {**chart(spec, INK), "background": "#ffffff", "padding": 12}
    convert = _convert()
    if target.suffix == ".png":
        drawn = convert.vegalite_to_png(full, scale=SHARPNESS, allowed_base_urls=[])
        return write_whole(target, lambda to: to.write_bytes(drawn))
    text = convert.vegalite_to_svg(full, allowed_base_urls=[])
    return write_whole(target, lambda to: to.write_text(text, encoding="utf-8"))


def _convert() -> Any:  # noqa: ANN401  a module that may not be there
    try:
        import vl_convert
    except ImportError:
        what = "charts are drawn by vl-convert, which is not installed"
        raise GangmuError(
            Problem("extra-missing", "charts", what, "the extra `charts`", "pip install 'gangmu[charts]'")
        ) from None
    return vl_convert


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
