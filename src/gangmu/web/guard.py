"""What every request passes: hosts, size, pace, time, and the headers that keep a page to itself.

Plain ASGI, so that nothing is read before it is counted.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
import traceback
from collections import OrderedDict
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
_SEEN = 10_000  # addresses remembered
_SLOWEST = 16 * 1024  # bytes a second
_LOG = logging.getLogger("gangmu.web")
_UPLOADS = ("/portfolios", "/api/v1/portfolios")


class Guard:
    """Around the application: refuses early, and says why in one form (RFC 9457)."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """`settings` has the limits."""
        self.app, self.settings = app, settings
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
            await _problem(sent, *refused)
            return
        counted = _Counted(receive, self._limit(scope))
        error = None
        try:
            async with asyncio.timeout(self.settings.max_seconds) as deadline:
                counted.deadline = sent.deadline = deadline
                await self.app(scope, counted, sent)
        except TimeoutError:
            error = (
                503,
                "time-over",
                "this takes longer than a page may",
                "ask for less, or upload a portfolio",
            )
        except _TooMuchError:
            error = (413, "file-large", "more was sent than is taken", "send less")
        except Exception as failure:  # noqa: BLE001  the last net: nobody sees a traceback
            _log_failure(scope, failure)
            error = (
                500,
                "failure",
                "something went wrong here",
                "it was noted; try again, or tell your administrator",
            )
        if error is not None:
            counted.deadline = sent.deadline = None  # it is over: nothing moves it any more
            if sent.started:
                raise ConnectionAbortedError  # the answer is cut off, so that nobody takes it for whole
            await _problem(sent, *error)

    def _refused(self, scope: Scope, address: str) -> tuple[int, str, str, str] | None:
        headers = dict(scope["headers"])
        if "*" not in self.settings.hosts and _host(headers.get(b"host", b"")) not in self.settings.hosts:
            return 421, "host-unknown", "this host name is not served here", "name it with --host-name"
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self._limit(scope):
            return 413, "file-large", "more was sent than is taken", "send less, or use Parquet"
        if not scope["path"].startswith("/static/") and not self.pace.let(address):
            return 429, "too-fast", "too many requests from this address", "wait a minute"
        return None

    def _is_upload(self, scope: Scope) -> bool:
        return scope["method"] == "POST" and scope["path"].rstrip("/") in _UPLOADS

    def _limit(self, scope: Scope) -> int:
        return (
            self.settings.max_upload + self.settings.max_form
            if self._is_upload(scope)
            else self.settings.max_form
        )


class Pace:
    """So many requests a minute from one address; what was not used fills up again."""

    def __init__(self, a_minute: int) -> None:
        """`a_minute` requests at once at most, and as many in every minute after."""
        self.most, self.rate = float(a_minute), a_minute / 60
        self.left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def let(self, address: str) -> bool:
        """Whether one more request is let through."""
        moment = time.monotonic()
        left, then = self.left.pop(address, (self.most, moment))
        left = min(self.most, left + (moment - then) * self.rate)
        self.left[address] = (max(0.0, left - 1), moment)
        while len(self.left) > _SEEN:
            self.left.popitem(last=False)
        return left >= 1


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

    async def __call__(self) -> Message:
        message = await self.receive()
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


async def _problem(send: Send, status: int, code: str, what: str, todo: str) -> None:
    body = json.dumps(
        {"type": f"urn:gangmu:{code}", "title": what, "status": status, "detail": todo}
    ).encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
