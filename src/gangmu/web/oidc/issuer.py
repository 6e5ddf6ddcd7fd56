"""The one module that talks to the network: to the configured issuers, and to nobody else.

Authorization code with PKCE (RFC 7636); state, nonce and the ID token's signature, issuer, audience and times
are checked. Authlib makes the requests and knows the claims, joserfc the signatures. Nothing that an issuer
sends is believed before that, read beyond a limit, or written to a log.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, import_key
from joserfc.jws import JWSRegistry

from gangmu.web.oidc.handoff import Handoff, refused
from gangmu.web.oidc.provider import Provider

# Signatures that only the issuer can make: none by a shared secret, and never `none`.
SIGNED_BY: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
)  # fmt: skip
LEEWAY: Final = 60  # seconds that two clocks may differ
FRESH: Final = 3600.0  # seconds for which what an issuer says about itself is kept
_SELDOM: Final = 60.0  # seconds before its keys are asked for again
_PATIENCE: Final = httpx2.Timeout(5.0, read=10.0)  # less than the guard lets a page take
_MOST: Final = 1 << 20  # bytes of an answer


class Issuer:
    """One configured issuer; what it says about itself is asked once an hour."""

    def __init__(self, provider: Provider) -> None:
        """Nothing is asked before somebody signs in."""
        self.provider = provider
        self._lock = threading.Lock()
        self._about: tuple[float, Mapping[str, Any]] = (-FRESH, {})
        self._keys: tuple[float, KeySet | None] = (-FRESH, None)

    def begin(self, back: str) -> Handoff:
        """Where to send somebody; `back` is the address to which they return. Raises `SignInError`."""
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        with _asking(), self._client(back) as client:
            where = self._endpoint("authorization_endpoint")
            asked = {"nonce": nonce}
            if self.provider.acr:
                asked["acr_values"] = " ".join(self.provider.acr)
            url, state = client.create_authorization_url(where, secrets.token_urlsafe(24), verifier, **asked)
        return Handoff(url, state, nonce, verifier)

    def finish(self, handoff: Handoff, back: str, given: Mapping[str, str]) -> Mapping[str, Any]:
        """The claims about whoever came back with `given` (a query). Raises `SignInError`."""
        if not hmac.compare_digest(given.get("state", "").encode(), handoff.state.encode()):
            raise refused("state-wrong")
        if given.get("iss", self.provider.issuer) != self.provider.issuer:  # RFC 9207
            raise refused("issuer-wrong", "iss of the answer")
        if "code" not in given:
            raise refused("issuer-refused", "no code")
        with _asking(), self._client(back) as client:
            token = client.fetch_token(
                self._endpoint("token_endpoint"), grant_type="authorization_code",
                code=given["code"], code_verifier=handoff.verifier,
            )  # fmt: skip
            return self._verified(token, handoff.nonce)

    # ------------------------------------------------------------------ what an issuer says

    def _verified(self, token: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        signed, registry = (
            str(token.get("id_token") or ""),
            JWSRegistry(algorithms=list(SIGNED_BY), strict_check_header=False),
        )
        try:
            try:
                read = jwt.decode(signed, self._key_set(), registry=registry)
            except InvalidKeyIdError:  # its keys were changed since they were asked for
                read = jwt.decode(signed, self._key_set(since=_SELDOM), registry=registry)
            expected = {
                "iss": {"essential": True, "value": self.provider.issuer},
                "aud": {"essential": True, "value": self.provider.client_id},
            }
            client, access = self.provider.client_id, token.get("access_token")
            about = {"nonce": nonce, "client_id": client, "access_token": access}
            claims = CodeIDToken(read.claims, read.header, expected, about)
            claims.validate(leeway=LEEWAY)
        except (JoseError, ValueError) as error:
            raise refused("id-token-invalid", getattr(error, "error", type(error).__name__)) from None
        if self.provider.acr and claims.get("acr") not in self.provider.acr:
            raise refused("acr-missing", "acr of the ID token")
        return dict(claims)

    def _endpoint(self, name: str) -> str:
        return str(self._metadata()[name])

    def _metadata(self) -> Mapping[str, Any]:
        with self._lock:
            asked, found = self._about
            if time.monotonic() - asked < FRESH and found:
                return found
        found = self._get(f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.provider.issuer:
            raise refused("issuer-wrong", "issuer of the metadata")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not self._ours(str(found.get(name, ""))):
                raise refused("issuer-elsewhere", f"`{name}`: name its host under `hosts`")
        with self._lock:
            self._about = (time.monotonic(), found)
        return found

    def _key_set(self, since: float = FRESH) -> KeySet:
        with self._lock:
            asked, found = self._keys
            if found is not None and time.monotonic() - asked < since:
                return found
        told = self._get(self._endpoint("jwks_uri")).get("keys")
        if not isinstance(told, list):
            raise refused("issuer-wrong", "no keys")
        found = KeySet(list(_keys_in(told)))
        with self._lock:
            self._keys = (time.monotonic(), found)
        return found

    def _get(self, url: str) -> Mapping[str, Any]:
        with self._client("") as client:
            told = client.request("GET", url, withhold_token=True)
            told.raise_for_status()
            found = told.json()
        if not isinstance(found, dict):
            raise refused("issuer-wrong", "no metadata")
        return found

    # ------------------------------------------------------------------ the way to it

    def _client(self, back: str) -> Any:  # noqa: ANN401  Authlib has no types
        provider = self.provider
        return OAuth2Client(
            provider.client_id, provider.secret, scope=" ".join(("openid", *provider.scopes)),
            redirect_uri=back, code_challenge_method="S256",
            transport=_Fence(self._ours), timeout=_PATIENCE, follow_redirects=False,
        )  # fmt: skip

    def _ours(self, url: str) -> bool:
        """Whether an address is the issuer's: its scheme, and its host or one that is configured."""
        own, other = urlsplit(self.provider.issuer), urlsplit(url)
        if other.scheme != own.scheme or other.username is not None:
            return False
        return other.netloc == own.netloc or other.netloc in self.provider.hosts


