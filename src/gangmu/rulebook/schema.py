"""The JSON Schema of a block of rules, for completion in an editor.

Made from the same table of keys that the parser refuses by, so it cannot drift. It helps to write; `gangmu
check` decides.
"""

from __future__ import annotations

from typing import Any

from gangmu.rulebook.model import FORCES, GRADES, ORIGINS
from gangmu.rulebook.parse import COMMON, KEYS

_TEXT = {"type": ["string", "number", "boolean"]}
_TEXTS = {"type": "array", "items": _TEXT}
_LABEL = {
    "oneOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
            "additionalProperties": False,
        },
    ]
}
_DATE = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_BOUNDS = dict.fromkeys(("ge", "gt", "le", "lt"), _TEXT)
_WORDS: dict[str, dict[str, Any]] = {
    "label": _LABEL,
    "ask": _LABEL,
    "who": _LABEL,
    "from": _DATE,
    "to": _DATE,
    "says": _LABEL,
    "producer": _LABEL,
    "lead": _LABEL,
    "definition": _LABEL,
    "serves": _TEXTS,
    "pages": _TEXTS,
    "baseline": {"type": "object", "additionalProperties": _TEXT},
    "target": {"type": "object", "additionalProperties": _TEXT},
    "direction": {"enum": ["up", "down"]},
    "nature": {"enum": ["expected", "binding"]},
    "observations": {"type": "string"},
    "input": {"enum": ["number", "condition", "code", "date", "year", "text"]},
    "changeable": {"enum": ["never", "now", "from_next_period"]},
    "origin": {"type": "array", "items": {"enum": list(ORIGINS)}},
    "hit": {"enum": ["unique", "first", "best", "sum"]},
    "decides": {"enum": ["law", "authority", "market", "lender"]},
    "cite": {
        "oneOf": [
            _TEXT,
            {"$ref": "#/$defs/cite"},
            {"type": "array", "items": {"oneOf": [_TEXT, {"$ref": "#/$defs/cite"}]}},
        ]
    },
    "range": {"type": "object", "properties": {"ge": _TEXT, "le": _TEXT}, "additionalProperties": False},
    "rows": {
        "oneOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"$ref": "#/$defs/row"}}]
    },
    "round": {
        "type": "object",
        "properties": {"to": _TEXT, "how": {"enum": ["down", "up", "half_up", "half_even"]}},
        "required": ["to", "how"],
    },
    "pass": {"type": "object", "properties": {"ge": _TEXT, "gt": _TEXT}, "additionalProperties": False},
    "all_of": {"$ref": "#/$defs/items"},
    "any_of": {"$ref": "#/$defs/items"},
    "of": {"$ref": "#/$defs/items"},
    "editions": {"type": "array", "items": {"type": "object"}},
}


def json_schema() -> dict[str, Any]:
    """The schema of one block: a mapping from names to rules, and `page`."""
    kinds = [_kind(kind, keys) for kind, keys in KEYS.items()]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Gangmu rules",
        "type": "object",
        "properties": {"page": {"$ref": "#/$defs/page"}},
        "additionalProperties": {"anyOf": kinds},
        "$defs": {
            "cite": {
                "type": "object",
                "properties": {"source": _TEXT, "at": _TEXT, "grade": {"enum": list(GRADES)}, "read": _TEXT},
                "additionalProperties": False,
            },
            "items": {"type": "array", "items": {"oneOf": [_TEXT, {"type": "object"}]}},
            "page": {
                "type": "object",
                "properties": {
                    "label": _LABEL, "date_basis": _LABEL, "cite": {"$ref": "#/$defs/cite"},
                    "from": _DATE, "to": _DATE, "serves": _TEXTS,
                },
                "additionalProperties": False,
            },
            "row": {
                "type": "object",
                "properties": {
                    **_BOUNDS, "in": _TEXTS, "prefix": _TEXTS, "except_prefix": _TEXTS, "when": _TEXT,
                    "value": {}, "label": _LABEL,
                    "cite": _WORDS["cite"], "ours": _TEXT,
                },
                "additionalProperties": False,
            },
            "force": {"enum": list(FORCES)},
        },
    }  # fmt: skip


def _kind(kind: str, keys: set[str]) -> dict[str, Any]:
    """The schema of one kind of rule.

    Its own keys and the common ones; the key that names the kind is required.
    """
    properties: dict[str, Any] = {key: _WORDS.get(key, {}) for key in sorted(keys | COMMON)}
    if kind in ("parameter", "value", "condition", "all_of", "any_of", "at_least"):
        return {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
        }  # editions may hold the key
    return {"type": "object", "properties": properties, "required": [kind], "additionalProperties": False}
