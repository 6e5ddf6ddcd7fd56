"""A small OpenID Connect provider, made of Authlib's own server: what sign-in is tested against.

It is honest unless told otherwise: `twist` changes the claims of the next ID tokens, `forger` signs them with
another key, `alg` by another algorithm. Whoever is `at_home` is signed in there without being asked.
"""

from __future__ import annotations

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Payload, OAuth2Request, grants
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode, UserInfo
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from served import served

CLIENT, SECRET = "gangmu", "the client's own secret"
KID = "first"


class Code(dict[str, Any]):
    """What was granted, until it is redeemed."""

    def get_redirect_uri(self) -> str:
        return str(self["redirect_uri"])

    def get_scope(self) -> str:
        return str(self["scope"])

    def get_nonce(self) -> str:
        return str(self["nonce"])

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None

    @property
    def code_challenge(self) -> str:
        return str(self["code_challenge"])

    @property
    def code_challenge_method(self) -> str:
        return str(self["code_challenge_method"])


class Client(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """The one client there is: Gangmu."""

    id_token_signed_response_alg = "ES256"  # noqa: S105  an algorithm

    def get_client_id(self) -> str:
        return CLIENT

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri.endswith("/sign-in/north/done")

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic" and endpoint == "token"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Provider:
    """The provider, who is at home, and how it lies."""

    address: str = ""
    at_home: dict[str, Any] = field(default_factory=dict)
    twist: Callable[[dict[str, Any]], object] = lambda _: None
    forger: Any = None
    alg: str = "ES256"
    about: dict[str, Any] = field(default_factory=dict)  # said of itself besides what is so
    key: Any = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": KID}))
    codes: dict[str, Code] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # paths, in order

    def honest(self) -> None:
        """As at the beginning, but with the same key."""
        self.twist, self.forger, self.alg, self.about = lambda _: None, None, "ES256", {}
        self.asked.clear()


class _Payload(OAuth2Payload):  # type: ignore[misc]
    def __init__(self, values: dict[str, str]) -> None:
        self.values = values

    @property
    def data(self) -> dict[str, str]:
        return self.values

    @property
    def datalist(self) -> dict[str, list[str]]:
        return {name: [value] for name, value in self.values.items()}


class _Request(OAuth2Request):  # type: ignore[misc]
    def __init__(self, request: Request, body: bytes) -> None:
        super().__init__(request.method, str(request.url), headers=request.headers)
        self.posted = dict(parse_qsl(body.decode()))
        self.payload = _Payload({**request.query_params, **self.posted})

    @property
    def args(self) -> dict[str, str]:
        return dict(self.payload.values)

    @property
    def form(self) -> dict[str, str]:
        return self.posted


class _Server(AuthorizationServer):  # type: ignore[misc]
    def query_client(self, client_id: str) -> Client | None:
        return Client() if client_id == CLIENT else None

    def save_token(self, token: object, request: object) -> None:
        """Nothing is kept."""

    def send_signal(self, *_: object, **__: object) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: _Request) -> _Request:
        return request

    def handle_response(self, status: int, body: object, headers: object) -> Response:
        sent = dict(headers)  # type: ignore[call-overload]
        return JSONResponse(body, status, sent) if isinstance(body, Mapping) else Response("", status, sent)


def _grant(provider: Provider) -> type:
    class Grant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

        def save_authorization_code(self, code: str, request: _Request) -> None:
            provider.codes[code] = Code(request.payload.data)

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            assert client.get_client_id() == CLIENT
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            provider.codes = {
                key: one for key, one in provider.codes.items() if one is not authorization_code
            }

        def authenticate_user(self, authorization_code: Code) -> dict[str, Any]:
            assert authorization_code
            return provider.at_home

    return Grant


def _by_hand(alg: str, claims: dict[str, Any], key: bytes) -> str:
    """An ID token without a signature, or by a secret that is none."""
    parts = [json.dumps(one).encode() for one in ({"alg": alg, "kid": KID}, claims)]
    text = b".".join(urlsafe_b64encode(one).rstrip(b"=") for one in parts)
    made = hmac.digest(key, text, "sha256") if alg == "HS256" else b""
    return (text + b"." + urlsafe_b64encode(made).rstrip(b"=")).decode()


def _open_id(provider: Provider) -> OpenIDCode:
    class OpenId(OpenIDCode):  # type: ignore[misc]
        def exists_nonce(self, nonce: str, request: _Request) -> bool:
            assert request.method
            return any(one["nonce"] == nonce for one in provider.codes.values())

        def get_client_claims(self, client: Client) -> dict[str, Any]:
            return {"iss": provider.address, "aud": [client.get_client_id()]}

        def resolve_client_private_key(self, client: Client) -> object:
            assert client.get_client_id() == CLIENT
            return provider.key

        def generate_user_info(self, user: dict[str, Any], scope: str) -> UserInfo:
            assert "openid" in scope
            return UserInfo(user)

        def encode_id_token(self, token: dict[str, Any], request: _Request) -> str:
            honest = super().encode_id_token(token, request)
            claims = jwt.decode(honest, provider.key, algorithms=["ES256"]).claims
            provider.twist(claims)
            if isinstance(provider.forger, bytes):  # what joserfc refuses to make
                return _by_hand(provider.alg, claims, provider.forger)
            return jwt.encode(
                {"alg": "ES256", "kid": KID}, claims, provider.forger or provider.key, ["ES256"]
            )

    return OpenId(require_nonce=True)


@contextmanager
def provided() -> Iterator[Provider]:
    """A provider that answers on loopback."""
    provider, server = Provider(), _Server()
    server.register_grant(_grant(provider), [_open_id(provider), CodeChallenge(required=True)])
    server.register_token_generator("default", BearerTokenGenerator(lambda *_, **__: "an access token"))

    async def about(_: Request) -> Response:
        here = provider.address
        found = {
            "issuer": here, "authorization_endpoint": f"{here}/authorize", "token_endpoint": f"{here}/token",
            "jwks_uri": f"{here}/keys",
        }  # fmt: skip
        return JSONResponse(found | provider.about)

    async def keys(_: Request) -> Response:
        return JSONResponse({"keys": [{"kty": "strange"}, provider.key.as_dict(private=False)]})

    async def authorize(request: Request) -> Response:
        asked = _Request(request, b"")
        grant = server.get_consent_grant(asked, provider.at_home)
        told = server.create_authorization_response(asked, provider.at_home or None, grant)
        assert isinstance(told, Response)
        return told

    async def token(request: Request) -> Response:
        told = server.create_token_response(_Request(request, await request.body()))
        assert isinstance(told, Response)
        return told

    routes = [
        Route("/.well-known/openid-configuration", about), Route("/keys", keys),
        Route("/authorize", authorize), Route("/token", token, methods=["POST"]),
    ]  # fmt: skip
    inner = Starlette(routes=routes)

    async def noting(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401  plain ASGI
        if scope["type"] == "http":
            provider.asked.append(scope["path"])
        await inner(scope, receive, send)

    with served(noting) as provider.address:
        yield provider
