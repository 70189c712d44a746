"""What every mailbox has to keep, whichever server it is on."""

import asyncio
import imaplib
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, AsyncExitStack
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from shared.config import ImapAccount
from shared.errors import PermanentError, TransientError
from shared.mailbox.imap.names import encode, quote
from shared.mailbox.protocol import CatchUp, DraftStore, Fetched, Watch
from tests.drafts import a_draft
from tests.servers.dovecot import Dovecot
from tests.servers.mail_server import MailServer, client
from tests.servers.opening import open_draft_store, open_watch
from tests.servers.pymap_server import USER, Pymap

pytest_plugins = ("tests.servers.fixtures",)

HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)
_users = count()


def a_mail(number: int = 1, text: str = "Guten Tag") -> bytes:
    lines = (
        "From: Gast <gast@example.org>",
        "To: hotel@example.org",
        f"Subject: Anfrage {number}",
        f"Message-ID: <{number}@example.org>",
        "Date: Tue, 03 Mar 2026 10:12:00 +0100",
        "",
        text,
        "",
    )
    return "\r\n".join(lines).encode()


class Mailbox:
    """One user's mailbox on a server: our two adapters, and a person's mail program beside them."""

    def __init__(self, server: MailServer, user: str, change_uidvalidity: Callable[[], None]) -> None:
        self._server = server
        self._user = user
        self._stack = AsyncExitStack()
        self.change_uidvalidity = change_uidvalidity

    @property
    def account(self) -> ImapAccount:
        return self._server.account(self._user)

    def deliver(self, message: bytes, received: datetime | None = None) -> None:
        self._server.deliver(self._user, message, received)

    def person(self) -> AbstractContextManager[imaplib.IMAP4]:
        return client(self._server, self._user)

    async def watch(self, folder: str = "INBOX") -> Watch:
        watch = await open_watch(self.account, folder)
        self._stack.push_async_callback(watch.close)
        return watch

    async def drafts(self, choice: str = "") -> DraftStore:
        store = await open_draft_store(self.account, choice)
        self._stack.push_async_callback(store.close)
        return store

    def messages(self, folder: str, items: str = "(FLAGS BODY.PEEK[])") -> list[tuple[bytes, bytes]]:
        with self.person() as person:
            person.select(quote(encode(folder)), readonly=True)
            _, data = person.fetch("1:*", items)
            return [entry for entry in data if isinstance(entry, tuple)]

    def create(self, folder: str) -> None:
        with self.person() as person:
            status, _ = person.create(quote(encode(folder)))
            assert status == "OK"

    async def close(self) -> None:
        await self._stack.aclose()


@pytest.fixture(params=["pymap", "dovecot"])
async def mailbox(request: pytest.FixtureRequest) -> AsyncGenerator[Mailbox]:
    if request.param == "pymap":
        pymap: Pymap = request.getfixturevalue("pymap")
        opened = Mailbox(pymap, USER, pymap.restart)
    else:
        dovecot: Dovecot = request.getfixturevalue("bare_dovecot")
        user = f"user{next(_users)}"
        opened = Mailbox(dovecot, user, lambda: dovecot.change_uidvalidity(user))
    yield opened
    await opened.close()


async def read(watch: Watch, seen: CatchUp) -> list[Fetched]:
    return [message async for message in watch.fetch([item.ref for item in seen.seen])]


