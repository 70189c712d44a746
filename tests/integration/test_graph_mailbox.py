"""What a mailbox at Microsoft 365 has to keep beyond what every mailbox has to."""

import asyncio
import logging
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.config import GraphAccount
from shared.errors import AuthError, KinamikError, PermanentError, TransientError
from shared.mail import Address
from shared.mailbox.graph import open_draft_store, open_watch
from shared.mailbox.protocol import CatchUp, Cursor, Draft, Fetched, MessageGone, MessageUnreadable
from shared.mailbox.push import Push
from tests.servers.graph import GraphServer
from tests.servers.graph.faults import Fault, broken, throttled
from tests.servers.graph.tenant import Message, User
from tests.servers.graph.tokens import Tokens

HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)
ME = GraphAccount()


def a_mail(number: int = 1, text: str = "Guten Tag") -> bytes:
    return (
        f"From: Gast <gast@example.org>\r\nTo: info@seeblick.example, b@example.org\r\nCc: c@example.org\r\n"
        f"Subject: Anfrage {number}\r\nMessage-ID: <{number}@example.org>\r\n"
        f"Date: Tue, 03 Mar 2026 10:12:00 +0100\r\n\r\n{text}\r\n"
    ).encode()


def a_draft(answers: Message, number: int = 1, **changes: Any) -> Draft:
    values: dict[str, Any] = {
        "message_id": f"<draft{number}@seeblick.example>",
        "answers": answers.key,
        "raw": b"",
        "subject": f"AW: Anfrage {number}",
        "to": (Address(name="Gast", address="gast@example.org"),),
        "cc": (),
        "html": "<div>Gern, bis &quot;morgen&quot;</div>",
    }
    return Draft(**values | changes)


class Box:
    """One user's mailbox: our adapters, and the fake beside them."""

    def __init__(self, server: GraphServer, user: User) -> None:
        self.server, self.user = server, user
        self.push = Push()
        self.opened: list[Any] = []

    @property
    def tokens(self) -> Tokens:
        return Tokens(self.server.token(self.user))

    async def watch(self, folder: str = "INBOX", account: GraphAccount = ME, **options: Any) -> Any:
        values = {"tokens": self.tokens, "push": self.push, "url": self.server.url} | options
        self.opened.append(await open_watch(account, folder, **values))
        return self.opened[-1]

    async def store(self, account: GraphAccount = ME, **options: Any) -> Any:
        values = {"tokens": self.tokens, "url": self.server.url} | options
        self.opened.append(await open_draft_store(account, **values))
        return self.opened[-1]

    def deliver(self, number: int = 1, **options: Any) -> Message:
        return self.server.deliver(self.user, a_mail(number), **options)

    def drafts(self) -> list[Message]:
        return self.server.drafts(self.user)


@pytest.fixture
async def box(graph: GraphServer) -> AsyncGenerator[Box]:
    box = Box(graph, graph.a_user("info@seeblick.example"))
    yield box
    for opened in box.opened:
        await opened.close()


async def read(watch: Any, seen: CatchUp) -> list[Fetched]:
    return [message async for message in watch.fetch([item.ref for item in seen.seen])]


def ids(seen: CatchUp) -> list[str]:
    return [item.ref.id for item in seen.seen]


