"""Write beside, then rename: a reader sees the old file or the new one, never half of either."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from gangmu.errors import GangmuError, Problem


def write_whole(path: Path, write: Callable[[Path], object]) -> Path:
    """Let `write` fill a temporary file beside `path`, then put it in its place.

    If `write` fails or is stopped, the temporary file goes and an older `path` stays as it was. Raises
    `GangmuError` where the folder cannot be written to.
    """
    temporary = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        write(temporary)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        why = error.strerror or str(error)
        todo = "choose a folder that exists and can be written to"
        raise GangmuError(
            Problem("cannot-write", str(path), f"cannot be written: {why}", todo=todo)
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return path


def _umask() -> int:
    """The mask of new files (mkstemp makes files that only their owner reads)."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
