"""The overview: three statements, over counts by day, over what became of each message, and over the knowledge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.models import now
from config_api.overview.schemas import (
    KnowledgeOverview,
    KnowledgeUse,
    Overview,
    OverviewDay,
    ReasonCount,
    SecondsToDraft,
)
from config_api.usage.schemas import Sums
from config_api.usage.service import Prices, added, counts
from config_api.usage.statements import HOME

EXPIRES_WITHIN = timedelta(days=30)
SHOWN = 10

# One pass for all of it: a row for each day, one for each reason, and one for everything (GROUPING tells them apart).
SETTLED = text("""
    SELECT grouping(day) AS no_day, grouping(reason) AS no_reason, day, outcome, reason, count(*) AS messages,
        coalesce(sum(open_points), 0) AS open_points,
        count(*) FILTER (WHERE open_points > 0) AS with_open_points,
        count(*) FILTER (WHERE outcome = 'drafted' AND needs_human) AS needs_human,
        count(*) FILTER (WHERE outcome = 'drafted' AND knowledge_ids = '{}') AS without_knowledge,
        count(seconds) AS timed,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS p50,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95
    FROM (
        SELECT (settled.settled_at AT TIME ZONE :zone)::date AS day, outcome, reason, open_points, needs_human,
            knowledge_ids,
            CASE WHEN outcome = 'drafted' AND settled.received_at >= mailbox.created_at
                THEN greatest(0, extract(epoch FROM settled.settled_at - settled.received_at))::float
            END AS seconds
        FROM config.settled_message AS settled LEFT JOIN config.mailbox AS mailbox ON mailbox.id = settled.mailbox_id
        WHERE settled.organisation_id = :organisation_id AND settled.settled_at >= :since
            AND (CAST(:assistant_id AS uuid) IS NULL OR settled.assistant_id = :assistant_id)
    ) AS messages
    GROUP BY GROUPING SETS ((day), (outcome, reason), ())
""")

# Materialised: with statistics that are a while old, it would be worked out anew for every entry.
KNOWLEDGE = text("""
    WITH used AS MATERIALIZED (
        SELECT id, count(*) AS uses, max(settled_at) AS last_used_at
        FROM config.settled_message, unnest(knowledge_ids) AS id
        WHERE organisation_id = :organisation_id AND settled_at >= :since AND outcome = 'drafted'
        GROUP BY id
    ), entry AS (
        SELECT e.id, assistant_id, left(coalesce(nullif(question, ''), answer), 200) AS question, valid_until,
            coalesce(uses, 0) AS uses, last_used_at, coalesce(valid_until < :today, false) AS expired,
            coalesce(valid_until BETWEEN :today AND :soon, false) AS expiring
        FROM config.knowledge_entry AS e LEFT JOIN used ON used.id = e.id
        WHERE organisation_id = :organisation_id AND deleted_at IS NULL
            AND (CAST(:assistant_id AS uuid) IS NULL OR assistant_id = :assistant_id)
    ), ranked AS (
        SELECT *, uses = 0 AND NOT expired AS unused,
            row_number() OVER (ORDER BY uses DESC, question, id) AS by_use,
            row_number() OVER (PARTITION BY uses = 0 AND NOT expired ORDER BY question, id) AS among_unused,
            row_number() OVER (PARTITION BY expiring ORDER BY valid_until, question, id) AS among_expiring,
            count(*) OVER () AS entries, count(*) FILTER (WHERE uses = 0 AND NOT expired) OVER () AS all_unused,
            count(*) FILTER (WHERE expiring) OVER () AS all_expiring,
            count(*) FILTER (WHERE expired) OVER () AS all_expired
        FROM entry
    )
    SELECT * FROM ranked
    WHERE (uses > 0 AND by_use <= :shown) OR (unused AND among_unused <= :shown)
        OR (expiring AND among_expiring <= :shown) OR by_use = 1
    ORDER BY by_use
""")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose, and from which day to which, both included."""

    organisation_id: UUID
    assistant_id: UUID | None
    first: date
    last: date

    @classmethod
    def of(cls, organisation_id: UUID, assistant_id: UUID | None, days: int) -> Self:
        """The last days, today among them."""
        today = now().astimezone(HOME).date()
        return cls(organisation_id, assistant_id, today - timedelta(days=days - 1), today)

    def values(self) -> dict[str, Any]:
        since = datetime.combine(self.first, time(), HOME)
        return {"organisation_id": self.organisation_id, "assistant_id": self.assistant_id, "since": since}


async def overview(session: AsyncSession, scope: Scope, prices: Prices) -> Overview:
    """In the organisation's own transaction."""
    connection = await session.connection()
    rows = (await connection.execute(SETTLED, scope.values() | {"zone": HOME.key})).all()
    whole = next(row for row in rows if row.no_day and row.no_reason)
    days = {scope.first + timedelta(days=n): _empty(scope, n) for n in range((scope.last - scope.first).days + 1)}
    for day, sums in await counts(session, scope.first, scope.last, "day", prices, scope.assistant_id):
        days[day] = added(days[day], sums)
    for row in rows:
        if not row.no_day and row.day in days:
            opened = {"with_open_points": row.with_open_points, "open_points": row.open_points}
            days[row.day] = days[row.day].model_copy(update=opened)
    total = Sums()
    for each in days.values():
        total = added(total, each)
    return Overview(
        first=scope.first,
        last=scope.last,
        days=list(days.values()),
        total=total,
        with_open_points=whole.with_open_points,
        open_points=whole.open_points,
        without_knowledge=whole.without_knowledge,
        needs_human=whole.needs_human,
        reasons=_reasons(rows),
        seconds_to_draft=SecondsToDraft(count=whole.timed, p50=whole.p50, p95=whole.p95),
        knowledge=await _knowledge(session, scope),
    )


def _empty(scope: Scope, n: int) -> OverviewDay:
    return OverviewDay(day=scope.first + timedelta(days=n))


def _reasons(rows: Sequence[Row[Any]]) -> list[ReasonCount]:
    """Most frequent first."""
    found = [row for row in rows if not row.no_reason and row.outcome != "drafted"]
    found.sort(key=lambda row: (-row.messages, row.reason))
    return [ReasonCount(outcome=row.outcome, reason=row.reason, count=row.messages) for row in found]


async def _knowledge(session: AsyncSession, scope: Scope) -> KnowledgeOverview:
    values = scope.values() | {"today": scope.last, "soon": scope.last + EXPIRES_WITHIN, "shown": SHOWN}
    rows = (await (await session.connection()).execute(KNOWLEDGE, values)).all()
    first = rows[0] if rows else None
    return KnowledgeOverview(
        entries=first.entries if first else 0,
        unused=first.all_unused if first else 0,
        expiring=first.all_expiring if first else 0,
        expired=first.all_expired if first else 0,
        most_used=[_use(row) for row in rows if row.uses and row.by_use <= SHOWN],
        never_used=[_use(row) for row in sorted(rows, key=_among_unused) if row.unused and row.among_unused <= SHOWN],
        ends_soon=[_use(row) for row in sorted(rows, key=_ending) if row.expiring and row.among_expiring <= SHOWN],
    )


def _among_unused(row: Row[Any]) -> int:
    return row.among_unused


def _ending(row: Row[Any]) -> int:
    return row.among_expiring


def _use(row: Row[Any]) -> KnowledgeUse:
    return KnowledgeUse.model_validate({name: getattr(row, name) for name in KnowledgeUse.model_fields})
