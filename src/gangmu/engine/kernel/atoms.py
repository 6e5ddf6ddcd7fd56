"""Which codes can be told apart: every code and prefix that the rules asked for name, and all other texts.

A text that is no named code belongs to its longest named prefix, or to the rest; so any text at all is one
of a fixed number of atoms, and a set of texts is a bit mask.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from gangmu.engine.interpreter import BLOCKED, CONDITIONS_MET, HELD, LAPSED
from gangmu.engine.kernel.domain import UnsupportedByKernel
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.resolve import expressions_of
from gangmu.rulebook.types import LevelType

MAX_ATOMS = 500
STATES = (HELD, CONDITIONS_MET, BLOCKED, LAPSED)


class Atoms:
    """The atoms of some rules. Codes come first, then prefixes, then the rest."""

    def __init__(self, rules: Iterable[model.Rule]) -> None:
        """Collect from the rules."""
        codes: dict[str, None] = dict.fromkeys(STATES)
        prefixes: dict[str, None] = {}
        for rule in rules:
            _collect(rule, codes, prefixes)
        self.codes, self.prefixes = tuple(codes), tuple(sorted(prefixes, key=lambda p: (-len(p), p)))
        self.both = set(codes) & set(prefixes)
        if len(self) > MAX_ATOMS:
            raise UnsupportedByKernel("", f"more than {MAX_ATOMS} codes and prefixes")

    def __len__(self) -> int:
        return len(self.codes) + len(self.prefixes) + 1

    @property
    def everything(self) -> int:
        """The mask of any text."""
        return (1 << len(self)) - 1

    @cached_property
    def _places(self) -> dict[str, int]:
        return {code: place for place, code in enumerate(self.codes)}

    def of(self, text: str) -> int:
        """The atom of a text."""
        if text in self._places:
            return self._places[text]
        for place, prefix in enumerate(self.prefixes):
            if text.startswith(prefix):
                return len(self.codes) + place
        return len(self) - 1

    def text(self, atom: int) -> str | None:
        """The code that an atom is; None if it stands for many."""
        return self.codes[atom] if atom < len(self.codes) else None

    def starting(self, prefixes: Iterable[str]) -> int:
        """The atoms that begin with one of the prefixes."""
        found = tuple(prefixes)
        texts = [*self.codes, *self.prefixes]
        return sum(1 << place for place, text in enumerate(texts) if text.startswith(found))

    def mask(self, codes: Iterable[str]) -> int:
        """The atoms of codes."""
        return sum(1 << self.of(code) for code in set(codes))


def _collect(rule: model.Rule, codes: dict[str, None], prefixes: dict[str, None]) -> None:
    if isinstance(rule.type, LevelType):
        codes.update(dict.fromkeys(rule.type.scale))
    for edition in rule.editions:
        body = edition.body
        if isinstance(body, model.Input):
            codes.update(dict.fromkeys(body.options))
        if isinstance(body, model.Table):
            for row in body.rows:
                codes.update(dict.fromkeys(row.codes))
                prefixes.update(dict.fromkeys((*row.prefixes, *row.except_prefixes)))
                if row.cell.code is not None:
                    codes[row.cell.code] = None
        for top in expressions_of(edition):
            for node in ex.walk(top):
                match node:
                    case ex.Text(code):
                        codes[code] = None
                    case ex.In(_, listed):
                        codes.update(dict.fromkeys(listed))
                    case ex.Like(_, prefix):
                        prefixes[prefix] = None
