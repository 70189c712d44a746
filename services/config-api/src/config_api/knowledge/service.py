"""Knowledge: what the organisation's answers rest on."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import func
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from config_api.fields import NO_CONTROLS, Day
from config_api.knowledge import history
from config_api.knowledge.history import Change, content
from config_api.knowledge.models import KnowledgeChangeSet
from config_api.knowledge.schemas import KnowledgeCreate, KnowledgeUpdate
from config_api.models import Assistant, KnowledgeEntry
from config_api.outbox import next_revision
from config_api.problems import NotFound
from config_api.records import change, find


class Search(BaseModel):
    words: str = ""
    tag: str | None = None
    language: str | None = None
    valid_on: date | None = None


async def get_search(
    q: Annotated[str, Query(max_length=200, pattern=NO_CONTROLS, description="Words that must all occur")] = "",
    tag: Annotated[str | None, Query(max_length=500, pattern=NO_CONTROLS)] = None,
    language: Annotated[str | None, Query(pattern=r"^[a-z]{2,3}$")] = None,
    valid_on: Annotated[Day | None, Query(description="Only what is valid on this day")] = None,
) -> Search:
    return Search(words=q, tag=tag, language=language, valid_on=valid_on)


def search(assistant_id: UUID, wanted: Search) -> SelectOfScalar[KnowledgeEntry]:
    """Entries that contain every word, in the question, the answer, the examples or the tags."""
    entry = KnowledgeEntry
    query = select(entry).where(entry.assistant_id == assistant_id)
    lists = (func.array_to_string(column, "\n") for column in (col(entry.examples), col(entry.tags)))
    texts = (col(entry.question), col(entry.answer), *lists)
    for word in wanted.words.split():
        query = query.where(or_(*(text.icontains(word, autoescape=True) for text in texts)))
    if wanted.tag is not None:
        query = query.where(func.array_position(col(entry.tags), wanted.tag).is_not(None))
    if wanted.language is not None:
        query = query.where(entry.language == wanted.language)
    if (day := wanted.valid_on) is not None:
        begun = or_(col(entry.valid_from).is_(None), col(entry.valid_from) <= day)
        query = query.where(begun, or_(col(entry.valid_until).is_(None), col(entry.valid_until) >= day))
    return query


async def find_entry(session: AsyncSession, assistant_id: UUID, entry_id: UUID) -> KnowledgeEntry:
    """Raises NotFound (`knowledge_entry_unknown`), also where the entry is another assistant's."""
    entry = await find(session, KnowledgeEntry, entry_id)
    if entry.assistant_id != assistant_id:
        raise NotFound("knowledge_entry_unknown")
    return entry


async def create(
    session: AsyncSession, assistant_id: UUID, entries: Iterable[KnowledgeCreate], *, actor: str
) -> Sequence[KnowledgeEntry]:
    """All of them under one revision, or none. Raises NotFound (`assistant_unknown`)."""
    return await add(session, await changing(session, assistant_id), entries, actor=actor)


async def add(
    session: AsyncSession,
    assistant: Assistant,
    entries: Iterable[KnowledgeCreate],
    *,
    actor: str,
    kind: Literal["edit", "import"] = "edit",
) -> Sequence[KnowledgeEntry]:
    """To an assistant that has its revision already."""
    owner = {"organisation_id": assistant.organisation_id, "assistant_id": assistant.id}
    rows = [KnowledgeEntry(**owner, **entry.model_dump()) for entry in entries]
    session.add_all(rows)
    await session.flush()
    changes = [Change(row.id, None, content(row)) for row in rows]
    await history.record(session, assistant, changes, actor=actor, kind=kind)
    return rows


async def modify(
    session: AsyncSession, assistant_id: UUID, entry_id: UUID, data: KnowledgeUpdate, *, actor: str
) -> KnowledgeEntry:
    """Raises NotFound (`assistant_unknown`, `knowledge_entry_unknown`)."""
    assistant = await changing(session, assistant_id)
    entry = await find_entry(session, assistant_id, entry_id)
    before = content(entry)
    change(entry, data.model_dump(exclude_unset=True))
    if (after := content(entry)) != before:
        await history.record(session, assistant, [Change(entry_id, before, after)], actor=actor)
    return entry


async def delete(session: AsyncSession, assistant_id: UUID, entry_id: UUID, *, actor: str) -> None:
    """Raises NotFound (`assistant_unknown`, `knowledge_entry_unknown`)."""
    assistant = await changing(session, assistant_id)
    entry = await find_entry(session, assistant_id, entry_id)
    gone = Change(entry_id, content(entry), None)
    history.put_back(entry, None)
    await history.record(session, assistant, [gone], actor=actor)


async def undo(session: AsyncSession, assistant_id: UUID, change_set_id: UUID, *, actor: str) -> KnowledgeChangeSet:
    """Raises as `history.undo` does, and NotFound (`assistant_unknown`)."""
    return await history.undo(session, await changing(session, assistant_id), change_set_id, actor=actor)


async def changing(session: AsyncSession, assistant_id: UUID) -> Assistant:
    """The assistant under the revision that this transaction makes: nobody else changes anything meanwhile."""
    revision = await next_revision(session)
    assistant = await find(session, Assistant, assistant_id)
    change(assistant, {"revision": revision, "knowledge_revision": revision})
    return assistant
