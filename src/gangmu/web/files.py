"""Uploads in files named by their content: written aside, put on the disk, then given their name.

A file that is there under its name is whole. A name from outside never becomes a path.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from gangmu.errors import GangmuError, Problem
from gangmu.web.shape import check_shape

SUFFIXES: Final = (".csv", ".xlsx", ".parquet")
ARRIVING: Final = ".arriving-"
UNCLAIMED: Final = 3_600  # seconds after which a file that no entry names is taken away


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


@dataclass(frozen=True)
class Shelf:
    """Where uploads lie; `key` is the server that writes: nobody takes away what arrives at another."""

    folder: Path
    key: str
    max_bytes: int
    max_rows: int
    max_columns: int

    async def keep(self, name: str, parts: AsyncIterator[bytes]) -> dict[str, Any]:
        """Write down what arrives; digest, name and size. Nothing stays of an upload that breaks off.

        Raises `TooLargeError` as soon as too many bytes came, `GangmuError` for a table that has too many
        rows or columns.
        """
        plain = check_name(name)
        digest, size = hashlib.sha256(), 0
        handle, aside = tempfile.mkstemp(dir=self.folder, prefix=f"{ARRIVING}{self.key}-")
        try:
            with os.fdopen(handle, "wb") as file:
                async for part in parts:
                    size += len(part)
                    if size > self.max_bytes:
                        raise too_large(self.max_bytes)
                    digest.update(part)
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            key = digest.hexdigest()
            await run_in_threadpool(check_shape, Path(aside), plain, self.max_rows, self.max_columns)
            _settle(Path(aside), place(self.folder, key, plain))
        finally:
            Path(aside).unlink(missing_ok=True)  # noqa: ASYNC240  one call of the local disk
        return {"digest": key, "name": plain, "size": size}

    def sweep(self, alive: Callable[[], Collection[str]], claimed: Callable[[], Collection[str]]) -> None:
        """Take away what arrived half at servers that have ended, and old files that no entry claims.

        Both are asked after the files are listed: `alive` for keys of servers, `claimed` for digests.
        """
        half, whole = [*self.folder.glob(f"{ARRIVING}*")], [*self.folder.glob("??/*")]
        keys = tuple(alive())
        for aside in half:
            if not aside.name.removeprefix(ARRIVING).startswith(keys):
                aside.unlink(missing_ok=True)
        old, digests = time.time() - UNCLAIMED, claimed()
        for file in whole:
            if file.stem not in digests and file.stat().st_mtime < old:
                file.unlink(missing_ok=True)


def _settle(aside: Path, target: Path) -> None:
    """Give a file its name. One that is there already stays: a run may be reading it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(aside, target)
    except FileExistsError:
        os.utime(target)  # as young as its newest upload: its entry is still to come
        return
    except OSError:  # a disk that knows no links
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
