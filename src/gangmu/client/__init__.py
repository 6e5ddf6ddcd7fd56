"""A typed client of a Gangmu server (extra `client`; it needs httpx2 and nothing else of Gangmu).

    from gangmu.client import Client, Facts, Question

    with Client("https://plan.bank.example", token="gangmu_...") as client:
        told = client.decide(Question(Facts({"staff": 60, "industry": "6513"}), rules=["enterprise_size"]))
        print(told.answers["enterprise_size"].value)

`shapes` and `verbs` are written from the server's OpenAPI schema; `wire` is what they stand on. A refusal is
a `RefusedError` with everything that is wrong, an answer that is none of this API's an `AnswerError`.
"""

from __future__ import annotations

import time
from typing import Final

from gangmu.client.shapes import (
    Change,
    Changed,
    Facts,
    NewEnterprise,
    Outlook,
    Portfolio,
    ProblemDetails,
    Question,
    Reform,
    Units,
)
from gangmu.client.verbs import Verbs
from gangmu.client.wire import AnswerError, Content, Download, RefusedError

__all__ = [
    "AnswerError", "Change", "Changed", "Client", "Content", "Download", "Facts", "NewEnterprise", "Outlook",
    "Portfolio", "ProblemDetails", "Question", "Reform", "RefusedError", "Units",
]  # fmt: skip

_ENDED: Final = ("done", "failed")


class Client(Verbs):
    """A server, and the token by which it knows the caller; to be closed, or used in a `with`."""

    def wait(self, key: str, *, at_most: float = 3600.0, every: float = 1.0) -> Portfolio:
        """A portfolio when it is worked out (`done`) or cannot be (`failed`, with its `problems`).

        Asked again `every` so many seconds. Raises `TimeoutError` after `at_most` seconds, `RefusedError`.
        """
        until = time.monotonic() + at_most
        while (found := self.get_portfolio(key)).state not in _ENDED:
            if time.monotonic() + every > until:
                raise TimeoutError(f"the portfolio is {found.state} after {at_most:g} seconds")
            time.sleep(every)
        return found
