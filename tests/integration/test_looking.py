"""Looking into a mailbox for somebody who waits: the last unanswered mail, and a draft. Nothing there is changed."""

import logging
import time
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from config_api.activity.drafts import apart
from shared.config import ImapAccount
from shared.events import DraftProposed, Outcome
from shared.mailbox.imap.drafts import open_draft_store
from shared.mailbox.imap.looking import find_draft, newest_unanswered
from tests.looking import OF_MACHINES, a_draft, a_mail, ago, composed, settled
from tests.mails import a_newsletter
from tests.servers.config_api import ConfigApiServer, Resource, running_config_api
from tests.servers.dovecot import Dovecot
from tests.servers.mail_server import PASSWORD, MailServer, client
from tests.servers.postgres import Postgres
from tests.servers.pymap_server import USER, Pymap
from tests.servers.scripted_imap import scripted

pytest_plugins = ("tests.servers.fixtures",)

OWN = frozenset({"info@hotel-seeblick.example"})
NOT_OF_PEOPLE = (*OF_MACHINES, {"sender": "Wir <INFO@hotel-seeblick.example>"})
FLAGS_OF_PEOPLE = ("\\Answered", "\\Deleted", "\\Draft", "$Junk", "Junk")


async def newest(account: ImapAccount, since: datetime | None = None) -> str | None:
    """Its subject."""
    found = await newest_unanswered(account, "INBOX", since=since or ago(days=14), own=OWN, private_hosts=True)
    return None if found is None else found.mail.subject


def flagged(server: MailServer, user: str, subject: str, flag: str) -> None:
    with client(server, user) as connection:
        connection.select("INBOX")
        (found,) = connection.search(None, "SUBJECT", f'"{subject}"')[1]
        connection.store(found.decode(), "+FLAGS", flag)


def flags(server: MailServer, user: str) -> list[Any]:
    with client(server, user) as connection:
        connection.select("INBOX", readonly=True)
        return connection.fetch("1:*", "(FLAGS)")[1]


class TestNewest:
    async def test_the_newest_by_arrival(self, dovecot: Dovecot) -> None:
        for subject, days in (("mittlere", 2), ("neueste", 1), ("älteste", 3)):
            dovecot.deliver("reihe", a_mail(subject), ago(days=days))
        before = flags(dovecot, "reihe")
        assert await newest(dovecot.account("reihe")) == "neueste"
        assert flags(dovecot, "reihe") == before, "nothing is marked as read"

    @pytest.mark.parametrize("flag", FLAGS_OF_PEOPLE)
    async def test_what_is_done_with_is_passed_over(self, dovecot: Dovecot, flag: str) -> None:
        user = f"marke{FLAGS_OF_PEOPLE.index(flag)}"
        dovecot.deliver(user, a_mail("offen"), ago(hours=2))
        dovecot.deliver(user, a_mail("erledigt"), ago(hours=1))
        flagged(dovecot, user, "erledigt", flag)
        assert await newest(dovecot.account(user)) == "offen"

    @pytest.mark.parametrize(
        ("number", "headers"),
        list(enumerate(NOT_OF_PEOPLE)),
    )
    async def test_machines_and_ourselves_are_passed_over(
        self, dovecot: Dovecot, number: int, headers: dict[str, str]
    ) -> None:
        user = f"maschine{number}"
        dovecot.deliver(user, a_mail("von einem Menschen", Auto_Submitted="no"), ago(hours=2))
        dovecot.deliver(user, a_mail("von einer Maschine", **headers), ago(hours=1))
        assert await newest(dovecot.account(user)) == "von einem Menschen"

    async def test_what_is_too_old_or_not_there(self, dovecot: Dovecot) -> None:
        assert await newest(dovecot.account("leer")) is None
        dovecot.deliver("alt", a_mail("alt"), ago(days=14, minutes=1))
        assert await newest(dovecot.account("alt")) is None
        dovecot.deliver("alt", a_mail("gerade noch"), ago(days=14) + timedelta(minutes=1))
        assert await newest(dovecot.account("alt")) == "gerade noch"

    async def test_pymap(self, pymap: Pymap) -> None:
        since = datetime.now(UTC) + timedelta(minutes=5)
        pymap.deliver(USER, a_mail("offen"), since + timedelta(minutes=1))
        pymap.deliver(USER, a_newsletter(1)[1], since + timedelta(minutes=2))
        assert await newest(pymap.account(), since) == "offen"


async def saved(account: ImapAccount, event: DraftProposed) -> bytes:
    """As the writer saves it."""
    draft = composed(event, account)
    store = await open_draft_store(account, private_hosts=True)
    await store.save(draft)
    await store.close()
    return draft.raw


