"""The services' view of the configuration: held in memory, refreshed by difference, usable while config-api is down."""

import asyncio
import random
from collections import OrderedDict
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Counter, Gauge
from pydantic import SecretStr

from shared.config import AccessToken, Assistant, ConfigDelta, ContentKey, KnowledgeSnapshot, Mailbox, Settlement
from shared.config_source import ConfigSource
from shared.errors import PermanentError, TransientError
from shared.tasks import background

log = structlog.get_logger(__name__)

REVISION = Gauge("kinamik_config_revision", "Revision of the configuration held in memory")
UNCONFIRMED = Counter("kinamik_config_unconfirmed_total", "Kill switches read from memory, config-api being away")

POLL_SECONDS = 30.0
FRESH_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 15.0
KNOWLEDGE_KEPT = 256


class ConfigClient:
    """Knows every assistant and mailbox; knows knowledge for those that asked lately.

    `poll_seconds` bounds how long a change may go unnoticed when its ConfigChanged is lost.
    """

    def __init__(
        self,
        base_url: str,
        token: SecretStr,
        *,
        poll_seconds: float = POLL_SECONDS,
        fresh_seconds: float = FRESH_SECONDS,
        knowledge_kept: int = KNOWLEDGE_KEPT,
    ) -> None:
        self._source = ConfigSource(base_url, token)
        self._poll_seconds = poll_seconds
        self._fresh_seconds = fresh_seconds
        self._knowledge_kept = knowledge_kept
        self._assistants: dict[UUID, Assistant] = {}
        self._mailboxes: dict[UUID, Mailbox] = {}
        self._revision = 0
        self._changed = asyncio.Condition()
        self._flying: asyncio.Task[None] | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._knowledge: OrderedDict[UUID, KnowledgeSnapshot] = OrderedDict()
        self._fetching: dict[tuple[UUID, int], asyncio.Task[KnowledgeSnapshot]] = {}

    @property
    def revision(self) -> int:
        return self._revision

    def mailboxes(self) -> tuple[Mailbox, ...]:
        """Every mailbox that is known, switched off or on."""
        return tuple(self._mailboxes.values())

    def mailbox(self, mailbox_id: UUID) -> Mailbox | None:
        return self._mailboxes.get(mailbox_id)

    def assistant(self, assistant_id: UUID) -> Assistant | None:
        return self._assistants.get(assistant_id)

    def active_mailboxes(self) -> tuple[Mailbox, ...]:
        """Those that are to be watched: their own switch and their assistant's are on."""
        at = datetime.now(UTC)
        on = {assistant.id for assistant in self._assistants.values() if assistant.is_on(at)}
        return tuple(each for each in self._mailboxes.values() if each.active and each.assistant_id in on)

    def why_off(self, mailbox_id: UUID) -> str:
        """Why nothing is drafted for a mailbox right now, as a message's reason; empty where it is."""
        mailbox = self._mailboxes.get(mailbox_id)
        assistant = self._assistants.get(mailbox.assistant_id) if mailbox else None
        if mailbox is None or assistant is None or not mailbox.active:
            return "switched_off"
        return assistant.why_off(datetime.now(UTC))

    async def changed(self, since: int) -> int:
        """Waits until the configuration held is another than revision `since`; the revision it then is."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._revision != since)
        return self._revision

    async def refresh(self) -> None:
        """Takes over what changed, as of a moment after this call.

        A request that is under way may have been answered before that moment, so callers wait for the next one, which
        they share. Raises TransientError (`config_api_unavailable`, `config_api_refused`).
        """
        if self._waiting is None:
            self._waiting = _task(self._refresh_after(self._flying))
        await asyncio.shield(self._waiting)

    async def fresh(self, mailbox_id: UUID) -> tuple[Mailbox, Assistant] | None:
        """The kill switch: a mailbox and its assistant if nothing keeps them from drafting (see `why_off`), as of a
        moment after this call.

        While config-api does not answer, what was known last counts.
        """
        try:
            async with asyncio.timeout(self._fresh_seconds):
                await self.refresh()
        except (TransientError, TimeoutError):
            UNCONFIRMED.inc()
            log.warning("kill_switch_unconfirmed", mailbox_id=str(mailbox_id), revision=self._revision)
        return self._if_active(mailbox_id)

    async def settlement(self, message_id: UUID, generation: int) -> Settlement:
        """How the message ended, should it have: then its event has come again. Open while config-api is away."""
        try:
            async with asyncio.timeout(self._fresh_seconds):
                return await self._source.settlement(message_id, generation)
        except (TransientError, TimeoutError):
            return Settlement()

    async def knowledge(self, assistant_id: UUID) -> KnowledgeSnapshot:
        """The assistant's knowledge at the revision known here, or an older one while config-api does not answer.

        Raises PermanentError (`assistant_unknown`), TransientError where nothing is held and nothing to be had.
        """
        if (assistant := self._assistants.get(assistant_id)) is None:
            raise PermanentError("assistant_unknown")
        held = self._knowledge.get(assistant_id)
        if held is None or held.knowledge_revision < assistant.knowledge_revision:
            try:
                held = await self._fetch_knowledge(assistant)
            except TransientError:
                if held is None:
                    raise
                log.warning("knowledge_is_stale", assistant_id=str(assistant_id), revision=held.knowledge_revision)
        if assistant_id in self._knowledge:
            self._knowledge.move_to_end(assistant_id)
        return held

    async def content_keys(self) -> Sequence[ContentKey]:
        """Raises TransientError (`config_api_unavailable`, `config_api_refused`)."""
        return await self._source.content_keys()

    async def access_token(self, mailbox_id: UUID, refused: str) -> AccessToken:
        """A token for the mailbox's provider, other than the one with this SHA-256 (see `shared.mailbox.tokens`).

        Raises AuthError (`access_revoked`), TransientError (`config_api_unavailable`, `config_api_refused`).
        """
        return await self._source.access_token(mailbox_id, refused)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Waits for config-api's first answer, then follows its changes while entered."""
        try:
            await self._first_refresh()
            async with background(self.run(), name="config"):
                yield
        finally:
            await self.close()

    async def run(self) -> None:
        """Polls for ever; ConfigChanged makes it faster, not superfluous."""
        while True:
            await asyncio.sleep(self._poll_seconds * random.uniform(0.8, 1.2))
            try:
                await self.refresh()
            except TransientError as error:
                log.warning("config_not_refreshed", reason=error.reason)

    async def close(self) -> None:
        for task in (self._flying, self._waiting, *self._fetching.values()):
            if task is not None:
                task.cancel()
        await self._source.close()

    async def _first_refresh(self) -> None:
        pause = 0.1
        while True:
            try:
                return await self.refresh()
            except TransientError as error:
                log.info("waiting_for_config_api", reason=error.reason)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(LONGEST_PAUSE_SECONDS, pause * 2)

    async def _refresh_after(self, earlier: asyncio.Task[None] | None) -> None:
        if earlier is not None:
            await asyncio.wait([earlier])
        self._flying, self._waiting = self._waiting, None
        delta = await self._source.delta(self._revision)
        if delta.revision != self._revision:
            async with self._changed:
                self._apply(delta)
                self._changed.notify_all()

    def _apply(self, delta: ConfigDelta) -> None:
        if delta.revision < self._revision:
            # Its database was restored from a backup: what was newer than that is no more.
            self._assistants.clear()
            self._mailboxes.clear()
            self._knowledge.clear()
        self._assistants |= {assistant.id: assistant for assistant in delta.assistants}
        self._mailboxes |= {mailbox.id: mailbox for mailbox in delta.mailboxes}
        for gone in delta.deleted:
            self._assistants.pop(gone, None)
            self._mailboxes.pop(gone, None)
            self._knowledge.pop(gone, None)
        self._revision = delta.revision
        REVISION.set(delta.revision)

    def _if_active(self, mailbox_id: UUID) -> tuple[Mailbox, Assistant] | None:
        if self.why_off(mailbox_id):
            return None
        mailbox = self._mailboxes[mailbox_id]
        return mailbox, self._assistants[mailbox.assistant_id]

    async def _fetch_knowledge(self, assistant: Assistant) -> KnowledgeSnapshot:
        """One request at a time per revision, however many wait for it."""
        key = (assistant.id, assistant.knowledge_revision)
        if (task := self._fetching.get(key)) is None:
            task = self._fetching[key] = _task(self._download_knowledge(assistant.id))
            task.add_done_callback(lambda _: self._fetching.pop(key, None))
        return await asyncio.shield(task)

    async def _download_knowledge(self, assistant_id: UUID) -> KnowledgeSnapshot:
        snapshot = await self._source.knowledge(assistant_id)
        self._knowledge[assistant_id] = snapshot
        self._knowledge.move_to_end(assistant_id)
        while len(self._knowledge) > self._knowledge_kept:
            self._knowledge.popitem(last=False)
        return snapshot


def _task(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Its error goes to whoever waits for it; nobody has to."""
    task = asyncio.create_task(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task
