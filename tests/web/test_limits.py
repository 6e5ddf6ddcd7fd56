"""Every limit there is, reached: each refusal is a page for people and problem details for programs."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uvicorn
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from gangmu.web.app import create_app
from gangmu.web.guard import Guard
from gangmu.web.line import Line
from gangmu.web.pace import Pace
from gangmu.web.people import make_person
from gangmu.web.refusals import IN_CHINESE
from gangmu.web.settings import COOKIE, Settings
from gangmu.web.store import tables
from serving import tiny_book, until
from town import PASSWORD, Town, settled

FEW = 6  # a minute: so few that none comes back while a test runs
PAGE, PROGRAM = {"accept": "text/html"}, {"accept": "application/json"}


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town whose limits are soon reached."""
    folder = tmp_path_factory.mktemp("narrow")
    made = Settings(
        data=folder / "data", books=(str(tiny_book(folder)),), max_form=1 << 16, max_upload=1 << 20,
        max_rows=50, max_columns=5, uploads_at_once=1, account_requests_a_minute=FEW,
        requests_a_minute=100_000,
    )  # fmt: skip
    with settled(made) as found:
        yield found


@pytest.fixture
def ann(narrow: Town) -> TestClient:
    """Somebody who has not asked anything for a while."""
    browser = narrow.visitor("ann")
    narrow.site.pace = Pace(10_000)
    return browser


def refused(told: Any, status: int, code: str) -> None:  # noqa: ANN401  a response
    """Whether an answer is a problem detail that says so."""
    assert told.status_code == status, told.text
    assert told.headers["content-type"] == "application/problem+json"
    body = told.json()
    assert (body["type"], body["status"]) == (f"urn:gangmu:{code}", status)
    assert body["title"]
    assert body["instance"]
    assert told.headers["content-security-policy"]


HEADERS: dict[str, tuple[int, dict[str, str], str]] = {
    "host-unknown": (421, {"host": "evil.example"}, "/"),
    "headers-many": (431, {f"x-{number}": "1" for number in range(100)}, "/"),
    "address-long": (414, {}, "/?q=" + "x" * 9000),
    "file-large": (413, {"content-length": "9999999999"}, "/"),
    "length-twice": (400, {"content-length": "3", "transfer-encoding": "chunked"}, "/"),
}


@pytest.mark.parametrize("code", HEADERS)
def test_what_stands_in_the_headers_is_refused_before_anything_is_read(narrow: Town, code: str) -> None:
    status, headers, path = HEADERS[code]
    browser = narrow.visitor()
    refused(browser.get(path, headers=PROGRAM | headers), status, code)
    for lang, words in (("en", "That did not work"), ("zh", IN_CHINESE[code][0])):
        told = browser.get(path, headers=PAGE | {"accept-language": lang} | headers)
        assert told.status_code == status
        assert words in told.text
        assert f'<html lang="{"zh-Hans" if lang == "zh" else "en"}">' in told.text


def test_many_headers_of_a_few_bytes_and_few_of_many_are_refused(narrow: Town) -> None:
    told = narrow.visitor().get("/", headers=PROGRAM | {"x-large": "x" * 40_000})
    refused(told, 431, "headers-many")


def test_an_address_may_ask_so_often(tmp_path: Path) -> None:
    made = Settings(data=tmp_path, books=(str(tiny_book(tmp_path)),), requests_a_minute=FEW)
    with TestClient(create_app(made), headers=PROGRAM) as client:
        told = [client.get("/api/v1/books") for _ in range(FEW + 5)]
        assert {one.status_code for one in told[:FEW]} == {200}
        refused(told[-1], 429, "too-fast")
        assert int(told[-1].headers["retry-after"]) > 0
        assert client.get("/static/site.css").status_code == 200
        page = client.get("/", headers=PAGE | {"accept-language": "zh"})
        assert (page.status_code, IN_CHINESE["too-fast"][0] in page.text) == (429, True)


