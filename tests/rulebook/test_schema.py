"""The JSON Schema for editors accepts what the parser accepts, and refuses a mistyped key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gangmu.rulebook.located import Mapping, read_yaml
from gangmu.rulebook.read import fences
from gangmu.rulebook.schema import json_schema

PAGES = Path(__file__).parents[2] / "src" / "gangmu" / "rulebooks" / "cn"


def _keys(schema: dict[str, Any], kind: str) -> set[str]:
    kinds = schema["additionalProperties"]["anyOf"]
    return next(
        set(one["properties"])
        for one in kinds
        if kind in one["properties"] and (one.get("required") == [kind] or "required" not in one)
    )


def test_every_key_on_the_shipped_pages_is_known_to_the_schema() -> None:
    """No page uses a key that completion does not offer."""
    schema = json_schema()
    known = {key for one in schema["additionalProperties"]["anyOf"] for key in one["properties"]}
    seen = 0
    for path in sorted(PAGES.rglob("*.md")):
        for fence in fences(path.read_text(encoding="utf-8")):
            if fence.info != "yaml":
                continue
            block, _ = read_yaml(fence.text, path.name)
            assert isinstance(block, Mapping)
            for name, rule in block.items():
                if name != "page":
                    assert isinstance(rule, Mapping)
                    assert set(rule) <= known, (path.name, name, set(rule) - known)
                    seen += 1
    assert seen > 500


def test_a_kind_offers_its_own_keys_only() -> None:
    """`hit` belongs to tables, `ask` to inputs, `cite` to both."""
    schema = json_schema()
    assert "ask" in _keys(schema, "input")
    assert "hit" not in _keys(schema, "input")
    assert {"hit", "cite"} <= _keys(schema, "table")
    assert "ask" not in _keys(schema, "table")
