"""The website as people meet it: reading, signing in, keeping an enterprise, and what is refused."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import get_args

import pytest
from docx import Document

from gangmu import load, web
from gangmu.plan.standing import State
from gangmu.web.words import WORDS
from town import PASSWORD, Town, secret_of

READING = (
    "/",
    "/plan",
    "/tasks",
    "/tasks/t01",
    "/rulebook",
    "/rulebook?q=pledge",
    "/rulebook/recognition/hnte",
    "/rules/hnte",
    "/provinces/province_innovation/compare?unit=0&unit=3",
)


@pytest.mark.parametrize("path", READING)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_anybody_reads_in_both_languages(town: Town, path: str, lang: str) -> None:
    """Each page says its language, keeps to the policy, and has its JSON beside it."""
    told = town.visitor().get(path, params={"lang": lang})
    assert told.status_code == 200
    assert f'<html lang="{"zh-Hans" if lang == "zh" else "en"}">' in told.text
    assert "script-src 'self'" in told.headers["content-security-policy"]
    assert not re.search(r"<script(?! src=)|<[^>]+ on[a-z]+=|style=", told.text)
    plain, _, query = path.partition("?")
    beside = "/index.json" if plain == "/" else f"{plain}.json"
    assert town.visitor().get(f"{beside}?{query}").json()["title"]


def test_home_and_plan_count_the_same(town: Town) -> None:
    """Both count targets as `gangmu track` does, with its paces, not standings alone."""
    asked = {"as_of": "2026-06-30"}
    home = town.visitor().get("/index.json", params=asked).json()
    track = town.visitor().get("/api/v1/books/cn/track", params=asked).json()
    assert [count for _, _, count in home["counts"]] == list(track["counts"].values())


def test_links_between_pages_of_the_book_lead_there(town: Town) -> None:
    """A page says `../channels/x.md`; a reader of the site follows it to where that page is shown."""
    found = set()
    for path in (
        "/rulebook/tasks/t03",
        "/rulebook/recognition/hnte",
        "/rulebook/channels/inclusive_loan",
        "/tasks/t03",
    ):
        found |= set(re.findall(r'href="([^"#]*)"', town.visitor().get(path, params={"lang": "en"}).text))
    assert not [link for link in found if link.endswith(".md")]
    inside = sorted(link for link in found if link.startswith("/rulebook/"))
    assert inside
    assert {town.visitor().get(link).status_code for link in inside} == {200}


def test_a_stranger_is_sent_to_sign_in(town: Town) -> None:
    """What is kept is for those who have an account."""
    told = town.visitor().get("/enterprises")
    assert (told.status_code, told.headers["location"]) == (303, "/sign-in?to=%2Fenterprises")
    assert town.visitor().get("/enterprises.json").status_code == 401


def test_an_enterprise_is_kept_and_its_answers_move(town: Town) -> None:
    """Made, filled in, looked at before it is saved, saved; an older page cannot overwrite it."""
    ann = town.visitor("ann")
    csrf = secret_of(ann)
    made = ann.post("/enterprises", data={"csrf": csrf, "name": "Harbour Software"})
    url = made.headers["location"]
    goal = {"csrf": csrf, "goal": "enterprise_size", "version": "1", "as_of": "2026-06-30"}
    facts = {
        "f.enterprise.0.staff": "60",
        "f.enterprise.0.industry": "6513",
        "f.statement.0.fiscal_year": "2025",
        "f.statement.0.revenue": "14213600",
    }
    fragment = {"x-fragment": "1"}
    seen = ann.post(f"{url}/answers", data=goal | facts, headers=fragment)
    assert "small" in seen.text
    assert ann.get(f"{url}.json").json()["facts"] == {"enterprise": [{}]}
    saved = ann.post(url, data=goal | facts, headers=fragment)
    assert saved.headers["x-version"] == "2"
    assert ann.get(f"{url}.json").json()["facts"]["enterprise"] == [{"staff": "60", "industry": "6513"}]
    assert ann.post(url, data=goal | facts).status_code == 409
    assert "GB/T" in ann.get(f"{url}/why/enterprise_size?as_of=2026-06-30").text
    assert ann.get(f"{url}/changes").status_code == 200


def test_entries_are_found_again_and_are_no_version(town: Town) -> None:
    """What is typed is kept for who types; a version comes of the button alone, and ends the draft."""
    ann, boss = town.visitor("ann"), town.visitor("boss")
    url = ann.post("/enterprises", data={"csrf": secret_of(ann), "name": "Draft & Co"}).headers["location"]
    sent = {"csrf": secret_of(ann), "goal": "enterprise_size", "version": "1", "as_of": "2026-06-30"}
    rows = {f"f.statement.{row}.fiscal_year": str(2023 + row) for row in range(3)}
    for typed in ({"f.enterprise.0.staff": "6"}, {"f.enterprise.0.staff": "60"}, rows):
        assert ann.post(f"{url}/answers", data=sent | typed, headers={"x-fragment": "1"}).status_code == 200
    again = town.visitor("ann").get(f"{url}.json").json()
    assert again["draft"]["facts"]["enterprise"] == [{"staff": "60"}]
    assert (again["facts"], again["enterprise"]["version"]) == ({"enterprise": [{}]}, 1)
    assert boss.get(f"{url}.json").json()["draft"] is None
    assert "draft" in ann.get(f"{url}/why/enterprise_size", params={"lang": "en"}).text
    gone = {
        "f.statement.0.fiscal_year": "2023",
        "f.statement.1.fiscal_year": "",
        "f.statement.2.fiscal_year": "2025",
    }
    for _ in range(2):  # a row that was emptied keeps its place while one types
        ann.post(f"{url}/answers", data=sent | gone, headers={"x-fragment": "1"})
    assert ann.post(url, data=sent | gone | {"draft": "1"}).status_code == 303
    assert ann.get(f"{url}.json").json()["enterprise"]["version"] == 1
    assert ann.post(url, data=sent | gone).status_code == 303
    kept = ann.get(f"{url}.json").json()
    assert (kept["draft"], kept["enterprise"]["version"]) == (None, 2)
    assert kept["facts"]["statement"] == [{"fiscal_year": "2023"}, {"fiscal_year": "2025"}]
    log = boss.get("/audit.json").json()["entries"]
    done = [
        one["action"] for one in log if one["object"] == url.rpartition("/")[2] and one["action"] != "read"
    ]
    assert done == ["change", "draft", "add"]


def test_changes_say_whether_evidence_or_time_moved_an_answer(town: Town) -> None:
    """Between two versions, each as of its day; and the facts that differ."""
    ann = town.visitor("ann")
    url = ann.post("/enterprises", data={"csrf": secret_of(ann), "name": "Mover"}).headers["location"]
    sent = {"csrf": secret_of(ann), "f.enterprise.0.industry": "6513", "f.statement.0.fiscal_year": "2025"}
    sent["f.statement.0.revenue"] = "14213600"
    for version, staff in (("1", "60"), ("2", "5")):
        ann.post(url, data=sent | {"version": version, "f.enterprise.0.staff": staff})

    def moved(**asked: str) -> dict[str, str]:
        found = ann.get(f"{url}/changes.json", params=asked).json()
        return {one["short"]: one["reason"] for one in found["moved"]}

    days = {"first": "2026-06-30", "as_of": "2026-06-30"}
    assert moved(**days)["enterprise_size"] == "evidence"
    assert moved(**days | {"from": "2", "to": "2", "as_of": "2027-06-30"})["enterprise_size"] == "time"
    told = ann.get(f"{url}/changes.json", params=days).json()
    assert told["facts"] == [{"what": "Persons employed", "before": "60", "after": "5"}]
    assert ann.get(f"{url}/changes", params={"from": "9"}).status_code == 404


def test_an_institution_sees_the_dates_of_all_its_enterprises(town: Town) -> None:
    """By date, each under its enterprise's name, and as one calendar in which no two events are the same."""
    ann = town.visitor("ann")
    dates = {"f.enterprise.0.hnte_from": "2023-12-08", "f.enterprise.0.hnte_to": "2026-12-08"}
    for name in ("Dated One", "Dated Two"):
        url = ann.post("/enterprises", data={"csrf": secret_of(ann), "name": name}).headers["location"]
        sent = {"csrf": secret_of(ann), "version": "1", "f.enterprise.0.hnte_no": "GR202399000060"}
        assert ann.post(url, data=sent | dates).status_code == 303
    asked = {"as_of": "2026-11-23", "days": "30", "lang": "en"}
    while (told := ann.get("/due.json", params=asked).json())["left"]:
        pass
    lapsed = {
        one["name"] for one in told["lines"] if one["day"] == "2026-12-08" and "HNTE" in one["rule"].upper()
    }
    assert {"Dated One", "Dated Two"} <= lapsed
    calendar = ann.get("/due/calendar", params=asked).text
    uids = re.findall(r"UID:(.+)", calendar)
    assert len(uids) == len(set(uids)) >= 2
    assert "Dated One" in calendar.replace("\r\n ", "")


