"""Who disconnects a mailbox wants the grant to end at the provider as well, be it reachable just now or not."""

from pydantic import BaseModel
from sqlalchemy import ColumnElement, and_, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.models import Mailbox
from config_api.oauth.access import REFRESH_TOKEN
from config_api.oauth.client import revoke
from config_api.oauth.providers import providers
from config_api.outbox import open_sealed, put_sealed
from config_api.settings import Settings
from shared.errors import PermanentError

QUEUE = "oauth-revocation"
# What opens a mailbox, gone from its row.
DESTROYED = dict.fromkeys(
    ("imap_password", "refresh_token", "access_token", "access_token_from", "access_token_until", "renewing_until")
)


class _Ended(BaseModel):
    provider: str
    address: str
    refresh_token: str


async def revoke_grants(session: AsyncSession, which: ColumnElement[bool], master_keys: MasterKeys) -> None:
    """Once this transaction is committed; whoever calls it removes the tokens from the rows (`DESTROYED`)."""
    query = select(Mailbox).where(which, col(Mailbox.refresh_token).is_not(None), col(Mailbox.deleted_at).is_(None))
    for mailbox in await session.exec(query):
        try:
            token = master_keys.open(mailbox.refresh_token or "", mailbox.id, REFRESH_TOKEN).decode()
        except PermanentError:
            continue
        ended = _Ended(provider=mailbox.provider, address=mailbox.address, refresh_token=token)
        await put_sealed(session, master_keys, QUEUE, ended.model_dump_json().encode())


class Revocations:
    def __init__(self, database: Database, master_keys: MasterKeys, settings: Settings) -> None:
        self._database = database
        self._master_keys = master_keys
        self._providers = {str(name): provider for name, provider in providers(settings).items()}

    async def end(self, payload: bytes) -> None:
        """Raises TransientError while the provider cannot be reached; then the outbox brings it again.

        Google ends all grants of an account with one of them: nothing is revoked where the account is connected, be it
        in another organisation or anew.
        """
        try:
            ended = _Ended.model_validate_json(open_sealed(payload, self._master_keys, QUEUE))
        except PermanentError:
            return
        provider = self._providers.get(ended.provider)
        if provider is not None and not await self._in_use(ended):
            await revoke(provider, ended.refresh_token)

    async def _in_use(self, ended: _Ended) -> bool:
        connected = and_(col(Mailbox.refresh_token).is_not(None), col(Mailbox.deleted_at).is_(None))
        same = and_(col(Mailbox.provider) == ended.provider, func.lower(Mailbox.address) == ended.address.lower())
        async with self._database.service() as session:
            return (await session.exec(select(Mailbox.id).where(connected, same).limit(1))).first() is not None
