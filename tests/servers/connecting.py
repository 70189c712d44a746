"""People who connect a Google or Microsoft mailbox: log-in page, consent, and back with the session's cookie."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2

from tests.servers.config_api import NO_TLS, SERVICE_TOKEN, ConfigApiServer
from tests.servers.google import CLIENT_ID, CLIENT_SECRET, Google
from tests.servers.graph import GraphServer
from tests.servers.graph.tenant import User
from tests.servers.person import Person, sql

PUBLIC_URL = "http://127.0.0.1:8080"
CALLBACK = f"{PUBLIC_URL}/api/v1/oauth/callback"
PEOPLE = [f"konto{number}@hotel-seeblick.example" for number in range(150)]


@dataclass
class Accounts:
    """Google, and Microsoft with mailboxes: everybody may log in at both. `shared` are a person's team mailboxes."""

    google: Google
    graph: GraphServer
    numbers: Iterator[int] = field(default_factory=count)
    users: dict[str, User] = field(default_factory=dict[str, User])
    shared: dict[str, list[User]] = field(default_factory=dict[str, list[User]])

    def settings(self) -> dict[str, Any]:
        """Of a config-api that is registered with both."""
        secrets = {f"{who}_client_secret": CLIENT_SECRET for who in ("google", "microsoft")}
        return secrets | {
            "public_url": PUBLIC_URL,
            "google_client_id": CLIENT_ID,
            "google_login_url": self.google.google.url,
            "google_token_url": self.google.google.url,
            "google_api_url": self.google.google.url,
            "microsoft_client_id": CLIENT_ID,
            "microsoft_login_url": self.google.microsoft.url,
            "graph_url": self.graph.url,
        }

    def next(self, *, mailbox: bool = True) -> str:
        """The address of somebody who has connected nothing yet; with a mailbox at Microsoft, or without."""
        email = PEOPLE[next(self.numbers)]
        if mailbox:
            self.users[email] = self.graph.a_user(email)
        return email

    def issued(self, email: str, token: str) -> None:
        if email in self.users:
            self.graph.allow(token, self.users[email], *self.shared.get(email, ()))


@dataclass(frozen=True)
class House:
    """A person's organisation with an assistant."""

    person: Person
    path: str
    assistant: str

    async def begin(self, provider: str, **body: Any) -> str:
        """The address of the log-in page; a new mailbox unless `mailbox_id` is given."""
        which = {} if "mailbox_id" in body else {"assistant_id": self.assistant}
        answer = await self.person.http.post(
            f"{self.path}/mailbox-providers/connect", json={"provider": provider, **which, **body}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["login_url"]

    async def connect(self, provider: str, email: str, **body: Any) -> dict[str, str]:
        """All of it; what the page is told where it ends."""
        return await came_back(self.person, await consent(await self.begin(provider, **body), email))

    async def connected(self, provider: str, email: str, **body: Any) -> str:
        """The new mailbox's id."""
        told = await self.connect(provider, email, **body)
        assert "mailbox" in told, told
        return told["mailbox"]

    async def mailboxes(self) -> list[dict[str, Any]]:
        return (await self.person.http.get(f"{self.path}/mailboxes")).json()["items"]

    async def mailbox(self, mailbox_id: str) -> dict[str, Any]:
        answer = await self.person.http.get(f"{self.path}/mailboxes/{mailbox_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()


async def a_house(person: Person, *, mailboxes: int = 5) -> House:
    """With room for so many mailboxes."""
    organisation = await person.http.post("/organisations", json={"name": "Hotel Seeblick"})
    path = f"/organisations/{organisation.json()['id']}"
    assistant = await person.http.post(f"{path}/assistants", json={"name": "Anna"})
    assert assistant.status_code == 201, assistant.text
    room = "UPDATE config.plan SET max_mailboxes = :room WHERE organisation_id = :id"
    await sql(person.api, room, room=mailboxes, id=organisation.json()["id"])
    return House(person, path, assistant.json()["id"])


async def consent(login_url: str, email: str) -> str:
    """Opens the log-in page and chooses an account, as a browser would; where that leads back to."""
    async with httpx2.AsyncClient(verify=NO_TLS, timeout=30) as http:
        page = (await http.get(login_url)).text
        form = next((form for form in page.split("<form")[1:] if f'value="{email}"' in form), None)
        assert form is not None, re.sub(r"<[^>]*>", " ", page)[-500:]
        action = re.search(r'action="([^"]+)"', form)
        assert action
        fields = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
        at = urlsplit(login_url)
        answer = await http.post(f"{at.scheme}://{at.netloc}{action[1]}", data=fields)
    return answer.headers["location"]


async def came_back(person: Person, url: str) -> dict[str, str]:
    """Opens the address in a person's browser; what the page is told that it leads to."""
    return await told(person.http, query_of(url))


async def told(http: httpx2.AsyncClient, query: dict[str, str]) -> dict[str, str]:
    answer = await http.get("/oauth/callback", params=query)
    assert answer.status_code == 303, answer.text
    page = urlsplit(answer.headers["location"])
    assert page.path == "/connected"
    assert f"{page.scheme}://{page.netloc}" == PUBLIC_URL
    return dict(parse_qsl(page.query))


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


async def access_token(api: ConfigApiServer, mailbox_id: str, refused: str = "") -> httpx2.Response:
    """As a service asks for it."""
    async with httpx2.AsyncClient(verify=NO_TLS, timeout=60) as http:
        return await http.post(
            f"{api.url}/internal/v1/mailboxes/{mailbox_id}/access-token",
            json={"refused": refused},
            headers={"Authorization": f"Bearer {SERVICE_TOKEN}"},
        )


async def aged(api: ConfigApiServer, *, minutes: float) -> None:
    """Every access token is that much older now."""
    await sql(
        api,
        "UPDATE config.mailbox SET access_token_from = access_token_from - make_interval(secs => :age),"
        " access_token_until = access_token_until - make_interval(secs => :age)",
        age=minutes * 60,
    )
