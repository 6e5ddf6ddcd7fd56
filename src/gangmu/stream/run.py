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
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from gangmu.engine.outcomes import GRADE, STATUS
from gangmu.evidence.cases import Evidence
from gangmu.evidence.parts import CASES, Parts, Whole, cut
from gangmu.evidence.quarantine import Rejected, quarantine_table
from gangmu.evidence.read import read_part
from gangmu.report.result import METADATA, CaseFinding, Result
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
FORMAT = 1
MADE = "gangmu.made"  # in a part's metadata: how its answers were come by
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
    taken_up: int = 0  # parts that an earlier run had finished


def stream(  # noqa: PLR0913  what is asked, of what, and where it goes
    whole: Whole, output: Path, answer: Callable[[Evidence], Result], asked: Mapping[str, object], *,
    resume: bool = False, cases: int = CASES, advance: Callable[[int], object] = lambda _: None,
) -> Streamed:  # fmt: skip
    """Assess evidence part by part into a Parquet file.

    `answer` assesses what fits in memory. `asked` says what is asked (it becomes the decision record, with
    the digest of the evidence); parts of a stopped run are taken up only if they were asked the same.
    `advance` is called with the number of rows of each finished part. Raises `GangmuError`.
    """
    manifest = {"format": FORMAT, "part_cases": cases, **asked, "evidence": _files(whole.files)}
    folder = open_folder(output, manifest, resume=resume)
    with refusing(folder.path):
        parts = cut(whole, folder.path, cases)
        found = Streamed(output, taken_up=sum(folder.done(part) for part in range(parts.count)))
        digests = ThreadPoolExecutor(1)
        try:
            digest = digests.submit(_digest, whole.files)
            _work(whole, parts, folder, answer, advance)
            made = _made(folder.files(parts.count, ANSWERS))
            record = {**asked, "evidence_digest": digest.result(), **made}
        finally:
            digests.shutdown(wait=False, cancel_futures=True)
    with refusing(output):
        _finish(folder, parts.count, output, record, found)
    folder.remove()
    return found


def _files(files: Sequence[Path]) -> list[list[object]]:
    """What shows that a file is the one that it was."""
    return [[file.name, (told := file.stat()).st_size, told.st_mtime_ns] for file in files]


def _digest(files: Sequence[Path]) -> str:
    """SHA-256 over the files as they are; it is not that of the same evidence read as a whole."""
    sha = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream_:
            while block := stream_.read(_BLOCK):
                sha.update(block)
    return f"files:{sha.hexdigest()}"


# ---------------------------------------------------------------------- the parts


def _work(
    whole: Whole, parts: Parts, folder: Folder, answer: Callable[[Evidence], Result],
    advance: Callable[[int], object],
) -> None:  # fmt: skip
    """Work out what is not done; the first part alone, since it makes the code that the others use."""
    stop = threading.Event()
    left = [part for part in range(parts.count) if not folder.done(part)]
    advance(sum(rows for part, rows in enumerate(parts.rows) if folder.done(part)))

    def one(part: int) -> None:
        if stop.is_set():
            return
        _part(whole, parts, folder, answer, part)
        advance(parts.rows[part])

    for part in left[:1]:
        one(part)
    pool = ThreadPoolExecutor(max(1, min(WORKERS, os.cpu_count() or 1)), "gangmu-parts")
    try:
        running = [pool.submit(one, part) for part in left[1:]]
        finished, _ = wait(running, return_when=FIRST_EXCEPTION)
        for future in finished:
            future.result()
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _part(whole: Whole, parts: Parts, folder: Folder, answer: Callable[[Evidence], Result], part: int) -> None:
    """One part: its answers last, since they say that it is done."""
    aside: list[Rejected] = []
    told: list[CaseFinding] = []
    made: list[Mapping[str, object]] = []

    def pieces() -> Iterator[pa.Table]:
        for matched in parts.read(part):
            evidence = read_part(matched, whole.book)
            result = answer(evidence)
            aside.extend(evidence.quarantine)
            told.extend(result.findings)
            made.append(result.record)
            yield result.table.replace_schema_metadata(None)
        if aside:
            write_table(folder.file(part, QUARANTINE), [quarantine_table(aside)])
        if told:
            write_table(folder.file(part, FINDINGS), [findings_table(told)])

    write_table(folder.file(part, ANSWERS), pieces(), lambda: {MADE: json.dumps(made)}, **ENCODING)


def findings_table(findings: Sequence[CaseFinding]) -> pa.Table:
    """What a person should look at, a row a finding."""
    columns: dict[str, list[object]] = {"enterprise": [item.enterprise for item in findings]}
    columns["finding"] = [str(item.finding) for item in findings]
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


# ---------------------------------------------------------------------- the end


def _made(files: Sequence[Path]) -> dict[str, object]:
    """How the answers of all parts were come by, as of one assessment."""
    engines: dict[str, None] = {}
    rows: Counter[str] = Counter()
    merged: dict[str, object] = {}
    for file in files:
        for told in json.loads(parquet.read_metadata(file).metadata[MADE.encode()]):
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
            write_beside(target, lambda to, files=files: _joined(files, to, {}))
            beside.append(target)
            if what == QUARANTINE:
                _count_aside(files, found)
            else:
                found.findings = sum(parquet.ParquetFile(file).metadata.num_rows for file in files)
        else:
            target.unlink(missing_ok=True)  # of an earlier run into the same file
    found.beside = tuple(beside)
    write_beside(output, lambda to: _joined(answers, to, notes))
    _count(output, found)


def _joined(files: Sequence[Path], to: Path, notes: Mapping[str, str]) -> None:
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


def _count(output: Path, found: Streamed) -> None:
    """Statuses by column, read back from the file."""
    file = parquet.ParquetFile(output, memory_map=True)
    found.cases = file.metadata.num_rows
    names = [name for name in file.schema_arrow.names if name.endswith(STATUS)]
    for name in names:
        counted: Counter[str] = Counter()
        for batch in file.iter_batches(CASES, columns=[name]):
            values = pc.value_counts(batch.column(0)).to_pylist()
            counted.update({one["values"]: one["counts"] for one in values})
        found.statuses[name.removesuffix(STATUS)] = counted
