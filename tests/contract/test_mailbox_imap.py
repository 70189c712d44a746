"""What mailboxes on IMAP servers have to keep beside what all mailboxes do (see test_mailbox.py)."""

import asyncio

import pytest

from shared.errors import TransientError
from shared.mailbox.imap.names import encode, quote
from tests.contract.harness import HOUR_AGO, a_draft, a_mail, a_reply
from tests.contract.imap import ImapMailbox

pytest_plugins = ("tests.servers.fixtures",)


async def test_a_cursor_is_below_every_message_to_come(imap_mailbox: ImapMailbox) -> None:
    watch = await imap_mailbox.watch()
    empty = await watch.catch_up(None, HOUR_AGO)
    await imap_mailbox.deliver(a_mail())
    result = await watch.catch_up(empty.cursor, HOUR_AGO)
    assert [int(item.ref.id) >= int(empty.cursor.position) for item in result.seen] == [True]


async def test_under_another_uidvalidity_old_references_mean_nothing(imap_mailbox: ImapMailbox) -> None:
    await imap_mailbox.deliver(a_mail(1))
    watch = await imap_mailbox.watch()
    before = await watch.catch_up(None, HOUR_AGO)
    await watch.close()
    await imap_mailbox.lose_cursor()
    watch = await imap_mailbox.watch()
    after = await watch.catch_up(before.cursor, HOUR_AGO)
    assert after.cursor.uidvalidity != before.cursor.uidvalidity
    assert not [message async for message in watch.fetch([before.seen[0].ref])]


async def test_that_it_was_answered_is_told_with_the_outside(imap_mailbox: ImapMailbox) -> None:
    await imap_mailbox.deliver(a_mail())
    await imap_mailbox.read_and_answer(0)
    watch = await imap_mailbox.watch()
    assert "\\Answered" in (await watch.catch_up(None, HOUR_AGO)).seen[0].flags


async def test_a_cancelled_wait_leaves_a_watch_that_says_it_is_of_no_more_use(imap_mailbox: ImapMailbox) -> None:
    watch = await imap_mailbox.watch()
    await watch.catch_up(None, HOUR_AGO)
    waiting = asyncio.create_task(watch.wait(20))
    await asyncio.sleep(0.1)
    waiting.cancel()
    await asyncio.wait((waiting,))
    with pytest.raises(TransientError, match=r"^connection_lost$"):
        await watch.catch_up(None, HOUR_AGO)


class TestDraftsFolder:
    async def test_a_draft_is_stored_as_it_is(self, imap_mailbox: ImapMailbox) -> None:
        saved = await (await imap_mailbox.drafts()).save(a_draft(1, ""))
        (stored,) = await imap_mailbox.stored("Drafts")
        assert saved.folder == "Drafts"
        assert stored.raw == a_reply()

    @pytest.mark.parametrize("name", ["Entwürfe", "ENTWÜRFE", "Brouillons", "Ablage/Entwürfe"])
    async def test_a_folder_by_a_name_that_people_use_is_found(self, imap_mailbox: ImapMailbox, name: str) -> None:
        await imap_mailbox.create(name)
        saved = await (await imap_mailbox.drafts()).save(a_draft(1, ""))
        assert saved.folder == name
        assert len(await imap_mailbox.stored(name)) == 1

    @pytest.mark.parametrize("choice", ['Büro & Co/Antwort "neu"', 'B&APw-ro &- Co/Antwort "neu"'])
    async def test_the_owners_choice_comes_first(self, imap_mailbox: ImapMailbox, choice: str) -> None:
        await imap_mailbox.create("Entwürfe")
        await imap_mailbox.create('Büro & Co/Antwort "neu"')
        saved = await (await imap_mailbox.drafts(choice)).save(a_draft(1, ""))
        assert saved.folder == 'Büro & Co/Antwort "neu"'
        assert len(await imap_mailbox.stored(saved.folder)) == 1

    async def test_a_folder_that_was_renamed_meanwhile_is_looked_for_again(self, imap_mailbox: ImapMailbox) -> None:
        store = await imap_mailbox.drafts()
        await store.save(a_draft(1, ""))
        with imap_mailbox.person() as person:
            person.rename("Drafts", quote(encode("Entwürfe")))
        assert (await store.save(a_draft(2, ""))).folder == "Entwürfe"

    async def test_a_flagged_draft_is_left_alone(self, imap_mailbox: ImapMailbox) -> None:
        store = await imap_mailbox.drafts()
        await store.save(a_draft(1, ""))
        with imap_mailbox.person() as person:
            person.select("Drafts")
            person.store("1", "+FLAGS", "(\\Flagged)")
        saved = await store.save(a_draft(1, "", "Ein anderer Text"))
        (stored,) = await imap_mailbox.stored("Drafts")
        assert saved.existed
        assert "\\Flagged" in stored.flags
        assert stored.raw == a_reply()

    async def test_a_connection_that_was_lost_meanwhile_is_renewed(self, imap_mailbox: ImapMailbox) -> None:
        store = await imap_mailbox.drafts()
        await store.save(a_draft(1, ""))
        await store.close()
        assert (await store.save(a_draft(1, ""))).existed
