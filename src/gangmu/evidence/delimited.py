"""CSV files: which encoding, which separator, then every cell as text.

Cells are never typed here: `007` stays `007`. UTF-8 (with or without its mark) and GB18030, which is what
Chinese accounting programs write, are told apart by decoding. A line that has too many or too few cells is
reported, not padded. Reading goes block by block, so that one endless cell is refused without being held in
memory.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv

from gangmu.errors import EvidenceError, Problem
from gangmu.evidence.limits import MAX_ROW_BYTES, check_size
from gangmu.evidence.quarantine import Rejected, shown
from gangmu.evidence.sheets import Sheet

_BLOCK = 1 << 20
_SEPARATORS = (",", ";", "\t")


def read_csv(path: Path, name: str, source: str) -> tuple[Sheet, list[Rejected]]:
    """Read a CSV file with a heading as texts.

    Rows of another width come back as rejected. Raises `EvidenceError`.
    """
    check_size(path)
    encoding = _encoding(path, source)
    first = _first_line(path, encoding, source)
    separator = max(_SEPARATORS, key=first.count)
    headers = next(csv.reader([first], delimiter=separator), [])
    if not any(header.strip() for header in headers):
        problem = Problem(
            "no-heading", f"{source} row 1", "the file has no heading", "column names", "add it"
        )
        raise EvidenceError(problem)
    names = [f"c{position}" for position in range(len(headers))]
    skipped: list[arrow_csv.InvalidRow] = []

    def skip(row: arrow_csv.InvalidRow) -> str:
        skipped.append(row)
        return "skip"

    reading = arrow_csv.ReadOptions(
        use_threads=False, column_names=names, skip_rows=1, encoding=encoding, block_size=MAX_ROW_BYTES
    )
    parsing = arrow_csv.ParseOptions(
        delimiter=separator, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=skip
    )
    table = _read(path, source, reading, parsing)
    missing = {row.number for row in skipped}
    last = table.num_rows + len(missing) + 1
    numbers = [number for number in range(2, last + 1) if number not in missing]
    rejected = [
        Rejected(name, source, row.number, "", shown(row.text), _width(row.actual_columns, len(headers)))
        for row in skipped
    ]
    return Sheet(name, source, tuple(headers), table, pa.array(numbers, pa.int64())), rejected


def _width(cells: int, expected: int) -> str:
    return f"has {cells} cells, the heading {expected}"


def _read(
    path: Path, source: str, reading: arrow_csv.ReadOptions, parsing: arrow_csv.ParseOptions
) -> pa.Table:
    texts = dict.fromkeys(reading.column_names, pa.string())
    converting = arrow_csv.ConvertOptions(column_types=texts, strings_can_be_null=True, null_values=[""])
    try:
        return arrow_csv.read_csv(path, reading, parsing, converting)
    except pa.ArrowInvalid as error:
        if "empty" in str(error).lower():
            return pa.table({name: pa.array([], kind) for name, kind in texts.items()})
        raise EvidenceError(_unreadable(path, source, str(error))) from None


def _unreadable(path: Path, source: str, message: str) -> Problem:
    """Say which line could not be read, having looked for one that is too long."""
    if "straddling" not in message and "block" not in message:
        return Problem(
            "csv-broken",
            source,
            f"it cannot be read as CSV: {message[:200]}",
            "one row a line, quotes in pairs",
        )
    line, length = max(_line_lengths(path), key=lambda pair: pair[1])
    return Problem(
        "cell-too-large",
        f"{source} line {line}",
        f"the line has {length:,} bytes",
        f"at most {MAX_ROW_BYTES:,} bytes a row and 32,767 characters a cell",
        "take the long text out of the table; check for a quotation mark that is never closed",
    )


def _line_lengths(path: Path) -> Iterator[tuple[int, int]]:
    """Length of each line, reading block by block."""
    line, length = 1, 0
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            *ended, rest = block.split(b"\n")
            for piece in ended:
                yield line, length + len(piece)
                line, length = line + 1, 0
            length += len(rest)
    yield line, length


def _encoding(path: Path, source: str) -> str:
    """`utf-8` or `gb18030`, the first that decodes the whole file. Raises `EvidenceError`."""
    with path.open("rb") as stream:
        mark = stream.read(4)
    if mark.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8", "gb18030"):
        if _decodes(path, encoding):
            return encoding
    raise EvidenceError(
        Problem(
            "encoding-unknown",
            source,
            "its text is neither UTF-8 nor GB18030",
            "UTF-8 (with or without its mark) or GB18030",
            "save it as 'CSV UTF-8' from the spreadsheet program",
        )
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                if b"\0" in block:
                    return False
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _first_line(path: Path, encoding: str, source: str) -> str:
    """The heading as text, without the byte order mark."""
    with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as stream:
        line = stream.readline(MAX_ROW_BYTES)
    if line.count('"') % 2:
        raise EvidenceError(
            Problem(
                "no-heading",
                f"{source} row 1",
                "a quotation mark in the heading is not closed on its line",
                "column names on one line",
                "write the column names on one line",
            )
        )
    return line.rstrip("\r\n")
