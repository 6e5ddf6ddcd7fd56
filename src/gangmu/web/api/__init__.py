"""The HTTP API: the verbs of the command line, in OpenAPI 3.1; errors are problem details (RFC 9457)."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI

from gangmu.web.api import answering, keeping, portfolios, reading
from gangmu.web.site import Site

PREFIX = "/api/v1"
PROBLEM: Final = "application/problem+json"


def add(app: FastAPI, site: Site) -> None:
    """Add every route of the API, and describe refusals as what they are."""
    for part in (reading, answering, keeping, portfolios):
        app.include_router(part.routes(site), prefix=PREFIX)
    described = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            for verbs in described()["paths"].values():
                for operation in verbs.values():
                    _as_problems(operation["responses"])
        return described()

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way of saying it


def _as_problems(responses: dict[str, Any]) -> None:
    """FastAPI describes a refusal by the shape of ordinary JSON; it is sent as problem details."""
    for told in responses.values():
        content = told.get("content", {})
        if PROBLEM in content:
            content[PROBLEM] = content.pop("application/json", content[PROBLEM])
