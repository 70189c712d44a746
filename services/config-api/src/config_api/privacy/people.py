"""A person is erased at once: everything of an account hangs on its row, and goes with it."""

import hashlib

from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts.models import Account
from config_api.outbox import announce
from shared.events import ErasureRequested


async def erase(session: AsyncSession, account: Account) -> None:
    """Deletes the account with its sessions, links and memberships, and tells the other services to forget it."""
    names = [name for name in (account.email, account.user_name) if name]
    await announce(
        session, ErasureRequested(account_id=account.id, name_digests=tuple(name_digest(name) for name in names))
    )
    await session.delete(account)
    await session.flush()


def name_digest(name: str) -> str:
    """How ErasureRequested tells of an address or a user name."""
    return hashlib.sha256(name.lower().encode()).hexdigest()
