"""What only Gmail has: history that expires, pages, labels, threads, and limits told in words."""

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from shared.errors import AuthError, PermanentError, TransientError
from shared.mailbox.gmail.api import Api
from shared.mailbox.gmail.listing import describe
from shared.mailbox.protocol import CatchUp, MessageGone, Watch
from shared.telemetry import configure_logging
from tests.contract.gmail import GmailMailbox
from tests.contract.harness import HOUR_AGO, a_draft, a_mail, a_reply, arrived, read, to_answer
from tests.servers.faults import Outcome, dropped, forbidden, google_error, rate_limited, server_error
from tests.servers.google import Google

pytest_plugins = ("tests.servers.fixtures",)


@pytest.fixture
async def mailbox(google: Google) -> AsyncGenerator[GmailMailbox]:
    opened = GmailMailbox(google)
    yield opened
    await opened.close()


def minutes_ago(minutes: int) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)


async def all_of(watch: Watch, result: CatchUp) -> tuple[list[str], list[int], CatchUp]:
    """The ids that this and the following catch-ups list until there is no more, and how many each did."""
    ids, sizes = [item.ref.id for item in result.seen], [len(result.seen)]
    for _ in range(50):
        before = asyncio.get_running_loop().time()
        await watch.wait(0.4)
        if asyncio.get_running_loop().time() - before > 0.3:
            return ids, sizes, result
        result = await watch.catch_up(result.cursor, HOUR_AGO)
        ids += [item.ref.id for item in result.seen]
        sizes.append(len(result.seen))
    raise AssertionError("it never ends")


async def asked(mailbox: GmailMailbox, path: str, times: int) -> None:
    """Returns when Gmail was asked for this so many times, at the latest after a second."""
    for _ in range(1000):
        if mailbox.faults.count("GET", path) >= times:
            return
        await asyncio.sleep(0.001)


class TestHistory:
    async def test_what_came_while_the_history_expired_is_listed(self, mailbox: GmailMailbox) -> None:
        watch = await mailbox.watch()
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        await mailbox.deliver(a_mail(1), received=minutes_ago(50))
        await mailbox.lose_cursor()
        await mailbox.deliver(a_mail(2))
        result = await watch.catch_up(cursor, HOUR_AGO)
        assert result.rebased
        assert [message.raw for message in await read(watch, result)] == [a_mail(1), a_mail(2)]

    async def test_what_comes_while_it_is_listed_anew_is_in_the_history_from_then_on(
        self, mailbox: GmailMailbox
    ) -> None:
        """It arrives after the first request for messages was answered, which is the worst moment."""
        await mailbox.deliver(a_mail(1))
        watch = await mailbox.watch()
        listed = asyncio.create_task(watch.catch_up(None, HOUR_AGO))
        await asked(mailbox, "/messages$", 1)
        await asyncio.to_thread(mailbox.person.deliver, a_mail(2))
        first = await listed
        then = await watch.catch_up(first.cursor, HOUR_AGO)
        assert {item.ref.id for item in [*first.seen, *then.seen]} == {
            each["id"] for each in mailbox.person.messages("INBOX")
        }

    async def test_what_a_search_does_not_know_yet_is_listed_all_the_same(self, mailbox: GmailMailbox) -> None:
        mailbox.google.google.gmail.unsearchable.add(mailbox.person.deliver(a_mail(1)))
        watch = await mailbox.watch()
        assert len((await watch.catch_up(None, HOUR_AGO)).seen) == 1

    async def test_a_long_history_comes_in_portions_and_nothing_is_left(self, mailbox: GmailMailbox) -> None:
        watch = await mailbox.watch(limit=3)
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        mailbox.google.google.gmail.page = 3
        sent = [mailbox.person.deliver(a_mail(number)) for number in range(11)]
        ids, sizes, last = await all_of(watch, await watch.catch_up(cursor, HOUR_AGO))
        assert ids == sent
        assert max(sizes) <= 6
        assert not last.rebased

    async def test_what_happens_between_the_pages_is_not_lost(self, mailbox: GmailMailbox) -> None:
        watch = await mailbox.watch()
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        mailbox.google.google.gmail.page = 1
        sent = [mailbox.person.deliver(a_mail(number)) for number in range(4)]
        listed = asyncio.create_task(watch.catch_up(cursor, HOUR_AGO))
        await asked(mailbox, "/history", 2)
        sent.append(await asyncio.to_thread(mailbox.person.deliver, a_mail(4)))
        first = await listed
        then = await watch.catch_up(first.cursor, HOUR_AGO)
        assert {item.ref.id for item in [*first.seen, *then.seen]} == set(sent)

    async def test_a_large_folder_is_listed_in_portions_while_mail_goes_on_arriving(
        self, mailbox: GmailMailbox
    ) -> None:
        sent = [mailbox.person.deliver(a_mail(number), minutes_ago(number)) for number in range(10)]
        old = mailbox.person.deliver(a_mail(99), minutes_ago(90))
        watch = await mailbox.watch(limit=4)
        first = await watch.catch_up(None, HOUR_AGO)
        sent.append(mailbox.person.deliver(a_mail(10)))
        ids, sizes, last = await all_of(watch, first)
        assert set(ids) == set(sent)
        assert old not in ids
        assert max(sizes) <= 8
        assert first.rebased
        assert not last.rebased

    async def test_many_mails_of_one_second_do_not_stop_it(self, mailbox: GmailMailbox) -> None:
        moment = minutes_ago(10).replace(microsecond=0)
        sent = [mailbox.person.deliver(a_mail(number), moment) for number in range(9)]
        sent.append(mailbox.person.deliver(a_mail(9), minutes_ago(20)))
        watch = await mailbox.watch(limit=3)
        ids, _, _ = await all_of(watch, await watch.catch_up(None, HOUR_AGO))
        assert set(ids) == set(sent)

    async def test_a_portion_holds_for_another_connection(self, mailbox: GmailMailbox) -> None:
        sent = [mailbox.person.deliver(a_mail(number), minutes_ago(number)) for number in range(7)]
        first = await (await mailbox.watch(limit=4)).catch_up(None, HOUR_AGO)
        watch = await mailbox.watch(limit=4)
        then = await watch.catch_up(first.cursor, datetime.now(UTC))
        assert then.rebased
        assert {item.ref.id for item in [*first.seen, *then.seen]} == set(sent)


