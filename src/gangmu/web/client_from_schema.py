"""The typed Python client, written from the OpenAPI schema: `python -m gangmu.web.client_from_schema`.

Out come `gangmu.client.shapes`, a frozen dataclass for each component, and `verbs`, a method for each
operation. What they stand on is written by hand: `gangmu.client.wire`. A test fails when they are stale. Why
no ready generator does this: `docs/decisions/0018-the-client-is-written-from-the-schema.md`.
"""

from __future__ import annotations

import keyword
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

Schema = Mapping[str, Any]
HOME: Final = Path(__file__).parent.parent / "client"
MANY: Final = 5  # arguments that ruff lets pass
JSON: Final = "application/json"
_HEAD: Final = (
    '"""{what}\n\nWritten from the OpenAPI schema by `gangmu.web.client_from_schema`: do not edit.\n"""'
)
_PLAIN: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_WAYS: Final = {"None": "self._send", "Download": "return self._stream"}
_FORMATS: Final = {"date": "dt.date", "date-time": "dt.datetime"}


def client_of(schema: Schema) -> dict[str, str]:
    """The generated modules by file name. Raises `ValueError` for what this does not know of a schema."""
    return {"shapes.py": _shapes(schema), "verbs.py": _verbs(schema)}


# ---------------------------------------------------------------------------------------------------- types


def called(component: str) -> str:
    """A component's name in Python: `AnswerShape` is an `Answer`."""
    return component.removesuffix("Shape")


def type_of(schema: Schema, prefix: str = "") -> str:
    """The Python type of a schema; `prefix` stands before the names of shapes."""
    if "$ref" in schema:
        return prefix + called(str(schema["$ref"]).rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(type_of(one, prefix) for one in schema["anyOf"]))
    if "enum" in schema:
        return f"Literal[{', '.join(map(_quoted, schema['enum']))}]"
    match schema.get("type"):
        case "array":
            return f"Sequence[{type_of(schema['items'], prefix)}]"
        case "object":
            held = schema.get("additionalProperties")
            return f"Mapping[str, {type_of(held, prefix) if isinstance(held, Mapping) else 'Any'}]"
        case "string":
            return _FORMATS.get(schema.get("format", ""), "str")
        case str(name) if name in _PLAIN:
            return _PLAIN[name]
        case None:
            return "Any"
    raise ValueError(f"the client does not know this schema: {schema}")


