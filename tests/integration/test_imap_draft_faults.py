"""What goes wrong while a draft is saved: it is there once or not at all, and the reason is told."""

import pytest

from shared.errors import KinamikError, PermanentError, TransientError
from tests.drafts import a_draft
from tests.servers.dovecot import StartDovecot
from tests.servers.dovecot_config import Options
from tests.servers.mail_server import client
from tests.servers.opening import open_draft_store
from tests.servers.scripted_imap import CLOSE, Answers, Peer, scripted

pytest_plugins = ("tests.servers.fixtures",)

ID = "<1@example.org>"
DRAFT = f"From: hotel@example.org\r\nMessage-ID: {ID}\r\n\r\nGuten Tag\r\n".encode()
OK = b"%T OK done\r\n"
FOUND_NOTHING: list[bytes] = [b"* SEARCH\r\n", OK]
HEADERS = f"* 1 FETCH (UID 1 BODY[HEADER.FIELDS (MESSAGE-ID)] {{31}}\r\nMessage-ID: {ID}\r\n\r\n)\r\n".encode()


async def reason_of_saving(peer: Peer) -> str:
    store = await open_draft_store(peer.account(), answer_within=1)
    with pytest.raises(KinamikError) as caught:
        await store.save(a_draft(DRAFT, ID))
    await store.close()
    return f"{type(caught.value).__name__} {caught.value.reason}"


class TestRefused:
    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            (b"NO [OVERQUOTA] full", "PermanentError quota_exceeded"),
            (b"NO Mailbox quota exceeded", "PermanentError quota_exceeded"),
            (b"NO [TOOBIG] too much", "PermanentError draft_too_large"),
            (b"NO [LIMIT] Message too large", "PermanentError draft_too_large"),
            (b"NO [UNAVAILABLE] storage", "TransientError server_busy"),
            (b"NO something", "TransientError server_refused"),
        ],
    )
    async def test_the_reason_is_told(self, answer: bytes, expected: str) -> None:
        async with scripted({"UID SEARCH": FOUND_NOTHING, "APPEND": [b"%T " + answer + b"\r\n"]}) as peer:
            assert await reason_of_saving(peer) == expected

    async def test_a_full_mailbox(self, start_dovecot: StartDovecot) -> None:
        server = start_dovecot(Options(quota=1))
        store = await open_draft_store(server.account("anna"))
        with pytest.raises(PermanentError, match=r"^quota_exceeded$"):
            await store.save(a_draft(DRAFT + b"x" * 5000, ID))
        assert not (await store.save(a_draft(DRAFT, ID))).existed
        await store.close()

    async def test_a_draft_that_is_too_large(self, start_dovecot: StartDovecot) -> None:
        server = start_dovecot(Options(quota=1000, max_mail_size=1))
        store = await open_draft_store(server.account("anna"))
        with pytest.raises(PermanentError, match=r"^draft_too_large$"):
            await store.save(a_draft(DRAFT + b"x" * 5000, ID))
        await store.close()

    async def test_a_limit_that_the_server_names_is_not_tried(self) -> None:
        capability = [b"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR APPENDLIMIT=20\r\n", OK]
        async with scripted({"CAPABILITY": capability}) as peer:
            assert await reason_of_saving(peer) == "PermanentError draft_too_large"
            assert "APPEND" not in peer.names()


