"""The contract suite's mailbox on an IMAP server."""

import imaplib
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from shared.config import ImapAccount
from shared.mailbox.imap.names import encode, quote
from shared.mailbox.protocol import DraftStore, Watch
from tests.contract.harness import Opened, Stored
from tests.servers.mail_server import MailServer, client
from tests.servers.opening import open_draft_store, open_watch


class ImapMailbox(Opened):
    """`change_uidvalidity` may lose all mail with it: what was delivered then comes again."""

    polled = 5.0

    def __init__(self, server: MailServer, user: str, change_uidvalidity: Callable[[], None]) -> None:
        super().__init__()
        self._server = server
        self._user = user
        self._delivered: list[tuple[bytes, datetime | None]] = []
        self._change_uidvalidity = change_uidvalidity

    @property
    def account(self) -> ImapAccount:
        return self._server.account(self._user)

    async def watch(self, folder: str = "INBOX") -> Watch:
        return self.keep(await open_watch(self.account, folder))

    async def drafts(self, choice: str = "") -> DraftStore:
        return self.keep(await open_draft_store(self.account, choice))

    async def deliver(self, message: bytes, received: datetime | None = None) -> None:
        self._server.deliver(self._user, message, received)
        self._delivered.append((message, received))

    def person(self) -> AbstractContextManager[imaplib.IMAP4]:
        return client(self._server, self._user)

    async def stored(self, folder: str = "INBOX") -> list[Stored]:
        with self.person() as person:
            person.select(_name(folder), readonly=True)
            _, data = person.fetch("1:*", "(FLAGS BODY.PEEK[])")
            found = [entry for entry in data if isinstance(entry, tuple)]
        return [Stored(frozenset(_flags(told)), raw) for told, raw in found]

    async def saved(self) -> list[Stored]:
        return await self.stored("Drafts")

    async def create(self, folder: str) -> None:
        with self.person() as person:
            assert person.create(_name(folder))[0] == "OK"

    async def move(self, index: int, folder: str, *, source: str = "INBOX") -> None:
        with self.person() as person:
            person.select(_name(source))
            assert person.copy(str(index + 1), _name(folder))[0] == "OK"
            person.store(str(index + 1), "+FLAGS", "(\\Deleted)")
            person.expunge()

    async def read_and_answer(self, index: int) -> None:
        with self.person() as person:
            person.select("INBOX")
            person.store(str(index + 1), "+FLAGS", "(\\Answered \\Seen)")

    async def delete(self, index: int) -> None:
        with self.person() as person:
            person.select("INBOX")
            person.store(str(index + 1), "+FLAGS", "(\\Deleted)")
            person.expunge()

    async def edit_draft(self, index: int, message: bytes) -> None:
        """IMAP cannot change a message: a mail program saves another one, and deletes the old one."""
        with self.person() as person:
            person.append("Drafts", "(\\Draft \\Seen)", "", message)
            person.select("Drafts")
            person.store(str(index + 1), "+FLAGS", "(\\Deleted)")
            person.expunge()

    async def lose_cursor(self) -> None:
        self._change_uidvalidity()
        if not await self.stored():
            for message, received in self._delivered:
                self._server.deliver(self._user, message, received)


def _name(folder: str) -> str:
    return quote(encode(folder))


def _flags(told: bytes) -> list[str]:
    return [flag.decode() for flag in imaplib.ParseFlags(told)]
