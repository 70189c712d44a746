"""Every change of knowledge is kept for a while, and can be taken back as long as nobody has changed the same since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import col, delete, insert, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.knowledge.models import KnowledgeChange, KnowledgeChangeSet
from config_api.knowledge.schemas import KnowledgeContent
from config_api.models import Assistant, KnowledgeEntry, now
from config_api.problems import Conflict, Fault, NotFound
from config_api.records import Paging, change, next_cursor

NAMED_CONFLICTS = 100
EMPTY: Mapping[str, Any] = {"question": "", "answer": "", "examples": [], "tags": []}

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """An entry's content before and after, each as `content` makes it; None where there was no entry."""

    entry_id: UUID
    before: Content | None
    after: Content | None


def content(entry: KnowledgeEntry) -> Content:
    """What can be changed of an entry, as JSON has it."""
    return KnowledgeContent.model_validate(entry).model_dump(mode="json")


async def record(
    session: AsyncSession,
    assistant: Assistant,
    changes: Sequence[Change],
    *,
    actor: str,
    kind: Literal["edit", "import", "undo"] = "edit",
    undoes: UUID | None = None,
) -> KnowledgeChangeSet:
    """Keeps what was changed, for `undo`. The entries are written by whoever changes them."""
    made = KnowledgeChangeSet(
        organisation_id=assistant.organisation_id,
        assistant_id=assistant.id,
        kind=kind,
        undoes=undoes,
        actor=actor,
        added=sum(each.before is None for each in changes),
        removed=sum(each.after is None for each in changes),
        changed=sum(each.before is not None and each.after is not None for each in changes),
    )
    session.add(made)
    await session.flush()
    owner = {"change_set_id": made.id, "organisation_id": assistant.organisation_id}
    rows = [{**owner, "entry_id": each.entry_id, "before": each.before, "after": each.after} for each in changes]
    await session.exec(insert(KnowledgeChange), params=rows)
    return made


async def undo(session: AsyncSession, assistant: Assistant, change_set_id: UUID, *, actor: str) -> KnowledgeChangeSet:
    """Puts every entry of a change set back to what it was.

    Raises NotFound (`knowledge_change_set_unknown`), and Conflict (`entry_changed_since`) with the entries that are no
    longer what the change set made of them; then nothing is done.
    """
    await find_set(session, assistant.id, change_set_id)
    changes = (await session.exec(select(KnowledgeChange).where(KnowledgeChange.change_set_id == change_set_id))).all()
    entries = await _entries(session, assistant.id, [each.entry_id for each in changes])
    changed = [each.entry_id for each in changes if _now(entries.get(each.entry_id)) != each.after]
    if changed:
        faults = [Fault(field=f"entries.{entry_id}", reason="entry_changed_since") for entry_id in changed]
        raise Conflict("entry_changed_since", faults[:NAMED_CONFLICTS])
    for each in changes:
        put_back(entries[each.entry_id], each.before)
    back = [Change(each.entry_id, each.after, each.before) for each in changes]
    return await record(session, assistant, back, actor=actor, kind="undo", undoes=change_set_id)


def put_back(entry: KnowledgeEntry, to: Content | None) -> None:
    """None deletes: the tombstone keeps the id, which drafts may have named, and no text."""
    if to is None:
        return change(entry, {**EMPTY, "deleted_at": now()})
    return change(entry, {**KnowledgeContent.model_validate(to).model_dump(), "deleted_at": None})


async def find_set(session: AsyncSession, assistant_id: UUID, change_set_id: UUID) -> KnowledgeChangeSet:
    """Raises NotFound (`knowledge_change_set_unknown`), also where it is another assistant's, or too old."""
    found = await session.get(KnowledgeChangeSet, change_set_id)
    if found is None or found.assistant_id != assistant_id:
        raise NotFound("knowledge_change_set_unknown")
    return found


async def sets(
    session: AsyncSession, assistant_id: UUID, paging: Paging
) -> tuple[Sequence[KnowledgeChangeSet], str | None]:
    """A page of change sets, newest first."""
    moment, key = col(KnowledgeChangeSet.created_at), col(KnowledgeChangeSet.id)
    query = select(KnowledgeChangeSet).where(KnowledgeChangeSet.assistant_id == assistant_id)
    if after := paging.after():
        query = query.where(tuple_(moment, key) < after)
    rows = (await session.exec(query.order_by(moment.desc(), key.desc()).limit(paging.limit + 1))).all()
    page = rows[: paging.limit]
    return page, next_cursor(page[-1].created_at, page[-1].id) if len(rows) > paging.limit else None


async def changes_of(
    session: AsyncSession, found: KnowledgeChangeSet, paging: Paging
) -> tuple[Sequence[KnowledgeChange], str | None]:
    """A page of what a change set did, by the entries' ids."""
    query = select(KnowledgeChange).where(KnowledgeChange.change_set_id == found.id)
    if after := paging.after():
        query = query.where(col(KnowledgeChange.entry_id) > after[1])
    rows = (await session.exec(query.order_by(col(KnowledgeChange.entry_id)).limit(paging.limit + 1))).all()
    page = rows[: paging.limit]
    return page, next_cursor(found.created_at, page[-1].entry_id) if len(rows) > paging.limit else None


async def versions(
    session: AsyncSession, assistant_id: UUID, entry_id: UUID, paging: Paging
) -> tuple[Sequence[tuple[KnowledgeChange, KnowledgeChangeSet]], str | None]:
    """A page of what happened to one entry, newest first. Raises NotFound where there has never been one."""
    entry = await session.get(KnowledgeEntry, entry_id)
    if entry is None or entry.assistant_id != assistant_id:
        raise NotFound("knowledge_entry_unknown")
    moment, key = col(KnowledgeChangeSet.created_at), col(KnowledgeChangeSet.id)
    query = select(KnowledgeChange, KnowledgeChangeSet).join(
        KnowledgeChangeSet, key == col(KnowledgeChange.change_set_id)
    )
    query = query.where(KnowledgeChange.entry_id == entry_id)
    if after := paging.after():
        query = query.where(tuple_(moment, key) < after)
    rows = (await session.exec(query.order_by(moment.desc(), key.desc()).limit(paging.limit + 1))).all()
    page = rows[: paging.limit]
    last = page[-1][1] if len(rows) > paging.limit else None
    return page, next_cursor(last.created_at, last.id) if last else None


async def forget(session: AsyncSession, assistant_ids: Iterable[UUID]) -> None:
    """Nothing of what these assistants' knowledge once was stays."""
    await session.exec(delete(KnowledgeChangeSet).where(col(KnowledgeChangeSet.assistant_id).in_(assistant_ids)))


async def forget_before(session: AsyncSession, moment: datetime) -> None:
    """As above, by age, for the organisation whose transaction this is."""
    await session.exec(delete(KnowledgeChangeSet).where(col(KnowledgeChangeSet.created_at) < moment))


async def _entries(session: AsyncSession, assistant_id: UUID, ids: Sequence[UUID]) -> dict[UUID, KnowledgeEntry]:
    query = select(KnowledgeEntry).where(KnowledgeEntry.assistant_id == assistant_id, col(KnowledgeEntry.id).in_(ids))
    return {entry.id: entry for entry in await session.exec(query)}


def _now(entry: KnowledgeEntry | None) -> Content | None:
    return None if entry is None or entry.deleted_at is not None else content(entry)