def test_a_draft_overtaken_by_another_says_so_and_can_be_thrown_away(town: Town) -> None:
    ann, boss = town.visitor("ann"), town.visitor("boss")
    url = ann.post("/enterprises", data={"csrf": secret_of(ann), "name": "Two pens"}).headers["location"]
    typed = {"goal": "enterprise_size", "version": "1", "as_of": "2026-06-30", "f.enterprise.0.staff": "60"}
    csrf = {"csrf": secret_of(ann)}
    ann.post(f"{url}/answers", data=csrf | typed, headers={"x-fragment": "1"})
    boss.post(url, data={"csrf": secret_of(boss), **typed, "f.enterprise.0.staff": "7"})
    assert ann.post(url, data=csrf | typed).status_code == 409
    assert "Version 2 was saved" in ann.get(url, params={"lang": "en"}).text
    assert ann.post(f"{url}/discard", data=csrf).status_code == 303
    kept = ann.get(f"{url}.json").json()
    assert (kept["draft"], kept["facts"]["enterprise"]) == (None, [{"staff": "7"}])


def test_a_form_from_elsewhere_is_refused(town: Town) -> None:
    """Without the session's secret, or from another site."""
    ann = town.visitor("ann")
    assert ann.post("/enterprises", data={"name": "x"}).status_code == 403
    data = {"csrf": secret_of(ann), "name": "x"}
    assert ann.post("/enterprises", data=data, headers={"origin": "https://evil.example"}).status_code == 403