class TestLabels:
    async def test_a_label_is_found_whatever_its_case_and_watched_alone(self, mailbox: GmailMailbox) -> None:
        await mailbox.create("Anfragen/Büro")
        await mailbox.deliver(a_mail(1))
        await mailbox.deliver(a_mail(2))
        await mailbox.move(0, "Anfragen/Büro")
        watch = await mailbox.watch("anfragen/büro")
        assert [message.raw for message in await read(watch, await watch.catch_up(None, HOUR_AGO))] == [a_mail(1)]

    async def test_another_label_makes_a_mail_no_newer(self, mailbox: GmailMailbox) -> None:
        watch = await mailbox.watch()
        (known,) = await arrived(mailbox, 1)
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        mailbox.person.relabel(known, add=("STARRED",), remove=("UNREAD",))
        assert not (await watch.catch_up(cursor, HOUR_AGO)).seen

    async def test_what_lost_the_label_since_it_was_listed_is_left_out(self, mailbox: GmailMailbox) -> None:
        moved, stayed = await arrived(mailbox, 1, 2)
        await mailbox.create("Erledigt")
        await mailbox.move(0, "Erledigt")
        api = Api(mailbox.google.google.url, mailbox.tokens)
        described = await describe(api, [moved, "unknown", stayed], "INBOX")
        await api.close()
        assert [message.id for message in described] == [stayed]

    async def test_mail_taken_out_of_spam_is_new(self, mailbox: GmailMailbox) -> None:
        spam = mailbox.person.deliver(a_mail(1), labels=("SPAM", "UNREAD"))
        watch = await mailbox.watch()
        result = await watch.catch_up(None, HOUR_AGO)
        mailbox.person.relabel(spam, add=("INBOX",), remove=("SPAM",))
        then = await watch.catch_up(result.cursor, HOUR_AGO)
        assert not result.seen
        assert [item.ref.id for item in then.seen] == [spam]

    async def test_spam_is_told_as_such(self, mailbox: GmailMailbox) -> None:
        mailbox.person.deliver(a_mail(1), labels=("SPAM", "UNREAD"))
        watch = await mailbox.watch("SPAM")
        (message,) = await read(watch, await watch.catch_up(None, HOUR_AGO))
        assert "$Junk" in message.flags

    async def test_what_lies_in_the_bin_is_gone(self, mailbox: GmailMailbox) -> None:
        watch = await mailbox.watch()
        (known,) = await arrived(mailbox, 1)
        result = await watch.catch_up(None, HOUR_AGO)
        mailbox.person.relabel(known, add=("TRASH",), remove=("INBOX",))
        assert not await read(watch, result)
        with pytest.raises(MessageGone):
            await (await mailbox.drafts()).save(a_draft(1, known))

    async def test_a_label_that_was_deleted_is_missing(self, mailbox: GmailMailbox) -> None:
        await mailbox.create("Anfragen")
        watch = await mailbox.watch("Anfragen")
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        mailbox.person.delete_label("Anfragen")
        again = await mailbox.watch("Anfragen")
        with pytest.raises(PermanentError, match=r"^folder_missing$"):
            await again.catch_up(cursor, HOUR_AGO)

    async def test_an_earlier_answer_does_not_answer_a_later_mail(self, mailbox: GmailMailbox) -> None:
        first = mailbox.person.deliver(a_mail(1), minutes_ago(30))
        mailbox.person.answer(mailbox.person.message(first)["threadId"], minutes_ago(20))
        later = a_mail(2).replace(b"Date:", b"In-Reply-To: <1@example.org>\r\nDate:")
        mailbox.person.deliver(later, minutes_ago(10))
        watch = await mailbox.watch()
        one, two = await read(watch, await watch.catch_up(None, HOUR_AGO))
        assert ["\\Answered" in message.flags for message in (one, two)] == [True, False]


