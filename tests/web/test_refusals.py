"""A request that asks too much is refused early, in one form, and leaves nothing behind."""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from gangmu.cli.serve import command
from gangmu.web.app import create_app
from gangmu.web.files import plain_name
from gangmu.web.people import SignInError, sign_in
from gangmu.web.run import called
from gangmu.web.settings import COOKIE, Settings
from gangmu.web.start import first_account
from gangmu.web.store import tables
from gangmu.web.store.database import now
from town import PASSWORD, Town, secret_of

GIGABYTE = 1 << 30


def token_of(town: Town, login: str, scope: str = "write") -> str:
    """A token of somebody."""
    browser = town.visitor(login)
    sent = {"csrf": secret_of(browser, "/account"), "name": "t", "scope": scope, "days": "1"}
    text = browser.post("/account/tokens", data=sent).text
    return f"gangmu_{text.partition('gangmu_')[2][:43]}"


def arriving(town: Town) -> list[Path]:
    """What lies half written."""
    return list(town.site.settings.files.glob(".arriving-*"))


def test_three_gigabytes_are_refused_before_they_are_read(town: Town) -> None:
    headers = {"authorization": f"Bearer {token_of(town, 'ann')}", "content-length": str(3 * GIGABYTE)}
    told = town.visitor().post("/api/v1/portfolios?file_name=a.csv", content=b"", headers=headers)
    assert told.status_code == 413
    assert told.headers["content-type"] == "application/problem+json"


def test_what_comes_in_pieces_is_counted(tmp_path: Path) -> None:
    """Without a length: refused at the first byte too many, and nothing stays."""
    settings = Settings(data=tmp_path, demo=True, max_upload=1 << 16, max_form=1 << 12)
    sent = 0

    def pieces() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(10_000):
            sent += 1
            yield b"x" * 4096

    with TestClient(create_app(settings)) as client:
        told = client.post("/api/v1/portfolios?file_name=a.csv", content=pieces())
        assert told.status_code == 413
        assert not list(settings.files.glob(".arriving-*"))


def test_a_workbook_that_unpacks_to_gigabytes_is_not_unpacked(town: Town) -> None:
    ann = town.visitor("ann")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (64 << 20))
    sent = {"csrf": secret_of(ann), "name": "x"}
    file = {"file": ("bomb.xlsx", packed.getvalue(), "application/octet-stream")}
    told = ann.post("/enterprises", data=sent, files=file)
    assert told.status_code == 422
    assert "times its size" in told.text


def test_an_unknown_column_is_named(town: Town) -> None:
    headers = {"authorization": f"Bearer {token_of(town, 'ann')}"}
    body = {"name": "x", "tables": {"enterprise": [{"no_such_column": "1"}]}}
    told = town.visitor().post("/api/v1/enterprises", json=body, headers=headers)
    assert told.status_code == 422
    assert "no_such_column" in told.json()["problems"][0]["what"]


def test_a_token_that_is_over_opens_nothing(town: Town) -> None:
    secret = token_of(town, "ann")
    headers = {"authorization": f"Bearer {secret}"}
    asked = town.visitor()
    assert asked.get("/api/v1/enterprises", headers=headers).status_code == 200
    with town.site.database.begin() as connection:
        connection.execute(update(tables.tokens).values(ends=now()))
    told = asked.get("/api/v1/enterprises", headers=headers)
    assert (told.status_code, told.headers["www-authenticate"]) == (401, "Bearer")


