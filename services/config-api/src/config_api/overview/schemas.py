from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from config_api.usage.schemas import Sums


class OverviewDay(Sums):
    """`with_open_points` are drafts that leave something open, `open_points` all that they leave open."""

    day: date
    with_open_points: int = 0
    open_points: int = 0


class ReasonCount(BaseModel):
    outcome: Literal["skipped", "failed"]
    reason: str
    count: int


class SecondsToDraft(BaseModel):
    """From a mail's arrival to its draft in the mailbox, of mail that came since the mailbox was added."""

    count: int
    p50: float | None
    p95: float | None


class KnowledgeUse(BaseModel):
    """An entry, and in how many drafts it was used."""

    id: UUID
    assistant_id: UUID
    question: str
    uses: int
    last_used_at: datetime | None
    valid_until: date | None


class KnowledgeOverview(BaseModel):
    """Counts of entries, and the first few of each kind. `unused` are those that no draft has needed in that time,
    `expiring` those that are valid for at most 30 days more, `expired` those that were.
    """

    entries: int
    unused: int
    expiring: int
    expired: int
    most_used: list[KnowledgeUse]
    never_used: list[KnowledgeUse]
    ends_soon: list[KnowledgeUse]


class Overview(BaseModel):
    """Both days included. `without_knowledge` are drafts that rest on no entry, `needs_human` those that a person has
    to decide on.
    """

    first: date
    last: date
    days: list[OverviewDay]
    total: Sums
    with_open_points: int
    open_points: int
    without_knowledge: int
    needs_human: int
    reasons: list[ReasonCount]
    seconds_to_draft: SecondsToDraft
    knowledge: KnowledgeOverview
