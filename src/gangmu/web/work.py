"""Background work: portfolios are worked out one after another, in a process of their own.

What waits stands in the database. A run that was cut off waits again at the next start, and goes on from the
parts that are done; after three attempts it has failed.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from gangmu.errors import GangmuError
from gangmu.web.files import place
from gangmu.web.render import plain
from gangmu.web.site import Site
from gangmu.web.store import tables
from gangmu.web.store.database import now

ATTEMPTS = 3
_LOOK = 0.5  # seconds between looks at how far a run is
_IDLE = 30.0
_METHOD = multiprocessing.get_context("spawn")


class Worker:
    """A thread that starts one process at a time."""

    def __init__(self, site: Site) -> None:
        """Nothing runs before `start`."""
        self.site = site
        self._woken, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread()

    def start(self) -> None:
        """Go on where the last stop cut off."""
        table = tables.portfolios
        with self.site.database.begin() as connection:
            connection.execute(update(table).where(table.c.state == "running").values(state="waiting"))
        self._over.clear()
        self._thread = threading.Thread(target=self._go_on, name="portfolios", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that something waits."""
        self._woken.set()

    def stop(self) -> None:
        """Stop after the present look; a run goes on at the next start."""
        self._over.set()
        self._woken.set()
        self._thread.join(timeout=10)

    def _go_on(self) -> None:
        while not self._over.is_set():
            waiting = self._next()
            if waiting is None:
                if not self._over.is_set():
                    self._woken.wait(_IDLE)
                self._woken.clear()
            else:
                self._run(waiting)

    def _next(self) -> Mapping[str, Any] | None:
        table, files = tables.portfolios, tables.files
        with self.site.database.begin() as connection:
            asked = (
                select(table, files.c.digest, files.c.name.label("file_name"))
                .join_from(table, files, table.c.file == files.c.id)
                .where(table.c.state == "waiting")
                .order_by(table.c.made)
                .limit(1)
            )
            row = connection.execute(asked).mappings().first()
            if row is None:
                return None
            attempts = row["attempts"] + 1
            values: dict[str, Any] = {"state": "running", "attempts": attempts}
            if attempts > ATTEMPTS:
                problem = {
                    "code": "work-stopped",
                    "where": row["file_name"],
                    "what": f"stopped {ATTEMPTS} times",
                }
                values = {"state": "failed", "problems": [problem], "ended": now()}
            connection.execute(update(table).where(table.c.id == row["id"]).values(values))
        return dict(row) if attempts <= ATTEMPTS else self._next()

    def _run(self, row: Mapping[str, Any]) -> None:
        settings = self.site.settings
        source = place(settings.files, row["digest"], row["file_name"])
        told = settings.results / f"{row['id']}.told.json"
        told.unlink(missing_ok=True)
        task = (
            row["book"],
            source.as_posix(),
            answers_of(settings.results, row["id"]).as_posix(),
            row["as_of"],
            row["rules"],
            told.as_posix(),
            row["file_name"],
        )
        process = _METHOD.Process(target=work_out, args=task, daemon=True)
        process.start()
        while process.is_alive():
            process.join(_LOOK)
            if self._over.is_set():
                process.terminate()
                process.join(5)
                return
            self._tell(row["id"], _read(told), ended=False)
        found = _read(told)
        if "state" not in found:
            problem = {
                "code": "work-broken",
                "where": row["file_name"],
                "what": f"the run ended with code {process.exitcode}",
            }
            found = {
                "state": "waiting" if row["attempts"] + 1 < ATTEMPTS else "failed",
                "problems": [problem],
            }
        self._tell(row["id"], found, ended=True)
        told.unlink(missing_ok=True)

    def _tell(self, key: str, found: Mapping[str, Any], *, ended: bool) -> None:
        wanted = ("state", "done", "total", "problems", "summary") if ended else ("done", "total")
        values = {name: found[name] for name in wanted if name in found}
        if ended and values.get("state") != "waiting":
            values["ended"] = now()
        if values:
            with self.site.database.begin() as connection:
                connection.execute(
                    update(tables.portfolios).where(tables.portfolios.c.id == key).values(values)
                )


def answers_of(results: Path, key: str) -> Path:
    """Where the answers of a portfolio lie."""
    return results / f"{key}.parquet"


def _read(told: Path) -> dict[str, Any]:
    try:
        found = json.loads(told.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


# -------------------------------------------------------------------------------------------- in the process


def work_out(  # noqa: PLR0913, PLR0917  a process is handed plain values
    book: str, source: str, answers: str, as_of: str, rules: list[str], told: str, name: str
) -> None:
    """Work one portfolio out and say how far it is in the file `told` (in a process of its own).

    Problems name the file `name`, as it was sent: where it lies is nobody's business.
    """
    end_with_parent()
    from gangmu.book import load

    state: dict[str, Any] = {"done": 0, "total": 0}

    def tell(**values: object) -> None:
        state.update(values)
        aside = Path(f"{told}.aside")
        aside.write_text(json.dumps(plain(state), ensure_ascii=False), encoding="utf-8")
        aside.replace(told)

    def total(rows: int) -> None:
        tell(total=rows)

    def advance(rows: int = 1) -> None:
        tell(done=min(state["done"] + rows, state["total"] or state["done"] + rows))

    try:
        chosen = load(book)
        asked = rules or None
        if source.endswith(".parquet"):
            chosen.assess_into(source, answers, as_of, asked, resume=True, total=total, advance=advance)
            problems: list[object] = []
        else:
            evidence = chosen.read(source)
            total(len(evidence))
            result = chosen.assess(evidence, as_of, asked)
            result.write(answers)
            problems = called([*result.quarantine[:100], *result.notes[:20]], Path(source), name)
        tell(state="done", done=state["total"], problems=problems, summary=summary_of(Path(answers)))
    except GangmuError as error:
        tell(state="failed", problems=called(error.problems[:50], Path(source), name))


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

    file = pq.ParquetFile(answers)
    counts: dict[str, Counter[str]] = {}
    numbers: dict[str, dict[str, float]] = {}
    names = [name.removesuffix(".status") for name in file.schema_arrow.names if name.endswith(".status")]
    for name in names:
        column = file.read([f"{name}.status"]).column(0)
        counts[name] = Counter(
            {str(one["values"]): one["counts"] for one in pc.value_counts(column).to_pylist()}
        )
        if f"{name}.low" in file.schema_arrow.names:
            values = file.read([name]).column(0).drop_null()
            if len(values):
                cuts = pc.quantile(values.cast("float64"), [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1]).to_pylist()
                numbers[name] = dict(
                    zip(("min", "p10", "p25", "p50", "p75", "p90", "max"), cuts, strict=True)
                )
    return {
        "rows": file.metadata.num_rows,
        "counts": {name: dict(found) for name, found in counts.items()},
        "numbers": numbers,
    }
