"""The API keeps to its schema, whatever is sent: no failure, no answer that the schema does not describe.

schemathesis makes the requests from the schema, seeded, for every operation there is; what a schema cannot
say (that a rule has to exist) may be refused, but only as problem details.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

from gangmu.web.app import create_app
from gangmu.web.settings import Settings

EXAMPLES = 8  # of each operation

# Which rules, fields and pairs exist is known to the rulebook, not to the schema.
MAY_REFUSE: list[Any] = [positive_data_acceptance]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A demonstration: every request is somebody's, and nothing is asked of the database to know whose."""
    folder = tmp_path_factory.mktemp("demo")
    made = Settings(data=folder, demo=True, requests_a_minute=1_000_000, max_upload=1 << 20)
    with TestClient(create_app(made)) as client:
        yield client


def test_nothing_leaves_the_schema(tmp_path: Path) -> None:
    app = create_app(Settings(data=tmp_path, demo=True, requests_a_minute=1_000_000, max_upload=1 << 20))
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app)
    asked = []
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        asked.append(operation.label)
        _ask(operation)
    assert len(asked) > 20


def _ask(operation: schemathesis.APIOperation[Any, Any, Any, Any]) -> None:
    """Some requests to one operation; what the schema does not say of an answer fails."""

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def held(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(excluded_checks=MAY_REFUSE)

    held()


def test_the_schema_is_openapi_3_1(demo: TestClient) -> None:
    schema = demo.get("/api/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(schema).validate()


AWKWARD = (
    '{"facts": {"enterprise": {"staff": NaN}}}',
    '{"facts": {"enterprise": {"staff": Infinity}}}',
    '{"facts": {"enterprise": {"staff": 1e999}}}',
    '{"facts": {"enterprise": {"staff": ' + "9" * 5000 + "}}}",
    '{"facts": {"enterprise": {"staff": ' + "9" * 4000 + "}}}",
    r'{"facts": {"enterprise": {"\ud800": 1}}}',
    r'{"facts": {"enterprise": {"company_name": "\ud800"}}}',
    r'{"facts": {"enterprise": {"company_name": "\u0000"}}}',
    r'{"facts": {"enterprise": {}}, "rules": ["\u0000"]}',
    r'{"facts": {"enterprise": {}}, "rules": ["\ud800"]}',
    '{"facts": {"enterprise": {"staff": "1e999999999"}}}',
    '{"facts": {"enterprise": {"founded": "9999-99-99"}}}',
    '{"facts": {"enterprise": {}}, "as_of": "0001-01-01"}',
    '{"facts": {"enterprise": {}}, "as_of": "9999-12-31"}',
    '{"facts": {"enterprise": {}, "rows": {"enterprise": [{}, {}]}}}',
    '{"facts": {"enterprise": {"enterprise": "other"}}}',
    '{"facts": {"rows": {"patent": [{"enterprise": "other"}]}}}',
    '{"facts": ' * 5000,
    "[" * 100_000,
    "",
    "\ufeff{}",
)


@pytest.mark.parametrize("verb", ["assess", "decide", "explain/enterprise_size"])
def test_what_a_schema_does_not_think_of(demo: TestClient, verb: str) -> None:
    """Numbers without end, halves of characters, days before the calendar: always an answer in JSON."""
    for text in AWKWARD:
        if verb in {"assess", "decide"} and '"rules"' not in text and text.endswith("}"):
            text = text[:-1] + ', "rules": ["enterprise_size"]}'  # noqa: PLW2901  asked quickly
        told = demo.post(
            f"/api/v1/{verb}", content=text.encode(), headers={"content-type": "application/json"}
        )
        assert told.status_code in {200, 400, 422}, (text[:80], told.text[:500])
        kind = told.headers["content-type"]
        assert kind == ("application/json" if told.status_code == 200 else "application/problem+json")
        json.loads(told.text, parse_constant=pytest.fail)


def test_verbs_answer_as_the_command_line(demo: TestClient) -> None:
    """One enterprise, each verb: what comes back is about what was asked."""
    question = {
        "facts": {
            "enterprise": {"staff": 60, "industry": "6513"},
            "rows": {"statement": [{"fiscal_year": 2025, "revenue": "14213600"}]},
        },
        "as_of": "2026-06-30",
    }
    asked = question | {"rules": ["enterprise_size"]}
    both = [demo.post(f"/api/v1/{verb}", json=asked).json()["answers"] for verb in ("assess", "decide")]
    assert both[0]["enterprise_size"]["value"] == both[1]["enterprise_size"]["value"] == "small"
    told = demo.post("/api/v1/explain/enterprise_size", json=question).json()
    assert "GB/T" in json.dumps(told["text"]["en"]) or told["grade"]
    assert demo.post("/api/v1/channels", json=question).json()["case"]
    due = demo.post("/api/v1/due", json=asked | {"until": "2027-06-30", "lang": "zh"}).json()
    assert due["record"]["until"] == "2027-06-30"
    targets = demo.get("/api/v1/books/cn/track", params={"as_of": "2026-06-30"}).json()
    assert sum(targets["counts"].values()) == len(targets["targets"]) > 10
    query = demo.get("/api/v1/books/cn/sql", params={"rule": "enterprise_size", "dialect": "postgres"}).json()
    assert query["sql"].startswith("WITH")
    form = demo.get("/api/v1/books/cn/template", params={"rule": "enterprise_size"})
    assert form.content[:2] == b"PK"


def test_rules_as_of_a_day(demo: TestClient) -> None:
    """Only the wordings of the day; a rule that had none is not listed."""
    every = demo.get("/api/v1/books/cn/rules/hnte").json()["editions"]
    now = demo.get("/api/v1/books/cn/rules/hnte", params={"as_of": "2026-06-30"}).json()["editions"]
    long_ago = {"search": "hnte", "as_of": "1990-01-01"}
    assert 0 < len(now) <= len(every)
    listed = demo.get("/api/v1/books/cn/rules", params={"search": "hnte"}).json()
    assert len(demo.get("/api/v1/books/cn/rules", params=long_ago).json()) < len(listed)
