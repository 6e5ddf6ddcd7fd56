"""The typed client against a server that runs: what it sends arrives, what comes back has its type."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path

import httpx2
import pyarrow.parquet as pq
import pytest

from gangmu.client import (
    AnswerError,
    Changed,
    Client,
    Facts,
    NewEnterprise,
    Outlook,
    Question,
    Reform,
    RefusedError,
    Units,
)
from gangmu.client.shapes import Edition, Portfolio
from gangmu.client.shapes import Facts as FactsShape
from gangmu.client.wire import read, sent
from gangmu.rulebook.read import fences
from gangmu.web.app import create_app
from gangmu.web.client_from_schema import HOME, called, client_of, schema_now
from gangmu.web.people import Person, make_institution, make_person, make_token
from gangmu.web.settings import Settings
from served import served
from town import PASSWORD

DAY = date(2026, 6, 30)
FIRM = Facts({"staff": 60, "industry": "6513"}, {"statement": [{"fiscal_year": 2025, "revenue": "14213600"}]})
SIZE = Question(FIRM, rules=["enterprise_size"], as_of=DAY)
DOCS = Path(__file__).parents[2] / "docs" / "web.md"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """A bank's server, and its analyst's tokens by their scope."""
    app = create_app(Settings(data=tmp_path_factory.mktemp("bank"), requests_a_minute=100_000))
    tokens = {}
    with app.state.site.database.begin() as connection:
        institution = make_institution(connection, "Bank")
        key = make_person(connection, institution, "ann", "Ann", "analyst", PASSWORD)
        ann = Person(key, "ann", "Ann", "analyst", institution, "Bank")
        for scope in ("read", "write"):
            tokens[scope] = make_token(connection, ann, "client", scope, 1)
    with served(app) as address:
        yield address, tokens


@pytest.fixture
def client(bank: tuple[str, dict[str, str]]) -> Iterator[Client]:
    """The analyst's client."""
    address, tokens = bank
    with Client(address, tokens["write"]) as found:
        yield found


def test_the_client_is_of_this_schema() -> None:
    """Run `python -m gangmu.web.client_from_schema` and look at what changed."""
    for name, text in client_of(schema_now()).items():
        assert (HOME / name).read_text(encoding="utf-8") == text, f"{name} is stale"


def test_every_operation_is_a_method() -> None:
    schema = schema_now()
    named = {one["operationId"] for verbs in schema["paths"].values() for one in verbs.values()}
    assert len(named) > 20
    assert named <= set(dir(Client))
    assert called("AnswerShape") == "Answer"


def test_the_client_needs_httpx_and_little_else() -> None:
    """Whoever installs it for a script waits for no engine: nothing heavy is imported."""
    asked = "import sys, gangmu.client; print(*sorted({one.partition('.')[0] for one in sys.modules}))"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert "httpx2" in told.stdout.split()
    assert not {"duckdb", "pyarrow", "numpy", "fastapi", "pydantic", "sqlglot"} & set(told.stdout.split())


# --------------------------------------------------------------------------------------------- one enterprise


def test_one_enterprise_is_decided_assessed_and_explained(client: Client) -> None:
    quick = client.decide(SIZE).answers["enterprise_size"]
    full = client.assess(SIZE)
    assert (quick.status, quick.value) == ("known", "small")
    assert full.answers["enterprise_size"].value == "small"
    assert full.answers["enterprise_size"].grade
    told = client.explain("enterprise_size", SIZE)
    assert told.as_of == DAY
    assert told.label.zh
    due = client.due(Outlook(FIRM, rules=["enterprise_size"], as_of=DAY, until=date(2027, 6, 30), lang="zh"))
    assert due.record["until"] == "2027-06-30"
    assert client.channels(Question(FIRM, as_of=DAY)).sets >= 0
    change = Reform([FIRM, FIRM], {"star_2_rd_ratio": "10%"}, rules=["star_set_2"], as_of=DAY)
    assert client.reform(change).record["reforms"]


