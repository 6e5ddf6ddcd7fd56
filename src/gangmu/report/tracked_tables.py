"""Targets as two tables: a row a target, and a row a published value with its vintage, source and licence."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from gangmu.plan.standing import dated
from gangmu.plan.track import Tracked
from gangmu.report.labels import capital, label_of
from gangmu.report.tracked import Tracking
from gangmu.report.tracked_words import ASIDE, BY, LEVEL, NATURE, STATUS
from gangmu.report.words import GRADE_WORDS, word
from gangmu.rulebook import model


def tables(result: Tracking, lang: str) -> dict[str, pa.Table]:
    """Both tables, in one language; numbers in base units (shares as parts of one)."""
    targets = [_target(result, one, task, lang) for task, some in result.tasks for one in some]
    points = [point for one in result.targets for point in _points(result.book, one, lang)]
    return {"targets": pa.Table.from_pylist(targets), "points": pa.Table.from_pylist(points)}


def _target(result: Tracking, one: Tracked, task: str, lang: str) -> dict[str, object]:
    standing, body, last = one.standing, one.indicator, one.last
    base, aim = standing.baseline, standing.target
    latest = standing.latest[-1] if standing.latest else None
    low, high = last.band if last else one.reach or (None, None)
    return {
        "task": label_of(result.book.rules[task], lang) if task else "",
        "indicator": capital(label_of(one.rule, lang)),
        "place": one.place.label.in_(lang) if one.place else "",
        "level": word(LEVEL, body.scope, lang), "nature": word(NATURE, body.nature, lang),
        "lead": body.lead.in_(lang), "unit": body.unit,
        "base_year": base.year if base else None, "base": float(base.value.value) if base else None,
        "target_year": aim.year if aim else None, "target": float(aim.value.value) if aim else None,
        "latest_period": latest.period if latest else "",
        "latest": float(latest.value.value) if latest and latest.value else None,
        "covered": float(standing.covered[0]) if standing.covered else None,
        "pace_linear": one.pace.linear if one.pace else None,
        "pace_compound": one.pace.compound if one.pace else None,
        "forecast": last.value if last else None, "low": low, "high": high, "probability": one.probability,
        "status": word(STATUS, one.status, lang), "by": word(BY, one.by, lang),
        "rests_on": word(GRADE_WORDS, standing.grade, lang), "name": one.key,
    }  # fmt: skip


def _points(book: model.Rulebook, one: Tracked, lang: str) -> Iterator[dict[str, object]]:
    """Every value known of a target: whether it is compared, and if not why."""
    aside = {id(seen): word(ASIDE, reason, lang) for seen, reason in one.series.aside}
    chosen = {id(year.chosen) for year in one.series.years}
    known = [year.chosen for year in one.series.years] + [seen for seen, _ in one.series.aside]
    known += [seen for group in one.series.conflicts for seen in group if id(seen) not in chosen]
    for seen in sorted(known, key=lambda each: each.ends):
        day = dated(book, seen)
        yield {
            "indicator": capital(label_of(one.rule, lang)),
            "place": one.place.label.in_(lang) if one.place else "", "period": seen.period,
            "value": float(seen.value.value) if seen.value else None,
            "bound": seen.bound, "basis": seen.basis,
            "compared": id(seen) in chosen, "why_not": aside.get(id(seen), ""),
            "published": day, "source": seen.cite.source if seen.cite else "",
            "grade": seen.cite.grade if seen.cite else "", "licence": seen.licence, "note": seen.note,
        }  # fmt: skip
