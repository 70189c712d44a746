from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field

from config_api.models import Base, Timestamp, now


class IdempotencyKey(Base, table=True):
    """A create that is under way or done. `digest` is of who asked and of the key that was sent with it.

    What was asked for, as a digest, and what was answered are sealed (see crypto), and go with whoever they are about:
    the person who asked, and the organisation. Until there is an answer `expires_at` is when the create counts as given
    up.
    """

    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        Index("idempotency_key_expires_at", "expires_at"),
        Index("idempotency_key_organisation", "organisation_id"),
        Index("idempotency_key_account", "account_id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID | None = None
    account_id: UUID | None = None
    digest: bytes = Field(unique=True)
    sealed_request: str
    sealed_answer: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=Timestamp)
    expires_at: datetime = Field(sa_type=Timestamp)
