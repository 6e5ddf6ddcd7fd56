"""Titles in machine code: held or lapsed by the certificate, else whether the conditions are met."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gangmu.engine.interpreter import BLOCKED, CONDITIONS_MET, HELD, LAPSED
from gangmu.engine.kernel.calls import add_months
from gangmu.engine.kernel.domain import Codes, Num, Truth, Value
from gangmu.engine.kernel.kinds import states
from gangmu.rulebook import model

if TYPE_CHECKING:
    from gangmu.engine.kernel.program import Program


def certificate(p: Program, body: model.Title) -> tuple[Truth, Num, Num]:
    """Whether a certificate is shown, its first day, the day it ends."""
    shown = p.facts.shown(p.book.rules[body.number])
    start = p.as_num(p.value(body.valid_from))
    end = _endless(p)
    if body.valid_to:
        given = p.facts.shown(p.book.rules[body.valid_to])
        told = p.as_num(p.value(body.valid_to))
        end = _later_end(p, body, start, given, told)
    elif body.valid_months is not None:
        end = add_months(p, start, p.quantity(body.valid_months))
    return shown, start, end


def _endless(p: Program) -> Num:
    end = p.r.infinite(positive=True)
    return Num(True, end, end)


def _later_end(p: Program, body: model.Title, start: Num, given: Truth, told: Num) -> Num:
    """As stated; endless if said to be none; else so many months after the start."""
    e, d = p.e, p.d
    both = e.and_(given.true, given.false)
    stated = told if body.valid_months is None else None
    if stated is None and body.valid_months is not None:
        after = add_months(p, start, p.quantity(body.valid_months))
        stated = p.as_num(d.union([d.where(e.not_(both), told), d.where(both, after)]))
    assert stated is not None  # noqa: S101  set above
    none = e.and_(given.false, e.not_(given.true))
    stated = replace(stated, undefined=e.and_(stated.undefined, e.not_(none)))
    return p.as_num(d.union([d.where(e.not_(none), stated), d.where(none, _endless(p))]))


def state(p: Program, body: model.Title) -> Codes:
    """Held or lapsed by the certificate alone; not in force where it says neither."""
    e, d = p.e, p.d
    shown, start, end = certificate(p, body)
    now = p.facts.clock("as_of")
    begun, ended = d.compare("<=", start, now), d.compare(">=", now, end)
    held, lapsed = e.and_(begun.true, ended.false), ended.true
    neither = e.and_(begun.false, ended.false)
    empty = e.not_(e.or_(held, lapsed, neither))
    sure = d.is_true(shown)
    names = p.families.states
    mask = d.mask_or(
        names,
        d.pick_mask(names, e.and_(sure, held), names.mask([HELD]), 0),
        d.pick_mask(names, e.and_(sure, lapsed), names.mask([LAPSED]), 0),
    )
    return Codes(mask, names, False, e.or_(e.not_(sure), neither, empty))


def title(p: Program, body: model.Title) -> Codes:
    """A title: held or lapsed by the certificate, else conditions met or blocked."""
    e, d = p.e, p.d
    shown = state(p, body)
    met = p.truth(body.conditions)
    names = shown.atoms
    opened = d.mask_or(
        names,
        d.pick_mask(names, met.true, names.mask([CONDITIONS_MET]), 0),
        d.pick_mask(names, met.false, names.mask([BLOCKED]), 0),
    )
    mask = d.mask_or(names, shown.mask, d.pick_mask(names, shown.absent, opened, 0))
    return Codes(mask, names, e.and_(shown.absent, met.undefined), e.and_(shown.absent, met.absent))


def held(p: Program, name: str) -> Truth:
    """HELD(title)."""
    body = p.book.rules[name].body
    if not isinstance(body, model.Title):
        raise p.refuse("HELD of no title")
    shown, start, end = certificate(p, body)
    now = p.facts.clock("as_of")
    return p.d.all_of([shown, p.d.compare("<=", start, now), p.d.compare("<", now, end)])


def conditions_met(p: Program, name: str) -> Truth:
    """CONDITIONS_MET(title)."""
    editions, left = p.reached(p.book.rules[name])
    outcomes: list[Value] = [
        p.d.where(reach, p.truth(edition.body.conditions))
        for edition, reach in editions
        if isinstance(edition.body, model.Title)
    ]
    return states(p, outcomes, left)
