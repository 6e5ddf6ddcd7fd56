"""Background work: portfolios are worked out one after another, in a process of their own.

A run that was cut off goes on from the parts that are done, at this server's next start or at another server.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import shutil
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from gangmu.errors import GangmuError, Problem
from gangmu.web.files import UNCLAIMED, place
from gangmu.web.queue import ATTEMPTS, claim, failed, take_up
from gangmu.web.render import plain
from gangmu.web.run import PARTS, Task, work_out
from gangmu.web.site import Site
from gangmu.web.store import tables
from gangmu.web.store.database import now

_LOOK = 0.25  # seconds between looks at how far a run is
_IDLE = 2.0  # seconds after which a server looks whether another one has ended
_METHOD = multiprocessing.get_context("spawn")
_TABLE = tables.portfolios
_LOG = logging.getLogger("gangmu.web")


class Worker:
    """A thread that starts one process at a time."""

    def __init__(self, site: Site) -> None:
        """Nothing runs before `start`."""
        self.site, self.key = site, site.presence.key
        self._woken, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread()

    def start(self) -> None:
        """Go on where servers that have ended were cut off."""
        sweep(self.site)
        self._over.clear()
        self._thread = threading.Thread(target=self._go_on, name="portfolios", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that something waits."""
        self._woken.set()

    def stop(self) -> None:
        """Stop after the present look; a run goes on at the next start, or at another server."""
        self._over.set()
        self._woken.set()
        self._thread.join(timeout=10)

    def _go_on(self) -> None:
        swept = time.monotonic()
        while not self._over.is_set():
            try:
                if time.monotonic() - swept >= UNCLAIMED:
                    swept = time.monotonic()
                    sweep(self.site)
                done = self._next()
            except Exception as failure:  # noqa: BLE001  a database that is away comes back
                _LOG.error("%s amid background work", type(failure).__name__)
                done = False
            if not done and not self._over.is_set():
                self._woken.wait(_IDLE)
                self._woken.clear()

    def _next(self) -> bool:
        """Work one portfolio out; whether there was one."""
        with self.site.database.begin() as connection:
            take_up(connection, self.site.presence)
            row = claim(connection, self.key)
        if row is not None:
            self._run(row)
        return row is not None

    def _run(self, row: Mapping[str, Any]) -> None:
        try:
            task = self._task(row)
        except GangmuError as error:  # its rulebook is served no more
            self._tell(row["id"], {"state": "failed", "problems": plain(error.problems)})
            return
        process = _METHOD.Process(target=work_out, args=(task,), daemon=True)
        process.start()
        try:
            found = self._followed(row, process, task.told)
        finally:
            _end(process)
        task.told.unlink(missing_ok=True)
        if found is not None:
            self._tell(row["id"], found)
        if self._gone(row["id"]):
            clear(self.site.settings.results, row["id"])

    def _task(self, row: Mapping[str, Any]) -> Task:
        settings, key = self.site.settings, row["id"]
        return Task(
            key=key, book=self.site.address(row["book"]), name=row["file_name"], as_of=row["as_of"],
            source=place(settings.files, row["digest"], row["file_name"]), rules=tuple(row["rules"]),
            answers=answers_of(settings.results, key), part_cases=settings.part_cases,
            told=settings.results / f"{key}.{self.key}.told.json",
        )  # fmt: skip

    def _followed(self, row: Mapping[str, Any], process: BaseProcess, told: Path) -> Mapping[str, Any] | None:
        """Follow a run to its end; what is to be kept of it: nothing if its portfolio is deleted."""
        until = time.monotonic() + self.site.settings.max_run_seconds
        shown: tuple[object, ...] = (row["done"], row["total"])
        while process.is_alive():
            process.join(_LOOK)
            if self._over.is_set():
                _end(process)
                return {"state": "waiting", "holder": "", "attempts": row["attempts"]}
            if self._gone(row["id"]):
                _end(process)
                return None
            if time.monotonic() > until:
                _end(process)
                what = "took longer than a portfolio may"
                return failed(Problem("work-long", row["file_name"], what, todo="send it in parts"))
            found = _read(told)
            seen = (found.get("done", row["done"]), found.get("total", row["total"]))
            if seen != shown:
                shown = seen
                further = {"attempts": 1} if seen[0] > row["done"] else {}
                self._tell(row["id"], {"done": seen[0], "total": seen[1], **further})
        found = _read(told)
        if "state" in found:
            return {
                name: found[name]
                for name in ("state", "done", "total", "problems", "summary")
                if name in found
            }
        what = f"the run ended with code {process.exitcode}"
        broken = Problem("work-broken", row["file_name"], what, todo="ask your administrator")
        if row["attempts"] + 1 >= ATTEMPTS:
            return failed(broken)
        return {"state": "waiting", "holder": "", "problems": plain([broken])}

    def _tell(self, key: str, values: Mapping[str, Any]) -> None:
        """Write down what a run came to, as long as it is this server's."""
        ended = {"ended": now()} if values.get("state") in {"done", "failed"} else {}
        mine = (_TABLE.c.id == key, _TABLE.c.holder == self.key, _TABLE.c.state == "running")
        with self.site.database.begin() as connection:
            connection.execute(update(_TABLE).where(*mine).values(**values, **ended))

    def _gone(self, key: str) -> bool:
        """Whether a portfolio was deleted."""
        with self.site.database.begin() as connection:
            return connection.execute(select(_TABLE.c.id).where(_TABLE.c.id == key)).first() is None


def _end(process: BaseProcess) -> None:
    """End a run, if it has not."""
    process.terminate()
    process.join(5)
    if process.is_alive():
        process.kill()
        process.join(5)


# ----------------------------------------------------------------------------------------------- what is left


def sweep(site: Site) -> None:
    """Take away what nothing names any more: of servers that have ended, of runs that are over, deleted.

    Files are listed before it is asked whose they are, so that nothing new is taken for old.
    """
    left = list(site.settings.results.iterdir())
    site.shelf.sweep(site.presence.alive, lambda: _claimed(site))
    with site.database.begin() as connection:
        states = {row.id: row.state for row in connection.execute(select(_TABLE.c.id, _TABLE.c.state))}
    for path in left:
        state = states.get(path.name.lstrip(".").partition(".")[0])
        half = path.name.startswith(".") or path.name.endswith((PARTS, ".told.json"))
        if state is None or (half and state not in {"waiting", "running"}):
            _take_away(path)


def clear(results: Path, key: str) -> None:
    """Take away all that lies there of a portfolio: answers, parts, what its run told."""
    for pattern in (f"{key}.*", f".{key}.*"):
        for path in results.glob(pattern):
            _take_away(path)


def _take_away(path: Path) -> None:
    """A file or a folder; what is in use elsewhere stays for the next sweep."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _claimed(site: Site) -> frozenset[str]:
    """The digests of all uploads that an entry names."""
    with site.database.begin() as connection:
        return frozenset(connection.execute(select(tables.files.c.digest).distinct()).scalars())


def answers_of(results: Path, key: str) -> Path:
    """Where the answers of a portfolio lie."""
    return results / f"{key}.parquet"


def _read(told: Path) -> dict[str, Any]:
    try:
        found = json.loads(told.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
