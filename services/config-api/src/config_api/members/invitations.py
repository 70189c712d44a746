"""Invitations: a link in a mail, for the person with that address only, and for 14 days."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts.models import Account
from config_api.crypto import MasterKeys
from config_api.members.models import Invitation, Membership
from config_api.members.schemas import InvitationCreate, MembershipPublic
from config_api.models import Organisation, now
from config_api.notices.service import notify
from config_api.problems import Conflict, Forbidden, Invalid, NotFound
from config_api.records import find
from config_api.tokens import digest, new_token

LIFETIME = timedelta(days=14)
MOST = 100


async def waiting(session: AsyncSession) -> Sequence[Invitation]:
    """Those that can still be accepted, oldest first."""
    alive = col(Invitation.expires_at) > now()
    return (await session.exec(select(Invitation).where(alive).order_by(col(Invitation.created_at)))).all()


async def invite(
    session: AsyncSession, organisation_id: UUID, data: InvitationCreate, master_keys: MasterKeys
) -> Invitation:
    """Whoever is invited again gets a new link, and the old one is good no longer.

    Raises Conflict (`member_exists`, `too_many_invitations`).
    """
    organisation = await find(session, Organisation, organisation_id)
    known = await session.exec(select(Account.id).where(func.lower(Account.email) == data.email.lower()))
    if known.first() is not None:  # the role sees members only
        raise Conflict("member_exists")
    if len(await waiting(session)) >= MOST:
        raise Conflict("too_many_invitations")
    token, kept = new_token()
    invitation = Invitation(
        organisation_id=organisation_id,
        email=data.email,
        role=data.role,
        token_digest=kept,
        expires_at=now() + LIFETIME,
    )
    values = invitation.model_dump()
    once = ["organisation_id", func.lower(Invitation.email)]
    await session.exec(insert(Invitation).values(values).on_conflict_do_update(index_elements=once, set_=values))
    await notify(
        session,
        master_keys,
        "invitation",
        data.email,
        language=data.language,
        link=f"/invitation#token={token}",
        values={"organisation": organisation.name, "role": data.role},
    )
    return invitation


async def withdraw(session: AsyncSession, invitation_id: UUID) -> None:
    """Raises NotFound (`invitation_unknown`)."""
    gone = await session.exec(delete(Invitation).where(col(Invitation.id) == invitation_id))
    if gone.rowcount == 0:
        raise NotFound("invitation_unknown")


async def accept(session: AsyncSession, account_id: UUID, token: str) -> MembershipPublic:
    """Whoever is a member already keeps the role. Raises Invalid (`link_not_valid`), or Forbidden
    (`invitation_for_another_address`), and the invitation stays then.
    """
    alive = col(Invitation.expires_at) > now()
    used = delete(Invitation).where(col(Invitation.token_digest) == digest(token), alive).returning(Invitation)
    invitation = (await session.exec(used)).scalar_one_or_none()
    if invitation is None:
        raise Invalid("link_not_valid")
    account = await session.get_one(Account, account_id)
    if (account.email or "").lower() != invitation.email.lower():
        raise Forbidden("invitation_for_another_address")
    key = {"organisation_id": invitation.organisation_id, "account_id": account_id}
    row = insert(Membership).values(**key, role=invitation.role, created_at=now())
    await session.exec(row.on_conflict_do_nothing())
    membership = await session.get_one(Membership, tuple(key.values()))
    return MembershipPublic.model_validate(membership, from_attributes=True)
