"""YAML as texts that know their line, and nothing else.

No implicit types (`5%`, `no`, `2024-04-30` stay the texts that the author wrote), no aliases, anchors, tags or duplicate keys: a
rulebook is untrusted input. Built from parser events, so that depth and size are bounded before anything is constructed.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from gangmu.errors import Problem

MAX_DEPTH = 16
MAX_EVENTS = 400_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Text(str):
    """A scalar as written; `line` is 1-based in its file, `quoted` tells whether it stood in quotes."""

    __slots__ = ("line", "quoted")
    line: int
    quoted: bool

    def __new__(cls, value: str, line: int, *, quoted: bool = False) -> Text:
        """Make a text with its line."""
        text = super().__new__(cls, value)
        text.line = line
        text.quoted = quoted
        return text


class Mapping(dict[Text, "Node"]):
    """A mapping; `line` is where it begins."""

    line: int = 0


class Sequence(list["Node"]):
    """A list; `line` is where it begins."""

    line: int = 0


Node = Text | Mapping | Sequence


class YamlProblem(Exception):
    """The text is not YAML that a rulebook may contain."""

    def __init__(self, what: str, line: int) -> None:
        """Say what is wrong and on which line of the text."""
        super().__init__(what)
        self.what = what
        self.line = line


def read_yaml(text: str, file: str, first_line: int = 1) -> tuple[Node | None, list[Problem]]:
    """Read one YAML document; lines count from `first_line`. Returns the node (None if empty) and the problems."""
    problems: list[Problem] = []
    try:
        events = _events(text)
        node = _document(events, first_line, file, problems)
    except YamlProblem as error:
        where = f"{file}:{first_line + error.line}"
        problems.append(
            Problem("yaml-invalid", where, error.what, "plain YAML: mappings, lists, texts", "mend the YAML at this line")
        )
        return None, problems
    return node, problems


def _events(text: str) -> Iterator[yaml.Event]:
    """Parser events, with syntax errors as `YamlProblem`."""
    count = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            count += 1
            if count > MAX_EVENTS:
                raise YamlProblem(f"more than {MAX_EVENTS} YAML items in one block", event.start_mark.line)
            yield event
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlProblem(f"not valid YAML: {error.problem or error.context}", mark.line if mark else 0) from None
    except yaml.YAMLError as error:
        raise YamlProblem(f"not valid YAML: {error}", 0) from None


def _document(events: Iterator[yaml.Event], first: int, file: str, problems: list[Problem]) -> Node | None:
    found: list[Node] = []
    for event in events:
        if isinstance(event, yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent | yaml.AliasEvent):
            if found:
                raise YamlProblem("a second YAML document in one block", event.start_mark.line)
            found.append(_node(event, events, first, file, problems, 0))
    return found[0] if found else None


def _node(
    event: yaml.Event, events: Iterator[yaml.Event], first: int, file: str, problems: list[Problem], depth: int
) -> Node:
    line = event.start_mark.line
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise YamlProblem("YAML anchors and aliases are not allowed", line)
    if getattr(event, "tag", None) not in (None, "!"):
        raise YamlProblem(f"YAML tags are not allowed ({event.tag})", line)
    if depth > MAX_DEPTH:
        raise YamlProblem(f"nested more than {MAX_DEPTH} deep", line)
    if isinstance(event, yaml.ScalarEvent):
        return Text(event.value, first + line, quoted=event.style in ("'", '"'))
    if isinstance(event, yaml.SequenceStartEvent):
        sequence = Sequence()
        sequence.line = first + line
        while not isinstance(inner := next(events), yaml.SequenceEndEvent):
            sequence.append(_node(inner, events, first, file, problems, depth + 1))
        return sequence
    mapping = Mapping()
    mapping.line = first + line
    while not isinstance(inner := next(events), yaml.MappingEndEvent):
        key = _node(inner, events, first, file, problems, depth + 1)
        if not isinstance(key, Text):
            raise YamlProblem("a key must be a plain text", inner.start_mark.line)
        value = _node(next(events), events, first, file, problems, depth + 1)
        if key in mapping:
            earlier = next(other.line for other in mapping if other == key)
            problems.append(
                Problem(
                    "key-twice",
                    f"{file}:{key.line}",
                    f"`{key}` is given twice",
                    "each key once",
                    "remove or rename one of the two",
                    other=f"{file}:{earlier}",
                )
            )
            continue
        mapping[key] = value
    return mapping
