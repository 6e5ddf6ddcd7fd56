"""Which servers are alive: each holds a lock on a file of its own, and the system lets it go however it ends.

Several servers may share one installation (a database and a folder). What a server was doing is taken up by
another as soon as its lock is free: no clock has to run out, and none that still works is robbed.
"""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SUFFIX = ".alive"

if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _lock(handle: int) -> None:
        while not _try_lock(handle):
            time.sleep(0.05)

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock of a file, waiting for whoever has it; the file stays."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(handle)
        yield
    finally:
        os.close(handle)


class Presence:
    """One server among those of an installation; `key` is its name as long as it lives."""

    def __init__(self, folder: Path) -> None:
        """Be alive from now on, in `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.key = folder, str(uuid.uuid4())
        self._handle = self._enter()

    def _enter(self) -> int:
        """Make one's file and lock it; anew, if another server found it before it was locked."""
        while True:
            handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
            _lock(handle)
            if self._file.exists() and os.path.samestat(os.fstat(handle), self._file.stat()):
                return handle
            os.close(handle)

    @property
    def _file(self) -> Path:
        return self.folder / f"{self.key}{SUFFIX}"

    def alive(self) -> frozenset[str]:
        """The keys of all that are alive; files of those that ended are taken away."""
        found = {self.key}
        for file in self.folder.glob(f"*{SUFFIX}"):
            if file.name == self._file.name:
                continue
            try:
                handle = os.open(file, os.O_RDWR)
            except OSError:  # another one has just taken it away
                continue
            try:
                ended = _try_lock(handle)
                if ended and sys.platform != "win32":  # while it is locked, so that nobody enters by it
                    file.unlink(missing_ok=True)
            finally:
                os.close(handle)
            if not ended:
                found.add(file.name.removesuffix(SUFFIX))
        return frozenset(found)

    def leave(self) -> None:
        """Be alive no more."""
        os.close(self._handle)
        self._file.unlink(missing_ok=True)
