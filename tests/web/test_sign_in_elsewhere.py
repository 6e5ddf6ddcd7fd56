"""Sign-in through an institution's provider: a real one, on loopback, that is honest or lies."""

from __future__ import annotations

import html
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc.jwk import ECKey
from sqlalchemy import func, select
from starlette.testclient import TestClient

from gangmu.errors import GangmuError
from gangmu.rulebook.read import fences
from gangmu.web.app import create_app
from gangmu.web.oidc.accounts import check_institutions, meant
from gangmu.web.oidc.config import read_providers
from gangmu.web.oidc.issuer import Issuer
from gangmu.web.people import make_institution, make_person
from gangmu.web.settings import Settings
from gangmu.web.store import tables
from gangmu.web.store.database import Database
from gangmu.web.words import say
from provider import CLIENT, KID, SECRET, Provider, provided
from town import PASSWORD

DOCS = Path(__file__).parents[2] / "docs" / "web.md"
BOSS = "boss@north.example"
ANN = {"sub": "ann-1", "name": "Ann 安", "email": BOSS, "groups": ["x", "analysts"], "org": "n"}
FILE = """
north:
  label: {{en: North Bank, zh: 北方银行}}
  issuer: {issuer}
  client_id: {client}
  secret: {{env: NORTH_SECRET}}
  institution: {{claim: org, values: {{n: North Bank, s: South Bank}}}}
  role: {{claim: groups, values: {{bosses: administrator, analysts: analyst}}}}
"""


class Bank:
    """Two banks' server that trusts one provider, and a browser at it."""

    def __init__(self, app: Any, provider: Provider) -> None:  # noqa: ANN401  the application
        """`app` trusts `provider`."""
        self.app, self.provider = app, provider
        self.browser = TestClient(app, headers={"accept": "text/html"}, follow_redirects=False)

    def leave(self, to: str = "/enterprises") -> str:
        """Press the link: where the browser is sent."""
        told = self.browser.get("/sign-in/north", params={"to": to})
        assert told.status_code == 303, told.text
        return told.headers["location"]

    def visit(self, url: str) -> str:
        """At the provider: where it sends the browser back to."""
        told = httpx2.get(url)
        assert told.status_code == 302, told.text
        return told.headers["location"]

    def come_back(self, url: str) -> httpx2.Response:
        """What the browser is told when it comes back."""
        parts = urlsplit(url)
        return self.browser.get(f"{parts.path}?{parts.query}")

    def sign_in(self) -> httpx2.Response:
        """There and back."""
        return self.come_back(self.visit(self.leave()))

    def count(self, table: Any) -> int:  # noqa: ANN401  a table
        """How many rows there are."""
        with self.app.state.site.database.begin() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())

    def person(self) -> dict[str, Any]:
        """Whoever signed in last, as is kept."""
        with self.app.state.site.database.begin() as connection:
            asked = select(tables.people).where(tables.people.c.password == "")
            return dict(connection.execute(asked).mappings().one())

    def log(self) -> list[tuple[str, str]]:
        """What the audit log says: action and kind."""
        with self.app.state.site.database.begin() as connection:
            rows = connection.execute(select(tables.audit).order_by(tables.audit.c.id)).mappings()
            return [(row["action"], row["kind"]) for row in rows]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """One provider; each test finds it honest."""
    with provided() as found:
        yield found


