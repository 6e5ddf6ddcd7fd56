"""How many decisions a second `gangmu serve` gives, and how long one takes: on loopback, and inside the process.

`python benchmarks/web_load.py` (seconds; `--store` writes web_load.json and the table of docs/web.md).

The server is the real one (`gangmu serve`, a process of its own, SQLite, a token in every request), asked over 64
connections that each wait for their answer before they ask again. The asking side shares the machine with it and
takes its part of it: both sides' processor time is told, and what else the machine was doing. Inside the process means
the whole application, guard and token and JSON included, called without a network.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from bench import _data, _machine
from cn.one import firm
from policy.parameters import ASKED

from gangmu.book import load
from gangmu.web.app import create_app
from gangmu.web.people import Person, make_institution, make_person, make_token
from gangmu.web.settings import Settings
from gangmu.web.store.database import Database

HERE = Path(__file__).resolve().parent
STORED, PAGE = HERE / "web_load.json", HERE.parent / "docs" / "web.md"
BEGIN, END = "<!-- load: written by benchmarks/web_load.py -->", "<!-- end of load -->"
CONNECTIONS, DAY = 64, "2026-06-30"
PACE = 10**9
SAMPLE = 500  # enterprises asked about, one after another
PATH = "/api/v1/decide"
LEAST = 100  # requests without which no percentile is told


@dataclass(frozen=True)
class Work:
    """What is asked: a rulebook and the bodies of the requests."""

    name: str
    book: str
    bodies: list[bytes]
    answers: int


@dataclass
class Times:
    """How long each answer took, in seconds, and what it cost."""

    seconds: list[float] = field(default_factory=list)
    wall: float = 0.0
    server_cpu: float | None = None
    own_cpu: float = 0.0

    def plain(self) -> dict[str, Any]:
        """As it is stored."""
        cuts = statistics.quantiles(self.seconds, n=100)
        return {
            "requests": len(self.seconds), "a_second": len(self.seconds) / self.wall, "p50": cuts[49], "p99": cuts[98],
            "server_cpu": self.server_cpu, "own_cpu": self.own_cpu,
        }  # fmt: skip


def works() -> list[Work]:
    """One policy's eighteen rules over made-up enterprises; all outcomes of cn over the shipped firm."""
    table = pq.read_table(_data(4_000) / "policy.parquet").slice(0, SAMPLE).to_pylist()
    names = set(load(HERE / "rulebooks" / "bench34").model.inputs_of(""))
    policy = [
        _body({name: value for name, value in row.items() if name in names}, {}, list(ASKED)) for row in table
    ]
    facts, rows = firm()
    outcomes = len(load("cn").prepared(as_of=DAY).names)
    return [
        Work("one policy, 18 rules", str(HERE / "rulebooks" / "bench34"), policy, len(ASKED)),
        Work(f"cn, {outcomes} outcomes, no related rows", "cn", [_body(facts, {}, [])], outcomes),
        Work(f"cn, {outcomes} outcomes, twenty related rows", "cn", [_body(facts, rows, [])], outcomes),
    ]


def _body(facts: dict[str, Any], rows: dict[str, Any], rules: list[str]) -> bytes:
    return json.dumps({"facts": {"enterprise": facts, "rows": rows}, "rules": rules, "as_of": DAY}).encode()


def settled(work: Work, folder: Path) -> tuple[Settings, str]:
    """An installation with an analyst; the analyst's token."""
    made = Settings(data=folder, books=(work.book,), requests_a_minute=PACE, account_requests_a_minute=PACE)
    database = Database(made)
    with database.begin() as connection:
        institution = make_institution(connection, "Bank")
        key = make_person(connection, institution, "ann", "Ann", "analyst", "correct horse battery")
        person = Person(key, "ann", "Ann", "analyst", institution, "Bank")
        token = make_token(connection, person, "load", "read", 1)
    database.close()
    return made, token


def _cpu(who: int = resource.RUSAGE_SELF) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def _cpu_of(pid: int) -> float | None:
    """The processor time of a process and its threads, where the system tells."""
    told = Path(f"/proc/{pid}/stat")
    if not told.exists():
        return None
    fields = told.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# ---------------------------------------------------------------------- inside the process


def inside(work: Work, folder: Path, seconds: float) -> Times:
    """The application called in turn, without a network."""
    made, token = settled(work, folder)
    app = create_app(made)
    times = Times()

    async def ask(body: bytes) -> None:
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [
            (b"host", b"localhost"), (b"content-type", b"application/json"), (b"authorization", f"Bearer {token}".encode()),
            (b"content-length", str(len(body)).encode()),
        ]  # fmt: skip
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http", "path": PATH,
            "raw_path": PATH.encode(), "root_path": "", "query_string": b"", "headers": headers, "client": ("127.0.0.1", 1),
            "server": ("localhost", 80), "state": {},
        }  # fmt: skip
        await app(scope, receive, send)
        assert sent[0]["status"] == 200, sent

    async def run() -> None:
        for body in work.bodies[:3] * 3:
            await ask(body)
        cpu = _cpu()
        await _timed(times, work, lambda: seconds, ask)
        times.own_cpu = _cpu() - cpu

    asyncio.run(run())
    app.state.site.close()
    return times


async def _timed(times: Times, work: Work, seconds: Callable[[], float], ask: Callable[[bytes], Any]) -> None:
    begun = time.perf_counter()
    number = 0
    while time.perf_counter() - begun < seconds() or len(times.seconds) < LEAST:
        then = time.perf_counter()
        await ask(work.bodies[number % len(work.bodies)])
        times.seconds.append(time.perf_counter() - then)
        number += 1
    times.wall = time.perf_counter() - begun


