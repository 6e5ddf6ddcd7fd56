"""What is kept between runs, to save time and nothing else: a private folder, trusted only where it is ours.

A file counts only if it is a regular file that this user owns and no other may write; anything else is as if
it were not there. Files are written whole and read by their owner only. A folder that cannot be written costs
time, never an answer. The oldest files give way, so that the folder stays small.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

MAX_BYTES = 256 * 2**20  # of one file


def folder(kind: str) -> Path:
    """Where things of a kind are kept: under `GANGMU_CACHE`, else under the user's cache folder."""
    told = os.environ.get("GANGMU_CACHE")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gangmu"
    return (Path(told) if told else home) / kind


def read(path: Path) -> bytes | None:
    """What was kept, or None if there is nothing that this user alone can have written."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    except OSError:
        return None
    try:
        with open(handle, "rb") as file:  # noqa: PTH123  of an open handle, so that what is looked at is what is read
            return file.read() if _is_ours(os.fstat(handle)) else None
    except OSError:
        return None


def _is_ours(found: os.stat_result) -> bool:
    if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_BYTES:
        return False
    if not hasattr(os, "geteuid"):  # Windows: the user's cache folder is the user's own
        return True
    others = stat.S_IWGRP | stat.S_IWOTH
    return found.st_uid == os.geteuid() and not found.st_mode & others


def write(path: Path, content: bytes, most: int) -> None:
    """Keep something; once its folder has more than `most` files, the oldest quarter goes."""
    import tempfile

    temporary = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            temporary = Path(file.name)
            file.write(content)
        temporary.replace(path)
        temporary = None
        _thin(path.parent, most)
    except OSError:
        return
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _thin(place: Path, most: int) -> None:
    """Remove the oldest files beyond three quarters of `most`, if there are more than `most`."""
    kept = list(place.iterdir())
    if len(kept) <= most:
        return
    oldest = sorted(kept, key=lambda path: path.lstat().st_mtime)
    for path in oldest[: len(kept) - most * 3 // 4]:
        path.unlink(missing_ok=True)
