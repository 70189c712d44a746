"""Organisations: the tenants."""

from contextlib import AbstractAsyncContextManager
from uuid import UUID

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.assistants.service import delete_assistants
from config_api.database import Database
from config_api.mailboxes.service import watch_from_now
from config_api.members.models import Membership
from config_api.models import Assistant, Mailbox, Organisation, now
from config_api.organisations.schemas import OrganisationCreate, OrganisationUpdate
from config_api.outbox import next_revision
from config_api.principal import Principal
from config_api.records import change, find


def visible_to(caller: Principal, database: Database) -> AbstractAsyncContextManager[AsyncSession]:
    """A transaction that sees the organisations the caller belongs to."""
    if caller.operator:
        return database.service()
    if caller.organisation_id is not None:
        return database.tenant(caller.organisation_id)
    assert caller.account_id is not None
    return database.account(caller.account_id)


async def create(
    session: AsyncSession, organisation_id: UUID, data: OrganisationCreate, *, owner: UUID | None
) -> Organisation:
    organisation = Organisation(id=organisation_id, **data.model_dump())
    session.add(organisation)
    await session.flush()
    if owner is not None:
        session.add(Membership(organisation_id=organisation_id, account_id=owner, role="owner"))
    return organisation


async def modify(session: AsyncSession, organisation_id: UUID, data: OrganisationUpdate) -> Organisation:
    """Its name and switch are part of what the services know of each assistant and mailbox, so all of those change."""
    revision = await next_revision(session)
    organisation = await find(session, Organisation, organisation_id)
    sent = data.model_dump(exclude_unset=True)
    if sent.get("active") and not organisation.active:
        await watch_from_now(session, col(Mailbox.organisation_id) == organisation_id, revision)
    change(organisation, sent)
    for model in (Assistant, Mailbox):
        mine = update(model).where(col(model.organisation_id) == organisation_id)
        await session.exec(mine.values(revision=revision))
    return organisation


async def delete(session: AsyncSession, organisation_id: UUID) -> None:
    await delete_assistants(session, col(Assistant.organisation_id) == organisation_id)
    change(await find(session, Organisation, organisation_id), {"active": False, "deleted_at": now()})
