"""How a question becomes a request and an answer a shape: what the generated verbs stand on.

Answers are checked while they are read: a field that is missing or of another type is an `AnswerError` here,
not a surprise later. Fields that are not known are passed over, so that an older client reads a newer server.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, Final, Literal, Self, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from urllib.parse import quote

try:
    import httpx2
except ImportError:
    raise ImportError("the client needs httpx2: pip install 'gangmu[client]'") from None

from gangmu.client.shapes import ProblemDetails
from gangmu.errors import GangmuError, Problem

T = TypeVar("T")
Content = bytes | Iterable[bytes] | IO[bytes]
PROBLEM: Final = "application/problem+json"
_PATIENCE: Final = httpx2.Timeout(10.0, read=60.0, write=60.0)  # seconds for a part, not for the whole
_MOST_TOLD: Final = 1 << 20  # bytes of a refusal that are read


class RefusedError(GangmuError):
    """The server refused: `details` are its problem details (RFC 9457), `problems` all that is wrong."""

    def __init__(self, details: ProblemDetails) -> None:
        """Take what the server said."""
        self.details = details
        told = [
            Problem(one.code, one.where, one.what, one.expected, one.todo, one.other, one.rule)
            for one in details.problems
        ]
        super().__init__(told or [Problem(self.code, details.instance, details.title, todo=details.detail)])

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.details.status

    @property
    def code(self) -> str:
        """The kind of the first problem: short and stable, as `not-found`."""
        return self.details.type.rpartition(":")[2]


class AnswerError(GangmuError):
    """What came back is no answer of this API: another server, a proxy's page, another version."""


def _strange(where: str, what: str, expected: str) -> AnswerError:
    return AnswerError(
        Problem("answer-strange", where, what, expected, "ask a Gangmu server of this version")
    )


# --------------------------------------------------------------------------------------------------- requests


class Wire:
    """The connection to one server. `token` is sent to this address alone: redirects are not followed."""

    def __init__(self, address: str, token: str = "", *, timeout: httpx2.Timeout | float = _PATIENCE) -> None:
        """`address` as `https://plan.bank.example`, `token` as made under *Account* (demonstration: none)."""
        headers = {"accept": f"application/json, {PROBLEM}", "user-agent": "gangmu-client"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        self._http = httpx2.Client(base_url=address, headers=headers, timeout=timeout, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _ask(  # noqa: PLR0913  what a request is made of
        self,
        kind: type[T],
        method: str,
        path: str,
        parts: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, object] | None = None,
        shape: object = None,
        content: Content | None = None,
    ) -> T:
        """One request and its answer as a `kind`. Raises `RefusedError`, `AnswerError`, errors of httpx2."""
        told = self._send(method, path, parts, query=query, shape=shape, content=content)
        return read(kind, _json(told), path)

    def _send(  # noqa: PLR0913  as above
        self,
        method: str,
        path: str,
        parts: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, object] | None = None,
        shape: object = None,
        content: Content | None = None,
    ) -> httpx2.Response:
        """One request that was not refused."""
        told = self._http.send(self._request(method, path, parts, query, shape, content))
        if not told.is_success:
            raise _refusal(told)
        return told

    def _stream(
        self,
        method: str,
        path: str,
        parts: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, object] | None = None,
    ) -> Download:
        """A request whose answer is taken part by part."""
        return Download(self._http, self._request(method, path, parts, query, None, None))

    def _request(  # noqa: PLR0913, PLR0917  as above
        self,
        method: str,
        path: str,
        parts: Mapping[str, str] | None,
        query: Mapping[str, object] | None,
        shape: object,
        content: Content | None,
    ) -> httpx2.Request:
        url = path.format(**{name: quote(value, safe="") for name, value in (parts or {}).items()})
        asked = {name: sent(value) for name, value in (query or {}).items() if value is not None}
        if shape is not None:
            return self._http.build_request(method, url, params=asked, json=sent(shape))
        return self._http.build_request(method, url, params=asked, content=content)