class TestDrafts:
    async def test_a_draft_lies_in_the_thread_that_it_answers_and_says_so(self, mailbox: GmailMailbox) -> None:
        draft = await to_answer(mailbox)
        await (await mailbox.drafts()).save(draft)
        (stored,) = mailbox.person.drafts()
        (parsed,) = [message_from_bytes(each.raw, policy=policy.default) for each in await mailbox.saved()]
        assert stored["message"]["threadId"] == mailbox.person.message(draft.answers)["threadId"]
        assert (parsed["In-Reply-To"], parsed["References"]) == ("<1@example.org>", "<1@example.org>")
        assert parsed["Subject"] == "Re: Anfrage 1"

    @pytest.mark.parametrize("subject", ["Anfrage", "AW: Anfrage", "Re: Anfrage", "re: AW: Anfrage", "Größe?", ""])
    async def test_a_german_prefix_does_not_take_it_out_of_the_thread(
        self, mailbox: GmailMailbox, subject: str
    ) -> None:
        """The writer folds all prefixes into one `AW:`; Gmail knows `Re:` in every language."""
        mail = a_mail(1).replace(b"Subject: Anfrage 1", f"Subject: {subject}".encode())
        answers = mailbox.person.deliver(mail)
        await (await mailbox.drafts()).save(a_draft(1, answers, subject="AW: Anfrage"))
        (stored,) = mailbox.person.drafts()
        assert stored["message"]["threadId"] == mailbox.person.message(answers)["threadId"]

    async def test_nothing_but_the_subject_is_changed(self, mailbox: GmailMailbox) -> None:
        (answers,) = await arrived(mailbox, 1)
        await (await mailbox.drafts()).save(a_draft(1, answers, "Subject: bleibt", subject="AW: Anfrage 1"))
        (stored,) = await mailbox.saved()
        assert stored.raw == a_reply(1, "Subject: bleibt", subject="Re: Anfrage 1")

    async def test_what_was_sent_meanwhile_is_not_written_again(self, mailbox: GmailMailbox) -> None:
        draft = await to_answer(mailbox)
        store = await mailbox.drafts()
        await store.save(draft)
        mailbox.person.send_draft(mailbox.person.drafts()[0]["id"])
        assert (await store.save(draft)).existed
        assert not mailbox.person.drafts()

    async def test_one_whose_subject_was_changed_is_found_in_its_own_thread(self, mailbox: GmailMailbox) -> None:
        draft = await to_answer(mailbox)
        store = await mailbox.drafts()
        await store.save(draft)
        mailbox.person.delete_draft(mailbox.person.drafts()[0]["id"])
        mailbox.person.write_draft(a_reply(1, subject="Ihr Zimmer"), "thr_own")
        assert (await store.save(draft)).existed
        assert len(mailbox.person.drafts()) == 1

    async def test_one_that_was_thrown_away_may_be_written_again(self, mailbox: GmailMailbox) -> None:
        """Whether it should be is for the writer to know, not for the mailbox."""
        draft = await to_answer(mailbox)
        store = await mailbox.drafts()
        await store.save(draft)
        mailbox.person.delete_draft(mailbox.person.drafts()[0]["id"])
        assert not (await store.save(draft)).existed

    async def test_two_mails_of_one_message_id_in_one_thread_get_a_draft_each(self, mailbox: GmailMailbox) -> None:
        first = mailbox.person.deliver(a_mail(1))
        second = mailbox.person.deliver(a_mail(1).replace(b"Date:", b"In-Reply-To: <1@example.org>\r\nDate:"))
        store = await mailbox.drafts()
        await store.save(a_draft(1, first, mark="first"))
        other = replace(a_draft(1, second, mark="second"), message_id="<another@example.org>")
        assert not (await store.save(other)).existed

    async def test_the_default_addresses_signature_is_told(self, mailbox: GmailMailbox) -> None:
        mailbox.person.sign("<b>Hotel Seeblick</b>")
        assert await (await mailbox.drafts()).signature() == "<b>Hotel Seeblick</b>"

    async def test_only_what_neither_sends_nor_deletes_gets_through(self, mailbox: GmailMailbox) -> None:
        api = Api(mailbox.google.google.url, mailbox.tokens)
        draft = await to_answer(mailbox)
        await (await mailbox.drafts()).save(draft)
        number = mailbox.requests()
        try:
            for path in (
                "/messages/send",
                "/drafts/send",
                f"/messages/{draft.answers}/trash",
                "/drafts/../messages/send",
            ):
                with pytest.raises(AssertionError):
                    await api.post(path, {})
            with pytest.raises(AssertionError):
                async with api.stream("DELETE", f"/messages/{draft.answers}"):
                    pass
        finally:
            await api.close()
        assert mailbox.requests() == number


