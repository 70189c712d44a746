"""What an organisation may use, until when, and on what terms."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlmodel import Field

from config_api.models import Base, Timestamp, now


class Plan(Base, table=True):
    """`kind` is `trial` until `trial_ends_at`, `standard`, or `ended` since `ended_at`.

    `notices_sent` counts what the owners were told of the trial's end: a week before, a day before, when it had ended.
    """

    __table_args__ = (
        ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        Index("plan_trial", "trial_ends_at", postgresql_where=text("kind = 'trial'")),
    )

    organisation_id: UUID = Field(primary_key=True)
    kind: str
    trial_ends_at: datetime | None = Field(default=None, sa_type=Timestamp)
    ended_at: datetime | None = Field(default=None, sa_type=Timestamp)
    notices_sent: int = 0
    max_assistants: int
    max_mailboxes: int
    created_at: datetime = Field(default_factory=now, sa_type=Timestamp)
    updated_at: datetime = Field(default_factory=now, sa_type=Timestamp)

    @property
    def active_until(self) -> datetime | None:
        """From when on nothing is drafted; None where no end is in sight."""
        return {"trial": self.trial_ends_at, "ended": self.ended_at}.get(self.kind)


class PlanChange(Base, table=True):
    """Which plan began when, who chose it, and on what terms: what a statement is worked out from."""

    __table_args__ = (
        ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        Index("plan_change_page", "organisation_id", "began_at", "id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID
    kind: str
    began_at: datetime = Field(sa_type=Timestamp)
    actor: str
    price_terms: str = ""
    recorded_at: datetime = Field(default_factory=now, sa_type=Timestamp)
