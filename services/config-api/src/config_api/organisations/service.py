"""Organisations: the tenants."""

from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

from sqlmodel import col, update
from sqlmodel import delete as sql_delete
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.api_keys.models import ApiKey
from config_api.assistants.service import delete_assistants
from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.mailboxes.service import watch_from_now
from config_api.members.models import Invitation, Membership
from config_api.models import Assistant, Mailbox, Organisation, now
from config_api.organisations.schemas import OrganisationCreate, OrganisationUpdate
from config_api.outbox import next_revision
from config_api.plans import service as plans
from config_api.principal import Principal
from config_api.records import change, find

KNOWN = {"name", "active", "restricted_at", "erase_at"}  # to the services


def visible_to(caller: Principal, database: Database) -> AbstractAsyncContextManager[AsyncSession]:
    """A transaction that sees the organisations the caller belongs to."""
    if caller.operator:
        return database.service()
    if caller.organisation_id is not None:
        return database.tenant(caller.organisation_id)
    assert caller.account_id is not None
    return database.account(caller.account_id)


async def create(
    session: AsyncSession, organisation_id: UUID, data: OrganisationCreate, caller: Principal
) -> Organisation:
    organisation = Organisation(id=organisation_id, **data.model_dump())
    session.add(organisation)
    await session.flush()
    if caller.account_id is not None:
        session.add(Membership(organisation_id=organisation_id, account_id=caller.account_id, role="owner"))
    await plans.begin(session, organisation_id, trial=not caller.operator, actor=caller.name)
    return organisation


async def modify(session: AsyncSession, organisation_id: UUID, data: OrganisationUpdate) -> Organisation:
    return await apply(session, organisation_id, data.model_dump(exclude_unset=True))


async def apply(session: AsyncSession, organisation_id: UUID, changes: dict[str, Any]) -> Organisation:
    """What the services know of it is part of each assistant and mailbox, so all of those change with it."""
    revision = await next_revision(session)
    organisation = await find(session, Organisation, organisation_id)
    was_at_work = organisation.at_work
    change(organisation, changes)
    if organisation.at_work and not was_at_work:
        await watch_from_now(session, col(Mailbox.organisation_id) == organisation_id, revision)
    if not KNOWN & changes.keys():
        return organisation
    for model in (Assistant, Mailbox):
        mine = update(model).where(col(model.organisation_id) == organisation_id)
        await session.exec(mine.values(revision=revision))
    return organisation


async def delete(session: AsyncSession, organisation_id: UUID, master_keys: MasterKeys) -> None:
    """Nobody has a role in it any more, so nobody finds it."""
    await delete_assistants(session, col(Assistant.organisation_id) == organisation_id, master_keys)
    for model in (Invitation, ApiKey, Membership):
        await session.exec(sql_delete(model).where(col(model.organisation_id) == organisation_id))
    change(await find(session, Organisation, organisation_id), {"active": False, "deleted_at": now()})
