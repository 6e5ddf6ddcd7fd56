"""What blocks: the fewest failing conditions that a reader has to look at, taken from a tree of reasons.

Down every *all of* go the members that fail; at an *any of* the descent stops, since each alternative is a
way out of its own: the group is kept whole and told with what each alternative lacks. Alternatives that are
not meant for such a case at all (a set for issuers of another kind) stand together in one last line.
"""

from __future__ import annotations

from dataclasses import replace

from gangmu.engine.explain import Reason
from gangmu.engine.interpreter import BLOCKED, LAPSED, Run
from gangmu.engine.values import Interval
from gangmu.report.labels import capital
from gangmu.report.parts import bar_of, fails, main_part
from gangmu.report.phrases import Wording
from gangmu.report.sentence import Sentence
from gangmu.report.sentences import headline
from gangmu.rulebook.types import TitleType

_GROUPS = ("any_of", "at_least")
MAX_ALTERNATIVES = 12


def blocks(tree: Reason) -> list[Reason]:
    """The conditions that block, none if nothing does. A group of alternatives is one item."""
    rule, value = tree.rule, tree.value
    if rule is not None and isinstance(rule.type, TitleType):
        codes = value.codes if not isinstance(value.ordinary, Interval) else frozenset()
        if codes == frozenset({LAPSED}):
            return [tree]
        return _below(tree, wanted=True) if codes == frozenset({BLOCKED}) else []
    if rule is not None and rule.kind == "amount":
        main = main_part(tree)
        return _failing(main, wanted=True) if main is not None and fails(main.value) else []
    return _failing(tree, wanted=True) if fails(value) else []


def _failing(reason: Reason, *, wanted: bool) -> list[Reason]:
    """The failing parts of a failing reason."""
    match reason.kind:
        case "not":
            inner = _failing(reason.children[0], wanted=not wanted)
            return [replace(reason, branches=tuple(inner))] if len(inner) > 1 else [reason]
        case "rule" if reason.rule is not None and isinstance(reason.rule.type, TitleType):
            return [reason]
        case "rule":
            return _below(reason, wanted=wanted)
        case "all_of" if wanted:
            return [
                found
                for child in reason.children
                if fails(child.value)
                for found in _failing(child, wanted=True)
            ]
        case _:
            return [reason]


def _below(reason: Reason, *, wanted: bool) -> list[Reason]:
    """The failing parts of a rule's main part; the rule itself where that says more (label, exception)."""
    main = main_part(reason)
    title = reason.rule is not None and isinstance(reason.rule.type, TitleType)
    if main is None or not wanted or main.kind == "comparison" or not (title or fails(main.value)):
        return [reason]
    if main.kind in _GROUPS:
        return [reason]
    found = _failing(main, wanted=wanted)
    return [reason] if found == [main] and main.kind not in ("rule", "input") else found


def alternatives(reason: Reason) -> tuple[Reason, list[Reason]] | None:
    """The group of alternatives that a blocking reason is, and its members that fail; None if it is none."""
    group = main_part(reason) if reason.kind == "rule" else reason
    if group is None or group.kind not in _GROUPS:
        return None
    return group, [child for child in group.children if not child.value.is_true and not _skipped(child)]


def _skipped(reason: Reason) -> bool:
    return reason.value.ordinary is None and not reason.value.undefined


def block_sentences(run: Run, tree: Reason, lang: str = "en") -> list[Sentence]:
    """What blocks, as lines: conditions at depth 0, alternatives below their group with what each lacks."""
    lines: list[Sentence] = []
    for item in blocks(tree):
        lines.extend(_told(Wording(run, lang), item, 0))
    return lines


def overview(run: Run, tree: Reason, lang: str = "en") -> list[Sentence]:
    """Where an answer stands: one line for each member of its first group, whatever came out of it."""
    node: Reason | None = tree
    while node is not None and node.kind not in ("all_of", *_GROUPS):
        node = main_part(node) if node.kind == "rule" else None
        node = None if node is not None and node.kind == "input" else node
    if node is None:
        return []
    words = Wording(run, lang)
    members = (child for child in node.children if not _skipped(child) and bar_of(child) is None)
    return [replace(_line(words, child, 0), decides=True) for child in members]


def _told(words: Wording, reason: Reason, depth: int) -> list[Sentence]:
    group = alternatives(reason)
    first = _line(words, reason, depth)
    if group is None:
        return [first]
    node, members = group
    label = words.name(reason.rule) if reason.rule is not None else ""
    key = "too few" if node.kind == "at_least" and node.label != "1" else "no alternative"
    text = words.say(key, n=len(members), m=node.label)
    head = replace(first, text=capital(words.say("colon", a=label, b=text) if label else text))
    barred = [found for member in members if (found := bar_of(member)) is not None]
    told = [_alternative(words, member, depth + 1) for member in members if bar_of(member) is None]
    told.sort(key=len)
    lines = [head, *(line for lines in told[:MAX_ALTERNATIVES] for line in lines)]
    if barred:
        needs = words.say("pause").join(words.phrase(item.expression) for item in barred if item.expression)
        lines.append(
            Sentence(words.say("other cases", n=len(barred), why=needs), "failed", depth + 1, decides=False)
        )
    return lines


def _alternative(words: Wording, member: Reason, depth: int) -> list[Sentence]:
    """An alternative: one line if it lacks one thing, else its name and what it lacks below."""
    if not fails(member.value):
        return [_line(words, member, depth)]
    lacking = _failing(member, wanted=True)
    if len(lacking) == 1 and (member.rule is None or lacking == [member]):
        return _told(words, lacking[0], depth)
    below = [line for item in lacking for line in _told(words, item, depth + 1)]
    label = words.name(member.rule) if member.rule is not None else words.say("all of")
    return [replace(_line(words, member, depth), text=capital(words.say("lacks", n=label))), *below]


def _line(words: Wording, reason: Reason, depth: int) -> Sentence:
    """The first line of a reason."""
    return replace(headline(words, reason), depth=depth)
