"""What goes wrong is told where it belongs, in one fixed word, and nothing else suffers."""

import asyncio
import itertools
import os
from collections.abc import AsyncGenerator, Iterator
from email.message import EmailMessage
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.events import DeadLettered, MessageReceived
from tests.mails import KNOWLEDGE, an_enquiry
from tests.servers.dovecot import Dovecot, StartDovecot
from tests.servers.dovecot_config import Options
from tests.servers.house import House
from tests.servers.kafka import KafkaServer
from tests.servers.mail_server import PASSWORD, client
from tests.servers.model_stub import ModelStub
from tests.servers.owner import Owner, drafts, eventually, until_drafted
from tests.servers.postgres import Postgres
from tests.servers.stack import an_organisation, running_stack

DRAFTED = ("drafted", "")
IN_FLIGHT = 3
MAX_GROWTH = 100 * 1024 * 1024

_numbers = itertools.count()


@pytest.fixture(scope="module")
def model() -> Iterator[ModelStub]:
    with ModelStub() as stub:
        yield stub


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, model: ModelStub) -> Iterator[House]:
    """One run for all tests: what an earlier one has broken stays broken beside the later ones."""
    settings = {"llm_base_url": model.base_url, "llm_model": "stub", "in_flight_per_mailbox": str(IN_FLIGHT)}
    with House(tmp_path_factory.mktemp("house"), **settings) as running:
        yield running


@pytest.fixture
async def owner(house: House) -> AsyncGenerator[Owner]:
    async with house.owner() as owner:
        yield owner


class Neighbour:
    """A healthy mailbox of the same owner, on the same house."""

    def __init__(self, server: Dovecot, user: str) -> None:
        self._server = server
        self._user = user

    async def is_served(self) -> None:
        """A mail gets its draft, now."""
        message_id, mail = an_enquiry(next(_numbers))
        self._server.deliver(self._user, mail)
        await until_drafted(self._server, self._user, message_id, seconds=10)


@pytest.fixture
async def neighbour(owner: Owner, dovecot: Dovecot) -> Neighbour:
    user = a_user()
    await owner.mailbox(user, dovecot.port)
    return Neighbour(dovecot, user)


def a_user() -> str:
    return f"haus{next(_numbers)}"


