from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import select

from config_api.deps import (
    DatabaseDep,
    KnownOrganisation,
    LanguageDep,
    MasterKeysDep,
    PrincipalDep,
    SettingsDep,
    TenantSession,
)
from config_api.mailboxes import service, trial
from config_api.mailboxes.candidates import candidate, of_demo
from config_api.mailboxes.discovery import Discovery
from config_api.mailboxes.guard import HostGuardDep
from config_api.mailboxes.health import Health, health
from config_api.mailboxes.looking import MailboxReaderDep
from config_api.mailboxes.schemas import (
    Candidates,
    DiscoveryRequest,
    LastUnanswered,
    MailboxCreate,
    MailboxPublic,
    MailboxTest,
    MailboxUpdate,
    TestResult,
)
from config_api.models import Mailbox
from config_api.records import Page, Paging, find, get_paging, list_page
from config_api.security import log, rations
from config_api.turns import Turns
from shared.mailbox.imap.check import check

router = APIRouter(prefix="/organisations/{organisation_id}/mailboxes", tags=["mailboxes"])


@router.get("")
async def list_mailboxes(session: TenantSession, paging: Annotated[Paging, Depends(get_paging)]) -> Page[MailboxPublic]:
    """The organisation's mailboxes with how they are, oldest first."""
    rows, cursor = await list_page(session, select(Mailbox), Mailbox, paging)
    return Page(items=[MailboxPublic.of(row) for row in rows], next_cursor=cursor)


@router.post("", status_code=201)
async def create_mailbox(
    organisation_id: KnownOrganisation,
    data: MailboxCreate,
    guard: HostGuardDep,
    database: DatabaseDep,
    master_keys: MasterKeysDep,
) -> MailboxPublic:
    """Adds a mailbox; it is watched within seconds."""
    await guard.require_public(data.imap.host)
    async with database.tenant(organisation_id) as session:
        return MailboxPublic.of(await service.create(session, organisation_id, data, master_keys))


@router.post("/discover")
async def discover_mailbox(
    organisation_id: KnownOrganisation,
    data: DiscoveryRequest,
    request: Request,
    caller: PrincipalDep,
    language: LanguageDep,
    settings: SettingsDep,
) -> Candidates:
    """Finds a mailbox's settings from its address alone, within 8 seconds."""
    if demo := of_demo(settings, data.address):
        return Candidates(items=[demo])
    discovery: Discovery = request.app.state.discovery
    turns: Turns = request.app.state.turns
    with turns.take(organisation_id):
        await rations.take(request, "discovery", organisation_id, caller)
        found = await discovery.find(data.address)
    return Candidates(items=[candidate(each, language, settings) for each in found])


@router.post("/test")
async def test_mailbox(
    organisation_id: KnownOrganisation,
    data: MailboxTest,
    guard: HostGuardDep,
    database: DatabaseDep,
    master_keys: MasterKeysDep,
    language: LanguageDep,
    request: Request,
) -> TestResult:
    """Tries settings out, within 15 seconds, and names the first thing that is wrong. Changes nothing anywhere.

    A stored password is tried at no other server than the one it was given for.
    """
    account, folder, drafts_folder = await trial.settings_of(data, database, organisation_id, master_keys)
    turns: Turns = request.app.state.turns
    with turns.take(organisation_id):
        await rations.take(request, "connection_test", organisation_id, guard.caller)
        checked = await check(account, folder, drafts_folder, private_hosts=guard.private_hosts)
    if checked.reason == "host_not_public":
        await guard.note_refusal()
    return trial.result_of(checked, account, language)


@router.get("/{mailbox_id}")
async def get_mailbox(mailbox_id: UUID, session: TenantSession) -> MailboxPublic:
    """One mailbox and how it is."""
    return MailboxPublic.of(await find(session, Mailbox, mailbox_id))


@router.get("/{mailbox_id}/health")
async def get_mailbox_health(mailbox_id: UUID, session: TenantSession, language: LanguageDep) -> Health:
    """How a mailbox is in plain words, since when, and what to do next."""
    return await health(session, await find(session, Mailbox, mailbox_id), language)


@router.post(
    "/{mailbox_id}/last-unanswered",
    response_model=LastUnanswered,
    responses={204: {"description": "There is none of the last 14 days"}},
)
async def find_last_unanswered(
    organisation_id: KnownOrganisation,
    mailbox_id: UUID,
    reader: MailboxReaderDep,
    database: DatabaseDep,
    caller: PrincipalDep,
    request: Request,
) -> LastUnanswered | Response:
    """Looks for the newest mail that waits for an answer, within 15 seconds. Changes nothing, and keeps nothing."""
    async with database.tenant(organisation_id) as session:
        mailbox = await find(session, Mailbox, mailbox_id)
        await log.record(
            session,
            request,
            "mailbox.looked_into",
            actor=caller,
            organisation_id=organisation_id,
            subject=str(mailbox_id),
        )
    await rations.take(request, "connection_test", organisation_id, caller)
    return await reader.last_unanswered(mailbox) or Response(status_code=204)


@router.patch("/{mailbox_id}")
async def update_mailbox(
    organisation_id: KnownOrganisation,
    mailbox_id: UUID,
    data: MailboxUpdate,
    guard: HostGuardDep,
    database: DatabaseDep,
    master_keys: MasterKeysDep,
) -> MailboxPublic:
    """Changes a mailbox; `active` False stops drafts for it at once. What is left out stays as it is."""
    await guard.require_public(data.imap.host if "imap" in data.model_fields_set else None)
    async with database.tenant(organisation_id) as session:
        return MailboxPublic.of(await service.modify(session, mailbox_id, data, master_keys))


@router.delete("/{mailbox_id}", status_code=204)
async def delete_mailbox(mailbox_id: UUID, session: TenantSession, master_keys: MasterKeysDep) -> None:
    """Deletes a mailbox with its password, or ends the grant by which it was opened."""
    await service.delete(session, mailbox_id, master_keys)
