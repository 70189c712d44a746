"""Master keys change hands: every sealed value is opened with its own key and sealed with the newest."""

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.crypto import MasterKeys, key_id
from config_api.database import Database
from config_api.keys.service import FIELD
from config_api.mailboxes.service import PASSWORD
from config_api.models import ContentKey, Mailbox


async def rotate(database: Database, master_keys: MasterKeys) -> int:
    """Re-encrypts what is not under the newest key, in one transaction; how many values that were.

    Raises PermanentError (`master_key_missing`, `sealed_value_broken`), and then has changed nothing.
    """
    async with database.service() as session:
        return await _passwords(session, master_keys) + await _content_keys(session, master_keys)


async def keys_in_use(database: Database) -> set[str]:
    """The ids of the master keys without which something could not be read."""
    async with database.service() as session:
        passwords = await session.exec(select(Mailbox.imap_password).where(col(Mailbox.imap_password).is_not(None)))
        wrapped = await session.exec(select(ContentKey.wrapped_key).where(col(ContentKey.wrapped_key).is_not(None)))
        return {key_id(sealed) for rows in (passwords, wrapped) for sealed in rows if sealed}


async def _passwords(session: AsyncSession, master_keys: MasterKeys) -> int:
    query = select(Mailbox.id, Mailbox.imap_password).where(col(Mailbox.imap_password).is_not(None))
    stale = [
        (row_id, sealed)
        for row_id, sealed in await session.exec(query.with_for_update())
        if sealed and key_id(sealed) != master_keys.newest
    ]
    for row_id, sealed in stale:
        renewed = master_keys.reseal(sealed, row_id, PASSWORD)
        await session.exec(update(Mailbox).where(col(Mailbox.id) == row_id).values(imap_password=renewed))
    return len(stale)


async def _content_keys(session: AsyncSession, master_keys: MasterKeys) -> int:
    alive = col(ContentKey.wrapped_key).is_not(None)
    stale = await session.exec(
        select(ContentKey).where(alive, ContentKey.key_id != master_keys.newest).with_for_update()
    )
    rows = stale.all()
    for row in rows:
        row.wrapped_key = master_keys.reseal(row.wrapped_key or "", row.id, FIELD)
        row.key_id = master_keys.newest
    return len(rows)
