"""YAML as texts that know their line, and nothing else.

No implicit types (`5%`, `no`, `2024-04-30` stay the texts that the author wrote), no aliases, anchors, tags
or duplicate keys: a rulebook is untrusted input. Built from parser events, so that depth and size are bounded
before anything is constructed.
"""

from __future__ import annotations

from typing import cast

import yaml

from gangmu.errors import Problem

MAX_DEPTH = 16
MAX_ITEMS = 400_000

_NO_TAGS = (None, "!")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Text(str):
    """A scalar as written; `line` is 1-based in its file."""

    __slots__ = ("line",)
    line: int

    def __new__(cls, value: str, line: int) -> Text:  # noqa: PYI034  no one derives from it
        """Make a text with its line."""
        text = str.__new__(cls, value)
        text.line = line
        return text


class Mapping(dict[Text, "Node"]):
    """A mapping; `line` is where it begins."""

    line: int = 0


class Sequence(list["Node"]):
    """A list; `line` is where it begins."""

    line: int = 0


Node = Text | Mapping | Sequence


def get(spec: Mapping, key: str) -> Node | None:
    """A key's node (keys compare as plain texts)."""
    return spec.get(cast("Text", key))


class YamlError(Exception):
    """The text is not YAML that a rulebook may contain."""

    def __init__(self, what: str, line: int) -> None:
        """Say what is wrong and on which line of the text."""
        super().__init__(what)
        self.what = what
        self.line = line


def read_yaml(text: str, file: str, first_line: int = 1) -> tuple[Node | None, list[Problem]]:
    """Read one YAML document; lines count from `first_line`.

    Returns the node (None if empty) and the problems.
    """
    problems: list[Problem] = []
    try:
        node = _Builder(text, file, first_line, problems).document()
    except YamlError as error:
        where, expected = f"{file}:{first_line + error.line}", "plain YAML: mappings, lists, texts"
        problems.append(Problem("yaml-invalid", where, error.what, expected, "mend the YAML at this line"))
        return None, problems
    return node, problems


class _Builder:
    """Builds the node of one block from its parser events."""

    def __init__(self, text: str, file: str, first: int, problems: list[Problem]) -> None:
        self.text, self.file, self.first, self.problems = text, file, first, problems
        self.items = 0

    def document(self) -> Node | None:
        """The one document; syntax errors become `YamlError`."""
        found: Node | None = None
        try:
            self.next = _LOADER(self.text).get_event
            while not isinstance(event := self.next(), yaml.StreamEndEvent):
                if isinstance(event, yaml.NodeEvent):
                    if found is not None:
                        raise YamlError("a second YAML document in one block", _line(event))
                    found = self.node(event, 0)
        except yaml.MarkedYAMLError as error:
            what, mark = error.problem or error.context, error.problem_mark or error.context_mark
            raise YamlError(f"not valid YAML: {what}", mark.line if mark else 0) from None
        except yaml.YAMLError as error:
            raise YamlError(f"not valid YAML: {error}", 0) from None
        return found

    def node(self, event: yaml.Event, depth: int) -> Node:
        """The node that begins with this event."""
        line = event.start_mark.line if event.start_mark else 0
        self.items += 1
        if self.items > MAX_ITEMS:
            raise YamlError(f"more than {MAX_ITEMS} YAML items in one block", line)
        if depth > MAX_DEPTH:
            raise YamlError(f"nested more than {MAX_DEPTH} deep", line)
        if not isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)):
            raise YamlError("YAML anchors and aliases are not allowed", line)
        if event.anchor or event.tag not in _NO_TAGS:
            raise _trick(event, line)
        if isinstance(event, yaml.ScalarEvent):
            return Text(event.value, self.first + line)
        make = self.sequence if isinstance(event, yaml.SequenceStartEvent) else self.mapping
        return make(line, depth + 1)

    def sequence(self, line: int, depth: int) -> Sequence:
        """A list, up to its end."""
        sequence = Sequence()
        sequence.line = self.first + line
        while type(inner := self.next()) is not yaml.SequenceEndEvent:
            sequence.append(self.node(inner, depth))
        return sequence

    def mapping(self, line: int, depth: int) -> Mapping:
        """A mapping, up to its end; of a key given twice the first counts."""
        mapping = Mapping()
        mapping.line = self.first + line
        while type(inner := self.next()) is not yaml.MappingEndEvent:
            key = self.node(inner, depth)
            if not isinstance(key, Text):
                raise YamlError("a key must be a plain text", _line(inner))
            value = self.node(self.next(), depth)
            if key in mapping:
                self.refuse_twice(key, next(other.line for other in mapping if other == key))
            else:
                mapping[key] = value
        return mapping

    def refuse_twice(self, key: Text, earlier: int) -> None:
        """Put aside that a key is given twice."""
        where, what = f"{self.file}:{key.line}", f"`{key}` is given twice"
        todo, other = "remove or rename one of the two", f"{self.file}:{earlier}"
        self.problems.append(Problem("key-twice", where, what, "each key once", todo, other))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line if event.start_mark else 0


def _trick(event: yaml.ScalarEvent | yaml.CollectionStartEvent, line: int) -> YamlError:
    """What of an event the language does not have."""
    if event.anchor:
        return YamlError("YAML anchors and aliases are not allowed", line)
    return YamlError(f"YAML tags are not allowed ({event.tag})", line)
