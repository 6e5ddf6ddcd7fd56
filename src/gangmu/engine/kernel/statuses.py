"""How outcomes are coded in arrays: statuses, what is possible of a number, whether a title is held."""

from __future__ import annotations

import numpy as np

from gangmu.engine.interpreter import BLOCKED, CONDITIONS_MET, HELD, LAPSED

STATUSES = (
    "true", "false", "known", "unknown", "undefined", "not_in_force", HELD, CONDITIONS_MET, BLOCKED, LAPSED,
)  # fmt: skip
CODE = {name: place for place, name in enumerate(STATUSES)}
SOME, LOW_ENDLESS, HIGH_ENDLESS = 1, 2, 4
# tracks: a place in `STATUSES`; a rank of `engine.grade`; held or not; the ordinal of a title's last day
TRACKS = {"status": np.uint8, "grade": np.uint8, "held": np.uint8, "until": np.int32}
HOLDS, HOLDS_NOT = 1, 2