@pytest.fixture(scope="module")
def app(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Two banks' server that trusts the provider."""
    folder = tmp_path_factory.mktemp("banks")
    file = folder / "sign-in.yaml"
    file.write_text(FILE.format(issuer=provider.address, client=CLIENT), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NORTH_SECRET", SECRET)
        made = create_app(Settings(data=folder / "data", providers=read_providers(file)))
    with made.state.site.database.begin() as connection:
        north = make_institution(connection, "North Bank")
        make_institution(connection, "South Bank")
        make_person(connection, north, BOSS, "Boss", "administrator", PASSWORD)
    yield made
    made.state.site.database.close()


@pytest.fixture
def bank(app: Any, provider: Provider) -> Bank:  # noqa: ANN401  the application
    """The banks as at the beginning: only the administrator has an account; the provider is honest."""
    provider.honest()
    provider.at_home = dict(ANN)
    site = app.state.site
    with site.database.begin() as connection:
        for table in (tables.sessions, tables.handoffs, tables.identities, tables.audit):
            connection.execute(table.delete())
        connection.execute(tables.people.delete().where(tables.people.c.password == ""))
    site.issuers = {one.name: Issuer(one) for one in site.settings.providers}
    return Bank(app, provider)


# ----------------------------------------------------------------------------------------------- let in


def test_somebody_signs_in_and_has_an_account(bank: Bank) -> None:
    assert '<a href="/sign-in/north?to=/plan">North Bank</a>' in bank.browser.get("/sign-in?to=/plan").text
    told = bank.sign_in()
    assert (told.status_code, told.headers["location"]) == (303, "/enterprises")
    page = bank.browser.get("/account")
    assert page.status_code == 200
    assert "Ann 安" in page.text
    assert "North Bank" in page.text
    assert bank.person()["role"] == "analyst"
    assert bank.log() == [("add", "person"), ("sign in", "provider")]
    assert bank.sign_in().status_code == 303
    assert bank.count(tables.identities) == 1
    assert bank.count(tables.handoffs) == 0
    assert bank.log()[2:] == [("sign in", "provider")]


def test_what_is_sent_there_is_code_with_pkce_and_no_secret(bank: Bank) -> None:
    url = bank.leave()
    asked = {name: value for name, [value] in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{bank.provider.address}/authorize?")
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["redirect_uri"] == "http://testserver/sign-in/north/done"
    assert asked["scope"] == "openid"
    assert min(len(asked[one]) for one in ("state", "nonce", "code_challenge")) >= 32
    again = {name: value for name, [value] in parse_qs(urlsplit(bank.leave()).query).items()}
    assert not {asked[one] for one in ("state", "nonce", "code_challenge")} & set(again.values())
    assert SECRET not in url


def test_the_same_address_is_not_the_same_person(bank: Bank) -> None:
    """Accounts are linked by issuer and subject; the e-mail of an administrator opens nothing."""
    bank.sign_in()
    assert bank.person()["login"] != BOSS
    assert bank.person()["role"] == "analyst"
    bank.provider.at_home |= {"sub": "ann-2"}
    bank.browser.cookies.clear()
    assert bank.sign_in().status_code == 303
    assert bank.count(tables.identities) == 2
    assert bank.count(tables.people) == 3


def test_a_role_follows_the_claim(bank: Bank) -> None:
    bank.sign_in()
    bank.provider.at_home |= {"groups": ["bosses", "analysts"]}  # the first line of the file counts
    bank.sign_in()
    assert bank.person()["role"] == "administrator"
    assert ("become administrator", "person") in bank.log()
    assert bank.browser.get("/audit").status_code == 200


def test_who_signs_in_twice_at_once_has_one_account(bank: Bank) -> None:
    pair = [Bank(bank.app, bank.provider) for _ in range(4)]
    urls = [one.visit(one.leave()) for one in pair]
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda one, url: one.come_back(url), pair, urls))
    assert [one.headers["location"] for one in told] == ["/enterprises"] * 4
    assert bank.count(tables.identities) == 1
    assert bank.count(tables.sessions) == 4
    assert sorted(bank.log()) == [("add", "person"), *[("sign in", "provider")] * 4]


def test_behind_https_all_of_it_is(bank: Bank) -> None:
    """Cookies that no other host can set, and an address to come back to that is https."""
    site = bank.app.state.site
    before, site.settings = site.settings, replace(site.settings, secure=True)
    try:
        secured = TestClient(bank.app, base_url="https://testserver", follow_redirects=False)
        told = secured.get("/sign-in/north")
        back = parse_qs(urlsplit(told.headers["location"]).query)["redirect_uri"]
        assert back == ["https://testserver/sign-in/north/done"]
        flags = told.headers["set-cookie"].lower()
        assert flags.startswith("__host-gangmu_sign_in=")
        assert all(flag in flags for flag in ("httponly", "secure", "samesite=lax", "path=/;"))
        url = bank.visit(told.headers["location"])
        done = secured.get(url)
        assert (done.headers["location"], "__Host-gangmu_session" in secured.cookies) == ("/", True)
        assert "__Host-gangmu_sign_in" not in secured.cookies
    finally:
        site.settings = before


def test_no_password_opens_such_an_account(bank: Bank) -> None:
    bank.sign_in()
    login = bank.person()["login"]
    for password in ("", "!", PASSWORD):
        told = bank.browser.post("/sign-in", data={"login": login, "password": password, "to": "/"})
        assert told.status_code == 401


# ----------------------------------------------------------------------------------------------- not let in


def refused(bank: Bank, told: httpx2.Response, code: str) -> None:
    """A page that says so, no session, no account, no line of whoever it was not."""
    assert (told.status_code, told.headers["location"]) == (303, f"/sign-in?why={code}")
    assert "gangmu_session" not in told.headers.get("set-cookie", "")
    for lang in ("en", "zh"):
        assert say(f"why {code}", lang) in html.unescape(
            bank.browser.get(f"/sign-in?why={code}&lang={lang}").text
        )
    assert bank.browser.get("/account").status_code == 303
    assert bank.count(tables.sessions) == 0


@pytest.mark.parametrize(
    "twist",
    [
        pytest.param(lambda claims: claims.update(nonce="another"), id="another nonce"),
        pytest.param(lambda claims: claims.pop("nonce"), id="no nonce"),
        pytest.param(lambda claims: claims.update(exp=claims["iat"] - 120), id="expired"),
        pytest.param(lambda claims: claims.update(iat=claims["iat"] + 3600), id="of the future"),
        pytest.param(lambda claims: claims.update(aud=["somebody else"]), id="another audience"),
        pytest.param(lambda claims: claims.update(aud=[CLIENT, "x"], azp="x"), id="another party"),
        pytest.param(lambda claims: claims.update(iss="https://other.example"), id="another issuer"),
        pytest.param(lambda claims: claims.update(at_hash="AAAA"), id="another access token"),
        pytest.param(lambda claims: claims.pop("sub"), id="nobody"),
        pytest.param(lambda claims: claims.pop("exp"), id="for ever"),
    ],
)
def test_a_wrong_claim_opens_nothing(bank: Bank, twist: Any) -> None:  # noqa: ANN401  a function
    bank.provider.twist = twist
    refused(bank, bank.sign_in(), "id-token-invalid")
    assert bank.count(tables.people) == 1


def test_a_forged_signature_opens_nothing(bank: Bank) -> None:
    lies: list[tuple[str, Any]] = [
        ("ES256", ECKey.generate_key("P-256", {"kid": KID})),
        ("HS256", SECRET.encode()),
        ("HS256", bank.provider.key.as_pem(private=False)),
        ("none", b"nothing"),
    ]
    for alg, key in lies:
        bank.provider.alg, bank.provider.forger = alg, key
        refused(bank, bank.sign_in(), "id-token-invalid")
    assert bank.count(tables.people) == 1


def test_a_state_that_is_not_of_this_browser_opens_nothing(bank: Bank) -> None:
    back = bank.visit(bank.leave())
    state = parse_qs(urlsplit(back).query)["state"][0]
    refused(bank, bank.come_back(back.replace(state, "forged")), "state-wrong")
    refused(bank, bank.come_back(back), "state-wrong")  # it was taken away by the first try
    victim = TestClient(bank.app, headers={"accept": "text/html"}, follow_redirects=False)
    other = bank.visit(bank.leave())
    told = victim.get(f"{urlsplit(other).path}?{urlsplit(other).query}")  # who did not begin it
    assert told.headers["location"] == "/sign-in?why=state-wrong"
    assert "/token" not in bank.provider.asked  # the code was not even redeemed


def test_a_code_is_redeemed_with_the_verifier_of_this_browser(bank: Bank) -> None:
    """The code of another sign-in, with a state of one's own, is refused by the provider."""
    stolen = parse_qs(urlsplit(bank.visit(bank.leave())).query)["code"][0]
    back = bank.visit(bank.leave())
    own = parse_qs(urlsplit(back).query)["code"][0]
    refused(bank, bank.come_back(back.replace(own, stolen)), "issuer-refused")


def test_who_is_refused_there_is_refused_here(bank: Bank) -> None:
    bank.provider.at_home = {}
    told = bank.sign_in()
    refused(bank, told, "issuer-refused")


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"org": "west"}, "institution-unknown"),
        ({"org": None}, "institution-unknown"),
        ({"groups": ["visitors"]}, "role-missing"),
        ({"groups": []}, "role-missing"),
        ({"groups": "bosses and analysts"}, "role-missing"),
    ],
)
def test_nobody_gets_an_account_that_was_not_configured(
    bank: Bank, claims: dict[str, Any], code: str
) -> None:
    bank.provider.at_home |= claims
    refused(bank, bank.sign_in(), code)
    assert bank.count(tables.people) == 1
    assert bank.count(tables.identities) == 0


