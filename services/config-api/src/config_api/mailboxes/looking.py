"""Reading from a customer's mailbox while somebody waits for it. What is read passes through, and is kept nowhere."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends

from config_api.mailboxes.guard import HostGuard, HostGuardDep
from config_api.mailboxes.schemas import LastUnanswered
from config_api.mailboxes.service import imap_account
from config_api.models import Mailbox, now
from config_api.problems import Conflict, Invalid
from config_api.turns import Turns
from shared.config import ImapAccount
from shared.errors import KinamikError

# What reads mail is imported where it is needed: HTML and charsets cost memory.
if TYPE_CHECKING:
    from shared.mailbox.imap.looking import FoundDraft

WITHIN = 12.0
"""Seconds that all of it may take."""
AGE = timedelta(days=14)
SHOWN = 4000
# The mail has to have arrived since `watch_since`, and servers date in whole seconds.
BEFORE = timedelta(seconds=1)


class MailboxReader:
    """By the same way as a connection test: no private hosts, so many at once for each organisation, in bounded time.

    Everything here raises Conflict (`mailbox_not_readable`), Invalid (`host_not_public`), TooManyRequests
    (`too_many_at_once`). No transaction may be held meanwhile.
    """

    def __init__(self, guard: HostGuard) -> None:
        self._guard = guard

    def account(self, mailbox: Mailbox) -> ImapAccount:
        """Raises Conflict (`other_provider`): so far only IMAP is read for somebody who waits."""
        return imap_account(mailbox, {}, self._guard.request.app.state.master_keys)

    async def last_unanswered(self, mailbox: Mailbox) -> LastUnanswered | None:
        """The newest mail of the last 14 days in the watched folder that waits for an answer."""
        from shared.mailbox.imap.looking import newest_unanswered

        own = frozenset(address.casefold() for address in (mailbox.address, *mailbox.aliases))
        async with self._looking():
            found = await newest_unanswered(
                self.account(mailbox),
                mailbox.folder,
                since=now() - AGE,
                own=own,
                private_hosts=self._guard.private_hosts,
            )
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

    async def draft(self, mailbox: Mailbox, mark: str) -> "FoundDraft | None":
        """One of our drafts, as it lies in the Drafts folder now."""
        from shared.mailbox.imap.looking import find_draft

        async with self._looking():
            return await find_draft(
                self.account(mailbox), mailbox.drafts_folder, mark, private_hosts=self._guard.private_hosts
            )

    @asynccontextmanager
    async def _looking(self) -> AsyncGenerator[None]:
        turns: Turns = self._guard.request.app.state.turns
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
