"""Somebody at the page, by mouse or by keyboard alone, and how much they had to do."""

import re
from typing import Protocol

from playwright.async_api import Locator, Page

MANY_TABS = 120


class Hands(Protocol):
    """`fields` were filled in, `clicks` made (or keys pressed that do the same)."""

    page: Page
    fields: int
    clicks: int

    async def fill(self, label: str, text: str) -> None: ...

    async def press(self, role: str, name: str) -> None:
        """A button, a link, a box to tick or a choice, by the name that a screen reader says."""
        ...


def _named(page: Page, role: str, name: str) -> Locator:
    return page.get_by_role(role, name=re.compile(name)).filter(visible=True).first  # pyright: ignore[reportArgumentType]


class Mouse:
    def __init__(self, page: Page) -> None:
        self.page, self.fields, self.clicks = page, 0, 0

    async def fill(self, label: str, text: str) -> None:
        self.fields += 1
        await self.page.get_by_label(label, exact=False).and_(self.page.locator("input, textarea")).first.fill(text)

    async def press(self, role: str, name: str) -> None:
        self.clicks += 1
        await _named(self.page, role, name).click()


class Keyboard:
    """Gets everywhere by the Tab key, as somebody does who has no mouse."""

    def __init__(self, page: Page) -> None:
        self.page, self.fields, self.clicks = page, 0, 0

    async def fill(self, label: str, text: str) -> None:
        self.fields += 1
        await self._reach(self.page.get_by_label(label, exact=False).and_(self.page.locator("input, textarea")).first)
        await self.page.keyboard.press("Control+A")
        await self.page.keyboard.insert_text(text)

    async def press(self, role: str, name: str) -> None:
        self.clicks += 1
        await self._reach(_named(self.page, role, name))
        await self.page.keyboard.press("Enter" if role in ("button", "link") else "Space")

    async def _reach(self, target: Locator) -> None:
        """Raises AssertionError where the Tab key does not lead there."""
        await target.wait_for()
        for _ in range(MANY_TABS):
            if await target.evaluate("element => element === document.activeElement"):
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"the Tab key does not lead to {target}")
