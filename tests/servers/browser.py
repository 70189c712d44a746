"""Debian's Chromium, driven by Playwright. What its console complains of is kept, for tests to fail on."""

import os
import re
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, async_playwright, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout

# A browser that asks nobody but the pages it opens.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SECONDS = 60
QUIET_MS = 2000
LOADING = re.compile("^(Wird geladen|Loading)$")
# Five seconds otherwise, which a busy machine may take.
expect.set_options(timeout=SECONDS * 1000)


def require_chromium() -> str:
    """Where it is. Skips the test where there is none; fails instead where KINAMIK_REQUIRE_ALL=1."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None and os.environ.get("KINAMIK_REQUIRE_ALL") == "1":
        pytest.fail("Chromium: not installed", pytrace=False)
    if path is None:
        pytest.skip("Chromium: not installed")
    return path


@dataclass
class Window:
    """A page in a context of its own: no cookies, nothing cached.

    `complaints` are what the console said of errors and warnings, and what no code caught. `strangers` are requests
    to any other host.
    """

    page: Page
    context: BrowserContext
    home: str
    complaints: list[str] = field(default_factory=list[str])
    strangers: list[str] = field(default_factory=list[str])

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.strangers.append(request.url)

    def listen(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"not caught: {error}"))
        self.context.on("request", self._asked)

    async def open(self, path: str) -> None:
        """Opens a page and waits until it shows what it has to show."""
        await self.page.goto(self.home + path)
        await self.settled()

    async def settled(self) -> None:
        """Until nothing is on its way any more; a feed stays open for ever."""
        await self.loaded()
        with suppress(PlaywrightTimeout):
            await self.page.wait_for_load_state("networkidle", timeout=QUIET_MS)

    async def loaded(self) -> None:
        """Until the page has its heading and says of nothing that it is loading."""
        await self.page.locator("h1, h2").first.wait_for()
        await expect(self.page.get_by_role("status", name=LOADING)).to_have_count(0)

    async def log_in(self, login: str, password: str) -> None:
        """By the API: for tests of what comes after."""
        answer = await self.context.request.post(
            f"{self.home}/api/v1/auth/login", data={"login": login, "password": password}
        )
        assert answer.ok, await answer.text()


class Browsers:
    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    @asynccontextmanager
    async def window(
        self,
        home: str,
        *,
        width: int = 1440,
        height: int = 900,
        language: str = "de",
        scheme: Any = "light",
        trusting: bool = False,
    ) -> AsyncGenerator[Window]:
        """`trusting`: whatever certificate the server has."""
        context = await self._browser.new_context(
            viewport={"width": width, "height": height},
            locale=language,
            color_scheme=scheme,
            reduced_motion="reduce",
            ignore_https_errors=trusting,
        )
        context.set_default_timeout(SECONDS * 1000)
        window = Window(await context.new_page(), context, home)
        window.listen()
        try:
            yield window
        finally:
            await context.close()


@asynccontextmanager
async def running_chromium() -> AsyncGenerator[Browsers]:
    path = require_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield Browsers(browser)
        finally:
            await browser.close()
