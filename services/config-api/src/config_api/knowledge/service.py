"""Knowledge: what the organisation's answers rest on."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from config_api.knowledge.schemas import KnowledgeCreate, KnowledgeUpdate
from config_api.models import Assistant, KnowledgeEntry, now
from config_api.outbox import next_revision
from config_api.problems import NotFound
from config_api.records import change, find


def search(assistant_id: UUID, words: str) -> SelectOfScalar[KnowledgeEntry]:
    """Entries that contain every word, in the question or the answer."""
    query = select(KnowledgeEntry).where(KnowledgeEntry.assistant_id == assistant_id)
    for word in words.split():
        question, answer = col(KnowledgeEntry.question), col(KnowledgeEntry.answer)
        query = query.where(or_(question.icontains(word, autoescape=True), answer.icontains(word, autoescape=True)))
    return query


async def find_entry(session: AsyncSession, assistant_id: UUID, entry_id: UUID) -> KnowledgeEntry:
    """Raises NotFound (`knowledge_entry_unknown`), also where the entry is another assistant's."""
    entry = await find(session, KnowledgeEntry, entry_id)
    if entry.assistant_id != assistant_id:
        raise NotFound("knowledge_entry_unknown")
    return entry


async def create(
    session: AsyncSession, assistant_id: UUID, entries: Iterable[KnowledgeCreate]
) -> Sequence[KnowledgeEntry]:
    """All of them under one revision, or none. Raises NotFound (`assistant_unknown`)."""
    assistant = await _changing(session, assistant_id)
    owner = {"organisation_id": assistant.organisation_id, "assistant_id": assistant_id}
    rows = [KnowledgeEntry(**owner, **entry.model_dump()) for entry in entries]
    session.add_all(rows)
    await session.flush()
    return rows


async def modify(session: AsyncSession, assistant_id: UUID, entry_id: UUID, data: KnowledgeUpdate) -> KnowledgeEntry:
    await _changing(session, assistant_id)
    entry = await find_entry(session, assistant_id, entry_id)
    change(entry, data.model_dump(exclude_unset=True))
    return entry


async def delete(session: AsyncSession, assistant_id: UUID, entry_id: UUID) -> None:
    """The tombstone keeps the id, which drafts may have named, and no text."""
    await _changing(session, assistant_id)
    entry = await find_entry(session, assistant_id, entry_id)
    change(entry, {"question": "", "answer": "", "examples": [], "deleted_at": now()})


async def _changing(session: AsyncSession, assistant_id: UUID) -> Assistant:
    revision = await next_revision(session)
    assistant = await find(session, Assistant, assistant_id)
    change(assistant, {"revision": revision, "knowledge_revision": revision})
    return assistant
