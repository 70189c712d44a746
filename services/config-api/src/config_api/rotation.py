"""Master keys change hands: every sealed value is opened with its own key and sealed with the newest."""

from typing import Any

from sqlalchemy import bindparam, text
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts.models import Account
from config_api.accounts.second_factor import FIELD as SECOND_FACTOR
from config_api.auth.by_mail import QUEUE as ASKED_BY_MAIL
from config_api.crypto import MasterKeys, key_id
from config_api.database import Database
from config_api.idempotency.models import IdempotencyKey
from config_api.idempotency.store import ANSWER, REQUEST
from config_api.keys.service import FIELD
from config_api.mailboxes.service import PASSWORD
from config_api.models import ContentKey, Mailbox
from config_api.notices.service import QUEUE as NOTICES
from config_api.oauth.access import ACCESS_TOKEN, REFRESH_TOKEN
from config_api.oauth.revocation import QUEUE as ENDED_GRANTS
from config_api.outbox import reseal
from config_api.privacy.jobs import DATA_KEY
from config_api.privacy.models import ExportJob

COLUMNS: tuple[tuple[Any, str], ...] = (
    (Mailbox, PASSWORD),
    (Mailbox, REFRESH_TOKEN),
    (Mailbox, ACCESS_TOKEN),
    (Account, SECOND_FACTOR),
    (IdempotencyKey, REQUEST),
    (IdempotencyKey, ANSWER),
    (ExportJob, DATA_KEY),
)
WAITING = text("SELECT id, queue, payload FROM config.config_outbox WHERE queue IN :queues").bindparams(
    bindparam("queues", (NOTICES, ASKED_BY_MAIL, ENDED_GRANTS), expanding=True)
)
RENEW = text("UPDATE config.config_outbox SET payload = :renewed WHERE id = :id")


async def rotate(database: Database, master_keys: MasterKeys) -> int:
    """Re-encrypts what is not under the newest key, in one transaction; how many values that were.

    Raises PermanentError (`master_key_missing`, `sealed_value_broken`), and then has changed nothing.
    """
    async with database.service() as session:
        renewed = [await _column(session, master_keys, model, field) for model, field in COLUMNS]
        content_keys = await _content_keys(session, master_keys)
    return sum(renewed) + content_keys + await _waiting(database, master_keys)


async def keys_in_use(database: Database) -> set[str]:
    """The ids of the master keys without which something could not be read."""
    async with database.service() as session:
        wrapped = await session.exec(select(ContentKey.wrapped_key).where(col(ContentKey.wrapped_key).is_not(None)))
        sealed = [each for each in wrapped if each]
        for model, field in COLUMNS:
            column = getattr(model, field)
            sealed += await session.exec(select(column).where(column.is_not(None)))
    return {key_id(each) for each in sealed}


async def _column(session: AsyncSession, master_keys: MasterKeys, model: Any, field: str) -> int:
    sealed = getattr(model, field)
    rows = await session.exec(select(model.id, sealed).where(sealed.is_not(None)).with_for_update())
    stale = [(row_id, value) for row_id, value in rows if key_id(value) != master_keys.newest]
    for row_id, value in stale:
        renewed = {field: master_keys.reseal(value, row_id, field)}
        await session.exec(update(model).where(model.id == row_id).values(renewed))
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


async def _waiting(database: Database, master_keys: MasterKeys) -> int:
    """What waits for a mail server that is away; only the schema's owner may read it."""
    async with database.outside_transactions() as connection:
        rows = (await connection.execute(WAITING)).all()
        renewed = {row.id: reseal(row.payload, master_keys, row.queue) for row in rows}
        stale = [row.id for row in rows if renewed[row.id] != row.payload]
        for row_id in stale:
            await connection.execute(RENEW, {"id": row_id, "renewed": renewed[row_id]})
    return len(stale)
