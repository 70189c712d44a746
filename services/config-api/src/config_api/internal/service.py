"""What the services may know: the configuration since a revision, and an assistant's knowledge."""

from collections.abc import Iterable
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.mailboxes.service import account_of
from config_api.models import Assistant, KnowledgeEntry, Mailbox, Organisation, Revision
from config_api.plans.models import Plan
from config_api.records import find
from shared import config
from shared.errors import PermanentError

log = structlog.get_logger(__name__)

CURRENT = text("SELECT n FROM config.revision")


class Snapshots:
    def __init__(self, database: Database, master_keys: MasterKeys) -> None:
        self._database = database
        self._master_keys = master_keys

    async def changes(self, since: int) -> config.ConfigDelta:
        """Everything that was committed after revision `since`.

        Asked before every draft that is written, and then nearly always nothing has changed: one statement on one row.
        A `since` that does not exist yet comes from before the database was restored; the answer is then everything,
        under a smaller revision.
        """
        async with self._database.outside_transactions() as connection:
            current: int = (await connection.execute(CURRENT)).scalar_one()
        if current == since:
            return config.ConfigDelta(revision=since)
        async with self._database.service(snapshot=True) as session:
            return await self._delta(session, since if since < current else 0)

    async def knowledge(self, assistant_id: UUID) -> config.KnowledgeSnapshot:
        """Raises NotFound (`assistant_unknown`)."""
        async with self._database.service(snapshot=True) as session:
            assistant = await find(session, Assistant, assistant_id)
            query = select(KnowledgeEntry).where(KnowledgeEntry.assistant_id == assistant_id)
            query = query.where(col(KnowledgeEntry.deleted_at).is_(None)).order_by(col(KnowledgeEntry.created_at))
            entries = tuple(config.KnowledgeEntry.model_validate(row.model_dump()) for row in await session.exec(query))
        return config.KnowledgeSnapshot(
            assistant_id=assistant_id, knowledge_revision=assistant.knowledge_revision, entries=entries
        )

    async def _delta(self, session: AsyncSession, since: int) -> config.ConfigDelta:
        revision = (await session.exec(select(Revision.n))).one()
        assistants = (
            await session.exec(
                select(Assistant, Organisation, Plan)
                .join(Organisation, col(Organisation.id) == Assistant.organisation_id)
                .outerjoin(Plan, col(Plan.organisation_id) == Assistant.organisation_id)
                .where(Assistant.revision > since)
            )
        ).all()
        mailboxes = (
            await session.exec(
                select(Mailbox, Organisation)
                .join(Organisation, col(Organisation.id) == Mailbox.organisation_id)
                .where(Mailbox.revision > since)
            )
        ).all()
        known = ((mailbox, owner) for mailbox, owner in mailboxes if mailbox.deleted_at is None)
        tombstones = [row.id for row, *_ in (*assistants, *mailboxes) if row.deleted_at is not None]
        return config.ConfigDelta(
            revision=revision,
            assistants=tuple(_assistant(row, owner, plan) for row, owner, plan in assistants if row.deleted_at is None),
            mailboxes=tuple(self._mailboxes(known)),
            deleted=tuple(tombstones) if since else (),
        )

    def _mailboxes(self, rows: Iterable[tuple[Mailbox, Organisation]]) -> Iterable[config.Mailbox]:
        """A mailbox whose password cannot be read is left out, and the others are not held up by it."""
        for mailbox, organisation in rows:
            try:
                account = account_of(mailbox, self._master_keys)
            except PermanentError as error:
                log.error("mailbox_password_unreadable", mailbox_id=str(mailbox.id), reason=error.reason)
                continue
            values = mailbox.model_dump() | {"account": account}
            values["active"] = mailbox.active and organisation.at_work
            yield config.Mailbox.model_validate(values)


def _assistant(row: Assistant, organisation: Organisation, plan: Plan | None) -> config.Assistant:
    until = plan.active_until if plan else None
    values = row.model_dump() | {"organisation_name": organisation.name, "active_until": until}
    values["active"] = row.active and organisation.at_work
    return config.Assistant.model_validate(values)
