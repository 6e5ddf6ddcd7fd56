"""Which code a set of possible codes comes down to."""

from __future__ import annotations

from gangmu.engine.sql.domain import Codes, Domain, alternatives
from gangmu.engine.sql.terms import Bit, Text


def one_code(d: Domain, value: Codes) -> tuple[Bit, Text]:
    """Whether exactly one code is possible, and which."""
    t = d.t
    met: list[Bit] = []
    whens: list[tuple[Bit, Text]] = []
    listed = alternatives(value)
    for number, (bit, text) in enumerate(listed):
        again = t.or_(*(t.and_(other, t.same(text, earlier)) for other, earlier in listed[:number]))
        met.append(t.and_(bit, t.not_(again)))
        whens.append((bit, text))
    one = t.eq(t.bits(met), 1)
    return t.and_(one, t.not_(value.any)), t.chosen(whens, "")