class TestCatchUp:
    async def test_without_a_cursor_it_lists_what_came_since_the_date(self, mailbox: Mailbox) -> None:
        mailbox.deliver(a_mail(1), received=HOUR_AGO - timedelta(minutes=1))
        mailbox.deliver(a_mail(2), received=HOUR_AGO + timedelta(minutes=1))
        watch = await mailbox.watch()
        result = await watch.catch_up(None, HOUR_AGO)
        (message,) = await read(watch, result)
        assert result.rebased
        assert message.raw == a_mail(2)
        assert result.seen[0].size == len(a_mail(2))

    async def test_a_mail_of_the_very_second_of_the_date_counts_as_new(self, mailbox: Mailbox) -> None:
        since = HOUR_AGO.replace(microsecond=900_000)
        mailbox.deliver(a_mail(), received=since.replace(microsecond=0))
        watch = await mailbox.watch()
        assert len((await watch.catch_up(None, since)).seen) == 1

    async def test_an_empty_folder_gives_a_cursor_that_misses_nothing(self, mailbox: Mailbox) -> None:
        watch = await mailbox.watch()
        empty = await watch.catch_up(None, HOUR_AGO)
        mailbox.deliver(a_mail(), received=datetime(2020, 1, 1, tzinfo=UTC))
        result = await watch.catch_up(empty.cursor, HOUR_AGO)
        assert not empty.seen
        assert [int(item.ref.id) >= int(empty.cursor.position) for item in result.seen] == [True]

    async def test_with_a_cursor_it_lists_only_what_is_new(self, mailbox: Mailbox) -> None:
        watch = await mailbox.watch()
        mailbox.deliver(a_mail(1))
        first = await watch.catch_up(None, HOUR_AGO)
        again = await watch.catch_up(first.cursor, HOUR_AGO)
        for number in (2, 3):
            mailbox.deliver(a_mail(number))
        then = await watch.catch_up(again.cursor, HOUR_AGO)
        assert not again.seen
        assert again.cursor == first.cursor
        assert not then.rebased
        assert [message.raw for message in await read(watch, then)] == [a_mail(2), a_mail(3)]

    async def test_a_cursor_holds_for_another_connection(self, mailbox: Mailbox) -> None:
        mailbox.deliver(a_mail(1))
        first = await (await mailbox.watch()).catch_up(None, HOUR_AGO)
        mailbox.deliver(a_mail(2))
        watch = await mailbox.watch()
        result = await watch.catch_up(first.cursor, HOUR_AGO)
        assert not result.rebased
        assert [message.raw for message in await read(watch, result)] == [a_mail(2)]

    async def test_a_changed_uidvalidity_lists_anew_and_messages_are_recognised(self, mailbox: Mailbox) -> None:
        mailbox.deliver(a_mail(1))
        watch = await mailbox.watch()
        before = await watch.catch_up(None, HOUR_AGO)
        await watch.close()
        mailbox.change_uidvalidity()
        if await self._is_empty(mailbox):
            mailbox.deliver(a_mail(1))
        watch = await mailbox.watch()
        after = await watch.catch_up(before.cursor, HOUR_AGO)
        assert after.rebased
        assert after.cursor.uidvalidity != before.cursor.uidvalidity
        assert [item.fingerprint for item in after.seen] == [item.fingerprint for item in before.seen]
        assert not [message async for message in watch.fetch([before.seen[0].ref])]

    async def test_fingerprints_tell_messages_apart(self, mailbox: Mailbox) -> None:
        for message in (a_mail(1), a_mail(2), a_mail(1, "Guten Abend")):
            mailbox.deliver(message)
        result = await (await mailbox.watch()).catch_up(None, HOUR_AGO)
        assert len({item.fingerprint for item in result.seen}) == 3

    async def test_a_folder_with_letters_beyond_ascii_can_be_watched(self, mailbox: Mailbox) -> None:
        folder = 'Anfragen & "Büro"'
        mailbox.create(folder)
        with mailbox.person() as person:
            person.append(quote(encode(folder)), "", "", a_mail())
        watch = await mailbox.watch(folder)
        assert len((await watch.catch_up(None, HOUR_AGO)).seen) == 1

    async def test_a_folder_that_is_not_there_is_named_as_such(self, mailbox: Mailbox) -> None:
        watch = await mailbox.watch("Nirgendwo")
        with pytest.raises(PermanentError, match=r"^folder_missing$"):
            await watch.catch_up(None, HOUR_AGO)

    async def _is_empty(self, mailbox: Mailbox) -> bool:
        with mailbox.person() as person:
            return person.select("INBOX", readonly=True)[1] == [b"0"]


