"""What the pages share: the books, the database, and what one request is about."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from gangmu.book import Book, load
from gangmu.engine.prepared import Prepared
from gangmu.errors import Problem, QuestionError
from gangmu.report.due import DueResult
from gangmu.report.tracked_page import Version
from gangmu.web.desk import Desk, NotAllowedError, NotFoundError
from gangmu.web.files import Shelf
from gangmu.web.kept import Kept
from gangmu.web.overlays import open_overlay
from gangmu.web.pace import Pace, Turns
from gangmu.web.people import Person
from gangmu.web.presence import Presence
from gangmu.web.settings import Settings
from gangmu.web.sieve import Sifted
from gangmu.web.store.database import Database

if TYPE_CHECKING:
    from gangmu.web.oidc.issuer import Issuer

LANGS = ("en", "zh")
KEPT = 64  # of each kind that takes long to work out
LANG_COOKIE = "gangmu_lang"


@dataclass
class Site:
    """One running installation."""

    settings: Settings
    database: Database
    presence: Presence
    demo: Person | None = None  # whom every visitor is in a demonstration
    issuers: Mapping[str, Issuer] = field(default_factory=dict)  # through whom people sign in, by name
    wake: Callable[[], None] = lambda: None  # called when there is background work
    pace: Pace = field(init=False)  # of each account
    uploads: Turns = field(init=False)  # of each institution
    _books: dict[str, Book] = field(default_factory=dict)
    _addresses: dict[str, str] = field(default_factory=dict)
    _loading: threading.Lock = field(default_factory=threading.Lock)
    ready: Kept[Prepared] = field(default_factory=lambda: Kept(KEPT))  # questions prepared
    plans: Kept[Version] = field(default_factory=lambda: Kept(KEPT))
    indices: Kept[Mapping[str, Any]] = field(default_factory=lambda: Kept(KEPT))
    extended: Kept[Book] = field(default_factory=lambda: Kept(8))
    sifted: Kept[Sifted] = field(default_factory=lambda: Kept(KEPT))  # asked by the ids of portfolios
    dates: Kept[DueResult] = field(default_factory=lambda: Kept(4 * KEPT))  # asked by the ids of enterprises

    def __post_init__(self) -> None:
        """A book of one's own, in a folder, is called as it calls itself. Raises `RulebookError`."""
        self.pace = Pace(self.settings.account_requests_a_minute)
        self.uploads = Turns(self.settings.uploads_at_once)
        for address in self.settings.books:
            if Path(address).is_dir():
                book = load(address)
                self._books[book.name] = book
                self._addresses[book.name] = str(Path(address).resolve())
            else:
                self._addresses[address] = address

    @property
    def names(self) -> tuple[str, ...]:
        """The books that are served; the first one is shown unless another is asked for."""
        return tuple(self._addresses)

    def overlay(self, row: Mapping[str, Any]) -> Book:
        """The book that a kept page makes of the one it extends. Raises `GangmuError`."""
        base = self.address(row["base"])
        key = (row["id"], self.book(row["base"]).digest)
        return self.extended(key, lambda: open_overlay(self.settings.data / "overlays", row, base))

    @property
    def shelf(self) -> Shelf:
        """Where uploads are kept."""
        made = self.settings
        return Shelf(made.files, self.presence.key, made.max_upload, made.max_rows, made.max_columns)

    def address(self, name: str) -> str:
        """Where a served book is loaded from. Raises `NotFoundError`."""
        if name not in self._addresses:
            raise NotFoundError(
                Problem("book-unknown", "book", f"`{name}` is not served here", ", ".join(self.names))
            )
        return self._addresses[name]

    def close(self) -> None:
        """Let go of the database, and be alive no more."""
        self.database.close()
        self.presence.leave()

    def book(self, name: str = "") -> Book:
        """A served book, loaded once. Raises `NotFoundError`."""
        wanted = name or self.names[0]
        address = self.address(wanted)
        with self._loading:
            if wanted not in self._books:
                self._books[wanted] = load(address)
            return self._books[wanted]


@dataclass(frozen=True)
class Visit:
    """One request: who, in which language, as of which day."""

    site: Site
    request: Request
    person: Person | None
    lang: str
    as_of: date

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """The person's desk, in one transaction. Raises `NotAllowedError` for a stranger."""
        if self.person is None:
            raise NotAllowedError(
                Problem("sign-in-needed", "account", "nobody is signed in", "an account", "sign in")
            )
        with self.site.database.begin() as connection:
            yield Desk(connection, self.person, self.address)

    @property
    def address(self) -> str:
        """Where the request came from."""
        return self.request.client.host if self.request.client else ""

    @property
    def book(self) -> Book:
        """The book asked for."""
        return self.site.book(self.request.query_params.get("book", ""))


@dataclass(frozen=True)
class View:
    """What a page shows: a template and its values (the same values are its JSON)."""

    template: str
    title: str
    values: Mapping[str, Any]
    status: int = 200


def read_day(text: str | None) -> date:
    """The day asked for (ISO text), or today. Raises `QuestionError`."""
    if not text:
        return date.today()  # noqa: DTZ011  the day where the reader is
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        problem = Problem(
            "date-invalid", "as_of", f"`{text[:40]}` is no date", "YYYY-MM-DD", "write 2026-06-30"
        )
        raise QuestionError(problem) from error


def read_lang(request: Request) -> str:
    """The language asked for, remembered, or preferred by the browser."""
    for wanted in (request.query_params.get("lang"), request.cookies.get(LANG_COOKIE)):
        if wanted in LANGS:
            return str(wanted)
    return "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
