"""The HTTP API: the verbs of the command line, in OpenAPI 3.1; errors are problem details (RFC 9457)."""

from __future__ import annotations

from fastapi import FastAPI

from gangmu.web.api import answering, keeping, portfolios, reading
from gangmu.web.site import Site

PREFIX = "/api/v1"


def add(app: FastAPI, site: Site) -> None:
    """Add every route of the API."""
    for part in (reading, answering, keeping, portfolios):
        app.include_router(part.routes(site), prefix=PREFIX)
