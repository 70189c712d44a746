"""Whatever goes wrong when something is saved: it is said, what was typed stays, and the next try succeeds."""

from dataclasses import dataclass, field

import pytest
from playwright.async_api import Locator, Page, expect

from embedded.demo_mail import ACCOUNTS, FOR_NEWCOMERS
from tests.servers.browser import Browsers
from tests.web.faults import DOWN, LOGGED_OUT, REASONS, SLOW, Faults, sentence
from tests.web.inhabited import OWNER, PASSWORD, Inhabited
from tests.web.pages import PAGES

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
BUSY = "[data-loading], [aria-busy=true], :disabled, [role=progressbar]"
LOGGED_OUT_SENTENCE = "Sie sind nicht mehr angemeldet."
MAIL = "Guten Tag,\n\ndürfen wir unseren Hund mitbringen?\n\nTim Beck"


@dataclass(frozen=True)
class Deed:
    """`fields` are filled in, then `button` is pressed; `first` are buttons before that. `done` is to be seen then."""

    page: str
    button: str
    done: str
    fields: dict[str, str] = field(default_factory=dict[str, str])
    first: tuple[str, ...] = ()
    role: str = "button"


ENTRY = {"Frage": "Gibt es einen Pool?", "Antwort": "Nein, aber der See liegt vor der Tür."}
DEEDS = (
    Deed("login", "Anmelden", "Überblick", {"E-Mail-Adresse oder": OWNER, "Passwort": PASSWORD}),
    Deed("knowledge", "Speichern", "Der Eintrag ist angelegt.", ENTRY, first=("Neuer Eintrag",)),
    Deed("playground", "Entwurf schreiben lassen", "Was das gekostet hat", {"Text der Mail": MAIL}),
    Deed("assistant", "Speichern", "Ab jetzt schreibt der Assistent so.", {"Signatur": "Ihr Team"}),
    Deed("mailboxes", "Entwürfe für", "macht Pause.", role="switch"),
    Deed("mailbox", "Verbindung prüfen", "in Ordnung"),
    Deed("mailbox", "Prüfen und speichern", "alles ist gespeichert.", {"Neues Passwort": ACCOUNTS[FOR_NEWCOMERS]}),
    Deed("settings", "Speichern", "Die Angaben sind gespeichert.", {"Telefon": "08821 4711"}),
    Deed("members", "Einladen", "ist unterwegs.", {"E-Mail-Adresse": "carla@hotel-seerose.example"}),
    Deed("keys", "Schlüssel anlegen", "Kopieren Sie den Schlüssel jetzt.", {"Wofür ist der Schlüssel": "Kasse"}),
    Deed("account", "Speichern", "Ihr Profil ist gespeichert.", {"Nachname": "Gruber"}),
    Deed(
        "operator-holds",
        "Anlegen",
        "Die Aufbewahrung gilt ab jetzt.",
        {"Aktenzeichen oder Grund": "AZ 12/26", "Benutzername": OWNER},
    ),
)


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: f"{deed.page}-{deed.button.split()[0]}")
async def test_what_could_not_be_saved_is_said_kept_and_saved_later(
    browsers: Browsers, place: Inhabited, deed: Deed
) -> None:
    page = next(each for each in PAGES if each.name == deed.page)
    async with browsers.window(place.house.url) as window:
        if page.login:
            await window.log_in(page.login, PASSWORD)
        await window.open(page.path.format(**place.ids))
        faults = Faults(window.page)
        faults.methods = WRITES
        await _prepare(window.page, deed)
        await faults.begin()
        await _fail(window.page, faults, deed)
        await _succeed(window.page, faults, deed)
        assert [each for each in window.complaints if "Failed to load resource" not in each] == []


async def _prepare(page: Page, deed: Deed) -> None:
    for name in deed.first:
        await page.get_by_role("button", name=name).first.click()
    for label, text in deed.fields.items():
        await _field(page, label).fill(text)


async def _fail(page: Page, faults: Faults, deed: Deed) -> None:
    for fault in (DOWN, *REASONS):
        faults.now = fault
        await _press(page, deed)
        said = LOGGED_OUT_SENTENCE if fault == LOGGED_OUT else sentence(fault, "de")
        await expect(page.get_by_role("alert").filter(has_text=said).first).to_be_visible()
        # Only so many messages are shown at once.
        await page.locator(".mantine-Notification-closeButton").evaluate_all("all => all.forEach(each => each.click())")
        for label, text in deed.fields.items():
            await expect(_field(page, label)).to_have_value(text)


async def _succeed(page: Page, faults: Faults, deed: Deed) -> None:
    """Slowly: it says that it is at work, or at least takes no second press meanwhile."""
    faults.now = SLOW
    await _press(page, deed)
    await page.locator(BUSY).filter(visible=True).first.wait_for()
    faults.mend()
    await page.get_by_text(deed.done).first.wait_for()


async def _press(page: Page, deed: Deed) -> None:
    named = page.get_by_role(deed.role, name=deed.button, exact=deed.button == "Speichern")  # pyright: ignore[reportArgumentType]
    await named.and_(page.locator(":enabled")).first.press("Space")


def _field(page: Page, label: str) -> Locator:
    """A dialog's, where one is open."""
    return page.get_by_label(label).and_(page.locator("input, textarea")).last
