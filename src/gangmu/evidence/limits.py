"""How large evidence may be, and the checks that stand before anything is unpacked.

Each limit is a constant with its reason. A file is measured before it is opened, an `.xlsx` is judged by
its table of contents before a member of it is unpacked: what is refused has cost nothing.
"""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from gangmu.errors import EvidenceError, Problem

MAX_FILE_BYTES = 1 << 30  # 1 GiB: larger evidence belongs into a database
MAX_CELL_CHARS = 32_767  # what a cell of Excel can hold
MAX_ROW_BYTES = 16 << 20  # a line of a CSV file
MAX_XLSX_BYTES = 512 << 20  # all members of a workbook, unpacked
MAX_XLSX_RATIO = 200  # unpacked to packed, of one member; office files stay below 50
MIN_BOMB_BYTES = 1 << 20  # a member smaller than this may be packed as tightly as it likes
MAX_XLSX_MEMBERS = 10_000
MAX_XLSX_ROWS = 5_000_000


def check_size(path: Path) -> None:
    """Refuse a file over `MAX_FILE_BYTES`. Raises `EvidenceError`."""
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise EvidenceError(
            Problem(
                "file-too-large",
                path.name,
                f"the file has {size:,} bytes",
                f"at most {MAX_FILE_BYTES:,} bytes",
                "split it, or load it into a DuckDB file or a database and name that",
            )
        )


def check_workbook(path: Path) -> None:
    """Refuse an `.xlsx` that is no ZIP archive, unpacks to too much.

    Or holds paths or links that lead outside.

    Only the table of contents and the small relation files are read. Raises `EvidenceError`.
    """
    check_size(path)
    try:
        with zipfile.ZipFile(path) as archive:
            faults = _faults(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise EvidenceError(
            Problem(
                "workbook-broken",
                path.name,
                f"it is no workbook that can be opened ({error})",
                "an .xlsx file without a password",
                "save it again from the spreadsheet program",
            )
        ) from None
    if faults:
        todo = "do not open it with a spreadsheet program either; ask the sender for a clean copy"
        raise EvidenceError(
            [Problem("workbook-unsafe", path.name, what, expected, todo) for what, expected in faults]
        )


def _faults(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """What is wrong with an archive, each with what was expected."""
    members = archive.infolist()
    if len(members) > MAX_XLSX_MEMBERS:
        return [(f"it holds {len(members):,} members", f"at most {MAX_XLSX_MEMBERS:,}")]
    faults = []
    total = sum(member.file_size for member in members)
    if total > MAX_XLSX_BYTES:
        faults.append((f"it unpacks to {total:,} bytes", f"at most {MAX_XLSX_BYTES:,}"))
    for member in members:
        ratio = member.file_size / max(member.compress_size, 1)
        if member.file_size > MIN_BOMB_BYTES and ratio > MAX_XLSX_RATIO:
            faults.append(
                (f"{member.filename} unpacks to {ratio:,.0f} times its size", f"at most {MAX_XLSX_RATIO}")
            )
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts:
            faults.append((f"the member name {member.filename!r} leads outside", "names inside the workbook"))
        if "externalLinks" in path.parts:
            faults.append((f"{member.filename} links to another workbook", "no external links"))
    return faults or _declared_entities(archive)


def _declared_entities(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """XML members that declare a document type: the way to entity bombs, and in no file that Excel writes."""
    faults = []
    for member in archive.infolist():
        if not member.filename.endswith((".xml", ".rels")):
            continue
        with archive.open(member) as stream:
            start = stream.read(4096)
        if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
            faults.append((f"{member.filename} declares a document type", "plain XML without DOCTYPE"))
    return faults
