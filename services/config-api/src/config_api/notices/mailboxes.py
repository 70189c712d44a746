"""Tells an organisation's owners that a mailbox needs them, and that it is back: each once, whatever comes twice.

One that has stopped needs them at once. One whose server is away may come back by itself, so that is looked at again
after PATIENCE.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.models import Mailbox, now
from config_api.notices.owners import notify_owners
from config_api.notices.service import Kind
from config_api.outbox import put
from shared.events import MailboxStatus

QUEUE = "mailbox-away"
PATIENCE = timedelta(minutes=30)


async def tell_owners(session: AsyncSession, master_keys: MasterKeys, mailbox: Mailbox) -> None:
    """After a change of its status; the transaction is the organisation's, and holds the mailbox's row."""
    if mailbox.status == MailboxStatus.WATCHING:
        if mailbox.owners_told_at is not None:
            await _tell(session, master_keys, mailbox, "mailbox_back", None)
    elif mailbox.owners_told_at is None and mailbox.active and mailbox.deleted_at is None:
        if mailbox.status == MailboxStatus.STOPPED:
            await _tell(session, master_keys, mailbox, "mailbox_attention", now())
        else:
            await put(session, QUEUE, f"{mailbox.organisation_id} {mailbox.id}".encode(), after=PATIENCE)


class SecondLook:
    """Reads QUEUE: mailboxes whose server was away PATIENCE ago."""

    def __init__(self, database: Database, master_keys: MasterKeys) -> None:
        self._database = database
        self._master_keys = master_keys

    async def look(self, payload: bytes) -> None:
        organisation_id, _, mailbox_id = payload.decode("ascii").partition(" ")
        async with self._database.tenant(UUID(organisation_id)) as session:
            query = select(Mailbox).where(Mailbox.id == UUID(mailbox_id), col(Mailbox.deleted_at).is_(None))
            mailbox = (await session.exec(query.with_for_update())).one_or_none()
            if mailbox is not None and _still_away(mailbox, now()):
                await _tell(session, self._master_keys, mailbox, "mailbox_attention", now())


def _still_away(mailbox: Mailbox, moment: datetime) -> bool:
    """Whether nothing was heard of it for so long; otherwise another look has been ordered since."""
    heard = mailbox.last_proof_at or mailbox.watch_since
    away = mailbox.active and mailbox.status == MailboxStatus.RETRYING and mailbox.owners_told_at is None
    return away and heard <= moment - PATIENCE


async def _tell(
    session: AsyncSession, master_keys: MasterKeys, mailbox: Mailbox, kind: Kind, told_at: datetime | None
) -> None:
    mailbox.owners_told_at = told_at
    values = {"mailbox": mailbox.address, "reason": mailbox.status_reason}
    link = f"/mailboxes/{mailbox.id}"
    await notify_owners(session, master_keys, kind, mailbox.organisation_id, link=link, values=values)