def called(work: Work, seconds: float) -> Times:
    """The rules alone: `book.prepared`, called in turn, every answer looked at."""
    times = Times()
    asked = [json.loads(body) for body in work.bodies]
    ask = load(work.book).prepared(asked[0]["rules"] or None, DAY)

    async def one(place: bytes) -> None:
        facts = asked[int(place)]["facts"]
        ask(facts["enterprise"], facts["rows"]).all()

    numbered = Work(
        work.name, work.book, [str(number).encode() for number in range(len(asked))], work.answers
    )
    cpu = _cpu()
    asyncio.run(_timed(times, numbered, lambda: seconds, one))
    times.own_cpu = _cpu() - cpu
    return times


# ---------------------------------------------------------------------- over loopback


def loopback(work: Work, folder: Path, seconds: float) -> Times:
    """The server in a process of its own."""
    made, token = settled(work, folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gangmu", "serve", "--data", str(made.data), "--port", str(port)]
    command += ["--rulebook", work.book, "--pace", str(PACE)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        heads = [_request(body, token) for body in work.bodies]
        return asyncio.run(_asked(heads, port, seconds, server.pid))
    finally:
        server.terminate()
        server.wait(30)


def _request(body: bytes, token: str) -> bytes:
    head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def _asked(requests: Sequence[bytes], port: int, seconds: float, pid: int) -> Times:
    times = Times()
    lines = [await _connected(port) for _ in range(CONNECTIONS)]
    for request in requests[:3]:
        await _answer(*lines[0], request)
    cpu, own = _cpu_of(pid), _cpu()
    begun = time.perf_counter()

    async def one(place: int) -> None:
        number = place
        while time.perf_counter() - begun < seconds or len(times.seconds) < LEAST:
            then = time.perf_counter()
            await _answer(*lines[place], requests[number % len(requests)])
            times.seconds.append(time.perf_counter() - then)
            number += CONNECTIONS

    await asyncio.gather(*(one(place) for place in range(CONNECTIONS)))
    times.wall = time.perf_counter() - begun
    after = _cpu_of(pid)
    times.own_cpu = _cpu() - own
    times.server_cpu = None if cpu is None or after is None else after - cpu
    for _, writer in lines:
        writer.close()
    return times


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for _ in range(600):
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
    raise TimeoutError("the server did not start")


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    await reader.readexactly(int(length.partition(b":")[2]))


# ---------------------------------------------------------------------- what is told


def measured(seconds: float) -> dict[str, Any]:
    """Everything, work by work."""
    found: dict[str, Any] = {
        "machine": _machine(), "connections": CONNECTIONS, "load_before": os.getloadavg()[0],
        "versions": {"Python": platform.python_version()} | {name: version(name) for name in ("gangmu", "uvicorn", "starlette", "pydantic")},
        "works": [],
    }  # fmt: skip
    for work in works():
        ways: dict[str, Any] = {}
        for name, measure in (
            ("called", lambda *a: called(a[0], a[2])),
            ("inside", inside),
            ("loopback", loopback),
        ):
            with tempfile.TemporaryDirectory() as folder:
                ways[name] = measure(work, Path(folder), seconds).plain()
            print(f"{work.name}, {name}: {ways[name]}", file=sys.stderr, flush=True)
        found["works"].append({"name": work.name, "answers": work.answers, **ways})
    found["load_after"] = os.getloadavg()[0]
    return found


WAYS = (
    ("called", "the rules alone, called from Python"),
    ("inside", "the whole application, without a network"),
    ("loopback", f"`gangmu serve` over loopback, {CONNECTIONS} connections"),
)


def lines(found: dict[str, Any]) -> list[str]:
    """The table."""
    machine = found["machine"]
    versions = ", ".join(f"{name} {one}" for name, one in found["versions"].items())
    where = (
        f"{machine['cpus']} cores of {machine['processor']}, shared by the server and who asks; {versions}. Load of the machine "
        f"(processes that wanted a core) before: {found['load_before']:.1f}, after: {found['load_after']:.1f}. A token in every "
        "request; CPU is that of one answer, in the process that gives it."
    )
    out = [
        where,
        "",
        "| decisions on one enterprise | a second | p50 | p99 | CPU |",
        "|---|---|---|---|---|",
    ]
    for work in found["works"]:
        out.append(f"| **{work['name']}** | | | | |")
        for name, words in WAYS:
            one = work[name]
            cpu = one["server_cpu"] if name == "loopback" else one["own_cpu"]
            each = "" if cpu is None else _ms(cpu / one["requests"])
            out.append(
                f"| {words} | {one['a_second']:,.0f} | {_ms(one['p50'])} | {_ms(one['p99'])} | {each} |"
            )
    return out


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.3g} ms" if seconds < 0.1 else f"{seconds * 1e3:,.0f} ms"


def put(text: str, found: dict[str, Any]) -> str:
    """The page with this table in it."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "\n".join([before + BEGIN, "", *lines(found), "", END + after])


def main(given: Sequence[str] | None = None) -> None:
    """Measure, print, and store if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    parser.add_argument(
        "--store", action="store_true", help="write web_load.json and the table of docs/web.md"
    )
    asked = parser.parse_args(given)
    found = measured(asked.seconds)
    print("\n".join(lines(found)))
    if asked.store:
        STORED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        PAGE.write_text(put(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")


if __name__ == "__main__":
    main()
