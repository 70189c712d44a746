"""The way in, as a person goes it: from the welcome page to the first draft, with no shortcut through the API."""

import time
from dataclasses import dataclass

from playwright.async_api import Page

from tests.web.hands import Hands
from tests.web.inhabited import PASSWORD

DRAFT_MS = 60_000


@dataclass(frozen=True)
class Trip:
    fields: int
    clicks: int
    seconds: float


async def register(hands: Hands, name: str) -> None:
    """From the welcome page to the first step; one has an account then, and is logged in."""
    await hands.press("link", "Kostenlos starten")
    await hands.fill("E-Mail-Adresse", f"{name}@pension-ammer.example")
    await hands.fill("Passwort", PASSWORD)
    await hands.press("checkbox", "Ich stimme")
    await hands.press("button", "Konto anlegen")


async def set_up(hands: Hands) -> None:
    """The organisation and the assistant."""
    await hands.fill("Name des Betriebs", "Pension Ammer")
    await hands.press("button", "^Weiter$")
    await hands.press("radio", "^Hotel")
    await hands.press("button", "^Weiter$")


async def see_first_draft(hands: Hands) -> str:
    """From the connected mailbox to the draft; returns the text that is shown of it."""
    await hands.press("button", "Entwurf schreiben lassen")
    await hands.page.get_by_text("Der Entwurf liegt schon in Ihrem Postfach").wait_for(timeout=DRAFT_MS)
    return await hands.page.locator("main").inner_text()


async def the_whole_way(page: Page, home: str, hands: Hands, name: str) -> tuple[Trip, str]:
    """With the mailbox that `make run` has for newcomers."""
    began = time.monotonic()
    await page.goto(home)
    await register(hands, name)
    await set_up(hands)
    await hands.press("button", "Probepostfach nehmen")
    await hands.press("button", "Verbindung prüfen und weiter")
    shown = await see_first_draft(hands)
    return Trip(hands.fields, hands.clicks, time.monotonic() - began), shown
