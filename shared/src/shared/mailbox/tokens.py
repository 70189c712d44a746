"""Access tokens (RFC 6749, 1.4) for mailboxes that are opened by OAuth."""

from typing import Protocol


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
