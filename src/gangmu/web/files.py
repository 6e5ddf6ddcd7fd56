"""Uploads in files named by their content: written aside, put on the disk, then given their name.

A file that is there under its name is whole. A name from outside never becomes a path.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from gangmu.errors import GangmuError, Problem

SUFFIXES = (".csv", ".xlsx", ".parquet")


class TooLargeError(GangmuError):
    """More bytes than the installation takes."""


def plain_name(name: str) -> str:
    """The last part of a name, whatever system wrote it."""
    return PureWindowsPath(PurePosixPath(name).name).name[:200]


def check_name(name: str) -> str:
    """The name of a table that can be read. Raises `GangmuError`."""
    plain = plain_name(name)
    if Path(plain).suffix.lower() not in SUFFIXES:
        what = f"`{plain or 'the file'}` is no table that can be read here"
        raise GangmuError(Problem("file-kind", "file", what, ", ".join(SUFFIXES), "save it as one of these"))
    return plain


async def keep(folder: Path, name: str, parts: AsyncIterator[bytes], limit: int) -> dict[str, Any]:
    """Write what arrives into `folder`; digest, name and size. Nothing stays of an upload that breaks off.

    Raises `TooLargeError` as soon as more than `limit` bytes came.
    """
    plain = check_name(name)
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  one call of the local disk
    digest, size = hashlib.sha256(), 0
    handle, aside = tempfile.mkstemp(dir=folder, prefix=".arriving-")
    try:
        with os.fdopen(handle, "wb") as file:
            async for part in parts:
                size += len(part)
                if size > limit:
                    raise too_large(limit)
                digest.update(part)
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        key = digest.hexdigest()
        _settle(Path(aside), place(folder, key, plain))
    finally:
        Path(aside).unlink(missing_ok=True)  # noqa: ASYNC240  as above
    return {"digest": key, "name": plain, "size": size}


def _settle(aside: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    aside.replace(target)
    if os.name == "posix":  # the name itself is on the disk only when its folder is
        handle = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def too_large(limit: int) -> TooLargeError:
    """The error for an upload of more than `limit` bytes."""
    what = f"the upload is larger than {limit >> 20:,} MiB"
    return TooLargeError(
        Problem("file-large", "file", what, "a smaller file", "use Parquet, or the command line")
    )


def place(folder: Path, digest: str, name: str) -> Path:
    """Where the content with this digest lies; the suffix says how to read it."""
    return folder / digest[:2] / f"{digest}{Path(name).suffix.lower()}"


def sweep(folder: Path) -> None:
    """Take away what arrived half before the last stop."""
    if folder.is_dir():
        for aside in folder.glob(".arriving-*"):
            aside.unlink(missing_ok=True)
