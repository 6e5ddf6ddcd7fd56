"""`/decide` by the shortest way: a question that is well formed, of somebody known, whose rules are ready.

It stands behind the guard and before the framework: a decision takes microseconds, the framework's way to it
many hundred. Whatever is not as usual (a session's cookie, no token, a body that does not fit its shape, a
question that nobody asked before, a fact that is refused) goes the framework's way, with the same body.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gangmu.engine.prepared import Prepared
from gangmu.errors import GangmuError
from gangmu.web.api.answering import told_plainly
from gangmu.web.api.shapes import Question
from gangmu.web.people import Person, by_token
from gangmu.web.site import Site, read_day

PATH: Final = "/api/v1/decide"
TRUSTED: Final = 1.0  # seconds for which a token is not looked up again: after that it may have ended
MOST: Final = 1_000  # tokens remembered
_JSON: Final = b"application/json"


class Quick:
    """Answers what it can, and hands everything else on."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        """`app` is the framework's way."""
        self.app, self.site = app, site
        self._seen: dict[bytes, tuple[float, int, Person]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on with the same body."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        told = again = None
        if b"cookie" not in headers and headers.get(b"content-type", b"").partition(b";")[0].strip() == _JSON:
            body = await _whole(receive)
            again = _Again(body, receive)
            told = await self._told(headers.get(b"authorization", b""), body)
        if told is None:
            await self.app(scope, again or receive, send)
            return
        length = str(len(told)).encode()
        start = [(b"content-type", _JSON), (b"content-length", length)]
        await send({"type": "http.response.start", "status": 200, "headers": start})
        await send({"type": "http.response.body", "body": told})

    async def _told(self, authorization: bytes, body: bytes) -> bytes | None:
        """The answer as JSON; None if this is not the way to it."""
        person = self.site.demo if not authorization else await self._person(authorization)
        if person is None:
            return None
        try:
            asked = Question.model_validate_json(body)
        except ValidationError:
            return None
        ask = self.site.ready.known((asked.book, tuple(asked.rules), asked.as_of or read_day(None)))
        if ask is None or (authorization and not self.site.pace.let(person.id)):
            return None
        facts = asked.facts
        try:
            if facts.rows or facts.complete or ask.interpreted:  # the interpreter's: nobody is to wait for it
                return await run_in_threadpool(_decided, ask, facts.enterprise, facts.rows, facts.complete)
            return _decided(ask, facts.enterprise, {}, [])
        except GangmuError:
            return None

    async def _person(self, authorization: bytes) -> Person | None:
        """Who a token speaks for: looked up at most once a second, and anew after any change of accounts."""
        kind, _, token = authorization.partition(b" ")
        if kind.lower() != b"bearer":
            return None
        moment, changes = time.monotonic(), self.site.database.changes
        key = sha256(token).digest()  # a secret is not kept, here either
        until, then, person = self._seen.get(key, (0.0, -1, None))
        if person is not None and moment < until and then == changes:
            return person
        person = await run_in_threadpool(self._looked_up, token)
        if person is not None:
            while len(self._seen) >= MOST:
                self._seen.pop(next(iter(self._seen)))
            self._seen[key] = moment + TRUSTED, changes, person
        return person

    def _looked_up(self, token: bytes) -> Person | None:
        with self.site.database.begin() as connection:
            return by_token(connection, token.strip().decode("latin-1"))


def _decided(ask: Prepared, facts: Mapping[str, Any], rows: Mapping[str, Any], complete: list[str]) -> bytes:
    told = ask(facts, rows, complete).all()
    answers = {name: told_plainly(one) for name, one in told.items()}
    return json.dumps({"answers": answers}, ensure_ascii=False, separators=(",", ":")).encode()


async def _whole(receive: Receive) -> bytes:
    """The body; the guard counts it."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return body
    parts = [body]
    while message.get("more_body", False):
        message = await receive()
        parts.append(message.get("body", b""))
    return b"".join(parts)


class _Again:
    """A body that was received, to be received once more."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self.body: bytes | None = body
        self.receive = receive

    async def __call__(self) -> Message:
        if self.body is None:
            return await self.receive()
        body, self.body = self.body, None
        return {"type": "http.request", "body": body, "more_body": False}
