"""The same case with other values in place of some facts, recomputing only what depends on them.

A `Probe` names facts by rule and row; values may be points or intervals, so one evaluation speaks for a whole range at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gangmu.engine.interpreter import CONDITIONS_MET, HELD, Run
from gangmu.engine.values import EITHER, FALSE, TRUE, Value, truth
from gangmu.rulebook import model
from gangmu.rulebook.graph import graph_of

FactKey = tuple[str, int | str]  # rule, and line id ("" for the enterprise itself)


@dataclass(slots=True)
class WhatIf:
    """Answers one rule of one run under changed facts."""

    run: Run
    name: str

    def answer(self, probe: Mapping[FactKey, Value]) -> Value:
        """The value of the rule with `probe` in place of the facts that it names."""
        run = self.run
        touched = graph_of(run.book).above(name for name, _ in probe)
        kept = {key: value for key, value in run._values.items() if key[0] not in touched}  # noqa: SLF001  a run's own copy
        lines = {} if any(name in _since(run.book) for name, _ in probe) else dict(run._lines)  # noqa: SLF001
        other = Run(run.book, run.case, run.as_of, dict(probe), _values=kept, _lines=lines)
        return other.value(self.name)

    def met(self, probe: Mapping[FactKey, Value]) -> Value:
        """Whether the rule is met under the probe: true of a condition or channel; conditions met or held, of a title."""
        return is_met(self.run.book.rules[self.name], self.answer(probe))


def is_met(rule: model.Rule, value: Value) -> Value:
    """The truth of "met" for a rule's value."""
    if rule.kind != "title":
        return value
    good = {HELD, CONDITIONS_MET}
    codes = value.codes
    if codes is None:
        return EITHER
    return truth(true=bool(codes & good), false=bool(codes - good), undefined=value.undefined, absent=value.absent)


def _since(book: model.Rulebook) -> set[str]:
    return {entity.since for entity in book.entities.values() if entity.since}


__all__ = ["FALSE", "TRUE", "FactKey", "WhatIf", "is_met"]
