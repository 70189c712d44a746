"""What an organisation's rows are no longer needed for goes by itself, by age."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import col, select

from config_api.activity import service as activity
from config_api.database import Database
from config_api.knowledge import history
from config_api.knowledge.models import KnowledgeChangeSet
from config_api.models import SettledMessage, now
from config_api.settings import Settings
from shared.database import repeatedly

EVERY_SECONDS = 6 * 3600.0


class Retention:
    """Any number of them may run side by side."""

    def __init__(self, database: Database, settings: Settings, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    async def maintain(self) -> None:
        """For ever."""
        await repeatedly(self.turn, seconds=EVERY_SECONDS, complaint="retention_failed")

    async def turn(self) -> None:
        """In a transaction for each organisation, which is all that its role may delete from."""
        history_before = self._clock() - timedelta(days=self._settings.knowledge_history_days)
        activity_before = self._clock() - timedelta(days=self._settings.activity_days)
        old = (
            select(KnowledgeChangeSet.organisation_id).where(col(KnowledgeChangeSet.created_at) < history_before),
            select(SettledMessage.organisation_id).where(col(SettledMessage.settled_at) < activity_before),
        )
        async with self._database.service() as session:
            organisations = {row for query in old for row in await session.exec(query.distinct())}
        for organisation_id in organisations:
            async with self._database.tenant(organisation_id) as session:
                await history.forget_before(session, history_before)
                await activity.forget_before(session, activity_before)