def test_who_was_not_authenticated_as_asked_is_not_let_in(bank: Bank) -> None:
    """A second factor is the provider's: what it has to say of it is configured."""
    issuer = bank.app.state.site.issuers["north"]
    issuer.provider = replace(issuer.provider, acr=("mfa", "hwk"))
    assert parse_qs(urlsplit(bank.leave()).query)["acr_values"] == ["mfa hwk"]
    said: dict[str, Any] = {}
    bank.provider.twist = lambda claims: claims.update(said)
    for wrong in (None, "pwd", ["mfa"]):
        said["acr"] = wrong
        refused(bank, bank.sign_in(), "acr-missing")
    said["acr"] = "hwk"
    assert bank.sign_in().headers["location"] == "/enterprises"


def test_an_account_does_not_change_its_institution(bank: Bank) -> None:
    """What was kept for North Bank stays there, whatever the provider says later; who may not come is out."""
    bank.sign_in()
    assert bank.count(tables.sessions) == 1
    bank.provider.at_home |= {"org": "s"}
    refused(bank, bank.sign_in(), "institution-other")
    assert bank.log()[-1] == ("refuse sign-in", "provider")


def test_a_closed_account_stays_closed(bank: Bank) -> None:
    bank.sign_in()
    with bank.app.state.site.database.begin() as connection:
        elsewhere = tables.people.c.password == ""
        connection.execute(tables.people.update().where(elsewhere).values(active=False))
    refused(bank, bank.sign_in(), "account-closed")