class Download:
    """An answer that may be large: saved to a file, or taken part by part; whole in memory only by `read`."""

    def __init__(self, http: httpx2.Client, request: httpx2.Request) -> None:
        """Nothing is asked before somebody takes something."""
        self._http, self._request = http, request

    def __iter__(self) -> Iterator[bytes]:
        """The parts as they come. Raises `RefusedError`."""
        told = self._http.send(self._request, stream=True)
        try:
            if not told.is_success:
                raise _refusal(told)
            yield from told.iter_bytes()
        finally:
            told.close()

    def lines(self) -> Iterator[Mapping[str, Any]]:
        """The rows of an answer asked for as `jsonl`."""
        rest = b""
        for part in self:
            *whole, rest = (rest + part).split(b"\n")
            yield from (json.loads(line) for line in whole)
        if rest:
            yield json.loads(rest)

    def read(self) -> bytes:
        """All of it."""
        return b"".join(self)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write it to a file, which is there whole or not at all."""
        found = Path(path)
        beside = found.with_name(f".{found.name}.part")
        try:
            with beside.open("wb") as file:
                for part in self:
                    file.write(part)
            beside.replace(found)
        finally:
            beside.unlink(missing_ok=True)
        return found


def _refusal(told: httpx2.Response) -> GangmuError:
    """The refusal that a server sent, or that what it sent is none."""
    if told.headers.get("content-type", "").partition(";")[0] != PROBLEM:
        return _strange(told.url.path, f"the server answers {told.status_code} without a reason", PROBLEM)
    body = b""
    if not told.is_stream_consumed:
        for part in told.iter_bytes():
            body += part
            if len(body) > _MOST_TOLD:
                return _strange(told.url.path, "the refusal has no end", PROBLEM)
    try:
        return RefusedError(read(ProblemDetails, json.loads(body or told.content), told.url.path))
    except ValueError:
        return _strange(told.url.path, "the refusal is no JSON", PROBLEM)


def _json(told: httpx2.Response) -> object:
    try:
        return told.json()
    except ValueError as error:
        raise _strange(told.url.path, "what came back is no JSON", "application/json") from error


# ---------------------------------------------------------------------------------------------------- shapes


def sent(value: object) -> Any:  # noqa: ANN401  JSON
    """A value as JSON; of a shape what is not left at its default, so that an older server understands it."""
    if is_dataclass(value) and not isinstance(value, type):
        found = {one.name.rstrip("_"): (getattr(value, one.name), _default(one)) for one in fields(value)}
        return {name: sent(item) for name, (item, default) in found.items() if item != default}
    if isinstance(value, Mapping):
        return {str(name): sent(item) for name, item in value.items()}
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [sent(item) for item in value]
    return value


def _default(one: Field[Any]) -> object:
    return one.default if one.default_factory is MISSING else one.default_factory()


@cache
def _hints(kind: type) -> dict[str, tuple[str, Any, bool]]:
    """Of each field of a shape: its name on the wire, its type, whether it has to be there."""
    hints = get_type_hints(kind)
    return {
        one.name: (
            one.name.rstrip("_"),
            hints[one.name],
            one.default is MISSING and one.default_factory is MISSING,
        )
        for one in fields(kind)
    }


def read(kind: type[T], value: object, where: str = "") -> T:
    """JSON as a type: a shape, a list, a mapping, a date, a plain value. Raises `AnswerError`."""
    return cast("T", _read(kind, value, where))


def _read(kind: Any, value: object, where: str) -> object:  # noqa: ANN401  any type
    origin = get_origin(kind)
    if kind is Any:
        return value
    if origin in (Union, types.UnionType):
        return _read_one_of(get_args(kind), value, where)
    if origin is Literal and value in get_args(kind):
        return value
    if is_dataclass(kind) and isinstance(kind, type) and isinstance(value, dict):
        return _read_shape(kind, value, where)
    if origin in (Sequence, list) and isinstance(value, list):
        [item] = get_args(kind)
        return [_read(item, one, f"{where}[{place}]") for place, one in enumerate(value)]
    if origin is Mapping and isinstance(value, dict):
        _, item = get_args(kind)
        return {name: _read(item, one, f"{where}.{name}") for name, one in value.items()}
    if kind in (dt.date, dt.datetime) and isinstance(value, str):
        try:
            return kind.fromisoformat(value)
        except ValueError as error:
            raise _strange(where, f"`{value[:40]}` is no {kind.__name__}", "ISO 8601") from error
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(kind, type) and type(value) is kind:
        return value
    expected = getattr(kind, "__name__", str(kind))
    raise _strange(where, f"{type(value).__name__} came back", expected)


def _read_one_of(kinds: Sequence[Any], value: object, where: str) -> object:
    if value is None and type(None) in kinds:
        return None
    for kind in kinds:
        try:
            return _read(kind, value, where)
        except AnswerError:
            continue
    expected = " or ".join(getattr(kind, "__name__", str(kind)) for kind in kinds)
    raise _strange(where, f"{type(value).__name__} came back", expected)


def _read_shape(kind: type, value: Mapping[str, object], where: str) -> object:
    found = {}
    for name, (wire, hint, needed) in _hints(kind).items():
        if wire in value:
            found[name] = _read(hint, value[wire], f"{where}.{wire}")
        elif needed:
            raise _strange(f"{where}.{wire}", "nothing came back", getattr(hint, "__name__", str(hint)))
    return kind(**found)
