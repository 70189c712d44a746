"""Drafts a day and tokens a month: where a limit is reached, the assistant pauses until the day or the month ends."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.models import Assistant, Mailbox, now
from config_api.notices.owners import notify_owners
from config_api.outbox import next_revision
from config_api.records import change

HOME = "Europe/Berlin"
USED = text("""
    SELECT coalesce(sum(tokens_in + tokens_out), 0) AS tokens,
        coalesce(sum(drafted) FILTER (WHERE day = :day), 0) AS drafted
    FROM config.usage_day WHERE assistant_id = :assistant_id AND day BETWEEN :first AND :day
""")


@dataclass(frozen=True, slots=True)
class Pause:
    reason: str
    until: datetime


async def due_pause(
    connection: AsyncConnection,
    assistant_id: UUID,
    day: date,
    zone: ZoneInfo,
    *,
    daily_limit: int | None,
    token_budget: int | None,
) -> Pause | None:
    """What the counts of that day, and of its month, call for; the longer pause where both do.

    A day is the mailbox's. Where an assistant's mailboxes lie in several time zones, their days are counted by date.
    """
    if daily_limit is None and token_budget is None:
        return None
    first = day.replace(day=1)
    values = {"assistant_id": assistant_id, "first": first, "day": day}
    used = (await connection.execute(USED, values)).one()
    if token_budget is not None and used.tokens >= token_budget:
        return Pause("token_budget", _midnight((first + timedelta(days=32)).replace(day=1), zone))
    if daily_limit is not None and used.drafted >= daily_limit:
        return Pause("daily_limit", _midnight(day + timedelta(days=1), zone))
    return None


async def pause(
    database: Database, master_keys: MasterKeys, organisation_id: UUID, assistant_id: UUID, found: Pause
) -> None:
    """Pauses the assistant and tells the owners, once however many messages call for it at the same time."""
    async with database.tenant(organisation_id) as session:
        revision = await next_revision(session)
        query = select(Assistant).where(Assistant.id == assistant_id, col(Assistant.deleted_at).is_(None))
        assistant = (await session.exec(query)).one_or_none()
        if assistant is None or (assistant.paused_reason, assistant.paused_until) == (found.reason, found.until):
            return
        _set(assistant, found)
        assistant.revision = revision
        link = f"/organisations/{organisation_id}/assistants/{assistant_id}"
        await notify_owners(
            session,
            master_keys,
            "budget_reached",
            organisation_id,
            link=link,
            values={"assistant": assistant.name, "reason": found.reason},
        )


async def review(session: AsyncSession, assistant: Assistant) -> None:
    """After its limits were changed: goes on at once, or pauses. The revision is the caller's."""
    zone = await home_of(session, assistant.id)
    found = await due_pause(
        await session.connection(),
        assistant.id,
        now().astimezone(zone).date(),
        zone,
        daily_limit=assistant.daily_limit,
        token_budget=assistant.monthly_token_budget,
    )
    _set(assistant, found)


async def home_of(session: AsyncSession, assistant_id: UUID) -> ZoneInfo:
    """Where the assistant's first mailbox is."""
    query = select(Mailbox.time_zone).where(Mailbox.assistant_id == assistant_id, col(Mailbox.deleted_at).is_(None))
    return ZoneInfo((await session.exec(query.order_by(col(Mailbox.created_at)).limit(1))).first() or HOME)


def _set(assistant: Assistant, found: Pause | None) -> None:
    change(assistant, {"paused_until": found and found.until, "paused_reason": found.reason if found else ""})


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """When that day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
