"""Import: what a preview has shown, exactly that is done, or nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import col, insert, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.database import Database
from config_api.knowledge import history, service
from config_api.knowledge.exchange.plan import Known, Plan, plan
from config_api.knowledge.exchange.table import Unreadable
from config_api.knowledge.exchange.upload import Upload
from config_api.knowledge.history import Change, content
from config_api.knowledge.models import KnowledgeChangeSet
from config_api.knowledge.schemas import KnowledgeContent, KnowledgePublic
from config_api.models import Assistant, KnowledgeEntry, now
from config_api.outbox import next_revision
from config_api.problems import Conflict
from config_api.records import Paging, change, find, list_page

PAGE = 500


@dataclass(frozen=True, slots=True)
class Planned:
    """What an import does to the knowledge of this revision; `digest` stands for that, and is None with faults."""

    plan: Plan
    entries: dict[UUID, KnowledgeEntry]
    revision: int
    digest: str | None


async def preview(session: AsyncSession, assistant_id: UUID, upload: Upload) -> Planned:
    """What the import would do now. Takes a second for 10,000 rows, in a thread."""
    revision = (await find(session, Assistant, assistant_id)).knowledge_revision
    query = select(KnowledgeEntry).where(KnowledgeEntry.assistant_id == assistant_id)
    query = query.where(col(KnowledgeEntry.deleted_at).is_(None))
    rows = (await session.exec(query.order_by(col(KnowledgeEntry.created_at), col(KnowledgeEntry.id)))).all()
    made = await asyncio.to_thread(_plan, rows, upload)
    return Planned(made, {row.id: row for row in rows}, revision, made.digest(assistant_id, revision))


async def apply(
    session: AsyncSession, assistant_id: UUID, upload: Upload, *, actor: str
) -> tuple[Plan, KnowledgeChangeSet | None]:
    """Raises Conflict (`import_outdated`) where the digest stands for anything else than what would be done now."""
    planned = await preview(session, assistant_id, upload)
    made = planned.plan
    if planned.digest is None or planned.digest != upload.digest:
        raise Conflict("import_outdated")
    if not made.steps:
        return made, None
    # Changes wait for each other from here on, so not before everything is worked out.
    revision = await next_revision(session)
    assistant = await find(session, Assistant, assistant_id)
    await session.refresh(assistant)
    if assistant.knowledge_revision != planned.revision:
        raise Conflict("import_outdated")
    change(assistant, {"revision": revision, "knowledge_revision": revision})
    changes = await _written(session, assistant, planned)
    return made, await history.record(session, assistant, changes, actor=actor, kind="import")


async def pages(
    database: Database, organisation_id: UUID, assistant_id: UUID
) -> AsyncIterator[Sequence[KnowledgePublic]]:
    """All entries, oldest first. Each page is a transaction of its own: whoever reads slowly holds no connection."""
    cursor: str | None = None
    query = service.search(assistant_id, service.Search())
    while True:
        async with database.tenant(organisation_id) as session:
            rows, cursor = await list_page(session, query, KnowledgeEntry, Paging(limit=PAGE, cursor=cursor))
        yield [KnowledgePublic.model_validate(row) for row in rows]
        if cursor is None:
            return


def _plan(rows: Sequence[KnowledgeEntry], upload: Upload) -> Plan:
    known = [Known(row.id, content(row)) for row in rows]
    try:
        return plan(upload.table(), known, remove_missing=upload.remove_missing)
    except Unreadable as error:
        made = Plan()
        made.faults.add(error.row, error.column, error.reason)
        return made


async def _written(session: AsyncSession, assistant: Assistant, planned: Planned) -> list[Change]:
    changes: list[Change] = []
    added: list[dict[str, Any]] = []
    owner = {"organisation_id": assistant.organisation_id, "assistant_id": assistant.id}
    began = now()
    for position, step in enumerate(planned.plan.steps):
        entry_id = step.entry_id or uuid4()
        changes.append(Change(entry_id, step.before, step.after))
        if step.entry_id is not None:
            history.put_back(planned.entries[step.entry_id], step.after)
            continue
        # A list shows them as the file has them.
        moment = began + timedelta(microseconds=position)
        values = KnowledgeContent.model_validate(step.after).model_dump()
        added.append({**owner, **values, "id": entry_id, "created_at": moment, "updated_at": moment})
    if added:
        await session.exec(insert(KnowledgeEntry), params=added)
    await session.flush()
    return changes
