from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.events import Outcome


class SettledMessagePublic(BaseModel):
    """What became of one message, when, and what it cost; nothing of what it said.

    `generation` counts the times the owner had it tried again, `duration_ms` is the drafter's whole work, and
    `open_points` are the questions that the draft leaves to a person.
    """

    model_config = ConfigDict(from_attributes=True)

    message_id: UUID
    generation: int
    assistant_id: UUID
    mailbox_id: UUID
    outcome: Outcome
    reason: str
    needs_human: bool
    knowledge_ids: list[UUID]
    model: str
    tokens_in: int
    tokens_out: int
    duration_ms: int
    open_points: int
    received_at: datetime
    settled_at: datetime


class DraftPublic(BaseModel):
    """A draft as it lies in the mailbox now. `text` has its signature, `quoted` is the mail that it answers."""

    message_id: UUID
    mailbox_id: UUID
    folder: str
    subject: str
    to: list[str]
    text: str
    quoted: str
