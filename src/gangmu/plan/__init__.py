"""Plans: where each indicator stands on a day, judged only by what was published by then."""

from gangmu.plan.standing import Standing, State, observed, stand, standings

__all__ = ["Standing", "State", "observed", "stand", "standings"]
