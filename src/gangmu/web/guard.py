"""What every request passes: hosts, size, pace, time, and the headers that keep a page to itself.

Plain ASGI, so that nothing is read before it is counted.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gangmu.errors import Problem
from gangmu.web.pace import Pace
from gangmu.web.settings import Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
_LONGEST = 8_192  # bytes of an address
_BROADEST = 32_768  # bytes of all headers
_SLOWEST = 16 * 1024  # bytes a second
_LOG = logging.getLogger("gangmu.web")
_UPLOADS = ("/portfolios", "/api/v1/portfolios")

Refusal = tuple[int, Problem]
Refuse = Callable[[Request, int, list[Problem]], Response]
_SLOW: Final[Refusal] = (
    408, Problem("sent-slowly", "body", "what was sent came too slowly", todo="send it at once")
)  # fmt: skip
_LONG: Final[Refusal] = (
    503,
    Problem("time-over", "request", "this takes longer than it may", todo="ask for less, or send a table"),
)  # fmt: skip
_FAILED: Final[Refusal] = (
    500,
    Problem("failure", "here", "something went wrong", todo="it was noted; try again, or tell who runs this"),
)  # fmt: skip


class Guard:
    """Around the application: refuses early, and says why in one form (RFC 9457)."""

    def __init__(self, app: ASGIApp, settings: Settings, refuse: Refuse) -> None:
        """`settings` has the limits; `refuse` says no, to people or to programs."""
        self.app, self.settings, self.refuse = app, settings, refuse
        self.pace = Pace(settings.requests_a_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        client = scope.get("client") or ("", 0)
        refused = self._refused(scope, str(client[0]))
        sent = _Headed(send, secure=self.settings.secure, path=scope["path"])
        if refused is not None:
            await self._say(scope, sent, refused)
            return
        counted = _Counted(receive, self._limit(scope))
        error: Refusal | None = None
        try:
            async with asyncio.timeout(self.settings.max_seconds) as deadline:
                counted.deadline = sent.deadline = deadline
                await self.app(scope, counted, sent)
        except TimeoutError:
            error = _SLOW if counted.waiting else _LONG
        except _TooMuchError:
            error = 413, Problem("file-large", "body", "more was sent than is taken", todo="send less")
        except Exception as failure:  # noqa: BLE001  the last net: nobody sees a traceback
            _log_failure(scope, failure)
            error = _FAILED
        if error is not None:
            counted.deadline = sent.deadline = None  # it is over: nothing moves it any more
            if sent.started:
                raise ConnectionAbortedError  # the answer is cut off, so that nobody takes it for whole
            await self._say(scope, sent, error)

    async def _say(self, scope: Scope, send: Send, refusal: Refusal) -> None:
        """Refuse and hang up: what has still to come of the request is not waited for."""
        status, problem = refusal
        answer = await run_in_threadpool(self.refuse, Request(scope), status, [problem])
        answer.headers["connection"] = "close"
        await answer(scope, _nothing, send)

    def _refused(self, scope: Scope, address: str) -> Refusal | None:
        given = scope["headers"]
        headers = dict(given)
        if "*" not in self.settings.hosts and _host(headers.get(b"host", b"")) not in self.settings.hosts:
            return 421, Problem(
                "host-unknown", "host", "this host name is not served here", todo="name it with --host-name"
            )
        if len(scope["raw_path"] or b"") + len(scope["query_string"]) > _LONGEST:
            return 414, Problem("address-long", "address", "the address is too long", f"{_LONGEST:,} bytes")
        broad = sum(len(name) + len(value) for name, value in given) > _BROADEST
        if broad or len(given) > self.settings.max_headers:
            most = f"at most {self.settings.max_headers} of {_BROADEST:,} bytes together"
            return 431, Problem("headers-many", "headers", "there are too many headers", most, "send fewer")
        length = headers.get(b"content-length", b"0")
        if b"content-length" in headers and b"transfer-encoding" in headers:
            what = "the length is told in two ways"
            return 400, Problem("length-twice", "headers", what, "one of them", "leave out Content-Length")
        if not length.isdigit() or int(length) > self._limit(scope):
            what, todo = "more was sent than is taken", "send less, or use Parquet"
            return 413, Problem("file-large", "body", what, f"at most {self._limit(scope):,} bytes", todo)
        if not scope["path"].startswith("/static/") and not self.pace.let(address):
            what = "too many requests from this address"
            return 429, Problem("too-fast", "address", what, "fewer", "wait a minute")
        return None

    def _is_upload(self, scope: Scope) -> bool:
        return scope["method"] == "POST" and scope["path"].rstrip("/") in _UPLOADS

    def _limit(self, scope: Scope) -> int:
        return (
            self.settings.max_upload + self.settings.max_form
            if self._is_upload(scope)
            else self.settings.max_form
        )


def _host(header: bytes) -> str:
    """The name in a Host header, without its port."""
    text = header.decode("latin-1").lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0]


class _TooMuchError(Exception):
    """More bytes arrive than were announced or are taken."""


def _allow(deadline: asyncio.Timeout | None, size: int) -> None:
    """Whoever sends or takes something may take the longer: as long as it is not slower than `_SLOWEST`."""
    if deadline is not None and size and (until := deadline.when()) is not None and not deadline.expired():
        deadline.reschedule(until + size / _SLOWEST)


class _Counted:
    """What is received, counted."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self.receive, self.left = receive, limit
        self.deadline: asyncio.Timeout | None = None
        self.waiting = False  # for what the client has still to send
        self._whole = False

    async def __call__(self) -> Message:
        self.waiting = not self._whole
        message = await self.receive()
        self._whole = not message.get("more_body", False)
        self.waiting = not self._whole
        size = len(message.get("body", b""))
        self.left -= size
        if self.left < 0:
            raise _TooMuchError
        _allow(self.deadline, size)
        return message


class _Headed:
    """What is sent, with the headers of every answer."""

    def __init__(self, send: Send, *, secure: bool, path: str) -> None:
        self.send, self.secure, self.started = send, secure, False
        self.deadline: asyncio.Timeout | None = None
        self.kept = path.startswith("/static/")

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = [*message.get("headers", ()), *HEADERS]
            if not self.kept:
                headers.append((b"cache-control", b"no-store"))
            if self.secure:
                headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
            message = {**message, "headers": headers}
        await self.send(message)
        _allow(self.deadline, len(message.get("body", b"")))


def _log_failure(scope: Scope, failure: Exception) -> None:
    """Where it broke, without what it broke on: messages may hold what somebody sent."""
    places = traceback.extract_tb(failure.__traceback__)[-8:]
    told = " < ".join(f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in reversed(places))
    _LOG.error("%s on %s: %s", type(failure).__name__, scope["method"], told)


async def _nothing() -> Message:
    """What is received by somebody who only refuses."""
    return {"type": "http.disconnect"}
