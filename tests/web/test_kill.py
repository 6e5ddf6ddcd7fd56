"""kill -9 at the worst moments: nothing that was kept is lost, nothing half is seen, and the work goes on."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gangmu.book import load
from gangmu.web.run import summary_of
from serving import Server, served, until

ROWS, GROUP = 1_200_000, 20_000
MANY = 64 << 20


def firms(path: Path) -> Path:
    """Enterprises in row groups small enough to be worked out in a dozen parts."""
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


def test_an_upload_that_is_cut_off_leaves_nothing(tmp_path: Path) -> None:
    """What was kept before is there after; of the upload not a byte; the next one is taken."""
    with served(tmp_path) as there:
        server = there.start()
        body = {"name": "Harbour", "tables": {"enterprise": [{"staff": "60"}]}}
        assert server.client.post("/api/v1/enterprises", json=body).status_code == 201
        with begin_upload(server, there.token):
            files = there.settings.files
            until(lambda: sum(file.stat().st_size for file in files.glob(".arriving-*")))
            server.kill()
        assert list(files.glob(".arriving-*"))
        server = there.start()
        assert left(files) == []
        assert server.get("/portfolios") == []
        [kept] = server.get("/enterprises")
        assert server.get(f"/enterprises/{kept['id']}")["tables"] == body["tables"]
        sent = server.client.post("/api/v1/portfolios?file_name=a.csv", content=b"enterprise,staff\nA,300\n")
        key = sent.json()["id"]
        done = until(lambda: (found := server.get(f"/portfolios/{key}"))["state"] == "done" and found)
        assert done["summary"]["counts"]["large"] == {"true": 1}


def test_a_run_goes_on_where_it_was_cut_off(tmp_path: Path) -> None:
    """Killed, started again, killed again with another server beside it: the result of an undisturbed run."""
    source = firms(tmp_path / "firms.parquet")
    with served(tmp_path) as there:
        server, results = there.start(), there.settings.results
        sent = server.client.post(
            "/api/v1/portfolios?file_name=firms.parquet&as_of=2026-06-30", content=source.read_bytes()
        )
        key = sent.json()["id"]
        parts = results / f"{key}.parquet.parts"
        until(lambda: list(parts.glob("answers-*")))
        server.kill()
        server = there.start()
        shown = until(lambda: server.get(f"/portfolios/{key}")["done"])
        beside = there.start()
        until(lambda: (found := server.get(f"/portfolios/{key}"))["done"] > shown or found["state"] == "done")
        server.kill()
        seen = [shown]

        def finished() -> bool:
            found = beside.get(f"/portfolios/{key}")
            seen.append(found["done"])
            assert found["state"] in {"running", "waiting", "done"}, found["problems"]
            return bool(found["state"] == "done")

        until(finished)
        assert seen == sorted(seen)
        assert (seen[-1], beside.get(f"/portfolios/{key}")["total"]) == (ROWS, ROWS)
        answers = beside.client.get(f"/api/v1/portfolios/{key}/answers").content
        beside.client.post("/api/v1/portfolios?file_name=b.csv", content=b"enterprise,staff\nA,300\n")
        undisturbed = tmp_path / "undisturbed.parquet"
        load(there.settings.books[0]).assess_into(source, undisturbed, "2026-06-30")
        assert pq.read_table(results / f"{key}.parquet").equals(pq.read_table(undisturbed))
        assert beside.get(f"/portfolios/{key}")["summary"] == summary_of(undisturbed)
        assert answers == (results / f"{key}.parquet").read_bytes()
        assert not parts.exists()
        last = there.start()
        until(lambda: all(one["state"] == "done" for one in last.get("/portfolios")))
        assert {name.partition(".")[2] for name in left(results) if key in name and name[0] != "."} == {
            "parquet"
        }
