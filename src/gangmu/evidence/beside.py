"""Write beside, then rename: a file is there whole or not at all, whatever interrupts."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gangmu.errors import EvidenceError, Problem


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Give a path beside `path` to write to; on success it takes the place of `path`, else it is removed.

    Raises `EvidenceError` if the place cannot be written to.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    except OSError as error:
        raise EvidenceError(_unwritable(path, error)) from None
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        beside.chmod(0o666 & ~_umask())
        beside.replace(path)
    except OSError as error:
        raise EvidenceError(_unwritable(path, error)) from None
    finally:
        beside.unlink(missing_ok=True)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def _unwritable(path: Path, error: OSError) -> Problem:
    reason = error.strerror or str(error)
    return Problem(
        "not-written", str(path), f"it cannot be written ({reason})", "a place to write to", "choose another"
    )
