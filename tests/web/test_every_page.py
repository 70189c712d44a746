"""What holds on every page: it can be read by everybody, fits every screen, and asks nobody else."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.servers.browser import Browsers, Window
from tests.web.axe import violations
from tests.web.inhabited import PASSWORD, Inhabited
from tests.web.looks import ill_formed, too_narrow
from tests.web.pages import PAGES, WebPage

# What the browser itself notes of an answer that is no success.
FAILED = "Failed to load resource"
LOGINS = sorted({page.login for page in PAGES})


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("login", LOGINS)
async def test_every_page_is_accessible_fits_every_screen_and_complains_of_nothing(
    browsers: Browsers, place: Inhabited, login: str, language: str
) -> None:
    found: dict[str, list[str]] = {}
    async for page, window in _each_page(browsers, place, login, language=language):
        faults = found[page.name] = [f"scrolls sideways at {width} px" async for width in too_narrow(window.page)]
        faults += await ill_formed(window.page, language)
        for scheme in ("light", "dark"):
            await window.page.emulate_media(color_scheme=scheme)  # pyright: ignore[reportArgumentType]
            faults += [f"{scheme}: {violation}" for violation in await violations(window.page)]
        faults += [each for each in window.complaints if not (page.refused and FAILED in each)]
        faults += [f"asks {url}" for url in window.strangers]
        await window.page.emulate_media(color_scheme="light")
        window.complaints.clear()
        window.strangers.clear()
    assert {name: broken for name, broken in found.items() if broken} == {}


async def _each_page(
    browsers: Browsers, place: Inhabited, login: str, **options: Any
) -> AsyncGenerator[tuple[WebPage, Window]]:
    async with browsers.window(place.house.url, **options) as window:
        if login:
            await window.log_in(login, PASSWORD)
        for page in PAGES:
            if page.login == login:
                await window.open(page.path.format(**place.ids))
                yield page, window
