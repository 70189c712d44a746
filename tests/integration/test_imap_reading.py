"""Reading a mailbox whose server answers oddly, and what reading must never do: tell, cost or change too much."""

import asyncio
import logging
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import KinamikError, TransientError
from shared.mailbox.imap import ImapDraftStore, ImapWatch
from shared.mailbox.imap.connection import Connection
from shared.mailbox.imap.watch import CATCH_UP_LIMIT
from shared.mailbox.imap.wire import PERMITTED
from shared.mailbox.protocol import Cursor, MessageRef, Watch
from tests.servers.dovecot import Dovecot
from tests.servers.mail_server import client
from tests.servers.opening import open_watch
from tests.servers.scripted_imap import Answers, scripted

pytest_plugins = ("tests.servers.fixtures",)

HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)
MAIL = b"From: gast@example.org\r\nMessage-ID: <1@example.org>\r\n\r\nGuten Tag\r\n"
HEADER = b"Message-ID: <1@example.org>\r\n\r\n"


def listed(uid: int, size: int = 9) -> bytes:
    head = f'* {uid} FETCH (UID {uid} FLAGS () INTERNALDATE " 1-Mar-2026 10:00:00 +0100" RFC822.SIZE {size}'
    return head.encode() + b" BODY[HEADER.FIELDS (MESSAGE-ID DATE FROM)] {%d}\r\n" % len(HEADER) + HEADER + b")\r\n"


async def read_until_error(watch: Watch, refs: list[MessageRef]) -> tuple[list[int], str]:
    """The UIDs that could be read, and the error's reason, empty for none."""
    read: list[int] = []
    try:
        async for message in watch.fetch(refs):
            read.append(int(message.ref.id))
    except KinamikError as error:
        return read, error.reason
    return read, ""


