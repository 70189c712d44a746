"""A connection test names the first thing that is wrong with a mailbox's settings, and changes nothing."""

import asyncio
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from shared.config import ImapAccount
from shared.mailbox.imap.check import Checked, check
from tests.mails import an_enquiry
from tests.servers.certificate import write_certificate
from tests.servers.config_api import serving
from tests.servers.dovecot import Dovecot, StartDovecot
from tests.servers.dovecot_config import Options
from tests.servers.mail_server import account, client, free_ports
from tests.servers.peer import a_peer
from tests.servers.pymap_server import USER, Pymap
from tests.servers.scripted_imap import CLOSE, Answers, scripted
from tests.servers.web import a_web_server

ALL = ["host", "connection", "encryption", "greeting", "login", "folder", "drafts"]
IN_THE_CLEAR = [step for step in ALL if step != "encryption"]
WITH_STARTTLS = ["host", "connection", "greeting", "encryption", "login", "folder", "drafts"]


async def checked(
    account: ImapAccount, folder: str = "INBOX", drafts: str = "", context: ssl.SSLContext | None = None
) -> Checked:
    return await check(account, folder, drafts, private_hosts=True, ssl_context=context, answer_within=2)


def first_fault(result: Checked) -> tuple[str | None, str, str]:
    return result.at, result.reason, result.detail


class TestDovecot:
    @pytest.mark.parametrize(("security", "steps"), [("tls", ALL), ("starttls", WITH_STARTTLS), ("none", IN_THE_CLEAR)])
    async def test_all_is_well(self, dovecot: Dovecot, security: Any, steps: list[str]) -> None:
        user = f"gut-{security}"
        for number in range(3):
            dovecot.deliver(user, an_enquiry(number)[1])
        result = await checked(dovecot.account(user, security), context=dovecot.trust())
        assert (result.steps, result.reason) == (steps, "")
        assert (result.messages, result.drafts_folder) == (3, "Drafts")

    async def test_a_wrong_password(self, dovecot: Dovecot) -> None:
        wrong = dovecot.account("anna", "tls").model_copy(update={"password": SecretStr("falsch")})
        result = await checked(wrong, context=dovecot.trust())
        assert first_fault(result) == ("login", "credentials_refused", "")

    async def test_a_certificate_of_its_own(self, dovecot: Dovecot) -> None:
        assert first_fault(await checked(dovecot.account("anna", "tls"))) == (
            "encryption",
            "certificate_not_valid",
            "self_signed",
        )

    async def test_a_certificate_for_another_name(self, start_dovecot: StartDovecot) -> None:
        dovecot = start_dovecot(Options())
        dovecot.stop()
        write_certificate(dovecot.folder, "imap.anderswo.example", address="192.0.2.1")
        dovecot.start()
        for security in ("tls", "starttls"):
            result = await checked(dovecot.account("anna", security), context=dovecot.trust())
            assert first_fault(result) == ("encryption", "certificate_not_valid", "wrong_name")

    async def test_a_certificate_that_has_expired(self, start_dovecot: StartDovecot) -> None:
        dovecot = start_dovecot(Options())
        dovecot.stop()
        write_certificate(dovecot.folder, expired=True)
        dovecot.start()
        result = await checked(dovecot.account("anna", "tls"), context=dovecot.trust())
        assert first_fault(result) == ("encryption", "certificate_not_valid", "expired")

    async def test_nothing_is_created(self, bare_dovecot: Dovecot) -> None:
        bare_dovecot.deliver("ohne", an_enquiry(1)[1])
        result = await checked(bare_dovecot.account("ohne"))
        assert (result.reason, result.drafts_folder, result.messages) == ("", "", 1)
        with client(bare_dovecot, "ohne") as connection:
            _, folders = connection.list()
            _, (unseen,) = connection.select("INBOX") and connection.search(None, "UNSEEN")
        assert [str(folder).rsplit(" ", 1)[-1] for folder in folders] == ["INBOX'"]
        assert unseen == b"1"

    async def test_the_owners_choice_of_a_drafts_folder(self, dovecot: Dovecot) -> None:
        with client(dovecot, "wahl") as connection:
            connection.create("Vorlagen")
        assert (await checked(dovecot.account("wahl"), drafts="Vorlagen")).drafts_folder == "Vorlagen"

    async def test_a_folder_that_is_missing(self, dovecot: Dovecot) -> None:
        result = await checked(dovecot.account("anna"), folder="Gibt es nicht")
        assert first_fault(result) == ("folder", "folder_missing", "")

    async def test_tls_where_there_is_none(self, dovecot: Dovecot) -> None:
        result = await checked(account(dovecot.port, "anna", "tls"))
        assert first_fault(result) == ("encryption", "tls_failed", "")

    @pytest.mark.parametrize("security", ["starttls", "none"])
    async def test_no_tls_where_there_is_some(self, dovecot: Dovecot, security: Any) -> None:
        result = await checked(account(dovecot.tls_port, "anna", security))
        assert first_fault(result) == ("greeting", "not_imap", "")


