"""What every mailbox has to keep, whichever provider it is at."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import AuthError, PermanentError, TransientError
from shared.mailbox.protocol import Fetched, MessageGone, MessageUnreadable
from tests.contract.harness import HOUR_AGO, Mailbox, Remote, a_draft, a_mail, a_reply, arrived, read, to_answer

pytest_plugins = ("tests.servers.fixtures",)


async def collect(source: AsyncIterator[Fetched], into: list[Fetched]) -> None:
    async for message in source:
        into.append(message)


class TestCatchUp:
    async def test_without_a_cursor_it_lists_what_came_since_the_date(self, mailbox: Mailbox) -> None:
        await mailbox.deliver(a_mail(1), received=HOUR_AGO - timedelta(minutes=1))
        await mailbox.deliver(a_mail(2), received=HOUR_AGO + timedelta(minutes=1))
        watch = await mailbox.watch()
        result = await watch.catch_up(None, HOUR_AGO)
        (message,) = await read(watch, result)
        assert result.rebased
        assert message.raw == a_mail(2)
        assert mailbox.bare_listing or result.seen[0].size == len(a_mail(2))

    async def test_a_mail_of_the_very_second_of_the_date_counts_as_new(self, mailbox: Mailbox) -> None:
        since = HOUR_AGO.replace(microsecond=900_000)
        await mailbox.deliver(a_mail(), received=since.replace(microsecond=0))
        watch = await mailbox.watch()
        assert len((await watch.catch_up(None, since)).seen) == 1

    async def test_an_empty_folder_gives_a_cursor_that_misses_nothing(self, mailbox: Mailbox) -> None:
        watch = await mailbox.watch()
        empty = await watch.catch_up(None, HOUR_AGO)
        await mailbox.deliver(a_mail(), received=HOUR_AGO if mailbox.bare_listing else datetime(2020, 1, 1, tzinfo=UTC))
        result = await watch.catch_up(empty.cursor, HOUR_AGO)
        assert not empty.seen
        assert len(result.seen) == 1

    async def test_with_a_cursor_it_lists_only_what_is_new(self, mailbox: Mailbox) -> None:
        watch = await mailbox.watch()
        await mailbox.deliver(a_mail(1))
        first = await watch.catch_up(None, HOUR_AGO)
        again = await watch.catch_up(first.cursor, HOUR_AGO)
        for number in (2, 3):
            await mailbox.deliver(a_mail(number))
        then = await watch.catch_up(again.cursor, HOUR_AGO)
        assert not again.seen
        assert mailbox.bare_listing or again.cursor == first.cursor
        assert not then.rebased
        assert [message.raw for message in await read(watch, then)] == [a_mail(2), a_mail(3)]

    async def test_a_cursor_holds_for_another_connection(self, mailbox: Mailbox) -> None:
        await mailbox.deliver(a_mail(1))
        first = await (await mailbox.watch()).catch_up(None, HOUR_AGO)
        await mailbox.deliver(a_mail(2))
        watch = await mailbox.watch()
        result = await watch.catch_up(first.cursor, HOUR_AGO)
        assert not result.rebased
        assert [message.raw for message in await read(watch, result)] == [a_mail(2)]

    async def test_a_lost_cursor_lists_anew_and_messages_are_recognised(self, mailbox: Mailbox) -> None:
        await mailbox.deliver(a_mail(1))
        watch = await mailbox.watch()
        before = await watch.catch_up(None, HOUR_AGO)
        await watch.close()
        await mailbox.lose_cursor()
        await mailbox.deliver(a_mail(2))
        watch = await mailbox.watch()
        after = await watch.catch_up(before.cursor, HOUR_AGO)
        again = await watch.catch_up(after.cursor, HOUR_AGO)
        assert after.rebased
        assert [item.fingerprint for item in after.seen][:1] == [item.fingerprint for item in before.seen]
        assert [message.raw for message in await read(watch, after)] == [a_mail(1), a_mail(2)]
        assert (again.rebased, again.seen) == (False, [])

    async def test_fingerprints_tell_messages_apart(self, mailbox: Mailbox) -> None:
        for message in (a_mail(1), a_mail(2), a_mail(1, "Guten Abend")):
            await mailbox.deliver(message)
        result = await (await mailbox.watch()).catch_up(None, HOUR_AGO)
        assert len({item.fingerprint for item in result.seen}) == 3

    async def test_a_folder_with_letters_beyond_ascii_can_be_watched(self, mailbox: Mailbox) -> None:
        folder = 'Anfragen & "Büro"'
        await mailbox.create(folder)
        await mailbox.deliver(a_mail())
        await mailbox.move(0, folder)
        watch = await mailbox.watch(folder)
        assert [message.raw for message in await read(watch, await watch.catch_up(None, HOUR_AGO))] == [a_mail()]

    async def test_a_folder_that_is_not_there_is_named_as_such(self, mailbox: Mailbox) -> None:
        watch = await mailbox.watch("Nirgendwo")
        with pytest.raises(PermanentError, match=r"^folder_missing$"):
            await watch.catch_up(None, HOUR_AGO)

    async def test_what_is_moved_into_the_folder_is_new_there(self, mailbox: Mailbox) -> None:
        await mailbox.create("Anfragen")
        watch = await mailbox.watch("Anfragen")
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        await mailbox.deliver(a_mail())
        elsewhere = await watch.catch_up(cursor, HOUR_AGO)
        await mailbox.move(0, "Anfragen")
        moved = await watch.catch_up(elsewhere.cursor, HOUR_AGO)
        assert not elsewhere.seen
        assert [message.raw for message in await read(watch, moved)] == [a_mail()]

    async def test_what_was_moved_away_before_anybody_looked_is_not_listed(self, mailbox: Mailbox) -> None:
        await mailbox.create("Erledigt")
        watch = await mailbox.watch()
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        for number in (1, 2):
            await mailbox.deliver(a_mail(number))
        await mailbox.move(0, "Erledigt")
        result = await watch.catch_up(cursor, HOUR_AGO)
        assert [message.raw for message in await read(watch, result)] == [a_mail(2)]
        assert len(result.seen) == 1

    async def test_our_own_draft_is_not_news(self, mailbox: Mailbox) -> None:
        watch = await mailbox.watch()
        draft = await to_answer(mailbox)
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        await (await mailbox.drafts()).save(draft)
        assert not (await watch.catch_up(cursor, HOUR_AGO)).seen
        assert len((await watch.catch_up(None, HOUR_AGO)).seen) == 1


class TestFetch:
    async def test_an_unread_mail_stays_unread(self, mailbox: Mailbox) -> None:
        await mailbox.deliver(a_mail())
        watch = await mailbox.watch()
        (message,) = await read(watch, await watch.catch_up(None, HOUR_AGO))
        await watch.close()
        (stored,) = await mailbox.stored()
        assert "\\Seen" not in message.flags
        assert "\\Seen" not in stored.flags

    async def test_flags_are_told(self, mailbox: Mailbox) -> None:
        await mailbox.deliver(a_mail())
        await mailbox.read_and_answer(0)
        watch = await mailbox.watch()
        result = await watch.catch_up(None, HOUR_AGO)
        (message,) = await read(watch, result)
        assert {"\\Answered", "\\Seen"} <= message.flags
        assert mailbox.bare_listing or "\\Seen" in result.seen[0].flags

    async def test_a_message_that_is_gone_is_left_out(self, mailbox: Mailbox) -> None:
        for number in (1, 2, 3):
            await mailbox.deliver(a_mail(number))
        watch = await mailbox.watch()
        result = await watch.catch_up(None, HOUR_AGO)
        await mailbox.delete(1)
        another = await mailbox.watch()
        assert [message.raw for message in await read(another, result)] == [a_mail(1), a_mail(3)]

    async def test_a_message_that_was_moved_away_is_gone(self, mailbox: Mailbox) -> None:
        await mailbox.create("Erledigt")
        for number in (1, 2):
            await mailbox.deliver(a_mail(number))
        watch = await mailbox.watch()
        result = await watch.catch_up(None, HOUR_AGO)
        await mailbox.move(0, "Erledigt")
        assert [message.raw for message in await read(await mailbox.watch(), result)] == [a_mail(2)]

    async def test_bytes_that_look_like_the_protocol_arrive_as_they_are(self, mailbox: Mailbox) -> None:
        bodies = (
            b')\r\n* 1 FETCH (UID 1 BODY[] {5}\r\nA1 OK done ((( "{7}\r\n',
            b"\xe4\xf6\xfc \xff\xfe NIL \\Seen {99999999}\r\n",
            b"* BYE\r\n+ go on\r\n" * 20,
            b'","raw":"AAAA"}\r\n--batch\r\nHTTP/1.1 404 Not Found\r\n\r\n',
            b"",
            b"x" * 70_000 + b"\r\n",
        )
        sent = [a_mail(number).removesuffix(b"Guten Tag\r\n") + body for number, body in enumerate(bodies)]
        for message in sent:
            await mailbox.deliver(message)
        watch = await mailbox.watch()
        messages = await read(watch, await watch.catch_up(None, HOUR_AGO))
        assert [message.raw for message in messages] == sent

    async def test_many_come_in_the_order_asked_for(self, mailbox: Mailbox) -> None:
        for number in range(120):
            await mailbox.deliver(a_mail(number))
        watch = await mailbox.watch()
        refs = [item.ref for item in (await watch.catch_up(None, HOUR_AGO)).seen][::-1]
        assert [message.ref async for message in watch.fetch(refs)] == refs
        assert len(refs) == 120

    async def test_a_large_message_is_read_in_part_and_says_so(self, mailbox: Mailbox) -> None:
        large = a_mail(1, "\r\n".join(["Sehr viel Text"] * 170_000))
        for message in (large, a_mail(2)):
            await mailbox.deliver(message)
        watch = await mailbox.watch()
        first, second = await read(watch, await watch.catch_up(None, HOUR_AGO))
        assert first.truncated
        assert first.raw == large[: 1024 * 1024]
        assert not second.truncated

    async def test_messages_known_from_elsewhere_are_read_by_another_connection(self, mailbox: Mailbox) -> None:
        await mailbox.deliver(a_mail())
        result = await (await mailbox.watch()).catch_up(None, HOUR_AGO)
        assert [message.raw for message in await read(await mailbox.watch(), result)] == [a_mail()]


class TestWait:
    async def test_a_new_mail_ends_it(self, mailbox: Mailbox) -> None:
        watch = await mailbox.watch()
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        waiting = asyncio.create_task(watch.wait(20))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        await mailbox.deliver(a_mail())
        await asyncio.wait_for(waiting, mailbox.polled)
        assert len((await watch.catch_up(cursor, HOUR_AGO)).seen) == 1

    @pytest.mark.parametrize("meanwhile", ["nothing", "fetch"])
    async def test_a_mail_that_came_before_it_is_not_missed(self, mailbox: Mailbox, meanwhile: str) -> None:
        await mailbox.deliver(a_mail(1))
        watch = await mailbox.watch()
        first = await watch.catch_up(None, HOUR_AGO)
        await mailbox.deliver(a_mail(2))
        if meanwhile == "fetch":
            await read(watch, first)
        await asyncio.wait_for(watch.wait(20), mailbox.polled + 1)
        assert len((await watch.catch_up(first.cursor, HOUR_AGO)).seen) == 1

    async def test_it_ends_after_its_time_and_the_connection_goes_on(self, mailbox: Mailbox) -> None:
        watch = await mailbox.watch()
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        began = time.monotonic()
        await watch.wait(0.2)
        assert 0.15 < time.monotonic() - began < 2
        assert not (await watch.catch_up(cursor, HOUR_AGO)).seen


class TestSave:
    async def test_a_draft_is_there_as_a_read_draft(self, mailbox: Mailbox) -> None:
        draft = await to_answer(mailbox)
        saved = await (await mailbox.drafts()).save(draft)
        (stored,) = await mailbox.saved()
        assert not saved.existed
        assert saved.folder
        assert {"\\Draft", "\\Seen"} <= stored.flags
        assert b"Gerne!" in stored.raw

    async def test_saved_again_it_is_there_once(self, mailbox: Mailbox) -> None:
        draft = await to_answer(mailbox)
        store = await mailbox.drafts()
        answers = [await store.save(draft) for _ in range(3)]
        answers.append(await (await mailbox.drafts()).save(draft))
        assert [answer.existed for answer in answers] == [False, True, True, True]
        assert len(await mailbox.saved()) == 1

    async def test_another_draft_is_another(self, mailbox: Mailbox) -> None:
        store = await mailbox.drafts()
        for number in (1, 11, 111):
            assert not (await store.save(await to_answer(mailbox, number))).existed
        assert len(await mailbox.saved()) == 3

    async def test_a_draft_that_a_person_changed_is_left_alone(self, mailbox: Mailbox) -> None:
        """Their program has given it another Message-ID, and lost our mark."""
        draft = await to_answer(mailbox)
        store = await mailbox.drafts()
        await store.save(draft)
        lines = a_reply(1, "Leider nein.").split(b"\r\n")
        changed = b"\r\n".join(line for line in lines if not line.startswith(b"X-")).replace(b"reply-1@", b"other@")
        await mailbox.edit_draft(0, changed)
        assert (await store.save(draft)).existed
        (stored,) = await mailbox.saved()
        assert b"Leider nein." in stored.raw

    async def test_line_ends_become_those_of_the_protocol(self, mailbox: Mailbox) -> None:
        draft = await to_answer(mailbox)
        bare = a_draft(1, draft.answers, "Eins\nzwei\r\ndrei")
        await (await mailbox.drafts()).save(bare)
        (stored,) = await mailbox.saved()
        assert b"\n" not in stored.raw.replace(b"\r\n", b"")


class TestFaults:
    """Of providers behind HTTP. IMAP's are in tests/integration/test_imap_faults.py and test_imap_draft_faults.py."""

    @pytest.mark.parametrize("doing", ["catch_up", "fetch", "save"])
    async def test_who_asks_too_much_is_told_when_to_come_again(self, remote: Remote, doing: str) -> None:
        draft = await to_answer(remote)
        watch, store = await remote.watch(), await remote.drafts()
        seen = await watch.catch_up(None, HOUR_AGO)
        deed = {
            "catch_up": lambda: watch.catch_up(seen.cursor, HOUR_AGO),
            "fetch": lambda: read(watch, seen),
            "save": lambda: store.save(draft),
        }
        remote.throttle(7)
        with pytest.raises(TransientError, match=r"^rate_limited$") as caught:
            await deed[doing]()
        assert caught.value.retry_after == 7
        assert not await remote.saved()

    async def test_a_token_that_is_refused_is_replaced(self, remote: Remote) -> None:
        watch = await remote.watch()
        draft = await to_answer(remote)
        remote.refuse_token()
        assert len((await watch.catch_up(None, HOUR_AGO)).seen) == 1
        remote.refuse_token()
        assert not (await (await remote.drafts()).save(draft)).existed

    async def test_a_revoked_access_is_named_as_such(self, remote: Remote) -> None:
        watch = await remote.watch()
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        draft = await to_answer(remote)
        await remote.revoke()
        with pytest.raises(AuthError):
            await watch.catch_up(cursor, HOUR_AGO)
        with pytest.raises(AuthError):
            await (await remote.drafts()).save(draft)

    @pytest.mark.parametrize("answered", [True, False])
    @pytest.mark.parametrize("carried_out", [True, False])
    async def test_whatever_becomes_of_a_write_there_is_one_draft(
        self, remote: Remote, carried_out: bool, answered: bool
    ) -> None:
        draft = await to_answer(remote)
        remote.fail_writing(carried_out=carried_out, answered=answered)
        store = await remote.drafts()
        with pytest.raises(TransientError, match=r"^(server_error|connection_lost)$"):
            await store.save(draft)
        assert len(await remote.saved()) == carried_out
        saved = await store.save(draft)
        assert saved.existed is carried_out
        assert len(await remote.saved()) == 1

    async def test_a_servers_error_is_passing(self, remote: Remote) -> None:
        watch = await remote.watch()
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        await remote.deliver(a_mail())
        remote.fail_reading()
        with pytest.raises(TransientError, match=r"^server_error$"):
            await watch.catch_up(cursor, HOUR_AGO)
        assert len((await watch.catch_up(cursor, HOUR_AGO)).seen) == 1

    async def test_one_message_that_cannot_be_read_keeps_none_of_the_others(self, remote: Remote) -> None:
        for number in (1, 2, 3):
            await remote.deliver(a_mail(number))
        watch = await remote.watch()
        result = await watch.catch_up(None, HOUR_AGO)
        remote.fail_reading()
        messages: list[Fetched] = []
        with pytest.raises(MessageUnreadable):
            await collect(watch.fetch([item.ref for item in result.seen]), messages)
        assert len(messages) == 2

    async def test_a_mail_that_is_gone_gets_no_draft(self, remote: Remote) -> None:
        draft = await to_answer(remote)
        await remote.delete(0)
        with pytest.raises(MessageGone):
            await (await remote.drafts()).save(draft)
        assert not await remote.saved()

    async def test_looking_comes_before_writing(self, remote: Remote) -> None:
        draft = await to_answer(remote)
        store = await remote.drafts()
        await store.save(draft)
        remote.fail_writing(carried_out=True, answered=True)
        assert (await store.save(draft)).existed
        assert len(await remote.saved()) == 1

    async def test_two_mails_of_one_message_id_get_a_draft_each(self, remote: Remote) -> None:
        first, second = await arrived(remote, 1, 1)
        store = await remote.drafts()
        assert not (await store.save(a_draft(1, first, mark="first"))).existed
        other = a_draft(1, second, mark="second")
        object.__setattr__(other, "message_id", "<another@example.org>")
        assert not (await store.save(other)).existed
        assert len(await remote.saved()) == 2


async def test_closing_twice_is_no_error(mailbox: Mailbox) -> None:
    watch, store = await mailbox.watch(), await mailbox.drafts()
    for _ in range(2):
        await watch.close()
        await store.close()


async def test_a_provider_without_a_signature_tells_none(mailbox: Mailbox) -> None:
    assert await (await mailbox.drafts()).signature() == ""