class TestFetch:
    async def test_an_unread_mail_stays_unread(self, mailbox: Mailbox) -> None:
        mailbox.deliver(a_mail())
        watch = await mailbox.watch()
        (message,) = await read(watch, await watch.catch_up(None, HOUR_AGO))
        await watch.close()
        ((told, _),) = mailbox.messages("INBOX")
        assert "\\Seen" not in message.flags
        assert b"\\Seen" not in told

    async def test_flags_are_told(self, mailbox: Mailbox) -> None:
        mailbox.deliver(a_mail())
        with mailbox.person() as person:
            person.select("INBOX")
            person.store("1", "+FLAGS", "(\\Answered \\Seen)")
        watch = await mailbox.watch()
        result = await watch.catch_up(None, HOUR_AGO)
        (message,) = await read(watch, result)
        assert {"\\Answered", "\\Seen"} <= message.flags
        assert {"\\Answered", "\\Seen"} <= result.seen[0].flags

    async def test_a_message_that_is_gone_is_left_out(self, mailbox: Mailbox) -> None:
        for number in (1, 2, 3):
            mailbox.deliver(a_mail(number))
        watch = await mailbox.watch()
        result = await watch.catch_up(None, HOUR_AGO)
        with mailbox.person() as person:
            person.select("INBOX")
            person.store("2", "+FLAGS", "(\\Deleted)")
            person.expunge()
        another = await mailbox.watch()
        assert [message.raw for message in await read(another, result)] == [a_mail(1), a_mail(3)]

    async def test_bytes_that_look_like_the_protocol_arrive_as_they_are(self, mailbox: Mailbox) -> None:
        bodies = (
            b')\r\n* 1 FETCH (UID 1 BODY[] {5}\r\nA1 OK done ((( "{7}\r\n',
            b"\xe4\xf6\xfc \xff\xfe NIL \\Seen {99999999}\r\n",
            b"* BYE\r\n+ go on\r\n" * 20,
            b"",
            b"x" * 70_000 + b"\r\n",
        )
        sent = [a_mail(number).removesuffix(b"Guten Tag\r\n") + body for number, body in enumerate(bodies)]
        for message in sent:
            mailbox.deliver(message)
        watch = await mailbox.watch()
        messages = await read(watch, await watch.catch_up(None, HOUR_AGO))
        assert [message.raw for message in messages] == sent

    async def test_many_come_in_the_order_asked_for(self, mailbox: Mailbox) -> None:
        for number in range(120):
            mailbox.deliver(a_mail(number))
        watch = await mailbox.watch()
        refs = [item.ref for item in (await watch.catch_up(None, HOUR_AGO)).seen][::-1]
        assert [message.ref async for message in watch.fetch(refs)] == refs

    async def test_a_large_message_is_read_in_part_and_says_so(self, mailbox: Mailbox) -> None:
        large = a_mail(1, "\r\n".join(["Sehr viel Text"] * 170_000))
        for message in (large, a_mail(2)):
            mailbox.deliver(message)
        watch = await mailbox.watch()
        first, second = await read(watch, await watch.catch_up(None, HOUR_AGO))
        assert first.truncated
        assert first.raw == large[: 1024 * 1024]
        assert not second.truncated

    async def test_messages_known_from_elsewhere_are_read_by_another_connection(self, mailbox: Mailbox) -> None:
        mailbox.deliver(a_mail())
        result = await (await mailbox.watch()).catch_up(None, HOUR_AGO)
        assert [message.raw for message in await read(await mailbox.watch(), result)] == [a_mail()]


class TestWait:
    async def test_a_new_mail_ends_it(self, mailbox: Mailbox) -> None:
        watch = await mailbox.watch()
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        waiting = asyncio.create_task(watch.wait(20))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        mailbox.deliver(a_mail())
        await asyncio.wait_for(waiting, 5)
        assert len((await watch.catch_up(cursor, HOUR_AGO)).seen) == 1

    @pytest.mark.parametrize("meanwhile", ["nothing", "fetch"])
    async def test_a_mail_that_came_before_it_is_not_missed(self, mailbox: Mailbox, meanwhile: str) -> None:
        mailbox.deliver(a_mail(1))
        watch = await mailbox.watch()
        first = await watch.catch_up(None, HOUR_AGO)
        mailbox.deliver(a_mail(2))
        if meanwhile == "fetch":
            await read(watch, first)
        await asyncio.wait_for(watch.wait(20), 5)
        assert len((await watch.catch_up(first.cursor, HOUR_AGO)).seen) == 1

    async def test_it_ends_after_its_time_and_the_connection_goes_on(self, mailbox: Mailbox) -> None:
        watch = await mailbox.watch()
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        began = time.monotonic()
        await watch.wait(0.2)
        assert 0.15 < time.monotonic() - began < 2
        assert not (await watch.catch_up(cursor, HOUR_AGO)).seen

    async def test_a_cancelled_wait_leaves_a_watch_that_says_it_is_of_no_more_use(self, mailbox: Mailbox) -> None:
        watch = await mailbox.watch()
        await watch.catch_up(None, HOUR_AGO)
        waiting = asyncio.create_task(watch.wait(20))
        await asyncio.sleep(0.1)
        waiting.cancel()
        await asyncio.wait((waiting,))
        with pytest.raises(TransientError, match=r"^connection_lost$"):
            await watch.catch_up(None, HOUR_AGO)


