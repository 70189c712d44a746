"""Access tokens (RFC 6749, 1.4) for mailboxes that are opened by OAuth. config-api has the grants and renews them."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from shared.config import AccessToken
from shared.errors import TransientError

MARGIN = timedelta(minutes=1)
PATIENCE = timedelta(seconds=30)

Ask = Callable[[UUID, str], Awaitable[AccessToken]]
"""A mailbox's token that is not the one with this SHA-256. Raises as `AccessTokens.get` does."""


class AccessTokens(Protocol):
    """One mailbox's access tokens."""

    async def get(self) -> str:
        """A token that holds for another minute at least.

        Raises AuthError (`access_revoked`) where the grant is no more, TransientError where it cannot be told.
        """
        ...

    def refused(self, token: str) -> None:
        """The provider does not take this token (401): the next `get` brings another one."""
        ...


class HeldTokens:
    """Implements `AccessTokens`. From half of its life on a token is asked for anew, so that config-api may be away
    for the other half."""

    def __init__(self, mailbox_id: UUID, ask: Ask) -> None:
        self._mailbox_id = mailbox_id
        self._ask = ask
        self._held: AccessToken | None = None
        self._refused = ""
        self._ask_at = datetime.min.replace(tzinfo=UTC)

    async def get(self) -> str:
        now = datetime.now(UTC)
        held = self._held
        if held is not None and held.expires_at - MARGIN <= now:
            held = None
        if held is None or (held.renew_at <= now and self._ask_at <= now):
            held = await self._renewed(held, now)
        return held.token.get_secret_value()

    def refused(self, token: str) -> None:
        self._refused = hashlib.sha256(token.encode()).hexdigest()
        self._held = None

    async def _renewed(self, held: AccessToken | None, now: datetime) -> AccessToken:
        try:
            self._held = await self._ask(self._mailbox_id, self._refused)
        except TransientError:
            if held is None:
                raise
            self._ask_at = now + PATIENCE
            return held
        return self._held
