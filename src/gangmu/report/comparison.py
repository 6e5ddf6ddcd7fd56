"""A comparison as a sentence: what is, what is needed, and by how much the one meets or misses the other.

`R&D intensity: 5.2% – at least 5% needed (floor of R&D intensity); met with 0.2 percentage points to spare`.
A comparison under a NOT is read the other way round, so that the reader always sees what is needed; where
nothing is needed (a test that only chooses a row) it is said whether it holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gangmu.engine.explain import Reason
from gangmu.engine.values import End, Interval, Value
from gangmu.report.format import apart, margin_text
from gangmu.report.phrases import Wording
from gangmu.report.sentence import Wanted
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.types import DATE, LevelType, Type

NEGATED = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
MIRRORED = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


@dataclass(frozen=True, slots=True)
class _Sides:
    """What is compared with what is needed."""

    op: str
    have: ex.Expression
    need: ex.Expression
    have_value: Value
    need_value: Value
    kind: Type | None


def comparison_text(
    words: Wording, reason: Reason, wanted: Wanted, subject: str, row: model.Row | None
) -> str:
    """The sentence of a comparison in a rule called `subject`; `row` is the table row of its threshold."""
    sides = _sides(words, reason, wanted)
    have, need = _texts(words, sides, reason.children)
    label = words.phrase(sides.have)
    if subject and subject != label:
        have = words.say("is", a=label, b=have)
        label = subject
    source = _source(words, sides.need, row)
    if wanted is None:
        target = _target(words, f"is {sides.op}", need, source)
        return words.say("neutral", a=label, b=have, c=target, d=_holds(words, reason.value))
    key = f"{'day' if sides.kind == DATE and sides.op[0] in '<>' and sides.op != '<>' else 'need'} {sides.op}"
    needed = words.say("compared", a=label, b=have, c=_target(words, key, need, source))
    return needed + words.say("pause") + _outcome(words, reason, sides, wanted)


def _sides(words: Wording, reason: Reason, wanted: Wanted) -> _Sides:
    """The facts on the left and the threshold on the right, whichever way round the formula has them."""
    node = reason.expression
    if not isinstance(node, ex.Compare) or reason.sides is None:
        raise TypeError(reason)
    left, right = reason.sides
    op = NEGATED[node.op] if wanted is False else str(node.op)
    if _is_threshold(words, node.left) and not _is_threshold(words, node.right):
        return _Sides(MIRRORED[op], node.right, node.left, right, left, reason.type)
    return _Sides(op, node.left, node.right, left, right, reason.type)


def _is_threshold(words: Wording, node: ex.Expression) -> bool:
    rule = words.rule_of(node)
    return isinstance(node, ex.Number | ex.Text | ex.Truth) or (rule is not None and rule.kind == "parameter")


def _texts(words: Wording, sides: _Sides, parts: Sequence[Reason]) -> tuple[str, str]:
    """Both sides in words, with enough digits to tell them apart."""
    have, need = sides.have_value.ordinary, sides.need_value.ordinary
    known = sides.have_value.is_known and sides.need_value.is_known
    if known and isinstance(have, Interval) and isinstance(need, Interval):
        first, second = apart([have.lo, need.lo], sides.kind, words.lang)
        return first, "0" if isinstance(sides.need, ex.Number) and need.lo == 0 else second
    rule = words.rule_of(sides.have) or words.rule_of(sides.need)
    if rule is not None and any(child.rule is rule and is_missing(child) for child in parts):
        have_text = words.say("unknown")
        return have_text, _texts(words, replace(sides, have_value=sides.need_value), ())[1]
    texts = [words.value(value, sides.kind, rule) for value in (sides.have_value, sides.need_value)]
    if isinstance(sides.need, ex.Text) and not isinstance(sides.kind, LevelType):
        texts[1] = words.code(sides.need.value, sides.have)
    elif isinstance(sides.need, ex.Number):
        texts[1] = str(sides.need.value)
    return texts[0], texts[1]


def is_missing(reason: Reason) -> bool:
    """Whether a reason is an input that was not given."""
    return reason.kind == "input" and reason.fact is None and not reason.value.is_known


def _source(words: Wording, need: ex.Expression, row: model.Row | None) -> str:
    """Where the threshold comes from."""
    if isinstance(need, ex.Number | ex.Text | ex.Truth):
        return ""
    text = words.phrase(need)
    told = row is not None and (row.bounds or row.codes or row.prefixes or row.when)
    return words.say("row", a=text, b=row.label.in_(words.lang) or row.name) if told and row else text


def _target(words: Wording, key: str, need: str, source: str) -> str:
    text = words.say(key, n=need)
    return words.say("brackets", a=text, b=source) if source else text


def _holds(words: Wording, value: Value) -> str:
    if not value.is_known:
        return words.say("open")
    if value.ordinary is None:
        return words.say("undefined" if value.undefined else "not_in_force")
    return words.say("holds" if value.is_true else "holds not")


def _outcome(words: Wording, reason: Reason, sides: _Sides, wanted: Wanted) -> str:
    """How the comparison ends, with its margin."""
    value = reason.value
    if value.ordinary is None:
        if value.absent and not value.undefined:
            return words.say("not in force on", day=words.run.as_of.isoformat())
        return words.say("undefined here")
    if not value.is_known:
        return words.say("open")
    met = value.is_true is wanted
    have, need = sides.have_value.ordinary, sides.need_value.ordinary
    if sides.op in ("=", "<>") or not isinstance(have, Interval) or not isinstance(need, Interval):
        return words.say("met" if met else "not met")
    if sides.op in (">", ">="):
        return _margin(words, sides, (have.lo - need.hi, have.hi - need.lo), met=met)
    return _margin(words, sides, (need.lo - have.hi, need.hi - have.lo), met=met)


def _margin(words: Wording, sides: _Sides, room: Sequence[End], *, met: bool) -> str:
    """`room` is by how much the facts are on the right side of the threshold: least and most."""
    nearest: End = room[0] if met else room[1]
    if nearest == 0:
        return words.say("met exactly" if met else "not met exactly")
    if isinstance(nearest, float):
        return words.say("met" if met else "not met")
    amount = margin_text(nearest, sides.kind, words.lang)
    open_ends = room[0] != room[1]
    if open_ends:
        amount = words.say("no_less", n=amount)
    if met:
        return words.say("met by", n=amount)
    more = sides.op in (">", ">=")
    key = ("too early" if more else "too late") if sides.kind == DATE else ("short" if more else "too much")
    return words.say(key, n=amount)
