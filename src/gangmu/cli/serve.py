"""`gangmu serve`: the website and the HTTP API, in one process."""

from __future__ import annotations

from pathlib import Path

import click

from gangmu.cli import options


@click.command("serve")
@click.option(
    "--demo", is_flag=True, help="No accounts: show the shipped example to everybody on this machine."
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("gangmu-data"),
    show_default=True,
    help="Where everything is kept.",
)
@click.option(
    "--database",
    default="",
    help="An SQLAlchemy address, such as postgresql+psycopg://...; SQLite if left out.",
)
@click.option(
    "--rulebook",
    "books",
    multiple=True,
    default=("cn",),
    show_default=True,
    help="A rulebook to serve (may be repeated).",
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option(
    "--host-name", "names", multiple=True, help="A name by which people reach it (may be repeated)."
)
@click.option(
    "--https", is_flag=True, help="People come by HTTPS (a proxy in front): cookies travel by it alone."
)
@click.option("--institution", default="Institution", help="What the first institution is called.")
@click.option(
    "--sign-in",
    "sign_in",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file that names the OpenID Connect providers that people sign in through (docs/web.md).",
)
@click.option(
    "--pace",
    type=click.IntRange(min=1),
    default=600,
    show_default=True,
    help="Requests a minute, of one address and of one account.",
)
@options.sober
def command(
    demo: bool,
    data: Path,
    database: str,
    books: tuple[str, ...],
    host: str,
    port: int,
    names: tuple[str, ...],
    https: bool,
    institution: str,
    sign_in: Path | None,
    pace: int,
) -> None:
    """Serve the plan, the rulebook, enterprises and portfolios in a browser, and as an HTTP API."""
    import uvicorn

    from gangmu.errors import GangmuError, Problem
    from gangmu.web.app import create_app
    from gangmu.web.line import Line
    from gangmu.web.oidc.accounts import check_institutions
    from gangmu.web.oidc.config import read_providers
    from gangmu.web.settings import LOOPBACK, Settings
    from gangmu.web.start import first_account

    if demo and host not in ("127.0.0.1", "localhost", "::1"):
        raise GangmuError(
            Problem("demo-open", "--host", "a demonstration has no accounts", "127.0.0.1", "leave --demo out")
        )
    if demo and sign_in is not None:
        what = "a demonstration has no accounts"
        raise GangmuError(Problem("demo-sign-in", "--sign-in", what, "a server", "leave --demo out"))
    settings = Settings(
        data=data / "demo" if demo else data,
        database=database,
        books=books,
        demo=demo,
        secure=https,
        hosts=(*LOOPBACK, host, *names),
        providers=read_providers(sign_in) if sign_in is not None else (),
        requests_a_minute=pace,
        account_requests_a_minute=pace,
    )
    app = create_app(settings)
    with app.state.site.database.begin() as connection:
        check_institutions(connection, settings.providers, institution)
    if not demo:
        password = first_account(app.state.site, institution, "admin")
        if password:
            click.echo(f"the first account: login `admin`, password `{password}` (shown once)")
    click.echo(f"serving {', '.join(books)} at http://{host}:{port}")
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        http=Line,
        access_log=False,
        limit_concurrency=1_000,
        timeout_keep_alive=15,
        h11_max_incomplete_event_size=65536,
    )