def test_another_institution_sees_nothing(town: Town) -> None:
    """Not by list, by search, by id, by a save."""
    ann, bob = town.visitor("ann"), town.visitor("bob")
    url = ann.post("/enterprises", data={"csrf": secret_of(ann), "name": "Only Ann's"}).headers["location"]
    assert "Only Ann" in ann.get("/enterprises").text
    assert "Only Ann" not in bob.get("/enterprises").text
    assert "Only Ann" not in bob.get("/enterprises?q=Ann").text
    for path in (
        url,
        f"{url}.json",
        f"{url}/changes",
        f"{url}/why/hnte",
        f"/compare?one={url.rpartition('/')[2]}",
    ):
        assert bob.get(path).status_code == 404
    csrf = secret_of(bob)
    assert bob.post(url, data={"csrf": csrf, "version": "1"}).status_code == 404
    assert bob.post(f"{url}/delete", data={"csrf": csrf}).status_code == 404
    assert ann.get(url).status_code == 200


def test_wrong_passwords_make_an_account_wait(town: Town) -> None:
    """After a few, even the right one is refused for a while; others go on."""
    boss = town.visitor("boss")
    new = {
        "csrf": secret_of(boss, "/people"),
        "login": "carl",
        "name": "Carl",
        "role": "reader",
        "password": PASSWORD,
    }
    assert boss.post("/people", data=new).status_code == 303
    browser = town.visitor()
    for _ in range(30):
        told = browser.post("/sign-in", data={"login": "carl", "password": "wrong"})
        assert told.status_code == 401
        assert "carl" not in told.text
    assert browser.post("/sign-in", data={"login": "carl", "password": PASSWORD}).status_code == 401
    assert town.visitor("ann").get("/account").status_code == 200


