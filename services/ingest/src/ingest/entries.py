"""A message in the ledger."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row

from ingest.tables import PENDING
from shared.config import Mailbox
from shared.mailbox.protocol import MessageRef, Seen


@dataclass(frozen=True, slots=True)
class Entry:
    """A message that is not settled yet."""

    id: UUID
    organisation_id: UUID
    assistant_id: UUID
    ref: MessageRef
    received_at: datetime
    generation: int
    publications: int


def row_of(mailbox: Mailbox, item: Seen, epoch: int) -> dict[str, object]:
    ref = item.ref
    return {
        "id": uuid4(),
        "organisation_id": mailbox.organisation_id,
        "assistant_id": mailbox.assistant_id,
        "mailbox_id": mailbox.id,
        "folder": ref.folder,
        "epoch": epoch,
        "uidvalidity": ref.uidvalidity,
        "provider_id": ref.id,
        "fingerprint": item.fingerprint,
        "received_at": item.internal_date,
        "state": PENDING,
        "reason": "",
        "generation": 0,
        "publications": 0,
    }


def entry_of(row: Row[Any]) -> Entry:
    ref = MessageRef(row.folder, row.uidvalidity, row.provider_id)
    return Entry(row.id, row.organisation_id, row.assistant_id, ref, row.received_at, row.generation, row.publications)
