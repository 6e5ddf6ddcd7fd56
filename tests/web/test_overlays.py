"""A page of an institution over a served rulebook: checked apart, kept, compared with, its own alone."""

from __future__ import annotations

import pytest

from gangmu.errors import GangmuError
from gangmu.web import overlays
from gangmu.web.people import make_person
from town import PASSWORD, Town, institution_of, secret_of

POLICY = """# Our own policy

```yaml
channels/inclusive_loan.inclusive_loan:
  tightens: staff >= bank_staff_floor
  ours: the bank's policy
bank_staff_floor:
  parameter: persons
  value: 100 persons
  label: {en: least staff, zh: 最少人数}
  ours: the bank's policy
```
"""


@pytest.fixture(scope="module")
def editor(town: Town) -> str:
    """An editor of Ann's bank."""
    with town.site.database.begin() as connection:
        make_person(connection, institution_of(connection, "ann"), "edith", "Edith", "editor", PASSWORD)
    return "edith"


def test_a_page_over_the_book_is_compared_with_it(town: Town, editor: str) -> None:
    """The same enterprise on the same day: what differs, the law did, and the answer says by which rule."""
    edith, ann = town.visitor(editor), town.visitor("ann")
    sent = {"csrf": secret_of(edith), "name": "House policy", "base": "cn", "page": POLICY}
    made = edith.post("/rulebooks", data=sent)
    assert made.status_code == 303, made.text
    url = made.headers["location"]
    assert "bank_staff_floor" in ann.get(url).text
    firm = ann.post("/enterprises", data={"csrf": secret_of(ann), "name": "Small"}).headers["location"]
    facts = {"csrf": secret_of(ann), "version": "1", "f.enterprise.0.staff": "60"}
    ann.post(firm, data=facts)
    asked = {"one": firm.rpartition("/")[2], "other_book": f"overlay:{url.rpartition('/')[2]}"}
    told = ann.get("/compare.json", params=asked).json()
    assert {one["short"]: one["reason"] for one in told["moved"]} == {"inclusive_loan": "law"}
    assert town.visitor("bob").get("/compare", params=asked).status_code == 404
    assert "House policy" not in town.visitor("bob").get("/rulebooks").text
    assert edith.post(f"{url}/delete", data={"csrf": secret_of(edith)}).status_code == 303
    assert ann.get(url).status_code == 404


def test_faults_are_shown_beside_the_text(town: Town, editor: str) -> None:
    edith = town.visitor(editor)
    page = POLICY.replace("staff >=", "no_such_fact >=")
    told = edith.post("/rulebooks", data={"csrf": secret_of(edith), "name": "x", "base": "cn", "page": page})
    assert told.status_code == 422
    assert "overlay.md:4" in told.text
    assert "no_such_fact" in told.text
    assert "tightens: no_such_fact" in told.text


def test_only_who_edits_rulebooks_adds_one(town: Town) -> None:
    ann = town.visitor("ann")
    sent = {"csrf": secret_of(ann), "name": "x", "base": "cn", "page": POLICY}
    assert ann.post("/rulebooks", data=sent).status_code == 403
    assert 'name="page"' not in ann.get("/rulebooks").text


@pytest.mark.parametrize(
    ("page", "code"),
    [("", "page-empty"), ("x" * (overlays.MAX_PAGE + 1), "page-long")],
)
def test_what_is_no_page_is_refused_unread(page: str, code: str) -> None:
    with pytest.raises(GangmuError) as raised:
        overlays.check_overlay(page, "cn")
    assert raised.value.problems[0].code == code


def test_a_page_that_takes_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that reads it ends without an answer."""
    monkeypatch.setattr(overlays, "_read", _dies)
    with pytest.raises(GangmuError) as raised:
        overlays.check_overlay(POLICY, "cn")
    assert raised.value.problems[0].code == "page-heavy"


def _dies(folder: str, tells: object) -> None:
    del folder, tells
    raise SystemExit(1)