def test_only_an_administrator_sees_people_and_the_log(town: Town) -> None:
    """And the log says who read what."""
    ann, boss = town.visitor("ann"), town.visitor("boss")
    assert ann.get("/people").status_code == 403
    assert ann.get("/audit").status_code == 403
    url = ann.post("/enterprises", data={"csrf": secret_of(ann), "name": "Read"}).headers["location"]
    ann.get(url)
    entries = boss.get("/audit.json").json()["entries"]
    assert ("read", url.rpartition("/")[2]) in {(one["action"], one["object"]) for one in entries}


def test_an_answer_downloads_as_memo_workbook_and_page(town: Town) -> None:
    """The memo by a template of the institution's own; one that does anything else is refused."""
    ann, boss = town.visitor("ann"), town.visitor("boss")
    url = ann.post("/enterprises", data={"csrf": secret_of(ann), "name": "Quay & Sons"}).headers["location"]
    texts = [one.text for one in Document(BytesIO(ann.get(f"{url}/download?as=docx").content)).paragraphs]
    assert texts[0] == "Quay & Sons"
    assert ann.get(f"{url}/download?as=xlsx").content[:2] == b"PK"
    csrf = secret_of(boss, "/account")
    for text, status in (("Memo on {{ name }}", 303), ("{{ name.__class__.__mro__ }}", 303)):
        own, out = Document(), BytesIO()
        own.add_paragraph(text)
        own.save(out)
        files = {"file": ("own.docx", out.getvalue())}
        assert boss.post("/account/template", data={"csrf": csrf}, files=files).status_code == status
        told = ann.get(f"{url}/download?as=docx")
        if "class" in text:
            assert told.status_code == 422
        else:
            assert Document(BytesIO(told.content)).paragraphs[0].text == "Memo on Quay & Sons"
    files = {"file": ("own.docx", b"no document")}
    assert boss.post("/account/template", data={"csrf": csrf}, files=files).status_code == 422
    assert ann.post("/account/template", data={"csrf": secret_of(ann)}, files=files).status_code == 403


def test_the_plan_downloads_as_a_briefing(town: Town) -> None:
    """Task by task, in both languages; by the template that the institution keeps for briefings."""
    boss, asked = town.visitor("boss"), {"as_of": "2026-06-30"}
    for lang, head in (("en", "Targets on 2026-06-30"), ("zh", "2026-06-30")):
        told = town.visitor().get("/plan/download", params=asked | {"lang": lang})
        document = Document(BytesIO(told.content))
        assert head in document.paragraphs[0].text
        assert sum(len(table.rows) - 1 for table in document.tables) > 20
    own, out = Document(), BytesIO()
    own.add_paragraph("{{ counts[0].n }} of them")
    own.save(out)
    sent = {"csrf": secret_of(boss, "/account"), "kind": "briefing"}
    files = {"file": ("own.docx", out.getvalue())}
    assert boss.post("/account/template", data=sent, files=files).status_code == 303
    [line] = Document(BytesIO(boss.get("/plan/download", params=asked).content)).paragraphs
    assert re.fullmatch(r"\d+ of them", line.text)
    assert boss.post("/account/template", data=sent | {"kind": "../x"}, files=files).status_code == 422


def test_every_word_is_said_somewhere() -> None:
    """A word that no page and no program names would be kept, and translated, for nobody."""
    folder = Path(web.__file__).parent
    files = [*folder.rglob("*.html"), *(one for one in folder.rglob("*.py") if one.name != "words.py")]
    text = "".join(one.read_text(encoding="utf-8") for one in files)
    named = {one for one in WORDS if f'"{one}"' in text or f"'{one}'" in text}
    worked_out = {*get_args(State), *(name.partition("/")[0] for name in load("cn").model.pages)}
    refusals = {f"why {code}" for code in re.findall(r'refused\("([a-z-]+)"', text)}
    assert refusals <= WORDS.keys()
    worked_out |= refusals
    named |= {one for one in WORDS if one.partition(" ")[0] in {"role", "scope", "done", "kind"}}
    assert WORDS.keys() - named <= worked_out
