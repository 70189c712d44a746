"""That a mailbox stopped is in the security log once, also where it was back before anybody could be told."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from pydantic import SecretStr

from ingest.gate import Directory
from ingest.intake import Intake
from ingest.ledger import Ledger
from ingest.reports import STOPS_KEPT, Reports
from ingest.settings import Settings
from ingest.watcher import Watcher
from shared.config import Mailbox
from shared.database import create_engine, migrate
from shared.errors import TransientError
from shared.events import AuditRecorded, Event, MailboxStatus, MailboxStatusChanged
from shared.mailbox.imap import open_watch
from shared.mailbox.protocol import Watch
from shared.tasks import background
from tests.servers.config_api import SERVICE_TOKEN, ConfigApiServer
from tests.servers.owner import eventually
from tests.servers.postgres import Postgres
from tests.servers.pymap_server import Pymap

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class FallibleBus:
    def __init__(self) -> None:
        self.up = False
        self.taken: list[Event] = []

    async def publish(self, *events: Event) -> None:
        if not self.up:
            raise TransientError("bus_unavailable")
        self.taken += events

    async def seen(self) -> list[tuple[str, str]]:
        return [(each.status, each.reason) for each in self.taken if isinstance(each, MailboxStatusChanged)]


@pytest.fixture
def bus() -> FallibleBus:
    return FallibleBus()


@pytest.fixture
async def reports(bus: FallibleBus) -> AsyncGenerator[Reports]:
    reports = Reports(bus.publish, retry_seconds=0.05)
    async with background(reports.run(), name="reports"):
        yield reports


def report(mailbox: UUID, status: MailboxStatus, reason: str = "", *, minute: int = 0) -> MailboxStatusChanged:
    return MailboxStatusChanged(
        organisation_id=UUID(int=1),
        mailbox_id=mailbox,
        status=status,
        reason=reason,
        occurred_at=NOON + timedelta(minutes=minute),
    )


async def test_what_waits_for_the_bus_is_each_stop_and_the_newest_of_the_rest(
    bus: FallibleBus, reports: Reports
) -> None:
    first, second = UUID(int=2), UUID(int=3)
    for minute in range(30):
        reports.tell(report(first, MailboxStatus.RETRYING, "timeout", minute=minute))
        reports.tell(report(first, MailboxStatus.WATCHING, minute=minute))
    reports.tell(report(second, MailboxStatus.STOPPED, "credentials_refused"))
    reports.tell(report(second, MailboxStatus.WATCHING))
    await asyncio.sleep(0.2)
    bus.up = True
    wanted = [("watching", ""), ("stopped", "credentials_refused"), ("watching", "")]
    await eventually(bus.seen, wanted, 5)
    reports.tell(report(first, MailboxStatus.STOPPED, "folder_missing"))
    await eventually(bus.seen, [*wanted, ("stopped", "folder_missing")], 5)


async def test_a_mailbox_that_stops_for_ever_takes_no_more_room(bus: FallibleBus, reports: Reports) -> None:
    for minute in range(1000):
        reports.tell(report(UUID(int=2), MailboxStatus.STOPPED, minute=minute))
    bus.up = True
    await eventually(bus.seen, [("stopped", "")] * (STOPS_KEPT + 1), 5)
    assert bus.taken[-1].occurred_at == NOON + timedelta(minutes=999)


async def test_from_a_refused_password_to_the_security_log(
    postgres: Postgres, api: ConfigApiServer, pymap: Pymap, bus: FallibleBus, reports: Reports
) -> None:
    """The bus is away until the owner has put the password right, which a new watcher tries."""
    anna = await api.an_assistant()
    entered = await anna.mailbox()
    right = a_mailbox(pymap, anna.organisation_id, anna.id, entered["id"])
    wrong = right.model_copy(update={"account": right.account.model_copy(update={"password": SecretStr("falsch")})})
    async with watching(postgres, api.database, wrong, reports) as told:
        await until_told(told, MailboxStatus.STOPPED)
    async with watching(postgres, api.database, right, reports) as told:
        await until_told(told, MailboxStatus.WATCHING)
        bus.up = True
        await eventually(bus.seen, [("stopped", "credentials_refused"), ("watching", "")], 5)
    handler = next(s.handler for s in api.service.subscriptions() if s.event is MailboxStatusChanged)
    for event in (*reversed(bus.taken), *bus.taken):
        await handler(event)
    shown = (await api.http.get(f"{anna.organisation}/mailboxes/{entered['id']}")).json()
    assert shown["status"] == "watching"
    stops = await recorded(api)
    assert {(each.event_id, each.subject, each.outcome, each.actor) for each in stops} == {
        (bus.taken[0].event_id, entered["id"], "credentials_refused", "ingest")
    }


async def test_a_stop_that_is_told_again_after_a_restart_is_the_same(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    mailbox = UUID((await anna.mailbox())["id"])
    handler = next(s.handler for s in api.service.subscriptions() if s.event is MailboxStatusChanged)
    for minute, status in enumerate(("stopped", "stopped", "watching", "stopped")):
        told = report(mailbox, MailboxStatus(status), minute=minute)
        await handler(told.model_copy(update={"organisation_id": UUID(anna.organisation_id)}))
    assert [each.occurred_at.minute for each in await recorded(api)] == [0, 3]


async def until_told(told: list[MailboxStatusChanged], status: MailboxStatus) -> None:
    async def look() -> bool:
        return any(each.status is status for each in told)

    await eventually(look, True, 15)


async def recorded(api: ConfigApiServer) -> list[AuditRecorded]:
    """The stops that the security log is told of."""
    return [event for event in await api.recorded() if event.action == "mailbox.stopped"]


def a_mailbox(pymap: Pymap, organisation: str, assistant: str, mailbox: str) -> Mailbox:
    return Mailbox(
        id=UUID(mailbox),
        organisation_id=UUID(organisation),
        assistant_id=UUID(assistant),
        revision=1,
        address="info@hotel-seeblick.example",
        active=True,
        watch_since=NOON,
        account=pymap.account(),
    )


@asynccontextmanager
async def watching(
    postgres: Postgres, database: str, mailbox: Mailbox, reports: Reports
) -> AsyncGenerator[list[MailboxStatusChanged]]:
    """What the watcher tells."""
    url = postgres.url(database)
    await migrate(url, "ingest")
    engine = create_engine(url)
    settings = Settings(service_token=SecretStr(SERVICE_TOKEN), database_url=SecretStr(url))

    async def connect(mailbox: Mailbox) -> Watch:
        return await open_watch(mailbox.account, mailbox.folder, private_hosts=True)

    async def publish(*_: Event) -> None:
        """There is no mail."""

    def tell(report: MailboxStatusChanged) -> None:
        told.append(report)
        reports.tell(report)

    told: list[MailboxStatusChanged] = []
    ledger = Ledger(engine)
    watcher = Watcher(
        mailbox,
        Directory().as_seen_by(mailbox),
        connect=connect,
        ledger=ledger,
        intake=Intake(ledger, publish, settings),
        report=tell,
        idle_seconds=60,
    )
    async with background(watcher.run(), name="watcher"):
        yield told
    await engine.dispose()
