"""The finished parts of a run, in a folder beside the file that is wanted, with what they are the answer to.

A part is written under another name and renamed when it is whole and on the disk, so whatever stands in the
folder is finished. `manifest.json` says which rulebook, evidence, day and rules the parts belong to: only a
run that asks the very same goes on from them.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from gangmu.errors import GangmuError, Problem

MANIFEST = "manifest.json"
SUFFIX = ".parts"
LOOK, FEW = 1 << 12, 1 << 7  # rows that are looked at, and how many numbers may be in them to count as few
ANSWERS, QUARANTINE, FINDINGS = "answers", "quarantine", "findings"


@dataclass(frozen=True)
class Folder:
    """The folder of a run; `manifest` is what is asked."""

    path: Path
    manifest: Mapping[str, object]

    def done(self, part: int) -> bool:
        """Whether a part is finished: its answers are put in place after all else of it."""
        return self.file(part, ANSWERS).exists()

    def file(self, part: int, what: str) -> Path:
        """Where a part's answers stand, or its quarantine, or its findings."""
        return self.path / f"{what}-{part:06d}.parquet"

    def files(self, parts: int, what: str) -> list[Path]:
        """Those of all parts that there are."""
        return [file for part in range(parts) if (file := self.file(part, what)).exists()]

    @contextmanager
    def kept_if_worth(self) -> Iterator[None]:
        """Whatever stops a run, the folder stays only if there is something in it to go on from."""
        try:
            yield
        except BaseException:
            if all(file.name == MANIFEST for file in self.path.iterdir()):
                self.remove()
            raise

    def remove(self) -> None:
        """Take it away."""
        shutil.rmtree(self.path)


def open_folder(output: Path, manifest: Mapping[str, object], *, resume: bool) -> Folder:
    """Make the folder of a run, or take up that of a stopped one. Raises `GangmuError`."""
    path = output.with_name(output.name + SUFFIX)
    with refusing(path):
        if not path.exists():
            path.mkdir()
            write_beside(path / MANIFEST, lambda to: to.write_text(_text(manifest), encoding="utf-8"))
        elif not resume:
            what = "a run that was stopped left its finished parts here"
            todo = "go on with --resume, or remove the folder"
            raise GangmuError(Problem("parts-left", str(path), what, todo=todo))
        else:
            _check(path, manifest)
        for half in path.glob(".*.half"):
            half.unlink()
    return Folder(path, manifest)


def _check(path: Path, manifest: Mapping[str, object]) -> None:
    """Refuse parts that answer another question."""
    try:
        old = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        old = None
    if not isinstance(old, Mapping):
        what, todo = "it has no manifest that can be read", "remove the folder and begin anew"
        raise GangmuError(Problem("parts-unreadable", str(path), what, todo=todo))
    asked = json.loads(_text(manifest))
    differ = [name for name in dict.fromkeys([*asked, *old]) if asked.get(name) != old.get(name)]
    if differ:
        what = f"its parts are the answer to another question: {', '.join(differ)} changed"
        other = "; ".join(
            f"{name} {_short(old.get(name))}, now {_short(asked.get(name))}" for name in differ[:3]
        )
        todo = "remove the folder and begin anew, or ask what was asked then"
        raise GangmuError(Problem("parts-other", str(path), what, todo=todo, other=other))


def _text(manifest: Mapping[str, object]) -> str:
    return json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _short(value: object, most: int = 60) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else f"{text[:most]}..."


# ---------------------------------------------------------------------- writing whole


def write_beside(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a file under another name; when it is on the disk, give it its own."""
    half = path.with_name(f".{path.name}.half")
    try:
        write(half)
        with half.open("rb") as file:
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def write_table(
    path: Path, table: pa.Table, notes: Mapping[str, str] | None = None, **options: object
) -> None:
    """Write a table as a Parquet file, all rows in one group, with `notes` as its metadata."""

    def write(to: Path) -> None:
        writer = parquet.ParquetWriter(to, table.schema, **_columns(table), **options)
        try:
            writer.write_table(table, row_group_size=max(1, table.num_rows))
            writer.add_key_value_metadata(dict(notes or {}))
            writer.close()
        except BaseException:
            with suppress(OSError):  # the footer of what is thrown away
                writer.close()
            raise

    write_beside(path, write)


def _columns(table: pa.Table) -> dict[str, object]:
    """Dictionaries for what is coded already and for numbers that repeat, and least and most of all else."""
    coded = [one.name for one in table.schema if pa.types.is_dictionary(one.type)]
    rest = [one.name for one in table.schema if not pa.types.is_dictionary(one.type)]
    numbers = [name for name in rest if pa.types.is_floating(table.schema.field(name).type)]
    few = [name for name in numbers if pc.count_distinct(table.column(name)[:LOOK]).as_py() <= FEW]
    return {"use_dictionary": [*coded, *few] or False, "write_statistics": rest or False}


@contextmanager
def refusing(where: Path) -> Iterator[None]:
    """Turn a disk that takes no more, or a folder that takes nothing, into one message."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        why = "the disk is full" if full else error.strerror or str(error)
        todo = "make room, then go on with --resume" if full else "choose a folder that can be written to"
        what = f"cannot be written: {why}"
        raise GangmuError(Problem("cannot-write", str(where), what, todo=todo)) from error
