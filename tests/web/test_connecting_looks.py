"""Every state of connecting can be read by everybody, in both languages and on every screen."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator

import pytest
from playwright.async_api import Page

from tests.servers.browser import Browsers
from tests.servers.google import require_emulate
from tests.web.axe import violations
from tests.web.looks import ill_formed, too_narrow
from tests.web.registered import Owner, Registered, account, registered

BY_GOOGLE = re.compile("Mit Google verbinden|Connect with Google")
BY_MICROSOFT = re.compile("Mit Microsoft verbinden|Connect with Microsoft")
GO_ON = re.compile("Weiter zu|Continue to")
RECONNECT = re.compile("neu verbinden|Reconnect")
STOPPED = re.compile("Braucht Ihre Hilfe|Needs your help")
STATES = 10
REASONS = [
    "access_denied",
    "access_refused",
    "access_revoked",
    "admin_consent_needed",
    "connecting_failed",
    "link_not_valid",
    "login_required",
    "mailbox_exists",
    "no_mailbox",
    "no_refresh_token",
    "other_account",
    "other_provider",
    "plan_limit_reached",
    "provider_misconfigured",
    "provider_unavailable",
    "scope_deselected",
    "team_mailbox_denied",
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registered]:
    require_emulate()
    with registered(tmp_path_factory.mktemp("registered")) as made:
        yield made


@pytest.mark.parametrize("language", ["de", "en"])
async def test_every_state_is_accessible_and_fits(browsers: Browsers, run: Registered, language: str) -> None:
    owner = run.owner()
    found: dict[str, list[str]] = {}
    async with owner.window(browsers, language) as window:
        async for state in states(window.page, owner):
            found[state] = [f"scrolls sideways at {width} px" async for width in too_narrow(window.page)]
            found[state] += await ill_formed(window.page, language)
            for scheme in ("light", "dark"):
                await window.page.emulate_media(color_scheme=scheme)  # pyright: ignore[reportArgumentType]
                found[state] += await violations(window.page)
            found[state] += window.complaints
            window.complaints.clear()
    assert len(found) == STATES
    assert {name: broken for name, broken in found.items() if broken} == {}


@pytest.mark.parametrize("language", ["de", "en"])
async def test_each_problem_has_words_of_its_own(browsers: Browsers, run: Registered, language: str) -> None:
    async with browsers.window(run.house.url, language=language) as window:
        said = {reason: await _said(window.page, run, reason) for reason in (*REASONS, "something_new")}
        assert len(set(said.values())) == len(said)
        assert await ill_formed(window.page, language) == []


async def _said(page: Page, run: Registered, reason: str) -> str:
    await page.goto(f"{run.house.url}/connected?problem={reason}&provider=graph&return_to=mailboxes")
    return await page.get_by_role("alert").inner_text()


async def states(page: Page, owner: Owner) -> AsyncGenerator[str]:
    """Brings the page into one state after the other, and names it."""
    home, person = owner.run.house.url, owner.person
    show = _shower(page, home)
    await show(f"/start?step=mailbox&organisation={owner.organisation}")
    yield "start"
    await page.get_by_role("button", name=BY_GOOGLE).click()
    await page.get_by_role("dialog").get_by_role("listitem").first.wait_for()
    yield "dialog-google"
    await show(owner.mailboxes + "/new")
    await page.get_by_role("button", name=BY_MICROSOFT).click()
    await page.get_by_role("dialog").get_by_role("radio").nth(1).check()
    yield "dialog-microsoft"
    await page.get_by_role("dialog").locator("input[type=email]").fill("info@hotel-seeblick.example")
    await page.get_by_role("button", name=GO_ON).click()
    await page.wait_for_url("**/oauth2/v2.0/authorize?**")
    await show("/connected?problem=admin_consent_needed&provider=graph&return_to=mailboxes")
    await page.get_by_label(re.compile("Link für Ihren Administrator|Link for your administrator")).wait_for()
    yield "problem-admin"
    await show(owner.mailboxes + "/new")
    await page.locator("input[type=email]").fill("pension.ammer@gmail.com")
    await page.locator("input[type=email]").blur()
    await page.locator("input[type=password]").wait_for(state="detached")
    yield "offer"
    owner.run.google.google.refusing = True
    await _by_google(page, person.email)
    yield "problem"
    owner.run.google.google.refusing = False
    await show("/connected?consent=refused")
    yield "consent-refused"
    await show(f"/start?step=mailbox&organisation={owner.organisation}")
    await _by_google(page, person.email)
    await page.wait_for_url("**/start**")
    await page.get_by_role("button", name=re.compile("^(Weiter|Continue)$")).wait_for()
    await show(f"/start?step=draft&organisation={owner.organisation}")
    yield "first-draft"
    await show(owner.mailboxes)
    await page.locator("main").get_by_role("link", name=person.email, exact=True).click()
    await page.get_by_role("button", name=RECONNECT).wait_for()
    yield "mailbox"
    person.revoke()
    await page.get_by_text(STOPPED).wait_for()
    yield "mailbox-stopped"


def _shower(page: Page, home: str) -> Callable[[str], Awaitable[None]]:
    async def show(path: str) -> None:
        await page.goto(home + path)
        await page.locator("h1").wait_for()

    return show


async def _by_google(page: Page, email: str) -> None:
    await page.get_by_role("button", name=BY_GOOGLE).first.click()
    await page.get_by_role("button", name=GO_ON).click()
    await account(page, email).click()
    await page.wait_for_url("**/connected?**")
    await page.locator("h1").wait_for()