def test_an_account_may_ask_so_often_from_however_many_places(narrow: Town) -> None:
    browser = narrow.visitor("bob")
    narrow.site.pace = Pace(FEW)
    told = [browser.get("/account", headers=PROGRAM) for _ in range(FEW + 3)]
    assert {one.status_code for one in told[:FEW]} == {200}
    refused(told[-1], 429, "too-fast")
    other = narrow.visitor()
    other.cookies.set(COOKIE, browser.cookies[COOKIE])
    assert other.get("/account").status_code == 429
    assert narrow.visitor("ann").get("/account").status_code == 200


def test_pace_comes_back_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [1000.0]
    monkeypatch.setattr("gangmu.web.pace.time.monotonic", lambda: moment[0])
    pace = Pace(60)
    assert [pace.let("a") for _ in range(61)] == [True] * 60 + [False]
    assert pace.let("b")
    moment[0] += 2
    assert [pace.let("a") for _ in range(3)] == [True, True, False]


def test_every_try_to_sign_in_is_in_the_log_and_a_new_session_ends_the_old(narrow: Town) -> None:
    """With where it came from, and never with what was tried."""
    narrow.site.pace = Pace(10_000)
    browser = narrow.visitor("boss")
    old = browser.cookies[COOKIE]
    browser.post("/sign-in", data={"login": "boss", "password": "not the word"})
    assert browser.post("/sign-in", data={"login": "boss", "password": PASSWORD}).status_code == 303
    entries = browser.get("/audit.json").json()["entries"]
    assert [one["action"] for one in entries[:3]] == ["sign in", "sign in, refused", "sign in"]
    assert {one["address"] for one in entries[:3]} == {"testclient"}
    assert "not the word" not in str(entries)
    stranger = narrow.visitor()
    stranger.cookies.set(COOKIE, old)
    assert stranger.get("/account.json").status_code == 401


# ------------------------------------------------------------------------------------------------- uploads


def sent(client: TestClient, name: str, content: bytes) -> Any:  # noqa: ANN401  a response
    """An upload as a person sends it, once for programs and once as a page."""
    csrf = client.get("/enterprises").text.partition('name="csrf" value="')[2].partition('"')[0]
    return [
        client.post(
            "/portfolios", data={"csrf": csrf, "name": "p"}, files={"file": (name, content)}, headers=accept
        )
        for accept in (PROGRAM, PAGE)
    ]


def institution_of(town: Town, login: str) -> str:
    """The id of somebody's institution."""
    asked = select(tables.people.c.institution).where(tables.people.c.login == login)
    with town.site.database.begin() as connection:
        return str(connection.execute(asked).scalar_one())


def parquet(rows: int, columns: int) -> bytes:
    """A table of so many."""
    out = io.BytesIO()
    pq.write_table(pa.table({f"c{number}": [0] * rows for number in range(columns)}), out)
    return out.getvalue()


UPLOADS: dict[str, tuple[str, bytes, str]] = {
    "rows of text": ("a.csv", b"enterprise\n" + b"A\n" * 51, "rows-many"),
    "columns of text": ("a.csv", b",".join([b"c"] * 6) + b"\n", "columns-many"),
    "one endless line": ("a.csv", b"x," * 400_000, "columns-many"),
    "rows of Parquet": ("a.parquet", parquet(51, 1), "rows-many"),
    "columns of Parquet": ("a.parquet", parquet(1, 6), "columns-many"),
    "no Parquet": ("a.parquet", b"PAR1 and nothing else", "file-unreadable"),
    "another kind": ("a.exe", b"MZ", "file-kind"),
}


@pytest.mark.parametrize("kind", UPLOADS)
def test_a_table_that_is_too_much_is_refused_and_does_not_stay(
    narrow: Town, ann: TestClient, kind: str
) -> None:
    name, content, code = UPLOADS[kind]
    program, page = sent(ann, name, content)
    refused(program, 422, code)
    assert page.status_code == 422
    assert "That did not work" in page.text
    assert not [path for path in narrow.site.settings.files.rglob("*") if path.is_file()]


