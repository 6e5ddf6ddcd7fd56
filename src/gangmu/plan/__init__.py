"""Plans: where each indicator stands on a day, judged only by what was published by then."""

from gangmu.plan.standing import Standing, State, observed, stand, standings
from gangmu.plan.track import Tracked, indicators, track

__all__ = ["Standing", "State", "Tracked", "indicators", "observed", "stand", "standings", "track"]
