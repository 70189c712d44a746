"""Who belongs to an organisation, and who is asked to."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlmodel import Field

from config_api.models import Base, Timestamp, now


class Membership(Base, table=True):
    """`role` is `owner` or `member`."""

    __table_args__ = (
        ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        Index("membership_account", "account_id"),
    )

    organisation_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    role: str
    created_at: datetime = Field(default_factory=now, sa_type=Timestamp)


class Invitation(Base, table=True):
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        Index("invitation_once", "organisation_id", text("lower(email)"), unique=True),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID
    email: str
    role: str
    token_digest: bytes = Field(unique=True)
    created_at: datetime = Field(default_factory=now, sa_type=Timestamp)
    expires_at: datetime = Field(sa_type=Timestamp)