def test_bounds_come_back_exact(client: Client) -> None:
    """What is missing leaves an interval whose ends are exact numbers."""
    told = client.decide(Question(Facts(), rules=["cmmm_score"], as_of=DAY)).answers["cmmm_score"]
    assert (told.status, told.value, told.low) == ("unknown", None, "0")
    assert Fraction(told.high or "").denominator > 1


def test_the_rulebook_is_read(client: Client) -> None:
    [book] = client.list_books()
    rule = client.get_rule(book.name, "hnte", as_of=DAY)
    assert rule.editions
    assert all(isinstance(one.from_, date | None) for one in rule.editions)
    assert client.sql(book.name, rule=["enterprise_size"], dialect="postgres").sql.startswith("WITH")
    assert client.track(book.name, as_of=DAY).targets
    assert client.list_indicators(book.name, as_of=DAY, lang="zh")


def test_an_enterprise_is_kept_read_changed_and_deleted(client: Client) -> None:
    kept = client.add_enterprise(NewEnterprise("Lantern 灯笼", tables={"enterprise": [{"staff": "60"}]}))
    again = client.get_enterprise(kept.id)
    assert (again.name, again.version) == ("Lantern 灯笼", 1)
    assert again.tables is not None
    assert again.tables["enterprise"][0]["staff"] == "60"
    saved = client.save_enterprise(kept.id, Changed(1, {"enterprise": [{"staff": "5"}]}))
    assert saved.version == 2
    assert kept.id in {one.id for one in client.list_enterprises(search="灯笼")}
    with pytest.raises(RefusedError) as stale:
        client.save_enterprise(kept.id, Changed(1, {"enterprise": [{"staff": "7"}]}))
    assert (stale.value.status, stale.value.code) == (409, "changed-meanwhile")
    client.delete_enterprise(kept.id)
    with pytest.raises(RefusedError, match="nothing of yours"):
        client.get_enterprise(kept.id)


# --------------------------------------------------------------------------------------------- many


