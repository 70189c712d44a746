"""What an owner of mailboxes does, and sees: their status, what became of each message, and the drafts."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import Any

import httpx2

from tests.mails import KNOWLEDGE, an_enquiry
from tests.servers.dovecot import Dovecot
from tests.servers.mail_server import PASSWORD, MailServer, client
from tests.servers.stack import Stack, a_mailbox, an_organisation, created, until

STEP_SECONDS = 0.05


@dataclass(frozen=True)
class Owner:
    """`path` is the organisation's, `assistant` the assistant's id."""

    api: httpx2.AsyncClient
    path: str
    assistant: str

    async def mailbox(
        self, user: str, port: int, *, password: str = PASSWORD, security: str = "none", **values: Any
    ) -> str:
        """Adds a mailbox of this user and returns its id."""
        imap = {"host": "127.0.0.1", "port": port, "security": security, "username": user, "password": password}
        body = {"assistant_id": self.assistant, "address": f"{user}@hotel-seeblick.example", "imap": imap}
        made = await created(
            self.api, f"{self.path}/mailboxes", **body | {"watch_since": "2020-01-01T00:00:00Z"} | values
        )
        return made["id"]

    async def change(self, path: str, **values: Any) -> None:
        response = await self.api.patch(f"{self.path}{path}", json=values)
        assert response.status_code == 200, response.text

    async def switch(self, which: str, mailbox: str, *, on: bool) -> None:
        """`which`: the mailbox's own switch, its assistant's, or the organisation's."""
        paths = {
            "mailbox": f"/mailboxes/{mailbox}",
            "assistant": f"/assistants/{self.assistant}",
            "organisation": "",
        }
        await self.change(paths[which], active=on)

    async def status(self, mailbox: str) -> tuple[str | None, str]:
        """The mailbox's status, and the reason for it."""
        response = await self.api.get(f"{self.path}/mailboxes/{mailbox}")
        return response.json()["status"], response.json()["status_reason"]

    async def settled(self, mailbox: str) -> list[tuple[str, str]]:
        """Outcome and reason of each message that is settled, oldest first."""
        response = await self.api.get(f"{self.path}/activity", params={"limit": 200})
        rows = [row for row in response.json()["items"] if row["mailbox_id"] == mailbox]
        return [(row["outcome"], row["reason"]) for row in reversed(rows)]

    async def until_status(self, mailbox: str, status: str, reason: str, *, seconds: float = 20) -> None:
        await eventually(lambda: self.status(mailbox), (status, reason), seconds)

    async def until_settled(self, mailbox: str, *expected: tuple[str, str], seconds: float = 20) -> None:
        await eventually(lambda: self.settled(mailbox), list(expected), seconds)


async def eventually(look: Callable[[], Awaitable[Any]], expected: object, seconds: float) -> None:
    """Raises AssertionError, which names what was seen last, where it does not come to that in time."""
    deadline = time.monotonic() + seconds
    while (seen := await look()) != expected:
        assert time.monotonic() < deadline, f"after {seconds} s: {seen}, not {expected}"
        await asyncio.sleep(STEP_SECONDS)


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    """Raises TimeoutError where it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(STEP_SECONDS)


def drafts(server: MailServer, user: str, folder: str = "Drafts") -> list[Message]:
    """The drafts that lie in a mailbox, oldest first."""
    with client(server, user) as connection:
        status, _ = connection.select(folder, readonly=True)
        assert status == "OK"
        _, data = connection.search(None, "ALL")
        if not data[0]:
            return []
        _, parts = connection.fetch(data[0].replace(b" ", b",").decode(), "(BODY.PEEK[])")
    return [message_from_bytes(part[1]) for part in parts if isinstance(part, tuple)]


async def until_drafted(server: MailServer, user: str, message_id: str, *, seconds: float = 20) -> None:
    """Until the mailbox holds exactly one draft that answers this message."""

    async def answering() -> int:
        found = await asyncio.to_thread(drafts, server, user)
        return sum(draft["In-Reply-To"] == message_id for draft in found)

    await eventually(answering, 1, seconds)


async def first_draft(stack: Stack, dovecot: Dovecot) -> None:
    """A new organisation is sent one mail, which becomes a draft. Raises TimeoutError."""
    path, assistant = await an_organisation(stack.api, KNOWLEDGE)
    await a_mailbox(stack.api, path, assistant, "info", dovecot.port, PASSWORD)
    dovecot.deliver("info", an_enquiry(0)[1])
    await until(lambda: len(drafts(dovecot, "info")) == 1, 60)
