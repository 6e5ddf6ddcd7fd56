"""A connection before it is a request: headers have to come within seconds, and what is no HTTP is told so.

uvicorn waits for headers as long as a client likes: a few thousand that send a letter a minute would hold it.
Everything after the headers is the guard's (`guard.py`).
"""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class Line(H11Protocol):
    """uvicorn's connection, with a clock on headers and refusals as problem details."""

    header_seconds: ClassVar[float] = 10.0
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """The clock runs from the first moment."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """It stops when the headers are there, and runs again with the first letter of the next request."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop()
        elif self._late is None and self.conn.trailing_data[0]:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """What arrived is no HTTP, or its headers are larger than is taken."""
        self._stop()
        self._refuse(HTTPStatus.BAD_REQUEST, "request-invalid", msg, "send HTTP/1.1")

    def _wait(self) -> None:
        self._late = self.loop.call_later(self.header_seconds, self._over)

    def _stop(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _over(self) -> None:
        self._late = None
        if not self.transport.is_closing() and self.conn.their_state is h11.IDLE:
            what = "the headers of the request did not come in time"
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "headers-late", what, "send them at once")

    def _refuse(self, status: HTTPStatus, code: str, what: str, todo: str) -> None:
        """Answer and hang up."""
        told = {"type": f"urn:gangmu:{code}", "title": what, "status": status.value, "detail": todo}
        body = json.dumps(told).encode()
        headers = [
            ("content-type", "application/problem+json"), ("content-length", str(len(body))),
            ("connection", "close"),
        ]  # fmt: skip
        answer = h11.Response(status_code=status.value, headers=headers, reason=status.phrase.encode())
        for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
