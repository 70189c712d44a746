from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from config_api.deps import PrincipalDep, TenantSession
from config_api.knowledge import history, service
from config_api.knowledge.exchange import endpoints as exchange
from config_api.knowledge.schemas import (
    ChangePublic,
    ChangeSetPublic,
    KnowledgeBulkCreate,
    KnowledgeCreate,
    KnowledgePublic,
    KnowledgeUpdate,
    VersionPublic,
)
from config_api.knowledge.service import Search, get_search
from config_api.models import Assistant, KnowledgeEntry
from config_api.records import Page, Paging, find, get_paging, list_page

router = APIRouter(prefix="/organisations/{organisation_id}/assistants/{assistant_id}/knowledge", tags=["knowledge"])
# Before `/{entry_id}`, which would take their paths for ids.
router.include_router(exchange.router)

PagingDep = Annotated[Paging, Depends(get_paging)]


@router.get("")
async def list_knowledge(
    assistant_id: UUID, session: TenantSession, paging: PagingDep, wanted: Annotated[Search, Depends(get_search)]
) -> Page[KnowledgePublic]:
    """An assistant's knowledge, oldest first."""
    rows, cursor = await list_page(session, service.search(assistant_id, wanted), KnowledgeEntry, paging)
    if not rows:
        await find(session, Assistant, assistant_id)
    return Page(items=[KnowledgePublic.model_validate(row) for row in rows], next_cursor=cursor)


@router.post("", status_code=201)
async def create_knowledge(
    assistant_id: UUID, data: KnowledgeCreate, session: TenantSession, caller: PrincipalDep
) -> KnowledgePublic:
    """Adds an entry."""
    (entry,) = await service.create(session, assistant_id, [data], actor=caller.name)
    return KnowledgePublic.model_validate(entry)


@router.post("/bulk", status_code=201)
async def create_knowledge_in_bulk(
    assistant_id: UUID, data: KnowledgeBulkCreate, session: TenantSession, caller: PrincipalDep
) -> list[KnowledgePublic]:
    """Adds up to 1,000 entries, all or none."""
    entries = await service.create(session, assistant_id, data.entries, actor=caller.name)
    return [KnowledgePublic.model_validate(entry) for entry in entries]


@router.get("/changes")
async def list_knowledge_changes(
    assistant_id: UUID, session: TenantSession, paging: PagingDep
) -> Page[ChangeSetPublic]:
    """What was changed, newest first, for as long as it can be taken back."""
    await find(session, Assistant, assistant_id)
    rows, cursor = await history.sets(session, assistant_id, paging)
    return Page(items=[ChangeSetPublic.model_validate(row) for row in rows], next_cursor=cursor)


@router.get("/changes/{change_set_id}")
async def get_knowledge_changes(
    assistant_id: UUID, change_set_id: UUID, session: TenantSession, paging: PagingDep
) -> Page[ChangePublic]:
    """Each entry of a change set, before and after."""
    found = await history.find_set(session, assistant_id, change_set_id)
    rows, cursor = await history.changes_of(session, found, paging)
    return Page(items=[ChangePublic.model_validate(row) for row in rows], next_cursor=cursor)


@router.post("/changes/{change_set_id}/undo", status_code=201)
async def undo_knowledge_changes(
    assistant_id: UUID, change_set_id: UUID, session: TenantSession, caller: PrincipalDep
) -> ChangeSetPublic:
    """Takes a change set back as a whole, which is a change set itself."""
    made = await service.undo(session, assistant_id, change_set_id, actor=caller.name)
    return ChangeSetPublic.model_validate(made)


@router.get("/{entry_id:uuid}")
async def get_knowledge(assistant_id: UUID, entry_id: UUID, session: TenantSession) -> KnowledgePublic:
    """One entry."""
    return KnowledgePublic.model_validate(await service.find_entry(session, assistant_id, entry_id))


@router.get("/{entry_id:uuid}/versions")
async def list_knowledge_versions(
    assistant_id: UUID, entry_id: UUID, session: TenantSession, paging: PagingDep
) -> Page[VersionPublic]:
    """What happened to one entry, newest first, also after it was deleted."""
    rows, cursor = await history.versions(session, assistant_id, entry_id, paging)
    items = [
        VersionPublic(
            **ChangePublic.model_validate(each).model_dump(), change_set=ChangeSetPublic.model_validate(change_set)
        )
        for each, change_set in rows
    ]
    return Page(items=items, next_cursor=cursor)


@router.patch("/{entry_id:uuid}")
async def update_knowledge(
    assistant_id: UUID, entry_id: UUID, data: KnowledgeUpdate, session: TenantSession, caller: PrincipalDep
) -> KnowledgePublic:
    """Changes an entry; what is left out stays as it is, a date given as null is removed."""
    entry = await service.modify(session, assistant_id, entry_id, data, actor=caller.name)
    return KnowledgePublic.model_validate(entry)


@router.delete("/{entry_id:uuid}", status_code=204)
async def delete_knowledge(assistant_id: UUID, entry_id: UUID, session: TenantSession, caller: PrincipalDep) -> None:
    """Deletes an entry; its text is kept for undoing only, and only for a while."""
    await service.delete(session, assistant_id, entry_id, actor=caller.name)
