"""The methods of an index, stage by stage, with the options that each takes.

The words are those of the OECD/JRC Handbook on Constructing Composite Indicators (2008). An option has a
kind; one that ends in `?` may be left out. What each method does is in `plan/index`; a word stands here only
if it is computed there.
"""

from __future__ import annotations

from typing import Final

_OUTLIERS: Final = {"skew": "number", "kurtosis": "number"}  # an indicator beyond both is treated
_WINSORISE: Final = {**_OUTLIERS, "points": "whole"}
_GROUPED: Final = {"group": "column"}
_ONTO: Final = {"onto": "pair"}
_AGGREGATE: Final = {"present": "share?", "top": "aggregate?"}

METHODS: Final[dict[str, dict[str, dict[str, str]]]] = {
    "screen": {"none": {}, "coverage": {"least": "share"}, "coverage_of_parts": {"least": "share"}},
    "impute": {
        "none": {}, "published": {}, "mean": {}, "median": {}, "group_mean": _GROUPED,
        "group_median": _GROUPED, "nearest": {"neighbours": "whole"}, "carried": {"years": "whole"},
        "interpolated": {},
    },
    "treat": {
        "none": {}, "winsorise": _WINSORISE, "log": _OUTLIERS, "box_cox": _OUTLIERS,
        "winsorise_or_log": _WINSORISE, "winsorise_or_box_cox": _WINSORISE, "clip": {"share": "share"},
    },
    "normalise": {
        "min_max": _ONTO, "goalposts": _ONTO, "z_score": {"mean": "number", "deviation": "number"},
        "rank": {}, "percentile": {}, "borda": {}, "distance_to_maximum": {}, "fraction_of_maximum": {},
        "scaled": {"between": "pair", "onto": "pair"},
    },
    "weigh": {
        "given": {}, "equal": {}, "budget": {"experts": "table"}, "ahp": {"compare": "table"}, "pca": {},
        "equal_influence": {}, "benefit_of_the_doubt": {"least": "share"},
    },
    "aggregate": {
        "arithmetic": _AGGREGATE, "geometric": _AGGREGATE, "harmonic": _AGGREGATE,
        "copeland": {"top": "aggregate?"}, "outranking": {"top": "aggregate?"},
    },
}  # fmt: skip
STAGES: Final = tuple(METHODS)
REQUIRED: Final = ("normalise", "aggregate")  # no index is without them, and none is the usual one
UNSAID: Final = {"screen": "none", "impute": "none", "treat": "none", "weigh": "given"}
# Beside the stages, what may be varied.
WEIGHTS, LEAVE_OUT = "weights", "leave_out"
