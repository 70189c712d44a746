"""How the mailboxes are, on its way to the bus. While that takes nothing, what must not be lost waits here."""

import asyncio
from uuid import UUID

import structlog

from ingest.intake import Publish
from shared.errors import TransientError
from shared.events import MailboxStatus, MailboxStatusChanged

log = structlog.get_logger(__name__)

RETRY_SECONDS = 2.0
STOPS_KEPT = 20


class Reports:
    """Of each mailbox its last report waits, and those that say that it stopped: also where it is back by now."""

    def __init__(self, publish: Publish, *, retry_seconds: float = RETRY_SECONDS) -> None:
        self._publish = publish
        self._retry_seconds = retry_seconds
        self._waiting: dict[UUID, tuple[MailboxStatusChanged, ...]] = {}
        self._told = asyncio.Event()

    def tell(self, report: MailboxStatusChanged) -> None:
        waiting = self._waiting.get(report.mailbox_id, ())
        stops = tuple(each for each in waiting if each.status is MailboxStatus.STOPPED)
        self._waiting[report.mailbox_id] = (*stops[-STOPS_KEPT:], report)
        self._told.set()

    async def run(self) -> None:
        """For ever."""
        while True:
            await self._told.wait()
            self._told.clear()
            try:
                await self._pass_on()
            except TransientError as error:
                log.warning("mailboxes_not_reported", reason=error.reason)
                self._told.set()
                await asyncio.sleep(self._retry_seconds)

    async def _pass_on(self) -> None:
        sent = dict(self._waiting)
        await self._publish(*(report for reports in sent.values() for report in reports))
        for mailbox_id, reports in sent.items():
            left = tuple(each for each in self._waiting[mailbox_id] if each not in reports)
            if left:
                self._waiting[mailbox_id] = left
            else:
                del self._waiting[mailbox_id]