class _Fence(httpx2.BaseTransport):
    """Where every request goes through: to the issuer only, and of an answer so many bytes."""

    def __init__(self, ours: Callable[[str], bool]) -> None:
        self.ours, self.inner = ours, httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Let a request through. Raises `httpx2.UnsupportedProtocol` for one that goes elsewhere."""
        if not self.ours(str(request.url)):
            raise httpx2.UnsupportedProtocol("not the issuer")
        told = self.inner.handle_request(request)
        stream = told.stream
        if not isinstance(stream, httpx2.SyncByteStream):
            raise httpx2.ReadError("not a stream")
        return httpx2.Response(
            told.status_code, headers=told.headers, stream=_Short(stream), extensions=told.extensions
        )

    def close(self) -> None:
        """Let go of the connections."""
        self.inner.close()


class _Short(httpx2.SyncByteStream):
    """What an issuer sends, as far as it is read."""

    def __init__(self, stream: httpx2.SyncByteStream) -> None:
        self.stream = stream

    def __iter__(self) -> Iterator[bytes]:
        left = _MOST
        for part in self.stream:
            left -= len(part)
            if left < 0:
                raise httpx2.ReadError("the answer has no end")
            yield part

    def close(self) -> None:
        self.stream.close()


def _keys_in(told: list[object]) -> Iterator[Any]:
    """The keys that sign; one of a kind that is not known here leaves the others what they are."""
    for one in told:
        if isinstance(one, dict) and one.get("kty") != "oct" and one.get("use", "sig") == "sig":
            with suppress(JoseError, ValueError, TypeError, KeyError):
                yield import_key(one)


# ------------------------------------------------------------------------------------------------- refusals


@contextmanager
def _asking() -> Iterator[None]:
    """Turns what can go wrong on the way into a refusal; what was sent and received stays out of it."""
    try:
        yield
    except OAuthError:
        raise refused("issuer-refused", "no token for the code") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise refused("issuer-silent", type(error).__name__) from None
