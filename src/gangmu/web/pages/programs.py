"""The API as people read it: every operation with what it does, takes and gives, and a command to try.

All of it comes from the OpenAPI schema, so that the page says what the server does; the Chinese words stand
in `program_words`. The commands are run by a test as they are printed.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

from gangmu.web.pages import program_words as words
from gangmu.web.site import View, Visit
from gangmu.web.words import say

SCHEMA: Final = "/api/openapi.json"
JSON: Final = "application/json"
FILE: Final = "firms.csv"
WIDE: Final = 100  # characters of a line that is read without scrolling
SAVED: Final[Mapping[str, str]] = {"template": "form.xlsx", "get_answers": "answers.parquet"}
_OPEN: Final = "reading"  # what is read without a token ...
_CLOSED: Final = ("index",)  # ... but for this
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a member of a shape: `type` in words, `refs` the shapes that it leads to."""

    name: str
    type: str
    refs: tuple[str, ...]
    needed: bool
    default: str
    limits: str


@dataclass(frozen=True, slots=True)
class Verb:
    """One operation; `takes` and `gives` are shapes or kinds of content."""

    name: str
    method: str
    path: str
    does: str
    parameters: tuple[Field, ...]
    takes: Field | None
    gives: tuple[Field, ...]
    command: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What is sent or comes back."""

    name: str
    what: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Operations that belong together."""

    name: str
    title: str
    verbs: list[Verb] = field(default_factory=list)


def page(visit: Visit) -> View:
    """Every operation, every shape, every refusal."""
    site, lang = visit.site, visit.lang
    schema: Schema = visit.request.app.openapi()
    scheme = "https" if site.settings.secure else visit.request.url.scheme
    address = f"{scheme}://{visit.request.headers.get('host', 'localhost')}"
    groups = {name: Group(name, title[lang == "zh"]) for name, title in words.GROUPS.items()}
    refusals: dict[str, str] = {}
    for path, verbs in schema["paths"].items():
        for method, one in verbs.items():
            command = command_for(method.upper(), path, one, schema, address)
            groups[one["tags"][0]].verbs.append(_verb(method.upper(), path, one, command, lang))
            refusals |= {
                status: words.STATUSES[status] if lang == "zh" else told["description"]
                for status, told in one["responses"].items()
                if not status.startswith("2")
            }
    shapes = [_shape(name, one, lang) for name, one in sorted(schema["components"]["schemas"].items())]
    values = {
        "groups": list(groups.values()),
        "shapes": shapes,
        "refusals": sorted(refusals.items()),
        "schema": SCHEMA,
        "address": address,
        "limits": {
            "bytes": site.settings.max_upload,
            "requests": site.settings.requests_a_minute,
            "seconds": int(site.settings.max_seconds),
        },
    }
    return View("programs.html", say("api", lang), values)


def _verb(method: str, path: str, one: Schema, command: str, lang: str) -> Verb:
    name = one["operationId"]
    does = words.VERBS[name] if lang == "zh" else one["description"]
    parameters = [
        _field(each["name"], each["schema"], lang, needed=each["required"])
        for each in one.get("parameters", ())
    ]
    takes = None
    if "requestBody" in one:
        [(kind, content)] = one["requestBody"]["content"].items()
        takes = _field(kind, content["schema"], lang, needed=True)
    [done] = [told for status, told in one["responses"].items() if status.startswith("2")]
    gives = [
        _field(kind, told["schema"], lang, needed=True) for kind, told in done.get("content", {}).items()
    ]
    return Verb(name, method, path, does, tuple(parameters), takes, tuple(gives), command)


def _shape(name: str, one: Schema, lang: str) -> Shape:
    needed = one.get("required", ())
    fields = [_field(each, told, lang, needed=each in needed) for each, told in one["properties"].items()]
    what = words.SHAPES[name] if lang == "zh" else one["description"]
    return Shape(name, what, tuple(fields))


def _field(name: str, schema: Schema, lang: str, *, needed: bool) -> Field:
    default = schema.get("default")
    shown = "" if default in (None, "", [], {}) else json.dumps(default, ensure_ascii=False)
    return Field(name, type_in_words(schema), tuple(_refs(schema)), needed, shown, limits_of(schema, lang))


