"""What an installation decides: where data lie, which books are served, how much a request may take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from gangmu.web.oidc.provider import Provider

COOKIE, HANDOFF = "gangmu_session", "gangmu_sign_in"
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
    max_rows: int = 5_000_000
    max_columns: int = 2_000
    max_headers: int = 100
    max_seconds: float = 30.0  # of a request
    max_run_seconds: float = 6 * 3600.0  # of a portfolio
    part_cases: int = 25_000  # enterprises of a portfolio after which a cut-off run can go on
    requests_a_minute: int = 600  # from one address
    account_requests_a_minute: int = 600
    uploads_at_once: int = 2  # of one institution
    session_hours: int = 12
    session_idle_minutes: int = 120
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
    def cookie(self) -> str:
        """What the cookie of a session is called: behind HTTPS so that no other host or path can set it."""
        return f"__Host-{COOKIE}" if self.secure else COOKIE

    @property
    def handoff_cookie(self) -> str:
        """The name of the cookie that is kept while somebody signs in elsewhere."""
        return f"__Host-{HANDOFF}" if self.secure else HANDOFF

    @property
    def session_idle(self) -> timedelta:
        """How long a session that nobody uses lasts."""
        return timedelta(minutes=self.session_idle_minutes)

    @property
    def servers(self) -> Path:
        """Where the servers of the installation say that they are alive."""
        return self.data / "servers"

    @property
    def templates(self) -> Path:
        """Where the Word templates of institutions lie."""
        return self.data / "templates"

    @property
    def results(self) -> Path:
        """Where answers of portfolios lie."""
        return self.data / "results"
