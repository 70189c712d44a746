"""Every event that travels on the bus. Changes are additive only; a golden example of each is in tests/contract.

Fields marked `Sealed` carry mail content: the bus encrypts them, a broker never sees them in the clear.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID, uuid4

from pydantic import Field

from shared.mail import Frozen, Mail


class SealedMark:
    """Marks a field as content (see shared.sealing)."""


Sealed = SealedMark()


def _now() -> datetime:
    return datetime.now(UTC)


class Event(Frozen):
    """Base of all events. `topic` is the Kafka topic and the queue's name."""

    topic: ClassVar[str]

    event_id: UUID = Field(default_factory=uuid4)
    occurred_at: datetime = Field(default_factory=_now)

    @property
    def key(self) -> str:
        """The partition key; events with the same key stay in order."""
        return str(self.event_id)


class MailboxEvent(Event):
    organisation_id: UUID
    mailbox_id: UUID

    @property
    def key(self) -> str:
        return str(self.mailbox_id)


class MessageEvent(MailboxEvent):
    """An event about one message. `message_id` is the ledger's id; `generation` counts the owner's retries from 0."""

    assistant_id: UUID
    message_id: UUID
    generation: int = 0


class MessageReceived(MessageEvent):
    """A mail that a person would have to answer. `provider_id` is its id there (`shared.mailbox.protocol`)."""

    topic: ClassVar[str] = "message-received.v1"

    received_at: datetime
    provider_id: str = ""
    mail: Annotated[Mail, Sealed]


class Usage(Frozen):
    """What a draft cost. `model` is empty for the extractive drafter, `duration_ms` is the drafter's whole work."""

    model: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    duration_ms: int = 0


class Draft(Frozen):
    """The reply's own words, and what they rest on."""

    body: str
    language: Literal["de", "en"] = "de"
    open_questions: tuple[str, ...] = ()


class DraftProposed(MessageEvent):
    """A checked answer, ready to be saved. Recipients and headers are the writer's business."""

    topic: ClassVar[str] = "draft-proposed.v1"

    received_at: datetime
    provider_id: str = ""
    mail: Annotated[Mail, Sealed]
    draft: Annotated[Draft, Sealed]
    knowledge_ids: tuple[UUID, ...] = ()
    needs_human: bool = False
    usage: Usage = Usage()


class Outcome(StrEnum):
    DRAFTED = "drafted"
    SKIPPED = "skipped"
    FAILED = "failed"


class MessageSettled(MessageEvent):
    """The end of a message. `reason` is a fixed word, empty only for `drafted`.

    `open_points` counts the questions that the draft leaves to a person.
    """

    topic: ClassVar[str] = "message-settled.v1"

    outcome: Outcome
    reason: str = ""
    received_at: datetime
    knowledge_ids: tuple[UUID, ...] = ()
    needs_human: bool = False
    usage: Usage = Usage()
    open_points: int = 0


class RetryRequested(MessageEvent):
    """The owner wants a message that failed tried again. `generation` is the one that failed."""

    topic: ClassVar[str] = "retry-requested.v1"


class MailboxStatus(StrEnum):
    WATCHING = "watching"
    RETRYING = "retrying"
    STOPPED = "stopped"


class MailboxStatusChanged(MailboxEvent):
    """How a mailbox is. `last_proof_at` is the end of the last catch-up that the server answered in full."""

    topic: ClassVar[str] = "mailbox-status-changed.v1"

    status: MailboxStatus
    reason: str = ""
    last_proof_at: datetime | None = None


class MailboxChanged(Event):
    """A provider says that there may be something new. `in_doubt`: it also wants to be asked again to say so."""

    topic: ClassVar[str] = "mailbox-changed.v1"

    mailbox_id: UUID
    in_doubt: bool = False

    @property
    def key(self) -> str:
        return str(self.mailbox_id)


class ConfigChanged(Event):
    """Configuration moved on to `revision`; whoever holds an older one asks config-api for the difference."""

    topic: ClassVar[str] = "config-changed.v1"

    revision: int


class AuditRecorded(Event):
    """Something the security log keeps. `subject` is an id, never an address or a name.

    `address` is where the request came from and `user_name` what was entered at a log-in; the audit service forgets
    both by age.
    """

    topic: ClassVar[str] = "audit-recorded.v1"

    actor: str
    action: str
    organisation_id: UUID | None = None
    subject: str = ""
    outcome: str = "ok"
    address: str = ""
    user_name: str = ""


class ErasureRequested(Event):
    """An organisation, or a person, is to be forgotten everywhere. May come again, for what was under way before.

    `mailbox_ids` are all that the organisation ever had. `name_digests` are SHA-256, in hexadecimal, of the person's
    address and user name in small letters: they recognise what is to be erased, and tell nothing to whom it is new.
    """

    topic: ClassVar[str] = "erasure-requested.v1"

    organisation_id: UUID | None = None
    account_id: UUID | None = None
    mailbox_ids: tuple[UUID, ...] = ()
    name_digests: tuple[str, ...] = ()


class DeadLettered(Event):
    """A reference to what could not be worked on: where it is, not what it says."""

    topic: ClassVar[str] = "dead-letter.v1"

    service: str
    source_topic: str
    reason: str
    organisation_id: UUID | None = None
    mailbox_id: UUID | None = None
    message_id: UUID | None = None


EVENTS: tuple[type[Event], ...] = (
    MessageReceived,
    DraftProposed,
    MessageSettled,
    RetryRequested,
    MailboxStatusChanged,
    MailboxChanged,
    ConfigChanged,
    AuditRecorded,
    ErasureRequested,
    DeadLettered,
)
