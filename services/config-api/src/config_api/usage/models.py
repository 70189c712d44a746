"""What was used, by the day; it outlives the messages it counts."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from config_api.models import Base


class UsageDay(Base, table=True):
    """An assistant's messages that settled on one day of their mailbox's time zone. `model` is empty without one.

    `tried` is how often it was tried out: with tokens and working time, but no messages.
    """

    __table_args__ = (Index("usage_day_page", "organisation_id", "day"),)

    organisation_id: UUID
    assistant_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    model: str = Field(primary_key=True)
    drafted: int = 0
    skipped: int = 0
    failed: int = 0
    tried: int = 0
    tokens_in: int = Field(default=0, sa_type=BigInteger)
    tokens_out: int = Field(default=0, sa_type=BigInteger)
    duration_ms: int = Field(default=0, sa_type=BigInteger)


# Its columns with the types that SQLAlchemy has for them.
usage_days = Base.metadata.tables["config.usage_day"]
