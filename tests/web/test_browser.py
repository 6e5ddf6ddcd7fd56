"""The website in a real browser: every page in both languages, light and dark, wide and narrow.

`GANGMU_PICTURES=write` makes the pictures of `docs/pictures` anew.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from gangmu.web.app import create_app
from gangmu.web.oidc.provider import Meaning, Provider
from gangmu.web.people import make_institution
from gangmu.web.settings import Settings
from provider import CLIENT, SECRET, provided
from served import served

CHROMIUM = shutil.which("chromium")
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SHOWN = (
    "home-en-light-1280", "task-zh-dark-1280", "provinces-zh-light-390", "plan-en-dark-390",
    "enterprise-en", "why-en", "portfolio-en",
)  # fmt: skip
WRITES = os.environ.get("GANGMU_PICTURES") == "write"
PATIENT = 120_000  # milliseconds; another test may hold the cores
PAGES = {
    "home": "/", "plan": "/plan", "provinces": "/provinces/province_innovation",
    "units": "/provinces/province_innovation/compare?unit=0&unit=8&unit=10",
    "task": "/tasks/t03", "rulebook": "/rulebook",
    "search": "/rulebook?q=pledge",
    "page": "/rulebook/channels/inclusive_loan", "rule": "/rules/hnte", "enterprises": "/enterprises",
    "portfolios": "/portfolios", "compare": "/compare", "account": "/account", "sign-in": "/sign-in",
    "api": "/api",
    "firm": "/enterprises/{firm}?goal=ip_pledge", "blocked": "/enterprises/{firm}/why/srdi_sme",
    "channels": "/enterprises/{firm}/channels", "due": "/enterprises/{firm}/due",
    "changes": "/enterprises/{firm}/changes?first=2025-06-30", "ahead": "/due?days=14",
    "rulebooks": "/rulebooks", "compared": "/compare?one={firm}&first=2025-06-30",
}  # fmt: skip
LOOKS = (("en-GB", "light", 1280), ("zh-CN", "dark", 1280), ("en-GB", "dark", 390), ("zh-CN", "light", 390))

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on PATH")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A demonstration, served as `gangmu serve --demo` serves it."""
    app = create_app(Settings(data=tmp_path_factory.mktemp("demo"), demo=True, requests_a_minute=100_000))
    with served(app) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