def test_a_workbook_of_columns_is_left_to_who_reads_it(ann: TestClient) -> None:
    program, _ = sent(ann, "a.xlsx", b"PK not really")
    assert program.status_code == 303  # its packing is judged before it is unpacked, in the run


def test_so_many_uploads_of_an_institution_arrive_at_once(narrow: Town, ann: TestClient) -> None:
    north = institution_of(narrow, "ann")
    with narrow.site.uploads.turn(north):
        for told in sent(ann, "a.csv", b"enterprise\nA\n"):
            assert told.status_code == 429
        bob = narrow.visitor("bob")
        assert sent(bob, "a.csv", b"enterprise\nA\n")[0].status_code == 303
    assert sent(ann, "a.csv", b"enterprise\nA\n")[0].status_code == 303
    assert not narrow.site.uploads.now


def test_nothing_is_read_of_an_upload_by_somebody_who_may_not(narrow: Town) -> None:
    """Neither of a stranger, nor of a role that keeps no portfolios: the body is never asked for."""
    with narrow.site.database.begin() as connection:
        north = institution_of(narrow, "ann")
        make_person(connection, north, "reader", "R", "reader", PASSWORD)
    reader = narrow.visitor("reader").cookies[COOKIE]
    for path in ("/portfolios", "/api/v1/portfolios?file_name=a.csv"):
        for cookie in ("", f"{COOKIE}={reader}"):
            status, asked = asyncio.run(unread(narrow, path, cookie))
            assert status in {401, 403}
            assert not asked


async def unread(narrow: Town, path: str, cookie: str) -> tuple[int, int]:
    """The status of an upload, and how often its body was asked for."""
    asked, statuses = [], []

    async def receive() -> Any:  # noqa: ANN401  a message
        asked.append(1)
        return {"type": "http.request", "body": b"x", "more_body": False}

    async def send(message: Any) -> None:  # noqa: ANN401  a message
        statuses.append(message.get("status"))

    headers = [(b"host", b"localhost"), (b"cookie", cookie.encode()), (b"content-length", b"1000")]
    place, _, query = path.partition("?")
    scope = {
        "type": "http", "method": "POST", "path": place, "raw_path": place.encode(), "root_path": "",
        "query_string": query.encode(), "headers": headers, "client": ("1.2.3.4", 1), "scheme": "http",
        "http_version": "1.1", "server": ("localhost", 80),
    }  # fmt: skip
    await narrow.client.app(scope, receive, send)
    return statuses[0], len(asked)


# ------------------------------------------------------------------------------------------------- JSON


@pytest.mark.parametrize("depth", [30, 3_000, 30_000])
def test_json_that_goes_deep_is_refused(ann: TestClient, depth: int) -> None:
    for opening, closing in (("[", "]"), ('{"facts":', "}")):
        text = opening * depth + "1" + closing * depth
        told = ann.post("/api/v1/decide", content=text[: (1 << 16) - 1], headers=PROGRAM)
        assert told.status_code in {400, 422}
        assert told.headers["content-type"] == "application/problem+json"


# ------------------------------------------------------------------------------------------------- time


