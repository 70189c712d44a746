"""Reading from a customer's mailbox while somebody waits for it. What is read passes through, and is kept nowhere."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import Depends

from config_api.mailboxes.guard import HostGuard, HostGuardDep
from config_api.mailboxes.schemas import LastUnanswered
from config_api.mailboxes.service import account_of
from config_api.models import Mailbox, now
from config_api.oauth.access import Access
from config_api.problems import Conflict, Invalid
from config_api.turns import Turns
from shared.config import GmailAccount, GraphAccount, ImapAccount
from shared.errors import KinamikError
from shared.mailbox.draft_name import draft_mark, draft_message_id
from shared.mailbox.tokens import HeldTokens

# What reads mail is imported where it is needed: HTML and charsets cost memory.
if TYPE_CHECKING:
    from shared.mailbox.looking import FoundDraft, Waiting

WITHIN = 12.0
"""Seconds that all of it may take."""
AGE = timedelta(days=14)
SHOWN = 4000
# The mail has to have arrived since `watch_since`, and servers date in whole seconds.
BEFORE = timedelta(seconds=1)


class MailboxReader:
    """By the same way as a connection test: no private hosts, so many at once for each organisation, in bounded time.

    Everything here raises Conflict (`mailbox_not_readable`), Invalid (`host_not_public`), TooManyRequests
    (`too_many_at_once`), and what `Access.get` does. No transaction may be held meanwhile.
    """

    def __init__(self, guard: HostGuard) -> None:
        self._guard = guard
        self._state = guard.request.app.state

    async def last_unanswered(self, mailbox: Mailbox) -> LastUnanswered | None:
        """The newest mail of the last 14 days in the watched folder that waits for an answer."""
        async with self._looking():
            found = await self._newest(mailbox)
        if found is None:
            return None
        mail = found.mail
        return LastUnanswered(
            received_at=found.received_at,
            watch_since=found.received_at - BEFORE,
            from_name=(mail.sender.name or mail.sender.address) if mail.sender else "",
            subject=mail.subject,
            body_text=(mail.text.strip() or mail.body)[:SHOWN],
        )

    async def draft(self, mailbox: Mailbox, message: UUID, generation: int) -> "FoundDraft | None":
        """The draft that answers a message, as it lies in the Drafts folder now."""
        mark = draft_mark(message, generation)
        message_id = draft_message_id(message, generation, mailbox.address)
        async with self._looking():
            match account_of(mailbox, self._state.master_keys):
                case ImapAccount() as account:
                    from shared.mailbox.imap.looking import find_draft

                    private_hosts = self._guard.private_hosts
                    return await find_draft(account, mailbox.drafts_folder, mark, private_hosts=private_hosts)
                case GmailAccount():
                    from shared.mailbox.gmail.looking import find_draft

                    url = self._state.settings.google_api_url
                    return await find_draft(mark, message_id, tokens=self._tokens(mailbox), url=url)
                case GraphAccount() as account:
                    from shared.mailbox.graph import find_draft

                    url = self._state.settings.graph_url
                    return await find_draft(account, message_id, tokens=self._tokens(mailbox), url=url)

    async def _newest(self, mailbox: Mailbox) -> "Waiting | None":
        own = frozenset(address.casefold() for address in (mailbox.address, *mailbox.aliases))
        since, folder = now() - AGE, mailbox.folder
        match account_of(mailbox, self._state.master_keys):
            case ImapAccount() as account:
                from shared.mailbox.imap.looking import newest_unanswered

                private_hosts = self._guard.private_hosts
                return await newest_unanswered(account, folder, since=since, own=own, private_hosts=private_hosts)
            case GmailAccount():
                from shared.mailbox.gmail.looking import newest_unanswered

                tokens, url = self._tokens(mailbox), self._state.settings.google_api_url
                return await newest_unanswered(folder, since=since, own=own, tokens=tokens, url=url)
            case GraphAccount() as account:
                from shared.mailbox.graph import newest_unanswered

                tokens, url = self._tokens(mailbox), self._state.settings.graph_url
                return await newest_unanswered(account, folder, since=since, own=own, tokens=tokens, url=url)

    def _tokens(self, mailbox: Mailbox) -> HeldTokens:
        access: Access = self._state.access
        return HeldTokens(mailbox.id, access.get)

    @asynccontextmanager
    async def _looking(self) -> AsyncGenerator[None]:
        turns: Turns = self._state.turns
        with turns.take(self._guard.organisation_id):
            try:
                async with asyncio.timeout(WITHIN):
                    yield
            except TimeoutError:
                raise Conflict("mailbox_not_readable") from None
            except KinamikError as error:
                if error.reason != "host_not_public":
                    raise Conflict("mailbox_not_readable") from None
                await self._guard.note_refusal()
                raise Invalid("host_not_public") from None


async def get_reader(guard: HostGuardDep) -> MailboxReader:
    return MailboxReader(guard)


MailboxReaderDep = Annotated[MailboxReader, Depends(get_reader)]
