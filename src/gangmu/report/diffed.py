"""The comparison of two runs with what is at hand: the records, or rulebooks and evidence asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from gangmu.changes.attribute import Worlds, attribute
from gangmu.errors import GangmuError, Problem
from gangmu.evidence.cases import Evidence
from gangmu.report.compared_runs import Compared, compare_runs, differ
from gangmu.report.diff import DiffLine, DiffResult
from gangmu.report.result import Result
from gangmu.report.stored_run import StoredRun
from gangmu.rulebook import model

MOST_WORKED = 2_000  # answers of which it is worked out what moved them; a tenth of a second each
Read = Callable[[model.Rulebook, str | Path], Evidence]
# The digest of evidence, taken as that of a run was taken.
Digest = Callable[[model.Rulebook, str | Path, StoredRun], str]
Pair = tuple[StoredRun, StoredRun]


def diff_runs(  # noqa: PLR0913, PLR0917  two runs, and all that may be at hand
    pair: Pair, named: Sequence[model.Rulebook], shipped: Sequence[model.Rulebook],
    sources: Sequence[str | Path], read: Read, digest: Digest,
) -> DiffResult:  # fmt: skip
    """Compare two runs; `named` rulebooks and `sources` of evidence have to be those of a run.

    Raises `GangmuError` for a rulebook or evidence that belongs to neither.
    """
    compared = compare_runs(*pair)
    books = _books(pair, named, shipped)
    in_words = books[1] or books[0] or next(iter(shipped), None)
    found = _sources(pair, books, sources, digest)
    missing = [f"need rulebook {number}" for number in (0, 1) if books[number] is None]
    missing += [f"need evidence {number}" for number in (0, 1) if found[number] is None]
    one, two = books
    if missing or one is None or two is None or not compared.changed:
        lines = [DiffLine(changed) for changed in compared.changed]
        return DiffResult(compared, lines, in_words, tuple(missing))
    worlds = Worlds((one, two), _evidence((one, two), found, read), (pair[0].days(), pair[1].days()))
    lines = list(_worked(compared, worlds))
    cut = ("too many",) if len(lines) > MOST_WORKED else ()
    return DiffResult(compared, lines, in_words, cut)


def diff_results(
    pair: tuple[Result, Result], evidence: Mapping[tuple[int, int], Evidence], most: int = MOST_WORKED
) -> DiffResult:
    """Compare two results with all that made them at hand; `evidence` is by (book, evidence) of the pair.

    Of the first `most` answers that are others it is worked out what moved them.
    """
    one, two = (StoredRun("", each.table, each.record, each.names, each.rules) for each in pair)
    compared = compare_runs(one, two)
    worlds = Worlds((pair[0].book, pair[1].book), evidence, (one.days(), two.days()))
    return DiffResult(compared, list(_worked(compared, worlds, most)), pair[1].book)


def _worked(compared: Compared, worlds: Worlds, most: int = MOST_WORKED) -> Iterator[DiffLine]:
    last = ""
    for number, changed in enumerate(compared.changed):
        if changed.enterprise != last:
            worlds.forget()
            last = changed.enterprise
        if number < most:
            yield DiffLine(changed, attribute(worlds, changed.enterprise, changed.rule, changed.moved))
        else:
            yield DiffLine(changed)


def _books(
    pair: Pair, named: Sequence[model.Rulebook], shipped: Sequence[model.Rulebook]
) -> tuple[model.Rulebook | None, model.Rulebook | None]:
    """The rulebook of each run, by its digest."""
    digests = [run.text("rulebook_digest") for run in pair]
    problems = [
        Problem(
            "rulebook-other", book.name, f"its digest is {book.digest[:12]}, that of neither run",
            f"{' or '.join(digest[:12] for digest in dict.fromkeys(digests))}",
            "name the rulebook as it was, for example from a checkout of that day",
        )
        for book in named if book.digest not in digests
    ]  # fmt: skip
    if problems:
        raise GangmuError(problems)
    by_digest = {book.digest: book for book in (*shipped, *named)}
    return by_digest.get(digests[0]), by_digest.get(digests[1])


def _sources(
    pair: Pair, books: Sequence[model.Rulebook | None], sources: Sequence[str | Path], digest: Digest
) -> list[str | Path | None]:
    """The evidence of each run, by its digest as its own rulebook reads it."""
    found: list[str | Path | None] = [None, None]
    problems = []
    for source in sources:
        digests = []
        for number, (run, book) in enumerate(zip(pair, books, strict=True)):
            if book is None:
                continue
            digests.append(digest(book, source, run))
            if digests[-1] == run.text("evidence_digest"):
                found[number] = source
        if digests and source not in found:
            what = f"its facts are those of neither run (digest {_short(digests[0])})"
            todo = "name the evidence as it was read for a run, with the same --mapping"
            wanted = " or ".join(dict.fromkeys(_short(run.text("evidence_digest")) or "none" for run in pair))
            problems.append(Problem("evidence-other", str(source), what, wanted, todo))
    if problems:
        raise GangmuError(problems)
    if not differ((pair[0], pair[1]), "evidence_digest"):
        found = [found[0] or found[1], found[1] or found[0]]
    return found


def _short(digest: str) -> str:
    return digest.rpartition(":")[2][:12]


def _evidence(
    books: tuple[model.Rulebook, model.Rulebook], sources: Sequence[str | Path | None], read: Read
) -> dict[tuple[int, int], Evidence]:
    """Both bodies of evidence, read for either rulebook."""
    kept: dict[tuple[str, str], Evidence] = {}
    found = {}
    for law, book in enumerate(books):
        for number, source in enumerate(sources):
            if source is None:
                raise TypeError(sources)
            place = (book.digest, str(source))
            if place not in kept:
                kept[place] = read(book, source)
            found[law, number] = kept[place]
    return found