class TestDraft:
    async def test_it_is_found_by_its_mark(self, dovecot: Dovecot) -> None:
        account = dovecot.account("entwurf")
        first, second = a_draft(str(uuid4())), a_draft(str(uuid4()))
        for event in (first, second, first.model_copy(update={"generation": 10})):
            await saved(account, event)
        found = await find_draft(account, "", f"{first.message_id}/0", private_hosts=True)
        assert found is not None
        assert (found.folder, found.mail.subject) == ("Drafts", "AW: Frage zum Frühstück")
        for mark in (f"{first.message_id}/1", f"{uuid4()}/0"):
            assert await find_draft(account, "", mark, private_hosts=True) is None

    async def test_pymap(self, pymap: Pymap) -> None:
        event = a_draft(str(uuid4()))
        await saved(pymap.account(), event)
        assert await find_draft(pymap.account(), "", f"{event.message_id}/0", private_hosts=True) is not None

    async def test_without_a_drafts_folder_none_is_made(self, bare_dovecot: Dovecot) -> None:
        assert await find_draft(bare_dovecot.account("ohne"), "", "x/0", private_hosts=True) is None
        with client(bare_dovecot, "ohne") as connection:
            assert [str(folder).rsplit(" ", 1)[-1] for folder in connection.list()[1]] == ["INBOX'"]


@pytest.mark.parametrize(
    ("body", "text", "quoted"),
    [
        (
            "Antwort\n\nTeam\n\nAm 3. März schrieb Gast:\n> Frage\n>\n> Gruß\n",
            "Antwort\n\nTeam",
            "Am 3. März schrieb Gast:\n> Frage\n>\n> Gruß",
        ),
        ("Antwort\n", "Antwort", ""),
        ("> nur Zitat", "", "> nur Zitat"),
        ("Antwort\n\n> mitten\n\nund weiter", "Antwort\n\n> mitten\n\nund weiter", ""),
        ("", "", ""),
    ],
)
def test_words_of_ones_own_and_quoted_ones(body: str, text: str, quoted: str) -> None:
    assert apart(body) == (text, quoted)


