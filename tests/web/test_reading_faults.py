"""Whatever is wrong with the API: every page says so in a sentence, offers a way on, and is itself again afterwards."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.servers.browser import Browsers, Window
from tests.web.faults import DOWN, LOGGED_OUT, REASONS, SLOW, Fault, Faults, sentence
from tests.web.inhabited import OWNER, PASSWORD, Inhabited
from tests.web.pages import PAGES

LOGINS = sorted({page.login for page in PAGES})
SAID = tuple(status for status in REASONS if status != LOGGED_OUT)
# What the frame around a page asks. Were it broken too, there would be the frame's problem to see, and no page.
FRAME = frozenset({"/api/v1/account", "/api/v1/organisations", "/api/v1/site"})
# These show what the frame has asked.
FRAMED = {"account", "account-data", "start-organisation", "operator-organisations"}
# These have nothing to ask before somebody does something.
SILENT = {"confirm", "invitation", "unsubscribe", "connected", "connected-consent", "nowhere", "knowledge-import"}
AGAIN = "Noch einmal versuchen"
WAITING = "[role=status], .mantine-Skeleton-root, .mantine-Loader-root"


@pytest.mark.parametrize("login", LOGINS)
async def test_every_page_says_what_is_wrong_and_recovers(browsers: Browsers, place: Inhabited, login: str) -> None:
    async with browsers.window(place.house.url) as window:
        if login:
            await window.log_in(login, PASSWORD)
        faults = Faults(window.page)
        await faults.begin()
        for page in (each for each in PAGES if each.login == login and each.name not in SILENT):
            faults.spared = FRAME if login and page.name not in FRAMED else frozenset()
            await _in_trouble(window, faults, page.path.format(**place.ids), login)
            assert [each for each in window.complaints if "Failed to load resource" not in each] == []


async def _in_trouble(window: Window, faults: Faults, path: str, login: str) -> None:
    whole = await _slow(window, faults, path)
    await _broken(window.page, faults, window.home + path)
    if login:
        await _logged_out(window.page, faults, login)
    else:
        faults.mend()
        await _again(window.page)
    await expect(window.page.locator("h1")).to_have_text(whole)
    await expect(window.page.get_by_role("alert").filter(has_text=_any_sentence())).to_have_count(0)


async def _slow(window: Window, faults: Faults, path: str) -> str:
    """Shows that something is on the way, and then the page; returns its heading."""
    faults.now = SLOW
    await window.page.goto("about:blank")  # for pages that differ in what is behind the # only
    await window.page.goto(window.home + path)
    await window.page.locator(WAITING).first.wait_for()
    faults.mend()
    await window.loaded()
    return await window.page.locator("h1").inner_text()


async def _broken(page: Page, faults: Faults, url: str) -> None:
    faults.now = DOWN
    await page.goto("about:blank")
    await page.goto(url)
    await _says(page, DOWN)
    for status in SAID:
        faults.now = status
        await _again(page)
        await _says(page, status)


async def _logged_out(page: Page, faults: Faults, login: str) -> None:
    """Asks who it is, and leads back to where one was."""
    faults.now = LOGGED_OUT
    await _again(page)
    await page.wait_for_url("**/login?next=*")
    faults.mend()
    await _again(page) if await page.get_by_role("alert").count() else None
    await page.get_by_label("E-Mail-Adresse oder Benutzername").fill(login)
    await page.get_by_label("Passwort", exact=False).and_(page.locator("input")).fill(PASSWORD)
    await page.get_by_role("button", name="Anmelden").click()
    await page.wait_for_url(re.compile(r"^(?!.*/login)"))


async def _says(page: Page, fault: Fault) -> None:
    """In an alert, and of no other fault any more."""
    alerts = page.get_by_role("alert")
    await expect(alerts.filter(has_text=sentence(fault, "de")).first).to_be_visible()
    await expect(alerts.filter(has_not_text=sentence(fault, "de")).filter(has_text=_any_sentence())).to_have_count(0)
    await expect(page.locator("h1")).to_have_count(1)


async def _again(page: Page) -> None:
    """Presses all the buttons that try again; there has to be one."""
    buttons = page.get_by_role("button", name=AGAIN, exact=True)
    await buttons.first.wait_for()
    await buttons.evaluate_all("all => all.forEach(button => button.click())")


def _any_sentence() -> re.Pattern[str]:
    return re.compile("|".join(re.escape(sentence(fault, "de")) for fault in (DOWN, *REASONS)))


async def test_the_navigation_asks_again_for_the_assistants(browsers: Browsers, place: Inhabited) -> None:
    async with browsers.window(place.house.url) as window:
        await window.log_in(OWNER, PASSWORD)
        faults = Faults(window.page)
        await faults.begin()
        faults.spared, faults.now = FRAME, 500
        await window.page.goto(window.home + "/account")
        again = window.page.get_by_role("button", name="Assistenten noch einmal laden")
        await again.wait_for()
        knowledge = window.page.get_by_role("navigation").get_by_role("link", name="Wissen")
        await expect(knowledge).to_have_count(0)
        faults.mend()
        await again.click()
        await expect(knowledge).to_be_visible()
        await expect(again).to_have_count(0)
