"""SDMX messages as rows: SDMX-ML 2.1 and 3.0 (structure-specific and generic) and SDMX-CSV 1.0 and 2.0.

A message is read for what it says of each observation: its dimensions and attributes by their ids, its period
and value. Codes mean what a mapping says they mean, so no structure message is asked for and none is fetched.
`defusedxml` reads the XML: no entity is expanded, nothing outside is opened.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gangmu.errors import EvidenceError, Problem
from gangmu.plan.rows import read_text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element  # only its name: reading is defusedxml's

Fields = dict[str, str]

PERIOD, VALUE = "TIME_PERIOD", "OBS_VALUE"
MAX_OBSERVATIONS: Final = 1_000_000
_CSV_HEADS: Final = ("DATAFLOW", "STRUCTURE")  # the first heading of version 1.0, and of 2.0
_YEARLY: Final = re.compile(r"(\d{4})(?:-A1)?")
_MONTHLY: Final = re.compile(r"(\d{4})-M?(\d{2})")
_PARTS: Final = re.compile(r"(\d{4})-?([QST])([1-4])")
_MONTHS: Final = {"Q": 3, "S": 6, "T": 4}


def is_sdmx(path: Path) -> bool:
    """Whether a file is a message: XML, or CSV that begins as SDMX-CSV does."""
    if path.suffix.lower() == ".xml":
        return True
    first = read_text(path).lstrip().partition("\n")[0].split(",")[0].strip().strip('"')
    return first.partition("[")[0] in _CSV_HEADS


def read_message(path: Path) -> tuple[str, list[Fields]]:
    """The day on which the message was prepared (ISO, or empty), and its observations.

    Raises `EvidenceError` where the file is no such message.
    """
    if path.suffix.lower() != ".xml":
        table = csv.DictReader(io.StringIO(read_text(path), newline=""))
        rows = [{_bare(key): value or "" for key, value in line.items() if key} for line in table]
        return "", _checked(path, rows)
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root = fromstring(read_text(path))
    except (ParseError, DefusedXmlException, ValueError) as error:
        what = f"no SDMX-ML: {type(error).__name__}"
        raise EvidenceError(Problem("file-unreadable", path.name, what, "an SDMX-ML data message")) from error
    prepared = next((node.text or "" for node in root.iter() if _tag(node) == "Prepared"), "")
    return prepared[:10], _checked(path, list(_observations(root)))


def month_or_year(period: str) -> str | None:
    """A period of SDMX as a year or a month of ours (its last one); None for what is neither."""
    if found := _YEARLY.fullmatch(period):
        return found[1]
    if found := _MONTHLY.fullmatch(period):
        return f"{found[1]}-{found[2]}"
    if found := _PARTS.fullmatch(period):
        month = int(found[3]) * _MONTHS[found[2]]
        return f"{found[1]}-{month:02}" if month <= 12 else None  # noqa: PLR2004  months of a year
    return None


def _checked(path: Path, rows: list[Fields]) -> list[Fields]:
    if not rows or not all(PERIOD in row for row in rows):
        what = "no observation" if not rows else f"observations without {PERIOD}"
        raise EvidenceError(Problem("sdmx-empty", path.name, what, f"a data message with {PERIOD}, {VALUE}"))
    if len(rows) > MAX_OBSERVATIONS:
        what, expected = f"{len(rows):,} observations", f"at most {MAX_OBSERVATIONS:,}"
        raise EvidenceError(Problem("file-too-large", path.name, what, expected, "hand in a part"))
    return rows


def _observations(root: Element) -> Iterator[Fields]:
    """Every observation with what its data set, groups left out, and its series say of it."""
    for data in (node for node in root if _tag(node) == "DataSet"):
        above = {_bare(key): value for key, value in data.attrib.items() if "}" not in key}
        for node in data:
            if _tag(node) == "Obs":
                yield above | _fields(node)
            elif _tag(node) == "Series":
                own = above | _fields(node)
                for each in node:
                    if _tag(each) == "Obs":
                        yield own | _fields(each)


def _fields(node: Element) -> Fields:
    """Ids with their values: XML attributes (structure-specific) or `Value` elements (generic)."""
    found = {_bare(key): value for key, value in node.attrib.items()}
    for part in node:
        match _tag(part):
            case "ObsDimension":
                found[part.get("id", PERIOD)] = part.get("value", "")
            case "ObsValue":
                found[VALUE] = part.get("value", "")
            case "SeriesKey" | "ObsKey" | "Attributes":
                found |= {each.get("id", ""): each.get("value", "") for each in part}
    return found


def _tag(node: Element) -> str:
    return node.tag.rpartition("}")[2]


def _bare(name: str) -> str:
    """An id without the namespace of XML, or the label or brackets that SDMX-CSV may add."""
    return name.rpartition("}")[2].partition(":")[0].partition("[")[0].strip()
