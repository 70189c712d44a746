"""Keeps exactly one watcher per mailbox that is ours and switched on, and drives what did not settle."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import structlog
from prometheus_client import Counter

from ingest import census
from ingest.assignment import Assignment
from ingest.census import Census
from ingest.gate import Directory, OwnAddresses
from ingest.intake import Intake, Publish
from ingest.ledger import Ledger
from ingest.reports import Reports
from ingest.settings import Settings
from ingest.watcher import Connect, Watcher
from shared.config import Mailbox
from shared.config_client import ConfigClient
from shared.database import repeatedly
from shared.errors import KinamikError
from shared.mailbox.protocol import Watch
from shared.tasks import background

log = structlog.get_logger(__name__)

REDRIVEN = Counter("kinamik_redrives_total", "Mailboxes read again for messages that did not settle", ["result"])
REDRIVEN.labels("ok")


@dataclass(frozen=True, slots=True)
class Watched:
    mailbox: Mailbox
    own: OwnAddresses
    watcher: Watcher
    task: asyncio.Task[None]


class Supervisor:
    def __init__(
        self,
        *,
        config: ConfigClient,
        ledger: Ledger,
        assignment: Assignment,
        connect: Connect,
        publish: Publish,
        settings: Settings,
    ) -> None:
        self._config = config
        self._ledger = ledger
        self._assignment = assignment
        self._connect = connect
        self._settings = settings
        self._intake = Intake(ledger, publish, settings)
        self._reports = Reports(publish)
        self._connecting = asyncio.Semaphore(settings.connecting_at_once)
        self._changed = asyncio.Event()
        self._directories: dict[UUID, Directory] = {}
        self._redriving: set[UUID] = set()
        self._census = Census(ledger, settings.idle_seconds)
        self._watched: dict[UUID, Watched] = {}

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        self._changed.set()
        try:
            async with (
                self._assignment.running(self._changed.set),
                background(self._reports.run(), name="reports"),
                background(self._follow_config(), name="follow-config"),
                background(self._reconcile_for_ever(), name="supervisor"),
                background(self._redrive_for_ever(), name="redrive"),
                background(self._count_for_ever(), name="census"),
            ):
                yield
        finally:
            await self._stop(list(self._watched))

    async def _follow_config(self) -> None:
        revision = self._config.revision
        while True:
            revision = await self._config.changed(revision)
            self._changed.set()

    async def _reconcile_for_ever(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._reconcile()
            except Exception:
                log.exception("reconcile_failed")
                await asyncio.sleep(1)
                self._changed.set()

    async def _reconcile(self) -> None:
        """A mailbox whose settings have changed gets a new watcher; of its colleagues' it hears as it runs."""
        active = {mailbox.id: mailbox for mailbox in self._config.active_mailboxes()}
        self._update_directories(active)
        wanted = {key: mailbox for key, mailbox in active.items() if self._assignment.is_ours(key)}
        outdated = [key for key, each in self._watched.items() if wanted.get(key) != each.mailbox]
        await self._stop(outdated)
        for key in wanted.keys() - self._watched.keys():
            mailbox = wanted[key]
            own = self._directories[mailbox.organisation_id].as_seen_by(mailbox)
            watcher = self._watcher(mailbox, own)
            self._watched[key] = Watched(mailbox, own, watcher, asyncio.create_task(watcher.run()))

    def _update_directories(self, on: Collection[UUID]) -> None:
        organisations: defaultdict[UUID, list[Mailbox]] = defaultdict(list)
        for mailbox in self._config.mailboxes():
            organisations[mailbox.organisation_id].append(mailbox)
        for gone in self._directories.keys() - organisations.keys():
            del self._directories[gone]
        for organisation_id, mailboxes in organisations.items():
            of_them = [mailbox.id for mailbox in mailboxes if mailbox.id in on]
            self._directories.setdefault(organisation_id, Directory()).update(mailboxes, of_them)

    def _watcher(self, mailbox: Mailbox, own: OwnAddresses) -> Watcher:
        return Watcher(
            mailbox,
            own,
            connect=self._connect_in_turn,
            ledger=self._ledger,
            intake=self._intake,
            report=self._reports.tell,
            idle_seconds=self._settings.idle_seconds,
        )

    async def _connect_in_turn(self, mailbox: Mailbox) -> Watch:
        async with self._connecting:
            return await self._connect(mailbox)

    async def _stop(self, mailbox_ids: list[UUID]) -> None:
        tasks = [self._watched.pop(mailbox_id).task for mailbox_id in mailbox_ids]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _count_for_ever(self) -> None:
        await repeatedly(
            lambda: self._census.take({key: each.watcher for key, each in self._watched.items()}),
            seconds=census.EVERY_SECONDS,
            complaint="mailboxes_not_counted",
        )

    async def _redrive_for_ever(self) -> None:
        """One that takes long delays no other: it is left out of the rounds until it is done."""
        async with asyncio.TaskGroup() as group:
            while True:
                await asyncio.sleep(self._settings.redrive_every)
                try:
                    waiting = await self._ledger.mailboxes_waiting(redrive_after=self._settings.redrive_after)
                except Exception:
                    log.exception("redrive_failed")
                    continue
                for mailbox_id in set(waiting) - self._redriving:
                    self._redriving.add(mailbox_id)
                    group.create_task(self._redrive(mailbox_id)).add_done_callback(
                        lambda _, done=mailbox_id: self._redriving.discard(done)
                    )

    async def _redrive(self, mailbox_id: UUID) -> None:
        """Over a connection of its own: the watcher's is waiting for news."""
        if mailbox_id not in self._watched or self._intake.is_busy_with(mailbox_id):
            return
        mailbox, own = self._watched[mailbox_id].mailbox, self._watched[mailbox_id].own
        try:
            watch = await self._connect_in_turn(mailbox)
            try:
                await self._intake.run(mailbox, own, watch)
            finally:
                await watch.close()
            REDRIVEN.labels("ok").inc()
        except KinamikError as error:
            REDRIVEN.labels(error.reason).inc()
        except Exception:
            log.exception("redrive_failed", mailbox_id=str(mailbox_id))
            REDRIVEN.labels("internal_error").inc()
