"""An explanation as plain data: the lines that terminal and page show, in English and Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from fractions import Fraction
from typing import Any

from gangmu.engine.assess import answer
from gangmu.engine.explain import Reason
from gangmu.engine.interpreter import Run
from gangmu.engine.missing import Missing
from gangmu.engine.values import Interval, Value
from gangmu.engine.way import Change, Proposal
from gangmu.report.blocks import block_sentences
from gangmu.report.outlook import finding_texts, missing_texts, way_texts
from gangmu.report.sentence import Sentence
from gangmu.report.sentences import sentences
from gangmu.report.verdict import verdict
from gangmu.report.words import LANGS
from gangmu.rulebook.types import DATE, Type


def explanation_json(
    run: Run, tree: Reason, missing: Sequence[Missing], ways: Sequence[Proposal]
) -> dict[str, Any]:
    """Everything about one answer: machine-readable at the top, then `text` with the lines of each language.

    Exact numbers are texts (`5/3`, `4320000`) in base units; `lines` have a depth, parents first, and say
    which decide.
    """
    rule = tree.rule
    if rule is None:
        raise TypeError(tree)
    found = answer(run, rule.name)
    return {
        "case": run.case.key,
        "as_of": run.as_of.isoformat(),
        "base_year": run.base_year,
        "rulebook": {"name": run.book.name, "version": run.book.version, "digest": run.book.digest},
        "rule": rule.name,
        "label": {"en": rule.label.en, "zh": rule.label.zh},
        "status": found.status,
        "value": _value(tree.value, rule.type),
        "until": found.until.isoformat() if found.until else None,
        "grade": found.grade,
        "layers": list(tree.layers),
        "missing": [_missing(item) for item in missing],
        "ways": [_way(way) for way in ways],
        "findings": [{"kind": f.kind, "rule": f.rule, "what": f.what} for f in run.findings],
        "text": {lang: _text(run, tree, missing, ways, lang) for lang in LANGS},
    }


def _text(
    run: Run, tree: Reason, missing: Sequence[Missing], ways: Sequence[Proposal], lang: str
) -> dict[str, Any]:
    name = tree.rule.name if tree.rule is not None else ""
    return {
        "verdict": str(verdict(run.book, name, answer(run, name), lang)),
        "lines": [_line(line) for line in sentences(run, tree, lang, full=True)],
        "blocks": [_line(line) for line in block_sentences(run, tree, lang)],
        "missing": [asdict(item) for item in missing_texts(run, missing, lang)],
        "ways": [asdict(item) for item in way_texts(run, ways, lang)],
        "findings": finding_texts(run.book, run.findings, lang),
    }


def _line(line: Sentence) -> dict[str, Any]:
    rests = line.rests
    return {
        "depth": line.depth,
        "status": line.status,
        "decides": line.decides,
        "text": line.text,
        "rule": rests.rule,
        "marks": list(rests.marks),
        "cites": [{"text": c.text, "grade": c.grade, "source": c.source, "url": c.url} for c in rests.cites],
        "ours": rests.ours,
        "evidence": list(rests.evidence),
    }


def _missing(item: Missing) -> dict[str, Any]:
    period = item.line.period.ordinary if item.line is not None else None
    year = int(period.lo) if isinstance(period, Interval) and period.is_point else None
    return {
        "rule": item.rule.name if item.rule is not None else None,
        "entity": item.entity,
        "period": year,
        "share": float(item.share),
    }


def _way(way: Proposal) -> dict[str, Any]:
    return {
        "changes": [_change(change) for change in way.changes],
        "earliest": way.earliest.isoformat(),
        "carried_forward": way.carried_forward,
        "opens": way.opens,
    }


def _change(change: Change) -> dict[str, Any]:
    kind = change.rule.type
    before, after = _value(change.before, kind), _value(change.after, kind)
    return {"rule": change.rule.name, "year": change.line_year, "before": before, "after": after}


def _value(value: Value, kind: Type | None) -> dict[str, Any]:
    """A value: `low` and `high` (equal when known), or `one_of`; what else is possible."""
    told: dict[str, Any] = {}
    if isinstance(value.ordinary, Interval):
        told = {"low": _end(value.ordinary.lo, kind), "high": _end(value.ordinary.hi, kind)}
    elif value.ordinary is not None:
        codes = value.ordinary.codes
        told = {"one_of": None if codes is None else sorted(codes, key=str)}
    if value.undefined:
        told["undefined"] = True
    if value.absent:
        told["not_in_force"] = True
    return told


def _end(end: Fraction | float, kind: Type | None) -> str:
    if isinstance(end, float):
        return "inf" if end > 0 else "-inf"
    return date.fromordinal(int(end)).isoformat() if kind == DATE else str(end)
