"""The same case with other values in place of some facts, recomputing only what depends on them.

Values may be points or intervals, so one evaluation speaks for a whole range at once. `at` fixes facts and
gives a what-if to go on from: a chain of them recomputes, at each step, only what the last fact touches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gangmu.engine.interpreter import CONDITIONS_MET, HELD, Run
from gangmu.engine.values import EITHER, Value, truth
from gangmu.rulebook import model
from gangmu.rulebook.graph import graph_of

FactKey = tuple[str, int | str]  # rule, and line id ("" for the enterprise itself)


@dataclass(slots=True)
class WhatIf:
    """Answers one rule of one run under changed facts."""

    run: Run
    name: str

    @property
    def value(self) -> Value:
        """The value of the rule here."""
        return self.run.value(self.name)

    @property
    def met(self) -> Value:
        """Whether the rule is met here: true, or of a title, conditions met or held."""
        return is_met(self.run.book.rules[self.name], self.value)

    def at(self, probe: Mapping[FactKey, Value]) -> WhatIf:
        """The same question with `probe` in place of the facts that it names."""
        return WhatIf(
            self.run.with_facts(probe, graph_of(self.run.book).readers_of({name for name, _ in probe})),
            self.name,
        )

    def answer(self, probe: Mapping[FactKey, Value]) -> Value:
        """The value of the rule under `probe`."""
        return self.at(probe).value


def is_met(rule: model.Rule, value: Value) -> Value:
    """The truth of "met" for a rule's value."""
    if rule.kind != "title":
        return value
    good = {HELD, CONDITIONS_MET}
    codes = value.codes
    if codes is None:
        return EITHER
    return truth(
        true=bool(codes & good), false=bool(codes - good), undefined=value.undefined, absent=value.absent
    )