def test_somebody_ends_a_token_of_their_own(town: Town) -> None:
    """Listed with when it ends, never with what it is; ended, it opens nothing, and the log says so."""
    ann, asked = town.visitor("ann"), town.visitor()
    sent = {"csrf": secret_of(ann), "name": "night <job>", "scope": "read", "days": "7"}
    page = ann.post("/account/tokens", data=sent).text
    [secret] = re.findall(r"gangmu_[\w-]{20,}", page)
    headers = {"authorization": f"Bearer {secret}"}
    assert asked.get("/api/v1/enterprises", headers=headers).status_code == 200
    shown = ann.get("/account").text
    assert "night &lt;job&gt;" in shown
    assert secret not in shown
    assert secret not in ann.get("/account.json").text
    [one] = [token for token in ann.get("/account.json").json()["tokens"] if token["name"] == "night <job>"]
    url = f"/account/tokens/{one['id']}"
    bob = town.visitor("bob")
    assert bob.post(url, data={"csrf": secret_of(bob)}).status_code == 404
    assert asked.get("/api/v1/enterprises", headers=headers).status_code == 200
    assert ann.post(url, data={"csrf": secret_of(ann)}).status_code == 303
    assert asked.get("/api/v1/enterprises", headers=headers).status_code == 401
    log = town.visitor("boss").get("/audit.json").json()["entries"]
    assert [one["action"] for one in log if one["kind"] == "token"][:2] == ["close", "add"]


def test_a_token_to_read_changes_nothing(town: Town) -> None:
    headers = {"authorization": f"Bearer {token_of(town, 'ann', 'read')}"}
    asked = town.visitor()
    assert asked.post("/api/v1/enterprises", json={"name": "x"}, headers=headers).status_code == 403
    assert asked.get("/api/v1/enterprises", headers=headers).status_code == 200


def test_cookies_stay_with_the_browser_and_end_with_the_session(tmp_path: Path) -> None:
    with TestClient(
        create_app(Settings(data=tmp_path, secure=True)),
        base_url="https://testserver",
        follow_redirects=False,
    ) as client:
        password = first_account(client.app.state.site, "Bank", "admin")  # type: ignore[attr-defined]
        told = client.post("/sign-in", data={"login": "admin", "password": password})
        flags = told.headers["set-cookie"].lower()
        assert all(flag in flags for flag in ("httponly", "secure", "samesite=lax", "path=/"))
        assert "max-age=31536000" in told.headers["strict-transport-security"]
        cookie = f"__Host-{COOKIE}"
        kept = client.cookies[cookie]
        csrf = client.get("/account").text.partition('name="csrf" value="')[2].partition('"')[0]
        out = client.post("/sign-out", data={"csrf": csrf})
        assert (out.status_code, out.headers["clear-site-data"]) == (303, '"cache", "storage"')
        client.cookies.set(cookie, kept)
        assert client.get("/account.json").status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "[::2]", "", "testserver@evil"])
def test_only_names_of_ours_are_served(town: Town, host: str) -> None:
    assert town.visitor().get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost:8000", "[::1]:8000", "[::1]", "127.0.0.1", "LOCALHOST"])
def test_names_of_ours_are_served(town: Town, host: str) -> None:
    assert town.visitor().get("/sign-in", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/rulebook/../../etc/passwd", "/static//etc/passwd"],
)
def test_no_path_leads_outside(town: Town, path: str) -> None:
    assert town.visitor().get(path).status_code == 404


@pytest.mark.parametrize("name", ["../../etc/a.csv", "..\\..\\a.csv", "/etc/a.csv", "C:\\x\\a.csv"])
def test_the_name_of_an_upload_is_no_path(name: str) -> None:
    assert plain_name(name) == "a.csv"


def test_no_folder_is_listed_and_nothing_is_traced(town: Town) -> None:
    for path in ("/static/", "/files", "/results", "/data"):
        assert town.visitor().get(path).status_code in {404, 405}
    for path in ("/", "/api/v1/books"):
        assert town.visitor().request("TRACE", path).status_code == 405


def test_answers_are_not_to_be_stored(town: Town) -> None:
    """Neither pages nor JSON nor refusals; looks and scripts may be."""
    for path in ("/", "/enterprises", "/plan.json", "/api/v1/books", "/nowhere"):
        assert town.visitor("ann").get(path).headers["cache-control"] == "no-store"
    assert "cache-control" not in town.visitor().get("/static/site.css").headers


