"""Mailboxes at Google and Microsoft that somebody looks into, with what people and the writer do there."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from typing import Any, Protocol

from shared.config import GmailAccount, GraphAccount
from shared.events import DraftProposed
from shared.mailbox import gmail, graph
from shared.mailbox.protocol import DraftStore
from tests.looking import a_draft, a_mail, composed
from tests.servers.connecting import Accounts
from tests.servers.faults import slow
from tests.servers.gmail_person import raw_of
from tests.servers.graph.faults import Fault
from tests.servers.graph.tenant import Message
from tests.servers.graph.tokens import Tokens

ENQUIRY = a_mail("Frage zum Frühstück", "Anna Gast <gast@example.org>", Message_ID="<frage@example.org>")


class LookedInto(Protocol):
    """A mailbox of which `id` is ours; `drafts` and `junk` are what two of its folders are called."""

    drafts: str
    junk: str
    id: str
    address: str

    def deliver(self, raw: bytes, received: datetime) -> Any:
        """Into the inbox, unread."""
        ...

    def answer(self, delivered: Any) -> None:
        """A person does, without having read it elsewhere."""
        ...

    def to_junk(self, delivered: Any) -> None: ...

    def unread(self) -> int: ...

    async def save(self, **values: Any) -> DraftProposed:
        """A mail arrives, and this draft that answers it is saved, as the writer does it."""
        ...

    def change_draft(self) -> None: ...

    def replace_draft(self) -> None:
        """A person saves it anew, by another program."""
        ...

    def send_draft(self) -> None: ...

    def delete_draft(self) -> None: ...

    def revoke(self) -> None:
        """The grant ends, and all its tokens."""
        ...

    def expire(self) -> None:
        """The access token ends before its time."""
        ...

    def delay(self, seconds: float) -> None:
        """Every answer takes that long."""
        ...


@dataclass
class AtGoogle(LookedInto):
    accounts: Accounts
    id: str
    address: str
    drafts: str = "Drafts"
    junk: str = "SPAM"

    def __post_init__(self) -> None:
        self.person = self.accounts.google.person(self.address)

    def deliver(self, raw: bytes, received: datetime) -> str:
        return self.person.deliver(raw, received)

    def answer(self, delivered: str) -> None:
        self.person.answer(self.person.message(delivered)["threadId"])

    def to_junk(self, delivered: str) -> None:
        self.person.relabel(delivered, add=("SPAM",))

    def unread(self) -> int:
        return len(self.person.messages("UNREAD"))

    async def save(self, **values: Any) -> DraftProposed:
        answers = self.person.deliver(ENQUIRY)
        event = a_draft(self.id, provider_id=answers, **values)
        tokens = Tokens(self.accounts.google.google.issue(self.address))
        store = await gmail.open_draft_store(GmailAccount(), tokens=tokens, url=self.accounts.google.google.url)
        async with _closing(store):
            await store.save(composed(event, GmailAccount(), self.address))
        return event

    def change_draft(self) -> None:
        self._edit(lambda changed: changed.replace("ab sieben", "ab acht"))

    def replace_draft(self) -> None:
        self._edit(lambda changed: changed)

    def send_draft(self) -> None:
        self.person.send_draft(self._draft()["id"])

    def delete_draft(self) -> None:
        self.person.delete_draft(self._draft()["id"])

    def revoke(self) -> None:
        self.person.revoke()

    def expire(self) -> None:
        self.accounts.google.google.expire(self.address)

    def delay(self, seconds: float) -> None:
        self.accounts.google.google.faults.plan("GET", "/gmail/", slow(seconds), times=1000, user=self.address)

    def _draft(self) -> Any:
        (draft,) = self.person.drafts()
        return draft

    def _edit(self, change: Callable[[str], str]) -> None:
        """Gmail's editor gives it a Message-ID of its own, and leaves our header out."""
        draft = self._draft()
        message = message_from_bytes(raw_of(draft["message"]))
        del message["X-Kinamik-Draft"], message["Message-ID"]
        message["Message-ID"] = "<editor@mail.gmail.com>"
        self.person.edit_draft(draft["id"], change(message.as_string()).encode())


@dataclass
class AtMicrosoft(LookedInto):
    accounts: Accounts
    id: str
    address: str
    drafts: str = "Entwürfe"
    junk: str = "Junk-E-Mail"

    def __post_init__(self) -> None:
        self.user, self.server = self.accounts.users[self.address], self.accounts.graph

    def deliver(self, raw: bytes, received: datetime) -> Message:
        return self.server.deliver(self.user, raw, received)

    def answer(self, delivered: Message) -> None:
        delivered.extended["Integer 0x1081"] = "102"

    def to_junk(self, delivered: Message) -> None:
        self.server.move(self.user, delivered, "junkemail")

    def unread(self) -> int:
        return sum(not message.properties["isRead"] for message in self.server.messages(self.user, "inbox"))

    async def save(self, **values: Any) -> DraftProposed:
        answers = self.server.deliver(self.user, ENQUIRY).key
        event = a_draft(self.id, provider_id=answers, **values)
        tokens = Tokens(self.server.token(self.user))
        async with _closing(await graph.open_draft_store(GraphAccount(), tokens=tokens, url=self.server.url)) as store:
            await store.save(composed(event, GraphAccount(), self.address))
        return event

    def change_draft(self) -> None:
        content = self._draft().properties["body"]["content"].replace("ab sieben", "ab acht")
        self.server.edit(self.user, self._draft(), body={"contentType": "html", "content": content})

    def replace_draft(self) -> None:
        self.server.replace_draft(self.user, self._draft(), self.server.raw(self._draft()))

    def send_draft(self) -> None:
        self.server.send(self.user, self._draft())

    def delete_draft(self) -> None:
        self.server.move(self.user, self._draft(), "deleteditems")

    def revoke(self) -> None:
        for token in self.accounts.google.microsoft.revoke(self.address):
            self.server.refuse(token)

    def expire(self) -> None:
        for token in self.accounts.google.microsoft.tokens(self.address):
            self.server.refuse(token)

    def delay(self, seconds: float) -> None:
        self.server.fail(Fault(path=r"^/v1\.0/me/", delay=seconds, times=1000))

    def _draft(self) -> Message:
        (draft,) = self.server.drafts(self.user)
        return draft


@asynccontextmanager
async def _closing(store: DraftStore) -> AsyncGenerator[DraftStore]:
    try:
        yield store
    finally:
        await store.close()