@pytest.fixture(scope="module")
def portfolio(bank: tuple[str, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    """Five thousand firms, sent as a file is read, and worked out."""
    file = tmp_path_factory.mktemp("sent") / "firms.csv"
    rows = "".join(
        f"firm {number},{number % 400},{6513 if number % 2 else 3911}\n" for number in range(5_000)
    )
    file.write_text("enterprise,staff,industry\n" + rows, encoding="utf-8")
    address, tokens = bank
    with Client(address, tokens["write"]) as client, file.open("rb") as content:
        added = client.add_portfolio(content, file_name=file.name, rule=["enterprise_size"], as_of=DAY)
        assert added.state in {"waiting", "running"}
        return client.wait(added.id, at_most=120, every=0.2)


def test_a_portfolio_is_waited_for_filtered_and_downloaded(
    client: Client, portfolio: Portfolio, tmp_path: Path
) -> None:
    assert portfolio.state == "done", portfolio.problems
    assert portfolio.total == 5_000
    counts = portfolio.summary["counts"]["enterprise_size"]
    every = pq.read_table(client.get_answers(portfolio.id).save(tmp_path / "answers.parquet"))
    assert every.num_rows == 5_000
    for status, number in counts.items():
        where = [f"enterprise_size:{status}"]
        left = client.get_answers(portfolio.id, where=where).save(tmp_path / f"{status}.parquet")
        assert pq.read_metadata(left).num_rows == number
        rows = list(client.get_answers(portfolio.id, form="jsonl", where=where).lines())
        assert len(rows) == number
        assert {row["enterprise_size.status"] for row in rows} == {status}
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(
        ["answers.parquet", *(f"{status}.parquet" for status in counts)]
    )


def test_a_refused_download_leaves_no_file(client: Client, portfolio: Portfolio, tmp_path: Path) -> None:
    for where, word in (("nothing:known", "not worked out here"), ("no colon", "should match")):
        with pytest.raises(RefusedError, match=word):
            client.get_answers(portfolio.id, where=[where]).save(tmp_path / "none.parquet")
    assert list(tmp_path.iterdir()) == []


def test_a_portfolio_is_deleted(client: Client) -> None:
    added = client.add_portfolio(b"enterprise,staff\nA,60\n", file_name="one.csv", as_of=DAY)
    client.delete_portfolio(added.id)
    with pytest.raises(RefusedError, match="nothing of yours"):
        client.get_portfolio(added.id)


def test_a_form_is_downloaded(client: Client, tmp_path: Path) -> None:
    form = client.template("cn", rule=["enterprise_size"]).save(tmp_path / "form.xlsx")
    assert form.read_bytes()[:2] == b"PK"


# --------------------------------------------------------------------------------------------- refusals


def test_a_refusal_has_everything_that_is_wrong(client: Client) -> None:
    with pytest.raises(RefusedError) as refused:
        client.decide(Question(FIRM, rules=["no_such_rule"], as_of=DAY))
    assert refused.value.status == 422
    assert "no_such_rule" in str(refused.value)
    assert refused.value.details.instance == "/api/v1/decide"
    with pytest.raises(RefusedError) as several:
        client.index("cn", "province_innovation", Units([], runs=-1))
    assert {one.where for one in several.value.problems} == {"body.rows", "body.runs"}


def test_who_may_what(bank: tuple[str, dict[str, str]]) -> None:
    address, tokens = bank
    for token, status in (("", 401), ("gangmu_forged", 401), (tokens["read"], 403)):
        with Client(address, token) as client, pytest.raises(RefusedError) as refused:
            client.add_enterprise(NewEnterprise("x"))
        assert refused.value.status == status
        assert "gangmu_" not in str(refused.value)


def test_other_servers_are_told_apart(bank: tuple[str, dict[str, str]]) -> None:
    """A page where problem details should be; a redirect, which the token does not follow; nobody there."""

    async def elsewhere(scope: dict[str, object], receive: object, send: object) -> None:  # noqa: ARG001
        assert callable(send)
        status = 302 if str(scope["path"]).endswith("books") else 200
        headers = [(b"location", bank[0].encode()), (b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"<p>maintenance</p>"})

    with served(elsewhere) as address, Client(address, "gangmu_secret") as client:
        with pytest.raises(AnswerError, match="302 without a reason"):
            client.list_books()
        with pytest.raises(AnswerError, match="no JSON"):
            client.decide(SIZE)
    with Client("http://127.0.0.1:1") as client, pytest.raises(httpx2.ConnectError):
        client.list_books()


# --------------------------------------------------------------------------------------------- shapes


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"answers": []}, "list came back"),
        ({}, "nothing came back"),
        ({"answers": {"a": {"status": 1}}}, "int came back"),
        ({"answers": {"a": {"status": "x", "until": "soon"}}}, "str came back"),
        ([], "list came back"),
    ],
)
def test_an_answer_of_another_shape_is_none(value: object, says: str) -> None:
    from gangmu.client.shapes import Decided

    with pytest.raises(AnswerError, match=says):
        read(Decided, value)


def test_a_newer_server_is_read_and_an_older_one_is_not_puzzled() -> None:
    told: dict[str, object] = {
        "from": "2020-01-01",
        "to": None,
        "conditional": False,
        "cites": [],
        "ours": "",
        "numbers": {},
    }
    found = read(Edition, told | {"a_new_field": 1})
    assert (found.from_, found.to) == (date(2020, 1, 1), None)
    assert sent(FactsShape({"staff": None})) == {"enterprise": {"staff": None}}
    assert sent(Question(FactsShape())) == {"facts": {}}


def test_the_example_of_the_documents_runs(bank: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    """As it stands there, but for the address and the token."""
    [example] = [one.text for one in fences(DOCS.read_text(encoding="utf-8")) if one.info == "python"]
    (tmp_path / "firms.csv").write_text("enterprise,staff,industry\nA,60,6513\nB,5,6513\n", encoding="utf-8")
    address, tokens = bank
    for there, here in (("https://plan.bank.example", address), ("gangmu_...", tokens["write"])):
        assert there in example
        example = example.replace(there, here)
    told = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    assert "small" in told.stdout
    assert (tmp_path / "answers.parquet").exists()