async def test_pymap(pymap: Pymap) -> None:
    pymap.deliver(USER, an_enquiry(1)[1])
    result = await checked(pymap.account())
    assert (result.steps, result.reason) == (IN_THE_CLEAR, "")
    assert result.messages
    assert first_fault(await checked(account(pymap.port, USER, "starttls"))) == ("encryption", "starttls_missing", "")


class TestNoServer:
    async def test_an_unknown_name(self) -> None:
        nowhere = account(993, "anna", "tls").model_copy(update={"host": "nirgends.invalid"})
        assert first_fault(await checked(nowhere)) == ("host", "host_unknown", "")

    async def test_a_closed_port(self) -> None:
        (port,) = free_ports(1)
        assert first_fault(await checked(account(port, "anna", "tls"))) == ("connection", "port_closed", "")

    async def test_no_encryption_to_another_machine(self) -> None:
        elsewhere = account(143, "anna").model_copy(update={"host": "192.0.2.1"})
        assert first_fault(await checked(elsewhere)) == (None, "tls_required", "")

    async def test_a_web_server(self, tmp_path: Path) -> None:
        """It waits for us to speak first, as silent servers do."""
        async with serving(Starlette()) as url:
            result = await checked(account(int(url.rsplit(":", 1)[1]), "anna"))
        assert first_fault(result) == ("greeting", "not_imap", "")
        async with a_web_server(tmp_path, "localhost") as web:
            result = await checked(account(web.port, "anna", "tls"), context=web.trust)
        assert first_fault(result) == ("greeting", "not_imap", "")

    @pytest.mark.parametrize(
        "greeting", [b"220 mail ESMTP\r\n", b"+OK POP3\r\n", b"SSH-2.0-OpenSSH\r\n", b"\0\1\2\r\n"]
    )
    async def test_another_protocol(self, greeting: bytes) -> None:
        async with scripted(greeting=greeting) as peer:
            assert first_fault(await checked(peer.account())) == ("greeting", "not_imap", "")

    async def test_a_server_that_says_nothing(self) -> None:
        async with a_peer(lambda reader, writer: asyncio.sleep(30)) as port:
            began = time.monotonic()
            result = await checked(account(port, "anna"))
        assert first_fault(result) == ("greeting", "connection_timed_out", "")
        assert time.monotonic() - began < 15

    @pytest.mark.parametrize("security", ["tls", "starttls", "none"])
    async def test_a_server_that_drips(self, security: Any) -> None:
        """Never silent for long, and never done: the whole has a bound of its own."""

        async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                writer.write(b"*")
                await writer.drain()
                await asyncio.sleep(0.2)

        async with a_peer(drip) as port:
            began = time.monotonic()
            result = await check(account(port, "anna", security), "INBOX", private_hosts=True)
        assert result.reason in ("connection_timed_out", "tls_failed", "not_imap")
        assert time.monotonic() - began < 15

    async def test_a_server_that_never_ends_its_answer(self) -> None:
        answers: Answers = {"LIST": [b'* LIST () "/" x\r\n'] * 3}
        async with scripted(answers) as peer:
            began = time.monotonic()
            result = await checked(peer.account())
        assert first_fault(result) == ("drafts", "connection_timed_out", "")
        assert time.monotonic() - began < 15


class TestRefusals:
    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            ("[ALERT] Application-specific password required: https://support.google.com", "app_password_required"),
            ("[AUTHENTICATIONFAILED] Use an app-specific password", "app_password_required"),
            ("[ALERT] Your account is not enabled for IMAP use. Please visit", "imap_switched_off"),
            ("[ALERT] IMAP access is disabled for your domain.", "imap_switched_off"),
            ("You are yet to enable IMAP for your account.", "imap_switched_off"),
            ("[AUTHENTICATIONFAILED] Authentication failed", "credentials_refused"),
            ("[UNAVAILABLE] try later", "server_busy"),
        ],
    )
    async def test_what_providers_say(self, answer: str, reason: str) -> None:
        async with scripted({"AUTHENTICATE": [f"%T NO {answer}\r\n".encode()]}) as peer:
            assert first_fault(await checked(peer.account())) == ("login", reason, "")

    async def test_a_busy_server(self) -> None:
        async with scripted(greeting=b"* BYE too many connections\r\n") as peer:
            assert first_fault(await checked(peer.account())) == ("greeting", "server_busy", "")

    async def test_a_server_that_hangs_up(self) -> None:
        async with scripted({"AUTHENTICATE": [CLOSE]}) as peer:
            assert first_fault(await checked(peer.account())) == ("login", "server_refused", "")
