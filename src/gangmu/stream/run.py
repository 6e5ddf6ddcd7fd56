"""Part by part: read, assess, write; several parts at a time, each in memory only while it is worked on.

Whatever stops a run (Ctrl-C, a full disk) leaves finished parts and nothing half: the file that is wanted is
put in its place at the very end, by a rename.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from gangmu.engine.outcomes import STATUS
from gangmu.errors import GangmuError, Problem
from gangmu.evidence.cases import Evidence
from gangmu.evidence.parts import Parts, Whole, cut
from gangmu.evidence.quarantine import Rejected, quarantine_table
from gangmu.evidence.read import read_part
from gangmu.report.result import METADATA, CaseFinding, Result
from gangmu.rulebook.model import ROOT
from gangmu.stream.folder import (
    ANSWERS,
    FINDINGS,
    QUARANTINE,
    Folder,
    open_folder,
    refusing,
    write_beside,
    write_table,
)
from gangmu.stream.join import join

WORKERS = 2
FILES = "files:"  # before a digest of files as they are
FORMAT = 1
MADE = "gangmu.made"  # in a part's metadata: how its answers were come by
# Keys and doubles are too many for a dictionary. Readers shall find texts, not the codes that stand for them.
ENCODING = {"compression": "zstd", "store_schema": False}
_BLOCK = 1 << 22


@dataclass
class Streamed:
    """What a run gave: cases, statuses by column, what was set aside, and the files written."""

    output: Path
    cases: int = 0
    statuses: dict[str, Counter[str]] = field(default_factory=dict)
    quarantined: int = 0
    first: tuple[str, ...] = ()  # of what was set aside, as told to a person
    findings: int = 0
    beside: tuple[Path, ...] = ()
    notes: tuple[Problem, ...] = ()
    taken_up: int = 0  # parts that an earlier run had finished

    def to_dict(self) -> dict[str, object]:
        """Everything as plain data for JSON."""
        return {
            "written": str(self.output), "beside": [str(path) for path in self.beside], "cases": self.cases,
            "statuses": {name: dict(counted) for name, counted in self.statuses.items()},
            "quarantined": self.quarantined, "findings": self.findings,
            "notes": [str(note) for note in self.notes],
        }  # fmt: skip


def stream(  # noqa: PLR0913  what is asked, of what, and where it goes
    whole: Whole, output: Path, answer: Callable[[Evidence], Result], asked: Mapping[str, object], *,
    resume: bool = False, cases: int, total: Callable[[int], object] = lambda _: None,
    advance: Callable[[int], object] = lambda _: None,
) -> Streamed:  # fmt: skip
    """Assess evidence part by part into a Parquet file.

    `answer` assesses what fits in memory. `asked` says what is asked (it becomes the decision record, with
    the digest of the evidence); parts of a stopped run are taken up only if they were asked the same.
    `total` is called with the number of rows, `advance` with those of each piece of a part that is worked
    out (a part that is stopped before its end is worked out anew by the next run).

    Raises `GangmuError`.
    """
    manifest = {"format": FORMAT, "part_cases": cases, **asked, "evidence": _files(whole.files)}
    folder = open_folder(output, manifest, resume=resume)
    with folder.kept_if_worth(), refusing(folder.path):
        parts = cut(whole, folder.path, cases)
        total(sum(parts.rows))
        found = Streamed(
            output, notes=whole.notes, taken_up=sum(folder.done(part) for part in range(parts.count))
        )
        digests, stop = ThreadPoolExecutor(1), threading.Event()
        try:
            digest = digests.submit(digest_of_files, whole.files, stop)
            _work(whole, parts, folder, answer, advance)
            _check_unchanged(whole.files, manifest["evidence"])
            made = _made(folder.files(parts.count, ANSWERS))
            record = {**asked, "evidence_digest": digest.result(), **made}
        finally:
            stop.set()
            digests.shutdown(wait=False, cancel_futures=True)
    with refusing(output):
        _finish(folder, parts.count, output, record, found)
    folder.remove()
    return found


def _files(files: Sequence[Path]) -> list[list[object]]:
    """What shows that a file is the one that it was."""
    return [[file.name, (told := file.stat()).st_size, told.st_mtime_ns] for file in files]


def _check_unchanged(files: Sequence[Path], then: object) -> None:
    """Refuse where a file was written while it was read."""
    if _files(files) != then:
        what, todo = "it changed while it was read", "remove the parts and begin anew"
        raise GangmuError(Problem("evidence-changed", ", ".join(map(str, files)), what, todo=todo))


def digest_of_files(files: Sequence[Path], stop: threading.Event | None = None) -> str:
    """SHA-256 over the files as they are; it is not that of the same evidence read as a whole.

    Raises `StoppedError` once `stop` is set.
    """
    sha = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream_:
            while block := stream_.read(_BLOCK):
                _go_on(stop)
                sha.update(block)
    return f"{FILES}{sha.hexdigest()}"


# ---------------------------------------------------------------------- the parts


class StoppedError(Exception):
    """The run is stopped: what is not finished is left."""


def _go_on(stop: threading.Event | None) -> None:
    """Raise `StoppedError` if the run is stopped."""
    if stop is not None and stop.is_set():
        raise StoppedError


@dataclass(frozen=True)
class _Run:
    """What all parts of a run share; `kin` is what engines remember of parts before."""

    whole: Whole
    parts: Parts
    folder: Folder
    answer: Callable[[Evidence], Result]
    advance: Callable[[int], object]
    stop: threading.Event = field(default_factory=threading.Event)
    kin: dict[Any, Any] = field(default_factory=dict)


def _work(
    whole: Whole, parts: Parts, folder: Folder, answer: Callable[[Evidence], Result],
    advance: Callable[[int], object],
) -> None:  # fmt: skip
    """Work out what is not done; the others wait for the first, since it makes the code that all use."""
    ready = threading.Event()
    left = [part for part in range(parts.count) if not folder.done(part)]
    advance(sum(rows for part, rows in enumerate(parts.rows) if folder.done(part)))

    def one(part: int) -> None:
        if part != left[0]:
            ready.wait()
        try:
            _go_on(run.stop)
            _part(run, part)
        finally:
            ready.set()

    def answered(evidence: Evidence) -> Result:
        found = answer(evidence)
        ready.set()
        return found

    run = _Run(whole, parts, folder, answered, advance)
    pool = ThreadPoolExecutor(max(1, min(WORKERS, os.cpu_count() or 1)), "gangmu-parts")
    try:
        running = [pool.submit(one, part) for part in left]
        finished, _ = wait(running, return_when=FIRST_EXCEPTION)
        for future in finished:
            future.result()
    finally:
        run.stop.set()
        ready.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _part(run: _Run, part: int) -> None:
    """One part: its answers last, since they say that it is done."""
    aside: list[Rejected] = []
    told: list[CaseFinding] = []
    made: list[Mapping[str, object]] = []
    answers: list[pa.Table] = []
    names: tuple[str, ...] = ()
    for matched in run.parts.read(part):
        _go_on(run.stop)
        evidence = read_part(matched, run.whole.book, distinct=run.parts.distinct, kin=run.kin)
        result = run.answer(evidence)
        aside.extend(evidence.quarantine)
        told.extend(result.findings)
        made.append(result.record)
        answers.append(result.table.replace_schema_metadata(None))
        names = result.names
        run.advance(sum(len(item.sheet.rows) for item in matched if item.entity == ROOT))
    if aside:
        write_table(run.folder.file(part, QUARANTINE), quarantine_table(aside))
    if told:
        write_table(run.folder.file(part, FINDINGS), findings_table(told))
    table = _together(answers)
    counted = {name: _counts(table.column(f"{name}{STATUS}")) for name in names}
    write_table(run.folder.file(part, ANSWERS), table, {MADE: json.dumps([made, counted])}, **ENCODING)


def _together(tables: Sequence[pa.Table]) -> pa.Table:
    """Pieces under one another; where one has its texts as they are, so have all."""
    if len({table.schema for table in tables}) > 1:
        tables = [_decoded(table) for table in tables]
    return pa.concat_tables(tables).unify_dictionaries()


def _decoded(table: pa.Table) -> pa.Table:
    kinds = [
        pa.field(one.name, one.type.value_type if pa.types.is_dictionary(one.type) else one.type)
        for one in table.schema
    ]
    return table.cast(pa.schema(kinds))


def _counts(statuses: pa.ChunkedArray) -> Counter[str]:
    """How many rows have each status."""
    found: Counter[str] = Counter()
    for chunk in statuses.chunks:
        coded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
        counts = np.bincount(coded.indices.to_numpy(), minlength=len(coded.dictionary)).tolist()
        found.update({text: n for text, n in zip(coded.dictionary.to_pylist(), counts, strict=True) if n})
    return found


def findings_table(findings: Sequence[CaseFinding]) -> pa.Table:
    """What a person should look at, a row a finding."""
    rows = [{"enterprise": item.enterprise, **asdict(item.finding)} for item in findings]
    return pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in rows[0]})


# ---------------------------------------------------------------------- the end


def _made(files: Sequence[Path]) -> dict[str, object]:
    """How the answers of all parts were come by, as of one assessment."""
    engines: dict[str, None] = {}
    rows: Counter[str] = Counter()
    merged: dict[str, object] = {}
    for file in files:
        for told in _told(file)[0]:
            engines[told["engine"]] = None
            rows.update(told.get("engine_rows", {}))
            merged |= told
    if rows:
        merged["engine_rows"] = dict(rows)
    return {**merged, "engine": ", ".join(engines)}


def _finish(folder: Folder, parts: int, output: Path, record: Mapping[str, object], found: Streamed) -> None:
    """Put the parts together, and count what is in them."""
    notes = {METADATA.decode(): json.dumps(dict(record), ensure_ascii=False)}
    answers = folder.files(parts, ANSWERS)
    beside = []
    for what in (QUARANTINE, FINDINGS):
        files, target = folder.files(parts, what), output.with_suffix(f".{what}.parquet")
        if files:
            write_beside(target, partial(_joined, files, {}))
            beside.append(target)
            if what == QUARANTINE:
                _count_aside(files, found)
            else:
                found.findings = sum(parquet.ParquetFile(file).metadata.num_rows for file in files)
        else:
            target.unlink(missing_ok=True)  # of an earlier run into the same file
    found.beside = tuple(beside)
    write_beside(output, partial(_joined, answers, notes))
    _count(answers, found)


def _joined(files: Sequence[Path], notes: Mapping[str, str], to: Path) -> None:
    with to.open("wb") as file:
        join(files, file, notes)


def _count_aside(files: Sequence[Path], found: Streamed, shown: int = 5) -> None:
    first: list[str] = []
    for file in files:
        found.quarantined += parquet.ParquetFile(file).metadata.num_rows
        if len(first) < shown:
            rows = next(parquet.ParquetFile(file).iter_batches(shown)).to_pylist()
            first.extend(str(Rejected(**row)) for row in rows)
    found.first = tuple(first[:shown])


def _count(files: Sequence[Path], found: Streamed) -> None:
    """Cases, and statuses by column, as every part has counted them."""
    for file in files:
        found.cases += parquet.read_metadata(file).num_rows
        for name, counted in _told(file)[1].items():
            found.statuses.setdefault(name, Counter()).update(counted)


def _told(file: Path) -> tuple[list[dict[str, Any]], dict[str, dict[str, int]]]:
    """What a part says of itself: how its answers were come by, and its statuses by column."""
    made, counted = json.loads(parquet.read_metadata(file).metadata[MADE.encode()])
    return made, counted
