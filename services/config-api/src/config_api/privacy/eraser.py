"""Erases in the background what is due, and what waits in the outbox about those who are to be forgotten."""

from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Select, delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.models import now
from config_api.notices.service import QUEUE as NOTICES
from config_api.notices.service import opened
from config_api.outbox import outbox_table as outbox
from config_api.privacy import erasure
from config_api.privacy.inventory import take_inventory
from config_api.privacy.people import name_digest
from shared.database import repeatedly
from shared.errors import PermanentError, TransientError
from shared.events import AuditRecorded, ErasureRequested

log = structlog.get_logger(__name__)

POLL_SECONDS = 2.0


class Eraser:
    def __init__(self, database: Database, master_keys: MasterKeys) -> None:
        self._database = database
        self._master_keys = master_keys

    async def run(self) -> None:
        """For ever; what fails is tried again, and holds up nobody else's."""
        await repeatedly(lambda: self.sweep_due(now()), seconds=POLL_SECONDS, complaint="erasures_not_made")

    async def sweep_due(self, moment: datetime) -> None:
        """Each organisation in a transaction of its own."""
        async with self._database.service() as session:
            waiting = await erasure.due(session, moment)
        if not waiting:
            return
        inventory = await take_inventory(self._database)
        for organisation_id in waiting:
            try:
                async with self._database.tenant(organisation_id) as session:
                    await erasure.sweep(session, inventory, organisation_id, moment, self._master_keys)
            except Exception:
                log.exception("organisation_not_erased", organisation_id=str(organisation_id))

    async def on_erasure_requested(self, event: ErasureRequested) -> None:
        """Nobody has a right to the outbox's payloads but its owner."""
        try:
            async with self._database.outside_transactions() as connection:
                await self._forget_in_log_lines(connection, event)
                await self._forget_notices(connection, event)
        except (SQLAlchemyError, OSError):
            raise TransientError("database_unavailable") from None

    async def _forget_in_log_lines(self, connection: AsyncConnection, event: ErasureRequested) -> None:
        """That something happened goes on to the security log; from where and under which name does not."""
        rows = await connection.execute(_waiting(AuditRecorded.topic))
        for row in rows.all():
            line = AuditRecorded.model_validate_json(row.payload)
            if _is_about(line, event):
                bare = line.model_copy(update={"address": "", "user_name": ""}).model_dump_json().encode()
                await connection.execute(update(outbox).where(outbox.c.id == row.id).values(payload=bare))

    async def _forget_notices(self, connection: AsyncConnection, event: ErasureRequested) -> None:
        """But for the one that says that the account is deleted."""
        rows = await connection.execute(_waiting(NOTICES)) if event.name_digests else ()
        for row in rows:
            try:
                notice = opened(row.payload, self._master_keys)
            except PermanentError:
                continue
            if name_digest(notice.recipient) in event.name_digests and notice.kind != "account_deleted":
                await connection.execute(delete(outbox).where(outbox.c.id == row.id))


def _waiting(queue: str) -> Select[Any, Any]:
    return select(outbox.c.id, outbox.c.payload).where(outbox.c.queue == queue)


def _is_about(line: AuditRecorded, event: ErasureRequested) -> bool:
    if event.organisation_id is not None and line.organisation_id == event.organisation_id:
        return True
    person = str(event.account_id)
    return person in (line.actor, line.subject) or name_digest(line.user_name) in event.name_digests
