"""Deleting an account, with what hangs on it: sessions, links, recovery codes, memberships."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts import lookup
from config_api.accounts.service import tell
from config_api.auth.call import Call
from config_api.members.models import Membership
from config_api.members.ownership import lock_owners
from config_api.models import Organisation
from config_api.privacy.people import erase
from config_api.problems import Conflict, Fault

LAST_OWNER = "last_owner"


async def remove(call: Call, account_id: UUID, *, actor: str) -> None:
    """Tells the person by mail. Raises NotFound (`account_unknown`), and Conflict (`last_owner`) with the ids of the
    organisations that would have no owner: they have to be deleted or handed over first.
    """
    owned = await _owned(call, account_id)
    async with call.database.auth() as session:
        await lock_owners(session, owned)
        account = await lookup.get(session, account_id, lock=True)
        await tell(call, session, account, "account_deleted")
        await call.record(session, "account.deleted", actor=actor, subject=str(account_id))
        await erase(session, account)
        if orphaned := await _without_owner(session, owned):
            raise Conflict(LAST_OWNER, [Fault(field=f"organisations.{each}", reason=LAST_OWNER) for each in orphaned])


async def _owned(call: Call, account_id: UUID) -> Sequence[UUID]:
    """The organisations that are not going to be erased; only the person's own role sees which those are."""
    async with call.database.account(account_id) as session:
        query = select(Organisation.id).join(Membership, col(Membership.organisation_id) == Organisation.id)
        query = query.where(Membership.account_id == account_id, Membership.role == "owner")
        staying = col(Organisation.deleted_at).is_(None), col(Organisation.erase_at).is_(None)
        return (await session.exec(query.where(*staying))).all()


async def _without_owner(session: AsyncSession, organisations: Sequence[UUID]) -> list[UUID]:
    owned = col(Membership.organisation_id).in_(organisations), Membership.role == "owner"
    left = set(await session.exec(select(Membership.organisation_id).where(*owned)))
    return [each for each in organisations if each not in left]