class TestCatchUp:
    async def test_it_lists_oldest_first_under_ids_that_stay(self, box: Box) -> None:
        old = box.deliver(0, received=HOUR_AGO - timedelta(minutes=1))
        late, early = (box.deliver(number, received=HOUR_AGO + timedelta(minutes=9 - number)) for number in (1, 2))
        watch = await box.watch()
        result = await watch.catch_up(None, HOUR_AGO)
        assert result.rebased
        assert ids(result) == [early.key, late.key]
        assert old.key not in ids(result)

    async def test_many_come_in_pages(self, box: Box) -> None:
        sent = [box.deliver(number) for number in range(450)]
        result = await (await box.watch()).catch_up(None, HOUR_AGO)
        assert sorted(ids(result)) == sorted(message.key for message in sent)
        assert box.server.requests["GET /v1.0/me/mailFolders/{id}/messages/delta()"] == 3

    async def test_more_than_a_filtered_delta_tells_are_listed_all_the_same(
        self, box: Box, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tests.servers.graph.delta.FILTERED_AT_MOST", 300)
        monkeypatch.setattr("shared.mailbox.graph.changes.FILTERED_AT_MOST", 300)
        sent = [box.deliver(number) for number in range(510)]
        watch = await box.watch()
        result = await watch.catch_up(None, HOUR_AGO)
        new = box.deliver(999)
        assert sorted(ids(result)) == sorted(message.key for message in sent)
        assert ids(await watch.catch_up(result.cursor, HOUR_AGO)) == [new.key]

    async def test_what_is_moved_into_the_folder_is_new_and_what_is_read_or_deleted_is_not(self, box: Box) -> None:
        watch = await box.watch()
        messages = [box.deliver(number) for number in range(3)]
        junk = box.deliver(9, folder="junkemail")
        first = await watch.catch_up(None, HOUR_AGO)
        box.server.edit(box.user, messages[0], isRead=True)
        box.server.delete(box.user, messages[1])
        box.server.move(box.user, messages[2], "archive")
        box.server.move(box.user, junk, "inbox")
        then = await watch.catch_up(first.cursor, HOUR_AGO)
        assert not then.rebased
        assert ids(then) == [junk.key]

    async def test_a_draft_in_the_folder_is_no_mail(self, box: Box) -> None:
        watch = await box.watch("Entwürfe")
        first = await watch.catch_up(None, HOUR_AGO)
        box.server.write_draft(box.user, subject="Von Hand")
        assert not (await watch.catch_up(first.cursor, HOUR_AGO)).seen

    async def test_what_is_told_only_in_part_is_read_whole(self, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("shared.mailbox.graph.changes._SELECT", ["receivedDateTime", "isDraft", "isRead"])
        watch, message = await box.watch(), box.deliver()
        first = await watch.catch_up(None, HOUR_AGO)
        box.server.edit(box.user, message, isRead=True)
        then = await watch.catch_up(first.cursor, HOUR_AGO)
        assert [(item.ref.id, item.internal_date) for item in then.seen] == [(message.key, first.seen[0].internal_date)]

    async def test_a_portion_ends_in_the_middle_and_the_rest_follows_at_once(
        self, box: Box, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("shared.mailbox.graph.changes.PORTION", 5)
        monkeypatch.setattr("shared.mailbox.graph.changes.PAGE", 3)
        cursor = (await (await box.watch()).catch_up(None, HOUR_AGO)).cursor
        sent = [box.deliver(number) for number in range(8)]
        watch = await box.watch()
        first = await watch.catch_up(cursor, HOUR_AGO)
        await asyncio.wait_for(watch.wait(60), 1)
        second = await (await box.watch()).catch_up(first.cursor, HOUR_AGO)
        assert (len(first.seen), len(second.seen)) == (6, 2)
        assert ids(first) + ids(second) == [message.key for message in sent]

    @pytest.mark.parametrize(
        ("code", "status", "location"),
        [("syncStateNotFound", 410, False), ("resyncRequired", 410, True), ("SyncStateInvalid", 400, False)],
    )
    async def test_a_lost_cursor_lists_anew(self, box: Box, code: str, status: int, location: bool) -> None:
        watch, message = await box.watch(), box.deliver(1)
        first = await watch.catch_up(None, HOUR_AGO)
        box.server.lose_deltas(code, status=status, location=location)
        new = box.deliver(2)
        result = await watch.catch_up(first.cursor, HOUR_AGO)
        assert result.rebased
        assert ids(result) == [message.key, new.key]
        assert [item.fingerprint for item in result.seen][:1] == [item.fingerprint for item in first.seen]
        assert not (await watch.catch_up(result.cursor, HOUR_AGO)).rebased

    @pytest.mark.parametrize("change", [lambda link: link.replace("127.0.0.1", "127.0.0.2"), lambda _: "nonsense"])
    async def test_a_cursor_from_elsewhere_is_not_followed(self, box: Box, change: Callable[[str], str]) -> None:
        watch = await box.watch()
        first = await watch.catch_up(None, HOUR_AGO)
        folder, _, link = first.cursor.position.partition(" ")
        assert (await watch.catch_up(Cursor(0, f"{folder} {change(link)}"), HOUR_AGO)).rebased

    async def test_another_folder_is_listed_anew(self, box: Box) -> None:
        first = await (await box.watch()).catch_up(None, HOUR_AGO)
        message = box.deliver(folder="archive")
        result = await (await box.watch("Archiv")).catch_up(first.cursor, HOUR_AGO)
        assert (result.rebased, ids(result)) == (True, [message.key])

    @pytest.mark.parametrize("name", ["Büro's & Co", "Büro's & Co/Anfragen", "A/B"])
    async def test_a_folder_is_found_by_what_people_see(self, box: Box, name: str) -> None:
        parent = box.server.a_folder(box.user, "Büro's & Co")
        box.server.a_folder(box.user, "Anfragen", parent)
        box.server.a_folder(box.user, "A/B")
        message = box.deliver(folder=name if name == "A/B" else name.rpartition("/")[2])
        assert ids(await (await box.watch(name)).catch_up(None, HOUR_AGO)) == [message.key]

    @pytest.mark.parametrize("name", ["Nirgendwo", "Archiv/Nirgendwo", "nirgendwo/Archiv"])
    async def test_a_folder_that_is_not_there_is_named_as_such(self, box: Box, name: str) -> None:
        with pytest.raises(PermanentError, match=r"^folder_missing$"):
            await (await box.watch(name)).catch_up(None, HOUR_AGO)

    async def test_a_folder_that_went_away_is_looked_for_again(self, box: Box) -> None:
        folder = box.server.a_folder(box.user, "Anfragen")
        watch = await box.watch("Anfragen")
        first = await watch.catch_up(None, HOUR_AGO)
        box.user.folders.remove(folder)
        with pytest.raises(TransientError, match=r"^server_refused$"):
            await watch.catch_up(first.cursor, HOUR_AGO)
        with pytest.raises(PermanentError, match=r"^folder_missing$"):
            await watch.catch_up(first.cursor, HOUR_AGO)


class TestFetch:
    async def test_flags_are_told_as_imap_has_them(self, box: Box) -> None:
        for number, changes in enumerate([{}, {"isRead": True}]):
            box.server.edit(box.user, box.deliver(number), **changes)
        answered = box.deliver(7)
        answered.extended["Integer 0x1081"] = "103"
        watch = await box.watch()
        messages = await read(watch, await watch.catch_up(None, HOUR_AGO))
        assert [sorted(message.flags) for message in messages] == [[], ["\\Seen"], ["\\Answered"]]
        assert [message.raw for message in messages] == [a_mail(0), a_mail(1), a_mail(7)]

    async def test_junk_is_told(self, box: Box) -> None:
        box.deliver(folder="junkemail")
        watch = await box.watch("Junk-E-Mail")
        (message,) = await read(watch, await watch.catch_up(None, HOUR_AGO))
        assert message.flags == {"$Junk"}

    async def test_an_unread_mail_stays_unread(self, box: Box) -> None:
        message, watch = box.deliver(), await box.watch()
        await read(watch, await watch.catch_up(None, HOUR_AGO))
        assert not message.properties["isRead"]

    async def test_what_was_moved_out_of_the_folder_or_deleted_is_gone(self, box: Box) -> None:
        moved, deleted, there = (box.deliver(number) for number in range(3))
        watch = await box.watch()
        result = await watch.catch_up(None, HOUR_AGO)
        box.server.move(box.user, moved, "deleteditems")
        box.server.delete(box.user, deleted)
        assert [message.ref.id for message in await read(watch, result)] == [there.key]

    async def test_a_large_mail_is_read_in_part(self, box: Box) -> None:
        raw = a_mail(1, "Sehr viel Text\r\n" * 200_000)
        box.server.deliver(box.user, raw)
        watch = await box.watch()
        (message,) = await read(watch, await watch.catch_up(None, HOUR_AGO))
        assert message.truncated
        assert message.raw == raw[: 1024 * 1024]

    async def test_one_that_cannot_be_read_blocks_no_other(self, box: Box) -> None:
        first, second = box.deliver(1), box.deliver(2)
        box.server.fail(Fault(path=f"{first.key}/.value", status=500, times=9))
        watch = await box.watch()
        messages = watch.fetch([item.ref for item in (await watch.catch_up(None, HOUR_AGO)).seen])
        assert (await anext(messages)).ref.id == second.key
        with pytest.raises(MessageUnreadable):
            await anext(messages)


class TestWait:
    async def test_a_push_ends_it_once(self, box: Box) -> None:
        watch = await box.watch(poll_seconds=0.3)
        waiting = asyncio.create_task(watch.wait(60))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        box.push.changed.set()
        await asyncio.wait_for(waiting, 0.2)
        began = time.monotonic()
        await watch.wait(60)
        assert time.monotonic() - began > 0.25

    async def test_a_push_that_came_before_it_is_not_missed(self, box: Box) -> None:
        watch = await box.watch()
        box.push.changed.set()
        await asyncio.wait_for(watch.wait(60), 0.2)

    @pytest.mark.parametrize(("seconds", "poll"), [(0.2, 60.0), (60.0, 0.2)])
    async def test_it_ends_after_the_shorter_time(self, box: Box, seconds: float, poll: float) -> None:
        watch = await box.watch(poll_seconds=poll)
        began = time.monotonic()
        await asyncio.wait_for(watch.wait(seconds), 5)
        assert time.monotonic() - began > 0.15


class TestErrors:
    @pytest.mark.parametrize(
        ("fault", "reason", "retry_after"),
        [
            (throttled(7), "rate_limited", 7.0),
            (throttled(None), "rate_limited", None),
            (Fault(status=503, headers={"Retry-After": "3"}), "server_error", 3.0),
            (Fault(status=500), "server_error", None),
            (broken(), "connection_lost", None),
            (Fault(status=403, code="ErrorAccessDenied"), "access_denied", None),
            (Fault(status=404, code="MailboxNotEnabledForRESTAPI"), "access_denied", None),
            (Fault(status=400, code="BadRequest"), "server_refused", None),
        ],
        ids=str,
    )
    async def test_an_answer_becomes_one_of_our_errors(
        self, box: Box, fault: Fault, reason: str, retry_after: float | None
    ) -> None:
        box.server.fail(fault)
        watch = await box.watch()
        with pytest.raises(KinamikError) as raised:
            await watch.catch_up(None, HOUR_AGO)
        assert (raised.value.reason, raised.value.retry_after) == (reason, retry_after)
        assert isinstance(raised.value, AuthError) == (reason == "access_denied")
        assert raised.value.__cause__ is None
        assert not (await watch.catch_up(None, HOUR_AGO)).seen

    async def test_a_server_that_is_not_there_is_unreachable(self, box: Box) -> None:
        with pytest.raises(TransientError, match=r"^server_unreachable$"):
            await (await box.watch(url="http://127.0.0.1:1")).catch_up(None, HOUR_AGO)

    async def test_a_request_takes_no_longer_than_it_may(self, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("shared.mailbox.graph.client.REQUEST_SECONDS", 0.2)
        box.server.fail(Fault(delay=1))
        with pytest.raises(TransientError, match=r"^timeout$"):
            await (await box.watch()).catch_up(None, HOUR_AGO)

    async def test_a_refused_token_is_replaced_once(self, box: Box) -> None:
        box.server.allow("rotated", box.user)
        watch = await box.watch(tokens=Tokens("expired", "rotated"))
        assert (await watch.catch_up(None, HOUR_AGO)).rebased
        watch = await box.watch(tokens=Tokens("expired", "expired too", "rotated"))
        with pytest.raises(AuthError, match=r"^credentials_refused$"):
            await watch.catch_up(None, HOUR_AGO)

    async def test_a_revoked_grant_is_told_as_such(self, box: Box) -> None:
        with pytest.raises(AuthError, match=r"^access_revoked$"):
            await (await box.watch(tokens=Tokens("expired"))).catch_up(None, HOUR_AGO)

    async def test_nothing_is_logged_that_has_an_id_in_it(self, box: Box, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        message, watch = box.deliver(), await box.watch()
        await read(watch, await watch.catch_up(None, HOUR_AGO))
        await (await box.store()).save(a_draft(message))
        assert message.key not in caplog.text
        assert box.server.token(box.user) not in caplog.text


class TestTeamMailbox:
    async def test_its_mail_is_read_and_answered_by_whom_it_is_shared_with(self, box: Box) -> None:
        team = box.server.a_user("team@seeblick.example")
        box.server.allow(box.server.token(box.user), box.user, team)
        account = GraphAccount(user="team@seeblick.example")
        message = box.server.deliver(team, a_mail())
        watch = await box.watch(account=account)
        assert ids(await watch.catch_up(None, HOUR_AGO)) == [message.key]
        assert not (await (await box.store(account)).save(a_draft(message))).existed
        assert (len(box.server.drafts(team)), len(box.drafts())) == (1, 0)

    async def test_one_that_is_not_shared_is_refused(self, box: Box) -> None:
        box.server.a_user("team@seeblick.example")
        with pytest.raises(AuthError, match=r"^access_denied$"):
            await (await box.watch(account=GraphAccount(user="team@seeblick.example"))).catch_up(None, HOUR_AGO)


class TestSave:
    async def test_our_words_come_before_the_services_quote(self, box: Box) -> None:
        message = box.deliver()
        saved = await (await box.store()).save(a_draft(message))
        (draft,) = box.drafts()
        content = draft.properties["body"]["content"]
        assert (saved.existed, saved.folder) == (False, "Entwürfe")
        assert content.index("<body>") < content.index("bis &quot;morgen&quot;") < content.index("divRplyFwdMsg")
        assert content.count("<body") == 1 or "PlainText" in content
        assert draft.properties["subject"] == "AW: Anfrage 1"
        assert draft.properties["conversationId"] == message.properties["conversationId"]
        assert b"In-Reply-To: <1@example.org>" in box.server.raw(draft)

    @pytest.mark.parametrize(
        ("cc", "action"),
        [((), "createReply"), ((Address(name="", address="c@example.org"),), "createReplyAll")],
    )
    async def test_the_recipients_are_ours(self, box: Box, cc: tuple[Address, ...], action: str) -> None:
        to = (Address(name="Portal", address="portal@example.org"),)
        await (await box.store()).save(a_draft(box.deliver(), to=to, cc=cc))
        properties = box.drafts()[0].properties
        told = [
            [one["emailAddress"]["address"] for one in properties[name]] for name in ("toRecipients", "ccRecipients")
        ]
        assert told == [["portal@example.org"], [one.address for one in cc]]
        assert box.server.requests[f"POST /v1.0/me/messages/{{id}}/{action}"] == 1

    @pytest.mark.parametrize("is_read", [True, False])
    async def test_the_original_is_as_unread_as_before(self, box: Box, is_read: bool) -> None:
        message = box.deliver()
        box.server.edit(box.user, message, isRead=is_read)
        await (await box.store()).save(a_draft(message))
        assert message.properties["isRead"] == is_read

    async def test_saved_again_it_is_there_once(self, box: Box) -> None:
        store, message = await box.store(), box.deliver()
        answers = [await store.save(a_draft(message)) for _ in range(3)]
        answers.append(await (await box.store()).save(a_draft(message)))
        assert [answer.existed for answer in answers] == [False, True, True, True]
        assert len(box.drafts()) == 1

    async def test_two_mails_with_the_same_message_id_get_one_each(self, box: Box) -> None:
        store, messages = await box.store(), [box.deliver(1), box.deliver(1)]
        for number, message in enumerate(messages):
            assert not (await store.save(a_draft(message, number))).existed
        assert len(box.drafts()) == 2

    async def test_a_draft_that_a_person_changed_is_left_alone(self, box: Box) -> None:
        store, message = await box.store(), box.deliver()
        await store.save(a_draft(message))
        box.server.edit(box.user, box.drafts()[0], subject="Von Hand")
        assert (await store.save(a_draft(message, html="<p>Anders</p>"))).existed
        (draft,) = box.drafts()
        assert draft.properties["subject"] == "Von Hand"
        assert "Anders" not in draft.properties["body"]["content"]

    async def test_where_a_person_has_begun_to_answer_there_is_no_second_draft(self, box: Box) -> None:
        message = box.deliver()
        by_hand = box.server.write_draft(box.user, subject="Von Hand")
        by_hand.extended["String 0x1042"] = "<1@example.org>"
        assert (await (await box.store()).save(a_draft(message))).existed
        assert box.drafts() == [by_hand]

    async def test_a_mail_that_is_gone_gets_no_draft(self, box: Box) -> None:
        message, store = box.deliver(), await box.store()
        box.server.delete(box.user, message)
        for draft in (a_draft(message), replace(a_draft(message), answers="")):
            with pytest.raises(MessageGone):
                await store.save(draft)
        assert not box.drafts()

    @pytest.mark.parametrize("step", ["createReply$", "PATCH original", "PATCH draft"])
    @pytest.mark.parametrize("fault", ["503", "connection", "429"])
    @pytest.mark.parametrize("after", [True, False])
    async def test_whatever_breaks_in_between_there_is_one_draft_in_the_end(
        self, box: Box, step: str, fault: str, after: bool
    ) -> None:
        message, store = box.deliver(), await box.store()
        method, path = ("POST", step) if step == "createReply$" else ("PATCH", message.key)
        if step == "PATCH draft":
            path = f"messages/(?!{message.key})"
        make = {"503": Fault, "connection": broken, "429": throttled}[fault]
        box.server.fail(make(method=method, path=path, after=after and fault != "429"))
        try:
            await store.save(a_draft(message))
        except TransientError:
            assert step != "PATCH original"
            await store.save(a_draft(message))
        (draft,) = box.drafts()
        assert "bis &quot;morgen&quot;" in draft.properties["body"]["content"]
        assert draft.properties["body"]["content"].count("morgen") == 1
        assert box.server.requests["POST /v1.0/me/messages/{id}/createReply"] == 1 + (
            step == "createReply$" and (fault == "429" or not after)
        )

    async def test_a_crash_between_the_requests_is_made_up_for(self, box: Box) -> None:
        message = box.deliver()
        await self._begun(box, message)
        assert message.properties["isRead"]
        saved = await (await box.store()).save(a_draft(message))
        (draft,) = box.drafts()
        assert saved.existed
        assert "morgen" in draft.properties["body"]["content"]
        assert not message.properties["isRead"]
        assert (await (await box.store()).save(a_draft(message))).existed

    async def test_what_was_begun_and_then_touched_by_a_person_stays(self, box: Box) -> None:
        message = box.deliver()
        await self._begun(box, message)
        box.server.edit(box.user, box.drafts()[0], subject="Von Hand")
        assert (await (await box.store()).save(a_draft(message))).existed
        assert box.drafts()[0].properties["subject"] == "Von Hand"

    async def test_who_is_faster_than_we_are_keeps_their_words(self, box: Box) -> None:
        message, store = box.deliver(), await box.store()
        box.server.tenant.told.append(
            lambda user, changed, how: (
                box.server.edit(user, box.drafts()[0], subject="Von Hand")
                if changed is message and how == "updated" and not message.properties["isRead"]
                else None
            )
        )
        with pytest.raises(TransientError):
            await store.save(a_draft(message))
        assert (await store.save(a_draft(message))).existed
        assert box.drafts()[0].properties["subject"] == "Von Hand"

    async def test_what_the_service_forgets_of_a_reply_is_set_afterwards(
        self, box: Box, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tests.servers.graph.replies.write", lambda *_: None)
        message, store = box.deliver(), await box.store()
        to = (Address(name="Portal", address="portal@example.org"),)
        await store.save(a_draft(message, to=to))
        assert (await store.save(a_draft(message, to=to))).existed
        assert box.drafts()[0].properties["toRecipients"][0]["emailAddress"]["address"] == "portal@example.org"

    async def test_a_full_mailbox_is_told(self, box: Box) -> None:
        message, store = box.deliver(), await box.store()
        box.server.fail(Fault(method="POST", status=507, code="ErrorQuotaExceeded"))
        with pytest.raises(PermanentError, match=r"^quota_exceeded$"):
            await store.save(a_draft(message))

    async def _begun(self, box: Box, message: Message) -> None:
        """A reply has been made, and nothing after that."""
        box.server.fail(Fault(method="POST", path="createReply$", after=True))
        with pytest.raises(TransientError):
            await (await box.store()).save(a_draft(message))


class TestSharedClient:
    async def test_mailboxes_share_one_client_until_the_last_is_closed(self, box: Box) -> None:
        from shared.mailbox.graph import pool

        opened = [await box.watch() for _ in range(50)] + [await box.store() for _ in range(50)]
        assert len(pool._by_loop) == 1
        for one in opened[1:]:
            await one.close()
            await one.close()
        assert (await opened[0].catch_up(None, HOUR_AGO)).rebased
        await opened[0].close()
        assert not pool._by_loop

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/v1.0/me/messages/1/send"),
            ("POST", "/v1.0/me/sendMail"),
            ("DELETE", "/v1.0/me/messages/1"),
            ("POST", "/v1.0/me/messages/1/move"),
            ("POST", "/v1.0/me/messages/1/createForward"),
            ("POST", "/v1.0/$batch"),
            ("DELETE", "/v1.0/subscriptions/1"),
        ],
    )
    async def test_nothing_else_gets_through(self, box: Box, method: str, path: str) -> None:
        from shared.mailbox.graph import pool

        client = pool.borrow()
        with pytest.raises(PermanentError, match=r"^not_permitted$"):
            await client.request(method, box.server.url + path)
        await pool.give_back()
        assert not box.server.requests


def test_services_do_not_load_the_sdk_before_the_first_mailbox() -> None:
    script = "import sys, config_api.main, ingest.main, writer.main, shared.mailbox.graph.subscription\n"
    script += (
        "print([name for name in sys.modules if name.split('.')[0] in ('msgraph', 'httpx', 'azure', 'kiota_http')])"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[]"
