"""What knowledge was, and became, with each change."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from config_api.models import Base, Timestamp, now


class KnowledgeChangeSet(Base, table=True):
    """What was changed at once, and by whom: `kind` is `edit`, `import` or `undo`. `actor` is a principal's name."""

    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        ForeignKeyConstraint(
            ["organisation_id", "assistant_id"], ["assistant.organisation_id", "assistant.id"], ondelete="CASCADE"
        ),
        Index("knowledge_change_set_page", "assistant_id", "created_at", "id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID
    assistant_id: UUID
    kind: str
    undoes: UUID | None = None
    actor: str
    added: int = 0
    changed: int = 0
    removed: int = 0
    created_at: datetime = Field(default_factory=now, sa_type=Timestamp)


class KnowledgeChange(Base, table=True):
    """One entry in a change set. `before` is NULL where it was new, `after` where it was deleted."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "change_set_id"],
            ["knowledge_change_set.organisation_id", "knowledge_change_set.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["organisation_id", "entry_id"],
            ["knowledge_entry.organisation_id", "knowledge_entry.id"],
            ondelete="CASCADE",
        ),
        Index("knowledge_change_entry", "entry_id"),
    )

    change_set_id: UUID = Field(primary_key=True)
    entry_id: UUID = Field(primary_key=True)
    organisation_id: UUID
    before: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    after: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