class TestErrors:
    @pytest.mark.parametrize("doing", ["read", "write"])
    async def test_a_limit_told_in_words_is_kept(self, mailbox: GmailMailbox, doing: str) -> None:
        draft = await to_answer(mailbox)
        until = datetime.now(UTC) + timedelta(minutes=5)
        mailbox.faults.plan("GET" if doing == "read" else "POST", "", rate_limited(until))
        with pytest.raises(TransientError, match=r"^rate_limited$") as caught:
            await (await mailbox.drafts()).save(draft)
        assert caught.value.retry_after == pytest.approx(300, abs=5)
        assert not (await (await mailbox.drafts()).save(draft)).existed

    @pytest.mark.parametrize(
        ("outcome", "kind", "reason"),
        [
            (forbidden(), AuthError, "access_denied"),
            (
                Outcome(403, google_error(403, "Quota", "rateLimitExceeded")),
                TransientError,
                "rate_limited",
            ),
            (Outcome(403, google_error(403, "Off", "accessNotConfigured")), AuthError, "access_denied"),
            (Outcome(400, google_error(400, "geheim", "failedPrecondition")), PermanentError, "request_refused"),
            (Outcome(200, []), TransientError, "server_error"),
            (Outcome(500, "<html>"), TransientError, "server_error"),
            (server_error(502), TransientError, "server_error"),
            (dropped(), TransientError, "connection_lost"),
        ],
    )
    async def test_answers_become_errors_without_a_word_of_theirs(
        self, mailbox: GmailMailbox, outcome: Outcome, kind: type[Exception], reason: str
    ) -> None:
        mailbox.faults.plan("GET", "/labels", outcome)
        watch = await mailbox.watch()
        with pytest.raises(kind, match=f"^{reason}$"):
            await watch.catch_up(None, HOUR_AGO)

    async def test_a_token_refused_twice_is_not_tried_for_ever(self, mailbox: GmailMailbox) -> None:
        for _ in range(2):
            mailbox.refuse_token()
        watch = await mailbox.watch()
        with pytest.raises(AuthError, match=r"^credentials_refused$"):
            await watch.catch_up(None, HOUR_AGO)
        assert mailbox.requests() == 2

    async def test_a_service_that_says_nothing_is_given_up(
        self, mailbox: GmailMailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("shared.mailbox.gmail.pool.REQUEST_SECONDS", 0.2)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            api = Api(f"http://127.0.0.1:{silent.getsockname()[1]}", mailbox.tokens)
            with pytest.raises(TransientError, match=r"^timeout$"):
                await api.get("/labels")
            await api.close()

    async def test_a_message_that_gmail_cannot_tell_of_is_listed_all_the_same(self, mailbox: GmailMailbox) -> None:
        watch = await mailbox.watch()
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        first, second = (mailbox.person.deliver(a_mail(number)) for number in (1, 2))
        mailbox.faults.plan("GET", f"/messages/{first}", server_error())
        result = await watch.catch_up(cursor, HOUR_AGO)
        assert {item.ref.id for item in result.seen} == {first, second}

    async def test_nothing_of_a_request_is_logged(
        self, mailbox: GmailMailbox, caplog: pytest.LogCaptureFixture
    ) -> None:
        configure_logging()
        with caplog.at_level(logging.INFO):
            draft = await to_answer(mailbox)
            mailbox.fail_writing(carried_out=True, answered=False)
            with pytest.raises(TransientError):
                await (await mailbox.drafts()).save(draft)
        assert not [record for record in caplog.records if record.name.startswith("http")]


class TestManyMailboxes:
    async def test_all_share_one_pool_of_connections(self, google: Google) -> None:
        mailboxes = [GmailMailbox(google) for _ in range(3)]
        watches = [await mailbox.watch() for mailbox in mailboxes]
        await asyncio.gather(*(watch.catch_up(None, HOUR_AGO) for watch in watches))
        clients = {id(watch._api._pool.http) for watch in watches}
        http = watches[0]._api._pool.http
        for mailbox in mailboxes:
            assert not http.is_closed
            await mailbox.close()
        assert len(clients) == 1
        assert http.is_closed

    async def test_one_that_is_limited_keeps_no_other(self, google: Google) -> None:
        limited, free = GmailMailbox(google), GmailMailbox(google)
        limited.throttle(60)
        watches = await limited.watch(), await free.watch()
        first, second = await asyncio.gather(
            *(watch.catch_up(None, HOUR_AGO) for watch in watches), return_exceptions=True
        )
        await limited.close()
        await free.close()
        assert isinstance(first, TransientError)
        assert isinstance(second, CatchUp)


class TestPush:
    async def test_what_the_provider_tells_ends_the_wait(self, mailbox: GmailMailbox) -> None:
        mailbox.polled = 30
        watch = await mailbox.watch()
        await watch.catch_up(None, HOUR_AGO)
        waiting = asyncio.create_task(watch.wait(30))
        await asyncio.sleep(0.05)
        mailbox.push.changed.set()
        await asyncio.wait_for(waiting, 2)
        assert not mailbox.push.changed.is_set()

    async def test_gmail_is_asked_to_tell_once_and_again_where_that_is_in_doubt(self, mailbox: GmailMailbox) -> None:
        topic = "projects/hotel/topics/mail"
        watch = await mailbox.watch(topic=topic)
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        await watch.catch_up(cursor, HOUR_AGO)
        once = mailbox.faults.count("POST", "/watch")
        mailbox.push.in_doubt = True
        await watch.catch_up(cursor, HOUR_AGO)
        assert (once, mailbox.faults.count("POST", "/watch")) == (1, 2)
        assert mailbox.google.google.gmail.watched[mailbox.person.email] == topic
        assert not mailbox.push.in_doubt

    async def test_without_it_polling_goes_on(self, mailbox: GmailMailbox) -> None:
        mailbox.faults.plan("POST", "/watch", forbidden(), times=9)
        watch = await mailbox.watch(topic="projects/hotel/topics/mail")
        await mailbox.deliver(a_mail())
        assert len((await watch.catch_up(None, HOUR_AGO)).seen) == 1
