"""What a long run has found so far, in a file: one line a sample and the engines that answered it.

The first line says the seed and what code was run. A run with the same seed, code and file goes on where the
last one ended, however it ended, and the table at the end adds up over all of them. Lines are only ever
added; one that was cut short is left out and its sample is run again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.compare import Tally
from gangmu import engine, rulebook

CODE = (Path(engine.__file__).parent, Path(rulebook.__file__).parent, Path(__file__).parent)


class OtherRunError(Exception):
    """The file is of another seed or of other code."""


def digest() -> str:
    """What the code of the engines, of the rulebooks' language and of this suite comes to."""
    found = hashlib.sha256()
    for folder in CODE:
        for path in sorted(folder.rglob("*.py")):
            found.update(path.relative_to(folder.parent).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:16]


@dataclass(frozen=True)
class Entry:
    """What came of a sample on some engines."""

    number: int
    engines: tuple[str, ...]
    tally: Tally
    shown: tuple[str, ...] = ()


@dataclass
class Journal:
    """The entries of a file, and the file to add to; none: they are kept in memory alone."""

    path: Path | None
    head: dict[str, object]
    entries: list[Entry] = field(default_factory=list)

    @classmethod
    def of(cls, path: Path | None, seed: int, shape: Sequence[int]) -> Journal:
        """Open or begin. `shape`: programs and rows of a sample. Raises `OtherRunError`."""
        head: dict[str, object] = {"seed": seed, "shape": list(shape), "code": digest()}
        journal = cls(path, head)
        if path is None:
            return journal
        if not path.exists():
            path.write_text(json.dumps(head) + "\n", encoding="utf-8")
            return journal
        whole = path.read_bytes()
        kept = whole[: whole.rfind(b"\n") + 1]
        first, *lines = kept.decode().splitlines() or [""]
        told = json.loads(first or "{}")
        if told != head:
            raise OtherRunError(f"{path} is of another run: {told}, not {head}; name another file")
        if kept != whole:
            os.truncate(path, len(kept))
        journal.entries += [_entry(json.loads(line)) for line in lines]
        return journal

    def done(self, number: int) -> set[str]:
        """The engines that have answered a sample; the interpreter among them, if any has."""
        return {name for one in self.entries if one.number == number for name in ("", *one.engines)}

    def add(self, entry: Entry) -> None:
        """Count a sample in."""
        self.entries.append(entry)
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**vars(entry), "tally": vars(entry.tally)}, ensure_ascii=False) + "\n")

    def tally(self) -> Tally:
        """All of it; a sample that was run twice, for different engines, counts once but for those."""
        whole, met = Tally(), set[int]()
        for one in self.entries:
            again = Tally(asked=one.tally.asked, paths=one.tally.paths, refused=one.tally.refused,
                          differences=one.tally.differences)  # fmt: skip
            whole.add(again if one.number in met else one.tally)
            met.add(one.number)
        return whole

    def shown(self) -> Iterator[str]:
        """The differences that were told."""
        for one in self.entries:
            yield from one.shown


def _entry(told: dict[str, Any]) -> Entry:
    tally = dict(told["tally"])
    for key in ("verdicts", "operators", "kinds", "asked"):
        tally[key] = Counter(tally[key])
    for key in ("paths", "refused"):
        tally[key] = {engine: Counter(counts) for engine, counts in tally[key].items()}
    return Entry(told["number"], tuple(told["engines"]), Tally(**tally), tuple(told["shown"]))
