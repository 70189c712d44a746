"""What is looked at on every page: whether it fits every screen, and says everything in the reader's language."""

import re
from collections.abc import AsyncGenerator

from playwright.async_api import Page

from tests.web.axe import at_rest

WIDTHS = (360, 768, 1440)
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
# i18next shows the key of a text it does not have.
A_KEY = re.compile(r"^[a-z][A-Za-z]*(\.[A-Za-z_]+)+$")


async def too_narrow(page: Page) -> AsyncGenerator[int]:
    """The widths at which it scrolls sideways, in pixels."""
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        await at_rest(page)
        if await page.evaluate(SIDEWAYS):
            yield width


async def ill_formed(page: Page, language: str) -> list[str]:
    """One <h1>, the right language, a title of its own, no text that is missing."""
    headings = await page.locator("h1").count()
    lines = (await page.locator("body").inner_text()).splitlines()
    wrong = [f"shows the key {line.strip()}" for line in lines if A_KEY.match(line.strip())]
    if headings != 1:
        wrong.append(f"has {headings} <h1>")
    if (named := await page.locator("html").get_attribute("lang")) != language:
        wrong.append(f"is named as {named}")
    if await page.title() in ("", "Kinamik"):
        wrong.append("has no title of its own")
    return wrong
