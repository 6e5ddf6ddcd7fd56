"""What a long run has found so far, in a file: one line a sample and the engines that answered it.

The first line says the seed; every other with which code its engines answered. A run with the same seed and
file goes on where the last one ended, however it ended; what other code has answered is asked again, and the
table at the end adds up over the rest. Lines are only ever added; one that was cut short is left out and its
sample is run again.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.code import FAULTS, digests
from conformance.compare import Tally


class OtherRunError(Exception):
    """The file is of another seed."""


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
    code: Mapping[str, str]
    entries: list[Entry] = field(default_factory=list)
    hunts: dict[str, dict[str, bool]] = field(default_factory=dict)  # mutants caught, by engine
    outdated: int = 0  # lines left out, since the code is another

    @classmethod
    def of(cls, path: Path | None, seed: int, shape: Sequence[int]) -> Journal:
        """Open or begin. `shape`: programs and rows of a sample. Raises `OtherRunError`."""
        head: dict[str, object] = {"seed": seed, "shape": list(shape)}
        journal = cls(path, head, digests())
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
        for line in lines:
            journal._take(json.loads(line))
        return journal

    def _take(self, told: dict[str, Any]) -> None:
        """Count a line in, for those of its engines whose code is still the same."""
        code = told.pop("code")
        same = {engine for engine, digest in code.items() if self.code.get(engine) == digest}
        if "hunt" in told:
            if {"", told["hunt"], FAULTS} <= same:
                self.hunts[told["hunt"]] = told["caught"]
            return
        # what it says of differences it does not say by engine
        if "" not in same or (told["tally"]["differences"] and len(same) < len(code)):
            self.outdated += 1
            return
        self.outdated += len(same) < len(code)
        self.entries.append(_entry(told, same))

    def done(self, number: int) -> set[str]:
        """The engines that have answered a sample; the interpreter among them, if any has."""
        return {name for one in self.entries if one.number == number for name in ("", *one.engines)}

    def add(self, entry: Entry) -> None:
        """Count a sample in."""
        self.entries.append(entry)
        self._write(entry.engines, {**vars(entry), "tally": vars(entry.tally)})

    def hunted(self, engine: str, caught: dict[str, bool]) -> None:
        """Which mutants of an engine were caught."""
        self.hunts[engine] = caught
        self._write((engine, FAULTS), {"hunt": engine, "caught": caught})

    def _write(self, engines: Sequence[str], told: dict[str, object]) -> None:
        if self.path is not None:
            code = {engine: self.code[engine] for engine in ("", *engines)}
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**told, "code": code}, ensure_ascii=False) + "\n")

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


def _entry(told: dict[str, Any], engines: set[str]) -> Entry:
    """A line as an entry, of some of its engines."""
    tally = dict(told["tally"])
    for key in ("verdicts", "operators", "kinds", "asked"):
        tally[key] = Counter(tally[key])
    for key in ("paths", "refused"):
        tally[key] = {engine: Counter(counts) for engine, counts in tally[key].items() if engine in engines}
    tally["asked"] = Counter({engine: n for engine, n in tally["asked"].items() if engine in engines})
    kept = tuple(engine for engine in told["engines"] if engine in engines)
    return Entry(told["number"], kept, Tally(**tally), tuple(told["shown"]))
