"""The page about the API: it names all there is, and its commands do what it says, as they are printed."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gangmu.client import Client, NewEnterprise
from gangmu.web.app import create_app
from gangmu.web.client_from_schema import schema_now
from gangmu.web.pages import program_words as words
from gangmu.web.people import Person, make_institution, make_person, make_token
from gangmu.web.settings import Settings
from served import served
from town import PASSWORD, Town

CURL = shutil.which("curl")
ROWS = "enterprise,staff,industry\nA,60,6513\nB,5,6513\n"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A bank's address, and a token of its analyst."""
    app = create_app(Settings(data=tmp_path_factory.mktemp("programs"), requests_a_minute=100_000))
    with app.state.site.database.begin() as connection:
        institution = make_institution(connection, "Bank")
        key = make_person(connection, institution, "ann", "Ann", "analyst", PASSWORD)
        ann = Person(key, "ann", "Ann", "analyst", institution, "Bank")
        token = make_token(connection, ann, "curl", "write", 1)
    with served(app) as address:
        yield address, token


def test_every_operation_shape_and_refusal_has_its_words() -> None:
    schema = schema_now()
    operations = [one for verbs in schema["paths"].values() for one in verbs.values()]
    assert {one["operationId"] for one in operations} == words.VERBS.keys()
    assert {one["tags"][0] for one in operations} == words.GROUPS.keys()
    assert schema["components"]["schemas"].keys() == words.SHAPES.keys()
    statuses = {status for one in operations for status in one["responses"] if status[0] != "2"}
    assert statuses == words.STATUSES.keys()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_names_all_of_it(town: Town, lang: str) -> None:
    page = town.visitor().get("/api", params={"lang": lang}).text
    said = html.unescape(re.sub("</?code>", "", page))
    for path, verbs in schema_now()["paths"].items():
        assert f"<code>{html.escape(path)}</code>" in page
        for one in verbs.values():
            does = words.VERBS[one["operationId"]] if lang == "zh" else one["description"]
            assert does.replace("`", "") in said
    ids = set(re.findall(r'id="(\w+)"', page))
    assert set(re.findall(r'href="#(\w+)"', page)) - {"content"} <= ids
    assert 'href="/api/openapi.json"' in page
    assert town.visitor().get("/api.json").json()["groups"]


@pytest.mark.skipif(CURL is None, reason="there is no curl on PATH")
def test_every_command_does_what_it_says(bank: tuple[str, str], tmp_path: Path) -> None:
    """In a shell, as printed; only the key of one's own enterprise or portfolio is filled in."""
    (tmp_path / "firms.csv").write_text(ROWS, encoding="utf-8")
    address, token = bank
    with Client(address, token) as client:
        kept = client.add_enterprise(NewEnterprise("Lantern", tables={"enterprise": [{"staff": "5"}]}))
        pair = []
        for _ in range(2):
            sent = client.add_portfolio(ROWS.encode(), file_name="firms.csv", rule=["enterprise_size"])
            pair.append(client.wait(sent.id, at_most=120, every=0.2).id)
        groups = client._http.get("/api.json").json()["groups"]  # noqa: SLF001  what the page shows
    keys = {"keeping": kept.id, "portfolios": pair[0]}
    asked = [(group["name"], verb) for group in groups for verb in group["verbs"]]
    asked.sort(key=lambda one: one[1]["method"] == "DELETE")  # last, as there is nothing to ask of it then
    for group, verb in asked:
        environment = {"TOKEN": token, "KEY": keys.get(group, ""), "OTHER": pair[1], "PATH": os.defpath}
        command = verb["command"].replace("curl", "curl -sS --noproxy '*' -w '%{http_code}'", 1)
        asked_of = ["bash", "-c", command]
        told = subprocess.run(
            asked_of, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        status = told.stdout[-3:]
        assert status.startswith("2"), (verb["name"], command, told.stdout[:600], told.stderr)
    assert (tmp_path / "form.xlsx").read_bytes()[:2] == b"PK"
    assert (tmp_path / "answers.parquet").read_bytes()[:4] == b"PAR1"
