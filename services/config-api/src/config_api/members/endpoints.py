from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from config_api.deps import NO_KEYS, OWNERS, AccountId, AuthSession, MasterKeysDep, PrincipalDep, TenantSession
from config_api.members import invitations, service
from config_api.members.schemas import (
    InvitationAccept,
    InvitationCreate,
    InvitationPublic,
    MemberPublic,
    MembershipPublic,
    MemberUpdate,
)
from config_api.records import Page, Paging, get_paging
from config_api.security import gate
from config_api.security.trail import Trail, TrailDep

router = APIRouter(tags=["members"])
members = APIRouter(prefix="/organisations/{organisation_id}/members", dependencies=[NO_KEYS])
invited = APIRouter(prefix="/organisations/{organisation_id}/invitations", dependencies=[OWNERS])


@members.get("")
async def list_members(session: TenantSession, paging: Annotated[Paging, Depends(get_paging)]) -> Page[MemberPublic]:
    """The people who belong to the organisation, oldest membership first."""
    return await service.list_members(session, paging)


@members.patch("/{account_id}", dependencies=[OWNERS])
async def update_member(
    organisation_id: UUID, account_id: UUID, data: MemberUpdate, session: TenantSession, trail: TrailDep
) -> MemberPublic:
    """Makes a member an owner, or an owner a member; the last owner stays one."""
    member = await service.set_role(session, organisation_id, account_id, data.role)
    await trail.record(session, f"member.made_{data.role}", account_id)
    return member


@members.delete("/{account_id}", status_code=204)
async def remove_member(organisation_id: UUID, account_id: UUID, session: TenantSession, trail: TrailDep) -> None:
    """An owner removes a member, or anybody leaves; the last owner first makes somebody else one."""
    how = await service.remove(session, organisation_id, account_id, trail.caller)
    await trail.record(session, f"member.{how}", account_id)


@invited.get("")
async def list_invitations(session: TenantSession) -> list[InvitationPublic]:
    """Invitations that can still be accepted, oldest first; there are never more than 100."""
    return [InvitationPublic.model_validate(row) for row in await invitations.waiting(session)]


async def admit_invitation(request: Request) -> None:
    """Before a transaction begins, since others may have to be asked."""
    await gate.admit(request, "invitation")


@invited.post("", status_code=201, dependencies=[Depends(admit_invitation)])
async def invite_member(
    organisation_id: UUID, data: InvitationCreate, session: TenantSession, master_keys: MasterKeysDep, trail: TrailDep
) -> InvitationPublic:
    """Mails a link with which the person with this address becomes a member within 14 days."""
    invitation = await invitations.invite(session, organisation_id, data, master_keys)
    await trail.record(session, "member.invited", invitation.id)
    return InvitationPublic.model_validate(invitation)


@invited.delete("/{invitation_id}", status_code=204)
async def withdraw_invitation(invitation_id: UUID, session: TenantSession, trail: TrailDep) -> None:
    """Makes the link in the mail worthless."""
    await invitations.withdraw(session, invitation_id)
    await trail.record(session, "invitation.withdrawn", invitation_id)


@router.post("/invitations/accept")
async def accept_invitation(
    data: InvitationAccept, request: Request, caller: PrincipalDep, account_id: AccountId, session: AuthSession
) -> MembershipPublic:
    """Makes whoever is logged in a member; their address has to be the one that was invited."""
    membership = await invitations.accept(session, account_id, data.token)
    await Trail(request, caller, membership.organisation_id).record(session, "member.joined", account_id)
    return membership


router.include_router(members)
router.include_router(invited)
