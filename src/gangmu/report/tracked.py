"""Targets tracked, as a result that can be printed, written and read by programs."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from gangmu.errors import GangmuError, Problem
from gangmu.evidence.whole import write_whole
from gangmu.plan.pace import Pace
from gangmu.plan.standing import dated
from gangmu.plan.track import Status, Tracked
from gangmu.report.labels import label_of
from gangmu.rulebook import model

if TYPE_CHECKING:
    from gangmu.plan.backtest import Trial
    from gangmu.plan.forecast import Projection
    from gangmu.plan.local import Split
    from gangmu.plan.propose import Drafted

WHOLE = ""  # the key of indicators that serve no task


@dataclass(frozen=True, slots=True)
class Tracking:
    """The targets of a plan on one day. `others` counts the series without a target that were left out."""

    book: model.Rulebook
    as_of: date
    targets: tuple[Tracked, ...]
    others: int
    record: dict[str, object]
    splits: tuple[Split, ...] = ()

    def __len__(self) -> int:
        """How many targets there are."""
        return len(self.targets)

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each status, what is settled first."""
        found = Counter(one.status for one in self.targets)
        return {status: found[status] for status in get_args(Status) if found[status]}

    @property
    def tasks(self) -> list[tuple[str, tuple[Tracked, ...]]]:
        """What serves no task, then every task of the book (full name) with what serves it."""
        tasks = [name for name, rule in self.book.rules.items() if _is_task(rule)]
        return [
            (task, tuple(one for one in self.targets if self._task_of(one) == task))
            for task in (WHOLE, *tasks)
        ]

    def _task_of(self, one: Tracked) -> str:
        """The nearest task that an indicator serves: itself, through a part of it, or what serves it."""
        todo, seen = list(one.indicator.serves), set[str]()
        while todo:
            name = todo.pop(0)
            rule = self.book.rules.get(name)
            if name in seen or rule is None or not isinstance(rule.body, model.Item):
                continue
            if _is_task(rule):
                return rule.name
            seen.add(name)
            todo += [rule.body.part_of, *rule.body.serves]
        return WHOLE

    def to_dict(self) -> dict[str, object]:
        """All of it as plain data (what `--json` prints)."""
        return {
            "as_of": self.as_of.isoformat(),
            "counts": self.counts,
            "targets": [target_dict(self.book, one, self._task_of(one)) for one in self.targets],
            "splits": [_split(one) for one in self.splits],
            "record": self.record,
        }

    def write(self, path: str | Path, lang: str = "en") -> Path:
        """Write the tracking to a file, in the form that its name asks for. Raises `GangmuError`."""
        target = Path(path)
        if target.suffix == ".json":
            text = json.dumps(self.to_dict(), ensure_ascii=False, indent=1)
            return write_whole(target, lambda to: to.write_text(text, encoding="utf-8"))
        if target.suffix == ".html":
            from gangmu.report.tracked_page import write_page

            return write_page(self, target, lang)
        if target.suffix == ".xlsx":
            from gangmu.report.excel import write_sheets
            from gangmu.report.tracked_tables import tables

            return write_sheets(target, tables(self, lang.partition(",")[0]), self.record, lang)
        what, expected = f"`{target.suffix}` is no form of a tracking", ".html, .xlsx or .json"
        raise GangmuError(Problem("form-unknown", str(path), what, expected, "name such a file"))


def _is_task(rule: model.Rule) -> bool:
    return isinstance(rule.body, model.Item) and rule.body.word == "task"


def target_dict(book: model.Rulebook, one: Tracked, task: str) -> dict[str, object]:
    """One target as plain data; numbers in base units (shares as parts of one)."""
    standing, body = one.standing, one.indicator
    covered = standing.covered
    return {
        "indicator": one.rule.name, "label": {"en": label_of(one.rule, "en"), "zh": label_of(one.rule, "zh")},
        "place": _place(one), "task": task, "unit": body.unit, "level": body.scope, "nature": body.nature,
        "lead": {"en": body.lead.in_("en"), "zh": body.lead.in_("zh")},
        "producer": {"en": body.producer.in_("en"), "zh": body.producer.in_("zh")},
        "direction": body.direction, "baseline": _mark(standing.baseline), "target": _mark(standing.target),
        "latest": [observation_dict(book, seen) for seen in standing.latest],
        "covered": [float(part) for part in covered] if covered else None,
        "pace": _pace(one.pace) if one.pace else None,
        "status": one.status, "by": one.by, "grade": standing.grade, "points": len(one.series),
        "series": [{"year": year.year, **observation_dict(book, year.chosen)} for year in one.series.years],
        "conflicts": [[observation_dict(book, seen) for seen in group] for group in one.series.conflicts],
        "aside": [{"reason": reason, **observation_dict(book, seen)} for seen, reason in one.series.aside],
        "projection": [_projection(made) for made in one.projections],
        "probability": one.probability, "spread": list(one.reach) if one.reach else None,
    }  # fmt: skip