def opened(browser: Browser, look: tuple[str, str, int] = LOOKS[0]) -> Page:
    """A page whose scripts and styles are all allowed by its own policy."""
    locale, scheme, width = look
    context = browser.new_context(
        locale=locale, color_scheme="dark" if scheme == "dark" else "light", accept_downloads=True,
        viewport={"width": width, "height": 900},
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(PATIENT)
    page.on("console", lambda message: pytest.fail(message.text) if message.type == "error" else None)
    return page


def picture(page: Page, name: str) -> None:
    """Keep what is seen, if asked to."""
    if WRITES and name in SHOWN:
        PICTURES.mkdir(exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png")


def sound(page: Page, name: str) -> None:
    """Nothing that axe knows to be in anybody's way, and nothing wider than the screen."""
    told = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert told.violations_count == 0, f"{name}: {told.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look)))
def test_every_page_reads_well(address: str, browser: Browser, look: tuple[str, str, int]) -> None:
    """In the reader's language without being asked, and without a fault that a machine can find."""
    page = opened(browser, look)
    page.goto(f"{address}/enterprises")
    firm = str(page.locator("tbody a").first.get_attribute("href")).rpartition("/")[2]
    for place, (name, path) in enumerate(PAGES.items()):
        page.goto(f"{address}{path.format(firm=firm)}")
        assert page.locator("html").get_attribute("lang") == ("zh-Hans" if look[0] == "zh-CN" else "en")
        if place % 2 == LOOKS.index(look) % 2:  # each page in both colours and both widths; axe is slow
            sound(page, name)
        picture(page, f"{name}-{look[0][:2]}-{look[1]}-{look[2]}")
    page.context.close()


def test_a_changed_number_moves_the_answer(address: str, browser: Browser) -> None:
    """As a person would: open the firm, type, see it move, save, look why."""
    page = opened(browser)
    page.goto(f"{address}/enterprises")
    page.locator("tbody a").first.click()
    answers = page.locator("#answers")
    size = answers.locator("li", has_text="Size of the enterprise").locator(".badge")
    expect(size).to_have_text("small")
    page.get_by_label("persons employed").first.fill("5")
    expect(size).to_have_text("micro", timeout=PATIENT)
    sound(page, "enterprise")
    picture(page, "enterprise-en")
    again = opened(browser)  # as if the first window had been closed
    again.goto(page.url)
    expect(again.get_by_label("persons employed").first).to_have_value("5")
    expect(again.locator("#draft-note")).to_be_visible()
    expect(again.locator("#version-shown")).to_have_text("1")
    sound(again, "draft")
    again.context.close()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#version-shown")).to_have_text("2", timeout=PATIENT)
    answers.get_by_role("link", name="Size of the enterprise").click()
    expect(page.locator("h1")).to_contain_text("micro")
    sound(page, "why")
    picture(page, "why-en")
    page.go_back()
    page.get_by_label("persons employed").first.fill("60")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#version-shown")).to_have_text("3", timeout=PATIENT)
    page.context.close()


def test_somebody_signs_in_through_their_institution(browser: Browser, tmp_path: Path) -> None:
    """There and back in a browser, whose own rules for cookies and redirects hold."""
    with provided() as there:
        there.at_home = {"sub": "ann-1", "name": "Ann 安", "groups": ["analysts"]}
        role = Meaning(("groups",), {"analysts": "analyst"})
        north = Provider(
            "north", {"zh": "北方银行"}, there.address, CLIENT, SECRET, Meaning((), {}, "North Bank"), role
        )
        app = create_app(Settings(data=tmp_path, providers=(north,)))
        with app.state.site.database.begin() as connection:
            make_institution(connection, "North Bank")
        with served(app) as here:
            page = opened(browser, LOOKS[3])
            page.goto(f"{here}/enterprises")  # asks to sign in, and comes back here
            sound(page, "sign-in elsewhere")
            page.get_by_role("link", name="北方银行").click()
            page.wait_for_url(f"{here}/enterprises")
            expect(page.get_by_role("link", name="Ann 安")).to_be_visible()
            page.goto(f"{here}/sign-in?why=role-missing")
            expect(page.get_by_role("alert")).to_contain_text("角色")
            page.context.close()


def test_a_form_without_scripts_keeps_a_draft_by_its_button(address: str, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/enterprises")
    page.locator("tbody a").first.click()
    version = page.locator("#version-shown").inner_text()
    page.get_by_label("persons employed").first.fill("61")
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_label("persons employed").first).to_have_value("61")
    assert page.locator("#version-shown").inner_text() == version
    page.get_by_role("button", name="Throw the draft away").click()
    expect(page.get_by_label("persons employed").first).not_to_have_value("61")
    context.close()


def test_a_hundred_thousand_are_uploaded_filtered_and_downloaded(
    address: str, browser: Browser, tmp_path: Path
) -> None:
    """Progress, the count by outcome, one status, one enterprise, the rows that are left."""
    rows = 100_000
    table = pa.table({
        "enterprise": [f"firm {number}" for number in range(rows)],
        "staff": [number % 400 for number in range(rows)],
        "industry": ["6513" if number % 2 else "3911" for number in range(rows)],
        "province": ["Anhui", "Jiangsu", "Zhejiang", "Hubei"] * (rows // 4),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "firms.parquet")
    page = opened(browser)
    page.goto(f"{address}/portfolios")
    page.get_by_label("File").set_input_files(tmp_path / "firms.parquet")
    for box in page.locator(".ticks input").all():
        box.set_checked(box.get_attribute("value") == "kind")
    page.get_by_role("button", name="Upload").click()
    page.wait_for_url(re.compile("/portfolios/.+"))
    bars = page.locator(".funnel .bar")
    expect(bars.first).to_be_visible(timeout=PATIENT)
    sound(page, "portfolio")
    picture(page, "portfolio-en")
    expect(page.get_by_text("100,000 found")).to_be_visible()
    bars.filter(has_text="met").first.click()
    page.wait_for_url(re.compile(r"\?is\."))
    page.get_by_label("province").select_option("Anhui")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url(re.compile("of.province=Anhui"))
    left = int(re.sub(r"\D", "", page.get_by_text(re.compile("found")).inner_text().split("found")[0]))
    assert 0 < left <= rows
    with page.expect_download() as waited:
        page.get_by_role("link", name="parquet").click()
    assert pq.read_metadata(waited.value.path()).num_rows == left
    page.locator(".dense tbody th a").first.click()
    expect(page.locator("h1")).to_contain_text("firm")
    page.locator(".eyebrow a").click()
    expect(page.locator(".chips")).to_contain_text("Anhui")
    page.goto(f"{page.url}&lang=zh")
    sound(page, "portfolio in Chinese")
    page.context.close()
