"""A grant that was revoked stops its mailbox; once it is connected anew it goes on where it stopped."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
from pydantic import SecretStr

from ingest import watcher as watching
from ingest.gate import Directory
from ingest.intake import Intake
from ingest.ledger import Ledger
from ingest.pushes import Pushes
from ingest.settings import Settings
from ingest.watcher import Watcher
from shared.config_client import ConfigClient
from shared.database import create_engine, migrate
from shared.events import Event, MailboxStatusChanged
from shared.mailbox.opening import Opener
from shared.tasks import background
from tests.mails import an_enquiry
from tests.servers.config_api import SERVICE_TOKEN, ConfigApiServer
from tests.servers.connecting import Accounts, House, a_house, query_of
from tests.servers.owner import eventually
from tests.servers.person import Person
from tests.servers.postgres import Postgres

pytest_plugins = ("tests.servers.fixtures",)

# The first mailbox of a process loads what its provider needs.
SECONDS = 90


@pytest.fixture
def api_settings(accounts: Accounts) -> dict[str, Any]:
    return accounts.settings()


@pytest.fixture
async def house(anna: Person) -> House:
    return await a_house(anna)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three refusals come within a second."""
    monkeypatch.setattr(watching, "FIRST_PAUSE_SECONDS", 0.1)


class Ingest:
    """One mailbox, watched by the real parts; what is told of it, and what the ledger has."""

    def __init__(self, conninfo: str, mailbox: UUID) -> None:
        self._conninfo = conninfo
        self._mailbox = mailbox
        self.told: list[tuple[str, str]] = []

    def tell(self, report: MailboxStatusChanged) -> None:
        self.told.append((report.status.value, report.reason))

    def _rows(self, query: str) -> list[Any]:
        with psycopg.connect(self._conninfo) as connection:
            return connection.execute(query, [self._mailbox]).fetchall()

    async def messages(self) -> int:
        return len(self._rows("SELECT id FROM ingest.message WHERE mailbox_id = %s"))

    def cursor(self) -> list[Any]:
        return self._rows("SELECT uidvalidity, position, epoch FROM ingest.mailbox WHERE id = %s")

    async def status(self) -> tuple[str, str] | None:
        return self.told[-1] if self.told else None


@asynccontextmanager
async def ingesting(
    accounts: Accounts, postgres: Postgres, client: ConfigClient, database: str, mailbox_id: str
) -> AsyncGenerator[Ingest]:
    url = postgres.url(database)
    await migrate(url, "ingest")
    await client.refresh()
    mailbox = client.mailbox(UUID(mailbox_id))
    assert mailbox is not None
    addresses = {"google_api_url": accounts.google.google.url, "graph_url": accounts.graph.url}
    settings = Settings(
        service_token=SecretStr(SERVICE_TOKEN),
        database_url=SecretStr(url),
        poll_seconds=0.2,
        private_hosts=True,
        **addresses,
    )

    async def publish(*_: Event) -> None:
        """What becomes of mail is not looked at here."""

    engine = create_engine(url)
    ledger, ingest = Ledger(engine), Ingest(postgres.conninfo(database), mailbox.id)
    pushes = Pushes(Opener(settings, client.access_token), settings, client.mailboxes, publish)
    watcher = Watcher(
        mailbox,
        Directory().as_seen_by(mailbox),
        connect=pushes.connect,
        ledger=ledger,
        intake=Intake(ledger, publish, settings),
        report=ingest.tell,
        idle_seconds=60,
    )
    try:
        async with background(watcher.run(), name="watcher"):
            yield ingest
    finally:
        await engine.dispose()


class Provider:
    """What happens to an account at Google or Microsoft."""

    def __init__(self, name: str, accounts: Accounts, email: str) -> None:
        self.name, self._accounts, self._email = name, accounts, email

    async def deliver(self, number: int) -> None:
        raw = an_enquiry(number)[1]
        if self.name == "gmail":
            await asyncio.to_thread(self._accounts.google.person(self._email).deliver, raw)
        else:
            self._accounts.graph.deliver(self._accounts.users[self._email], raw)

    async def revoke(self) -> None:
        """In the settings of the account: neither token is good any more."""
        if self.name == "gmail":
            await asyncio.to_thread(self._accounts.google.person(self._email).revoke)
            return
        for token in self._accounts.google.microsoft.revoke(self._email):
            self._accounts.graph.refuse(token)


@pytest.mark.parametrize("name", ["gmail", "graph"])
async def test_from_a_revoked_grant_to_the_mail_that_came_meanwhile(
    accounts: Accounts, postgres: Postgres, api: ConfigApiServer, house: House, name: str
) -> None:
    email = accounts.next()
    mailbox_id = await house.connected(name, email)
    provider = Provider(name, accounts, email)
    async with api.client() as client:
        async with ingesting(accounts, postgres, client, api.database, mailbox_id) as ingest:
            await eventually(ingest.status, ("watching", ""), SECONDS)
            await provider.deliver(1)
            await eventually(ingest.messages, 1, SECONDS)
            await provider.revoke()
            await eventually(ingest.status, ("stopped", "access_revoked"), SECONDS)
            stopped_at, before = ingest.cursor(), await house.mailbox(mailbox_id)
        await provider.deliver(2)
        other = accounts.next()
        assert (await house.connect(name, other, mailbox_id=mailbox_id))["problem"] == "other_account"
        assert (await house.connect(name, email, mailbox_id=mailbox_id))["mailbox"] == mailbox_id
        assert ingest.cursor() == stopped_at
        after = await house.mailbox(mailbox_id)
        assert {name for name in before if before[name] != after[name]} == {"updated_at"}
        async with ingesting(accounts, postgres, client, api.database, mailbox_id) as ingest:
            await eventually(ingest.status, ("watching", ""), SECONDS)
            await eventually(ingest.messages, 2, SECONDS)
            await provider.deliver(3)
            await eventually(ingest.messages, 3, SECONDS)


async def test_connecting_anew_goes_to_the_account_and_the_provider_of_the_mailbox(
    accounts: Accounts, house: House
) -> None:
    email = accounts.next()
    mailbox_id = await house.connected("gmail", email)
    assert query_of(await house.begin("gmail", mailbox_id=mailbox_id))["login_hint"] == email
    body = {"provider": "graph", "mailbox_id": mailbox_id}
    refused = await house.person.http.post(f"{house.path}/mailbox-providers/connect", json=body)
    assert (refused.status_code, refused.json()["reason"]) == (409, "other_provider")
