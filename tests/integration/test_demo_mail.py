"""The demo mail server as an ordinary mail client and an ordinary mail server meet it."""

import asyncio
import imaplib
import logging
import smtplib
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from embedded.demo_mail import FOR_NEWCOMERS, DemoMail, PortInUse, demo_mail_server
from embedded.main import welcome

ADDRESS = "demo@hotel-seeblick.example"
FREE = {"imap_port": 0, "smtp_port": 0}
TEXT = "Haben Sie im Mai ein Zimmer frei?\r\n.\r\nViele Grüße\r\n"


def mail(to: str = ADDRESS, text: str = TEXT) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "gast@example.org", to, "Anfrage"
    message.set_content(text, cte="8bit")
    return message


def send(server: DemoMail, message: EmailMessage, sender: str | None = None) -> None:
    with smtplib.SMTP("127.0.0.1", server.smtp_port, timeout=5) as client:
        client.send_message(message, from_addr=sender)


def client_of(server: DemoMail) -> imaplib.IMAP4:
    client = imaplib.IMAP4("127.0.0.1", server.imap_port, timeout=5)
    client.login(ADDRESS, "demo")
    return client


def read(server: DemoMail, folder: str = "INBOX") -> list[bytes]:
    with client_of(server) as client:
        client.select(folder, readonly=True)
        found = client.uid("SEARCH", "ALL")[1][0].split()
        return [client.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1][0][1] for uid in found]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[DemoMail]:
    async with demo_mail_server(tmp_path, **FREE) as running:
        yield running


