"""Password fields as people and their password managers need them, and text that stays text."""

import pytest

from tests.servers.browser import Browsers
from tests.web.inhabited import OWNER, PASSWORD, Inhabited

MARKUP = """<img src="x" onerror="document.title='it ran'"> & <b>bold</b>"""


@pytest.mark.parametrize(("path", "purpose"), [("/login", "current-password"), ("/register", "new-password")])
async def test_a_password_is_masked_until_shown_and_can_be_pasted(
    browsers: Browsers, place: Inhabited, path: str, purpose: str
) -> None:
    async with browsers.window(place.house.url) as window:
        await window.open(path)
        field = window.page.get_by_label("Passwort", exact=False).and_(window.page.locator("input")).first
        assert await field.get_attribute("type") == "password"
        assert await field.get_attribute("autocomplete") == purpose
        await window.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await window.page.evaluate("text => navigator.clipboard.writeText(text)", PASSWORD)
        await field.press("Control+V")
        assert await field.input_value() == PASSWORD
        await window.page.get_by_role("button", name="Zeichen").first.press("Enter")
        assert await field.get_attribute("type") == "text"


async def test_what_people_type_is_shown_as_text_and_never_run(browsers: Browsers, place: Inhabited) -> None:
    with place.api() as api:
        organisation = api.post("/organisations", json={"name": MARKUP}).json()["id"]
    async with browsers.window(place.house.url) as window:
        await window.log_in(OWNER, PASSWORD)
        await window.open(f"/organisations/{organisation}/settings")
        assert await window.page.get_by_role("heading", level=1).inner_text() == MARKUP
        assert await window.page.locator("img[src=x]").count() == 0
        assert "it ran" not in await window.page.title() or MARKUP in await window.page.title()
    with place.api() as api:
        assert api.delete(f"/organisations/{organisation}").status_code in (202, 204)