def a_mail(subject: str, text: str, message_id: str | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Gast <gast@example.org>"
    message["To"] = "info@hotel-seeblick.example"
    message["Subject"] = subject
    if message_id is not None:
        message["Message-ID"] = message_id
    message.set_content(text)
    return message


class TestMailbox:
    async def test_a_wrong_password_stops_it(self, owner: Owner, dovecot: Dovecot, neighbour: Neighbour) -> None:
        mailbox = await owner.mailbox(a_user(), dovecot.port, password="falsch")
        await owner.until_status(mailbox, "stopped", "credentials_refused")
        await neighbour.is_served()
        await owner.change(f"/mailboxes/{mailbox}", imap={"password": PASSWORD})
        await owner.until_status(mailbox, "watching", "")

    async def test_a_server_that_is_gone_is_waited_for(
        self, owner: Owner, start_dovecot: StartDovecot, neighbour: Neighbour
    ) -> None:
        server, user = start_dovecot(Options()), a_user()
        mailbox = await owner.mailbox(user, server.port)
        await owner.until_status(mailbox, "watching", "")
        server.stop()
        await owner.until_status(mailbox, "retrying", "server_unreachable")
        await neighbour.is_served()
        message_id, mail = an_enquiry(next(_numbers))
        server.deliver(user, mail)
        server.start()
        await until_drafted(server, user, message_id)
        await owner.until_status(mailbox, "watching", "")

    async def test_a_certificate_that_is_not_valid_stops_it(
        self, owner: Owner, dovecot: Dovecot, neighbour: Neighbour
    ) -> None:
        mailbox = await owner.mailbox(a_user(), dovecot.tls_port, security="tls")
        await owner.until_status(mailbox, "stopped", "certificate_not_valid")
        await neighbour.is_served()

    async def test_without_a_drafts_folder_one_is_made(
        self, owner: Owner, bare_dovecot: Dovecot, neighbour: Neighbour
    ) -> None:
        user = a_user()
        mailbox = await owner.mailbox(user, bare_dovecot.port)
        message_id, mail = an_enquiry(next(_numbers))
        bare_dovecot.deliver(user, mail)
        await owner.until_settled(mailbox, DRAFTED)
        await until_drafted(bare_dovecot, user, message_id)
        await neighbour.is_served()

    async def test_a_full_mailbox(self, owner: Owner, start_dovecot: StartDovecot, neighbour: Neighbour) -> None:
        server, user = start_dovecot(Options(quota=1)), a_user()
        mailbox = await owner.mailbox(user, server.port)
        server.deliver(user, an_enquiry(1, padding=3000)[1])
        await owner.until_settled(mailbox, ("failed", "quota_exceeded"))
        assert await owner.status(mailbox) == ("watching", "")
        await neighbour.is_served()


class TestMessage:
    async def test_of_60_megabytes(self, house: House, owner: Owner, dovecot: Dovecot, neighbour: Neighbour) -> None:
        await neighbour.is_served()  # so that what is loaded only once is loaded
        mail = a_mail("Ein Film", "Guten Tag,\n\nwann gibt es Frühstück?\n", "<film@example.org>")
        mail.add_attachment(os.urandom(45_000_000), maintype="video", subtype="mp4", filename="film.mp4")
        assert len(mail.as_bytes()) > 60_000_000
        user = a_user()
        mailbox = await owner.mailbox(user, dovecot.port)
        memory = Memory(house.process.pid)
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(memory.watch())
            dovecot.deliver(user, mail.as_bytes())
            await owner.until_settled(mailbox, DRAFTED)
            await neighbour.is_served()
            watching.cancel()
        (draft,) = drafts(dovecot, user)
        assert "Frühstücksbuffet" in text_of(draft)
        assert memory.growth < MAX_GROWTH

    @pytest.mark.parametrize("line", [80, 1_000_000])
    async def test_of_a_million_characters(
        self, owner: Owner, dovecot: Dovecot, neighbour: Neighbour, line: int
    ) -> None:
        rest = "\n".join(["Wir kommen gern. " * (line // 17)] * (1_000_000 // line))
        mail = a_mail("Ein langer Brief", f"Guten Tag,\n\nwann gibt es Frühstück?\n\n{rest}\n", "<brief@example.org>")
        user = a_user()
        mailbox = await owner.mailbox(user, dovecot.port)
        dovecot.deliver(user, mail.as_bytes())
        await neighbour.is_served()
        await owner.until_settled(mailbox, DRAFTED)
        (draft,) = drafts(dovecot, user)
        assert "Frühstücksbuffet" in text_of(draft)

    async def test_without_a_message_id(self, owner: Owner, dovecot: Dovecot, neighbour: Neighbour) -> None:
        user = a_user()
        mailbox = await owner.mailbox(user, dovecot.port)
        for number in (1, 2):
            dovecot.deliver(user, a_mail(f"Frage {number}", "Wann gibt es Frühstück?\n").as_bytes())
        await owner.until_settled(mailbox, DRAFTED, DRAFTED)
        assert answers_to(dovecot, user) == {"Frage 1", "Frage 2"}
        await neighbour.is_served()

    async def test_with_a_message_id_that_repeats(self, owner: Owner, dovecot: Dovecot, neighbour: Neighbour) -> None:
        user = a_user()
        mailbox = await owner.mailbox(user, dovecot.port)
        for number in (1, 2):
            mail = a_mail(f"Frage {number}", "Wann gibt es Frühstück?\n", "<immer-gleich@example.org>")
            dovecot.deliver(user, mail.as_bytes())
        await owner.until_settled(mailbox, DRAFTED, DRAFTED)
        assert answers_to(dovecot, user) == {"Frage 1", "Frage 2"}
        await neighbour.is_served()

    async def test_deleted_before_it_is_read(
        self, house: House, owner: Owner, dovecot: Dovecot, model: ModelStub, neighbour: Neighbour
    ) -> None:
        """It is in the ledger, and waits there until fewer of its mailbox are with the drafter."""
        user = a_user()
        for number in range(IN_FLIGHT + 1):
            dovecot.deliver(user, an_enquiry(number)[1])
        model.rules(delay=2)
        mailbox = await owner.mailbox(user, dovecot.port)
        await eventually(lambda: in_ledger(house, mailbox), (IN_FLIGHT + 1, IN_FLIGHT), 10)
        with client(dovecot, user) as person:
            person.select("INBOX")
            person.store(str(IN_FLIGHT + 1), "+FLAGS", "\\Deleted")
            person.expunge()
        model.rules(delay=0)
        await eventually(lambda: outcomes(owner, mailbox), [DRAFTED] * IN_FLIGHT + [("skipped", "message_gone")], 20)
        await neighbour.is_served()


class TestEvent:
    async def test_that_cannot_be_decoded_on_one_machine(self, house: House, neighbour: Neighbour) -> None:
        house.query(
            "INSERT INTO bus.queue (queue, payload, headers) VALUES (%s, %s, '{}')",
            f"drafter/{MessageReceived.topic}",
            b"\xff no event",
        )
        await eventually(lambda: dead_letters(house), True, 10)
        await neighbour.is_served()

    async def test_that_cannot_be_decoded_on_kafka(
        self, postgres: Postgres, database: str, kafka: KafkaServer, dovecot: Dovecot, tmp_path: Path
    ) -> None:
        user = a_user()
        async with running_stack(postgres, database, kafka.bootstrap, tmp_path) as stack:
            owner = Owner(stack.api, *await an_organisation(stack.api, KNOWLEDGE))
            mailbox = await owner.mailbox(user, dovecot.port)
            consumer = AIOKafkaConsumer(
                DeadLettered.topic, bootstrap_servers=kafka.bootstrap, auto_offset_reset="latest"
            )
            async with consumer:
                await consumer.seek_to_end()
                async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
                    # The key puts it in front of the mailbox's next mail.
                    await producer.send_and_wait(MessageReceived.topic, b"\xff no event", key=mailbox.encode())
                message_id, mail = an_enquiry(next(_numbers))
                dovecot.deliver(user, mail)
                await until_drafted(dovecot, user, message_id)
                async with asyncio.timeout(10):
                    reference = await undecodable(consumer)
        assert (reference.service, reference.source_topic) == ("drafter", MessageReceived.topic)
        assert reference.message_id is None


async def undecodable(consumer: AIOKafkaConsumer) -> DeadLettered:
    """The next of its kind; others come from what earlier tests left on the broker."""
    async for record in consumer:
        reference = DeadLettered.model_validate_json(record.value)
        if reference.reason == "undecodable":
            return reference
    raise AssertionError("the topic has ended")


class Memory:
    """A process's resident memory in bytes: how much it grew at its highest."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._before = self._process.memory_info().rss
        self.growth = 0

    async def watch(self) -> None:
        while True:
            self.growth = max(self.growth, self._process.memory_info().rss - self._before)
            await asyncio.sleep(0.01)


def text_of(draft: object) -> str:
    assert hasattr(draft, "walk")
    parts = [part for part in draft.walk() if part.get_content_type() == "text/plain"]
    return parts[0].get_payload(decode=True).decode()


def answers_to(server: Dovecot, user: str) -> set[str]:
    """The subjects that the drafts answer."""
    found = [str(draft["Subject"]).removeprefix("Re: ").removeprefix("AW: ") for draft in drafts(server, user)]
    assert len(set(found)) == len(found)
    return set(found)


async def in_ledger(house: House, mailbox: str) -> tuple[int, int]:
    """How many of the mailbox's messages are in the ledger, and how many of those were handed on."""
    rows = await asyncio.to_thread(
        house.query, "SELECT count(*), count(published_at) FROM ingest.message WHERE mailbox_id = %s", mailbox
    )
    return rows[0]


async def outcomes(owner: Owner, mailbox: str) -> list[tuple[str, str]]:
    return sorted(await owner.settled(mailbox))


async def dead_letters(house: House) -> bool:
    log = await asyncio.to_thread(house.log)
    return any('"dead_letter"' in line and '"undecodable"' in line for line in log.splitlines())
