"""An organisation's owners hear once that a mailbox needs them, and once that it is back."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from config_api.members.models import Membership
from config_api.notices import mailboxes
from shared.events import MailboxStatus, MailboxStatusChanged
from tests.servers.config_api import ConfigApiServer, Resource, running_config_api
from tests.servers.owner import eventually
from tests.servers.person import Person, a_person, notices
from tests.servers.postgres import Postgres

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Watched:
    """A mailbox, its owner, and what ingest says of it."""

    api: ConfigApiServer
    owner: Person
    organisation_id: str
    mailbox_id: str

    @property
    def recorder(self) -> Any:
        (found,) = (each for each in self.api.service.subscriptions() if each.event is MailboxStatusChanged)
        return found.handler

    async def report(self, status: MailboxStatus, minute: int, reason: str = "", **values: Any) -> None:
        event = MailboxStatusChanged(
            organisation_id=UUID(self.organisation_id),
            mailbox_id=UUID(self.mailbox_id),
            status=status,
            reason=reason,
            occurred_at=NOON + timedelta(minutes=minute),
            last_proof_at=NOON + timedelta(minutes=minute) if status is MailboxStatus.WATCHING else None,
        )
        for _ in range(2):  # events may come twice
            await self.recorder(event.model_copy(update=values))

    async def look_again(self) -> None:
        """As after half an hour."""
        queue = mailboxes.QUEUE
        async with self.api.service.database.outside_transactions() as connection:
            look = f"SELECT payload FROM config.config_outbox WHERE queue = '{queue}'"
            payloads = (await connection.exec_driver_sql(look)).scalars().all()
        second = mailboxes.SecondLook(self.api.service.database, self.api.service.master_keys)
        for payload in payloads:
            await second.look(bytes(payload))

    async def told(self) -> list[str]:
        """What the owner was told of mailboxes."""
        return [each.kind for each in await notices(self.api, self.owner.email) if each.kind.startswith("mailbox")]


@pytest.fixture
async def watched(postgres: Postgres, database: str) -> AsyncGenerator[Watched]:
    async with running_config_api(postgres, database) as api:
        owner, member = await a_person(api, "anna", language="en"), await a_person(api, "bert")
        made = await owner.http.post("/organisations", json={"name": "Hotel Seeblick"})
        organisation = made.json()["id"]
        async with api.service.database.tenant(UUID(organisation)) as session:
            about = {"organisation_id": UUID(organisation), "account_id": UUID(member.account_id)}
            session.add(Membership(**about, role="member"))
        path = f"/organisations/{organisation}"
        assistant = await api.add(f"{path}/assistants", name="Anna")
        mailbox = await Resource(api, path, assistant["id"]).mailbox()
        yield Watched(api, owner, organisation, mailbox["id"])
        assert await notices(api, member.email, "mailbox_attention") == []


async def test_owners_are_told_once_that_it_has_stopped_and_once_that_it_is_back(watched: Watched) -> None:
    await watched.report(MailboxStatus.WATCHING, 1)
    assert await watched.told() == []
    await watched.report(MailboxStatus.STOPPED, 2, "credentials_refused")
    await watched.report(MailboxStatus.STOPPED, 3, "certificate_not_valid")
    await watched.report(MailboxStatus.WATCHING, 1)
    assert await watched.told() == ["mailbox_attention"]
    (told,) = await notices(watched.api, watched.owner.email, "mailbox_attention")
    assert (told.language, told.link) == ("en", f"/mailboxes/{watched.mailbox_id}")
    assert told.values == {
        "organisation": "Hotel Seeblick",
        "mailbox": "info@hotel-seeblick.example",
        "reason": "credentials_refused",
    }
    await watched.report(MailboxStatus.WATCHING, 4)
    await watched.report(MailboxStatus.WATCHING, 5)
    assert await watched.told() == ["mailbox_attention", "mailbox_back"]
    await watched.report(MailboxStatus.STOPPED, 6, "credentials_refused")
    assert await watched.told() == ["mailbox_attention", "mailbox_back", "mailbox_attention"]


async def test_a_server_that_is_away_for_a_moment_bothers_nobody(watched: Watched) -> None:
    await watched.report(MailboxStatus.RETRYING, 1, "server_unreachable")
    now = datetime.now(UTC)
    await watched.report(MailboxStatus.WATCHING, 2, last_proof_at=now)
    await watched.report(MailboxStatus.RETRYING, 3, "server_unreachable")
    await watched.look_again()
    assert await watched.told() == []


async def test_a_server_that_is_away_for_long_does(watched: Watched) -> None:
    long_ago = datetime.now(UTC) - mailboxes.PATIENCE
    await watched.report(MailboxStatus.WATCHING, 1, last_proof_at=long_ago)
    await watched.report(MailboxStatus.RETRYING, 2, "server_unreachable")
    assert await watched.told() == []
    await watched.look_again()
    await watched.look_again()
    assert await watched.told() == ["mailbox_attention"]
    await watched.report(MailboxStatus.STOPPED, 3, "credentials_refused")
    assert await watched.told() == ["mailbox_attention"]
    await watched.report(MailboxStatus.WATCHING, 4)
    assert await watched.told() == ["mailbox_attention", "mailbox_back"]


async def test_the_second_look_comes_by_itself(watched: Watched) -> None:
    await watched.report(MailboxStatus.WATCHING, 1, last_proof_at=datetime.now(UTC) - mailboxes.PATIENCE)
    await watched.report(MailboxStatus.RETRYING, 2, "server_unreachable")
    async with watched.api.service.database.outside_transactions() as connection:
        due = "SELECT min(next_attempt_at - created_at) FROM config.config_outbox WHERE queue = '{queue}'"
        wait = (await connection.exec_driver_sql(due.format(queue=mailboxes.QUEUE))).scalar_one()
        assert abs(wait - mailboxes.PATIENCE) < timedelta(seconds=1)
        sooner = "UPDATE config.config_outbox SET next_attempt_at = now() WHERE queue = '{queue}'"
        await connection.exec_driver_sql(sooner.format(queue=mailboxes.QUEUE))
    await eventually(watched.told, ["mailbox_attention"], 20)


async def test_what_is_switched_off_needs_nobody(watched: Watched) -> None:
    path = f"/organisations/{watched.organisation_id}/mailboxes/{watched.mailbox_id}"
    await watched.api.change(path, active=False)
    await watched.report(MailboxStatus.STOPPED, 1, "credentials_refused")
    assert await watched.told() == []
