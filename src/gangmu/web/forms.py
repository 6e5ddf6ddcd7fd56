"""What a form sends, read within limits, and only from a page of ours."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException
from starlette.responses import RedirectResponse

from gangmu.errors import GangmuError, Problem
from gangmu.web.desk import NotAllowedError
from gangmu.web.site import Visit

MAX_FIELDS = 20_000
CSRF = "csrf"


@asynccontextmanager
async def form_of(visit: Visit, *, signed_in: bool = True, needs: str = "") -> AsyncIterator[FormData]:
    """The fields of a form. Raises `GangmuError` for one that is not ours, or too long.

    Nothing of it is read for a stranger, nor for a role that does not include `needs`.
    """
    same_origin(visit)
    if signed_in and visit.person is None:
        raise stranger()
    if needs and visit.person is not None and not visit.person.may(needs):
        what = f"the role {visit.person.role} does not include this"
        raise NotAllowedError(
            Problem("not-allowed", "account", what, "an account that may", "ask your administrator")
        )
    try:
        async with visit.request.form(
            max_files=1, max_fields=MAX_FIELDS, max_part_size=visit.site.settings.max_form
        ) as form:
            if signed_in:
                check_csrf(visit, str(form.get(CSRF, "")))
            yield form
    except MultiPartException as error:
        raise GangmuError(
            Problem("form-invalid", "form", error.message, "a form of this site", "open it again")
        ) from error


def stranger() -> NotAllowedError:
    """The error for somebody who is not signed in."""
    return NotAllowedError(
        Problem("sign-in-needed", "account", "nobody is signed in", "an account", "sign in")
    )


def check_csrf(visit: Visit, given: str) -> None:
    """Whether a form was ours: it carries the session's own secret. Raises `NotAllowedError`."""
    if visit.person is None:
        raise stranger()
    given = given or visit.request.headers.get("x-csrf", "")
    if not visit.person.csrf or not secrets.compare_digest(given.encode(), visit.person.csrf.encode()):
        raise NotAllowedError(
            Problem(
                "form-foreign",
                "form",
                "this form is not from your session",
                "a form of this site",
                "open it again",
            )
        )


def same_origin(visit: Visit) -> None:
    """Whether the browser says that the request came from a page of ours. Raises `NotAllowedError`."""
    headers = visit.request.headers
    origin = headers.get("origin", "")
    foreign = origin not in ("", "null") and urlsplit(origin).netloc != headers.get("host", "")
    if (
        foreign
        or origin == "null"
        or headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    ):
        raise NotAllowedError(
            Problem(
                "form-foreign",
                "form",
                "this form is from another site",
                "a form of this site",
                "open it here",
            )
        )


def to(path: str) -> RedirectResponse:
    """Go on to a page of ours."""
    return RedirectResponse(path, 303)


def local(path: str) -> str:
    """A path of this site, whatever was asked for."""
    parts = urlsplit(path)
    ours = (
        path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    )
    return path if ours else "/"
