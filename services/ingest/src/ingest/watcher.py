"""One mailbox, watched for as long as it is ours: connect, catch up, hand on, wait, again."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import product

import structlog
from prometheus_client import Counter, Gauge

from ingest.gate import OwnAddresses
from ingest.intake import Intake
from ingest.ledger import Ledger
from shared.config import PROVIDERS, Mailbox
from shared.errors import AuthError, KinamikError, PermanentError, TransientError
from shared.events import MailboxStatus, MailboxStatusChanged
from shared.mailbox.protocol import Watch

log = structlog.get_logger(__name__)

WATCHED = Gauge("kinamik_mailboxes_watched", "Mailboxes with a connection that has caught up")
FAILURES = Counter("kinamik_mailbox_failures_total", "Mailboxes that had to be left alone", ["provider", "kind"])
for _provider, _how in product(PROVIDERS, ("refused", "permanent", "transient")):
    FAILURES.labels(_provider, _how)

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0
PAUSE_AFTER_REFUSAL_SECONDS = 3600.0
REFUSALS_BEFORE_STOP = 3
PROOF_REPORT_SECONDS = 60.0

Connect = Callable[[Mailbox], Awaitable[Watch]]


class Watcher:
    """Never ends by itself; whatever is wrong with this mailbox stays with it."""

    def __init__(
        self,
        mailbox: Mailbox,
        own: OwnAddresses,
        *,
        connect: Connect,
        ledger: Ledger,
        intake: Intake,
        report: Callable[[MailboxStatusChanged], None],
        idle_seconds: float,
    ) -> None:
        self._mailbox = mailbox
        self._own = own
        self._connect = connect
        self._ledger = ledger
        self._intake = intake
        self._tell = report
        self._idle_seconds = idle_seconds
        self._proved_at = time.monotonic()
        self._failures = 0
        self._refusals = 0
        self._reported: tuple[MailboxStatus, str] | None = None
        self._reported_at = 0.0

    @property
    def provider(self) -> str:
        return self._mailbox.account.kind

    @property
    def status(self) -> MailboxStatus | None:
        """None until it has been tried."""
        return self._reported[0] if self._reported else None

    @property
    def unproved_seconds(self) -> float:
        """For how long nothing has proved that all mail is known: since the last catch-up, or since this began."""
        return time.monotonic() - self._proved_at

    async def run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                await self._watch()
            except KinamikError as error:
                pause = await self._after(error)
            except Exception:
                log.exception("watcher_failed", mailbox_id=str(self._mailbox.id))
                pause = await self._after(TransientError("internal_error"))
            await asyncio.sleep(pause)

    async def _watch(self) -> None:
        watch = await self._connect(self._mailbox)
        async with _closing(watch):
            while True:
                await self._sync(watch)
                self._failures = self._refusals = 0
                self._report(MailboxStatus.WATCHING, "")
                await watch.wait(self._idle_seconds)

    async def _sync(self, watch: Watch) -> None:
        cursor, horizon = await self._ledger.cursor(self._mailbox)
        await self._ledger.record(self._mailbox, await watch.catch_up(cursor, horizon))
        self._proved_at = time.monotonic()
        await self._intake.run(self._mailbox, self._own, watch)

    async def _after(self, error: KinamikError) -> float:
        """Seconds to stay away. Credentials are tried three times before the owner is bothered."""
        self._failures += 1
        FAILURES.labels(self.provider, _kind(error)).inc()
        pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(self._failures - 1, 16))
        status = MailboxStatus.RETRYING
        if isinstance(error, AuthError | PermanentError):
            self._refusals += 1
            if isinstance(error, PermanentError) or self._refusals >= REFUSALS_BEFORE_STOP:
                status, pause = MailboxStatus.STOPPED, PAUSE_AFTER_REFUSAL_SECONDS
        log.warning("mailbox_away", mailbox_id=str(self._mailbox.id), reason=error.reason, status=status.value)
        self._report(status, error.reason)
        return max(pause * random.uniform(0.5, 1.0), error.retry_after or 0.0)

    def _report(self, status: MailboxStatus, reason: str) -> None:
        watching = status is MailboxStatus.WATCHING
        changed = (status, reason) != self._reported
        if not changed and (not watching or time.monotonic() - self._reported_at < PROOF_REPORT_SECONDS):
            return
        self._tell(
            MailboxStatusChanged(
                organisation_id=self._mailbox.organisation_id,
                mailbox_id=self._mailbox.id,
                status=status,
                reason=reason,
                last_proof_at=datetime.now(UTC) if watching else None,
            )
        )
        self._reported, self._reported_at = (status, reason), time.monotonic()


def _kind(error: KinamikError) -> str:
    match error:
        case AuthError():
            return "refused"
        case PermanentError():
            return "permanent"
        case _:
            return "transient"


@asynccontextmanager
async def _closing(watch: Watch) -> AsyncGenerator[None]:
    WATCHED.inc()
    try:
        yield
    finally:
        WATCHED.dec()
        await watch.close()