@pytest.mark.parametrize("password", ["short", "x" * 257])
def test_a_password_that_is_too_short_or_too_long_is_refused(town: Town, password: str) -> None:
    boss = town.visitor("boss")
    new = {"login": "eve", "name": "E", "role": "reader", "password": password}
    told = boss.post("/people", data=new | {"csrf": secret_of(boss, "/people")})
    assert (told.status_code, "eve" in boss.get("/people").text) == (422, False)


def test_a_password_is_long_and_taken_as_it_is(town: Town) -> None:
    """Any characters, to the last one, and in the case in which they were given."""
    boss = town.visitor("boss")
    password = "päss 密码 \t'\";--" + "y" * 200
    new = {"login": "fay", "name": "F", "role": "reader", "password": password}
    assert boss.post("/people", data=new | {"csrf": secret_of(boss, "/people")}).status_code == 303
    with pytest.raises(SignInError):
        sign_in(town.site.database, "fay", password.upper())
    with pytest.raises(SignInError):
        sign_in(town.site.database, "fay", password[:-1])
    assert sign_in(town.site.database, "fay", password)


def test_a_demonstration_listens_on_loopback_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everybody is somebody there."""
    asked = ["--demo", "--host", "0.0.0.0", "--data", str(tmp_path)]  # noqa: S104  what is refused
    with pytest.raises(SystemExit) as ended:
        command.main(asked, standalone_mode=False)
    assert ended.value.code == 2
    assert "demo-open" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_what_is_sent_is_shown_and_never_run(town: Town) -> None:
    """Neither by the templates nor by the browser."""
    ann = town.visitor("ann")
    name = "{{ 7*7 }}{% raw %}<script>alert(1)</script>"
    ann.post("/enterprises", data={"csrf": secret_of(ann), "name": name})
    page = ann.get("/enterprises").text
    assert "{{ 7*7 }}" in page
    assert "<script>alert(1)" not in page


def test_nobody_is_sent_to_another_site(town: Town) -> None:
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        sent = {"login": "ann", "password": PASSWORD, "to": target}
        assert town.visitor().post("/sign-in", data=sent).headers["location"] == "/"


def test_a_failure_tells_nobody_what_was_sent(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says where it broke; neither it nor the answer holds facts, passwords or tokens."""
    secret = token_of(town, "ann")

    def breaks(*_: object) -> None:
        message = f"staff=60 {secret}"
        raise RuntimeError(message)

    monkeypatch.setattr("gangmu.web.desk.Desk.enterprises", breaks)
    with caplog.at_level(logging.DEBUG):
        told = town.visitor().get("/api/v1/enterprises", headers={"authorization": f"Bearer {secret}"})
    assert told.status_code == 500
    assert told.json()["type"] == "urn:gangmu:failure"
    assert "RuntimeError" in caplog.text
    assert secret not in caplog.text + told.text
    assert "staff=60" not in caplog.text + told.text


def test_problems_name_a_file_as_it_was_sent() -> None:
    digest = "ab" * 32
    lying = Path("/data/files/ab") / f"{digest}.csv"
    found = called([{"where": f"{digest}.csv row 3", "what": f"table {digest}"}], lying, "firms.csv")
    assert found == [{"where": "firms.csv row 3", "what": "table firms"}]


def test_a_closed_account_is_out_at_once(town: Town) -> None:
    boss = town.visitor("boss")
    sent = {
        "csrf": secret_of(boss, "/people"),
        "login": "dora",
        "name": "D",
        "role": "analyst",
        "password": PASSWORD,
    }
    boss.post("/people", data=sent)
    dora, key = town.visitor("dora"), sign_in(town.site.database, "dora", PASSWORD)
    headers = {"authorization": f"Bearer {token_of(town, 'dora')}"}
    boss.post(f"/people/{key}", data={"csrf": secret_of(boss, "/people"), "active": "no"})
    assert dora.get("/account.json").status_code == 401
    assert town.visitor().get("/api/v1/enterprises", headers=headers).status_code == 401
