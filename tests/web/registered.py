"""A one-machine run whose operator has registered it with Google and Microsoft, and both of them."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from playwright.async_api import Locator, Page

from tests.servers.browser import Browsers, Window
from tests.servers.gmail_person import GmailPerson
from tests.servers.google import CLIENT_ID, CLIENT_SECRET, Google
from tests.servers.house import House
from tests.servers.mail_server import free_ports
from tests.web.inhabited import PASSWORD

PEOPLE = tuple(f"gast{number}@hotel-seeblick.example" for number in range(20))
CALLBACK = "/api/v1/oauth/callback"


@dataclass(frozen=True)
class Registered:
    """`free` are people at Google and Microsoft whose mailboxes nobody has connected."""

    house: House
    google: Google
    free: list[str]

    def owner(self) -> "Owner":
        """Somebody new, who has an assistant, a mailbox at Google, and has not connected it."""
        login = f"wirtin{len(self.free)}"
        return Owner(self, login, self.google.person(self.free.pop()), _set_up(self.house, login))


@dataclass(frozen=True)
class Owner:
    """`organisation` is its id."""

    run: Registered
    login: str
    person: GmailPerson
    organisation: str

    @asynccontextmanager
    async def window(self, browsers: Browsers, language: str = "de") -> AsyncGenerator[Window]:
        """Theirs, logged in."""
        async with browsers.window(self.run.house.url, language=language) as window:
            await window.log_in(self.login, PASSWORD)
            yield window

    @property
    def mailboxes(self) -> str:
        return f"/organisations/{self.organisation}/mailboxes"


@contextmanager
def registered(folder: Path) -> Generator[Registered]:
    (port,) = free_ports(1)
    with (
        Google(PEOPLE, [f"http://127.0.0.1:{port}{CALLBACK}"]) as google,
        House(folder, api_port=str(port), poll_seconds="0.5", **_settings(google)) as house,
    ):
        yield Registered(house, google, list(PEOPLE))


def _settings(google: Google) -> dict[str, str]:
    """To a browser the log-in pages are another site, as they are in life: cookies that are Strict do not come back."""
    return {
        "google_client_id": CLIENT_ID,
        "google_client_secret": CLIENT_SECRET,
        "google_login_url": _elsewhere(google.google.url),
        "google_token_url": google.google.url,
        "google_api_url": google.google.url,
        "microsoft_client_id": CLIENT_ID,
        "microsoft_client_secret": CLIENT_SECRET,
        "microsoft_login_url": _elsewhere(google.microsoft.url),
    }


def _elsewhere(url: str) -> str:
    return url.replace("127.0.0.1", "localhost")


def _set_up(house: House, login: str) -> str:
    """Registers; an organisation's id."""
    with httpx2.Client(base_url=f"{house.url}/api/v1", timeout=30) as http:
        terms = http.get("/site").json()["terms_version"]
        email = f"{login}@hotel-seeblick.example"
        account = {"email": email, "user_name": login, "password": PASSWORD, "terms_version": terms}
        assert http.post("/auth/register", json=account).status_code == 202
        assert http.post("/auth/login", json={"login": login, "password": PASSWORD}).status_code == 200
        organisation = http.post("/organisations", json={"name": "Hotel Seeblick"}).json()["id"]
        body = {"name": "Rezeption", "starting_point": "hotel", "starting_language": "de"}
        assert http.post(f"/organisations/{organisation}/assistants", json=body).status_code == 201
        return str(organisation)


def account(page: Page, email: str) -> Locator:
    """On a provider's own page: whom to log in as, and thereby agree."""
    return page.locator("form", has=page.locator(f"input[value='{email}']")).get_by_role("button")


async def agree(page: Page, email: str, *, provider: str = "Google") -> None:
    """From the dialog on the page through the provider's, and back."""
    await page.get_by_role("button", name=f"Weiter zu {provider}").click()
    await account(page, email).click()
    await page.wait_for_url("**/connected?**")
