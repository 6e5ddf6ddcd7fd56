"""kill -9 at the worst moments: nothing that was kept is lost, nothing half is seen, and the work goes on."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gangmu.book import load
from gangmu.web.run import summary_of
from serving import Server, served, until

ROWS, GROUP = 700_000, 20_000
MANY = 64 << 20


def firms(path: Path) -> Path:
    """Enterprises in row groups small enough to be worked out in several parts."""
    numbers = np.arange(ROWS)
    table = pa.table({"enterprise": pa.array(numbers).cast(pa.string()), "staff": numbers % 701})
    pq.write_table(table, path, row_group_size=GROUP)
    return path


def left(folder: Path) -> list[str]:
    """What lies in a folder, without what says who is alive."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def begin_upload(server: Server, token: str) -> socket.socket:
    """Announce many bytes and send some of them."""
    line = socket.create_connection(("127.0.0.1", server.port))
    head = (
        f"POST /api/v1/portfolios?file_name=firms.csv HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {MANY}\r\n\r\n"
    )
    line.sendall(head.encode() + b"enterprise,staff\n" + b"A,60\n" * 400_000)
    return line


def test_a_killed_server_loses_nothing_and_its_work_goes_on(tmp_path: Path) -> None:
    """Killed amid an upload and a run; the server beside it goes on and is killed too; a third one ends it.

    What was kept is there, of the upload not a byte is, and the answers are those of a run nobody disturbed.
    """
    source = firms(tmp_path / "firms.parquet")
    with served(tmp_path) as there:
        files, results = there.settings.files, there.settings.results
        server, beside = there.start(), there.start()
        body = {"name": "Harbour", "tables": {"enterprise": [{"staff": "60"}]}}
        assert server.client.post("/api/v1/enterprises", json=body).status_code == 201
        sent = server.client.post(
            "/api/v1/portfolios?file_name=firms.parquet&as_of=2026-06-30", content=source.read_bytes()
        )
        key = sent.json()["id"]
        parts = results / f"{key}.parquet.parts"
        with begin_upload(server, there.token):
            until(lambda: list(files.glob(".arriving-*")) and list(parts.glob("answers-*")))
            server.kill()
        assert list(files.glob(".arriving-*"))
        [kept] = beside.get("/enterprises")
        assert beside.get(f"/enterprises/{kept['id']}")["tables"] == body["tables"]
        until(lambda: beside.get(f"/portfolios/{key}")["done"])
        beside.kill()
        finished_parts = {part: part.stat().st_ino for part in parts.glob("answers-*")}
        assert finished_parts
        seen = 0

        server = there.start()
        assert [path.suffix for path in files.rglob("*") if path.is_file()] == [".parquet"]
        assert [one["id"] for one in server.get("/portfolios")] == [key]

        def finished() -> bool:
            found = server.get(f"/portfolios/{key}")
            nonlocal seen
            for part, file in finished_parts.items():
                with suppress(FileNotFoundError):  # they are joined and go
                    assert part.stat().st_ino == file, "a part that was finished was worked out again"
                    seen += 1
            assert found["state"] in {"running", "waiting", "done"}, found["problems"]
            return bool(found["state"] == "done")

        until(finished)
        assert seen
        assert server.get(f"/portfolios/{key}")["done"] == ROWS
        undisturbed = tmp_path / "undisturbed.parquet"
        load(there.settings.books[0]).assess_into(source, undisturbed, "2026-06-30")
        assert pq.read_table(results / f"{key}.parquet").equals(pq.read_table(undisturbed))
        assert server.get(f"/portfolios/{key}")["summary"] == summary_of(undisturbed)
        answers = server.client.get(f"/api/v1/portfolios/{key}/answers")
        assert answers.content == (results / f"{key}.parquet").read_bytes()
        assert {path.name for path in results.iterdir()} <= {f"{key}.parquet", f".{key}.lock"}


def test_a_portfolio_deleted_amid_its_run_leaves_nothing(tmp_path: Path) -> None:
    """The run ends and its parts go; its upload goes when it is an hour old."""
    source = firms(tmp_path / "firms.parquet").read_bytes()
    with served(tmp_path) as there:
        server, results = there.start(), there.settings.results

        def send() -> str:
            sent = server.client.post("/api/v1/portfolios?file_name=firms.parquet", content=source)
            return str(sent.json()["id"])

        key = send()
        until(lambda: list((results / f"{key}.parquet.parts").glob("answers-*")))
        assert server.client.delete(f"/api/v1/portfolios/{key}").status_code == 204
        assert server.client.get(f"/api/v1/portfolios/{key}").status_code == 404
        until(lambda: not left(results))
        [upload] = there.settings.files.glob("??/*")
        os.utime(upload, (0, 0))
        again = send()  # the same content: it is young again
        until(lambda: server.get(f"/portfolios/{again}")["state"] == "done")
        assert server.client.delete(f"/api/v1/portfolios/{again}").status_code == 204
        server.kill()
        there.start()
        assert upload.exists()
        os.utime(upload, (0, 0))
        there.start()
        assert left(there.settings.files) == left(results) == []
