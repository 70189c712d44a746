"""Connecting a Google or Microsoft mailbox in a browser, through the provider's own consent page."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Locator, Page, expect

from tests.servers.browser import Browsers
from tests.servers.google import require_emulate
from tests.servers.owner import wait_for
from tests.web.hands import Mouse
from tests.web.inhabited import OWNER as NEIGHBOUR
from tests.web.inhabited import PASSWORD, Inhabited
from tests.web.registered import Owner, Registered, account, agree, registered
from tests.web.way_in import register, see_first_draft, set_up

SECONDS = 60
BY_GOOGLE = "Mit Google verbinden"
BY_MICROSOFT = "Mit Microsoft verbinden"
AGAIN = "Noch einmal verbinden"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registered]:
    require_emulate()
    with registered(tmp_path_factory.mktemp("registered")) as made:
        yield made


@pytest.fixture
def owner(run: Registered) -> Iterator[Owner]:
    yield run.owner()
    run.google.google.refusing = False
    run.google.google.withheld.clear()


async def test_the_way_in_through_googles_consent_page(browsers: Browsers, owner: Owner) -> None:
    owner.person.deliver(_enquiry(owner), datetime.now(UTC) - timedelta(hours=3))
    async with browsers.window(owner.run.house.url) as window:
        hands, page = Mouse(window.page), window.page
        await page.goto(owner.run.house.url)
        await register(hands, "neu")
        await set_up(hands)
        await hands.press("button", BY_GOOGLE)
        for sentence in ("E-Mails lesen", "Entwürfe anlegen"):
            await page.get_by_role("dialog").get_by_text(sentence).wait_for()
        await agree(page, owner.person.email)
        await page.get_by_role("heading", name="Das Postfach ist verbunden").wait_for()
        await page.wait_for_url("**/start?step=mailbox**")
        await page.get_by_text(f"Das Postfach {owner.person.email} ist verbunden").wait_for()
        await hands.press("button", "^Weiter$")
        await page.get_by_text("Diese Mail wartet auf eine Antwort").wait_for()
        assert "Ordner „Entwürfe“" in await see_first_draft(hands)
        await page.get_by_text("Wie geht es weiter?").wait_for()
        assert window.complaints == []
    assert len(owner.person.drafts()) == 1


async def test_who_refuses_is_told_and_goes_on_where_they_were(browsers: Browsers, owner: Owner) -> None:
    owner.run.google.google.refusing = True
    async with owner.window(browsers) as window:
        page = window.page
        await window.open(f"/start?step=mailbox&organisation={owner.organisation}")
        await page.get_by_label("E-Mail-Adresse").fill("getippt@hotel-seeblick.example")
        await page.get_by_role("button", name=BY_GOOGLE).click()
        await agree(page, owner.person.email)
        await page.get_by_role("heading", name="Sie haben nicht zugestimmt").wait_for()
        await page.get_by_role("link", name="Zurück").click()
        await expect(page.get_by_label("E-Mail-Adresse")).to_have_value("getippt@hotel-seeblick.example")
        await page.go_back()
        owner.run.google.google.refusing = False
        await _again(page, owner)
        await page.wait_for_url("**/start?step=mailbox**")
        await page.get_by_text(f"Das Postfach {owner.person.email} ist verbunden").wait_for()


async def test_a_scope_that_was_left_out_is_named(browsers: Browsers, owner: Owner) -> None:
    owner.run.google.google.withheld = {"https://www.googleapis.com/auth/gmail.compose"}
    async with owner.window(browsers) as window:
        await _connect(window.page, owner)
        await window.page.get_by_role("heading", name="Es fehlt eine Erlaubnis").wait_for()
        owner.run.google.google.withheld = set()
        await _again(window.page, owner)
        await window.page.wait_for_url(re.compile(r"/mailboxes/[0-9a-f-]{36}$"))


async def test_a_revoked_mailbox_is_connected_anew_and_goes_on(browsers: Browsers, owner: Owner) -> None:
    async with owner.window(browsers) as window:
        page = window.page
        await _connect(page, owner)
        await page.wait_for_url(re.compile(r"/mailboxes/[0-9a-f-]{36}$"))
        await page.get_by_text("Alles in Ordnung").wait_for()
        await expect(page.get_by_text("Verbunden mit Google (Gmail)")).to_be_visible()
        for only_imap in ("Neues Passwort oder anderer Server", "Verbindung prüfen"):
            await expect(page.get_by_text(only_imap)).to_have_count(0)
        await expect(page.get_by_role("button", name="neu verbinden")).to_have_count(1)
        owner.person.revoke()
        owner.person.deliver(_enquiry(owner))
        await page.get_by_text("Der Anbieter lässt uns nicht mehr an dieses Postfach.").wait_for()
        await expect(page.get_by_role("button", name="neu verbinden")).to_have_count(2)
        await page.get_by_role("button", name="neu verbinden").first.click()
        await agree(page, owner.run.free[0])
        await page.get_by_role("heading", name="Das war ein anderes Konto").wait_for()
        await _again(page, owner)
        await page.wait_for_url(re.compile(r"/mailboxes/[0-9a-f-]{36}$"))
        await page.get_by_text("Alles in Ordnung").wait_for()
        wait_for(lambda: len(owner.person.drafts()) == 1, SECONDS)
        await window.open(f"/organisations/{owner.organisation}/activity")
        await page.get_by_role("button", name="Entwurf ansehen").click()
        await page.get_by_role("dialog").get_by_text("Ordner „Entwürfe“").wait_for()
        await expect(page.get_by_role("dialog").get_by_label("Entwurf", exact=True)).to_contain_text("Guten Tag")


async def test_deleting_ends_the_access_at_google(browsers: Browsers, owner: Owner) -> None:
    async with owner.window(browsers) as window:
        page = window.page
        await _connect(page, owner)
        await page.wait_for_url(re.compile(r"/mailboxes/[0-9a-f-]{36}$"))
        assert owner.run.google.google.grants(owner.person.email)
        await page.get_by_role("button", name="Postfach entfernen").click()
        await page.get_by_role("dialog").get_by_text("Kinamik beendet auch den Zugriff bei Google").wait_for()
        await page.get_by_role("button", name="Entfernen", exact=True).click()
        await page.get_by_text("Noch kein Postfach").wait_for()
        wait_for(lambda: owner.run.google.google.grants(owner.person.email) == [], SECONDS)


async def test_an_address_that_lies_with_google_is_asked_for_no_password(browsers: Browsers, owner: Owner) -> None:
    async with owner.window(browsers) as window:
        page = window.page
        await _type_a_gmail_address(page, owner.run.house.url + owner.mailboxes)
        await page.get_by_text("Dieses Postfach liegt bei Google").wait_for()
        await expect(_password(page)).to_have_count(0)
        await expect(page.get_by_role("button", name=BY_GOOGLE)).to_have_count(2)
        await page.get_by_label("E-Mail-Adresse").press("Enter")
        await page.get_by_role("dialog").get_by_role("button", name="Abbrechen").click()
        await page.get_by_role("button", name="Lieber mit einem App-Passwort").click()
        await expect(_password(page)).to_be_visible()


async def test_where_nothing_is_configured_there_are_no_buttons(browsers: Browsers, place: Inhabited) -> None:
    async with browsers.window(place.house.url) as window:
        page = window.page
        await window.log_in(NEIGHBOUR, PASSWORD)
        await _type_a_gmail_address(page, f"{place.house.url}/organisations/{place.ids['organisation']}/mailboxes")
        await page.get_by_text("Die Einstellungen von Gmail sind bekannt").wait_for()
        for button in (BY_GOOGLE, BY_MICROSOFT):
            await expect(page.get_by_role("button", name=button)).to_have_count(0)
        await expect(_password(page)).to_be_visible()


async def test_a_shared_mailbox_is_asked_for_with_what_it_needs(browsers: Browsers, owner: Owner) -> None:
    async with owner.window(browsers) as window:
        page = window.page
        await window.open(owner.mailboxes + "/new")
        await page.get_by_role("button", name=BY_MICROSOFT).click()
        shared = page.get_by_role("dialog").get_by_text("Dasselbe in gemeinsamen Postfächern")
        await expect(page.get_by_role("dialog").get_by_role("listitem")).to_have_count(3)
        await expect(shared).to_have_count(0)
        await page.get_by_label("Ein gemeinsames Postfach").check()
        await expect(shared).to_be_visible()
        await page.get_by_role("button", name="Weiter zu Microsoft 365").click()
        await page.get_by_text("Bitte geben Sie eine E-Mail-Adresse ein").wait_for()
        await page.get_by_label("Adresse des gemeinsamen Postfachs").fill("info@hotel-seeblick.example")
        await page.get_by_role("button", name="Weiter zu Microsoft 365").click()
        await page.wait_for_url("**/oauth2/v2.0/authorize?**")
        scopes = parse_qs(urlsplit(page.url).query)["scope"][0].split()
    assert "Mail.ReadWrite.Shared" in [scope.rpartition("/")[2] for scope in scopes]


async def test_an_administrator_agrees_by_the_link_without_an_account(browsers: Browsers, owner: Owner) -> None:
    async with owner.window(browsers) as window:
        await window.open(owner.mailboxes + "/new")
        await window.page.get_by_role("button", name=BY_MICROSOFT).click()
        link = await window.page.get_by_label("Link für Ihren Administrator").input_value()
    async with browsers.window(owner.run.house.url) as window:
        await window.page.goto(link)
        await window.page.get_by_role("heading", name="Danke, Sie haben zugestimmt").wait_for()
        assert window.complaints == []


async def _connect(page: Page, owner: Owner) -> None:
    await page.goto(f"{owner.run.house.url}{owner.mailboxes}/new")
    await page.get_by_role("button", name=BY_GOOGLE).click()
    await agree(page, owner.person.email)


async def _again(page: Page, owner: Owner) -> None:
    """Straight to the provider, with no page in between."""
    await page.get_by_role("button", name=AGAIN).click()
    await account(page, owner.person.email).click()


async def _type_a_gmail_address(page: Page, mailboxes: str) -> None:
    await page.goto(mailboxes + "/new")
    await page.get_by_label("E-Mail-Adresse").fill("pension.ammer@gmail.com")
    await page.get_by_label("E-Mail-Adresse").blur()


def _password(page: Page) -> Locator:
    return page.get_by_label("Passwort", exact=False).and_(page.locator("input"))


def _enquiry(owner: Owner) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Jonas Weiß <jonas.weiss@example.net>", owner.person.email
    mail["Subject"], mail["Message-ID"] = "Hund", "<frage@example.net>"
    mail.set_content("Guten Tag,\n\ndürfen wir unseren Hund mitbringen?\n\nJonas Weiß\n")
    return mail.as_bytes()
