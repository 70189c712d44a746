"""Off means off, what a person has touched is left alone, and nothing is ever sent."""

import ast
import asyncio
import itertools
import re
import tomllib
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from shared.events import DraftProposed
from tests.mails import KNOWLEDGE, an_enquiry
from tests.servers.dovecot import Dovecot
from tests.servers.house import House
from tests.servers.kafka import KafkaServer
from tests.servers.mail_server import client
from tests.servers.model_stub import ModelStub
from tests.servers.owner import Owner, drafts, eventually, until_drafted, wait_for
from tests.servers.postgres import Postgres
from tests.servers.stack import Stack, an_organisation, running_stack

ROOT = Path(__file__).resolve().parents[2]
DRAFTED = ("drafted", "")
SWITCHED_OFF = ("skipped", "switched_off")
ARRIVED_WHILE_OFF = ("skipped", "arrived_while_off")
REDRIVE = {"redrive_after": "1", "redrive_every": "0.5"}
SEVERAL_REDRIVES = 3.0
THINKING = 1.5

_numbers = itertools.count()


@pytest.fixture(scope="module")
def model() -> Iterator[ModelStub]:
    with ModelStub() as stub:
        yield stub


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, model: ModelStub) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("house"), llm_base_url=model.base_url, llm_model="stub", **REDRIVE) as running:
        yield running


@pytest.fixture
async def owner(house: House) -> AsyncGenerator[Owner]:
    async with house.owner() as owner:
        yield owner


@pytest.fixture
def user() -> str:
    return f"schalter{next(_numbers)}"


async def in_flight(model: ModelStub) -> int:
    return (await asyncio.to_thread(model.stats))["in_flight"]


def contents(server: Dovecot, user: str) -> list[bytes]:
    return [draft.as_bytes() for draft in drafts(server, user)]


def edit(server: Dovecot, user: str) -> None:
    """As most mail programs do it: the changed draft is added under an identity of its own, the old one removed."""
    _replace(server, user, "<von-hand@mailprogramm.example>")


def edit_under_its_identity(server: Dovecot, user: str) -> None:
    """As some do."""
    _replace(server, user, drafts(server, user)[0]["Message-ID"])


def _replace(server: Dovecot, user: str, message_id: str) -> None:
    edited = EmailMessage()
    edited["From"] = f"{user}@hotel-seeblick.example"
    edited["Subject"] = "AW: Frage"
    edited["Message-ID"] = message_id
    edited["In-Reply-To"] = drafts(server, user)[0]["In-Reply-To"]
    edited.set_content("Das schreibe ich lieber selbst.\n")
    delete(server, user)
    with client(server, user) as person:
        status, _ = person.append("Drafts", "(\\Draft)", None, edited.as_bytes())
        assert status == "OK"


def leave(server: Dovecot, user: str) -> None:
    """As the writer left it."""


def delete(server: Dovecot, user: str) -> None:
    with client(server, user) as person:
        person.select("Drafts")
        person.store("1:*", "+FLAGS", "\\Deleted")
        person.expunge()


@contextmanager
def recording(house: House, queue: str) -> Iterator[Callable[[], None]]:
    """Records what is put into a queue of the bus; calling what it yields puts it in again, until it is handled."""
    house.query("CREATE TABLE bus.record AS SELECT queue, payload, headers FROM bus.queue WITH NO DATA")
    house.query(
        "CREATE RULE record AS ON INSERT TO bus.queue WHERE new.queue = " + f"'{queue}'"
        " DO ALSO INSERT INTO bus.record VALUES (new.queue, new.payload, new.headers)"
    )

    def again() -> None:
        house.query("DROP RULE record ON bus.queue")
        house.query("INSERT INTO bus.queue (queue, payload, headers) SELECT * FROM bus.record")
        assert house.query("SELECT count(*) FROM bus.record") == [(1,)]
        house.query("NOTIFY outbox_queue")
        wait_for(lambda: house.query("SELECT count(*) FROM bus.queue") == [(0,)], 10)

    try:
        yield again
    finally:
        house.query("DROP TABLE bus.record CASCADE")


async def a_draft(owner: Owner, server: Dovecot, user: str) -> str:
    """A new mailbox, with a mail that has got its draft; the mailbox's id."""
    mailbox = await owner.mailbox(user, server.port)
    server.deliver(user, an_enquiry(1)[1])
    await owner.until_settled(mailbox, DRAFTED)
    assert len(contents(server, user)) == 1
    return mailbox


