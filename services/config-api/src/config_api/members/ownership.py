"""An organisation always has an owner, whatever is asked at the same moment."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.members.models import Membership
from config_api.problems import Conflict


async def lock_owners(session: AsyncSession, organisation_ids: Iterable[UUID]) -> None:
    """Until this transaction ends, nobody else takes an owner away. To be taken before the owners are read.

    An advisory lock, since not every role may lock rows of memberships or accounts.
    """
    for each in sorted(organisation_ids):
        await session.exec(select(func.pg_advisory_xact_lock(func.hashtextextended(f"owners/{each}", 0))))


async def require_owner_besides(session: AsyncSession, organisation_id: UUID, account_id: UUID) -> None:
    """Raises Conflict (`last_owner`) where nobody else owns the organisation."""
    await lock_owners(session, [organisation_id])
    others = select(Membership.account_id).where(
        Membership.organisation_id == organisation_id,
        Membership.role == "owner",
        col(Membership.account_id) != account_id,
    )
    if (await session.exec(others.limit(1))).first() is None:
        raise Conflict("last_owner")
