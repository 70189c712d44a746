"""Erasing an organisation for good: its rows here, and by an event what the other services hold."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Table, UpdateBase, Uuid, delete, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.crypto import MasterKeys
from config_api.models import Mailbox, Organisation, now
from config_api.organisations import service as organisations
from config_api.outbox import announce, next_revision
from config_api.privacy.inventory import ORGANISATION, Inventory, owner_column
from config_api.problems import Conflict
from config_api.records import find
from shared.events import AuditRecorded, ErasureRequested

UNDO = timedelta(days=7)
# What was on the bus at the first sweep may be written after it; the bus keeps nothing longer than a day. What invoices
# rest on is kept for as long as the law asks for (in Germany 8 years from the end of the year), and goes with the last.
SWEEPS_AFTER = (timedelta(0), timedelta(hours=1), timedelta(hours=25), timedelta(days=9 * 366))

# They stay as bare ids and times, from which services that were away learn what is no more.
TOMBSTONES = frozenset({"organisation", "assistant", "mailbox"})
# What statements are worked out from: counts by the day, and which plan was when. Of people nothing stays in them.
FOR_INVOICES: Mapping[str, Mapping[str, str]] = {"usage_day": {}, "plan_change": {"actor": ""}}

OF_TOMBSTONES = frozenset({"deleted_at", "revision", "knowledge_revision", "erase_at", "sweeps"})


async def schedule(session: AsyncSession, organisation_id: UUID) -> Organisation:
    """From now on nothing is worked on, and in 7 days everything is erased. A second time changes nothing."""
    organisation = await find(session, Organisation, organisation_id)
    if organisation.erase_at is not None:
        return organisation
    return await organisations.apply(session, organisation_id, {"erase_at": now() + UNDO})


async def undo(session: AsyncSession, organisation_id: UUID) -> Organisation:
    """Raises Conflict (`no_erasure_to_undo`)."""
    if (await find(session, Organisation, organisation_id)).erase_at is None:
        raise Conflict("no_erasure_to_undo")
    return await organisations.apply(session, organisation_id, {"erase_at": None})


async def at_once(session: AsyncSession, organisation_id: UUID, master_keys: MasterKeys) -> None:
    """It is gone for everybody with this transaction; its rows are swept right after."""
    await organisations.delete(session, organisation_id, master_keys)
    await session.exec(update(Organisation).where(col(Organisation.id) == organisation_id).values(erase_at=now()))


async def due(session: AsyncSession, moment: datetime) -> list[UUID]:
    """Organisations that are to be erased, or swept once more."""
    return list(await session.exec(select(Organisation.id).where(col(Organisation.erase_at) <= moment)))


async def sweep(
    session: AsyncSession, inventory: Inventory, organisation_id: UUID, moment: datetime, master_keys: MasterKeys
) -> None:
    """Erases what is there, whatever has been erased before. `session` is the organisation's own, and sees no other."""
    await next_revision(session)
    query = select(Organisation).where(Organisation.id == organisation_id, col(Organisation.erase_at) <= moment)
    if (organisation := (await session.exec(query.with_for_update())).one_or_none()) is None:
        return  # another replica was first
    if organisation.deleted_at is None:
        await organisations.delete(session, organisation_id, master_keys)
    if organisation.sweeps == 0:
        await announce(session, _erased(organisation_id))
    last = _move_on(organisation)
    await session.flush()
    mailbox_ids = tuple(await session.exec(select(Mailbox.id).where(Mailbox.organisation_id == organisation_id)))
    connection = await session.connection()
    for table in reversed(inventory.of_organisations()):
        for statement in _emptying(table, organisation_id, last=last):
            await connection.execute(statement)
    await announce(session, ErasureRequested(organisation_id=organisation_id, mailbox_ids=mailbox_ids))


def _move_on(organisation: Organisation) -> bool:
    """Whether there is no further sweep to come."""
    organisation.sweeps += 1
    left = SWEEPS_AFTER[organisation.sweeps :]
    organisation.erase_at = (organisation.deleted_at or now()) + left[0] if left else None
    return not left


def _erased(organisation_id: UUID) -> AuditRecorded:
    subject = str(organisation_id)
    return AuditRecorded(
        actor="config-api", action="organisation.erased", organisation_id=organisation_id, subject=subject
    )


def _emptying(table: Table, organisation_id: UUID, *, last: bool) -> Sequence[UpdateBase]:
    theirs = owner_column(table, ORGANISATION) == organisation_id
    if last or table.name not in TOMBSTONES | FOR_INVOICES.keys():
        return [delete(table).where(theirs)]
    values = _blank(table) if table.name in TOMBSTONES else FOR_INVOICES[table.name]
    return [update(table).where(theirs).values(values)] if values else []


def _blank(table: Table) -> Mapping[str, Any]:
    """Every column but ids and times as if nothing had ever been entered."""
    return {
        column.name: _nothing(column)
        for column in table.columns
        if column.name not in OF_TOMBSTONES and (column.nullable or not isinstance(column.type, Uuid | DateTime))
    }


def _nothing(column: Column[Any]) -> Any:
    """NULL, the default, or "", 0, False or [], whichever comes first."""
    if column.nullable:
        return None
    if column.server_default is not None:
        return text("DEFAULT")
    return column.type.python_type()