@asynccontextmanager
async def idling(server: DemoMail) -> AsyncIterator[asyncio.StreamReader]:
    """A session in IDLE on the INBOX, ready to be told."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.imap_port)
    writer.write(f"1 LOGIN {ADDRESS} demo\r\n2 SELECT INBOX\r\n3 IDLE\r\n".encode())
    await asyncio.wait_for(reader.readuntil(b"+ Idling."), 5)
    await reader.readline()
    yield reader
    writer.close()
    await writer.wait_closed()


async def test_a_mail_arrives_byte_for_byte_below_the_trace_lines(server: DemoMail) -> None:
    await asyncio.to_thread(send, server, mail())
    (arrived,) = await asyncio.to_thread(read, server)
    assert arrived.startswith(b"Return-Path: <gast@example.org>\r\nReceived: by ")
    assert arrived.endswith(b"\r\n\r\n" + TEXT.encode())


async def test_a_bounce_keeps_its_null_return_path(server: DemoMail) -> None:
    await asyncio.to_thread(send, server, mail(), "")
    assert (await asyncio.to_thread(read, server))[0].startswith(b"Return-Path: <>\r\n")


@pytest.mark.alone
async def test_an_idle_session_is_told_within_50_ms(server: DemoMail) -> None:
    async with idling(server) as reader:
        taken: list[float] = []
        for count in range(1, 10):
            began = time.monotonic()
            await asyncio.to_thread(send, server, mail())
            await asyncio.wait_for(reader.readuntil(f"* {count} EXISTS\r\n".encode()), 5)
            taken.append(time.monotonic() - began)
    assert sorted(taken)[4] < 0.05


async def test_the_folders_are_announced_with_their_use(server: DemoMail) -> None:
    def look() -> list[bytes]:
        with client_of(server) as client:
            return client.list()[1]

    folders = await asyncio.to_thread(look)
    assert rb'(\HasNoChildren \Drafts) "/" Entw&APw-rfe' in folders
    assert rb'(\HasNoChildren \Sent) "/" Gesendet' in folders


async def test_a_draft_is_appended_found_by_its_id_and_expunged(server: DemoMail) -> None:
    def work() -> list[bytes]:
        with client_of(server) as client:
            assert {"IDLE", "UIDPLUS", "SPECIAL-USE"} <= set(client.capability()[1][0].decode().split())
            draft = b"Message-ID: <one@kinamik>\r\n\r\nGuten Tag\r\n"
            _, (answer,) = client.append('"Entw&APw-rfe"', r"(\Draft \Seen)", None, draft)
            uid = answer.partition(b"]")[0].split()[-1].decode()
            client.select('"Entw&APw-rfe"')
            found = client.uid("SEARCH", "HEADER", "Message-ID", "<one@kinamik>")[1][0]
            absent = client.uid("SEARCH", "HEADER", "Message-ID", "<two@kinamik>")[1][0]
            flags = client.uid("FETCH", uid, "(FLAGS)")[1][0]
            assert (found.decode(), absent) == (uid, b"")
            assert rb"\Draft" in flags
            assert rb"\Seen" in flags
            client.uid("STORE", uid, "+FLAGS", r"(\Deleted)")
            client.uid("EXPUNGE", uid)
            return client.uid("SEARCH", "ALL")[1]

    assert await asyncio.to_thread(work) == [b""]


async def test_mail_flags_uids_and_uidvalidity_survive_a_restart(tmp_path: Path) -> None:
    def state(server: DemoMail, gone: int | None = None) -> tuple[list[bytes], bytes, bytes]:
        with client_of(server) as client:
            client.select("INBOX")
            if gone:
                client.uid("STORE", "1", "+FLAGS", r"(\Answered)")
                client.uid("STORE", str(gone), "+FLAGS", r"(\Deleted)")
                client.expunge()
            listed = client.uid("FETCH", "1:*", "(FLAGS INTERNALDATE RFC822.SIZE)")[1]
            return listed, client.response("UIDVALIDITY")[1][0], client.status("INBOX", "(UIDNEXT)")[1][0]

    async with demo_mail_server(tmp_path, **FREE) as server:
        for _ in range(3):
            await asyncio.to_thread(send, server, mail())
        before = await asyncio.to_thread(state, server, 3)
    async with demo_mail_server(tmp_path, **FREE) as server:
        after = await asyncio.to_thread(state, server)
        await asyncio.to_thread(send, server, mail())
        listed, *_ = await asyncio.to_thread(state, server)
    assert [line.replace(rb" \Recent", b"").replace(rb"\Recent", b"") for line in before[0]] == after[0]
    assert before[1:] == after[1:]
    assert rb"\Answered" in after[0][0]
    assert b"UID 4)" in listed[-1]  # 3 was expunged and is not given again


@pytest.mark.parametrize("to", ["niemand@hotel-seeblick.example", "jemand@example.org"])
async def test_nothing_is_relayed(server: DemoMail, to: str) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        await asyncio.to_thread(send, server, mail(to))
    assert refused.value.recipients[to][0] == 550
    assert await asyncio.to_thread(read, server) == []


async def test_too_large_a_mail_is_refused(tmp_path: Path) -> None:
    async with demo_mail_server(tmp_path, **FREE, max_message_bytes=10_000) as server:
        with pytest.raises(smtplib.SMTPResponseException) as refused:
            await asyncio.to_thread(send, server, mail(text="x" * 70 + "\n" + "y" * 70 + "\n" * 20_000))
        assert refused.value.smtp_code == 552
        assert await asyncio.to_thread(read, server) == []


async def test_a_wrong_password_is_refused(server: DemoMail) -> None:
    def work() -> None:
        with imaplib.IMAP4("127.0.0.1", server.imap_port, timeout=5) as client:
            client.login(ADDRESS, "falsch")

    with pytest.raises(imaplib.IMAP4.error):
        await asyncio.to_thread(work)


@pytest.mark.parametrize("setting", ["imap_port", "smtp_port"])
async def test_a_port_in_use_is_named_with_its_setting(tmp_path: Path, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f"{port}.*KINAMIK_{setting.upper()}"):
            async with demo_mail_server(tmp_path, **(FREE | {setting: port})):
                pass


@pytest.mark.alone
async def test_open_sessions_do_not_hold_up_the_end(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    async with AsyncExitStack() as clients:
        async with demo_mail_server(tmp_path, **FREE) as server:
            idle = await clients.enter_async_context(idling(server))
            greeted, writer = await asyncio.open_connection("127.0.0.1", server.smtp_port)
            clients.callback(writer.close)
            await greeted.readline()
            began = time.monotonic()
        assert time.monotonic() - began < 1
        assert asyncio.all_tasks() == before
        assert await idle.read() == b""
        assert await greeted.read() == b""


async def test_no_content_is_logged(server: DemoMail, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await asyncio.to_thread(send, server, mail(text="Geheimnis"))
    await asyncio.to_thread(read, server)
    assert "Geheimnis" not in caplog.text
    assert "gast@" not in caplog.text


async def test_a_mail_waits_for_newcomers_and_comes_once(tmp_path: Path) -> None:
    def newcomers() -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", server.imap_port, timeout=5)
        client.login(FOR_NEWCOMERS, "probe")
        client.select("INBOX")
        return client

    def delete_all() -> int:
        with newcomers() as client:
            found = client.search(None, "ALL")[1][0].split()
            for number in found:
                client.store(number.decode(), "+FLAGS", "\\Deleted")
            client.expunge()
        return len(found)

    counts: list[int] = []
    for _ in range(2):
        async with demo_mail_server(tmp_path, **FREE) as server:
            await welcome(server)
            await welcome(server)
            counts.append(await asyncio.to_thread(delete_all))
            assert await asyncio.to_thread(read, server) == [], "the hotel's own has none"
    assert counts == [1, 0]