def _quoted(text: object) -> str:
    return '"' + str(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _spelled(name: str) -> str:
    """A name that Python allows; `gangmu.client.wire` takes the underscore away again."""
    return f"{name}_" if keyword.iskeyword(name) else name


# ---------------------------------------------------------------------------------------------------- shapes


def _shapes(schema: Schema) -> str:
    imports = (
        "import datetime as dt\nfrom collections.abc import Mapping, Sequence\n"
        "from dataclasses import dataclass, field\nfrom typing import Any, Literal"
    )
    parts = [
        _HEAD.format(what="What the API takes and gives."), "from __future__ import annotations", imports
    ]  # fmt: skip
    shapes = ["\n".join(_shape(name, one)) for name, one in schema["components"]["schemas"].items()]
    return "\n\n".join(parts) + "\n\n\n" + "\n\n\n".join(shapes) + "\n"


def _shape(name: str, schema: Schema) -> Iterator[str]:
    yield "@dataclass(frozen=True)"
    yield f"class {called(name)}:"
    yield f'    """{schema["description"]}"""'
    yield ""
    needed = schema.get("required", ())
    fields = schema["properties"]
    # What has to be given stands first, as dataclasses want it; otherwise the order of the schema.
    for one in sorted(fields, key=lambda one: one not in needed):
        kind = type_of(fields[one])
        yield f"    {_spelled(one)}: {kind}{'' if one in needed else _default(fields[one], kind)}"


def _default(schema: Schema, kind: str) -> str:
    match schema.get("default"):
        case None if "None" not in kind.split(" | "):
            raise ValueError(f"neither required nor with a default: {schema}")
        case [] | {}:
            return f" = field(default_factory={'list' if kind.startswith('Sequence') else 'dict'})"
        case list() | dict():
            raise ValueError(f"the client does not know this default: {schema}")
        case value:
            return f" = {_literal(value)}"


def _literal(value: object) -> str:
    return _quoted(value) if isinstance(value, str) else repr(value)


# ---------------------------------------------------------------------------------------------------- verbs


def _verbs(schema: Schema) -> str:
    parts = [
        _HEAD.format(what="What can be asked of the API, a method each."),
        "from __future__ import annotations",
        "import datetime as dt\nfrom collections.abc import Sequence\nfrom typing import Literal",
        "from gangmu.client import shapes\nfrom gangmu.client.wire import Content, Download, Wire",
    ]
    methods = [
        "\n".join(_verb(method, path, one))
        for path, verbs in schema["paths"].items()
        for method, one in verbs.items()
    ]
    begin = 'class Verbs(Wire):\n    """Every operation of the API."""\n\n'
    return "\n\n".join(parts) + "\n\n\n" + begin + "\n\n".join(methods) + "\n"


def _verb(method: str, path: str, operation: Schema) -> Iterator[str]:
    parameters = operation.get("parameters", ())
    in_path = [one for one in parameters if one["in"] == "path"]
    in_query = [one for one in parameters if one["in"] == "query"]
    if len(in_path) + len(in_query) != len(parameters):
        raise ValueError(f"{path}: a parameter is neither in the path nor in the query")
    body, sent = _body(operation)
    given = _given(operation)
    excuse = "  # noqa: PLR0913  as many as the query has" if len(parameters) + bool(body) > MANY else ""
    yield f"    def {operation['operationId']}({excuse}"
    yield "        self,"
    for one in in_path:
        yield f"        {_spelled(one['name'])}: {type_of(one['schema'], 'shapes.')},"
    if body:
        yield f"        {body},"
    if in_query:
        yield "        *,"
    for one in sorted(in_query, key=lambda one: not one["required"]):
        kind = type_of(one["schema"], "shapes.")
        default = "" if one["required"] else f" = {_literal(one['schema'].get('default'))}"
        yield f"        {_spelled(one['name'])}: {kind}{default},"
    yield f"    ) -> {given}:"
    yield f'        """{operation["description"]}"""'
    yield f"        {_WAYS.get(given, 'return self._ask')}("
    if given not in _WAYS:
        yield f"            {given},"
    yield f'            "{method.upper()}",'
    yield f'            "{path}",'
    if in_path:
        yield f"            {_named(in_path)},"
    if in_query:
        yield f"            query={_named(in_query)},"
    if sent:
        yield f"            {sent},"
    yield "        )"


def _named(parameters: list[Schema]) -> str:
    return "{" + ", ".join(f'"{one["name"]}": {_spelled(one["name"])}' for one in parameters) + "}"


def _body(operation: Schema) -> tuple[str, str]:
    """The parameter that is sent as the body, and how it is handed on."""
    if "requestBody" not in operation:
        return "", ""
    [(kind, content)] = operation["requestBody"]["content"].items()
    if kind == JSON:
        shape = type_of(content["schema"])
        name = "".join(f"_{one.lower()}" if one.isupper() else one for one in shape).strip("_")
        return f"{name}: shapes.{shape}", f"shape={name}"
    return "content: Content", "content=content"


def _given(operation: Schema) -> str:
    """What comes back: a shape, a list of them, nothing, or a stream of bytes."""
    [done] = [one for status, one in operation["responses"].items() if status.startswith("2")]
    content = done.get("content", {})
    if not content:
        return "None"
    if JSON not in content:
        return "Download"
    found = type_of(content[JSON]["schema"], "shapes.")
    return f"list[{found[len('Sequence[') : -1]}]" if found.startswith("Sequence[") else found


# --------------------------------------------------------------------------------------------- as a command


def schema_now() -> Schema:
    """The schema of the application as it is here."""
    from gangmu.web.app import create_app
    from gangmu.web.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data=Path(folder)))
        found = app.openapi()
        app.state.site.database.close()
    return found


def main() -> None:
    """Write the generated modules anew."""
    for name, text in client_of(schema_now()).items():
        (HOME / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{HOME.name}/{name}\n")


if __name__ == "__main__":
    main()
