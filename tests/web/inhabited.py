"""An organisation that has been at work: knowledge, a mailbox, drafts, skipped mail, a colleague, a key."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from tests.servers.house import House
from tests.servers.mail_server import free_ports
from tests.servers.owner import wait_for

PASSWORD = "vier Schwalben am Seeufer"
OWNER = "anna"
OPERATOR = "otto"
SETTLED_SECONDS = 60
BULK = 500

ENQUIRY = """\
Guten Tag,

dürfen wir unseren Hund mitbringen, und ab wann gibt es Frühstück?

T. Reinhardt
"""
UNCOVERED = """\
Guten Tag,

vermieten Sie Ihr Haus für einen Filmdreh im Oktober?

J. Weiß
"""
TO_MANY = {"List-Id": "<rundbrief.example.net>", "List-Unsubscribe": "<mailto:weg@example.net>"}
MAILS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("Hund und Frühstück", ENQUIRY, {}),
    ("Filmdreh", UNCOVERED, {}),
    ("Rundbrief", "Unsere Angebote im November.\n", TO_MANY),
)


@dataclass(frozen=True)
class Inhabited:
    """`ids` fill in the paths of `tests.web.pages`."""

    house: House
    imap_port: int
    smtp_port: int
    ids: dict[str, str]

    @contextmanager
    def api(self, login: str = OWNER) -> Iterator[httpx2.Client]:
        """A client with that person's session."""
        with httpx2.Client(base_url=f"{self.house.url}/api/v1", timeout=30) as client:
            answer = client.post("/auth/login", json={"login": login, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            yield client

    def a_newcomer(self) -> str:
        """The user name of somebody who has an account and nothing else yet."""
        name = f"neu{uuid4().hex[:8]}"
        _register(self.house, name)
        return name

    def an_assistant_that_knows(self, entries: int) -> str:
        """Another assistant of the organisation, with as many entries of knowledge."""
        _allow_more(self.house, self.ids["organisation"])
        with self.api() as api:
            root = f"/organisations/{self.ids['organisation']}/assistants"
            assistant = _add(api, root, name="Kennt alles")["id"]
            for first in range(0, entries, BULK):
                _add(api, f"{root}/{assistant}/knowledge/bulk", entries=[_entry(n) for n in range(first, first + BULK)])
        return assistant


@contextmanager
def inhabited(folder: Path) -> Iterator[Inhabited]:
    imap_port, smtp_port = free_ports(2)
    with House(folder, demo="true", imap_port=str(imap_port), smtp_port=str(smtp_port)) as house:
        made = Inhabited(house, imap_port, smtp_port, {})
        for name in (OWNER, OPERATOR):
            _register(house, name)
        _make_operator(house, OPERATOR)
        with made.api() as api:
            _furnish(made, api)
        yield made


def _register(house: House, name: str) -> None:
    email = f"{name}@hotel-seerose.example"
    with httpx2.Client(base_url=f"{house.url}/api/v1", timeout=30) as http:
        terms = {"terms_version": _get(http, "/site")["terms_version"]}
        body = {"email": email, "user_name": name, "password": PASSWORD, "first_name": name.title(), **terms}
        assert http.post("/auth/register", json=body).status_code == 202


def _operating(house: House) -> httpx2.Client:
    token = (house.data / "admin-token").read_text()
    return httpx2.Client(base_url=f"{house.url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30)


def _allow_more(house: House, organisation: str) -> None:
    with _operating(house) as api:
        answer = api.patch(f"/operator/organisations/{organisation}/plan", json={"max_assistants": 10})
        assert answer.status_code == 200, answer.text


def _make_operator(house: House, name: str) -> None:
    with _operating(house) as api:
        account = _get(api, "/operator/accounts", search=name)["items"][0]["id"]
        assert api.patch(f"/operator/accounts/{account}", json={"operator": True}).status_code == 200


def _furnish(made: Inhabited, api: httpx2.Client) -> None:
    demo = _get(api, "/site")["demo_mailbox"]
    organisation = _add(api, "/organisations", name="Hotel Seerose", industry="Hotel")
    root = f"/organisations/{organisation['id']}"
    assistant = _add(api, f"{root}/assistants", name="Rezeption", starting_point="hotel", starting_language="de")
    login = {"username": demo["address"], "password": demo["password"]}
    imap = {key: demo["imap"][key] for key in ("host", "port", "security")} | login
    mailbox = _add(api, f"{root}/mailboxes", assistant_id=assistant["id"], address=demo["address"], imap=imap)
    key = _add(api, f"{root}/api-keys", name="Buchungssystem", scopes=["read"])
    _add(api, f"{root}/invitations", email="bert@hotel-seerose.example", role="member")
    made.ids.update(organisation=organisation["id"], assistant=assistant["id"], mailbox=mailbox["id"], key=key["id"])
    wait_for(lambda: _get(api, f"{root}/mailboxes/{mailbox['id']}")["status"] == "watching", SETTLED_SECONDS)
    _send(made.smtp_port, demo["address"])
    wait_for(lambda: len(_get(api, f"{root}/activity")["items"]) >= len(MAILS), SETTLED_SECONDS)


def _entry(number: int) -> dict[str, str]:
    return {"question": f"Was kostet Zimmer {number}?", "answer": f"Zimmer {number} kostet {80 + number % 90} Euro."}


def _send(smtp_port: int, recipient: str) -> None:
    with smtplib.SMTP("127.0.0.1", smtp_port, timeout=10) as server:
        for number, (subject, text, headers) in enumerate(MAILS):
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = f"Gast {number} <gast{number}@example.net>", recipient, subject
            mail["Message-ID"] = f"<gast{number}@example.net>"
            for name, value in headers.items():
                mail[name] = value
            mail.set_content(text)
            server.send_message(mail)


def _get(api: httpx2.Client, path: str, **query: str) -> Any:
    answer = api.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _add(api: httpx2.Client, path: str, **body: Any) -> Any:
    answer = api.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()