class TestOffMeansOff:
    @pytest.mark.parametrize("which", ["mailbox", "assistant", "organisation"])
    async def test_also_while_the_model_is_writing(
        self, owner: Owner, dovecot: Dovecot, model: ModelStub, user: str, which: str
    ) -> None:
        mailbox = await owner.mailbox(user, dovecot.port)
        await owner.until_status(mailbox, "watching", "")
        model.reset()
        model.script({"do": "answer", "delay": THINKING})
        dovecot.deliver(user, an_enquiry(1)[1])
        await eventually(lambda: in_flight(model), 1, 10)
        await owner.switch(which, mailbox, on=False)
        assert model.stats()["in_flight"] == 1
        await owner.until_settled(mailbox, SWITCHED_OFF)
        assert drafts(dovecot, user) == []

    async def test_what_arrived_meanwhile_gets_no_draft_later(self, owner: Owner, dovecot: Dovecot, user: str) -> None:
        mailbox = await owner.mailbox(user, dovecot.port)
        await owner.until_status(mailbox, "watching", "")
        await owner.switch("mailbox", mailbox, on=False)
        dovecot.deliver(user, an_enquiry(1)[1])
        await asyncio.sleep(1)  # INTERNALDATE knows whole seconds
        await owner.switch("mailbox", mailbox, on=True)
        message_id, mail = an_enquiry(2)
        dovecot.deliver(user, mail)
        await until_drafted(dovecot, user, message_id)
        await owner.until_settled(mailbox, ARRIVED_WHILE_OFF, DRAFTED)
        assert len(drafts(dovecot, user)) == 1


class TestLookingBack:
    """A new mailbox, whose owner wants to see a draft at once: for the last mail that nobody has answered."""

    async def test_the_last_unanswered_mail_gets_its_draft(self, owner: Owner, dovecot: Dovecot, user: str) -> None:
        moment = datetime.now(UTC) - timedelta(days=1)
        _, before = an_enquiry(1)
        message_id, last = an_enquiry(2)
        dovecot.deliver(user, before, moment - timedelta(hours=3))
        dovecot.deliver(user, last, moment)
        mailbox = await owner.mailbox(user, dovecot.port, watch_since=datetime.now(UTC).isoformat())
        await owner.until_status(mailbox, "watching", "")
        found = await owner.api.post(f"{owner.path}/mailboxes/{mailbox}/last-unanswered")
        assert found.status_code == 200, found.text
        assert found.json()["subject"] == "Frage 2 zu unserem Aufenthalt"
        assert await owner.settled(mailbox) == []
        await owner.change(f"/mailboxes/{mailbox}", watch_since=found.json()["watch_since"])
        await until_drafted(dovecot, user, message_id)
        await owner.until_settled(mailbox, DRAFTED)
        (row,) = (await owner.api.get(f"{owner.path}/activity", params={"mailbox_id": mailbox})).json()["items"]
        draft = (await owner.api.get(f"{owner.path}/activity/{row['message_id']}/draft")).json()
        plain = drafts(dovecot, user)[0].get_payload()[0].get_payload(decode=True).decode().replace("\r\n", "\n")
        assert plain.startswith(f"{draft['text']}\n\n{draft['quoted']}")
        assert "15 Euro" in draft["text"]
        await owner.change(f"/mailboxes/{mailbox}", watch_since=(moment - timedelta(days=1)).isoformat())
        await owner.until_settled(mailbox, DRAFTED, DRAFTED)
        assert len(drafts(dovecot, user)) == 2, "the older mail's, and no second one for the last"

    async def test_what_arrived_while_off_may_be_wanted_after_all(
        self, owner: Owner, dovecot: Dovecot, user: str
    ) -> None:
        mailbox = await owner.mailbox(user, dovecot.port)
        await owner.until_status(mailbox, "watching", "")
        await owner.switch("mailbox", mailbox, on=False)
        message_id, mail = an_enquiry(1)
        dovecot.deliver(user, mail)
        await asyncio.sleep(1)  # INTERNALDATE knows whole seconds
        await owner.switch("mailbox", mailbox, on=True)
        await owner.until_settled(mailbox, ARRIVED_WHILE_OFF)
        await owner.change(f"/mailboxes/{mailbox}", watch_since="2020-01-01T00:00:00Z")
        await until_drafted(dovecot, user, message_id)
        await owner.until_settled(mailbox, ARRIVED_WHILE_OFF, DRAFTED)


