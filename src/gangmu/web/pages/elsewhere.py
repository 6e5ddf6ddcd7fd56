"""Signing in through an institution's own provider: there, and back again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from gangmu.errors import Problem
from gangmu.web.desk import NotFoundError
from gangmu.web.forms import local, to
from gangmu.web.oidc.accounts import WAIT, admit, recall, remember
from gangmu.web.oidc.handoff import refused
from gangmu.web.pages.accounts import enter
from gangmu.web.people import SignInError
from gangmu.web.site import Visit

if TYPE_CHECKING:  # the extra is there only where somebody is trusted
    from gangmu.web.oidc.issuer import Issuer

PATH: Final = "/sign-in"
_LOG = logging.getLogger("gangmu.web")


def leave(visit: Visit) -> Response:
    """To the provider, remembering who left."""
    destination = local(visit.request.query_params.get("to", "/"))
    return _or_why(visit, lambda issuer: _sent_off(visit, issuer, destination))


def come_back(visit: Visit) -> Response:
    """From the provider: an account and a session, or why not."""
    return _or_why(visit, lambda issuer: _session(visit, issuer))


def _or_why(visit: Visit, act: Callable[[Issuer], Response]) -> Response:
    """What comes of it, or the sign-in page that says why not: its address has neither code nor state."""
    name = visit.request.path_params["provider"]
    issuer = visit.site.issuers.get(name)
    if issuer is None:
        what = "nobody signs in through this"
        raise NotFoundError(Problem("not-found", "sign-in", what, ", ".join(visit.site.issuers)))
    try:
        return act(issuer)
    except SignInError as error:
        # What happened, and nothing of what was sent: neither code nor state nor token.
        why, detail = error.problems[0].code, error.problems[0].other
        _LOG.warning("sign-in through %s refused: %s (%s)", name, why, detail)
        return to(f"{PATH}?{urlencode({'why': why})}")


def _sent_off(visit: Visit, issuer: Issuer, destination: str) -> Response:
    settings = visit.site.settings
    scheme = "https" if settings.secure else visit.request.url.scheme
    back = f"{scheme}://{visit.request.headers['host']}{PATH}/{issuer.provider.name}/done"
    handoff = issuer.begin(back)
    with visit.site.database.begin() as connection:
        secret = remember(connection, issuer.provider.name, handoff, back, destination)
    response = RedirectResponse(handoff.url, 303)
    response.set_cookie(
        settings.handoff_cookie, secret, max_age=int(WAIT.total_seconds()),
        httponly=True, samesite="lax", secure=settings.secure,
    )  # fmt: skip
    return response


def _session(visit: Visit, issuer: Issuer) -> Response:
    site, cookie = visit.site, visit.site.settings.handoff_cookie
    with site.database.begin() as connection:
        kept = recall(connection, issuer.provider.name, visit.request.cookies.get(cookie, ""))
    if kept is None:
        raise refused("state-wrong", "no handoff")
    handoff, back, destination = kept
    claims = issuer.finish(handoff, back, visit.request.query_params)
    with site.database.begin() as connection:
        person, error = admit(connection, issuer.provider, claims, visit.address)
    if error is not None:
        raise error
    response = to(local(destination))
    response.delete_cookie(cookie, secure=site.settings.secure, httponly=True)
    enter(visit, person, response)
    return response
