"""Questions about a reason that both the telling of an explanation and of what blocks have to ask."""

from __future__ import annotations

from gangmu.engine.explain import Reason
from gangmu.engine.values import Value
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model


def main_part(reason: Reason) -> Reason | None:
    """The part of a rule that makes its condition: the last one but its exception. None if several do.

    Parts before it are the choice of an edition or a certificate. A formula of several parts has none.
    """
    body = None if reason.edition is None else reason.edition.body
    parts = [child for child in reason.children if child.kind != "unless"]
    match body:
        case model.Formula(expression=node) if not isinstance(node, ex.Call | ex.Case | ex.Aggregate):
            return parts[-1] if parts else None
        case model.Title() | model.Channel():
            return parts[-1] if parts else None
        case model.Amount(when=when) if when is not None:
            return next((child for child in parts if child.kind != "limit"), None)
        case _:
            return None


def fails(value: Value, *, wanted: bool = True) -> bool:
    """Whether a truth value certainly is not what is wanted (undefined fails: no fact would cure it)."""
    return (value.ordinary is None and value.undefined) or (value.is_false if wanted else value.is_true)


def not_for_this_case(reason: Reason) -> bool:
    """Whether a condition fails because the case is of another kind: a code that can never change."""
    if reason.kind not in ("comparison", "formula"):
        return False
    node = reason.expression
    if not (isinstance(node, ex.In | ex.Like) or (isinstance(node, ex.Compare) and node.op in ("=", "<>"))):
        return False
    facts = [child for child in reason.children if child.rule is not None]
    return bool(facts) and all(_is_kind(child.rule) for child in facts)


def _is_kind(rule: model.Rule | None) -> bool:
    return (
        rule is not None
        and isinstance(rule.body, model.Input)
        and rule.body.input == "code"
        and rule.body.changeable == "never"
    )


def bar_of(member: Reason) -> Reason | None:
    """The condition of a failing alternative that shows it to be meant for other cases."""
    found = main_part(member) if member.kind == "rule" else member
    if found is None or not fails(member.value):
        return None
    items = found.children if found.kind == "all_of" else (found,)
    return next((item for item in items if fails(item.value) and not_for_this_case(item)), None)
