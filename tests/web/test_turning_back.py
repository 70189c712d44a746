"""The way in is gone with turning back, reloading, in two windows, and after one was logged out meanwhile."""

from playwright.async_api import Page, expect

from tests.servers.browser import Browsers
from tests.web.inhabited import PASSWORD, Inhabited

NAME = "Name des Betriebs"
ORGANISATION_QUESTION = "Wie heißt Ihr Betrieb?"
ASSISTANT_QUESTION = "Was schreiben Ihnen Ihre Kunden?"


async def test_turning_back_and_reloading_make_nothing_twice(browsers: Browsers, place: Inhabited) -> None:
    newcomer = place.a_newcomer()
    async with browsers.window(place.house.url) as window:
        await window.log_in(newcomer, PASSWORD)
        await window.open("/start")
        await window.page.get_by_label(NAME).fill("Pension Amer")
        await window.page.reload()
        await expect(window.page.get_by_label(NAME)).to_have_value("Pension Amer")
        await _next(window.page, ASSISTANT_QUESTION)
        await window.page.go_back()
        await expect(window.page.get_by_label(NAME)).to_have_value("Pension Amer")
        await window.page.get_by_label(NAME).fill("Pension Ammer")
        await _next(window.page, ASSISTANT_QUESTION)
        await window.page.reload()
        await window.page.get_by_role("heading", name=ASSISTANT_QUESTION).wait_for()
        assert window.complaints == []
    with place.api(newcomer) as api:
        assert [each["name"] for each in api.get("/organisations").json()["items"]] == ["Pension Ammer"]


async def test_who_was_logged_out_elsewhere_logs_in_and_goes_on(browsers: Browsers, place: Inhabited) -> None:
    newcomer = place.a_newcomer()
    async with browsers.window(place.house.url) as window:
        await window.log_in(newcomer, PASSWORD)
        await window.open("/start")
        await window.page.get_by_label(NAME).fill("Pension Ammer")
        with place.api(newcomer) as api:
            assert api.request("DELETE", "/account/sessions").status_code in (200, 204)
        await window.page.get_by_role("button", name="Weiter").click()
        alert = window.page.get_by_role("alert").filter(has_text="Sie sind nicht mehr angemeldet.")
        async with window.context.expect_page() as opened:
            await alert.get_by_role("link", name="Anmelden").click()
        other = await opened.value
        await other.get_by_label("E-Mail-Adresse oder Benutzername").fill(newcomer)
        await other.get_by_label("Passwort", exact=False).and_(other.locator("input")).fill(PASSWORD)
        await other.get_by_role("button", name="Anmelden").click()
        await other.get_by_role("heading", name=ORGANISATION_QUESTION).wait_for()
        await _next(window.page, ASSISTANT_QUESTION)


async def _next(page: Page, question: str) -> None:
    await page.get_by_role("button", name="Weiter", exact=True).click()
    await page.get_by_role("heading", name=question).wait_for()
