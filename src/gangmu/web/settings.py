"""What an installation decides: where data lie, which books are served, how much a request may take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gangmu.web.oidc.provider import Provider

MEGABYTE = 1 << 20
LOOPBACK = ("127.0.0.1", "localhost", "::1", "testserver")


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation. `database` is an SQLAlchemy URL; left out, it is SQLite in `data`.

    With `demo` nobody signs in: every visitor works in the shipped example's institution, and nothing but
    loopback may be listened on. `secure` says that people come by HTTPS (cookies then travel by it alone).
    """

    data: Path
    database: str = ""
    books: tuple[str, ...] = ("cn",)
    demo: bool = False
    secure: bool = False
    max_upload: int = 512 * MEGABYTE
    max_form: int = 1 * MEGABYTE
    max_seconds: float = 30.0
    requests_a_minute: int = 600
    session_hours: int = 12
    hosts: tuple[str, ...] = LOOPBACK
    providers: tuple[Provider, ...] = ()  # through whom people sign in

    @property
    def url(self) -> str:
        """The database's address."""
        return self.database or f"sqlite:///{(self.data / 'gangmu.sqlite').as_posix()}"

    @property
    def files(self) -> Path:
        """Where uploads lie, by their content."""
        return self.data / "files"

    @property
    def templates(self) -> Path:
        """Where the Word templates of institutions lie."""
        return self.data / "templates"

    @property
    def results(self) -> Path:
        """Where answers of portfolios lie."""
        return self.data / "results"