class TestSave:
    async def test_a_draft_is_there_as_a_read_draft(self, mailbox: Mailbox) -> None:
        saved = await (await mailbox.drafts()).save(a_draft(a_mail(), "<1@example.org>"))
        ((told, raw),) = mailbox.messages(saved.folder)
        assert (saved.existed, saved.folder) == (False, "Drafts")
        assert b"\\Draft" in told
        assert b"\\Seen" in told
        assert raw == a_mail()

    async def test_saved_again_it_is_there_once(self, mailbox: Mailbox) -> None:
        store = await mailbox.drafts()
        answers = [await store.save(a_draft(a_mail(), "<1@example.org>")) for _ in range(3)]
        answers.append(await (await mailbox.drafts()).save(a_draft(a_mail(), "<1@example.org>")))
        assert [answer.existed for answer in answers] == [False, True, True, True]
        assert len(mailbox.messages("Drafts")) == 1

    async def test_another_draft_is_another(self, mailbox: Mailbox) -> None:
        store = await mailbox.drafts()
        for number in (1, 11, 111):
            assert not (await store.save(a_draft(a_mail(number), f"<{number}@example.org>"))).existed
        assert len(mailbox.messages("Drafts")) == 3

    async def test_a_draft_that_a_person_changed_is_left_alone(self, mailbox: Mailbox) -> None:
        store = await mailbox.drafts()
        await store.save(a_draft(a_mail(), "<1@example.org>"))
        with mailbox.person() as person:
            person.select("Drafts")
            person.store("1", "+FLAGS", "(\\Flagged)")
        saved = await store.save(a_draft(a_mail(1, "Ein anderer Text"), "<1@example.org>"))
        ((told, raw),) = mailbox.messages("Drafts")
        assert saved.existed
        assert b"\\Flagged" in told
        assert raw == a_mail()

    @pytest.mark.parametrize("name", ["Entwürfe", "ENTWÜRFE", "Brouillons", "Ablage/Entwürfe"])
    async def test_a_folder_by_a_name_that_people_use_is_found(self, mailbox: Mailbox, name: str) -> None:
        mailbox.create(name)
        saved = await (await mailbox.drafts()).save(a_draft(a_mail(), "<1@example.org>"))
        assert saved.folder == name
        assert len(mailbox.messages(name)) == 1

    @pytest.mark.parametrize("choice", ['Büro & Co/Antwort "neu"', 'B&APw-ro &- Co/Antwort "neu"'])
    async def test_the_owners_choice_comes_first(self, mailbox: Mailbox, choice: str) -> None:
        mailbox.create("Entwürfe")
        mailbox.create('Büro & Co/Antwort "neu"')
        saved = await (await mailbox.drafts(choice)).save(a_draft(a_mail(), "<1@example.org>"))
        assert saved.folder == 'Büro & Co/Antwort "neu"'
        assert len(mailbox.messages(saved.folder)) == 1

    async def test_a_folder_that_was_renamed_meanwhile_is_looked_for_again(self, mailbox: Mailbox) -> None:
        store = await mailbox.drafts()
        await store.save(a_draft(a_mail(1), "<1@example.org>"))
        with mailbox.person() as person:
            person.rename("Drafts", quote(encode("Entwürfe")))
        assert (await store.save(a_draft(a_mail(2), "<2@example.org>"))).folder == "Entwürfe"

    async def test_line_ends_become_those_of_the_protocol(self, mailbox: Mailbox) -> None:
        await (await mailbox.drafts()).save(a_draft(a_mail().replace(b"\r\n", b"\n"), "<1@example.org>"))
        ((_, raw),) = mailbox.messages("Drafts")
        assert raw == a_mail()

    async def test_a_connection_that_was_lost_meanwhile_is_renewed(self, mailbox: Mailbox) -> None:
        store = await mailbox.drafts()
        await store.save(a_draft(a_mail(1), "<1@example.org>"))
        await store.close()
        assert (await store.save(a_draft(a_mail(1), "<1@example.org>"))).existed


async def test_closing_twice_is_no_error(mailbox: Mailbox) -> None:
    watch, store = await mailbox.watch(), await mailbox.drafts()
    for _ in range(2):
        await watch.close()
        await store.close()