class TestReading:
    async def test_the_last_message_is_not_new_again(self) -> None:
        async with scripted({"UID FETCH": [listed(1) + b"%T OK done\r\n"]}) as peer:
            watch = await open_watch(peer.account(), "INBOX")
            result = await watch.catch_up(Cursor(7, "2"), HOUR_AGO)
            assert (result.seen, result.cursor, result.rebased) == ([], Cursor(7, "2"), False)
            await watch.close()

    async def test_an_announcement_between_commands_is_kept_for_the_next_wait(self) -> None:
        async with scripted({"UID FETCH": [b"* 2 EXISTS\r\n" + listed(1) + b"%T OK done\r\n"]}) as peer:
            watch = await open_watch(peer.account(), "INBOX")
            await watch.catch_up(Cursor(7, "1"), HOUR_AGO)
            await asyncio.wait_for(watch.wait(60), 10)
            assert "IDLE" not in peer.names()
            await watch.close()

    async def test_a_server_without_uidnext_still_gives_a_cursor(self) -> None:
        answers: Answers = {
            "EXAMINE": [b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n%T OK done\r\n"],
            "UID SEARCH": [[b"* SEARCH 41\r\n%T OK done\r\n"], [b"* SEARCH\r\n%T OK done\r\n"]],
        }
        async with scripted(answers) as peer:
            watch = await open_watch(peer.account(), "INBOX")
            assert (await watch.catch_up(None, HOUR_AGO)).cursor == Cursor(7, "42")
            await watch.close()

    async def test_one_unreadable_message_does_not_hold_up_the_others(self) -> None:
        sizes = b"".join(b"* %d FETCH (UID %d RFC822.SIZE 5)\r\n" % (uid, uid) for uid in (1, 2, 3))

        def body(uid: int) -> bytes:
            return b"* %d FETCH (UID %d FLAGS () BODY[] {5}\r\nMail%d)\r\n" % (uid, uid, uid)

        fetches = [[sizes + b"%T OK done\r\n"], [body(1) + b"%T NO [SERVERBUG] internal error\r\n"]]
        fetches += [[b"%T NO broken\r\n"], [body(3) + b"%T OK done\r\n"]]
        async with scripted({"UID FETCH": fetches, "UID SEARCH": [b"* SEARCH 2\r\n%T OK done\r\n"]}) as peer:
            watch = await open_watch(peer.account(), "INBOX")
            refs = [MessageRef("INBOX", 7, str(uid)) for uid in (1, 2, 3)]
            assert await read_until_error(watch, refs) == ([1, 3], "message_unreadable")
            await watch.close()

    @pytest.mark.parametrize(
        "nonsense",
        [b"* 1 FETCH (BODY[] {99999999999}\r\n", b"* 1 FETCH (BODY[] {999999999}\r\n", b"OTHER1 OK done\r\n"],
        ids=["endless literal", "huge literal", "another tag"],
    )
    async def test_nonsense_for_an_answer_is_a_message_that_cannot_be_read_and_is_not_logged(
        self, nonsense: bytes, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        async with scripted({"UID FETCH": [nonsense], "UID SEARCH": [b"* SEARCH 1\r\n%T OK done\r\n"]}) as peer:
            watch = await open_watch(peer.account(), "INBOX", answer_within=1)
            (item,) = (await watch.catch_up(Cursor(7, "1"), HOUR_AGO)).seen
            assert (int(item.ref.id), item.size) == (1, 0)
            await asyncio.wait_for(watch.wait(60), 10)
            assert "IDLE" not in peer.names()
            await watch.close()
        assert not [record for record in caplog.records if record.name != "asyncio" or record.levelno > logging.DEBUG]

    async def test_a_message_that_another_client_expunged_is_left_out(self, dovecot: Dovecot) -> None:
        for _ in range(3):
            dovecot.deliver("expunged", MAIL)
        watch = await open_watch(dovecot.account("expunged"), "INBOX")
        seen = (await watch.catch_up(None, HOUR_AGO)).seen
        with client(dovecot, "expunged") as person:
            person.select("INBOX")
            person.store("2", "+FLAGS", "(\\Deleted)")
            person.expunge()
        assert [int(message.ref.id) async for message in watch.fetch([item.ref for item in seen])] == [1, 3]
        await watch.close()

    async def test_uidvalidity_changed_under_an_open_connection(self, dovecot: Dovecot) -> None:
        dovecot.deliver("restored", MAIL)
        watch = await open_watch(dovecot.account("restored"), "INBOX")
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        dovecot.change_uidvalidity("restored")
        dovecot.deliver("restored", MAIL)
        try:
            result = await watch.catch_up(cursor, HOUR_AGO)
        except TransientError:
            watch = await open_watch(dovecot.account("restored"), "INBOX")
            result = await watch.catch_up(cursor, HOUR_AGO)
        assert result.rebased
        assert len(result.seen) == 2
        await watch.close()

    async def test_a_flood_is_listed_in_bounded_pieces(self, dovecot: Dovecot) -> None:
        dovecot.deliver("flood", MAIL)
        watch = await open_watch(dovecot.account("flood"), "INBOX")
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        for _ in range(CATCH_UP_LIMIT + 50):
            dovecot.deliver("flood", MAIL)
        sizes: list[int] = []
        while not sizes or sizes[-1]:
            result = await watch.catch_up(cursor, HOUR_AGO)
            sizes.append(len(result.seen))
            assert int(result.cursor.position) == int(cursor.position) + len(result.seen)
            cursor = result.cursor
            if len(sizes) == 1:
                await asyncio.wait_for(watch.wait(60), 10)
        assert sizes == [CATCH_UP_LIMIT, 50, 0]
        await watch.close()

    async def test_a_message_that_makes_the_server_hang_up_does_not_hold_up_the_others(self, dovecot: Dovecot) -> None:
        for _ in range(5):
            dovecot.deliver("damaged", MAIL)
        for index in (1, 3):
            dovecot.damage("damaged", index)
        watch = await open_watch(dovecot.account("damaged"), "INBOX")
        result = await watch.catch_up(None, HOUR_AGO)
        refs = [item.ref for item in result.seen]
        assert [(int(ref.id), item.size > 0) for ref, item in zip(refs, result.seen, strict=True)] == [
            (1, True),
            (2, False),
            (3, True),
            (4, False),
            (5, True),
        ]
        assert await read_until_error(watch, refs) == ([1, 3, 5], "message_unreadable")
        dovecot.deliver("damaged", MAIL)
        seen: list[int] = []
        while not seen:
            await asyncio.wait_for(watch.wait(20), 5)
            seen = [int(item.ref.id) for item in (await watch.catch_up(result.cursor, HOUR_AGO)).seen]
        assert seen == [6]
        await watch.close()

    async def test_a_closed_watch_stays_closed(self, dovecot: Dovecot) -> None:
        dovecot.deliver("closed", MAIL)
        watch = await open_watch(dovecot.account("closed"), "INBOX")
        refs = [item.ref for item in (await watch.catch_up(None, HOUR_AGO)).seen]
        await watch.close()
        assert await read_until_error(watch, refs) == ([], "connection_lost")

    async def test_references_of_another_time_are_gone_only_after_a_catch_up(self, dovecot: Dovecot) -> None:
        dovecot.deliver("times", MAIL)
        watch = await open_watch(dovecot.account("times"), "INBOX")
        stale = MessageRef("INBOX", 1, "1")
        assert await read_until_error(watch, [stale]) == ([], "uidvalidity_changed")
        await watch.catch_up(None, HOUR_AGO)
        assert await read_until_error(watch, [stale]) == ([], "")
        await watch.close()


async def test_content_stays_out_of_the_logs(dovecot: Dovecot, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("aioimaplib", "aioimaplib.aioimaplib"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    dovecot.deliver("quiet", MAIL.replace(b"Guten Tag", b"Kanarienvogel"))
    watch = await open_watch(dovecot.account("quiet"), "INBOX")
    seen = (await watch.catch_up(None, HOUR_AGO)).seen
    assert [message async for message in watch.fetch([item.ref for item in seen])]
    await watch.wait(0.1)
    await watch.close()
    for secret in ("Kanarienvogel", "1@example.org", "geheim", "quiet"):
        assert secret not in caplog.text
    assert not [record for record in caplog.records if record.name.startswith("aioimaplib")]


async def test_an_idle_tls_connection_costs_little_memory(dovecot: Dovecot) -> None:
    context = dovecot.trust()
    tracemalloc.start()
    try:
        first = await open_watch(dovecot.account("small0", "tls"), "INBOX", ssl_context=context)
        before, _ = tracemalloc.get_traced_memory()
        watches = [
            await open_watch(dovecot.account(f"small{i}", "tls"), "INBOX", ssl_context=context) for i in range(20)
        ]
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    for watch in (first, *watches):
        await watch.close()
    assert (after - before) / 20 < 60_000


async def test_nothing_can_be_deleted_moved_or_sent(dovecot: Dovecot) -> None:
    assert not PERMITTED & {"DELETE", "EXPUNGE", "STORE", "MOVE", "COPY", "RENAME", "CLOSE", "SELECT"}
    connection = await Connection.open(dovecot.account("anna"), private_hosts=True)
    for name in ("STORE", "EXPUNGE", "DELETE"):
        with pytest.raises(ValueError, match="never sent"):
            await connection.run(name, "1")
    offered = {name for kind in (ImapWatch, ImapDraftStore) for name in dir(kind) if not name.startswith("_")}
    assert offered == {"catch_up", "close", "connect", "fetch", "save", "signature", "wait"}
