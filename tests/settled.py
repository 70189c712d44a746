"""Messages that are settled, as config-api hears of them."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from config_api.activity.recorder import ActivityRecorder
from shared.events import MessageSettled, Outcome, Usage
from tests.servers.config_api import ConfigApiServer, Resource


def settled(assistant: Resource, mailbox: str | UUID, **values: Any) -> MessageSettled:
    usage = values.pop("usage", Usage())
    return MessageSettled.model_validate(
        {
            "organisation_id": assistant.organisation_id,
            "assistant_id": assistant.id,
            "mailbox_id": mailbox,
            "message_id": uuid4(),
            "outcome": Outcome.DRAFTED,
            "received_at": datetime.now(UTC),
            "usage": usage,
        }
        | values
    )


async def record(api: ConfigApiServer, *events: MessageSettled, at: datetime | None = None) -> None:
    clock = (lambda: at) if at else (lambda: datetime.now(UTC))
    recorder = ActivityRecorder(api.service.database, api.service.master_keys, clock)
    await asyncio.gather(*(recorder.on_message_settled(event) for event in events))