def _place(one: Tracked) -> dict[str, str] | None:
    place = one.place
    if place is None:
        return None
    return {
        "code": place.code, "en": place.label.in_("en"), "zh": place.label.in_("zh"),
        "part_of": place.part_of,
    }  # fmt: skip


def _split(one: Split) -> dict[str, object]:
    return {
        "indicator": one.above.rule.name, "place": one.above.place.code if one.above.place else "",
        "below": [each.place.code for each in one.below if each.place],
        "total": float(one.total), "target": float(one.target), "part": float(one.part),
    }  # fmt: skip


def proposal_dict(book: model.Rulebook, one: Drafted) -> dict[str, object]:
    """What can be said of a draft target, as plain data."""
    target, series = one.draft.target, one.series
    return {
        "indicator": one.draft.rule.name, "year": one.draft.year,
        "target": {"value": float(target.value), "text": target.text} if target else None,
        "probability": one.probability,
        "targets": {f"{chance:.0%}": value for chance, value in one.targets.items()},
        "projection": _projection(one.projection) if one.projection else None,
        "spread": list(one.spread) if one.spread else None, "why": one.why, "points": len(series),
        "series": [{"year": year.year, **observation_dict(book, year.chosen)} for year in series.years],
    }  # fmt: skip


def observation_dict(book: model.Rulebook, one: model.Observation) -> dict[str, object]:
    """A published value with its vintage, source and licence."""
    day = dated(book, one)
    return {
        "period": one.period, "value": float(one.value.value) if one.value else None,
        "text": one.value.text if one.value else "", "bound": one.bound, "basis": one.basis,
        "published": day.isoformat() if day else None, "source": one.cite.source if one.cite else "",
        "at": one.cite.at if one.cite else "", "grade": one.cite.grade if one.cite else "",
        "licence": one.licence, "note": one.note,
    }  # fmt: skip


def _mark(mark: model.Mark | None) -> dict[str, object] | None:
    return {"year": mark.year, "value": float(mark.value.value), "text": mark.value.text} if mark else None


def _pace(found: Pace) -> dict[str, object]:
    return {
        "years": found.years, "seen": found.seen, "required": found.required, "linear": found.linear,
        "seen_rate": found.seen_rate, "required_rate": found.required_rate, "compound": found.compound,
        "progress": found.progress, "to_go": found.to_go,
    }  # fmt: skip


def _projection(made: Projection) -> dict[str, object]:
    low, high = made.band
    return {
        "year": made.year, "value": made.value, "low": low, "high": high, "models": made.models,
        "calibrated_on": made.errors.cases,
    }  # fmt: skip


def backtest_dict(book: model.Rulebook, year: int, trials: list[Trial]) -> dict[str, object]:
    """A backtest as plain data."""
    own = [trial for trial in trials if has_target(trial.rule)]
    return {
        "year": year,
        "trials": [_trial(book, trial) for trial in trials],
        "score": {name: _score(group) for name, group in (("own", own), ("all", trials))},
    }


def has_target(rule: model.Rule) -> bool:
    """Whether a rule is an indicator with a target."""
    return isinstance(rule.body, model.Indicator) and bool(rule.body.targets)


def _trial(book: model.Rulebook, trial: Trial) -> dict[str, object]:
    made = trial.projection
    return {
        "indicator": trial.rule.name, "origin": trial.origin.isoformat(), "points": len(trial.series),
        "undated": trial.undated, "last": trial.last.year, "actual": float(trial.actual.value),
        "actual_source": observation_dict(book, trial.actual.chosen)["source"],
        "forecast": _projection(made) if made else None, "held": trial.held,
        "error": trial.error(made.value) if made else None, "error_naive": trial.error(trial.naive),
        "error_linear": trial.error(trial.linear),
    }  # fmt: skip


def _score(trials: list[Trial]) -> dict[str, object] | None:
    from gangmu.plan.backtest import score

    found = score(trials)
    if found is None:
        return None
    return {
        "count": found.count, "combined": found.combined, "naive": found.naive, "linear": found.linear,
        "held": found.held, "interval": list(found.interval),
    }  # fmt: skip
