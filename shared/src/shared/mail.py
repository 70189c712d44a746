"""A mail as the services see it: normalised, decoded, bounded in size, free of MIME."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Base of all values that travel."""

    model_config = ConfigDict(frozen=True)


class Address(Frozen):
    """One mailbox of an address list (RFC 5322, 3.4): display name, may be empty, and addr-spec."""

    name: str = ""
    address: str


class Attachment(Frozen):
    """What is known of an attachment. Its bytes are never kept."""

    name: str
    content_type: str
    size: int


class Mail(Frozen):
    """A message that arrived.

    `text` is what the sender newly wrote, `body` the whole text with quoted parts; both plain text with \\n.
    `message_id`, `in_reply_to` and `references` keep their angle brackets; `message_id` is None where the header
    is missing or empty. `truncated` says that the mail was larger than what was read.
    """

    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None
    sender: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""
    text: str = ""
    body: str = ""
    attachments: tuple[Attachment, ...] = ()
    truncated: bool = False
