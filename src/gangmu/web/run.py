"""One portfolio worked out, in a process of its own: how far it is, and what came out, stand in a file.

Whoever starts it may be killed at any moment, and so may this. What is finished is whole (parts, answers,
what is told: each is put in its place by a rename), and the next run of the portfolio goes on from there.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gangmu.errors import GangmuError
from gangmu.web.about import write_about
from gangmu.web.presence import alone
from gangmu.web.render import plain

if TYPE_CHECKING:
    from gangmu.book import Book

PARTS: Final = ".parts"
STALE: Final = frozenset(("parts-other", "parts-unreadable"))  # the rulebook or Gangmu changed meanwhile


@dataclass(frozen=True)
class Task:
    """A portfolio to be worked out: plain values, since another process is handed it."""

    key: str
    book: str  # a shipped rulebook's name, or a folder
    source: Path
    name: str  # of the source, as it was sent: where it lies is nobody's business
    as_of: str
    rules: tuple[str, ...]
    answers: Path
    told: Path
    part_cases: int


@dataclass
class Teller:
    """Says how far a run is, in a file that is always whole; the threads of a run share it."""

    told: Path
    state: dict[str, Any] = field(default_factory=lambda: {"done": 0, "total": 0})
    _one: threading.RLock = field(default_factory=threading.RLock)

    def tell(self, **values: object) -> None:
        """Say more."""
        with self._one:
            self.state.update(values)
            aside = self.told.with_name(f".{self.told.name}.half")
            aside.write_text(json.dumps(plain(self.state), ensure_ascii=False), encoding="utf-8")
            aside.replace(self.told)

    def total(self, rows: int) -> None:
        """How many rows there are; how many are done is told next."""
        self.state["total"] = rows

    def advance(self, rows: int = 1) -> None:
        """So many more are done."""
        with self._one:
            done = self.state["done"] + rows
            self.tell(done=min(done, self.state["total"] or done))


def work_out(task: Task) -> None:
    """Work a portfolio out, as the only one who does: a run whose server was killed may be about to end."""
    end_with_parent()
    with alone(task.answers.with_name(f".{task.key}.lock")):
        for left in _left(task):
            left.unlink(missing_ok=True)
        teller = Teller(task.told)
        try:
            problems = _assess(task, teller)
            write_about(task.source, task.answers)
            settle(task.answers)
            teller.tell(
                state="done", done=teller.state["total"], problems=problems, summary=summary_of(task.answers)
            )
        except GangmuError as error:
            teller.tell(state="failed", problems=called(error.problems[:50], task.source, task.name))


def _left(task: Task) -> list[Path]:
    """What an earlier run of the same portfolio left half, or told a server that has ended."""
    folder = task.answers.parent
    half = [file for file in folder.glob(f".{task.key}.*") if file.suffix != ".lock"]
    return [*half, *(file for file in folder.glob(f"{task.key}.*.told.json") if file != task.told)]


def _assess(task: Task, teller: Teller) -> list[Any]:
    """Write the answers; what was set aside. Raises `GangmuError`."""
    from gangmu.book import load

    book, asked = load(task.book), list(task.rules) or None
    if task.source.suffix == ".parquet":
        return _in_parts(task, teller, book, asked)
    evidence = book.read(task.source)
    teller.tell(total=len(evidence))
    result = book.assess(evidence, task.as_of, asked)
    result.write(task.answers)
    return called([*result.quarantine[:100], *result.notes[:20]], task.source, task.name)


def _in_parts(task: Task, teller: Teller, book: Book, asked: list[str] | None) -> list[Any]:
    """Go on from finished parts, unless they are answers to what is asked no more."""

    def assess() -> list[Any]:
        told = book.assess_into(
            task.source, task.answers, task.as_of, asked, resume=True, part_cases=task.part_cases,
            total=teller.total, advance=teller.advance,
        )  # fmt: skip
        return called(told.notes[:20], task.source, task.name)

    return anew_if_stale(task.answers, assess)


def anew_if_stale(answers: Path, assess: Callable[[], list[Any]]) -> list[Any]:
    """Begin anew where what an earlier run left belongs to another rulebook. Raises `GangmuError`."""
    try:
        return assess()
    except GangmuError as error:
        if error.problems[0].code not in STALE:
            raise
    shutil.rmtree(answers.with_name(answers.name + PARTS))
    return assess()


def settle(file: Path) -> None:
    """See that a file is on the disk, with its name."""
    for path in (file, file.parent) if os.name == "posix" else ():
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def end_with_parent() -> None:
    """End this process as soon as the one that started it has: whoever starts next begins alone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def called(problems: Iterable[object], source: Path, name: str) -> list[Any]:
    """Problems as plain data, in which the file has the name under which it was sent."""

    def rename(value: Any) -> Any:  # noqa: ANN401  JSON
        if isinstance(value, str):
            texts = ((str(source), name), (source.name, name), (source.stem, Path(name).stem))
            for lying, sent in texts:
                value = value.replace(lying, sent)
            return value
        if isinstance(value, dict):
            return {key: rename(item) for key, item in value.items()}
        return [rename(item) for item in value] if isinstance(value, list) else value

    return [rename(plain(one)) for one in problems]


def summary_of(answers: Path) -> dict[str, Any]:
    """How many enterprises have which status, rule by rule; the deciles of numbers."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from gangmu.web.sieve import counted

    file = pq.ParquetFile(answers)
    counts: dict[str, dict[str, int]] = {}
    numbers: dict[str, dict[str, float]] = {}
    names = [name.removesuffix(".status") for name in file.schema_arrow.names if name.endswith(".status")]
    for name in names:
        counts[name] = counted(file.read([f"{name}.status"]).column(0))
        if f"{name}.low" in file.schema_arrow.names:
            values = file.read([name]).column(0).drop_null()
            if len(values):
                cuts = pc.quantile(values.cast("float64"), [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1]).to_pylist()
                numbers[name] = dict(
                    zip(("min", "p10", "p25", "p50", "p75", "p90", "max"), cuts, strict=True)
                )
    return {"rows": file.metadata.num_rows, "counts": counts, "numbers": numbers}
