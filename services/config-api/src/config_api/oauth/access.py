"""Access tokens for the services that read and write mailboxes. Refresh tokens stay here.

A refresh token may be good once only: the provider answers with the next one. So a mailbox's tokens are renewed by one
at a time, across replicas, under a lease in its row; nobody holds a transaction while the provider is asked.
"""

import asyncio
import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, select, update
from tenacity import AsyncRetrying, retry_if_result, wait_fixed

from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.models import Mailbox, now
from config_api.oauth.client import Tokens, refresh
from config_api.oauth.providers import Provider, providers
from config_api.problems import Conflict, NotFound, Unavailable
from config_api.settings import Settings
from shared.config import AccessToken
from shared.errors import AuthError, PermanentError, TransientError

REFRESH_TOKEN, ACCESS_TOKEN = "refresh_token", "access_token"
LEASE = timedelta(seconds=30)
TURN = AsyncRetrying(retry=retry_if_result(lambda taken: not taken), wait=wait_fixed(0.2))


class Access:
    """`get` is for the internal API, and for this service's own looks into mailboxes."""

    def __init__(self, database: Database, master_keys: MasterKeys, settings: Settings) -> None:
        self._database = database
        self._master_keys = master_keys
        self._providers = providers(settings)
        self._flying: dict[UUID, asyncio.Task[AccessToken]] = {}

    async def get(self, mailbox_id: UUID, refused: str = "") -> AccessToken:
        """A token that has more than half of its life before it, and is not the one whose SHA-256 is `refused`.

        Raises NotFound (`mailbox_unknown`), Conflict (`access_revoked`), Unavailable (`provider_unavailable`,
        `provider_misconfigured`).
        """
        mailbox = await self._mailbox(mailbox_id)
        if (held := self._held(mailbox, refused)) is not None:
            return held
        if (task := self._flying.get(mailbox_id)) is None:
            task = self._flying[mailbox_id] = asyncio.create_task(self._renewed(mailbox_id, refused))
            task.add_done_callback(lambda done: self._landed(mailbox_id, done))
        return await asyncio.shield(task)

    def _landed(self, mailbox_id: UUID, done: asyncio.Task[AccessToken]) -> None:
        """Its error goes to whoever waits for it; nobody has to."""
        del self._flying[mailbox_id]
        if not done.cancelled():
            done.exception()

    async def _renewed(self, mailbox_id: UUID, refused: str) -> AccessToken:
        """Waits for a turn, and finds that somebody else has renewed them meanwhile, or does it."""
        await TURN(self._take_lease, mailbox_id)
        try:
            mailbox = await self._mailbox(mailbox_id)
            if (held := self._held(mailbox, refused)) is not None:
                return held
            tokens = await self._ask(mailbox)
            # Not where the owner has connected the mailbox anew meanwhile.
            same_grant = col(Mailbox.refresh_token) == mailbox.refresh_token
            await self._update(mailbox_id, same_grant, **sealed(tokens, mailbox_id, self._master_keys))
        finally:
            await self._update(mailbox_id, renewing_until=None)
        token = SecretStr(tokens.access_token)
        return AccessToken(token=token, renew_at=_half_life(tokens), expires_at=tokens.expires_at)

    async def _ask(self, mailbox: Mailbox) -> Tokens:
        provider = self._provider(mailbox)
        if provider is None:
            raise Unavailable("provider_misconfigured")
        try:
            secret = self._master_keys.open(mailbox.refresh_token or "", mailbox.id, REFRESH_TOKEN).decode()
            return await refresh(provider, secret)
        except (AuthError, PermanentError):
            raise Conflict("access_revoked") from None
        except TransientError as error:
            raise Unavailable(error.reason) from None

    def _provider(self, mailbox: Mailbox) -> Provider | None:
        return next((each for name, each in self._providers.items() if name == mailbox.provider), None)

    def _held(self, mailbox: Mailbox, refused: str) -> AccessToken | None:
        if mailbox.access_token is None or mailbox.access_token_until is None or mailbox.access_token_from is None:
            return None
        renew_at = mailbox.access_token_from + (mailbox.access_token_until - mailbox.access_token_from) / 2
        if renew_at <= now():
            return None
        token = self._master_keys.open(mailbox.access_token, mailbox.id, ACCESS_TOKEN).decode()
        if hmac.compare_digest(hashlib.sha256(token.encode()).hexdigest(), refused):
            return None
        return AccessToken(token=SecretStr(token), renew_at=renew_at, expires_at=mailbox.access_token_until)

    async def _mailbox(self, mailbox_id: UUID) -> Mailbox:
        query = select(Mailbox).where(_connected(mailbox_id))
        async with self._database.service() as session:
            if (mailbox := (await session.exec(query)).one_or_none()) is None:
                raise NotFound("mailbox_unknown")
        return mailbox

    async def _take_lease(self, mailbox_id: UUID) -> bool:
        """Raises NotFound where the mailbox is gone meanwhile."""
        moment = now()
        free = or_(col(Mailbox.renewing_until).is_(None), col(Mailbox.renewing_until) < moment)
        async with self._database.service() as session:
            taken = await session.exec(
                update(Mailbox).where(_connected(mailbox_id), free).values(renewing_until=moment + LEASE)
            )
        if not taken.rowcount:
            await self._mailbox(mailbox_id)
        return bool(taken.rowcount)

    async def _update(self, mailbox_id: UUID, *which: ColumnElement[bool], **values: str | datetime | None) -> None:
        async with self._database.service() as session:
            await session.exec(update(Mailbox).where(_connected(mailbox_id), *which).values(**values))


def sealed(tokens: Tokens, mailbox_id: UUID, master_keys: MasterKeys) -> dict[str, str | datetime | None]:
    """The columns of a mailbox that hold its tokens. A refresh token that stays valid stays as it is."""
    values: dict[str, str | datetime | None] = {
        ACCESS_TOKEN: master_keys.seal(tokens.access_token.encode(), mailbox_id, ACCESS_TOKEN),
        "access_token_from": tokens.issued_at,
        "access_token_until": tokens.expires_at,
    }
    if tokens.refresh_token is not None:
        values[REFRESH_TOKEN] = master_keys.seal(tokens.refresh_token.encode(), mailbox_id, REFRESH_TOKEN)
    return values


def _half_life(tokens: Tokens) -> datetime:
    return tokens.issued_at + (tokens.expires_at - tokens.issued_at) / 2


def _connected(mailbox_id: UUID) -> ColumnElement[bool]:
    alive = and_(col(Mailbox.deleted_at).is_(None), col(Mailbox.refresh_token).is_not(None))
    return and_(col(Mailbox.id) == mailbox_id, alive)
