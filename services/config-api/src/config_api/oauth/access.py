"""Access tokens for the services that read and write mailboxes. Refresh tokens stay here.

A refresh token may be good once only: the provider answers with the next one. So a mailbox's tokens are renewed by one
at a time, across replicas, under a lease in its row; nobody holds a transaction while the provider is asked.
"""

import asyncio
import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from pydantic import SecretStr
from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import col, select, update

from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.models import Mailbox, now
from config_api.oauth.client import Tokens, refresh
from config_api.oauth.providers import providers
from config_api.problems import Conflict, NotFound, Unavailable
from config_api.settings import Settings
from shared.config import AccessToken
from shared.errors import AuthError, PermanentError, TransientError

log = structlog.get_logger(__name__)

REFRESH_TOKEN, ACCESS_TOKEN = "refresh_token", "access_token"
# Longer than a provider is waited for, so that nobody else begins before its answer is kept.
LEASE = timedelta(seconds=30)
PAUSE_SECONDS = 0.2


class Access:
    """`get` is for the internal API, and for this service's own looks into mailboxes."""

    def __init__(self, database: Database, master_keys: MasterKeys, settings: Settings) -> None:
        self._database = database
        self._master_keys = master_keys
        self._providers = {str(name): provider for name, provider in providers(settings).items()}
        self._flying: dict[UUID, asyncio.Task[AccessToken]] = {}

    async def get(self, mailbox_id: UUID, refused: str = "") -> AccessToken:
        """A token that has more than half of its life before it, and is not the one whose SHA-256 is `refused`.

        Raises NotFound (`mailbox_unknown`), Conflict (`access_revoked`), Unavailable (`provider_unavailable`,
        `provider_misconfigured`, `secret_unreadable`).
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
        lease = await self._turn(mailbox_id)
        try:
            while True:
                mailbox = await self._mailbox(mailbox_id)
                if (found := self._held(mailbox, refused) or await self._ask(mailbox)) is not None:
                    return found
        finally:
            await self._give_back(mailbox_id, lease)

    async def _ask(self, mailbox: Mailbox) -> AccessToken | None:
        """None where the owner has connected the mailbox anew meanwhile: what this grant was worth says nothing."""
        if (provider := self._providers.get(mailbox.provider)) is None:
            raise Unavailable("provider_misconfigured")
        secret = self._open(mailbox, mailbox.refresh_token or "", REFRESH_TOKEN)
        try:
            tokens = await refresh(provider, secret)
        except AuthError as error:
            if await self._keep(mailbox.id, secret, None):
                raise Conflict(error.reason) from None
            return None
        except TransientError as error:
            raise Unavailable(error.reason) from None
        if not await self._keep(mailbox.id, secret, tokens):
            return None
        token = SecretStr(tokens.access_token)
        return AccessToken(token=token, renew_at=_half_life(tokens), expires_at=tokens.expires_at)

    async def _keep(self, mailbox_id: UUID, secret: str, tokens: Tokens | None) -> bool:
        """Whether `secret` is still the mailbox's refresh token; then what it has brought takes its place.

        It is looked at itself, and not as it is sealed, since that changes with the master key.
        """
        async with self._database.service() as session:
            query = select(Mailbox).where(_connected(mailbox_id)).with_for_update()
            mailbox = (await session.exec(query)).one_or_none()
            if mailbox is None or self._open(mailbox, mailbox.refresh_token or "", REFRESH_TOKEN) != secret:
                return False
            if tokens is not None:
                values = sealed(tokens, mailbox_id, self._master_keys)
                await session.exec(update(Mailbox).where(col(Mailbox.id) == mailbox_id).values(**values))
        return True

    def _held(self, mailbox: Mailbox, refused: str) -> AccessToken | None:
        if mailbox.access_token is None or mailbox.access_token_until is None or mailbox.access_token_from is None:
            return None
        renew_at = mailbox.access_token_from + (mailbox.access_token_until - mailbox.access_token_from) / 2
        if renew_at <= now():
            return None
        token = self._open(mailbox, mailbox.access_token, ACCESS_TOKEN)
        if hmac.compare_digest(hashlib.sha256(token.encode()).hexdigest(), refused):
            return None
        return AccessToken(token=SecretStr(token), renew_at=renew_at, expires_at=mailbox.access_token_until)

    def _open(self, mailbox: Mailbox, secret: str, field: str) -> str:
        """Raises Unavailable: a master key that this replica lacks is nothing that an owner could mend."""
        try:
            return self._master_keys.open(secret, mailbox.id, field).decode()
        except PermanentError as error:
            log.error("mailbox_token_unreadable", mailbox_id=str(mailbox.id), reason=error.reason)
            raise Unavailable("secret_unreadable") from None

    async def _mailbox(self, mailbox_id: UUID) -> Mailbox:
        query = select(Mailbox).where(_connected(mailbox_id))
        async with self._database.service() as session:
            if (mailbox := (await session.exec(query)).one_or_none()) is None:
                raise NotFound("mailbox_unknown")
        return mailbox

    async def _turn(self, mailbox_id: UUID) -> datetime:
        while True:
            if (lease := await self._take_lease(mailbox_id)) is not None:
                return lease
            await asyncio.sleep(PAUSE_SECONDS)

    async def _take_lease(self, mailbox_id: UUID) -> datetime | None:
        """Until when it is ours, by the database's clock; None where it is somebody else's. Raises NotFound where the
        mailbox is gone meanwhile."""
        lease = col(Mailbox.renewing_until)
        free = or_(lease.is_(None), lease < func.now())
        taking = update(Mailbox).where(_connected(mailbox_id), free).values(renewing_until=func.now() + LEASE)
        async with self._database.service() as session:
            taken = (await session.exec(taking.returning(lease))).scalar_one_or_none()
        if taken is None:
            await self._mailbox(mailbox_id)
        return taken

    async def _give_back(self, mailbox_id: UUID, lease: datetime) -> None:
        """Unless it is somebody else's by now."""
        ours = and_(col(Mailbox.id) == mailbox_id, col(Mailbox.renewing_until) == lease)
        async with self._database.service() as session:
            await session.exec(update(Mailbox).where(ours).values(renewing_until=None))


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