# ----------------------------------------------------------------------------------------------- the network


def test_only_the_issuer_is_asked(bank: Bank) -> None:
    """An issuer whose endpoints or redirects lead elsewhere is refused before anything is sent there."""
    with provided() as elsewhere:
        for name in ("token_endpoint", "jwks_uri", "authorization_endpoint"):
            bank.provider.about = {name: f"{elsewhere.address}/token"}
            refused(bank, bank.browser.get("/sign-in/north"), "issuer-elsewhere")
        bank.provider.about = {"issuer": elsewhere.address}
        refused(bank, bank.browser.get("/sign-in/north"), "issuer-wrong")
        assert elsewhere.asked == []


def test_keys_that_were_changed_are_asked_for_again(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gangmu.web.oidc.issuer._SELDOM", 0.0)
    assert bank.sign_in().status_code == 303
    old = bank.provider.key
    try:
        bank.provider.key = ECKey.generate_key("P-256", {"kid": KID})
        told = bank.sign_in()  # the same name for another key: never taken for the old one
        assert told.headers["location"] == "/sign-in?why=id-token-invalid"
    finally:
        bank.provider.key = old


def test_an_issuer_that_is_silent_is_told(bank: Bank) -> None:
    site = bank.app.state.site
    issuer = site.issuers["north"]
    issuer.provider = replace(issuer.provider, issuer="http://127.0.0.1:1")
    refused(bank, bank.browser.get("/sign-in/north"), "issuer-silent")
    assert bank.browser.get("/sign-in/south").status_code == 404


def test_secrets_stand_in_no_log_and_on_no_page(
    bank: Bank, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        back = bank.visit(bank.leave())
        shown = bank.come_back(back).text
        bank.provider.twist = lambda claims: claims.update(nonce="x")
        shown += bank.come_back(bank.visit(bank.leave())).text
    query = parse_qs(urlsplit(back).query)
    ours = [record for record in caplog.records if record.name.startswith("gangmu")]
    told = "".join(record.getMessage() for record in ours) + capsys.readouterr().err + shown
    assert "sign-in through north refused: id-token-invalid" in told
    for secret in (SECRET, query["code"][0], query["state"][0], "an access token"):
        assert secret not in told
    assert SECRET not in repr(bank.app.state.site.settings)


# ----------------------------------------------------------------------------------------------- the file


def test_a_file_with_faults_is_refused_with_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NORTH_SECRET", SECRET)
    file = tmp_path / "sign-in.yaml"
    good = FILE.format(issuer="https://id.example", client=CLIENT)
    for wrong, says in (
        (good.replace("https:", "http:"), "no https address"),
        (good.replace("administrator", "emperor"), "`emperor` is no role"),
        (good.replace("NORTH_SECRET", "NOBODYS_SECRET"), "NOBODYS_SECRET is empty or not there"),
        (good.replace("env: NORTH_SECRET", f"file: {tmp_path / 'none'}"), "secret is empty or not there"),
        (good.replace("client_id", "klient_id"), "klient_id"),
        (good.replace("north:", "N/rth:"), "name"),
        (good.replace("zh:", "fr:"), "`fr` is no language"),
        ("- a list", "names no provider"),
        ("a: [", "not valid YAML"),
    ):
        file.write_text(wrong, encoding="utf-8")
        with pytest.raises(GangmuError, match=re.escape(says)) as told:
            read_providers(file)
        assert SECRET not in str(told.value)
    file.write_text(good.replace("https:", "http:").replace("analyst}", "emperor}"), encoding="utf-8")
    with pytest.raises(GangmuError) as both:
        read_providers(file)
    assert len(both.value.problems) == 2


def test_without_the_extra_it_is_told(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And whoever trusts nobody needs no extra: the pages do not import it."""
    file = tmp_path / "sign-in.yaml"
    file.write_text(FILE.format(issuer=provider.address, client=CLIENT), encoding="utf-8")
    monkeypatch.setenv("NORTH_SECRET", SECRET)
    monkeypatch.setitem(sys.modules, "gangmu.web.oidc.issuer", None)
    with pytest.raises(GangmuError, match=re.escape("pip install 'gangmu[oidc]'")):
        create_app(Settings(data=tmp_path / "data", providers=read_providers(file)))
    asked = "import sys, gangmu.web.app; print(*({'authlib', 'joserfc', 'httpx2'} & sys.modules.keys()))"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == ""


def test_the_example_of_the_documents_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [example] = [one.text for one in fences(DOCS.read_text(encoding="utf-8")) if one.info == "yaml"]
    file = tmp_path / "sign-in.yaml"
    file.write_text(example, encoding="utf-8")
    monkeypatch.setenv("GANGMU_NORTH_SECRET", SECRET)
    [found] = read_providers(file)
    assert (found.name, found.institution.otherwise, found.role.otherwise) == (
        "north",
        "North Bank",
        "reader",
    )
    told = {"groups": ["credit-analysts", "it"]}
    assert meant(found.role, told) == "administrator"
    assert meant(found.role, {}) == "reader"
    assert meant(found.institution, {}) == "North Bank"


def test_an_institution_that_is_not_there_is_told_at_the_start(bank: Bank, tmp_path: Path) -> None:
    site = bank.app.state.site
    [provider] = site.settings.providers
    meant = replace(provider.institution, values={"n": "North Bank", "w": "West Bank"})
    with site.database.begin() as connection:
        check_institutions(connection, site.settings.providers)
        with pytest.raises(GangmuError, match="West Bank"):
            check_institutions(connection, (replace(provider, institution=meant),))
    one = (replace(provider, institution=replace(meant, values={"w": "West Bank"})),)
    empty = Database(Settings(data=tmp_path))
    with empty.begin() as connection:
        check_institutions(connection, one, "West Bank")  # which is about to be made
        with pytest.raises(GangmuError, match="West Bank"):
            check_institutions(connection, one, "Bank")
    empty.close()
