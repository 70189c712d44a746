"""What trying an assistant out has cost: counted as usage, and held against the month's token budget."""

import json
import time
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from config_api.activity.budgets import due_pause, home_of, pause
from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.models import Assistant, now
from config_api.problems import NotFound
from config_api.records import find
from shared.events import Usage

log = structlog.get_logger(__name__)

CHARACTERS_PER_TOKEN = 4
COUNT = text("""
    INSERT INTO config.usage_day AS counted (organisation_id, assistant_id, day, model, drafted, skipped, failed, tried,
        tokens_in, tokens_out, duration_ms)
    VALUES (:organisation_id, :assistant_id, :day, :model, 0, 0, 0, 1, :tokens_in, :tokens_out, :duration_ms)
    ON CONFLICT (assistant_id, day, model) DO UPDATE SET
        tried = counted.tried + 1,
        tokens_in = counted.tokens_in + excluded.tokens_in,
        tokens_out = counted.tokens_out + excluded.tokens_out,
        duration_ms = counted.duration_ms + excluded.duration_ms
""")


class Bill:
    """Listens to the drafter's events. Their last one says what it cost; until then that is told by their length."""

    def __init__(self, database: Database, master_keys: MasterKeys, organisation_id: UUID, assistant_id: UUID) -> None:
        self._database = database
        self._master_keys = master_keys
        self._organisation_id = organisation_id
        self._assistant_id = assistant_id
        self._began = time.monotonic()
        self._unread = b""
        self._asked = Usage()
        self._characters = 0
        self._told: Usage | None = None

    def hear(self, chunk: bytes) -> None:
        *blocks, self._unread = (self._unread + chunk).split(b"\n\n")
        for block in blocks:
            event, _, data = block.removeprefix(b"event: ").partition(b"\ndata: ")
            if event == b"progress" and b"tokens_in" in data:
                self._asked = Usage.model_validate_json(data)
            elif event == b"text":
                self._characters += len(json.loads(data)["text"])
            elif event == b"result":
                self._told = Usage.model_validate_json(data)
            elif event == b"failed" and not self._characters:
                self._asked = Usage()  # the model has refused, or has not answered

    async def settle(self) -> None:
        """Counts one try more; a limit that is reached makes the assistant pause. It never raises: all else is done."""
        try:
            await self._count(self._told or self._by_length())
        except (SQLAlchemyError, OSError, NotFound) as error:
            log.error("try_not_counted", assistant_id=str(self._assistant_id), error=type(error).__name__)

    def _by_length(self) -> Usage:
        duration = round((time.monotonic() - self._began) * 1000)
        written = self._characters // CHARACTERS_PER_TOKEN
        return self._asked.model_copy(update={"tokens_out": written, "duration_ms": duration})

    async def _count(self, usage: Usage) -> None:
        ids = {"organisation_id": self._organisation_id, "assistant_id": self._assistant_id}
        async with self._database.tenant(self._organisation_id) as session:
            assistant = await find(session, Assistant, self._assistant_id)
            zone = await home_of(session, self._assistant_id)
            day = now().astimezone(zone).date()
            connection = await session.connection()
            await connection.execute(COUNT, usage.model_dump() | ids | {"day": day})
            limits = {"daily_limit": assistant.daily_limit, "token_budget": assistant.monthly_token_budget}
            found = await due_pause(connection, self._assistant_id, day, zone, **limits)
        if found is not None:
            await pause(self._database, self._master_keys, self._organisation_id, self._assistant_id, found)