class TestTouchedByAPerson:
    @pytest.mark.parametrize("touch", [edit, delete])
    async def test_a_draft_is_left_alone(
        self, owner: Owner, dovecot: Dovecot, user: str, touch: Callable[[Dovecot, str], None]
    ) -> None:
        mailbox = await a_draft(owner, dovecot, user)
        touch(dovecot, user)
        before = contents(dovecot, user)
        await asyncio.sleep(SEVERAL_REDRIVES)
        assert contents(dovecot, user) == before
        assert await owner.settled(mailbox) == [DRAFTED]

    @pytest.mark.parametrize("touch", [leave, edit_under_its_identity, edit, delete])
    async def test_also_when_its_event_comes_again(
        self, house: House, owner: Owner, dovecot: Dovecot, user: str, touch: Callable[[Dovecot, str], None]
    ) -> None:
        """As it does where the writer died between its work and its acknowledgement."""
        with recording(house, f"writer/{DraftProposed.topic}") as deliver_again:
            mailbox = await a_draft(owner, dovecot, user)
            touch(dovecot, user)
            before = contents(dovecot, user)
            await asyncio.to_thread(deliver_again)
        assert contents(dovecot, user) == before
        assert await owner.settled(mailbox) == [DRAFTED]


class TestWithoutConfigApi:
    async def test_drafting_goes_on_without_config_api(self, stack: Stack, dovecot: Dovecot, user: str) -> None:
        owner = Owner(stack.api, *await an_organisation(stack.api, KNOWLEDGE))
        mailbox = await owner.mailbox(user, dovecot.port)
        message_id, mail = an_enquiry(1)
        dovecot.deliver(user, mail)
        await until_drafted(dovecot, user, message_id, seconds=30)
        await owner.until_settled(mailbox, DRAFTED)
        await asyncio.to_thread(stack.processes["config-api"].stop)
        message_id, mail = an_enquiry(2)
        dovecot.deliver(user, mail)
        await until_drafted(dovecot, user, message_id, seconds=30)

    @pytest.fixture
    async def stack(
        self, postgres: Postgres, database: str, kafka: KafkaServer, tmp_path: Path
    ) -> AsyncGenerator[Stack]:
        async with running_stack(postgres, database, kafka.bootstrap, tmp_path) as stack:
            yield stack


class TestNothingIsSent:
    """From a customer's mailbox, that is: Kinamik's own notices to its users leave from one folder."""

    MODULES = ("smtplib", "aiosmtplib", "aiosmtpd", "smtpd", "nntplib", "sendgrid", "mailjet_rest", "fastapi_mail")
    # Gmail's /settings/sendAs, and nothing below it, has the signature.
    CALLS = re.compile("(messages|drafts)/send|sendMail|/send(?!As$)")
    NOTICES = ROOT / "services" / "config-api" / "src" / "config_api" / "notices"

    def test_only_notices_import_what_could_send(self) -> None:
        files = product_files()
        assert len(files) > 100
        sending = [(file, name) for file in files for name in imported(file) if name.partition(".")[0] in self.MODULES]
        assert sending == [(self.NOTICES / "sender.py", "aiosmtplib")]

    def test_notices_know_no_customers_mailbox(self) -> None:
        """They have its address to name it, and nothing with which it could be opened."""
        names = [name for file in self.NOTICES.glob("*.py") for name in imported(file)]
        assert names
        assert [name for name in names if name.startswith("shared.mailbox")] == []
        assert [file for file in self.NOTICES.glob("*.py") if "imap_password" in file.read_text()] == []

    def test_no_service_names_a_providers_way_to_send(self) -> None:
        texts = [(file, text) for file in product_files() for text in strings(file)]
        assert [f"{file}: {text}" for file, text in texts if self.CALLS.search(text)] == []

    def test_only_config_api_depends_on_what_could_send(self) -> None:
        projects = [ROOT / "shared" / "pyproject.toml", *(ROOT / "services").glob("*/pyproject.toml")]
        assert len(projects) == 6
        wanted = [
            (file.parent.name, line)
            for file in projects
            for line in tomllib.loads(file.read_text())["project"]["dependencies"]
        ]
        sending = [(name, line) for name, line in wanted if re.search("smtp|mailjet|sendgrid", line)]
        assert [(name, re.split("[^a-z]", line)[0]) for name, line in sending] == [("config-api", "aiosmtplib")]


def product_files() -> list[Path]:
    """The source of the services, and of what they share."""
    return [*(ROOT / "shared" / "src").rglob("*.py"), *(ROOT / "services").glob("*/src/**/*.py")]


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("import_module", "__import__"):
            yield from (str(argument.value) for argument in node.args if isinstance(argument, ast.Constant))


def strings(file: Path) -> Iterator[str]:
    nodes = ast.walk(ast.parse(file.read_text()))
    yield from (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