class TestOverTheApi:
    @pytest.fixture
    async def api(self, postgres: Postgres, database: str) -> AsyncGenerator[ConfigApiServer]:
        async with running_config_api(postgres, database) as server:
            yield server

    @pytest.fixture
    async def anna(self, api: ConfigApiServer) -> Resource:
        return await api.an_assistant()

    async def mailbox(self, anna: Resource, user: str, port: int, **values: Any) -> str:
        imap = {"host": "127.0.0.1", "port": port, "security": "none", "username": user, "password": PASSWORD}
        return (await anna.mailbox(user, imap=imap, **values))["id"]

    async def last(self, anna: Resource, mailbox: str) -> httpx2.Response:
        return await anna.api.http.post(f"{anna.organisation}/mailboxes/{mailbox}/last-unanswered", timeout=20)

    async def draft(self, anna: Resource, message: object) -> httpx2.Response:
        return await anna.api.http.get(f"{anna.organisation}/activity/{message}/draft", timeout=20)

    async def actions(self, api: ConfigApiServer) -> list[tuple[str, str]]:
        """What the security log was told so far."""
        return [(event.action, event.subject) for event in await api.recorded()]

    async def test_the_last_unanswered_mail(
        self, anna: Resource, dovecot: Dovecot, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        text = "Guten Tag, wann öffnen Sie?\n\n" + "Wir freuen uns. " * 400
        received = ago(hours=5)
        dovecot.deliver("letzte", a_mail("Öffnungszeiten", "Karin Albrecht <k.albrecht@example.org>", text), received)
        dovecot.deliver("letzte", a_mail("Unser Angebot", "chef@hotel-seeblick.example"), ago(hours=4))
        mailbox = await self.mailbox(anna, "letzte", dovecot.port, aliases=["Chef@hotel-seeblick.example"])
        response = await self.last(anna, mailbox)
        assert response.status_code == 200, response.text
        found = response.json()
        assert (found["from_name"], found["subject"]) == ("Karin Albrecht", "Öffnungszeiten")
        assert found["body_text"].startswith("Guten Tag, wann öffnen Sie?")
        assert len(found["body_text"]) == 4000
        assert datetime.fromisoformat(found["received_at"]) == received
        assert datetime.fromisoformat(found["watch_since"]) == received - timedelta(seconds=1)
        assert ("mailbox.looked_into", mailbox) in await self.actions(anna.api)
        assert "Albrecht" not in caplog.text

    async def test_there_is_none(self, anna: Resource, dovecot: Dovecot) -> None:
        response = await self.last(anna, await self.mailbox(anna, "keine", dovecot.port))
        assert (response.status_code, response.content) == (204, b"")

    async def test_a_mailbox_that_cannot_be_read(self, anna: Resource, dovecot: Dovecot) -> None:
        wrong = {
            "host": "127.0.0.1",
            "port": dovecot.port,
            "security": "none",
            "username": "anna",
            "password": "falsch",
        }
        response = await self.last(anna, (await anna.mailbox("anna", imap=wrong))["id"])
        assert (response.status_code, response.json()["reason"]) == (409, "mailbox_not_readable")
        response = await self.last(anna, await self.mailbox(anna, "ordner", dovecot.port, folder="Fehlt"))
        assert (response.status_code, response.json()["reason"]) == (409, "mailbox_not_readable")

    async def test_a_server_that_never_ends_its_answer(self, anna: Resource) -> None:
        async with scripted({"UID SEARCH": [b"* SEARCH 1\r\n"] * 3}) as peer:
            began = time.monotonic()
            response = await self.last(anna, await self.mailbox(anna, "demo", peer.port))
        assert (response.status_code, response.json()["reason"]) == (409, "mailbox_not_readable")
        assert time.monotonic() - began < 15

    async def test_it_leads_nobody_into_our_network(self, postgres: Postgres, database: str, dovecot: Dovecot) -> None:
        async with running_config_api(postgres, database) as api:
            anna = await api.an_assistant()
            mailbox = await self.mailbox(anna, "innen", dovecot.port)
            api.app.state.settings.private_hosts = False
            response = await self.last(anna, mailbox)
            assert (response.status_code, response.json()["reason"]) == (422, "host_not_public")
            assert ("mailbox.host_refused", "") in await self.actions(api)

    async def settled(self, anna: Resource, event: DraftProposed, outcome: Outcome = Outcome.DRAFTED) -> None:
        await settled(anna.api.service, event, anna.organisation_id, anna.id, outcome)

    async def test_the_draft_as_it_lies_there(self, anna: Resource, dovecot: Dovecot) -> None:
        mailbox = await self.mailbox(anna, "blick", dovecot.port)
        event = a_draft(mailbox)
        await saved(dovecot.account("blick"), event)
        await self.settled(anna, event)
        response = await self.draft(anna, event.message_id)
        assert response.status_code == 200, response.text
        found = response.json()
        assert found["text"] == "Guten Tag,\n\nab sieben Uhr.\n\nIhr Team vom Hotel"
        assert "> Wann gibt es Frühstück?" in found["quoted"]
        assert found["to"] == ["Gast, Anna <gast@example.org>"]
        assert (found["folder"], found["subject"]) == ("Drafts", "AW: Frage zum Frühstück")
        assert (found["mailbox_id"], found["message_id"]) == (mailbox, str(event.message_id))
        assert ("draft.read", str(event.message_id)) in await self.actions(anna.api)

    async def test_what_a_person_has_sent_or_deleted_is_gone(self, anna: Resource, dovecot: Dovecot) -> None:
        mailbox = await self.mailbox(anna, "weg", dovecot.port)
        event = a_draft(mailbox)
        await saved(dovecot.account("weg"), event)
        await self.settled(anna, event)
        with client(dovecot, "weg") as connection:
            connection.select("Drafts")
            connection.store("1", "+FLAGS", "\\Deleted")
        response = await self.draft(anna, event.message_id)
        assert (response.status_code, response.json()["reason"]) == (404, "draft_gone")

    async def test_only_what_was_drafted_and_is_ones_own(
        self, api: ConfigApiServer, anna: Resource, dovecot: Dovecot
    ) -> None:
        other = await api.an_assistant("Pension Bergblick")
        theirs = a_draft(await self.mailbox(other, "fremd", dovecot.port))
        await self.settled(other, theirs)
        skipped = a_draft(await self.mailbox(anna, "eigen", dovecot.port))
        await self.settled(anna, skipped, Outcome.SKIPPED)
        lost = a_draft(str(uuid4()))
        await self.settled(anna, lost)
        for message, status, reason in (
            (theirs.message_id, 404, "message_unknown"),
            (UUID(int=0), 404, "message_unknown"),
            (skipped.message_id, 409, "message_not_drafted"),
            (lost.message_id, 404, "mailbox_unknown"),
        ):
            response = await self.draft(anna, message)
            assert (response.status_code, response.json()["reason"]) == (status, reason)
