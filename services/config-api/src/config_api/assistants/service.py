"""Assistants: who drafts, and how."""

from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.activity import budgets
from config_api.assistants.schemas import AssistantCreate, AssistantUpdate
from config_api.crypto import MasterKeys
from config_api.knowledge import history
from config_api.knowledge import service as knowledge
from config_api.mailboxes.service import watch_from_now
from config_api.models import Assistant, KnowledgeEntry, Mailbox, now
from config_api.oauth.revocation import DESTROYED, revoke_grants
from config_api.outbox import next_revision
from config_api.plans.limits import require_room
from config_api.records import change, find
from config_api.starting_points.service import load

LIMITS = {"daily_limit", "monthly_token_budget"}
START = {"starting_point", "starting_language"}


async def create(session: AsyncSession, organisation_id: UUID, data: AssistantCreate, *, actor: str) -> Assistant:
    """With the knowledge of its starting point as one change, which can be taken back. Raises Conflict
    (`plan_limit_reached`).
    """
    revision = await next_revision(session)
    await require_room(session, Assistant, organisation_id)
    assistant = Assistant(
        organisation_id=organisation_id,
        revision=revision,
        knowledge_revision=revision,
        **data.model_dump(exclude=START),
    )
    session.add(assistant)
    await session.flush()
    if data.starting_point is not None:
        start = load(data.starting_point, data.starting_language)
        assistant.instructions = data.instructions or start.instructions
        await knowledge.add(session, assistant, start.knowledge, actor=actor, kind="import")
    return assistant


async def modify(session: AsyncSession, assistant_id: UUID, data: AssistantUpdate) -> Assistant:
    revision = await next_revision(session)
    assistant = await find(session, Assistant, assistant_id)
    sent = data.model_dump(exclude_unset=True)
    if sent.get("active") and not assistant.active:
        await watch_from_now(session, col(Mailbox.assistant_id) == assistant_id, revision)
    change(assistant, sent | {"revision": revision})
    if LIMITS & sent.keys():
        await budgets.review(session, assistant)
    return assistant


async def delete(session: AsyncSession, assistant_id: UUID, master_keys: MasterKeys) -> None:
    await find(session, Assistant, assistant_id)
    await delete_assistants(session, col(Assistant.id) == assistant_id, master_keys)


async def delete_assistants(session: AsyncSession, which: ColumnElement[bool], master_keys: MasterKeys) -> None:
    """With their mailboxes and knowledge. Tombstones keep ids and times; passwords and texts are gone."""
    moment = now()
    tombstone = {"deleted_at": moment, "updated_at": moment}
    changed = {"revision": await next_revision(session), "active": False}
    ids = (await session.exec(select(Assistant.id).where(which, col(Assistant.deleted_at).is_(None)))).all()
    await revoke_grants(session, col(Mailbox.assistant_id).in_(ids), master_keys)
    mailboxes = update(Mailbox).where(col(Mailbox.assistant_id).in_(ids), col(Mailbox.deleted_at).is_(None))
    await session.exec(mailboxes.values(**DESTROYED, **changed, **tombstone))
    entries = update(KnowledgeEntry).where(col(KnowledgeEntry.assistant_id).in_(ids))
    await session.exec(entries.where(col(KnowledgeEntry.deleted_at).is_(None)).values(**history.EMPTY, **tombstone))
    await history.forget(session, ids)
    await session.exec(update(Assistant).where(col(Assistant.id).in_(ids)).values(**changed, **tombstone))
