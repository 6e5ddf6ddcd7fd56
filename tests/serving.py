"""Real servers: `gangmu serve` in a process of its own, on loopback, ended as the test says."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx2

from gangmu.web.people import Person, make_institution, make_person, make_token
from gangmu.web.settings import Settings
from gangmu.web.store.database import Database
from town import PASSWORD

PATIENT = 60.0  # seconds; another test may hold the cores
T = TypeVar("T")

TINY = {
    "rulebook.yaml": 'name: tiny\nversion: "1"\nlabel: {en: A small rulebook}\noutcomes: [large, levy]\n',
    "sources.yaml": "{}\n",
    "rules.md": """# Staff

```yaml
page:
  label: {en: staff}
staff: {input: number, unit: persons, decimals: 0, range: {ge: 0 persons}, ask: {en: staff?}}
floor: {parameter: persons, value: 300 persons, ours: a measure}
share: {parameter: ratio, value: 3%, ours: a measure}
large: {condition: staff >= floor, ours: a measure}
levy: {value: staff * share, unit: persons, ours: a measure}
```
""",
}
"""A rulebook that loads in no time; nothing in it is law."""


def tiny_book(folder: Path) -> Path:
    """The small rulebook, written into a folder."""
    book = folder / "tiny"
    book.mkdir()
    for name, text in TINY.items():
        (book / name).write_text(text, encoding="utf-8")
    return book


def until(look: Callable[[], T], patient: float = PATIENT) -> T:
    """What `look` finds as soon as it finds something."""
    end = time.monotonic() + patient
    while not (found := look()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)
    return found


@dataclass
class Served:
    """An installation, the token of an analyst, and the servers that run on it."""

    settings: Settings
    token: str
    running: list[Server] = field(default_factory=list)

    def start(self, *more: str) -> Server:
        """One server more; it answers when this returns."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        made = self.settings
        command = [sys.executable, "-m", "gangmu", "serve", "--data", str(made.data), "--port", str(port)]
        command += ["--rulebook", made.books[0], "--database", made.database, *more]
        environment = {**os.environ, "PYTHONPATH": ":".join(filter(None, sys.path))}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        client = httpx2.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"authorization": f"Bearer {self.token}"},
            timeout=PATIENT,
        )
        server = Server(process, port, client)
        self.running.append(server)
        until(lambda: process.poll() is not None or server.answers())
        assert process.poll() is None, "it did not start"
        return server


@dataclass
class Server:
    """One of them."""

    process: subprocess.Popen[bytes]
    port: int
    client: httpx2.Client

    def answers(self) -> bool:
        """Whether it is there."""
        try:
            return self.client.get("/api/v1/books").status_code == 200
        except httpx2.TransportError:
            return False

    def kill(self) -> None:
        """As a power cut would, for this process: nothing is told to it."""
        self.process.kill()
        self.process.wait(PATIENT)

    def get(self, path: str) -> Any:  # noqa: ANN401  JSON
        """What is at a path of the API."""
        told = self.client.get(f"/api/v1{path}")
        assert told.status_code == 200, told.text
        return told.json()


@contextmanager
def served(folder: Path, database: str = "", **more: Any) -> Iterator[Served]:  # noqa: ANN401  settings
    """An installation with one analyst; no server of it outlives the test."""
    settings = Settings(data=folder / "data", database=database, books=(str(tiny_book(folder)),), **more)
    store = Database(settings)
    with store.begin() as connection:
        institution = make_institution(connection, "North Bank")
        key = make_person(connection, institution, "ann", "Ann", "analyst", PASSWORD)
        person = Person(key, "ann", "Ann", "analyst", institution, "North Bank")
        token = make_token(connection, person, "t", "write", 1)
    store.close()
    made = Served(settings, token)
    try:
        yield made
    finally:
        for server in made.running:
            server.kill()
            server.client.close()
