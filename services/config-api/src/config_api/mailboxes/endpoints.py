from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlmodel import select

from config_api.deps import MasterKeysDep, TenantSession
from config_api.mailboxes import service
from config_api.mailboxes.schemas import MailboxCreate, MailboxPublic, MailboxUpdate
from config_api.models import Mailbox
from config_api.records import Page, Paging, find, get_paging, list_page

router = APIRouter(prefix="/organisations/{organisation_id}/mailboxes", tags=["mailboxes"])


@router.get("")
async def list_mailboxes(session: TenantSession, paging: Annotated[Paging, Depends(get_paging)]) -> Page[MailboxPublic]:
    """The organisation's mailboxes with how they are, oldest first."""
    rows, cursor = await list_page(session, select(Mailbox), Mailbox, paging)
    return Page(items=[MailboxPublic.of(row) for row in rows], next_cursor=cursor)


@router.post("", status_code=201)
async def create_mailbox(
    organisation_id: UUID, data: MailboxCreate, session: TenantSession, master_keys: MasterKeysDep
) -> MailboxPublic:
    """Adds a mailbox; it is watched within seconds."""
    return MailboxPublic.of(await service.create(session, organisation_id, data, master_keys))


@router.get("/{mailbox_id}")
async def get_mailbox(mailbox_id: UUID, session: TenantSession) -> MailboxPublic:
    """One mailbox and how it is."""
    return MailboxPublic.of(await find(session, Mailbox, mailbox_id))


@router.patch("/{mailbox_id}")
async def update_mailbox(
    mailbox_id: UUID, data: MailboxUpdate, session: TenantSession, master_keys: MasterKeysDep
) -> MailboxPublic:
    """Changes a mailbox; `active` False stops drafts for it at once. What is left out stays as it is."""
    return MailboxPublic.of(await service.modify(session, mailbox_id, data, master_keys))


@router.delete("/{mailbox_id}", status_code=204)
async def delete_mailbox(mailbox_id: UUID, session: TenantSession) -> None:
    """Deletes a mailbox and its password."""
    await service.delete(session, mailbox_id)
