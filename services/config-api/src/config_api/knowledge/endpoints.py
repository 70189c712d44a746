from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from config_api.deps import TenantSession
from config_api.fields import NO_CONTROLS
from config_api.knowledge import service
from config_api.knowledge.schemas import KnowledgeBulkCreate, KnowledgeCreate, KnowledgePublic, KnowledgeUpdate
from config_api.models import Assistant, KnowledgeEntry
from config_api.records import Page, Paging, find, get_paging, list_page

router = APIRouter(prefix="/organisations/{organisation_id}/assistants/{assistant_id}/knowledge", tags=["knowledge"])


@router.get("")
async def list_knowledge(
    assistant_id: UUID,
    session: TenantSession,
    paging: Annotated[Paging, Depends(get_paging)],
    q: Annotated[str, Query(max_length=200, pattern=NO_CONTROLS, description="Words that must all occur")] = "",
) -> Page[KnowledgePublic]:
    """An assistant's knowledge, oldest first."""
    await find(session, Assistant, assistant_id)
    rows, cursor = await list_page(session, service.search(assistant_id, q), KnowledgeEntry, paging)
    return Page(items=[KnowledgePublic.model_validate(row) for row in rows], next_cursor=cursor)


@router.post("", status_code=201)
async def create_knowledge(assistant_id: UUID, data: KnowledgeCreate, session: TenantSession) -> KnowledgePublic:
    """Adds an entry."""
    (entry,) = await service.create(session, assistant_id, [data])
    return KnowledgePublic.model_validate(entry)


@router.post("/bulk", status_code=201)
async def create_knowledge_in_bulk(
    assistant_id: UUID, data: KnowledgeBulkCreate, session: TenantSession
) -> list[KnowledgePublic]:
    """Adds up to 1,000 entries, all or none."""
    entries = await service.create(session, assistant_id, data.entries)
    return [KnowledgePublic.model_validate(entry) for entry in entries]


@router.get("/{entry_id}")
async def get_knowledge(assistant_id: UUID, entry_id: UUID, session: TenantSession) -> KnowledgePublic:
    """One entry."""
    return KnowledgePublic.model_validate(await service.find_entry(session, assistant_id, entry_id))


@router.patch("/{entry_id}")
async def update_knowledge(
    assistant_id: UUID, entry_id: UUID, data: KnowledgeUpdate, session: TenantSession
) -> KnowledgePublic:
    """Changes an entry; what is left out stays as it is, a date given as null is removed."""
    return KnowledgePublic.model_validate(await service.modify(session, assistant_id, entry_id, data))


@router.delete("/{entry_id}", status_code=204)
async def delete_knowledge(assistant_id: UUID, entry_id: UUID, session: TenantSession) -> None:
    """Deletes an entry and its text."""
    await service.delete(session, assistant_id, entry_id)
