from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlmodel import select

from config_api.assistants import service
from config_api.assistants.schemas import AssistantCreate, AssistantPublic, AssistantUpdate
from config_api.deps import MasterKeysDep, PrincipalDep, TenantSession
from config_api.models import Assistant
from config_api.records import Page, Paging, find, get_paging, list_page

router = APIRouter(prefix="/organisations/{organisation_id}/assistants", tags=["assistants"])


@router.get("")
async def list_assistants(
    session: TenantSession, paging: Annotated[Paging, Depends(get_paging)]
) -> Page[AssistantPublic]:
    """The organisation's assistants, oldest first."""
    rows, cursor = await list_page(session, select(Assistant), Assistant, paging)
    return Page(items=[AssistantPublic.model_validate(row) for row in rows], next_cursor=cursor)


@router.post("", status_code=201)
async def create_assistant(
    organisation_id: UUID, data: AssistantCreate, session: TenantSession, caller: PrincipalDep
) -> AssistantPublic:
    """Adds an assistant, empty or from a starting point."""
    return AssistantPublic.model_validate(await service.create(session, organisation_id, data, actor=caller.name))


@router.get("/{assistant_id}")
async def get_assistant(assistant_id: UUID, session: TenantSession) -> AssistantPublic:
    """One assistant."""
    return AssistantPublic.model_validate(await find(session, Assistant, assistant_id))


@router.patch("/{assistant_id}")
async def update_assistant(assistant_id: UUID, data: AssistantUpdate, session: TenantSession) -> AssistantPublic:
    """Changes an assistant; `active` False stops it from drafting at once. What is left out stays as it is."""
    return AssistantPublic.model_validate(await service.modify(session, assistant_id, data))


@router.delete("/{assistant_id}", status_code=204)
async def delete_assistant(assistant_id: UUID, session: TenantSession, master_keys: MasterKeysDep) -> None:
    """Deletes an assistant with its mailboxes, their credentials, and its knowledge."""
    await service.delete(session, assistant_id, master_keys)
