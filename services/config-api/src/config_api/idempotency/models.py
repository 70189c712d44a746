from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Index
from sqlmodel import Field

from config_api.models import Base, Timestamp, now


class IdempotencyKey(Base, table=True):
    """A create that is under way or done. `digest` is of who asked and of the key that was sent with it.

    `request` and `answer` are sealed (see crypto): what was asked for, as a digest, and what was answered. Until
    there is an answer `expires_at` is when the create counts as given up.
    """

    __table_args__ = (Index("idempotency_key_expires_at", "expires_at"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    digest: bytes = Field(unique=True)
    request: str
    answer: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=Timestamp)
    expires_at: datetime = Field(sa_type=Timestamp)
