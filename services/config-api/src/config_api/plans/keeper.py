"""Trials end by themselves, and their owners hear of it in time: a week before, a day before, and then."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.models import Organisation, now
from config_api.notices.owners import notify_owners
from config_api.notices.service import Kind
from config_api.outbox import next_revision
from config_api.plans.models import Plan
from config_api.plans.service import locked, switch
from shared.database import repeatedly

log = structlog.get_logger(__name__)

EVERY_SECONDS = 60.0
# How long before the end each notice is due. Of several that are due, only the last is still news.
NOTICES: tuple[tuple[timedelta, Kind], ...] = (
    (timedelta(days=7), "trial_ends_in_7_days"),
    (timedelta(days=1), "trial_ends_tomorrow"),
    (timedelta(0), "trial_ended"),
)
ENDED = len(NOTICES)


class PlanKeeper:
    """Any number of them may run side by side: what is due is looked at again under a lock."""

    def __init__(self, database: Database, master_keys: MasterKeys, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._master_keys = master_keys
        self._clock = clock

    async def maintain(self) -> None:
        """For ever."""
        await repeatedly(self.turn, seconds=EVERY_SECONDS, complaint="plans_not_kept")

    async def turn(self) -> None:
        """Does what is due now; one organisation's failure is not the next one's."""
        for organisation_id, stage in await self._due():
            try:
                async with self._database.tenant(organisation_id) as session:
                    await self._advance(session, organisation_id, stage)
            except DBAPIError:
                log.exception("plan_not_kept", organisation_id=str(organisation_id))

    async def _due(self) -> list[tuple[UUID, int]]:
        at = self._clock()
        ends_at = col(Plan.trial_ends_at)
        late = (
            and_(ends_at <= at + before, col(Plan.notices_sent) < stage) for stage, (before, _) in enumerate(NOTICES, 1)
        )
        query = select(Plan).join(Organisation, col(Organisation.id) == Plan.organisation_id)
        query = query.where(col(Organisation.deleted_at).is_(None), Plan.kind == "trial", or_(*late))
        async with self._database.service() as session:
            return [(plan.organisation_id, _stage(plan, at)) for plan in await session.exec(query)]

    async def _advance(self, session: AsyncSession, organisation_id: UUID, stage: int) -> None:
        """The revision before the lock, as everywhere."""
        at = self._clock()
        revision = await next_revision(session) if stage == ENDED else 0
        plan = await locked(session, organisation_id)
        if plan.kind != "trial" or _stage(plan, at) != stage or plan.notices_sent >= stage:
            return
        plan.notices_sent = stage
        if stage == ENDED and plan.trial_ends_at is not None:
            await switch(session, plan, "ended", plan.trial_ends_at, revision=revision, actor="config-api")
        link = f"/organisations/{organisation_id}/plan"
        await notify_owners(session, self._master_keys, NOTICES[stage - 1][1], organisation_id, link=link)


def _stage(plan: Plan, at: datetime) -> int:
    """How many of the notices are due."""
    if plan.trial_ends_at is None:
        return 0
    return sum(plan.trial_ends_at <= at + before for before, _ in NOTICES)
