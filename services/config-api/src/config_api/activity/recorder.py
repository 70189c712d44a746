"""How messages ended: kept, counted, and held against the assistants' limits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from prometheus_client import Counter
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from config_api.activity.budgets import HOME, Pause, due_pause, pause
from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.models import now
from config_api.usage.service import Prices, cost
from shared.events import MessageSettled, Usage

COST = Counter("kinamik_model_cost_euros_total", "What models cost for messages that have settled", ["model"])
UNPRICED = Counter("kinamik_unpriced_tokens_total", "Tokens of models that `model_prices` does not name")

# This runs for every message, so as plain SQL: building these statements anew took as long as running them.
PLACE = text("""
    SELECT daily_limit, monthly_token_budget, paused_until, paused_reason, deleted_at,
        (SELECT time_zone FROM config.mailbox WHERE id = :mailbox_id) AS time_zone
    FROM config.assistant WHERE id = :assistant_id
""")
# The row and what it counts for: both, or neither where the row is there already.
COUNT = text("""
    WITH new AS (
        INSERT INTO config.settled_message (message_id, generation, organisation_id, assistant_id, mailbox_id, outcome,
            reason, needs_human, knowledge_ids, model, tokens_in, tokens_out, duration_ms, open_points, received_at,
            settled_at)
        VALUES (:message_id, :generation, :organisation_id, :assistant_id, :mailbox_id, :outcome,
            :reason, :needs_human, :knowledge_ids, :model, :tokens_in, :tokens_out, :duration_ms, :open_points,
            :received_at, :occurred_at)
        ON CONFLICT DO NOTHING
        RETURNING *
    )
    INSERT INTO config.usage_day AS counted (organisation_id, assistant_id, day, model, drafted, skipped, failed,
        tokens_in, tokens_out, duration_ms)
    SELECT organisation_id, assistant_id, CAST(:day AS date), model, CAST(outcome = 'drafted' AS int),
        CAST(outcome = 'skipped' AS int), CAST(outcome = 'failed' AS int), tokens_in, tokens_out, duration_ms
    FROM new
    ON CONFLICT (assistant_id, day, model) DO UPDATE SET
        drafted = counted.drafted + excluded.drafted,
        skipped = counted.skipped + excluded.skipped,
        failed = counted.failed + excluded.failed,
        tokens_in = counted.tokens_in + excluded.tokens_in,
        tokens_out = counted.tokens_out + excluded.tokens_out,
        duration_ms = counted.duration_ms + excluded.duration_ms
""")


@dataclass(frozen=True, slots=True)
class Place:
    """What day it is at the mailbox, and the assistant's limits; `limits` is None for one that is gone."""

    zone: ZoneInfo
    day: date
    limits: Row[Any] | None


class ActivityRecorder:
    def __init__(
        self,
        database: Database,
        master_keys: MasterKeys,
        clock: Callable[[], datetime] = now,
        *,
        prices: Prices | None = None,
    ) -> None:
        self._database = database
        self._prices = prices or {}
        for model in self._prices:
            COST.labels(model)
        self._master_keys = master_keys
        self._clock = clock

    async def on_message_settled(self, event: MessageSettled) -> None:
        """The first event about a message and generation counts; it may come again.

        The limits are looked at each time, so that a pause that was not reached for a crash in between still comes.
        """
        async with self._database.tenant(event.organisation_id) as session:
            connection = await session.connection()
            place = await _place(connection, event)
            values = event.model_dump(exclude={"usage"}) | event.usage.model_dump() | {"day": place.day}
            counted = await connection.execute(COUNT, values | {"knowledge_ids": list(event.knowledge_ids)})
            found = await self._due(connection, event, place)
        if counted.rowcount:
            self._count(event.usage)
        if found is not None:
            await pause(self._database, self._master_keys, event.organisation_id, event.assistant_id, found)

    def _count(self, usage: Usage) -> None:
        if price := self._prices.get(usage.model):
            COST.labels(usage.model).inc(float(cost(price, usage.tokens_in, usage.tokens_out)))
        else:
            UNPRICED.inc(usage.tokens_in + usage.tokens_out)

    async def _due(self, connection: AsyncConnection, event: MessageSettled, place: Place) -> Pause | None:
        """A pause that is called for and not made yet, or not for as long."""
        if (limits := place.limits) is None:
            return None
        found = await due_pause(
            connection,
            event.assistant_id,
            place.day,
            place.zone,
            daily_limit=limits.daily_limit,
            token_budget=limits.monthly_token_budget,
        )
        if found is None or found.until <= self._clock():
            return None
        made = (limits.paused_reason, limits.paused_until) == (found.reason, found.until)
        return None if made else found


async def _place(connection: AsyncConnection, event: MessageSettled) -> Place:
    ids = {"assistant_id": event.assistant_id, "mailbox_id": event.mailbox_id}
    row = (await connection.execute(PLACE, ids)).one_or_none()
    zone = ZoneInfo(row.time_zone if row and row.time_zone else HOME)
    day = event.occurred_at.astimezone(zone).date()
    return Place(zone, day, row if row and row.deleted_at is None else None)
