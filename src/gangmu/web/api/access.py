"""Who calls the API: by token, or by the session of a browser with its form secret."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request

from gangmu.errors import Problem
from gangmu.web.api.shapes import ProblemDetails
from gangmu.web.desk import NotAllowedError
from gangmu.web.forms import check_csrf, same_origin
from gangmu.web.site import Site, Visit

REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": ProblemDetails, "content": {"application/problem+json": {}}, "description": words}
    for status, words in (
        (400, "Not JSON"),
        (401, "Nobody is signed in"),
        (403, "Not allowed"),
        (404, "Not found"),
        (408, "Sent too slowly"),
        (409, "Changed meanwhile"),
        (413, "Too large"),
        (414, "Address too long"),
        (421, "Host not served"),
        (422, "Not understood"),
        (429, "Too fast"),
        (431, "Too many headers"),
        (503, "Takes too long"),
    )
}


def visit_of(site: Site, request: Request) -> Visit:
    """The visit; one that changes something through a browser's session carries its secret."""
    from gangmu.web.app import visit_of as any_visit

    visit = any_visit(site, request)
    by_token = request.headers.get("authorization", "").lower().startswith("bearer ")
    if not by_token and request.method not in ("GET", "HEAD") and visit.person is not None:
        same_origin(visit)
        if not site.settings.demo:
            check_csrf(visit, "")
    return visit


def known(visit: Visit) -> Visit:
    """The visit of somebody signed in. Raises `NotAllowedError`."""
    if visit.person is None:
        raise NotAllowedError(
            Problem(
                "sign-in-needed", "account", "nobody is signed in", "a token", "send it as a bearer token"
            )
        )
    return visit
