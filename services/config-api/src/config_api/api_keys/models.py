"""Keys with which programs use the API for one organisation."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from config_api.models import Base, Timestamp, now


class ApiKey(Base, table=True):
    """`start` is the key's first characters, by which people tell keys apart."""

    __table_args__ = (
        ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        Index("api_key_page", "organisation_id", "created_at", "id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID
    name: str
    start: str
    token_digest: bytes = Field(unique=True)
    scopes: list[str] = Field(default_factory=list, sa_type=ARRAY(String))
    created_at: datetime = Field(default_factory=now, sa_type=Timestamp)
    expires_at: datetime | None = Field(default=None, sa_type=Timestamp)
    last_used_at: datetime | None = Field(default=None, sa_type=Timestamp)
