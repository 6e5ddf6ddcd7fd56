"""What is remembered while somebody is at the issuer, and how a sign-in is refused."""

from __future__ import annotations

from dataclasses import dataclass

from gangmu.errors import Problem
from gangmu.web.people import SignInError
from gangmu.web.words import say


@dataclass(frozen=True, slots=True)
class Handoff:
    """Somebody who was sent to the issuer at `url` and is to come back; all else is secret."""

    url: str
    state: str
    nonce: str
    verifier: str


def refused(code: str, detail: str = "") -> SignInError:
    """A sign-in that comes to nothing. Neither a secret nor what an issuer wrote stands in it.

    `code` has its words under `why ...` in `gangmu.web.words`; `detail` is for the log alone.
    """
    return SignInError(Problem(code, "sign-in", say(f"why {code}", "en"), other=detail))