class TestFolder:
    async def test_a_server_that_lists_nothing_is_not_believed(self) -> None:
        async with scripted({"LIST": [OK]}) as peer:
            assert await reason_of_saving(peer) == "TransientError no_folders_listed"
            assert not {"CREATE", "APPEND"} & set(peer.names())

    async def test_a_mark_without_a_folder_behind_it_is_passed_over(self) -> None:
        lists = [b'* LIST (\\Noselect \\Drafts) "/" "Vorlagen"\r\n* LIST () "/" Entw&APw-rfe\r\n', OK]
        async with scripted({"LIST": lists, "UID SEARCH": FOUND_NOTHING}) as peer:
            store = await open_draft_store(peer.account())
            assert (await store.save(a_draft(DRAFT, ID))).folder == "Entwürfe"
            await store.close()

    async def test_the_servers_mark_counts_more_than_a_name(self) -> None:
        lists = [b'* LIST () "/" Drafts\r\n* LIST (\\Drafts) "/" {10}\r\nAblage "1"\r\n', OK]
        async with scripted({"LIST": lists, "UID SEARCH": FOUND_NOTHING}) as peer:
            store = await open_draft_store(peer.account())
            assert (await store.save(a_draft(DRAFT, ID))).folder == 'Ablage "1"'
            assert any(line.startswith(b'APPEND "Ablage \\"1\\"" (\\Draft \\Seen) {') for line in peer.received)
            await store.close()

    async def test_below_inbox_where_nothing_may_stand_beside_it(self, start_dovecot: StartDovecot) -> None:
        server = start_dovecot(Options(drafts="", prefix="INBOX.", separator="."))
        store = await open_draft_store(server.account("anna"))
        assert (await store.save(a_draft(DRAFT, ID))).folder == "INBOX.Drafts"
        await store.close()

    async def test_special_use_is_found_under_any_name(self, start_dovecot: StartDovecot) -> None:
        server = start_dovecot(Options(drafts="Unfertiges"))
        store = await open_draft_store(server.account("anna"))
        assert (await store.save(a_draft(DRAFT, ID))).folder == "Unfertiges"
        await store.close()

    async def test_nowhere_to_put_it(self) -> None:
        lists = [b'* LIST () "/" INBOX\r\n', OK]
        async with scripted({"LIST": lists, "CREATE": [b"%T NO [CANNOT] no\r\n"]}) as peer:
            assert await reason_of_saving(peer) == "PermanentError no_drafts_folder"

    @pytest.mark.parametrize(("times", "saved"), [(1, True), (2, False)])
    async def test_a_folder_that_vanishes_is_looked_for_once_more(self, times: int, saved: bool) -> None:
        appends = [[b"%T NO [TRYCREATE] gone\r\n"]] * times + [[OK]]
        async with scripted({"APPEND": appends, "UID SEARCH": FOUND_NOTHING}) as peer:
            if saved:
                store = await open_draft_store(peer.account())
                assert not (await store.save(a_draft(DRAFT, ID))).existed
                await store.close()
            else:
                assert await reason_of_saving(peer) == "PermanentError no_drafts_folder"
            assert peer.names().count("LIST") == 2


class TestOnce:
    async def test_a_connection_lost_before_the_answer_is_looked_into_by_the_next_attempt(self) -> None:
        answers: Answers = {"APPEND": [CLOSE], "UID SEARCH": [FOUND_NOTHING, [b"* SEARCH 1\r\n", OK]]}
        async with scripted(answers) as peer:
            store = await open_draft_store(peer.account())
            with pytest.raises(TransientError, match=r"^connection_lost$"):
                await store.save(a_draft(DRAFT, ID))
            assert (await store.save(a_draft(DRAFT, ID))).existed
            assert peer.names().count("APPEND") == 1
            await store.close()

    @pytest.mark.parametrize("search", [FOUND_NOTHING, [b"%T NO cannot\r\n"], [b"%T BAD what\r\n"]])
    async def test_headers_are_compared_where_search_cannot_be_relied_on(self, search: list[bytes]) -> None:
        searches = [search, [b"* SEARCH 1\r\n", OK]]
        async with scripted({"UID SEARCH": searches, "UID FETCH": [HEADERS, OK]}) as peer:
            store = await open_draft_store(peer.account())
            assert (await store.save(a_draft(DRAFT, ID))).existed
            assert "APPEND" not in peer.names()
            await store.close()

    async def test_a_good_bye_after_storing_is_no_error(self) -> None:
        answers: Answers = {"UID SEARCH": FOUND_NOTHING, "APPEND": [b"* BYE\r\n", OK, CLOSE]}
        async with scripted(answers) as peer:
            store = await open_draft_store(peer.account())
            assert not (await store.save(a_draft(DRAFT, ID))).existed
            await store.close()

    async def test_a_restart_in_between(self, start_dovecot: StartDovecot) -> None:
        server = start_dovecot(Options())
        store = await open_draft_store(server.account("anna"))
        await store.save(a_draft(DRAFT, ID))
        server.restart()
        while True:
            try:
                saved = await store.save(a_draft(DRAFT, ID))
                break
            except TransientError:
                continue
        assert saved.existed
        await store.close()
        with client(server, "anna") as person:
            assert person.select("Drafts", readonly=True)[1] == [b"1"]

    async def test_a_draft_that_the_server_cannot_read_does_not_keep_others_out(
        self, start_dovecot: StartDovecot
    ) -> None:
        server = start_dovecot(Options())
        store = await open_draft_store(server.account("anna"))
        for number in (2, 3):
            await store.save(a_draft(DRAFT.replace(b"<1@", b"<%d@" % number), f"<{number}@example.org>"))
        await store.close()
        server.damage("anna", 0, folder="Drafts")
        for existed in (False, True):
            store = await open_draft_store(server.account("anna"))
            assert (await store.save(a_draft(DRAFT, ID))).existed is existed
            await store.close()