@dataclass
class Slow:
    """A real server with little patience, and an application that takes its time."""

    port: int

    def told(self, *pieces: bytes, between: float = 0.0, come: str = "127.0.0.1") -> bytes:
        """Everything that comes back, when it is sent piece by piece, from an address."""
        with socket.create_connection(("127.0.0.1", self.port), source_address=(come, 0)) as line:
            line.settimeout(20)
            for piece in pieces:
                try:
                    line.sendall(piece)
                except OSError:
                    break
                time.sleep(between)
            found = b""
            try:
                while part := line.recv(65_536):
                    found += part
            except ConnectionResetError:
                pass
            return found


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slow]:
    folder = tmp_path_factory.mktemp("slow")
    made = Settings(data=folder / "data", books=(str(tiny_book(folder)),), demo=False, max_seconds=0.4)
    app = create_app(made)

    class Impatient(Line):
        header_seconds = 0.4

    async def dawdles() -> None:
        await asyncio.sleep(30)

    async def who(request: Request) -> str:
        return request.client.host if request.client else ""

    app.add_api_route("/who", who, methods=["GET"])

    async def reads(request: Request) -> None:
        await request.body()

    async def quick() -> None:
        """Is over at once."""

    app.add_api_route("/quick", quick, methods=["GET"])
    app.add_api_route("/dawdle", dawdles, methods=["GET"])
    app.add_api_route("/reads", reads, methods=["POST"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", http=Impatient))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    yield Slow(port)
    server.should_exit = True
    thread.join(timeout=20)


def body_of(answer: bytes) -> dict[str, Any]:
    """The problem of an answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    return dict(json.loads(body))


HEAD = b"POST /reads HTTP/1.1\r\nHost: localhost\r\n"


def test_headers_that_come_letter_by_letter_are_not_waited_for(slow: Slow) -> None:
    told = body_of(slow.told(*(HEAD[place : place + 1] for place in range(12)), between=0.1))
    assert (told["status"], told["type"]) == (408, "urn:gangmu:headers-late")


def test_the_next_request_of_a_connection_has_no_more_time_for_its_headers(slow: Slow) -> None:
    first = b"GET /quick HTTP/1.1\r\nHost: localhost\r\n\r\n"
    told = slow.told(first, *(b"G", b"E", b"T", b" ", b"/", b" "), between=0.2)
    assert told.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.1 408" in told


def test_a_body_that_comes_letter_by_letter_is_not_waited_for(slow: Slow) -> None:
    told = body_of(slow.told(HEAD + b"Content-Length: 100\r\n\r\n", *[b"x"] * 12, between=0.1))
    assert (told["status"], told["type"]) == (408, "urn:gangmu:sent-slowly")


def test_what_takes_too_long_is_ended(slow: Slow) -> None:
    told = body_of(slow.told(b"GET /dawdle HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
    assert (told["status"], told["type"]) == (503, "urn:gangmu:time-over")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere loopback has one address")
def test_where_somebody_comes_from_is_believed_from_loopback_only(slow: Slow) -> None:
    """A proxy on this machine may say it; whoever comes from another address is taken at that address."""
    asked = b"GET /who HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 9.9.9.9\r\nConnection: close\r\n\r\n"
    assert b'"9.9.9.9"' in slow.told(asked)
    assert b'"127.0.0.2"' in slow.told(asked, come="127.0.0.2")


@pytest.mark.parametrize("junk", [b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET / HTTP/1.1\r\nx: " + b"y" * 70_000])
def test_what_is_no_http_is_told_so(slow: Slow, junk: bytes) -> None:
    assert body_of(slow.told(junk))["status"] == 400


def test_a_steady_sender_may_take_longer(tmp_path: Path) -> None:
    """Time goes up with what arrives: a large upload over a slow line is no attack."""
    seen: list[int] = []

    async def app(
        _: object, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        while (message := await receive())["more_body"]:
            seen.append(len(message["body"]))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def ask(piece: int) -> int:
        pieces = iter([{"type": "http.request", "body": b"x" * piece, "more_body": True}] * 5)
        answers: list[Any] = []

        async def receive() -> Any:  # noqa: ANN401  a message
            await asyncio.sleep(0.05)
            return next(pieces, {"type": "http.request", "body": b"", "more_body": False})

        async def send(message: Any) -> None:  # noqa: ANN401  a message
            answers.append(message)

        scope = {
            "type": "http", "method": "POST", "path": "/portfolios", "raw_path": b"/portfolios",
            "headers": [(b"host", b"localhost")], "query_string": b"", "client": ("1.2.3.4", 1),
        }  # fmt: skip
        guard = Guard(
            app, Settings(data=tmp_path, max_seconds=0.12), lambda _, status, __: Response(status_code=status)
        )
        await guard(scope, receive, send)
        return int(answers[0]["status"])

    assert asyncio.run(ask(16 * 1024)) == 204
    assert asyncio.run(ask(1)) == 408
