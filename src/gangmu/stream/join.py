"""Parquet files of one schema, put one behind the other without unpacking them.

The row groups of a file stand on their own; only its footer says where they are. So the bytes are copied,
and the footers become one, in which every place is moved by as much as its bytes were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from gangmu.stream.thrift import BINARY, I64, LIST, STRUCT, Field, Listed, Reader, Struct, field, written

MAGIC = b"PAR1"
_TAIL = 8  # the footer's length, and the magic
_PIECE = 1 << 22
_SCHEMA, _ROWS, _GROUPS, _NOTES = 2, 3, 4, 5  # of a file
_COLUMNS, _GROUP_PLACE, _ORDINAL = 1, 5, 7  # of a row group
_CHUNK_PLACE, _CHUNK, _OFFSETS, _INDEX = 2, 3, 4, 6  # of a column's chunk
_PLACES = (9, 10, 11, 14)  # of its metadata: data, index and dictionary pages, bloom filter
_ORDINALS = 1 << 15


def join(parts: Sequence[Path], to: BinaryIO, notes: Mapping[str, str]) -> None:
    """Write all parts as one file, with `notes` as its metadata in place of theirs.

    Raises `OSError`, and `ValueError` if a part is no Parquet file or their schemas differ.
    """
    to.write(MAGIC)
    whole: Struct | None = None
    groups: list[Struct] = []
    rows = 0
    for part in parts:
        footer, end = read_footer(part)
        shift = to.tell() - len(MAGIC)
        _copy(part, to, len(MAGIC), end)
        own = _list(footer, _GROUPS)
        for group in own.values:
            _move(group, shift)
        groups.extend(own.values)
        rows += _value(footer, _ROWS)
        if whole is None:
            whole = footer
        elif _list(whole, _SCHEMA) != _list(footer, _SCHEMA):
            raise ValueError(f"{part.name} has other columns than {parts[0].name}")
    if whole is None:
        raise ValueError("there are no parts")
    footer = _footer(whole, rows, groups, notes)
    data = written(footer)
    to.write(data + len(data).to_bytes(4, "little") + MAGIC)


def read_footer(path: Path) -> tuple[Struct, int]:
    """A file's footer, and where its row groups end."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _TAIL))
        tail = file.read()
        length = int.from_bytes(tail[:4], "little")
        start = size - _TAIL - length
        if tail[4:] != MAGIC or start < len(MAGIC):
            raise ValueError(f"{path.name} is no whole Parquet file")
        file.seek(start)
        return Reader(file.read(length)).struct(), start


def _footer(whole: Struct, rows: int, groups: list[Struct], notes: Mapping[str, str]) -> Struct:
    for place, group in enumerate(groups):
        ordinal = field(group, _ORDINAL)
        if ordinal is not None and place < _ORDINALS:
            ordinal.value = place
    if len(groups) >= _ORDINALS:
        groups = [[one for one in group if one.number != _ORDINAL] for group in groups]
    told = [[Field(1, BINARY, key.encode()), Field(2, BINARY, text.encode())] for key, text in notes.items()]
    kept = [one for one in whole if one.number not in (_ROWS, _GROUPS, _NOTES)]
    kept += [Field(_ROWS, I64, rows), Field(_GROUPS, LIST, Listed(STRUCT, groups))]
    if told:
        kept.append(Field(_NOTES, LIST, Listed(STRUCT, told)))
    return sorted(kept, key=lambda one: one.number)


def _move(group: Struct, shift: int) -> None:
    """Add to every place in a row group."""
    _add(group, (_GROUP_PLACE,), shift)
    for chunk in _list(group, _COLUMNS).values:
        _add(chunk, (_CHUNK_PLACE, _OFFSETS, _INDEX), shift)
        inner = field(chunk, _CHUNK)
        if inner is not None:
            _add(inner.value, _PLACES, shift)


def _add(fields: Struct, numbers: Sequence[int], shift: int) -> None:
    for one in fields:
        # a chunk's own place may be 0, which says that nobody filled it in
        if one.number in numbers and one.kind == I64 and one.value:
            one.value += shift


def _list(fields: Struct, number: int) -> Listed:
    found = field(fields, number)
    if found is None or not isinstance(found.value, Listed):
        raise ValueError("it is no footer of a Parquet file")
    return found.value


def _value(fields: Struct, number: int) -> int:
    found = field(fields, number)
    if found is None or not isinstance(found.value, int):
        raise ValueError("it is no footer of a Parquet file")
    return found.value


def _copy(part: Path, to: BinaryIO, start: int, end: int) -> None:
    """Copy bytes from a file."""
    with part.open("rb") as file:
        file.seek(start)
        left = end - start
        while left:
            piece = file.read(min(left, _PIECE))
            if not piece:
                raise OSError(f"{part.name} was cut short")
            to.write(piece)
            left -= len(piece)