# ---------------------------------------------------------------------------------------------------- types


def type_in_words(schema: Schema) -> str:
    """A type as JSON people write it: `array of Facts`, `string (date)`, `"en" | "zh"`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(type_in_words(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(json.dumps(one) for one in schema["enum"])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"array of {_inside(schema['items'])}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"object of {_inside(schema['additionalProperties'])}"
    return f"{kind} ({schema['format']})" if "format" in schema else str(kind)


def _inside(schema: Schema) -> str:
    found = type_in_words(schema)
    return f"({found})" if " | " in found else found


def limits_of(schema: Schema, lang: str) -> str:
    """What a value may be, beside its type."""
    parts = [schema, *schema.get("anyOf", ())]
    found = []
    for one in parts:
        if "maxLength" in one:
            found.append(say("api characters", lang, n=f"{one['maxLength']:,}"))
        if "minimum" in one or "maximum" in one:
            found.append(f"{one.get('minimum', '…'):,} – {one.get('maximum', '…'):,}")
        if "maxItems" in one or "maxProperties" in one:
            most = one.get("maxItems", one.get("maxProperties"))
            found.append(say("api items", lang, n=f"{most:,}"))
    return ", ".join(found)


def _refs(schema: Schema) -> Iterator[str]:
    if "$ref" in schema:
        yield str(schema["$ref"]).rpartition("/")[2]
    for one in schema.get("anyOf", ()):
        yield from _refs(one)
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), Mapping):
            yield from _refs(schema[name])


# ------------------------------------------------------------------------------------------------- commands


def command_for(method: str, path: str, one: Schema, schema: Schema, address: str) -> str:
    """A curl command that asks this, with the examples of the schema; `$TOKEN`, `$KEY` are the reader's."""
    parameters = one.get("parameters", ())
    for each in parameters:
        if each["in"] == "path":
            example = _example(each["schema"])
            value = quote(str(example), safe="/") if example is not None else f"${each['name'].upper()}"
            path = path.replace(f"{{{each['name']}}}", value)
    asked = [
        (each["name"], example)
        for each in parameters
        if each["in"] == "query" and (example := _example(each["schema"])) is not None
    ]
    url = f"{address}{path}" + (f"?{urlencode(asked, doseq=True, safe=':')}" if asked else "")
    parts = ["curl"]
    if method != "GET":
        parts[0] += f" -X {method}"
    if one["tags"] != [_OPEN] or one["operationId"] in _CLOSED:
        parts.append('-H "Authorization: Bearer $TOKEN"')
    parts += _sent(one, schema)
    if one["operationId"] in SAVED:
        parts.append(f"-o {SAVED[one['operationId']]}")
    parts.append(f'"{url}"')
    return (" " if len(" ".join(parts)) <= WIDE else " \\\n  ").join(parts)


def _sent(one: Schema, schema: Schema) -> list[str]:
    if "requestBody" not in one:
        return []
    [(kind, content)] = one["requestBody"]["content"].items()
    if kind != JSON:
        return [f'-H "Content-Type: {kind}"', f"--data-binary @{FILE}"]
    shape = schema["components"]["schemas"][str(content["schema"]["$ref"]).rpartition("/")[2]]
    example = _laid_out(shape["examples"][0])
    return [f'-H "Content-Type: {JSON}"', f"-d {shlex.quote(example)}"]


def _laid_out(value: object, depth: int = 1) -> str:
    """JSON on as few lines as are read without scrolling."""
    short = json.dumps(value, ensure_ascii=False)
    if len(short) + 2 * depth <= WIDE - 20 or not isinstance(value, dict | list):
        return short
    pad = "  " * (depth + 1)
    if isinstance(value, dict):
        items = [f"{json.dumps(name)}: {_laid_out(one, depth + 1)}" for name, one in value.items()]
        return "{\n" + ",\n".join(pad + one for one in items) + "\n" + "  " * depth + "}"
    return "[\n" + ",\n".join(pad + _laid_out(one, depth + 1) for one in value) + "\n" + "  " * depth + "]"


def _example(schema: Schema) -> object:
    """The first example of a parameter; None if it has none."""
    for one in (schema, *schema.get("anyOf", ())):
        if one.get("examples"):
            return one["examples"][0]
    return None
