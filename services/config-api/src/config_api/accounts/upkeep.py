"""What goes by itself: accounts that nobody confirmed, sessions, links and stored answers that are over."""

from datetime import datetime, timedelta

from sqlmodel import col, delete, not_

from config_api.accounts.models import Account, LoginSession, Ticket
from config_api.accounts.sessions import alive
from config_api.database import Database
from config_api.idempotency.models import IdempotencyKey
from config_api.members.models import Invitation
from config_api.models import now
from shared.database import repeatedly

CONFIRM_WITHIN = timedelta(days=7)
EVERY_SECONDS = 3600.0


async def clean(database: Database, moment: datetime) -> int:
    """Deletes what is over at `moment`; how many accounts that were."""
    async with database.auth() as session:
        unconfirmed = col(Account.confirmed_at).is_(None), col(Account.created_at) <= moment - CONFIRM_WITHIN
        gone = await session.exec(delete(Account).where(*unconfirmed))
        await session.exec(delete(LoginSession).where(not_(alive(moment))))
        for model in (Ticket, Invitation, IdempotencyKey):
            await session.exec(delete(model).where(col(model.expires_at) <= moment))
    return gone.rowcount


async def maintain(database: Database) -> None:
    """For ever."""
    await repeatedly(lambda: clean(database, now()), seconds=EVERY_SECONDS, complaint="accounts_not_cleaned")
